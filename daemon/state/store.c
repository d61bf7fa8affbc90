/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation
 *
 * Each table is a named LMDB database: a key of 16 octets, a value of two times
 * and the record. A further one is the index of ends, ordered by (time, table,
 * key), so that a sweep touches only what is over. A record whose end moves back
 * in time moves its index entry; one whose end moves forward, as live ones' do
 * with every message, leaves it: the sweep finds the entry early, looks at the
 * record, and files it again under its new time. So a live record costs one
 * write a message, not three.
 *
 * One write transaction is opened with the first change of a batch and ended by
 * store_commit(). LMDB writes pages anew and switches to them with the last
 * write of a commit, so a process that dies at any instant leaves the state of
 * its last commit; the pages are then the kernel's. MDB_NOSYNC leaves out the
 * disk: store_sync() asks for that. MDB_WRITEMAP is not used: a stray pointer of
 * this process could then damage the file.
 */
#include "state/store.h"

#include <errno.h>
#include <fcntl.h>
#include <lmdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/digest.h"
#include "base/log.h"

#define FORMAT "sipseal-store-1"

struct head {
	uint64_t expire_ms;
	uint64_t indexed_ms; /* where its index entry stands */
};

struct index_key {
	uint8_t time[8]; /* big endian */
	uint8_t table;
	uint8_t key[STORE_KEY_LEN];
};

struct store {
	MDB_env *env;
	MDB_txn *txn;	/* open for writing, or NULL */
	MDB_txn *reader; /* reset between uses */
	bool reading;
	MDB_dbi table[STORE_TABLES], ends;
	size_t max_records, map_size;
	uint8_t secret[32];
	int lock;
	char dir[256];
	bool temporary;
};

static const char *const table_name[STORE_TABLES] = {
	"call", "dialog", "tags", "client", "server", "nonce", "peer", "meta",
};

static int store_errno(int rc)
{
	switch (rc) {
	case 0:
		return 0;
	case MDB_NOTFOUND:
		return ENOENT;
	case MDB_MAP_FULL:
	case MDB_TXN_FULL:
		return ENOSPC;
	default:
		return rc > 0 ? rc : EIO;
	}
}

/* ---- transactions ---- */

static void read_end(struct store *s)
{
	if (s->reading)
		mdb_txn_reset(s->reader);
	s->reading = false;
}

static int write_begin(struct store *s)
{
	read_end(s);
	if (s->txn)
		return 0;
	return store_errno(mdb_txn_begin(s->env, NULL, 0, &s->txn));
}

/* What reads go through. */
static MDB_txn *view(struct store *s)
{
	if (s->txn)
		return s->txn;
	if (!s->reading && mdb_txn_renew(s->reader))
		return NULL;
	s->reading = true;
	return s->reader;
}

int store_commit(struct store *s)
{
	int rc;

	read_end(s);
	if (!s->txn)
		return 0;
	rc = mdb_txn_commit(s->txn);
	s->txn = NULL;
	return store_errno(rc);
}

/* A failed change spoils its transaction: what it held is lost. */
static int write_fail(struct store *s, int rc)
{
	mdb_txn_abort(s->txn);
	s->txn = NULL;
	return store_errno(rc);
}

/* Near the end of the map each change is committed by itself, so that the one
 * that does not fit takes no other with it. */
static bool nearly_full(struct store *s)
{
	MDB_envinfo info;
	MDB_stat st;

	if (mdb_env_info(s->env, &info) || mdb_env_stat(s->env, &st))
		return true;
	return info.me_last_pgno * st.ms_psize > s->map_size / 10 * 9;
}

/* ---- opening ---- */

static int dir_check(const char *path)
{
	struct stat st;

	if (mkdir(path, 0700) && errno != EEXIST) {
		int err = errno;

		log_warn("%s: can't be made", path);
		return err;
	}
	if (lstat(path, &st))
		return errno;
	if (!S_ISDIR(st.st_mode)) {
		log_warnx("%s: not a directory", path);
		return ENOTDIR;
	}
	if (st.st_uid != geteuid()) {
		log_warnx("%s: belongs to uid %u, not to the daemon's %u: "
			  "chown it",
			  path, st.st_uid, geteuid());
		return EACCES;
	}
	if (st.st_mode & 077) {
		log_warnx("%s: mode %03o lets others in: chmod 700 %s", path,
			  st.st_mode & 0777, path);
		return EACCES;
	}
	return 0;
}

static int lock_take(struct store *s)
{
	char file[300];

	snprintf(file, sizeof(file), "%s/lock", s->dir);
	s->lock = open(file, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (s->lock < 0) {
		int err = errno;

		log_warn("%s", file);
		return err;
	}
	if (flock(s->lock, LOCK_EX | LOCK_NB)) {
		log_warnx("%s: in use by another sipseald", s->dir);
		return EBUSY;
	}
	return 0;
}

static int env_open(struct store *s)
{
	int rc = mdb_env_create(&s->env);

	if (!rc)
		rc = mdb_env_set_maxdbs(s->env, STORE_TABLES + 1);
	if (!rc)
		rc = mdb_env_set_mapsize(s->env, s->map_size);
	if (!rc)
		rc = mdb_env_open(s->env, s->dir, MDB_NOSYNC | MDB_NOTLS |
							  MDB_NORDAHEAD,
				  0600);
	if (rc)
		log_warnx("%s: %s", s->dir, mdb_strerror(rc));
	return store_errno(rc);
}

static int tables_open(struct store *s)
{
	int rc = mdb_txn_begin(s->env, NULL, 0, &s->txn);

	for (int i = 0; !rc && i < STORE_TABLES; i++)
		rc = mdb_dbi_open(s->txn, table_name[i], MDB_CREATE,
				  &s->table[i]);
	if (!rc)
		rc = mdb_dbi_open(s->txn, "ends", MDB_CREATE, &s->ends);
	if (rc) {
		log_warnx("%s: %s", s->dir, mdb_strerror(rc));
		return store_errno(rc);
	}
	return 0;
}

/* The format's name and the secret of the keys, made with the file. */
static int meta_open(struct store *s)
{
	char format[] = FORMAT, kf[] = "format", ks[] = "secret";
	MDB_val k = { 6, kf }, v;
	MDB_val sk = { 6, ks }, sv;
	MDB_dbi meta = s->table[STORE_META];
	int rc = mdb_get(s->txn, meta, &k, &v);

	if (rc == MDB_NOTFOUND) {
		digest_random(s->secret, sizeof(s->secret));
		v = (MDB_val){ sizeof(FORMAT) - 1, format };
		sv = (MDB_val){ sizeof(s->secret), s->secret };
		rc = mdb_put(s->txn, meta, &k, &v, 0);
		return rc ? rc : mdb_put(s->txn, meta, &sk, &sv, 0);
	}
	if (rc)
		return rc;
	if (v.mv_size != sizeof(FORMAT) - 1 ||
	    memcmp(v.mv_data, FORMAT, v.mv_size) != 0) {
		log_warnx("%s: made by another version; stop the calls and "
			  "remove the directory to start anew",
			  s->dir);
		return EINVAL;
	}
	rc = mdb_get(s->txn, meta, &sk, &sv);
	if (!rc && sv.mv_size == sizeof(s->secret))
		memcpy(s->secret, sv.mv_data, sizeof(s->secret));
	return rc;
}

static int store_begin(struct store *s)
{
	int err = lock_take(s);

	if (!err)
		err = env_open(s);
	if (!err)
		err = tables_open(s);
	if (!err)
		err = store_errno(meta_open(s));
	if (!err)
		err = store_commit(s);
	if (!err)
		err = store_errno(
			mdb_txn_begin(s->env, NULL, MDB_RDONLY, &s->reader));
	if (!err)
		mdb_txn_reset(s->reader);
	return err;
}

int store_open(struct store **out, const char *path, size_t max_records,
	       size_t map_mb)
{
	struct store *s = calloc(1, sizeof(*s));
	int err = 0;

	if (!s)
		return ENOMEM;
	s->lock = -1;
	s->max_records = max_records;
	s->map_size = map_mb << 20;
	s->temporary = path == NULL;
	snprintf(s->dir, sizeof(s->dir), "%s",
		 path ? path : "/tmp/sipseal-store-XXXXXX");
	if (!path && !mkdtemp(s->dir))
		err = errno;
	if (!err)
		err = dir_check(s->dir);
	if (!err)
		err = store_begin(s);
	if (err) {
		store_close(s);
		return err;
	}
	*out = s;
	return 0;
}

static void dir_remove(const char *dir)
{
	static const char *const file[] = { "data.mdb", "lock.mdb", "lock" };
	char path[300];

	for (size_t i = 0; i < 3; i++) {
		snprintf(path, sizeof(path), "%s/%s", dir, file[i]);
		unlink(path);
	}
	rmdir(dir);
}

void store_close(struct store *s)
{
	if (!s)
		return;
	if (s->txn)
		mdb_txn_abort(s->txn);
	if (s->reader)
		mdb_txn_abort(s->reader);
	if (s->env) {
		if (!s->temporary)
			mdb_env_sync(s->env, 1);
		mdb_env_close(s->env);
	}
	if (s->lock >= 0)
		close(s->lock);
	if (s->temporary)
		dir_remove(s->dir);
	free(s);
}

/* ---- records ---- */

struct store_key store_key(const struct store *s, const struct span *in,
			   size_t n)
{
	uint8_t mac[SHA256_LEN];
	struct store_key k;

	digest_hmac(mac, s->secret, in, n);
	memcpy(k.b, mac, sizeof(k.b));
	return k;
}

static MDB_val key_val(const struct store_key *k)
{
	return (MDB_val){ STORE_KEY_LEN, (void *)(uintptr_t)k->b };
}

static int raw_get(struct store *s, enum store_table t,
		   const struct store_key *k, struct head *h, MDB_val *v)
{
	MDB_val key = key_val(k);
	MDB_txn *txn = view(s);
	int rc = txn ? mdb_get(txn, s->table[t], &key, v) : MDB_PANIC;

	if (rc)
		return store_errno(rc);
	if (v->mv_size < sizeof(*h))
		return EIO;
	memcpy(h, v->mv_data, sizeof(*h));
	return 0;
}

int store_get(struct store *s, enum store_table t, const struct store_key *k,
	      uint64_t now_ms, struct span *value)
{
	struct head h;
	MDB_val v;
	int err = raw_get(s, t, k, &h, &v);

	if (err)
		return err;
	if (h.expire_ms <= now_ms)
		return ENOENT;
	*value = span_make((char *)v.mv_data + sizeof(h),
			   v.mv_size - sizeof(h));
	return 0;
}

static void index_key(struct index_key *i, uint64_t time, enum store_table t,
		      const uint8_t key[STORE_KEY_LEN])
{
	for (int n = 0; n < 8; n++)
		i->time[n] = (uint8_t)(time >> (56 - 8 * n));
	i->table = (uint8_t)t;
	memcpy(i->key, key, STORE_KEY_LEN);
}

static int index_put(struct store *s, uint64_t time, enum store_table t,
		     const struct store_key *k)
{
	struct index_key i;
	MDB_val key = { sizeof(i), &i }, none = { 0, NULL };

	index_key(&i, time, t, k->b);
	return mdb_put(s->txn, s->ends, &key, &none, 0);
}

static int index_del(struct store *s, uint64_t time, enum store_table t,
		     const struct store_key *k)
{
	struct index_key i;
	MDB_val key = { sizeof(i), &i };
	int rc;

	index_key(&i, time, t, k->b);
	rc = mdb_del(s->txn, s->ends, &key, NULL);
	return rc == MDB_NOTFOUND ? 0 : rc;
}

static int record_put(struct store *s, enum store_table t,
		      const struct store_key *k, const struct head *h,
		      struct span value)
{
	MDB_val key = key_val(k);
	MDB_val v = { sizeof(*h) + value.len, NULL };
	int rc = mdb_put(s->txn, s->table[t], &key, &v, MDB_RESERVE);

	if (rc)
		return rc;
	memcpy(v.mv_data, h, sizeof(*h));
	if (value.len)
		memcpy((char *)v.mv_data + sizeof(*h), value.p, value.len);
	return 0;
}

int store_put(struct store *s, enum store_table t, const struct store_key *k,
	      uint64_t expire_ms, struct span value)
{
	struct head h;
	MDB_val old;
	bool tight = nearly_full(s);
	int rc, err = tight ? store_commit(s) : 0;

	if (err)
		return err;
	err = raw_get(s, t, k, &h, &old);
	if (err && err != ENOENT)
		return err;
	if (err && store_count(s, t) >= s->max_records)
		return ENOSPC;
	if (write_begin(s))
		return EIO;
	rc = 0;
	if (err || expire_ms < h.indexed_ms) {
		if (!err)
			rc = index_del(s, h.indexed_ms, t, k);
		if (!rc)
			rc = index_put(s, expire_ms, t, k);
		h.indexed_ms = expire_ms;
	}
	h.expire_ms = expire_ms;
	if (!rc)
		rc = record_put(s, t, k, &h, value);
	if (rc)
		return write_fail(s, rc);
	return tight ? store_commit(s) : 0;
}

int store_del(struct store *s, enum store_table t, const struct store_key *k)
{
	MDB_val key = key_val(k), old;
	struct head h;
	int rc, err = raw_get(s, t, k, &h, &old);

	if (err)
		return err;
	if (write_begin(s))
		return EIO;
	rc = index_del(s, h.indexed_ms, t, k);
	if (!rc)
		rc = mdb_del(s->txn, s->table[t], &key, NULL);
	return rc ? write_fail(s, rc) : 0;
}

size_t store_count(struct store *s, enum store_table t)
{
	MDB_stat st;
	MDB_txn *txn = view(s);

	if (!txn || mdb_stat(txn, s->table[t], &st))
		return 0;
	return st.ms_entries;
}

/* ---- the end of records ---- */

static uint64_t index_time(const struct index_key *i)
{
	uint64_t t = 0;

	for (int n = 0; n < 8; n++)
		t = t << 8 | i->time[n];
	return t;
}

/* The first index entry; false when none is due. */
static bool ends_first(struct store *s, uint64_t now_ms, struct index_key *i)
{
	MDB_txn *txn = view(s);
	MDB_cursor *c;
	MDB_val k, v;
	int rc = txn ? mdb_cursor_open(txn, s->ends, &c) : MDB_PANIC;

	if (rc)
		return false;
	rc = mdb_cursor_get(c, &k, &v, MDB_FIRST);
	mdb_cursor_close(c);
	if (rc || k.mv_size != sizeof(*i))
		return false;
	memcpy(i, k.mv_data, sizeof(*i));
	return index_time(i) <= now_ms && i->table < STORE_TABLES;
}

/* Remove the record, or file it again when its end has moved. */
static int end_one(struct store *s, const struct index_key *i, uint64_t now_ms,
		   size_t *removed)
{
	enum store_table t = i->table;
	struct store_key k;
	struct head h;
	MDB_val key, v;
	int rc, err;

	memcpy(k.b, i->key, sizeof(k.b));
	err = raw_get(s, t, &k, &h, &v);
	if (write_begin(s))
		return EIO;
	rc = index_del(s, index_time(i), t, &k);
	key = key_val(&k);
	if (rc || err) {
		;
	} else if (h.expire_ms <= now_ms) {
		rc = mdb_del(s->txn, s->table[t], &key, NULL);
		++*removed;
	} else {
		/* h and v were read before the change: copy, then write */
		size_t n = v.mv_size - sizeof(h);
		char *copy = malloc(n + 1);

		if (!copy)
			return write_fail(s, ENOMEM);
		err = raw_get(s, t, &k, &h, &v);
		if (!err)
			memcpy(copy, (char *)v.mv_data + sizeof(h), n);
		h.indexed_ms = h.expire_ms;
		rc = err ? MDB_PANIC :
			   index_put(s, h.indexed_ms, t, &k);
		if (!rc)
			rc = record_put(s, t, &k, &h, span_make(copy, n));
		free(copy);
	}
	return rc ? write_fail(s, rc) : 0;
}

size_t store_sweep(struct store *s, uint64_t now_ms, size_t most)
{
	struct index_key i;
	size_t removed = 0;

	for (size_t n = 0; n < most && ends_first(s, now_ms, &i); n++)
		if (end_one(s, &i, now_ms, &removed))
			break;
	return removed;
}

void store_sync(struct store *s)
{
	store_commit(s);
	mdb_env_sync(s->env, 1);
}

// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Theory of operation
 *
 * Each table is a named LMDB database: a key of 16 octets, and as value a head
 * (struct head) and the record. One more, "ends", is the index that a sweep
 * goes by: (time, table, key), ordered, so that it touches only what is over. A
 * record whose end moves nearer takes its index entry along. One whose end
 * moves away, as a live one's does with every message, leaves it where it is;
 * the sweep that meets the entry looks at the record and files it again. So a
 * live record costs one tree a change, not two. "about" holds the format's
 * version, the secret of the keys, and the epoch.
 *
 * The first change opens a write transaction and tables_commit() ends it. Reads
 * go through it while it is open, else through a read transaction that is
 * renewed when something was committed. LMDB's own locks are off (MDB_NOLOCK):
 * the store's lock file admits one process, and no read outlives the beginning
 * of a write transaction.
 *
 * LMDB never writes over pages that the last commit uses; it fills others and
 * then, with one store, makes the other one of two roots the newer. So a
 * process may be killed at any instant. But a record whose successor is of its
 * length is changed where it stands, which spares a copy of its page and of
 * those above it, in a large tree for each record anew: that is no more sound
 * than the journal is, which is read again and sets right what a death in the
 * middle left behind.
 *
 * Pages are changed in the map itself (MDB_WRITEMAP), and commits don't wait
 * for the disk (MDB_NOSYNC). Without the first a page is malloc()ed, copied and
 * given to pwrite(): measured with a million dialogs, 17 microseconds a change
 * instead of 5. Its price is that a full disk is a SIGBUS at some store and not
 * an error at commit, so the disk's blocks are reserved ahead of what is
 * written; and that a stray store of this process may hit the file.
 * MDB_MAPASYNC would start a write to disk with every commit and promise
 * nothing more.
 *
 * A map that is full spoils a whole LMDB transaction. So a change is let in
 * only when there is room for the worst it can need, a reserve beyond it is
 * left for removals, and where room is scarce each change is a transaction of
 * its own: one that does not fit takes no other with it.
 */
#include "state/tables.h"

#include <errno.h>
#include <fcntl.h>
#include <lmdb.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/digest.h"
#include "base/log.h"

/* Another one for every change of a record's layout, here or in state/ *.h. */
#define FORMAT_VERSION 3

/* Pages that one change may take: two trees, split and copied from leaf to
 * root, each with its share of the list of free pages. */
#define CHANGE_PAGES 48
/* A commit when there are so many: LMDB keeps a list of a transaction's pages.
 */
#define CHANGES_MAX 1024
#define MAP_MB_MIN  4

enum { ENDS = STORE_TABLES, ABOUT, DATABASES };

static const struct {
	const char *name;
	bool kept; /* after a power failure, and so worth a check sum */
} database[DATABASES] = {
	[STORE_CALL] = { "call", true },
	[STORE_DIALOG] = { "dialog", true },
	[STORE_TAGS] = { "tags", true },
	[STORE_CLIENT] = { "client", false },
	[STORE_SERVER] = { "server", false },
	[STORE_NONCE] = { "nonce", true },
	[STORE_PEER] = { "peer", true },
	[STORE_META] = { "meta", true },
	[ENDS] = { "ends", false },
	[ABOUT] = { "about", false },
};

struct head {
	uint64_t expire_ms;
	uint64_t filed_ms; /* where the index has it; NEVER: nowhere */
	uint64_t check;
};

#define NEVER UINT64_MAX

struct end {
	uint8_t time[8]; /* big endian */
	uint8_t table;
	struct store_key key;
};

struct tables {
	MDB_env *env;
	MDB_dbi dbi[DATABASES];
	MDB_txn *write; /* NULL: no changes */
	MDB_txn *read;
	bool reading;
	bool alone;	/* the transaction is for one change */
	bool lost;	/* changes since the last commit failed */
	size_t changes; /* in the transaction */
	size_t room;	/* pages at the file's end that it may still take */
	size_t total, reserve; /* pages: of the map, for removals */
	size_t blocks;	       /* pages that the disk has for certain */
	size_t page;
	uint64_t epoch;
	uint8_t secret[TABLES_SECRET_LEN];
};

static int to_errno(int rc)
{
	if (rc >= 0)
		return rc;
	if (rc == MDB_NOTFOUND)
		return ENOENT;
	return rc == MDB_MAP_FULL ? ENOSPC : EIO;
}

/* ---- transactions ---- */

/* What reads go through; NULL when LMDB fails. */
static MDB_txn *view(struct tables *s)
{
	if (s->write)
		return s->write;
	if (!s->reading && mdb_txn_renew(s->read))
		return NULL;
	s->reading = true;
	return s->read;
}

static void read_end(struct tables *s)
{
	if (s->reading)
		mdb_txn_reset(s->read);
	s->reading = false;
}

int tables_commit(struct tables *s)
{
	MDB_txn *txn = s->write;
	bool lost = s->lost;

	s->lost = s->alone = false;
	s->write = NULL;
	if (txn && mdb_txn_commit(txn))
		lost = true;
	s->changes = 0;
	return lost ? EIO : 0;
}

static void write_abort(struct tables *s)
{
	mdb_txn_abort(s->write);
	s->write = NULL;
	/* what came before the change that failed was promised */
	if (s->changes > 1)
		s->lost = true;
	s->changes = 0;
	s->alone = false;
}

/* Have blocks for that many pages. A COW file system may break the promise. */
static int blocks_get(struct tables *s, size_t pages)
{
	size_t more;
	int fd, err;

	if (pages > s->total)
		pages = s->total;
	if (pages <= s->blocks)
		return 0;
	more = pages - s->blocks;
	err = mdb_env_get_fd(s->env, &fd);
	if (!err)
		err = posix_fallocate(fd, (off_t)(s->blocks * s->page),
				      (off_t)(more * s->page));
	if (!err)
		s->blocks = pages;
	return err;
}

/* Pages inside the file that the next write transaction may take. */
static size_t free_pages(struct tables *s)
{
	MDB_txn *txn = view(s);
	MDB_val key, list;
	MDB_cursor *c;
	size_t n = 0, by, count;

	if (!txn || mdb_cursor_open(txn, 0, &c))
		return 0;
	while (!mdb_cursor_get(c, &key, &list, MDB_NEXT)) {
		memcpy(&by, key.mv_data, sizeof(by));
		/* those freed by the last one may still be needed */
		if (by >= mdb_txn_id(txn))
			break;
		memcpy(&count, list.mv_data, sizeof(count));
		n += count;
	}
	mdb_cursor_close(c);
	return n;
}

static int write_begin(struct tables *s, size_t pages, size_t reserve)
{
	size_t end, need = pages + reserve;
	MDB_envinfo info;
	int rc = mdb_env_info(s->env, &info);

	if (rc)
		return EIO;
	end = info.me_last_pgno + 1;
	/* without more of them the disk is what is full, and not the map */
	if (s->blocks < end + need)
		blocks_get(s, end + need + s->reserve);
	s->room = end < s->blocks ? s->blocks - end : 0;
	s->alone = s->room < need;
	if (s->alone && s->room + free_pages(s) < need)
		return ENOSPC;
	read_end(s);
	rc = mdb_txn_begin(s->env, NULL, 0, &s->write);
	return rc ? EIO : 0;
}

/*
 * Before a change of up to so many pages: a write transaction that has room for
 * it. 0; ENOSPC; EIO. change_end() must follow a 0.
 */
static int change_begin(struct tables *s, size_t pages, size_t reserve)
{
	int err = 0;

	if (s->write &&
	    (s->changes >= CHANGES_MAX || s->room < pages + reserve))
		err = tables_commit(s);
	if (!err && !s->write)
		err = write_begin(s, pages, reserve);
	if (err)
		return err;
	s->room -= s->room < pages ? s->room : pages;
	s->changes++;
	return 0;
}

static int change_end(struct tables *s, int rc)
{
	if (rc) {
		write_abort(s);
		return to_errno(rc);
	}
	/* here a commit may find no room either, for nobody but this one */
	if (s->alone && tables_commit(s))
		return ENOSPC;
	return 0;
}

static MDB_val val(const void *p, size_t n)
{
	return (MDB_val){ n, (void *)(uintptr_t)p };
}

static struct end end_make(uint64_t time_ms, enum store_table t,
			   const struct store_key *k)
{
	struct end e = { .table = (uint8_t)t, .key = *k };

	for (int i = 0; i < 8; i++)
		e.time[i] = (uint8_t)(time_ms >> (56 - 8 * i));
	return e;
}

static uint64_t end_time(const struct end *e)
{
	uint64_t t = 0;

	for (int i = 0; i < 8; i++)
		t = t << 8 | e->time[i];
	return t;
}

/* ---- the index of ends ---- */

static int file_add(struct tables *s, uint64_t time_ms, enum store_table t,
		    const struct store_key *k)
{
	struct end e = end_make(time_ms, t, k);
	MDB_val key = val(&e, sizeof(e)), none = { 0, NULL };

	if (time_ms == NEVER)
		return 0;
	return mdb_put(s->write, s->dbi[ENDS], &key, &none, 0);
}

static int file_remove(struct tables *s, uint64_t time_ms, enum store_table t,
		       const struct store_key *k)
{
	struct end e = end_make(time_ms, t, k);
	MDB_val key = val(&e, sizeof(e));
	int rc;

	if (time_ms == NEVER)
		return 0;
	rc = mdb_del(s->write, s->dbi[ENDS], &key, NULL);
	return rc == MDB_NOTFOUND ? 0 : rc;
}

/* The first entry, if it is due. */
static bool file_due(struct tables *s, uint64_t now_ms, struct end *out)
{
	MDB_txn *txn = view(s);
	MDB_val key, none;
	MDB_cursor *c;
	bool found;

	if (!txn || mdb_cursor_open(txn, s->dbi[ENDS], &c))
		return false;
	found = !mdb_cursor_get(c, &key, &none, MDB_FIRST) &&
		key.mv_size == sizeof(*out);
	if (found)
		memcpy(out, key.mv_data, sizeof(*out));
	mdb_cursor_close(c);
	return found && end_time(out) <= now_ms && out->table < STORE_TABLES;
}

/* ---- records ---- */

static uint64_t check_sum(enum store_table t, const struct store_key *k,
			  uint64_t expire_ms, struct span value)
{
	if (!database[t].kept)
		return 0;
	return digest_sum64(k->b, value) ^ expire_ms ^ (uint64_t)t << 56;
}

static int record_split(MDB_val v, struct head *h, struct span *value)
{
	if (v.mv_size < sizeof(*h))
		return EIO;
	memcpy(h, v.mv_data, sizeof(*h));
	*value = span_make((char *)v.mv_data + sizeof(*h),
			   v.mv_size - sizeof(*h));
	return 0;
}

static int record_find(struct tables *s, enum store_table t,
		       const struct store_key *k, struct head *h,
		       struct span *value)
{
	MDB_txn *txn = view(s);
	MDB_val key = val(k->b, STORE_KEY_LEN), v;
	int rc = txn ? mdb_get(txn, s->dbi[t], &key, &v) : EIO;

	return rc ? to_errno(rc) : record_split(v, h, value);
}

static void record_fill(MDB_val v, const struct head *h, struct span value)
{
	memcpy(v.mv_data, h, sizeof(*h));
	if (value.len)
		memcpy((char *)v.mv_data + sizeof(*h), value.p, value.len);
}

static int record_write(struct tables *s, enum store_table t,
			const struct store_key *k, const struct head *h,
			struct span value)
{
	MDB_val key = val(k->b, STORE_KEY_LEN);
	MDB_val v = { sizeof(*h) + value.len, NULL };
	int rc = mdb_put(s->write, s->dbi[t], &key, &v, MDB_RESERVE);

	if (!rc)
		record_fill(v, h, value);
	return rc;
}

/* MDB_KEYEXIST, and *old is the one there is. */
static int record_new(struct tables *s, enum store_table t,
		      const struct store_key *k, const struct head *h,
		      struct span value, MDB_val *old)
{
	MDB_val key = val(k->b, STORE_KEY_LEN);
	MDB_val v = { sizeof(*h) + value.len, NULL };
	int rc = mdb_put(s->write, s->dbi[t], &key, &v,
			 MDB_NOOVERWRITE | MDB_RESERVE);

	if (!rc)
		record_fill(v, h, value);
	*old = v;
	return rc;
}

static int record_remove(struct tables *s, enum store_table t,
			 const struct store_key *k, const struct head *h)
{
	MDB_val key = val(k->b, STORE_KEY_LEN);
	int rc = file_remove(s, h->filed_ms, t, k);

	return rc ? rc : mdb_del(s->write, s->dbi[t], &key, NULL);
}

int tables_get(struct tables *s, enum store_table t, const struct store_key *k,
	       uint64_t *expire_ms, struct span *value)
{
	struct head h;
	int err = record_find(s, t, k, &h, value);

	if (!err)
		*expire_ms = h.expire_ms;
	return err;
}

/* The head of what replaces a record, its index entry in place. */
static int record_file(struct tables *s, enum store_table t,
		       const struct store_key *k, uint64_t expire_ms,
		       struct head *h)
{
	uint64_t was = h->filed_ms;
	int rc;

	h->expire_ms = expire_ms;
	if (was <= expire_ms && was != NEVER)
		return 0;
	h->filed_ms = expire_ms;
	if (was == expire_ms)
		return 0;
	rc = file_remove(s, was, t, k);
	return rc ? rc : file_add(s, expire_ms, t, k);
}

/* Pages that a change with such a value may take, at worst. */
static size_t change_pages(const struct tables *s, size_t value_len)
{
	return CHANGE_PAGES + (sizeof(struct head) + value_len) / s->page;
}

/* Where it stands, if it can be that no tree is touched. */
static bool replace_there(MDB_val old, const struct head *new,
			  struct span value)
{
	struct head h;
	struct span was;

	if (record_split(old, &h, &was) || was.len != value.len ||
	    h.filed_ms > new->expire_ms)
		return false;
	h.expire_ms = new->expire_ms;
	h.check = new->check;
	record_fill(old, &h, value);
	return true;
}

/* Of a record that is there. */
static int record_replace(struct tables *s, enum store_table t,
			  const struct store_key *k, const struct head *new,
			  struct span value, MDB_val old)
{
	struct head h;
	struct span was;
	int rc;

	if (record_split(old, &h, &was))
		return MDB_CORRUPTED;
	rc = record_file(s, t, k, new->expire_ms, &h);
	h.check = new->check;
	return rc ? rc : record_write(s, t, k, &h, value);
}

static struct head head_of(enum store_table t, const struct store_key *k,
			   uint64_t expire_ms, struct span value)
{
	return (struct head){ expire_ms, expire_ms,
			      check_sum(t, k, expire_ms, value) };
}

bool tables_put_at(enum store_table t, const struct store_key *k,
		   uint64_t expire_ms, struct span value, char *place)
{
	const struct head h = head_of(t, k, expire_ms, value);

	return replace_there(val(place - sizeof(h), sizeof(h) + value.len), &h,
			     value);
}

int tables_put(struct tables *s, enum store_table t, const struct store_key *k,
	       uint64_t expire_ms, struct span value, bool again)
{
	const struct head h = head_of(t, k, expire_ms, value);
	MDB_val old;
	int rc, err = change_begin(s, change_pages(s, value.len), s->reserve);

	if (err)
		return err;
	/* mostly it is new, and is found not to be there on the way in */
	rc = record_new(s, t, k, &h, value, &old);
	if (rc == MDB_KEYEXIST)
		rc = again && replace_there(old, &h, value)
			     ? 0
			     : record_replace(s, t, k, &h, value, old);
	else if (!rc)
		rc = file_add(s, expire_ms, t, k);
	return change_end(s, rc);
}

int tables_del(struct tables *s, enum store_table t, const struct store_key *k)
{
	struct span value;
	struct head h;
	int err = record_find(s, t, k, &h, &value);

	if (!err)
		err = change_begin(s, CHANGE_PAGES, 0);
	if (err)
		return err;
	return change_end(s, record_remove(s, t, k, &h));
}

size_t tables_count(struct tables *s, enum store_table t)
{
	MDB_txn *txn = view(s);
	MDB_stat st;

	return txn && !mdb_stat(txn, s->dbi[t], &st) ? st.ms_entries : 0;
}

bool tables_have_room(struct tables *s, size_t changes, size_t octets)
{
	size_t need = changes * (CHANGE_PAGES + 1) + octets / s->page;
	MDB_envinfo info;
	size_t end;

	need += s->reserve;
	if (!s->write && s->room >= need)
		return true;
	if (mdb_env_info(s->env, &info))
		return false;
	end = info.me_last_pgno + 1;
	if (s->blocks < end + need)
		blocks_get(s, end + need + s->reserve);
	s->room = end < s->blocks ? s->blocks - end : 0;
	return s->room >= need;
}

/* The index met a record before its time: file it again, where it ends now. */
static int refile(struct tables *s, enum store_table t,
		  const struct store_key *k, struct head *h, struct span value)
{
	char *copy = malloc(value.len + 1); /* value lies in the tree */
	int rc;

	if (!copy)
		return ENOMEM;
	if (value.len)
		memcpy(copy, value.p, value.len);
	rc = file_remove(s, h->filed_ms, t, k);
	h->filed_ms = h->expire_ms;
	if (!rc)
		rc = file_add(s, h->filed_ms, t, k);
	if (!rc)
		rc = record_write(s, t, k, h, span_make(copy, value.len));
	free(copy);
	return rc;
}

static int sweep_one(struct tables *s, const struct end *e, uint64_t now_ms,
		     size_t *removed)
{
	const struct store_key *k = &e->key;
	struct span value = SPAN_NONE;
	struct head h;
	size_t pages = CHANGE_PAGES, before = s->changes;
	int rc, err = record_find(s, e->table, k, &h, &value);

	if (!err && h.expire_ms > now_ms)
		pages += value.len / s->page + 1;
	rc = change_begin(s, pages, 0);
	if (rc)
		return rc;
	/* a commit in between ends what was found */
	if (!before || s->changes != before + 1)
		err = record_find(s, e->table, k, &h, &value);
	if (err || h.filed_ms != end_time(e)) {
		rc = file_remove(s, end_time(e), e->table, k);
	} else if (h.expire_ms > now_ms) {
		rc = refile(s, e->table, k, &h, value);
	} else {
		rc = record_remove(s, e->table, k, &h);
		*removed += !rc;
	}
	return change_end(s, rc);
}

size_t tables_sweep(struct tables *s, uint64_t now_ms, size_t most)
{
	size_t removed = 0;
	struct end e;

	for (size_t n = 0; n < most && file_due(s, now_ms, &e); n++) {
		if (sweep_one(s, &e, now_ms, &removed))
			break;
	}
	return removed;
}

/* ---- the file ---- */

static int env_open(MDB_env **out, const char *path, size_t map_mb,
		    unsigned int flags)
{
	MDB_env *env;
	int rc = mdb_env_create(&env);

	if (rc)
		return rc;
	rc = mdb_env_set_maxdbs(env, DATABASES);
	if (!rc && map_mb)
		rc = mdb_env_set_mapsize(env, map_mb << 20);
	if (!rc)
		rc = mdb_env_open(env, path,
				  MDB_NOSUBDIR | MDB_NOSYNC | MDB_NOLOCK |
					  MDB_NORDAHEAD | flags,
				  0600);
	if (rc)
		mdb_env_close(env);
	else
		*out = env;
	return rc;
}

static int about_get(MDB_txn *txn, MDB_dbi about, const char *name, void *out,
		     size_t len)
{
	MDB_val key = val(name, strlen(name)), v;
	int rc = mdb_get(txn, about, &key, &v);

	if (rc)
		return rc;
	if (v.mv_size != len)
		return MDB_INCOMPATIBLE;
	memcpy(out, v.mv_data, len);
	return 0;
}

static int about_put(struct tables *s, const char *name, const void *p,
		     size_t len)
{
	MDB_val key = val(name, strlen(name)), v = val(p, len);

	return mdb_put(s->write, s->dbi[ABOUT], &key, &v, 0);
}

static int about_make(struct tables *s, const uint8_t secret[TABLES_SECRET_LEN])
{
	uint32_t version = FORMAT_VERSION;
	int rc = about_put(s, "version", &version, sizeof(version));

	memcpy(s->secret, secret, TABLES_SECRET_LEN);
	if (!rc)
		rc = about_put(s, "secret", secret, TABLES_SECRET_LEN);
	return rc ? rc : about_put(s, "epoch", &s->epoch, sizeof(s->epoch));
}

static int about_read(struct tables *s)
{
	uint8_t secret[TABLES_SECRET_LEN];
	uint32_t version;
	int rc = about_get(s->write, s->dbi[ABOUT], "version", &version,
			   sizeof(version));

	if (rc == MDB_NOTFOUND) {
		digest_random(secret, sizeof(secret));
		return about_make(s, secret);
	}
	if (rc || version != FORMAT_VERSION)
		return MDB_VERSION_MISMATCH;
	rc = about_get(s->write, s->dbi[ABOUT], "epoch", &s->epoch,
		       sizeof(s->epoch));
	return rc ? rc
		  : about_get(s->write, s->dbi[ABOUT], "secret", s->secret,
			      TABLES_SECRET_LEN);
}

static int databases_open(MDB_txn *txn, MDB_dbi dbi[DATABASES],
			  unsigned int flags)
{
	int rc = 0;

	for (int i = 0; !rc && i < DATABASES; i++)
		rc = mdb_dbi_open(txn, database[i].name, flags, &dbi[i]);
	return rc;
}

/* A file larger than the map is to be stays as it is, with room to remove. */
static int map_grow(struct tables *s, size_t used)
{
	if (s->total >= used + s->reserve)
		return 0;
	s->total = used + s->reserve;
	return mdb_env_set_mapsize(s->env, s->total * s->page);
}

static int sizes_read(struct tables *s)
{
	MDB_envinfo info;
	MDB_stat st;
	size_t used;
	int rc = mdb_env_info(s->env, &info);

	if (!rc)
		rc = mdb_env_stat(s->env, &st);
	if (rc)
		return rc;
	used = info.me_last_pgno + 1;
	s->page = st.ms_psize;
	s->total = info.me_mapsize / s->page;
	s->reserve = s->total / 8 < 4096 ? s->total / 8 : 4096;
	rc = map_grow(s, used);
	return rc ? rc : blocks_get(s, used + s->reserve);
}

/* Open or make it. secret: the one to begin with, or NULL. */
static int file_open(struct tables *s, const char *path, size_t map_mb,
		     const uint8_t *secret)
{
	int rc = env_open(&s->env, path,
			  map_mb < MAP_MB_MIN ? MAP_MB_MIN : map_mb,
			  MDB_WRITEMAP);

	if (!rc)
		rc = sizes_read(s);
	if (!rc)
		rc = mdb_txn_begin(s->env, NULL, 0, &s->write);
	if (!rc)
		rc = databases_open(s->write, s->dbi, MDB_CREATE);
	if (!rc)
		rc = secret ? about_make(s, secret) : about_read(s);
	if (!rc) {
		rc = mdb_txn_commit(s->write);
		s->write = NULL;
	}
	if (!rc)
		rc = mdb_txn_begin(s->env, NULL, MDB_RDONLY, &s->read);
	if (!rc)
		mdb_txn_reset(s->read);
	return rc;
}

static int file_fault(const char *path, int rc)
{
	switch (rc) {
	case 0:
		return 0;
	case MDB_VERSION_MISMATCH:
	case MDB_INCOMPATIBLE:
	case MDB_INVALID:
		log_warnx("%s is not of this version: remove it to start anew "
			  "(calls under way are forgotten)",
			  path);
		return EINVAL;
	default:
		log_warnx("%s: %s", path, mdb_strerror(rc));
		return to_errno(rc);
	}
}

int tables_open(struct tables **out, const char *path, size_t map_mb,
		const uint8_t *secret)
{
	struct tables *s = calloc(1, sizeof(*s));
	int err;

	if (!s)
		return ENOMEM;
	err = file_fault(path, file_open(s, path, map_mb, secret));
	if (err) {
		tables_close(s);
		return err;
	}
	*out = s;
	return 0;
}

void tables_close(struct tables *s)
{
	if (!s)
		return;
	if (s->write)
		mdb_txn_abort(s->write);
	if (s->read)
		mdb_txn_abort(s->read);
	if (s->env)
		mdb_env_close(s->env);
	free(s);
}

const uint8_t *tables_secret(const struct tables *s)
{
	return s->secret;
}

uint64_t tables_epoch(const struct tables *s)
{
	return s->epoch;
}

int tables_set_epoch(struct tables *s, uint64_t epoch)
{
	int err = change_begin(s, CHANGE_PAGES, 0);

	if (err)
		return err;
	s->epoch = epoch;
	return change_end(s, about_put(s, "epoch", &epoch, sizeof(epoch)));
}

int tables_sync(struct tables *s)
{
	/* an msync(), and nothing else that is shared */
	return mdb_env_sync(s->env, 1) ? EIO : 0;
}

/* ---- after a power failure ---- */

/* 0; an error when it could not be read to its end. */
static int rescue_table(struct tables *to, MDB_txn *from, MDB_dbi dbi,
			enum store_table t)
{
	struct store_key k;
	struct span value;
	struct head h;
	MDB_cursor *c;
	MDB_val key, v;
	int bad = 0, rc = mdb_cursor_open(from, dbi, &c);

	if (rc)
		return rc;
	while (!(rc = mdb_cursor_get(c, &key, &v, MDB_NEXT))) {
		if (key.mv_size != sizeof(k) || record_split(v, &h, &value)) {
			bad = EIO;
			continue;
		}
		memcpy(&k, key.mv_data, sizeof(k));
		if (h.check != check_sum(t, &k, h.expire_ms, value) ||
		    tables_put(to, t, &k, h.expire_ms, value, false))
			bad = EIO;
	}
	mdb_cursor_close(c);
	if (rc != MDB_NOTFOUND || tables_commit(to))
		bad = EIO;
	return bad;
}

static int rescue_all(MDB_txn *from, const char *to, size_t map_mb)
{
	uint8_t secret[TABLES_SECRET_LEN];
	MDB_dbi dbi[DATABASES];
	struct tables *new;
	uint32_t version;
	int rc = databases_open(from, dbi, 0);

	if (!rc)
		rc = about_get(from, dbi[ABOUT], "version", &version,
			       sizeof(version));
	if (!rc && version != FORMAT_VERSION)
		rc = EINVAL;
	if (!rc)
		rc = about_get(from, dbi[ABOUT], "secret", secret,
			       sizeof(secret));
	if (!rc)
		rc = tables_open(&new, to, map_mb, secret);
	if (rc)
		return EIO;
	for (int t = 0; t < STORE_TABLES; t++) {
		if (database[t].kept &&
		    rescue_table(new, from, dbi[t], (enum store_table)t))
			rc = EIO;
	}
	return tables_sync(new) ? EIO : rc;
}

static void give_up(MDB_env *env, const char *text)
{
	(void)env;
	(void)text;
	_exit(1);
}

int tables_rescue(const char *from, const char *to, size_t map_mb)
{
	MDB_txn *txn;
	MDB_env *env;

	if (env_open(&env, from, 0, MDB_RDONLY))
		return EIO;
	mdb_env_set_assert(env, give_up);
	if (mdb_txn_begin(env, NULL, MDB_RDONLY, &txn))
		return EIO;
	return rescue_all(txn, to, map_mb);
}

// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Theory of operation
 *
 * A change goes to the journal, a file in memory that is appended to: a
 * microsecond, however many records there are. From time to time
 * (store_settle(), or when the journal is full) the tables take over the last
 * change of each key in one transaction of LMDB, ordered and each once, and the
 * journal begins anew. What is read is looked for in the journal first. Where
 * the tables had a record when it was read is remembered until they change: in
 * a large tree the way there is most of what a change costs, and is gone once.
 *
 * What survives what:
 *
 * - SIGKILL at any instant: the state of the last store_commit(). Journal and
 *   tables lie in the kernel's page cache, whatever becomes of the process. The
 *   epoch tells whether the tables have taken a journal over; if it was cut
 *   short, it is done again: the same changes give the same tables.
 * - A power failure: nobody waits for the disk but a thread, every few seconds.
 *   The kernel doesn't write pages by itself before dirty_expire_centisecs
 *   (30 s), so the disk normally holds the tables of the last sync. But a
 *   failure may fall into one, or memory may be short: then old and new pages
 *   are mixed, and no flag of LMDB but a sync for each commit prevents that.
 *   Such files must never be trusted. So while the store is open the lock file
 *   holds the kernel's boot id; if that is found at the next start and is
 *   another boot's, the journal is thrown away, and a child process copies into
 *   a new file what it finds whole in the tables (each record has a check sum).
 *   Damage may make it crash; what it had committed counts. Records of
 *   transactions aren't copied: they are over.
 *
 * A change is let into the journal only when the tables have room for all of
 * them at their worst. Where room is scarce it goes to the tables directly, in
 * a transaction of its own that tells whether it fitted.
 */
#include "state/store.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/digest.h"
#include "base/log.h"
#include "state/journal.h"
#include "state/tables.h"

#define DATA_FILE    "store.mdb"
#define JOURNAL_FILE "journal"
#define RESCUE_FILE  "rescue.mdb"
#define LOCK_FILE    "lock"
#define BOOT_ID	     "/proc/sys/kernel/random/boot_id"

#define BOOT_ID_LEN 36
#define PATH_LEN    288
#define RESCUE_S    60

/* The thread that waits for the disk. */
struct syncer {
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t wake;
	bool running, wanted, stop;
};

/* What was read last from a table, while the tables stay as they are. */
struct found {
	bool looked;
	struct store_key key;
	struct span value; /* absent: it is not there */
	uint64_t expire_ms;
};

struct store {
	struct tables *tables;
	struct journal *journal;
	struct found found[STORE_TABLES];
	/* since the tables took over the last: what they have room for */
	size_t promised, promised_octets;
	bool lost; /* a change that was promised could not be kept */
	bool unsynced;
	size_t max_records;
	int lock_fd;
	bool temporary;
	char dir[256];
	struct syncer syncer;
};

static void path_of(const struct store *s, const char *name, char out[PATH_LEN])
{
	snprintf(out, PATH_LEN, "%s/%s", s->dir, name);
}

struct store_key store_key(const struct store *s, const struct span *in,
			   size_t n)
{
	struct store_key k = { { 0 } };

	digest_keyed128(k.b, tables_secret(s->tables), in, n);
	return k;
}

/* ---- from the journal to the tables ---- */

/* The tables changed: what was found in them may be elsewhere. */
static int tables_changed(struct store *s)
{
	memset(s->found, 0, sizeof(s->found));
	return tables_commit(s->tables);
}

static bool take_there(void *arg, const struct change *c)
{
	(void)arg;
	return !c->removed && c->place &&
	       tables_put_at(c->table, &c->key, c->expire_ms, c->value,
			     c->place);
}

static bool take_over(void *arg, const struct change *c)
{
	struct store *s = arg;
	int err = c->removed ? tables_del(s->tables, c->table, &c->key)
			     : tables_put(s->tables, c->table, &c->key,
					  c->expire_ms, c->value, true);

	/* the others are not to suffer */
	if (err && err != ENOENT)
		s->lost = true;
	return true;
}

/* 0; EIO: something was lost. */
static int settle(struct store *s)
{
	struct journal *j = s->journal;
	int err;

	s->lost = false;
	if (!journal_count(j))
		return 0;
	journal_commit(j);
	/* before anything moves */
	journal_each(j, take_there, s);
	journal_each(j, take_over, s);
	err = tables_set_epoch(s->tables, journal_epoch(j) + 1);
	if (tables_changed(s) || err)
		s->lost = true;
	journal_clear(j);
	s->promised = s->promised_octets = 0;
	s->unsynced = true;
	if (s->lost)
		log_peer("%s: changes are lost", s->dir);
	return s->lost ? EIO : 0;
}

void store_commit(struct store *s)
{
	journal_commit(s->journal);
}

size_t store_settle(struct store *s, uint64_t now_ms, size_t most)
{
	size_t removed;

	settle(s);
	removed = tables_sweep(s->tables, now_ms, most);
	tables_changed(s);
	s->unsynced |= removed > 0;
	return removed;
}

bool store_is_due(const struct store *s)
{
	return journal_is_full(s->journal);
}

/* ---- records ---- */

static bool is_found(const struct found *f, const struct store_key *k)
{
	return f->looked && !memcmp(f->key.b, k->b, sizeof(k->b));
}

/* A message's record is asked for several times, there or not. */
static int look(struct store *s, enum store_table t, const struct store_key *k,
		uint64_t *expire_ms, struct span *value)
{
	struct found *f = &s->found[t];
	int err;

	if (!is_found(f, k)) {
		f->value = SPAN_NONE;
		err = tables_get(s->tables, t, k, &f->expire_ms, &f->value);
		f->looked = !err || err == ENOENT;
		if (err && err != ENOENT)
			return err;
		f->key = *k;
	}
	*expire_ms = f->expire_ms;
	*value = f->value;
	return span_set(f->value) ? 0 : ENOENT;
}

int store_get(struct store *s, enum store_table t, const struct store_key *k,
	      uint64_t now_ms, struct span *value)
{
	struct change c;
	int err = 0;

	if (journal_find(s->journal, t, k, &c)) {
		*value = c.value;
		err = c.removed ? ENOENT : 0;
	} else {
		err = look(s, t, k, &c.expire_ms, value);
	}
	if (!err && c.expire_ms <= now_ms)
		err = ENOENT;
	if (err)
		*value = SPAN_NONE;
	return err;
}

static bool exists(struct store *s, enum store_table t,
		   const struct store_key *k)
{
	struct span value;

	return store_get(s, t, k, 0, &value) == 0;
}

/* May the table have one more? Counted for certain only where it matters. */
static bool may_grow(struct store *s, enum store_table t,
		     const struct store_key *k)
{
	if (tables_count(s->tables, t) + journal_count_of(s->journal, t) <
	    s->max_records)
		return true;
	return store_count(s, t) < s->max_records || exists(s, t, k);
}

/* Into the tables at once, for want of room to promise anything. */
static int put_now(struct store *s, const struct change *c)
{
	int err = settle(s);

	if (!err)
		err = tables_put(s->tables, c->table, &c->key, c->expire_ms,
				 c->value, false);
	if (tables_changed(s) && !err)
		err = EIO;
	s->unsynced = true;
	return err;
}

/* Where a value of this length stands, if it was read just now; or NULL. */
static char *place_of(const struct store *s, enum store_table t,
		      const struct store_key *k, size_t len)
{
	const struct found *f = &s->found[t];

	if (!is_found(f, k) || !span_set(f->value) || f->value.len != len)
		return NULL;
	return (char *)(uintptr_t)f->value.p;
}

static bool promise(struct store *s, const struct change *c)
{
	if (!tables_have_room(s->tables, s->promised + 1,
			      s->promised_octets + c->value.len))
		return false;
	s->promised++;
	s->promised_octets += c->value.len;
	return true;
}

int store_put(struct store *s, enum store_table t, const struct store_key *k,
	      uint64_t expire_ms, struct span value)
{
	const struct change c = { .table = t,
				  .expire_ms = expire_ms,
				  .key = *k,
				  .value = value,
				  .place = place_of(s, t, k, value.len) };

	if (!may_grow(s, t, k))
		return ENOSPC;
	if (!promise(s, &c))
		return put_now(s, &c);
	if (!journal_add(s->journal, &c))
		return 0;
	/* full, before it was emptied: or larger than any journal */
	return settle(s) || !promise(s, &c) || journal_add(s->journal, &c)
		       ? put_now(s, &c)
		       : 0;
}

int store_del(struct store *s, enum store_table t, const struct store_key *k)
{
	const struct change c = { .table = t, .removed = true, .key = *k };
	int err;

	if (!exists(s, t, k))
		return ENOENT;
	/* removals have a reserve of room */
	if (!journal_add(s->journal, &c))
		return 0;
	err = settle(s);
	return err ? err : journal_add(s->journal, &c);
}

size_t store_count(struct store *s, enum store_table t)
{
	settle(s);
	return tables_count(s->tables, t);
}

/* ---- to disk ---- */

static void *sync_run(void *arg)
{
	struct store *s = arg;
	struct syncer *y = &s->syncer;

	pthread_mutex_lock(&y->lock);
	for (;;) {
		while (!y->wanted && !y->stop)
			pthread_cond_wait(&y->wake, &y->lock);
		if (y->stop)
			break;
		y->wanted = false;
		pthread_mutex_unlock(&y->lock);
		errno = tables_sync(s->tables);
		if (errno)
			log_warn("%s can't be written to disk", s->dir);
		pthread_mutex_lock(&y->lock);
	}
	pthread_mutex_unlock(&y->lock);
	return NULL;
}

static int sync_start(struct store *s)
{
	struct syncer *y = &s->syncer;
	sigset_t all, old;
	int err;

	pthread_mutex_init(&y->lock, NULL);
	pthread_cond_init(&y->wake, NULL);
	/* signals are the loop's */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	err = pthread_create(&y->thread, NULL, sync_run, s);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	y->running = !err;
	return err;
}

static void sync_want(struct syncer *y, bool stop)
{
	pthread_mutex_lock(&y->lock);
	y->wanted = true;
	y->stop |= stop;
	pthread_cond_signal(&y->wake);
	pthread_mutex_unlock(&y->lock);
}

static void sync_stop(struct syncer *y)
{
	if (!y->running)
		return;
	sync_want(y, true);
	pthread_join(y->thread, NULL);
	pthread_cond_destroy(&y->wake);
	pthread_mutex_destroy(&y->lock);
}

void store_sync(struct store *s)
{
	settle(s);
	if (!s->unsynced)
		return;
	s->unsynced = false;
	sync_want(&s->syncer, false);
}

/* ---- the directory ---- */

static int dir_check(const char *dir)
{
	struct stat st;

	if (lstat(dir, &st)) {
		log_warn("%s", dir);
		return errno;
	}
	if (!S_ISDIR(st.st_mode)) {
		log_warnx("%s is not a directory: remove it", dir);
		return EACCES;
	}
	if (st.st_uid != geteuid()) {
		log_warnx(
			"%s belongs to uid %u, not to the daemon's, %u: chown "
			"-R %u %s",
			dir, st.st_uid, geteuid(), geteuid(), dir);
		return EACCES;
	}
	if (st.st_mode & 077) {
		log_warnx("%s is open to others (mode %03o): chmod 700 %s", dir,
			  st.st_mode & 0777, dir);
		return EACCES;
	}
	return 0;
}

static int dir_open(struct store *s, const char *path)
{
	s->temporary = !path;
	if (!path) {
		snprintf(s->dir, sizeof(s->dir), "/tmp/sipseal-XXXXXX");
		return mkdtemp(s->dir) ? 0 : errno;
	}
	if (span_copy(s->dir, sizeof(s->dir), span_str(path))) {
		log_warnx("%s is too long", path);
		return ENAMETOOLONG;
	}
	if (mkdir(path, 0700) && errno != EEXIST) {
		int err = errno;

		log_warn("directory %s can't be made", path);
		return err;
	}
	return dir_check(path);
}

static void dir_remove(const struct store *s)
{
	static const char *const file[] = { DATA_FILE, JOURNAL_FILE,
					    LOCK_FILE };
	char path[PATH_LEN];

	for (size_t i = 0; i < sizeof(file) / sizeof(*file); i++) {
		path_of(s, file[i], path);
		unlink(path);
	}
	rmdir(s->dir);
}

/* ---- the lock, and what it tells ---- */

static void boot_id(char out[BOOT_ID_LEN])
{
	int fd = open(BOOT_ID, O_RDONLY | O_CLOEXEC);

	/* without it every boot looks the same: as if there were no failures */
	memset(out, '?', BOOT_ID_LEN);
	if (fd < 0)
		return;
	if (read(fd, out, BOOT_ID_LEN) != BOOT_ID_LEN)
		memset(out, '?', BOOT_ID_LEN);
	close(fd);
}

/* Take it. *failed: the machine went down while the store was open. */
static int lock_take(struct store *s, bool *failed)
{
	char path[PATH_LEN], then[BOOT_ID_LEN], now[BOOT_ID_LEN];
	ssize_t n;

	path_of(s, LOCK_FILE, path);
	s->lock_fd =
		open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (s->lock_fd < 0) {
		log_warn("%s", path);
		return errno;
	}
	if (flock(s->lock_fd, LOCK_EX | LOCK_NB)) {
		log_warnx("%s is in use by another daemon: stop it, or give "
			  "this one another \"state-dir\"",
			  s->dir);
		return EBUSY;
	}
	boot_id(now);
	n = pread(s->lock_fd, then, sizeof(then), 0);
	*failed =
		n > 0 && (n != sizeof(then) || memcmp(then, now, sizeof(then)));
	return 0;
}

/* From here on the file's soundness is the kernel's, not the disk's. */
static int lock_mark(struct store *s)
{
	char now[BOOT_ID_LEN];

	boot_id(now);
	if (pwrite(s->lock_fd, now, sizeof(now), 0) != sizeof(now) ||
	    fdatasync(s->lock_fd)) {
		log_warn("%s/" LOCK_FILE, s->dir);
		return errno ? errno : ENOSPC;
	}
	return 0;
}

/* ---- after a power failure ---- */

static _Noreturn void rescue_child(const char *from, const char *to,
				   size_t map_mb)
{
	struct rlimit none = { 0, 0 };

	alarm(RESCUE_S);
	setrlimit(RLIMIT_CORE, &none);
	signal(SIGSEGV, SIG_DFL);
	signal(SIGBUS, SIG_DFL);
	_exit(tables_rescue(from, to, map_mb) ? 1 : 0);
}

static int rescue(const struct store *s, size_t map_mb)
{
	char from[PATH_LEN], to[PATH_LEN];
	int status = 0;
	pid_t pid;

	path_of(s, JOURNAL_FILE, to);
	unlink(to);
	path_of(s, DATA_FILE, from);
	path_of(s, RESCUE_FILE, to);
	if (access(from, F_OK))
		return 0;
	log_warnx("the machine went down while %s was open: what is whole is "
		  "kept",
		  from);
	unlink(to);
	pid = fork();
	if (pid < 0)
		return errno;
	if (!pid)
		rescue_child(from, to, map_mb);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (status)
		log_warnx("%s was damaged: some calls under way are forgotten",
			  from);
	/* without a file there was nothing to be read at all */
	if (access(to, F_OK) ? unlink(from) : rename(to, from)) {
		log_warn("%s", from);
		return errno;
	}
	return 0;
}

/* ---- opening and closing ---- */

static int open_all(struct store *s, const char *path, size_t map_mb)
{
	char file[PATH_LEN];
	bool failed = false;
	int err = dir_open(s, path);

	if (!err)
		err = lock_take(s, &failed);
	if (!err && failed)
		err = rescue(s, map_mb);
	if (!err)
		err = lock_mark(s);
	if (err)
		return err;
	path_of(s, DATA_FILE, file);
	err = tables_open(&s->tables, file, map_mb, NULL);
	if (err)
		return err;
	path_of(s, JOURNAL_FILE, file);
	err = journal_open(&s->journal, file, tables_epoch(s->tables));
	if (err) {
		errno = err;
		log_warn("%s", file);
		return err;
	}
	/* what was in it when the process ended */
	settle(s);
	return sync_start(s);
}

int store_open(struct store **out, const char *path, size_t max_records,
	       size_t map_mb)
{
	struct store *s = calloc(1, sizeof(*s));
	int err;

	if (!s)
		return ENOMEM;
	s->max_records = max_records;
	s->lock_fd = -1;
	err = open_all(s, path, map_mb);
	if (err) {
		store_close(s);
		return err;
	}
	*out = s;
	return 0;
}

void store_close(struct store *s)
{
	bool whole = s && s->syncer.running;

	if (!s)
		return;
	sync_stop(&s->syncer);
	/* only what is on disk for certain is called sound */
	whole = whole && !s->temporary && !settle(s) && !tables_sync(s->tables);
	journal_close(s->journal);
	tables_close(s->tables);
	if (whole && ftruncate(s->lock_fd, 0))
		log_warn("%s/" LOCK_FILE, s->dir);
	if (s->lock_fd >= 0)
		close(s->lock_fd);
	if (s->temporary && *s->dir)
		dir_remove(s);
	free(s);
}

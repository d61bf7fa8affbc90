// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/digest.h"
#include "state/store.h"

#define RECORDS 1000
#define MAP_MB	16
#define NOW	1000000

static char top[] = "/tmp/sipseal-test-store-XXXXXX";
static char dir[64];

static int make_top(void **state)
{
	(void)state;
	return digest_init() || !mkdtemp(top);
}

static void remove_all(const char *path)
{
	char cmd[128];

	snprintf(cmd, sizeof(cmd), "rm -rf %s", path);
	if (system(cmd))
		fail_msg("%s", cmd);
}

static int remove_top(void **state)
{
	(void)state;
	remove_all(top);
	return 0;
}

/* Each test has a directory of its own. */
static int next_dir(void **state)
{
	static int n;

	(void)state;
	snprintf(dir, sizeof(dir), "%s/%d", top, ++n);
	return 0;
}

static struct store *open_store(size_t max_records, size_t map_mb)
{
	struct store *s;

	assert_int_equal(store_open(&s, dir, max_records, map_mb), 0);
	return s;
}

static struct store_key key_of(struct store *s, uint32_t n)
{
	struct span in = span_make(&n, sizeof(n));

	return store_key(s, &in, 1);
}

static int put_at(struct store *s, enum store_table t, uint32_t n,
		  uint64_t expire_ms, const char *value)
{
	struct store_key k = key_of(s, n);

	return store_put(s, t, &k, expire_ms, span_str(value));
}

static int put(struct store *s, uint32_t n, uint64_t expire_ms,
	       const char *value)
{
	return put_at(s, STORE_DIALOG, n, expire_ms, value);
}

/* Is it there, with this value? NULL: it must not be there. */
static void is_at(struct store *s, enum store_table t, uint32_t n,
		  uint64_t now_ms, const char *value)
{
	struct store_key k = key_of(s, n);
	struct span v;
	int err = store_get(s, t, &k, now_ms, &v);

	assert_int_equal(err, value ? 0 : ENOENT);
	if (value) {
		assert_int_equal(v.len, strlen(value));
		assert_memory_equal(v.p, value, v.len);
	}
}

static void is(struct store *s, uint32_t n, uint64_t now_ms, const char *value)
{
	is_at(s, STORE_DIALOG, n, now_ms, value);
}

static void write_lock(const char *text)
{
	char path[80];
	int fd;

	snprintf(path, sizeof(path), "%s/lock", dir);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
}

static void overwrite(off_t from, off_t to, size_t step)
{
	char path[80], trash[64];
	struct stat st;
	int fd;

	snprintf(path, sizeof(path), "%s/store.mdb", dir);
	fd = open(path, O_RDWR);
	assert_true(fd >= 0);
	assert_int_equal(fstat(fd, &st), 0);
	if (to > st.st_size)
		to = st.st_size;
	memset(trash, 0xa5, sizeof(trash));
	for (off_t at = from; at + 64 <= to; at += (off_t)step)
		assert_int_equal(pwrite(fd, trash, 64, at), 64);
	close(fd);
}

/* ---- records ---- */

static void test_put_get_del(void **state)
{
	struct store *s = open_store(RECORDS, MAP_MB);
	struct store_key k = key_of(s, 1);

	(void)state;
	is(s, 1, 0, NULL);
	assert_int_equal(store_del(s, STORE_DIALOG, &k), ENOENT);
	assert_int_equal(put(s, 1, NOW, "one"), 0);
	is(s, 1, 0, "one");
	/* a table of its own each */
	is_at(s, STORE_CALL, 1, 0, NULL);
	assert_int_equal(put_at(s, STORE_CALL, 1, NOW, "call"), 0);
	is(s, 1, 0, "one");
	is_at(s, STORE_CALL, 1, 0, "call");
	/* replaced: longer, shorter, empty */
	assert_int_equal(put(s, 1, NOW, "one and more"), 0);
	is(s, 1, 0, "one and more");
	assert_int_equal(put(s, 1, NOW, "1"), 0);
	is(s, 1, 0, "1");
	assert_int_equal(put(s, 1, NOW, ""), 0);
	is(s, 1, 0, "");
	assert_int_equal(store_count(s, STORE_DIALOG), 1);
	assert_int_equal(store_del(s, STORE_DIALOG, &k), 0);
	is(s, 1, 0, NULL);
	assert_int_equal(store_count(s, STORE_DIALOG), 0);
	is_at(s, STORE_CALL, 1, 0, "call");
	store_close(s);
}

static void test_large_values(void **state)
{
	struct store *s = open_store(RECORDS, MAP_MB);
	static char big[140000];
	struct store_key k = key_of(s, 1);
	struct span v;

	(void)state;
	digest_random(big, sizeof(big));
	for (size_t len = 0; len <= sizeof(big); len += 1999) {
		assert_int_equal(store_put(s, STORE_CLIENT, &k, NOW,
					   span_make(big, len)),
				 0);
		if (len % 2)
			store_commit(s);
		assert_int_equal(store_get(s, STORE_CLIENT, &k, 0, &v), 0);
		assert_true(span_eq(v, span_make(big, len)));
	}
	store_close(s);
}

static void test_keys(void **state)
{
	struct store *s = open_store(RECORDS, MAP_MB);
	struct store *other;
	struct span ab_c[] = { SPAN_LIT("ab"), SPAN_LIT("c") };
	struct span a_bc[] = { SPAN_LIT("a"), SPAN_LIT("bc") };
	struct span abc[] = { SPAN_LIT("abc") };
	struct store_key k = store_key(s, ab_c, 2), x;

	(void)state;
	x = store_key(s, ab_c, 2);
	assert_memory_equal(&k, &x, sizeof(k));
	x = store_key(s, a_bc, 2);
	assert_memory_not_equal(&k, &x, sizeof(k));
	x = store_key(s, abc, 1);
	assert_memory_not_equal(&k, &x, sizeof(k));
	store_close(s);
	/* the same in the next run, another in another installation */
	s = open_store(RECORDS, MAP_MB);
	x = store_key(s, ab_c, 2);
	assert_memory_equal(&k, &x, sizeof(k));
	assert_int_equal(store_open(&other, NULL, RECORDS, MAP_MB), 0);
	x = store_key(other, ab_c, 2);
	assert_memory_not_equal(&k, &x, sizeof(k));
	store_close(other);
	store_close(s);
}

/* ---- ends ---- */

static void test_expiry(void **state)
{
	struct store *s = open_store(RECORDS, MAP_MB);

	(void)state;
	assert_int_equal(put(s, 1, 100, "x"), 0);
	is(s, 1, 99, "x");
	is(s, 1, 100, NULL);
	assert_int_equal(store_count(s, STORE_DIALOG), 1);
	assert_int_equal(store_settle(s, 99, 10), 0);
	assert_int_equal(store_settle(s, 100, 10), 1);
	assert_int_equal(store_count(s, STORE_DIALOG), 0);
	is(s, 1, 0, NULL);
	assert_int_equal(store_settle(s, UINT64_MAX - 1, 10), 0);
	store_close(s);
}

/* Sweep at every millisecond and note when the record went. */
static uint64_t end_of(struct store *s, uint32_t n, uint64_t until)
{
	for (uint64_t now = 0; now <= until; now++) {
		store_settle(s, now, 10);
		if (!store_count(s, STORE_DIALOG))
			return now;
		is(s, n, now, "x");
	}
	return 0;
}

static void test_moved_ends(void **state)
{
	static const struct {
		uint64_t first, then, last;
	} c[] = { { 50, 80, 80 },  { 50, 20, 20 },  { 50, 50, 50 },
		  { 50, 20, 90 },  { 50, 90, 20 },  { 50, 90, 60 },
		  { 50, 90, 120 }, { 120, 90, 50 }, { 0, 10, 30 } };

	(void)state;
	for (int commits = 0; commits < 2; commits++) {
		struct store *s = open_store(RECORDS, MAP_MB);

		for (size_t i = 0; i < sizeof(c) / sizeof(*c); i++) {
			assert_int_equal(put(s, 1, c[i].first, "y"), 0);
			if (commits)
				store_commit(s);
			assert_int_equal(put(s, 1, c[i].then, "z"), 0);
			if (commits)
				store_commit(s);
			assert_int_equal(put(s, 1, c[i].last, "x"), 0);
			assert_int_equal(end_of(s, 1, 200), c[i].last);
		}
		store_close(s);
	}
}

/* Deleted and written again: the old end must not reach the new record. */
/* A record that keeps its length and does not end earlier is not moved. */
static void test_changed_in_place(void **state)
{
	struct store *s = open_store(RECORDS, MAP_MB);
	struct store_key k = key_of(s, 1);
	struct span was, v;

	(void)state;
	assert_int_equal(put(s, 1, 100, "first"), 0);
	store_settle(s, 0, 0);
	assert_int_equal(store_get(s, STORE_DIALOG, &k, 0, &was), 0);
	assert_int_equal(put(s, 1, 200, "other"), 0);
	store_settle(s, 0, 0);
	assert_int_equal(store_get(s, STORE_DIALOG, &k, 150, &v), 0);
	assert_true(span_eq(v, SPAN_LIT("other")));
	assert_ptr_equal(v.p, was.p);
	/* longer, shorter, and with an end that is nearer */
	assert_int_equal(put(s, 1, 200, "longer than it was"), 0);
	store_settle(s, 0, 0);
	is(s, 1, 150, "longer than it was");
	assert_int_equal(put(s, 1, 200, "short"), 0);
	store_settle(s, 0, 0);
	is(s, 1, 150, "short");
	assert_int_equal(put(s, 1, 120, "early"), 0);
	store_settle(s, 0, 0);
	is(s, 1, 110, "early");
	assert_int_equal(store_settle(s, 120, 10), 1);
	is(s, 1, 0, NULL);
	store_close(s);
}

/* ---- against an array ---- */

#define MODEL_KEYS 300

static struct {
	uint64_t expire_ms; /* 0: not there */
	char value[3001];
} model[MODEL_KEYS];

static uint32_t any(uint32_t below)
{
	static uint64_t x = 88172645463325252u;

	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	return (uint32_t)(x % below);
}

static void model_is(struct store *s, uint32_t n, uint64_t now_ms)
{
	is(s, n, now_ms, model[n].expire_ms > now_ms ? model[n].value : NULL);
}

static void model_put(struct store *s, uint32_t n, uint64_t now_ms)
{
	static const size_t length[] = { 1, 40, 40, 40, 41, 3000 };
	size_t len = length[any(sizeof(length) / sizeof(*length))];

	memset(model[n].value, 0, sizeof(model[n].value));
	memset(model[n].value, 'a' + (int)any(26), len);
	/* later than it was, or sooner, or soon */
	model[n].expire_ms = now_ms + 1 + any(any(2) ? 50 : 5000);
	assert_int_equal(put(s, n, model[n].expire_ms, model[n].value), 0);
}

static void model_step(struct store *s, uint64_t now_ms)
{
	uint32_t n = any(MODEL_KEYS);
	struct store_key k = key_of(s, n);

	/* mostly read before it is written, as messages do it */
	if (any(4))
		model_is(s, n, now_ms);
	switch (any(60)) {
	case 0:
		store_settle(s, now_ms, any(20));
		break;
	case 1:
		store_commit(s);
		break;
	case 2:
	case 3:
		store_del(s, STORE_DIALOG, &k);
		model[n].expire_ms = 0;
		break;
	default:
		/* what was read may have been moved by others since */
		for (uint32_t i = any(4) ? 0 : any(40); i > 0; i--)
			model_put(s, any(MODEL_KEYS), now_ms);
		if (!any(10))
			store_settle(s, now_ms, any(20));
		model_put(s, n, now_ms);
	}
}

/* Whatever comes after what, the store holds what was put into it last. */
static void test_like_an_array(void **state)
{
	struct store *s = open_store(RECORDS, MAP_MB);
	uint64_t now_ms = NOW;

	(void)state;
	for (int i = 0; i < 20000; i++, now_ms++)
		model_step(s, now_ms);
	store_settle(s, now_ms, RECORDS);
	for (uint32_t n = 0; n < MODEL_KEYS; n++)
		model_is(s, n, now_ms);
	store_close(s);
	s = open_store(RECORDS, MAP_MB);
	for (uint32_t n = 0; n < MODEL_KEYS; n++)
		model_is(s, n, now_ms);
	store_settle(s, now_ms + 10000, RECORDS);
	assert_int_equal(store_count(s, STORE_DIALOG), 0);
	store_close(s);
}

static void test_end_of_deleted(void **state)
{
	struct store *s = open_store(RECORDS, MAP_MB);
	struct store_key k = key_of(s, 1);

	(void)state;
	assert_int_equal(put(s, 1, 50, "old"), 0);
	assert_int_equal(store_del(s, STORE_DIALOG, &k), 0);
	assert_int_equal(put(s, 1, 90, "x"), 0);
	assert_int_equal(end_of(s, 1, 200), 90);
	store_close(s);
}

static void test_never_ends(void **state)
{
	struct store *s = open_store(RECORDS, MAP_MB);

	(void)state;
	assert_int_equal(put_at(s, STORE_META, 1, UINT64_MAX, "secret"), 0);
	assert_int_equal(store_settle(s, UINT64_MAX - 1, 10), 0);
	is_at(s, STORE_META, 1, UINT64_MAX - 1, "secret");
	store_close(s);
}

/* Bounded steps, whatever the tables; nothing goes that isn't due. */
static void test_sweep_in_steps(void **state)
{
	struct store *s = open_store(RECORDS, MAP_MB);
	size_t n, all = 0;

	(void)state;
	for (uint32_t i = 0; i < 900; i++)
		assert_int_equal(put_at(s, i % 2 ? STORE_DIALOG : STORE_NONCE,
					i, i % 3 ? 100 + i : NOW, "x"),
				 0);
	while ((n = store_settle(s, NOW - 1, 70))) {
		assert_true(n <= 70);
		all += n;
		if (all > 300)
			store_commit(s);
	}
	assert_int_equal(all, 600);
	for (uint32_t i = 0; i < 900; i++)
		is_at(s, i % 2 ? STORE_DIALOG : STORE_NONCE, i, NOW - 1,
		      i % 3 ? NULL : "x");
	store_close(s);
}

/* ---- bounds ---- */

static void test_max_records(void **state)
{
	struct store *s = open_store(20, MAP_MB);
	uint32_t n = 0;

	(void)state;
	while (!put(s, n, NOW, "x"))
		n++;
	assert_int_equal(n, 20);
	assert_int_equal(put(s, n, NOW, "x"), ENOSPC);
	/* what is there can still be replaced; other tables have their own */
	assert_int_equal(put(s, 3, 50, "y"), 0);
	assert_int_equal(put_at(s, STORE_PEER, 1, NOW, "x"), 0);
	for (n = 0; n < 20; n++)
		is(s, n, 0, n == 3 ? "y" : "x");
	assert_int_equal(store_settle(s, 60, 10), 1);
	assert_int_equal(put(s, 77, NOW, "z"), 0);
	assert_int_equal(put(s, 78, NOW, "z"), ENOSPC);
	store_close(s);
}

/* Fill the map; how many went in. */
static uint32_t fill(struct store *s, uint32_t from, const char *value,
		     uint64_t expire_ms, uint32_t batch)
{
	uint32_t n = from;
	int err;

	while (!(err = put(s, n, expire_ms, value)))
		if (++n % batch == 0)
			store_commit(s);
	assert_int_equal(err, ENOSPC);
	store_commit(s);
	return n - from;
}

static void full_map(size_t value_len, uint32_t batch)
{
	struct store *s = open_store(1000000, MAP_MB);
	char *value = calloc(1, value_len + 1);
	uint32_t n, m;

	assert_non_null(value);
	memset(value, 'v', value_len);
	n = fill(s, 0, value, 100, batch);
	print_message("%zu octets: %u records in %d MiB\n", value_len, n,
		      MAP_MB);
	assert_true(n * (value_len + 100) > (size_t)MAP_MB << 18);
	/* refused again and again, and nothing is lost */
	for (uint32_t i = 0; i < 200; i++)
		assert_int_equal(put(s, n + 1000 + i, NOW, value), ENOSPC);
	store_commit(s);
	store_close(s);
	s = open_store(1000000, MAP_MB);
	assert_int_equal(store_count(s, STORE_DIALOG), n);
	for (uint32_t i = 0; i < n; i++)
		is(s, i, 0, value);
	/* there is room to clear up, and then to go on as before */
	assert_int_equal(store_settle(s, 200, 1000000), n);
	store_commit(s);
	store_commit(s);
	m = fill(s, 0, value, NOW, batch);
	assert_true(m > n / 2);
	for (uint32_t i = 0; i < m; i++)
		is(s, i, 0, value);
	store_close(s);
	free(value);
}

static void test_full_map(void **state)
{
	(void)state;
	full_map(400, 64);
}

static void test_full_map_one_by_one(void **state)
{
	(void)state;
	full_map(3000, 1);
}

static void test_full_map_large_values(void **state)
{
	(void)state;
	full_map(60000, 1000000);
}

/* ---- the folder ---- */

static int open_errno(size_t map_mb)
{
	struct store *s;
	int err = store_open(&s, dir, RECORDS, map_mb);

	if (!err)
		store_close(s);
	return err;
}

static void test_made_private(void **state)
{
	mode_t before = umask(0);
	struct stat st;

	(void)state;
	store_close(open_store(RECORDS, MAP_MB));
	umask(before);
	assert_int_equal(stat(dir, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0700);
}

static void test_second_opener(void **state)
{
	struct store *s = open_store(RECORDS, MAP_MB);

	(void)state;
	assert_int_equal(put(s, 1, NOW, "x"), 0);
	assert_int_equal(open_errno(MAP_MB), EBUSY);
	is(s, 1, 0, "x");
	assert_int_equal(put(s, 2, NOW, "y"), 0);
	store_commit(s);
	store_close(s);
	assert_int_equal(open_errno(MAP_MB), 0);
}

static void test_wrong_modes(void **state)
{
	static const mode_t bad[] = { 0755, 0710, 0701, 0770, 0777 };

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		mkdir(dir, 0700);
		assert_int_equal(chmod(dir, bad[i]), 0);
		assert_int_equal(open_errno(MAP_MB), EACCES);
	}
	assert_int_equal(chmod(dir, 0700), 0);
	assert_int_equal(open_errno(MAP_MB), 0);
}

static void test_wrong_owner(void **state)
{
	(void)state;
	if (geteuid() != 0)
		skip();
	assert_int_equal(mkdir(dir, 0700), 0);
	assert_int_equal(chown(dir, 65534, 65534), 0);
	assert_int_equal(open_errno(MAP_MB), EACCES);
}

static void test_wrong_places(void **state)
{
	char link[80];
	int fd;

	(void)state;
	/* no parent; a file; a link to somebody's folder; too long */
	snprintf(dir, sizeof(dir), "%s/none/here", top);
	assert_int_equal(open_errno(MAP_MB), ENOENT);
	next_dir(NULL);
	fd = open(dir, O_CREAT | O_WRONLY, 0600);
	close(fd);
	assert_int_equal(open_errno(MAP_MB), EACCES);
	next_dir(NULL);
	snprintf(link, sizeof(link), "%s/real", top);
	assert_int_equal(mkdir(link, 0700), 0);
	assert_int_equal(symlink(link, dir), 0);
	assert_int_equal(open_errno(MAP_MB), EACCES);
}

static void test_wrong_format(void **state)
{
	(void)state;
	store_close(open_store(RECORDS, MAP_MB));
	/* both roots are no LMDB's */
	overwrite(0, 8192, 64);
	assert_int_equal(open_errno(MAP_MB), EINVAL);
	/* and the file was left as it was */
	assert_int_equal(open_errno(MAP_MB), EINVAL);
}

static void test_temporary(void **state)
{
	struct store *s;

	(void)state;
	assert_int_equal(store_open(&s, NULL, RECORDS, MAP_MB), 0);
	assert_int_equal(put(s, 1, NOW, "x"), 0);
	store_commit(s);
	is(s, 1, 0, "x");
	store_sync(s);
	store_close(s);
}

static void test_reopen(void **state)
{
	struct store *s = open_store(RECORDS, MAP_MB);

	(void)state;
	assert_int_equal(put(s, 1, NOW, "x"), 0);
	assert_int_equal(put(s, 2, 50, "y"), 0);
	store_commit(s);
	store_commit(s);
	store_sync(s);
	store_close(s);
	/* a larger and a smaller map */
	s = open_store(RECORDS, 2 * MAP_MB);
	is(s, 1, 0, "x");
	store_close(s);
	s = open_store(RECORDS, MAP_MB);
	is(s, 1, 0, "x");
	assert_int_equal(store_settle(s, 60, 10), 1);
	is(s, 2, 0, NULL);
	store_close(s);
}

/* ---- SIGKILL ---- */

/* Record n's value in its generation g: long enough to tell mixtures, of the
 * length that the one before has or of another. */
static void kill_value(char out[200], uint32_t n, uint32_t g)
{
	int len = 20 + (int)((n * 7 + g / 3 * 13) % 160);

	memset(out, 'a' + (char)(g % 26), (size_t)len);
	snprintf(out, 20, "%u.%u", n, g);
	out[strlen(out)] = ' ';
	out[len] = '\0';
}

#define KILL_RECORDS 500

/* Write for ever; after each commit tell the generation that is safe. */
static _Noreturn void kill_child(int pipe_out, uint32_t from)
{
	struct store *s;
	char value[200];

	if (store_open(&s, dir, 10000, MAP_MB))
		_exit(2);
	for (uint32_t g = from;; g++) {
		for (uint32_t n = 0; n < KILL_RECORDS; n++) {
			/* ends move to and fro; others come and go */
			struct store_key k = key_of(s, 10000 + n);

			kill_value(value, n, g);
			if (put(s, n, NOW + (g * 37 + n) % 1000, value))
				_exit(3);
			if (g % 2)
				store_del(s, STORE_DIALOG, &k);
			else if (store_put(s, STORE_DIALOG, &k, g,
					   span_str(value)))
				_exit(4);
		}
		store_settle(s, g, 100);
		store_commit(s);
		if (write(pipe_out, &g, sizeof(g)) != sizeof(g))
			_exit(6);
		if (g % 16 == 0)
			store_sync(s);
	}
}

/* Wait for a first word, let it run on for us_more, kill; the last word. */
static uint32_t run_and_kill(uint32_t from, long us_more)
{
	int fd[2], status;
	uint32_t g = 0, last = 0;
	struct pollfd p;
	pid_t pid;

	assert_int_equal(pipe(fd), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (!pid) {
		close(fd[0]);
		kill_child(fd[1], from);
	}
	close(fd[1]);
	p = (struct pollfd){ .fd = fd[0], .events = POLLIN };
	assert_int_equal(poll(&p, 1, 60000), 1);
	assert_int_equal(read(fd[0], &last, sizeof(last)), sizeof(last));
	usleep((useconds_t)us_more);
	assert_int_equal(kill(pid, SIGKILL), 0);
	while (read(fd[0], &g, sizeof(g)) == sizeof(g))
		last = g;
	close(fd[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	return last;
}

/* Each is of the generation told last, or of the one under way. */
static void check_survivors(struct store *s, uint32_t told)
{
	for (uint32_t n = 0; n < KILL_RECORDS; n++) {
		struct store_key k = key_of(s, n);
		char value[200];
		struct span v;

		assert_int_equal(store_get(s, STORE_DIALOG, &k, 0, &v), 0);
		kill_value(value, n, told);
		if (span_eq(v, span_str(value)))
			continue;
		kill_value(value, n, told + 1);
		is(s, n, 0, value);
	}
}

static void test_sigkill(void **state)
{
	unsigned int seed = 20261123;
	struct store *s;
	uint32_t g = 1;

	(void)state;
	for (int round = 0; round < 25; round++) {
		uint32_t told = run_and_kill(g, rand_r(&seed) % 20000);
		s = open_store(10000, MAP_MB);
		check_survivors(s, told);
		g = told + 2;
		store_close(s);
	}
	/* and the index of ends is whole, too */
	s = open_store(10000, MAP_MB);
	while (store_settle(s, NOW + 1000, 1000))
		;
	assert_int_equal(store_count(s, STORE_DIALOG), 0);
	store_close(s);
}

/* What was not committed goes with the process, and only that. */
static void test_uncommitted(void **state)
{
	int status;
	pid_t pid;
	struct store *s = open_store(RECORDS, MAP_MB);

	(void)state;
	store_close(s);
	pid = fork();
	if (!pid) {
		if (store_open(&s, dir, RECORDS, MAP_MB))
			_exit(2);
		put(s, 1, NOW, "kept");
		store_commit(s);
		put(s, 1, NOW, "lost");
		put(s, 2, NOW, "lost");
		kill(getpid(), SIGKILL);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	s = open_store(RECORDS, MAP_MB);
	is(s, 1, 0, "kept");
	is(s, 2, 0, NULL);
	store_close(s);
}

/* ---- the machine's death ---- */

static void fill_for_rescue(void)
{
	struct store *s = open_store(RECORDS, MAP_MB);

	for (uint32_t n = 0; n < 500; n++) {
		assert_int_equal(put(s, n, NOW + n, "dialog"), 0);
		assert_int_equal(put_at(s, STORE_CLIENT, n, NOW, "client"), 0);
	}
	store_commit(s);
	store_close(s);
}

/* Dialogs stay, transactions are over, keys are the same, ends too. */
static void test_after_power_failure(void **state)
{
	struct store *s;

	(void)state;
	fill_for_rescue();
	write_lock("another boot, which had it open");
	s = open_store(RECORDS, MAP_MB);
	for (uint32_t n = 0; n < 500; n++)
		is(s, n, NOW - 1, "dialog");
	assert_int_equal(store_count(s, STORE_CLIENT), 0);
	assert_int_equal(store_settle(s, NOW + 99, 1000), 100);
	store_close(s);
}

/* Whatever is damaged, it starts, and every record that is left is whole. */
static void test_damaged(void **state)
{
	size_t left = 0;

	(void)state;
	for (int part = 0; part < 8; part++) {
		struct store *s;

		next_dir(NULL);
		fill_for_rescue();
		write_lock("another boot, which had it open");
		/* pages, or pieces of many */
		if (part < 4)
			overwrite(8192 + part * 4096 * 5,
				  8192 + (part + 1) * 4096 * 5, 64);
		else
			overwrite(8192 + part * 331, 1 << 30,
				  4096 * (size_t)part + 512);
		s = open_store(RECORDS, MAP_MB);
		for (uint32_t n = 0; n < 500; n++) {
			struct store_key k = key_of(s, n);
			struct span v;

			if (store_get(s, STORE_DIALOG, &k, 0, &v))
				continue;
			assert_true(span_eq(v, SPAN_LIT("dialog")));
			left++;
		}
		assert_int_equal(put(s, 1, NOW, "new"), 0);
		store_commit(s);
		is(s, 1, 0, "new");
		store_close(s);
	}
	print_message("%zu of 4000 records were whole\n", left);
	assert_true(left > 0 && left < 4000);
}

int main(void)
{
#define IN_DIR(f) cmocka_unit_test_setup(f, next_dir)
	const struct CMUnitTest tests[] = {
		IN_DIR(test_put_get_del),
		IN_DIR(test_large_values),
		IN_DIR(test_keys),
		IN_DIR(test_expiry),
		IN_DIR(test_moved_ends),
		IN_DIR(test_changed_in_place),
		IN_DIR(test_like_an_array),
		IN_DIR(test_end_of_deleted),
		IN_DIR(test_never_ends),
		IN_DIR(test_sweep_in_steps),
		IN_DIR(test_max_records),
		IN_DIR(test_full_map),
		IN_DIR(test_full_map_one_by_one),
		IN_DIR(test_full_map_large_values),
		IN_DIR(test_made_private),
		IN_DIR(test_second_opener),
		IN_DIR(test_wrong_modes),
		IN_DIR(test_wrong_owner),
		IN_DIR(test_wrong_places),
		IN_DIR(test_wrong_format),
		IN_DIR(test_temporary),
		IN_DIR(test_reopen),
		IN_DIR(test_sigkill),
		IN_DIR(test_uncommitted),
		IN_DIR(test_after_power_failure),
		IN_DIR(test_damaged),
	};

	return cmocka_run_group_tests(tests, make_top, remove_top);
}

// SPDX-License-Identifier: GPL-2.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <lmdb.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/digest.h"
#include "state/store.h"

#define MANY	10000
#define MAP_MB	64
#define FOREVER UINT64_MAX

struct place {
	char base[64], dir[80];
};

static void remove_tree(const char *dir)
{
	char cmd[128];

	snprintf(cmd, sizeof(cmd), "rm -rf '%s'", dir);
	assert_int_equal(system(cmd), 0);
}

static int setup(void **state)
{
	struct place *p = calloc(1, sizeof(*p));

	snprintf(p->base, sizeof(p->base), "/tmp/test-store-XXXXXX");
	if (digest_init() || !mkdtemp(p->base))
		return -1;
	snprintf(p->dir, sizeof(p->dir), "%s/state", p->base);
	*state = p;
	return 0;
}

static int teardown(void **state)
{
	struct place *p = *state;

	remove_tree(p->base);
	free(p);
	return 0;
}

static struct store *open_at(const char *dir, size_t max, size_t mb)
{
	struct store *s;

	assert_int_equal(store_open(&s, dir, max, mb), 0);
	return s;
}

static struct store *open_any(void)
{
	return open_at(NULL, MANY, MAP_MB);
}

static struct store_key key(const struct store *s, const char *a, uint32_t n)
{
	struct span in[] = { span_str(a), span_make(&n, sizeof(n)) };

	return store_key(s, in, 2);
}

static int put(struct store *s, enum store_table t, uint32_t n,
	       uint64_t expire_ms, const char *text)
{
	struct store_key k = key(s, "k", n);

	return store_put(s, t, &k, expire_ms, span_str(text));
}

static int del(struct store *s, enum store_table t, uint32_t n)
{
	struct store_key k = key(s, "k", n);

	return store_del(s, t, &k);
}

static int get(struct store *s, enum store_table t, uint32_t n, uint64_t now_ms,
	       struct span *v)
{
	struct store_key k = key(s, "k", n);

	return store_get(s, t, &k, now_ms, v);
}

static void holds(struct store *s, enum store_table t, uint32_t n,
		  uint64_t now_ms, const char *text)
{
	struct span v;

	assert_int_equal(get(s, t, n, now_ms, &v), 0);
	assert_true(span_eq(v, span_str(text)));
}

static void lacks(struct store *s, enum store_table t, uint32_t n,
		  uint64_t now_ms)
{
	struct span v;

	assert_int_equal(get(s, t, n, now_ms, &v), ENOENT);
}

/* ---- records ---- */

static void what_is_put_is_found(void **state)
{
	struct store *s = open_any();

	(void)state;
	lacks(s, STORE_CALL, 1, 0);
	assert_int_equal(put(s, STORE_CALL, 1, 100, "one"), 0);
	assert_int_equal(put(s, STORE_CALL, 2, 100, ""), 0);
	for (int committed = 0; committed < 2; committed++) {
		holds(s, STORE_CALL, 1, 0, "one");
		holds(s, STORE_CALL, 2, 0, "");
		lacks(s, STORE_DIALOG, 1, 0);
		assert_int_equal(store_count(s, STORE_CALL), 2);
		assert_int_equal(store_count(s, STORE_DIALOG), 0);
		assert_int_equal(store_commit(s), 0);
	}
	assert_int_equal(put(s, STORE_CALL, 1, 100, "another"), 0);
	holds(s, STORE_CALL, 1, 0, "another");
	assert_int_equal(store_count(s, STORE_CALL), 2);
	assert_int_equal(del(s, STORE_CALL, 1), 0);
	assert_int_equal(del(s, STORE_CALL, 1), ENOENT);
	lacks(s, STORE_CALL, 1, 0);
	assert_int_equal(store_count(s, STORE_CALL), 1);
	store_close(s);
}

static void a_large_value_comes_back(void **state)
{
	struct store *s = open_any();
	struct store_key k = key(s, "large", 0);
	static char text[140000];
	struct span v;

	(void)state;
	for (size_t i = 0; i < sizeof(text); i++)
		text[i] = (char)(i * 7 + i / 251);
	for (size_t n = 0; n <= sizeof(text); n += n / 2 + 1) {
		assert_int_equal(
			store_put(s, STORE_CLIENT, &k, 9, span_make(text, n)),
			0);
		assert_int_equal(store_commit(s), 0);
		assert_int_equal(store_get(s, STORE_CLIENT, &k, 0, &v), 0);
		assert_true(span_eq(v, span_make(text, n)));
	}
	store_close(s);
}

static void keys_take_spans_with_their_lengths(void **state)
{
	struct store *s = open_any(), *other = open_any();
	struct span ab_c[] = { SPAN_LIT("ab"), SPAN_LIT("c") };
	struct span a_bc[] = { SPAN_LIT("a"), SPAN_LIT("bc") };
	struct span abc[] = { SPAN_LIT("abc"), SPAN_LIT("") };
	struct store_key k[] = { store_key(s, ab_c, 2), store_key(s, a_bc, 2),
				 store_key(s, abc, 2), store_key(s, abc, 1),
				 store_key(other, ab_c, 2) };
	struct store_key again = store_key(s, ab_c, 2);

	(void)state;
	assert_memory_equal(&again, &k[0], sizeof(again));
	for (size_t i = 0; i < 5; i++) {
		for (size_t j = 0; j < i; j++)
			assert_memory_not_equal(&k[i], &k[j], sizeof(*k));
	}
	store_close(s);
	store_close(other);
}

static void a_full_table_refuses_new_records(void **state)
{
	struct store *s = open_at(NULL, 3, MAP_MB);

	(void)state;
	for (uint32_t i = 0; i < 3; i++)
		assert_int_equal(put(s, STORE_CALL, i, 100, "x"), 0);
	assert_int_equal(put(s, STORE_CALL, 3, 100, "x"), ENOSPC);
	assert_int_equal(put(s, STORE_DIALOG, 3, 100, "x"), 0);
	assert_int_equal(put(s, STORE_CALL, 2, 100, "y"), 0);
	holds(s, STORE_CALL, 2, 0, "y");
	assert_int_equal(del(s, STORE_CALL, 0), 0);
	assert_int_equal(put(s, STORE_CALL, 3, 100, "x"), 0);
	assert_int_equal(store_count(s, STORE_CALL), 3);
	store_close(s);
}

/* ---- time ---- */

static void a_record_ends_at_its_time(void **state)
{
	struct store *s = open_any();

	(void)state;
	assert_int_equal(put(s, STORE_CALL, 1, 100, "x"), 0);
	assert_int_equal(put(s, STORE_META, 1, FOREVER, "x"), 0);
	holds(s, STORE_CALL, 1, 99, "x");
	lacks(s, STORE_CALL, 1, 100);
	holds(s, STORE_META, 1, FOREVER - 1, "x");
	store_close(s);
}

static void sweep_takes_what_is_over(void **state)
{
	struct store *s = open_any();

	(void)state;
	for (uint32_t i = 0; i < 1000; i++) {
		assert_int_equal(
			put(s, (enum store_table)(i % 7), i, 1000 + i, "x"), 0);
	}
	assert_int_equal(put(s, STORE_META, 0, FOREVER, "x"), 0);
	assert_int_equal(store_sweep(s, 999, MANY), 0);
	assert_int_equal(store_sweep(s, 1000, MANY), 1);
	lacks(s, (enum store_table)0, 0, 0);
	assert_int_equal(store_sweep(s, 1499, 100), 100);
	assert_int_equal(store_sweep(s, 1499, MANY), 399);
	for (uint32_t i = 500; i < 1000; i++)
		holds(s, (enum store_table)(i % 7), i, 0, "x");
	assert_int_equal(store_sweep(s, FOREVER - 1, MANY), 500);
	for (int t = 0; t < STORE_META; t++)
		assert_int_equal(store_count(s, (enum store_table)t), 0);
	holds(s, STORE_META, 0, 0, "x");
	store_close(s);
}

static void replacing_moves_the_end(void **state)
{
	struct store *s = open_any();

	(void)state;
	assert_int_equal(put(s, STORE_CALL, 1, 100, "longer"), 0);
	assert_int_equal(put(s, STORE_CALL, 1, 500, "longer"), 0);
	assert_int_equal(put(s, STORE_CALL, 2, 500, "shorter"), 0);
	assert_int_equal(put(s, STORE_CALL, 2, 100, "shorter"), 0);
	assert_int_equal(put(s, STORE_CALL, 3, 100, "for ever"), 0);
	assert_int_equal(put(s, STORE_CALL, 3, FOREVER, "for ever"), 0);
	assert_int_equal(put(s, STORE_CALL, 4, FOREVER, "not now"), 0);
	assert_int_equal(put(s, STORE_CALL, 4, 500, "not now"), 0);
	assert_int_equal(put(s, STORE_CALL, 5, 100, "gone"), 0);
	assert_int_equal(del(s, STORE_CALL, 5), 0);
	assert_int_equal(store_sweep(s, 100, MANY), 1);
	lacks(s, STORE_CALL, 2, 0);
	holds(s, STORE_CALL, 1, 499, "longer");
	holds(s, STORE_CALL, 4, 499, "not now");
	assert_int_equal(put(s, STORE_CALL, 1, 300, "longer"), 0);
	assert_int_equal(store_sweep(s, 300, MANY), 1);
	assert_int_equal(store_sweep(s, FOREVER - 1, MANY), 1);
	holds(s, STORE_CALL, 3, FOREVER - 1, "for ever");
	assert_int_equal(store_count(s, STORE_CALL), 1);
	store_close(s);
}

/* Against a model: any order of changes, sweeps and commits. */
static void sweep_agrees_with_a_model(void **state)
{
	enum { KEYS = 200, STEPS = 20000 };
	struct store *s = open_any();
	uint64_t end[KEYS] = { 0 }, now = 1;
	uint32_t rnd = 1;

	(void)state;
	for (int i = 0; i < STEPS; i++) {
		uint32_t n, what;
		size_t over = 0, live = 0;

		rnd = rnd * 1664525 + 1013904223;
		n = rnd >> 8 & 0xffff;
		what = rnd >> 24 & 7;
		if (what < 5) {
			end[n % KEYS] = now + 1 + n / KEYS;
			assert_int_equal(put(s, STORE_CALL, n % KEYS,
					     end[n % KEYS], "value"),
					 0);
		} else if (what == 5) {
			assert_int_equal(del(s, STORE_CALL, n % KEYS),
					 end[n % KEYS] ? 0 : ENOENT);
			end[n % KEYS] = 0;
		} else if (what == 6) {
			assert_int_equal(store_commit(s), 0);
		} else {
			now += n % 16;
			for (uint32_t k = 0; k < KEYS; k++) {
				over += end[k] && end[k] <= now;
				end[k] = end[k] > now ? end[k] : 0;
				live += end[k] > 0;
			}
			assert_int_equal(store_sweep(s, now, MANY), over);
			assert_int_equal(store_count(s, STORE_CALL), live);
		}
	}
	store_close(s);
}

/* ---- a full map ---- */

static void a_full_map_loses_nothing(void **state)
{
	struct store *s = open_at(NULL, 1000000, 4);
	struct store_key k;
	static char text[900];
	uint32_t n = 0, left;
	struct span v;
	int err;

	(void)state;
	for (;; n++) {
		k = key(s, "k", n);
		memset(text, (int)n, sizeof(text));
		err = store_put(s, STORE_DIALOG, &k, 1000 + n,
				span_make(text, sizeof(text)));
		if (err)
			break;
		assert_true(n < 10000);
	}
	assert_int_equal(err, ENOSPC);
	assert_true(n > 1000); /* a good part of 4 MiB was used */
	assert_int_equal(store_commit(s), 0);
	for (uint32_t i = 0; i < n; i++) {
		k = key(s, "k", i);
		memset(text, (int)i, sizeof(text));
		assert_int_equal(store_get(s, STORE_DIALOG, &k, 0, &v), 0);
		assert_true(span_eq(v, span_make(text, sizeof(text))));
	}
	/* there is always room to remove */
	left = n / 4;
	assert_int_equal(store_sweep(s, 1000 + n - left - 1, n), n - left);
	assert_int_equal(store_count(s, STORE_DIALOG), left);
	assert_int_equal(store_commit(s), 0);
	/* and then room to put: records and large ones */
	for (uint32_t i = 0; i < n / 4; i++) {
		k = key(s, "again", i);
		assert_int_equal(store_put(s, STORE_DIALOG, &k, 5000,
					   span_make(text, sizeof(text))),
				 0);
	}
	assert_int_equal(store_commit(s), 0);
	assert_int_equal(store_count(s, STORE_DIALOG), left + n / 4);
	store_close(s);
}

/* Values of all sizes, until nothing fits, over and over. */
static void a_full_map_stays_usable(void **state)
{
	struct store *s = open_at(NULL, 1000000, 4);
	static char text[20000];
	uint32_t rnd = 7;
	uint64_t now = 0;

	(void)state;
	for (int round = 0; round < 20; round++) {
		uint32_t in = 0, refused = 0;

		for (uint32_t i = 0; refused < 20; i++) {
			struct store_key k = key(s, "k", i);
			size_t len;
			int err;

			rnd = rnd * 1664525 + 1013904223;
			len = (rnd >> 8) % (rnd & 0x80 ? sizeof(text) : 300);
			err = store_put(s, STORE_CLIENT, &k, now + 10,
					span_make(text, len));
			assert_true(err == 0 || err == ENOSPC);
			refused += err == ENOSPC;
			in += !err;
		}
		assert_true(in > 50);
		assert_int_equal(store_commit(s), 0);
		assert_int_equal(store_count(s, STORE_CLIENT), in);
		now += 10;
		assert_int_equal(store_sweep(s, now, 1000000), in);
		assert_int_equal(store_commit(s), 0);
	}
	store_close(s);
}

/* ---- files ---- */

static void records_outlive_the_store(void **state)
{
	struct place *p = *state;
	struct store *s = open_at(p->dir, MANY, MAP_MB);

	assert_int_equal(put(s, STORE_DIALOG, 1, 100, "one"), 0);
	assert_int_equal(store_commit(s), 0);
	store_sync(s);
	store_close(s);
	s = open_at(p->dir, MANY, MAP_MB);
	holds(s, STORE_DIALOG, 1, 0, "one");
	assert_int_equal(store_sweep(s, 100, MANY), 1);
	store_close(s);
}

static void one_daemon_at_a_time(void **state)
{
	struct place *p = *state;
	struct store *s = open_at(p->dir, MANY, MAP_MB), *second;

	assert_int_equal(put(s, STORE_DIALOG, 1, 100, "one"), 0);
	assert_int_equal(store_open(&second, p->dir, MANY, MAP_MB), EBUSY);
	holds(s, STORE_DIALOG, 1, 0, "one");
	store_close(s);
	s = open_at(p->dir, MANY, MAP_MB);
	store_close(s);
}

static void the_directory_is_ours_alone(void **state)
{
	struct place *p = *state;
	char missing[100];
	struct store *s = open_at(p->dir, MANY, MAP_MB);
	struct stat st;

	store_close(s);
	assert_int_equal(stat(p->dir, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
	assert_int_equal(chmod(p->dir, 0750), 0);
	assert_int_equal(store_open(&s, p->dir, MANY, MAP_MB), EACCES);
	assert_int_equal(chmod(p->dir, 0701), 0);
	assert_int_equal(store_open(&s, p->dir, MANY, MAP_MB), EACCES);
	assert_int_equal(chmod(p->dir, 0700), 0);
	if (geteuid() == 0) {
		assert_int_equal(chown(p->dir, 12345, 12345), 0);
		assert_int_equal(store_open(&s, p->dir, MANY, MAP_MB), EACCES);
		assert_int_equal(chown(p->dir, 0, 0), 0);
	}
	s = open_at(p->dir, MANY, MAP_MB);
	store_close(s);

	snprintf(missing, sizeof(missing), "%s/no/state", p->base);
	assert_int_equal(store_open(&s, missing, MANY, MAP_MB), ENOENT);
	snprintf(missing, sizeof(missing), "%s/link", p->base);
	assert_int_equal(symlink(p->dir, missing), 0);
	assert_int_equal(store_open(&s, missing, MANY, MAP_MB), EACCES);
}

/* The file as LMDB sees it, from outside. */
static MDB_env *env_of(const struct place *p)
{
	char file[100];
	MDB_env *env;

	snprintf(file, sizeof(file), "%s/store.mdb", p->dir);
	assert_int_equal(mdb_env_create(&env), 0);
	assert_int_equal(mdb_env_set_maxdbs(env, 1), 0);
	assert_int_equal(
		mdb_env_open(env, file, MDB_NOSUBDIR | MDB_NOLOCK, 0600), 0);
	return env;
}

static void set_version(const struct place *p, uint32_t version)
{
	MDB_env *env = env_of(p);
	MDB_txn *txn;
	MDB_dbi about;
	char name[] = "version";
	MDB_val k = { 7, name }, v = { sizeof(version), &version };

	assert_int_equal(mdb_txn_begin(env, NULL, 0, &txn), 0);
	assert_int_equal(mdb_dbi_open(txn, "about", 0, &about), 0);
	assert_int_equal(mdb_put(txn, about, &k, &v, 0), 0);
	assert_int_equal(mdb_txn_commit(txn), 0);
	mdb_env_close(env);
}

static uint32_t pages_of(const struct place *p)
{
	MDB_env *env = env_of(p);
	MDB_envinfo info;

	assert_int_equal(mdb_env_info(env, &info), 0);
	mdb_env_close(env);
	return (uint32_t)info.me_last_pgno + 1;
}

static void another_version_is_refused(void **state)
{
	struct place *p = *state;
	struct store *s = open_at(p->dir, MANY, MAP_MB);
	char file[100];
	FILE *f;

	assert_int_equal(put(s, STORE_DIALOG, 1, 100, "one"), 0);
	store_close(s);
	set_version(p, 99);
	assert_int_equal(store_open(&s, p->dir, MANY, MAP_MB), EINVAL);
	set_version(p, 1);
	s = open_at(p->dir, MANY, MAP_MB);
	holds(s, STORE_DIALOG, 1, 0, "one");
	store_close(s);

	snprintf(file, sizeof(file), "%s/store.mdb", p->dir);
	f = fopen(file, "w");
	assert_non_null(f);
	for (int i = 0; i < 10000; i++)
		fputs("no database ", f);
	fclose(f);
	assert_int_equal(store_open(&s, p->dir, MANY, MAP_MB), EINVAL);
	assert_int_equal(unlink(file), 0);
	s = open_at(p->dir, MANY, MAP_MB);
	lacks(s, STORE_DIALOG, 1, 0);
	store_close(s);
}

static void a_smaller_map_still_opens(void **state)
{
	struct place *p = *state;
	struct store *s = open_at(p->dir, MANY, MAP_MB);
	static char text[9000];
	struct store_key k;

	for (uint32_t i = 0; i < 2000; i++) {
		k = key(s, "k", i);
		assert_int_equal(store_put(s, STORE_DIALOG, &k, 100,
					   span_make(text, sizeof(text))),
				 0);
	}
	store_close(s);
	s = open_at(p->dir, MANY, 4);
	assert_int_equal(store_count(s, STORE_DIALOG), 2000);
	assert_int_equal(store_put(s, STORE_CALL, &k, 100,
				   span_make(text, sizeof(text))),
			 ENOSPC);
	assert_int_equal(store_sweep(s, 100, 2000), 2000);
	assert_int_equal(store_put(s, STORE_CALL, &k, 100,
				   span_make(text, sizeof(text))),
			 0);
	store_close(s);
}

/* ---- a full disk ---- */

static int fill_disk(const char *dir)
{
	static char text[900];
	struct store_key k;
	struct span v;
	struct store *s;
	uint32_t n = 0;

	if (unshare(CLONE_NEWNS) ||
	    mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	    mount("none", dir, "tmpfs", 0, "size=24m,mode=700"))
		return 77;
	if (store_open(&s, dir, 1000000, MAP_MB))
		return 1;
	for (;; n++) {
		int err;

		k = key(s, "k", n);
		memset(text, (int)n, sizeof(text));
		err = store_put(s, STORE_DIALOG, &k, 1000 + n,
				span_make(text, sizeof(text)));
		if (err && (err != ENOSPC || n < 5000))
			return 2;
		if (err)
			break;
	}
	if (store_commit(s))
		return 3;
	for (uint32_t i = 0; i < n; i++) {
		k = key(s, "k", i);
		memset(text, (int)i, sizeof(text));
		if (store_get(s, STORE_DIALOG, &k, 0, &v) ||
		    !span_eq(v, span_make(text, sizeof(text))))
			return 4;
	}
	if (store_sweep(s, 1000 + n, n) != n || store_commit(s))
		return 5;
	if (store_put(s, STORE_DIALOG, &k, 1000, span_str("room again")) ||
	    store_commit(s))
		return 6;
	store_close(s);
	return 0;
}

static void a_full_disk_is_an_error(void **state)
{
	struct place *p = *state;
	int status;
	pid_t pid;

	assert_int_equal(mkdir(p->dir, 0700), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (!pid)
		_exit(fill_disk(p->dir));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 77)
		skip(); /* needs root */
	assert_int_equal(status, 0);
}

/* ---- SIGKILL ---- */

static void value_of(char out[200], uint32_t n)
{
	int used = snprintf(out, 200, "value %u", n);
	size_t more = 50 + n % 100;

	memset(out + used, (int)('a' + n % 26), more);
	out[(size_t)used + more] = '\0';
}

/* Write for ever; tell each number once it is committed. */
static _Noreturn void write_for_ever(const char *dir, uint32_t first, int to)
{
	struct store *s;
	char text[200];

	if (store_open(&s, dir, 1000000, MAP_MB))
		_exit(1);
	for (uint32_t n = first;; n++) {
		value_of(text, n);
		if (put(s, STORE_DIALOG, n, 1000000 + n, text) ||
		    put(s, STORE_CALL, n, 1000 + n, text) ||
		    (n > first + 50 && store_sweep(s, 1000 + n - 50, 3) > 3) ||
		    store_commit(s) || write(to, &n, sizeof(n)) != sizeof(n))
			_exit(1);
		if (n % 100 == 0)
			store_sync(s);
	}
}

/* Kill the child once it has told `after` numbers; the last one it told. */
static uint32_t kill_after(pid_t pid, int from, uint32_t after)
{
	uint32_t n, last = 0;
	int status;

	for (uint32_t i = 0; i < after; i++) {
		assert_int_equal(read(from, &n, sizeof(n)), sizeof(n));
		last = n;
	}
	assert_int_equal(kill(pid, SIGKILL), 0);
	/* what it told between our reading and its death */
	while (read(from, &n, sizeof(n)) == sizeof(n))
		last = n;
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	return last;
}

static void sigkill_loses_nothing_committed(void **state)
{
	struct place *p = *state;
	uint32_t next = 1, rnd = 3;
	char text[200];

	for (int round = 0; round < 40; round++) {
		int pipes[2];
		pid_t pid;
		uint32_t last;
		struct store *s;

		rnd = rnd * 1664525 + 1013904223;
		assert_int_equal(pipe(pipes), 0);
		pid = fork();
		assert_true(pid >= 0);
		if (!pid) {
			close(pipes[0]);
			write_for_ever(p->dir, next, pipes[1]);
		}
		close(pipes[1]);
		last = kill_after(pid, pipes[0], 1 + (rnd >> 8) % 300);
		close(pipes[0]);

		s = open_at(p->dir, 1000000, MAP_MB);
		for (uint32_t n = 1; n <= last; n++) {
			value_of(text, n);
			holds(s, STORE_DIALOG, n, 0, text);
		}
		for (uint32_t n = last > 40 ? last - 40 : 1; n <= last; n++) {
			value_of(text, n);
			holds(s, STORE_CALL, n, 0, text);
		}
		store_close(s);
		next = last + 1;
	}
}

/* ---- power failures ---- */

/* As a machine leaves it that went down with the store open. */
static void leave_marked(const struct place *p, const char *boot_id)
{
	char file[100];
	FILE *f;

	snprintf(file, sizeof(file), "%s/lock", p->dir);
	f = fopen(file, "w");
	assert_non_null(f);
	fputs(boot_id, f);
	fclose(f);
}

#define OTHER_BOOT "00000000-0000-0000-0000-000000000000"

static void fill(const struct place *p, uint32_t n)
{
	struct store *s = open_at(p->dir, MANY, MAP_MB);
	char text[200];

	for (uint32_t i = 0; i < n; i++) {
		value_of(text, i);
		assert_int_equal(put(s, STORE_DIALOG, i, 1000 + i, text), 0);
		assert_int_equal(put(s, STORE_NONCE, i, 1000 + i, text), 0);
		assert_int_equal(put(s, STORE_CLIENT, i, 1000 + i, text), 0);
	}
	assert_int_equal(put(s, STORE_META, 0, FOREVER, "secret"), 0);
	store_close(s);
}

static void power_failure_keeps_what_is_whole(void **state)
{
	struct place *p = *state;
	struct store *s;
	char text[200];

	fill(p, 3000);
	leave_marked(p, OTHER_BOOT);
	s = open_at(p->dir, MANY, MAP_MB);
	assert_int_equal(store_count(s, STORE_DIALOG), 3000);
	assert_int_equal(store_count(s, STORE_NONCE), 3000);
	assert_int_equal(store_count(s, STORE_CLIENT), 0);
	for (uint32_t i = 0; i < 3000; i++) {
		value_of(text, i);
		holds(s, STORE_DIALOG, i, 0, text);
	}
	holds(s, STORE_META, 0, 0, "secret");
	assert_int_equal(store_sweep(s, 1999, MANY), 2000);
	store_close(s);

	/* the same file, with its other tables, when nothing happened */
	fill(p, 3000);
	s = open_at(p->dir, MANY, MAP_MB);
	assert_int_equal(store_count(s, STORE_CLIENT), 3000);
	store_close(s);
}

/* Pages overwritten by others' contents, as a mix of two states has them. */
static void damage(const struct place *p, uint32_t *rnd)
{
	char file[100], page[4096];
	uint32_t pages = pages_of(p);
	int fd;

	snprintf(file, sizeof(file), "%s/store.mdb", p->dir);
	fd = open(file, O_RDWR);
	assert_true(fd >= 0);
	for (int i = 0; i < 8; i++) {
		off_t from, to;

		*rnd = *rnd * 1664525 + 1013904223;
		from = (off_t)((*rnd >> 8) % pages) * 4096;
		*rnd = *rnd * 1664525 + 1013904223;
		to = (off_t)((*rnd >> 8) % pages) * 4096;
		assert_int_equal(pread(fd, page, 4096, from), 4096);
		if (*rnd & 0x40)
			memset(page, (int)(*rnd >> 24), 4096);
		assert_int_equal(pwrite(fd, page, 4096, to), 4096);
	}
	close(fd);
}

static void a_damaged_file_is_never_trusted(void **state)
{
	struct place *p = *state;
	uint32_t rnd = 5, found = 0;
	char text[200];

	for (int round = 0; round < 20; round++) {
		struct store *s;
		struct span v;

		remove_tree(p->dir);
		fill(p, 500);
		damage(p, &rnd);
		leave_marked(p, OTHER_BOOT);
		s = open_at(p->dir, MANY, MAP_MB);
		for (uint32_t i = 0; i < 500; i++) {
			value_of(text, i);
			if (get(s, STORE_DIALOG, i, 0, &v))
				continue;
			assert_true(span_eq(v, span_str(text)));
			found++;
		}
		/* and it works */
		for (uint32_t i = 0; i < 500; i++)
			assert_int_equal(put(s, STORE_DIALOG, i, 1000, "new"),
					 0);
		assert_int_equal(store_commit(s), 0);
		assert_true(store_sweep(s, 1000, MANY) >= 500);
		store_close(s);
	}
	assert_true(found > 1000);
}

static void no_trace_of_temporary_stores(void **state)
{
	struct store *s = open_any();
	char cmd[100];

	(void)state;
	assert_int_equal(put(s, STORE_CALL, 1, 100, "one"), 0);
	store_sync(s);
	snprintf(cmd, sizeof(cmd), "ls -l /proc/%d/fd | grep -q /tmp/sipseal-",
		 getpid());
	assert_int_equal(system(cmd), 0);
	store_close(s);
	assert_int_not_equal(system(cmd), 0);
	store_close(NULL);
}

#define WITH_PLACE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

static int init(void **state)
{
	(void)state;
	return digest_init();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_put_is_found),
		cmocka_unit_test(a_large_value_comes_back),
		cmocka_unit_test(keys_take_spans_with_their_lengths),
		cmocka_unit_test(a_full_table_refuses_new_records),
		cmocka_unit_test(a_record_ends_at_its_time),
		cmocka_unit_test(sweep_takes_what_is_over),
		cmocka_unit_test(replacing_moves_the_end),
		cmocka_unit_test(sweep_agrees_with_a_model),
		cmocka_unit_test(a_full_map_loses_nothing),
		cmocka_unit_test(a_full_map_stays_usable),
		cmocka_unit_test(no_trace_of_temporary_stores),
		WITH_PLACE(records_outlive_the_store),
		WITH_PLACE(one_daemon_at_a_time),
		WITH_PLACE(the_directory_is_ours_alone),
		WITH_PLACE(another_version_is_refused),
		WITH_PLACE(a_smaller_map_still_opens),
		WITH_PLACE(a_full_disk_is_an_error),
		WITH_PLACE(sigkill_loses_nothing_committed),
		WITH_PLACE(power_failure_keeps_what_is_whole),
		WITH_PLACE(a_damaged_file_is_never_trusted),
	};

	return cmocka_run_group_tests(tests, init, NULL);
}

// SPDX-License-Identifier: GPL-2.0-or-later
/* The store in tight places: full maps, full disks, and any order of events. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/digest.h"
#include "state/store.h"

#define MANY   10000
#define MAP_MB 64

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

	*state = p;
	snprintf(p->base, sizeof(p->base), "/tmp/test-store-XXXXXX");
	if (digest_init() || !mkdtemp(p->base))
		return -1;
	snprintf(p->dir, sizeof(p->dir), "%s/state", p->base);
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

static struct store_key key(const struct store *s, const char *a, uint32_t n)
{
	struct span in[] = { span_str(a), span_make(&n, sizeof(n)) };

	return store_key(s, in, 2);
}

static int put(struct store *s, uint32_t n, uint64_t expire_ms,
	       struct span value)
{
	struct store_key k = key(s, "k", n);

	return store_put(s, STORE_CALL, &k, expire_ms, value);
}

/* Whatever the order of changes, sweeps and commits. */
static void sweep_agrees_with_a_model(void **state)
{
	enum { KEYS = 200, STEPS = 20000 };
	struct store *s = open_at(NULL, MANY, MAP_MB);
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
			assert_int_equal(put(s, n % KEYS, end[n % KEYS],
					     SPAN_LIT("value")),
					 0);
		} else if (what == 5) {
			struct store_key k = key(s, "k", n % KEYS);

			assert_int_equal(store_del(s, STORE_CALL, &k),
					 end[n % KEYS] ? 0 : ENOENT);
			end[n % KEYS] = 0;
		} else if (what == 6) {
			store_commit(s);
		} else {
			now += n % 16;
			for (uint32_t k = 0; k < KEYS; k++) {
				over += end[k] && end[k] <= now;
				end[k] = end[k] > now ? end[k] : 0;
				live += end[k] > 0;
			}
			assert_int_equal(store_settle(s, now, MANY), over);
			assert_int_equal(store_count(s, STORE_CALL), live);
		}
	}
	store_close(s);
}

/* ---- a full map ---- */

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
		store_commit(s);
		assert_int_equal(store_count(s, STORE_CLIENT), in);
		now += 10;
		assert_int_equal(store_settle(s, now, 1000000), in);
		store_commit(s);
	}
	store_close(s);
}

/* A file that is larger than the map may be: nothing new, but it empties. */
static void a_smaller_map_still_opens(void **state)
{
	struct place *p = *state;
	struct store *s = open_at(p->dir, MANY, MAP_MB);
	static char text[9000];
	const struct span value = span_make(text, sizeof(text));
	uint32_t n, old = 2000;

	for (n = 0; n < old; n++)
		assert_int_equal(put(s, n, 100, value), 0);
	store_close(s);
	s = open_at(p->dir, MANY, 4);
	assert_int_equal(store_count(s, STORE_CALL), old);
	/* free pages there may be are used */
	while (n < MANY && !put(s, n, 100, value))
		n++;
	assert_true(n < old + old / 2);
	assert_int_equal(put(s, n, 100, value), ENOSPC);
	store_commit(s);
	assert_int_equal(store_count(s, STORE_CALL), n);
	assert_int_equal(store_settle(s, 100, MANY), n);
	for (n = 0; n < old / 2; n++)
		assert_int_equal(put(s, n, 100, value), 0);
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
	store_commit(s);
	for (uint32_t i = 0; i < n; i++) {
		k = key(s, "k", i);
		memset(text, (int)i, sizeof(text));
		if (store_get(s, STORE_DIALOG, &k, 0, &v) ||
		    !span_eq(v, span_make(text, sizeof(text))))
			return 4;
	}
	if (store_settle(s, 1000 + n, n) != n)
		return 5;
	if (store_put(s, STORE_DIALOG, &k, 1000, span_str("room again")))
		return 6;
	store_commit(s);
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

#define WITH_PLACE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

static int init(void **state)
{
	(void)state;
	return digest_init();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sweep_agrees_with_a_model),
		cmocka_unit_test(a_full_map_stays_usable),
		WITH_PLACE(a_smaller_map_still_opens),
		WITH_PLACE(a_full_disk_is_an_error),
	};

	return cmocka_run_group_tests(tests, init, NULL);
}

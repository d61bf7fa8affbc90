/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A home of plain files, and somebody who "reads" it when he is told to. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "io/keywatch.h"

static struct world {
	uv_loop_t loop;
	struct keywatch *watch;
	char home[64];
	unsigned int loads;
	int refuse;
	void (*done)(void *arg, const char *error);
	void *arg;
	bool touches; /* reading changes a file, as gpg's does */
} w;

static void put(const char *name, const char *text)
{
	char path[128];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", w.home, name);
	f = fopen(path, "a");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

static int load(void *ctx, void (*done)(void *arg, const char *error),
		void *arg)
{
	assert_ptr_equal(ctx, &w);
	assert_null(w.done);
	w.loads++;
	if (w.refuse)
		return w.refuse;
	w.done = done;
	w.arg = arg;
	if (w.touches)
		put("trustdb.gpg", "x");
	return 0;
}

static void finish(const char *error)
{
	void (*done)(void *arg, const char *error) = w.done;

	assert_non_null(done);
	w.done = NULL;
	done(w.arg, error);
}

#define TICK_MS 10

static void tick(uv_timer_t *t)
{
	++*(uint64_t *)t->data;
}

/*
 * Run the loop until so many loads have begun, or for so long. Loads seen. Time
 * in which the machine did not let the loop run does not count.
 */
static unsigned int run(unsigned int loads, uint64_t ms)
{
	static uv_timer_t clock;
	uint64_t ticks = 0;

	uv_timer_init(&w.loop, &clock);
	clock.data = &ticks;
	uv_timer_start(&clock, tick, TICK_MS, TICK_MS);
	while (ticks * TICK_MS < ms && w.loads < loads)
		uv_run(&w.loop, UV_RUN_ONCE);
	uv_close((uv_handle_t *)&clock, NULL);
	uv_run(&w.loop, UV_RUN_NOWAIT);
	return w.loads;
}

#define SOON  60000 /* a limit, not a wait */
#define QUIET 700   /* in which nothing must come */

static int setup(void **state)
{
	(void)state;
	memset(&w, 0, sizeof(w));
	uv_loop_init(&w.loop);
	strcpy(w.home, "/tmp/test-keywatch-XXXXXX");
	assert_non_null(mkdtemp(w.home));
	put("pubring.kbx", "1");
	assert_int_equal(keywatch_open(&w.watch, &w.loop, w.home, KEYWATCH_ALL,
				       load, &w),
			 0);
	return 0;
}

static int teardown(void **state)
{
	char cmd[96];

	(void)state;
	keywatch_close(w.watch);
	uv_run(&w.loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&w.loop), 0);
	snprintf(cmd, sizeof(cmd), "rm -rf %s", w.home);
	return system(cmd);
}

/* Who looks at keys only is not called for what gpg thinks of them. */
static void test_keys_only(void **state)
{
	struct keywatch *keys;

	(void)state;
	assert_int_equal(
		keywatch_open(&keys, &w.loop, w.home, KEYWATCH_KEYS, load, &w),
		0);
	keywatch_start(keys);
	put("trustdb.gpg", "1");
	assert_int_equal(run(1, QUIET), 0);
	put("pubring.kbx", "2");
	assert_int_equal(run(1, SOON), 1);
	finish(NULL);
	keywatch_close(keys);
}

static void test_change(void **state)
{
	uint64_t start;

	(void)state;
	keywatch_start(w.watch);
	assert_int_equal(run(1, QUIET), 0);
	start = clock_steady_ns();
	put("pubring.kbx", "2");
	/* debounced, and soon all the same */
	assert_int_equal(run(1, 3000), 1);
	assert_in_range((clock_steady_ns() - start) / 1000000, 250, SOON);
	finish(NULL);
	assert_int_equal(run(2, QUIET), 1);
}

/* Between the opening of the watch and the first reading of the home. */
static void test_change_before_start(void **state)
{
	(void)state;
	put("pubring.kbx", "2");
	keywatch_start(w.watch);
	assert_int_equal(run(1, SOON), 1);
	finish(NULL);
	assert_int_equal(run(2, QUIET), 1);
}

/* Locks, temporary files, sockets: gpg makes them when it only reads. */
static void test_other_files(void **state)
{
	(void)state;
	keywatch_start(w.watch);
	put(".#lk0x1.host.1", "1");
	put("S.gpg-agent", "1");
	put("random_seed", "1");
	assert_int_equal(run(1, QUIET), 0);
}

static uint64_t last_poke, longest_pause;

static void poke_seen(void)
{
	uint64_t now = clock_steady_ns() / 1000000;

	if (last_poke && now - last_poke > longest_pause)
		longest_pause = now - last_poke;
	last_poke = now;
}

static void on_poke(uv_timer_t *t)
{
	(void)t;
	poke_seen();
	put("pubring.kbx", "x");
}

/* Written to all the time, every tenth of a second. */
static void test_never_quiet(void **state)
{
	static uv_timer_t poke;
	uint64_t start;

	(void)state;
	keywatch_start(w.watch);
	uv_timer_init(&w.loop, &poke);
	start = clock_steady_ns();
	uv_timer_start(&poke, on_poke, 1, 100);
	assert_int_equal(run(1, 4000), 1);
	poke_seen();
	/* not before its time, unless the machine made it quiet */
	if (longest_pause < 250)
		assert_in_range((clock_steady_ns() - start) / 1000000, 800,
				SOON);
	uv_close((uv_handle_t *)&poke, NULL);
	finish(NULL);
}

/* Reading that writes must come to an end. */
static void test_no_loop(void **state)
{
	(void)state;
	keywatch_start(w.watch);
	w.touches = true;
	put("pubring.kbx", "2");
	for (unsigned int i = 1; i <= 4; i++) {
		assert_int_equal(run(i, SOON), i);
		finish(NULL);
	}
	assert_int_equal(run(5, QUIET), 4);
	/* and a change is still seen */
	w.touches = false;
	put("pubring.kbx", "3");
	assert_int_equal(run(5, SOON), 5);
	finish(NULL);
	assert_int_equal(run(6, QUIET), 5);
}

/* What changes during a reading is read by another one. */
static void test_change_meanwhile(void **state)
{
	(void)state;
	keywatch_start(w.watch);
	put("pubring.kbx", "2");
	assert_int_equal(run(1, SOON), 1);
	put("pubring.kbx", "3");
	assert_int_equal(run(2, 400), 1);
	finish(NULL);
	assert_int_equal(run(2, SOON), 2);
	finish(NULL);
	assert_int_equal(run(3, QUIET), 2);
}

static void test_failure(void **state)
{
	(void)state;
	keywatch_start(w.watch);
	put("pubring.kbx", "2");
	assert_int_equal(run(1, SOON), 1);
	finish("half of it is there");
	/* by itself … */
	assert_int_equal(run(2, SOON), 2);
	finish("half of it is there");
	/* … and at once when it is mended */
	put("pubring.kbx", "3");
	assert_int_equal(run(3, 1500), 3);
	finish(NULL);
	assert_int_equal(run(4, QUIET), 3);
}

static void test_busy(void **state)
{
	(void)state;
	keywatch_start(w.watch);
	w.refuse = EBUSY;
	put("pubring.kbx", "2");
	assert_int_equal(run(2, SOON), 2);
	w.refuse = 0;
	assert_int_equal(run(3, SOON), 3);
	finish(NULL);
	assert_int_equal(run(4, QUIET), 3);
}

/* A directory that came later, and the home replaced by another. */
static void test_directories(void **state)
{
	char path[128], old[96];

	(void)state;
	keywatch_start(w.watch);
	snprintf(path, sizeof(path), "%s/private-keys-v1.d", w.home);
	assert_int_equal(mkdir(path, 0700), 0);
	assert_int_equal(run(1, SOON), 1);
	finish(NULL);
	assert_int_equal(run(2, QUIET), 1);
	put("private-keys-v1.d/A.key", "1");
	assert_int_equal(run(2, SOON), 2);
	finish(NULL);

	snprintf(old, sizeof(old), "%s.old", w.home);
	assert_int_equal(rename(w.home, old), 0);
	assert_int_equal(mkdir(w.home, 0700), 0);
	assert_int_equal(run(3, SOON), 3);
	finish("no keyring");
	put("pubring.kbx", "2");
	assert_int_equal(run(4, SOON), 4);
	finish(NULL);
	snprintf(path, sizeof(path), "rm -rf %s", old);
	assert_int_equal(system(path), 0);
}

/* The loop ends while a reading is under way. */
static void test_closed_meanwhile(void **state)
{
	(void)state;
	keywatch_start(w.watch);
	put("pubring.kbx", "2");
	assert_int_equal(run(1, SOON), 1);
	keywatch_close(w.watch);
	w.watch = NULL;
	uv_run(&w.loop, UV_RUN_DEFAULT);
	finish(NULL);
}

static void test_no_home(void **state)
{
	struct keywatch *none;

	(void)state;
	assert_int_equal(keywatch_open(&none, &w.loop, "/tmp/no-such-home",
				       KEYWATCH_ALL, load, &w),
			 0);
	keywatch_start(none);
	keywatch_close(none);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_keys_only),
		TEST(test_change),
		TEST(test_change_before_start),
		TEST(test_other_files),
		TEST(test_never_quiet),
		TEST(test_no_loop),
		TEST(test_change_meanwhile),
		TEST(test_failure),
		TEST(test_busy),
		TEST(test_directories),
		TEST(test_closed_meanwhile),
		TEST(test_no_home),
	};

	log_open(false, 0);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

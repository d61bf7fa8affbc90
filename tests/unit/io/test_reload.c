/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "io/reload.h"

/* ---- made-up files ---- */

static struct conf on_disk;
static int conf_error, trust_error, conf_loads;
static int a_trust;

int conf_load(struct conf *c, const char *file,
	      void (*report)(const char *line))
{
	assert_string_equal(file, "file");
	conf_loads++;
	*c = on_disk;
	if (conf_error) {
		report("file:3: first");
		report("file:4: second");
	}
	return conf_error;
}

int trust_load(struct trust **out, const char *home)
{
	assert_string_equal(home, "home");
	if (!trust_error)
		*out = (struct trust *)&a_trust;
	return trust_error;
}

/* ---- the test's side ---- */

static uv_loop_t loop;
static struct reload *reload;
static struct conf running, *taken;
static int done_calls;
static char answer[256];

static void take(void *ctx, struct conf *conf, struct trust *trust)
{
	assert_ptr_equal(ctx, &loop);
	assert_ptr_equal(trust, &a_trust);
	assert_int_equal(done_calls, 0);
	taken = conf;
}

static void done(void *arg, const char *error)
{
	assert_ptr_equal(arg, &running);
	done_calls++;
	strcpy(answer, error ? error : "fine");
}

static int setup(void **state)
{
	(void)state;
	conf_error = trust_error = done_calls = conf_loads = 0;
	taken = NULL;
	memset(&running, 0, sizeof(running));
	strcpy(running.file, "file");
	strcpy(running.gnupg_home, "home");
	running.queue_in = 5061;
	running.hold_ms = 1;
	on_disk = running;
	uv_loop_init(&loop);
	return reload_open(&reload, &loop, take, &loop);
}

static int teardown(void **state)
{
	(void)state;
	reload_free(reload);
	free(taken);
	return uv_loop_close(&loop);
}

static void run(void)
{
	assert_int_equal(reload_start(reload, &running, done, &running), 0);
	assert_int_equal(reload_start(reload, &running, done, &running), EBUSY);
	assert_int_equal(done_calls, 0);
	uv_run(&loop, UV_RUN_DEFAULT);
	assert_int_equal(done_calls, 1);
}

static void test_taken(void **state)
{
	(void)state;
	on_disk.hold_ms = 2;
	on_disk.queue_in = 7;
	strcpy(on_disk.gnupg_home, "elsewhere");
	run();
	assert_string_equal(answer, "fine");
	assert_non_null(taken);
	assert_int_equal(taken->hold_ms, 2);
	/* what can't change did not */
	assert_int_equal(taken->queue_in, 5061);
	assert_string_equal(taken->gnupg_home, "home");
}

static void test_conf_fault(void **state)
{
	(void)state;
	conf_error = EINVAL;
	run();
	assert_string_equal(answer, "file:3: first");
	assert_null(taken);
	/* and then it is mended */
	conf_error = done_calls = 0;
	run();
	assert_string_equal(answer, "fine");
}

static void test_trust_fault(void **state)
{
	(void)state;
	trust_error = EACCES;
	run();
	assert_string_equal(answer, "the keyring can't be read");
	assert_null(taken);
}

static void test_nobody_asks(void **state)
{
	(void)state;
	assert_int_equal(reload_start(reload, &running, NULL, NULL), 0);
	uv_run(&loop, UV_RUN_DEFAULT);
	assert_non_null(taken);
}

/* The keyring alone; what was asked for meanwhile comes after it. */
static void test_keys(void **state)
{
	(void)state;
	assert_int_equal(reload_keys(reload, &running, done, &running), 0);
	assert_int_equal(reload_keys(reload, &running, done, &running), EBUSY);
	uv_run(&loop, UV_RUN_DEFAULT);
	assert_int_equal(done_calls, 1);
	assert_int_equal(conf_loads, 0);
	assert_null(taken);
}

static void test_keys_first(void **state)
{
	(void)state;
	assert_int_equal(reload_keys(reload, &running, NULL, NULL), 0);
	run();
	assert_string_equal(answer, "fine");
	assert_int_equal(conf_loads, 1);
	assert_non_null(taken);
}

static void test_stop(void **state)
{
	(void)state;
	assert_int_equal(reload_keys(reload, &running, NULL, NULL), 0);
	assert_int_equal(reload_start(reload, &running, done, &running), 0);
	reload_stop(reload);
	assert_int_equal(done_calls, 1);
	assert_string_equal(answer, "the daemon stops");
	done_calls = 0;
	uv_run(&loop, UV_RUN_DEFAULT);
	assert_int_equal(done_calls, 0);
	assert_int_equal(conf_loads, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_taken, setup, teardown),
		cmocka_unit_test_setup_teardown(test_conf_fault, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_trust_fault, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_nobody_asks, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_keys, setup, teardown),
		cmocka_unit_test_setup_teardown(test_keys_first, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_stop, setup, teardown),
	};

	log_open(false, 0);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

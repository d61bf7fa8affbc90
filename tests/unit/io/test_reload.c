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
#include "crypto/trust_build.h"
#include "io/reload.h"

/* ---- made-up files ---- */

static struct conf on_disk;
static int conf_error, trust_error, look_error, conf_loads;
/* what reads, on another thread, waits for this */
static uv_sem_t gate;
static struct trust *was_before;

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

int trust_load(struct trust **out, const char *home, unsigned int limit_ms)
{
	assert_string_equal(home, "home");
	assert_int_equal(limit_ms, 60000);
	uv_sem_wait(&gate);
	if (!trust_error)
		*out = trust_new(false, 1000);
	return trust_error;
}

int trust_load_keys(struct trust **out, const char *home, unsigned int limit_ms,
		    const struct trust *before)
{
	assert_string_equal(home, "home");
	assert_int_equal(limit_ms, 60000);
	assert_non_null(before);
	was_before = (struct trust *)before;
	if (!look_error)
		*out = trust_new(false, 1000);
	return look_error;
}

/* ---- the test's side ---- */

static uv_loop_t loop;
static struct reload *reload;
static struct conf running, *taken;
static struct trust *first, *now;
static int done_calls, looks, wholes;
static char answer[256];

static void take(void *ctx, struct conf *conf, struct trust *trust, bool whole)
{
	assert_ptr_equal(ctx, &loop);
	assert_non_null(trust);
	assert_int_equal(done_calls, 0);
	if (conf)
		taken = conf;
	trust_free(now);
	now = trust;
	wholes += whole;
	looks += !whole;
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
	conf_error = trust_error = look_error = done_calls = conf_loads = 0;
	looks = wholes = 0;
	now = NULL;
	first = trust_new(false, 1000);
	assert_int_equal(uv_sem_init(&gate, 1000), 0);
	taken = NULL;
	memset(&running, 0, sizeof(running));
	strcpy(running.file, "file");
	strcpy(running.gnupg_home, "home");
	running.queue_in = 5061;
	running.hold_ms = 1;
	running.keyring_timeout_s = 60;
	on_disk = running;
	uv_loop_init(&loop);
	return reload_open(&reload, &loop, first, take, &loop);
}

static int teardown(void **state)
{
	(void)state;
	reload_free(reload);
	free(taken);
	trust_free(now);
	trust_free(first);
	uv_sem_destroy(&gate);
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

/* The last part of a reading is a look of its own, by what was read. */
static void test_look_fault(void **state)
{
	(void)state;
	look_error = EIO;
	run();
	assert_string_equal(answer, "the keyring can't be read");
	assert_null(taken);
	assert_null(now);
}

static void test_look(void **state)
{
	(void)state;
	assert_int_equal(reload_look(reload, &running, done, &running), 0);
	assert_int_equal(reload_look(reload, &running, done, &running), EBUSY);
	uv_run(&loop, UV_RUN_DEFAULT);
	assert_int_equal(done_calls, 1);
	assert_string_equal(answer, "fine");
	assert_int_equal(looks, 1);
	assert_int_equal(wholes, 0);
	assert_ptr_equal(was_before, first);
}

static void on_check(uv_check_t *c)
{
	/* a look is over, and the whole still waits: open the gate */
	if (!looks)
		return;
	assert_int_equal(wholes, 0);
	uv_sem_post(&gate);
	uv_check_stop(c);
}

/*
 * A look while the whole is read, which takes long: it is handed out at once,
 * and what the whole gives is looked at once more.
 */
static void test_look_meanwhile(void **state)
{
	struct trust *between;
	uv_check_t check;

	(void)state;
	while (!uv_sem_trywait(&gate))
		;
	uv_check_init(&loop, &check);
	uv_check_start(&check, on_check);
	assert_int_equal(reload_keys(reload, &running, NULL, NULL), 0);
	assert_int_equal(reload_look(reload, &running, NULL, NULL), 0);
	while (!looks)
		uv_run(&loop, UV_RUN_ONCE);
	between = trust_hold(now);
	uv_run(&loop, UV_RUN_DEFAULT);
	assert_int_equal(looks, 1);
	assert_int_equal(wholes, 1);
	assert_ptr_not_equal(now, between);
	/* by what the whole had read, not by what the look had */
	assert_ptr_not_equal(was_before, first);
	assert_ptr_not_equal(was_before, between);
	trust_free(between);
	uv_close((uv_handle_t *)&check, NULL);
	uv_run(&loop, UV_RUN_DEFAULT);
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
	assert_null(now);
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
		cmocka_unit_test_setup_teardown(test_look_fault, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_look, setup, teardown),
		cmocka_unit_test_setup_teardown(test_look_meanwhile, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_keys, setup, teardown),
		cmocka_unit_test_setup_teardown(test_keys_first, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_stop, setup, teardown),
	};

	log_open(false, 0);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: GPL-2.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/digest.h"
#include "state/journal.h"

static char path[] = "/tmp/sipseal-test-journal-XXXXXX";

static struct journal *open_at(uint64_t epoch)
{
	struct journal *j;

	assert_int_equal(journal_open(&j, path, epoch), 0);
	return j;
}

static struct store_key key(uint32_t n)
{
	struct store_key k = { { 0 } };

	/* some of them begin alike, and share a first slot */
	k.b[0] = (uint8_t)(n % 3);
	memcpy(k.b + 8, &n, sizeof(n));
	return k;
}

static int add(struct journal *j, uint32_t n, const char *value)
{
	const struct change c = { STORE_CALL, false,	       100 + n,
				  key(n),     span_str(value), NULL };

	return journal_add(j, &c);
}

static int drop(struct journal *j, uint32_t n)
{
	const struct change c = {
		STORE_CALL, true, 0, key(n), SPAN_NONE, NULL
	};

	return journal_add(j, &c);
}

/* value NULL: no change of it. */
static void is(const struct journal *j, uint32_t n, const char *value)
{
	struct store_key k = key(n);
	struct change c;

	assert_int_equal(journal_find(j, STORE_CALL, &k, &c), value != NULL);
	assert_false(journal_find(j, STORE_DIALOG, &k, &c));
	if (!value)
		return;
	journal_find(j, STORE_CALL, &k, &c);
	assert_false(c.removed);
	assert_int_equal(c.expire_ms, 100 + n);
	assert_true(span_eq(c.value, span_str(value)));
}

static bool count_one(void *arg, const struct change *c)
{
	assert_int_equal(c->table, STORE_CALL);
	++*(size_t *)arg;
	return c->removed;
}

static void test_last_change_counts(void **state)
{
	struct journal *j = open_at(7);
	struct store_key k = key(2);
	struct change c;
	size_t n = 0;

	(void)state;
	is(j, 1, NULL);
	assert_int_equal(add(j, 1, "one"), 0);
	assert_int_equal(add(j, 2, "two"), 0);
	assert_int_equal(add(j, 4, ""), 0);
	assert_int_equal(add(j, 1, "one, longer than it was"), 0);
	assert_int_equal(drop(j, 2), 0);
	is(j, 1, "one, longer than it was");
	is(j, 4, "");
	is(j, 7, NULL);
	assert_true(journal_find(j, STORE_CALL, &k, &c));
	assert_true(c.removed);
	assert_int_equal(journal_count(j), 3);
	assert_int_equal(journal_count_of(j, STORE_CALL), 3);
	assert_int_equal(journal_count_of(j, STORE_PEER), 0);
	journal_each(j, count_one, &n);
	assert_int_equal(n, 3);
	/* the removal was dealt with */
	journal_each(j, count_one, &n);
	assert_int_equal(n, 3 + 2);
	assert_int_equal(journal_count(j), 3);
	journal_clear(j);
	assert_int_equal(journal_epoch(j), 8);
	assert_int_equal(journal_count(j), 0);
	is(j, 1, NULL);
	journal_close(j);
}

/* A process that dies leaves what it had committed, and nothing else. */
static void test_killed(void **state)
{
	struct journal *j;
	int status;
	pid_t pid = fork();

	(void)state;
	assert_true(pid >= 0);
	if (!pid) {
		j = open_at(20);
		add(j, 1, "kept");
		add(j, 2, "kept");
		journal_commit(j);
		add(j, 2, "lost");
		add(j, 3, "lost");
		kill(getpid(), SIGKILL);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	j = open_at(20);
	is(j, 1, "kept");
	is(j, 2, "kept");
	is(j, 3, NULL);
	assert_int_equal(journal_count(j), 2);
	/* and goes on behind it */
	assert_int_equal(add(j, 3, "new"), 0);
	journal_commit(j);
	journal_close(j);
	j = open_at(20);
	is(j, 2, "kept");
	is(j, 3, "new");
	journal_close(j);
}

/* Taken over before, or of another time: nothing of it counts. */
static void test_other_epoch(void **state)
{
	static const uint64_t other[] = { 31, 29, 0, UINT64_MAX };

	(void)state;
	for (size_t i = 0; i < sizeof(other) / sizeof(*other); i++) {
		struct journal *j = open_at(30);

		add(j, 1, "old");
		journal_commit(j);
		journal_close(j);
		j = open_at(other[i]);
		is(j, 1, NULL);
		assert_int_equal(journal_epoch(j), other[i]);
		add(j, 1, "new");
		journal_commit(j);
		journal_close(j);
		j = open_at(other[i]);
		is(j, 1, "new");
		journal_close(j);
		/* for the next round */
		journal_close(open_at(30));
	}
}

static void test_full(void **state)
{
	struct journal *j = open_at(50);
	static char big[3 << 20];
	uint32_t n = 0;
	const struct change c = {
		STORE_CALL, false, 1, key(1), span_make(big, sizeof(big)), NULL
	};

	(void)state;
	assert_int_equal(journal_add(j, &c), ENOSPC);
	while (!add(j, n, "x"))
		n++;
	assert_true(journal_is_full(j));
	assert_int_equal(journal_count(j), n);
	/* full is full for known keys, too: an entry is an entry */
	journal_commit(j);
	for (uint32_t i = 0; i < n; i++)
		is(j, i, "x");
	journal_close(j);
	j = open_at(50);
	for (uint32_t i = 0; i < n; i++)
		is(j, i, "x");
	journal_clear(j);
	assert_false(journal_is_full(j));
	assert_int_equal(add(j, 1, "y"), 0);
	journal_close(j);
}

/* A file that somebody wrote into must not take the reader out of it. */
static void test_damaged(void **state)
{
	(void)state;
	for (int round = 0; round < 300; round++) {
		struct journal *j = open_at(70);
		uint8_t trash[64];
		int fd;

		journal_clear(j);
		journal_close(j);
		j = open_at(71);
		for (uint32_t n = 0; n < 40; n++)
			add(j, n, "some value of some length");
		journal_commit(j);
		journal_close(j);
		fd = open(path, O_WRONLY);
		assert_true(fd >= 0);
		digest_random(trash, sizeof(trash));
		assert_int_equal(pwrite(fd, trash, (size_t)round % 60 + 1,
					16 + round * 7 % 2400),
				 round % 60 + 1);
		close(fd);
		j = open_at(71);
		for (uint32_t n = 0; n < 40; n++) {
			struct store_key k = key(n);
			struct change c;

			journal_find(j, STORE_CALL, &k, &c);
		}
		assert_int_equal(add(j, 1, "x"), 0);
		journal_close(j);
		j = open_at(70);
		journal_close(j);
	}
}

static int make(void **state)
{
	int fd = digest_init() ? -1 : mkstemp(path);

	(void)state;
	close(fd);
	return fd < 0;
}

static int unmake(void **state)
{
	(void)state;
	return unlink(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_last_change_counts),
		cmocka_unit_test(test_killed),
		cmocka_unit_test(test_other_epoch),
		cmocka_unit_test(test_full),
		cmocka_unit_test(test_damaged),
	};

	return cmocka_run_group_tests(tests, make, unmake);
}

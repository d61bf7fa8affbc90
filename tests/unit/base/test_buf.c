// SPDX-License-Identifier: GPL-2.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/buf.h"

static void takes_what_fits_to_the_last_octet(void **state)
{
	char mem[8] = "........";
	struct buf b = buf_make(mem, 6);

	(void)state;
	buf_str(&b, "abc");
	buf_add(&b, SPAN_NONE);
	buf_add(&b, SPAN_LIT("def"));
	assert_false(b.full);
	assert_true(span_eq(buf_span(&b), SPAN_LIT("abcdef")));
	assert_int_equal(mem[6], '.');
}

static void full_stays_and_nothing_more_is_written(void **state)
{
	char mem[8] = "........";
	struct buf b = buf_make(mem, 4);

	(void)state;
	buf_str(&b, "abc");
	buf_str(&b, "de");
	assert_true(b.full);
	buf_str(&b, "f");
	buf_fmt(&b, "%s", "");
	buf_u32(&b, 1);
	assert_true(b.full);
	assert_true(span_eq(buf_span(&b), SPAN_LIT("abc")));
	assert_memory_equal(mem, "abc.....", 8);
}

static void numbers(void **state)
{
	char mem[32];
	struct buf b = buf_make(mem, sizeof(mem));

	(void)state;
	buf_u32(&b, 0);
	buf_u32(&b, 4294967295);
	buf_u32(&b, 1200);
	assert_true(span_eq(buf_span(&b), SPAN_LIT("042949672951200")));
}

static void fmt_needs_an_octet_to_spare(void **state)
{
	char mem[8] = "........";
	struct buf b = buf_make(mem, 5);

	(void)state;
	buf_fmt(&b, "%d%s", 12, "ab");
	assert_false(b.full);
	assert_true(span_eq(buf_span(&b), SPAN_LIT("12ab")));

	b = buf_make(mem, 5);
	buf_fmt(&b, "%s", "abcde");
	assert_true(b.full);
	assert_int_equal(b.len, 0);
	assert_int_equal(mem[5], '.');
}

static void no_room_at_all(void **state)
{
	struct buf b = buf_make(NULL, 0);

	(void)state;
	buf_add(&b, SPAN_LIT(""));
	assert_false(b.full);
	buf_fmt(&b, "x");
	assert_true(b.full);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(takes_what_fits_to_the_last_octet),
		cmocka_unit_test(full_stays_and_nothing_more_is_written),
		cmocka_unit_test(numbers),
		cmocka_unit_test(fmt_needs_an_octet_to_spare),
		cmocka_unit_test(no_room_at_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

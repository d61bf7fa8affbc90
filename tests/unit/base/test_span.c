// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/eight.h"
#include "base/span.h"

static void eq_compares_octets(void **state)
{
	(void)state;
	assert_true(span_eq(SPAN_LIT("abc"), span_str("abc")));
	assert_false(span_eq(SPAN_LIT("abc"), SPAN_LIT("abC")));
	assert_false(span_eq(SPAN_LIT("abc"), SPAN_LIT("ab")));
	assert_false(span_eq(SPAN_LIT("a\0b"), SPAN_LIT("a\0c")));
	assert_true(span_eq(SPAN_NONE, SPAN_LIT("")));
}

static void ieq_folds_ascii_only(void **state)
{
	(void)state;
	assert_true(span_ieq(SPAN_LIT("Call-ID"), SPAN_LIT("cALL-id")));
	assert_false(span_ieq(SPAN_LIT("from"), SPAN_LIT("fro")));
	/* neighbours of letters, 0x20 apart */
	assert_false(span_ieq(SPAN_LIT("@"), SPAN_LIT("`")));
	assert_false(span_ieq(SPAN_LIT("["), SPAN_LIT("{")));
	assert_false(span_ieq(SPAN_LIT("\xc4"), SPAN_LIT("\xe4")));
	assert_true(span_ieq(SPAN_NONE, SPAN_LIT("")));
}

static void trim_takes_white_space_at_both_ends(void **state)
{
	(void)state;
	assert_true(span_eq(span_trim(SPAN_LIT(" \t\r\na b\n\r\t ")),
			    SPAN_LIT("a b")));
	assert_true(span_eq(span_trim(SPAN_LIT("\va\f")), SPAN_LIT("\va\f")));
	assert_int_equal(span_trim(SPAN_LIT(" \r\n")).len, 0);
	assert_true(span_set(span_trim(SPAN_LIT("  "))));
	assert_false(span_set(span_trim(SPAN_NONE)));
}

static void find_gives_the_first_or_the_end(void **state)
{
	(void)state;
	assert_int_equal(span_find(SPAN_LIT("a;b;c"), ';'), 1);
	assert_int_equal(span_find(SPAN_LIT("abc"), ';'), 3);
	assert_int_equal(span_find(SPAN_LIT("ab\0c"), '\0'), 2);
	assert_int_equal(span_find(SPAN_NONE, 'a'), 0);
}

static void u32_reads_decimals(void **state)
{
	static const struct {
		const char *text;
		int err;
		uint32_t value;
	} row[] = {
		{ "0", 0, 0 },
		{ "00042", 0, 42 },
		{ "4294967295", 0, UINT32_MAX },
		{ "00000000000000000000004294967295", 0, UINT32_MAX },
		{ "4294967296", ERANGE, 0 },
		{ "18446744073709551617", ERANGE, 0 },
		{ "340282366920938463463374607431768211457", ERANGE, 0 },
		{ "99999999999999999999x", EINVAL, 0 },
		{ "", EINVAL, 0 },
		{ "-1", EINVAL, 0 },
		{ "+1", EINVAL, 0 },
		{ " 1", EINVAL, 0 },
		{ "1 ", EINVAL, 0 },
		{ "0x1", EINVAL, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(row) / sizeof(*row); i++) {
		uint32_t v = 7;

		assert_int_equal(span_u32(span_str(row[i].text), &v),
				 row[i].err);
		assert_int_equal(v, row[i].err ? 7 : row[i].value);
	}
	assert_int_equal(span_u32(SPAN_NONE, &(uint32_t){ 0 }), EINVAL);
}

static void lower_copies_what_fits(void **state)
{
	struct span s = SPAN_LIT("aBZ@[\xc4");
	char mem[6];

	(void)state;
	assert_true(span_eq(span_lower(s, mem, sizeof(mem)),
			    SPAN_LIT("abz@[\xc4")));
	assert_ptr_equal(span_lower(s, mem, 5).p, s.p);
	assert_false(span_set(span_lower(SPAN_NONE, mem, sizeof(mem))));
}

static void copy_closes_or_refuses(void **state)
{
	char dst[4] = "xyz";

	(void)state;
	assert_int_equal(span_copy(dst, sizeof(dst), SPAN_LIT("abc")), 0);
	assert_string_equal(dst, "abc");
	assert_int_equal(span_copy(dst, sizeof(dst), SPAN_LIT("abcd")),
			 ENAMETOOLONG);
	assert_string_equal(dst, "");
	dst[0] = 'x';
	assert_int_equal(span_copy(dst, sizeof(dst), SPAN_LIT("a\0b")), EINVAL);
	assert_string_equal(dst, "");
	assert_int_equal(span_copy(dst, sizeof(dst), SPAN_NONE), 0);
	assert_string_equal(dst, "");
	assert_int_equal(span_copy(dst, 0, SPAN_NONE), ENAMETOOLONG);
}

/* Every octet at every place, beside what lends and borrows most. */
static void eight_is_eight_times_one(void **state)
{
	static const uint8_t beside[] = { 0, 1, ' ', 0x7f, 0x80, 0x81, 0xff };
	static const uint8_t c[] = { '\t', '"', '\\', 0x7f, 0x80, 0xff };
	uint8_t x[8];

	(void)state;
	for (size_t i = 0; i < sizeof(beside) * 8 * 256; i++) {
		uint8_t b = beside[i / (8 * 256)], v = i % 256;

		memset(x, b, 8);
		x[i / 256 % 8] = v;
		for (size_t j = 0; j < sizeof(c); j++)
			assert_int_equal(eight_has(eight_at(x), c[j]),
					 b == c[j] || v == c[j]);
		for (int n = 0; n <= 128; n += 32)
			assert_int_equal(eight_less(eight_at(x), (uint8_t)n),
					 b < n || v < n);
		assert_int_equal(eight_high(eight_at(x)),
				 b >= 0x80 || v >= 0x80);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(eq_compares_octets),
		cmocka_unit_test(ieq_folds_ascii_only),
		cmocka_unit_test(trim_takes_white_space_at_both_ends),
		cmocka_unit_test(find_gives_the_first_or_the_end),
		cmocka_unit_test(u32_reads_decimals),
		cmocka_unit_test(lower_copies_what_fits),
		cmocka_unit_test(copy_closes_or_refuses),
		cmocka_unit_test(eight_is_eight_times_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

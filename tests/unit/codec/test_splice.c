// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "codec/splice.h"
#include "splice_model.h"

static struct splice s;
static const char text[] = "0123456789";

static struct span at(size_t off, size_t len)
{
	return span_make(text + off, len);
}

static void start(void)
{
	splice_init(&s, SPAN_LIT("0123456789"));
	s.orig.p = text;
}

static void becomes(const char *want)
{
	char out[64];
	size_t len = 99;

	memset(out, '#', sizeof(out));
	assert_int_equal(splice_apply(&s, out, sizeof(out), &len), 0);
	assert_int_equal(len, strlen(want));
	assert_memory_equal(out, want, len);
	assert_int_equal(out[len], '#');
	/* a second time gives the same */
	assert_int_equal(splice_apply(&s, out, len, &len), 0);
	assert_memory_equal(out, want, len);
}

static void fails_with(int err)
{
	char out[64];
	size_t len;

	assert_int_equal(splice_apply(&s, out, sizeof(out), &len), err);
}

static void no_edit_no_change(void **state)
{
	(void)state;
	start();
	becomes("0123456789");
}

static void single_edits(void **state)
{
	(void)state;
	start();
	splice_replace(&s, at(2, 3), SPAN_LIT("abcd"));
	becomes("01abcd56789");
	start();
	splice_delete(&s, at(0, 10));
	becomes("");
	start();
	splice_insert(&s, 0, SPAN_LIT("<"));
	becomes("<0123456789");
	start();
	splice_insert(&s, 10, SPAN_LIT(">"));
	becomes("0123456789>");
	start();
	splice_replace(&s, at(9, 1), SPAN_NONE);
	becomes("012345678");
	start();
	splice_replace(&s, at(4, 0), SPAN_LIT("x"));
	becomes("0123x456789");
	start();
	splice_delete(&s, at(10, 0));
	becomes("0123456789");
}

static void any_order(void **state)
{
	(void)state;
	start();
	splice_delete(&s, at(8, 2));
	splice_insert(&s, 5, SPAN_LIT("b"));
	splice_replace(&s, at(0, 1), SPAN_LIT("A"));
	splice_insert(&s, 5, SPAN_LIT("c"));
	becomes("A1234bc567");
}

static void at_one_offset_insertions_come_first(void **state)
{
	(void)state;
	start();
	splice_replace(&s, at(3, 2), SPAN_LIT("R"));
	splice_insert(&s, 3, SPAN_LIT("a"));
	splice_insert(&s, 3, SPAN_LIT("b"));
	becomes("012abR56789");
}

static void neighbours_do_not_overlap(void **state)
{
	(void)state;
	start();
	splice_replace(&s, at(3, 2), SPAN_LIT("X"));
	splice_replace(&s, at(5, 2), SPAN_LIT("Y"));
	splice_insert(&s, 5, SPAN_LIT("-"));
	splice_insert(&s, 7, SPAN_LIT("+"));
	becomes("012X-Y+789");
}

static void inside_a_deletion_is_swallowed(void **state)
{
	(void)state;
	start();
	splice_replace(&s, at(4, 1), SPAN_LIT("gone"));
	splice_insert(&s, 5, SPAN_LIT("gone"));
	splice_delete(&s, at(2, 3));
	splice_replace(&s, at(2, 6), SPAN_LIT("N"));
	splice_delete(&s, at(7, 1));
	splice_delete(&s, at(2, 6));
	becomes("01N89");
}

static void overlap_is_an_error(void **state)
{
	(void)state;
	start();
	splice_delete(&s, at(2, 4));
	splice_delete(&s, at(5, 2));
	fails_with(EINVAL);
	start();
	splice_delete(&s, at(5, 2));
	splice_replace(&s, at(2, 4), SPAN_LIT("x"));
	fails_with(EINVAL);
	/* unless a third one takes both in */
	splice_delete(&s, at(1, 7));
	becomes("089");
}

static void outlying_is_an_error(void **state)
{
	static const char other[] = "other";

	(void)state;
	start();
	splice_insert(&s, 11, SPAN_LIT("x"));
	fails_with(EINVAL);
	start();
	splice_insert(&s, SIZE_MAX, SPAN_LIT("x"));
	fails_with(EINVAL);
	start();
	splice_delete(&s, at(8, 3));
	fails_with(EINVAL);
	start();
	splice_delete(&s, at(8, SIZE_MAX));
	fails_with(EINVAL);
	start();
	splice_delete(&s, span_make(other, 2));
	fails_with(EINVAL);
	start();
	splice_delete(&s, SPAN_NONE);
	fails_with(EINVAL);
}

static void room_is_counted(void **state)
{
	char out[16];
	size_t len;

	(void)state;
	start();
	splice_replace(&s, at(1, 1), SPAN_LIT("abc"));
	memset(out, '#', sizeof(out));
	for (size_t cap = 0; cap < 12; cap++) {
		assert_int_equal(splice_apply(&s, out, cap, &len), EMSGSIZE);
		assert_int_equal(out[cap], '#');
	}
	assert_int_equal(splice_apply(&s, out, 12, &len), 0);
	assert_int_equal(len, 12);
	assert_memory_equal(out, "0abc23456789#", 13);
}

static void too_many_edits(void **state)
{
	static char out[SPLICE_MAX + 11];
	size_t len;

	(void)state;
	start();
	for (size_t i = 0; i < SPLICE_MAX; i++)
		splice_insert(&s, 10 - i * 11 / SPLICE_MAX, SPAN_LIT("x"));
	assert_int_equal(splice_apply(&s, out, sizeof(out), &len), 0);
	assert_int_equal(len, SPLICE_MAX + 10);
	splice_insert(&s, 0, SPAN_LIT("x"));
	assert_true(s.full);
	fails_with(E2BIG);
}

static void nothing_to_edit(void **state)
{
	char out[8];
	size_t len;

	(void)state;
	splice_init(&s, SPAN_NONE);
	splice_insert(&s, 0, SPAN_LIT("new"));
	assert_int_equal(splice_apply(&s, out, sizeof(out), &len), 0);
	assert_int_equal(len, 3);
	assert_memory_equal(out, "new", 3);
}

static uint32_t seed = 4711;

static uint32_t dice(uint32_t n)
{
	seed = seed * 1664525 + 1013904223;
	return (seed >> 8) % n;
}

static void like_the_model(void **state)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz";
	static const char orig[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
	char want[1024], out[1024];
	size_t good = 0;

	(void)state;
	for (size_t round = 0; round < 200000; round++) {
		size_t len = dice(sizeof(orig)), n = 0;
		struct model m = { .n = dice(7) };
		int want_len, err;

		splice_init(&s, span_make(orig, len));
		for (size_t i = 0; i < m.n; i++) {
			struct edit *e = &m.e[i];

			e->off = dice((uint32_t)len + 1);
			e->del = dice(2) ? 0
					 : dice((uint32_t)(len - e->off) + 1);
			e->ins = span_make(letters + dice(20), dice(4));
			splice_replace(&s, span_make(orig + e->off, e->del),
				       e->ins);
		}
		want_len = model_apply(&m, orig, len, want);
		err = splice_apply(&s, out, sizeof(out), &n);
		assert_int_equal(err, want_len < 0 ? EINVAL : 0);
		if (err)
			continue;
		good++;
		assert_int_equal(n, want_len);
		assert_memory_equal(out, want, n);
	}
	/* neither all good nor all bad */
	assert_in_range(good, 50000, 190000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_edit_no_change),
		cmocka_unit_test(single_edits),
		cmocka_unit_test(any_order),
		cmocka_unit_test(at_one_offset_insertions_come_first),
		cmocka_unit_test(neighbours_do_not_overlap),
		cmocka_unit_test(inside_a_deletion_is_swallowed),
		cmocka_unit_test(overlap_is_an_error),
		cmocka_unit_test(outlying_is_an_error),
		cmocka_unit_test(room_is_counted),
		cmocka_unit_test(too_many_edits),
		cmocka_unit_test(nothing_to_edit),
		cmocka_unit_test(like_the_model),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "base/digest.h"
#include "core/limit.h"

#define T0 UINT64_C(1800000000000)

static struct limit l;

static struct addr host(uint32_t n)
{
	return (struct addr){ 4,
			      { 10, (uint8_t)(n >> 16), (uint8_t)(n >> 8),
				(uint8_t)n },
			      5060 };
}

static unsigned int taken(uint32_t n, unsigned int tries, uint64_t now_ms)
{
	struct addr a = host(n);
	unsigned int got = 0;

	while (tries--)
		got += limit_take(&l, &a, now_ms);
	return got;
}

static void test_one_stranger(void **state)
{
	(void)state;
	limit_init(&l, 100, 10, 50);
	assert_int_equal(taken(1, 1000, T0), 10);
	assert_int_equal(taken(1, 1000, T0 + 100), 1);
	assert_int_equal(taken(1, 1000, T0 + 60000), 10);
}

static void test_many_strangers(void **state)
{
	unsigned int got = 0;

	(void)state;
	limit_init(&l, 100, 10, 50);
	for (uint32_t n = 0; n < 5000; n++)
		got += taken(n, 1, T0);
	assert_int_equal(got, 100);
}

/* A flood of strangers leaves who has proved himself his own share. */
static void test_good_source(void **state)
{
	struct addr good = host(70000);

	(void)state;
	limit_init(&l, 100, 10, 50);
	limit_good(&l, &good, T0);
	for (uint32_t n = 0; n < 20000; n++)
		taken(n, 1, T0 + 1);
	assert_int_equal(taken(70000, 1000, T0 + 1), 50);
	/* and not for ever */
	assert_int_equal(taken(70000, 1000, T0 + 3600002), 10);
}

static void test_clock_back(void **state)
{
	(void)state;
	limit_init(&l, 100, 10, 50);
	assert_int_equal(taken(1, 4, T0), 4);
	assert_int_equal(taken(1, 100, T0 - 100000), 6);
	assert_int_equal(taken(1, 100, T0 - 99000), 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_one_stranger),
		cmocka_unit_test(test_many_strangers),
		cmocka_unit_test(test_good_source),
		cmocka_unit_test(test_clock_back),
	};

	digest_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}

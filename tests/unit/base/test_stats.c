// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/clock.h"
#include "base/stats.h"

static void each_name_leads_to_its_counter(void **state)
{
	struct stats s = { 0 };

	(void)state;
	/* every counter but the array at the end has a name, in order */
	assert_int_equal(stats_count * sizeof(uint64_t),
			 offsetof(struct stats, sip_fault));
	for (size_t i = 0; i < stats_count; i++) {
		uint64_t *field = (uint64_t *)(void *)((char *)&s +
						       stats_names[i].offset);

		assert_int_equal(stats_names[i].offset, i * sizeof(uint64_t));
		*field = i + 1;
		assert_true(*stats_names[i].what);
	}
	for (size_t i = 0; i < stats_count; i++)
		assert_int_equal(stats_value(&s, i), i + 1);
	assert_string_equal(stats_names[0].name, "packets_out");
	assert_int_equal(s.packets_out, 1);
	assert_string_equal(stats_names[stats_count - 1].name,
			    "grown_fragmented");
	assert_int_equal(s.grown_fragmented, stats_count);
}

static void clocks_tell_their_time(void **state)
{
	uint64_t a = clock_steady_ns();

	(void)state;
	assert_true(clock_steady_ns() >= a);
	/* 2020 to 2200 */
	assert_in_range(clock_wall_ms(), 1577836800000, 7258118400000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_name_leads_to_its_counter),
		cmocka_unit_test(clocks_tell_their_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

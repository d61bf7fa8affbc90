// SPDX-License-Identifier: GPL-2.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "base/digest.h"
#include "state/record.h"

static size_t there_and_back(const uint8_t *in, size_t size)
{
	static uint8_t packed[RECORD_MAX + 4], out[RECORD_MAX];
	size_t len = record_pack(packed, in, size), used = 0;

	assert_true(len <= size + 4);
	memset(out, 0xee, sizeof(out));
	assert_int_equal(
		record_unpack(out, size, span_make(packed, len), &used), 0);
	assert_int_equal(used, len);
	assert_memory_equal(in, out, size);
	/* what stands behind it is somebody else's */
	assert_int_equal(
		record_unpack(out, size, span_make(packed, len + 4), &used), 0);
	assert_int_equal(used, len);
	/* cut short it is no record, wherever */
	for (size_t cut = 0; cut < len; cut++)
		assert_int_equal(
			record_unpack(out, size, span_make(packed, cut), &used),
			EIO);
	return len;
}

static void test_shapes(void **state)
{
	static uint8_t in[1024];

	(void)state;
	assert_int_equal(there_and_back(in, 0), 0);
	assert_int_equal(there_and_back(in, sizeof(in)), 4);
	memset(in, 0x41, sizeof(in));
	assert_int_equal(there_and_back(in, sizeof(in)), sizeof(in) + 4);
	/* zeros at both ends, and one word of them in the middle */
	memset(in, 0, 100);
	memset(in + 900, 0, 124);
	memset(in + 500, 0, 4);
	assert_int_equal(there_and_back(in, sizeof(in)), 800 + 8);
	/* two words in the middle are a run */
	memset(in + 500, 0, 8);
	assert_int_equal(there_and_back(in, sizeof(in)), 792 + 12);
}

static void test_any(void **state)
{
	static uint8_t in[800];

	(void)state;
	for (int round = 0; round < 500; round++) {
		uint8_t r[4];
		size_t size;

		digest_random(r, sizeof(r));
		size = (r[0] * 3u + 4) & ~3u;
		digest_random(in, size);
		for (size_t i = 0; i + 4 <= size; i += 4)
			if (in[i] % 8 < r[1] % 9u)
				memset(in + i, 0, 4);
		there_and_back(in, size);
	}
}

/* Nothing that is read leads out of the struct, nor into a loop. */
static void test_damaged(void **state)
{
	static uint8_t out[256 + 64], trash[300];

	(void)state;
	for (int round = 0; round < 20000; round++) {
		size_t used = 0;

		digest_random(trash, sizeof(trash));
		for (size_t i = 1; i < sizeof(trash); i += 2)
			trash[i] = 0; /* short runs */
		memset(out + 256, 0xee, 64);
		if (record_unpack(out, 256, span_make(trash, sizeof(trash)),
				  &used) == 0)
			assert_true(used <= sizeof(trash));
		for (size_t i = 256; i < sizeof(out); i++)
			assert_int_equal(out[i], 0xee);
	}
	memset(trash, 0, sizeof(trash));
	assert_int_equal(
		record_unpack(out, 256, span_make(trash, 300), &(size_t){ 0 }),
		EIO);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_shapes),
		cmocka_unit_test(test_any),
		cmocka_unit_test(test_damaged),
	};

	return digest_init() || cmocka_run_group_tests(tests, NULL, NULL);
}

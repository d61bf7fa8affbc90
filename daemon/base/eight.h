/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * eight - questions about eight octets at once: what is said of all of them is
 * exact, where in them it holds is not told.
 *
 * Thread: pure functions. Errors: none.
 */
#ifndef BASE_EIGHT_H
#define BASE_EIGHT_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define EIGHT_ONES UINT64_C(0x0101010101010101)
#define EIGHT_HIGH (0x80 * EIGHT_ONES)

/* The eight octets at p. */
static inline uint64_t eight_at(const void *p)
{
	uint64_t x;

	memcpy(&x, p, sizeof(x));
	return x;
}

/* Is one of them less than n, which is 128 at most? */
static inline bool eight_less(uint64_t x, uint8_t n)
{
	return (x - n * EIGHT_ONES) & ~x & EIGHT_HIGH;
}

/* Is one of them c? */
static inline bool eight_has(uint64_t x, uint8_t c)
{
	return eight_less(x ^ c * EIGHT_ONES, 1);
}

/* Is one of them no ASCII? */
static inline bool eight_high(uint64_t x)
{
	return x & EIGHT_HIGH;
}

#endif

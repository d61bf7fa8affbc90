/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * clock - the only place where the time is read. Everything below io/ and
 * main gets it as an argument: milliseconds since the Unix epoch.
 */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdint.h>

/* Wall clock (CLOCK_REALTIME), ms: what nonces and records are dated with. */
uint64_t clock_wall_ms(void);

/* Steady clock (CLOCK_MONOTONIC), ns: for durations that are only reported. */
uint64_t clock_steady_ns(void);

#endif

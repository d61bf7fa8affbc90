/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * bench - what the measuring programs share: clocks, series of values, and
 * their report, one JSON object a line. Nothing here passes or fails.
 */
#ifndef TESTS_BENCH_H
#define TESTS_BENCH_H

#include <stddef.h>
#include <stdint.h>

uint64_t bench_wall_ns(void);
uint64_t bench_thread_ns(void);	 /* CPU of this thread */
uint64_t bench_process_ns(void); /* CPU of this process, all threads */

/* A file that holds CPU nanoseconds or, with "usage_usec N", microseconds: a
 * control group's. 0 when it can't be read. */
uint64_t bench_group_ns(const char *path);

/* Resident memory of this process, in octets. */
size_t bench_resident(void);

struct series {
	double *v;
	size_t n, cap;
};

void series_add(struct series *s, double v);
void series_free(struct series *s);
double series_median(struct series *s); /* sorts */

/* {"group": …, "name": …, "unit": …, "n", "median", "min", "max", "p10", …} */
void series_report(struct series *s, const char *group, const char *name,
		   const char *unit);
void bench_value(const char *group, const char *name, const char *unit,
		 double v);

/*
 * op(arg, i) for i from 0, a number of rounds of so many; the thread's CPU for
 * one is reported in microseconds, a value a round.
 */
double bench_op(const char *group, const char *name, int rounds, int count,
		void (*op)(void *arg, int i), void *arg);

/* Ends the program with a line that says why. */
__attribute__((noreturn)) void bench_die(const char *fmt, ...)
	__attribute__((format(printf, 1, 2)));

/* Opens what follows in the network namespace of that name. "": where it is. */
void bench_enter(const char *netns);

/* "10.0.0.1:5060" */
struct addr;
struct addr bench_addr(const char *text);

#endif

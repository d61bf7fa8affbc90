// SPDX-License-Identifier: GPL-2.0-or-later
#include "bench.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/addr.h"

/* Under callgrind each series has a profile of its own. */
#if __has_include(<valgrind/callgrind.h>)
#include <valgrind/callgrind.h>
#else
#define CALLGRIND_ZERO_STATS
#define CALLGRIND_DUMP_STATS_AT(name) (void)(name)
#endif

static uint64_t read_clock(clockid_t id)
{
	struct timespec t;

	clock_gettime(id, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

uint64_t bench_wall_ns(void)
{
	return read_clock(CLOCK_MONOTONIC);
}

uint64_t bench_thread_ns(void)
{
	return read_clock(CLOCK_THREAD_CPUTIME_ID);
}

uint64_t bench_process_ns(void)
{
	return read_clock(CLOCK_PROCESS_CPUTIME_ID);
}

uint64_t bench_group_ns(const char *path)
{
	unsigned long long n = 0;
	FILE *f = fopen(path, "r");
	char line[128];

	while (f && fgets(line, sizeof(line), f)) {
		if (sscanf(line, "usage_usec %llu", &n) == 1) {
			n *= 1000;
			break;
		}
		if (sscanf(line, "%llu", &n) == 1)
			break;
	}
	if (f)
		fclose(f);
	return n;
}

size_t bench_resident(void)
{
	unsigned long size = 0, resident = 0;
	FILE *f = fopen("/proc/self/statm", "r");

	if (f) {
		if (fscanf(f, "%lu %lu", &size, &resident) != 2)
			resident = 0;
		fclose(f);
	}
	return resident * (size_t)sysconf(_SC_PAGESIZE);
}

void series_add(struct series *s, double v)
{
	if (s->n == s->cap) {
		s->cap = s->cap ? 2 * s->cap : 64;
		s->v = realloc(s->v, s->cap * sizeof(*s->v));
		if (!s->v)
			bench_die("no memory");
	}
	s->v[s->n++] = v;
}

void series_free(struct series *s)
{
	free(s->v);
	*s = (struct series){ 0 };
}

static int order(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double at(const struct series *s, double part)
{
	return s->n ? s->v[(size_t)(part * (double)(s->n - 1) + 0.5)] : 0;
}

double series_median(struct series *s)
{
	if (s->n)
		qsort(s->v, s->n, sizeof(*s->v), order);
	if (s->n && s->n % 2 == 0)
		return (s->v[s->n / 2 - 1] + s->v[s->n / 2]) / 2;
	return at(s, 0.5);
}

void series_report(struct series *s, const char *group, const char *name,
		   const char *unit)
{
	double median = series_median(s);

	printf("{\"group\":\"%s\",\"name\":\"%s\",\"unit\":\"%s\",\"n\":%zu,"
	       "\"median\":%.6g,\"min\":%.6g,\"max\":%.6g,\"p10\":%.6g,"
	       "\"p90\":%.6g,\"p99\":%.6g}\n",
	       group, name, unit, s->n, median, at(s, 0), at(s, 1), at(s, 0.1),
	       at(s, 0.9), at(s, 0.99));
	fflush(stdout);
}

void bench_value(const char *group, const char *name, const char *unit,
		 double v)
{
	struct series s = { 0 };

	series_add(&s, v);
	series_report(&s, group, name, unit);
	series_free(&s);
}

double bench_op(const char *group, const char *name, int rounds, int count,
		void (*op)(void *arg, int i), void *arg)
{
	struct series s = { 0 };
	uint64_t begin;
	double median;
	int i = 0;

	/* caches and allocators get to know it */
	for (; i < count / 10 + 1; i++)
		op(arg, i);
	CALLGRIND_ZERO_STATS;
	for (int r = 0; r < rounds; r++) {
		begin = bench_thread_ns();
		for (int end = i + count; i < end; i++)
			op(arg, i);
		series_add(&s,
			   (double)(bench_thread_ns() - begin) / 1000 / count);
	}
	CALLGRIND_DUMP_STATS_AT(name);
	series_report(&s, group, name, "us");
	median = series_median(&s);
	series_free(&s);
	return median;
}

void bench_die(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	exit(1);
}

void bench_enter(const char *netns)
{
	char path[256];
	int fd;

	if (!*netns)
		return;
	snprintf(path, sizeof(path), "/run/netns/%s", netns);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || setns(fd, CLONE_NEWNET))
		bench_die("namespace %s can't be entered", netns);
	close(fd);
}

struct addr bench_addr(const char *text)
{
	struct addr a = { .version = 4 };
	const char *colon = strchr(text, ':');
	char ip[64];

	if (!colon)
		bench_die("%s: no ADDRESS:PORT", text);
	snprintf(ip, sizeof(ip), "%.*s", (int)(colon - text), text);
	if (inet_pton(AF_INET, ip, a.ip) != 1)
		bench_die("%s: no IPv4 address", text);
	a.port = (uint16_t)atoi(colon + 1);
	return a;
}

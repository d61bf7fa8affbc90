/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * limit - how many unauthenticated requests get an answer (a challenge or a
 * refusal), so that a flood of them costs little and is no amplifier.
 *
 * Token buckets, one second deep: one for each source, and one that all sources
 * share from which nothing authenticated has come lately. A source that has
 * proved itself draws on its own bucket alone: strangers can't starve it.
 *
 * Memory is fixed. Thread: the loop's. Pure but for its struct.
 */
#ifndef CORE_LIMIT_H
#define CORE_LIMIT_H

#include "base/addr.h"

#define LIMIT_SOURCES 4096

struct bucket {
	uint64_t last_ms;
	uint32_t millis; /* thousandths of a token */
};

struct limit_source {
	struct addr addr; /* port not used; version 0: free */
	uint64_t good_until_ms;
	struct bucket bucket;
};

struct limit {
	uint32_t strangers; /* a second, all together */
	uint32_t source;    /* a second, each stranger */
	uint32_t good;	    /* a second, each source that has proved itself */
	uint64_t seed;	    /* of the table's hash: unpredictable */
	struct bucket all;
	struct limit_source table[LIMIT_SOURCES];
};

void limit_init(struct limit *l, uint32_t strangers, uint32_t source,
		uint32_t good);

/* May a request from src be answered? Takes a token. */
bool limit_take(struct limit *l, const struct addr *src, uint64_t now_ms);

/* Something from src was authenticated. */
void limit_good(struct limit *l, const struct addr *src, uint64_t now_ms);

#endif

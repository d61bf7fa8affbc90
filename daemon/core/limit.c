/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/limit.h"

#include <string.h>

#include "base/digest.h"

#define GOOD_MS 3600000

void limit_init(struct limit *l, uint32_t strangers, uint32_t source,
		uint32_t good)
{
	memset(l, 0, sizeof(*l));
	l->strangers = strangers;
	l->source = source;
	l->good = good;
	digest_random(&l->seed, sizeof(l->seed));
}

static bool bucket_take(struct bucket *b, uint32_t rate, uint64_t now_ms)
{
	uint64_t full = (uint64_t)rate * 1000;
	uint64_t have = b->millis;

	if (now_ms > b->last_ms) {
		uint64_t ms = now_ms - b->last_ms;

		have = ms >= 1000 ? full : have + ms * rate;
		if (have > full)
			have = full;
	}
	/* a clock that was set back starts counting anew */
	b->last_ms = now_ms;
	b->millis = (uint32_t)have;
	if (have < 1000)
		return false;
	b->millis -= 1000;
	return true;
}

static struct limit_source *source_slot(struct limit *l, const struct addr *src)
{
	uint64_t h = l->seed;

	for (size_t i = 0; i < sizeof(src->ip); i++)
		h = (h ^ src->ip[i]) * UINT64_C(0x100000001b3);
	h ^= h >> 29;
	return &l->table[h % LIMIT_SOURCES];
}

static bool same_host(const struct addr *a, const struct addr *b)
{
	return a->version == b->version && !memcmp(a->ip, b->ip, sizeof(a->ip));
}

/* The slot of src; NULL when a good source holds it. */
static struct limit_source *source_get(struct limit *l, const struct addr *src,
				       uint64_t now_ms)
{
	struct limit_source *s = source_slot(l, src);

	if (same_host(&s->addr, src))
		return s;
	if (s->good_until_ms > now_ms)
		return NULL;
	*s = (struct limit_source){ .addr = *src };
	return s;
}

bool limit_take(struct limit *l, const struct addr *src, uint64_t now_ms)
{
	struct limit_source *s = source_get(l, src, now_ms);

	if (s && s->good_until_ms > now_ms)
		return bucket_take(&s->bucket, l->good, now_ms);
	if (s && !bucket_take(&s->bucket, l->source, now_ms))
		return false;
	return bucket_take(&l->all, l->strangers, now_ms);
}

void limit_good(struct limit *l, const struct addr *src, uint64_t now_ms)
{
	struct limit_source *s = source_get(l, src, now_ms);

	if (s)
		s->good_until_ms = now_ms + GOOD_MS;
}

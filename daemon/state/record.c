// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A packed record is a list of runs: how many words of four octets stand here,
 * how many zero words follow that don't, and the words. A single zero word
 * stays among the others: a run of its own would be as long.
 */
#include "state/record.h"

#include <assert.h>

#define WORD sizeof(uint32_t)

struct run {
	uint16_t words, zeros;
};

static uint32_t word_at(const uint8_t *p, size_t i)
{
	uint32_t w;

	memcpy(&w, p + i * WORD, WORD);
	return w;
}

/* How many zero words there are from i on. */
static size_t zeros_at(const uint8_t *p, size_t i, size_t n)
{
	size_t from = i;
	uint64_t two;

	for (; n - i >= 2; i += 2) {
		memcpy(&two, p + i * WORD, sizeof(two));
		if (two)
			break;
	}
	while (i < n && !word_at(p, i))
		i++;
	return i - from;
}

size_t record_pack(uint8_t *out, const void *in, size_t size)
{
	const uint8_t *p = in;
	size_t n = size / WORD, i = 0, len = 0;

	assert(size % WORD == 0 && n <= UINT16_MAX);
	while (i < n) {
		size_t from = i, zeros = 0;
		struct run r;

		do {
			i += zeros;
			while (i < n && word_at(p, i))
				i++;
			zeros = zeros_at(p, i, n);
		} while (zeros == 1);
		r = (struct run){ (uint16_t)(i - from), (uint16_t)zeros };
		memcpy(out + len, &r, sizeof(r));
		memcpy(out + len + sizeof(r), p + from * WORD, r.words * WORD);
		len += sizeof(r) + r.words * WORD;
		i += zeros;
	}
	return len;
}

int record_unpack(void *out, size_t size, struct span v, size_t *used)
{
	uint8_t *p = out;
	size_t at = 0;

	while (size) {
		struct run r;
		size_t words, zeros;

		if (v.len - at < sizeof(r))
			return EIO;
		memcpy(&r, v.p + at, sizeof(r));
		at += sizeof(r);
		words = r.words * WORD;
		zeros = r.zeros * WORD;
		if (words > v.len - at || words > size ||
		    zeros > size - words || !(words + zeros))
			return EIO;
		memcpy(p, v.p + at, words);
		memset(p + words, 0, zeros);
		at += words;
		p += words + zeros;
		size -= words + zeros;
	}
	*used = at;
	return 0;
}

int record_get(struct store *s, enum store_table t, const struct store_key *k,
	       uint64_t now_ms, void *out, size_t size)
{
	struct span v;
	int err = store_get(s, t, k, now_ms, &v);

	if (err)
		return err;
	if (v.len != size)
		return EIO;
	memcpy(out, v.p, size);
	return 0;
}

int record_get_packed(struct store *s, enum store_table t,
		      const struct store_key *k, uint64_t now_ms, void *out,
		      size_t size, size_t plain)
{
	struct span v;
	size_t used = 0;
	int err = store_get(s, t, k, now_ms, &v);

	if (err)
		return err;
	if (v.len < plain)
		return EIO;
	memcpy(out, v.p, plain);
	v = span_make(v.p + plain, v.len - plain);
	err = record_unpack((uint8_t *)out + plain, size - plain, v, &used);
	return !err && used != v.len ? EIO : err;
}

int record_put_packed(struct store *s, enum store_table t,
		      const struct store_key *k, uint64_t expire_ms,
		      const void *in, size_t size, size_t plain)
{
	uint8_t v[RECORD_MAX + 4];
	size_t len;

	assert(size <= RECORD_MAX && plain <= size);
	memcpy(v, in, plain);
	len = plain +
	      record_pack(v + plain, (const uint8_t *)in + plain, size - plain);
	return store_put(s, t, k, expire_ms, span_make(v, len));
}

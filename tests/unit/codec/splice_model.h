/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * splice_model - the edits of a splice applied slowly and obviously: what its
 * tests and its fuzz target compare with.
 */
#ifndef TEST_SPLICE_MODEL_H
#define TEST_SPLICE_MODEL_H

#include "codec/splice.h"

#define MODEL_EDITS 24

/*
 * The model: for each octet of the original the edit that deletes it, found by
 * looking at every pair of edits; no sorting, no cursor.
 */
struct model {
	size_t n;
	struct edit e[MODEL_EDITS];
};

static inline bool covers(const struct edit *a, const struct edit *b)
{
	return a->off <= b->off && b->off + b->del <= a->off + a->del;
}

static inline bool overlap(const struct edit *a, const struct edit *b)
{
	return a->off < b->off + b->del && b->off < a->off + a->del;
}

static inline bool swallowed(const struct model *m, size_t i)
{
	const struct edit *e = &m->e[i];

	for (size_t j = 0; j < m->n; j++) {
		const struct edit *by = &m->e[j];

		if (j == i || !by->del)
			continue;
		if (!e->del) {
			if (by->off < e->off && e->off < by->off + by->del)
				return true;
		} else if (covers(by, e) && (by->del > e->del || j < i)) {
			return true;
		}
	}
	return false;
}

/* The length of what comes out, or -1 where deletions overlap. */
static inline int model_apply(const struct model *m, const char *orig,
			      size_t len, char *out)
{
	size_t n = 0;

	for (size_t i = 0; i < m->n; i++) {
		for (size_t j = 0; j < i; j++) {
			if (overlap(&m->e[i], &m->e[j]) && !swallowed(m, i) &&
			    !swallowed(m, j))
				return -1;
		}
	}
	for (size_t at_off = 0; at_off <= len; at_off++) {
		bool gone = false;

		for (int deletes = 0; deletes < 2; deletes++) {
			for (size_t i = 0; i < m->n; i++) {
				const struct edit *e = &m->e[i];

				if (e->off != at_off || !!e->del != deletes ||
				    swallowed(m, i))
					continue;
				memcpy(out + n, e->ins.p, e->ins.len);
				n += e->ins.len;
			}
		}
		for (size_t i = 0; i < m->n; i++)
			gone |= m->e[i].off <= at_off &&
				at_off < m->e[i].off + m->e[i].del;
		if (at_off < len && !gone)
			out[n++] = orig[at_off];
	}
	return (int)n;
}

#endif

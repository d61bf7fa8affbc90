// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Theory of operation
 *
 * Edits are kept as they come. splice_apply() sorts them by offset, and at one
 * offset insertions first, then the longest deletion; so what a deletion
 * swallows always stands behind it, and one pass with a cursor suffices.
 */
#include <errno.h>

#include "codec/splice.h"

/* An offset no original has: an outlying edit stays one until it is found. */
#define OUTLYING SIZE_MAX

void splice_init(struct splice *s, struct span orig)
{
	s->orig = span_set(orig) ? orig : SPAN_LIT("");
	s->n = 0;
	s->full = false;
}

static void add(struct splice *s, size_t off, size_t del, struct span ins)
{
	if (s->n == SPLICE_MAX)
		s->full = true;
	else
		s->edit[s->n++] = (struct edit){ off, del, ins };
}

void splice_replace(struct splice *s, struct span at, struct span ins)
{
	uintptr_t base = (uintptr_t)s->orig.p, p = (uintptr_t)at.p;
	bool inside = at.p && p >= base && p - base <= s->orig.len;

	add(s, inside ? p - base : OUTLYING, at.len, ins);
}

void splice_delete(struct splice *s, struct span at)
{
	splice_replace(s, at, SPAN_NONE);
}

void splice_insert(struct splice *s, size_t off, struct span ins)
{
	add(s, off, 0, ins);
}

static bool goes_before(const struct edit *a, const struct edit *b)
{
	if (a->off != b->off)
		return a->off < b->off;
	if (!a->del || !b->del)
		return !a->del && b->del;
	return a->del > b->del;
}

/* Stable, and linear for edits added in order, as nearly all are. */
static void sort(struct splice *s)
{
	for (size_t i = 1; i < s->n; i++) {
		struct edit e = s->edit[i];
		size_t at = i;

		for (; at && goes_before(&e, &s->edit[at - 1]); at--)
			s->edit[at] = s->edit[at - 1];
		s->edit[at] = e;
	}
}

struct writer {
	char *out;
	size_t len, cap;
};

static int put(struct writer *w, const char *p, size_t len)
{
	if (len > w->cap - w->len)
		return EMSGSIZE;
	if (len)
		memcpy(w->out + w->len, p, len);
	w->len += len;
	return 0;
}

/* `done` octets of the original are written or deleted. */
static int apply(const struct splice *s, const struct edit *e, size_t *done,
		 struct writer *w)
{
	if (e->off > s->orig.len || e->del > s->orig.len - e->off)
		return EINVAL;
	if (e->off < *done)
		return e->del > *done - e->off ? EINVAL : 0;
	if (put(w, s->orig.p + *done, e->off - *done) ||
	    put(w, e->ins.p, e->ins.len))
		return EMSGSIZE;
	*done = e->off + e->del;
	return 0;
}

int splice_apply(struct splice *s, char *out, size_t cap, size_t *len)
{
	struct writer w = { out, 0, cap };
	size_t done = 0;

	if (s->full)
		return E2BIG;
	sort(s);
	for (size_t i = 0; i < s->n; i++) {
		int err = apply(s, &s->edit[i], &done, &w);

		if (err)
			return err;
	}
	if (put(&w, s->orig.p + done, s->orig.len - done))
		return EMSGSIZE;
	*len = w.len;
	return 0;
}

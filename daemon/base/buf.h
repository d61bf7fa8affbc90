/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * buf - a bounded writer over memory that the caller owns.
 *
 * Additions beyond the capacity write nothing and set `full`, which stays set:
 * a sequence of additions needs one check at its end. Nothing is terminated.
 *
 * Thread: one owner.
 */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stdarg.h>
#include "base/span.h"

struct buf {
	char *p;
	size_t len;
	size_t cap;
	bool full;
};

static inline struct buf buf_make(void *p, size_t cap)
{
	return (struct buf){ p, 0, cap, false };
}

static inline struct span buf_span(const struct buf *b)
{
	return (struct span){ b->p, b->len };
}

void buf_add(struct buf *b, struct span s);
static inline void buf_str(struct buf *b, const char *s)
{
	buf_add(b, span_str(s));
}

void buf_u32(struct buf *b, uint32_t v); /* decimal */
/* Needs one octet of room more than it writes. */
void buf_fmt(struct buf *b, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

#endif

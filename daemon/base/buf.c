// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdio.h>

#include "base/buf.h"

void buf_add(struct buf *b, struct span s)
{
	if (b->full || s.len > b->cap - b->len) {
		b->full = true;
		return;
	}
	if (s.len)
		memcpy(b->p + b->len, s.p, s.len);
	b->len += s.len;
}

void buf_u32(struct buf *b, uint32_t v)
{
	char digits[10];
	size_t at = sizeof(digits);

	do {
		digits[--at] = (char)('0' + v % 10);
		v /= 10;
	} while (v);
	buf_add(b, span_make(digits + at, sizeof(digits) - at));
}

void buf_fmt(struct buf *b, const char *fmt, ...)
{
	size_t room = b->cap - b->len;
	va_list ap;
	int n;

	if (b->full)
		return;
	va_start(ap, fmt);
	n = vsnprintf(room ? b->p + b->len : NULL, room, fmt, ap);
	va_end(ap);
	if (n < 0 || (size_t)n >= room)
		b->full = true;
	else
		b->len += (size_t)n;
}

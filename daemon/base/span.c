// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>

#include "base/span.h"

static unsigned char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : (unsigned char)c;
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

bool span_eq(struct span a, struct span b)
{
	/* memcmp() must not see the NULL of an absent span */
	return a.len == b.len && (!a.len || !memcmp(a.p, b.p, a.len));
}

bool span_ieq(struct span a, struct span b)
{
	if (a.len != b.len)
		return false;
	for (size_t i = 0; i < a.len; i++) {
		if (lower(a.p[i]) != lower(b.p[i]))
			return false;
	}
	return true;
}

struct span span_lower(struct span s, char *mem, size_t cap)
{
	if (!s.len || s.len > cap)
		return s;
	for (size_t i = 0; i < s.len; i++)
		mem[i] = (char)lower(s.p[i]);
	return span_make(mem, s.len);
}

struct span span_trim(struct span s)
{
	while (s.len && is_space(s.p[s.len - 1]))
		s.len--;
	while (s.len && is_space(*s.p)) {
		s.p++;
		s.len--;
	}
	return s;
}

size_t span_find(struct span s, char c)
{
	const char *hit = s.len ? memchr(s.p, c, s.len) : NULL;

	return hit ? (size_t)(hit - s.p) : s.len;
}

int span_u32(struct span s, uint32_t *out)
{
	uint64_t v = 0;

	if (!s.len)
		return EINVAL;
	for (size_t i = 0; i < s.len; i++) {
		if (s.p[i] < '0' || s.p[i] > '9')
			return EINVAL;
		/* held above the limit, so that any number of digits is read */
		if (v <= UINT32_MAX)
			v = v * 10 + (uint64_t)(s.p[i] - '0');
	}
	if (v > UINT32_MAX)
		return ERANGE;
	*out = (uint32_t)v;
	return 0;
}

int span_copy(char *dst, size_t cap, struct span s)
{
	if (cap)
		*dst = '\0';
	if (s.len >= cap)
		return ENAMETOOLONG;
	if (span_find(s, '\0') < s.len)
		return EINVAL;
	if (s.len)
		memcpy(dst, s.p, s.len);
	dst[s.len] = '\0';
	return 0;
}

void str_copy(char *dst, size_t cap, const char *src)
{
	size_t n = strnlen(src, cap - 1);

	memcpy(dst, src, n);
	dst[n] = '\0';
}

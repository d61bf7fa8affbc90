// SPDX-License-Identifier: GPL-2.0-or-later
#include "codec/siptext.h"

#include "base/eight.h"

/*
 * By character. TEXT_TAG are those of a token, and a few that PJSIP takes in a
 * parameter's value.
 */
#define T  TEXT_TOKEN
#define V  TEXT_VALUE
#define H  TEXT_HOST
#define U  TEXT_URI
#define N  TEXT_NAME
#define L  TEXT_LINE
#define G  TEXT_TAG
#define AN (T | V | H | U | N | L | G)

const uint8_t text_class[256] = {
	['\t'] = N | L,
	[' '] = N | L,
	['!'] = T | V | U | N | L | G,
	['"'] = L,
	['#'] = V | U | N | L,
	['$'] = V | U | N | L | G,
	['%'] = T | V | U | N | L | G,
	['&'] = V | U | N | L | G,
	['\''] = T | V | U | N | L | G,
	['('] = V | U | N | L,
	[')'] = V | U | N | L,
	['*'] = T | V | U | N | L | G,
	['+'] = T | V | U | N | L | G,
	[','] = U | L,
	['-'] = AN,
	['.'] = AN,
	['/'] = V | U | N | L | G,
	['0' ... '9'] = AN,
	[':'] = V | U | L | G,
	[';'] = U | L,
	['<'] = L,
	['='] = V | U | N | L,
	['>'] = L,
	['?'] = V | U | N | L,
	['@'] = V | U | N | L,
	['A' ... 'Z'] = AN,
	['['] = V | U | N | L | G,
	['\\'] = L,
	[']'] = V | U | N | L | G,
	['^'] = V | U | N | L,
	['_'] = AN,
	['`'] = T | V | U | N | L | G,
	['a' ... 'z'] = AN,
	['{'] = V | U | N | L,
	['|'] = V | U | N | L,
	['}'] = V | U | N | L,
	['~'] = T | V | U | N | L | G,
	[128 ... 255] = V | U | N | L,
};

bool text_all(struct span s, unsigned int classes)
{
	for (size_t i = 0; i < s.len; i++)
		if (!text_is(s.p[i], classes))
			return false;
	return true;
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

size_t text_space(struct text *t)
{
	const char *from = t->p;

	while (t->p != t->end && is_space(*t->p))
		t->p++;
	return (size_t)(t->p - from);
}

struct span text_run(struct text *t, unsigned int classes)
{
	const char *from = t->p;

	while (t->p != t->end && text_is(*t->p, classes))
		t->p++;
	return span_make(from, (size_t)(t->p - from));
}

bool text_quoted(struct text *t, struct span *inner)
{
	const char *from;

	if (!text_take(t, '"'))
		return false;
	from = t->p;
	while (t->end - t->p >= 8) {
		uint64_t x = eight_at(t->p);

		if (eight_has(x, '"') || eight_has(x, '\\'))
			break;
		t->p += 8;
	}
	while (t->p != t->end && *t->p != '"') {
		if (*t->p == '\\' && ++t->p == t->end)
			return false;
		t->p++;
	}
	*inner = span_make(from, (size_t)(t->p - from));
	return text_take(t, '"');
}

bool text_parameter(struct text *t, struct text_param *out)
{
	text_space(t);
	out->name = text_run(t, TEXT_TOKEN);
	out->value = SPAN_NONE;
	out->quoted = false;
	if (out->name.len == 0)
		return false;
	text_space(t);
	if (!text_take(t, '='))
		return true;
	text_space(t);
	out->quoted = text_at(t, '"');
	if (out->quoted) {
		if (!text_quoted(t, &out->value))
			return false;
	} else {
		out->value = text_run(t, TEXT_VALUE);
		if (out->value.len == 0)
			return false;
	}
	text_space(t);
	return true;
}

static bool is_any(char c, const char *any)
{
	while (*any && *any != c)
		any++;
	return *any != '\0';
}

bool text_seek(struct text *t, const char *any)
{
	struct span inner;

	while (t->p != t->end) {
		if (is_any(*t->p, any))
			return true;
		if (*t->p == '"') {
			if (!text_quoted(t, &inner))
				return false;
		} else if (*t->p == '<') {
			while (t->p != t->end && *t->p != '>')
				t->p++;
			if (!text_take(t, '>'))
				return false;
		} else {
			t->p++;
		}
	}
	return true;
}

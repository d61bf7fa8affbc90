/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * siptext - the small pieces of SIP's grammar (RFC 3261 section 25.1) that
 * several files here read: white space, tokens, quoted strings, parameters.
 *
 * In the value of a row CR and LF stand in folds only (sipscan sees to that),
 * so both count as white space here.
 *
 * Pure. Nothing is copied; every span points into the text.
 */
#ifndef CODEC_SIPTEXT_H
#define CODEC_SIPTEXT_H

#include "base/span.h"

/* A place in a text that is being read. */
struct text {
	const char *p, *end;
};

struct text_param {
	struct span name;
	struct span value; /* absent: no "="; quotes kept off */
	bool quoted;
};

/* What a character may be; sets of these. */
enum text_class {
	TEXT_TOKEN = 1, /* token */
	TEXT_VALUE = 2, /* of a parameter, unquoted: what ends none */
	TEXT_HOST = 4,	/* host name or IPv4 address; "_" too */
	TEXT_URI = 8,	/* anywhere in a URI; octets above 127 too */
	TEXT_NAME = 16, /* unquoted display name */
	TEXT_LINE = 32, /* anywhere in a header row: no control character */
	TEXT_TAG = 64,	/* tag and branch: nobody cuts, unquotes, unescapes */
};
extern const uint8_t text_class[256];

static inline bool text_is(char c, unsigned int classes)
{
	return text_class[(unsigned char)c] & classes;
}

static inline struct text text_of(struct span s)
{
	if (!s.p)
		s.p = ""; /* NULL + 0 is not defined */
	return (struct text){ s.p, s.p + s.len };
}

static inline bool text_at_end(const struct text *t)
{
	return t->p == t->end;
}

static inline bool text_at(const struct text *t, char c)
{
	return t->p != t->end && *t->p == c;
}

/* Pass over c if it stands here. */
static inline bool text_take(struct text *t, char c)
{
	if (!text_at(t, c))
		return false;
	t->p++;
	return true;
}

/* Are all of s in one of the classes? True for an empty one. */
bool text_all(struct span s, unsigned int classes);

/* Pass over white space; how much. */
size_t text_space(struct text *t);

/* The run of characters of the classes that begins here; may be empty. */
struct span text_run(struct text *t, unsigned int classes);

/* A quoted string without its quotes, escapes left in. False: none, open. */
bool text_quoted(struct text *t, struct span *inner);

/*
 * name [ "=" ( value / quoted ) ] with white space round each part. False for
 * an empty name or value, or a quote that does not close.
 */
bool text_parameter(struct text *t, struct text_param *out);

/* Move to the next c outside of quotes (and "<>"), or to the end. False: open.
 */
bool text_seek(struct text *t, const char *any);

#endif

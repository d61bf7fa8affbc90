// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The input is a pattern, a line feed, and a URI; or a URI alone. A canonical
 * form must be its own, hold its parts, and match as a simpler matcher says.
 */
#include <errno.h>
#include <stdlib.h>

#include "codec/sipuri.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

#define MUST(x)                                                                \
	do {                                                                   \
		if (!(x))                                                      \
			abort();                                               \
	} while (0)

static bool is_upper(char c)
{
	return c >= 'A' && c <= 'Z';
}

/* Capitals of a pattern stand for small letters outside the user. */
static bool same(char p, const char *canonical, const char *c)
{
	const char *at = strchr(canonical, '@');

	if (p == *c)
		return true;
	if (at && c >= canonical + 4 && c < at)
		return false;
	return is_upper(p) && p - 'A' + 'a' == *c;
}

/* By the definition, and so in exponential time: for short patterns. */
static bool naive_match(const char *p, const char *canonical, const char *c)
{
	if (!*p)
		return !*c;
	if (*p == '*')
		return naive_match(p + 1, canonical, c) ||
		       (*c && naive_match(p, canonical, c + 1));
	return *c && same(*p, canonical, c) &&
	       naive_match(p + 1, canonical, c + 1);
}

static void check_match(struct span pattern, const char *canonical)
{
	char p[16];
	size_t stars = 0;

	if (span_copy(p, sizeof(p), pattern))
		return;
	for (const char *c = p; *c; c++)
		stars += *c == '*';
	if (stars < 3)
		MUST(sipuri_match(p, canonical) ==
		     naive_match(p, canonical, canonical));
}

static void check_parts(const char *canonical)
{
	struct span host = sipuri_host(canonical),
		    user = sipuri_user(canonical);

	if (!strncmp(canonical, "tel:+", 5)) {
		MUST(!span_set(host) && !span_set(user));
		MUST(strspn(canonical + 5, "0123456789") ==
		     strlen(canonical + 5));
		MUST(canonical[5]);
		return;
	}
	MUST(!strncmp(canonical, "sip:", 4));
	MUST(host.len);
	for (size_t i = 0; i < host.len; i++)
		MUST(!is_upper(host.p[i]) && host.p[i] != '@');
	if (span_set(user)) {
		MUST(user.p == canonical + 4 && user.len);
		MUST(user.p[user.len] == '@' &&
		     host.p == user.p + user.len + 1);
		MUST(!strchr(host.p, '@'));
	} else {
		MUST(host.p == canonical + 4);
	}
}

static void check_canonical(struct span uri, struct span pattern)
{
	char out[SIPURI_MAX], again[SIPURI_MAX];
	int err = sipuri_canonical(out, uri);

	if (err) {
		MUST((err == EINVAL || err == ENAMETOOLONG) && !*out);
		return;
	}
	for (const char *c = out; *c; c++)
		MUST(*c > ' ' && *c < 0x7f && !strchr("<>\"", *c));
	MUST(!sipuri_canonical(again, span_str(out)) && !strcmp(out, again));
	MUST(sipuri_match("*", out) && sipuri_match(out, out));
	check_parts(out);
	check_match(pattern, out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct span all = span_make(data, len);
	size_t line = span_find(all, '\n');

	if (line == len)
		check_canonical(all, SPAN_LIT("*"));
	else
		check_canonical(span_make(all.p + line + 1, len - line - 1),
				span_make(all.p, line));
	return 0;
}

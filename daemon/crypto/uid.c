/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include "crypto/uid.h"

static bool printable(struct span s)
{
	for (size_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (c < ' ' || c == 0x7f)
			return false;
	}
	return true;
}

static size_t count(struct span s, char c)
{
	size_t n = 0;

	for (size_t i = 0; i < s.len; i++)
		n += s.p[i] == c;
	return n;
}

/*
 * What stands in the one pair of brackets, which ends the user ID; or all of it
 * when there are none. Brackets inside quotes count too: a display name that
 * holds an address is somebody's trick.
 */
static struct span address(struct span s)
{
	size_t open = span_find(s, '<');

	if (count(s, '<') == 0 && count(s, '>') == 0)
		return s;
	if (count(s, '<') != 1 || count(s, '>') != 1 || s.p[s.len - 1] != '>')
		return SPAN_NONE;
	return span_make(s.p + open + 1, s.len - open - 2);
}

static bool has_scheme(struct span s)
{
	struct span scheme = span_make(s.p, span_find(s, ':'));

	return scheme.len < s.len && (span_ieq(scheme, SPAN_LIT("sip")) ||
				      span_ieq(scheme, SPAN_LIT("sips")) ||
				      span_ieq(scheme, SPAN_LIT("tel")));
}

/*
 * A mail address that reads the same as a SIP address of record. Quoted ones,
 * and those with characters that mean something else in a URI, don't.
 */
static bool plain_mail(struct span s)
{
	static const char fits[] = "abcdefghijklmnopqrstuvwxyz"
				   "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				   "0123456789-_.!~*'&=+$/@";

	for (size_t i = 0; i < s.len; i++)
		if (!s.p[i] || !strchr(fits, s.p[i]))
			return false;
	return count(s, '@') == 1;
}

int uid_canonical(char out[SIPURI_MAX], struct span uid)
{
	char uri[SIPURI_MAX] = "sip:";
	struct span s;

	out[0] = '\0';
	s = printable(uid) ? address(span_trim(uid)) : SPAN_NONE;
	if (!s.len)
		return EINVAL;
	if (has_scheme(s))
		return sipuri_canonical(out, s) ? EINVAL : 0;
	if (!plain_mail(s) || span_copy(uri + 4, sizeof(uri) - 4, s))
		return EINVAL;
	return sipuri_canonical(out, span_str(uri)) ? EINVAL : 0;
}

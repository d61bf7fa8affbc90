// SPDX-License-Identifier: GPL-2.0-or-later
#include <arpa/inet.h>
#include <errno.h>

#include "base/buf.h"
#include "codec/sipuri.h"

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_alnum(char c)
{
	return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

static bool is_one_of(const char *set, char c)
{
	return c && strchr(set, c);
}

static bool is_unreserved(char c)
{
	return is_alnum(c) || is_one_of("-_.!~*'()", c);
}

static bool is_user(char c)
{
	return is_unreserved(c) || is_one_of("&=+$,;?/", c);
}

static bool is_password(char c)
{
	return is_unreserved(c) || is_one_of("&=+$,", c);
}

/* Parameters and headers are left out, so only what breaks a URI matters. */
static bool is_tail(char c)
{
	return c > ' ' && c < 0x7f && !is_one_of("<>\"@", c);
}

static int hex_digit(char c)
{
	if (is_digit(c))
		return c - '0';
	c = lower(c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static void put_char(struct buf *b, char c)
{
	buf_add(b, span_make(&c, 1));
}

/* The octet of an escape at s.p, or -1. */
static int unescape(struct span s)
{
	int high, low;

	if (s.len < 3)
		return -1;
	high = hex_digit(s.p[1]);
	low = hex_digit(s.p[2]);
	return high < 0 || low < 0 ? -1 : high << 4 | low;
}

static void put_octet(struct buf *b, int octet)
{
	static const char hex[] = "0123456789ABCDEF";

	if (octet < 0x80 && is_unreserved((char)octet)) {
		put_char(b, (char)octet);
		return;
	}
	put_char(b, '%');
	put_char(b, hex[octet >> 4]);
	put_char(b, hex[octet & 15]);
}

/* Copy text of one set of characters, its escapes in their one right form. */
static int put_text(struct buf *b, struct span s, bool (*is_in_set)(char))
{
	for (size_t i = 0; i < s.len; i++) {
		int octet;

		if (s.p[i] != '%') {
			if (!is_in_set(s.p[i]))
				return EINVAL;
			put_char(b, s.p[i]);
			continue;
		}
		octet = unescape(span_make(s.p + i, s.len - i));
		if (octet < 0)
			return EINVAL;
		put_octet(b, octet);
		i += 2;
	}
	return 0;
}

static struct span from(struct span s, size_t off)
{
	return span_make(s.p + off, s.len - off);
}

static int put_user(struct buf *b, struct span userinfo)
{
	size_t colon = span_find(userinfo, ':');
	char waste[1];
	struct buf password = buf_make(waste, 0);

	if (!colon || put_text(b, span_make(userinfo.p, colon), is_user))
		return EINVAL;
	if (colon < userinfo.len &&
	    put_text(&password, from(userinfo, colon + 1), is_password))
		return EINVAL;
	put_char(b, '@');
	return 0;
}

static int put_ip6(struct buf *b, struct span text)
{
	char ip[INET6_ADDRSTRLEN];
	uint8_t raw[16];

	if (span_copy(ip, sizeof(ip), text) ||
	    inet_pton(AF_INET6, ip, raw) != 1 ||
	    !inet_ntop(AF_INET6, raw, ip, sizeof(ip)))
		return EINVAL;
	put_char(b, '[');
	buf_str(b, ip);
	put_char(b, ']');
	return 0;
}

static int put_name(struct buf *b, struct span name)
{
	char last = '.';

	if (name.len > 1 && name.p[name.len - 1] == '.')
		name.len--;
	if (!name.len)
		return EINVAL;
	for (size_t i = 0; i < name.len; i++) {
		char c = name.p[i];

		/* no label is empty; "_" is no host's, but often met */
		if (c == '.' ? last == '.'
			     : !is_alnum(c) && c != '-' && c != '_')
			return EINVAL;
		put_char(b, lower(c));
		last = c;
	}
	return last == '.' ? EINVAL : 0;
}

static int put_port(struct buf *b, struct span port)
{
	uint32_t n;

	if (span_u32(port, &n) || !n || n > 65535)
		return EINVAL;
	if (n == 5060 || n == 5061)
		return 0;
	put_char(b, ':');
	buf_u32(b, n);
	return 0;
}

static int check_tail(struct span s)
{
	for (size_t i = 0; i < s.len; i++) {
		if (!is_tail(s.p[i]))
			return EINVAL;
	}
	return 0;
}

/* host [":" port] [";" parameters] ["?" headers] */
static int put_hostport(struct buf *b, struct span s)
{
	size_t end = 0, tail;

	if (s.len && *s.p == '[') {
		end = span_find(s, ']');
		if (end == s.len || put_ip6(b, span_make(s.p + 1, end - 1)))
			return EINVAL;
		end++;
	} else {
		while (end < s.len && !is_one_of(":;?", s.p[end]))
			end++;
		if (put_name(b, span_make(s.p, end)))
			return EINVAL;
	}
	tail = end;
	while (tail < s.len && !is_one_of(";?", s.p[tail]))
		tail++;
	if (tail > end &&
	    (s.p[end] != ':' ||
	     put_port(b, span_make(s.p + end + 1, tail - end - 1))))
		return EINVAL;
	return check_tail(from(s, tail));
}

static int put_sip(struct buf *b, struct span s)
{
	size_t at = span_find(s, '@');

	buf_str(b, "sip:");
	if (at == s.len)
		return put_hostport(b, s);
	return put_user(b, span_make(s.p, at)) ||
			       put_hostport(b, from(s, at + 1))
		       ? EINVAL
		       : 0;
}

static int put_tel(struct buf *b, struct span s)
{
	size_t end = span_find(s, ';');
	bool digits = false;

	if (!s.len || *s.p != '+')
		return EINVAL;
	buf_str(b, "tel:+");
	for (size_t i = 1; i < end; i++) {
		if (is_digit(s.p[i])) {
			put_char(b, s.p[i]);
			digits = true;
		} else if (!is_one_of("-.()", s.p[i])) {
			return EINVAL;
		}
	}
	return digits ? check_tail(from(s, end)) : EINVAL;
}

static int put_uri(struct buf *b, struct span uri)
{
	size_t colon = span_find(uri, ':');
	struct span scheme = span_make(uri.p, colon);

	if (colon == uri.len)
		return EINVAL;
	uri = from(uri, colon + 1);
	if (span_ieq(scheme, SPAN_LIT("sip")) ||
	    span_ieq(scheme, SPAN_LIT("sips")))
		return put_sip(b, uri);
	if (span_ieq(scheme, SPAN_LIT("tel")))
		return put_tel(b, uri);
	return EINVAL;
}

int sipuri_canonical(char out[SIPURI_MAX], struct span uri)
{
	struct buf b = buf_make(out, SIPURI_MAX - 1);
	int err = put_uri(&b, uri);

	if (!err && b.full)
		err = ENAMETOOLONG;
	out[err ? 0 : b.len] = '\0';
	return err;
}

/* What stands behind "sip:" of a canonical form. */
static struct span address(const char *canonical)
{
	return strncmp(canonical, "sip:", 4) ? SPAN_NONE
					     : span_str(canonical + 4);
}

struct span sipuri_host(const char *canonical)
{
	struct span s = address(canonical);
	size_t at = span_find(s, '@');

	if (!span_set(s))
		return SPAN_NONE;
	if (at < s.len)
		s = from(s, at + 1);
	if (s.len && *s.p == '[')
		s.len = span_find(s, ']') + 1;
	else
		s.len = span_find(s, ':');
	return s;
}

struct span sipuri_user(const char *canonical)
{
	struct span s = address(canonical);
	size_t at = span_find(s, '@');

	return at < s.len ? span_make(s.p, at) : SPAN_NONE;
}

static bool same(char pattern, const char *c, struct span user)
{
	bool in_user = span_set(user) && c >= user.p && c < user.p + user.len;

	return in_user ? pattern == *c : lower(pattern) == *c;
}

/* On a mismatch the last "*" takes one character more: no recursion. */
bool sipuri_match(const char *pattern, const char *canonical)
{
	struct span user = sipuri_user(canonical);
	const char *star = NULL, *taken = NULL, *c = canonical;

	while (*c) {
		if (*pattern == '*') {
			star = ++pattern;
			taken = c;
		} else if (*pattern && same(*pattern, c, user)) {
			pattern++;
			c++;
		} else if (star) {
			pattern = star;
			c = ++taken;
		} else {
			return false;
		}
	}
	while (*pattern == '*')
		pattern++;
	return !*pattern;
}

// SPDX-License-Identifier: GPL-2.0-or-later
#include "core/conf.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"

bool conf_plain(const char *s)
{
	for (; *s; s++)
		if (*s < ' ' || *s > '~' || strchr("\"\\", *s) ||
		    (*s == '$' && s[1] == '{'))
			return false;
	return true;
}

/* ---- patterns of URIs ---- */

/* Stands for a star where a host's name is asked for. */
#define STAR_NAME "__star__"

static bool tel_pattern(char out[SIPURI_MAX], const char *s)
{
	struct buf b = buf_make(out, SIPURI_MAX - 1);

	buf_str(&b, "tel:");
	s += 4;
	if (*s != '+' && *s != '*')
		return false;
	for (const char *p = s; *p; p++) {
		if (isdigit((unsigned char)*p) || *p == '*' ||
		    (*p == '+' && p == s))
			buf_add(&b, span_make(p, 1));
		else if (!strchr("-.()", *p))
			return false;
	}
	out[b.len] = '\0';
	return !b.full;
}

static void put_stars(struct buf *b, struct span s, const char *from,
		      const char *to)
{
	size_t n = strlen(from);

	for (size_t i = 0; i < s.len;) {
		bool hit = s.len - i >= n && !memcmp(s.p + i, from, n);

		buf_add(b, hit ? span_str(to) : span_make(s.p + i, 1));
		i += hit ? n : 1;
	}
}

/*
 * The canonical form of a URI with stars, as what it is compared with is
 * canonical: the host's stars are names while that is made.
 */
static bool sip_pattern(char out[SIPURI_MAX], const char *s)
{
	char text[SIPURI_MAX], canonical[SIPURI_MAX];
	struct buf b = buf_make(text, sizeof(text));
	struct span all = span_str(s), host = all;
	size_t at = span_find(all, '@');
	bool any_port = span_find(all, ':') + 2 < all.len &&
			!strcmp(s + all.len - 2, ":*");

	if (strcasestr(s, STAR_NAME))
		return false;
	if (any_port)
		all.len = host.len = all.len - 2;
	if (at < all.len) {
		buf_add(&b, span_make(s, at));
		host = span_make(s + at, all.len - at);
	}
	put_stars(&b, host, "*", STAR_NAME);
	if (b.full || sipuri_canonical(canonical, buf_span(&b)))
		return false;
	b = buf_make(out, SIPURI_MAX - 1);
	put_stars(&b, span_str(canonical), STAR_NAME, "*");
	if (any_port)
		buf_str(&b, ":*");
	out[b.len] = '\0';
	return !b.full;
}

bool conf_pattern(char out[SIPURI_MAX], const char *s)
{
	bool ok;

	if (!strcmp(s, "*"))
		return !span_copy(out, SIPURI_MAX, span_str(s));
	if (!strncasecmp(s, "tel:", 4))
		ok = tel_pattern(out, s);
	else
		ok = conf_plain(s) && sip_pattern(out, s);
	if (!ok)
		*out = '\0';
	return ok;
}

/* ---- policy ---- */

const struct policy *conf_policy(const struct conf *c, const char *uri,
				 const struct addr *addr)
{
	for (size_t i = 0; i + 1 < c->n_policies; i++) {
		const struct policy *p = &c->policy[i];

		if (strcmp(p->pattern, "*") != 0 &&
		    !sipuri_match(p->pattern, uri))
			continue;
		if (p->by_addr && !(addr && addr_prefix_holds(&p->addr, addr)))
			continue;
		return p;
	}
	return &c->policy[c->n_policies - 1];
}

enum conf_mode conf_loosest(const struct conf *c)
{
	enum conf_mode mode = MODE_ENFORCE;

	for (size_t i = 0; i < c->n_policies; i++)
		if (c->policy[i].mode < mode)
			mode = c->policy[i].mode;
	return mode;
}

enum conf_mode conf_strictest(const struct conf *c)
{
	enum conf_mode mode = MODE_OBSERVE;

	for (size_t i = 0; i < c->n_policies; i++)
		if (c->policy[i].mode > mode)
			mode = c->policy[i].mode;
	return mode;
}

const struct identity *conf_identity(const struct conf *c, const char *uri)
{
	for (size_t i = 0; i < c->n_identities; i++)
		if (sipuri_match(c->identity[i].pattern, uri))
			return &c->identity[i];
	return NULL;
}

/* Hosts' names stand in realms: their case means nothing. */
bool conf_signs_for_realm(const struct conf *c, const char *realm)
{
	char lower[PGP_REALM_MAX];
	size_t n = strlen(realm);

	if (n >= sizeof(lower))
		return false;
	for (size_t i = 0; i <= n; i++)
		lower[i] = (char)(realm[i] >= 'A' && realm[i] <= 'Z'
					  ? realm[i] + ('a' - 'A')
					  : realm[i]);
	for (size_t i = 0; i < c->n_sign_realms; i++)
		if (sipuri_match(c->sign_realm[i], lower))
			return true;
	return false;
}

// SPDX-License-Identifier: GPL-2.0-or-later
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/addr.h"
#include "base/span.h"

static size_t ip_len(const struct addr *a)
{
	return a->version == 6 ? 16 : a->version == 4 ? 4 : 0;
}

bool addr_eq(const struct addr *a, const struct addr *b)
{
	return a->version == b->version && a->port == b->port &&
	       !memcmp(a->ip, b->ip, ip_len(a));
}

static int parse_bits(struct span s, uint32_t most, uint8_t *out)
{
	uint32_t bits;

	if (s.len > 3 || span_u32(s, &bits) || bits > most)
		return EINVAL;
	*out = (uint8_t)bits;
	return 0;
}

int addr_prefix_parse(const char *s, struct addr_prefix *out)
{
	struct span all = span_str(s);
	size_t slash = span_find(all, '/');
	struct addr_prefix p = { .bits = 0 };
	char ip[INET6_ADDRSTRLEN];

	if (span_copy(ip, sizeof(ip), span_make(s, slash)))
		return EINVAL;
	if (inet_pton(AF_INET, ip, p.addr.ip) == 1)
		p.addr.version = 4;
	else if (inet_pton(AF_INET6, ip, p.addr.ip) == 1)
		p.addr.version = 6;
	else
		return EINVAL;

	p.bits = (uint8_t)(ip_len(&p.addr) * 8);
	if (slash < all.len &&
	    parse_bits(span_make(s + slash + 1, all.len - slash - 1), p.bits,
		       &p.bits))
		return EINVAL;
	*out = p;
	return 0;
}

bool addr_prefix_holds(const struct addr_prefix *p, const struct addr *a)
{
	size_t whole = p->bits / 8;
	uint8_t mask = (uint8_t)(0xff00 >> p->bits % 8);

	if (!a->version || a->version != p->addr.version ||
	    p->bits > ip_len(a) * 8)
		return false;
	if (memcmp(a->ip, p->addr.ip, whole))
		return false;
	return !mask || !((a->ip[whole] ^ p->addr.ip[whole]) & mask);
}

const char *addr_str(const struct addr *a, char out[ADDR_STR_MAX])
{
	int family = a->version == 6 ? AF_INET6 : AF_INET;
	char ip[INET6_ADDRSTRLEN];

	if (!ip_len(a) || !inet_ntop(family, a->ip, ip, sizeof(ip)))
		snprintf(out, ADDR_STR_MAX, "none");
	else if (!a->port)
		snprintf(out, ADDR_STR_MAX, "%s", ip);
	else if (a->version == 6)
		snprintf(out, ADDR_STR_MAX, "[%s]:%u", ip, a->port);
	else
		snprintf(out, ADDR_STR_MAX, "%s:%u", ip, a->port);
	return out;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * addr - an IPv4 or IPv6 address with a UDP port, and prefixes of them.
 * Thread: pure functions.
 */
#ifndef BASE_ADDR_H
#define BASE_ADDR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ADDR_STR_MAX 64 /* "[v6]:port" and its NUL */

struct addr {
	uint8_t version; /* 4 or 6; 0 = none */
	uint8_t ip[16];	 /* network order; IPv4 in the first four */
	uint16_t port;	 /* host order */
};

struct addr_prefix {
	struct addr addr; /* port not used */
	uint8_t bits;
};

/* Address and port. */
bool addr_eq(const struct addr *a, const struct addr *b);

/* "192.0.2.1", "2001:db8::1", "10.0.0.0/8". 0; EINVAL. */
int addr_prefix_parse(const char *s, struct addr_prefix *out);
bool addr_prefix_holds(const struct addr_prefix *p, const struct addr *a);

/* "192.0.2.1:5060", "[2001:db8::1]:5060" (without the port: port 0). */
const char *addr_str(const struct addr *a, char out[ADDR_STR_MAX]);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * condition - which messages of a capture are meant, and what is in them.
 *
 * A condition is one of
 *
 *   request, response
 *   WHAT=VALUE, WHAT!=VALUE   as text, case ignored
 *   WHAT~REGEX, WHAT!~REGEX   extended, case ignored
 *   WHAT, !WHAT               it is there, it is not
 *
 * WHAT is start (the start line), method, status, cseq (the number), call-id,
 * from-tag, to-tag, branch (of the top Via), src, dst, sport, dport, octets
 * (of the datagram), wire (of IP), time (microseconds), fragmented, header,
 * body, all, or the name of a header field as RFC 3261 writes it. A field that
 * stands in several rows meets = and ~ when one of the rows does, != and !~
 * when none does.
 */
#ifndef TOOLS_CONDITION_H
#define TOOLS_CONDITION_H

#include "message.h"

#include <regex.h>

#define CONDITIONS_MAX 32

struct condition {
	char what[64];
	enum { IS_THERE, IS, MATCHES } test;
	bool negated;
	char *value;
	regex_t regex;
};

struct conditions {
	struct condition c[CONDITIONS_MAX];
	size_t n;
};

/* NULL, or what is wrong with it. */
const char *condition_add(struct conditions *all, const char *text);

bool conditions_met(struct conditions *all, const struct message *m);

/*
 * The nth (from 0) value; p is NULL when there is none. What is not text in the
 * message is written into room (of 64).
 */
struct text condition_value(const struct message *m, const char *what, size_t n,
			    char *room);

/* The end of the header: behind the empty line, or all of it. */
size_t message_header_len(const struct message *m);

#endif

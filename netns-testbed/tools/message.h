/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * message - SIP messages out of packet captures.
 *
 * Ethernet, Linux cooked, raw IP and NFLOG captures; IPv4 and IPv6, fragments
 * put together. Reading is lenient: what was captured is to be shown, also
 * when it is odd. Nothing is ever freed: the tools read, print and end.
 */
#ifndef TOOLS_MESSAGE_H
#define TOOLS_MESSAGE_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct text {
	const char *p;
	size_t len;
};

#define TEXT_FMT(t) (int)(t).len, (t).p

struct message {
	uint64_t us; /* since the epoch */
	char src[INET6_ADDRSTRLEN], dst[INET6_ADDRSTRLEN];
	unsigned int sport, dport;
	struct text all; /* the datagram */
	size_t wire;	 /* octets of IP, headers included */
	bool fragmented; /* came in more than one packet */
	size_t file;	 /* the caller's number of the capture */
	bool request;
	struct text method;  /* of a response: its CSeq's */
	unsigned int status; /* 0 in requests */
	struct text phrase;
	unsigned long cseq;
	struct text call_id;
};

struct capture {
	struct message *m;
	size_t n, room;
};

/*
 * Append the SIP messages of a capture file. NULL, or what is wrong. A file
 * that ends in the middle of a packet is read up to there.
 */
const char *capture_read(struct capture *c, const char *path, size_t file);

/* By time; messages of the same time keep the order of their files. */
void capture_sort(struct capture *c);

/* The nth (from 0) value of a header field; p is NULL when there is none. */
struct text message_field(const struct message *m, const char *name, size_t n);

/* Does any value of the field begin with the word (case ignored)? */
bool message_has(const struct message *m, const char *field, const char *word);

/* The URI of a From, To or Contact value, and the value's tag. */
struct text text_uri(struct text value);
struct text text_tag(struct text value);

bool text_is(struct text t, const char *s);
bool text_same(struct text a, struct text b);

#endif

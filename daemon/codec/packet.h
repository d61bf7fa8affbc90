/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * packet - IPv4/IPv6 and UDP, both ways (RFC 791, 8200, 768).
 *
 * Pure: no clock, no globals; every function may be given any octets.
 * Errors are positive errno values.
 */
#ifndef CODEC_PACKET_H
#define CODEC_PACKET_H

#include "base/addr.h"

#define PACKET_MAX 65535

enum packet_kind {
	PACKET_UDP,	 /* whole: payload_off and payload_len hold */
	PACKET_OTHER,	 /* another transport; src and dst addresses hold */
	PACKET_FRAGMENT, /* MF set or offset not 0: the kernel did not
			    reassemble */
	PACKET_BAD,	 /* lengths contradict each other */
};

struct packet {
	enum packet_kind kind;
	const uint8_t *data; /* not owned */
	size_t len;	     /* of the datagram by its own header */
	struct addr src, dst;
	size_t udp_off;	    /* behind IP options and extension headers */
	size_t payload_off; /* udp_off + 8 */
	size_t payload_len;
	bool df; /* IPv4 only */
};

/*
 * Read one IP packet. Skips IPv4 options and the IPv6 extension headers
 * hop-by-hop, routing, destination options and an atomic fragment header.
 * A UDP length below the IP payload is PACKET_BAD (surplus octets hide things),
 * as are hop-by-hop options out of their place; UDP behind a routing header
 * that isn't used up is PACKET_OTHER. Octets behind the datagram are ignored.
 * p may be read whatever the result; version 0 in src and dst: no address.
 */
enum packet_kind packet_parse(struct packet *p, const uint8_t *data,
			      size_t len);

/* UDP checksum right (or 0 on IPv4)? p->kind must be PACKET_UDP. */
bool packet_checksum_ok(const struct packet *p);

/*
 * The same packet with another payload: every octet of the IP header, options
 * and extension headers stays, but lengths and checksums; when it grew, DF is
 * cleared (IPv4), and ip_id is written when DF was set (a DF packet may carry
 * identification 0, which its fragments would share). There always is a UDP
 * checksum; one that computes to 0 is sent as 0xffff. out and the packet must
 * not overlap. 0; EINVAL when p isn't PACKET_UDP; EMSGSIZE beyond cap or 65535
 * octets (nothing is written then).
 */
int packet_rebuild(const struct packet *p, const void *payload, size_t len,
		   uint16_t ip_id, uint8_t *out, size_t cap, size_t *out_len);

/*
 * A new UDP packet, DF clear, hop limit 64. 0; EMSGSIZE; EINVAL when the two
 * addresses are not of one family.
 */
int packet_make(const struct addr *src, const struct addr *dst,
		const void *payload, size_t len, uint16_t ip_id, uint8_t *out,
		size_t cap, size_t *out_len);

/*
 * Cut an IP packet into fragments of at most mtu octets, each handed to emit()
 * in order (RFC 791 section 3.2; RFC 8200 section 4.5, where frag_id is the
 * identification). A packet that fits is emitted as it is, without octets
 * behind the datagram. DF is cleared; a packet that had it gets the low 16 bits
 * of frag_id as its identification. An atomic IPv6 fragment header gives way to
 * those of the fragments. What emit() is given holds until it returns.
 *
 * 0; EINVAL when it can't be cut (mtu below 68 or 1280 for IPv6, not an IP
 * packet, already a fragment, IPv4 options that can't be read, IPv6 headers
 * that don't fit in the first fragment); nothing has been emitted then.
 */
int packet_fragment(const uint8_t *ip, size_t len, size_t mtu, uint32_t frag_id,
		    void (*emit)(void *arg, const uint8_t *ip, size_t len),
		    void *arg);

#endif

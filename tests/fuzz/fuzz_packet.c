// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The input is one packet. Whatever is read from it must hold together; what
 * is built from it must be right by a checksum and a reassembly of another
 * make.
 */
#include <stdlib.h>

#include "codec/packet.h"
#include "../unit/codec/reassemble.h"

#define GROWN	5000
#define FRAG_ID 0x11223344

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

#define MUST(x)                                                                \
	do {                                                                   \
		if (!(x))                                                      \
			abort();                                               \
	} while (0)

static void check_parsed(const struct packet *p, size_t len)
{
	MUST(p->len <= len);
	MUST(p->udp_off >= 20 && p->payload_off == p->udp_off + 8);
	MUST(p->payload_off + p->payload_len == p->len);
	MUST(p->src.version == p->data[0] >> 4);
	MUST(p->dst.version == p->src.version);
}

static void check_built(const uint8_t *ip, size_t len,
			const struct packet *from, const uint8_t *payload,
			size_t payload_len)
{
	struct packet p;

	MUST(packet_parse(&p, ip, len) == PACKET_UDP);
	MUST(p.len == len && p.payload_len == payload_len);
	MUST(addr_eq(&p.src, &from->src) && addr_eq(&p.dst, &from->dst));
	MUST(packet_checksum_ok(&p) && rd16(ip + p.udp_off + 6));
	MUST(naive_udp_sum(ip, p.udp_off, len - p.udp_off) == 0xffff);
	MUST(ip[0] >> 4 == 6 || naive_sum(ip, p.udp_off, 0) == 0xffff);
	MUST(!payload_len || !memcmp(ip + p.payload_off, payload, payload_len));
}

/* The same payload gives the same octets, but for checksums that were wrong. */
static void check_same(const struct packet *p)
{
	static uint8_t out[PACKET_MAX];
	uint8_t *want;
	size_t len;

	if (packet_rebuild(p, p->data + p->payload_off, p->payload_len, 7, out,
			   sizeof(out), &len)) {
		MUST(p->len > PACKET_MAX);
		return;
	}
	MUST(len == p->len);
	check_built(out, len, p, p->data + p->payload_off, p->payload_len);
	want = malloc(len);
	MUST(want);
	memcpy(want, p->data, len);
	if (!packet_checksum_ok(p) || !rd16(want + p->udp_off + 6))
		memcpy(want + p->udp_off + 6, out + p->udp_off + 6, 2);
	/* 0 has two forms in one's complement */
	if (p->src.version == 4 && (naive_sum(want, p->udp_off, 0) != 0xffff ||
				    rd16(want + 10) == 0xffff))
		memcpy(want + 10, out + 10, 2);
	MUST(!memcmp(out, want, len));
	free(want);
}

static void count(void *arg, const uint8_t *ip, size_t len)
{
	(void)ip;
	(void)len;
	++*(size_t *)arg;
}

static void check_whole(const struct reassembly *r, const uint8_t *ip,
			size_t len)
{
	static uint8_t want[PACKET_MAX + 64];

	memcpy(want, ip, len);
	if (ip[0] >> 4 == 4) {
		if (ip[6] & 0x40) {
			want[4] = FRAG_ID >> 8 & 255;
			want[5] = FRAG_ID & 255;
		}
		memset(want + 6, 0, 2);
		memcpy(want + 10, r->out + 10, 2);
	} else if (r->len == len - 8) {
		/* an atomic fragment header went, which stood at head */
		MUST(!memcmp(r->out + r->head, ip + r->head + 8,
			     r->len - r->head));
		return;
	}
	MUST(r->len == len && !memcmp(r->out, want, len));
}

static void check_fragments(const uint8_t *ip, size_t len, size_t mtu)
{
	static struct reassembly r;
	size_t n = 0;
	size_t whole = len < 40		 ? 0
		       : ip[0] >> 4 == 4 ? rd16(ip + 2)
					 : rd16(ip + 4) + 40u;
	int err = packet_fragment(ip, len, mtu, FRAG_ID, count, &n);

	MUST(!err == !!n);
	if (err || whole <= mtu) {
		MUST(err || n == 1);
		return;
	}
	memset(&r, 0, sizeof(r));
	r.mtu = mtu;
	MUST(!packet_fragment(ip, len, mtu, FRAG_ID, reassemble_take, &r));
	MUST(!reassemble_end(&r) && r.count == n && n > 1);
	check_whole(&r, ip, whole);
}

static void check_grown(const struct packet *p, size_t mtu)
{
	static uint8_t payload[GROWN], out[PACKET_MAX];
	size_t n = p->payload_len < GROWN ? p->payload_len : GROWN, len;

	memset(payload, 'x', sizeof(payload));
	memcpy(payload, p->data + p->payload_off, n);
	if (!packet_rebuild(p, payload, GROWN - mtu % 9, 0xbeef, out,
			    sizeof(out), &len)) {
		check_built(out, len, p, payload, GROWN - mtu % 9);
		check_fragments(out, len, mtu);
	}
	MUST(!packet_make(&p->src, &p->dst, payload, n, 0, out, sizeof(out),
			  &len));
	check_built(out, len, p, payload, n);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	size_t salt = len ? data[len - 1] * 5u + (len & 7) : 0;
	size_t mtu = (len && data[0] >> 4 == 6 ? 1280 : 68) + salt;
	struct packet p;

	if (packet_parse(&p, data, len) == PACKET_UDP) {
		check_parsed(&p, len);
		check_same(&p);
		check_grown(&p, mtu);
	} else {
		MUST(!packet_checksum_ok(&p));
	}
	check_fragments(data, len, mtu);
	return 0;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * reassemble - a receiver of fragments and a checksum, written without a look
 * at daemon/codec/packet.c: what its tests and its fuzz target compare with.
 */
#ifndef TEST_REASSEMBLE_H
#define TEST_REASSEMBLE_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

struct reassembly {
	size_t mtu;
	const char *fault; /* what was wrong first, or NULL */
	uint8_t out[65536 + 64];
	size_t len; /* octets so far */
	size_t head;
	uint32_t id;
	size_t count;
	bool complete;
};

static inline unsigned int rd16(const uint8_t *p)
{
	return p[0] * 256u + p[1];
}

/* Word by word in network order, as RFC 1071 section 1 puts it. */
static inline unsigned int naive_sum(const uint8_t *p, size_t n,
				     unsigned int sum)
{
	for (size_t i = 0; i < n; i++) {
		sum += i % 2 ? p[i] : p[i] * 256u;
		if (sum > 0xffff)
			sum -= 0xffff;
	}
	return sum;
}

/* Sum of the UDP datagram at udp_off, pseudo header included: 0xffff = good. */
static inline unsigned int naive_udp_sum(const uint8_t *ip, size_t udp_off,
					 size_t udp_len)
{
	uint8_t ends[4] = { 0, 17, (uint8_t)(udp_len >> 8), (uint8_t)udp_len };
	unsigned int sum = naive_sum(ends, 4, 0);

	if (ip[0] >> 4 == 4)
		sum = naive_sum(ip + 12, 8, sum);
	else
		sum = naive_sum(ip + 8, 32, sum);
	return naive_sum(ip + udp_off, udp_len, sum);
}

static inline void reassemble_fault(struct reassembly *r, const char *what)
{
	if (!r->fault)
		r->fault = what;
}

/* One share: data at an offset, which must be the next one. */
static inline void reassemble_share(struct reassembly *r, size_t off,
				    const uint8_t *data, size_t n, bool more)
{
	if (r->complete)
		reassemble_fault(r, "data after the last fragment");
	if (off != r->len - r->head)
		reassemble_fault(r, "gap or overlap");
	if (!n || (more && n % 8))
		reassemble_fault(r, "size of a share");
	if (n > sizeof(r->out) - r->len) {
		reassemble_fault(r, "too long");
		return;
	}
	memcpy(r->out + r->len, data, n);
	r->len += n;
	r->complete = !more;
}

static inline void reassemble_ip4(struct reassembly *r, const uint8_t *ip,
				  size_t len)
{
	size_t head = (ip[0] & 15u) * 4u;

	if (rd16(ip + 2) != len)
		reassemble_fault(r, "total length");
	if (naive_sum(ip, head, 0) != 0xffff)
		reassemble_fault(r, "header checksum");
	if (rd16(ip + 6) & 0xc000)
		reassemble_fault(r, "DF or reserved bit");
	if (!r->count) {
		memcpy(r->out, ip, head);
		r->len = r->head = head;
		r->id = rd16(ip + 4);
	}
	if (r->id != rd16(ip + 4))
		reassemble_fault(r, "identification");
	/* version, TOS, TTL, protocol, addresses */
	if (r->out[1] != ip[1] || memcmp(r->out + 8, ip + 8, 2) ||
	    memcmp(r->out + 12, ip + 12, 8))
		reassemble_fault(r, "header of a later fragment");
	reassemble_share(r, (rd16(ip + 6) & 0x1fffu) * 8u, ip + head,
			 len - head, rd16(ip + 6) & 0x2000);
}

/* Follow the headers to the fragment header; 0 when there is none. */
static inline size_t find_fragment_header(const uint8_t *ip, size_t len,
					  size_t *next_at)
{
	size_t off = 40;

	*next_at = 6;
	while (ip[*next_at] != 44) {
		if (ip[*next_at] != 0 && ip[*next_at] != 43 &&
		    ip[*next_at] != 60)
			return 0;
		*next_at = off;
		off += (ip[off + 1] + 1u) * 8u;
		if (off + 8 > len)
			return 0;
	}
	return off;
}

static inline void reassemble_ip6(struct reassembly *r, const uint8_t *ip,
				  size_t len)
{
	size_t next_at, head = find_fragment_header(ip, len, &next_at);
	const uint8_t *fh = ip + head;
	uint32_t id;

	if (40 + rd16(ip + 4) != len)
		reassemble_fault(r, "payload length");
	if (!head) {
		reassemble_fault(r, "no fragment header");
		return;
	}
	id = rd16(fh + 4) * 65536u + rd16(fh + 6);
	if (!r->count) {
		memcpy(r->out, ip, head);
		r->out[next_at] = fh[0];
		r->len = r->head = head;
		r->id = id;
	}
	if (id != r->id || head != r->head || r->out[next_at] != fh[0])
		reassemble_fault(r, "identification or header");
	if (fh[1] || fh[3] & 6)
		reassemble_fault(r, "reserved field");
	reassemble_share(r, rd16(fh + 2) & 0xfff8, ip + head + 8,
			 len - head - 8, fh[3] & 1);
}

/* For packet_fragment(), when it is known that there is something to cut. */
static inline void reassemble_take(void *arg, const uint8_t *ip, size_t len)
{
	struct reassembly *r = arg;

	if (len > r->mtu)
		reassemble_fault(r, "longer than the MTU");
	if (ip[0] >> 4 == 4)
		reassemble_ip4(r, ip, len);
	else
		reassemble_ip6(r, ip, len);
	r->count++;
}

/* The lengths (and IPv4 checksum) of the whole. Returns the fault, or NULL. */
static inline const char *reassemble_end(struct reassembly *r)
{
	size_t n = r->out[0] >> 4 == 4 ? r->len : r->len - 40;
	uint8_t *at = r->out[0] >> 4 == 4 ? r->out + 2 : r->out + 4;

	if (!r->complete)
		reassemble_fault(r, "no last fragment");
	at[0] = (uint8_t)(n >> 8);
	at[1] = (uint8_t)n;
	if (r->out[0] >> 4 == 4) {
		unsigned int sum;

		memset(r->out + 6, 0, 2);
		memset(r->out + 10, 0, 2);
		sum = 0xffff - naive_sum(r->out, r->head, 0);
		r->out[10] = (uint8_t)(sum >> 8);
		r->out[11] = (uint8_t)sum;
	}
	return r->fault;
}

#endif

// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Theory of operation
 *
 * packet_parse() walks from the IP header to the UDP header and leaves offsets
 * behind; packet_rebuild() copies everything up to there as it is. Each length
 * of a header is compared with what is left of the packet before it is used,
 * and what is left is always a difference of two lengths already compared, so
 * that no sum can overflow.
 *
 * What can't be followed to its end with certainty (a real fragment, a source
 * route that isn't used up, encryption) is never called UDP: the caller drops
 * it, or lets it pass, without a guess at what is inside.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>

#include "codec/packet.h"

#define IP4_LEN	 20
#define IP6_LEN	 40
#define UDP_LEN	 8
#define FRAG_LEN 8 /* IPv6 fragment header */

#define IP4_DF	   0x4000
#define IP4_MF	   0x2000
#define IP4_OFFSET 0x1fff

#define IP6_OFFSET 0xfff8
#define IP6_MF	   0x0001

#define IP4_MTU_MIN 68
#define IP6_MTU_MIN 1280

#define OPT_COPIED 0x80

static uint16_t get_u16(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

static void put_u16(uint8_t *p, size_t v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

static void put_u32(uint8_t *p, uint32_t v)
{
	put_u16(p, v >> 16);
	put_u16(p + 2, v & 0xffff);
}

/*
 * RFC 1071: the sum doesn't mind the byte order, so words are added as they
 * lie in memory. Only the last part of a sum may have an odd length.
 */
static uint64_t sum_add(uint64_t sum, const uint8_t *p, size_t len)
{
	uint32_t word;

	for (; len >= sizeof(word); p += sizeof(word), len -= sizeof(word)) {
		memcpy(&word, p, sizeof(word));
		sum += word;
	}
	if (len) {
		word = 0;
		memcpy(&word, p, len);
		sum += word;
	}
	return sum;
}

static uint16_t sum_fold(uint64_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return ntohs((uint16_t)sum);
}

static void ip4_checksum_write(uint8_t *ip, size_t head)
{
	put_u16(ip + 10, 0);
	put_u16(ip + 10, (uint16_t)~sum_fold(sum_add(0, ip, head)));
}

/* Over the pseudo header and the UDP header and payload, its checksum too. */
static uint16_t udp_sum(const struct addr *src, const struct addr *dst,
			const uint8_t *udp, size_t len)
{
	size_t ip_len = src->version == 6 ? 16 : 4;
	uint64_t sum = htons(IPPROTO_UDP) + htons((uint16_t)len);

	sum = sum_add(sum, src->ip, ip_len);
	sum = sum_add(sum, dst->ip, ip_len);
	return sum_fold(sum_add(sum, udp, len));
}

static void udp_checksum_write(const struct addr *src, const struct addr *dst,
			       uint8_t *udp, size_t len)
{
	uint16_t sum;

	put_u16(udp + 6, 0);
	sum = udp_sum(src, dst, udp, len);
	/* a checksum of 0 would say that there is none */
	put_u16(udp + 6, sum == 0xffff ? sum : (uint16_t)~sum);
}

static void addr_read(struct addr *a, uint8_t version, const uint8_t *ip)
{
	a->version = version;
	memcpy(a->ip, ip, version == 6 ? 16 : 4);
}

static enum packet_kind udp_parse(struct packet *p, size_t off)
{
	const uint8_t *udp = p->data + off;
	size_t left = p->len - off;

	if (left < UDP_LEN || get_u16(udp + 4) != left)
		return PACKET_BAD;
	p->src.port = get_u16(udp);
	p->dst.port = get_u16(udp + 2);
	p->udp_off = off;
	p->payload_off = off + UDP_LEN;
	p->payload_len = left - UDP_LEN;
	return PACKET_UDP;
}

/* The lengths of an IPv4 header: 0 and *head, *total; EINVAL. */
static int ip4_lengths(const uint8_t *ip, size_t len, size_t *head,
		       size_t *total)
{
	if (len < IP4_LEN || ip[0] >> 4 != 4)
		return EINVAL;
	*head = (size_t)(ip[0] & 0x0f) * 4;
	*total = get_u16(ip + 2);
	if (*head < IP4_LEN || *total < *head || *total > len)
		return EINVAL;
	return 0;
}

static enum packet_kind ip4_parse(struct packet *p, size_t len)
{
	size_t head;
	uint16_t frag;

	if (ip4_lengths(p->data, len, &head, &p->len))
		return PACKET_BAD;
	addr_read(&p->src, 4, p->data + 12);
	addr_read(&p->dst, 4, p->data + 16);
	frag = get_u16(p->data + 6);
	p->df = frag & IP4_DF;
	if (frag & (IP4_MF | IP4_OFFSET))
		return PACKET_FRAGMENT;
	if (p->data[9] != IPPROTO_UDP)
		return PACKET_OTHER;
	return udp_parse(p, head);
}

/* Where one stands in a chain of IPv6 headers. */
struct chain {
	const uint8_t *ip;
	size_t len;	/* of the packet */
	size_t off;	/* of the header at hand, <= len */
	size_t next_at; /* of the octet that says what it is */
};

static int chain_start(struct chain *c, const uint8_t *ip, size_t len)
{
	if (len < IP6_LEN || ip[0] >> 4 != 6)
		return EINVAL;
	c->ip = ip;
	c->len = IP6_LEN + (size_t)get_u16(ip + 4);
	c->off = IP6_LEN;
	c->next_at = 6;
	return c->len > len ? EINVAL : 0;
}

static uint8_t chain_next(const struct chain *c)
{
	return c->ip[c->next_at];
}

static bool chain_is_extension(const struct chain *c)
{
	switch (chain_next(c)) {
	case IPPROTO_HOPOPTS:
	case IPPROTO_ROUTING:
	case IPPROTO_DSTOPTS:
	case IPPROTO_FRAGMENT:
		return true;
	default:
		return false;
	}
}

/* Over one extension header. 0; EINVAL when it isn't all there. */
static int chain_skip(struct chain *c)
{
	const uint8_t *h = c->ip + c->off;
	size_t left = c->len - c->off, size = FRAG_LEN;

	/* hop-by-hop options have their place (RFC 8200 section 4.1) */
	if (chain_next(c) == IPPROTO_HOPOPTS && c->off != IP6_LEN)
		return EINVAL;
	if (left < 8)
		return EINVAL;
	if (chain_next(c) != IPPROTO_FRAGMENT)
		size = ((size_t)h[1] + 1) * 8;
	if (size > left)
		return EINVAL;
	c->next_at = c->off;
	c->off += size;
	return 0;
}

/* The header just skipped, at off and of the kind next, hides the rest? */
static bool is_fragment(const uint8_t *h, uint8_t next)
{
	return next == IPPROTO_FRAGMENT &&
	       get_u16(h + 2) & (IP6_OFFSET | IP6_MF);
}

/* With segments left the destination isn't the one of the checksum. */
static bool is_source_route(const uint8_t *h, uint8_t next)
{
	return next == IPPROTO_ROUTING && h[3];
}

static enum packet_kind ip6_parse(struct packet *p, size_t len)
{
	bool routed = false;
	struct chain c;

	if (chain_start(&c, p->data, len))
		return PACKET_BAD;
	p->len = c.len;
	addr_read(&p->src, 6, p->data + 8);
	addr_read(&p->dst, 6, p->data + 24);
	while (chain_is_extension(&c)) {
		const uint8_t *h = p->data + c.off;
		uint8_t next = chain_next(&c);

		if (chain_skip(&c))
			return PACKET_BAD;
		if (is_fragment(h, next))
			return PACKET_FRAGMENT;
		routed |= is_source_route(h, next);
	}
	if (routed || chain_next(&c) != IPPROTO_UDP)
		return PACKET_OTHER;
	return udp_parse(p, c.off);
}

enum packet_kind packet_parse(struct packet *p, const uint8_t *data, size_t len)
{
	*p = (struct packet){ .kind = PACKET_BAD, .data = data };
	if (!len)
		return p->kind;
	if (data[0] >> 4 == 4)
		p->kind = ip4_parse(p, len);
	else if (data[0] >> 4 == 6)
		p->kind = ip6_parse(p, len);
	return p->kind;
}

bool packet_checksum_ok(const struct packet *p)
{
	const uint8_t *udp;

	if (p->kind != PACKET_UDP)
		return false;
	udp = p->data + p->udp_off;
	if (!get_u16(udp + 6))
		return p->src.version == 4;
	return udp_sum(&p->src, &p->dst, udp, p->len - p->udp_off) == 0xffff;
}

/* Lengths and checksums of a packet that is otherwise in place. */
static void finish(uint8_t *ip, size_t total, const struct addr *src,
		   const struct addr *dst, size_t udp_off)
{
	put_u16(ip + udp_off + 4, total - udp_off);
	udp_checksum_write(src, dst, ip + udp_off, total - udp_off);
	if (src->version == 4) {
		put_u16(ip + 2, total);
		ip4_checksum_write(ip, udp_off);
	} else {
		put_u16(ip + 4, total - IP6_LEN);
	}
}

static bool too_big(size_t head, size_t len, size_t cap)
{
	if (cap > PACKET_MAX)
		cap = PACKET_MAX;
	return head > cap || len > cap - head;
}

int packet_rebuild(const struct packet *p, const void *payload, size_t len,
		   uint16_t ip_id, uint8_t *out, size_t cap, size_t *out_len)
{
	if (p->kind != PACKET_UDP)
		return EINVAL;
	if (too_big(p->payload_off, len, cap))
		return EMSGSIZE;
	memcpy(out, p->data, p->payload_off);
	if (len)
		memcpy(out + p->payload_off, payload, len);
	if (p->df && len > p->payload_len) {
		put_u16(out + 4, ip_id);
		put_u16(out + 6, get_u16(out + 6) & ~IP4_DF);
	}
	*out_len = p->payload_off + len;
	finish(out, *out_len, &p->src, &p->dst, p->udp_off);
	return 0;
}

static void ip4_head_make(uint8_t *ip, const struct addr *src,
			  const struct addr *dst, uint16_t ip_id)
{
	memset(ip, 0, IP4_LEN);
	ip[0] = 0x45;
	put_u16(ip + 4, ip_id);
	ip[8] = 64;
	ip[9] = IPPROTO_UDP;
	memcpy(ip + 12, src->ip, 4);
	memcpy(ip + 16, dst->ip, 4);
}

static void ip6_head_make(uint8_t *ip, const struct addr *src,
			  const struct addr *dst)
{
	memset(ip, 0, IP6_LEN);
	ip[0] = 0x60;
	ip[6] = IPPROTO_UDP;
	ip[7] = 64;
	memcpy(ip + 8, src->ip, 16);
	memcpy(ip + 24, dst->ip, 16);
}

int packet_make(const struct addr *src, const struct addr *dst,
		const void *payload, size_t len, uint16_t ip_id, uint8_t *out,
		size_t cap, size_t *out_len)
{
	size_t udp_off = src->version == 6 ? IP6_LEN : IP4_LEN;

	if (src->version != dst->version ||
	    (src->version != 4 && src->version != 6))
		return EINVAL;
	if (too_big(udp_off + UDP_LEN, len, cap))
		return EMSGSIZE;
	if (src->version == 4)
		ip4_head_make(out, src, dst, ip_id);
	else
		ip6_head_make(out, src, dst);
	put_u16(out + udp_off, src->port);
	put_u16(out + udp_off + 2, dst->port);
	if (len)
		memcpy(out + udp_off + UDP_LEN, payload, len);
	*out_len = udp_off + UDP_LEN + len;
	finish(out, *out_len, src, dst, udp_off);
	return 0;
}

/*
 * The header of later fragments: without the options that only the first
 * carries. Returns its length; 0 when the options can't be read.
 */
static size_t ip4_later_head(uint8_t *out, const uint8_t *ip, size_t head)
{
	size_t n = IP4_LEN, at = IP4_LEN, size;

	memcpy(out, ip, IP4_LEN);
	memset(out + IP4_LEN, 0, 60 - IP4_LEN);
	for (; at < head && ip[at]; at += size) {
		size = 1;
		if (ip[at] == 1)
			continue;
		if (head - at < 2 || ip[at + 1] < 2 || ip[at + 1] > head - at)
			return 0;
		size = ip[at + 1];
		if (ip[at] & OPT_COPIED) {
			memcpy(out + n, ip + at, size);
			n += size;
		}
	}
	n = (n + 3) & ~(size_t)3;
	out[0] = (uint8_t)(0x40 | n / 4);
	return n;
}

struct emitter {
	void (*emit)(void *arg, const uint8_t *ip, size_t len);
	void *arg;
	size_t mtu;
};

/* What one fragment takes of `left`, after a head of that many octets. */
static size_t share(size_t mtu, size_t head, size_t left)
{
	return left <= mtu - head ? left : (mtu - head) & ~(size_t)7;
}

static void ip4_cut(const uint8_t *ip, size_t head, size_t total,
		    const uint8_t *later, size_t later_len,
		    const struct emitter *e)
{
	uint8_t frag[PACKET_MAX];
	size_t at = head;

	memcpy(frag, ip, head);
	while (at < total) {
		size_t h = at == head ? head : later_len;
		size_t n = share(e->mtu, h, total - at);
		size_t flags = at + n < total ? IP4_MF : 0;

		if (at != head)
			memcpy(frag, later, later_len);
		put_u16(frag + 2, h + n);
		memcpy(frag + 4, later + 4, 2);
		put_u16(frag + 6, flags | (at - head) / 8);
		memcpy(frag + h, ip + at, n);
		ip4_checksum_write(frag, h);
		e->emit(e->arg, frag, h + n);
		at += n;
	}
}

static int ip4_fragment(const uint8_t *ip, size_t len, uint32_t frag_id,
			const struct emitter *e)
{
	size_t head, total, later_len;
	uint8_t later[60];
	uint16_t frag;

	if (e->mtu < IP4_MTU_MIN || ip4_lengths(ip, len, &head, &total))
		return EINVAL;
	if (total <= e->mtu) {
		e->emit(e->arg, ip, total);
		return 0;
	}
	frag = get_u16(ip + 6);
	later_len = ip4_later_head(later, ip, head);
	if (!later_len || frag & (IP4_MF | IP4_OFFSET))
		return EINVAL;
	if (frag & IP4_DF)
		put_u16(later + 4, frag_id & 0xffff);
	ip4_cut(ip, head, total, later, later_len, e);
	return 0;
}

/* How an IPv6 packet is cut: what each fragment repeats, and what is shared. */
struct ip6_plan {
	size_t repeat;	/* octets of the unfragmentable part */
	size_t next_at; /* octet in it that names the next header */
	size_t shared;	/* where the fragmentable part begins */
	uint8_t next;	/* what it begins with */
	size_t upper;	/* where the upper-layer header begins */
};

static void plan_set(struct ip6_plan *plan, const struct chain *c)
{
	plan->repeat = c->off;
	plan->next_at = c->next_at;
	plan->shared = c->off;
	plan->next = chain_next(c);
}

/* An atomic fragment header gives way to those of the fragments. */
static int plan_make(struct ip6_plan *plan, struct chain *c)
{
	bool atomic = false;

	plan_set(plan, c);
	while (chain_is_extension(c)) {
		const uint8_t *h = c->ip + c->off;
		uint8_t next = chain_next(c);
		struct chain before = *c;

		if (chain_skip(c) || is_fragment(h, next))
			return EINVAL;
		if (atomic)
			continue;
		if (next == IPPROTO_HOPOPTS || next == IPPROTO_ROUTING)
			plan_set(plan, c);
		if (next == IPPROTO_FRAGMENT) {
			atomic = true;
			plan_set(plan, &before);
			plan->shared = c->off;
			plan->next = chain_next(c);
		}
	}
	plan->upper = c->off;
	return 0;
}

static void ip6_cut(const struct chain *c, const struct ip6_plan *plan,
		    uint32_t frag_id, const struct emitter *e)
{
	size_t head = plan->repeat + FRAG_LEN, at = plan->shared;
	uint8_t frag[PACKET_MAX], *fh = frag + plan->repeat;

	memcpy(frag, c->ip, plan->repeat);
	frag[plan->next_at] = IPPROTO_FRAGMENT;
	fh[0] = plan->next;
	fh[1] = 0;
	put_u32(fh + 4, frag_id);
	while (at < c->len) {
		size_t n = share(e->mtu, head, c->len - at);

		put_u16(frag + 4, head + n - IP6_LEN);
		put_u16(fh + 2,
			(at - plan->shared) | (at + n < c->len ? IP6_MF : 0));
		memcpy(frag + head, c->ip + at, n);
		e->emit(e->arg, frag, head + n);
		at += n;
	}
}

static int ip6_fragment(const uint8_t *ip, size_t len, uint32_t frag_id,
			const struct emitter *e)
{
	struct ip6_plan plan;
	struct chain c;

	if (e->mtu < IP6_MTU_MIN || chain_start(&c, ip, len))
		return EINVAL;
	if (c.len <= e->mtu) {
		e->emit(e->arg, ip, c.len);
		return 0;
	}
	if (plan_make(&plan, &c))
		return EINVAL;
	/*
	 * The first fragment holds all headers (RFC 7112), those of upper
	 * layers with at least eight octets.
	 */
	if (plan.repeat + FRAG_LEN + plan.upper - plan.shared + 8 > e->mtu)
		return EINVAL;
	ip6_cut(&c, &plan, frag_id, e);
	return 0;
}

int packet_fragment(const uint8_t *ip, size_t len, size_t mtu, uint32_t frag_id,
		    void (*emit)(void *arg, const uint8_t *ip, size_t len),
		    void *arg)
{
	struct emitter e = { emit, arg, mtu < PACKET_MAX ? mtu : PACKET_MAX };

	if (!len)
		return EINVAL;
	if (ip[0] >> 4 == 4)
		return ip4_fragment(ip, len, frag_id, &e);
	return ip6_fragment(ip, len, frag_id, &e);
}

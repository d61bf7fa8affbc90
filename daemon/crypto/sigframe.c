// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include "crypto/sigframe.h"
#include "crypto/sigpacket.h"

enum {
	SUB_CREATED = 2,
	SUB_ISSUER = 16,
	SUB_ISSUER_FPR = 33,
	HASHED_LEN = 2 + 1 + SIGFRAME_FPR + 2 + 4,
	UNHASHED_LEN = 2 + 8,
	TAG_LEN1 = 0x88, /* the old form, as gpg writes it */
	TAG_LEN2 = 0x89,
};

static const uint8_t fpr_head[] = { 2 + SIGFRAME_FPR, SUB_ISSUER_FPR, 4 };
static const uint8_t created_head[] = { 1 + 4, SUB_CREATED };
static const uint8_t issuer_head[] = { 1 + 8, SUB_ISSUER };

/* Take what is fixed off the front of s, and n octets behind it. */
static const uint8_t *take(struct span *s, const uint8_t *head, size_t len,
			   size_t n)
{
	const char *p = s->p;

	if (s->len < len || s->len - len < n || memcmp(p, head, len) != 0)
		return NULL;
	s->p += len + n;
	s->len -= len + n;
	return (const uint8_t *)p + len;
}

static bool read_hashed(struct sigframe *f, struct span s)
{
	const uint8_t *fpr = NULL, *time = NULL, *p;

	if (s.len != HASHED_LEN)
		return false;
	/* in either order: the length leaves no room for two of a kind */
	for (int i = 0; i < 2; i++) {
		p = take(&s, fpr_head, sizeof(fpr_head), SIGFRAME_FPR);
		if (p) {
			fpr = p;
			continue;
		}
		time = take(&s, created_head, sizeof(created_head), 4);
		if (!time)
			return false;
	}
	if (!fpr || !time)
		return false;
	memcpy(f->fpr, fpr, SIGFRAME_FPR);
	f->created = (uint32_t)time[0] << 24 | (uint32_t)time[1] << 16 |
		     (uint32_t)time[2] << 8 | time[3];
	return true;
}

/* gpg looks the key up by it, so it must name the same one. */
static bool read_unhashed(const struct sigframe *f, struct span s)
{
	const uint8_t *id = take(&s, issuer_head, sizeof(issuer_head), 8);

	return id && !s.len && !memcmp(id, f->fpr + SIGFRAME_FPR - 8, 8);
}

static unsigned int bit_length(uint8_t c)
{
	unsigned int n = 0;

	for (; c; c >>= 1)
		n++;
	return n;
}

/* One number, written as it must be, or false. */
static bool read_number(struct span *s, struct span *out)
{
	const uint8_t *p = (const uint8_t *)s->p;
	size_t bits, n;

	if (s->len < 3)
		return false;
	bits = (size_t)p[0] << 8 | p[1];
	n = (bits + 7) / 8;
	if (!n || n > s->len - 2 || bits != 8 * (n - 1) + bit_length(p[2]))
		return false;
	*out = span_make(p + 2, n);
	s->p += 2 + n;
	s->len -= 2 + n;
	return true;
}

static bool read_numbers(struct sigframe *f, struct span s)
{
	f->number[1] = SPAN_NONE;
	return read_number(&s, &f->number[0]) &&
	       (f->algo == SIGFRAME_RSA || read_number(&s, &f->number[1])) &&
	       !s.len;
}

static bool known(const struct sigpacket *p)
{
	return p->type == 0 &&
	       (p->pubkey_algo == SIGFRAME_RSA ||
		p->pubkey_algo == SIGFRAME_ECDSA ||
		p->pubkey_algo == SIGFRAME_EDDSA) &&
	       (p->hash_algo == SIGFRAME_SHA256 ||
		p->hash_algo == SIGFRAME_SHA512);
}

/* What the trailer ends in: version, 0xff, length of what stands before. */
static void end_trailer(struct sigframe *f)
{
	static const uint8_t end[] = { 4, 0xff, 0, 0, 0, SIGFRAME_HASHED };

	memcpy(f->trailer + SIGFRAME_HASHED, end, sizeof(end));
}

int sigframe_read(struct sigframe *out, struct span octets)
{
	struct sigpacket p;

	if (sigpacket_read(&p, octets) || !known(&p))
		return EINVAL;
	out->algo = p.pubkey_algo;
	out->hash = p.hash_algo;
	if (!read_hashed(out, p.hashed) || !read_unhashed(out, p.unhashed) ||
	    !read_numbers(out, p.mpis))
		return EINVAL;
	/* version, type, algorithms and a length stand before the subpackets */
	memcpy(out->trailer, p.hashed.p - 6, SIGFRAME_HASHED);
	end_trailer(out);
	memcpy(out->check, p.mpis.p - 2, 2);
	return 0;
}

void sigframe_begin(struct sigframe *f)
{
	uint8_t *p = f->trailer;

	*p++ = 4;
	*p++ = 0;
	*p++ = f->algo;
	*p++ = f->hash;
	*p++ = 0;
	*p++ = HASHED_LEN;
	memcpy(p, fpr_head, sizeof(fpr_head));
	p += sizeof(fpr_head);
	memcpy(p, f->fpr, SIGFRAME_FPR);
	p += SIGFRAME_FPR;
	memcpy(p, created_head, sizeof(created_head));
	p += sizeof(created_head);
	for (int shift = 24; shift >= 0; shift -= 8)
		*p++ = (uint8_t)(f->created >> shift);
	end_trailer(f);
}

/* ---- writing ---- */

struct out {
	uint8_t *p;
	size_t len, cap;
};

static void put(struct out *o, const void *p, size_t n)
{
	if (o->cap - o->len >= n)
		memcpy(o->p + o->len, p, n);
	else
		o->cap = o->len = 0; /* and nothing fits any more */
	if (o->cap)
		o->len += n;
}

static void put8(struct out *o, uint8_t v)
{
	put(o, &v, 1);
}

static void put16(struct out *o, size_t v)
{
	const uint8_t two[] = { (uint8_t)(v >> 8), (uint8_t)v };

	put(o, two, sizeof(two));
}

static struct span without_zeroes(struct span s)
{
	while (s.len && !*s.p) {
		s.p++;
		s.len--;
	}
	return s;
}

static void put_number(struct out *o, struct span s)
{
	put16(o, 8 * (s.len - 1) + bit_length((uint8_t)*s.p));
	put(o, s.p, s.len);
}

int sigframe_write(const struct sigframe *f, uint8_t *out, size_t cap,
		   size_t *len)
{
	size_t n = f->algo == SIGFRAME_RSA ? 1 : 2;
	size_t body = SIGFRAME_HASHED + 2 + UNHASHED_LEN + 2;
	struct out o = { out, 0, cap };
	struct span number[2];

	for (size_t i = 0; i < n; i++) {
		number[i] = without_zeroes(f->number[i]);
		if (!number[i].len || number[i].len > 0xffff / 8)
			return EINVAL;
		body += 2 + number[i].len;
	}
	put8(&o, body < 256 ? TAG_LEN1 : TAG_LEN2);
	if (body < 256)
		put8(&o, (uint8_t)body);
	else
		put16(&o, body);
	put(&o, f->trailer, SIGFRAME_HASHED);
	put16(&o, UNHASHED_LEN);
	put(&o, issuer_head, sizeof(issuer_head));
	put(&o, f->fpr + SIGFRAME_FPR - 8, 8);
	put(&o, f->check, 2);
	for (size_t i = 0; i < n; i++)
		put_number(&o, number[i]);
	*len = o.len;
	return o.len ? 0 : ENOSPC;
}

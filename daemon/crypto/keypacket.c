// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include "crypto/keypacket.h"

enum { ALGO_RSA = 1, ALGO_ECDSA = 19, ALGO_EDDSA = 22 };

#define EXPONENT_MAX 8 /* octets; e is 65537 nearly always */

struct curve {
	enum key_kind kind;
	uint8_t algo;
	uint8_t oid_len;
	uint8_t oid[10];
	uint8_t prefix;	   /* before the point */
	uint8_t point_len; /* with the prefix */
};

static const struct curve curves[] = {
	{ KEY_ED25519,
	  ALGO_EDDSA,
	  9,
	  { 0x2b, 0x06, 0x01, 0x04, 0x01, 0xda, 0x47, 0x0f, 0x01 },
	  0x40,
	  33 },
	{ KEY_P256,
	  ALGO_ECDSA,
	  8,
	  { 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07 },
	  0x04,
	  65 },
	{ KEY_P384, ALGO_ECDSA, 5, { 0x2b, 0x81, 0x04, 0x00, 0x22 }, 0x04, 97 },
	{ KEY_P521,
	  ALGO_ECDSA,
	  5,
	  { 0x2b, 0x81, 0x04, 0x00, 0x23 },
	  0x04,
	  133 },
};

static const uint8_t *take(struct span *s, size_t n)
{
	const char *p = s->p;

	if (n > s->len)
		return NULL;
	s->p += n;
	s->len -= n;
	return (const uint8_t *)p;
}

static bool take_number(struct span *s, struct span *out)
{
	const uint8_t *p = take(s, 2);
	size_t n;

	if (!p)
		return false;
	n = (((size_t)p[0] << 8 | p[1]) + 7) / 8;
	p = take(s, n);
	if (!p)
		return false;
	while (n && !*p) {
		p++;
		n--;
	}
	*out = span_make(p, n);
	return true;
}

static int read_rsa(struct keypacket *k, struct span *s)
{
	size_t n;

	if (!take_number(s, &k->number[0]) || !take_number(s, &k->number[1]))
		return EINVAL;
	n = k->number[0].len;
	/* the top bit is set in any modulus of the size that was asked for */
	if (n < 256 || n > 1024 || (n == 256 && !(*k->number[0].p & 0x80)) ||
	    !k->number[1].len || k->number[1].len > EXPONENT_MAX)
		return ENOTSUP;
	k->kind = KEY_RSA;
	return 0;
}

static const struct curve *curve_of(uint8_t algo, const uint8_t *oid, size_t n)
{
	for (size_t i = 0; i < sizeof(curves) / sizeof(curves[0]); i++) {
		const struct curve *c = &curves[i];

		if (c->algo == algo && c->oid_len == n &&
		    !memcmp(c->oid, oid, n))
			return c;
	}
	return NULL;
}

static int read_curve(struct keypacket *k, struct span *s, uint8_t algo)
{
	const struct curve *c;
	const uint8_t *oid, *p = take(s, 1);
	size_t n = p ? *p : 0;

	oid = take(s, n);
	if (!n || !oid || !take_number(s, &k->number[0]))
		return EINVAL;
	c = curve_of(algo, oid, n);
	if (!c || k->number[0].len != c->point_len ||
	    (uint8_t)*k->number[0].p != c->prefix)
		return ENOTSUP;
	if (c->kind == KEY_ED25519)
		take(&k->number[0], 1);
	k->kind = c->kind;
	return 0;
}

static int read_secret(struct keypacket *k, struct span s)
{
	size_t n = k->kind == KEY_RSA ? 4 : 1;
	const uint8_t *p = take(&s, 1);
	struct span numbers = s;
	unsigned int sum = 0;

	if (!p)
		return EINVAL;
	if (*p)
		return EACCES;
	for (size_t i = 0; i < n; i++)
		if (!take_number(&s, &k->secret[i]) || !k->secret[i].len)
			return EINVAL;
	numbers.len -= s.len;
	for (size_t i = 0; i < numbers.len; i++)
		sum += (uint8_t)numbers.p[i];
	p = take(&s, 2);
	return p && !s.len && ((sum ^ (p[0] << 8 | p[1])) & 0xffff) == 0
		       ? 0
		       : EINVAL;
}

int keypacket_read(struct keypacket *out, struct span body, bool secret)
{
	struct span s = body;
	const uint8_t *p = take(&s, 6);
	int err = ENOTSUP;

	*out = (struct keypacket){ .kind = KEY_OTHER };
	if (!p || p[0] != 4)
		return EINVAL;
	out->created = (uint32_t)p[1] << 24 | (uint32_t)p[2] << 16 |
		       (uint32_t)p[3] << 8 | p[4];
	if (p[5] == ALGO_RSA)
		err = read_rsa(out, &s);
	else if (p[5] == ALGO_ECDSA || p[5] == ALGO_EDDSA)
		err = read_curve(out, &s, p[5]);
	if (err)
		return err;
	out->public_part = span_make(body.p, body.len - s.len);
	if (secret)
		return read_secret(out, s);
	return s.len ? EINVAL : 0;
}

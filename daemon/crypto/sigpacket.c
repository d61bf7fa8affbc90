/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include "crypto/sigpacket.h"

enum {
	TAG_SIGNATURE = 2,
	ALGO_RSA = 1,
	ALGO_RSA_SIGN = 3,
	ALGO_DSA = 17,
	ALGO_ECDSA = 19,
	ALGO_EDDSA = 22,
	HASH_SHA256 = 8,
	HASH_SHA384 = 9,
	HASH_SHA512 = 10,
};

static uint32_t big_endian(const uint8_t *p, size_t n)
{
	uint32_t v = 0;

	while (n--)
		v = v << 8 | *p++;
	return v;
}

/* Take n octets off the front of s. */
static bool take(struct span *s, size_t n, const uint8_t **p)
{
	if (n > s->len)
		return false;
	*p = (const uint8_t *)s->p;
	s->p += n;
	s->len -= n;
	return true;
}

/* Length octets of the old form: their number is in the tag octet. */
static bool old_length(struct span *s, uint8_t tag, uint32_t *len)
{
	static const uint8_t octets[] = { 1, 2, 4 };
	const uint8_t *p;
	uint8_t form = tag & 3;

	/* the fourth form ends with the file: it can't frame one packet */
	if (form == 3 || !take(s, octets[form], &p))
		return false;
	*len = big_endian(p, octets[form]);
	return true;
}

/* The new form, without partial bodies, which no signature may have. */
static bool new_length(struct span *s, uint32_t *len)
{
	const uint8_t *p;

	if (!take(s, 1, &p))
		return false;
	if (*p < 192) {
		*len = *p;
	} else if (*p < 224) {
		uint32_t high = *p - 192u;

		if (!take(s, 1, &p))
			return false;
		*len = (high << 8) + *p + 192;
	} else if (*p == 255) {
		if (!take(s, 4, &p))
			return false;
		*len = big_endian(p, 4);
	} else {
		return false;
	}
	return true;
}

/* Leaves the body of the one packet in s. */
static bool unframe(struct span *s)
{
	const uint8_t *p;
	uint32_t len;
	uint8_t tag;

	if (!take(s, 1, &p) || !(*p & 0x80))
		return false;
	if (*p & 0x40) {
		tag = *p & 0x3f;
		if (!new_length(s, &len))
			return false;
	} else {
		tag = *p >> 2 & 0x0f;
		if (!old_length(s, *p, &len))
			return false;
	}
	return tag == TAG_SIGNATURE && len == s->len;
}

static bool area(struct span *s, struct span *out)
{
	const uint8_t *p;
	size_t n;

	if (!take(s, 2, &p))
		return false;
	n = big_endian(p, 2);
	if (!take(s, n, &p))
		return false;
	*out = span_make(p, n);
	return true;
}

int sigpacket_read(struct sigpacket *out, struct span octets)
{
	struct span s = octets;
	const uint8_t *p;

	if (!unframe(&s) || !take(&s, 4, &p) || p[0] != 4)
		return EINVAL;
	out->type = p[1];
	out->pubkey_algo = p[2];
	out->hash_algo = p[3];
	if (!area(&s, &out->hashed) || !area(&s, &out->unhashed))
		return EINVAL;
	/* left 16 bits of the hash, and one number at least */
	if (!take(&s, 2, &p) || s.len < 3)
		return EINVAL;
	out->mpis = s;
	return 0;
}

bool sigpacket_strong(const struct sigpacket *s)
{
	if (s->hash_algo != HASH_SHA256 && s->hash_algo != HASH_SHA384 &&
	    s->hash_algo != HASH_SHA512)
		return false;
	switch (s->pubkey_algo) {
	case ALGO_RSA:
	case ALGO_RSA_SIGN:
	case ALGO_DSA:
	case ALGO_ECDSA:
	case ALGO_EDDSA:
		return true;
	}
	return false;
}

bool sigpacket_weak_key(unsigned int pubkey_algo, unsigned int bits)
{
	switch (pubkey_algo) {
	case ALGO_RSA:
	case ALGO_RSA_SIGN:
	case ALGO_DSA:
		return bits < 2048 || bits > 8192;
	}
	return false;
}

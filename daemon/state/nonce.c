/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "state/nonce.h"

#include <errno.h>

#include "base/digest.h"
#include "state/dialog.h"
#include "state/record.h"

#define RAW_CHALLENGE 27
#define RAW_OWN	      15
#define RAW_MAC	      16
#define RAW_HEAD      (RAW_CHALLENGE - RAW_MAC)

int nonce_secret(struct store *s, uint8_t secret[32])
{
	struct span name = SPAN_LIT("nonce-secret");
	struct store_key k = store_key(s, &name, 1);
	int err = record_get(s, STORE_META, &k, 0, secret, 32);

	if (err != ENOENT)
		return err;
	digest_random(secret, 32);
	return store_put(s, STORE_META, &k, UINT64_MAX, span_make(secret, 32));
}

static void put_time(uint8_t *p, uint64_t now_ms)
{
	uint32_t s = (uint32_t)(now_ms / 1000);

	p[0] = (uint8_t)(s >> 24);
	p[1] = (uint8_t)(s >> 16);
	p[2] = (uint8_t)(s >> 8);
	p[3] = (uint8_t)s;
}

static int64_t get_time(const uint8_t *p)
{
	return (int64_t)((uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
			 (uint32_t)p[2] << 8 | p[3]);
}

static void nonce_mac(uint8_t out[RAW_MAC], const uint8_t head[RAW_HEAD],
		      const uint8_t secret[32], struct span realm,
		      struct span call_id, struct span from_tag)
{
	uint8_t mac[SHA256_LEN];
	struct span in[] = { SPAN_LIT("nonce"), span_make(head, RAW_HEAD),
			     realm, call_id, from_tag };

	digest_hmac(mac, secret, in, 5);
	memcpy(out, mac, RAW_MAC);
}

void nonce_make(char out[PGP_NONCE_MAX], const uint8_t secret[32],
		uint64_t now_ms, struct span realm, struct span call_id,
		struct span from_tag)
{
	uint8_t raw[RAW_CHALLENGE];

	put_time(raw, now_ms);
	digest_random(raw + 4, RAW_HEAD - 4);
	nonce_mac(raw + RAW_HEAD, raw, secret, realm, call_id, from_tag);
	b64_encode(out, PGP_NONCE_MAX, raw, sizeof(raw));
}

void nonce_make_own(char out[PGP_NONCE_MAX], uint64_t now_ms)
{
	uint8_t raw[RAW_OWN];

	put_time(raw, now_ms);
	digest_random(raw + 4, sizeof(raw) - 4);
	b64_encode(out, PGP_NONCE_MAX, raw, sizeof(raw));
}

void cnonce_make(char out[PGP_CNONCE_MAX])
{
	uint8_t raw[12];

	digest_random(raw, sizeof(raw));
	b64_encode(out, PGP_CNONCE_MAX, raw, sizeof(raw));
}

static bool within(const uint8_t *raw, uint64_t now_ms, int64_t past,
		   int64_t ahead)
{
	int64_t age = (int64_t)(now_ms / 1000) - get_time(raw);

	return age <= past && age >= -ahead;
}

enum nonce_word nonce_check(struct span nonce, const uint8_t secret[32],
			    uint64_t now_ms, uint32_t lifetime_s,
			    uint32_t skew_s, struct span realm,
			    struct span call_id, struct span from_tag)
{
	uint8_t raw[RAW_CHALLENGE], mac[RAW_MAC];
	size_t n;

	if (nonce.len != NONCE_CHALLENGE_LEN && nonce.len != NONCE_OWN_LEN)
		return NONCE_FOREIGN;
	if (b64_decode(raw, sizeof(raw), &n, nonce))
		return NONCE_FOREIGN;
	if (n == RAW_OWN)
		return within(raw, now_ms, skew_s, skew_s) ? NONCE_OWN_FRESH
							   : NONCE_OWN_OLD;
	if (n != RAW_CHALLENGE)
		return NONCE_FOREIGN;
	nonce_mac(mac, raw, secret, realm, call_id, from_tag);
	if (!digest_same(mac, raw + RAW_HEAD, RAW_MAC))
		return NONCE_FOREIGN;
	/* one second: appliances that share the secret share no clock */
	return within(raw, now_ms, lifetime_s, 1) ? NONCE_FRESH : NONCE_OLD;
}

struct used {
	uint32_t highest;
	uint64_t window;
};

int nonce_use(struct store *s, struct span nonce, struct span scope,
	      uint32_t nc, uint64_t now_ms, uint64_t expire_ms)
{
	struct span in[] = { SPAN_LIT("nonce"), nonce, scope };
	struct store_key k = store_key(s, in, 3);
	struct used u = { 0 };
	int err = record_get(s, STORE_NONCE, &k, now_ms, &u, sizeof(u));

	if (err && err != ENOENT)
		return err;
	if (!nc_accept(&u.highest, &u.window, nc))
		return EEXIST;
	return store_put(s, STORE_NONCE, &k, expire_ms,
			 span_make(&u, sizeof(u)));
}

void nonce_to_tag(char out[TO_TAG_MAX], const uint8_t secret[32],
		  struct span call_id, struct span from_tag, uint32_t cseq)
{
	uint8_t mac[SHA256_LEN];
	struct span in[] = { SPAN_LIT("to-tag"), call_id, from_tag,
			     span_make(&cseq, sizeof(cseq)) };

	digest_hmac(mac, secret, in, 4);
	memcpy(out, "pgp", 3);
	hex_encode(out + 3, mac, 12);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * nonce - challenges that need no memory, and the memory of those that were
 * answered (docs/protocol.md, "Nonces"; RFC 7616 section 3.3, RFC 3261 section
 * 26.3.2.4).
 *
 * Thread: the loop's.
 */
#ifndef STATE_NONCE_H
#define STATE_NONCE_H

#include "codec/pgpauth.h"
#include "state/store.h"

#define NONCE_CHALLENGE_LEN 36 /* base64 of 27 octets */
#define NONCE_OWN_LEN	    20 /* base64 of 15 octets */
#define CNONCE_LEN	    16 /* base64 of 12 octets */
#define TO_TAG_MAX	    40

/* The secret of this installation, made at the first start. 0; EIO, ENOSPC. */
int nonce_secret(struct store *s, uint8_t secret[32]);

/* time | random | HMAC(time, random, realm, Call-ID, From tag) */
void nonce_make(char out[PGP_NONCE_MAX], const uint8_t secret[32],
		uint64_t now_ms, struct span realm, struct span call_id,
		struct span from_tag);

/* The signer's own: time | random. */
void nonce_make_own(char out[PGP_NONCE_MAX], uint64_t now_ms);
void cnonce_make(char out[PGP_CNONCE_MAX]);

enum nonce_word {
	NONCE_FRESH,	 /* our challenge, within its lifetime */
	NONCE_OLD,	 /* our challenge, too old (or of a clock ahead) */
	NONCE_OWN_FRESH, /* the signer's own, within the skew */
	NONCE_OWN_OLD,
	NONCE_FOREIGN, /* neither */
};

enum nonce_word nonce_check(struct span nonce, const uint8_t secret[32],
			    uint64_t now_ms, uint32_t lifetime_s,
			    uint32_t skew_s, struct span realm,
			    struct span call_id, struct span from_tag);

/*
 * Use up nc under a nonce, until expire_ms. 0; EEXIST: it was used; ENOSPC,
 * EIO. scope tells apart signers whose own nonces might collide.
 */
int nonce_use(struct store *s, struct span nonce, struct span scope,
	      uint32_t nc, uint64_t now_ms, uint64_t expire_ms);

/*
 * The To tag of our own refusals, derived so that the ACK to them is recognised
 * without state.
 */
void nonce_to_tag(char out[TO_TAG_MAX], const uint8_t secret[32],
		  struct span call_id, struct span from_tag, uint32_t cseq);

#endif

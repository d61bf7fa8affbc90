/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * keymath - what is computed with a key in this process: Ed25519 by libsodium;
 * RSA (PKCS#1 v1.5) and ECDSA over the NIST curves by libgcrypt.
 *
 * Nothing here knows whose key it is or whether it may be used.
 *
 * Thread: any, after digest_init(). Internal to crypto/.
 */
#ifndef CRYPTO_KEYMATH_H
#define CRYPTO_KEYMATH_H

#include "crypto/keypacket.h"
#include "crypto/pgp.h"
#include "crypto/sigframe.h"

/* A public key as it is kept: 38 octets for Ed25519, 397 for RSA-3072. */
struct pubkey {
	uint8_t kind;	  /* enum key_kind */
	uint8_t len2;	  /* octets of the second number */
	uint16_t len1;	  /* of the first */
	uint8_t octets[]; /* both, one after the other */
};

size_t pubkey_size(const struct keypacket *k);
/* To pubkey_size() octets, in any place: it is aligned to 2. */
void pubkey_write(struct pubkey *out, const struct keypacket *k);

/* The v4 fingerprint in upper case hex (RFC 4880 section 12.2). */
void keymath_fingerprint(char hex[PGP_FPR_MAX], const struct keypacket *k);

/*
 * Is it a signature over the octets by this key? 0; EBADMSG; ENOTSUP: another
 * algorithm than the key's, or a hash too short for it; EIO (no memory).
 */
int keymath_verify(const struct pubkey *k, const struct sigframe *f,
		   struct span octets);

/* ---- signing ---- */

/*
 * Fill a frame for a signature by such a key, up to and with its check octets;
 * digest: what is signed. fpr: 40 hex digits. 0; EINVAL.
 */
int keymath_begin(struct sigframe *f, const struct pubkey *k, const char *fpr,
		  uint32_t created, struct span octets, uint8_t digest[64],
		  size_t *digest_len);

/* The numbers of a signature, as gpg-agent and libgcrypt write them: a
 * canonical S-expression. They go to f, and into buf. 0; EIO. */
#define KEYMATH_NUMBERS 2048
int keymath_numbers(struct sigframe *f, struct span sexp,
		    uint8_t buf[KEYMATH_NUMBERS]);

/* The name that gpg-agent has for a key. 0; EIO. */
int keymath_keygrip(char hex[41], const struct pubkey *k);

/*
 * A secret key in memory that is locked, guarded, and wiped when freed. It may
 * be used by threads at the same time. k has its secret numbers. 0; ENOMEM (too
 * little may be locked: "ulimit -l"); EINVAL (the numbers make no key).
 */
struct seckey;
int seckey_new(struct seckey **out, const struct keypacket *k);
void seckey_free(struct seckey *s);

/* Does it sign in microseconds (Ed25519), or in hundreds of them and more? */
bool seckey_is_quick(const struct seckey *s);

/* 0; EIO. fpr and created as above. */
int seckey_sign(const struct seckey *s, const char *fpr, uint32_t created,
		struct span octets, uint8_t sig[PGP_SIG_MAX], size_t *len);

#endif

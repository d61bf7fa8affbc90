/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * digest - SHA-256, HMAC-SHA-256, hashes for tables, random octets, base64: the
 * only file in this folder that knows libgcrypt, and libsodium for what is
 * quicker there.
 *
 * Thread: any, after digest_init().
 */
#ifndef BASE_DIGEST_H
#define BASE_DIGEST_H

#include "base/span.h"

#define SHA256_LEN 32

/* Most spans that one call of digest_sha256() or digest_hmac() takes. */
#define DIGEST_SPANS_MAX 32

/* Characters of the padded base64 of n octets, without a NUL. */
#define B64_LEN(n) (((n) + 2) / 3 * 4)

/* Once, before any other thread starts. 0, or EIO with a line in the log. */
int digest_init(void);

/* SHA-256 over the spans one after the other. */
void digest_sha256(uint8_t out[SHA256_LEN], const struct span *in, size_t n);

/*
 * HMAC-SHA-256 over the spans, each preceded by its length as 32 bits, big
 * endian, so that no two lists of spans give the same input.
 */
void digest_hmac(uint8_t out[SHA256_LEN], const uint8_t key[32],
		 const struct span *in, size_t n);

/*
 * A key for a table: 128 bits (SipHash-2-4-128) that nobody can aim at without
 * the secret. Spans with their lengths, as above.
 */
void digest_keyed128(uint8_t out[16], const uint8_t key[32],
		     const struct span *in, size_t n);

/* Against damage, not against people (SipHash-2-4). */
uint64_t digest_sum64(const uint8_t key[16], struct span in);

/* Unpredictable octets. Never fails (the process ends if the kernel does). */
void digest_random(void *out, size_t n);

/* Equal in constant time. */
bool digest_same(const void *a, const void *b, size_t n);

/* Lower case, with a NUL: out has room for 2n + 1. */
void hex_encode(char *out, const void *in, size_t n);

/* Base64 with padding (RFC 4648 section 4) and a NUL; cap >= B64_LEN(n)+1. */
void b64_encode(char *out, size_t cap, const void *in, size_t n);

/*
 * Strict: alphabet of RFC 4648 section 4, padding right, no white space.
 * 0; EINVAL; ENAMETOOLONG when it does not fit in cap.
 */
int b64_decode(void *out, size_t cap, size_t *len, struct span in);

#endif

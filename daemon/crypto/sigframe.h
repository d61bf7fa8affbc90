/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sigframe - the one form of an OpenPGP v4 signature packet (RFC 4880 section
 * 5.2.3) that the daemon writes itself, and reads without asking gpg:
 *
 *	type 0x00; EdDSA, RSA or ECDSA; SHA-256 or SHA-512; hashed subpackets:
 *	issuer fingerprint (33, of version 4) and creation time (2), once each,
 *	nothing else; unhashed: the issuer's key ID (16), nothing else; numbers
 *	without leading zeroes
 *
 * It is what "gpg -u FINGERPRINT" writes, less the signer's user ID.
 *
 * Pure. Internal to crypto/.
 */
#ifndef CRYPTO_SIGFRAME_H
#define CRYPTO_SIGFRAME_H

#include "base/span.h"

#define SIGFRAME_FPR	 20 /* octets of a v4 fingerprint */
#define SIGFRAME_HASHED	 35 /* version to the end of the hashed subpackets */
#define SIGFRAME_TRAILER (SIGFRAME_HASHED + 6)

/* Numbers of RFC 4880 section 9.1 and 9.4, RFC 6637, RFC 9580. */
enum sigframe_algo {
	SIGFRAME_RSA = 1,
	SIGFRAME_ECDSA = 19,
	SIGFRAME_EDDSA = 22,
};
enum sigframe_hash {
	SIGFRAME_SHA256 = 8,
	SIGFRAME_SHA512 = 10,
};

struct sigframe {
	uint8_t algo; /* enum sigframe_algo */
	uint8_t hash; /* enum sigframe_hash */
	uint32_t created;
	uint8_t fpr[SIGFRAME_FPR]; /* of the (sub)key that made it */
	/* what is hashed after the octets that are signed */
	uint8_t trailer[SIGFRAME_TRAILER];
	uint8_t check[2];      /* the hash begins so, it says */
	struct span number[2]; /* RSA: one, the other absent; else r and s */
};

/*
 * 0, and the numbers are spans into octets; EINVAL when it is not of this form,
 * which says nothing of whether it holds.
 */
int sigframe_read(struct sigframe *out, struct span octets);

/* Fill in trailer, from what stands before it. */
void sigframe_begin(struct sigframe *f);

/*
 * Write the packet, from all fields. The numbers may have leading zeroes. 0;
 * EINVAL (a number is 0 or missing); ENOSPC.
 */
int sigframe_write(const struct sigframe *f, uint8_t *out, size_t cap,
		   size_t *len);

#endif

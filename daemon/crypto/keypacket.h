/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * keypacket - the body of an OpenPGP v4 key packet (RFC 4880 section 5.5, RFC
 * 6637 section 9), public or secret, of the algorithms that are computed here.
 *
 * Pure. Internal to crypto/.
 */
#ifndef CRYPTO_KEYPACKET_H
#define CRYPTO_KEYPACKET_H

#include "base/span.h"

enum key_kind {
	KEY_OTHER,
	KEY_ED25519,
	KEY_RSA, /* 2048 to 8192 bits */
	KEY_P256,
	KEY_P384,
	KEY_P521,
};

/* Numbers are big endian without leading zeroes. */
struct keypacket {
	enum key_kind kind;
	uint32_t created;
	struct span public_part; /* what the fingerprint is taken of */
	/* RSA: n and e. Else the point in [0]: Ed25519 32 octets, without the
	 * 0x40 before them; the others 0x04, x, y. */
	struct span number[2];
	/* RSA: d, p, q, u. Else d. Absent in a public key. */
	struct span secret[4];
};

/*
 * secret: the packet is one of a secret key. 0; EINVAL (broken, or not v4);
 * ENOTSUP (another algorithm, curve or size); EACCES (its secret part is
 * protected by a passphrase or is not there).
 */
int keypacket_read(struct keypacket *out, struct span body, bool secret);

#endif

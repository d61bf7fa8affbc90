/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sigpacket - the frame of one OpenPGP v4 signature packet (RFC 4880 sections
 * 4.2 and 5.2.3): enough to say that it is one, what it is and how it was made.
 *
 * Pure. Internal to crypto/.
 */
#ifndef CRYPTO_SIGPACKET_H
#define CRYPTO_SIGPACKET_H

#include "base/span.h"

struct sigpacket {
	uint8_t type; /* 0x00: over a binary document */
	uint8_t pubkey_algo;
	uint8_t hash_algo;
	struct span hashed;   /* subpackets */
	struct span unhashed; /* subpackets */
	struct span mpis;     /* what the key made */
};

/*
 * 0; EINVAL unless the octets are exactly one v4 signature packet of known
 * length with nothing behind it. The spans of out point into octets.
 */
int sigpacket_read(struct sigpacket *out, struct span octets);

/* SHA-256, SHA-384 or SHA-512, by an algorithm that signs today. */
bool sigpacket_strong(const struct sigpacket *s);

/* RSA and DSA keys too short to trust, or too long to wait for. */
bool sigpacket_weak_key(unsigned int pubkey_algo, unsigned int bits);

#endif

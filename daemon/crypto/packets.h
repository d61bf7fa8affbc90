/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * packets - a walk over OpenPGP packets (RFC 4880 section 4.2) as they come, in
 * pieces of any size, and the bodies of those that are wanted.
 *
 * Pure. Internal to crypto/.
 */
#ifndef CRYPTO_PACKETS_H
#define CRYPTO_PACKETS_H

#include "base/span.h"

/* Longer bodies are passed over: secret RSA-8192 takes 4,700 octets. */
#define PACKETS_BODY_MAX 6144

enum {
	PACKETS_SECRET_KEY = 5,
	PACKETS_PUBLIC_KEY = 6,
	PACKETS_SECRET_SUBKEY = 7,
	PACKETS_PUBLIC_SUBKEY = 14,
};

struct packets {
	uint64_t wanted_tags; /* bit 1 << tag: hand the body over */
	void (*each)(void *arg, uint8_t tag, struct span body);
	void *arg;
	size_t public_keys; /* packets of that tag seen */

	/* where it stands */
	uint8_t tag;
	uint8_t state;
	unsigned int octets_left; /* of the length */
	uint32_t length, added;
	uint64_t body_left;
	bool keep;
	size_t kept;
	uint8_t body[PACKETS_BODY_MAX];
};

/* All but the first three fields zero at first. False: not packets, or of
 * partial length, which gpg does not export. */
bool packets_feed(struct packets *w, struct span octets);

/* Nothing is missing at the end. */
bool packets_whole(const struct packets *w);

#endif

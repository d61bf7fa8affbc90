/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * trust_build - how a snapshot comes to be: made by the one who reads the
 * keyring (trust_gpgme.c), kept and asked in trust.c.
 *
 * Keys are added one after the other, each followed by its subkeys (the primary
 * first) and user IDs; then trust_finish(). Strings are copied. Running out of
 * memory is remembered and said by trust_finish().
 *
 * Internal to crypto/.
 */
#ifndef CRYPTO_TRUST_BUILD_H
#define CRYPTO_TRUST_BUILD_H

#include "crypto/trust.h"

/* gpgme's order, which is GnuPG's. */
enum trust_validity {
	VALIDITY_UNKNOWN,
	VALIDITY_UNDEFINED,
	VALIDITY_NEVER,
	VALIDITY_MARGINAL,
	VALIDITY_FULL,
	VALIDITY_ULTIMATE,
	VALIDITY_COUNT
};

struct trust_sub {
	const char *fpr;
	uint32_t key; /* index; filled in here */
	bool can_sign, expired, revoked, disabled, invalid, secret;
	bool twice; /* another key has it, too; filled in here */
	int64_t created, expires;
	const struct pubkey *pub; /* filled in by trust_add_packet() */
};

struct trust_uid {
	const char *text;
	const char *canonical; /* filled in here */
	enum trust_validity validity;
	bool revoked, invalid;
};

struct trust_key {
	const char *algorithm;
	unsigned int bits;
	enum trust_validity ownertrust;
	bool expired, revoked, disabled, invalid;
	uint32_t first_sub, n_subs, first_uid, n_uids; /* filled in here */
};

/* always: the trust model in which GnuPG asks for no validity. Or NULL. */
struct trust *trust_new(bool always, time_t now);
void trust_add_key(struct trust *t, const struct trust_key *k);
void trust_add_sub(struct trust *t, const struct trust_sub *s);
void trust_add_uid(struct trust *t, const struct trust_uid *u);
/* 0; ENOMEM (free it then). */
int trust_finish(struct trust *t);

/* From a snapshot made before: GnuPG's word on a user ID (its text) of a key;
 * and has the (sub)key a secret half? */
enum trust_validity trust_old_validity(const struct trust *t,
				       const char *primary, const char *uid);
bool trust_old_secret(const struct trust *t, const char *fpr);
bool trust_old_always(const struct trust *t);

/*
 * After trust_finish(): the body of a public key packet that gpg exported. It
 * is kept if its own fingerprint is that of a key that can sign. 0; ENOMEM.
 */
int trust_add_packet(struct trust *t, struct span body);

#endif

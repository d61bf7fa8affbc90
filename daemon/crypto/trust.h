/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * trust - GnuPG's word on keys, cached: which key may speak for which SIP URI,
 * and which secret key signs for a local one.
 *
 * A snapshot is read from a GnuPG home by trust_load() on a worker thread and
 * never changes; the loop swaps the pointer. Packets ask the snapshot: no
 * process, no file, no lock.
 *
 * A key speaks for a URI when one of its user IDs names it ("<sip:u@d>",
 * "<u@d>"; "<sip:d>" for everybody at d where asked) and that user ID is fully
 * or ultimately valid by GnuPG's reckoning, the key can sign and is neither
 * expired, revoked, disabled nor invalid.
 *
 * Thread: reading any, a snapshot is immutable.
 */
#ifndef CRYPTO_TRUST_H
#define CRYPTO_TRUST_H

#include <time.h>
#include "codec/sipuri.h"
#include "crypto/pgp.h"

enum trust_word {
	TRUST_VALID,
	TRUST_NO_KEY,	   /* fingerprint not in the keyring */
	TRUST_NO_IDENTITY, /* no user ID of the key names the URI */
	TRUST_NOT_VALID,   /* one does, but GnuPG does not hold it valid */
	TRUST_EXPIRED,
	TRUST_REVOKED, /* key or that user ID */
	TRUST_DISABLED,
	TRUST_CANT_SIGN,
	TRUST_WORD_COUNT
};

const char *trust_word_name(enum trust_word w);

struct trust_answer {
	enum trust_word word;
	char uid[256];	   /* the user ID it rests on, control characters
			      replaced; "" when none */
	char validity[12]; /* GnuPG's: "unknown" "undefined" "never" "marginal"
			      "full" "ultimate" */
};

struct trust;
struct pubkey;

#define TRUST_LOAD_MS 60000

/*
 * Blocks for as long as gpg takes, but gives each gpg up after limit_ms. 0;
 * ENOENT, EACCES, EIO with a log line.
 */
int trust_load(struct trust **out, const char *home, unsigned int limit_ms);

/*
 * The same without what gpg takes long for: what keys say of themselves
 * (expired, revoked, user IDs added and withdrawn) is read, and what GnuPG
 * thinks of them (the validity of their user IDs) and which of them are secret
 * is taken from a snapshot made before. What that one did not know is not
 * valid, and not secret.
 */
int trust_load_keys(struct trust **out, const char *home, unsigned int limit_ms,
		    const struct trust *before);

/* One more who holds it; trust_free() lets go, and the last one frees. */
struct trust *trust_hold(struct trust *t);
void trust_free(struct trust *t);

size_t trust_keys(const struct trust *t);    /* public keys */
size_t trust_signers(const struct trust *t); /* with a usable secret key */

/* fpr: of the primary key or a subkey. canonical: sipuri_canonical()'s. */
void trust_check(const struct trust *t, const char *fpr, const char *canonical,
		 bool domain_keys, time_t now, struct trust_answer *out);

/*
 * The primary fingerprint of the usable secret key whose user ID names the URI
 * (exact before domain; the newest of several), or NULL.
 */
const char *trust_signer(const struct trust *t, const char *canonical,
			 bool domain_keys, time_t now);

/* Is there a usable secret key of this fingerprint? */
bool trust_can_sign(const struct trust *t, const char *fpr, time_t now);

/*
 * What an engine needs of the (sub)key that makes signatures: GnuPG's word on
 * it, and its numbers. Lives as long as the snapshot.
 */
struct trust_maker {
	const char *fpr;      /* of the (sub)key */
	const char *primary;  /* of the key it belongs to */
	enum trust_word word; /* now; never one about identities */
	int64_t created;
	const struct pubkey *pub; /* NULL: of a kind for which gpg is asked */
	/*
	 * It is this key's beyond doubt: a primary, or a subkey of which gpg
	 * has said so (trust_vouch()). What gpg lists as a subkey may lack the
	 * signature by which it takes part in that.
	 */
	bool vouched;
	uint32_t number;
};

/* fpr: exactly this (sub)key. False: not in the keyring. */
bool trust_maker(const struct trust *t, const char *fpr, time_t now,
		 struct trust_maker *out);

/* The secret (sub)key that signs for fpr: that subkey; or, for a primary, its
 * newest usable subkey that can sign, as gpg chooses. False: there is none. */
bool trust_secret(const struct trust *t, const char *fpr, time_t now,
		  struct trust_maker *out);

/* gpg held a signature by this subkey good. Thread: any. */
void trust_vouch(struct trust *t, uint32_t number);

/* For "sipsealctl keys": every key once. NULL fields never. */
struct trust_key_info {
	const char *fpr;
	const char *algorithm; /* "Ed25519", "RSA-3072", … */
	unsigned int bits;
	bool secret, can_sign, expired, revoked, disabled;
	const char *ownertrust;
	int64_t created, expires; /* s since the epoch; 0: never */
	size_t n_uids;
	struct {
		const char *text;
		const char *canonical; /* the SIP URI it names, or "" */
		const char *validity;
		bool revoked;
	} uid[16];
};
void trust_each(const struct trust *t,
		void (*each)(void *arg, const struct trust_key_info *k),
		void *arg);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pgp - detached OpenPGP v4 signatures over octets, by one of several engines.
 *
 * A context belongs to one thread; the engines are shared behind it. Nothing
 * here decides whether a key is trusted (trust.h does), only what a signature
 * turned out to be. A bad signature is not an error.
 *
 * Errors are positive errno values.
 */
#ifndef CRYPTO_PGP_H
#define CRYPTO_PGP_H

#include "base/span.h"

#define PGP_FPR_MAX 65	 /* hex digits of a v4 (40) or v5 fingerprint, NUL */
#define PGP_SIG_MAX 1200 /* binary: room for RSA-8192 */

enum pgp_result {
	PGP_GOOD,
	PGP_BAD,	 /* over other octets, or by another key */
	PGP_NO_KEY,	 /* signer not in the keyring */
	PGP_KEY_EXPIRED, /* key or signing subkey */
	PGP_KEY_REVOKED,
	PGP_KEY_UNUSABLE,   /* disabled, may not sign, made in the future */
	PGP_SIGNATURE_TIME, /* newer than now, older than its key, expired */
	PGP_WEAK,	    /* MD5, SHA-1, RSA below 2048 or above 8192 bits */
	PGP_MALFORMED,	    /* not exactly one detached v4 binary signature */
	PGP_TIMEOUT,
	PGP_ENGINE, /* gpg or gpg-agent failed */
	PGP_RESULT_COUNT,
	PGP_LATER = PGP_RESULT_COUNT /* of quick contexts only */
};

const char *pgp_result_name(enum pgp_result r); /* "good", "bad-signature", … */

struct pgp_conf {
	const char *home;	   /* GnuPG home; NULL: GnuPG's default */
	const char *sign_engine;   /* "gpgme", "agent", "fast" */
	const char *verify_engine; /* "gpgme", "fast" */
	unsigned int timeout_ms;   /* for one operation */
};

struct pgp;	/* the engines; shared by threads, read-only after opening */
struct pgp_ctx; /* one thread's view */

/* Before threads. 0; ENOENT (no gpg, no home), EINVAL (unknown engine), EIO;
 * with a line in the log that says what to do about it. */
int pgp_open(struct pgp **out, const struct pgp_conf *conf);
void pgp_close(struct pgp *p);

/*
 * The keys that "agent" and "fast" go by: a snapshot, held until the next one
 * and as long as an operation needs it. Until the first, or with NULL, gpg does
 * their work. Thread: any.
 */
struct trust;
void pgp_set_trust(struct pgp *p, struct trust *t);

/* Operations since opening by engines that are not "gpgme". Thread: any. */
struct pgp_counters {
	uint64_t fast;	   /* done by them */
	uint64_t fallback; /* left by them to gpg */
};
struct pgp_counters pgp_counters(struct pgp *p);

/* On the thread that will use it. 0; ENOMEM; EIO. */
int pgp_ctx_open(struct pgp_ctx **out, struct pgp *p);
void pgp_ctx_close(struct pgp_ctx *c);

/*
 * A context that does only what takes less time than handing it to another
 * thread would: Ed25519 by "fast". What else it is asked for it leaves alone
 * (EAGAIN, PGP_LATER), for a context that may block.
 */
int pgp_ctx_open_quick(struct pgp_ctx **out, struct pgp *p);

/*
 * Sign octets with the secret key whose primary (or subkey) fingerprint is fpr,
 * 40 hex digits. 0 and *len <= PGP_SIG_MAX; ENOKEY; ETIMEDOUT; EIO. Blocks
 * (worker only), unless the context is a quick one (EAGAIN).
 */
int pgp_sign(struct pgp_ctx *c, const char *fpr, struct span octets,
	     uint8_t sig[PGP_SIG_MAX], size_t *len);

/*
 * Sign in steps, on a thread that must not block, where somebody else makes the
 * signature (gpg-agent): ask for it, wait until the descriptor is readable, and
 * look. None of the three blocks; the context serves no one else meanwhile.
 *
 * pgp_sign_begin: 0; EAGAIN: not this way, or not now: use pgp_sign(), which
 * also connects. pgp_sign_look: as pgp_sign(), and EAGAIN: not there yet;
 * ENOTCONN: the connection was lost, and only pgp_sign_wait() can go on.
 *
 * pgp_sign_wait: what was begun, to its end, as pgp_sign(). Blocks (worker
 * only), at most until the operation's timeout since pgp_sign_begin().
 *
 * pgp_sign_fd: of a context between two signatures; -1: none. It is closed by
 * the context, whenever a connection ends: watch a duplicate.
 */
bool pgp_signs_in_steps(const struct pgp *p); /* can begin ever say 0? */
int pgp_sign_begin(struct pgp_ctx *c, const char *fpr, struct span octets);
int pgp_sign_look(struct pgp_ctx *c, uint8_t sig[PGP_SIG_MAX], size_t *len);
int pgp_sign_wait(struct pgp_ctx *c, uint8_t sig[PGP_SIG_MAX], size_t *len);
int pgp_sign_fd(const struct pgp_ctx *c);

/*
 * Verify. signer gets the primary key's fingerprint in upper case hex when the
 * result is PGP_GOOD, "" otherwise. Blocks (worker only), unless the context is
 * a quick one (PGP_LATER).
 */
enum pgp_result pgp_verify(struct pgp_ctx *c, struct span octets,
			   struct span sig, char signer[PGP_FPR_MAX]);

#endif

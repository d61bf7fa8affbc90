/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * engine - what pgp.c asks of something that makes and checks signatures.
 *
 * An engine is opened once, before threads, and shared by them; a context is
 * one thread's. sign or verify is NULL when the engine can't do it. By the time
 * verify is called the packet has passed sigpacket_read() and is strong enough;
 * what sign gives is put through the same gate. Results are those of pgp.h.
 *
 * Internal to crypto/.
 */
#ifndef CRYPTO_ENGINE_H
#define CRYPTO_ENGINE_H

#include "crypto/pgp.h"
#include "crypto/snapshot.h"

/* A signature may be this much newer than now. */
#define PGP_SKEW_S 60

/* From verify: nothing is said, the reference engine is to be asked. sign says
 * ENOTSUP for that. */
#define PGP_NOT_MINE PGP_RESULT_COUNT

struct pgp_engine {
	const char *name;
	/* conf->home has been checked and is absolute; timeout_ms is not 0.
	 * keys outlives the engine. */
	int (*open)(void **out, const struct pgp_conf *conf,
		    struct snapshot *keys);
	void (*close)(void *engine);
	/* quick: a context for pgp_ctx_open_quick(), that says ENOTSUP and
	 * PGP_NOT_MINE of whatever takes longer than a handful of microseconds;
	 * ENOTSUP: the engine has nothing so quick. */
	int (*ctx_open)(void **out, void *engine, bool quick);
	void (*ctx_close)(void *ctx);
	int (*sign)(void *ctx, const char *fpr, struct span octets,
		    uint8_t sig[PGP_SIG_MAX], size_t *len);
	/*
	 * NULL, or: sign in steps, for pgp_sign_begin() and those below it.
	 * begin says EAGAIN where it can't; look says EAGAIN as long as there
	 * is nothing yet, and ENOTCONN where only wait can go on.
	 */
	int (*sign_begin)(void *ctx, const char *fpr, struct span octets);
	int (*sign_fd)(const void *ctx); /* -1: not connected */
	int (*sign_look)(void *ctx, uint8_t sig[PGP_SIG_MAX], size_t *len);
	int (*sign_wait)(void *ctx, uint8_t sig[PGP_SIG_MAX], size_t *len);
	enum pgp_result (*verify)(void *ctx, struct span octets,
				  struct span sig, char signer[PGP_FPR_MAX]);
	/* NULL, or: what the reference engine said of the signature that verify
	 * was last asked about, and said PGP_NOT_MINE of. */
	void (*second_opinion)(void *ctx, enum pgp_result r,
			       const char *signer);
};

extern const struct pgp_engine pgp_engine_gpgme; /* the reference */
extern const struct pgp_engine pgp_engine_agent;
extern const struct pgp_engine pgp_engine_fast;

#endif

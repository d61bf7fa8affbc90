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

struct pgp_engine {
	const char *name;
	/* conf->home has been checked and is absolute; timeout_ms is not 0. */
	int (*open)(void **out, const struct pgp_conf *conf);
	void (*close)(void *engine);
	int (*ctx_open)(void **out, void *engine);
	void (*ctx_close)(void *ctx);
	int (*sign)(void *ctx, const char *fpr, struct span octets,
		    uint8_t sig[PGP_SIG_MAX], size_t *len);
	enum pgp_result (*verify)(void *ctx, struct span octets,
				  struct span sig, char signer[PGP_FPR_MAX]);
};

extern const struct pgp_engine pgp_engine_gpgme;

#endif

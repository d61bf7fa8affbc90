/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * gpgop - a gpgme context whose operations end in time, whatever gpg does.
 *
 * Start an operation with gpgme_op_…_start(gpgop_ctx(op), …) and hand what that
 * returned to gpgop_run(). Functions of gpgme that wait by themselves must not
 * be used on it. Nothing goes to the network; keys are neither fetched nor is
 * anything else.
 *
 * Thread: one at a time. Internal to crypto/.
 */
#ifndef CRYPTO_GPGOP_H
#define CRYPTO_GPGOP_H

#include <gpgme.h>
#include "base/span.h"

struct gpgop;

/*
 * Once, before threads; may be repeated. 0; ENOENT (no usable gpg) with a line
 * in the log.
 */
int gpgop_init(void);

/* GnuPG's own choice of a home, and the gpg that is run. */
const char *gpgop_default_home(void);
const char *gpgop_program(void);

/* home: absolute. 0; ENOMEM; EIO. */
int gpgop_open(struct gpgop **out, const char *home);
void gpgop_close(struct gpgop *op);

/* For one operation: gpgop_run() may replace it. NULL when memory is short,
 * which gpgme_op_…_start() answers with an error. */
gpgme_ctx_t gpgop_ctx(struct gpgop *op);

/* GnuPG's validity of a user ID costs a look into the trust database, which
 * those who don't ask for it do without. Default: with it. */
int gpgop_without_trust(struct gpgop *op);

/*
 * Where keys of a listing go; fn owns the reference. Without it they are let
 * go.
 */
void gpgop_on_key(struct gpgop *op, void (*fn)(void *arg, gpgme_key_t key),
		  void *arg);

/*
 * Wait for the operation's end. 0 and what gpgme says of it in *err; ETIMEDOUT
 * (its gpg is killed, the context new and empty: results of the operation are
 * gone); EIO.
 */
int gpgop_run(struct gpgop *op, gpgme_error_t started, unsigned int timeout_ms,
	      gpgme_error_t *err);

/* gpgme's text for an error, in buf. */
const char *gpgop_error(gpgme_error_t err, char buf[128]);

#endif

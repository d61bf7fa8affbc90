/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * reload - configuration and keyring read again, on a thread, while the loop
 * goes on with the old ones.
 *
 * Thread: the loop's.
 */
#ifndef IO_RELOAD_H
#define IO_RELOAD_H

#include <uv.h>

#include "core/conf.h"
#include "crypto/trust.h"

struct reload;

/*
 * trust: the keyring as it was read first. take(ctx, …) gets what was read,
 * both new, and owns it; what can't change in a running daemon (queues, user,
 * files, realm, role) has been kept as it was. conf is NULL when the keyring
 * alone was read; whole is false when that was but a look.
 */
int reload_open(struct reload **out, uv_loop_t *loop, struct trust *trust,
		void (*take)(void *ctx, struct conf *conf, struct trust *trust,
			     bool whole),
		void *ctx);

/*
 * Both. running: the configuration in use, not changed before the end.
 * done(arg, NULL) or done(arg, what is wrong) is called once, later; may be
 * NULL. While the keyring alone is being read, this waits for its turn. 0;
 * EBUSY (one is under way, or waits); ENOMEM.
 */
int reload_start(struct reload *r, const struct conf *running,
		 void (*done)(void *arg, const char *error), void *arg);

/* The keyring alone, as above, but without waiting for a turn. */
int reload_keys(struct reload *r, const struct conf *running,
		void (*done)(void *arg, const char *error), void *arg);

/* A look at what the keys say of themselves (trust_load_keys()), also while the
 * rest is being read. 0; EBUSY (a look is under way). */
int reload_look(struct reload *r, const struct conf *running,
		void (*done)(void *arg, const char *error), void *arg);

/* The loop ends: one that waits for its turn is told so, and not started. */
void reload_stop(struct reload *r);

/* When none is under way. NULL is allowed. */
void reload_free(struct reload *r);

#endif

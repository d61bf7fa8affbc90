/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * worker - runs crypto jobs, at most `limit` at a time: on libuv's threads,
 * each with its own struct pgp_ctx; on the loop, while gpg-agent makes a
 * signature; or at once, on the loop's thread, what is done sooner than it is
 * handed over. All functions: loop's thread.
 */
#ifndef CRYPTO_WORKER_H
#define CRYPTO_WORKER_H

#include <uv.h>
#include "crypto/job.h"

struct worker;

/* 0; ENOMEM. limit bounds jobs accepted and not yet done. */
int worker_open(struct worker **out, uv_loop_t *loop, struct pgp *pgp,
		unsigned int limit);

/* What the core gets. */
struct crypto_door worker_door(struct worker *w);

unsigned int worker_busy(const struct worker *w);

/*
 * Accept no more; done() still comes for what runs (timeouts bound it). When
 * none is left, idle(arg) is called once, on the loop.
 */
void worker_stop(struct worker *w, void (*idle)(void *arg), void *arg);

/* After idle(), or before the first job. The loop has to run once more. */
void worker_free(struct worker *w);

#endif

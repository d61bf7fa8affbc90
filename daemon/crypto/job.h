/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * job - one signature to make or to check, and the door through which the core
 * asks for it. A job owns its octets and nothing else; it is made and ended on
 * the loop's thread, and between submit() and done() it belongs to the workers.
 */
#ifndef CRYPTO_JOB_H
#define CRYPTO_JOB_H

#include "crypto/pgp.h"

struct crypto_job {
	bool sign;	       /* or verify */
	char fpr[PGP_FPR_MAX]; /* sign: with which; verify: who it was */
	char *octets;
	size_t octets_len;
	uint8_t sig[PGP_SIG_MAX];
	size_t sig_len;

	int error;		/* sign: 0 or errno */
	enum pgp_result result; /* verify */

	/* called on the loop's thread, exactly once for each accepted submit */
	void (*done)(struct crypto_job *job, uint64_t now_ms);
	void *arg;
	void *impl; /* the worker's own */
};

struct crypto_door {
	void *ctx;
	/* 0: done() will be called, never from inside submit().
	 * EAGAIN: the queue is full; ESHUTDOWN. The job stays the caller's. */
	int (*submit)(void *ctx, struct crypto_job *job);
	/*
	 * Done here and now, where that takes less than handing it over would:
	 * true, and error or result hold; done() is not called. NULL: never.
	 */
	bool (*at_once)(void *ctx, struct crypto_job *job);
};

#endif

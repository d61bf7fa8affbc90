/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * control - the Unix socket of sipsealctl(1): a line of JSON in, a line of JSON
 * out, any number of times. With explain.c and sipsealctl.c it is all that
 * knows jansson.
 *
 *   {"command":"status"}
 *   {"command":"reload"}
 *   {"command":"keys","from":0}      a page of them; "next" while there is
 * more; "quick":true: without certifications
 *   {"command":"check","uri":"sip:alice@example.org"}
 *
 * Answers hold "ok": true, or false and "error". Clients are few, lines are
 * short and silence is ended after a while; nobody can hold up the loop.
 *
 * Thread: the loop's.
 */
#ifndef IO_CONTROL_H
#define IO_CONTROL_H

#include <uv.h>

#include "core/engine.h"
#include "crypto/worker.h"
#include "io/capture.h"
#include "io/inject.h"
#include "io/nfqueue.h"

/* What there is to tell; the owner keeps it up to date. */
struct control_view {
	const struct conf *conf;
	const struct trust *trust;
	struct store *store;
	const struct engine *engine;
	const struct worker *worker;
	struct pgp *pgp; /* may be NULL */
	const struct nfqueue *nfqueue;
	const struct inject *inject;
	const struct capture *capture; /* may be NULL */
	uint64_t started_ns;	       /* clock_steady_ns() */
	bool stopping;
	/*
	 * Read configuration and keyring again. done(arg, NULL) or done(arg,
	 * what is wrong) is called later, once. EBUSY: one is under way.
	 */
	int (*reload)(void *ctx, void (*done)(void *arg, const char *error),
		      void *arg);
	void *ctx;
};

struct control;

/*
 * Listen at path, mode 0660, with the owner and group of the process. A socket
 * left behind there by a daemon that is gone is taken over. 0; EADDRINUSE
 * (somebody answers there), EACCES, ENAMETOOLONG, …, with a line in the log.
 */
int control_open(struct control **out, uv_loop_t *loop, const char *path,
		 const struct control_view *view);

/* Remove the socket and end the clients. Memory is freed by the loop. */
void control_close(struct control *c); /* NULL is allowed */

#endif

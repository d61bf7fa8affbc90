/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * agentconn - a connection to gpg-agent that is kept, over which it is asked
 * for one signature at a time (Assuan; SIGKEY, SETHASH, PKSIGN).
 *
 * Asking never blocks. The answer may be waited for, or looked for whenever the
 * descriptor is readable.
 *
 * Errors are positive errno values; ENOTCONN: there is nobody, or not any more.
 * Whatever else than a refusal goes wrong ends the connection, so that no late
 * answer is taken for that to a later question.
 *
 * Thread: one at a time for each. Internal to crypto/.
 */
#ifndef CRYPTO_AGENTCONN_H
#define CRYPTO_AGENTCONN_H

#include "base/span.h"

#define AGENTCONN_GRIP 41 /* hex digits of a keygrip, NUL */

struct agentconn;

/* Before threads. 0; EIO. */
int agentconn_init(void);

/* socket_path outlives it. NULL: no memory. */
struct agentconn *agentconn_new(const char *socket_path);
void agentconn_free(struct agentconn *a);

/* Connect and be greeted, before end_ns of clock_steady_ns(): blocks. 0;
 * ENOTCONN; ETIMEDOUT; ENOMEM; EIO. */
int agentconn_open(struct agentconn *a, uint64_t end_ns);
void agentconn_close(struct agentconn *a);

/* What becomes readable with the answer; -1: not connected. */
int agentconn_fd(const struct agentconn *a);

/*
 * Ask for a signature over a digest, by the key of that keygrip; algo: RFC 4880
 * section 9.4. 0; ENOTCONN; ETIMEDOUT: nobody reads.
 */
int agentconn_ask(struct agentconn *a, const char *grip, uint8_t algo,
		  const uint8_t *digest, size_t len);

/*
 * The answer: a canonical S-expression that holds until the next question.
 * end_ns 0: do not block (EAGAIN: not all of it is there). 0; ENOKEY; ENOTCONN;
 * ETIMEDOUT; EIO. The agent's own words on a refusal are in the log.
 */
int agentconn_answer(struct agentconn *a, uint64_t end_ns, struct span *sexp);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * snapshot - the keyring's snapshot that is valid now: the loop sets it,
 * workers take it for as long as an operation lasts, and the last one frees it.
 *
 * Thread: any. Internal to crypto/.
 */
#ifndef CRYPTO_SNAPSHOT_H
#define CRYPTO_SNAPSHOT_H

#include <pthread.h>
#include "crypto/trust.h"

struct snapshot {
	pthread_mutex_t lock;
	struct trust *trust;
};

void snapshot_init(struct snapshot *s);
/* t may be NULL. It is held until the next. */
void snapshot_set(struct snapshot *s, struct trust *t);
/* To be let go with trust_free(); NULL when none is set. */
struct trust *snapshot_get(struct snapshot *s);
void snapshot_destroy(struct snapshot *s);

#endif

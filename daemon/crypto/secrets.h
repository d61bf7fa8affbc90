/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * secrets - the secret keys of a GnuPG home, taken out of gpg-agent once and
 * held here, for an operator who chose that.
 *
 * Thread: reading any. Internal to crypto/.
 */
#ifndef CRYPTO_SECRETS_H
#define CRYPTO_SECRETS_H

#include "crypto/keymath.h"

struct secrets;

/*
 * home: absolute. Keys that can't be held (a passphrase, a card, an algorithm)
 * are left out, with a line in the log for each. 0; ENOMEM; ETIMEDOUT; EIO.
 */
int secrets_load(struct secrets **out, const char *home);
void secrets_free(struct secrets *s);

size_t secrets_count(const struct secrets *s);

/* Of exactly this (sub)key; or NULL. */
const struct seckey *secrets_find(const struct secrets *s, const char *fpr);

#endif

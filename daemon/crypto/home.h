/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * home - the GnuPG home: whose it is, and what gpgconf says of it.
 *
 * Thread: any. Internal to crypto/.
 */
#ifndef CRYPTO_HOME_H
#define CRYPTO_HOME_H

#include <limits.h>
#include "crypto/packets.h"

/*
 * Resolve and check a GnuPG home: a directory of the effective user that nobody
 * else may enter. 0 and its absolute path; ENOENT, ENOTDIR, EACCES, EIO with a
 * line in the log that says how to mend it.
 */
int home_check(char path[PATH_MAX], const char *home);

/*
 * Value of "gpgconf --list-dirs" under name ("agent-socket"). 0; ENOENT; EIO;
 * ETIMEDOUT.
 */
int home_dir(char *out, size_t cap, const char *home, const char *name);

/*
 * Value of a text option of gpg in this home ("trust-model"). 0; ENOENT when it
 * is not set; EIO; ETIMEDOUT.
 */
int home_option(char *out, size_t cap, const char *home, const char *name,
		unsigned int limit_ms);

/*
 * Walk over what gpg (a path) exports: all public keys, which costs it
 * a hundredth of listing them; or one secret key, but nothing for which it
 * would have to ask for a passphrase. 0; EIO (not read to its end; or something
 * was left out); ETIMEDOUT.
 */
int home_export(const char *home, const char *gpg, unsigned int limit_ms,
		struct packets *w);
int home_export_secret(const char *home, const char *gpg, const char *fpr,
		       struct packets *w);

/* Start the gpg-agent of this home if none runs. 0; EIO; ETIMEDOUT. */
int home_start_agent(const char *home);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * home - the GnuPG home: whose it is, and what gpgconf says of it.
 *
 * Thread: any. Internal to crypto/.
 */
#ifndef CRYPTO_HOME_H
#define CRYPTO_HOME_H

#include <limits.h>
#include "base/span.h"

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
int home_option(char *out, size_t cap, const char *home, const char *name);

/*
 * How many public keys gpg (a path) exports from this home, which costs it a
 * hundredth of listing them. 0; EIO when it could not read the keyring to its
 * end; ETIMEDOUT.
 */
int home_keys(size_t *n, const char *home, const char *gpg);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * reap - ends processes of GnuPG that hang. Thread: any. Internal to crypto/.
 */
#ifndef CRYPTO_REAP_H
#define CRYPTO_REAP_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Kill every process of our user that holds the other end of one of these
 * pipes, and is not us. Returns how many.
 */
unsigned int reap_pipes(const int *fd, size_t n);

/*
 * Kill the gpg-agent of this home if it does not greet on its socket within
 * two seconds; gpg starts a new one when it next needs it. One that waits for
 * a passphrase or a card greets, and is left alone. True if one was killed.
 */
bool reap_agent(const char *home, const char *socket_path);

#endif

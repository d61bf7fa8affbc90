/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * peer - which realm answered, authenticated, for a URI before: its requests
 * can be signed at once. Thread: the loop's. Errors: 0, ENOENT, ENOSPC, EIO.
 */
#ifndef STATE_PEER_H
#define STATE_PEER_H

#include "codec/pgpauth.h"
#include "state/store.h"

#define PEER_REALMS 4
#define PGP_FPR_LEN 65 /* of a fingerprint in hex, with its NUL */

/* Every realm a request to it has to satisfy, proxies on the way included. */
struct peer {
	uint32_t n;
	struct {
		char realm[PGP_REALM_MAX];
		bool proxy; /* Proxy-Authorization */
	} realm[PEER_REALMS];
};

int peer_get(struct store *s, const char *canonical, uint64_t now_ms,
	     struct peer *out);
int peer_put(struct store *s, const char *canonical, uint64_t expire_ms,
	     const struct peer *p);
int peer_forget(struct store *s, const char *canonical);

/*
 * Trust on first use: the key that first spoke for a URI, kept for good.
 * pin_get: 0; ENOENT; EIO.
 */
int pin_get(struct store *s, const char *canonical, char fpr[PGP_FPR_LEN]);
int pin_put(struct store *s, const char *canonical, const char *fpr);

#endif

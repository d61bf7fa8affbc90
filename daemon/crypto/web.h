/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * web - who certified whom, read for people when they ask. Decides nothing:
 * validity is GnuPG's, and what packets are judged by is trust.h.
 *
 * Thread: web_load() blocks for as long as gpg takes, for a worker; what it
 * gives is immutable.
 */
#ifndef CRYPTO_WEB_H
#define CRYPTO_WEB_H

#include "crypto/pgp.h"

struct web;

/*
 * The keys of these fingerprints, those that certified them, and so on up to
 * keys whose owner trust is ultimate. 0; ENOENT, EACCES, EIO with a line in the
 * log.
 */
int web_load(struct web **out, const char *home, const char *const fpr[],
	     size_t n);
void web_free(struct web *w); /* NULL is allowed */

/* The trust model that gpg uses in this home: "pgp", "tofu+pgp", … */
const char *web_model(const struct web *w);

/* A certification, by somebody else, of a user ID or of its certifier's key. */
struct web_step {
	unsigned int depth; /* 0: of the user ID that was asked about */
	const char *fpr;    /* who certified; its key ID when not known */
	const char *uid;    /* "" when not known */
	const char *validity, *ownertrust; /* of who certified; GnuPG's words */
	bool counts;
	const char *why; /* it counts, or not */
};

/*
 * Every certification of a user ID (its text), each followed by those of its
 * certifier one deeper; at most WEB_STEPS_MAX. Nothing when there are none.
 */
#define WEB_STEPS_MAX 32
void web_each(const struct web *w, const char *fpr, const char *uid,
	      void (*each)(void *arg, const struct web_step *s), void *arg);

#endif

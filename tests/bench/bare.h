/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * bare - one operation of an engine and nothing else: what everything around
 * it is measured against. Everything here ends the program when it fails.
 */
#ifndef TESTS_BENCH_BARE_H
#define TESTS_BENCH_BARE_H

#include <stdint.h>

#include "crypto/pgp.h"
#include "crypto/trust.h"

#define BARE_OCTETS 1024

struct bare {
	struct pgp *pgp;
	struct pgp_ctx *ctx;
	struct trust *trust;
	const char *fpr; /* not copied */
	char octets[BARE_OCTETS];
	uint8_t sig[PGP_SIG_MAX];
	size_t sig_len;
};

/* The key of that GnuPG home, these engines; there is a signature then. */
void bare_open(struct bare *b, const char *home, const char *sign,
	       const char *verify, const char *fpr);
void bare_close(struct bare *b);
void bare_sign(struct bare *b);
/* The signature that was made last. */
void bare_verify(struct bare *b);
/* Says on standard error when most was left to gpg. */
void bare_told_fallback(const struct bare *b, const char *engine);

#endif

// SPDX-License-Identifier: GPL-2.0-or-later
#include "bare.h"

#include <stdio.h>
#include <string.h>

#include "base/digest.h"
#include "bench.h"

void bare_open(struct bare *b, const char *home, const char *sign,
	       const char *verify, const char *fpr)
{
	const struct pgp_conf conf = { .home = home,
				       .sign_engine = sign,
				       .verify_engine = verify,
				       .timeout_ms = 10000 };

	if (pgp_open(&b->pgp, &conf) ||
	    trust_load(&b->trust, home, TRUST_LOAD_MS))
		bench_die("home %s, engines %s and %s", home, sign, verify);
	pgp_set_trust(b->pgp, b->trust);
	if (pgp_ctx_open(&b->ctx, b->pgp))
		bench_die("no context");
	b->fpr = fpr;
	digest_random(b->octets, sizeof(b->octets));
	bare_sign(b);
}

void bare_close(struct bare *b)
{
	pgp_ctx_close(b->ctx);
	pgp_close(b->pgp);
	trust_free(b->trust);
}

void bare_sign(struct bare *b)
{
	if (pgp_sign(b->ctx, b->fpr, span_make(b->octets, BARE_OCTETS), b->sig,
		     &b->sig_len))
		bench_die("can't sign");
}

void bare_verify(struct bare *b)
{
	char signer[PGP_FPR_MAX];

	if (pgp_verify(b->ctx, span_make(b->octets, BARE_OCTETS),
		       span_make(b->sig, b->sig_len), signer) != PGP_GOOD)
		bench_die("does not verify");
}

void bare_told_fallback(const struct bare *b, const char *engine)
{
	struct pgp_counters c = pgp_counters(b->pgp);

	if (strcmp(engine, "gpgme") != 0 && c.fallback > c.fast)
		fprintf(stderr, "engine %s left %llu of %llu to gpg\n", engine,
			(unsigned long long)c.fallback,
			(unsigned long long)(c.fast + c.fallback));
}

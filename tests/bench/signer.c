// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/digest.h"
#include "bench.h"
#include "codec/octets.h"
#include "crypto/trust.h"
#include "state/nonce.h"
#include "text.h"

struct signer {
	struct pgp *pgp;
	struct pgp_ctx *ctx;
	struct trust *trust;
	char fpr[PGP_FPR_MAX];
	struct sip_msg m;
};

struct signer *signer_open(const char *home, const char *engine,
			   const char *fpr)
{
	const struct pgp_conf conf = { .home = home,
				       .sign_engine = engine,
				       .verify_engine = "gpgme" };
	struct signer *s = calloc(1, sizeof(*s));

	if (!s || pgp_open(&s->pgp, &conf) ||
	    trust_load(&s->trust, home, TRUST_LOAD_MS))
		bench_die("GnuPG home %s can't be used", home);
	pgp_set_trust(s->pgp, s->trust);
	if (pgp_ctx_open(&s->ctx, s->pgp))
		bench_die("no context");
	snprintf(s->fpr, sizeof(s->fpr), "%s", fpr);
	return s;
}

void signer_nonce(char out[PGP_NONCE_MAX], char cnonce[PGP_CNONCE_MAX])
{
	nonce_make_own(out, clock_wall_ms());
	cnonce_make(cnonce);
}

bool signer_sign(struct signer *s, struct buf *b, struct pgp_params p,
		 bool response)
{
	char mem[BENCH_TEXT + 4096], row_mem[2600],
		b64[B64_LEN(PGP_SIG_MAX) + 1];
	struct buf octets = buf_make(mem, sizeof(mem));
	struct buf row = buf_make(row_mem, sizeof(row_mem));
	uint8_t sig[PGP_SIG_MAX];
	size_t len, end;

	p.key = span_str(s->fpr);
	p.signature = SPAN_NONE;
	if (sipmsg_read(&s->m, buf_span(b), false) != SIP_OK ||
	    octets_build(&octets, &s->m, &p) ||
	    pgp_sign(s->ctx, s->fpr, buf_span(&octets), sig, &len))
		return false;
	b64_encode(b64, sizeof(b64), sig, len);
	p.signature = span_str(b64);
	pgpauth_write_credentials(
		&row, response ? "Authentication-Info" : "Authorization", &p);
	end = s->m.end_of_rows;
	if (row.full || b->len + row.len > b->cap)
		return false;
	memmove(b->p + end + row.len, b->p + end, b->len - end);
	memcpy(b->p + end, row.p, row.len);
	b->len += row.len;
	return true;
}

// SPDX-License-Identifier: GPL-2.0-or-later
/* Any value of a row; what is read can be written and is read the same. */
#include <stdlib.h>

#include "codec/pgpauth.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void hold(bool what)
{
	if (!what)
		abort();
}

static void inside(struct span in, struct span s)
{
	if (!span_set(s))
		return;
	hold(s.p >= in.p && s.p <= in.p + in.len);
	hold(s.len && s.len <= (size_t)(in.p + in.len - s.p));
	for (size_t i = 0; i < s.len; i++)
		hold((unsigned char)s.p[i] >= ' ' && s.p[i] != '"' &&
		     s.p[i] != '\\');
}

static void same(struct span a, struct span b)
{
	hold(span_set(a) == span_set(b) && span_eq(a, b));
}

static enum pgp_row read_row(struct buf *b, const char *name,
			     struct pgp_params *out)
{
	size_t skip = strlen(name) + 1;

	hold(!b->full && b->len > skip + 2);
	hold(!memcmp(b->p + b->len - 2, "\r\n", 2));
	return pgpauth_read(span_make(b->p + skip, b->len - 2 - skip), out);
}

static void check_credentials(const struct pgp_params *p)
{
	static char text[70000];
	struct buf b = buf_make(text, sizeof(text));
	struct pgp_params q;

	pgpauth_write_credentials(&b, "Authorization", p);
	hold(read_row(&b, "Authorization", &q) == PGP_ROW_OK);
	same(p->realm, q.realm);
	same(p->nonce, q.nonce);
	same(p->cnonce, q.cnonce);
	same(p->signed_by, q.signed_by);
	same(p->key, q.key);
	same(p->cancel, q.cancel);
	same(p->signature, q.signature);
	hold(p->nc == q.nc && p->cover_nat == q.cover_nat);
}

static void check_challenge(const struct pgp_params *p)
{
	static char text[70000];
	struct buf b = buf_make(text, sizeof(text));
	struct pgp_params q;

	pgpauth_write_challenge(&b, "WWW-Authenticate", p);
	hold(read_row(&b, "WWW-Authenticate", &q) == PGP_ROW_OK);
	same(p->realm, q.realm);
	same(p->nonce, q.nonce);
	hold(span_set(q.algorithm) && p->stale == q.stale);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span in = span_make(data, size);
	struct pgp_params p;

	if (pgpauth_read(in, &p) != PGP_ROW_OK)
		return 0;
	inside(in, p.realm);
	inside(in, p.nonce);
	inside(in, p.cnonce);
	inside(in, p.signed_by);
	inside(in, p.key);
	inside(in, p.cancel);
	inside(in, p.signature);
	inside(in, p.algorithm);
	hold(p.realm.len < PGP_REALM_MAX && p.nonce.len < PGP_NONCE_MAX &&
	     p.cnonce.len < PGP_CNONCE_MAX);
	/* both rows always have a realm */
	if (!span_set(p.realm))
		return 0;
	check_credentials(&p);
	check_challenge(&p);
	return 0;
}

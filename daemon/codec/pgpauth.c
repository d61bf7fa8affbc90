// SPDX-License-Identifier: GPL-2.0-or-later
#include "codec/pgpauth.h"

#include "base/eight.h"
#include "codec/siptext.h"

#define SCHEME "PGP"

/* ASCII; no escapes, no folds, nothing that somebody might trim or cut at. */
static bool plain(struct span s)
{
	size_t i = 0;

	for (; s.len - i >= 8; i += 8) {
		uint64_t x = eight_at(s.p + i);

		if (eight_high(x) || eight_less(x, ' ') || eight_has(x, 0x7f) ||
		    eight_has(x, '\\'))
			return false;
	}
	for (; i < s.len; i++)
		if (s.p[i] < ' ' || s.p[i] > '~' || s.p[i] == '\\')
			return false;
	return true;
}

static bool read_quoted(struct span *to, const struct text_param *p, size_t max)
{
	if (span_set(*to) || !p->quoted || !p->value.len || p->value.len >= max)
		return false;
	*to = p->value;
	return true;
}

static bool read_algorithm(struct pgp_params *out, const struct text_param *p)
{
	if (span_set(out->algorithm) || !p->value.len)
		return false;
	out->algorithm = p->value;
	return true;
}

/* Decimal, from 1, and in one spelling only. */
static bool read_nc(struct pgp_params *out, const struct text_param *p)
{
	return out->nc == 0 && !p->quoted && p->value.len &&
	       p->value.p[0] != '0' && span_u32(p->value, &out->nc) == 0;
}

static bool read_choice(bool *to, bool *seen, const struct text_param *p,
			const char *yes, const char *no)
{
	if (*seen)
		return false;
	*seen = true;
	*to = span_ieq(p->value, span_str(yes));
	return *to || span_ieq(p->value, span_str(no));
}

/* What stands once at most, beside what struct pgp_params shows. */
struct seen {
	bool cover, stale;
};

static bool keep(struct pgp_params *out, struct seen *seen,
		 const struct text_param *p)
{
	const struct {
		struct span name;
		struct span *to;
		size_t max;
	} quoted[] = {
		{ SPAN_LIT("realm"), &out->realm, PGP_REALM_MAX },
		{ SPAN_LIT("nonce"), &out->nonce, PGP_NONCE_MAX },
		{ SPAN_LIT("cnonce"), &out->cnonce, PGP_CNONCE_MAX },
		{ SPAN_LIT("signed-by"), &out->signed_by, SIZE_MAX },
		{ SPAN_LIT("key"), &out->key, SIZE_MAX },
		{ SPAN_LIT("cancel"), &out->cancel, SIZE_MAX },
		{ SPAN_LIT("signature"), &out->signature, SIZE_MAX },
	};

	if (!plain(p->value))
		return false;
	for (size_t i = 0; i < sizeof(quoted) / sizeof(quoted[0]); i++)
		if (span_ieq(p->name, quoted[i].name))
			return read_quoted(quoted[i].to, p, quoted[i].max);
	if (span_ieq(p->name, SPAN_LIT("algorithm")))
		return read_algorithm(out, p);
	if (span_ieq(p->name, SPAN_LIT("nc")))
		return read_nc(out, p);
	if (span_ieq(p->name, SPAN_LIT("cover")))
		return read_choice(&out->cover_nat, &seen->cover, p, "nat",
				   "full");
	if (span_ieq(p->name, SPAN_LIT("stale")))
		return read_choice(&out->stale, &seen->stale, p, "true",
				   "false");
	return true;
}

/* "Digest a=b, PGP c=d": rows joined against RFC 3261 section 7.3.1. */
static bool joined_behind(struct text *t)
{
	while (text_seek(t, ",") && text_take(t, ',')) {
		text_space(t);
		if (!span_ieq(text_run(t, TEXT_TOKEN), SPAN_LIT(SCHEME)))
			continue;
		text_space(t);
		if (!text_at(t, '='))
			return true;
	}
	return false;
}

enum pgp_row pgpauth_read(struct span value, struct pgp_params *out)
{
	struct text t = text_of(value);
	struct seen seen = { false, false };
	struct text_param p;

	memset(out, 0, sizeof(*out));
	text_space(&t);
	if (!span_ieq(text_run(&t, TEXT_TOKEN), SPAN_LIT(SCHEME)))
		return joined_behind(&t) ? PGP_ROW_BAD : PGP_ROW_OTHER;
	if (!text_space(&t))
		return PGP_ROW_BAD;
	do {
		if (!text_parameter(&t, &p) || !keep(out, &seen, &p))
			return PGP_ROW_BAD;
	} while (text_take(&t, ',') || text_take(&t, ';'));
	return text_at_end(&t) ? PGP_ROW_OK : PGP_ROW_BAD;
}

const struct sip_row *pgpauth_next(const struct sip_msg *m,
				   enum sip_field field, const char *own_name,
				   size_t *i, enum pgp_row *what,
				   struct pgp_params *out)
{
	while (*i < m->n_rows) {
		const struct sip_row *row = &m->row[(*i)++];

		if (own_name ? !span_ieq(row->name, span_str(own_name))
			     : row->field != field)
			continue;
		*what = pgpauth_read(row->value, out);
		if (*what != PGP_ROW_OTHER)
			return row;
	}
	return NULL;
}

/* ", " before all but the first, which is always the realm */
static void add_quoted(struct buf *b, const char *name, struct span value)
{
	if (!span_set(value))
		return;
	buf_str(b, ", ");
	buf_str(b, name);
	buf_str(b, "=\"");
	buf_add(b, value);
	buf_str(b, "\"");
}

static void add_head(struct buf *b, const char *name,
		     const struct pgp_params *p)
{
	buf_str(b, name);
	buf_str(b, ": " SCHEME " realm=\"");
	buf_add(b, p->realm);
	buf_str(b, "\"");
	add_quoted(b, "nonce", p->nonce);
}

void pgpauth_write_challenge(struct buf *b, const char *name,
			     const struct pgp_params *p)
{
	add_head(b, name, p);
	buf_str(b, ", algorithm=");
	buf_add(b, span_set(p->algorithm) ? p->algorithm : SPAN_LIT("SHA256"));
	if (p->stale)
		buf_str(b, ", stale=true");
	buf_str(b, "\r\n");
}

void pgpauth_write_credentials(struct buf *b, const char *name,
			       const struct pgp_params *p)
{
	add_head(b, name, p);
	if (p->nc) {
		buf_str(b, ", nc=");
		buf_u32(b, p->nc);
	}
	add_quoted(b, "cnonce", p->cnonce);
	add_quoted(b, "signed-by", p->signed_by);
	add_quoted(b, "key", p->key);
	if (p->cover_nat)
		buf_str(b, ", cover=nat");
	add_quoted(b, "cancel", p->cancel);
	add_quoted(b, "signature", p->signature);
	buf_str(b, "\r\n");
}

// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>

#include "codec/octets.h"

#define DOMAIN "SIP-PGP-AUTH/1"

/* In the order in which they are signed. */
static const struct {
	enum sip_field field;
	const char *name;
} covered[] = {
	{ SIP_F_FROM, "from" },
	{ SIP_F_TO, "to" },
	{ SIP_F_CALL_ID, "call-id" },
	{ SIP_F_CSEQ, "cseq" },
	{ SIP_F_CONTACT, "contact" },
	{ SIP_F_CONTENT_TYPE, "content-type" },
	{ SIP_F_CONTENT_ENCODING, "content-encoding" },
	{ SIP_F_EXPIRES, "expires" },
	{ SIP_F_REFER_TO, "refer-to" },
	{ SIP_F_REFERRED_BY, "referred-by" },
	{ SIP_F_REPLACES, "replaces" },
	{ SIP_F_JOIN, "join" },
	{ SIP_F_TARGET_DIALOG, "target-dialog" },
	{ SIP_F_EVENT, "event" },
	{ SIP_F_SUBSCRIPTION_STATE, "subscription-state" },
	{ SIP_F_RACK, "rack" },
	{ SIP_F_RSEQ, "rseq" },
	{ SIP_F_REASON, "reason" },
	{ SIP_F_DATE, "date" },
	{ SIP_F_P_ASSERTED_IDENTITY, "p-asserted-identity" },
};

#define N_COVERED (sizeof(covered) / sizeof(covered[0]))

static void add_length(struct buf *b, const char *name, size_t len)
{
	buf_str(b, name);
	buf_str(b, " ");
	buf_u32(b, (uint32_t)len);
	buf_str(b, "\n");
}

static void add_item(struct buf *b, const char *name, struct span value)
{
	if (!span_set(value)) {
		buf_str(b, name);
		buf_str(b, " -\n");
		return;
	}
	add_length(b, name, value.len);
	buf_add(b, value);
	buf_str(b, "\n");
}

static void add_number(struct buf *b, const char *name, uint32_t n)
{
	char digits[10];
	struct buf text = buf_make(digits, sizeof(digits));

	buf_u32(&text, n);
	add_item(b, name, n ? buf_span(&text) : SPAN_NONE);
}

/* One fold at the head of s: CR if any, LF, white space. 0: none. */
static size_t fold_len(struct span s)
{
	size_t n = 0;

	if (n < s.len && s.p[n] == '\r')
		n++;
	if (n == s.len || s.p[n++] != '\n')
		return 0;
	while (n < s.len && (s.p[n] == ' ' || s.p[n] == '\t'))
		n++;
	return n;
}

/* The next piece of *s up to a fold, which is passed over. */
static struct span take_piece(struct span *s, bool *folded)
{
	struct span piece = span_make(s->p, 0);
	size_t fold = 0;

	while (piece.len < s->len) {
		fold = fold_len(
			span_make(s->p + piece.len, s->len - piece.len));
		if (fold)
			break;
		piece.len++;
	}
	*folded = fold > 0;
	s->p += piece.len + fold;
	s->len -= piece.len + fold;
	return piece;
}

static size_t unfolded_len(struct span value)
{
	size_t len = 0;
	bool folded;

	do {
		len += take_piece(&value, &folded).len;
		len += folded;
	} while (folded);
	return len;
}

/* A fold is one SP, whatever its white space was (RFC 3261 section 7.3.1). */
static void add_value(struct buf *b, const char *name, struct span value)
{
	bool folded;

	if (span_find(value, '\n') == value.len) {
		add_item(b, name, value);
		return;
	}
	add_length(b, name, unfolded_len(value));
	do {
		buf_add(b, take_piece(&value, &folded));
		if (folded)
			buf_str(b, " ");
	} while (folded);
	buf_str(b, "\n");
}

/* Spelled anew: stacks write leading zeros and white space as they like. */
static void add_cseq(struct buf *b, const struct sip_msg *m)
{
	char digits[10];
	struct buf text = buf_make(digits, sizeof(digits));

	buf_u32(&text, m->cseq);
	add_length(b, "cseq", text.len + 1 + m->method_name.len);
	buf_add(b, buf_span(&text));
	buf_str(b, " ");
	buf_add(b, m->method_name);
	buf_str(b, "\n");
}

static void add_rows(struct buf *b, const struct sip_msg *m,
		     enum sip_field field, const char *name)
{
	bool any = false;

	for (size_t i = 0; i < m->n_rows; i++) {
		if (m->row[i].field != field)
			continue;
		any = true;
		add_value(b, name, m->row[i].value);
	}
	if (!any)
		add_item(b, name, SPAN_NONE);
}

static void add_fields(struct buf *b, const struct sip_msg *m, bool nat)
{
	for (size_t i = 0; i < N_COVERED; i++) {
		if (nat && covered[i].field == SIP_F_CONTACT)
			continue;
		if (covered[i].field == SIP_F_CSEQ)
			add_cseq(b, m);
		else
			add_rows(b, m, covered[i].field, covered[i].name);
	}
}

static void add_parameters(struct buf *b, const struct pgp_params *p)
{
	add_item(b, "realm", p->realm);
	add_item(b, "nonce", p->nonce);
	add_number(b, "nc", p->nc);
	add_item(b, "cnonce", p->cnonce);
	add_item(b, "signed-by", p->signed_by);
	add_item(b, "cover", p->cover_nat ? SPAN_LIT("nat") : SPAN_LIT("full"));
	add_item(b, "cancel", p->cancel);
}

/* "application/sdp", with parameters or without */
static bool body_is_sdp(const struct sip_msg *m)
{
	const struct sip_row *row = sipmsg_row(m, SIP_F_CONTENT_TYPE, 0);
	struct span type;

	if (!row)
		return false;
	type = row->value;
	type.len = span_find(type, ';');
	return span_ieq(span_trim(type), SPAN_LIT("application/sdp"));
}

int octets_build(struct buf *b, const struct sip_msg *m,
		 const struct pgp_params *p)
{
	buf_str(b, m->request ? DOMAIN " request\n" : DOMAIN " response\n");
	add_item(b, "method", m->method_name);
	add_number(b, "status", m->status);
	add_parameters(b, p);
	add_fields(b, m, p->cover_nat);
	if (!p->cover_nat || !body_is_sdp(m))
		add_item(b, "body", m->body);
	return b->full ? EMSGSIZE : 0;
}

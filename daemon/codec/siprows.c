// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/eight.h"
#include "codec/sipread.h"
#include "codec/siptext.h"

struct known {
	const char *name; /* lower case */
	enum sip_field field;
};

/* By length of the name; a name that isn't here is SIP_F_OTHER. */
#define LEN_MAX 25
#define PER_LEN 6
static const struct known known[LEN_MAX + 1][PER_LEN] = {
	[2] = { { "to", SIP_F_TO } },
	[3] = { { "via", SIP_F_VIA } },
	[4] = { { "from", SIP_F_FROM },
		{ "join", SIP_F_JOIN },
		{ "cseq", SIP_F_CSEQ },
		{ "date", SIP_F_DATE },
		{ "rack", SIP_F_RACK },
		{ "rseq", SIP_F_RSEQ } },
	[5] = { { "route", SIP_F_ROUTE }, { "event", SIP_F_EVENT } },
	[6] = { { "reason", SIP_F_REASON } },
	[7] = { { "call-id", SIP_F_CALL_ID },
		{ "contact", SIP_F_CONTACT },
		{ "expires", SIP_F_EXPIRES },
		{ "require", SIP_F_REQUIRE } },
	[8] = { { "refer-to", SIP_F_REFER_TO },
		{ "replaces", SIP_F_REPLACES } },
	[9] = { { "supported", SIP_F_SUPPORTED } },
	[11] = { { "referred-by", SIP_F_REFERRED_BY } },
	[12] = { { "max-forwards", SIP_F_MAX_FORWARDS },
		 { "record-route", SIP_F_RECORD_ROUTE },
		 { "content-type", SIP_F_CONTENT_TYPE },
		 { "p-pgp-status", SIP_F_PGP_STATUS } },
	[13] = { { "authorization", SIP_F_AUTHORIZATION },
		 { "target-dialog", SIP_F_TARGET_DIALOG } },
	[14] = { { "content-length", SIP_F_CONTENT_LENGTH } },
	[16] = { { "www-authenticate", SIP_F_WWW_AUTHENTICATE },
		 { "content-encoding", SIP_F_CONTENT_ENCODING } },
	[18] = { { "proxy-authenticate", SIP_F_PROXY_AUTHENTICATE },
		 { "subscription-state", SIP_F_SUBSCRIPTION_STATE } },
	[19] = { { "proxy-authorization", SIP_F_PROXY_AUTHORIZATION },
		 { "authentication-info", SIP_F_AUTHENTICATION_INFO },
		 { "p-asserted-identity", SIP_F_P_ASSERTED_IDENTITY } },
	[25] = { { "proxy-authentication-info",
		   SIP_F_PROXY_AUTHENTICATION_INFO } },
};

/*
 * Compact forms (the IANA registry's). s, u, x, a, d, j, y and n are there too,
 * but stand for fields that nothing here asks for.
 */
static enum sip_field compact(char c)
{
	switch (c | 0x20) {
	case 'v':
		return SIP_F_VIA;
	case 'f':
		return SIP_F_FROM;
	case 't':
		return SIP_F_TO;
	case 'i':
		return SIP_F_CALL_ID;
	case 'm':
		return SIP_F_CONTACT;
	case 'c':
		return SIP_F_CONTENT_TYPE;
	case 'l':
		return SIP_F_CONTENT_LENGTH;
	case 'e':
		return SIP_F_CONTENT_ENCODING;
	case 'k':
		return SIP_F_SUPPORTED;
	case 'o':
		return SIP_F_EVENT;
	case 'r':
		return SIP_F_REFER_TO;
	case 'b':
		return SIP_F_REFERRED_BY;
	default:
		return SIP_F_OTHER;
	}
}

/* Of a token: "-" and digits have the bit of lower case set already. */
static bool same_name(const char *lower, struct span name)
{
	for (size_t i = 0; i < name.len; i++)
		if (lower[i] != (name.p[i] | 0x20))
			return false;
	return true;
}

static enum sip_field field_of(struct span name)
{
	const struct known *k;

	if (name.len == 1)
		return compact(name.p[0]);
	if (name.len > LEN_MAX)
		return SIP_F_OTHER;
	k = known[name.len];
	for (size_t i = 0; i < PER_LEN && k[i].name; i++)
		if (same_name(k[i].name, name))
			return k[i].field;
	return SIP_F_OTHER;
}

/* Behind what has no control character; what is left is for text_run(). */
static void skip_plain(struct text *t)
{
	for (; t->end - t->p >= 8; t->p += 8) {
		uint64_t x = eight_at(t->p);

		if (eight_less(x, ' ') || eight_has(x, 0x7f))
			break;
	}
}

/*
 * The line at t, without its end; t goes behind the end. SIP_FAULT_NO_END when
 * it has none. Control characters are refused, all but HTAB: some take them
 * for white space, some for the end, some for themselves.
 */
static enum sip_fault take_line(struct text *t, struct span *line)
{
	const char *from = t->p;

	skip_plain(t);
	text_run(t, TEXT_LINE);
	*line = span_make(from, (size_t)(t->p - from));
	if (text_at_end(t))
		return SIP_FAULT_NO_END;
	text_take(t, '\r');
	if (text_take(t, '\n'))
		return SIP_OK;
	return text_at_end(t) ? SIP_FAULT_NO_END : SIP_FAULT_CONTROL;
}

static bool folds(const struct text *t)
{
	return text_at(t, ' ') || text_at(t, '\t');
}

/* A fold without a word could pass for the empty line: refused. */
static enum sip_fault take_folds(struct text *t)
{
	enum sip_fault fault;
	struct span line;

	while (folds(t)) {
		fault = take_line(t, &line);
		if (fault)
			return fault;
		if (span_trim(line).len == 0)
			return SIP_FAULT_ROW;
	}
	return SIP_OK;
}

static enum sip_fault take_row(struct text *t, struct span line,
			       struct sip_row *row)
{
	struct text in = text_of(line);
	enum sip_fault fault;

	row->name = text_run(&in, TEXT_TOKEN);
	while (folds(&in))
		in.p++;
	if (row->name.len == 0 || !text_take(&in, ':'))
		return SIP_FAULT_ROW;
	fault = take_folds(t);
	if (fault)
		return fault;
	row->field = field_of(row->name);
	row->row = span_make(line.p, (size_t)(t->p - line.p));
	row->value = span_trim(span_make(in.p, (size_t)(t->p - in.p)));
	return SIP_OK;
}

static enum sip_fault take_rows(struct sip_msg *m, struct text *t)
{
	enum sip_fault fault;
	struct span line;

	for (;;) {
		fault = take_line(t, &line);
		if (fault)
			return fault;
		if (line.len == 0) {
			m->end_of_rows = (size_t)(line.p - m->raw.p);
			return SIP_OK;
		}
		if (m->n_rows == SIP_ROWS_MAX)
			return SIP_FAULT_TOO_MANY;
		fault = take_row(t, line, &m->row[m->n_rows]);
		if (fault)
			return fault;
		m->n_rows++;
	}
}

enum sip_fault siprows_read(struct sip_msg *m)
{
	struct text t = text_of(m->raw);
	enum sip_fault fault, start;
	struct span line;

	fault = take_line(&t, &line);
	start = sipstart_read(m, line);
	if (fault == SIP_FAULT_CONTROL)
		return fault;
	if (start)
		return start;
	if (fault)
		return fault;
	m->eol =
		span_make(line.p + line.len, (size_t)(t.p - line.p) - line.len);
	fault = take_rows(m, &t);
	if (fault)
		return fault;
	m->body = span_make(t.p, (size_t)(t.end - t.p));
	return SIP_OK;
}

/*
 * RFC 3261 section 18.3: octets behind the body are no part of the message.
 * Some stacks pad or end what they send so; anything else could be a message.
 */
static bool is_padding(struct span s)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.p[i] != '\0' && s.p[i] != '\r' && s.p[i] != '\n' &&
		    s.p[i] != ' ' && s.p[i] != '\t')
			return false;
	return true;
}

enum sip_fault siprows_body(struct sip_msg *m)
{
	const struct sip_row *row = sipmsg_row(m, SIP_F_CONTENT_LENGTH, 0);
	struct span rest;
	uint32_t len;

	if (!row) /* RFC 3261 section 18.3: to the end of the datagram */
		return SIP_OK;
	if (span_u32(row->value, &len) || len > m->body.len)
		return SIP_FAULT_LENGTH;
	rest = span_make(m->body.p + len, m->body.len - len);
	m->body.len = len;
	m->raw.len -= rest.len;
	return is_padding(rest) ? SIP_OK : SIP_FAULT_SURPLUS;
}

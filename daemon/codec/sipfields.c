// SPDX-License-Identifier: GPL-2.0-or-later
#include "codec/sipread.h"
#include "codec/siptext.h"

#define CSEQ_MAX 0x7fffffff /* RFC 3261 section 8.1.1.5: below 2^31 */

static bool is_hex(char c)
{
	return (c >= '0' && c <= '9') ||
	       ((c | 0x20) >= 'a' && (c | 0x20) <= 'f');
}

/*
 * PJSIP undoes escapes in parameters, others take them as they stand. (A "%"
 * without two digits behind it is none, and the same to all.)
 */
static bool has_escape(struct span s)
{
	for (size_t i = 0; i + 2 < s.len; i++)
		if (s.p[i] == '%' && is_hex(s.p[i + 1]) && is_hex(s.p[i + 2]))
			return true;
	return false;
}

/*
 * Which parameters a party or a Via has is decided by their names as they
 * stand: "%74ag" would be a "tag" to some.
 */
static bool next_parameter(struct text *t, struct text_param *p)
{
	return text_take(t, ';') && text_parameter(t, p) &&
	       !has_escape(p->name);
}

/* One that counts once and must read the same to all: tag, branch. */
static bool keep_once(struct span *to, const struct text_param *p)
{
	if (span_set(*to) || p->quoted || p->value.len == 0)
		return false;
	*to = p->value;
	return text_all(p->value, TEXT_TAG) && !has_escape(p->value);
}

static bool read_party_parameters(struct text *t, struct span *tag)
{
	struct text_param p;

	*tag = SPAN_NONE;
	text_space(t);
	while (!text_at_end(t)) {
		if (!next_parameter(t, &p))
			return false;
		if (span_ieq(p.name, SPAN_LIT("tag")) && !keep_once(tag, &p))
			return false;
	}
	return true;
}

/* [ display-name ] "<", if that is what stands here */
static bool take_display(struct text *t)
{
	struct text from = *t;
	struct span name;

	if (text_at(t, '"')) {
		if (!text_quoted(t, &name))
			return false;
	} else {
		do
			text_run(t, TEXT_NAME);
		while (text_space(t));
	}
	text_space(t);
	if (text_take(t, '<'))
		return true;
	*t = from;
	return false;
}

/*
 * From and To: name-addr, or addr-spec, whose parameters are the field's.
 * Commas and question marks make an addr-spec ambiguous (section 20).
 */
static bool read_party(struct span value, struct span *uri, struct span *tag)
{
	struct text t = text_of(value);

	if (take_display(&t)) {
		*uri = text_run(&t, TEXT_URI);
		if (!text_take(&t, '>'))
			return false;
	} else {
		*uri = text_run(&t, TEXT_VALUE);
		if (memchr(uri->p, '?', uri->len))
			return false;
	}
	return sipstart_uri_ok(*uri) && read_party_parameters(&t, tag);
}

static bool read_host(struct text *t, struct span *host)
{
	const char *from = t->p;

	if (!text_take(t, '[')) {
		*host = text_run(t, TEXT_HOST);
		return host->len > 0;
	}
	while (!text_at_end(t) && (text_is(*t->p, TEXT_HOST) || *t->p == ':'))
		t->p++;
	if (t->p == from + 1 || !text_take(t, ']'))
		return false;
	*host = span_make(from, (size_t)(t->p - from));
	return true;
}

static bool read_port(struct text *t, uint16_t *port)
{
	uint32_t number;

	*port = 0;
	text_space(t);
	if (!text_take(t, ':'))
		return true;
	text_space(t);
	if (span_u32(text_run(t, TEXT_TOKEN), &number) || number == 0 ||
	    number > 65535)
		return false;
	*port = (uint16_t)number;
	text_space(t);
	return true;
}

/* "SIP/2.0/UDP" and the white space behind it */
static bool read_protocol(struct text *t)
{
	if (!span_ieq(text_run(t, TEXT_TOKEN), SPAN_LIT("SIP")))
		return false;
	text_space(t);
	if (!text_take(t, '/'))
		return false;
	text_space(t);
	if (!span_eq(text_run(t, TEXT_TOKEN), SPAN_LIT("2.0")))
		return false;
	text_space(t);
	if (!text_take(t, '/'))
		return false;
	text_space(t);
	return text_run(t, TEXT_TOKEN).len > 0 && text_space(t) > 0;
}

static bool keep_via_parameter(struct sip_msg *m, const struct text_param *p)
{
	if (span_ieq(p->name, SPAN_LIT("branch")))
		return keep_once(&m->via_branch, p);
	if (span_ieq(p->name, SPAN_LIT("rport")) && !span_set(p->value))
		m->via_rport = p->name;
	return true;
}

static bool read_top_via(struct sip_msg *m, struct text *t)
{
	const char *from = t->p;
	struct text_param p;

	if (!read_protocol(t) || !read_host(t, &m->via_host) ||
	    !read_port(t, &m->via_port))
		return false;
	while (!text_at_end(t) && !text_at(t, ','))
		if (!next_parameter(t, &p) || !keep_via_parameter(m, &p))
			return false;
	m->via = span_trim(span_make(from, (size_t)(t->p - from)));
	return true;
}

/* Those below the top one are nobody's business but their owners': counted. */
static bool count_vias(struct sip_msg *m, struct text *t)
{
	for (;;) {
		const char *from = t->p;

		if (!text_seek(t, ","))
			return false;
		if (span_trim(span_make(from, (size_t)(t->p - from))).len == 0)
			return false;
		m->n_via++;
		if (!text_take(t, ','))
			return true;
	}
}

static bool read_via(struct sip_msg *m, struct span value)
{
	struct text top = text_of(value), all = top;

	if (m->n_via == 0 && !read_top_via(m, &top))
		return false;
	return count_vias(m, &all);
}

static enum sip_fault read_cseq(struct sip_msg *m, struct span value)
{
	struct text t = text_of(value);
	enum sip_method method;
	struct span name;
	bool exact;

	m->cseq_number = text_run(&t, TEXT_TOKEN);
	if (span_u32(m->cseq_number, &m->cseq) || m->cseq > CSEQ_MAX ||
	    !text_space(&t))
		return SIP_FAULT_FIELD;
	name = text_run(&t, TEXT_TOKEN);
	if (name.len == 0 || !text_at_end(&t))
		return SIP_FAULT_FIELD;
	if (m->request)
		return span_eq(name, m->method_name) ? SIP_OK
						     : SIP_FAULT_CSEQ_METHOD;
	method = sipstart_method(name, &exact);
	m->method_name = name;
	m->method = method;
	return exact ? SIP_OK : SIP_FAULT_METHOD_CASE;
}

/* Printable, and in one piece. */
static bool read_call_id(struct sip_msg *m, struct span value)
{
	for (size_t i = 0; i < value.len; i++)
		if (value.p[i] <= ' ' || value.p[i] >= 0x7f)
			return false;
	m->call_id = value;
	return value.len > 0;
}

static enum sip_fault read_one(struct sip_msg *m, const struct sip_row *row)
{
	bool ok = true;

	switch (row->field) {
	case SIP_F_FROM:
		m->from = row->value;
		ok = read_party(row->value, &m->from_uri, &m->from_tag);
		break;
	case SIP_F_TO:
		m->to = row->value;
		ok = read_party(row->value, &m->to_uri, &m->to_tag);
		break;
	case SIP_F_CALL_ID:
		ok = read_call_id(m, row->value);
		break;
	case SIP_F_VIA:
		ok = read_via(m, row->value);
		break;
	case SIP_F_CSEQ:
		return read_cseq(m, row->value);
	default:
		break;
	}
	return ok ? SIP_OK : SIP_FAULT_FIELD;
}

#define BIT(f) (UINT64_C(1) << (f))

/* Of which one is the first to some and the last to others. */
static const uint64_t once =
	BIT(SIP_F_FROM) | BIT(SIP_F_TO) | BIT(SIP_F_CALL_ID) | BIT(SIP_F_CSEQ) |
	BIT(SIP_F_CONTENT_TYPE) | BIT(SIP_F_CONTENT_LENGTH) |
	BIT(SIP_F_MAX_FORWARDS) | BIT(SIP_F_EXPIRES) | BIT(SIP_F_REFER_TO) |
	BIT(SIP_F_REPLACES) | BIT(SIP_F_JOIN) | BIT(SIP_F_TARGET_DIALOG) |
	BIT(SIP_F_EVENT) | BIT(SIP_F_SUBSCRIPTION_STATE) | BIT(SIP_F_RACK) |
	BIT(SIP_F_RSEQ);

static const uint64_t needed = BIT(SIP_F_FROM) | BIT(SIP_F_TO) |
			       BIT(SIP_F_CALL_ID) | BIT(SIP_F_CSEQ) |
			       BIT(SIP_F_VIA);

static enum sip_fault check_counts(const struct sip_msg *m)
{
	uint64_t seen = 0;

	for (size_t i = 0; i < m->n_rows; i++) {
		uint64_t bit = BIT(m->row[i].field);

		if (seen & bit & once)
			return SIP_FAULT_DOUBLE;
		seen |= bit;
	}
	return (seen & needed) == needed ? SIP_OK : SIP_FAULT_MISSING;
}

enum sip_fault sipfields_read(struct sip_msg *m)
{
	enum sip_fault fault = check_counts(m);

	for (size_t i = 0; !fault && i < m->n_rows; i++)
		fault = read_one(m, &m->row[i]);
	return fault;
}

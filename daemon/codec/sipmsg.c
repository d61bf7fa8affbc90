// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>

#include "codec/sipread.h"
#include "codec/siptext.h"

static const char *const fault_names[SIP_FAULT_COUNT] = {
	[SIP_OK] = "ok",
	[SIP_KEEPALIVE] = "keepalive",
	[SIP_FAULT_START_LINE] = "start-line",
	[SIP_FAULT_VERSION] = "version",
	[SIP_FAULT_CONTROL] = "control",
	[SIP_FAULT_ROW] = "row",
	[SIP_FAULT_TOO_MANY] = "too-many",
	[SIP_FAULT_MISSING] = "missing",
	[SIP_FAULT_DOUBLE] = "double",
	[SIP_FAULT_FIELD] = "field",
	[SIP_FAULT_CSEQ_METHOD] = "cseq-method",
	[SIP_FAULT_LENGTH] = "length",
	[SIP_FAULT_SURPLUS] = "surplus",
	[SIP_FAULT_METHOD_CASE] = "method-case",
	[SIP_FAULT_NO_END] = "no-end",
	[SIP_FAULT_PARSER] = "parser",
	[SIP_FAULT_DISAGREE] = "disagree",
};

const char *sip_fault_name(enum sip_fault f)
{
	return (unsigned int)f < SIP_FAULT_COUNT ? fault_names[f] : "unknown";
}

/* RFC 5389 section 6; without its cookie (RFC 3489) it could be anything. */
static bool is_stun(struct span d)
{
	const uint8_t *p = (const uint8_t *)d.p;

	return d.len >= 20 && p[0] < 0x40 && p[4] == 0x21 && p[5] == 0x12 &&
	       p[6] == 0xa4 && p[7] == 0x42 &&
	       (size_t)(p[2] << 8 | p[3]) == d.len - 20 && p[3] % 4 == 0;
}

static bool is_keepalive(struct span d)
{
	for (size_t i = 0; i < d.len; i++)
		if (d.p[i] != '\r' && d.p[i] != '\n' && d.p[i] != '\0')
			return is_stun(d);
	return true;
}

/* RFC 3261 section 7.5: empty lines before the start line are ignored. */
static struct span without_leading_lines(struct span d)
{
	for (;;) {
		size_t n = 0;

		if (d.len > 1 && d.p[0] == '\r' && d.p[1] == '\n')
			n = 2;
		else if (d.len > 0 && d.p[0] == '\n')
			n = 1;
		if (n == 0)
			return d;
		d.p += n;
		d.len -= n;
	}
}

static void empty(struct sip_msg *m)
{
	/* the rows are most of it, and are written before they are read */
	memset(m, 0, offsetof(struct sip_msg, row));
	memset(&m->end_of_rows, 0,
	       sizeof(*m) - offsetof(struct sip_msg, end_of_rows));
}

static enum sip_fault read_all(struct sip_msg *m, bool checked)
{
	enum sip_fault fault = siprows_read(m);

	if (!fault)
		fault = sipfields_read(m);
	if (!fault)
		fault = siprows_body(m);
	if (fault || !checked)
		return fault;
	switch (siposip_compare(m)) {
	case 0:
		return SIP_OK;
	case EPROTO:
		return SIP_FAULT_DISAGREE;
	default:
		return SIP_FAULT_PARSER;
	}
}

enum sip_fault sipmsg_read(struct sip_msg *m, struct span datagram,
			   bool checked)
{
	enum sip_fault fault;

	empty(m);
	if (is_keepalive(datagram))
		return SIP_KEEPALIVE;
	m->raw = without_leading_lines(datagram);
	fault = read_all(m, checked);
	if (fault && !span_set(m->eol))
		sipstart_guess(m, datagram);
	return fault;
}

bool sipmsg_resembles(struct span d)
{
	static const struct span sip = SPAN_LIT("SIP/");

	for (size_t i = 0; i + sip.len <= d.len; i++)
		if (span_ieq(span_make(d.p + i, sip.len), sip))
			return true;
	return false;
}

const struct sip_row *sipmsg_row(const struct sip_msg *m, enum sip_field f,
				 size_t nth)
{
	for (size_t i = 0; i < m->n_rows; i++)
		if (m->row[i].field == f && nth-- == 0)
			return &m->row[i];
	return NULL;
}

static bool list_has(struct span list, struct span token)
{
	struct text t = text_of(list);

	for (;;) {
		const char *from = t.p;
		struct span one;

		if (!text_seek(&t, ","))
			return false;
		one = span_trim(span_make(from, (size_t)(t.p - from)));
		if (span_ieq(one, token))
			return true;
		if (!text_take(&t, ','))
			return false;
	}
}

bool sipmsg_has_token(const struct sip_msg *m, enum sip_field f,
		      const char *token)
{
	for (size_t i = 0; i < m->n_rows; i++)
		if (m->row[i].field == f &&
		    list_has(m->row[i].value, span_str(token)))
			return true;
	return false;
}

struct span sipmsg_rack_cseq(struct span value)
{
	struct text t = text_of(value);
	struct span digits, method;
	uint32_t n;

	text_space(&t);
	if (span_u32(text_run(&t, TEXT_TOKEN), &n) || !text_space(&t))
		return SPAN_NONE;
	digits = text_run(&t, TEXT_TOKEN);
	if (span_u32(digits, &n) || !text_space(&t))
		return SPAN_NONE;
	method = text_run(&t, TEXT_TOKEN);
	text_space(&t);
	return method.len && text_at_end(&t) ? digits : SPAN_NONE;
}

struct span sipmsg_param(struct span value, const char *name)
{
	struct text t = text_of(value);
	struct text_param p;

	/* a comma begins another value, with parameters of its own */
	while (text_seek(&t, ",;") && text_take(&t, ';')) {
		if (!text_parameter(&t, &p))
			break;
		if (span_ieq(p.name, span_str(name)))
			return p.value;
	}
	return SPAN_NONE;
}

// SPDX-License-Identifier: GPL-2.0-or-later
/* Any datagram is read or refused; what is read lies inside it. */
#include <stdlib.h>

#include "codec/sipmsg.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
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
	hold(s.len <= (size_t)(in.p + in.len - s.p));
}

static void check_spans(const struct sip_msg *m)
{
	const struct span all[] = {
		m->method_name, m->uri,		m->phrase,   m->start_line,
		m->eol,		m->body,	m->from,     m->to,
		m->from_uri,	m->to_uri,	m->from_tag, m->to_tag,
		m->call_id,	m->cseq_number, m->via,	     m->via_branch,
		m->via_host,
	};

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		inside(m->raw, all[i]);
	inside(m->from, m->from_uri);
	inside(m->from, m->from_tag);
	inside(m->to, m->to_uri);
	inside(m->to, m->to_tag);
	inside(m->via, m->via_branch);
	inside(m->via, m->via_host);
}

/* The rows follow each other without a gap, up to the empty line. */
static void check_rows(const struct sip_msg *m)
{
	const char *at = m->start_line.p + m->start_line.len + m->eol.len;
	const char *end = m->raw.p + m->end_of_rows;

	hold(m->start_line.p == m->raw.p);
	for (size_t i = 0; i < m->n_rows; i++) {
		const struct sip_row *r = &m->row[i];

		hold(r->row.p == at);
		at += r->row.len;
		hold(r->name.p == r->row.p && r->name.len > 0);
		inside(r->row, r->name);
		inside(r->row, r->value);
	}
	hold(at == end);
	hold(*end == '\n' || (end[0] == '\r' && end[1] == '\n'));
	hold(m->body.p == end + (*end == '\n' ? 1 : 2));
	hold(m->body.p + m->body.len == m->raw.p + m->raw.len);
	hold(!memchr(m->raw.p, '\0', m->end_of_rows));
}

static void check_fields(const struct sip_msg *m)
{
	hold(m->call_id.len && m->from_uri.len && m->to_uri.len);
	hold(m->via_host.len && m->n_via > 0 && m->cseq <= 0x7fffffff);
	hold(m->method_name.len);
	hold(m->request ? m->status == 0 && m->uri.len
			: m->status >= 100 && m->status < 700);
	hold(m->method == SIP_OTHER ||
	     span_eq(m->method_name, span_str(sip_method_name(m->method))));
	for (int f = SIP_F_VIA; f <= SIP_F_CSEQ; f++)
		hold(sipmsg_row(m, (enum sip_field)f, 0));
	for (int f = SIP_F_FROM; f <= SIP_F_CSEQ; f++)
		hold(!sipmsg_row(m, (enum sip_field)f, 1));
}

static void check_same(const struct sip_msg *a, const struct sip_msg *b)
{
	hold(a->n_rows == b->n_rows && a->end_of_rows == b->end_of_rows);
	hold(a->method == b->method && a->request == b->request);
	hold(a->cseq == b->cseq && a->status == b->status);
	hold(a->raw.p == b->raw.p && a->raw.len == b->raw.len);
	hold(a->call_id.p == b->call_id.p && a->body.len == b->body.len);
	hold(a->from_tag.p == b->from_tag.p && a->to_tag.p == b->to_tag.p);
	hold(a->via_branch.p == b->via_branch.p && a->n_via == b->n_via);
}

static void check_helpers(const struct sip_msg *m)
{
	for (size_t i = 0; i < m->n_rows; i++) {
		inside(m->row[i].value, sipmsg_rack_cseq(m->row[i].value));
		inside(m->row[i].value,
		       sipmsg_param(m->row[i].value, "expires"));
	}
	sipmsg_has_token(m, SIP_F_SUPPORTED, "pgp-auth");
}

/* raw is the whole message and nothing else: it reads as itself. */
static void check_again(const struct sip_msg *m)
{
	static struct sip_msg again;

	hold(sipmsg_read(&again, m->raw, true) == SIP_OK);
	check_same(m, &again);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	sipmsg_init();
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct sip_msg m, unchecked;
	struct span in = span_make(data, size);
	enum sip_fault fault = sipmsg_read(&m, in, true);
	enum sip_fault own = sipmsg_read(&unchecked, in, false);

	inside(in, m.method_name);
	inside(in, sipmsg_param(in, "text"));
	inside(in, sipmsg_rack_cseq(in));
	if (own != SIP_OK) {
		hold(own == fault);
		return 0;
	}
	hold(fault == SIP_OK || fault == SIP_FAULT_PARSER ||
	     fault == SIP_FAULT_DISAGREE);
	check_same(&m, &unchecked);
	inside(in, m.raw);
	check_spans(&m);
	check_rows(&m);
	check_fields(&m);
	check_helpers(&m);
	if (fault == SIP_OK)
		check_again(&m);
	return 0;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/draft.h"

#include <arpa/inet.h>
#include <assert.h>
#include <stdlib.h>

#include "base/digest.h"
#include "codec/pgpauth.h"
#include "codec/siptext.h"
#include "core/names.h"

void draft_init(struct draft *d, const struct sip_msg *m)
{
	d->m = m;
	splice_init(&d->splice, m->raw);
	d->text = buf_make(d->mem, sizeof(d->mem));
}

static size_t offset(const struct draft *d, struct span at)
{
	return (size_t)(at.p - d->m->raw.p);
}

/* What was added to d->text since mark, as a span that stays. */
static struct span added(const struct draft *d, size_t mark)
{
	return span_make(d->text.p + mark, d->text.len - mark);
}

static struct span keep(struct draft *d, struct span s)
{
	size_t mark = d->text.len;

	buf_add(&d->text, s);
	return added(d, mark);
}

static struct span keep_u32(struct draft *d, uint32_t v)
{
	size_t mark = d->text.len;

	buf_u32(&d->text, v);
	return added(d, mark);
}

void draft_cseq(struct draft *d, uint32_t cseq)
{
	if (cseq != d->m->cseq)
		splice_replace(&d->splice, d->m->cseq_number,
			       keep_u32(d, cseq));
}

void draft_rack(struct draft *d, uint32_t delta)
{
	const struct sip_row *row;
	uint32_t n;

	for (size_t i = 0; (row = sipmsg_row(d->m, SIP_F_RACK, i)); i++) {
		struct span at = sipmsg_rack_cseq(row->value);

		if (delta && span_set(at) && span_u32(at, &n) == 0)
			splice_replace(&d->splice, at, keep_u32(d, n + delta));
	}
}

static bool is_refer(struct span event)
{
	event.len = span_find(event, ';');
	return span_ieq(span_trim(event), SPAN_LIT("refer"));
}

void draft_refer_id(struct draft *d, uint32_t delta)
{
	const struct sip_row *row = sipmsg_row(d->m, SIP_F_EVENT, 0);
	struct span at;
	uint32_t n;

	if (!row || !delta || !is_refer(row->value))
		return;
	at = sipmsg_param(row->value, "id");
	if (span_set(at) && span_u32(at, &n) == 0)
		splice_replace(&d->splice, at, keep_u32(d, n + delta));
}

void draft_branch(struct draft *d, const char *branch)
{
	const struct sip_msg *m = d->m;
	size_t mark = d->text.len;

	if (span_eq(m->via_branch, span_str(branch)))
		return;
	if (span_set(m->via_branch)) {
		splice_replace(&d->splice, m->via_branch,
			       keep(d, span_str(branch)));
		return;
	}
	buf_str(&d->text, ";branch=");
	buf_str(&d->text, branch);
	splice_insert(&d->splice, offset(d, m->via) + m->via.len,
		      added(d, mark));
}

void draft_row(struct draft *d, struct span row)
{
	splice_insert(&d->splice, d->m->end_of_rows, keep(d, row));
}

void draft_delete_row(struct draft *d, const struct sip_row *row)
{
	splice_delete(&d->splice, row->row);
}

void draft_no_body(struct draft *d)
{
	const struct sip_msg *m = d->m;

	for (size_t i = 0; i < m->n_rows; i++) {
		enum sip_field f = m->row[i].field;

		if (f == SIP_F_CONTENT_LENGTH || f == SIP_F_CONTENT_TYPE ||
		    f == SIP_F_CONTENT_ENCODING)
			draft_delete_row(d, &m->row[i]);
	}
	if (m->body.len)
		splice_delete(&d->splice, m->body);
	draft_row(d, SPAN_LIT("Content-Length: 0\r\n"));
}

void draft_status(struct draft *d, unsigned int status, const char *phrase)
{
	size_t mark = d->text.len;

	buf_fmt(&d->text, "SIP/2.0 %u %s", status, phrase);
	splice_replace(&d->splice, d->m->start_line, added(d, mark));
}

void draft_strip_status(struct draft *d)
{
	const struct sip_row *row;

	for (size_t i = 0; (row = sipmsg_row(d->m, SIP_F_PGP_STATUS, i)); i++)
		draft_delete_row(d, row);
}

static bool is_mark(const struct sip_row *row)
{
	return row->field == SIP_F_SUPPORTED &&
	       span_ieq(row->value, SPAN_LIT(NAME_MARK));
}

static bool is_ticket(const struct sip_row *row)
{
	return row->field == SIP_F_REASON && row->value.len > 3 &&
	       span_ieq(span_make(row->value.p, 4), SPAN_LIT("PGP;"));
}

static bool is_pgp(const struct sip_row *row, const char *own_name,
		   struct pgp_params *p)
{
	bool own = own_name && *own_name &&
		   span_ieq(row->name, span_str(own_name));

	switch (row->field) {
	case SIP_F_AUTHORIZATION:
	case SIP_F_PROXY_AUTHORIZATION:
	case SIP_F_WWW_AUTHENTICATE:
	case SIP_F_PROXY_AUTHENTICATE:
	case SIP_F_AUTHENTICATION_INFO:
	case SIP_F_PROXY_AUTHENTICATION_INFO:
		break;
	default:
		if (!own)
			return false;
	}
	switch (pgpauth_read(row->value, p)) {
	case PGP_ROW_OTHER:
		return own;
	case PGP_ROW_BAD:
		p->realm = SPAN_NONE;
		return true;
	case PGP_ROW_OK:
		break;
	}
	return true;
}

void draft_strip(struct draft *d, const char *own_name, const char *realm)
{
	const struct sip_msg *m = d->m;
	struct pgp_params p;

	for (size_t i = 0; i < m->n_rows; i++) {
		const struct sip_row *row = &m->row[i];

		memset(&p, 0, sizeof(p));
		if (row->field == SIP_F_PGP_STATUS)
			draft_delete_row(d, row);
		else if (is_pgp(row, own_name, &p)) {
			if (!realm || span_eq(p.realm, span_str(realm)))
				draft_delete_row(d, row);
		} else if (!realm && (is_mark(row) || is_ticket(row)))
			draft_delete_row(d, row);
	}
}

struct digest_row {
	struct span realm, stale; /* values; absent where there is none */
};

/* Digest's parameters of a challenge or credentials. false: another scheme, or
 * one that can't be read. */
static bool digest_read(struct span value, struct digest_row *out)
{
	struct text t = text_of(value);
	struct text_param p;

	memset(out, 0, sizeof(*out));
	if (!span_ieq(text_run(&t, TEXT_TOKEN), SPAN_LIT("Digest")) ||
	    !text_space(&t))
		return false;
	do {
		if (!text_parameter(&t, &p))
			return false;
		if (span_ieq(p.name, SPAN_LIT("realm")))
			out->realm = p.value;
		else if (span_ieq(p.name, SPAN_LIT("stale")))
			out->stale = p.value;
	} while (text_take(&t, ','));
	return text_at_end(&t);
}

static bool answers_realm(const struct sip_msg *req, enum sip_field f,
			  struct span realm)
{
	const struct sip_row *row;
	struct digest_row digest;

	for (size_t i = 0; (row = sipmsg_row(req, f, i)); i++)
		if (digest_read(row->value, &digest) &&
		    span_eq(digest.realm, realm))
			return true;
	return false;
}

void draft_stale(struct draft *d, const struct sip_msg *req)
{
	const struct sip_msg *m = d->m;
	struct digest_row digest;

	for (size_t i = 0; i < m->n_rows; i++) {
		const struct sip_row *row = &m->row[i];
		bool proxy = row->field == SIP_F_PROXY_AUTHENTICATE;

		if (!proxy && row->field != SIP_F_WWW_AUTHENTICATE)
			continue;
		if (!digest_read(row->value, &digest) ||
		    !answers_realm(req,
				   proxy ? SIP_F_PROXY_AUTHORIZATION
					 : SIP_F_AUTHORIZATION,
				   digest.realm))
			continue;
		if (span_set(digest.stale))
			splice_replace(&d->splice, digest.stale,
				       SPAN_LIT("true"));
		else
			splice_insert(&d->splice,
				      offset(d, row->value) + row->value.len,
				      SPAN_LIT(", stale=true"));
	}
}

int draft_finish(struct draft *d, char *out, size_t cap, size_t *len)
{
	if (d->text.full)
		return EMSGSIZE;
	return splice_apply(&d->splice, out, cap, len);
}

/* The top Via with rport and received as seen (RFC 3261 18.2.1, RFC 3581). */
static void add_top_via(struct buf *b, const struct sip_msg *req,
			const struct addr *src)
{
	char ip[INET6_ADDRSTRLEN] = "";
	struct span v = req->via, host = req->via_host;
	const char *at = NULL;

	inet_ntop(src->version == 6 ? AF_INET6 : AF_INET, src->ip, ip,
		  sizeof(ip));
	if (span_set(req->via_rport))
		at = req->via_rport.p + req->via_rport.len;
	if (at) {
		size_t head = (size_t)(at - v.p);

		buf_add(b, span_make(v.p, head));
		buf_fmt(b, "=%u", src->port);
		buf_add(b, span_make(at, v.len - head));
	} else {
		buf_add(b, v);
	}
	if (host.len > 1 && host.p[0] == '[')
		host = span_make(host.p + 1, host.len - 2);
	if (at || !span_ieq(host, span_str(ip)))
		if (!memmem(v.p, v.len, ";received=", 10))
			buf_fmt(b, ";received=%s", ip);
}

static void add_vias(struct buf *b, const struct sip_msg *req,
		     const struct addr *src)
{
	const struct sip_row *row;

	for (size_t i = 0; (row = sipmsg_row(req, SIP_F_VIA, i)); i++) {
		if (i > 0) {
			buf_add(b, row->row);
			continue;
		}
		const char *rest = req->via.p + req->via.len;

		buf_str(b, "Via: ");
		add_top_via(b, req, src);
		buf_add(b, span_make(rest, (size_t)(row->value.p +
						    row->value.len - rest)));
		buf_str(b, "\r\n");
	}
}

static void add_value_row(struct buf *b, const char *name, struct span value)
{
	buf_str(b, name);
	buf_str(b, ": ");
	buf_add(b, value);
	buf_str(b, "\r\n");
}

struct addr message_response_to(const struct sip_msg *req,
				const struct addr *src)
{
	struct addr to = *src;

	if (!span_set(req->via_rport))
		to.port = req->via_port ? req->via_port : 5060;
	return to;
}

void message_response(struct buf *b, const struct sip_msg *req,
		      const struct addr *src, unsigned int status,
		      const char *phrase, const char *to_tag, struct span rows)
{
	buf_fmt(b, "SIP/2.0 %u %s\r\n", status, phrase);
	add_vias(b, req, src);
	add_value_row(b, "From", req->from);
	buf_str(b, "To: ");
	buf_add(b, req->to);
	if (!span_set(req->to_tag))
		buf_fmt(b, ";tag=%s", to_tag);
	buf_str(b, "\r\n");
	add_value_row(b, "Call-ID", req->call_id);
	add_value_row(b, "CSeq", sipmsg_row(req, SIP_F_CSEQ, 0)->value);
	buf_add(b, rows);
	buf_str(b, "Content-Length: 0\r\n\r\n");
}

static void add_rows(struct buf *b, const struct sip_msg *m, enum sip_field f)
{
	const struct sip_row *row;

	for (size_t i = 0; (row = sipmsg_row(m, f, i)); i++)
		buf_add(b, row->row);
}

static void add_cseq(struct buf *b, uint32_t cseq, const char *method)
{
	buf_fmt(b, "CSeq: %u %s\r\n", cseq, method);
}

void message_hop(struct buf *b, const char *method, const struct sip_msg *sent,
		 struct span to, struct span rows)
{
	buf_str(b, method);
	buf_str(b, " ");
	buf_add(b, sent->uri);
	buf_str(b, " SIP/2.0\r\n");
	add_value_row(b, "Via", sent->via);
	add_rows(b, sent, SIP_F_ROUTE);
	buf_str(b, "Max-Forwards: 70\r\n");
	add_value_row(b, "From", sent->from);
	add_value_row(b, "To", to);
	add_value_row(b, "Call-ID", sent->call_id);
	add_cseq(b, sent->cseq, method);
	buf_add(b, rows);
	buf_str(b, "Content-Length: 0\r\n\r\n");
}

void message_ack_failure(struct buf *b, const struct sip_msg *sent,
			 const struct sip_msg *resp)
{
	message_hop(b, "ACK", sent, resp->to, SPAN_NONE);
}

/* The URI of a Contact value: inside <>, or up to the first parameter. */
static struct span contact_uri(struct span v)
{
	size_t open = 0, i = 0;
	bool quoted = false;

	for (; i < v.len; i++) {
		if (v.p[i] == '\\' && quoted)
			i++;
		else if (v.p[i] == '"')
			quoted = !quoted;
		else if (v.p[i] == '<' && !quoted)
			break;
	}
	if (i >= v.len) {
		size_t end = 0;

		while (end < v.len && v.p[end] != ';' && v.p[end] != ',')
			end++;
		return span_trim(span_make(v.p, end));
	}
	open = i + 1;
	while (i < v.len && v.p[i] != '>')
		i++;
	return i < v.len ? span_make(v.p + open, i - open) : SPAN_NONE;
}

/* The route set: every Record-Route value, the last one first. */
static void add_routes(struct buf *b, const struct sip_msg *resp)
{
	struct span value[32];
	size_t n = 0;
	const struct sip_row *row;

	for (size_t i = 0; (row = sipmsg_row(resp, SIP_F_RECORD_ROUTE, i));
	     i++) {
		struct span v = row->value;
		size_t start = 0;
		bool quoted = false, angle = false;

		for (size_t j = 0; j <= v.len; j++) {
			char c = j < v.len ? v.p[j] : ',';

			if (c == '"')
				quoted = !quoted;
			else if (!quoted && (c == '<' || c == '>'))
				angle = c == '<';
			if ((c != ',' || quoted || angle) && j < v.len)
				continue;
			if (n < 32)
				value[n++] = span_trim(
					span_make(v.p + start, j - start));
			start = j + 1;
		}
	}
	while (n > 0)
		add_value_row(b, "Route", value[--n]);
}

bool message_in_dialog(struct buf *b, const char *method,
		       const struct sip_msg *invite, const struct sip_msg *resp,
		       uint32_t cseq, const char *branch, struct span rows)
{
	const struct sip_row *contact = sipmsg_row(resp, SIP_F_CONTACT, 0);
	struct span uri = contact ? contact_uri(contact->value) : SPAN_NONE;

	/* it becomes part of a start line */
	if (!uri.len || !text_all(uri, TEXT_URI))
		return false;
	buf_str(b, method);
	buf_str(b, " ");
	buf_add(b, uri);
	buf_str(b, " SIP/2.0\r\nVia: SIP/2.0/UDP ");
	buf_add(b, invite->via_host);
	if (invite->via_port)
		buf_fmt(b, ":%u", invite->via_port);
	buf_fmt(b, ";branch=%s;rport\r\n", branch);
	add_routes(b, resp);
	buf_str(b, "Max-Forwards: 70\r\n");
	add_value_row(b, "From", invite->from);
	add_value_row(b, "To", resp->to);
	add_value_row(b, "Call-ID", invite->call_id);
	add_cseq(b, cseq, method);
	buf_add(b, rows);
	buf_str(b, "Content-Length: 0\r\n\r\n");
	return true;
}

void message_branch(char *out, size_t cap)
{
	static const char cookie[] = "z9hG4bK";
	uint8_t raw[8];

	assert(cap > sizeof(cookie) + 2 * sizeof(raw));
	digest_random(raw, sizeof(raw));
	memcpy(out, cookie, sizeof(cookie));
	hex_encode(out + sizeof(cookie) - 1, raw, sizeof(raw));
}

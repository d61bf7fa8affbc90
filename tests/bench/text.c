// SPDX-License-Identifier: GPL-2.0-or-later
#include "text.h"

#include <stdio.h>
#include <string.h>

const char *text_domain = BENCH_DOMAIN;

static void add_addr(struct buf *b, const struct addr *a)
{
	char text[ADDR_STR_MAX];

	buf_str(b, addr_str(a, text));
}

static void add_body(struct buf *b, const char *user, const struct addr *at)
{
	char sdp[512];
	int n = snprintf(sdp, sizeof(sdp),
			 "v=0\r\no=%s 3724394400 3724394405 IN IP4 "
			 "%d.%d.%d.%d\r\ns=call\r\nc=IN IP4 %d.%d.%d.%d\r\n"
			 "t=0 0\r\nm=audio 49170 RTP/AVP 0 8 97 101\r\n"
			 "a=rtpmap:97 iLBC/8000\r\n"
			 "a=rtpmap:101 telephone-event/8000\r\n"
			 "a=fmtp:101 0-15\r\na=sendrecv\r\n",
			 user, at->ip[0], at->ip[1], at->ip[2], at->ip[3],
			 at->ip[0], at->ip[1], at->ip[2], at->ip[3]);

	buf_fmt(b,
		"Content-Type: application/sdp\r\nContent-Length: %d\r\n\r\n"
		"%s",
		n, sdp);
}

/* Via to CSeq, as the caller writes them. */
static void add_head(struct buf *b, const struct text_call *c,
		     const char *method, const char *branch, uint32_t cseq,
		     struct span to)
{
	buf_str(b, "Via: SIP/2.0/UDP ");
	add_addr(b, &c->caller);
	buf_fmt(b, ";branch=z9hG4bK%s-%u-%s%u;rport\r\n", c->run, c->n, branch,
		cseq);
	buf_fmt(b,
		"Max-Forwards: 70\r\n"
		"From: \"Alice Liddell\" <sip:alice@%s>;tag=a%s%u\r\n"
		"To: %.*s\r\nCall-ID: %s-%u@caller.%s\r\nCSeq: %u %s\r\n",
		text_domain, c->run, c->n, SPAN_ARG(to), c->run, c->n,
		text_domain, cseq, method);
}

void text_invite(struct buf *b, const struct text_call *c, uint32_t cseq,
		 const char *rows)
{
	const char *whom = c->to ? c->to : "bob";
	char to[128];

	buf_fmt(b, "INVITE sip:%s@%s SIP/2.0\r\n", whom, text_domain);
	snprintf(to, sizeof(to), "<sip:%s@%s>", whom, text_domain);
	add_head(b, c, "INVITE", "i", cseq, span_str(to));
	buf_str(b, "Contact: <sip:alice@");
	add_addr(b, &c->caller);
	buf_str(b, ">\r\nUser-Agent: callgen\r\n"
		   "Allow: INVITE, ACK, BYE, CANCEL, OPTIONS, UPDATE, INFO, "
		   "NOTIFY, REFER\r\nSupported: replaces, norefersub\r\n");
	buf_str(b, rows);
	add_body(b, "alice", &c->caller);
}

void text_in_dialog(struct buf *b, const struct text_call *c,
		    const char *method, uint32_t cseq, struct span uri,
		    struct span to, struct span routes)
{
	buf_fmt(b, "%s %.*s SIP/2.0\r\n", method, SPAN_ARG(uri));
	add_head(b, c, method, *method == 'A' ? "a" : "b", cseq, to);
	buf_add(b, routes);
	buf_str(b, "Content-Length: 0\r\n\r\n");
}

void text_ack_failure(struct buf *b, const struct text_call *c, uint32_t cseq,
		      struct span to)
{
	buf_fmt(b, "ACK sip:%s@%s SIP/2.0\r\n", c->to ? c->to : "bob",
		text_domain);
	add_head(b, c, "ACK", "i", cseq, to);
	buf_str(b, "Content-Length: 0\r\n\r\n");
}

static void add_rows(struct buf *b, const struct sip_msg *m, enum sip_field f)
{
	const struct sip_row *row;

	for (size_t i = 0; (row = sipmsg_row(m, f, i)); i++)
		buf_add(b, row->row);
}

void text_response(struct buf *b, const struct sip_msg *req,
		   const struct text_call *c, unsigned int status,
		   const char *phrase, bool body)
{
	buf_fmt(b, "SIP/2.0 %u %s\r\n", status, phrase);
	add_rows(b, req, SIP_F_VIA);
	add_rows(b, req, SIP_F_RECORD_ROUTE);
	buf_fmt(b, "From: %.*s\r\nTo: %.*s", SPAN_ARG(req->from),
		SPAN_ARG(req->to));
	if (!span_set(req->to_tag))
		buf_fmt(b, ";tag=b%.*s", SPAN_ARG(req->from_tag));
	buf_fmt(b, "\r\nCall-ID: %.*s\r\n", SPAN_ARG(req->call_id));
	add_rows(b, req, SIP_F_CSEQ);
	buf_str(b, "Contact: <sip:bob@");
	add_addr(b, &c->callee);
	buf_str(b, ">\r\n");
	if (body)
		add_body(b, "bob", &c->callee);
	else
		buf_str(b, "Content-Length: 0\r\n\r\n");
}

bool text_number(struct span call_id, const char *run, uint32_t *n)
{
	size_t len = strlen(run);
	size_t at = span_find(call_id, '@');

	if (at < len + 2 || memcmp(call_id.p, run, len) != 0 ||
	    call_id.p[len] != '-')
		return false;
	return span_u32(span_make(call_id.p + len + 1, at - len - 1), n) == 0;
}

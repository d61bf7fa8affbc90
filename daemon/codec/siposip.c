// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/eight.h"
#include "codec/sipread.h"
#include "codec/siptext.h"

/* Behind our headers: it has macros of the same names (SIP_OK is 200 there). */
#include <osipparser2/osip_parser.h>
#include <osipparser2/osip_message.h>
#include <osipparser2/osip_port.h>

static void be_silent(const char *file, int line, osip_trace_level_t level,
		      const char *fmt, va_list ap)
{
	(void)file;
	(void)line;
	(void)level;
	(void)fmt;
	(void)ap;
}

/*
 * osip2 gets the octets as they came, but for four things that endpoints read
 * alike and it refuses or misreads. No change can bring about an agreement that
 * is none: what is compared has no such octets in our reading.
 *
 * - A status line that ends behind its code ("SIP/2.0 200" CRLF): osip2 takes
 *   the next row for the phrase. It gets the SP that is missing.
 * - Octets above 127 in display names without quotes. It gets "_".
 * - HTAB alone behind the number of a CSeq or the transport of a Via. It gets
 *   SP.
 * - Multipart bodies: preamble, epilogue and parts without header rows are too
 *   much for it. It gets neither the body nor Content-Length; these were
 *   checked before.
 *
 * Nor does it get rows that stand in one line and that nothing here is decided
 * by: fields that we don't know, and credentials and challenges of the PGP
 * scheme, which are ours to read (pgpauth.c) and which no endpoint will see. It
 * would spend more than half of its time on them.
 *
 * These it refuses too, and they stay refused, for RFC 3261 does not allow them
 * and endpoints differ, or nobody sends them: other than tokens in a display
 * name without quotes ("A (work) <sip:a@b>"); "<sip:h>" with one letter and no
 * user; a Call-ID that begins with "@"; a Contact that is no address; a
 * Content-Type without subtype; a status line that begins with "sip/2.0".
 */

static bool bare_status_line(const struct sip_msg *m)
{
	const struct span *l = &m->start_line;

	return !m->request && m->phrase.p == l->p + l->len &&
	       l->p[l->len - 1] != ' ';
}

/* Octets above 127, or HTAB. */
static bool has_unusual(struct span s)
{
	size_t i = 0;

	for (; s.len - i >= 8; i += 8) {
		uint64_t x = eight_at(s.p + i);

		if (eight_high(x) || eight_has(x, '\t'))
			return true;
	}
	for (; i < s.len; i++)
		if ((s.p[i] & 0x80) || s.p[i] == '\t')
			return true;
	return false;
}

static bool is_pgp(const struct sip_row *row)
{
	return row->value.len > 4 &&
	       span_ieq(span_make(row->value.p, 4), SPAN_LIT("PGP "));
}

/* Not for osip2. */
static bool is_ours(const struct sip_row *row)
{
	switch (row->field) {
	case SIP_F_AUTHORIZATION:
	case SIP_F_PROXY_AUTHORIZATION:
	case SIP_F_WWW_AUTHENTICATE:
	case SIP_F_PROXY_AUTHENTICATE:
	case SIP_F_AUTHENTICATION_INFO:
	case SIP_F_PROXY_AUTHENTICATION_INFO:
		if (!is_pgp(row))
			return false;
		break;
	case SIP_F_OTHER:
		break;
	default:
		return false;
	}
	return span_find(row->value, '\n') == row->value.len;
}

static bool has_ours(const struct sip_msg *m)
{
	for (size_t i = 0; i < m->n_rows; i++)
		if (is_ours(&m->row[i]))
			return true;
	return false;
}

static bool is_multipart(const struct sip_msg *m)
{
	static const struct span type = SPAN_LIT("multipart");
	const struct sip_row *row = sipmsg_row(m, SIP_F_CONTENT_TYPE, 0);

	return row && row->value.len > type.len &&
	       span_ieq(span_make(row->value.p, type.len), type);
}

/* Up to `to`, which is later than *from. */
static void copy_on(struct buf *b, const char **from, const char *to)
{
	size_t at = b->len;

	buf_add(b, span_make(*from, (size_t)(to - *from)));
	*from = to;
	if (!has_unusual(span_make(b->p + at, b->len - at)))
		return;
	for (; at < b->len; at++)
		if (b->p[at] & 0x80)
			b->p[at] = '_';
		else if (b->p[at] == '\t')
			b->p[at] = ' ';
}

static int parse_rewritten(osip_message_t *o, const struct sip_msg *m)
{
	const char *from = m->raw.p, *end = from + m->raw.len;
	bool multipart = is_multipart(m);
	struct buf b;
	int r;

	b = buf_make(malloc(m->raw.len + 1), m->raw.len + 1);
	if (!b.p)
		return OSIP_NOMEM;
	if (bare_status_line(m)) {
		copy_on(&b, &from, from + m->start_line.len);
		buf_str(&b, " ");
	}
	for (size_t i = 0; i < m->n_rows; i++) {
		const struct sip_row *row = &m->row[i];

		if (!is_ours(row) &&
		    !(multipart && row->field == SIP_F_CONTENT_LENGTH))
			continue;
		copy_on(&b, &from, row->row.p);
		from += row->row.len;
	}
	copy_on(&b, &from, m->raw.p + m->end_of_rows);
	if (multipart && m->body.len)
		end = m->body.p;
	buf_add(&b, span_make(from, (size_t)(end - from)));
	r = osip_message_parse(o, b.p, b.len);
	free(b.p);
	return r;
}

static int parse(osip_message_t *o, const struct sip_msg *m)
{
	struct span rows = span_make(m->raw.p, m->end_of_rows);

	if (bare_status_line(m) || has_ours(m) || is_multipart(m) ||
	    has_unusual(rows))
		return parse_rewritten(o, m);
	return osip_message_parse(o, m->raw.p, m->raw.len);
}

/*
 * osip2 makes a hundred small allocations a message, all of which are over when
 * siposip_compare() returns: they are cut from one block that is given back
 * whole. What does not fit comes from malloc(), and then all is freed one by
 * one. Under AddressSanitizer osip2 keeps malloc(), so that its faults show.
 */
#if defined(__SANITIZE_ADDRESS__)
#define ARENA_LEN 0
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ARENA_LEN 0
#endif
#endif
#ifndef ARENA_LEN
#define ARENA_LEN 32768
#endif

static _Thread_local struct {
	bool on;      /* only inside siposip_compare() */
	bool spilled; /* something came from malloc() */
	size_t used;
	_Alignas(16) unsigned char mem[ARENA_LEN + 16];
} arena;

/* Before each block: its length, in a slot that keeps the alignment. */
#define ARENA_HEAD 16

static bool arena_holds(const void *p)
{
	uintptr_t at = (uintptr_t)p, mem = (uintptr_t)arena.mem;

	return at >= mem && at - mem < sizeof(arena.mem);
}

static void *arena_malloc(size_t size)
{
	size_t n = (size + 15) & ~(size_t)15;
	unsigned char *p;

	if (!arena.on || size > ARENA_LEN ||
	    n + ARENA_HEAD > ARENA_LEN - arena.used) {
		arena.spilled = true;
		return malloc(size);
	}
	p = arena.mem + arena.used;
	memcpy(p, &size, sizeof(size));
	arena.used += n + ARENA_HEAD;
	return p + ARENA_HEAD;
}

static void arena_free(void *p)
{
	if (!arena_holds(p))
		free(p);
}

static void *arena_realloc(void *p, size_t size)
{
	size_t old;
	void *q;

	if (p && !arena_holds(p))
		return realloc(p, size);
	q = arena_malloc(size);
	if (p && q) {
		memcpy(&old, (unsigned char *)p - ARENA_HEAD, sizeof(old));
		memcpy(q, p, old < size ? old : size);
	}
	return q;
}

void sipmsg_init(void)
{
	osip_set_allocators(arena_malloc, arena_realloc, arena_free);
	osip_trace_initialize_func(TRACE_LEVEL0, be_silent);
	for (int i = TRACE_LEVEL0; i < END_TRACE_LEVEL; i++)
		osip_trace_disable_level((osip_trace_level_t)i);
	parser_init();
}

static bool same_number(const char *theirs, uint32_t ours)
{
	uint32_t n;

	return theirs && !span_u32(span_str(theirs), &n) && n == ours;
}

static bool same_start(const osip_message_t *o, const struct sip_msg *m)
{
	if (!m->request)
		return !o->sip_method && o->status_code == (int)m->status;
	return o->sip_method && o->status_code == 0 &&
	       span_eq(span_str(o->sip_method), m->method_name);
}

static bool same_cseq(const osip_cseq_t *c, const struct sip_msg *m)
{
	return c && same_number(c->number, m->cseq) && c->method &&
	       span_eq(span_str(c->method), m->method_name);
}

/* osip2 cuts it at the "@". */
static bool same_call_id(const osip_call_id_t *c, struct span ours)
{
	struct span number, host;

	if (!c || !c->number)
		return false;
	number = span_str(c->number);
	if (!c->host)
		return span_eq(number, ours);
	host = span_str(c->host);
	return ours.len == number.len + 1 + host.len &&
	       ours.p[number.len] == '@' &&
	       span_eq(number, span_make(ours.p, number.len)) &&
	       span_eq(host, span_make(ours.p + number.len + 1, host.len));
}

/* The one parameter of the name has our value, or is absent as ours is. */
static bool same_parameter(const osip_list_t *list, const char *name,
			   struct span ours)
{
	struct span theirs = SPAN_NONE;

	for (int i = 0; i < osip_list_size(list); i++) {
		const osip_generic_param_t *p = osip_list_get(list, i);

		if (!span_ieq(span_trim(span_str(p->gname)), span_str(name)))
			continue;
		if (span_set(theirs) || !p->gvalue)
			return false;
		theirs = span_trim(span_str(p->gvalue));
	}
	return span_set(theirs) == span_set(ours) && span_eq(theirs, ours);
}

/* osip2 keeps the brackets of an IPv6 reference off. */
static bool same_host(const char *theirs, struct span ours)
{
	if (ours.len > 2 && ours.p[0] == '[')
		ours = span_make(ours.p + 1, ours.len - 2);
	return theirs && span_eq(span_str(theirs), ours);
}

static bool same_via(const osip_message_t *o, const struct sip_msg *m)
{
	osip_via_t *via = osip_list_get(&o->vias, 0);

	if (!via || !same_host(via->host, m->via_host))
		return false;
	if (via->port ? !same_number(via->port, m->via_port) : m->via_port)
		return false;
	return same_parameter(&via->via_params, "branch", m->via_branch);
}

static bool same_message(const osip_message_t *o, const struct sip_msg *m)
{
	return same_start(o, m) && same_cseq(o->cseq, m) &&
	       same_call_id(o->call_id, m->call_id) && o->from && o->to &&
	       same_parameter(&o->from->gen_params, "tag", m->from_tag) &&
	       same_parameter(&o->to->gen_params, "tag", m->to_tag) &&
	       same_via(o, m);
}

static int compare(const struct sip_msg *m)
{
	osip_message_t *o;
	int r;

	if (osip_message_init(&o))
		return ENOMEM;
	r = parse(o, m);
	if (r)
		r = EBADMSG;
	else if (!same_message(o, m))
		r = EPROTO;
	if (arena.spilled || ARENA_LEN == 0)
		osip_message_free(o);
	return r;
}

int siposip_compare(const struct sip_msg *m)
{
	int r;

	arena.on = ARENA_LEN > 0;
	arena.spilled = false;
	arena.used = 0;
	r = compare(m);
	arena.on = false;
	return r;
}

// SPDX-License-Identifier: GPL-2.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "codec/sipmsg.h"

#define N(a) (sizeof(a) / sizeof((a)[0]))

static struct sip_msg m;

#define assert_span(s, text) expect_span(s, text, __LINE__)
static void expect_span(struct span s, const char *text, int line)
{
	if (!text && !span_set(s))
		return;
	if (text && span_set(s) && span_eq(s, span_str(text)))
		return;
	fail_msg("line %d: '%.*s' instead of '%s'", line, SPAN_ARG(s),
		 text ? text : "(absent)");
}

/* A request out of rows that are given, and of defaults for those that aren't
 */
struct parts {
	const char *start, *via, *from, *to, *call_id, *cseq, *more, *body;
};

static const char * or (const char *a, const char *b)
{
	return a ? a : b;
}

static struct span make(const struct parts *p)
{
	static char text[16384];
	int n;

	n = snprintf(text, sizeof(text),
		     "%s\r\nVia: %s\r\nFrom: %s\r\nTo: %s\r\nCall-ID: %s\r\n"
		     "CSeq: %s\r\n%s\r\n%s",
		     or (p->start, "BYE sip:a@192.0.2.1 SIP/2.0"),
		     or (p->via, "SIP/2.0/UDP 192.0.2.30;branch=z9hG4bK1"),
		     or (p->from, "<sip:b@example.org>;tag=b1"),
		     or (p->to, "<sip:a@example.org>;tag=a1"),
		     or (p->call_id, "x@y"), or (p->cseq, "17 BYE"),
		     or (p->more, ""), or (p->body, ""));
	assert_true(n > 0 && (size_t)n < sizeof(text));
	return span_make(text, (size_t)n);
}

static enum sip_fault read_parts(const struct parts *p)
{
	return sipmsg_read(&m, make(p), true);
}

static void expect_fault(const char *what, struct span text,
			 enum sip_fault wanted)
{
	enum sip_fault got = sipmsg_read(&m, text, true);

	if (got != wanted)
		fail_msg("%s: %s instead of %s", what, sip_fault_name(got),
			 sip_fault_name(wanted));
}

static const char invite[] =
	"INVITE sip:bob@example.org SIP/2.0\r\n"
	"Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKp.1\r\n"
	"Via: SIP/2.0/UDP 192.0.2.10:5062;branch=z9hG4bKa;rport=5062, "
	"SIP/2.0/UDP 10.0.0.1\r\n"
	"Record-route: <sip:192.0.2.1;lr>\r\n"
	"From: \"Al, \\\"<x>;\" <sip:alice@example.org;user=phone>;tag=cc1\r\n"
	"t: sip:bob@example.org\r\n"
	"CALL-ID:  2b8a@192.0.2.10\r\n"
	"CSeq: 31542 INVITE\r\n"
	"Subject:\r\n"
	"m: <sip:alice@192.0.2.10>\r\n"
	"\t;expires=60\r\n"
	"Content-Type: text/plain\r\n"
	"l: 4\r\n"
	"\r\n"
	"body\r\n\r\n";

static void test_request(void **state)
{
	(void)state;
	assert_int_equal(sipmsg_read(&m, SPAN_LIT(invite), true), SIP_OK);
	assert_true(m.raw.p == invite);
	assert_int_equal(m.raw.len, sizeof(invite) - 1 - 4);
	assert_true(m.request);
	assert_int_equal(m.method, SIP_INVITE);
	assert_span(m.method_name, "INVITE");
	assert_span(m.uri, "sip:bob@example.org");
	assert_span(m.start_line, "INVITE sip:bob@example.org SIP/2.0");
	assert_span(m.eol, "\r\n");
	assert_int_equal(m.n_rows, 11);
	assert_memory_equal(m.raw.p + m.end_of_rows, "\r\nbody", 6);
	assert_span(m.body, "body");
	assert_span(m.from_uri, "sip:alice@example.org;user=phone");
	assert_span(m.from_tag, "cc1");
	assert_span(m.to, "sip:bob@example.org");
	assert_span(m.to_uri, "sip:bob@example.org");
	assert_span(m.to_tag, NULL);
	assert_span(m.call_id, "2b8a@192.0.2.10");
	assert_int_equal(m.cseq, 31542);
	assert_span(m.cseq_number, "31542");
	assert_span(m.via, "SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKp.1");
	assert_span(m.via_branch, "z9hG4bKp.1");
	assert_span(m.via_host, "192.0.2.1");
	assert_int_equal(m.via_port, 0);
	assert_int_equal(m.n_via, 3);
}

static void test_rows(void **state)
{
	const struct sip_row *row;

	(void)state;
	assert_int_equal(sipmsg_read(&m, SPAN_LIT(invite), true), SIP_OK);
	row = sipmsg_row(&m, SIP_F_CONTACT, 0);
	assert_non_null(row);
	assert_span(row->name, "m");
	assert_span(row->row, "m: <sip:alice@192.0.2.10>\r\n\t;expires=60\r\n");
	assert_span(row->value, "<sip:alice@192.0.2.10>\r\n\t;expires=60");
	assert_null(sipmsg_row(&m, SIP_F_CONTACT, 1));
	row = sipmsg_row(&m, SIP_F_VIA, 1);
	assert_non_null(row);
	assert_true(row == &m.row[1]);
	assert_int_equal(m.row[7].field, SIP_F_OTHER);
	assert_int_equal(m.row[7].value.len, 0);
	assert_int_equal(m.row[2].field, SIP_F_RECORD_ROUTE);
}

static void test_response(void **state)
{
	static const struct {
		const char *start;
		unsigned int status;
		const char *phrase;
	} t[] = {
		{ "SIP/2.0 200 OK", 200, "OK" },
		{ "SIP/2.0 180 Es klingelt, ja", 180, "Es klingelt, ja" },
		{ "SIP/2.0 486 ", 486, "" },
		{ "SIP/2.0 603", 603, "" },
		{ "SIP/2.0 404 Nicht gefunden: \xc3\xa4", 404,
		  "Nicht gefunden: \xc3\xa4" },
	};

	(void)state;
	for (size_t i = 0; i < N(t); i++) {
		struct parts p = { .start = t[i].start, .cseq = "5 INVITE" };

		expect_fault(t[i].start, make(&p), SIP_OK);
		assert_false(m.request);
		assert_int_equal(m.status, t[i].status);
		assert_span(m.phrase, t[i].phrase);
		assert_int_equal(m.method, SIP_INVITE);
		assert_span(m.method_name, "INVITE");
		assert_span(m.uri, NULL);
	}
}

static void test_line_ends(void **state)
{
	static const char lf[] = "OPTIONS sip:a@b.c SIP/2.0\n"
				 "v: SIP/2.0/UDP h\n"
				 "f: <sip:a@b.c>;tag=1\n"
				 "t: <sip:a@b.c>\n"
				 "i: 1\n"
				 "CSeq: 1 OPTIONS\n"
				 "\n"
				 "b\n";
	static const char led[] = "\r\n\n\r\nOPTIONS sip:a@b.c SIP/2.0\r\n"
				  "v: SIP/2.0/UDP h\r\n"
				  "f: <sip:a@b.c>;tag=1\r\n"
				  "t: <sip:a@b.c>\r\n"
				  "i: 1\r\n"
				  "CSeq: 1 OPTIONS\r\n"
				  "\r\n";

	(void)state;
	expect_fault("LF", SPAN_LIT(lf), SIP_OK);
	assert_span(m.eol, "\n");
	assert_span(m.body, "b\n");
	assert_span(m.row[0].row, "v: SIP/2.0/UDP h\n");
	assert_span(m.via_branch, NULL);
	expect_fault("leading CRLF", SPAN_LIT(led), SIP_OK);
	assert_true(m.raw.p == led + 5);
	assert_int_equal(m.raw.len, sizeof(led) - 1 - 5);
	assert_int_equal(m.body.len, 0);
}

/* uri NULL: a fault is wanted */
static const struct {
	const char *value, *uri, *tag;
} parties[] = {
	{ "<sip:a@b.c>;tag=1", "sip:a@b.c", "1" },
	{ "sip:a@b.c;tag=1", "sip:a@b.c", "1" },
	{ "sip:a@b.c", "sip:a@b.c", NULL },
	{ "A B <sip:a@b.c>;tag=1", "sip:a@b.c", "1" },
	{ "\"A\"<sip:a@b.c>;x=y;TAG=1;z", "sip:a@b.c", "1" },
	{ "\"\" <sip:a@b.c;tag=no>;tag=1", "sip:a@b.c;tag=no", "1" },
	{ "\"\\\"<sip:x@y>;tag=0\\\\\" <sip:a@b.c>;tag=1", "sip:a@b.c", "1" },
	{ "J\xc3\xbcrgen <sip:a@b.c>;tag=1", "sip:a@b.c", "1" },
	{ "\"J\xfcrgen\" <sip:a@b.c>;tag=1", "sip:a@b.c", "1" },
	{ "<sip:a@b.c> ; tag = 1 ; y = \"p;tag=2\"", "sip:a@b.c", "1" },
	{ "\r\n <sip:a@b.c>\r\n\t;tag=1", "sip:a@b.c", "1" },
	{ "<sip:a@[2001:db8::1]:5060>;tag=1", "sip:a@[2001:db8::1]:5060", "1" },
	{ "<sip:a,b;c?d@e.f?h=i>;tag=1", "sip:a,b;c?d@e.f?h=i", "1" },
	{ "tel:+49123;tag=1", "tel:+49123", "1" },
	{ "<urn:service:sos>;tag=a~b.c-d", "urn:service:sos", "a~b.c-d" },
	{ "<sip:a@b.c>;tag=1;tag=1", NULL, NULL },
	{ "<sip:a@b.c>;tag=1;TaG=2", NULL, NULL },
	{ "<sip:a@b.c>;tag=", NULL, NULL },
	{ "<sip:a@b.c>;tag", NULL, NULL },
	{ "<sip:a@b.c>;tag=\"1\"", NULL, NULL },
	{ "<sip:a@b.c>;tag=%31", NULL, NULL },
	{ "<sip:a@b.c>;%74ag=1", NULL, NULL },
	{ "<sip:a@b.c>;tag=1=2", NULL, NULL },
	{ "<sip:a@b.c>;tag=1 2", NULL, NULL },
	{ "<sip:a@b.c>;tag=1,<sip:d@e.f>;tag=2", NULL, NULL },
	{ "<sip:a@b.c>;tag=1;", NULL, NULL },
	{ "<sip:a@b.c>;;tag=1", NULL, NULL },
	{ "<sip:a@b.c> x;tag=1", NULL, NULL },
	{ "<sip:a@b.c;tag=1", NULL, NULL },
	{ "\"A <sip:a@b.c>;tag=1", NULL, NULL },
	{ "\"A\" sip:a@b.c;tag=1", NULL, NULL },
	{ "A, B <sip:a@b.c>;tag=1", NULL, NULL },
	{ "A: B <sip:a@b.c>;tag=1", NULL, NULL },
	{ "<<sip:a@b.c>>;tag=1", NULL, NULL },
	{ "< sip:a@b.c >;tag=1", NULL, NULL },
	{ "<sip:a b@b.c>;tag=1", NULL, NULL },
	{ "<>;tag=1", NULL, NULL },
	{ "<alice>;tag=1", NULL, NULL },
	{ "<sip:>;tag=1", NULL, NULL },
	{ "sip:a@b.c?x=y;tag=1", NULL, NULL },
	{ "", NULL, NULL },
};

static void test_parties(void **state)
{
	(void)state;
	for (size_t i = 0; i < N(parties); i++) {
		struct parts from = { .from = parties[i].value };
		struct parts to = { .to = parties[i].value };
		enum sip_fault f = parties[i].uri ? SIP_OK : SIP_FAULT_FIELD;

		expect_fault(parties[i].value, make(&from), f);
		if (!f) {
			assert_span(m.from_uri, parties[i].uri);
			assert_span(m.from_tag, parties[i].tag);
			assert_span(m.to_tag, "a1");
		}
		expect_fault(parties[i].value, make(&to), f);
		if (!f) {
			assert_span(m.to_uri, parties[i].uri);
			assert_span(m.to_tag, parties[i].tag);
		}
	}
}

/* Quoted text is read several octets at a time: an escape at every place. */
static void test_escapes(void **state)
{
	char value[] = "\"0123456789abcdefghijkl\" <sip:a@b.c>;tag=1";
	struct parts from = { .from = value };

	(void)state;
	for (size_t i = 2; i < 44; i++) {
		size_t at = i / 2;
		char was[2] = { value[at], value[at + 1] };

		value[at] = '\\';
		value[at + 1] = i % 2 ? '"' : '\\';
		expect_fault(value, make(&from), SIP_OK);
		assert_span(m.from_uri, "sip:a@b.c");
		/* it ends where it seems to */
		value[at] = 'x';
		value[at + 1] = '"';
		expect_fault(value, make(&from), SIP_FAULT_FIELD);
		memcpy(value + at, was, 2);
	}
}

/* osip2 gets no HTAB, wherever the rows end. */
static void test_last_tab(void **state)
{
	char text[256];

	(void)state;
	for (int more = 0; more < 8; more++) {
		int n = snprintf(text, sizeof(text),
				 "X sip:a@b.c SIP/2.0\r\n"
				 "Via: SIP/2.0/UDP h;branch=b\r\n"
				 "From: <sip:a@b.c>;tag=1\r\n"
				 "To: <sip:a@b.c>\r\n"
				 "Call-ID: 0%.*s\r\nCSeq: 1\tX\r\n\r\n",
				 more, "1234567");

		expect_fault(text, span_make(text, (size_t)n), SIP_OK);
	}
}

static const struct {
	const char *value, *host, *branch;
	uint16_t port;
	bool rport;
	size_t n;
} vias[] = {
	{ "SIP/2.0/UDP h.org;branch=b", "h.org", "b", 0, false, 1 },
	{ "SIP/2.0/UDP h:5070;rport;branch=b", "h", "b", 5070, true, 1 },
	{ "SIP/2.0/UDP h:5070;rport=1;branch=b", "h", "b", 5070, false, 1 },
	{ "sip/2.0/tcp h ; branch = b ; RPORT", "h", "b", 0, true, 1 },
	{ "SIP / 2.0 / UDP  h : 5070;BRANCH=b", "h", "b", 5070, false, 1 },
	{ "SIP/2.0/UDP\r\n h;branch=\r\n b", "h", "b", 0, false, 1 },
	{ "SIP/2.0/UDP [2001:db8::1]:5062;branch=b", "[2001:db8::1]", "b", 5062,
	  false, 1 },
	{ "SIP/2.0/UDP [2001:db8::1];branch=b", "[2001:db8::1]", "b", 0, false,
	  1 },
	{ "SIP/2.0/UDP h", "h", NULL, 0, false, 1 },
	{ "SIP/2.0/UDP h;branch=b,SIP/2.0/UDP i;branch=c", "h", "b", 0, false,
	  2 },
	{ "SIP/2.0/UDP h;x=\"a,b\";branch=b , SIP/2.0/UDP i\r\nv: SIP/2.0/UDP "
	  "j",
	  "h", "b", 0, false, 3 },
	{ "SIP/2.0/UDP h;received=2001:db8::2;branch=b", "h", "b", 0, false,
	  1 },
	{ "SIP/2.0/UDP h;branch=b;branch=c", NULL, NULL, 0, false, 0 },
	{ "SIP/2.0/UDP h;branch", NULL, NULL, 0, false, 0 },
	{ "SIP/2.0/UDP h;branch=%62", NULL, NULL, 0, false, 0 },
	{ "SIP/2.0/UDP h;br%61nch=b", NULL, NULL, 0, false, 0 },
	{ "SIP/2.0/UDP h;branch=\"b\"", NULL, NULL, 0, false, 0 },
	{ "SIP/2.0/UDP h;branch=b,", NULL, NULL, 0, false, 0 },
	{ "SIP/2.0/UDP h;branch=b,,SIP/2.0/UDP i", NULL, NULL, 0, false, 0 },
	{ "SIP/2.0/UDP h;branch=b\r\nVia:", NULL, NULL, 0, false, 0 },
	{ "SIP/2.0/UDP h;x=\"a", NULL, NULL, 0, false, 0 },
	{ "SIP/3.0/UDP h", NULL, NULL, 0, false, 0 },
	{ "SIP/2.0/UDP", NULL, NULL, 0, false, 0 },
	{ "SIP/2.0 h", NULL, NULL, 0, false, 0 },
	{ "SIP/2.0/UDP h:0", NULL, NULL, 0, false, 0 },
	{ "SIP/2.0/UDP h:65536", NULL, NULL, 0, false, 0 },
	{ "SIP/2.0/UDP h:50 60", NULL, NULL, 0, false, 0 },
	{ "SIP/2.0/UDP [2001:db8::1;branch=b", NULL, NULL, 0, false, 0 },
	{ "SIP/2.0/UDP h (note);branch=b", NULL, NULL, 0, false, 0 },
	{ "", NULL, NULL, 0, false, 0 },
};

static void test_vias(void **state)
{
	(void)state;
	for (size_t i = 0; i < N(vias); i++) {
		struct parts p = { .via = vias[i].value };

		expect_fault(vias[i].value, make(&p),
			     vias[i].host ? SIP_OK : SIP_FAULT_FIELD);
		if (!vias[i].host)
			continue;
		assert_span(m.via_host, vias[i].host);
		assert_span(m.via_branch, vias[i].branch);
		assert_int_equal(m.via_port, vias[i].port);
		assert_int_equal(span_set(m.via_rport), vias[i].rport);
		assert_int_equal(m.n_via, vias[i].n);
	}
	struct parts p = { .via = vias[10].value };

	assert_int_equal(read_parts(&p), SIP_OK);
	assert_span(m.via, "SIP/2.0/UDP h;x=\"a,b\";branch=b");
}

#define ROWS                                                                   \
	"Via: SIP/2.0/UDP 192.0.2.30;branch=z9hG4bK1\r\n"                      \
	"From: <sip:b@example.org>;tag=b1\r\n"                                 \
	"To: <sip:a@example.org>;tag=a1\r\n"                                   \
	"Call-ID: x@y\r\n"
#define BYE "BYE sip:a@192.0.2.1 SIP/2.0\r\n" ROWS "CSeq: 17 BYE\r\n"

static const struct {
	struct span text;
	enum sip_fault fault;
	enum sip_method method;
} faults[] = {
	/* not SIP at all */
	{ SPAN_LIT(""), SIP_KEEPALIVE, SIP_OTHER },
	{ SPAN_LIT("\r\n\r\n"), SIP_KEEPALIVE, SIP_OTHER },
	{ SPAN_LIT("\0\0\0\0"), SIP_KEEPALIVE, SIP_OTHER },
	{ SPAN_LIT("\0\1\0\0\x21\x12\xa4\x42"
		   "abcdefghijkl"),
	  SIP_KEEPALIVE, SIP_OTHER },
	{ SPAN_LIT("\0\1\0\4\x21\x12\xa4\x42"
		   "abcdefghijkl"),
	  SIP_FAULT_CONTROL, SIP_OTHER },
	{ SPAN_LIT("\0\1\0\0\x21\x12\xa4\x43"
		   "abcdefghijkl"),
	  SIP_FAULT_CONTROL, SIP_OTHER },
	{ SPAN_LIT("x"), SIP_FAULT_START_LINE, SIP_OTHER },
	{ SPAN_LIT("GET / HTTP/1.1\r\n\r\n"), SIP_FAULT_START_LINE, SIP_OTHER },
	/* start lines */
	{ SPAN_LIT("\0" BYE "\r\n"), SIP_FAULT_CONTROL, SIP_BYE },
	{ SPAN_LIT("\r" BYE "\r\n"), SIP_FAULT_CONTROL, SIP_BYE },
	{ SPAN_LIT(" " BYE "\r\n"), SIP_FAULT_START_LINE, SIP_BYE },
	{ SPAN_LIT(" bye"), SIP_FAULT_START_LINE, SIP_BYE },
	{ SPAN_LIT("BYE  sip:a@b SIP/2.0\r\n\r\n"), SIP_FAULT_START_LINE,
	  SIP_BYE },
	{ SPAN_LIT("BYE\tsip:a@b SIP/2.0\r\n\r\n"), SIP_FAULT_START_LINE,
	  SIP_BYE },
	{ SPAN_LIT("cancel sip:a@b SIP/2.0 \r\n\r\n"), SIP_FAULT_START_LINE,
	  SIP_CANCEL },
	{ SPAN_LIT("BYE <sip:a@b> SIP/2.0\r\n\r\n"), SIP_FAULT_START_LINE,
	  SIP_BYE },
	{ SPAN_LIT("BYE sip:a@b\r\n\r\n"), SIP_FAULT_START_LINE, SIP_BYE },
	{ SPAN_LIT("BYE bob SIP/2.0\r\n\r\n"), SIP_FAULT_START_LINE, SIP_BYE },
	{ SPAN_LIT("BYE sip:a@b SIP/2.1\r\n\r\n"), SIP_FAULT_VERSION, SIP_BYE },
	{ SPAN_LIT("BYE sip:a@b SIP/2.00\r\n\r\n"), SIP_FAULT_VERSION,
	  SIP_BYE },
	{ SPAN_LIT("SIP/3.0 200 OK\r\n\r\n"), SIP_FAULT_VERSION, SIP_OTHER },
	{ SPAN_LIT("SIP/2.0 99 OK\r\n\r\n"), SIP_FAULT_START_LINE, SIP_OTHER },
	{ SPAN_LIT("SIP/2.0 700 OK\r\n\r\n"), SIP_FAULT_START_LINE, SIP_OTHER },
	{ SPAN_LIT("SIP/2.0 0200 OK\r\n\r\n"), SIP_FAULT_START_LINE,
	  SIP_OTHER },
	{ SPAN_LIT("SIP/2.0  200 OK\r\n\r\n"), SIP_FAULT_START_LINE,
	  SIP_OTHER },
	/* method */
	{ SPAN_LIT("bye sip:a@b SIP/2.0\r\n" ROWS "CSeq: 1 bye\r\n\r\n"),
	  SIP_FAULT_METHOD_CASE, SIP_BYE },
	{ SPAN_LIT("Bye sip:a@b SIP/2.0\r\n" ROWS "CSeq: 1 BYE\r\n\r\n"),
	  SIP_FAULT_METHOD_CASE, SIP_BYE },
	{ SPAN_LIT("SIP/2.0 200 OK\r\n" ROWS "CSeq: 1 invite\r\n\r\n"),
	  SIP_FAULT_METHOD_CASE, SIP_INVITE },
	{ SPAN_LIT("BYE sip:a@b SIP/2.0\r\n" ROWS "CSeq: 1 bye\r\n\r\n"),
	  SIP_FAULT_CSEQ_METHOD, SIP_BYE },
	{ SPAN_LIT("BYE sip:a@b SIP/2.0\r\n" ROWS "CSeq: 1 ACK\r\n\r\n"),
	  SIP_FAULT_CSEQ_METHOD, SIP_BYE },
	/* rows */
	{ SPAN_LIT(BYE), SIP_FAULT_NO_END, SIP_BYE },
	{ SPAN_LIT(BYE "Subject: x"), SIP_FAULT_NO_END, SIP_BYE },
	{ SPAN_LIT(BYE "Subject: x\r"), SIP_FAULT_NO_END, SIP_BYE },
	{ SPAN_LIT(BYE "\r"), SIP_FAULT_NO_END, SIP_BYE },
	{ SPAN_LIT(BYE "Subject: x\ry\r\n\r\n"), SIP_FAULT_CONTROL, SIP_BYE },
	{ SPAN_LIT(BYE "Subject: x\r\r\n\r\n"), SIP_FAULT_CONTROL, SIP_BYE },
	{ SPAN_LIT(BYE "Subject: x\0y\r\n\r\n"), SIP_FAULT_CONTROL, SIP_BYE },
	{ SPAN_LIT(BYE "Subject: x\vy\r\n\r\n"), SIP_FAULT_CONTROL, SIP_BYE },
	{ SPAN_LIT(BYE "Subject\r\n\r\n"), SIP_FAULT_ROW, SIP_BYE },
	{ SPAN_LIT(BYE ": x\r\n\r\n"), SIP_FAULT_ROW, SIP_BYE },
	{ SPAN_LIT(BYE "Sub ject: x\r\n\r\n"), SIP_FAULT_ROW, SIP_BYE },
	{ SPAN_LIT(BYE "Subject\r\n : x\r\n\r\n"), SIP_FAULT_ROW, SIP_BYE },
	{ SPAN_LIT(BYE "S\xc3\xbc: x\r\n\r\n"), SIP_FAULT_ROW, SIP_BYE },
	{ SPAN_LIT(BYE "Subject: x\r\n \r\n\r\n"), SIP_FAULT_ROW, SIP_BYE },
	{ SPAN_LIT("BYE sip:a@b SIP/2.0\r\n " ROWS "CSeq: 1 BYE\r\n\r\n"),
	  SIP_FAULT_ROW, SIP_BYE },
	/* which rows */
	{ SPAN_LIT("BYE sip:a@b SIP/2.0\r\n" ROWS "\r\n"), SIP_FAULT_MISSING,
	  SIP_BYE },
	{ SPAN_LIT(BYE "From: <sip:b@example.org>;tag=b1\r\n\r\n"),
	  SIP_FAULT_DOUBLE, SIP_BYE },
	{ SPAN_LIT(BYE "t: <sip:x@example.org>;tag=a1\r\n\r\n"),
	  SIP_FAULT_DOUBLE, SIP_BYE },
	{ SPAN_LIT(BYE "i: z\r\n\r\n"), SIP_FAULT_DOUBLE, SIP_BYE },
	{ SPAN_LIT(BYE "cseq: 18 BYE\r\n\r\n"), SIP_FAULT_DOUBLE, SIP_BYE },
	{ SPAN_LIT(BYE "l: 0\r\nContent-Length: 0\r\n\r\n"), SIP_FAULT_DOUBLE,
	  SIP_BYE },
	{ SPAN_LIT(BYE "Replaces: a\r\nReplaces: b\r\n\r\n"), SIP_FAULT_DOUBLE,
	  SIP_BYE },
	{ SPAN_LIT(BYE "Contact: <sip:a@b.c>\r\nm: <sip:d@e.f>\r\n\r\n"),
	  SIP_OK, SIP_BYE },
	/* length */
	{ SPAN_LIT(BYE "Content-Length: 1\r\n\r\n"), SIP_FAULT_LENGTH,
	  SIP_BYE },
	{ SPAN_LIT(BYE "Content-Length: -0\r\n\r\n"), SIP_FAULT_LENGTH,
	  SIP_BYE },
	{ SPAN_LIT(BYE "Content-Length: +0\r\n\r\n"), SIP_FAULT_LENGTH,
	  SIP_BYE },
	{ SPAN_LIT(BYE "Content-Length: 0x0\r\n\r\n"), SIP_FAULT_LENGTH,
	  SIP_BYE },
	{ SPAN_LIT(BYE "Content-Length:\r\n\r\n"), SIP_FAULT_LENGTH, SIP_BYE },
	{ SPAN_LIT(BYE "Content-Length: 4294967296\r\n\r\n"), SIP_FAULT_LENGTH,
	  SIP_BYE },
	{ SPAN_LIT(BYE "Content-Length: 0, 0\r\n\r\n"), SIP_FAULT_LENGTH,
	  SIP_BYE },
	{ SPAN_LIT(BYE "Content-Length: 0\r\n\r\nx"), SIP_FAULT_SURPLUS,
	  SIP_BYE },
	{ SPAN_LIT(BYE "Content-Length: 1\r\n\r\nx\r\n\0\0x"),
	  SIP_FAULT_SURPLUS, SIP_BYE },
	{ SPAN_LIT(BYE "Content-Length: 0\r\n\r\n" BYE "\r\n"),
	  SIP_FAULT_SURPLUS, SIP_BYE },
	{ SPAN_LIT(BYE "Content-Length: 0\r\n\r\n\r\n\r\n"), SIP_OK, SIP_BYE },
	{ SPAN_LIT(BYE "Content-Length: 1\r\n\r\nx\r\n\0 \t"), SIP_OK,
	  SIP_BYE },
	{ SPAN_LIT(BYE "Content-Length : 001\r\n\r\nx"), SIP_OK, SIP_BYE },
	{ SPAN_LIT(BYE "\r\nx\0\r"), SIP_OK, SIP_BYE },
	{ SPAN_LIT("BYE sip:a@b.c SIP/2.0\r\n" ROWS "CSeq: 1\tBYE\r\n\r\n"),
	  SIP_OK, SIP_BYE },
	/* osip2's word */
	{ SPAN_LIT(BYE "Contact: A, B <sip:a@b.c>\r\n\r\n"), SIP_FAULT_PARSER,
	  SIP_BYE },
};

static void test_faults(void **state)
{
	char what[32];

	(void)state;
	for (size_t i = 0; i < N(faults); i++) {
		snprintf(what, sizeof(what), "number %zu", i);
		expect_fault(what, faults[i].text, faults[i].fault);
		if (m.method != faults[i].method)
			fail_msg("%s: method %s", what,
				 sip_method_name(m.method));
		if (faults[i].method == SIP_BYE)
			assert_true(m.request);
	}
}

/* Every octet at every distance from the row's end: lines are read by words. */
static void test_controls(void **state)
{
	char text[512], row[40];
	size_t head = strlen(BYE);

	(void)state;
	memcpy(text, BYE, head);
	for (size_t at = 0; at < 20 * 256; at++) {
		unsigned int c = at % 256;
		bool control = (c < 32 && c != '\t') || c == 127;
		size_t n = (size_t)snprintf(
			row, sizeof(row),
			"Subject: 0123456789abcdefghij\r\n\r\n");

		row[9 + at / 256] = (char)c;
		memcpy(text + head, row, n);
		if (c == '\n')
			continue; /* the line's end, in front of another row */
		assert_int_equal(
			sipmsg_read(&m, span_make(text, head + n), false),
			control ? SIP_FAULT_CONTROL : SIP_OK);
	}
}

static void test_numbers_and_ids(void **state)
{
	static const struct {
		const char *cseq, *call_id;
		enum sip_fault fault;
		uint32_t number;
	} t[] = {
		{ "0 BYE", "a", SIP_OK, 0 },
		{ "0009\r\n  BYE", "a@b@c", SIP_OK, 9 },
		{ "2147483647 \t BYE", "<a>\"[]{}/\\?'", SIP_OK, 2147483647 },
		{ "2147483648 BYE", "a", SIP_FAULT_FIELD, 0 },
		{ "99999999999 BYE", "a", SIP_FAULT_FIELD, 0 },
		{ "-1 BYE", "a", SIP_FAULT_FIELD, 0 },
		{ "1BYE", "a", SIP_FAULT_FIELD, 0 },
		{ "1", "a", SIP_FAULT_FIELD, 0 },
		{ "1 BYE x", "a", SIP_FAULT_FIELD, 0 },
		{ "1 BYE,", "a", SIP_FAULT_FIELD, 0 },
		{ "", "a", SIP_FAULT_FIELD, 0 },
		{ "1 BYE", "a b", SIP_FAULT_FIELD, 0 },
		{ "1 BYE", "a\r\n b", SIP_FAULT_FIELD, 0 },
		{ "1 BYE", "\xc3\xa4", SIP_FAULT_FIELD, 0 },
		{ "1 BYE", "", SIP_FAULT_FIELD, 0 },
	};

	(void)state;
	for (size_t i = 0; i < N(t); i++) {
		struct parts p = { .cseq = t[i].cseq, .call_id = t[i].call_id };

		expect_fault(t[i].cseq, make(&p), t[i].fault);
		if (t[i].fault)
			continue;
		assert_int_equal(m.cseq, t[i].number);
		assert_span(m.call_id, t[i].call_id);
	}
}

static void test_methods(void **state)
{
	char start[64], cseq[32];

	(void)state;
	for (int i = SIP_INVITE; i <= SIP_PUBLISH; i++) {
		const char *name = sip_method_name((enum sip_method)i);
		struct parts p = { .start = start, .cseq = cseq };

		snprintf(start, sizeof(start), "%s sip:a@b.c SIP/2.0", name);
		snprintf(cseq, sizeof(cseq), "1 %s", name);
		expect_fault(name, make(&p), SIP_OK);
		assert_int_equal(m.method, i);
		assert_span(m.method_name, name);
	}
	struct parts p = { .start = "Foo.bar! sip:a@b.c SIP/2.0",
			   .cseq = "1 Foo.bar!" };

	assert_int_equal(read_parts(&p), SIP_OK);
	assert_int_equal(m.method, SIP_OTHER);
	assert_span(m.method_name, "Foo.bar!");
	assert_string_equal(sip_method_name(SIP_OTHER), "other");
}

static void test_field_names(void **state)
{
	static const struct {
		const char *name;
		enum sip_field field;
	} t[] = {
		{ "Contact", SIP_F_CONTACT },
		{ "m", SIP_F_CONTACT },
		{ "Content-Type", SIP_F_CONTENT_TYPE },
		{ "c", SIP_F_CONTENT_TYPE },
		{ "Content-Encoding", SIP_F_CONTENT_ENCODING },
		{ "E", SIP_F_CONTENT_ENCODING },
		{ "eXPIRES", SIP_F_EXPIRES },
		{ "Refer-To", SIP_F_REFER_TO },
		{ "r", SIP_F_REFER_TO },
		{ "Referred-By", SIP_F_REFERRED_BY },
		{ "b", SIP_F_REFERRED_BY },
		{ "Replaces", SIP_F_REPLACES },
		{ "Event", SIP_F_EVENT },
		{ "o", SIP_F_EVENT },
		{ "Subscription-State", SIP_F_SUBSCRIPTION_STATE },
		{ "RACK", SIP_F_RACK },
		{ "rseq", SIP_F_RSEQ },
		{ "Reason", SIP_F_REASON },
		{ "Date", SIP_F_DATE },
		{ "P-Asserted-Identity", SIP_F_P_ASSERTED_IDENTITY },
		{ "Authorization", SIP_F_AUTHORIZATION },
		{ "Proxy-Authorization", SIP_F_PROXY_AUTHORIZATION },
		{ "WWW-Authenticate", SIP_F_WWW_AUTHENTICATE },
		{ "Proxy-Authenticate", SIP_F_PROXY_AUTHENTICATE },
		{ "Authentication-Info", SIP_F_AUTHENTICATION_INFO },
		{ "Proxy-Authentication-Info",
		  SIP_F_PROXY_AUTHENTICATION_INFO },
		{ "Supported", SIP_F_SUPPORTED },
		{ "k", SIP_F_SUPPORTED },
		{ "Require", SIP_F_REQUIRE },
		{ "Route", SIP_F_ROUTE },
		{ "Record-Route", SIP_F_RECORD_ROUTE },
		{ "Max-Forwards", SIP_F_MAX_FORWARDS },
		{ "p-pgp-status", SIP_F_PGP_STATUS },
		{ "Content-Length", SIP_F_CONTENT_LENGTH },
		{ "L", SIP_F_CONTENT_LENGTH },
		{ "s", SIP_F_OTHER },
		{ "x", SIP_F_OTHER },
		{ "Session-Expires", SIP_F_OTHER },
		{ "Contacts", SIP_F_OTHER },
		{ "Identity", SIP_F_OTHER },
		{ "Proxy-Authentication-Information", SIP_F_OTHER },
	};
	char row[96];

	(void)state;
	for (size_t i = 0; i < N(t); i++) {
		struct parts p = { .more = row };

		snprintf(row, sizeof(row), "%s: 0\r\n", t[i].name);
		/* osip2 may not like the value */
		assert_int_equal(sipmsg_read(&m, make(&p), false), SIP_OK);
		assert_span(m.row[5].name, t[i].name);
		if (m.row[5].field != t[i].field)
			fail_msg("%s", t[i].name);
	}
}

static void test_too_many_rows(void **state)
{
	char more[SIP_ROWS_MAX * 4 + 1] = "";
	struct parts p = { .more = more };

	(void)state;
	for (size_t i = 0; i < SIP_ROWS_MAX - 5; i++)
		memcpy(more + i * 4, "x:\r\n", 5);
	assert_int_equal(read_parts(&p), SIP_OK);
	assert_int_equal(m.n_rows, SIP_ROWS_MAX);
	memcpy(more + (SIP_ROWS_MAX - 5) * 4, "x:\r\n", 5);
	assert_int_equal(read_parts(&p), SIP_FAULT_TOO_MANY);
}

static void test_has_token(void **state)
{
	struct parts p = { .more = "Supported: replaces, 100rel\r\n"
				   "k: \r\n"
				   "Supported: \"a, timer\",\r\n PGP-Auth\r\n"
				   "Require: gruu\r\n" };

	(void)state;
	assert_int_equal(read_parts(&p), SIP_OK);
	assert_true(sipmsg_has_token(&m, SIP_F_SUPPORTED, "replaces"));
	assert_true(sipmsg_has_token(&m, SIP_F_SUPPORTED, "100REL"));
	assert_true(sipmsg_has_token(&m, SIP_F_SUPPORTED, "pgp-auth"));
	assert_false(sipmsg_has_token(&m, SIP_F_SUPPORTED, "timer"));
	assert_false(sipmsg_has_token(&m, SIP_F_SUPPORTED, "pgp"));
	assert_false(sipmsg_has_token(&m, SIP_F_SUPPORTED, "gruu"));
	assert_false(sipmsg_has_token(&m, SIP_F_CONTACT, "replaces"));
}

static void test_rack(void **state)
{
	static const struct {
		const char *value, *digits;
	} t[] = {
		{ "776656 1 INVITE", "1" },
		{ " 1\r\n 0042\tINVITE ", "0042" },
		{ "1 2", NULL },
		{ "1 x INVITE", NULL },
		{ "x 1 INVITE", NULL },
		{ "1 1 INVITE x", NULL },
		{ "", NULL },
	};

	(void)state;
	for (size_t i = 0; i < N(t); i++)
		assert_span(sipmsg_rack_cseq(span_str(t[i].value)),
			    t[i].digits);
	assert_span(sipmsg_rack_cseq(SPAN_NONE), NULL);
}

static void test_param(void **state)
{
	static const struct {
		const char *value, *name, *wanted;
	} t[] = {
		{ "PGP;ticket=\"a;b=\"", "ticket", "a;b=" },
		{ "PGP ; Ticket = x", "ticket", "x" },
		{ "Q.850;cause=16;text=\"a\"", "text", "a" },
		{ "<sip:a@b;expires=1>;expires=2", "expires", "2" },
		{ "\"a;x=1\" <sip:a@b>;x=2", "x", "2" },
		{ "PGP;a=\"ticket=1\"", "ticket", NULL },
		{ "SIP;cause=200, PGP;ticket=x", "ticket", NULL },
		{ "PGP;ticket", "ticket", NULL },
		{ "PGP;ticket=\"x", "ticket", NULL },
		{ "PGP;", "ticket", NULL },
		{ "", "ticket", NULL },
	};

	(void)state;
	for (size_t i = 0; i < N(t); i++)
		assert_span(sipmsg_param(span_str(t[i].value), t[i].name),
			    t[i].wanted);
	assert_span(sipmsg_param(SPAN_NONE, "x"), NULL);
}

static void test_names(void **state)
{
	(void)state;
	for (int i = 0; i < SIP_FAULT_COUNT; i++)
		assert_non_null(sip_fault_name((enum sip_fault)i));
	assert_string_equal(sip_fault_name(SIP_FAULT_START_LINE), "start-line");
	assert_string_equal(sip_fault_name(SIP_FAULT_COUNT), "unknown");
}

/* What osip2 alone refuses is read when it isn't asked. */
static void test_unchecked(void **state)
{
	struct parts p = { .more = "Contact: A, B <sip:a@b.c>\r\n" };

	(void)state;
	assert_int_equal(sipmsg_read(&m, make(&p), false), SIP_OK);
	assert_int_equal(sipmsg_read(&m, make(&p), true), SIP_FAULT_PARSER);
}

/* A comment to osip2 (and RFC 2543), which ends the parameters. */
static void test_disagree(void **state)
{
	struct parts p = { .via = "SIP/2.0/UDP h;x=(a);branch=b" };

	(void)state;
	assert_int_equal(sipmsg_read(&m, make(&p), false), SIP_OK);
	assert_span(m.via_branch, "b");
	assert_int_equal(sipmsg_read(&m, make(&p), true), SIP_FAULT_DISAGREE);
}

static int setup(void **state)
{
	(void)state;
	sipmsg_init();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_request),
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_response),
		cmocka_unit_test(test_line_ends),
		cmocka_unit_test(test_parties),
		cmocka_unit_test(test_escapes),
		cmocka_unit_test(test_last_tab),
		cmocka_unit_test(test_vias),
		cmocka_unit_test(test_faults),
		cmocka_unit_test(test_controls),
		cmocka_unit_test(test_numbers_and_ids),
		cmocka_unit_test(test_methods),
		cmocka_unit_test(test_field_names),
		cmocka_unit_test(test_too_many_rows),
		cmocka_unit_test(test_has_token),
		cmocka_unit_test(test_rack),
		cmocka_unit_test(test_param),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_unchecked),
		cmocka_unit_test(test_disagree),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}

// SPDX-License-Identifier: GPL-2.0-or-later
#include <arpa/inet.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "base/digest.h"
#include "core/draft.h"

#define VIA                                                                    \
	"Via: SIP/2.0/UDP 192.0.2.1:5062;branch=z9hG4bK1;rport\r\n"            \
	"Via: SIP/2.0/UDP far.example.org;branch=z9hG4bK0\r\n"
#define PARTIES                                                                \
	"From: \"A\" <sip:alice@example.org>;tag=a1\r\n"                       \
	"To: <sip:bob@example.org>\r\n"                                        \
	"Call-ID: c1@example.org\r\n"

static struct sip_msg m;
static struct draft d;
static char out[8192];

static int start(void **state)
{
	(void)state;
	sipmsg_init();
	return digest_init();
}

static void begin(const char *text)
{
	assert_int_equal(sipmsg_read(&m, span_str(text), true), SIP_OK);
	draft_init(&d, &m);
}

static void gives(const char *text)
{
	size_t len;

	assert_int_equal(draft_finish(&d, out, sizeof(out) - 1, &len), 0);
	out[len] = '\0';
	assert_string_equal(out, text);
}

/* ---- edits ---- */

#define INVITE                                                                 \
	"INVITE sip:bob@example.org SIP/2.0\r\n" VIA PARTIES                   \
	"CSeq: 7  INVITE\r\n"                                                  \
	"Content-Type: application/sdp\r\n"                                    \
	"l: 5\r\n\r\nv=0\r\n"

static void test_untouched(void **state)
{
	(void)state;
	begin(INVITE);
	gives(INVITE);
	/* what is so already is no edit */
	begin(INVITE);
	draft_cseq(&d, 7);
	draft_branch(&d, "z9hG4bK1");
	draft_strip(&d, NULL, NULL);
	draft_strip_status(&d);
	gives(INVITE);
}

static void test_cseq_and_branch(void **state)
{
	(void)state;
	begin(INVITE);
	draft_cseq(&d, 4294967295);
	draft_branch(&d, "z9hG4bKnew");
	draft_row(&d, SPAN_LIT("A: 1\r\n"));
	draft_row(&d, SPAN_LIT("B: 2\r\n"));
	gives("INVITE sip:bob@example.org SIP/2.0\r\n"
	      "Via: SIP/2.0/UDP 192.0.2.1:5062;branch=z9hG4bKnew;rport\r\n"
	      "Via: SIP/2.0/UDP far.example.org;branch=z9hG4bK0\r\n" PARTIES
	      "CSeq: 4294967295  INVITE\r\n"
	      "Content-Type: application/sdp\r\n"
	      "l: 5\r\nA: 1\r\nB: 2\r\n\r\nv=0\r\n");
}

static void test_branch_missing(void **state)
{
	(void)state;
	begin("OPTIONS sip:b@x.y SIP/2.0\r\n"
	      "v: SIP/2.0/UDP 192.0.2.1, SIP/2.0/UDP 192.0.2.2\r\n" PARTIES
	      "CSeq: 1 OPTIONS\r\n\r\n");
	draft_branch(&d, "z9hG4bKx");
	gives("OPTIONS sip:b@x.y SIP/2.0\r\n"
	      "v: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKx, "
	      "SIP/2.0/UDP 192.0.2.2\r\n" PARTIES "CSeq: 1 OPTIONS\r\n\r\n");
}

static void test_rack(void **state)
{
	(void)state;
	begin("PRACK sip:b@x.y SIP/2.0\r\n" VIA PARTIES
	      "CSeq: 3 PRACK\r\nRAck: 776656 1 INVITE\r\n\r\n");
	draft_rack(&d, 2);
	gives("PRACK sip:b@x.y SIP/2.0\r\n" VIA PARTIES
	      "CSeq: 3 PRACK\r\nRAck: 776656 3 INVITE\r\n\r\n");
	begin("PRACK sip:b@x.y SIP/2.0\r\n" VIA PARTIES
	      "CSeq: 3 PRACK\r\nRAck: 776656 3 INVITE\r\n\r\n");
	draft_rack(&d, (uint32_t)-2);
	gives("PRACK sip:b@x.y SIP/2.0\r\n" VIA PARTIES
	      "CSeq: 3 PRACK\r\nRAck: 776656 1 INVITE\r\n\r\n");
}

#define RINGING                                                                \
	"SIP/2.0 183 Session Progress\r\n" VIA PARTIES "CSeq: 7 INVITE\r\n"

static void test_no_body(void **state)
{
	(void)state;
	begin(RINGING "c: application/sdp\r\nContent-Encoding: x\r\n"
		      "Allow: INVITE\r\nContent-Length: 5\r\n\r\nv=0\r\n");
	draft_no_body(&d);
	gives(RINGING "Allow: INVITE\r\nContent-Length: 0\r\n\r\n");
	begin(RINGING "\r\n");
	draft_no_body(&d);
	gives(RINGING "Content-Length: 0\r\n\r\n");
}

static void test_status(void **state)
{
	(void)state;
	begin(RINGING "\r\n");
	draft_status(&d, 438, "Invalid Identity Header");
	gives("SIP/2.0 438 Invalid Identity Header\r\n" VIA PARTIES
	      "CSeq: 7 INVITE\r\n\r\n");
}

/* ---- what is taken out ---- */

#define CREDENTIALS(realm)                                                     \
	"PGP realm=\"" realm "\", nonce=\"n\", nc=1, cnonce=\"c\", "           \
	"key=\"0123\", signature=\"AAAA\"\r\n"
#define DIGEST                                                                 \
	"Authorization: Digest username=\"pgp\", realm=\"PGP\", nonce=\"x\", " \
	"uri=\"sip:x\", response=\"0\"\r\n"
#define REQUEST                                                                \
	"OPTIONS sip:b@x.y SIP/2.0\r\n" VIA PARTIES "CSeq: 1 OPTIONS\r\n"

static void test_strip(void **state)
{
	(void)state;
	begin(REQUEST DIGEST "Authorization: " CREDENTIALS(
		"a.example") "P-PGP-Status: verified\r\n"
			     "Supported: replaces\r\n"
			     "proxy-authorization : pgp "
			     "realm=\"b.example\";\r\n"
			     " nonce=\"n\"\r\n"
			     "k: pgp-auth\r\n"
			     "Reason: PGP;ticket=\"abc\"\r\n"
			     "Reason: Q.850;cause=16\r\n"
			     "p-pgp-STATUS:none\r\n"
			     "Authentication-Info: " CREDENTIALS(
				     "a.example") "AUTHORIZATION: PGP "
						  "broken=\r\n"
						  "Subject: PGP\r\n\r\n");
	draft_strip(&d, NULL, NULL);
	gives(REQUEST DIGEST "Supported: replaces\r\n"
			     "Reason: Q.850;cause=16\r\n"
			     "Subject: PGP\r\n\r\n");
}

/* A proxy's own and the status rows; the callee's stay. */
static void test_strip_realm(void **state)
{
	(void)state;
	begin(REQUEST "Proxy-Authorization: " CREDENTIALS(
		"a.example") "Authorization: " CREDENTIALS("b.example") "Suppor"
									"ted: "
									"pgp-"
									"auth\r"
									"\nReas"
									"on: "
									"PGP;"
									"ticket"
									"=\"abc"
									"\"\r\n"
									"P-PGP-"
									"Status"
									": "
									"verifi"
									"ed\r\n"
									"\r\n");
	draft_strip(&d, NULL, "a.example");
	gives(REQUEST "Authorization: " CREDENTIALS(
		"b.example") "Supported: pgp-auth\r\nReason: "
			     "PGP;ticket=\"abc\"\r\n\r\n");
}

static void test_strip_own_name(void **state)
{
	(void)state;
	begin(REQUEST
	      "X-Seal: " CREDENTIALS("a.example") "x-SEAL: what?\r\n"
						  "X-Sealed: 1\r\n\r\n");
	draft_strip(&d, "X-Seal", NULL);
	gives(REQUEST "X-Sealed: 1\r\n\r\n");
	begin(REQUEST "X-Seal: " CREDENTIALS("a.example") "\r\n");
	draft_strip(&d, NULL, NULL);
	gives(REQUEST "X-Seal: " CREDENTIALS("a.example") "\r\n");
}

static void test_strip_status(void **state)
{
	(void)state;
	begin(REQUEST "P-PGP-Status: verified\r\n"
		      "Supported: pgp-auth\r\nP-PGP-Status: a,\r\n\tb\r\n\r\n");
	draft_strip_status(&d);
	gives(REQUEST "Supported: pgp-auth\r\n\r\n");
}

#define REFUSED                                                                \
	"SIP/2.0 407 Proxy Authentication Required\r\n" VIA PARTIES            \
	"CSeq: 7 INVITE\r\n"

#define INVITE_DIGEST                                                          \
	"INVITE sip:b@h SIP/2.0\r\n" VIA PARTIES "CSeq: 7 INVITE\r\n"

static void test_stale(void **state)
{
	static struct sip_msg req;

	(void)state;
	assert_int_equal(
		sipmsg_read(
			&req,
			SPAN_LIT(INVITE_DIGEST
				 "Proxy-Authorization: Digest "
				 "username=\"u\", realm=\"a\", nonce=\"o\","
				 "uri=\"sip:b@h\", response=\"1\"\r\n"
				 "Authorization:\r\n digest\trealm=\"b\"\r\n"
				 "Authorization: Digest realm=\"e\"\r\n"
				 "Proxy-Authorization: Digest realm=\"f\"\r\n"
				 "\r\n"),
			true),
		SIP_OK);
	begin(REFUSED "Proxy-Authenticate: Digest realm=\"a\", nonce=\"n\"\r\n"
		      "WWW-Authenticate: digest realm=\"b\", stale=FALSE, "
		      "nonce=\"n\"\r\n"
		      "Proxy-Authenticate: PGP realm=\"c\", nonce=\"n\"\r\n"
		      "Proxy-Authenticate: Digest realm=\"d\"\r\n"
		      "Proxy-Authenticate: Digest realm=\"e\"\r\n"
		      "Proxy-Authenticate:\r\n DIGEST realm=\"f\",\r\n "
		      "stale=\"false\"\r\n"
		      "Authentication-Info: nextnonce=\"x\"\r\n\r\n");
	draft_stale(&d, &req);
	/* where the phone had given credentials, and to nobody else */
	gives(REFUSED "Proxy-Authenticate: Digest realm=\"a\", nonce=\"n\", "
		      "stale=true\r\n"
		      "WWW-Authenticate: digest realm=\"b\", stale=true, "
		      "nonce=\"n\"\r\n"
		      "Proxy-Authenticate: PGP realm=\"c\", nonce=\"n\"\r\n"
		      "Proxy-Authenticate: Digest realm=\"d\"\r\n"
		      "Proxy-Authenticate: Digest realm=\"e\"\r\n"
		      "Proxy-Authenticate:\r\n DIGEST realm=\"f\",\r\n "
		      "stale=\"true\"\r\n"
		      "Authentication-Info: nextnonce=\"x\"\r\n\r\n");
}

/* Without rport to the port that Via names, with it to where it came from. */
static void response_goes(const char *via, uint16_t port)
{
	char text[512];
	struct addr src = { 4, { 192, 0, 2, 7 }, 1024 }, to;

	snprintf(text, sizeof(text),
		 "OPTIONS sip:b@h SIP/2.0\r\nVia: %s\r\n" PARTIES
		 "CSeq: 1 OPTIONS\r\n\r\n",
		 via);
	begin(text);
	to = message_response_to(&m, &src);
	assert_memory_equal(to.ip, src.ip, sizeof(to.ip));
	assert_int_equal(to.port, port);
}

static void test_response_port(void **state)
{
	(void)state;
	response_goes("SIP/2.0/UDP h;branch=z;rport", 1024);
	response_goes("SIP/2.0/UDP h:5070;branch=z;rport=5080", 5070);
	response_goes("SIP/2.0/UDP h:5070;branch=z", 5070);
	response_goes("SIP/2.0/UDP h;branch=z", 5060);
}

/* ---- bounds ---- */

static void test_too_large(void **state)
{
	static char row[DRAFT_TEXT + 1];
	char small[64];
	size_t len;

	(void)state;
	begin(INVITE);
	assert_int_equal(draft_finish(&d, small, sizeof(small), &len),
			 EMSGSIZE);
	memset(row, 'x', sizeof(row));
	begin(INVITE);
	draft_row(&d, span_make(row, DRAFT_TEXT));
	assert_int_equal(draft_finish(&d, out, sizeof(out), &len), EMSGSIZE);
	begin(INVITE);
	draft_row(&d, span_make(row, DRAFT_TEXT + 1));
	assert_int_equal(draft_finish(&d, out, sizeof(out), &len), EMSGSIZE);
}

/* ---- messages of our own ---- */

static struct addr from_ip(const char *text, uint16_t port)
{
	struct addr x = { .version = strchr(text, ':') ? 6 : 4, .port = port };

	assert_int_equal(
		inet_pton(x.version == 6 ? AF_INET6 : AF_INET, text, x.ip), 1);
	return x;
}

static void response_is(const char *request, const char *ip, uint16_t port,
			const char *text)
{
	struct addr src = from_ip(ip, port);
	struct sip_msg r;
	struct buf b = buf_make(out, sizeof(out) - 1);

	begin(request);
	message_response(&b, &m, &src, 401, "Unauthorized", "t9",
			 SPAN_LIT("X: 1\r\n"));
	assert_false(b.full);
	out[b.len] = '\0';
	assert_string_equal(out, text);
	assert_int_equal(sipmsg_read(&r, buf_span(&b), true), SIP_OK);
	assert_int_equal(r.status, 401);
}

static void test_response(void **state)
{
	(void)state;
	response_is(INVITE, "198.51.100.7", 1024,
		    "SIP/2.0 401 Unauthorized\r\n"
		    "Via: SIP/2.0/UDP 192.0.2.1:5062;branch=z9hG4bK1;"
		    "rport=1024;received=198.51.100.7\r\n"
		    "Via: SIP/2.0/UDP far.example.org;branch=z9hG4bK0\r\n"
		    "From: \"A\" <sip:alice@example.org>;tag=a1\r\n"
		    "To: <sip:bob@example.org>;tag=t9\r\n"
		    "Call-ID: c1@example.org\r\n"
		    "CSeq: 7  INVITE\r\nX: 1\r\nContent-Length: 0\r\n\r\n");
}

/* Nothing is added where the sender is where it says; To has its tag. */
static void test_response_plain(void **state)
{
	(void)state;
	response_is("BYE sip:b@x.y SIP/2.0\r\n"
		    "v:SIP/2.0/UDP [2001:DB8::1];branch=z9hG4bK1,SIP/2.0/UDP "
		    "q.example\r\n"
		    "f: <sip:a@x.y>;tag=1\r\nt: <sip:b@x.y>;tag=2\r\n"
		    "i: c\r\nCSeq: 2 BYE\r\n\r\n",
		    "2001:db8::1", 5060,
		    "SIP/2.0 401 Unauthorized\r\n"
		    "Via: SIP/2.0/UDP [2001:DB8::1];branch=z9hG4bK1,"
		    "SIP/2.0/UDP q.example\r\n"
		    "From: <sip:a@x.y>;tag=1\r\nTo: <sip:b@x.y>;tag=2\r\n"
		    "Call-ID: c\r\nCSeq: 2 BYE\r\nX: 1\r\n"
		    "Content-Length: 0\r\n\r\n");
}

/* One "received" only. */
static void test_response_received(void **state)
{
	struct addr src = from_ip("198.51.100.7", 1024);
	struct buf b = buf_make(out, sizeof(out) - 1);
	const char *first;

	(void)state;
	begin("BYE sip:b@x.y SIP/2.0\r\n"
	      "Via: SIP/2.0/UDP "
	      "192.0.2.1;received=198.51.100.7;branch=z\r\n" PARTIES
	      "CSeq: 2 BYE\r\n\r\n");
	message_response(&b, &m, &src, 403, "Forbidden", "t9", SPAN_NONE);
	out[b.len] = '\0';
	first = strstr(out, ";received=198.51.100.7");
	assert_non_null(first);
	assert_null(strstr(first + 1, ";received="));
}

static void test_ack_failure(void **state)
{
	struct buf b = buf_make(out, sizeof(out) - 1);
	struct sip_msg resp, ack;

	(void)state;
	begin("INVITE sip:bob@example.org SIP/2.0\r\n" VIA PARTIES
	      "CSeq: 8 INVITE\r\nRoute: <sip:p1;lr>,<sip:p2;lr>\r\n"
	      "Max-Forwards: 12\r\nRoute: <sip:p3;lr>\r\n\r\n");
	assert_int_equal(
		sipmsg_read(&resp,
			    SPAN_LIT("SIP/2.0 401 No\r\n" VIA
				     "From: <sip:alice@example.org>;tag=a1\r\n"
				     "To: <sip:bob@example.org>;tag=b2\r\n"
				     "Call-ID: c1@example.org\r\n"
				     "CSeq: 8 INVITE\r\n\r\n"),
			    true),
		SIP_OK);
	message_ack_failure(&b, &m, &resp);
	out[b.len] = '\0';
	assert_string_equal(
		out, "ACK sip:bob@example.org SIP/2.0\r\n"
		     "Via: SIP/2.0/UDP 192.0.2.1:5062;branch=z9hG4bK1;rport\r\n"
		     "Route: <sip:p1;lr>,<sip:p2;lr>\r\nRoute: <sip:p3;lr>\r\n"
		     "Max-Forwards: 70\r\n"
		     "From: \"A\" <sip:alice@example.org>;tag=a1\r\n"
		     "To: <sip:bob@example.org>;tag=b2\r\n"
		     "Call-ID: c1@example.org\r\n"
		     "CSeq: 8 ACK\r\nContent-Length: 0\r\n\r\n");
	assert_int_equal(sipmsg_read(&ack, buf_span(&b), true), SIP_OK);
}

static bool in_dialog(const char *rows)
{
	struct buf b = buf_make(out, sizeof(out) - 1);
	char text[2048];
	struct sip_msg resp, bye;
	bool done;

	snprintf(text, sizeof(text),
		 "SIP/2.0 200 OK\r\n" VIA
		 "From: <sip:alice@example.org>;tag=a1\r\n"
		 "To: <sip:bob@example.org>;tag=b2\r\n"
		 "Call-ID: c1@example.org\r\nCSeq: 7 INVITE\r\n%s\r\n",
		 rows);
	assert_int_equal(sipmsg_read(&resp, span_str(text), true), SIP_OK);
	begin(INVITE);
	done = message_in_dialog(&b, "BYE", &m, &resp, 9, "z9hG4bKours",
				 SPAN_LIT("Reason: x\r\n"));
	out[b.len] = '\0';
	if (done)
		assert_int_equal(sipmsg_read(&bye, buf_span(&b), true), SIP_OK);
	return done;
}

#define BYE_HEAD(uri)                                                          \
	"BYE " uri " SIP/2.0\r\n"                                              \
	"Via: SIP/2.0/UDP 192.0.2.1:5062;branch=z9hG4bKours;rport\r\n"
#define BYE_TAIL                                                               \
	"Max-Forwards: 70\r\n"                                                 \
	"From: \"A\" <sip:alice@example.org>;tag=a1\r\n"                       \
	"To: <sip:bob@example.org>;tag=b2\r\n"                                 \
	"Call-ID: c1@example.org\r\n"                                          \
	"CSeq: 9 BYE\r\nReason: x\r\nContent-Length: 0\r\n\r\n"

static void test_in_dialog(void **state)
{
	(void)state;
	assert_true(in_dialog("m: \"B, <b>\" <sip:bob@192.0.2.9;x=y>;q=1\r\n"
			      "Record-Route: <sip:p2;lr;a=\"1,2\">, "
			      "\"x,y\" <sip:p1;lr>\r\n"
			      "Record-Route: <sip:p0;lr>\r\n"));
	assert_string_equal(
		out, BYE_HEAD("sip:bob@192.0.2.9;x=y") "Route: <sip:p0;lr>\r\n"
						       "Route: \"x,y\" "
						       "<sip:p1;lr>\r\n"
						       "Route: "
						       "<sip:p2;lr;a=\"1,2\">"
						       "\r\n" BYE_TAIL);
	/* without brackets, parameters are the field's */
	assert_true(in_dialog("Contact: sip:bob@192.0.2.9:5070;q=1\r\n"));
	assert_string_equal(out, BYE_HEAD("sip:bob@192.0.2.9:5070") BYE_TAIL);
}

static void test_in_dialog_nowhere(void **state)
{
	(void)state;
	assert_false(in_dialog(""));
	assert_false(in_dialog("Contact:\r\n"));
}

static void test_branch(void **state)
{
	char a[64], b[64];

	(void)state;
	message_branch(a, sizeof(a));
	message_branch(b, sizeof(b));
	assert_string_not_equal(a, b);
	assert_memory_equal(a, "z9hG4bK", 7);
	assert_int_equal(strlen(a), 23);
	assert_int_equal(strspn(a + 7, "0123456789abcdef"), 16);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_untouched),
		cmocka_unit_test(test_cseq_and_branch),
		cmocka_unit_test(test_branch_missing),
		cmocka_unit_test(test_rack),
		cmocka_unit_test(test_no_body),
		cmocka_unit_test(test_status),
		cmocka_unit_test(test_strip),
		cmocka_unit_test(test_strip_realm),
		cmocka_unit_test(test_strip_own_name),
		cmocka_unit_test(test_strip_status),
		cmocka_unit_test(test_stale),
		cmocka_unit_test(test_response_port),
		cmocka_unit_test(test_too_large),
		cmocka_unit_test(test_response),
		cmocka_unit_test(test_response_plain),
		cmocka_unit_test(test_response_received),
		cmocka_unit_test(test_ack_failure),
		cmocka_unit_test(test_in_dialog),
		cmocka_unit_test(test_in_dialog_nowhere),
		cmocka_unit_test(test_branch),
	};

	return cmocka_run_group_tests(tests, start, NULL);
}

// SPDX-License-Identifier: GPL-2.0-or-later
/* The vectors here are those of docs/protocol.md, "Signed octets". */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "codec/octets.h"

static struct sip_msg m;
static char out[4096];

static const struct pgp_params params = {
	.realm = SPAN_LIT("edge.example.org"),
	.nonce = SPAN_LIT("ZdYhTmXWIDk="),
	.cnonce = SPAN_LIT("Y25vbmNl"),
	.key = SPAN_LIT("0123456789ABCDEF0123456789ABCDEF01234567"),
	.cancel = SPAN_LIT("47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="),
	.signature = SPAN_LIT("not signed"),
	.algorithm = SPAN_LIT("not signed"),
	.nc = 1,
};

static void expect(const char *message, const struct pgp_params *p,
		   const char *wanted)
{
	struct buf b = buf_make(out, sizeof(out) - 1);

	assert_int_equal(sipmsg_read(&m, span_str(message), true), SIP_OK);
	assert_int_equal(octets_build(&b, &m, p), 0);
	out[b.len] = '\0';
	assert_int_equal(b.len, strlen(out));
	assert_string_equal(out, wanted);
}

#define INVITE_HEAD                                                            \
	"INVITE sip:bob@example.org SIP/2.0\r\n"                               \
	"Via: SIP/2.0/UDP 192.0.2.10:5060;branch=z9hG4bK4dcb;rport\r\n"        \
	"Contact: <sip:alice@192.0.2.10:5060>\r\n"                             \
	"Max-Forwards: 70\r\n"                                                 \
	"To: <sip:bob@example.org>\r\n"                                        \
	"From: \"Alice\" <sip:alice@example.org>;tag=cc1\r\n"                  \
	"Call-ID: 2b8a9d6b0b4b2ad6\r\n"                                        \
	"CSeq: 31543 INVITE\r\n"                                               \
	"Supported: pgp-auth\r\n"

static void test_request(void **state)
{
	(void)state;
	expect(INVITE_HEAD "Content-Type: application/sdp\r\n"
			   "Content-Length: 5\r\n"
			   "\r\n"
			   "v=0\r\n",
	       &params,
	       "SIP-PGP-AUTH/1 request\n"
	       "method 6\nINVITE\n"
	       "status -\n"
	       "realm 16\nedge.example.org\n"
	       "nonce 12\nZdYhTmXWIDk=\n"
	       "nc 1\n1\n"
	       "cnonce 8\nY25vbmNl\n"
	       "signed-by -\n"
	       "cover 4\nfull\n"
	       "cancel 44\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n"
	       "from 39\n\"Alice\" <sip:alice@example.org>;tag=cc1\n"
	       "to 21\n<sip:bob@example.org>\n"
	       "call-id 16\n2b8a9d6b0b4b2ad6\n"
	       "cseq 12\n31543 INVITE\n"
	       "contact 27\n<sip:alice@192.0.2.10:5060>\n"
	       "content-type 15\napplication/sdp\n"
	       "content-encoding -\n"
	       "expires -\n"
	       "refer-to -\n"
	       "referred-by -\n"
	       "replaces -\n"
	       "join -\n"
	       "target-dialog -\n"
	       "event -\n"
	       "subscription-state -\n"
	       "rack -\n"
	       "rseq -\n"
	       "reason -\n"
	       "date -\n"
	       "p-asserted-identity -\n"
	       "body 5\nv=0\r\n\n");
}

/* Folds, compact names, repeated rows, empty values, a CSeq oddly spelled. */
static void test_response(void **state)
{
	struct pgp_params p = params;

	(void)state;
	p.cancel = SPAN_NONE;
	p.nc = 4294967295;
	p.signed_by = SPAN_LIT("sip:gw@example.org");
	expect("SIP/2.0 200 OK\n"
	       "v: SIP/2.0/UDP 192.0.2.10:5060;branch=z9hG4bK4dcb;rport\n"
	       "f: \"A\"\n"
	       " \t <sip:alice@example.org>\r\n"
	       "\t;tag=cc1\n"
	       "t:<sip:bob@example.org>;tag=9b3e  \n"
	       "i: 1\n"
	       "CSeq: 0031543 \n"
	       "  INVITE\n"
	       "m: <sip:bob@192.0.2.30>\n"
	       "Contact:  <sip:bob@192.0.2.31>, <sip:bob@192.0.2.32>\n"
	       "P-Asserted-Identity: <sip:bob@example.org>\n"
	       "Expires:\n"
	       "P-Asserted-Identity: <tel:+49123>\n"
	       "rseq: 7\n"
	       "\n",
	       &p,
	       "SIP-PGP-AUTH/1 response\n"
	       "method 6\nINVITE\n"
	       "status 3\n200\n"
	       "realm 16\nedge.example.org\n"
	       "nonce 12\nZdYhTmXWIDk=\n"
	       "nc 10\n4294967295\n"
	       "cnonce 8\nY25vbmNl\n"
	       "signed-by 18\nsip:gw@example.org\n"
	       "cover 4\nfull\n"
	       "cancel -\n"
	       "from 36\n\"A\" <sip:alice@example.org> ;tag=cc1\n"
	       "to 30\n<sip:bob@example.org>;tag=9b3e\n"
	       "call-id 1\n1\n"
	       "cseq 12\n31543 INVITE\n"
	       "contact 20\n<sip:bob@192.0.2.30>\n"
	       "contact 42\n<sip:bob@192.0.2.31>, <sip:bob@192.0.2.32>\n"
	       "content-type -\n"
	       "content-encoding -\n"
	       "expires 0\n\n"
	       "refer-to -\n"
	       "referred-by -\n"
	       "replaces -\n"
	       "join -\n"
	       "target-dialog -\n"
	       "event -\n"
	       "subscription-state -\n"
	       "rack -\n"
	       "rseq 1\n7\n"
	       "reason -\n"
	       "date -\n"
	       "p-asserted-identity 21\n<sip:bob@example.org>\n"
	       "p-asserted-identity 12\n<tel:+49123>\n"
	       "body 0\n\n");
}

static bool built_has(const char *message, bool nat, const char *part)
{
	struct buf b = buf_make(out, sizeof(out) - 1);
	struct pgp_params p = params;

	p.cover_nat = nat;
	assert_int_equal(sipmsg_read(&m, span_str(message), true), SIP_OK);
	assert_int_equal(octets_build(&b, &m, &p), 0);
	out[b.len] = '\0';
	return strstr(out, part);
}

static void test_cover_nat(void **state)
{
	static const char sdp[] =
		INVITE_HEAD "c: Application/SDP ;charset=UTF-8\r\n\r\nv=0\r\n";
	static const char mixed[] = INVITE_HEAD
		"c: multipart/mixed;boundary=b\r\n\r\n"
		"--b\r\nContent-Type: application/sdp\r\n\r\nv=0\r\n"
		"--b--\r\n";
	static const char none[] = INVITE_HEAD "\r\n";

	(void)state;
	assert_true(built_has(sdp, true, "\ncover 3\nnat\n"));
	assert_false(built_has(sdp, true, "\ncontact "));
	assert_false(built_has(sdp, true, "\nbody "));
	assert_true(built_has(sdp, false, "\nbody 5\n"));
	assert_false(built_has(mixed, true, "\ncontact "));
	assert_true(built_has(mixed, true, "\nbody "));
	assert_true(built_has(none, true, "\nbody 0\n\n"));
}

/* One octet changed in what is covered changes the octets; elsewhere not. */
static void test_sensitivity(void **state)
{
	static char text[] =
		INVITE_HEAD "Content-Type: text/plain\r\n"
			    "Date: Thu, 21 Feb 2002 13:02:03 GMT\r\n"
			    "Content-Length: 3\r\n\r\nabc";
	static const struct {
		const char *at;
		char to;
		bool differs;
	} t[] = {
		{ "bob@example.org SIP", 'x', false },
		{ "z9hG4bK4dcb", 'y', false },
		{ "70\r\n", '6', false },
		{ "alice@192", 'x', true },
		{ "bob@example.org>", 'x', true },
		{ "Alice", 'a', true },
		{ "cc1", 'd', true },
		{ "2b8a", '3', true },
		{ "31543", '4', true },
		{ "text/plain", 'n', true },
		{ "21 Feb", '3', true },
		{ "abc", 'd', true },
	};
	static char plain[4096];

	(void)state;
	assert_true(built_has(text, false, "method"));
	memcpy(plain, out, sizeof(plain));
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		char *at = strstr(text, t[i].at), kept;

		assert_non_null(at);
		kept = *at;
		*at = t[i].to;
		assert_true(built_has(text, false, "method"));
		if ((strcmp(out, plain) != 0) != t[i].differs)
			fail_msg("%s", t[i].at);
		*at = kept;
	}
}

static void test_no_room(void **state)
{
	struct buf b;

	(void)state;
	assert_int_equal(sipmsg_read(&m, SPAN_LIT(INVITE_HEAD "\r\n"), true),
			 SIP_OK);
	b = buf_make(out, 400);
	assert_int_equal(octets_build(&b, &m, &params), EMSGSIZE);
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
		cmocka_unit_test(test_response),
		cmocka_unit_test(test_cover_nat),
		cmocka_unit_test(test_sensitivity),
		cmocka_unit_test(test_no_room),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}

// SPDX-License-Identifier: GPL-2.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "codec/pgpauth.h"

#define N(a) (sizeof(a) / sizeof((a)[0]))

static void assert_span(struct span s, const char *text)
{
	if (!text) {
		assert_null(s.p);
		return;
	}
	assert_int_equal(s.len, strlen(text));
	assert_memory_equal(s.p, text, s.len);
}

static void test_credentials(void **state)
{
	static const char value[] =
		"pgp realm=\"edge.example.org\", nonce=\"bm9u+/==\" , NC = 12,"
		"\r\n cnonce=\"Y24=\"; signed-by=\"sip:gw@example.org;x=y,z\", "
		"key=\"0123\", cover=NAT, cancel=\"Y2E=\", new=\"thing\", "
		"other=token, flag, signature=\"c2ln\"";
	struct pgp_params p;

	(void)state;
	assert_int_equal(pgpauth_read(SPAN_LIT(value), &p), PGP_ROW_OK);
	assert_span(p.realm, "edge.example.org");
	assert_span(p.nonce, "bm9u+/==");
	assert_int_equal(p.nc, 12);
	assert_span(p.cnonce, "Y24=");
	assert_span(p.signed_by, "sip:gw@example.org;x=y,z");
	assert_span(p.key, "0123");
	assert_true(p.cover_nat);
	assert_span(p.cancel, "Y2E=");
	assert_span(p.signature, "c2ln");
	assert_span(p.algorithm, NULL);
	assert_false(p.stale);
	assert_true(p.realm.p > value && p.realm.p < value + sizeof(value));
}

/* ASCII without escapes, whatever octet stands where. */
static void test_any_octet(void **state)
{
	static const char value[] = "PGP realm=\"0123456789abcdefghi\", nc=1";
	char text[sizeof(value)];
	struct pgp_params p;
	enum pgp_row what;

	(void)state;
	for (int c = 0; c < 256; c++) {
		for (size_t at = 11; at < 30; at++) {
			bool good =
				c >= ' ' && c < 0x7f && c != '\\' && c != '"';

			memcpy(text, value, sizeof(text));
			text[at] = (char)c;
			what = pgpauth_read(span_make(text, strlen(value)), &p);
			assert_int_equal(what, good ? PGP_ROW_OK : PGP_ROW_BAD);
			assert_true(!good || p.realm.len == 19);
		}
	}
}

static void test_challenge(void **state)
{
	struct pgp_params p;

	(void)state;
	/* RFC 2543's semicolons */
	assert_int_equal(pgpauth_read(SPAN_LIT("PGP realm=\"r\";nonce=\"n\";"
					       "algorithm=SHA256;stale=TRUE"),
				      &p),
			 PGP_ROW_OK);
	assert_span(p.realm, "r");
	assert_span(p.nonce, "n");
	assert_span(p.algorithm, "SHA256");
	assert_true(p.stale);
	assert_int_equal(p.nc, 0);
	assert_int_equal(
		pgpauth_read(SPAN_LIT("PGP realm=\"r\", stale=false"), &p),
		PGP_ROW_OK);
	assert_false(p.stale);
	assert_span(p.nonce, NULL);
}

static void test_kinds(void **state)
{
	static const struct {
		const char *value;
		enum pgp_row what;
	} t[] = {
		{ "Digest realm=\"r\"", PGP_ROW_OTHER },
		{ "Digest realm=\"PGP realm=\"", PGP_ROW_OTHER },
		{ "PGPX realm=\"r\"", PGP_ROW_OTHER },
		{ "", PGP_ROW_OTHER },
		{ "\"PGP\" realm=\"r\"", PGP_ROW_OTHER },
		{ "PGP realm=\"r\"", PGP_ROW_OK },
		{ "PGP", PGP_ROW_BAD },
		{ "PGP ", PGP_ROW_BAD },
		{ "PGP,", PGP_ROW_BAD },
		{ "PGP realm=\"r\xc3\xbc\"", PGP_ROW_BAD },
		{ "Digest realm=\"r\", PGP realm=\"s\"", PGP_ROW_BAD },
		{ "Digest realm=\"r\",pgp", PGP_ROW_BAD },
		{ "Foo ab==,\r\n PGP\trealm=\"s\"", PGP_ROW_BAD },
		{ "Digest realm=\", PGP x\", pgp=1", PGP_ROW_OTHER },
		{ "Digest realm=\"r\", pgp = \"x\"", PGP_ROW_OTHER },
		{ "PGP=x", PGP_ROW_BAD },
		{ "PGP realm=\"r\",", PGP_ROW_BAD },
		{ "PGP realm=\"r\",,nonce=\"n\"", PGP_ROW_BAD },
		{ "PGP ,realm=\"r\"", PGP_ROW_BAD },
		{ "PGP realm=\"r\" nonce=\"n\"", PGP_ROW_BAD },
		{ "PGP realm=\"r\", Digest realm=\"s\"", PGP_ROW_BAD },
		{ "PGP realm=\"r\", PGP realm=\"s\"", PGP_ROW_BAD },
		{ "PGP realm=\"r\", realm=\"r\"", PGP_ROW_BAD },
		{ "PGP nc=1, nc=1", PGP_ROW_BAD },
		{ "PGP signature=\"a\", SIGNATURE=\"b\"", PGP_ROW_BAD },
		{ "PGP cover=full, cover=full", PGP_ROW_BAD },
		{ "PGP stale=false, stale=true", PGP_ROW_BAD },
		{ "PGP algorithm=a, algorithm=a", PGP_ROW_BAD },
		{ "PGP cover=none", PGP_ROW_BAD },
		{ "PGP cover", PGP_ROW_BAD },
		{ "PGP cover=full", PGP_ROW_OK },
		{ "PGP stale=maybe", PGP_ROW_BAD },
		{ "PGP realm=r", PGP_ROW_BAD },
		{ "PGP realm=\"\"", PGP_ROW_BAD },
		{ "PGP realm", PGP_ROW_BAD },
		{ "PGP realm=\"r", PGP_ROW_BAD },
		{ "PGP realm=\"a\\b\"", PGP_ROW_BAD },
		{ "PGP realm=\"a\\\"b\"", PGP_ROW_BAD },
		{ "PGP realm=\"a\tb\"", PGP_ROW_BAD },
		{ "PGP realm=\"a\r\n b\"", PGP_ROW_BAD },
		{ "PGP realm=\"a\x01\"", PGP_ROW_BAD },
		{ "PGP realm=\"a\", new=\"\\x\"", PGP_ROW_BAD },
		{ "PGP realm=\"a\"x", PGP_ROW_BAD },
		{ "PGP nc=0", PGP_ROW_BAD },
		{ "PGP nc=01", PGP_ROW_BAD },
		{ "PGP nc=-1", PGP_ROW_BAD },
		{ "PGP nc=4294967296", PGP_ROW_BAD },
		{ "PGP nc=4294967295", PGP_ROW_OK },
		{ "PGP nc=\"1\"", PGP_ROW_BAD },
		{ "PGP nc", PGP_ROW_BAD },
	};
	struct pgp_params p;

	(void)state;
	for (size_t i = 0; i < N(t); i++)
		if (pgpauth_read(span_str(t[i].value), &p) != t[i].what)
			fail_msg("%s", t[i].value);
	assert_int_equal(pgpauth_read(SPAN_NONE, &p), PGP_ROW_OTHER);
}

static void test_maxima(void **state)
{
	static const struct {
		const char *name;
		size_t max;
	} t[] = {
		{ "realm", PGP_REALM_MAX },
		{ "nonce", PGP_NONCE_MAX },
		{ "cnonce", PGP_CNONCE_MAX },
	};
	char value[256], text[160];
	struct pgp_params p;

	(void)state;
	memset(text, 'a', sizeof(text));
	for (size_t i = 0; i < N(t); i++) {
		snprintf(value, sizeof(value), "PGP %s=\"%.*s\"", t[i].name,
			 (int)t[i].max - 1, text);
		assert_int_equal(pgpauth_read(span_str(value), &p), PGP_ROW_OK);
		snprintf(value, sizeof(value), "PGP %s=\"%.*s\"", t[i].name,
			 (int)t[i].max, text);
		assert_int_equal(pgpauth_read(span_str(value), &p),
				 PGP_ROW_BAD);
	}
}

static const char message[] =
	"BYE sip:a@192.0.2.1 SIP/2.0\r\n"
	"Via: SIP/2.0/UDP 192.0.2.30;branch=z9hG4bK1\r\n"
	"From: <sip:b@example.org>;tag=b1\r\n"
	"To: <sip:a@example.org>;tag=a1\r\n"
	"Call-ID: x@y\r\n"
	"CSeq: 17 BYE\r\n"
	"Authorization: Digest username=\"b\"\r\n"
	"Authorization: PGP realm=\"one\", nonce=\"n\"\r\n"
	"X-Seal: PGP realm=\"own\"\r\n"
	"Proxy-Authorization: PGP realm=\"proxy\"\r\n"
	"AUTHORIZATION: PGP realm=two\r\n"
	"\r\n";

static void test_walk(void **state)
{
	static struct sip_msg m;
	const struct sip_row *row;
	struct pgp_params p;
	enum pgp_row what;
	size_t i = 0;

	(void)state;
	assert_int_equal(sipmsg_read(&m, SPAN_LIT(message), false), SIP_OK);
	row = pgpauth_next(&m, SIP_F_AUTHORIZATION, NULL, &i, &what, &p);
	assert_ptr_equal(row, &m.row[6]);
	assert_int_equal(what, PGP_ROW_OK);
	assert_span(p.realm, "one");
	row = pgpauth_next(&m, SIP_F_AUTHORIZATION, NULL, &i, &what, &p);
	assert_ptr_equal(row, &m.row[9]);
	assert_int_equal(what, PGP_ROW_BAD);
	assert_null(pgpauth_next(&m, SIP_F_AUTHORIZATION, NULL, &i, &what, &p));
	i = 0;
	row = pgpauth_next(&m, SIP_F_AUTHORIZATION, "x-seal", &i, &what, &p);
	assert_ptr_equal(row, &m.row[7]);
	assert_span(p.realm, "own");
	assert_null(
		pgpauth_next(&m, SIP_F_AUTHORIZATION, "x-seal", &i, &what, &p));
}

static void test_write(void **state)
{
	char text[512];
	struct buf b = buf_make(text, sizeof(text));
	struct pgp_params p = {
		.realm = SPAN_LIT("r"),
		.nonce = SPAN_LIT("n"),
		.cnonce = SPAN_LIT("c"),
		.signed_by = SPAN_LIT("sip:g@h"),
		.key = SPAN_LIT("K"),
		.cancel = SPAN_LIT("x"),
		.signature = SPAN_LIT("s"),
		.nc = 7,
		.cover_nat = true,
		.stale = true,
	};

	(void)state;
	pgpauth_write_challenge(&b, "WWW-Authenticate", &p);
	assert_span(buf_span(&b), "WWW-Authenticate: PGP realm=\"r\", "
				  "nonce=\"n\", algorithm=SHA256, "
				  "stale=true\r\n");
	b.len = 0;
	pgpauth_write_credentials(&b, "Authorization", &p);
	assert_span(buf_span(&b),
		    "Authorization: PGP realm=\"r\", nonce=\"n\", nc=7, "
		    "cnonce=\"c\", signed-by=\"sip:g@h\", key=\"K\", "
		    "cover=nat, cancel=\"x\", signature=\"s\"\r\n");
	p.signed_by = p.cancel = SPAN_NONE;
	p.cover_nat = p.stale = false;
	b.len = 0;
	pgpauth_write_credentials(&b, "Authentication-Info", &p);
	pgpauth_write_challenge(&b, "Proxy-Authenticate", &p);
	assert_span(buf_span(&b),
		    "Authentication-Info: PGP realm=\"r\", nonce=\"n\", nc=7, "
		    "cnonce=\"c\", key=\"K\", signature=\"s\"\r\n"
		    "Proxy-Authenticate: PGP realm=\"r\", nonce=\"n\", "
		    "algorithm=SHA256\r\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_credentials),
		cmocka_unit_test(test_any_octet),
		cmocka_unit_test(test_challenge),
		cmocka_unit_test(test_kinds),
		cmocka_unit_test(test_maxima),
		cmocka_unit_test(test_walk),
		cmocka_unit_test(test_write),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

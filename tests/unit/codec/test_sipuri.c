// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "codec/sipuri.h"

/* canonical NULL: EINVAL */
static const struct {
	const char *uri, *canonical;
} form[] = {
	{ "sip:alice@example.org", "sip:alice@example.org" },
	{ "sip:example.org", "sip:example.org" },
	/* case: of scheme and host not, of the user yes */
	{ "SIP:Alice@EXAMPLE.Org", "sip:Alice@example.org" },
	{ "sIpS:alice@example.org", "sip:alice@example.org" },
	/* ports */
	{ "sip:alice@example.org:5060", "sip:alice@example.org" },
	{ "sip:alice@example.org:5061", "sip:alice@example.org" },
	{ "sips:alice@example.org:05061", "sip:alice@example.org" },
	{ "sip:alice@example.org:5062", "sip:alice@example.org:5062" },
	{ "sip:alice@example.org:00080", "sip:alice@example.org:80" },
	{ "sip:example.org:65535;lr", "sip:example.org:65535" },
	{ "sip:alice@example.org:", NULL },
	{ "sip:alice@example.org:0", NULL },
	{ "sip:alice@example.org:65536", NULL },
	{ "sip:alice@example.org:99999999999999999999", NULL },
	{ "sip:alice@example.org:5060x", NULL },
	{ "sip:alice@example.org:-1", NULL },
	{ "sip:alice@example.org:50:60", NULL },
	{ "sip:alice@example.org:;lr", NULL },
	/* parameters, headers, passwords */
	{ "sip:alice@example.org;transport=tcp;lr", "sip:alice@example.org" },
	{ "sip:alice@example.org:5060;x=%20", "sip:alice@example.org" },
	{ "sip:alice@example.org?subject=a%20b&to=x", "sip:alice@example.org" },
	{ "sip:alice@example.org;x?y=z;w:1", "sip:alice@example.org" },
	{ "sip:alice:secret@example.org", "sip:alice@example.org" },
	{ "sip:alice:@example.org", "sip:alice@example.org" },
	{ "sip:alice:a&b%3a@example.org:5080", "sip:alice@example.org:5080" },
	{ "sip:alice:a:b@example.org", NULL },
	{ "sip:alice:a;b@example.org", NULL },
	{ "sip:alice:a%4@example.org", NULL },
	{ "sip:alice@example.org;x=a b", NULL },
	{ "sip:alice@example.org;x=<y>", NULL },
	{ "sip:alice@example.org;x=\"y\"", NULL },
	{ "sip:alice@example.org;x=\xc3\xa9", NULL },
	{ "sip:alice@example.org;x\n", NULL },
	/* which host is it? */
	{ "sip:alice@example.org;x=@evil.example", NULL },
	{ "sip:alice@example.org@evil.example", NULL },
	{ "sip:alice@example.org?x=y@evil.example", NULL },
	{ "sip:alice%40example.org@evil.example",
	  "sip:alice%40example.org@evil.example" },
	{ "sip:alice@evil.example%2eexample.org", NULL },
	{ "sip:alice@evil.example/example.org", NULL },
	{ "sip:alice@evil.example#example.org", NULL },
	{ "sip:alice@evil.example,example.org", NULL },
	/* a user may hold ";" and "?": they don't end it */
	{ "sip:alice;day=tuesday@atlanta.com",
	  "sip:alice;day=tuesday@atlanta.com" },
	{ "sip:a?b/c&d=e+f$g,h@x", "sip:a?b/c&d=e+f$g,h@x" },
	{ "sip:+1-212-555-1212:1234@gateway.com;user=phone",
	  "sip:+1-212-555-1212@gateway.com" },
	/* escapes: RFC 3261 section 19.1.4 */
	{ "sip:%61lice@example.org", "sip:alice@example.org" },
	{ "sip:%41%2d%5F%7e%2A@example.org", "sip:A-_~*@example.org" },
	{ "sip:a%3bb%3Fc%2b%25@example.org",
	  "sip:a%3Bb%3Fc%2B%25@example.org" },
	{ "sip:a%3bb@example.org", "sip:a%3Bb@example.org" },
	{ "sip:%c3%a9@example.org", "sip:%C3%A9@example.org" },
	{ "sip:a%00b@example.org", "sip:a%00b@example.org" },
	{ "sip:%23a@example.org", "sip:%23a@example.org" },
	{ "sip:a%2561@example.org", "sip:a%2561@example.org" },
	{ "sip:a%@example.org", NULL },
	{ "sip:a%4@example.org", NULL },
	{ "sip:a%4g@example.org", NULL },
	{ "sip:a%-1@example.org", NULL },
	/* users that are none */
	{ "sip:@example.org", NULL },
	{ "sip::secret@example.org", NULL },
	{ "sip:a b@example.org", NULL },
	{ "sip:a\"b@example.org", NULL },
	{ "sip:<a@example.org", NULL },
	{ "sip:a#b@example.org", NULL },
	{ "sip:[a@example.org", NULL },
	{ "sip:\xc3\xa9@example.org", NULL },
	/* hosts */
	{ "sip:a@192.0.2.1", "sip:a@192.0.2.1" },
	{ "sip:a@192.0.2.1:5070", "sip:a@192.0.2.1:5070" },
	{ "sip:a@example.org.", "sip:a@example.org" },
	{ "sip:a@pbx_1.local-net", "sip:a@pbx_1.local-net" },
	{ "sip:a@[2001:DB8:0:0::1]", "sip:a@[2001:db8::1]" },
	{ "sip:a@[2001:db8::1]:5060;lr", "sip:a@[2001:db8::1]" },
	{ "sip:[::1]:5070", "sip:[::1]:5070" },
	{ "sip:a@[::ffff:192.0.2.1]", "sip:a@[::ffff:192.0.2.1]" },
	{ "sip:a@[::1", NULL },
	{ "sip:a@::1]", NULL },
	{ "sip:a@[]", NULL },
	{ "sip:a@[::1%25lo]", NULL },
	{ "sip:a@[::1]x", NULL },
	{ "sip:a@[192.0.2.1]", NULL },
	{ "sip:a@[1111:2222:3333:4444:5555:6666:7777:8888:9999:0000:1111]",
	  NULL },
	{ "sip:a@.", NULL },
	{ "sip:a@..", NULL },
	{ "sip:a@.example.org", NULL },
	{ "sip:a@example..org", NULL },
	{ "sip:a@example.org..", NULL },
	{ "sip:a@", NULL },
	{ "sip:a@:5060", NULL },
	{ "sip:a@;lr", NULL },
	{ "sip:a@exam ple.org", NULL },
	{ "sip:a@ex\xc3\xa4mple.org", NULL },
	/* tel */
	{ "tel:+1-201-555-0123", "tel:+12015550123" },
	{ "TEL:+1(201)555.0123;phone-context=x", "tel:+12015550123" },
	{ "tel:+(-.)1", "tel:+1" },
	{ "tel:7042;phone-context=example.com", NULL },
	{ "tel:+", NULL },
	{ "tel:+-", NULL },
	{ "tel:+1 2", NULL },
	{ "tel:+1a", NULL },
	{ "tel:+1%32", NULL },
	{ "tel:+1;x=<", NULL },
	{ "tel:++1", NULL },
	{ "tel:", NULL },
	/* rubbish */
	{ "", NULL },
	{ "sip", NULL },
	{ "sip:", NULL },
	{ ":", NULL },
	{ "sip: alice@example.org", NULL },
	{ " sip:alice@example.org", NULL },
	{ "sip:alice@example.org ", NULL },
	{ "<sip:alice@example.org>", NULL },
	{ "\"A\" <sip:alice@example.org>", NULL },
	{ "sipx:alice@example.org", NULL },
	{ "http://example.org", NULL },
	{ "mailto:alice@example.org", NULL },
	{ "alice@example.org", NULL },
	{ "urn:service:sos", NULL },
};
#define FORMS (sizeof(form) / sizeof(*form))

static void canonical_forms(void **state)
{
	(void)state;
	for (size_t i = 0; i < FORMS; i++) {
		char out[SIPURI_MAX] = "?";
		int err = sipuri_canonical(out, span_str(form[i].uri));

		if (!form[i].canonical) {
			if (err != EINVAL || *out)
				fail_msg("%s: %d %s", form[i].uri, err, out);
		} else if (err || strcmp(out, form[i].canonical)) {
			fail_msg("%s: %d %s", form[i].uri, err, out);
		}
	}
}

static void canonical_of_a_canonical_form_is_itself(void **state)
{
	(void)state;
	for (size_t i = 0; i < FORMS; i++) {
		char out[SIPURI_MAX];

		if (!form[i].canonical)
			continue;
		assert_int_equal(
			sipuri_canonical(out, span_str(form[i].canonical)), 0);
		assert_string_equal(out, form[i].canonical);
	}
}

static void octets_a_string_could_not_hold(void **state)
{
	char out[SIPURI_MAX];

	(void)state;
	assert_int_equal(sipuri_canonical(out, SPAN_NONE), EINVAL);
	assert_int_equal(sipuri_canonical(out, SPAN_LIT("sip:a\0b@x")), EINVAL);
	assert_int_equal(sipuri_canonical(out, SPAN_LIT("sip:a@x\0y")), EINVAL);
	assert_int_equal(sipuri_canonical(out, SPAN_LIT("sip:a@x;\0")), EINVAL);
	assert_int_equal(sipuri_canonical(out, SPAN_LIT("sip:a@x:1\0")),
			 EINVAL);
	assert_int_equal(sipuri_canonical(out, SPAN_LIT("sip:a@[::1\0]")),
			 EINVAL);
	assert_int_equal(sipuri_canonical(out, SPAN_LIT("tel:+1\0")), EINVAL);
	assert_int_equal(sipuri_canonical(out, SPAN_LIT("sip\0:a@x")), EINVAL);
}

static void too_long(void **state)
{
	char uri[2 * SIPURI_MAX], out[SIPURI_MAX];
	const char head[] = "sip:";

	(void)state;
	memset(uri, 'a', sizeof(uri));
	memcpy(uri, head, 4);
	uri[9] = '@';
	assert_int_equal(sipuri_canonical(out, span_make(uri, 255)), 0);
	assert_int_equal(strlen(out), 255);
	assert_int_equal(sipuri_canonical(out, span_make(uri, 256)),
			 ENAMETOOLONG);
	assert_string_equal(out, "");
	/* what isn't kept doesn't count */
	uri[100] = ';';
	assert_int_equal(sipuri_canonical(out, span_make(uri, sizeof(uri))), 0);
	assert_int_equal(strlen(out), 100);
}

static void is(struct span got, const char *want)
{
	assert_int_equal(span_set(got), want != NULL);
	assert_true(span_eq(got, span_str(want)));
}

static void user_and_host(void **state)
{
	static const struct {
		const char *canonical, *user, *host;
	} row[] = {
		{ "sip:alice@example.org", "alice", "example.org" },
		{ "sip:alice@example.org:5080", "alice", "example.org" },
		{ "sip:a;b=c?d@x", "a;b=c?d", "x" },
		{ "sip:a%40b%3A@x", "a%40b%3A", "x" },
		{ "sip:example.org", NULL, "example.org" },
		{ "sip:example.org:5080", NULL, "example.org" },
		{ "sip:a@[2001:db8::1]", "a", "[2001:db8::1]" },
		{ "sip:a@[2001:db8::1]:5080", "a", "[2001:db8::1]" },
		{ "sip:[::1]", NULL, "[::1]" },
		{ "tel:+12015550123", NULL, NULL },
		{ "", NULL, NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(row) / sizeof(*row); i++) {
		is(sipuri_user(row[i].canonical), row[i].user);
		is(sipuri_host(row[i].canonical), row[i].host);
	}
}

static void patterns(void **state)
{
	static const struct {
		const char *pattern, *canonical;
		bool fits;
	} row[] = {
		{ "*", "sip:bob@example.org", true },
		{ "*", "tel:+1", true },
		{ "*", "", true },
		{ "", "", true },
		{ "", "sip:x", false },
		{ "**", "sip:x", true },
		{ "sip:bob@example.org", "sip:bob@example.org", true },
		{ "sip:bob@example.org", "sip:bob@example.org:5080", false },
		{ "sip:bob@example.org", "sip:bob@example.orga", false },
		{ "sip:bob@example.orga", "sip:bob@example.org", false },
		{ "sip:*@example.org", "sip:bob@example.org", true },
		{ "sip:*@example.org", "sip:example.org", false },
		{ "sip:*@example.org", "sip:bob@sub.example.org", false },
		{ "sip:*@example.org", "sip:bob@example.org.evil", false },
		{ "sip:*@example.org", "sip:bob%40example.org@evil", false },
		{ "sip:*@*.example.org", "sip:bob@a.b.example.org", true },
		{ "sip:bob@*", "sip:bob@x:5080", true },
		{ "sip:bob@*", "sip:bobby@x", false },
		{ "sip:*b*b@*", "sip:bobbyb@x", true },
		{ "sip:*b*b@*", "sip:bobbyx@x", false },
		{ "tel:+49*", "tel:+4930123456", true },
		{ "tel:+49*", "sip:+49@x", false },
		{ "*@*@*", "sip:a@b", false },
		{ "*.org", "sip:a@b.org.org", true },
		{ "*a*a*a*a*a*a*a*a*a*b",
		  "sip:"
		  "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
		  false },
		/* case counts in the user only */
		{ "SIP:*@Example.ORG", "sip:bob@example.org", true },
		{ "sip:Bob@example.org", "sip:bob@example.org", false },
		{ "sip:Bob@EXAMPLE.org", "sip:Bob@example.org", true },
		{ "sip:bob@example.org", "sip:Bob@example.org", false },
		{ "sip:EXAMPLE.org", "sip:example.org", true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(row) / sizeof(*row); i++) {
		if (sipuri_match(row[i].pattern, row[i].canonical) !=
		    row[i].fits)
			fail_msg("%s and %s", row[i].pattern, row[i].canonical);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(canonical_forms),
		cmocka_unit_test(canonical_of_a_canonical_form_is_itself),
		cmocka_unit_test(octets_a_string_could_not_hold),
		cmocka_unit_test(too_long),
		cmocka_unit_test(user_and_host),
		cmocka_unit_test(patterns),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

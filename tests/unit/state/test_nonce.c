// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <stdio.h>
#include <cmocka.h>

#include "base/digest.h"
#include "state/nonce.h"

#define NOW_S	 1795000000
#define NOW	 (UINT64_C(1000) * NOW_S)
#define LIFETIME 60
#define SKEW	 30

static const uint8_t secret[32] = "a secret of thirty-two octets..";
static const uint8_t other_secret[32] = "another one, also thirty-two...";

#define REALM	SPAN_LIT("edge.example.org")
#define CALL_ID SPAN_LIT("a84b4c76e66710")
#define TAG	SPAN_LIT("1928301774")

static int open_store(void **state)
{
	struct store *s;

	if (digest_init() || store_open(&s, NULL, 1000, 16))
		return 1;
	*state = s;
	return 0;
}

static int close_store(void **state)
{
	store_close(*state);
	return 0;
}

static enum nonce_word check(const char *nonce, int64_t after_s)
{
	return nonce_check(span_str(nonce), secret,
			   (uint64_t)((int64_t)NOW + 1000 * after_s), LIFETIME,
			   SKEW, REALM, CALL_ID, TAG);
}

static void test_challenge(void **state)
{
	char a[PGP_NONCE_MAX], b[PGP_NONCE_MAX];

	(void)state;
	nonce_make(a, secret, NOW, REALM, CALL_ID, TAG);
	nonce_make(b, secret, NOW, REALM, CALL_ID, TAG);
	assert_int_equal(strlen(a), NONCE_CHALLENGE_LEN);
	assert_string_not_equal(a, b);
	assert_int_equal(check(a, 0), NONCE_FRESH);
	assert_int_equal(check(a, LIFETIME), NONCE_FRESH);
	assert_int_equal(check(a, LIFETIME + 1), NONCE_OLD);
	assert_int_equal(check(a, 1000000), NONCE_OLD);
	/* one second of another clock, no more */
	assert_int_equal(check(a, -1), NONCE_FRESH);
	assert_int_equal(check(a, -2), NONCE_OLD);
}

/* Ours for this realm, call and party only. */
static void test_bound(void **state)
{
	static const struct {
		const char *realm, *call_id, *tag;
	} c[] = {
		{ "edge.example.net", "a84b4c76e66710", "1928301774" },
		{ "edge.example.org", "a84b4c76e66711", "1928301774" },
		{ "edge.example.org", "a84b4c76e66710", "1928301775" },
		{ "edge.example.org", "a84b4c76e667101", "928301774" },
		{ "edge.example.org", "a84b4c76e66710", "" },
	};
	char a[PGP_NONCE_MAX];

	(void)state;
	nonce_make(a, secret, NOW, REALM, CALL_ID, TAG);
	for (size_t i = 0; i < sizeof(c) / sizeof(*c); i++)
		assert_int_equal(nonce_check(span_str(a), secret, NOW, LIFETIME,
					     SKEW, span_str(c[i].realm),
					     span_str(c[i].call_id),
					     span_str(c[i].tag)),
				 NONCE_FOREIGN);
	assert_int_equal(nonce_check(span_str(a), other_secret, NOW, LIFETIME,
				     SKEW, REALM, CALL_ID, TAG),
			 NONCE_FOREIGN);
}

/* No octet of it can be changed, its time neither. */
static void test_changed(void **state)
{
	char a[PGP_NONCE_MAX], b[PGP_NONCE_MAX];

	(void)state;
	nonce_make(a, secret, NOW, REALM, CALL_ID, TAG);
	for (size_t i = 0; i < NONCE_CHALLENGE_LEN; i++) {
		memcpy(b, a, sizeof(b));
		b[i] = a[i] == 'A' ? 'B' : 'A';
		assert_int_equal(check(b, 0), NONCE_FOREIGN);
	}
}

static void test_foreign(void **state)
{
	static const char *const foreign[] = {
		"",
		"x",
		"AAAA",
		"dcd98b7102dd2f0e8b11d0f600bfb0c093",
		"AAAAAAAAAAAAAAAAAAA",
		"AAAAAAAAAAAAAAAAAAA!",
		"AAAAAAAAAAAAAAAAAA==",
		"AAAAAAAAAAAAAAAAAAAAA",
		"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
		"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
		"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA==",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(foreign) / sizeof(*foreign); i++)
		assert_int_equal(check(foreign[i], 0), NONCE_FOREIGN);
}

static void test_own(void **state)
{
	char a[PGP_NONCE_MAX], b[PGP_NONCE_MAX];

	(void)state;
	nonce_make_own(a, NOW);
	nonce_make_own(b, NOW);
	assert_int_equal(strlen(a), NONCE_OWN_LEN);
	assert_string_not_equal(a, b);
	assert_int_equal(check(a, 0), NONCE_OWN_FRESH);
	assert_int_equal(check(a, SKEW), NONCE_OWN_FRESH);
	assert_int_equal(check(a, -SKEW), NONCE_OWN_FRESH);
	assert_int_equal(check(a, SKEW + 1), NONCE_OWN_OLD);
	assert_int_equal(check(a, -SKEW - 1), NONCE_OWN_OLD);
}

static void test_cnonce(void **state)
{
	char a[PGP_CNONCE_MAX], b[PGP_CNONCE_MAX];

	(void)state;
	cnonce_make(a);
	cnonce_make(b);
	assert_int_equal(strlen(a), CNONCE_LEN);
	assert_string_not_equal(a, b);
}

static int use(struct store *s, const char *nonce, const char *scope,
	       uint32_t nc)
{
	return nonce_use(s, span_str(nonce), span_str(scope), nc, NOW,
			 NOW + 1000);
}

static void test_use(void **state)
{
	struct store *s = *state;

	assert_int_equal(use(s, "n", "alice", 0), EEXIST);
	assert_int_equal(use(s, "n", "alice", 1), 0);
	assert_int_equal(use(s, "n", "alice", 1), EEXIST);
	assert_int_equal(use(s, "n", "alice", 3), 0);
	/* overtaken on the way, once */
	assert_int_equal(use(s, "n", "alice", 2), 0);
	assert_int_equal(use(s, "n", "alice", 2), EEXIST);
	assert_int_equal(use(s, "n", "alice", 3), EEXIST);
	/* another signer's, another nonce */
	assert_int_equal(use(s, "n", "bob", 1), 0);
	assert_int_equal(use(s, "m", "alice", 1), 0);
	assert_int_equal(use(s, "na", "lice", 1), 0);
	/* still known by a later commit, forgotten when its time is over */
	store_commit(s);
	assert_int_equal(use(s, "n", "alice", 3), EEXIST);
	assert_int_equal(nonce_use(s, SPAN_LIT("n"), SPAN_LIT("alice"), 3,
				   NOW + 1000, NOW + 2000),
			 0);
}

/* A store that is full must refuse, not forget what was used. */
static void test_use_full(void **state)
{
	struct store *s;
	char nonce[PGP_NONCE_MAX], first[PGP_NONCE_MAX];
	int n = 0, err;

	(void)state;
	assert_int_equal(store_open(&s, NULL, 20, 16), 0);
	nonce_make_own(first, NOW);
	assert_int_equal(use(s, first, "x", 1), 0);
	do {
		nonce_make_own(nonce, NOW);
		err = use(s, nonce, "x", 1);
	} while (!err && ++n < 100);
	assert_int_equal(err, ENOSPC);
	assert_int_equal(n, 19);
	assert_int_equal(use(s, first, "x", 1), EEXIST);
	assert_int_equal(use(s, first, "x", 2), 0);
	store_close(s);
}

static void test_secret(void **state)
{
	uint8_t a[32], b[32];
	struct store *other;

	assert_int_equal(nonce_secret(*state, a), 0);
	store_commit(*state);
	assert_int_equal(nonce_secret(*state, b), 0);
	assert_memory_equal(a, b, 32);
	store_settle(*state, UINT64_MAX - 1, 100);
	assert_int_equal(nonce_secret(*state, b), 0);
	assert_memory_equal(a, b, 32);
	assert_int_equal(store_open(&other, NULL, 20, 16), 0);
	assert_int_equal(nonce_secret(other, b), 0);
	assert_memory_not_equal(a, b, 32);
	store_close(other);
}

static void test_to_tag(void **state)
{
	static const struct {
		const char *call_id, *tag;
		uint32_t cseq;
	} c[] = {
		{ "call", "tag", 2 },
		{ "call2", "tag", 1 },
		{ "call", "tag2", 1 },
		{ "callt", "ag", 1 },
	};
	char a[TO_TAG_MAX], b[TO_TAG_MAX];

	(void)state;
	nonce_to_tag(a, secret, SPAN_LIT("call"), SPAN_LIT("tag"), 1);
	nonce_to_tag(b, secret, SPAN_LIT("call"), SPAN_LIT("tag"), 1);
	assert_string_equal(a, b);
	/* a token (RFC 3261 section 19.3: 32 random bits at least) */
	assert_true(strlen(a) >= 11);
	assert_int_equal(strspn(a, "abcdefghijklmnopqrstuvwxyz0123456789"),
			 strlen(a));
	for (size_t i = 0; i < sizeof(c) / sizeof(*c); i++) {
		nonce_to_tag(b, secret, span_str(c[i].call_id),
			     span_str(c[i].tag), c[i].cseq);
		assert_string_not_equal(a, b);
	}
	nonce_to_tag(b, other_secret, SPAN_LIT("call"), SPAN_LIT("tag"), 1);
	assert_string_not_equal(a, b);
}

/* The nonce of a message of docs/vectors (run from the top), a minute old. */
static enum nonce_word vector(const char *path)
{
	static char text[4096];
	static struct sip_msg m;
	struct pgp_params p;
	enum pgp_row what;
	uint8_t key[32];
	size_t i = 0, n;
	FILE *f = fopen(path, "rb");

	assert_non_null(f);
	n = fread(text, 1, sizeof(text), f);
	fclose(f);
	for (uint8_t k = 0; k < sizeof(key); k++)
		key[k] = k;
	sipmsg_init();
	assert_int_equal(sipmsg_read(&m, span_make(text, n), true), SIP_OK);
	assert_non_null(
		pgpauth_next(&m, SIP_F_AUTHORIZATION, NULL, &i, &what, &p));
	return nonce_check(p.nonce, key, UINT64_C(1717243260000), 60, 60,
			   p.realm, m.call_id, m.from_tag);
}

static void test_vectors(void **state)
{
	(void)state;
	assert_int_equal(vector("docs/vectors/invite.sip"), NONCE_FRESH);
	assert_int_equal(vector("docs/vectors/bye.sip"), NONCE_FRESH);
	assert_int_equal(vector("docs/vectors/register.sip"), NONCE_FRESH);
	assert_int_equal(vector("docs/vectors/eager.sip"), NONCE_OWN_FRESH);
	assert_int_equal(vector("docs/vectors/nat.sip"), NONCE_OWN_FRESH);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_challenge),
		cmocka_unit_test(test_bound),
		cmocka_unit_test(test_changed),
		cmocka_unit_test(test_foreign),
		cmocka_unit_test(test_own),
		cmocka_unit_test(test_cnonce),
		cmocka_unit_test(test_use),
		cmocka_unit_test(test_use_full),
		cmocka_unit_test(test_secret),
		cmocka_unit_test(test_to_tag),
		cmocka_unit_test(test_vectors),
	};

	return cmocka_run_group_tests(tests, open_store, close_store);
}

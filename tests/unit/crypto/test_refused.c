/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Keys that nobody should speak with, in real keyrings: those that are not in
 * test_trust.c and test_pgp.c because gpg does not make them willingly. In the
 * trust model "always", so that nothing but the key itself is in the way.
 */
#include "keyring.h"

#include <errno.h>

#include "base/log.h"
#include "crypto/trust.h"

static struct keyring ring;

static int set_up(void **state)
{
	(void)state;
	log_open(false, 0);
	keyring_make(&ring);
	keyring_run(&ring, "echo trust-model always > $H/gpg.conf");
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	keyring_drop(&ring);
	return 0;
}

static const char *word_of(const char *fpr, const char *uri)
{
	struct trust_answer a;
	struct trust *t;

	assert_int_equal(trust_load(&t, ring.home, TRUST_LOAD_MS), 0);
	trust_check(t, fpr, uri, false, time(NULL), &a);
	trust_free(t);
	return trust_word_name(a.word);
}

/* ---- an RSA key of any length, without a signature on it ---- */

static size_t put_head(uint8_t *p, uint8_t tag, size_t len)
{
	p[0] = (uint8_t)(0x80 | tag << 2 | 1);
	p[1] = (uint8_t)(len >> 8);
	p[2] = (uint8_t)len;
	return 3;
}

static void rsa_key(struct blob *out, unsigned int bits, const char *uid)
{
	static const uint8_t head[] = { 4, 0x60, 0, 0, 0, 1 };
	static const uint8_t exponent[] = { 0, 17, 1, 0, 1 };
	size_t n = bits / 8, len = sizeof(head) + 2 + n + sizeof(exponent);
	uint8_t *p = out->b;

	p += put_head(p, 6, len);
	memcpy(p, head, sizeof(head));
	p += sizeof(head);
	*p++ = (uint8_t)(bits >> 8);
	*p++ = (uint8_t)bits;
	memset(p, 0xa5, n);
	p += n;
	memcpy(p, exponent, sizeof(exponent));
	p += sizeof(exponent);
	p += put_head(p, 13, strlen(uid));
	memcpy(p, uid, strlen(uid));
	out->len = (size_t)(p - out->b) + strlen(uid);
}

/* Nobody waits for a key of 16,384 bits to be made, nor for its signatures. */
static void test_huge_rsa(void **state)
{
	static const struct {
		unsigned int bits;
		const char *word;
	} row[] = {
		{ 1024, "cant-sign" }, { 2040, "cant-sign" },
		{ 2048, "valid" },     { 8192, "valid" },
		{ 8200, "cant-sign" }, { 16384, "cant-sign" },
	};
	static struct blob key;
	char uid[64], fpr[PGP_FPR_MAX];

	(void)state;
	keyring_run(&ring, "echo allow-non-selfsigned-uid >> $H/gpg.conf");
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		const char *w;

		snprintf(uid, sizeof(uid), "<sip:rsa%u@x>", row[i].bits);
		rsa_key(&key, row[i].bits, uid);
		keyring_in(&ring, "key", key.b, key.len);
		keyring_run(&ring, "$G --import $H/key");
		keyring_fpr(&ring, uid, 0, fpr);
		snprintf(uid, sizeof(uid), "sip:rsa%u@x", row[i].bits);
		w = word_of(fpr, uid);
		if (strcmp(w, row[i].word))
			fail_msg("RSA-%u: %s", row[i].bits, w);
	}
}

static void test_future(void **state)
{
	char fpr[PGP_FPR_MAX], when[64];

	(void)state;
	snprintf(when, sizeof(when), "--faked-system-time %ld!",
		 (long)time(NULL) + 86400);
	keyring_gen(&ring, "<sip:morrow@x>", "ed25519", "sign", "never", when,
		    fpr);
	assert_string_equal(word_of(fpr, "sip:morrow@x"), "cant-sign");
}

/* A signing subkey that will be made tomorrow, on a key that is well. */
static void test_future_subkey(void **state)
{
	char fpr[PGP_FPR_MAX], when[64];

	(void)state;
	snprintf(when, sizeof(when), "--faked-system-time %ld!",
		 (long)time(NULL) + 86400);
	keyring_gen(&ring, "<sip:sub@x>", "ed25519", "cert", "never", "", fpr);
	keyring_add_subkey(&ring, fpr, "ed25519", "sign", "never", when);
	assert_string_equal(word_of(fpr, "sip:sub@x"), "cant-sign");
	keyring_add_subkey(&ring, fpr, "ed25519", "sign", "never", "");
	assert_string_equal(word_of(fpr, "sip:sub@x"), "valid");
}

/* Names, key IDs and the like, which gpg would find a key by. */
static void test_sign_by_name(void **state)
{
	static const char *const name[] = { "", "me", "<sip:me@x>", "0x", " " };
	struct pgp_conf conf = { .home = ring.home,
				 .sign_engine = "gpgme",
				 .verify_engine = "gpgme",
				 .timeout_ms = PATIENT_MS };
	char fpr[PGP_FPR_MAX], other[80];
	uint8_t sig[PGP_SIG_MAX];
	struct pgp_ctx *ctx;
	struct pgp *pgp;
	size_t len;

	(void)state;
	keyring_gen(&ring, "me <sip:me@x>", "ed25519", "sign", "never", "",
		    fpr);
	assert_int_equal(pgp_open(&pgp, &conf), 0);
	assert_int_equal(pgp_ctx_open(&ctx, pgp), 0);
	for (size_t i = 0; i < sizeof(name) / sizeof(name[0]); i++)
		assert_int_equal(
			pgp_sign(ctx, name[i], span_str("x"), sig, &len),
			ENOKEY);
	assert_int_equal(pgp_sign(ctx, fpr + 24, span_str("x"), sig, &len),
			 ENOKEY);
	snprintf(other, sizeof(other), "0x%s", fpr);
	assert_int_equal(pgp_sign(ctx, other, span_str("x"), sig, &len),
			 ENOKEY);
	snprintf(other, sizeof(other), "%s!", fpr);
	assert_int_equal(pgp_sign(ctx, other, span_str("x"), sig, &len),
			 ENOKEY);
	assert_int_equal(pgp_sign(ctx, fpr, span_str("x"), sig, &len), 0);
	pgp_ctx_close(ctx);
	pgp_close(pgp);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_huge_rsa),
		cmocka_unit_test(test_future),
		cmocka_unit_test(test_future_subkey),
		cmocka_unit_test(test_sign_by_name),
	};

	return cmocka_run_group_tests_name("refused", tests, set_up, tear_down);
}

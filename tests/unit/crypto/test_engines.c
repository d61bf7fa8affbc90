// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The engines against each other. Signatures, good and altered in every way we
 * could think of, go through "fast", through gpg and through librnp, which
 * knows nothing of either: what "fast" accepts, both others must. And what we
 * write, gpg must hold good.
 *
 * The octets are of a generator with a fixed start; the keys are new each time.
 */
#include "keyring.h"

#include <errno.h>
#include <gcrypt.h>
#include <pthread.h>
#include <rnp/rnp.h>
#include <signal.h>
#include <sodium.h>
#include <stdatomic.h>

#include "base/clock.h"
#include "base/log.h"
#include "crypto/engine.h"
#include "crypto/home.h"
#include "crypto/keymath.h"
#include "crypto/sigframe.h"
#include "crypto/trust.h"

#define TEXT	 "SIP-PGP-AUTH/1 request\nmethod 6\nINVITE\n"
#define PAST	 "--faked-system-time 20200101T120000!"
#define ASK_GPG	 31   /* every so many cases; and whenever fast accepts */
#define AGENT_MS 2000 /* to wait for an agent that hangs */

enum {
	ED25519,
	RSA2048,
	RSA3072,
	P256,
	P384,
	P521,
	PRIMARIES,
	SUBKEY = PRIMARIES,
	KEYS
};

static const char *const algo_name[] = { "ed25519",  "rsa2048",	 "rsa3072",
					 "nistp256", "nistp384", "nistp521" };

/* An engine by its own, and its context. */
struct bare {
	const struct pgp_engine *ops;
	void *engine, *ctx;
};

static struct keyring ring;
static char key_fpr[KEYS][PGP_FPR_MAX]; /* primaries */
static char sub_fpr[PGP_FPR_MAX];
static struct trust *trust;
static struct snapshot keys;
static struct bare fast, gpgme, agent;
static rnp_ffi_t rnp;
static bool above_order; /* see may_differ() */
static size_t cases, asked_gpg, accepted;

/* ---- setting up ---- */

static void bare_open(struct bare *b, const struct pgp_engine *ops,
		      unsigned int timeout_ms)
{
	const struct pgp_conf conf = { ring.home, ops->name, ops->name,
				       timeout_ms };

	b->ops = ops;
	assert_int_equal(ops->open(&b->engine, &conf, &keys), 0);
	assert_int_equal(ops->ctx_open(&b->ctx, b->engine, false), 0);
}

static void bare_close(struct bare *b)
{
	b->ops->ctx_close(b->ctx);
	b->ops->close(b->engine);
}

static void reload(void)
{
	struct trust *t;

	assert_int_equal(trust_load(&t, ring.home, TRUST_LOAD_MS), 0);
	snapshot_set(&keys, t);
	trust_free(trust);
	trust = t;
}

static void rnp_load(void)
{
	struct blob b;
	rnp_input_t in;

	if (rnp)
		rnp_ffi_destroy(rnp);
	assert_int_equal(rnp_ffi_create(&rnp, "GPG", "GPG"), 0);
	keyring_run(&ring, "$G --export > $H/public");
	keyring_out(&ring, &b, "public");
	assert_int_equal(rnp_input_from_memory(&in, b.b, b.len, false), 0);
	assert_int_equal(
		rnp_load_keys(rnp, "GPG", in, RNP_LOAD_SAVE_PUBLIC_KEYS), 0);
	rnp_input_destroy(in);
}

static int set_up(void **state)
{
	(void)state;
	log_open(false, 0);
	keyring_make(&ring);
	for (int i = 0; i < PRIMARIES; i++)
		keyring_gen(&ring, algo_name[i], algo_name[i], "sign", "never",
			    "", key_fpr[i]);
	keyring_gen(&ring, "subkey", "ed25519", "cert", "never", "",
		    key_fpr[SUBKEY]);
	keyring_add_subkey(&ring, key_fpr[SUBKEY], "ed25519", "sign", "never",
			   "");
	keyring_fpr(&ring, key_fpr[SUBKEY], 1, sub_fpr);
	snapshot_init(&keys);
	reload();
	rnp_load();
	bare_open(&fast, &pgp_engine_fast, PATIENT_MS);
	bare_open(&gpgme, &pgp_engine_gpgme, PATIENT_MS);
	bare_open(&agent, &pgp_engine_agent, PATIENT_MS);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	print_message("%zu cases, %zu of them also to gpg, %zu accepted by "
		      "\"fast\"\n",
		      cases, asked_gpg, accepted);
	bare_close(&agent);
	bare_close(&gpgme);
	bare_close(&fast);
	rnp_ffi_destroy(rnp);
	snapshot_destroy(&keys);
	trust_free(trust);
	keyring_drop(&ring);
	return 0;
}

static uint32_t chance(void)
{
	static uint64_t x = 0x9e3779b97f4a7c15u;

	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	return (uint32_t)(x >> 32);
}

/* ---- asking ---- */

static enum pgp_result ask(const struct bare *b, struct span text,
			   struct span sig, char signer[PGP_FPR_MAX])
{
	signer[0] = '\0';
	return b->ops->verify(b->ctx, text, sig, signer);
}

/* librnp asks time(), whose clock may stand a tick behind ours, and takes
 * nothing that is newer than it. */
static void let_time_pass(struct span sig)
{
	struct sigframe f;

	if (sigframe_read(&f, sig) || f.created > time(NULL) + 2)
		return;
	while (f.created > time(NULL))
		usleep(1000);
}

static bool rnp_accepts(struct span text, struct span sig)
{
	rnp_input_t in, sig_in;
	rnp_op_verify_t op;
	rnp_op_verify_signature_t s;
	size_t n = 0;
	bool ok;

	let_time_pass(sig);
	rnp_input_from_memory(&in, (const uint8_t *)text.p, text.len, false);
	rnp_input_from_memory(&sig_in, (const uint8_t *)sig.p, sig.len, false);
	assert_int_equal(rnp_op_verify_detached_create(&op, rnp, in, sig_in),
			 0);
	ok = !rnp_op_verify_execute(op) &&
	     !rnp_op_verify_get_signature_count(op, &n) && n == 1 &&
	     !rnp_op_verify_get_signature_at(op, 0, &s) &&
	     !rnp_op_verify_signature_get_status(s);
	rnp_op_verify_destroy(op);
	rnp_input_destroy(sig_in);
	rnp_input_destroy(in);
	return ok;
}

static void dump(struct span sig)
{
	for (size_t i = 0; i < sig.len; i++)
		print_error("%02x", (uint8_t)sig.p[i]);
	print_error("\n");
}

#define fail_case(sig, ...)                                                    \
	do {                                                                   \
		dump(sig);                                                     \
		fail_msg(__VA_ARGS__);                                         \
	} while (0)

/* Clocks differ, and we allow for it; librnp does not. */
static bool made_ahead(struct span sig)
{
	struct sigframe f;

	return !sigframe_read(&f, sig) && f.created > time(NULL) + 2;
}

/* The two octets that say how the hash begins: gpg does not look at them. */
static bool check_is_wrong(struct span text, struct span sig)
{
	uint8_t digest[64];
	struct sigframe f;
	gcry_buffer_t v[2] = { { .len = text.len, .data = (void *)text.p },
			       { .len = sizeof(f.trailer),
				 .data = f.trailer } };

	if (sigframe_read(&f, sig))
		return false;
	gcry_md_hash_buffers(f.hash == SIGFRAME_SHA512 ? GCRY_MD_SHA512
						       : GCRY_MD_SHA256,
			     0, digest, v, 2);
	return memcmp(digest, f.check, 2) != 0;
}

/*
 * Where fast is the stricter one. gpg looks a key up by its ID alone, so that
 * it calls bad what is by no key of that fingerprint; and libgcrypt takes an
 * EdDSA s that is not below the order of the group.
 */
static bool may_differ(enum pgp_result f, enum pgp_result g, struct span text,
		       struct span sig)
{
	if (f == PGP_NO_KEY)
		return g == PGP_BAD;
	return f == PGP_BAD && g == PGP_GOOD &&
	       (above_order || check_is_wrong(text, sig));
}

/* One case through all of them. What fast says; it says what gpg says, where
 * both are asked and it says anything. */
static enum pgp_result compare(struct span text, struct span sig)
{
	char by[2][PGP_FPR_MAX];
	enum pgp_result f = ask(&fast, text, sig, by[0]), g;

	cases++;
	accepted += f == PGP_GOOD;
	if (f == PGP_GOOD && !made_ahead(sig) && !rnp_accepts(text, sig))
		fail_case(sig, "fast accepts what librnp refuses");
	if (f != PGP_GOOD && chance() % ASK_GPG)
		return f;
	asked_gpg++;
	g = ask(&gpgme, text, sig, by[1]);
	if (f == PGP_GOOD && (g != PGP_GOOD || strcmp(by[0], by[1])))
		fail_case(sig, "fast accepts what gpg calls %s",
			  pgp_result_name(g));
	if (f != PGP_NOT_MINE && f != g && !may_differ(f, g, text, sig))
		fail_case(sig, "fast says %s, gpg %s", pgp_result_name(f),
			  pgp_result_name(g));
	return f;
}

static enum pgp_result compare_blob(const char *text, const struct blob *b)
{
	return compare(span_str(text), span_make(b->b, b->len));
}

/* A good signature by key i, fast's or the agent's. */
static void sign_by(const struct bare *b, const char *fpr, const char *text,
		    struct blob *sig)
{
	int err = b->ops->sign(b->ctx, fpr, span_str(text), sig->b, &sig->len);

	if (err)
		fail_msg("%s, key %s: %s", b->ops->name, fpr, strerror(err));
}

/* gpg's and librnp's word on it, and fast's. */
static void hold_good(const char *text, const struct blob *sig, const char *by)
{
	keyring_in(&ring, "sig", sig->b, sig->len);
	keyring_in(&ring, "text", text, strlen(text));
	keyring_run(&ring,
		    "$G --status-fd 1 --verify $H/sig $H/text | grep -q "
		    "'VALIDSIG .*%s'",
		    by);
	assert_true(rnp_accepts(span_str(text), span_make(sig->b, sig->len)));
	assert_int_equal(compare_blob(text, sig), PGP_GOOD);
}

/* gpg has seen the subkey sign: from here on fast may accept it. */
static void vouch(void)
{
	const struct pgp_conf conf = { ring.home, "fast", "fast", PATIENT_MS };
	char signer[PGP_FPR_MAX];
	struct pgp_ctx *c;
	struct blob sig;
	struct pgp *p;

	assert_int_equal(pgp_open(&p, &conf), 0);
	pgp_set_trust(p, trust);
	assert_int_equal(pgp_ctx_open(&c, p), 0);
	sign_by(&fast, sub_fpr, TEXT, &sig);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(pgp_verify(c, span_str(TEXT),
					    span_make(sig.b, sig.len), signer),
				 PGP_GOOD);
		assert_string_equal(signer, key_fpr[SUBKEY]);
	}
	/* the first went to gpg, if it was the first */
	assert_in_range(pgp_counters(p).fallback, 0, 1);
	assert_int_equal(pgp_counters(p).fast + pgp_counters(p).fallback, 3);
	pgp_ctx_close(c);
	pgp_close(p);
}

/* ---- what we write ---- */

static void written_by(const struct bare *b)
{
	struct blob sig;
	char text[64];

	for (int i = 0; i < KEYS; i++) {
		snprintf(text, sizeof(text), "%s %d", b->ops->name, i);
		sign_by(b, key_fpr[i], text, &sig);
		hold_good(text, &sig, key_fpr[i]);
	}
	sign_by(b, sub_fpr, TEXT, &sig);
	hold_good(TEXT, &sig, sub_fpr);
}

static void test_subkey_needs_gpgs_word(void **state)
{
	struct blob sig;

	(void)state;
	sign_by(&fast, sub_fpr, TEXT, &sig);
	assert_int_equal(compare_blob(TEXT, &sig), PGP_NOT_MINE);
	vouch();
	assert_int_equal(compare_blob(TEXT, &sig), PGP_GOOD);
}

static void test_written(void **state)
{
	(void)state;
	vouch();
	written_by(&fast);
	written_by(&agent);
}

/* So many, and with Ed25519 until one was short, which one in 128 is. */
static bool enough(size_t kind, int n, size_t shortest)
{
	if (kind)
		return n == 60;
	return n == 20000 || (n >= 700 && shortest < 119);
}

/* Numbers that begin with zeroes come up once in 256: all lengths must do. */
static void test_many_written(void **state)
{
	static const int kind[] = { ED25519, P256, P521 };
	char text[64];
	struct blob sig;
	size_t shortest = 1000;

	(void)state;
	for (size_t k = 0; k < 3; k++) {
		for (int i = 0; !enough(k, i, shortest); i++) {
			snprintf(text, sizeof(text), "text %d", i);
			sign_by(&fast, key_fpr[kind[k]], text, &sig);
			if (!rnp_accepts(span_str(text),
					 span_make(sig.b, sig.len)))
				fail_case(span_make(sig.b, sig.len),
					  "librnp refuses ours");
			if (!k && sig.len < shortest)
				shortest = sig.len;
			if (k || sig.len < 119)
				assert_int_equal(compare_blob(text, &sig),
						 PGP_GOOD);
		}
	}
	assert_in_range(shortest, 100, 118);
}

/* ---- what is altered ---- */

static void compare_altered(const struct blob *sig, const char *text)
{
	enum pgp_result r = compare_blob(text, sig);

	if (r == PGP_GOOD)
		fail_case(span_make(sig->b, sig->len), "accepted");
}

/* Every bit of a packet, or every step-th. */
static void flip(int key, size_t step)
{
	struct blob sig;

	sign_by(&fast, key_fpr[key], TEXT, &sig);
	assert_int_equal(compare_blob(TEXT, &sig), PGP_GOOD);
	for (size_t i = 0; i < 8 * sig.len; i += step) {
		sig.b[i / 8] ^= (uint8_t)(1 << i % 8);
		compare_altered(&sig, TEXT);
		sig.b[i / 8] ^= (uint8_t)(1 << i % 8);
	}
}

static void test_flipped(void **state)
{
	(void)state;
	flip(ED25519, 1);
	flip(SUBKEY, 3);
	flip(P256, 3);
	flip(P384, 11);
	flip(P521, 13);
	flip(RSA2048, 5);
	flip(RSA3072, 9);
}

static void test_several_octets(void **state)
{
	struct blob sig, other;

	(void)state;
	for (int i = 0; i < 1200; i++) {
		sign_by(&fast, key_fpr[i % 3 ? ED25519 : P256], TEXT, &sig);
		other = sig;
		for (uint32_t n = 1 + chance() % 6; n; n--)
			other.b[chance() % other.len] = (uint8_t)chance();
		if (memcmp(sig.b, other.b, sig.len))
			compare_altered(&other, TEXT);
	}
}

static void test_text_altered(void **state)
{
	static const int kind[] = { ED25519, RSA2048, P256, SUBKEY };
	char text[sizeof(TEXT) + 8];
	struct blob sig;

	(void)state;
	for (size_t k = 0; k < 4; k++) {
		sign_by(&fast, key_fpr[kind[k]], TEXT, &sig);
		for (size_t i = 0; i < strlen(TEXT); i++) {
			strcpy(text, TEXT);
			text[i] ^= 1 << chance() % 7;
			compare_altered(&sig, text);
			strcpy(text, TEXT);
			text[i] = '\0';
			compare_altered(&sig, text);
		}
		for (size_t i = 1; i < 8; i++) {
			strcpy(text, TEXT);
			memset(text + strlen(TEXT), 'x', i);
			text[strlen(TEXT) + i] = '\0';
			compare_altered(&sig, text);
		}
	}
}

static void test_truncated_and_extended(void **state)
{
	struct blob sig, more;

	(void)state;
	for (int k = 0; k < KEYS; k++) {
		sign_by(&fast, key_fpr[k], TEXT, &sig);
		for (size_t n = 0; n < sig.len; n++) {
			more = sig;
			more.len = n;
			compare_altered(&more, TEXT);
			/* and with a length that is right again */
			if (n > 2 && sig.b[0] == 0x88)
				more.b[1] = (uint8_t)(n - 2);
			compare_altered(&more, TEXT);
		}
		for (size_t n = 1; n <= 8; n++) {
			more = sig;
			memset(more.b + more.len, (int)chance(), n);
			more.len += n;
			compare_altered(&more, TEXT);
			if (sig.b[0] == 0x88)
				more.b[1] = (uint8_t)(more.b[1] + n);
			compare_altered(&more, TEXT);
		}
	}
}

static void test_other_framing(void **state)
{
	struct blob sig, b;

	(void)state;
	sign_by(&fast, key_fpr[ED25519], TEXT, &sig);
	/* the new form; two octets of length; four */
	b = sig;
	b.b[0] = 0xc2;
	assert_int_equal(compare_blob(TEXT, &b), PGP_GOOD);
	b.b[0] = 0x89;
	b.b[1] = 0;
	memcpy(b.b + 2, sig.b + 1, sig.len - 1);
	b.len = sig.len + 1;
	assert_int_equal(compare_blob(TEXT, &b), PGP_GOOD);
	b.b[0] = 0x8a;
	memset(b.b + 1, 0, 3);
	memcpy(b.b + 4, sig.b + 1, sig.len - 1);
	b.len = sig.len + 3;
	assert_int_equal(compare_blob(TEXT, &b), PGP_GOOD);
	/* twice */
	b = sig;
	memcpy(b.b + sig.len, sig.b, sig.len);
	b.len = 2 * sig.len;
	compare_altered(&b, TEXT);
}

/* Somebody else's name on it, in one place or in both. */
static void test_other_issuer(void **state)
{
	struct sigframe f;
	struct blob sig, b;

	(void)state;
	for (int k = 0; k < KEYS; k++) {
		sign_by(&fast, key_fpr[k], TEXT, &sig);
		for (int other = 0; other < KEYS; other++) {
			uint8_t fpr[SIGFRAME_FPR];
			size_t n;

			if (other == k)
				continue;
			assert_int_equal(
				sigframe_read(&f, span_make(sig.b, sig.len)),
				0);
			sodium_hex2bin(fpr, sizeof(fpr), key_fpr[other], 40,
				       NULL, &n, NULL);
			memcpy(f.fpr, fpr, sizeof(fpr));
			/* the unhashed one only: written, then mended */
			assert_int_equal(sigframe_write(&f, b.b, 4096, &b.len),
					 0);
			compare_altered(&b, TEXT);
			sigframe_begin(&f);
			assert_int_equal(sigframe_write(&f, b.b, 4096, &b.len),
					 0);
			compare_altered(&b, TEXT);
		}
	}
}

/* ---- numbers with tricks ---- */

/* out = a + b, of n octets; false when it does not fit. */
static bool add(uint8_t *out, const uint8_t *a, const uint8_t *b, size_t n)
{
	unsigned int carry = 0;

	while (n--) {
		carry += a[n] + b[n];
		out[n] = (uint8_t)carry;
		carry >>= 8;
	}
	return !carry;
}

static void compare_numbers(struct sigframe *f, struct span r, struct span s)
{
	struct blob b;

	f->number[0] = r;
	f->number[1] = s;
	if (!sigframe_write(f, b.b, 4096, &b.len))
		compare_altered(&b, TEXT);
}

/* An EdDSA s plus the group's order is the same s, to a careless eye. */
static void test_eddsa_malleability(void **state)
{
	/* 2^252 + 27742317777372353535851937790883648493, little endian */
	static const uint8_t order[32] = { 0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63,
					   0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2,
					   0xde, 0xf9, 0xde, 0x14, 0,	 0,
					   0,	 0,    0,    0,	   0,	 0,
					   0,	 0,    0,    0,	   0,	 0,
					   0,	 0x10 };
	uint8_t r[32], s[32], sum[32];
	struct sigframe f;
	struct blob sig;

	(void)state;
	sign_by(&fast, key_fpr[ED25519], TEXT, &sig);
	assert_int_equal(sigframe_read(&f, span_make(sig.b, sig.len)), 0);
	memset(r, 0, sizeof(r));
	memset(s, 0, sizeof(s));
	memcpy(r + 32 - f.number[0].len, f.number[0].p, f.number[0].len);
	memcpy(s + 32 - f.number[1].len, f.number[1].p, f.number[1].len);
	for (int times = 0; times < 14; times++) {
		unsigned int carry = 0;

		for (int i = 0; i < 32; i++) {
			carry += s[i] + order[i];
			sum[i] = (uint8_t)carry;
			carry >>= 8;
		}
		if (carry)
			break;
		above_order = true;
		compare_numbers(&f, span_make(r, 32), span_make(sum, 32));
		above_order = false;
		memcpy(s, sum, 32);
	}
}

static void test_small_numbers(void **state)
{
	static const int kind[] = { ED25519, P256, RSA2048 };
	static const uint8_t little[3][1] = { { 1 }, { 2 }, { 0xff } };
	struct sigframe f;
	struct blob sig;

	(void)state;
	for (size_t k = 0; k < 3; k++) {
		sign_by(&fast, key_fpr[kind[k]], TEXT, &sig);
		assert_int_equal(sigframe_read(&f, span_make(sig.b, sig.len)),
				 0);
		for (size_t i = 0; i < 3; i++) {
			struct span one = span_make(little[i], 1);
			struct sigframe g = f;

			compare_numbers(&g, one, one);
			compare_numbers(&g, one, f.number[1]);
			if (kind[k] != RSA2048)
				compare_numbers(&g, f.number[0], one);
		}
		if (kind[k] != RSA2048) {
			struct sigframe g = f;

			compare_numbers(&g, f.number[1], f.number[0]);
			compare_numbers(&g, f.number[0], f.number[0]);
		}
	}
}

static void test_rsa_plus_modulus(void **state)
{
	uint8_t s[256], sum[256];
	struct trust_maker m;
	struct sigframe f;
	struct blob sig;
	char text[32];
	bool fits = false;

	(void)state;
	assert_true(trust_maker(trust, key_fpr[RSA2048], time(NULL), &m));
	assert_non_null(m.pub);
	assert_int_equal(m.pub->len1, 256);
	/* until there is one that leaves room for it: with a modulus that is
	 * near the top of its length, few do */
	for (int i = 0; i < 100000 && !fits; i++) {
		snprintf(text, sizeof(text), "text %d", i);
		sign_by(&fast, key_fpr[RSA2048], text, &sig);
		assert_int_equal(sigframe_read(&f, span_make(sig.b, sig.len)),
				 0);
		memset(s, 0, sizeof(s));
		memcpy(s + 256 - f.number[0].len, f.number[0].p,
		       f.number[0].len);
		fits = add(sum, s, m.pub->octets, 256);
	}
	assert_true(fits);
	f.number[0] = span_make(sum, 256);
	assert_int_equal(sigframe_write(&f, sig.b, 4096, &sig.len), 0);
	assert_int_equal(ask(&fast, span_str(text), span_make(sig.b, sig.len),
			     (char[PGP_FPR_MAX]){ 0 }),
			 PGP_BAD);
	assert_false(rnp_accepts(span_str(text), span_make(sig.b, sig.len)));
}

/* ---- what holds, but is not of our form ---- */

static void test_other_forms(void **state)
{
	static const char *const options[] = {
		"",
		"--digest-algo SHA384",
		"--default-sig-expire 1d",
		"--sig-notation x@example.org=1",
		"--sig-notation '!x@example.org=1'",
		"--sig-policy-url https://example.org/",
		"--sender rsa2048@example.org",
	};
	struct blob sig;

	(void)state;
	for (int k = 0; k < KEYS; k++) {
		for (size_t i = 0; i < sizeof(options) / sizeof(options[0]);
		     i++) {
			bool ours = i == 0 && k != P384;
			enum pgp_result r;

			if (i == 1 && k == P521)
				continue; /* too short for gpg to make */
			keyring_sign(&ring, key_fpr[k], options[i], TEXT, &sig);
			r = compare_blob(TEXT, &sig);
			if (r != (ours ? PGP_GOOD : PGP_NOT_MINE))
				fail_msg("key %d, %s: %d", k, options[i], r);
		}
	}
}

/* By user ID instead of fingerprint: gpg adds the signer's. */
static void test_signers_uid(void **state)
{
	struct blob sig;

	(void)state;
	keyring_in(&ring, "text", TEXT, strlen(TEXT));
	keyring_gen(&ring, "uid@example.org", "ed25519", "sign", "never", "",
		    NULL);
	keyring_run(&ring, "$G -u uid@example.org -b -o $H/sig $H/text");
	keyring_out(&ring, &sig, "sig");
	reload();
	rnp_load();
	vouch();
	assert_int_equal(compare_blob(TEXT, &sig), PGP_NOT_MINE);
}

/* ---- keys of which GnuPG says no ---- */

/* With a secret key that we hold ourselves: nobody asks whether it may. */
static struct seckey *take_secret(const char *fpr);

struct wanted {
	const char *fpr;
	struct seckey *key;
};

static void take_one(void *arg, uint8_t tag, struct span body)
{
	struct wanted *w = arg;
	char fpr[PGP_FPR_MAX];
	struct keypacket k;

	(void)tag;
	if (keypacket_read(&k, body, true))
		return;
	keymath_fingerprint(fpr, &k);
	if (!strcmp(fpr, w->fpr))
		assert_int_equal(seckey_new(&w->key, &k), 0);
}

static struct seckey *take_secret(const char *fpr)
{
	struct wanted want = { fpr, NULL };
	struct packets w = {
		.wanted_tags = 1ull << PACKETS_SECRET_KEY |
			       1ull << PACKETS_SECRET_SUBKEY,
		.each = take_one,
		.arg = &want,
	};

	assert_int_equal(home_export_secret(ring.home, "gpg", fpr, &w), 0);
	assert_non_null(want.key);
	return want.key;
}

static enum pgp_result signed_at(const char *fpr, int64_t when)
{
	struct seckey *key = take_secret(fpr);
	struct blob sig;

	assert_int_equal(seckey_sign(key, fpr, (uint32_t)when, span_str(TEXT),
				     sig.b, &sig.len),
			 0);
	seckey_free(key);
	return compare_blob(TEXT, &sig);
}

static void test_times(void **state)
{
	struct trust_maker m;

	(void)state;
	for (int k = 0; k <= P256; k += P256) {
		int64_t now = (int64_t)(clock_wall_ms() / 1000);

		assert_true(trust_maker(trust, key_fpr[k], time(NULL), &m));
		assert_int_equal(signed_at(key_fpr[k], now), PGP_GOOD);
		assert_int_equal(signed_at(key_fpr[k], m.created), PGP_GOOD);
		assert_int_equal(signed_at(key_fpr[k], now + 30), PGP_GOOD);
		assert_int_equal(signed_at(key_fpr[k], now + 3600),
				 PGP_SIGNATURE_TIME);
		assert_int_equal(signed_at(key_fpr[k], m.created - 1),
				 PGP_SIGNATURE_TIME);
		assert_int_equal(signed_at(key_fpr[k], 0), PGP_SIGNATURE_TIME);
		assert_int_equal(signed_at(key_fpr[k], 0xffffffff),
				 PGP_SIGNATURE_TIME);
	}
}

static void say_no(const char *uid, const char *expire, const char *when,
		   const char *edit, bool revoke, enum pgp_result r)
{
	char fpr[PGP_FPR_MAX];
	int64_t then;

	keyring_gen(&ring, uid, "ed25519", "sign", expire, when, fpr);
	if (*edit)
		keyring_edit(&ring, fpr, edit);
	if (revoke)
		keyring_revoke(&ring, fpr);
	reload();
	/* not before the key was made */
	then = strcmp(when, PAST) ? (int64_t)time(NULL) : 1577880000 + 60;
	assert_int_equal(signed_at(fpr, then), r);
}

static void test_keys_refused(void **state)
{
	struct blob sig;

	(void)state;
	say_no("expired", "1y", PAST, "", false, PGP_KEY_EXPIRED);
	say_no("revoked", "never", "", "", true, PGP_KEY_REVOKED);
	say_no("disabled", "never", "", "disable\nquit\n", false,
	       PGP_KEY_UNUSABLE);
	say_no("certify", "never", "", "change-usage\ns\nq\nsave\n", false,
	       PGP_NOT_MINE);
	/* nobody's */
	sign_by(&fast, key_fpr[ED25519], TEXT, &sig);
	keyring_run(&ring,
		    "gpg --homedir $H --batch --yes --no-tty "
		    "--delete-secret-and-public-key %s",
		    key_fpr[RSA3072]);
	reload();
	rnp_load();
	vouch();
	assert_int_equal(compare_blob(TEXT, &sig), PGP_GOOD);
}

/* ---- a subkey that is somebody else's ---- */

struct parts {
	const char *fpr;
	uint8_t body[512];
	size_t len;
	uint8_t secret[64];
};

static void keep_part(void *arg, uint8_t tag, struct span body)
{
	struct parts *p = arg;
	char fpr[PGP_FPR_MAX];
	struct keypacket k;
	bool secret = tag == PACKETS_SECRET_KEY || tag == PACKETS_SECRET_SUBKEY;

	if (keypacket_read(&k, body, secret))
		return;
	keymath_fingerprint(fpr, &k);
	if (strcmp(fpr, p->fpr))
		return;
	memcpy(p->body, k.public_part.p, p->len = k.public_part.len);
	if (secret) {
		uint8_t seed[32] = { 0 }, public[32];

		memcpy(seed + 32 - k.secret[0].len, k.secret[0].p,
		       k.secret[0].len);
		crypto_sign_seed_keypair(public, p->secret, seed);
	}
}

static void parts_of(const struct keyring *k, struct parts *p)
{
	struct packets w = { .wanted_tags = ~0ull,
			     .each = keep_part,
			     .arg = p };

	assert_int_equal(home_export_secret(k->home, "gpg", p->fpr, &w), 0);
	assert_in_range(p->len, 40, 100);
}

static size_t put_hashed_key(uint8_t *out, const struct parts *p)
{
	out[0] = 0x99;
	out[1] = 0;
	out[2] = (uint8_t)p->len;
	memcpy(out + 3, p->body, p->len);
	return 3 + p->len;
}

/* A subkey binding (0x18) that says it may sign, without the subkey's own
 * signature (0x19) that it agrees. */
static size_t bind(uint8_t *out, const struct parts *thief,
		   const struct parts *stolen)
{
	uint32_t now = (uint32_t)time(NULL);
	uint8_t text[600], digest[32], numbers[64], fpr[20];
	size_t n, at, body;
	struct span hashed;

	sodium_hex2bin(fpr, 20, thief->fpr, 40, NULL, &n, NULL);
	at = 2;
	const uint8_t head[] = { 4, 0x18, 22, 8, 0, 32, 22, 33, 4 };
	memcpy(out + at, head, sizeof(head));
	at += sizeof(head);
	memcpy(out + at, fpr, 20);
	at += 20;
	const uint8_t time_and_flags[] = { 5,
					   2,
					   (uint8_t)(now >> 24),
					   (uint8_t)(now >> 16),
					   (uint8_t)(now >> 8),
					   (uint8_t)now,
					   2,
					   27,
					   2 };
	memcpy(out + at, time_and_flags, sizeof(time_and_flags));
	at += sizeof(time_and_flags);
	hashed = span_make(out + 2, at - 2);
	const uint8_t unhashed[] = { 0, 10, 9, 16 };
	memcpy(out + at, unhashed, sizeof(unhashed));
	memcpy(out + at + 4, fpr + 12, 8);
	at += 12;

	n = put_hashed_key(text, thief);
	n += put_hashed_key(text + n, stolen);
	memcpy(text + n, hashed.p, hashed.len);
	n += hashed.len;
	const uint8_t end[] = { 4, 0xff, 0, 0, 0, (uint8_t)hashed.len };
	memcpy(text + n, end, sizeof(end));
	n += sizeof(end);
	gcry_md_hash_buffer(GCRY_MD_SHA256, digest, text, n);
	memcpy(out + at, digest, 2);
	at += 2;
	crypto_sign_detached(numbers, NULL, digest, sizeof(digest),
			     thief->secret);
	for (int i = 0; i < 2; i++) {
		const uint8_t *p = numbers + 32 * i;
		size_t len = 32, bits;

		while (!*p) {
			p++;
			len--;
		}
		bits = 8 * len;
		for (int b = 7; !(*p >> b & 1); b--)
			bits--;
		out[at++] = (uint8_t)(bits >> 8);
		out[at++] = (uint8_t)bits;
		memcpy(out + at, p, len);
		at += len;
	}
	body = at - 2;
	out[0] = 0x88;
	out[1] = (uint8_t)body;
	return at;
}

static void test_stolen_subkey(void **state)
{
	char thief_fpr[PGP_FPR_MAX], victim_fpr[PGP_FPR_MAX];
	struct parts thief = { .fpr = thief_fpr },
		     victim = { .fpr = victim_fpr };
	struct keyring elsewhere;
	char signer[PGP_FPR_MAX];
	struct trust_maker m;
	struct blob sig, b;

	(void)state;
	keyring_make(&elsewhere);
	keyring_gen(&elsewhere, "victim", "ed25519", "sign", "never", "",
		    victim_fpr);
	parts_of(&elsewhere, &victim);
	keyring_sign(&elsewhere, victim_fpr, "", TEXT, &sig);
	keyring_drop(&elsewhere);
	keyring_gen(&ring, "thief", "ed25519", "sign", "never", "", thief_fpr);
	parts_of(&ring, &thief);

	keyring_run(&ring, "$G --export %s > $H/stolen", thief_fpr);
	b.b[0] = 0xb8; /* a public subkey, the old form */
	b.b[1] = (uint8_t)victim.len;
	memcpy(b.b + 2, victim.body, victim.len);
	b.len = 2 + victim.len;
	b.len += bind(b.b + b.len, &thief, &victim);
	keyring_in(&ring, "subkey", b.b, b.len);
	keyring_run(&ring, "cat $H/stolen $H/subkey | $G --import");
	reload();

	/* gpg lists it as a subkey that signs */
	assert_true(trust_maker(trust, victim_fpr, time(NULL), &m));
	assert_string_equal(m.primary, thief_fpr);
	assert_int_equal(m.word, TRUST_VALID);
	assert_non_null(m.pub);
	/* but it is not the thief's word */
	for (int i = 0; i < 3; i++) {
		enum pgp_result r;

		assert_int_equal(ask(&fast, span_str(TEXT),
				     span_make(sig.b, sig.len), signer),
				 PGP_NOT_MINE);
		r = ask(&gpgme, span_str(TEXT), span_make(sig.b, sig.len),
			signer);
		assert_int_not_equal(r, PGP_GOOD);
		fast.ops->second_opinion(fast.ctx, r, signer);
	}
}

/* ---- what the loop does itself ---- */

static void quick_does(struct pgp_ctx *quick, struct pgp_ctx *full, int key,
		       bool signs, bool verifies)
{
	char signer[PGP_FPR_MAX];
	struct blob sig;
	enum pgp_result r;
	int err;

	err = pgp_sign(quick, key_fpr[key], span_str(TEXT), sig.b, &sig.len);
	assert_int_equal(err, signs ? 0 : EAGAIN);
	if (!signs)
		assert_int_equal(pgp_sign(full, key_fpr[key], span_str(TEXT),
					  sig.b, &sig.len),
				 0);
	r = pgp_verify(quick, span_str(TEXT), span_make(sig.b, sig.len),
		       signer);
	assert_int_equal(r, verifies ? PGP_GOOD : PGP_LATER);
	assert_string_equal(signer, verifies ? key_fpr[key] : "");
	sig.b[sig.len - 1] ^= 1;
	r = pgp_verify(quick, span_str(TEXT), span_make(sig.b, sig.len),
		       signer);
	assert_int_equal(r, verifies ? PGP_BAD : PGP_LATER);
}

static void quick_with(const char *sign, const char *verify, bool signs,
		       bool verifies)
{
	const struct pgp_conf conf = { ring.home, sign, verify, PATIENT_MS };
	struct pgp_ctx *quick, *full;
	struct pgp *p;

	assert_int_equal(pgp_open(&p, &conf), 0);
	assert_int_equal(pgp_ctx_open_quick(&quick, p), 0);
	assert_int_equal(pgp_ctx_open(&full, p), 0);
	/* nothing is known of the keys yet */
	quick_does(quick, full, ED25519, false, false);
	pgp_set_trust(p, trust);
	quick_does(quick, full, ED25519, signs, verifies);
	quick_does(quick, full, P256, false, false);
	quick_does(quick, full, RSA2048, false, false);
	pgp_ctx_close(full);
	pgp_ctx_close(quick);
	pgp_close(p);
}

/* Ed25519 by "fast", and nothing else: not what gpg or its agent do, and not
 * what takes hundreds of microseconds. */
static void test_quick(void **state)
{
	(void)state;
	quick_with("fast", "fast", true, true);
	quick_with("agent", "fast", false, true);
	quick_with("fast", "gpgme", true, false);
	quick_with("gpgme", "gpgme", false, false);
}

/* A subkey that gpg has not vouched for is gpg's to judge. */
static void test_quick_subkey(void **state)
{
	const struct pgp_conf conf = { ring.home, "agent", "fast", PATIENT_MS };
	struct pgp_ctx *quick, *full;
	char signer[PGP_FPR_MAX];
	struct blob sig;
	struct pgp *p;

	(void)state;
	reload();
	assert_int_equal(pgp_open(&p, &conf), 0);
	pgp_set_trust(p, trust);
	assert_int_equal(pgp_ctx_open_quick(&quick, p), 0);
	assert_int_equal(pgp_ctx_open(&full, p), 0);
	assert_int_equal(pgp_sign(full, key_fpr[SUBKEY], span_str(TEXT), sig.b,
				  &sig.len),
			 0);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(pgp_verify(quick, span_str(TEXT),
					    span_make(sig.b, sig.len), signer),
				 i ? PGP_GOOD : PGP_LATER);
		assert_int_equal(pgp_verify(full, span_str(TEXT),
					    span_make(sig.b, sig.len), signer),
				 PGP_GOOD);
	}
	pgp_ctx_close(full);
	pgp_ctx_close(quick);
	pgp_close(p);
}

/* ---- secret keys that are not for us ---- */

static void test_protected_key(void **state)
{
	const struct pgp_conf conf = { ring.home, "fast", "fast", PATIENT_MS };
	char fpr[PGP_FPR_MAX];
	struct pgp_ctx *c;
	struct blob sig;
	struct pgp *p;

	(void)state;
	keyring_run(&ring, "gpg --homedir $H --batch --quiet --pinentry-mode "
			   "loopback --passphrase secret --status-fd 3 "
			   "--quick-gen-key protected ed25519 sign never "
			   "3>$H/status");
	keyring_end_agent(&ring);
	keyring_fpr(&ring, "protected", 0, fpr);
	reload();
	assert_int_equal(pgp_open(&p, &conf), 0);
	pgp_set_trust(p, trust);
	assert_int_equal(pgp_ctx_open(&c, p), 0);
	/* the others are held */
	assert_int_equal(
		pgp_sign(c, key_fpr[ED25519], span_str(TEXT), sig.b, &sig.len),
		0);
	assert_int_equal(pgp_counters(p).fallback, 0);
	/* this one is left to gpg, which has nobody to ask */
	assert_int_not_equal(pgp_sign(c, fpr, span_str(TEXT), sig.b, &sig.len),
			     0);
	assert_int_equal(pgp_counters(p).fallback, 1);
	pgp_ctx_close(c);
	pgp_close(p);
	keyring_run(&ring,
		    "gpg --homedir $H --batch --yes --no-tty "
		    "--delete-secret-and-public-key %s",
		    fpr);
	reload();
}

/* ---- an agent that goes away ---- */

static void test_agent_dies(void **state)
{
	struct blob sig;

	(void)state;
	for (int i = 0; i < 3; i++) {
		pid_t pid;

		sign_by(&agent, key_fpr[ED25519], TEXT, &sig);
		pid = keyring_agent(&ring);
		keyring_kill(pid);
		sign_by(&agent, key_fpr[P256], TEXT, &sig);
		assert_int_equal(compare_blob(TEXT, &sig), PGP_GOOD);
		assert_int_not_equal(keyring_agent(&ring), pid);
	}
	/* its socket gone, too */
	keyring_end_agent(&ring);
	sign_by(&agent, key_fpr[RSA2048], TEXT, &sig);
	hold_good(TEXT, &sig, key_fpr[RSA2048]);
}

static void test_agent_hangs(void **state)
{
	struct bare hasty;
	struct blob sig;
	uint64_t start;
	pid_t pid;

	(void)state;
	bare_open(&hasty, &pgp_engine_agent, AGENT_MS);
	for (int i = 0; i < 2; i++) {
		/* in a connection that is there, and in one to be made */
		sign_by(&agent, key_fpr[ED25519], TEXT, &sig);
		if (!i)
			sign_by(&hasty, key_fpr[ED25519], TEXT, &sig);
		pid = keyring_agent(&ring);
		keyring_stop_agent(pid, i ? 1 : 2);
		start = clock_steady_ns();
		assert_int_equal(hasty.ops->sign(hasty.ctx, key_fpr[ED25519],
						 span_str(TEXT), sig.b,
						 &sig.len),
				 ETIMEDOUT);
		assert_in_range((clock_steady_ns() - start) / 1000000,
				AGENT_MS - 1, AGENT_MS + PATIENT_MS);
		keyring_await_end(pid);
	}
	sign_by(&agent, key_fpr[ED25519], TEXT, &sig);
	sign_by(&hasty, key_fpr[ED25519], TEXT, &sig);
	hold_good(TEXT, &sig, key_fpr[ED25519]);
	assert_int_not_equal(keyring_agent(&ring), pid);
	bare_close(&hasty);
}

static void test_agent_refuses(void **state)
{
	struct blob sig;

	(void)state;
	assert_int_equal(
		agent.ops->sign(agent.ctx,
				"0123456789ABCDEF0123456789ABCDEF01234567",
				span_str(TEXT), sig.b, &sig.len),
		ENOKEY);
	/* known to the snapshot, gone from the agent */
	keyring_run(&ring,
		    "g=$($G --with-colons --with-keygrip -K %s | awk -F: "
		    "'$1 == \"grp\" { print $10; exit }'); mv "
		    "$H/private-keys-v1.d/$g.key $H/moved; echo $g > $H/grip",
		    key_fpr[P384]);
	assert_int_equal(agent.ops->sign(agent.ctx, key_fpr[P384],
					 span_str(TEXT), sig.b, &sig.len),
			 ENOKEY);
	keyring_run(&ring, "mv $H/moved $H/private-keys-v1.d/$(cat $H/grip)"
			   ".key");
	sign_by(&agent, key_fpr[P384], TEXT, &sig);
}

struct signer {
	pthread_t thread;
	atomic_bool *stop;
	atomic_uint *made;
	unsigned int failed;
};

static void *sign_on(void *arg)
{
	struct signer *s = arg;
	uint8_t sig[PGP_SIG_MAX];
	size_t len;
	void *ctx;

	if (agent.ops->ctx_open(&ctx, agent.engine, false))
		return NULL;
	while (!atomic_load(s->stop)) {
		s->failed += agent.ops->sign(ctx, key_fpr[ED25519],
					     span_str(TEXT), sig, &len) != 0;
		atomic_fetch_add(s->made, 1);
	}
	agent.ops->ctx_close(ctx);
	return NULL;
}

/* Killed in the middle, again and again, with several at work. */
static void test_agent_killed_at_work(void **state)
{
	struct signer s[3];
	atomic_bool stop = false;
	atomic_uint made = 0;
	unsigned int failed = 0;

	(void)state;
	for (int i = 0; i < 3; i++) {
		s[i] = (struct signer){ .stop = &stop, .made = &made };
		pthread_create(&s[i].thread, NULL, sign_on, &s[i]);
	}
	for (int i = 0; i < 4; i++) {
		unsigned int before = atomic_load(&made);
		pid_t pid;

		for (int n = 0; n < PATIENT_MS / 10 && made < before + 50; n++)
			usleep(10000);
		assert_true(made >= before + 50);
		pid = keyring_agent(&ring);
		if (pid > 0)
			kill(pid, SIGKILL);
	}
	stop = true;
	for (int i = 0; i < 3; i++) {
		pthread_join(s[i].thread, NULL);
		failed += s[i].failed;
	}
	/* one that started as another died may find it dead twice */
	assert_in_range(failed, 0, 4);
}

/* ---- the snapshot changes while it is read ---- */

static void *verify_on(void *arg)
{
	struct signer *s = arg;
	char signer[PGP_FPR_MAX];
	struct blob *sig = malloc(sizeof(*sig));
	void *ctx;

	if (!sig || fast.ops->ctx_open(&ctx, fast.engine, false))
		return NULL;
	if (fast.ops->sign(ctx, key_fpr[ED25519], span_str(TEXT), sig->b,
			   &sig->len))
		s->failed++;
	while (!atomic_load(s->stop)) {
		s->failed += fast.ops->verify(ctx, span_str(TEXT),
					      span_make(sig->b, sig->len),
					      signer) != PGP_GOOD;
		atomic_fetch_add(s->made, 1);
	}
	fast.ops->ctx_close(ctx);
	free(sig);
	return NULL;
}

static void test_reload_under_way(void **state)
{
	struct signer s[2];
	atomic_bool stop = false;
	atomic_uint made = 0;

	(void)state;
	for (int i = 0; i < 2; i++) {
		s[i] = (struct signer){ .stop = &stop, .made = &made };
		pthread_create(&s[i].thread, NULL, verify_on, &s[i]);
	}
	for (int i = 0; i < 12; i++)
		reload();
	stop = true;
	for (int i = 0; i < 2; i++) {
		pthread_join(s[i].thread, NULL);
		assert_int_equal(s[i].failed, 0);
	}
	assert_int_not_equal(made, 0);
}

/* Without a snapshot there is no key to go by. */
static void test_no_snapshot(void **state)
{
	char signer[PGP_FPR_MAX];
	struct blob sig;

	(void)state;
	sign_by(&fast, key_fpr[ED25519], TEXT, &sig);
	snapshot_set(&keys, NULL);
	assert_int_equal(
		ask(&fast, span_str(TEXT), span_make(sig.b, sig.len), signer),
		PGP_NOT_MINE);
	assert_int_equal(fast.ops->sign(fast.ctx, key_fpr[ED25519],
					span_str(TEXT), sig.b, &sig.len),
			 ENOTSUP);
	assert_int_equal(agent.ops->sign(agent.ctx, key_fpr[ED25519],
					 span_str(TEXT), sig.b, &sig.len),
			 ENOTSUP);
	snapshot_set(&keys, trust);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_subkey_needs_gpgs_word),
		cmocka_unit_test(test_written),
		cmocka_unit_test(test_many_written),
		cmocka_unit_test(test_flipped),
		cmocka_unit_test(test_several_octets),
		cmocka_unit_test(test_text_altered),
		cmocka_unit_test(test_truncated_and_extended),
		cmocka_unit_test(test_other_framing),
		cmocka_unit_test(test_other_issuer),
		cmocka_unit_test(test_eddsa_malleability),
		cmocka_unit_test(test_small_numbers),
		cmocka_unit_test(test_rsa_plus_modulus),
		cmocka_unit_test(test_other_forms),
		cmocka_unit_test(test_signers_uid),
		cmocka_unit_test(test_times),
		cmocka_unit_test(test_quick),
		cmocka_unit_test(test_quick_subkey),
		cmocka_unit_test(test_protected_key),
		cmocka_unit_test(test_agent_dies),
		cmocka_unit_test(test_agent_hangs),
		cmocka_unit_test(test_agent_refuses),
		cmocka_unit_test(test_agent_killed_at_work),
		cmocka_unit_test(test_no_snapshot),
		cmocka_unit_test(test_reload_under_way),
		cmocka_unit_test(test_keys_refused),
		cmocka_unit_test(test_stolen_subkey),
	};

	/* one of them, by name */
	cmocka_set_test_filter(getenv("CMOCKA_TEST_FILTER"));
	return cmocka_run_group_tests_name("engines", tests, set_up, tear_down);
}

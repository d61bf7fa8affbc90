/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Real keyrings, made by gpg; what gpg says of each user ID in its own listing,
 * and what we make of it.
 */
#include "keyring.h"

#include <errno.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/log.h"
#include "crypto/trust.h"
#include "crypto/trust_build.h"
#include "crypto/uid.h"

#define PAST "--faked-system-time 20200101T120000!"

enum { UNDEFINED = 2, NEVER = 3, MARGINAL = 4, FULL = 5, ULTIMATE = 6 };

static void owner_trust(const struct keyring *k, const char *fpr, int trust)
{
	keyring_run(k, "echo %s:%d: | $G --import-ownertrust", fpr, trust);
}

/* by certifies key, or only one user ID of it. */
static void certify(const struct keyring *k, const char *by, const char *key,
		    const char *uid)
{
	keyring_run(k,
		    "gpg --homedir $H --batch --yes --quiet --no-tty "
		    "--pinentry-mode loopback --passphrase '' -u %s "
		    "--quick-sign-key %s %s >/dev/null",
		    by, key, uid);
}

/* A key of somebody else's, whatever gpg thinks of keys it makes. */
static void stranger(const struct keyring *k, const char *uid, char *fpr)
{
	keyring_gen(k, uid, "ed25519", "sign", "never", "", fpr);
	owner_trust(k, fpr, UNDEFINED);
}

static struct trust *load(const struct keyring *k)
{
	struct trust *t;

	assert_int_equal(trust_load(&t, k->home, TRUST_LOAD_MS), 0);
	return t;
}

static const char *word(const struct trust *t, const char *fpr, const char *uri)
{
	struct trust_answer a;

	trust_check(t, fpr, uri, false, time(NULL), &a);
	return trust_word_name(a.word);
}

static const char *fresh_word(const struct keyring *k, const char *fpr,
			      const char *uri)
{
	struct trust *t = load(k);
	const char *w = word(t, fpr, uri);

	trust_free(t);
	return w;
}

/* ---- user IDs ---- */

static void test_uids(void **state)
{
	static const struct {
		const char *uid, *canonical;
	} row[] = {
		{ "Alice <sip:alice@example.org>", "sip:alice@example.org" },
		{ "Alice <sips:alice@example.org>", "sip:alice@example.org" },
		{ "Alice (work) <alice@example.org>", "sip:alice@example.org" },
		{ "<alice@Example.ORG>", "sip:alice@example.org" },
		{ "sip:alice@example.org", "sip:alice@example.org" },
		{ "SIP:alice@example.org", "sip:alice@example.org" },
		{ " alice@example.org ", "sip:alice@example.org" },
		{ "<sip:example.org>", "sip:example.org" },
		{ "sip:example.org", "sip:example.org" },
		{ "<tel:+49-30-123>", "tel:+4930123" },
		{ "Al <sip:%61lice@example.org:5060;x=y>",
		  "sip:alice@example.org" },
		{ "\"sip:bob@x\" <sip:mallory@y>", "sip:mallory@y" },
		{ "sip:bob@x <sip:mallory@y>", "sip:mallory@y" },
		/* nobody */
		{ "", "" },
		{ "Alice", "" },
		{ "example.org", "" },
		{ "Alice sip:alice@example.org", "" },
		{ "alice@example.org bob@example.org", "" },
		{ "<sip:bob@x> <sip:mallory@y>", "" },
		{ "\"<sip:bob@x>\" <sip:mallory@y>", "" },
		{ "<sip:bob@x> mallory", "" },
		{ "<sip:bob@x", "" },
		{ "sip:bob@x>", "" },
		{ "><", "" },
		{ "<>", "" },
		{ "<<sip:bob@x>>", "" },
		{ "<sip:bob@x>\n", "" },
		{ "<sip:bob@x\x7f>", "" },
		{ "<sip:bob@x@y>", "" },
		{ "<bob@x@y>", "" },
		{ "<b%6Fb@x>", "" },
		{ "<bob@x;y>", "" },
		{ "<bob:secret@x>", "" },
		{ "<\"bob\"@x>", "" },
		{ "<bob@b\xc3\xbc.org>", "" },
		{ "<mailto:bob@x>", "" },
		{ "<@x>", "" },
		{ "<bob@>", "" },
	};
	char out[SIPURI_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		int err = uid_canonical(out, span_str(row[i].uid));

		if (strcmp(out, row[i].canonical))
			fail_msg("\"%s\" gives \"%s\", not \"%s\"", row[i].uid,
				 out, row[i].canonical);
		assert_int_equal(err, *row[i].canonical ? 0 : EINVAL);
	}
	memset(out, 'x', sizeof(out));
	assert_int_equal(uid_canonical(out, span_make("<sip:b@x\0y>", 11)),
			 EINVAL);
}

/* ---- a snapshot made by hand ---- */

static void hand_key(struct trust *t, const char *fpr, int64_t created,
		     int64_t expires, bool secret, const char *uid,
		     enum trust_validity v)
{
	struct trust_key k = { .algorithm = "Ed25519", .bits = 255 };
	struct trust_sub s = { .fpr = fpr,
			       .can_sign = true,
			       .secret = secret,
			       .created = created,
			       .expires = expires };
	struct trust_uid u = { .text = uid, .validity = v };

	trust_add_key(t, &k);
	trust_add_sub(t, &s);
	trust_add_uid(t, &u);
}

static void test_time(void **state)
{
	struct trust *t = trust_new(false, 1000);
	struct trust_answer a;

	(void)state;
	hand_key(t, "AA", 500, 2000, true, "sip:a@x", VALIDITY_FULL);
	assert_int_equal(trust_finish(t), 0);
	trust_check(t, "aa", "sip:a@x", false, 1999, &a);
	assert_int_equal(a.word, TRUST_VALID);
	assert_true(trust_can_sign(t, "AA", 1999));
	trust_check(t, "AA", "sip:a@x", false, 2000, &a);
	assert_int_equal(a.word, TRUST_EXPIRED);
	assert_false(trust_can_sign(t, "AA", 2000));
	assert_null(trust_signer(t, "sip:a@x", false, 2000));
	trust_check(t, "AA", "sip:a@x", false, 499, &a);
	assert_int_equal(a.word, TRUST_CANT_SIGN);
	trust_free(t);
}

static void test_signer_choice(void **state)
{
	struct trust *t = trust_new(false, 1000);

	(void)state;
	hand_key(t, "A1", 100, 0, true, "<a@x>", VALIDITY_ULTIMATE);
	hand_key(t, "A2", 300, 0, true, "<sip:a@x>", VALIDITY_ULTIMATE);
	hand_key(t, "A3", 200, 0, true, "sip:a@x", VALIDITY_ULTIMATE);
	hand_key(t, "A4", 400, 0, false, "sip:a@x", VALIDITY_FULL);
	hand_key(t, "A5", 500, 900, true, "sip:a@x", VALIDITY_ULTIMATE);
	hand_key(t, "D1", 600, 0, true, "sip:x", VALIDITY_ULTIMATE);
	assert_int_equal(trust_finish(t), 0);
	assert_int_equal(trust_keys(t), 6);
	assert_int_equal(trust_signers(t), 4);
	assert_string_equal(trust_signer(t, "sip:a@x", true, 1000), "A2");
	assert_null(trust_signer(t, "sip:b@x", false, 1000));
	assert_string_equal(trust_signer(t, "sip:b@x", true, 1000), "D1");
	assert_string_equal(trust_signer(t, "sip:b@x:5070", true, 1000), "D1");
	assert_null(trust_signer(t, "sip:b@y", true, 1000));
	assert_null(trust_signer(t, "sip:b@a.x", true, 1000));
	assert_null(trust_signer(t, "tel:+1", true, 1000));
	assert_null(trust_signer(t, "", true, 1000));
	assert_true(trust_can_sign(t, "A1", 1000));
	assert_false(trust_can_sign(t, "A4", 1000));
	trust_free(t);
}

static void test_empty(void **state)
{
	struct trust *t = trust_new(false, 0);
	struct trust_answer a;

	(void)state;
	assert_int_equal(trust_finish(t), 0);
	trust_check(t, "AA", "sip:a@x", true, 0, &a);
	assert_int_equal(a.word, TRUST_NO_KEY);
	assert_string_equal(a.uid, "");
	assert_null(trust_signer(t, "sip:a@x", true, 0));
	trust_free(t);
	trust_free(NULL);
}

/* ---- one keyring, every state ---- */

static void test_states(void **state)
{
	char me[PGP_FPR_MAX], fpr[PGP_FPR_MAX], sub[PGP_FPR_MAX];
	struct trust_answer a;
	struct keyring k;
	struct trust *t;

	(void)state;
	keyring_make(&k);
	keyring_gen(&k, "Me <sip:me@example.org>", "ed25519", "sign", "never",
		    "", me);
	t = load(&k);
	assert_int_equal(trust_keys(t), 1);
	assert_int_equal(trust_signers(t), 1);
	assert_string_equal(word(t, me, "sip:me@example.org"), "valid");
	assert_string_equal(word(t, me, "sip:ME@example.org"), "no-identity");
	assert_string_equal(word(t, me, "sip:you@example.org"), "no-identity");
	assert_string_equal(word(t, "0123", "sip:me@example.org"), "no-key");
	assert_string_equal(
		trust_signer(t, "sip:me@example.org", false, time(NULL)), me);
	trust_check(t, me, "sip:me@example.org", false, time(NULL), &a);
	assert_string_equal(a.uid, "Me <sip:me@example.org>");
	assert_string_equal(a.validity, "ultimate");
	trust_free(t);

	keyring_gen(&k, "<sip:old@x>", "ed25519", "sign", "1y", PAST, fpr);
	assert_string_equal(fresh_word(&k, fpr, "sip:old@x"), "expired");

	keyring_gen(&k, "<sip:gone@x>", "ed25519", "sign", "never", "", fpr);
	assert_string_equal(fresh_word(&k, fpr, "sip:gone@x"), "valid");
	keyring_revoke(&k, fpr);
	assert_string_equal(fresh_word(&k, fpr, "sip:gone@x"), "revoked");

	keyring_gen(&k, "<sip:off@x>", "ed25519", "sign", "never", "", fpr);
	keyring_edit(&k, fpr, "disable\nquit\n");
	assert_string_equal(fresh_word(&k, fpr, "sip:off@x"), "disabled");

	keyring_gen(&k, "<sip:cert@x>", "ed25519", "cert", "never", "", fpr);
	assert_string_equal(fresh_word(&k, fpr, "sip:cert@x"), "cant-sign");
	keyring_add_subkey(&k, fpr, "cv25519", "encr", "never", "");
	assert_string_equal(fresh_word(&k, fpr, "sip:cert@x"), "cant-sign");
	keyring_add_subkey(&k, fpr, "ed25519", "sign", "never", "");
	assert_string_equal(fresh_word(&k, fpr, "sip:cert@x"), "valid");
	keyring_fpr(&k, fpr, 2, sub);
	assert_string_equal(fresh_word(&k, sub, "sip:cert@x"), "valid");
	keyring_edit(&k, fpr, "key 2\nrevkey\ny\n1\n\ny\nsave\n");
	assert_string_equal(fresh_word(&k, fpr, "sip:cert@x"), "revoked");
	assert_string_equal(fresh_word(&k, sub, "sip:cert@x"), "revoked");

	keyring_gen(&k, "<sip:sub@x>", "ed25519", "cert", "never", PAST, fpr);
	keyring_add_subkey(&k, fpr, "ed25519", "sign", "1y", PAST);
	assert_string_equal(fresh_word(&k, fpr, "sip:sub@x"), "expired");

	keyring_gen(&k, "<sip:rsa@x>", "rsa1024", "sign", "never", "", fpr);
	assert_string_equal(fresh_word(&k, fpr, "sip:rsa@x"), "cant-sign");
	keyring_drop(&k);
}

/* Validity is the user ID's, not the key's best. */
static void test_several_uids(void **state)
{
	char me[PGP_FPR_MAX], fpr[PGP_FPR_MAX];
	struct trust_answer a;
	struct keyring k;
	struct trust *t;

	(void)state;
	keyring_make(&k);
	keyring_gen(&k, "me", "ed25519", "sign", "never", "", me);
	stranger(&k, "Dave <sip:dave@x>", fpr);
	keyring_run(&k,
		    "$G --passphrase '' --quick-add-uid %s 'sip:boss@x'; "
		    "$G --passphrase '' --quick-add-uid %s '<dave@y>'; "
		    "$G --passphrase '' --quick-add-uid %s '<sip:z>'",
		    fpr, fpr, fpr);
	certify(&k, me, fpr, "sip:dave@x");
	certify(&k, me, fpr, "dave@y");
	certify(&k, me, fpr, "sip:z");
	t = load(&k);
	assert_string_equal(word(t, fpr, "sip:dave@x"), "valid");
	assert_string_equal(word(t, fpr, "sip:dave@y"), "valid");
	assert_string_equal(word(t, fpr, "sip:boss@x"), "not-valid");
	assert_string_equal(word(t, fpr, "sip:anyone@z"), "no-identity");
	trust_check(t, fpr, "sip:anyone@z", true, time(NULL), &a);
	assert_int_equal(a.word, TRUST_VALID);
	assert_string_equal(a.uid, "<sip:z>");
	assert_string_equal(a.validity, "full");
	trust_check(t, fpr, "sip:anyone@sub.z", true, time(NULL), &a);
	assert_int_equal(a.word, TRUST_NO_IDENTITY);
	trust_check(t, fpr, "sip:anyone@x", true, time(NULL), &a);
	assert_int_equal(a.word, TRUST_NO_IDENTITY);
	trust_free(t);

	keyring_run(&k, "$G --passphrase '' --quick-revoke-uid %s '<dave@y>'",
		    fpr);
	t = load(&k);
	assert_string_equal(word(t, fpr, "sip:dave@x"), "valid");
	assert_string_equal(word(t, fpr, "sip:dave@y"), "revoked");
	assert_null(trust_signer(t, "sip:dave@y", false, time(NULL)));
	assert_string_equal(trust_signer(t, "sip:dave@x", false, time(NULL)),
			    fpr);
	trust_free(t);
	keyring_drop(&k);
}

/* ---- the web of trust ---- */

static void test_marginals(void **state)
{
	char me[PGP_FPR_MAX], fpr[PGP_FPR_MAX], m[3][PGP_FPR_MAX];
	struct trust_answer a;
	struct keyring k;
	struct trust *t;

	(void)state;
	keyring_make(&k);
	keyring_gen(&k, "me", "ed25519", "sign", "never", "", me);
	stranger(&k, "<sip:carol@x>", fpr);
	for (int i = 0; i < 3; i++) {
		char uid[16];

		snprintf(uid, sizeof(uid), "m%d@example.org", i);
		stranger(&k, uid, m[i]);
		certify(&k, me, m[i], "");
		owner_trust(&k, m[i], MARGINAL);
		t = load(&k);
		trust_check(t, fpr, "sip:carol@x", false, time(NULL), &a);
		assert_string_equal(a.validity, i ? "marginal" : "unknown");
		assert_int_equal(a.word, TRUST_NOT_VALID);
		trust_free(t);
		certify(&k, m[i], fpr, "");
	}
	assert_string_equal(fresh_word(&k, fpr, "sip:carol@x"), "valid");
	owner_trust(&k, m[1], UNDEFINED);
	assert_string_equal(fresh_word(&k, fpr, "sip:carol@x"), "not-valid");
	owner_trust(&k, m[1], FULL);
	assert_string_equal(fresh_word(&k, fpr, "sip:carol@x"), "valid");
	owner_trust(&k, m[1], NEVER);
	assert_string_equal(fresh_word(&k, fpr, "sip:carol@x"), "not-valid");
	keyring_drop(&k);
}

/* Caller, outbound proxy, inbound proxy, callee: each certified the next. */
static void test_chain(void **state)
{
	static const char callee[] = "sip:callee@b.example";
	char caller[PGP_FPR_MAX], out[PGP_FPR_MAX], in[PGP_FPR_MAX];
	char fpr[PGP_FPR_MAX], friend[PGP_FPR_MAX];
	struct keyring k;

	(void)state;
	keyring_make(&k);
	keyring_gen(&k, "<sip:caller@a.example>", "ed25519", "sign", "never",
		    "", caller);
	stranger(&k, "<sip:a.example>", out);
	stranger(&k, "<sip:b.example>", in);
	stranger(&k, "<sip:callee@b.example>", fpr);
	stranger(&k, "<friend@c.example>", friend);
	certify(&k, caller, out, "");
	certify(&k, out, in, "");
	certify(&k, in, fpr, "");
	assert_string_equal(fresh_word(&k, fpr, callee), "not-valid");
	owner_trust(&k, out, FULL);
	assert_string_equal(fresh_word(&k, fpr, callee), "not-valid");
	assert_string_equal(fresh_word(&k, in, "sip:b.example"), "valid");
	owner_trust(&k, in, FULL);
	assert_string_equal(fresh_word(&k, fpr, callee), "valid");

	keyring_run(&k, "echo max-cert-depth 2 > $H/gpg.conf");
	assert_string_equal(fresh_word(&k, fpr, callee), "not-valid");
	keyring_run(&k, "rm $H/gpg.conf");
	assert_string_equal(fresh_word(&k, fpr, callee), "valid");

	owner_trust(&k, out, UNDEFINED);
	assert_string_equal(fresh_word(&k, fpr, callee), "not-valid");
	certify(&k, caller, friend, "");
	owner_trust(&k, friend, FULL);
	assert_string_equal(fresh_word(&k, fpr, callee), "not-valid");
	certify(&k, friend, fpr, "");
	assert_string_equal(fresh_word(&k, fpr, callee), "valid");
	keyring_drop(&k);
}

/* ---- trust models ---- */

/* GnuPG's letter for a user ID in its own listing. */
static char letter(const struct keyring *k, const char *fpr)
{
	struct blob b;

	keyring_run(k,
		    "$G --with-colons -k %s | awk -F: '$1 == \"uid\" "
		    "{ print $2 }' > $H/letter",
		    fpr);
	keyring_out(k, &b, "letter");
	assert_in_range(b.len, 1, 8);
	return b.b[0] == '\n' ? '-' : (char)b.b[0];
}

static void test_models(void **state)
{
	/* keys: certified by me, by nobody, by nobody but with owner trust */
	static const struct {
		const char *model;
		const char *word[3];
		const char *letters;
	} row[] = {
		{ "pgp", { "valid", "not-valid", "not-valid" }, "f--" },
		{ "classic", { "valid", "not-valid", "not-valid" }, "f--" },
		{ "direct", { "not-valid", "not-valid", "valid" }, "q-f" },
		{ "always", { "valid", "valid", "valid" }, "---" },
		{ "tofu", { "valid", "not-valid", "not-valid" }, "fmm" },
		{ "tofu+pgp", { "valid", "not-valid", "not-valid" }, "fmm" },
	};
	static const char *const uri[3] = { "sip:a@x", "sip:b@y", "sip:c@z" };
	char me[PGP_FPR_MAX], fpr[3][PGP_FPR_MAX];
	struct keyring k;

	(void)state;
	keyring_make(&k);
	keyring_gen(&k, "me", "ed25519", "sign", "never", "", me);
	stranger(&k, "A <a@x>", fpr[0]);
	certify(&k, me, fpr[0], "");
	keyring_gen(&k, "B <b@y>", "ed25519", "sign", "never", "", fpr[1]);
	keyring_run(&k,
		    "$G --export %s > $H/b && $G --delete-secret-keys %s && "
		    "$G --delete-keys %s && $G --import $H/b",
		    fpr[1], fpr[1], fpr[1]);
	stranger(&k, "C <c@z>", fpr[2]);
	owner_trust(&k, fpr[2], FULL);
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		keyring_run(&k, "echo trust-model %s > $H/gpg.conf",
			    row[i].model);
		for (int n = 0; n < 3; n++) {
			char got = letter(&k, fpr[n]);
			const char *w = fresh_word(&k, fpr[n], uri[n]);

			if (got != row[i].letters[n] ||
			    strcmp(w, row[i].word[n]))
				fail_msg("%s, %s: gpg says %c, we %s",
					 row[i].model, uri[n], got, w);
		}
	}
	keyring_run(&k, "$G --trust-model tofu --tofu-policy good %s", fpr[1]);
	keyring_run(&k, "echo trust-model tofu > $H/gpg.conf");
	assert_string_equal(fresh_word(&k, fpr[1], uri[1]), "valid");
	keyring_run(&k, "$G --trust-model tofu --tofu-policy bad %s", fpr[1]);
	assert_string_equal(fresh_word(&k, fpr[1], uri[1]), "not-valid");
	/* what is revoked stays so, also where all are trusted */
	keyring_run(&k, "echo trust-model always > $H/gpg.conf");
	keyring_revoke(&k, fpr[0]);
	assert_string_equal(fresh_word(&k, fpr[0], uri[0]), "revoked");
	keyring_drop(&k);
}

/* ---- listing, loading ---- */

struct seen {
	unsigned int n, secret;
	char text[512];
};

static void note(void *arg, const struct trust_key_info *k)
{
	struct seen *s = arg;

	s->n++;
	s->secret += k->secret;
	if (k->n_uids)
		snprintf(s->text, sizeof(s->text), "%s %u %s %s %s %s %d",
			 k->algorithm, k->bits, k->ownertrust, k->uid[0].text,
			 k->uid[0].canonical, k->uid[0].validity, k->can_sign);
}

static void test_each(void **state)
{
	char me[PGP_FPR_MAX];
	struct seen s = { .n = 0 };
	struct keyring k;
	struct trust *t;

	(void)state;
	keyring_make(&k);
	t = load(&k);
	assert_int_equal(trust_keys(t), 0);
	trust_free(t);
	keyring_gen(&k, "M\xc3\xbc <m@x>", "rsa3072", "sign", "never", "", me);
	t = load(&k);
	trust_each(t, note, &s);
	assert_int_equal(s.n, 1);
	assert_int_equal(s.secret, 1);
	assert_string_equal(
		s.text,
		"RSA-3072 3072 ultimate M\xc3\xbc <m@x> sip:m@x ultimate 1");
	trust_free(t);

	/* the public half alone */
	keyring_run(&k, "$G --delete-secret-keys %s", me);
	t = load(&k);
	assert_int_equal(trust_keys(t), 1);
	assert_int_equal(trust_signers(t), 0);
	assert_null(trust_signer(t, "sip:m@x", false, time(NULL)));
	trust_free(t);
	keyring_drop(&k);
}

static void test_load_faults(void **state)
{
	char me[PGP_FPR_MAX];
	struct keyring k;
	struct trust *t;

	(void)state;
	assert_int_equal(
		trust_load(&t, "/tmp/seal-no-such-home", TRUST_LOAD_MS),
		ENOENT);
	assert_int_equal(trust_load(&t, "/etc/passwd", TRUST_LOAD_MS), ENOTDIR);
	keyring_make(&k);
	keyring_gen(&k, "me@x", "ed25519", "sign", "never", "", me);
	assert_int_equal(chmod(k.home, 0755), 0);
	assert_int_equal(trust_load(&t, k.home, TRUST_LOAD_MS), EACCES);
	assert_int_equal(chmod(k.home, 0700), 0);
	/* a keyring somebody is just writing */
	keyring_run(&k, "cp $H/pubring.kbx $H/whole; "
			"head -c 300 $H/whole > $H/pubring.kbx");
	assert_int_equal(trust_load(&t, k.home, TRUST_LOAD_MS), EIO);
	keyring_run(&k, "cp $H/whole $H/pubring.kbx");
	assert_int_equal(trust_load(&t, k.home, TRUST_LOAD_MS), 0);
	trust_free(t);
	keyring_drop(&k);
}

/*
 * A look at the keys alone: what they say of themselves is new, what GnuPG
 * thinks of them is from before.
 */
static void test_look(void **state)
{
	char me[PGP_FPR_MAX], fpr[3][PGP_FPR_MAX], late[PGP_FPR_MAX];
	struct trust *before, *t;
	struct keyring k;

	(void)state;
	keyring_make(&k);
	keyring_gen(&k, "me <sip:me@x>", "ed25519", "sign", "never", "", me);
	stranger(&k, "<sip:a@x>", fpr[0]);
	stranger(&k, "<sip:b@x>", fpr[1]);
	stranger(&k, "<sip:c@x>", fpr[2]);
	for (int i = 0; i < 3; i++)
		certify(&k, me, fpr[i], "");
	before = load(&k);
	keyring_revoke(&k, fpr[0]);
	keyring_edit(&k, fpr[1], "disable\nquit\n");
	keyring_run(&k,
		    "$G --passphrase '' --quick-add-uid %s '<sip:boss@x>'; "
		    "$G --passphrase '' --quick-revoke-uid %s '<sip:c@x>'",
		    fpr[2], fpr[2]);
	keyring_gen(&k, "<sip:late@x>", "ed25519", "sign", "never", "", late);
	assert_int_equal(trust_load_keys(&t, k.home, TRUST_LOAD_MS, before), 0);
	assert_string_equal(word(before, fpr[0], "sip:a@x"), "valid");
	assert_string_equal(word(before, fpr[2], "sip:c@x"), "valid");
	trust_free(before);
	assert_int_equal(trust_keys(t), 5);
	assert_int_equal(trust_signers(t), 2); /* not a, not b; late is new */
	assert_string_equal(word(t, me, "sip:me@x"), "valid");
	assert_string_equal(word(t, fpr[0], "sip:a@x"), "revoked");
	assert_string_equal(word(t, fpr[1], "sip:b@x"), "disabled");
	assert_string_equal(word(t, fpr[2], "sip:boss@x"), "not-valid");
	assert_string_equal(word(t, fpr[2], "sip:c@x"), "revoked");
	assert_string_equal(word(t, late, "sip:late@x"), "not-valid");
	assert_string_equal(trust_signer(t, "sip:me@x", false, time(NULL)), me);
	assert_null(trust_signer(t, "sip:late@x", false, time(NULL)));
	trust_free(t);
	t = load(&k);
	assert_string_equal(word(t, late, "sip:late@x"), "valid");
	trust_free(t);
	keyring_drop(&k);
}

/* gpg stops at a gpg.conf that nobody writes to. */
static void test_gpg_hangs(void **state)
{
	struct trust *before, *t = NULL;
	char fifo[64], me[PGP_FPR_MAX];
	struct keyring k;
	uint64_t start;

	(void)state;
	keyring_make(&k);
	keyring_gen(&k, "me <sip:me@x>", "ed25519", "sign", "never", "", me);
	before = load(&k);
	snprintf(fifo, sizeof(fifo), "%s/gpg.conf", k.home);
	assert_int_equal(mkfifo(fifo, 0600), 0);
	start = clock_steady_ns();
	assert_int_equal(trust_load_keys(&t, k.home, 700, before), EIO);
	assert_null(t);
	assert_in_range((clock_steady_ns() - start) / 1000000, 699, PATIENT_MS);
	/* of a whole reading gpgconf is the first to hang */
	start = clock_steady_ns();
	assert_int_equal(trust_load(&t, k.home, 700), EIO);
	assert_null(t);
	assert_in_range((clock_steady_ns() - start) / 1000000, 699, 9500);
	unlink(fifo);
	assert_int_equal(trust_load_keys(&t, k.home, TRUST_LOAD_MS, before), 0);
	trust_free(t);
	trust_free(before);
	keyring_drop(&k);
}

/* An agent that hangs is ended, and the next reading has a new one. */
static void test_agent_hangs(void **state)
{
	char me[PGP_FPR_MAX];
	struct keyring k;
	struct trust *t;
	pid_t agent;

	(void)state;
	keyring_make(&k);
	keyring_gen(&k, "me <sip:me@x>", "ed25519", "sign", "never", "", me);
	agent = keyring_agent(&k);
	keyring_stop_agent(agent, 0);
	assert_int_equal(trust_load(&t, k.home, 3000), EIO);
	keyring_await_end(agent);
	t = load(&k);
	assert_int_equal(trust_signers(t), 1);
	trust_free(t);
	keyring_drop(&k);
}

static void test_names(void **state)
{
	(void)state;
	for (int w = 0; w < TRUST_WORD_COUNT; w++)
		assert_string_not_equal(trust_word_name(w), "unknown");
	assert_string_equal(trust_word_name(TRUST_WORD_COUNT), "unknown");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_uids),
		cmocka_unit_test(test_time),
		cmocka_unit_test(test_signer_choice),
		cmocka_unit_test(test_empty),
		cmocka_unit_test(test_states),
		cmocka_unit_test(test_several_uids),
		cmocka_unit_test(test_marginals),
		cmocka_unit_test(test_chain),
		cmocka_unit_test(test_models),
		cmocka_unit_test(test_each),
		cmocka_unit_test(test_load_faults),
		cmocka_unit_test(test_look),
		cmocka_unit_test(test_gpg_hangs),
		cmocka_unit_test(test_agent_hangs),
	};

	log_open(false, 0);
	return cmocka_run_group_tests_name("trust", tests, NULL, NULL);
}

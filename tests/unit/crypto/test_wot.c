/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Figure 5 of "Using PGP Signatures for Securing SIP Infrastructures" with real
 * keyrings: the caller certified the outbound proxy's key, that one the inbound
 * proxy's, that one the callee's.
 *
 * Each row makes a keyring from scratch, out of the same keys: who certified
 * whom, whose owner is trusted how much, which trust model. What gpg says of
 * the callee's user ID in its own listing and what we decide are printed side
 * by side.
 */
#include "keyring.h"

#include "base/log.h"
#include "crypto/trust.h"
#include "crypto/web.h"

/* The people, by the letters of the table. */
enum { CALLER, OUTBOUND, INBOUND, CALLEE, FRIEND, M1, M2, M3, PEOPLE };

static const struct {
	char letter;
	const char *uid, *uri;
} people[PEOPLE] = {
	[CALLER] = { 'C', "Caller <sip:caller@a.example>",
		     "sip:caller@a.example" },
	[OUTBOUND] = { 'O', "Outbound proxy <sip:a.example>", "sip:a.example" },
	[INBOUND] = { 'I', "Inbound proxy <sip:b.example>", "sip:b.example" },
	[CALLEE] = { 'E', "Callee <sip:callee@b.example>",
		     "sip:callee@b.example" },
	[FRIEND] = { 'F', "Friend <friend@c.example>", "sip:friend@c.example" },
	[M1] = { '1', "<m1@m.example>", "sip:m1@m.example" },
	[M2] = { '2', "<m2@m.example>", "sip:m2@m.example" },
	[M3] = { '3', "<m3@m.example>", "sip:m3@m.example" },
};

#define CHAIN "CO OI IE"

/*
 * certs: "CO": C certified O. owner: "Of": O's owner is trusted fully, m:
 * marginally, n: never. options: lines of gpg.conf, ";" between them. signer:
 * whose key signs, as the callee ('E') unless uri says otherwise.
 */
static const struct row {
	const char *name, *certs, *owner, *options;
	char signer;
	const char *uri;
	char gpg; /* its letter for the signer's user ID */
	const char *word;
} table[] = {
	{ "the whole chain", CHAIN, "Of If", "", 'E', "", 'f', "valid" },
	{ "the inbound proxy itself", CHAIN, "Of If", "", 'I', "sip:b.example",
	  'f', "valid" },
	{ "the outbound proxy, without owner trust", CHAIN, "", "", 'O',
	  "sip:a.example", 'f', "valid" },
	{ "no link C-O", "OI IE", "Of If", "", 'E', "", '-', "not-valid" },
	{ "no link O-I", "CO IE", "Of If", "", 'E', "", '-', "not-valid" },
	{ "no link I-E", "CO OI", "Of If", "", 'E', "", '-', "not-valid" },
	{ "no owner trust in O", CHAIN, "If", "", 'E', "", '-', "not-valid" },
	{ "no owner trust in I", CHAIN, "Of", "", 'E', "", 'q', "not-valid" },
	{ "O never trusted", CHAIN, "On If", "", 'E', "", '-', "not-valid" },
	{ "I trusted marginally", CHAIN, "Of Im", "", 'E', "", 'm',
	  "not-valid" },
	{ "as deep as it may be", CHAIN, "Of If", "max-cert-depth 3", 'E', "",
	  'f', "valid" },
	{ "deeper than it may be", CHAIN, "Of If", "max-cert-depth 2", 'E', "",
	  '-', "not-valid" },
	{ "by way of a friend", "CO CF FE", "Ff", "", 'E', "", 'f', "valid" },
	{ "a friend whom nobody trusts", "CO CF FE", "Of", "", 'E', "", 'q',
	  "not-valid" },
	{ "chain broken, friend whole", "CO IE CF FE", "Of If Ff", "", 'E', "",
	  'f', "valid" },
	{ "one marginal introducer", "C1 1E", "1m", "", 'E', "", 'm',
	  "not-valid" },
	{ "two", "C1 C2 1E 2E", "1m 2m", "", 'E', "", 'm', "not-valid" },
	{ "three", "C1 C2 C3 1E 2E 3E", "1m 2m 3m", "", 'E', "", 'f', "valid" },
	{ "three, one of them not certified", "C1 C2 1E 2E 3E", "1m 2m 3m", "",
	  'E', "", 'm', "not-valid" },
	{ "two, where two do", "C1 C2 1E 2E", "1m 2m", "marginals-needed 2",
	  'E', "", 'f', "valid" },
	{ "another's URI", CHAIN, "Of If", "", 'E', "sip:caller@a.example", 'f',
	  "no-identity" },
	{ "the friend as the callee", "CF FE", "Ff", "", 'F', "", 'f',
	  "no-identity" },
	{ "the caller's own key", "", "", "", 'C', "sip:caller@a.example", 'u',
	  "valid" },

	{ "direct: certifications don't count", CHAIN, "Of If",
	  "trust-model direct", 'E', "", '-', "not-valid" },
	{ "direct: owner trust does", "", "Ef", "trust-model direct", 'E', "",
	  'f', "valid" },
	{ "direct: marginal is not enough", "", "Em", "trust-model direct", 'E',
	  "", 'm', "not-valid" },
	{ "direct: never", CHAIN, "Of If En", "trust-model direct", 'E', "",
	  'n', "not-valid" },
	{ "always: without any trust", "", "", "trust-model always", 'E', "",
	  '-', "valid" },
	{ "always: but not as somebody else", "", "", "trust-model always", 'E',
	  "sip:caller@a.example", '-', "no-identity" },
	{ "tofu: seen for the first time", "", "", "trust-model tofu", 'E', "",
	  'm', "not-valid" },
	{ "tofu: good by policy", "", "",
	  "trust-model tofu;tofu-default-policy good", 'E', "", 'f', "valid" },
	{ "tofu: bad by policy", "", "",
	  "trust-model tofu;tofu-default-policy bad", 'E', "", 'n',
	  "not-valid" },
	{ "tofu: unknown by policy", CHAIN, "Of If",
	  "trust-model tofu;tofu-default-policy unknown", 'E', "", '-',
	  "not-valid" },
	{ "tofu+pgp: by the chain", CHAIN, "Of If", "trust-model tofu+pgp", 'E',
	  "", 'f', "valid" },
	{ "tofu+pgp: chain broken", "CO IE", "Of If", "trust-model tofu+pgp",
	  'E', "", 'm', "not-valid" },
};

static struct keyring master; /* everybody's secret keys */
static char fpr[PEOPLE][PGP_FPR_MAX];

static int set_up(void **state)
{
	(void)state;
	log_open(false, 0);
	keyring_make(&master);
	for (int i = 0; i < PEOPLE; i++)
		keyring_gen(&master, people[i].uid, "ed25519", "sign", "never",
			    "--faked-system-time 20230101T120000!", fpr[i]);
	keyring_run(&master, "$G --export > $H/bare");
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	keyring_drop(&master);
	return 0;
}

static int person(char letter)
{
	for (int i = 0; i < PEOPLE; i++)
		if (people[i].letter == letter)
			return i;
	fail_msg("nobody is called %c", letter);
	return 0;
}

/* In a home of its own, with everybody's secret keys, which nobody else sees */
static void certify_all(const char *certs)
{
	keyring_run(&master,
		    "rm -f $H/pubring.kbx $H/trustdb.gpg; $G --import $H/bare");
	for (; *certs; certs += certs[2] ? 3 : 2)
		keyring_run(&master,
			    "$G --passphrase '' --trust-model always -u %s "
			    "--quick-sign-key %s >/dev/null",
			    fpr[person(certs[0])], fpr[person(certs[1])]);
	keyring_run(&master, "$G --export > $H/certified");
}

/* The caller's home: his secret key, the others' public ones. */
static void caller_make(struct keyring *k, const struct row *r)
{
	certify_all(r->certs);
	keyring_make(k);
	keyring_run(k, "$G --import %s/certified", master.home);
	keyring_run(&master,
		    "$G --passphrase '' --export-secret-keys %s > $H/secret",
		    fpr[CALLER]);
	keyring_run(k, "$G --passphrase '' --import %s/secret", master.home);
	keyring_run(k, "echo %s:6: | $G --import-ownertrust", fpr[CALLER]);
	for (const char *o = r->owner; *o; o += o[2] ? 3 : 2)
		keyring_run(k, "echo %s:%d: | $G --import-ownertrust",
			    fpr[person(o[0])],
			    o[1] == 'f'	  ? 5
			    : o[1] == 'm' ? 4
					  : 3);
	keyring_run(k, "echo '%s' | tr ';' '\\n' > $H/gpg.conf", r->options);
}

/* GnuPG's letter for the first user ID of a key, in its own listing. */
static char gpg_says(const struct keyring *k, const char *key)
{
	struct blob b;

	keyring_run(k,
		    "$G --with-colons -k %s | awk -F: '$1 == \"uid\" "
		    "{ print $2 }' > $H/letter",
		    key);
	keyring_out(k, &b, "letter");
	assert_in_range(b.len, 1, 8);
	return b.b[0] == '\n' ? '-' : (char)b.b[0];
}

static bool try_row(const struct row *r)
{
	const char *uri = *r->uri ? r->uri : people[CALLEE].uri;
	const char *key = fpr[person(r->signer)], *word;
	struct trust_answer a;
	struct keyring k;
	struct trust *t;
	bool right;
	char gpg;

	caller_make(&k, r);
	gpg = gpg_says(&k, key);
	assert_int_equal(trust_load(&t, k.home, TRUST_LOAD_MS), 0);
	trust_check(t, key, uri, false, time(NULL), &a);
	word = trust_word_name(a.word);
	trust_free(t);
	keyring_drop(&k);
	right = gpg == r->gpg && strcmp(word, r->word) == 0;
	print_message("# %s%-40s %-17s %-9s %-44s %c %-22s gpg: %c  we: %s\n",
		      right ? "" : "WRONG: ", r->name, r->certs, r->owner,
		      r->options, r->signer, uri, gpg, word);
	return right;
}

static void test_table(void **state)
{
	unsigned int wrong = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		wrong += !try_row(&table[i]);
	assert_int_equal(wrong, 0);
}

/* ---- why: the path ---- */

struct told {
	unsigned int n;
	char text[2048];
};

/* "depth letter(+|-)": of who certified. */
static void tell(void *arg, const struct web_step *s)
{
	struct told *t = arg;
	char letter = '?';

	for (int i = 0; i < PEOPLE; i++)
		if (!strcmp(fpr[i], s->fpr))
			letter = people[i].letter;
	assert_non_null(s->why);
	assert_true(*s->why);
	snprintf(t->text + strlen(t->text), sizeof(t->text) - strlen(t->text),
		 "%s%u%c%c", t->n++ ? " " : "", s->depth, letter,
		 s->counts ? '+' : '-');
}

static void expect_path(const struct row *r, const char *path)
{
	const char *const ask[] = { fpr[CALLEE] };
	struct told t = { .n = 0 };
	struct keyring k;
	struct web *w;

	caller_make(&k, r);
	assert_int_equal(web_load(&w, k.home, ask, 1), 0);
	web_each(w, fpr[CALLEE], people[CALLEE].uid, tell, &t);
	assert_string_equal(t.text, path);
	t.n = 0;
	web_each(w, fpr[CALLEE], "somebody else", tell, &t);
	web_each(w, "0123", people[CALLEE].uid, tell, &t);
	assert_int_equal(t.n, 0);
	web_free(w);
	keyring_drop(&k);
}

static void test_paths(void **state)
{
	static const struct row whole = {
		"", CHAIN, "Of If", "", 0, "", 0, ""
	};
	static const struct row untrusted = {
		"", CHAIN, "If", "", 0, "", 0, ""
	};
	static const struct row broken = { "", "CO IE", "Of If", "",
					   0,  "",	0,	 "" };
	static const struct row circle = { "", "IE EI", "If Ef", "",
					   0,  "",	0,	 "" };
	static const struct row nobody = { "", "", "", "", 0, "", 0, "" };
	static const struct row direct = { "", "CE", "", "trust-model direct",
					   0,  "",   0,	 "" };

	(void)state;
	expect_path(&whole, "0I+ 1O+ 2C+");
	/* where it ends is the missing link */
	expect_path(&untrusted, "0I- 1O-");
	expect_path(&broken, "0I-");
	expect_path(&circle, "0I- 1E-");
	expect_path(&nobody, "");
	expect_path(&direct, "0C+");
}

static void test_unknown_certifier(void **state)
{
	static const struct row r = { "", "FE", "", "", 0, "", 0, "" };
	const char *const ask[] = { fpr[CALLEE] };
	struct told t = { .n = 0 };
	struct keyring k;
	struct web *w;

	(void)state;
	caller_make(&k, &r);
	keyring_run(&k, "$G --delete-keys %s", fpr[FRIEND]);
	assert_int_equal(web_load(&w, k.home, ask, 1), 0);
	assert_string_equal(web_model(w), "pgp");
	web_each(w, fpr[CALLEE], people[CALLEE].uid, tell, &t);
	assert_string_equal(t.text, "0?-");
	web_free(w);
	keyring_drop(&k);
	assert_int_not_equal(web_load(&w, "/tmp/seal-no-such-home", ask, 1), 0);
	web_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table),
		cmocka_unit_test(test_paths),
		cmocka_unit_test(test_unknown_certifier),
	};

	return cmocka_run_group_tests_name("wot", tests, set_up, tear_down);
}

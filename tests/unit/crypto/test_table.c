/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What GnuPG says of a key and of a signature by it, and what we make of both:
 * a row for each way in which somebody should not be believed. Each has a home
 * of its own, made by gpg. Both engines must come to the same.
 */
#include "keyring.h"

#include "base/log.h"
#include "crypto/trust.h"

#define TEXT "SIP-PGP-AUTH/1 request\nmethod 6\nINVITE\n"
#define URI  "sip:x@x"

/*
 * In a home $H: $G is gpg, $N the same without a passphrase, $PAST, $TOMORROW
 * and $HOUR are options. gen USAGE EXPIRE OPTION... makes the key "x", sub ALGO
 * USAGE EXPIRE OPTION... a subkey of it; sign OPTION... signs $H/text with it;
 * edit takes commands of --edit-key. $H/sig is what is verified.
 */
static const char words[] =
	"N=\"gpg --homedir $H --batch --no-tty --quiet --yes --pinentry-mode "
	"loopback --passphrase=\"; PAST='--faked-system-time "
	"20200101T120000!'; "
	"TOMORROW=\"--faked-system-time $(($(date +%s) + 86400))!\"; "
	"HOUR=\"--faked-system-time $(($(date +%s) + 3600))!\"; "
	"gen() { u=$1 e=$2; shift 2; $N $* --quick-gen-key '<sip:x@x>' "
	"${A:-ed25519} $u $e; F=$($G --with-colons -k '<sip:x@x>' | "
	"awk -F: '$1 == \"fpr\" { print $10; exit }'); }; "
	"sub() { a=$1 u=$2 e=$3; shift 3; $N $* --quick-add-key $F $a $u $e; "
	"}; "
	"edit() { gpg --homedir $H --no-tty --quiet --pinentry-mode loopback "
	"--passphrase= --command-fd 0 --edit-key $F >/dev/null; }; "
	"sign() { rm -f $H/sig; $N $* -u $F -b -o $H/sig $H/text; }; "
	"revoke() { sed 's/^:---/---/' $H/openpgp-revocs.d/$F.rev | "
	"$G --import; }; "
	"nobody() { $G --export $F >$H/key; $N --delete-secret-and-public-key "
	"$F; $G --import ${1:-$H/key}; }; ";

static const struct row {
	const char *name, *make;
	const char *model; /* of trust; "" is gpg's own, pgp */
	const char *uri;
	/* GnuPG: its status lines when it verifies, its letter for the user ID
	 * in its listing ("0": no such key) */
	const char *gpg, *letter;
	/* we: of the signature, of its maker */
	const char *result, *word;
} table[] = {
	{ "all is well", "gen sign never; sign", "", URI, "GOODSIG", "u",
	  "good", "valid" },
	{ "another's URI", "gen sign never; sign", "", "sip:y@x", "GOODSIG",
	  "u", "good", "no-identity" },
	{ "certified by nobody", "gen sign never; sign; nobody", "", URI,
	  "GOODSIG", "-", "good", "not-valid" },
	{ "certified by nobody", "gen sign never; sign; nobody", "always", URI,
	  "GOODSIG", "-", "good", "valid" },
	{ "certified by nobody", "gen sign never; sign; nobody", "tofu+pgp",
	  URI, "GOODSIG", "m", "good", "not-valid" },
	{ "key not here", "gen sign never; sign; nobody /dev/null || :", "",
	  URI, "ERRSIG NO_PUBKEY", "0", "no-key", "no-key" },
	{ "key expired", "gen sign 1y $PAST; sign $PAST", "", URI, "EXPKEYSIG",
	  "e", "key-expired", "expired" },
	{ "signing subkey expired, primary well",
	  "gen cert never $PAST; sub ed25519 sign 1y $PAST; sign $PAST", "",
	  URI, "EXPKEYSIG", "u", "key-expired", "expired" },
	{ "signing subkey expired, another well",
	  "gen cert never $PAST; sub ed25519 sign 1y $PAST; sign $PAST; "
	  "sub ed25519 sign never",
	  "", URI, "EXPKEYSIG", "u", "key-expired", "valid" },
	{ "key revoked", "gen sign never; sign; revoke", "", URI, "REVKEYSIG",
	  "r", "key-revoked", "revoked" },
	{ "key revoked", "gen sign never; sign; revoke", "always", URI,
	  "REVKEYSIG", "r", "key-revoked", "revoked" },
	{ "signing subkey revoked",
	  "gen cert never; sub ed25519 sign never; sign; "
	  "printf 'key 1\\nrevkey\\ny\\n1\\n\\ny\\nsave\\n' | edit",
	  "", URI, "REVKEYSIG", "u", "key-revoked", "revoked" },
	{ "user ID revoked, another well",
	  "gen sign never; $N --quick-add-uid $F '<sip:y@x>'; sign; "
	  "$N --quick-revoke-uid $F '<sip:x@x>'",
	  "", URI, "GOODSIG", "r", "good", "revoked" },
	{ "key disabled",
	  "gen sign never; sign; printf 'disable\\nquit\\n' | edit", "", URI,
	  "GOODSIG", "u", "key-unusable", "disabled" },
	{ "key made tomorrow", "gen sign never $TOMORROW; sign $TOMORROW", "",
	  URI, "ERRSIG", "u", "key-unusable", "not-valid" },
	{ "signature made in an hour", "gen sign never; sign $HOUR", "", URI,
	  "GOODSIG", "u", "signature-time", "valid" },
	{ "signature older than its key",
	  "gen sign never; sign $PAST --ignore-time-conflict", "", URI,
	  "ERRSIG", "u", "signature-time", "valid" },
	{ "signature expired",
	  "gen sign never $PAST; sign $PAST --default-sig-expire 1d", "", URI,
	  "EXPSIG FAILURE", "u", "signature-time", "valid" },
	{ "MD5",
	  "A=rsa2048; gen sign never; sign --allow-weak-digest-algos "
	  "--digest-algo MD5",
	  "", URI, "ERRSIG", "u", "weak", "valid" },
	{ "SHA-1",
	  "A=rsa2048; gen sign never; sign --allow-weak-digest-algos "
	  "--digest-algo SHA1",
	  "", URI, "GOODSIG", "u", "weak", "valid" },
	{ "RSA of 1024 bits", "A=rsa1024; gen sign never; sign", "", URI,
	  "GOODSIG", "u", "weak", "cant-sign" },
	{ "by a subkey that only encrypts",
	  "gen cert never; sub rsa2048 sign never; sign; "
	  "printf 'key 1\\nchange-usage\\ns\\ne\\nq\\nsave\\n' | edit",
	  "", URI, "ERRSIG", "u", "key-unusable", "cant-sign" },
	{ "two signatures",
	  "gen sign never; sign; cat $H/sig $H/sig >$H/two; "
	  "mv $H/two $H/sig",
	  "", URI, "GOODSIG GOODSIG", "u", "malformed", "valid" },
	{ "with the text in it",
	  "gen sign never; $N -u $F -s -o $H/sig $H/text", "", URI, "", "u",
	  "malformed", "valid" },
	{ "cleartext",
	  "gen sign never; $N -u $F --clear-sign -o $H/sig $H/text", "", URI,
	  "", "u", "malformed", "valid" },
	{ "in armour", "gen sign never; sign --armor", "", URI, "GOODSIG", "u",
	  "malformed", "valid" },
	{ "no signature at all", "gen sign never; : >$H/sig", "", URI,
	  "NODATA FAILURE", "u", "malformed", "valid" },
	{ "a key for a signature", "gen sign never; $G --export >$H/sig", "",
	  URI, "UNEXPECTED FAILURE", "u", "malformed", "valid" },
	/* its algorithms stand where the fingerprint was, which may be any */
	{ "packet of version 3",
	  "gen sign never; sign; printf '\\3' | "
	  "dd of=$H/sig bs=1 seek=2 conv=notrunc; printf '\\144\\144' | "
	  "dd of=$H/sig bs=1 seek=17 conv=notrunc",
	  "", URI, "ERRSIG", "u", "malformed", "valid" },
	{ "packet of version 5",
	  "gen sign never; sign; printf '\\5' | "
	  "dd of=$H/sig bs=1 seek=2 conv=notrunc",
	  "", URI, "NODATA NODATA", "u", "malformed", "valid" },
	{ "packet of version 6",
	  "gen sign never; sign; printf '\\6' | "
	  "dd of=$H/sig bs=1 seek=2 conv=notrunc",
	  "", URI, "NODATA NODATA", "u", "malformed", "valid" },
	{ "key of version 6",
	  "gen sign never; sign; $G --export $F >$H/six; printf '\\6' | "
	  "dd of=$H/six bs=1 seek=2 conv=notrunc; nobody $H/six || :",
	  "", URI, "ERRSIG NO_PUBKEY", "0", "no-key", "no-key" },
	{ "text altered",
	  "gen sign never; sign; echo >>$H/text; sign; "
	  "printf '%s' \"$T\" >$H/text",
	  "", URI, "BADSIG FAILURE", "u", "bad-signature", "valid" },
};

static void ask_gpg(const struct keyring *k, const char *fpr, char said[128],
		    char letter[8])
{
	struct blob b;

	keyring_run(
		k,
		"gpg --homedir $H --batch --no-tty --status-fd 1 --verify "
		"$H/sig $H/text | awk '$2 ~ /SIG$|^NO|^UNEXPECTED|^FAILURE/ && "
		"$2 != \"NEWSIG\" && $2 != \"VALIDSIG\" { printf \"%%s%%s\", "
		"s, $2; s = \" \" }' >$H/said; "
		"$G --with-colons -k %s | awk -F: '$1 == \"uid\" && "
		"/x3ax@x/ { l = $2 == \"\" ? \"-\" : $2 } "
		"END { printf \"%%s\", l == \"\" ? 0 : l }' >$H/letter",
		fpr);
	keyring_out(k, &b, "said");
	assert_in_range(b.len, 0, 127);
	memcpy(said, b.b, b.len);
	said[b.len] = '\0';
	keyring_out(k, &b, "letter");
	assert_in_range(b.len, 1, 7);
	memcpy(letter, b.b, b.len);
	letter[b.len] = '\0';
}

static const char *ask_engine(const struct keyring *k, const char *engine,
			      struct trust *t)
{
	const struct pgp_conf conf = { k->home, "agent", engine, PATIENT_MS };
	char signer[PGP_FPR_MAX];
	enum pgp_result r;
	struct pgp_ctx *c;
	struct blob sig;
	struct pgp *p;

	keyring_out(k, &sig, "sig");
	assert_int_equal(pgp_open(&p, &conf), 0);
	pgp_set_trust(p, t);
	assert_int_equal(pgp_ctx_open(&c, p), 0);
	r = pgp_verify(c, span_str(TEXT), span_make(sig.b, sig.len), signer);
	pgp_ctx_close(c);
	pgp_close(p);
	return pgp_result_name(r);
}

/* The (sub)key that signs: the first subkey, if there is one. */
static void make(const struct row *r, struct keyring *k, char fpr[PGP_FPR_MAX])
{
	struct blob b;

	keyring_make(k);
	keyring_in(k, "text", TEXT, strlen(TEXT));
	keyring_in(k, "words", words, sizeof(words) - 1);
	keyring_in(k, "make", r->make, strlen(r->make));
	keyring_run(k, "T=$(cat $H/text; echo .); T=${T%%.}; . $H/words; "
		       ". $H/make; echo $F | tr -d '\\n' >$H/fpr");
	if (*r->model)
		keyring_run(k, "echo trust-model %s >$H/gpg.conf", r->model);
	keyring_out(k, &b, "fpr");
	assert_int_equal(b.len, 40);
	memcpy(fpr, b.b, 40);
	fpr[40] = '\0';
}

static bool try_row(const struct row *r)
{
	char fpr[PGP_FPR_MAX], said[128], letter[8];
	const char *result, *fast, *word;
	struct trust_answer a;
	struct keyring k;
	struct trust *t;
	bool right;

	make(r, &k, fpr);
	ask_gpg(&k, fpr, said, letter);
	assert_int_equal(trust_load(&t, k.home, TRUST_LOAD_MS), 0);
	trust_check(t, fpr, r->uri, false, time(NULL), &a);
	word = trust_word_name(a.word);
	result = ask_engine(&k, "gpgme", t);
	fast = ask_engine(&k, "fast", t);
	trust_free(t);
	keyring_drop(&k);
	right = !strcmp(said, r->gpg) && !strcmp(letter, r->letter) &&
		!strcmp(result, r->result) && !strcmp(fast, r->result) &&
		!strcmp(word, r->word);
	print_message("# %s%-38s %-8s %-7s gpg: %-22s %s  we: %s, %s\n",
		      right ? "" : "WRONG: ", r->name,
		      *r->model ? r->model : "pgp", r->uri, said, letter,
		      result, word);
	if (strcmp(result, fast))
		print_message("# but fast: %s\n", fast);
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table),
	};

	log_open(false, 0);
	return cmocka_run_group_tests_name("table", tests, NULL, NULL);
}

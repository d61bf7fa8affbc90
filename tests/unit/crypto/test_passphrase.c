/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Secret keys that gpg-agent can't use by itself: behind a passphrase, which a
 * pinentry of ours knows, or nobody, or which was told to the agent before; and
 * on a card that is not there. By both engines that leave keys to the agent.
 */
#include "keyring.h"

#include <errno.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/log.h"
#include "crypto/trust.h"

#define TEXT	 "SIP-PGP-AUTH/1 request\nmethod 6\nINVITE\n"
#define WORD	 "correct horse"
#define HASTY_MS 2000 /* nobody answers */

/* What asks people, and what it has been asked. */
static const char pinentry[] =
	"#!/bin/sh\n"
	"echo OK pleased to meet you\n"
	"while read -r word rest; do\n"
	"	case $word in\n"
	"	GETPIN | CONFIRM)\n"
	"		echo $word >>${0%/*}/asked\n"
	"		case $(cat ${0%/*}/how) in\n"
	"		knows) echo 'D " WORD "' && echo OK ;;\n"
	"		cancels) echo ERR 83886179 cancelled ;;\n"
	"		silent) ;;\n"
	"		esac ;;\n"
	"	BYE) echo OK && exit 0 ;;\n"
	"	*) echo OK ;;\n"
	"	esac\n"
	"done\n";

static struct keyring ring;
static char fpr[PGP_FPR_MAX], grip[48], card[PGP_FPR_MAX];
static struct trust *trust;

/* The agent starts anew with the next signature, knowing nothing. */
static void somebody(const char *how)
{
	keyring_end_agent(&ring);
	keyring_run(&ring, "rm -f $H/asked; printf %%s '%s' >$H/how", how);
}

static size_t times_asked(void)
{
	struct blob b;

	keyring_run(&ring, "touch $H/asked");
	keyring_out(&ring, &b, "asked");
	return b.len;
}

static void grip_of(const char *key, char out[48])
{
	struct blob b;

	keyring_run(&ring,
		    "$G --with-colons --with-keygrip -k %s | awk -F: "
		    "'$1 == \"grp\" { printf \"%%s\", $10; exit }' >$H/grip",
		    key);
	keyring_out(&ring, &b, "grip");
	assert_int_equal(b.len, 40);
	memcpy(out, b.b, b.len);
	out[b.len] = '\0';
}

/* A key of which the agent knows only the card: what gpg --card-status makes.
 * By its public half, in the agent's own form. */
static void make_card_key(void)
{
	static const char was[] = "(10:public-key";
	static const char head[] = "(20:shadowed-private-key";
	static const char tail[] = "(8:shadowed5:t1-v1(16:\xd2\x76\x00\x01\x24"
				   "\x01\x03\x04\x00\x06\x12\x34\x56\x78\x00"
				   "\x00"
				   "9:OPENPGP.1))))";
	struct blob b, out = { .len = 0 };
	char path[96];

	keyring_gen(&ring, "<sip:card@x>", "ed25519", "sign", "never", "",
		    card);
	grip_of(card, grip);
	keyring_run(&ring,
		    "gpg-connect-agent --homedir $H \"/datafile $H/key\" "
		    "'READKEY %s' /bye >/dev/null",
		    grip);
	keyring_out(&ring, &b, "key");
	assert_memory_equal(b.b, was, sizeof(was) - 1);
	memcpy(out.b, head, out.len = sizeof(head) - 1);
	memcpy(out.b + out.len, b.b + sizeof(was) - 1,
	       b.len - (sizeof(was) - 1) - 2);
	out.len += b.len - (sizeof(was) - 1) - 2;
	memcpy(out.b + out.len, tail, sizeof(tail) - 1);
	out.len += sizeof(tail) - 1;
	snprintf(path, sizeof(path), "private-keys-v1.d/%s.key", grip);
	keyring_in(&ring, path, out.b, out.len);
}

static int set_up(void **state)
{
	(void)state;
	log_open(false, 1);
	keyring_make(&ring);
	keyring_in(&ring, "pinentry", pinentry, sizeof(pinentry) - 1);
	keyring_run(&ring, "chmod 700 $H/pinentry; printf '%%s\\n' "
			   "\"pinentry-program $H/pinentry\" "
			   "allow-preset-passphrase >$H/gpg-agent.conf");
	keyring_run(&ring, "gpg --homedir $H --batch --quiet --pinentry-mode "
			   "loopback --passphrase '" WORD "' --quick-gen-key "
			   "'<sip:safe@x>' ed25519 sign never");
	keyring_fpr(&ring, "safe@x", 0, fpr);
	make_card_key();
	grip_of(fpr, grip);
	assert_int_equal(trust_load(&trust, ring.home, TRUST_LOAD_MS), 0);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	trust_free(trust);
	keyring_drop(&ring);
	return 0;
}

/* What signing comes to, and what is then said of it, within its time. */
static int sign(const char *engine, const char *key, unsigned int ms)
{
	const struct pgp_conf conf = { ring.home, engine, "fast", ms };
	char signer[PGP_FPR_MAX];
	uint8_t sig[PGP_SIG_MAX];
	struct pgp_ctx *c;
	uint64_t start;
	struct pgp *p;
	size_t len;
	int err;

	assert_int_equal(pgp_open(&p, &conf), 0);
	pgp_set_trust(p, trust);
	assert_int_equal(pgp_ctx_open(&c, p), 0);
	start = clock_steady_ns();
	err = pgp_sign(c, key, span_str(TEXT), sig, &len);
	/* starting and ending programs is not in the limit */
	assert_in_range((clock_steady_ns() - start) / 1000000, 0,
			ms + PATIENT_MS);
	if (!err) {
		assert_int_equal(pgp_verify(c, span_str(TEXT),
					    span_make(sig, len), signer),
				 PGP_GOOD);
		assert_string_equal(signer, key);
	}
	pgp_ctx_close(c);
	pgp_close(p);
	return err;
}

static const char *const engines[] = { "agent", "gpgme" };

static void test_listed(void **state)
{
	(void)state;
	assert_string_equal(
		trust_signer(trust, "sip:safe@x", false, time(NULL)), fpr);
	assert_string_equal(
		trust_signer(trust, "sip:card@x", false, time(NULL)), card);
}

static void test_pinentry_answers(void **state)
{
	(void)state;
	for (size_t e = 0; e < 2; e++) {
		somebody("knows");
		assert_int_equal(sign(engines[e], fpr, PATIENT_MS), 0);
		assert_int_not_equal(times_asked(), 0);
		/* and the agent remembers */
		keyring_run(&ring, "rm $H/asked");
		assert_int_equal(sign(engines[e], fpr, PATIENT_MS), 0);
		assert_int_equal(times_asked(), 0);
	}
}

static void test_pinentry_cancels(void **state)
{
	(void)state;
	for (size_t e = 0; e < 2; e++) {
		somebody("cancels");
		assert_int_equal(sign(engines[e], fpr, PATIENT_MS), EIO);
		assert_int_not_equal(times_asked(), 0);
	}
}

/* Nobody answers: the time of one signature, and the agent lives. */
static void test_pinentry_silent(void **state)
{
	(void)state;
	for (size_t e = 0; e < 2; e++) {
		pid_t pid;

		somebody("silent");
		keyring_run(&ring, "gpgconf --homedir $H --launch gpg-agent");
		pid = keyring_agent(&ring);
		assert_int_not_equal(pid, 0);
		assert_int_equal(sign(engines[e], fpr, HASTY_MS), ETIMEDOUT);
		assert_int_not_equal(times_asked(), 0);
		assert_int_equal(sign(engines[e], fpr, HASTY_MS), ETIMEDOUT);
		assert_int_equal(keyring_agent(&ring), pid);
	}
}

/* No pinentry at all, as on a machine without a screen. */
static void test_no_pinentry(void **state)
{
	(void)state;
	keyring_run(&ring, "chmod 600 $H/pinentry");
	for (size_t e = 0; e < 2; e++) {
		somebody("knows");
		assert_int_equal(sign(engines[e], fpr, PATIENT_MS), EIO);
		assert_int_equal(times_asked(), 0);
	}
	keyring_run(&ring, "chmod 700 $H/pinentry");
}

static void test_preset(void **state)
{
	(void)state;
	for (size_t e = 0; e < 2; e++) {
		somebody("silent");
		keyring_run(&ring,
			    "gpgconf --homedir $H --launch gpg-agent && "
			    "printf '" WORD "' | GNUPGHOME=$H "
			    "/usr/lib/gnupg/gpg-preset-passphrase --preset %s",
			    grip);
		assert_int_equal(sign(engines[e], fpr, PATIENT_MS), 0);
		assert_int_equal(times_asked(), 0);
	}
}

/* Its card, or a reader, is not there, and nobody brings it. */
static void test_card_away(void **state)
{
	(void)state;
	for (size_t e = 0; e < 2; e++) {
		int err;

		somebody("silent");
		err = sign(engines[e], card, HASTY_MS);
		assert_true(err == ETIMEDOUT || err == EIO || err == ENOKEY);
		somebody("cancels");
		err = sign(engines[e], card, PATIENT_MS);
		assert_true(err == EIO || err == ENOKEY);
		/* the other keys are none the worse for it */
		somebody("knows");
		assert_int_equal(sign(engines[e], fpr, PATIENT_MS), 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_listed),
		cmocka_unit_test(test_pinentry_answers),
		cmocka_unit_test(test_pinentry_cancels),
		cmocka_unit_test(test_pinentry_silent),
		cmocka_unit_test(test_no_pinentry),
		cmocka_unit_test(test_preset),
		cmocka_unit_test(test_card_away),
	};

	return cmocka_run_group_tests_name("passphrase", tests, set_up,
					   tear_down);
}

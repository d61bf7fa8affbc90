/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "keyring.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "base/clock.h"
#include "base/log.h"
#include "crypto/sigpacket.h"

#define TEXT "SIP-PGP-AUTH/1 request\nmethod 6\nINVITE\n"
#define PAST "--faked-system-time 20200101T120000!"

#define HASTY_MS 2000 /* to wait for what hangs; what does not, takes 20 */

static struct keyring ring;
static char alice[PGP_FPR_MAX];	  /* the primary signs */
static char bob[PGP_FPR_MAX];	  /* a subkey does */
static char bob_sub[PGP_FPR_MAX]; /* this one */
static struct pgp *pgp;
static struct pgp_ctx *ctx;

static int open_engines(struct pgp **p, const char *home, unsigned int ms)
{
	struct pgp_conf conf = { home, "gpgme", "gpgme", ms };

	return pgp_open(p, &conf);
}

static int set_up(void **state)
{
	(void)state;
	log_open(false, 0);
	keyring_make(&ring);
	keyring_gen(&ring, "Alice <sip:alice@example.org>", "ed25519", "sign",
		    "never", "", alice);
	keyring_gen(&ring, "Bob <bob@example.org>", "ed25519", "cert", "never",
		    "", bob);
	keyring_add_subkey(&ring, bob, "ed25519", "sign", "never", "");
	keyring_fpr(&ring, bob, 1, bob_sub);
	assert_int_equal(open_engines(&pgp, ring.home, PATIENT_MS), 0);
	assert_int_equal(pgp_ctx_open(&ctx, pgp), 0);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	pgp_ctx_close(ctx);
	pgp_close(pgp);
	keyring_drop(&ring);
	return 0;
}

static enum pgp_result verify_blob(const struct blob *sig, const char *text,
				   char signer[PGP_FPR_MAX])
{
	return pgp_verify(ctx, span_str(text), span_make(sig->b, sig->len),
			  signer);
}

static const char *result_of(const struct blob *sig)
{
	char signer[PGP_FPR_MAX];
	enum pgp_result r = verify_blob(sig, TEXT, signer);

	assert_int_equal(r == PGP_GOOD, signer[0] != '\0');
	return pgp_result_name(r);
}

/* ---- what holds ---- */

static void round_trip(const char *fpr, const char *primary)
{
	char signer[PGP_FPR_MAX];
	uint8_t sig[PGP_SIG_MAX];
	struct sigpacket p;
	size_t len;

	assert_int_equal(pgp_sign(ctx, fpr, span_str(TEXT), sig, &len), 0);
	assert_int_equal(sigpacket_read(&p, span_make(sig, len)), 0);
	assert_int_equal(p.type, 0);
	assert_int_equal(
		pgp_verify(ctx, span_str(TEXT), span_make(sig, len), signer),
		PGP_GOOD);
	assert_string_equal(signer, primary);
}

static void test_round_trip(void **state)
{
	(void)state;
	round_trip(alice, alice);
	round_trip(alice, alice);
	round_trip(bob, bob);
	round_trip(bob_sub, bob);
}

static void test_size(void **state)
{
	uint8_t sig[PGP_SIG_MAX];
	size_t len;

	(void)state;
	assert_int_equal(pgp_sign(ctx, alice, span_str(TEXT), sig, &len), 0);
	/* without a signer's user ID, which would be another 23; numbers that
	 * begin with zeroes are shorter */
	assert_in_range(len, 113, 119);
}

static void test_large(void **state)
{
	static char text[65536];
	char signer[PGP_FPR_MAX];
	uint8_t sig[PGP_SIG_MAX];
	size_t len;

	(void)state;
	memset(text, 'x', sizeof(text));
	assert_int_equal(
		pgp_sign(ctx, alice, span_make(text, sizeof(text)), sig, &len),
		0);
	assert_int_equal(pgp_verify(ctx, span_make(text, sizeof(text)),
				    span_make(sig, len), signer),
			 PGP_GOOD);
	assert_int_equal(pgp_verify(ctx, span_make(text, sizeof(text) - 1),
				    span_make(sig, len), signer),
			 PGP_BAD);
}

static void test_gpg_takes_ours(void **state)
{
	uint8_t sig[PGP_SIG_MAX];
	size_t len;

	(void)state;
	assert_int_equal(pgp_sign(ctx, bob, span_str(TEXT), sig, &len), 0);
	keyring_in(&ring, "sig", sig, len);
	keyring_in(&ring, "text", TEXT, strlen(TEXT));
	keyring_run(&ring, "$G --status-fd 1 --verify $H/sig $H/text | "
			   "grep -q GOODSIG");
}

static void test_algorithms(void **state)
{
	static const char *const algo[] = { "rsa2048", "rsa3072", "nistp256",
					    "nistp384" };
	char fpr[PGP_FPR_MAX], uid[64];

	(void)state;
	for (size_t i = 0; i < sizeof(algo) / sizeof(algo[0]); i++) {
		snprintf(uid, sizeof(uid), "%s@example.org", algo[i]);
		keyring_gen(&ring, uid, algo[i], "sign", "never", "", fpr);
		round_trip(fpr, fpr);
	}
}

/* ---- what does not ---- */

static void test_altered(void **state)
{
	char signer[PGP_FPR_MAX];
	struct blob sig;

	(void)state;
	keyring_sign(&ring, alice, "", TEXT, &sig);
	assert_string_equal(result_of(&sig), "good");
	assert_int_equal(verify_blob(&sig, TEXT " ", signer), PGP_BAD);
	assert_int_equal(verify_blob(&sig, "", signer), PGP_BAD);
	assert_string_equal(signer, "");
}

/* No single octet may be changed in what is signed over or in the numbers. */
static void test_flipped(void **state)
{
	char signer[PGP_FPR_MAX];
	struct sigpacket p;
	struct blob sig;
	size_t mpis;

	(void)state;
	keyring_sign(&ring, alice, "", TEXT, &sig);
	assert_int_equal(sigpacket_read(&p, span_make(sig.b, sig.len)), 0);
	mpis = (size_t)((const uint8_t *)p.mpis.p - sig.b);
	for (size_t i = 0; i < sig.len; i += 7) {
		const uint8_t *at = sig.b + i;

		/* the unhashed area is a hint that nothing rests on */
		if (at >= (const uint8_t *)p.unhashed.p - 2 && i < mpis)
			continue;
		sig.b[i] ^= 0x10;
		assert_int_not_equal(verify_blob(&sig, TEXT, signer), PGP_GOOD);
		sig.b[i] ^= 0x10;
	}
	assert_string_equal(result_of(&sig), "good");
}

static void test_unknown_key(void **state)
{
	struct keyring other;
	char fpr[PGP_FPR_MAX];
	struct blob sig;

	(void)state;
	keyring_make(&other);
	keyring_gen(&other, "sip:mallory@example.org", "ed25519", "sign",
		    "never", "", fpr);
	keyring_sign(&other, fpr, "", TEXT, &sig);
	keyring_drop(&other);
	assert_string_equal(result_of(&sig), "no-key");
}

static void test_expired_key(void **state)
{
	char fpr[PGP_FPR_MAX];
	struct blob sig;

	(void)state;
	keyring_gen(&ring, "sip:old@example.org", "ed25519", "sign", "1y", PAST,
		    fpr);
	keyring_sign(&ring, fpr, PAST, TEXT, &sig);
	assert_string_equal(result_of(&sig), "key-expired");
}

static void test_revoked_key(void **state)
{
	char fpr[PGP_FPR_MAX];
	struct blob sig;

	(void)state;
	keyring_gen(&ring, "sip:gone@example.org", "ed25519", "sign", "never",
		    "", fpr);
	keyring_sign(&ring, fpr, "", TEXT, &sig);
	assert_string_equal(result_of(&sig), "good");
	keyring_revoke(&ring, fpr);
	assert_string_equal(result_of(&sig), "key-revoked");
}

/* Noticed although the key was looked up before: the keyring changed. */
static void test_disabled_key(void **state)
{
	char fpr[PGP_FPR_MAX];
	struct blob sig;

	(void)state;
	keyring_gen(&ring, "sip:off@example.org", "ed25519", "sign", "never",
		    "", fpr);
	keyring_sign(&ring, fpr, "", TEXT, &sig);
	assert_string_equal(result_of(&sig), "good");
	keyring_edit(&ring, fpr, "disable\nquit\n");
	assert_string_equal(result_of(&sig), "key-unusable");
	keyring_edit(&ring, fpr, "enable\nquit\n");
	assert_string_equal(result_of(&sig), "good");
}

static void test_expired_subkey(void **state)
{
	char fpr[PGP_FPR_MAX];
	struct blob sig;

	(void)state;
	keyring_gen(&ring, "sip:sub1@example.org", "ed25519", "cert", "never",
		    PAST, fpr);
	keyring_add_subkey(&ring, fpr, "ed25519", "sign", "1y", PAST);
	keyring_sign(&ring, fpr, PAST, TEXT, &sig);
	assert_string_equal(result_of(&sig), "key-expired");
}

static void test_revoked_subkey(void **state)
{
	char fpr[PGP_FPR_MAX];
	struct blob sig;

	(void)state;
	keyring_gen(&ring, "sip:sub2@example.org", "ed25519", "cert", "never",
		    "", fpr);
	keyring_add_subkey(&ring, fpr, "ed25519", "sign", "never", "");
	keyring_sign(&ring, fpr, "", TEXT, &sig);
	assert_string_equal(result_of(&sig), "good");
	keyring_edit(&ring, fpr, "key 1\nrevkey\ny\n1\n\ny\nsave\n");
	assert_string_equal(result_of(&sig), "key-revoked");
}

/* gpg signs with no such key: the subkey could sign when it did. */
static void test_encryption_subkey(void **state)
{
	char fpr[PGP_FPR_MAX];
	struct blob sig;

	(void)state;
	keyring_gen(&ring, "sip:enc@example.org", "ed25519", "cert", "never",
		    "", fpr);
	keyring_add_subkey(&ring, fpr, "rsa2048", "sign", "never", "");
	keyring_sign(&ring, fpr, "", TEXT, &sig);
	assert_string_equal(result_of(&sig), "good");
	keyring_edit(&ring, fpr, "key 1\nchange-usage\ns\ne\nq\nsave\n");
	assert_string_equal(result_of(&sig), "key-unusable");
}

static void test_weak_digests(void **state)
{
	static const char *const digest[] = { "SHA1", "RIPEMD160", "SHA224",
					      "MD5" };
	char options[80], fpr[PGP_FPR_MAX];
	struct blob sig;

	(void)state;
	keyring_gen(&ring, "sip:weak@example.org", "rsa2048", "sign", "never",
		    "", fpr);
	for (size_t i = 0; i < sizeof(digest) / sizeof(digest[0]); i++) {
		snprintf(options, sizeof(options),
			 "--allow-weak-digest-algos --digest-algo %s",
			 digest[i]);
		keyring_sign(&ring, fpr, options, TEXT, &sig);
		assert_string_equal(result_of(&sig), "weak");
	}
	keyring_sign(&ring, fpr, "--digest-algo SHA384", TEXT, &sig);
	assert_string_equal(result_of(&sig), "good");
}

static void test_short_rsa(void **state)
{
	char fpr[PGP_FPR_MAX];
	struct blob sig;

	(void)state;
	keyring_gen(&ring, "sip:short@example.org", "rsa1024", "sign", "never",
		    "", fpr);
	keyring_sign(&ring, fpr, "", TEXT, &sig);
	assert_string_equal(result_of(&sig), "weak");
}

static void test_two_signatures(void **state)
{
	struct blob one, two;

	(void)state;
	keyring_sign(&ring, alice, "", TEXT, &one);
	two = one;
	memcpy(two.b + two.len, one.b, one.len);
	two.len += one.len;
	assert_string_equal(result_of(&two), "malformed");
	keyring_run(&ring, "$G -u %s -u %s -b -o $H/sig $H/text", alice, bob);
	keyring_out(&ring, &two, "sig");
	assert_string_equal(result_of(&two), "malformed");
}

static void test_not_detached(void **state)
{
	static const char *const how[] = {
		"--clear-sign",	 "-s",	     "-s -z 0", "-b --armor",
		"-b --textmode", "--export",
	};
	struct blob b;

	(void)state;
	keyring_in(&ring, "text", TEXT, strlen(TEXT));
	for (size_t i = 0; i < sizeof(how) / sizeof(how[0]); i++) {
		keyring_run(&ring, "$G -u %s -o $H/sig %s %s", alice, how[i],
			    i == 5 ? alice : "$H/text");
		keyring_out(&ring, &b, "sig");
		assert_string_equal(result_of(&b), "malformed");
	}
	b.len = 0;
	assert_string_equal(result_of(&b), "malformed");
	memset(b.b, 'x', b.len = 2000);
	assert_string_equal(result_of(&b), "malformed");
}

static void test_signature_ahead(void **state)
{
	char options[80];
	struct blob sig;
	time_t now = time(NULL);

	(void)state;
	snprintf(options, sizeof(options), "--faked-system-time %ld!",
		 (long)now + 30);
	keyring_sign(&ring, alice, options, TEXT, &sig);
	assert_string_equal(result_of(&sig), "good");
	snprintf(options, sizeof(options), "--faked-system-time %ld!",
		 (long)now + 3600);
	keyring_sign(&ring, alice, options, TEXT, &sig);
	assert_string_equal(result_of(&sig), "signature-time");
}

static void test_signature_older_than_key(void **state)
{
	struct blob sig;

	(void)state;
	keyring_sign(&ring, alice, PAST " --ignore-time-conflict", TEXT, &sig);
	assert_string_equal(result_of(&sig), "signature-time");
}

static void test_signature_expired(void **state)
{
	char fpr[PGP_FPR_MAX];
	struct blob sig;

	(void)state;
	keyring_gen(&ring, "sip:stale@example.org", "ed25519", "sign", "never",
		    PAST, fpr);
	keyring_sign(&ring, fpr, PAST " --default-sig-expire 1d", TEXT, &sig);
	assert_string_equal(result_of(&sig), "signature-time");
}

static void test_key_of_the_future(void **state)
{
	char fpr[PGP_FPR_MAX], when[64];
	struct blob sig;

	(void)state;
	snprintf(when, sizeof(when), "--faked-system-time %ld!",
		 (long)time(NULL) + 86400);
	keyring_gen(&ring, "sip:morrow@example.org", "ed25519", "sign", "never",
		    when, fpr);
	keyring_sign(&ring, fpr, when, TEXT, &sig);
	assert_string_equal(result_of(&sig), "key-unusable");
}

/* ---- signing that can't be ---- */

static void test_cant_sign(void **state)
{
	char fpr[PGP_FPR_MAX];
	uint8_t sig[PGP_SIG_MAX];
	struct keyring other;
	size_t len;

	(void)state;
	assert_int_equal(pgp_sign(ctx,
				  "0123456789ABCDEF0123456789ABCDEF01234567",
				  span_str(TEXT), sig, &len),
			 ENOKEY);
	keyring_gen(&ring, "sip:c@example.org", "ed25519", "cert", "never", "",
		    fpr);
	assert_int_equal(pgp_sign(ctx, fpr, span_str(TEXT), sig, &len), ENOKEY);
	keyring_gen(&ring, "sip:e@example.org", "ed25519", "sign", "1y", PAST,
		    fpr);
	assert_int_equal(pgp_sign(ctx, fpr, span_str(TEXT), sig, &len), ENOKEY);

	/* public only */
	keyring_make(&other);
	keyring_gen(&other, "sip:p@example.org", "ed25519", "sign", "never", "",
		    fpr);
	keyring_run(&other, "$G --export | gpg --homedir %s --batch --import",
		    ring.home);
	keyring_drop(&other);
	assert_int_equal(pgp_sign(ctx, fpr, span_str(TEXT), sig, &len), ENOKEY);
}

static void test_weak_gpg_conf(void **state)
{
	char fpr[PGP_FPR_MAX];
	uint8_t sig[PGP_SIG_MAX];
	size_t len;

	(void)state;
	keyring_gen(&ring, "sip:conf@example.org", "rsa2048", "sign", "never",
		    "", fpr);
	keyring_run(&ring, "echo digest-algo SHA1 > $H/gpg.conf");
	assert_int_equal(pgp_sign(ctx, fpr, span_str(TEXT), sig, &len), EIO);
	keyring_run(&ring, "rm $H/gpg.conf");
	assert_int_equal(pgp_sign(ctx, fpr, span_str(TEXT), sig, &len), 0);
}

/* ---- hanging ---- */

/* Processes whose command line names the home, and what they are. */
static pid_t process_of(const char *home, const char *program)
{
	struct dirent *d;
	pid_t found = 0;
	DIR *proc = opendir("/proc");

	assert_non_null(proc);
	while (!found && (d = readdir(proc))) {
		char path[300], line[4096];
		size_t at;
		ssize_t n;
		int fd;

		snprintf(path, sizeof(path), "/proc/%s/cmdline", d->d_name);
		if (!isdigit((unsigned char)d->d_name[0]) ||
		    (fd = open(path, O_RDONLY)) < 0)
			continue;
		n = read(fd, line, sizeof(line) - 1);
		close(fd);
		if (n <= 0)
			continue;
		line[n] = '\0';
		at = strlen(line) - strlen(program);
		if (strlen(line) < strlen(program) ||
		    strcmp(line + at, program) != 0 ||
		    !memmem(line, (size_t)n, home, strlen(home)))
			continue;
		found = (pid_t)atoi(d->d_name);
	}
	closedir(proc);
	return found;
}

/* True once no such process is left (it may take its time to be reaped). */
static bool goes_away(const char *home, const char *program)
{
	for (int i = 0; i < PATIENT_MS / 10; i++) {
		if (!process_of(home, program))
			return true;
		usleep(10000);
	}
	return false;
}

struct small {
	struct pgp *pgp;
	struct pgp_ctx *ctx;
};

static void small_open(struct small *s)
{
	assert_int_equal(open_engines(&s->pgp, ring.home, HASTY_MS), 0);
	assert_int_equal(pgp_ctx_open(&s->ctx, s->pgp), 0);
}

static void small_close(struct small *s)
{
	pgp_ctx_close(s->ctx);
	pgp_close(s->pgp);
}

/* gpg stops at a gpg.conf that nobody writes to. */
static void test_gpg_hangs(void **state)
{
	char fifo[64], signer[PGP_FPR_MAX];
	uint8_t sig[PGP_SIG_MAX];
	struct small s;
	uint64_t start;
	size_t len;

	(void)state;
	small_open(&s);
	assert_int_equal(pgp_sign(s.ctx, alice, span_str(TEXT), sig, &len), 0);
	snprintf(fifo, sizeof(fifo), "%s/gpg.conf", ring.home);
	assert_int_equal(mkfifo(fifo, 0600), 0);
	start = clock_steady_ns();
	assert_int_equal(
		pgp_verify(s.ctx, span_str(TEXT), span_make(sig, len), signer),
		PGP_TIMEOUT);
	assert_int_equal(pgp_sign(s.ctx, alice, span_str(TEXT), sig, &len),
			 ETIMEDOUT);
	assert_in_range((clock_steady_ns() - start) / 1000000, 2 * HASTY_MS,
			2 * HASTY_MS + PATIENT_MS);
	assert_true(goes_away(ring.home, "gpg"));
	unlink(fifo);
	/* and the agent, which was well, still lives */
	assert_int_not_equal(process_of(ring.home, "gpg-agent"), 0);

	assert_int_equal(pgp_sign(s.ctx, alice, span_str(TEXT), sig, &len), 0);
	assert_int_equal(
		pgp_verify(s.ctx, span_str(TEXT), span_make(sig, len), signer),
		PGP_GOOD);
	small_close(&s);
}

static void test_agent_hangs(void **state)
{
	uint8_t sig[PGP_SIG_MAX];
	struct small s;
	pid_t agent;
	size_t len;

	(void)state;
	small_open(&s);
	assert_int_equal(pgp_sign(s.ctx, alice, span_str(TEXT), sig, &len), 0);
	agent = process_of(ring.home, "gpg-agent");
	assert_int_not_equal(agent, 0);
	keyring_stop_agent(agent, 0);
	assert_int_equal(pgp_sign(s.ctx, alice, span_str(TEXT), sig, &len),
			 ETIMEDOUT);
	assert_true(goes_away(ring.home, "gpg"));
	small_close(&s);

	assert_int_equal(pgp_sign(ctx, alice, span_str(TEXT), sig, &len), 0);
	assert_int_not_equal(process_of(ring.home, "gpg-agent"), agent);
}

static void test_agent_dies(void **state)
{
	uint8_t sig[PGP_SIG_MAX];
	pid_t agent;
	size_t len;

	(void)state;
	agent = process_of(ring.home, "gpg-agent");
	keyring_kill(agent);
	assert_int_equal(pgp_sign(ctx, alice, span_str(TEXT), sig, &len), 0);
}

/* gpg is killed in the middle, by somebody who waits for it. */
static void test_gpg_killed(void **state)
{
	char fifo[64], signer[PGP_FPR_MAX];
	uint8_t sig[PGP_SIG_MAX];
	pid_t killer;
	size_t len;

	(void)state;
	assert_int_equal(pgp_sign(ctx, alice, span_str(TEXT), sig, &len), 0);
	snprintf(fifo, sizeof(fifo), "%s/gpg.conf", ring.home);
	assert_int_equal(mkfifo(fifo, 0600), 0);
	for (int i = 0; i < 2; i++) {
		/* the one before has answered, but may not have ended */
		assert_true(goes_away(ring.home, "gpg"));
		killer = fork();
		if (!killer) {
			pid_t gpg = 0;

			for (int n = 0; n < PATIENT_MS && !gpg; n++) {
				gpg = process_of(ring.home, "gpg");
				usleep(1000);
			}
			_exit(!gpg || kill(gpg, SIGKILL) ? 1 : 0);
		}
		if (!i)
			assert_int_equal(pgp_verify(ctx, span_str(TEXT),
						    span_make(sig, len),
						    signer),
					 PGP_ENGINE);
		else
			assert_int_equal(
				pgp_sign(ctx, alice, span_str(TEXT), sig, &len),
				EIO);
		waitpid(killer, NULL, 0);
	}
	unlink(fifo);
	assert_int_equal(pgp_sign(ctx, alice, span_str(TEXT), sig, &len), 0);
	assert_int_equal(
		pgp_verify(ctx, span_str(TEXT), span_make(sig, len), signer),
		PGP_GOOD);
}

/* ---- opening ---- */

static void test_open_faults(void **state)
{
	struct pgp_conf conf = { ring.home, "gpgme", "gpgme", 1000 };
	char path[64];
	struct pgp *p;

	(void)state;
	conf.sign_engine = "quantum";
	assert_int_equal(pgp_open(&p, &conf), EINVAL);
	conf.sign_engine = "gpgme";
	conf.home = "/tmp/seal-no-such-home";
	assert_int_equal(pgp_open(&p, &conf), ENOENT);
	snprintf(path, sizeof(path), "%s/text", ring.home);
	conf.home = path;
	assert_int_equal(pgp_open(&p, &conf), ENOTDIR);
	conf.home = ring.home;
	assert_int_equal(chmod(ring.home, 0750), 0);
	assert_int_equal(pgp_open(&p, &conf), EACCES);
	assert_int_equal(chmod(ring.home, 0700), 0);
	if (geteuid() == 0) {
		assert_int_equal(chown(ring.home, 65534, 65534), 0);
		assert_int_equal(pgp_open(&p, &conf), EACCES);
		assert_int_equal(chown(ring.home, 0, 0), 0);
	}
	assert_int_equal(pgp_open(&p, &conf), 0);
	pgp_close(p);
}

static void test_names(void **state)
{
	(void)state;
	for (int r = 0; r < PGP_RESULT_COUNT; r++)
		assert_string_not_equal(pgp_result_name(r), "unknown");
	assert_string_equal(pgp_result_name(PGP_RESULT_COUNT), "unknown");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_size),
		cmocka_unit_test(test_large),
		cmocka_unit_test(test_gpg_takes_ours),
		cmocka_unit_test(test_algorithms),
		cmocka_unit_test(test_altered),
		cmocka_unit_test(test_flipped),
		cmocka_unit_test(test_unknown_key),
		cmocka_unit_test(test_expired_key),
		cmocka_unit_test(test_revoked_key),
		cmocka_unit_test(test_disabled_key),
		cmocka_unit_test(test_expired_subkey),
		cmocka_unit_test(test_revoked_subkey),
		cmocka_unit_test(test_encryption_subkey),
		cmocka_unit_test(test_weak_digests),
		cmocka_unit_test(test_short_rsa),
		cmocka_unit_test(test_two_signatures),
		cmocka_unit_test(test_not_detached),
		cmocka_unit_test(test_signature_ahead),
		cmocka_unit_test(test_signature_older_than_key),
		cmocka_unit_test(test_signature_expired),
		cmocka_unit_test(test_key_of_the_future),
		cmocka_unit_test(test_cant_sign),
		cmocka_unit_test(test_weak_gpg_conf),
		cmocka_unit_test(test_gpg_hangs),
		cmocka_unit_test(test_agent_hangs),
		cmocka_unit_test(test_agent_dies),
		cmocka_unit_test(test_gpg_killed),
		cmocka_unit_test(test_open_faults),
	};

	return cmocka_run_group_tests_name("pgp", tests, set_up, tear_down);
}

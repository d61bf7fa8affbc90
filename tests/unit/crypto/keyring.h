/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * keyring - GnuPG homes for tests, made by gpg itself under /tmp (the paths of
 * sockets are short) and taken away with their agents.
 */
#ifndef TESTS_KEYRING_H
#define TESTS_KEYRING_H

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>

#include "crypto/pgp.h"

#define UNUSED __attribute__((unused))

#define PATIENT_MS 60000 /* a limit of what comes soon, on any machine */

struct keyring {
	char home[40];
};

struct blob {
	uint8_t b[65536];
	size_t len;
};

static void keyring_make(struct keyring *k)
{
	strcpy(k->home, "/tmp/sealXXXXXX");
	assert_non_null(mkdtemp(k->home));
}

/* A shell command in which $G is gpg on this home. Its status. */
__attribute__((format(printf, 2, 3))) static int keyring_try(
	const struct keyring *k, const char *fmt, ...)
{
	char cmd[4096];
	va_list ap;
	int n;

	n = snprintf(cmd, sizeof(cmd),
		     "exec 2>>%s/log; H=%s; G='gpg --homedir %s --batch "
		     "--no-tty --quiet --yes --pinentry-mode loopback "
		     "--passphrase=x'; ",
		     k->home, k->home, k->home);
	va_start(ap, fmt);
	vsnprintf(cmd + n, sizeof(cmd) - (size_t)n, fmt, ap);
	va_end(ap);
	return system(cmd);
}

#define keyring_run(k, ...)                                                    \
	do {                                                                   \
		if (keyring_try(k, __VA_ARGS__))                               \
			keyring_fail(k, __LINE__);                             \
	} while (0)

UNUSED static void keyring_fail(const struct keyring *k, int line)
{
	char cmd[80];

	snprintf(cmd, sizeof(cmd), "tail -5 %s/log >&2", k->home);
	if (system(cmd))
		print_error("no log\n");
	fail_msg("gpg failed, line %d", line);
}

static void keyring_drop(const struct keyring *k)
{
	char cmd[160];

	snprintf(cmd, sizeof(cmd),
		 "gpgconf --homedir %s --kill all 2>/dev/null; rm -rf %s",
		 k->home, k->home);
	assert_int_equal(system(cmd), 0);
}

/* Output of a command as in keyring_try(), in file "out" of the home. */
UNUSED static void keyring_out(const struct keyring *k, struct blob *out,
			       const char *name)
{
	char path[128];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", k->home, name);
	f = fopen(path, "rb");
	assert_non_null(f);
	out->len = fread(out->b, 1, sizeof(out->b), f);
	fclose(f);
}

UNUSED static void keyring_in(const struct keyring *k, const char *name,
			      const void *p, size_t len)
{
	char path[128];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", k->home, name);
	f = fopen(path, "wb");
	assert_non_null(f);
	assert_int_equal(fwrite(p, 1, len, f), len);
	fclose(f);
}

/* Fingerprint of the key, or of its n-th subkey, that the words find. */
UNUSED static void keyring_fpr(const struct keyring *k, const char *who,
			       unsigned int n, char out[PGP_FPR_MAX])
{
	struct blob b;

	keyring_run(k,
		    "$G --with-colons -k '%s' | awk -F: '$1 == \"fpr\" && "
		    "n++ == %u { printf \"%%s\", $10 }' > $H/fpr",
		    who, n);
	keyring_out(k, &b, "fpr");
	assert_in_range(b.len, 40, PGP_FPR_MAX - 1);
	memcpy(out, b.b, b.len);
	out[b.len] = '\0';
}

/* A key without passphrase. when: "" or --faked-system-time …!, where the "!"
 * stops the clock: gpg's next run would begin at the same second again. */
UNUSED static void keyring_gen(const struct keyring *k, const char *uid,
			       const char *algo, const char *usage,
			       const char *expire, const char *when,
			       char fpr[PGP_FPR_MAX])
{
	keyring_run(k,
		    "gpg --homedir $H --batch --quiet --pinentry-mode loopback "
		    "--passphrase '' --utf8-strings --status-fd 3 %s "
		    "--quick-gen-key '%s' "
		    "%s %s %s 3>$H/status && awk '/KEY_CREATED/ "
		    "{ printf \"%%s\", $4 }' $H/status > $H/fpr",
		    when, uid, algo, usage, expire);
	if (fpr) {
		struct blob b;

		keyring_out(k, &b, "fpr");
		assert_int_equal(b.len, 40);
		memcpy(fpr, b.b, b.len);
		fpr[40] = '\0';
	}
}

UNUSED static void keyring_add_subkey(const struct keyring *k, const char *fpr,
				      const char *algo, const char *usage,
				      const char *expire, const char *when)
{
	keyring_run(k,
		    "gpg --homedir $H --batch --quiet --pinentry-mode loopback "
		    "--passphrase '' %s --quick-add-key %s %s %s %s",
		    when, fpr, algo, usage, expire);
}

/* Commands of gpg --edit-key, one a line. */
UNUSED static void keyring_edit(const struct keyring *k, const char *fpr,
				const char *commands)
{
	keyring_in(k, "edit", commands, strlen(commands));
	keyring_run(k,
		    "gpg --homedir $H --no-tty --quiet --pinentry-mode "
		    "loopback --passphrase '' --command-fd 0 --edit-key %s "
		    "< $H/edit >/dev/null",
		    fpr);
}

/* gpg keeps a revocation certificate, disarmed by a colon, for each key. */
UNUSED static void keyring_revoke(const struct keyring *k, const char *fpr)
{
	keyring_run(k,
		    "sed 's/^:---/---/' $H/openpgp-revocs.d/%s.rev | "
		    "$G --import",
		    fpr);
}

/* A signature over text by gpg with extra options. */
UNUSED static void keyring_sign(const struct keyring *k, const char *fpr,
				const char *options, const char *text,
				struct blob *sig)
{
	keyring_in(k, "text", text, strlen(text));
	keyring_run(k, "$G %s -u %s -b -o $H/sig $H/text", options, fpr);
	keyring_out(k, sig, "sig");
}

/* Its gpg-agent, which runs. */
UNUSED static pid_t keyring_agent(const struct keyring *k)
{
	struct blob b;

	keyring_run(k, "gpg-connect-agent --homedir $H --no-autostart "
		       "'GETINFO pid' /bye | sed -n 's/^D //p' > $H/pid");
	keyring_out(k, &b, "pid");
	b.b[b.len] = '\0';
	return (pid_t)atoi((const char *)b.b);
}

/* The first letter behind a name in /proc/PID/status; 0 when it has ended. */
UNUSED static char keyring_status(pid_t pid, const char *name)
{
	char path[64], line[128], c = '\0';
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	f = fopen(path, "r");
	if (!f)
		return '\0';
	while (!c && fgets(line, sizeof(line), f))
		if (strncmp(line, name, strlen(name)) == 0)
			c = line[strlen(name) + 1];
	fclose(f);
	return c;
}

/* A process that was told to end has its files and sockets until it has. */
UNUSED static void keyring_await_end(pid_t pid)
{
	for (int i = 0; i < PATIENT_MS / 10; i++) {
		char state = keyring_status(pid, "State:");

		if (!state ||
		    (state == 'Z' && keyring_status(pid, "Threads:") <= '1'))
			return;
		usleep(10000);
	}
	fail_msg("process %d does not end", (int)pid);
}

UNUSED static void keyring_kill(pid_t pid)
{
	assert_in_range(pid, 2, INT32_MAX);
	assert_int_equal(kill(pid, SIGKILL), 0);
	keyring_await_end(pid);
}

/* Its gpg-agent, if there is one. Whoever comes next starts another. */
UNUSED static void keyring_end_agent(const struct keyring *k)
{
	pid_t pid = keyring_agent(k);

	if (!pid)
		return;
	keyring_run(k, "gpgconf --homedir $H --kill gpg-agent");
	keyring_await_end(pid);
}

/*
 * A thread of gpg-agent that is done with its connection sends SIGCONT to the
 * others, so none but those of connections that are kept may be there when it
 * is stopped, and it must be seen to have stopped.
 */
UNUSED static void keyring_stop_agent(pid_t agent, unsigned int connections)
{
	const char threads = (char)('1' + connections);

	for (int i = 0; i < PATIENT_MS / 10; i++) {
		if (keyring_status(agent, "Threads:") == threads)
			assert_int_equal(kill(agent, SIGSTOP), 0);
		usleep(10000);
		if (keyring_status(agent, "State:") == 'T' &&
		    keyring_status(agent, "Threads:") == threads)
			return;
		kill(agent, SIGCONT);
	}
	fail_msg("gpg-agent does not stop");
}

#endif

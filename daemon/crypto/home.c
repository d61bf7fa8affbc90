/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "base/clock.h"
#include "base/log.h"
#include "crypto/home.h"

/* These take 20, unless they hang, or the machine is at its end. */
#define GPGCONF_MS 60000
#define LAUNCH_MS  10000 /* of gpg-agent: signatures wait for it */
#define EXPORT_MS  60000 /* of a secret key */

int home_check(char path[PATH_MAX], const char *home)
{
	struct stat st;
	int err;

	if (!realpath(home, path) || stat(path, &st)) {
		err = errno == ENOENT || errno == EACCES ? errno : EIO;
		log_warn("GnuPG home %s: can't be read (make it with "
			 "\"install -d -m 700 %s\" as the daemon's user)",
			 home, home);
		return err;
	}
	if (!S_ISDIR(st.st_mode)) {
		log_warnx("GnuPG home %s is not a directory", path);
		return ENOTDIR;
	}
	if (st.st_uid != geteuid()) {
		log_warnx("GnuPG home %s belongs to user %u, but the daemon "
			  "runs as %u: mend it with \"chown -R %u %s\"",
			  path, (unsigned)st.st_uid, (unsigned)geteuid(),
			  (unsigned)geteuid(), path);
		return EACCES;
	}
	if (st.st_mode & 077) {
		log_warnx("GnuPG home %s is open to others (mode %03o): mend "
			  "it with \"chmod 700 %s\"",
			  path, (unsigned)st.st_mode & 0777, path);
		return EACCES;
	}
	return 0;
}

/* Feed what comes to take(), but not for ever. */
static int drain(int fd, char *buf, size_t size, unsigned int ms,
		 bool (*take)(void *arg, const char *p, size_t n), void *arg)
{
	uint64_t end = clock_steady_ns() + ms * 1000000ull;
	struct pollfd pfd = { .fd = fd, .events = POLLIN };

	for (;;) {
		uint64_t now = clock_steady_ns();
		ssize_t n;

		if (now >= end)
			return ETIMEDOUT;
		if (poll(&pfd, 1, (int)((end - now) / 1000000) + 1) <= 0)
			continue;
		n = read(fd, buf, size);
		if (n == 0)
			return 0;
		if (n < 0 && errno != EINTR)
			return EIO;
		if (n > 0 && !take(arg, buf, (size_t)n))
			return EIO;
	}
}

static int spawn(pid_t *pid, int out, const char *const argv[])
{
	posix_spawn_file_actions_t acts;
	extern char **environ;
	int err;

	if (posix_spawn_file_actions_init(&acts))
		return ENOMEM;
	posix_spawn_file_actions_addopen(&acts, 0, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(&acts, out, 1);
	posix_spawn_file_actions_addopen(&acts, 2, "/dev/null", O_WRONLY, 0);
	err = posix_spawnp(pid, argv[0], &acts, NULL, (char *const *)argv,
			   environ);
	posix_spawn_file_actions_destroy(&acts);
	return err;
}

/* 0 when the program ran to its end and left with status 0; ETIMEDOUT; EIO. */
static int run(const char *const argv[], unsigned int ms,
	       bool (*take)(void *arg, const char *p, size_t n), void *arg)
{
	int fd[2], err, status = 0;
	char buf[8192];
	pid_t pid;

	if (pipe2(fd, O_CLOEXEC))
		return EIO;
	err = spawn(&pid, fd[1], argv);
	close(fd[1]);
	if (!err) {
		err = drain(fd[0], buf, sizeof(buf), ms, take, arg);
		/* it may have held a secret key */
		explicit_bzero(buf, sizeof(buf));
		if (err)
			kill(pid, SIGKILL);
		while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
			;
	}
	close(fd[0]);
	return !err && status ? EIO : err;
}

struct text {
	char p[65536];
	size_t len;
};

static bool take_text(void *arg, const char *p, size_t n)
{
	struct text *t = arg;

	if (n >= sizeof(t->p) - t->len)
		return false;
	memcpy(t->p + t->len, p, n);
	t->len += n;
	t->p[t->len] = '\0';
	return true;
}

/* The n-th (from 0) of the fields that colons part, in the line of this name */
static struct span field(const char *text, const char *name, size_t n)
{
	size_t len = strlen(name);
	const char *p = text;

	while (p && !(strncmp(p, name, len) == 0 && p[len] == ':')) {
		p = strchr(p, '\n');
		if (p)
			p++;
	}
	for (; p && n; n--) {
		p += strcspn(p, ":\n");
		p = *p == ':' ? p + 1 : NULL;
	}
	return p ? span_make(p, strcspn(p, ":\n")) : SPAN_NONE;
}

static unsigned int hex_value(const char *p)
{
	char two[3] = { p[0], p[1], '\0' };

	return (unsigned int)strtoul(two, NULL, 16);
}

/* gpgconf escapes colons, percent signs and the like. */
static int unescape(char *out, size_t cap, struct span s)
{
	size_t n = 0;

	for (size_t i = 0; i < s.len; i++) {
		if (n + 1 >= cap)
			return EIO;
		if (s.p[i] == '%' && s.len - i > 2) {
			out[n++] = (char)hex_value(s.p + i + 1);
			i += 2;
		} else {
			out[n++] = s.p[i];
		}
	}
	out[n] = '\0';
	return n ? 0 : ENOENT;
}

int home_dir(char *out, size_t cap, const char *home, const char *name)
{
	const char *const argv[] = { "gpgconf", "--homedir", home,
				     "--list-dirs", NULL };
	struct text t = { .len = 0 };
	int err = run(argv, GPGCONF_MS, take_text, &t);

	return err ? err : unescape(out, cap, field(t.p, name, 1));
}

int home_option(char *out, size_t cap, const char *home, const char *name,
		unsigned int limit_ms)
{
	const char *const argv[] = { "gpgconf",	       "--homedir", home,
				     "--list-options", "gpg",	    NULL };
	struct text t = { .len = 0 };
	int err = run(argv, limit_ms, take_text, &t);
	struct span v;

	if (err)
		return err;
	/* name:flags:level:description:type:alt-type:argname:default:
	 * argdefault:value, where a text value opens with a quote */
	v = field(t.p, name, 9);
	if (v.len && v.p[0] == '"')
		v = span_make(v.p + 1, v.len - 1);
	return unescape(out, cap, v);
}

static bool take_packets(void *arg, const char *p, size_t n)
{
	return packets_feed(arg, span_make(p, n));
}

static int export(const char *const argv[], unsigned int limit_ms,
		  struct packets *w)
{
	int err = run(argv, limit_ms, take_packets, w);

	return !err && !packets_whole(w) ? EIO : err;
}

int home_export(const char *home, const char *gpg, unsigned int limit_ms,
		struct packets *w)
{
	const char *const argv[] = { gpg,	 "--homedir",
				     home,	 "--batch",
				     "--no-tty", "--disable-dirmngr",
				     "--export", NULL };

	return export(argv, limit_ms, w);
}

int home_export_secret(const char *home, const char *gpg, const char *fpr,
		       struct packets *w)
{
	const char *const argv[] = { gpg,
				     "--homedir",
				     home,
				     "--batch",
				     "--no-tty",
				     "--disable-dirmngr",
				     "--pinentry-mode",
				     "error",
				     "--export-secret-keys",
				     fpr,
				     NULL };

	return export(argv, EXPORT_MS, w);
}

int home_start_agent(const char *home)
{
	const char *const argv[] = { "gpgconf",	 "--homedir", home,
				     "--launch", "gpg-agent", NULL };

	return run(argv, LAUNCH_MS, take_text, &(struct text){ .len = 0 });
}

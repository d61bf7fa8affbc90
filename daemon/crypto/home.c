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

#define GPGCONF_MS 10000 /* it answers in 20: this is for a hung one */
#define EXPORT_MS  60000

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
static int drain(int fd, unsigned int ms,
		 bool (*take)(void *arg, const char *p, size_t n), void *arg)
{
	uint64_t end = clock_steady_ns() + ms * 1000000ull;
	struct pollfd pfd = { .fd = fd, .events = POLLIN };
	char buf[8192];

	for (;;) {
		uint64_t now = clock_steady_ns();
		ssize_t n;

		if (now >= end)
			return ETIMEDOUT;
		if (poll(&pfd, 1, (int)((end - now) / 1000000) + 1) <= 0)
			continue;
		n = read(fd, buf, sizeof(buf));
		if (n == 0)
			return 0;
		if ((n < 0 && errno != EINTR) ||
		    (n > 0 && !take(arg, buf, (size_t)n)))
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
	pid_t pid;

	if (pipe2(fd, O_CLOEXEC))
		return EIO;
	err = spawn(&pid, fd[1], argv);
	close(fd[1]);
	if (!err) {
		err = drain(fd[0], ms, take, arg);
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

int home_option(char *out, size_t cap, const char *home, const char *name)
{
	const char *const argv[] = { "gpgconf",	       "--homedir", home,
				     "--list-options", "gpg",	    NULL };
	struct text t = { .len = 0 };
	int err = run(argv, GPGCONF_MS, take_text, &t);
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

/* A walk over OpenPGP packets (RFC 4880 section 4.2) as they come. */
struct walk {
	uint8_t tag;
	unsigned int wanted; /* length octets still to come */
	uint64_t length;     /* of them, then of the body still to come */
	bool new_form, in_header;
	size_t keys;
};

enum { TAG_PUBLIC_KEY = 6 };

static bool walk_tag(struct walk *w, uint8_t c)
{
	static const unsigned int octets[] = { 1, 2, 4, 0 };

	w->new_form = c & 0x40;
	w->tag = w->new_form ? c & 0x3f : c >> 2 & 0x0f;
	w->wanted = w->new_form ? 1 : octets[c & 3];
	w->length = 0;
	w->in_header = true;
	w->keys += w->tag == TAG_PUBLIC_KEY;
	return c & 0x80 && w->wanted;
}

/* False when the length is a partial one, which gpg does not write here. */
static bool walk_length(struct walk *w, uint8_t c)
{
	w->length = w->length << 8 | c;
	w->wanted--;
	if (w->new_form) {
		w->new_form = false; /* it is like the old one from here on */
		if (c >= 224 && c < 255)
			return false;
		if (c == 255) {
			w->wanted = 4;
			w->length = 0;
		} else if (c >= 192) {
			w->wanted = 1;
			w->length = c - 192u;
			w->tag |= 0x80; /* and 192 is to be added */
		}
	}
	if (!w->wanted) {
		w->length += w->tag & 0x80 ? 192 : 0;
		w->in_header = false;
	}
	return true;
}

static bool take_packets(void *arg, const char *p, size_t n)
{
	struct walk *w = arg;

	while (n) {
		size_t skip = w->length < n ? (size_t)w->length : n;

		if (w->in_header || !w->length) {
			if (!(w->in_header ? walk_length(w, (uint8_t)*p)
					   : walk_tag(w, (uint8_t)*p)))
				return false;
			skip = 1;
		} else {
			w->length -= skip;
		}
		p += skip;
		n -= skip;
	}
	return true;
}

int home_keys(size_t *n, const char *home, const char *gpg)
{
	const char *const argv[] = { gpg,	 "--homedir",
				     home,	 "--batch",
				     "--no-tty", "--disable-dirmngr",
				     "--export", NULL };
	struct walk w = { .keys = 0 };
	int err = run(argv, EXPORT_MS, take_packets, &w);

	*n = w.keys;
	return err;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * gpgme forks twice and keeps no pid, so a gpg that hangs has no name by which
 * we could end it. What it does have is the other end of the pipes that gpgme
 * gave it, and a pipe has a number that /proc shows on both sides.
 */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/un.h>
#include <fcntl.h>
#include <unistd.h>
#include "base/log.h"
#include "crypto/reap.h"

#define PIPES_MAX   16
#define GREETING_MS 2000 /* it takes one, but a machine may be busy */

struct pipes {
	char name[PIPES_MAX][40]; /* "pipe:[12345]" */
	size_t n;
	char exe[PATH_MAX]; /* of ourselves */
};

static bool read_link(char *out, size_t cap, const char *path)
{
	ssize_t n = readlink(path, out, cap - 1);

	if (n < 0)
		return false;
	out[n] = '\0';
	return true;
}

static bool holds(pid_t pid, const struct pipes *p)
{
	char dir[32], path[320], to[64];
	struct dirent *d;
	bool found = false;
	DIR *fds;

	snprintf(dir, sizeof(dir), "/proc/%d/fd", (int)pid);
	fds = opendir(dir);
	if (!fds)
		return false;
	while (!found && (d = readdir(fds))) {
		snprintf(path, sizeof(path), "%s/%s", dir, d->d_name);
		if (!read_link(to, sizeof(to), path))
			continue;
		for (size_t i = 0; i < p->n && !found; i++)
			found = strcmp(to, p->name[i]) == 0;
	}
	closedir(fds);
	return found;
}

static bool ours(pid_t pid)
{
	char path[32];
	struct stat st;

	snprintf(path, sizeof(path), "/proc/%d", (int)pid);
	return pid != getpid() && !stat(path, &st) && st.st_uid == geteuid();
}

static bool pipe_holder(pid_t pid, const void *arg)
{
	const struct pipes *p = arg;
	char path[32], exe[PATH_MAX];

	/* Another thread's child, between fork and exec, holds copies of every
	 * pipe of ours for a moment: it is still our own program. */
	snprintf(path, sizeof(path), "/proc/%d/exe", (int)pid);
	return read_link(exe, sizeof(exe), path) && strcmp(exe, p->exe) &&
	       holds(pid, p);
}

static unsigned int kill_each(bool (*fits)(pid_t pid, const void *arg),
			      const void *arg)
{
	unsigned int killed = 0;
	struct dirent *d;
	DIR *proc = opendir("/proc");

	if (!proc)
		return 0;
	while ((d = readdir(proc))) {
		pid_t pid = (pid_t)atoi(d->d_name);

		if (isdigit((unsigned char)d->d_name[0]) && ours(pid) &&
		    fits(pid, arg) && !kill(pid, SIGKILL))
			killed++;
	}
	closedir(proc);
	return killed;
}

unsigned int reap_pipes(const int *fd, size_t n)
{
	struct pipes p = { .n = 0 };
	char path[32];

	if (!read_link(p.exe, sizeof(p.exe), "/proc/self/exe"))
		return 0;
	for (size_t i = 0; i < n && p.n < PIPES_MAX; i++) {
		snprintf(path, sizeof(path), "/proc/self/fd/%d", fd[i]);
		if (read_link(p.name[p.n], sizeof(p.name[0]), path) &&
		    strncmp(p.name[p.n], "pipe:", 5) == 0)
			p.n++;
	}
	return p.n ? kill_each(pipe_holder, &p) : 0;
}

static bool same_path(const char *a, const char *b)
{
	char ra[PATH_MAX], rb[PATH_MAX];

	return realpath(a, ra) && realpath(b, rb) && strcmp(ra, rb) == 0;
}

/* gpg starts its agent as "gpg-agent --homedir HOME …". */
static bool agent_of(pid_t pid, const void *home)
{
	char path[32], args[4096];
	const char *p = args;
	ssize_t n;
	size_t len;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/cmdline", (int)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	n = read(fd, args, sizeof(args) - 1);
	close(fd);
	if (n <= 0)
		return false;
	args[n] = '\0';
	len = strlen(p);
	if (len < 9 || strcmp(p + len - 9, "gpg-agent"))
		return false;
	while (p < args + n && strcmp(p, "--homedir"))
		p += strlen(p) + 1;
	p += strlen("--homedir") + 1;
	return p < args + n && same_path(p, home);
}

static bool greets(const char *socket_path)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	struct pollfd pfd = { .events = POLLIN };
	bool ok = false;
	char hello[2];
	int ready;

	if (strlen(socket_path) >= sizeof(sun.sun_path))
		return true; /* can't tell: leave it */
	strcpy(sun.sun_path, socket_path);
	pfd.fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (pfd.fd < 0)
		return true;
	/* not connected: its backlog is full (EAGAIN), or nobody is there */
	if (!connect(pfd.fd, (struct sockaddr *)&sun, sizeof(sun))) {
		do
			ready = poll(&pfd, 1, GREETING_MS);
		while (ready < 0 && errno == EINTR);
		ok = ready > 0 && read(pfd.fd, hello, 2) == 2 &&
		     memcmp(hello, "OK", 2) == 0;
	}
	close(pfd.fd);
	return ok;
}

bool reap_agent(const char *home, const char *socket_path)
{
	if (greets(socket_path)) {
		log_peer("the gpg-agent of %s is well, but did not do in time "
			 "what it was asked for: it may wait for a passphrase "
			 "(gpg-preset-passphrase) or a card",
			 home);
		return false;
	}
	if (!kill_each(agent_of, home))
		return false;
	log_warnx("the gpg-agent of %s did not answer and was killed; gpg will "
		  "start a new one",
		  home);
	return true;
}

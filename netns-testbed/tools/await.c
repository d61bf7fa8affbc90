/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * await - wait for a line in a file, or for the end of a process.
 *
 *   await [-t MS] [-n COUNT] [-p PID] FILE REGEX
 *   await [-t MS] -g PID
 *
 * Status: 0 it came, and the (last) line is printed; 1 the time is over; 3 the
 * process PID ended without it; 2 it was not called rightly.
 */
#include <poll.h>
#include <regex.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define RECHECK_MS 500 /* should an event ever be missed */

static long long now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000LL + t.tv_nsec / 1000000;
}

/* Captures are searched, too: what is no text counts as the end of a line. */
static bool is_there(const char *path, const regex_t *re, long count)
{
	char *line = NULL;
	size_t room = 0;
	ssize_t len;
	FILE *f = fopen(path, "r");
	long seen = 0;

	if (!f)
		return false;
	while (seen < count && (len = getline(&line, &room, f)) >= 0) {
		for (ssize_t i = 0; i < len; i++) {
			if (!line[i] || line[i] == '\n' || line[i] == '\r')
				line[i] = '\0';
		}
		for (char *p = line; p < line + len; p += strlen(p) + 1) {
			if (*p && !regexec(re, p, 0, NULL, 0) &&
			    ++seen == count)
				puts(p);
		}
	}
	free(line);
	fclose(f);
	return seen >= count;
}

static int watch(const char *path)
{
	int fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	const char *slash = strrchr(path, '/');
	char dir[4096];

	snprintf(dir, sizeof(dir), "%.*s", slash ? (int)(slash - path + 1) : 1,
		 slash ? path : ".");
	if (fd >= 0)
		inotify_add_watch(fd, dir, IN_MODIFY | IN_CREATE | IN_MOVED_TO);
	return fd;
}

/* One wait for news of any kind. */
static void pause_for(int notify, int process, long long ms)
{
	struct pollfd p[2] = { { .fd = notify, .events = POLLIN },
			       { .fd = process, .events = POLLIN } };
	char drain[4096];

	poll(p, 2, ms > RECHECK_MS ? RECHECK_MS : (int)ms);
	while (notify >= 0 && read(notify, drain, sizeof(drain)) > 0)
		;
}

static bool is_gone(int process)
{
	struct pollfd p = { .fd = process, .events = POLLIN };

	return process < 0 || poll(&p, 1, 0) > 0;
}

static int open_process(const char *pid)
{
	return (int)syscall(SYS_pidfd_open, atoi(pid), 0);
}

static int await_end(const char *pid, long long end)
{
	int process = open_process(pid);

	while (!is_gone(process)) {
		if (now_ms() >= end)
			return 1;
		pause_for(-1, process, end - now_ms());
	}
	return 0;
}

static int await_line(const char *path, const char *pattern, long count,
		      const char *pid, long long end)
{
	int process = pid ? open_process(pid) : -1;
	int notify = watch(path);
	regex_t re;
	bool gone;

	if (regcomp(&re, pattern, REG_EXTENDED | REG_NOSUB)) {
		fprintf(stderr, "await: %s: no regular expression\n", pattern);
		return 2;
	}
	for (;;) {
		/* asked first: what it wrote last is there then */
		gone = pid && is_gone(process);
		if (is_there(path, &re, count))
			return 0;
		if (gone)
			return 3;
		if (now_ms() >= end)
			return 1;
		pause_for(notify, process, end - now_ms());
	}
}

int main(int argc, char **argv)
{
	const char *pid = NULL, *ended = NULL;
	long long end = now_ms() + 10000;
	long count = 1;
	int opt;

	while ((opt = getopt(argc, argv, "t:n:p:g:")) != -1) {
		switch (opt) {
		case 't':
			end = now_ms() + atoll(optarg);
			break;
		case 'n':
			count = atol(optarg);
			break;
		case 'p':
			pid = optarg;
			break;
		case 'g':
			ended = optarg;
			break;
		default:
			return 2;
		}
	}
	if (ended && optind == argc)
		return await_end(ended, end);
	if (!ended && optind + 2 == argc)
		return await_line(argv[optind], argv[optind + 1], count, pid,
				  end);
	fputs("usage: await [-t MS] [-n COUNT] [-p PID] FILE REGEX\n"
	      "       await [-t MS] -g PID\n",
	      stderr);
	return 2;
}

// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"

#define LINE_LEN 1024

/* Lines of peers: this many at once, then this many a second. */
#define PEER_BURST  20
#define PEER_RATE   5
#define NS_PER_LINE (1000000000 / PEER_RATE)

static bool use_syslog;
static int log_level = 1;

static struct {
	pthread_mutex_t lock;
	uint64_t last_ns; /* up to when tokens have been given out */
	unsigned int tokens;
	unsigned long kept_back;
} peer = { .lock = PTHREAD_MUTEX_INITIALIZER, .tokens = PEER_BURST };

void log_open(bool to_syslog, int level)
{
	use_syslog = to_syslog;
	log_level = level;
	if (to_syslog)
		openlog(NULL, LOG_PID | LOG_NDELAY, LOG_DAEMON);
}

/* What isn't printable ASCII as \xNN: a peer must not draw on a terminal. */
static void escape(char *out, size_t cap, const char *in)
{
	static const char hex[] = "0123456789abcdef";
	size_t n = 0;

	for (; *in && n + 5 <= cap; in++) {
		unsigned char c = (unsigned char)*in;

		if (c >= 0x20 && c < 0x7f) {
			out[n++] = *in;
			continue;
		}
		out[n++] = '\\';
		out[n++] = 'x';
		out[n++] = hex[c >> 4];
		out[n++] = hex[c & 15];
	}
	out[n] = '\0';
}

/* One write for a line, so that lines of several threads don't mix. */
static void to_stderr(const char *line)
{
	char out[LINE_LEN + 64];
	int n = snprintf(out, sizeof(out), "%s: %s\n",
			 program_invocation_short_name, line);
	ssize_t done;

	if (n >= (int)sizeof(out)) {
		n = sizeof(out) - 1;
		out[n - 1] = '\n';
	}
	/* there is nowhere to say that this failed */
	done = write(STDERR_FILENO, out, (size_t)n);
	(void)done;
}

static void say(int priority, int err, const char *fmt, va_list ap)
	__attribute__((format(printf, 3, 0)));

static void say(int priority, int err, const char *fmt, va_list ap)
{
	char raw[LINE_LEN], line[LINE_LEN];
	size_t n;

	if (vsnprintf(raw, sizeof(raw), fmt, ap) < 0)
		return;
	n = strlen(raw);
	if (err)
		snprintf(raw + n, sizeof(raw) - n, ": %s",
			 strerrordesc_np(err) ? strerrordesc_np(err)
					      : "unknown error");
	escape(line, sizeof(line), raw);
	if (use_syslog)
		syslog(priority, "%s", line);
	else
		to_stderr(line);
}

#define SAY(priority, err)                                                     \
	do {                                                                   \
		int saved_ = errno;                                            \
		va_list ap_;                                                   \
                                                                               \
		va_start(ap_, fmt);                                            \
		say(priority, err, fmt, ap_);                                  \
		va_end(ap_);                                                   \
		errno = saved_;                                                \
	} while (0)

void log_warn(const char *fmt, ...)
{
	SAY(LOG_WARNING, errno);
}

void log_warnx(const char *fmt, ...)
{
	SAY(LOG_WARNING, 0);
}

void log_info(const char *fmt, ...)
{
	if (log_level >= 1)
		SAY(LOG_INFO, 0);
}

void log_debug(const char *fmt, ...)
{
	if (log_level >= 2)
		SAY(LOG_DEBUG, 0);
}

static void refill(uint64_t now_ns)
{
	uint64_t due;

	if (!peer.last_ns)
		peer.last_ns = now_ns;
	due = (now_ns - peer.last_ns) / NS_PER_LINE;
	peer.last_ns += due * NS_PER_LINE;
	peer.tokens = due < PEER_BURST - peer.tokens
			      ? peer.tokens + (unsigned int)due
			      : PEER_BURST;
}

/* May a line pass? Then *kept_back are those that could not before it. */
static bool peer_pass(unsigned long *kept_back)
{
	bool pass;

	pthread_mutex_lock(&peer.lock);
	refill(clock_steady_ns());
	pass = peer.tokens > 0;
	if (pass) {
		peer.tokens--;
		*kept_back = peer.kept_back;
		peer.kept_back = 0;
	} else {
		peer.kept_back++;
	}
	pthread_mutex_unlock(&peer.lock);
	return pass;
}

void log_peer(const char *fmt, ...)
{
	unsigned long kept_back;

	if (log_level < 1 || !peer_pass(&kept_back))
		return;
	if (kept_back)
		log_info("%lu lines like the next were kept back", kept_back);
	SAY(LOG_INFO, 0);
}

void fatal(const char *fmt, ...)
{
	SAY(LOG_ERR, errno);
	exit(1);
}

void fatalx(const char *fmt, ...)
{
	SAY(LOG_ERR, 0);
	exit(1);
}

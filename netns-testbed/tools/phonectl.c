/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * phonectl - drive a baresip over its ctrl_tcp module.
 *
 *   phonectl ADDRESS PORT FIFO
 *
 * Connects (baresip may still be starting), reads commands from the FIFO, a
 * line each ("dial sip:bob@tb.example", "accept", "hangup"), and writes what
 * happens to standard output, a line each, with the milliseconds since the
 * epoch in front:
 *
 *   registered | register-failed | incoming | ringing | established |
 *   closed REASON | refused COMMAND: ANSWER
 *
 * Ends when baresip does.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define CONNECT_TRIES 1200
#define CONNECT_MS    50

static bool registered;

__attribute__((format(printf, 1, 2))) static void say(const char *fmt, ...)
{
	struct timespec t;
	va_list ap;

	clock_gettime(CLOCK_REALTIME, &t);
	printf("%lld.%03ld ", (long long)t.tv_sec, t.tv_nsec / 1000000);
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	putchar('\n');
	fflush(stdout);
}

static int connect_to(const char *host, int port)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
				 .sin_port = htons((uint16_t)port) };
	int fd;

	if (inet_pton(AF_INET, host, &a.sin_addr) != 1)
		return -1;
	for (int i = 0; i < CONNECT_TRIES; i++) {
		fd = socket(AF_INET, SOCK_STREAM, 0);
		if (fd < 0)
			return -1;
		if (!connect(fd, (struct sockaddr *)&a, sizeof(a)))
			return fd;
		close(fd);
		usleep(CONNECT_MS * 1000);
	}
	return -1;
}

/* "dial sip:x" -> netstring of {"command":"dial","params":"sip:x",...} */
static bool command(int fd, char *line)
{
	char *params = strchr(line, ' ');
	char json[1024], frame[1100];
	int n;

	if (params)
		*params++ = '\0';
	n = snprintf(json, sizeof(json),
		     "{\"command\":\"%s\",\"params\":\"%s\",\"token\":\"%s\"}",
		     line, params ? params : "", line);
	if (n < 0 || (size_t)n >= sizeof(json))
		return true;
	n = snprintf(frame, sizeof(frame), "%d:%s,", n, json);
	return write(fd, frame, (size_t)n) == n;
}

/* The string value of a key of a flat object; "" when there is none. */
static void value(const char *json, const char *key, char *out, size_t room)
{
	char quoted[64];
	const char *p;
	size_t n = 0;

	snprintf(quoted, sizeof(quoted), "\"%s\"", key);
	p = strstr(json, quoted);
	if (p) {
		p += strlen(quoted);
		p += strspn(p, " :");
		if (*p == '"')
			p++;
		while (*p && *p != '"' && n + 1 < room) {
			if (*p == '\\' && p[1])
				p++;
			out[n++] = *p++;
		}
	}
	out[n] = '\0';
}

static void take_event(const char *json)
{
	char type[64], param[256];

	value(json, "type", type, sizeof(type));
	value(json, "param", param, sizeof(param));
	if (!strcmp(type, "REGISTER_OK")) {
		if (!registered)
			say("registered");
		registered = true;
	} else if (!strcmp(type, "REGISTER_FAIL")) {
		say("register-failed %s", param);
	} else if (!strcmp(type, "CALL_INCOMING")) {
		say("incoming %s", param);
	} else if (!strcmp(type, "CALL_RINGING")) {
		say("ringing");
	} else if (!strcmp(type, "CALL_ESTABLISHED")) {
		say("established");
	} else if (!strcmp(type, "CALL_CLOSED")) {
		say("closed %s", param);
	}
}

static void take_answer(const char *json)
{
	char token[64], data[256];

	value(json, "token", token, sizeof(token));
	value(json, "data", data, sizeof(data));
	/* it may have registered before anybody listened */
	if (!strcmp(token, "reginfo") && strstr(json, "OK ") && !registered) {
		say("registered");
		registered = true;
	}
	if (strstr(json, "\"ok\":false"))
		say("refused %s: %s", token, data);
}

static void take_json(const char *json)
{
	if (strstr(json, "\"event\":true"))
		take_event(json);
	else if (strstr(json, "\"response\":true"))
		take_answer(json);
}

/* Whole netstrings off the front of the buffer; the rest moves there. */
static size_t take_frames(char *buf, size_t len)
{
	char *p = buf, *colon;
	size_t left = len, n;

	while (left && (colon = memchr(p, ':', left))) {
		n = strtoul(p, NULL, 10);
		if ((size_t)(colon - p) + 1 + n + 1 > left)
			break;
		colon[1 + n] = '\0'; /* the comma */
		take_json(colon + 1);
		left -= (size_t)(colon - p) + 2 + n;
		p = colon + 2 + n;
	}
	memmove(buf, p, left);
	return left;
}

static bool from_phone(int fd)
{
	static char buf[65536];
	static size_t len;
	ssize_t n = read(fd, buf + len, sizeof(buf) - len);

	if (n <= 0)
		return false;
	len = take_frames(buf, len + (size_t)n);
	return len < sizeof(buf);
}

static bool from_fifo(int fifo, int fd)
{
	static char buf[1024];
	static size_t len;
	ssize_t n = read(fifo, buf + len, sizeof(buf) - len - 1);
	char *end;

	if (n <= 0)
		return n == 0 || errno == EAGAIN || errno == EINTR;
	len += (size_t)n;
	buf[len] = '\0';
	while ((end = strchr(buf, '\n'))) {
		*end = '\0';
		if (!command(fd, buf))
			return false;
		len -= (size_t)(end - buf) + 1;
		memmove(buf, end + 1, len + 1);
	}
	return true;
}

int main(int argc, char **argv)
{
	struct pollfd p[2] = { { .events = POLLIN }, { .events = POLLIN } };
	char reginfo[] = "reginfo";

	if (argc != 4) {
		fputs("usage: phonectl ADDRESS PORT FIFO\n", stderr);
		return 2;
	}
	/* for writing, too: then it never ends */
	p[1].fd = open(argv[3], O_RDWR | O_NONBLOCK);
	if (p[1].fd < 0) {
		perror(argv[3]);
		return 1;
	}
	p[0].fd = connect_to(argv[1], atoi(argv[2]));
	if (p[0].fd < 0 || !command(p[0].fd, reginfo)) {
		fputs("phonectl: no answer from baresip\n", stderr);
		return 1;
	}
	for (;;) {
		if (poll(p, 2, -1) < 0 && errno != EINTR)
			return 1;
		if (p[0].revents && !from_phone(p[0].fd))
			return 0;
		if (p[1].revents && !from_fifo(p[1].fd, p[0].fd))
			return 1;
	}
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * knock - send OPTIONS until something answers.
 *
 *   knock ADDRESS PORT [MS]
 *
 * Status: 0 answered; 1 the time is over.
 */
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define INTERVAL_MS 100

static int open_to(const char *host, const char *port)
{
	struct addrinfo hints = { .ai_socktype = SOCK_DGRAM,
				  .ai_flags = AI_NUMERICHOST };
	struct addrinfo *a;
	int fd;

	if (getaddrinfo(host, port, &hints, &a))
		return -1;
	fd = socket(a->ai_family, SOCK_DGRAM, 0);
	if (fd >= 0 && connect(fd, a->ai_addr, a->ai_addrlen)) {
		close(fd);
		fd = -1;
	}
	freeaddrinfo(a);
	return fd;
}

static void send_options(int fd, const char *host, int n)
{
	const char *open = strchr(host, ':') ? "[" : "";
	const char *close = *open ? "]" : "";
	char text[1024];
	int len;

	len = snprintf(
		text, sizeof(text),
		"OPTIONS sip:%s%s%s SIP/2.0\r\n"
		"Via: SIP/2.0/UDP %s%s%s:9;branch=z9hG4bKknock%d;rport\r\n"
		"Max-Forwards: 10\r\n"
		"From: <sip:knock@tb.example>;tag=knock\r\n"
		"To: <sip:%s%s%s>\r\n"
		"Call-ID: knock-%d-%d\r\n"
		"CSeq: 1 OPTIONS\r\n"
		"Content-Length: 0\r\n\r\n",
		open, host, close, open, host, close, n, open, host, close,
		getpid(), n);
	/* refused as long as nobody listens: the next one will do */
	(void)!send(fd, text, (size_t)len, 0);
}

int main(int argc, char **argv)
{
	int ms = argc > 3 ? atoi(argv[3]) : 10000;
	struct pollfd p = { .events = POLLIN };
	char answer[2048];

	if (argc < 3) {
		fputs("usage: knock ADDRESS PORT [MS]\n", stderr);
		return 2;
	}
	p.fd = open_to(argv[1], argv[2]);
	if (p.fd < 0) {
		perror("knock");
		return 1;
	}
	for (int n = 0; n * INTERVAL_MS < ms; n++) {
		send_options(p.fd, argv[1], n);
		if (poll(&p, 1, INTERVAL_MS) > 0 &&
		    recv(p.fd, answer, sizeof(answer), 0) > 0)
			return 0;
		/* an ICMP error made poll() return at once */
		if (p.revents & POLLERR)
			usleep(INTERVAL_MS * 1000);
	}
	return 1;
}

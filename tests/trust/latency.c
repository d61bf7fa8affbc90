/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * latency echo ADDRESS PORT               send back what comes
 * latency ask ADDRESS PORT PEER FILE      ask PEER, one packet a millisecond,
 *                                         until FILE is there; print how long
 *                                         the answers took, in milliseconds
 * latency ask ADDRESS PORT PEER NUMBER    the same with so many packets
 *
 * The packets are the keep-alives of SIP, which every phone sends.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define LOST_MS 60000
#define MAX	1000000

static double now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static struct sockaddr_in address(const char *ip, const char *port)
{
	struct sockaddr_in a = { .sin_family = AF_INET };

	inet_pton(AF_INET, ip, &a.sin_addr);
	a.sin_port = htons((uint16_t)atoi(port));
	return a;
}

static _Noreturn void echo(int fd)
{
	struct sockaddr_in from;
	socklen_t len = sizeof(from);
	char buf[2048];

	for (;;) {
		ssize_t n = recvfrom(fd, buf, sizeof(buf), 0,
				     (struct sockaddr *)&from, &len);

		if (n > 0)
			sendto(fd, buf, (size_t)n, 0, (struct sockaddr *)&from,
			       len);
	}
}

/* Milliseconds, or -1 when it is lost. */
static double ask_once(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	double start = now_ms();
	char buf[64];

	if (send(fd, "\r\n\r\n", 4, 0) < 0 || poll(&p, 1, LOST_MS) != 1 ||
	    recv(fd, buf, sizeof(buf), 0) < 0)
		return -1;
	return now_ms() - start;
}

static int by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

static int ask(int fd, const char *end)
{
	static double ms[MAX];
	size_t n = 0, lost = 0, most = strtoul(end, NULL, 10);

	/* the other one may just be starting */
	for (int i = 0; i < 5000 && ask_once(fd) < 0; i++)
		usleep(1000);
	while (n < (most ? most : MAX) && (most || access(end, F_OK))) {
		double t = ask_once(fd);

		if (t < 0)
			lost++;
		else
			ms[n++] = t;
		usleep(1000);
	}
	if (!n)
		return 1;
	qsort(ms, n, sizeof(ms[0]), by_size);
	printf("%zu packets, %zu lost; median %.2f p99 %.2f max %.2f\n", n,
	       lost, ms[n / 2], ms[n * 99 / 100], ms[n - 1]);
	return 0;
}

int main(int argc, char **argv)
{
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	struct sockaddr_in a, peer;

	if (argc < 4)
		return 2;
	a = address(argv[2], argv[3]);
	if (fd < 0 || bind(fd, (struct sockaddr *)&a, sizeof(a))) {
		perror("latency");
		return 1;
	}
	if (!strcmp(argv[1], "echo"))
		echo(fd);
	if (argc < 6)
		return 2;
	peer = address(argv[4], argv[3]);
	if (connect(fd, (struct sockaddr *)&peer, sizeof(peer))) {
		perror("latency");
		return 1;
	}
	return ask(fd, argv[5]);
}

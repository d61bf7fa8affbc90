// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * packet - sends what the tests of the rules need on the wire.
 *
 *	packet udp FROM SPORT TO DPORT SIZE [MARK]
 *	packet flood FROM SPORT TO DPORT	UDP, until it is killed
 *	packet raw PROTO FROM SPORT TO DPORT	ports, and nothing else
 *	packet fragment FROM TO			IPv4, a second fragment
 *	packet listen ADDRESS PORT...		TCP, says "listening"
 *	packet connect TO PORT			"open", "refused", or its error
 *
 * Exit status: 0, or 1 with a line that says why.
 */
#include <err.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/ip.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define UDP_MAX		65000
#define PORTS_MAX	8
#define CONNECT_LIMIT_S 20

#ifndef IP_NODEFRAG
#define IP_NODEFRAG 22
#endif

struct where {
	struct sockaddr_storage sa;
	socklen_t len;
};

static struct where resolve(const char *host, const char *port)
{
	struct addrinfo hints = { .ai_flags = AI_NUMERICHOST,
				  .ai_socktype = SOCK_DGRAM };
	struct addrinfo *ai;
	struct where w;
	int rc = getaddrinfo(host, port, &hints, &ai);

	if (rc)
		errx(1, "%s %s: %s", host, port, gai_strerror(rc));
	memset(&w, 0, sizeof(w));
	memcpy(&w.sa, ai->ai_addr, ai->ai_addrlen);
	w.len = ai->ai_addrlen;
	freeaddrinfo(ai);
	return w;
}

static int open_socket(const struct where *from, int type, int proto)
{
	int on = 1;
	int fd = socket(from->sa.ss_family, type, proto);

	if (fd < 0)
		err(1, "socket");
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(fd, (const struct sockaddr *)&from->sa, from->len))
		err(1, "bind");
	return fd;
}

/* A packet that a rule on this machine refuses is not this program's fault. */
static void send_packet(int fd, const void *p, size_t len,
			const struct where *to)
{
	ssize_t n = sendto(fd, p, len, 0, (const struct sockaddr *)&to->sa,
			   to->len);

	if (n < 0 && errno != EPERM && errno != ECONNREFUSED)
		err(1, "sendto");
	close(fd);
}

static void send_udp(char **a, const char *mark)
{
	static char octets[UDP_MAX];
	struct where from = resolve(a[0], a[1]), to = resolve(a[2], a[3]);
	size_t len = strtoul(a[4], NULL, 10);
	int fd = open_socket(&from, SOCK_DGRAM, 0);
	unsigned int m = mark ? strtoul(mark, NULL, 0) : 0;

	if (len > sizeof(octets))
		errx(1, "too long");
	if (m && setsockopt(fd, SOL_SOCKET, SO_MARK, &m, sizeof(m)))
		err(1, "SO_MARK");
	send_packet(fd, octets, len, &to);
}

static void flood_udp(char **a)
{
	struct where from = resolve(a[0], a[1]), to = resolve(a[2], a[3]);
	int fd = open_socket(&from, SOCK_DGRAM, 0);

	for (;;)
		sendto(fd, "x", 1, 0, (struct sockaddr *)&to.sa, to.len);
}

static void send_raw(char **a)
{
	struct where from = resolve(a[1], NULL), to = resolve(a[3], NULL);
	int fd = open_socket(&from, SOCK_RAW, atoi(a[0]));
	unsigned int sport = atoi(a[2]), dport = atoi(a[4]);
	unsigned char p[32] = { sport >> 8, sport, dport >> 8, dport };

	send_packet(fd, p, sizeof(p), &to);
}

static void send_fragment(char **a)
{
	struct where from = resolve(a[0], NULL), to = resolve(a[1], NULL);
	int fd = open_socket(&from, SOCK_RAW, IPPROTO_RAW);
	int on = 1;
	struct {
		struct iphdr ip;
		char octets[64];
	} p = { .ip = { .version = 4,
			.ihl = 5,
			.id = htons(4711),
			.frag_off = htons(185), /* of eight octets each */
			.ttl = 64,
			.protocol = IPPROTO_UDP } };

	p.ip.tot_len = htons(sizeof(p));
	p.ip.saddr = ((struct sockaddr_in *)&from.sa)->sin_addr.s_addr;
	p.ip.daddr = ((struct sockaddr_in *)&to.sa)->sin_addr.s_addr;
	if (setsockopt(fd, IPPROTO_IP, IP_NODEFRAG, &on, sizeof(on)))
		err(1, "IP_NODEFRAG");
	send_packet(fd, &p, sizeof(p), &to);
}

static void listen_tcp(const char *host, char **ports, int n)
{
	for (int i = 0; i < n; i++) {
		struct where w = resolve(host, ports[i]);
		int fd = open_socket(&w, SOCK_STREAM, 0);

		if (listen(fd, 16))
			err(1, "listen");
	}
	puts("listening");
	fflush(stdout);
	pause();
}

static void connect_tcp(const char *host, const char *port)
{
	struct where to = resolve(host, port);
	int fd = socket(to.sa.ss_family, SOCK_STREAM, 0);

	alarm(CONNECT_LIMIT_S);
	if (!connect(fd, (const struct sockaddr *)&to.sa, to.len))
		puts("open");
	else if (errno == ECONNREFUSED)
		puts("refused");
	else
		puts(strerror(errno));
}

int main(int argc, char **argv)
{
	const char *verb = argc > 1 ? argv[1] : "";

	argv += 2;
	argc -= 2;
	if (!strcmp(verb, "udp") && (argc == 5 || argc == 6))
		send_udp(argv, argv[5]);
	else if (!strcmp(verb, "flood") && argc == 4)
		flood_udp(argv);
	else if (!strcmp(verb, "raw") && argc == 5)
		send_raw(argv);
	else if (!strcmp(verb, "fragment") && argc == 2)
		send_fragment(argv);
	else if (!strcmp(verb, "listen") && argc > 1 && argc <= PORTS_MAX)
		listen_tcp(argv[0], argv + 1, argc - 1);
	else if (!strcmp(verb, "connect") && argc == 2)
		connect_tcp(argv[0], argv[1]);
	else
		errx(1, "see the head of packet.c");
	return 0;
}

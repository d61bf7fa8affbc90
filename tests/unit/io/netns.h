/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A network namespace of the test's own, with UDP sockets on its loopback. */
#ifndef TEST_NETNS_H
#define TEST_NETNS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <fcntl.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define WAIT_MS 60000 /* for what must come */

/* Takes effect with the process: a group's setup calls it once. */
static inline bool netns_enter(void)
{
	if (geteuid() || unshare(CLONE_NEWNET)) {
		print_message("needs root for a network namespace: skipped\n");
		return false;
	}
	assert_int_equal(system("ip link set lo up"), 0);
	return true;
}

static inline void shell(const char *command)
{
	if (system(command))
		fail_msg("%s", command);
}

static inline socklen_t loopback(struct sockaddr_storage *a, int family,
				 uint16_t port)
{
	memset(a, 0, sizeof(*a));
	if (family == AF_INET6) {
		struct sockaddr_in6 *s = (struct sockaddr_in6 *)a;

		s->sin6_family = AF_INET6;
		s->sin6_addr = in6addr_loopback;
		s->sin6_port = htons(port);
		return sizeof(*s);
	}
	struct sockaddr_in *s = (struct sockaddr_in *)a;

	s->sin_family = AF_INET;
	s->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	s->sin_port = htons(port);
	return sizeof(*s);
}

static inline int udp_bound(int family, uint16_t port)
{
	int fd = socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0), big = 8 << 20;
	struct sockaddr_storage a;
	socklen_t len = loopback(&a, family, port);

	assert_true(fd >= 0);
	setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &big, sizeof(big));
	setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &big, sizeof(big));
	assert_int_equal(bind(fd, (struct sockaddr *)&a, len), 0);
	return fd;
}

/* A send that a rule drops at once may say EPERM: that is none of ours. */
static inline void udp_send(int fd, int family, uint16_t port, const void *p,
			    size_t n)
{
	struct sockaddr_storage a;
	socklen_t len = loopback(&a, family, port);

	(void)!sendto(fd, p, n, 0, (struct sockaddr *)&a, len);
}

static inline size_t udp_recv(int fd, void *p, size_t cap)
{
	struct pollfd f = { .fd = fd, .events = POLLIN };
	ssize_t n;

	if (poll(&f, 1, WAIT_MS) != 1)
		fail_msg("nothing arrived");
	n = recv(fd, p, cap, 0);
	assert_true(n >= 0);
	return (size_t)n;
}

static inline void udp_expect(int fd, const char *text)
{
	char buf[256];
	size_t n = udp_recv(fd, buf, sizeof(buf) - 1);

	buf[n] = '\0';
	assert_string_equal(buf, text);
}

static inline bool udp_empty(int fd)
{
	char c;

	return recv(fd, &c, 1, MSG_DONTWAIT | MSG_PEEK) < 0;
}

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "io/inject.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/digest.h"
#include "base/log.h"
#include "codec/packet.h"

#define MTU_V4	   1500
#define MTU_V6	   1280 /* every IPv6 link takes it (RFC 8200 section 5) */
#define SEND_BUF   (1 << 20)
#define V4_HEADER  20
#define V6_HEADER  40
#define V4_ID_OFF  4
#define V4_DST_OFF 16
#define V6_DST_OFF 24

/* Tried one after the other where the way out takes no larger ones. */
static const size_t smaller[] = { 1500, 1480, 1400, 1280, 1006, 576, 296, 68 };

struct inject {
	int fd4, fd6;
	struct inject_stats stats;
	uint8_t copy[PACKET_MAX];
};

/* One packet on its way. */
struct shipment {
	struct inject *in;
	int fd;
	union {
		struct sockaddr any;
		struct sockaddr_in v4;
		struct sockaddr_in6 v6;
	} to;
	socklen_t to_len;
	size_t pieces; /* sent */
	int err;
};

static int open_raw(int family, uint32_t mark)
{
	const int one = 1, buf = SEND_BUF;
	int fd = socket(family, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK,
			IPPROTO_RAW);

	if (fd < 0)
		return -1;
	if (setsockopt(fd, SOL_SOCKET, SO_MARK, &mark, sizeof(mark)) ||
	    (family == AF_INET
		     ? setsockopt(fd, IPPROTO_IP, IP_HDRINCL, &one, sizeof(one))
		     : setsockopt(fd, IPPROTO_IPV6, IPV6_HDRINCL, &one,
				  sizeof(one)))) {
		int err = errno;

		close(fd);
		errno = err;
		return -1;
	}
	/* the default does too, for less traffic */
	setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &buf, sizeof(buf));
	return fd;
}

int inject_open(struct inject **out, uint32_t mark)
{
	struct inject *i = calloc(1, sizeof(*i));
	int err;

	if (!i)
		return ENOMEM;
	i->fd4 = open_raw(AF_INET, mark);
	if (i->fd4 < 0) {
		err = errno;
		log_warn("no raw socket (CAP_NET_RAW and CAP_NET_ADMIN are "
			 "needed)");
		free(i);
		return err;
	}
	i->fd6 = open_raw(AF_INET6, mark);
	if (i->fd6 < 0)
		log_warn("no raw socket for IPv6, its packets can't be sent");
	*out = i;
	return 0;
}

void inject_close(struct inject *i)
{
	if (!i)
		return;
	close(i->fd4);
	if (i->fd6 >= 0)
		close(i->fd6);
	free(i);
}

const struct inject_stats *inject_stats(const struct inject *i)
{
	return &i->stats;
}

static int address(struct shipment *s, const uint8_t *ip, size_t len)
{
	if (len >= V4_HEADER && ip[0] >> 4 == 4) {
		s->fd = s->in->fd4;
		s->to.v4.sin_family = AF_INET;
		memcpy(&s->to.v4.sin_addr, ip + V4_DST_OFF, 4);
		s->to_len = sizeof(s->to.v4);
		return 0;
	}
	if (len >= V6_HEADER && ip[0] >> 4 == 6) {
		s->fd = s->in->fd6;
		s->to.v6.sin6_family = AF_INET6;
		memcpy(&s->to.v6.sin6_addr, ip + V6_DST_OFF, 16);
		s->to_len = sizeof(s->to.v6);
		return s->fd < 0 ? EAFNOSUPPORT : 0;
	}
	return EINVAL;
}

static void emit(void *arg, const uint8_t *ip, size_t len)
{
	struct shipment *s = arg;
	ssize_t n;

	if (s->err)
		return;
	do {
		n = sendto(s->fd, ip, len, MSG_DONTWAIT, &s->to.any, s->to_len);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		s->err = errno;
	else
		s->pieces++;
}

/*
 * The kernel gives each packet of identification 0 one of its own: the pieces
 * of one packet would not come together again.
 */
static const uint8_t *with_id(struct inject *i, const uint8_t *ip, size_t len)
{
	uint16_t id;

	if (ip[0] >> 4 != 4 || ip[V4_ID_OFF] || ip[V4_ID_OFF + 1] ||
	    len > sizeof(i->copy))
		return ip;
	do {
		digest_random(&id, sizeof(id));
	} while (!id);
	memcpy(i->copy, ip, len);
	memcpy(i->copy + V4_ID_OFF, &id, sizeof(id));
	return i->copy;
}

static int ship(struct shipment *s, const uint8_t *ip, size_t len, size_t mtu)
{
	uint32_t frag_id = 0;
	int err;

	s->err = 0;
	s->pieces = 0;
	if (len > mtu) {
		digest_random(&frag_id, sizeof(frag_id));
		ip = with_id(s->in, ip, len);
	}
	err = packet_fragment(ip, len, mtu, frag_id, emit, s);
	return err ? err : s->err;
}

/* Only a first piece can be too large: nothing of it has gone out then. */
static int ship_smaller(struct shipment *s, const uint8_t *ip, size_t len,
			size_t mtu)
{
	int err = EMSGSIZE;

	for (size_t i = 0; i < sizeof(smaller) / sizeof(*smaller); i++) {
		if (smaller[i] >= mtu || smaller[i] >= len)
			continue;
		err = ship(s, ip, len, smaller[i]);
		if (err != EMSGSIZE || s->pieces)
			break;
	}
	return err;
}

void inject_send(struct inject *i, const uint8_t *ip, size_t len, size_t mtu)
{
	struct shipment s = { .in = i };
	int err = address(&s, ip, len);

	if (!mtu)
		mtu = len && ip[0] >> 4 == 6 ? MTU_V6 : MTU_V4;
	if (!err)
		err = ship(&s, ip, len, mtu);
	if (err == EMSGSIZE && !s.pieces)
		err = ship_smaller(&s, ip, len, mtu);
	if (err) {
		i->stats.failed++;
		log_peer("a packet of %zu octets could not be sent: %s", len,
			 strerrordesc_np(err));
		return;
	}
	i->stats.packets++;
	if (s.pieces > 1)
		i->stats.fragments += s.pieces;
}

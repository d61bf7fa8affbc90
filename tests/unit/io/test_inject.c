/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netns.h"

#include "base/digest.h"
#include "base/log.h"
#include "codec/packet.h"
#include "io/inject.h"

#define MARK 0x5349
#define PORT 5060

static bool usable;
static uint8_t packet[PACKET_MAX];
static char text[60000], got[65536];

static int group_setup(void **state)
{
	(void)state;
	log_open(false, 0);
	digest_init();
	for (size_t i = 0; i < sizeof(text); i++)
		text[i] = (char)('a' + i % 26);
	usable = netns_enter();
	if (!usable)
		return 0;
	/* nobody listens to the queue: what goes there is dropped */
	shell("iptables -A OUTPUT -p udp --dport 5060 -m mark ! --mark 0x5349 "
	      "-j NFQUEUE --queue-num 5060");
	shell("ip6tables -A OUTPUT -p udp --dport 5060 -m mark ! --mark "
	      "0x5349 -j NFQUEUE --queue-num 5060");
	/* as rules/ does: whole packets everywhere */
	shell("iptables -t raw -A OUTPUT -m conntrack --ctstate INVALID");
	shell("ip6tables -t raw -A OUTPUT -m conntrack --ctstate INVALID");
	return 0;
}

struct world {
	struct inject *in;
	int fd4, fd6;
};

static int setup(void **state)
{
	struct world *w;

	if (!usable)
		return 0;
	w = calloc(1, sizeof(*w));
	shell("ip link set lo mtu 65536");
	w->fd4 = udp_bound(AF_INET, PORT);
	w->fd6 = udp_bound(AF_INET6, PORT);
	assert_int_equal(inject_open(&w->in, MARK), 0);
	*state = w;
	return 0;
}

static int teardown(void **state)
{
	struct world *w = *state;

	if (!w)
		return 0;
	inject_close(w->in);
	close(w->fd4);
	close(w->fd6);
	free(w);
	return 0;
}

#define NEED_ROOT(w)                                                           \
	do {                                                                   \
		if (!(w))                                                      \
			skip();                                                \
	} while (0)

/* From a host that is not here, as the real thing does. */
static size_t make(int version, size_t len, uint16_t id)
{
	struct addr src = { .version = (uint8_t)version, .port = 5060 };
	struct addr dst = src;
	size_t n;

	if (version == 4) {
		memcpy(src.ip, (uint8_t[]){ 192, 0, 2, 1 }, 4);
		memcpy(dst.ip, (uint8_t[]){ 127, 0, 0, 1 }, 4);
	} else {
		memcpy(src.ip, (uint8_t[]){ 0x20, 1, 0xd, 0xb8 }, 4);
		dst.ip[15] = 1;
	}
	assert_int_equal(packet_make(&src, &dst, text, len, id, packet,
				     sizeof(packet), &n),
			 0);
	return n;
}

static void arrives(int fd, size_t len)
{
	assert_int_equal(udp_recv(fd, got, sizeof(got)), len);
	assert_memory_equal(got, text, len);
	assert_true(udp_empty(fd));
}

static void test_mark(void **state)
{
	struct world *w = *state;
	struct inject *other;
	size_t n;

	NEED_ROOT(w);
	assert_int_equal(inject_open(&other, MARK + 1), 0);
	n = make(4, 10, 1);
	inject_send(other, packet, n, 0);
	inject_send(w->in, packet, make(4, 20, 2), 0);
	arrives(w->fd4, 20);
	inject_close(other);
	assert_int_equal(inject_stats(w->in)->packets, 1);
	assert_int_equal(inject_stats(w->in)->fragments, 0);
}

static void test_ipv6(void **state)
{
	struct world *w = *state;

	NEED_ROOT(w);
	inject_send(w->in, packet, make(6, 20, 2), 0);
	arrives(w->fd6, 20);
}

static void test_source(void **state)
{
	struct world *w = *state;
	struct sockaddr_in from;
	socklen_t len = sizeof(from);

	NEED_ROOT(w);
	inject_send(w->in, packet, make(4, 20, 2), 0);
	assert_int_equal(recvfrom(w->fd4, got, sizeof(got), 0,
				  (struct sockaddr *)&from, &len),
			 20);
	assert_int_equal(ntohl(from.sin_addr.s_addr), 0xc0000201);
	assert_int_equal(ntohs(from.sin_port), 5060);
}

static void test_fragments(void **state)
{
	struct world *w = *state;

	NEED_ROOT(w);
	inject_send(w->in, packet, make(4, 3000, 7), 1500);
	arrives(w->fd4, 3000);
	assert_int_equal(inject_stats(w->in)->fragments, 3);
	inject_send(w->in, packet, make(6, 3000, 7), 1280);
	arrives(w->fd6, 3000);
	assert_int_equal(inject_stats(w->in)->packets, 2);
	assert_int_equal(inject_stats(w->in)->fragments, 3 + 3);
}

/* Identification 0 would be replaced by another one in each piece. */
static void test_no_identification(void **state)
{
	struct world *w = *state;

	NEED_ROOT(w);
	inject_send(w->in, packet, make(4, 3000, 0), 1500);
	arrives(w->fd4, 3000);
}

/* The way out takes less than it was said to take. */
static void test_smaller_way(void **state)
{
	struct world *w = *state;

	NEED_ROOT(w);
	shell("ip link set lo mtu 1300");
	inject_send(w->in, packet, make(4, 3000, 9), 0);
	arrives(w->fd4, 3000);
	inject_send(w->in, packet, make(4, 1400, 9), 9000);
	arrives(w->fd4, 1400);
	inject_send(w->in, packet, make(6, 3000, 9), 1500);
	arrives(w->fd6, 3000);
	assert_int_equal(inject_stats(w->in)->failed, 0);
}

static void test_large(void **state)
{
	struct world *w = *state;

	NEED_ROOT(w);
	inject_send(w->in, packet, make(4, sizeof(text), 11), 0);
	arrives(w->fd4, sizeof(text));
	inject_send(w->in, packet, make(6, sizeof(text), 11), 0);
	arrives(w->fd6, sizeof(text));
}

static void test_refused(void **state)
{
	struct world *w = *state;
	size_t n;

	NEED_ROOT(w);
	n = make(4, 20, 1);
	memcpy(packet + 16, (uint8_t[]){ 198, 51, 100, 1 }, 4); /* no route */
	inject_send(w->in, packet, n, 0);
	inject_send(w->in, packet, 19, 0);
	inject_send(w->in, packet, 0, 0);
	memset(packet, 0xff, 40);
	inject_send(w->in, packet, 40, 0);
	assert_int_equal(inject_stats(w->in)->failed, 4);
	assert_int_equal(inject_stats(w->in)->packets, 0);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_mark),
		TEST(test_ipv6),
		TEST(test_source),
		TEST(test_fragments),
		TEST(test_no_identification),
		TEST(test_smaller_way),
		TEST(test_large),
		TEST(test_refused),
	};

	return cmocka_run_group_tests(tests, group_setup, NULL);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netns.h"

#include <errno.h>

#include "base/log.h"
#include "codec/packet.h"
#include "io/nfqueue.h"

#define OUT  5060 /* queue and port of the outbound direction */
#define IN   5062
#define PORT 40000 /* of the sender */
#define KEPT 4096

static bool usable;

struct world {
	struct nfqueue *q;
	int sender, out, in, out6;
	int family;
	size_t n; /* packets seen and kept */
	size_t batches;
	struct kept {
		struct packet_ref ref;
		enum direction dir;
		size_t len, mtu;
		bool truncated;
		uint8_t *ip;
	} kept[KEPT];
};

static int group_setup(void **state)
{
	(void)state;
	log_open(false, 0);
	usable = netns_enter();
	if (!usable)
		return 0;
	shell("iptables -A OUTPUT -p udp --dport 5060 -j NFQUEUE "
	      "--queue-num 5060");
	shell("iptables -A OUTPUT -p udp --dport 5062 -j NFQUEUE "
	      "--queue-num 5062");
	shell("ip6tables -A OUTPUT -p udp --dport 5060 -j NFQUEUE "
	      "--queue-num 5060");
	return 0;
}

static struct nfqueue *queue_open(uint32_t length, bool fail_open)
{
	const struct nfqueue_conf c = { .number = { OUT, IN },
					.length = length,
					.fail_open = fail_open };
	struct nfqueue *q = NULL;

	assert_int_equal(nfqueue_open(&q, &c), 0);
	return q;
}

static int setup(void **state)
{
	struct world *w;

	if (!usable)
		return 0;
	w = calloc(1, sizeof(*w));
	w->sender = udp_bound(AF_INET, PORT);
	w->out = udp_bound(AF_INET, OUT);
	w->in = udp_bound(AF_INET, IN);
	w->out6 = udp_bound(AF_INET6, OUT);
	w->family = AF_INET;
	w->q = queue_open(4096, false);
	*state = w;
	return 0;
}

static void forget(struct world *w)
{
	for (size_t i = 0; i < w->n; i++)
		free(w->kept[i].ip);
	w->n = 0;
}

static int teardown(void **state)
{
	struct world *w = *state;

	if (!w)
		return 0;
	forget(w);
	nfqueue_close(w->q, VERDICT_DROP);
	close(w->sender);
	close(w->out);
	close(w->in);
	close(w->out6);
	free(w);
	return 0;
}

static void keep(void *ctx, const struct nfqueue_packet *p)
{
	struct world *w = ctx;
	struct kept *k = &w->kept[w->n++];

	assert_true(w->n <= KEPT);
	k->ref = p->ref;
	k->dir = p->dir;
	k->len = p->len;
	k->mtu = p->mtu;
	k->truncated = p->truncated;
	k->ip = malloc(p->len ? p->len : 1);
	memcpy(k->ip, p->ip, p->len);
}

static void batch(void *ctx)
{
	struct world *w = ctx;

	w->batches++;
}

static void take(struct world *w, size_t n)
{
	const struct nfqueue_ops ops = { w, keep, batch };
	struct pollfd f = { .fd = nfqueue_fd(w->q), .events = POLLIN };

	while (w->n < n) {
		if (poll(&f, 1, WAIT_MS) != 1)
			fail_msg("%zu packets of %zu came", w->n, n);
		assert_int_equal(nfqueue_read(w->q, &ops), 0);
	}
}

static void give(struct world *w, size_t i, enum verdict v)
{
	nfqueue_verdict(w->q, w->kept[i].ref, v, NULL, 0);
}

static void give_grown(struct world *w, size_t i, const void *payload,
		       size_t len)
{
	static uint8_t out[PACKET_MAX];
	struct packet p;
	size_t out_len;

	assert_int_equal(packet_parse(&p, w->kept[i].ip, w->kept[i].len),
			 PACKET_UDP);
	assert_int_equal(
		packet_rebuild(&p, payload, len, 1, out, sizeof(out), &out_len),
		0);
	nfqueue_verdict(w->q, w->kept[i].ref, VERDICT_ACCEPT, out, out_len);
}

static void send_text(struct world *w, uint16_t port, const char *text)
{
	udp_send(w->sender, AF_INET, port, text, strlen(text));
}

static uint32_t waiting(struct world *w)
{
	struct nfqueue_kernel k[2];

	nfqueue_kernel(w->q, k);
	assert_int_equal(k[OUTBOUND].number, OUT);
	assert_int_equal(k[INBOUND].number, IN);
	return k[OUTBOUND].waiting + k[INBOUND].waiting;
}

#define NEED_ROOT(w)                                                           \
	do {                                                                   \
		if (!(w))                                                      \
			skip();                                                \
	} while (0)

static void test_accept(void **state)
{
	struct world *w = *state;
	struct packet p;

	NEED_ROOT(w);
	send_text(w, OUT, "hello");
	take(w, 1);
	assert_int_equal(packet_parse(&p, w->kept[0].ip, w->kept[0].len),
			 PACKET_UDP);
	assert_int_equal(p.payload_len, 5);
	assert_memory_equal(p.data + p.payload_off, "hello", 5);
	assert_true(packet_checksum_ok(&p));
	assert_int_equal(p.src.port, PORT);
	assert_int_equal(w->kept[0].ref.queue, OUT);
	assert_int_equal(w->kept[0].dir, OUTBOUND);
	assert_false(w->kept[0].truncated);
	assert_int_equal(w->kept[0].mtu, 65536);
	assert_int_equal(waiting(w), 1);
	assert_true(udp_empty(w->out));
	give(w, 0, VERDICT_ACCEPT);
	nfqueue_flush(w->q);
	udp_expect(w->out, "hello");
	assert_int_equal(waiting(w), 0);
	assert_int_equal(nfqueue_stats(w->q)->verdicts, 1);
}

static void test_direction(void **state)
{
	struct world *w = *state;

	NEED_ROOT(w);
	send_text(w, IN, "in");
	send_text(w, OUT, "out");
	take(w, 2);
	assert_int_equal(w->kept[0].dir, INBOUND);
	assert_int_equal(w->kept[0].ref.queue, IN);
	assert_int_equal(w->kept[1].dir, OUTBOUND);
	give(w, 0, VERDICT_ACCEPT);
	give(w, 1, VERDICT_ACCEPT);
	nfqueue_flush(w->q);
	udp_expect(w->in, "in");
	udp_expect(w->out, "out");
}

static void test_ipv6(void **state)
{
	struct world *w = *state;
	int fd;

	NEED_ROOT(w);
	fd = udp_bound(AF_INET6, PORT);
	udp_send(fd, AF_INET6, OUT, "six", 3);
	close(fd);
	take(w, 1);
	give_grown(w, 0, "six and more", 12);
	nfqueue_flush(w->q);
	udp_expect(w->out6, "six and more");
}

static void test_drop(void **state)
{
	struct world *w = *state;

	NEED_ROOT(w);
	send_text(w, OUT, "first");
	send_text(w, OUT, "second");
	take(w, 2);
	give(w, 0, VERDICT_DROP);
	give(w, 1, VERDICT_ACCEPT);
	nfqueue_flush(w->q);
	udp_expect(w->out, "second");
	assert_true(udp_empty(w->out));
	assert_int_equal(waiting(w), 0);
}

static void test_grow(void **state)
{
	struct world *w = *state;
	char text[1800];
	char got[2000];

	NEED_ROOT(w);
	memset(text, 'x', sizeof(text));
	udp_send(w->sender, AF_INET, OUT, text, 1400);
	take(w, 1);
	give_grown(w, 0, text, sizeof(text));
	nfqueue_flush(w->q);
	assert_int_equal(udp_recv(w->out, got, sizeof(got)), sizeof(text));
	assert_memory_equal(got, text, sizeof(text));
}

static void test_shrink(void **state)
{
	struct world *w = *state;

	NEED_ROOT(w);
	send_text(w, OUT, "a long one");
	take(w, 1);
	give_grown(w, 0, "short", 5);
	nfqueue_flush(w->q);
	udp_expect(w->out, "short");
}

/* A drop with a packet is a drop. */
static void test_drop_with_packet(void **state)
{
	struct world *w = *state;

	NEED_ROOT(w);
	send_text(w, OUT, "no");
	send_text(w, OUT, "yes");
	take(w, 2);
	nfqueue_verdict(w->q, w->kept[0].ref, VERDICT_DROP, w->kept[0].ip,
			w->kept[0].len);
	give(w, 1, VERDICT_ACCEPT);
	nfqueue_flush(w->q);
	udp_expect(w->out, "yes");
	assert_true(udp_empty(w->out));
}

static void test_out_of_order(void **state)
{
	struct world *w = *state;
	char text[16];

	NEED_ROOT(w);
	for (int i = 0; i < 200; i++) {
		snprintf(text, sizeof(text), "%d", i);
		send_text(w, OUT, text);
	}
	take(w, 200);
	assert_true(w->batches >= 4);
	for (int i = 199; i >= 0; i--)
		give(w, (size_t)i, VERDICT_ACCEPT);
	nfqueue_flush(w->q);
	for (int i = 199; i >= 0; i--) {
		snprintf(text, sizeof(text), "%d", i);
		udp_expect(w->out, text);
	}
	assert_true(udp_empty(w->out));
	assert_int_equal(waiting(w), 0);
	assert_int_equal(nfqueue_stats(w->q)->packets, 200);
	assert_int_equal(nfqueue_stats(w->q)->verdicts, 200);
	assert_int_equal(nfqueue_stats(w->q)->sends, 1);
	assert_int_equal(nfqueue_stats(w->q)->verdicts_late, 0);
}

/* The kernel's refusal of a second verdict is seen. */
static void test_second_verdict(void **state)
{
	struct world *w = *state;

	NEED_ROOT(w);
	send_text(w, OUT, "once");
	take(w, 1);
	give(w, 0, VERDICT_ACCEPT);
	give(w, 0, VERDICT_DROP);
	nfqueue_flush(w->q);
	udp_expect(w->out, "once");
	send_text(w, OUT, "again");
	take(w, 2);
	assert_int_equal(nfqueue_stats(w->q)->verdicts_late, 1);
	give(w, 1, VERDICT_ACCEPT);
	nfqueue_flush(w->q);
	udp_expect(w->out, "again");
}

/* More than the verdicts' buffer holds, without a flush between. */
static void test_large_verdicts(void **state)
{
	static char text[60000], got[65536];
	struct world *w = *state;

	NEED_ROOT(w);
	for (int i = 0; i < 20; i++)
		send_text(w, OUT, "grow");
	take(w, 20);
	for (size_t i = 0; i < 20; i++) {
		memset(text, 'a' + (int)i, sizeof(text));
		give_grown(w, i, text, sizeof(text));
	}
	nfqueue_flush(w->q);
	for (size_t i = 0; i < 20; i++) {
		assert_int_equal(udp_recv(w->out, got, sizeof(got)),
				 sizeof(text));
		assert_int_equal(got[0], 'a' + (int)i);
		assert_int_equal(got[sizeof(text) - 1], 'a' + (int)i);
	}
	assert_true(nfqueue_stats(w->q)->sends > 3);
	assert_int_equal(waiting(w), 0);
}

static void test_too_large(void **state)
{
	static uint8_t big[65535];
	struct world *w = *state;

	NEED_ROOT(w);
	send_text(w, OUT, "grow");
	take(w, 1);
	nfqueue_verdict(w->q, w->kept[0].ref, VERDICT_ACCEPT, big, sizeof(big));
	nfqueue_flush(w->q);
	assert_int_equal(waiting(w), 0);
	assert_true(udp_empty(w->out));
}

static void test_truncated(void **state)
{
	static char text[65507];
	struct world *w = *state;

	NEED_ROOT(w);
	udp_send(w->sender, AF_INET, OUT, text, 65500);
	udp_send(w->sender, AF_INET, OUT, text, 65507);
	take(w, 2);
	assert_int_equal(w->kept[0].len, 65528);
	assert_false(w->kept[0].truncated);
	assert_int_equal(w->kept[1].len, 65531);
	assert_true(w->kept[1].truncated);
	give(w, 0, VERDICT_DROP);
	give(w, 1, VERDICT_DROP);
	nfqueue_flush(w->q);
	assert_int_equal(waiting(w), 0);
}

/* A socket buffer that overflows costs packets, not the daemon. */
static void test_overrun(void **state)
{
	struct world *w = *state;
	const int tiny = 4096;
	struct nfqueue_kernel k[2];

	NEED_ROOT(w);
	assert_int_equal(setsockopt(nfqueue_fd(w->q), SOL_SOCKET,
				    SO_RCVBUFFORCE, &tiny, sizeof(tiny)),
			 0);
	for (int i = 0; i < 100; i++)
		send_text(w, OUT, "much");
	nfqueue_kernel(w->q, k);
	assert_true(k[OUTBOUND].user_dropped > 0);
	take(w, 100 - k[OUTBOUND].user_dropped);
	for (size_t i = 0; i < w->n; i++)
		give(w, i, VERDICT_DROP);
	nfqueue_flush(w->q);
	send_text(w, OUT, "later");
	take(w, w->n + 1);
	assert_true(nfqueue_stats(w->q)->overruns > 0);
	give(w, w->n - 1, VERDICT_ACCEPT);
	nfqueue_flush(w->q);
	udp_expect(w->out, "later");
	assert_int_equal(waiting(w), 0);
}

static void overflow(struct world *w, bool fail_open)
{
	nfqueue_close(w->q, VERDICT_DROP);
	w->q = queue_open(10, fail_open);
	for (int i = 0; i < 20; i++)
		send_text(w, OUT, "x");
	take(w, 10);
	assert_int_equal(waiting(w), 10);
	for (size_t i = 0; i < 10; i++)
		give(w, i, VERDICT_DROP);
	nfqueue_flush(w->q);
}

static void test_full_queue_drops(void **state)
{
	struct world *w = *state;
	struct nfqueue_kernel k[2];

	NEED_ROOT(w);
	overflow(w, false);
	assert_true(udp_empty(w->out));
	nfqueue_kernel(w->q, k);
	assert_int_equal(k[OUTBOUND].queue_dropped, 10);
}

static void test_full_queue_fails_open(void **state)
{
	struct world *w = *state;

	NEED_ROOT(w);
	overflow(w, true);
	for (int i = 0; i < 10; i++)
		udp_expect(w->out, "x");
	assert_true(udp_empty(w->out));
}

static void test_in_use(void **state)
{
	const struct nfqueue_conf c = { .number = { 7, IN }, .length = 10 };
	struct world *w = *state;
	struct nfqueue *other = NULL;

	NEED_ROOT(w);
	assert_int_equal(nfqueue_open(&other, &c), EBUSY);
	assert_null(other);
	/* and the first one lives on */
	send_text(w, IN, "x");
	take(w, 1);
	give(w, 0, VERDICT_ACCEPT);
	nfqueue_flush(w->q);
	udp_expect(w->in, "x");
}

/* What nobody read gets its verdict in closing; what was held is dropped. */
static void test_close(void **state)
{
	struct world *w = *state;

	NEED_ROOT(w);
	send_text(w, OUT, "held");
	take(w, 1);
	send_text(w, OUT, "unread");
	nfqueue_close(w->q, VERDICT_ACCEPT);
	udp_expect(w->out, "unread");
	assert_true(udp_empty(w->out));
	/* nobody is bound: fail closed */
	send_text(w, OUT, "nobody");
	w->q = queue_open(4096, false);
	send_text(w, OUT, "new");
	take(w, 2);
	give(w, 1, VERDICT_ACCEPT);
	nfqueue_flush(w->q);
	udp_expect(w->out, "new");
	assert_true(udp_empty(w->out));
}

static void settle_at_once(void *ctx, const struct nfqueue_packet *p)
{
	struct world *w = ctx;

	w->n++;
	nfqueue_verdict(w->q, p->ref, VERDICT_ACCEPT, NULL, 0);
}

/* Verdicts given during a batch leave at its end, gathered. */
static void test_gathered(void **state)
{
	struct world *w = *state;
	const struct nfqueue_ops ops = { w, settle_at_once, batch };

	NEED_ROOT(w);
	for (int i = 0; i < 128; i++)
		send_text(w, OUT, "x");
	while (w->n < 128)
		assert_int_equal(nfqueue_read(w->q, &ops), 0);
	for (int i = 0; i < 128; i++)
		udp_expect(w->out, "x");
	assert_int_equal(nfqueue_stats(w->q)->sends,
			 nfqueue_stats(w->q)->batches);
	assert_int_equal(nfqueue_stats(w->q)->sends, 2);
	w->n = 0; /* nothing was kept */
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_accept),
		TEST(test_direction),
		TEST(test_ipv6),
		TEST(test_drop),
		TEST(test_grow),
		TEST(test_shrink),
		TEST(test_drop_with_packet),
		TEST(test_out_of_order),
		TEST(test_second_verdict),
		TEST(test_large_verdicts),
		TEST(test_too_large),
		TEST(test_truncated),
		TEST(test_overrun),
		TEST(test_full_queue_drops),
		TEST(test_full_queue_fails_open),
		TEST(test_in_use),
		TEST(test_close),
		TEST(test_gathered),
	};

	return cmocka_run_group_tests(tests, group_setup, NULL);
}

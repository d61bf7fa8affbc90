/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * delay - hold and lose packets of a queue, for kernels without netem.
 *
 *   delay QUEUE MILLISECONDS PERCENT [SEED]
 *
 * Every packet that rules put into the NFQUEUE is held that long and then
 * accepted; PERCENT of them, chosen by a generator with a seed (1), are dropped
 * at once. Says "ready" when the queue is bound. All packets are held for the
 * same time, so they leave in the order in which they came.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <libnetfilter_queue/libnetfilter_queue.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nfnetlink_queue.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define HELD_MAX     65536
#define QUEUE_LENGTH 8192
#define SOCKET_BYTES (4 << 20)

struct held {
	uint32_t id;
	int64_t due_ns;
};

static struct {
	struct mnl_socket *nl;
	unsigned int queue;
	int64_t hold_ns;
	double loss; /* 0 to 1 */
	uint64_t random;
	struct held held[HELD_MAX];
	size_t first, n;
} d;

static void die(const char *what)
{
	fprintf(stderr, "delay: %s: %s\n", what, strerror(errno));
	exit(1);
}

static int64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * INT64_C(1000000000) + t.tv_nsec;
}

/* xorshift64*: from 0 to 1 */
static double next_random(void)
{
	d.random ^= d.random >> 12;
	d.random ^= d.random << 25;
	d.random ^= d.random >> 27;
	return (double)((d.random * UINT64_C(2685821657736338717)) >> 11) /
	       9007199254740992.0;
}

static void send_message(struct nlmsghdr *nlh)
{
	if (mnl_socket_sendto(d.nl, nlh, nlh->nlmsg_len) < 0)
		die("netlink");
}

static void verdict(uint32_t id, int what)
{
	char buf[MNL_NLMSG_HDRLEN + 128];
	struct nlmsghdr *nlh;

	nlh = nfq_nlmsg_put(buf, NFQNL_MSG_VERDICT, d.queue);
	nfq_nlmsg_verdict_put(nlh, (int)id, what);
	send_message(nlh);
}

static void release_due(void)
{
	int64_t now = now_ns();

	while (d.n > 0 && d.held[d.first].due_ns <= now) {
		verdict(d.held[d.first].id, NF_ACCEPT);
		d.first = (d.first + 1) % HELD_MAX;
		d.n--;
	}
}

static int take_packet(const struct nlmsghdr *nlh, void *arg)
{
	struct nlattr *attr[NFQA_MAX + 1] = { NULL };
	struct nfqnl_msg_packet_hdr *ph;
	struct held *h;
	uint32_t id;

	(void)arg;
	if (nfq_nlmsg_parse(nlh, attr) < 0 || !attr[NFQA_PACKET_HDR])
		return MNL_CB_OK;
	ph = mnl_attr_get_payload(attr[NFQA_PACKET_HDR]);
	id = ntohl(ph->packet_id);
	if (d.n == HELD_MAX || next_random() < d.loss) {
		verdict(id, NF_DROP);
		return MNL_CB_OK;
	}
	h = &d.held[(d.first + d.n++) % HELD_MAX];
	h->id = id;
	h->due_ns = now_ns() + d.hold_ns;
	return MNL_CB_OK;
}

/* One setting a message: the kernel takes or refuses a message as a whole. */
static void queue_bind(void)
{
	char buf[MNL_SOCKET_BUFFER_SIZE];
	struct nlmsghdr *nlh;
	int bytes = SOCKET_BYTES;

	d.nl = mnl_socket_open(NETLINK_NETFILTER);
	if (!d.nl || mnl_socket_bind(d.nl, 0, MNL_SOCKET_AUTOPID) < 0)
		die("netlink");
	setsockopt(mnl_socket_get_fd(d.nl), SOL_SOCKET, SO_RCVBUFFORCE, &bytes,
		   sizeof(bytes));
	nlh = nfq_nlmsg_put(buf, NFQNL_MSG_CONFIG, d.queue);
	nfq_nlmsg_cfg_put_cmd(nlh, AF_UNSPEC, NFQNL_CFG_CMD_BIND);
	send_message(nlh);
	nlh = nfq_nlmsg_put(buf, NFQNL_MSG_CONFIG, d.queue);
	nfq_nlmsg_cfg_put_params(nlh, NFQNL_COPY_META, 0);
	send_message(nlh);
	nlh = nfq_nlmsg_put(buf, NFQNL_MSG_CONFIG, d.queue);
	nfq_nlmsg_cfg_put_qmaxlen(nlh, QUEUE_LENGTH);
	send_message(nlh);
}

/* Until something comes or the first of those held is due. */
static void await_event(void)
{
	struct pollfd p = { .fd = mnl_socket_get_fd(d.nl), .events = POLLIN };
	struct timespec left = { 0 };
	int64_t ns = 0;

	if (d.n > 0) {
		ns = d.held[d.first].due_ns - now_ns();
		ns = ns < 0 ? 0 : ns;
		left.tv_sec = ns / 1000000000;
		left.tv_nsec = ns % 1000000000;
	}
	ppoll(&p, 1, d.n > 0 ? &left : NULL, NULL);
	if (!(p.revents & POLLIN))
		return;
	static char buf[65536];
	ssize_t n = mnl_socket_recvfrom(d.nl, buf, sizeof(buf));

	if (n < 0 && errno != ENOBUFS && errno != EINTR)
		die("netlink");
	if (n > 0 && mnl_cb_run(buf, (size_t)n, 0, 0, take_packet, NULL) < 0)
		die("queue (is another program at it?)");
}

int main(int argc, char **argv)
{
	if (argc < 4 || argc > 5) {
		fputs("usage: delay QUEUE MILLISECONDS PERCENT [SEED]\n",
		      stderr);
		return 2;
	}
	d.queue = (unsigned int)strtoul(argv[1], NULL, 10);
	d.hold_ns = (int64_t)(strtod(argv[2], NULL) * 1e6);
	d.loss = strtod(argv[3], NULL) / 100;
	d.random = argc == 5 ? strtoull(argv[4], NULL, 10) : 1;
	d.random = d.random * UINT64_C(0x9e3779b97f4a7c15) + 1;
	queue_bind();
	puts("ready");
	fflush(stdout);
	for (;;) {
		release_due();
		await_event();
	}
}

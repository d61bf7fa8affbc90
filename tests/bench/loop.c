// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * loop - the least a program can do with a kernel queue, to measure against:
 *
 *	loop QUEUE one accept     one receive, one verdict a packet
 *	loop QUEUE many accept    as many as there are, all verdicts in one send
 *	loop QUEUE,QUEUE …        both queues
 *	           … mangle       300 octets more of payload, checksums
 *	           … sign ENGINE HOME KEY
 *	           … verify ENGINE HOME KEY
 *	                          one operation of an engine, over 1 KiB
 *
 * Until SIGTERM; prints "ready" first.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <libnetfilter_queue/libnetfilter_queue.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nfnetlink_queue.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "bare.h"
#include "base/digest.h"
#include "base/log.h"
#include "bench.h"
#include "codec/packet.h"

#define BATCH 64
#define SLOT  4096
#define GROW  300

enum work { ACCEPT, MANGLE, SIGN, VERIFY };

static struct mnl_socket *nl;
static enum work work;
static char slots[BATCH][SLOT];
static char verdicts[BATCH * SLOT * 2];
static size_t verdicts_len;
static volatile sig_atomic_t stop;
static struct bare bare;

static void on_signal(int signum)
{
	(void)signum;
	stop = 1;
}

static void config(struct nlmsghdr *nlh)
{
	if (mnl_socket_sendto(nl, nlh, nlh->nlmsg_len) < 0)
		bench_die("no queue: %s", strerror(errno));
}

static void open_queue(uint16_t queue)
{
	char buf[512] = "";
	struct nlmsghdr *nlh;

	nlh = nfq_nlmsg_put(buf, NFQNL_MSG_CONFIG, queue);
	nfq_nlmsg_cfg_put_cmd(nlh, AF_UNSPEC, NFQNL_CFG_CMD_BIND);
	config(nlh);
	nlh = nfq_nlmsg_put(buf, NFQNL_MSG_CONFIG, queue);
	nfq_nlmsg_cfg_put_qmaxlen(nlh, 4096);
	config(nlh);
	nlh = nfq_nlmsg_put(buf, NFQNL_MSG_CONFIG, queue);
	nfq_nlmsg_cfg_put_params(nlh, NFQNL_COPY_PACKET, 0xffff);
	config(nlh);
}

static void open_queues(char *numbers)
{
	int size = 8 << 20;
	char *save = NULL;

	nl = mnl_socket_open(NETLINK_NETFILTER);
	if (!nl || mnl_socket_bind(nl, 0, MNL_SOCKET_AUTOPID) < 0)
		bench_die("no netlink socket");
	setsockopt(mnl_socket_get_fd(nl), SOL_SOCKET, SO_RCVBUFFORCE, &size,
		   sizeof(size));
	for (char *n = strtok_r(numbers, ",", &save); n;
	     n = strtok_r(NULL, ",", &save))
		open_queue((uint16_t)atoi(n));
}

/* The packet with more payload; 0 when it is none to change. */
static size_t grow(const uint8_t *ip, size_t len, uint8_t *out)
{
	static uint8_t text[SLOT + GROW];
	struct packet p;
	size_t n;

	if (packet_parse(&p, ip, len) != PACKET_UDP || p.payload_len > SLOT)
		return 0;
	memcpy(text, ip + p.payload_off, p.payload_len);
	memset(text + p.payload_len, '\n', GROW);
	if (packet_rebuild(&p, text, p.payload_len + GROW, 1, out, SLOT * 2,
			   &n))
		return 0;
	return n;
}

static void packet_work(struct nlmsghdr *verdict, const uint8_t *ip, size_t len)
{
	static uint8_t out[SLOT * 2];
	size_t n = work == MANGLE ? grow(ip, len, out) : 0;

	if (n)
		nfq_nlmsg_verdict_put_pkt(verdict, out, (uint32_t)n);
	else if (work == SIGN)
		bare_sign(&bare);
	else if (work == VERIFY)
		bare_verify(&bare);
}

static int on_message(const struct nlmsghdr *nlh, void *arg)
{
	struct nlattr *attr[NFQA_MAX + 1] = { NULL };
	const struct nfqnl_msg_packet_hdr *h;
	const struct nfgenmsg *nfg = mnl_nlmsg_get_payload(nlh);
	struct nlmsghdr *verdict;

	(void)arg;
	if (nfq_nlmsg_parse(nlh, attr) < 0 || !attr[NFQA_PACKET_HDR] ||
	    !attr[NFQA_PAYLOAD])
		return MNL_CB_OK;
	h = mnl_attr_get_payload(attr[NFQA_PACKET_HDR]);
	verdict = nfq_nlmsg_put(verdicts + verdicts_len, NFQNL_MSG_VERDICT,
				ntohs(nfg->res_id));
	nfq_nlmsg_verdict_put(verdict, (int)ntohl(h->packet_id), NF_ACCEPT);
	packet_work(verdict, mnl_attr_get_payload(attr[NFQA_PAYLOAD]),
		    mnl_attr_get_payload_len(attr[NFQA_PAYLOAD]));
	verdicts_len += MNL_ALIGN(verdict->nlmsg_len);
	return MNL_CB_OK;
}

static void flush(void)
{
	if (verdicts_len)
		mnl_socket_sendto(nl, verdicts, verdicts_len);
	verdicts_len = 0;
}

static void run_one(void)
{
	unsigned int port = mnl_socket_get_portid(nl);
	ssize_t n;

	while (!stop) {
		n = mnl_socket_recvfrom(nl, slots[0], SLOT);
		if (n < 0)
			continue;
		mnl_cb_run(slots[0], (size_t)n, 0, port, on_message, NULL);
		flush();
	}
}

static void run_many(void)
{
	unsigned int port = mnl_socket_get_portid(nl);
	struct mmsghdr msg[BATCH] = { 0 };
	struct iovec iov[BATCH];
	int n;

	for (int i = 0; i < BATCH; i++) {
		iov[i] = (struct iovec){ slots[i], SLOT };
		msg[i].msg_hdr.msg_iov = &iov[i];
		msg[i].msg_hdr.msg_iovlen = 1;
	}
	while (!stop) {
		n = recvmmsg(mnl_socket_get_fd(nl), msg, BATCH, MSG_WAITFORONE,
			     NULL);
		for (int i = 0; i < n; i++)
			mnl_cb_run(slots[i], msg[i].msg_len, 0, port,
				   on_message, NULL);
		flush();
	}
}

static enum work work_named(int argc, char **argv)
{
	static const char *const names[] = { "accept", "mangle", "sign",
					     "verify" };

	for (enum work k = ACCEPT; argc > 3 && k <= VERIFY; k++)
		if (!strcmp(argv[3], names[k]) && argc == (k >= SIGN ? 7 : 4))
			return k;
	bench_die("usage: loop QUEUE one|many accept|mangle|"
		  "sign ENGINE HOME KEY|verify ENGINE HOME KEY");
}

int main(int argc, char **argv)
{
	struct sigaction end = { .sa_handler = on_signal };

	log_open(false, 0);
	work = work_named(argc, argv);
	if (work >= SIGN) {
		if (digest_init())
			return 1;
		bare_open(&bare, argv[5], work == SIGN ? argv[4] : "gpgme",
			  work == SIGN ? "gpgme" : argv[4], argv[6]);
	}
	sigaction(SIGTERM, &end, NULL);
	open_queues(argv[1]);
	puts("ready");
	fflush(stdout);
	if (!strcmp(argv[2], "one"))
		run_one();
	else
		run_many();
	if (work >= SIGN)
		bare_close(&bare);
	return 0;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation
 *
 * One netlink socket is bound to both queues. The kernel sends one datagram a
 * packet; recvmmsg() takes up to BATCH of them at once, each into a slot of an
 * arena that is large enough for the largest. Pages of the arena that were
 * never written cost nothing, and MADV_DONTFORK keeps it out of the page tables
 * that are copied whenever gpg is started.
 *
 * A verdict is a netlink message of its own in a buffer, with the new packet
 * behind it where there is one. The whole buffer goes with one send at the end
 * of a batch, or when it is full; the kernel handles it before send returns, in
 * the order it was written. It answers only what it could not do.
 *
 * Batch verdicts (NFQNL_MSG_VERDICT_BATCH) are not used: they settle all
 * packets up to a number, and ours are settled in any order.
 */
#include "io/nfqueue.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <libmnl/libmnl.h>
#include <libnetfilter_queue/libnetfilter_queue.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nfnetlink_queue.h>
#include <net/if.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"

#define BATCH	     64
#define BATCHES_MAX  8		 /* of one nfqueue_read() */
#define SLOT_SIZE    (68u << 10) /* largest packet and its attributes */
#define VERDICTS_CAP (256u << 10)
#define VERDICT_HEAD 64 /* a verdict's message without a packet, at most */

/* A netlink attribute has 16 bits for its length, itself included. */
#define PAYLOAD_MAX (65535 - MNL_ATTR_HDRLEN)

#define MTU_SLOTS  16
#define MTU_AGE_NS 2000000000u

#define PROC_FILE "/proc/net/netfilter/nfnetlink_queue"

struct mtu_slot {
	uint32_t ifindex;
	uint32_t mtu;
	uint64_t read_ns;
};

struct nfqueue {
	struct mnl_socket *nl;
	struct nfqueue_conf conf;
	struct nfqueue_stats stats;
	int proc_fd;  /* kept open: root's to open, ours to read */
	int dev_fd;   /* any socket, to ask for MTUs */
	uint32_t seq; /* of configuration messages */
	uint64_t now_ns;
	struct mtu_slot mtu[MTU_SLOTS];

	char *verdicts; /* VERDICTS_CAP octets */
	size_t verdicts_len;
	uint64_t verdicts_waiting;

	char *arena;
	struct mmsghdr msg[BATCH];
	struct iovec iov[BATCH];
	struct sockaddr_nl from[BATCH];
};

/* ---- what the kernel says about its queues ---- */

struct proc_line {
	unsigned int number, portid, waiting, mode, range, queue_dropped,
		user_dropped;
};

static void proc_each(int fd,
		      void (*each)(void *arg, const struct proc_line *l),
		      void *arg)
{
	char text[8192], *line, *save = NULL;
	struct proc_line l;
	ssize_t n = pread(fd, text, sizeof(text) - 1, 0);

	if (n <= 0)
		return;
	text[n] = '\0';
	for (line = strtok_r(text, "\n", &save); line;
	     line = strtok_r(NULL, "\n", &save))
		if (sscanf(line, "%u %u %u %u %u %u %u", &l.number, &l.portid,
			   &l.waiting, &l.mode, &l.range, &l.queue_dropped,
			   &l.user_dropped) == 7)
			each(arg, &l);
}

static void kernel_line(void *arg, const struct proc_line *l)
{
	struct nfqueue_kernel *k = arg;

	if (l->number != k->number)
		return;
	k->waiting = l->waiting;
	k->queue_dropped = l->queue_dropped;
	k->user_dropped = l->user_dropped;
}

void nfqueue_kernel(const struct nfqueue *q, struct nfqueue_kernel out[2])
{
	for (int i = 0; i < 2; i++) {
		out[i] = (struct nfqueue_kernel){ .number = q->conf.number[i] };
		proc_each(q->proc_fd, kernel_line, &out[i]);
	}
}

struct owner {
	unsigned int number, portid;
	bool found;
};

static void owner_line(void *arg, const struct proc_line *l)
{
	struct owner *o = arg;

	if (l->number != o->number)
		return;
	o->portid = l->portid;
	o->found = true;
}

/* A program's first netlink socket has its process id as address. */
static void owner_name(unsigned int portid, char *out, size_t cap)
{
	char path[64];
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "/proc/%u/comm", portid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? -1 : read(fd, out, cap - 1);
	if (fd >= 0)
		close(fd);
	out[n > 0 ? n : 0] = '\0';
	out[strcspn(out, "\n")] = '\0';
}

static int refused(const struct nfqueue *q, uint16_t number, int err)
{
	struct owner o = { .number = number };
	char name[32];

	proc_each(q->proc_fd, owner_line, &o);
	if (o.found && o.portid != mnl_socket_get_portid(q->nl)) {
		owner_name(o.portid, name, sizeof(name));
		log_warnx("queue %u is in use by %s%s%u%s", number,
			  *name ? name : "another program",
			  *name ? " (pid " : " (netlink port ", o.portid, ")");
		return EBUSY;
	}
	errno = err;
	if (err == EPERM)
		log_warn("queue %u can't be bound without CAP_NET_ADMIN",
			 number);
	else
		log_warn("queue %u can't be bound", number);
	return err;
}

/* ---- opening ---- */

/* The kernel answers before send returns: the wait ends at once. */
static int await_answer(struct nfqueue *q)
{
	struct pollfd p = { .fd = nfqueue_fd(q), .events = POLLIN };
	char buf[8192];
	ssize_t n;

	do {
		if (poll(&p, 1, 2000) <= 0)
			return ETIMEDOUT;
		n = mnl_socket_recvfrom(q->nl, buf, sizeof(buf));
		if (n < 0)
			return errno;
		n = mnl_cb_run(buf, (size_t)n, q->seq,
			       mnl_socket_get_portid(q->nl), NULL, NULL);
	} while (n > 0);
	return n < 0 ? errno : 0;
}

static struct nlmsghdr *config_new(struct nfqueue *q, char *buf,
				   enum direction d)
{
	struct nlmsghdr *nlh =
		nfq_nlmsg_put(buf, NFQNL_MSG_CONFIG, q->conf.number[d]);

	nlh->nlmsg_seq = ++q->seq;
	return nlh;
}

static int config_send(struct nfqueue *q, struct nlmsghdr *nlh)
{
	nlh->nlmsg_flags |= NLM_F_ACK;
	if (mnl_socket_sendto(q->nl, nlh, nlh->nlmsg_len) < 0)
		return errno;
	return await_answer(q);
}

static int bind_queue(struct nfqueue *q, enum direction d)
{
	char buf[512] = "";
	struct nlmsghdr *nlh = config_new(q, buf, d);

	nfq_nlmsg_cfg_put_cmd(nlh, AF_UNSPEC, NFQNL_CFG_CMD_BIND);
	return config_send(q, nlh);
}

static int set_length(struct nfqueue *q, enum direction d)
{
	char buf[512] = "";
	struct nlmsghdr *nlh = config_new(q, buf, d);

	nfq_nlmsg_cfg_put_qmaxlen(nlh, q->conf.length);
	return config_send(q, nlh);
}

/* A message of its own: a flag that is refused takes all else with it. */
static int set_fail_open(struct nfqueue *q, enum direction d)
{
	char buf[512] = "";
	struct nlmsghdr *nlh = config_new(q, buf, d);

	mnl_attr_put_u32(nlh, NFQA_CFG_FLAGS, htonl(NFQA_CFG_F_FAIL_OPEN));
	mnl_attr_put_u32(nlh, NFQA_CFG_MASK, htonl(NFQA_CFG_F_FAIL_OPEN));
	return config_send(q, nlh);
}

/*
 * Packets come from here on, so no answer is waited for among them: one that
 * says no is met in nfqueue_read().
 */
static int start_queue(struct nfqueue *q, enum direction d)
{
	char buf[512] = "";
	struct nlmsghdr *nlh = config_new(q, buf, d);

	nfq_nlmsg_cfg_put_params(nlh, NFQNL_COPY_PACKET, 0xffff);
	return mnl_socket_sendto(q->nl, nlh, nlh->nlmsg_len) < 0 ? errno : 0;
}

static int configure(struct nfqueue *q)
{
	int err;

	for (enum direction d = OUTBOUND; d <= INBOUND; d++) {
		err = bind_queue(q, d);
		if (!err)
			err = set_length(q, d);
		if (!err && q->conf.fail_open)
			err = set_fail_open(q, d);
		if (err)
			return refused(q, q->conf.number[d], err);
	}
	for (enum direction d = OUTBOUND; d <= INBOUND; d++) {
		err = start_queue(q, d);
		if (err)
			return refused(q, q->conf.number[d], err);
	}
	return 0;
}

/*
 * Room for all packets of a full queue at 4 KiB of kernel memory each (the
 * kernel doubles what is asked for), within limits.
 */
static void size_buffers(const struct nfqueue *q)
{
	int fd = nfqueue_fd(q);
	int rcv = 1 << 20, snd = 2 * (int)VERDICTS_CAP;

	if (q->conf.length > (uint32_t)rcv / 2048)
		rcv = q->conf.length < 8192 ? (int)q->conf.length * 2048
					    : 16 << 20;
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &rcv, sizeof(rcv)) ||
	    setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &snd, sizeof(snd)))
		log_warn("the netlink socket's buffers stay small");
}

static int open_socket(struct nfqueue *q)
{
	q->dev_fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	q->proc_fd = open(PROC_FILE, O_RDONLY | O_CLOEXEC);
	q->nl = mnl_socket_open2(NETLINK_NETFILTER,
				 SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (!q->nl || mnl_socket_bind(q->nl, 0, MNL_SOCKET_AUTOPID) < 0) {
		int err = errno;

		log_warn("no netlink socket");
		return err;
	}
	size_buffers(q);
	return 0;
}

static void *map_pages(size_t len)
{
	void *p = mmap(NULL, len, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		return NULL;
	madvise(p, len, MADV_DONTFORK);
	return p;
}

static int make_slots(struct nfqueue *q)
{
	q->arena = map_pages((size_t)BATCH * SLOT_SIZE);
	q->verdicts = map_pages(VERDICTS_CAP);
	if (!q->arena || !q->verdicts)
		return ENOMEM;
	for (size_t i = 0; i < BATCH; i++) {
		q->iov[i].iov_base = q->arena + i * SLOT_SIZE;
		q->iov[i].iov_len = SLOT_SIZE;
		q->msg[i].msg_hdr.msg_iov = &q->iov[i];
		q->msg[i].msg_hdr.msg_iovlen = 1;
		q->msg[i].msg_hdr.msg_name = &q->from[i];
	}
	return 0;
}

static void release(struct nfqueue *q)
{
	if (q->nl)
		mnl_socket_close(q->nl);
	if (q->dev_fd >= 0)
		close(q->dev_fd);
	if (q->proc_fd >= 0)
		close(q->proc_fd);
	if (q->arena)
		munmap(q->arena, (size_t)BATCH * SLOT_SIZE);
	if (q->verdicts)
		munmap(q->verdicts, VERDICTS_CAP);
	free(q);
}

int nfqueue_open(struct nfqueue **out, const struct nfqueue_conf *conf)
{
	struct nfqueue *q = calloc(1, sizeof(*q));
	int err;

	if (!q)
		return ENOMEM;
	q->conf = *conf;
	q->proc_fd = q->dev_fd = -1;
	err = make_slots(q);
	if (!err)
		err = open_socket(q);
	if (!err)
		err = configure(q);
	if (err) {
		release(q);
		return err;
	}
	if (conf->fail_open)
		log_warnx("FAIL OPEN is configured: packets that overrun a "
			  "queue pass unseen and UNAUTHENTICATED");
	*out = q;
	return 0;
}

int nfqueue_fd(const struct nfqueue *q)
{
	return mnl_socket_get_fd(q->nl);
}

const struct nfqueue_stats *nfqueue_stats(const struct nfqueue *q)
{
	return &q->stats;
}

/* ---- verdicts ---- */

static int send_verdicts(struct nfqueue *q)
{
	if (mnl_socket_sendto(q->nl, q->verdicts, q->verdicts_len) < 0)
		return errno;
	q->stats.sends++;
	q->stats.verdicts += q->verdicts_waiting;
	q->verdicts_waiting = 0;
	q->verdicts_len = 0;
	return 0;
}

void nfqueue_flush(struct nfqueue *q)
{
	int err = 0;

	if (!q->verdicts_len)
		return;
	/* what can't go now stays, and goes with the next ones */
	for (int i = 0; i < 3; i++) {
		err = send_verdicts(q);
		if (!err)
			return;
		q->stats.send_retries++;
	}
	errno = err;
	log_peer("verdicts are delayed: %s", strerrorname_np(err));
}

/* Room for a verdict of so many octets; sends, and in the end waits, for it. */
static bool make_room(struct nfqueue *q, size_t len)
{
	static const struct timespec ms = { .tv_nsec = 1000000 };

	if (len <= VERDICTS_CAP - q->verdicts_len)
		return true;
	nfqueue_flush(q);
	/* memory is what lacks: nothing else could be done meanwhile */
	for (int i = 0; q->verdicts_len && i < 1000; i++) {
		nanosleep(&ms, NULL);
		nfqueue_flush(q);
	}
	return !q->verdicts_len;
}

void nfqueue_verdict(struct nfqueue *q, struct packet_ref ref, enum verdict v,
		     const uint8_t *ip, size_t len)
{
	struct nlmsghdr *nlh;

	if (ip && len > PAYLOAD_MAX) {
		log_peer("a packet of %zu octets is too large for a verdict",
			 len);
		v = VERDICT_DROP;
	}
	if (!ip || v == VERDICT_DROP)
		len = 0;
	if (!make_room(q, VERDICT_HEAD + len)) {
		q->stats.verdicts_lost++;
		log_peer("a verdict is lost: no memory in the kernel");
		return;
	}
	nlh = nfq_nlmsg_put(q->verdicts + q->verdicts_len, NFQNL_MSG_VERDICT,
			    ref.queue);
	nfq_nlmsg_verdict_put(nlh, (int)ref.id,
			      v == VERDICT_ACCEPT ? NF_ACCEPT : NF_DROP);
	if (len)
		nfq_nlmsg_verdict_put_pkt(nlh, ip, (uint32_t)len);
	q->verdicts_len += MNL_ALIGN(nlh->nlmsg_len);
	q->verdicts_waiting++;
}

/* ---- packets ---- */

static uint32_t read_mtu(const struct nfqueue *q, uint32_t ifindex)
{
	struct ifreq r = { .ifr_ifindex = (int)ifindex };

	if (ioctl(q->dev_fd, SIOCGIFNAME, &r) ||
	    ioctl(q->dev_fd, SIOCGIFMTU, &r) || r.ifr_mtu < 0)
		return 0;
	return (uint32_t)r.ifr_mtu;
}

static size_t mtu_of(struct nfqueue *q, uint32_t ifindex)
{
	struct mtu_slot *s = &q->mtu[ifindex % MTU_SLOTS];

	if (s->ifindex != ifindex || q->now_ns - s->read_ns > MTU_AGE_NS) {
		s->ifindex = ifindex;
		s->mtu = read_mtu(q, ifindex);
		s->read_ns = q->now_ns;
	}
	return s->mtu;
}

/* 0; EBADMSG when it can't even be told which packet it is. */
static int read_packet(struct nfqueue *q, const struct nlmsghdr *nlh,
		       struct nfqueue_packet *p)
{
	struct nlattr *attr[NFQA_MAX + 1] = { NULL };
	const struct nfqnl_msg_packet_hdr *hdr;
	const struct nfgenmsg *nfg = mnl_nlmsg_get_payload(nlh);

	if (nfq_nlmsg_parse(nlh, attr) < 0 || !attr[NFQA_PACKET_HDR])
		return EBADMSG;
	hdr = mnl_attr_get_payload(attr[NFQA_PACKET_HDR]);
	p->ref.queue = ntohs(nfg->res_id);
	p->ref.id = ntohl(hdr->packet_id);
	p->dir = p->ref.queue == q->conf.number[INBOUND] ? INBOUND : OUTBOUND;
	p->ip = (const uint8_t *)"";
	if (attr[NFQA_PAYLOAD]) {
		p->ip = mnl_attr_get_payload(attr[NFQA_PAYLOAD]);
		p->len = mnl_attr_get_payload_len(attr[NFQA_PAYLOAD]);
	}
	p->truncated = attr[NFQA_CAP_LEN] &&
		       ntohl(mnl_attr_get_u32(attr[NFQA_CAP_LEN])) > p->len;
	if (attr[NFQA_IFINDEX_OUTDEV])
		p->mtu = mtu_of(
			q, ntohl(mnl_attr_get_u32(attr[NFQA_IFINDEX_OUTDEV])));
	return 0;
}

/* The kernel's answer to a verdict or, late, to the configuration. */
static int read_error(struct nfqueue *q, const struct nlmsghdr *nlh)
{
	const struct nlmsgerr *e = mnl_nlmsg_get_payload(nlh);

	if (mnl_nlmsg_get_payload_len(nlh) < sizeof(*e) || !e->error)
		return 0;
	errno = -e->error;
	if ((e->msg.nlmsg_type & 0xff) == NFQNL_MSG_CONFIG) {
		log_warn("the kernel refuses to copy packets");
		return errno;
	}
	if (e->error == -ENOENT) {
		q->stats.verdicts_late++;
		return 0;
	}
	q->stats.verdicts_lost++;
	log_peer("the kernel refuses a verdict: %s", strerrorname_np(errno));
	return e->error == -EPERM ? EPERM : 0;
}

static int take_message(struct nfqueue *q, const struct nlmsghdr *nlh,
			const struct nfqueue_ops *ops)
{
	struct nfqueue_packet p = { .len = 0 };

	if (nlh->nlmsg_type == NLMSG_ERROR)
		return read_error(q, nlh);
	if (nlh->nlmsg_type != ((NFNL_SUBSYS_QUEUE << 8) | NFQNL_MSG_PACKET))
		return 0;
	if (read_packet(q, nlh, &p)) {
		q->stats.messages_bad++;
		return 0;
	}
	q->stats.packets++;
	ops->packet(ops->ctx, &p);
	return 0;
}

static int take_datagram(struct nfqueue *q, size_t i,
			 const struct nfqueue_ops *ops)
{
	const struct nlmsghdr *nlh = q->iov[i].iov_base;
	int len = (int)q->msg[i].msg_len, err = 0;

	/* only the kernel has number 0 */
	if (q->from[i].nl_pid != 0)
		return 0;
	if (q->msg[i].msg_hdr.msg_flags & MSG_TRUNC) {
		q->stats.messages_bad++;
		return 0;
	}
	for (; !err && mnl_nlmsg_ok(nlh, len); nlh = mnl_nlmsg_next(nlh, &len))
		err = take_message(q, nlh, ops);
	return err;
}

static void end_batch(struct nfqueue *q, const struct nfqueue_ops *ops)
{
	if (ops->batch)
		ops->batch(ops->ctx);
	nfqueue_flush(q);
}

/* 0 and *n datagrams; *n is 0 when there is nothing (more). */
static int receive(struct nfqueue *q, size_t *n)
{
	int got;

	*n = 0;
	for (size_t i = 0; i < BATCH; i++)
		q->msg[i].msg_hdr.msg_namelen = sizeof(q->from[i]);
	got = recvmmsg(nfqueue_fd(q), q->msg, BATCH, MSG_DONTWAIT, NULL);
	if (got >= 0) {
		*n = (size_t)got;
		return 0;
	}
	if (errno == ENOBUFS) {
		q->stats.overruns++;
		return EINTR;
	}
	return errno == EAGAIN ? 0 : errno;
}

static int read_batch(struct nfqueue *q, const struct nfqueue_ops *ops,
		      size_t *n)
{
	int err = receive(q, n);

	if (err || !*n)
		return err;
	q->stats.batches++;
	q->now_ns = clock_steady_ns();
	for (size_t i = 0; !err && i < *n; i++) {
		/* so that verdicts go behind what ops->batch makes durable */
		if (VERDICTS_CAP - q->verdicts_len < VERDICT_HEAD + PAYLOAD_MAX)
			end_batch(q, ops);
		err = take_datagram(q, i, ops);
	}
	end_batch(q, ops);
	return err;
}

int nfqueue_read(struct nfqueue *q, const struct nfqueue_ops *ops)
{
	size_t n;
	int err;

	for (int i = 0; i < BATCHES_MAX; i++) {
		err = read_batch(q, ops, &n);
		if (err == EINTR)
			continue;
		if (err || n < BATCH)
			return err;
	}
	return 0;
}

/* ---- closing ---- */

struct rest {
	struct nfqueue *q;
	enum verdict v;
};

static void settle_rest(void *ctx, const struct nfqueue_packet *p)
{
	const struct rest *r = ctx;

	nfqueue_verdict(r->q, p->ref, r->v, NULL, 0);
}

static void unbind(struct nfqueue *q)
{
	char buf[512] = "";

	for (enum direction d = OUTBOUND; d <= INBOUND; d++) {
		struct nlmsghdr *nlh = config_new(q, buf, d);

		nfq_nlmsg_cfg_put_cmd(nlh, AF_UNSPEC, NFQNL_CFG_CMD_UNBIND);
		if (mnl_socket_sendto(q->nl, nlh, nlh->nlmsg_len) < 0)
			log_warn("queue %u can't be unbound",
				 q->conf.number[d]);
	}
}

void nfqueue_close(struct nfqueue *q, enum verdict rest)
{
	struct rest r = { q, rest };
	struct nfqueue_ops ops = { .ctx = &r, .packet = settle_rest };
	uint64_t before;
	size_t limit;

	if (!q)
		return;
	/* bounded: somebody may send faster than this */
	for (limit = q->conf.length / BATCH + 2; limit; limit--) {
		before = q->stats.packets;
		if (nfqueue_read(q, &ops) || q->stats.packets == before)
			break;
	}
	nfqueue_flush(q);
	unbind(q);
	release(q);
}

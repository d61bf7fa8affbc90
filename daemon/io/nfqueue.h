/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * nfqueue - the two kernel queues (outbound, inbound) on one netlink socket:
 * the only file that knows libnetfilter_queue and libmnl.
 *
 * Packets come in batches; verdicts are gathered as netlink messages and go
 * back in one send at the end of a batch. Verdicts may be given in any order,
 * at any time before nfqueue_close().
 *
 * Thread: the loop's. Errors are positive errno values.
 */
#ifndef IO_NFQUEUE_H
#define IO_NFQUEUE_H

#include "core/io.h"

#include <stdbool.h>

struct nfqueue;

struct nfqueue_conf {
	uint16_t number[2]; /* by enum direction */
	uint32_t length;    /* packets the kernel keeps in each */
	bool fail_open;	    /* a full queue lets pass instead of dropping */
};

struct nfqueue_packet {
	struct packet_ref ref;
	enum direction dir;
	const uint8_t *ip; /* until the callback returns */
	size_t len;
	bool truncated; /* the kernel gave only part of it */
	size_t mtu;	/* of the way out; 0: there is none yet */
};

struct nfqueue_ops {
	void *ctx;
	void (*packet)(void *ctx, const struct nfqueue_packet *p);
	/* end of a batch, before its verdicts go; may be NULL */
	void (*batch)(void *ctx);
};

struct nfqueue_stats {
	uint64_t packets;	/* taken from the kernel */
	uint64_t verdicts;	/* given back */
	uint64_t batches;	/* receive calls that brought something */
	uint64_t sends;		/* of gathered verdicts */
	uint64_t send_retries;	/* the kernel had no memory for one */
	uint64_t overruns;	/* socket buffer full: packets were lost */
	uint64_t verdicts_late; /* the packet was gone when it came */
	uint64_t verdicts_lost; /* could not be sent at all */
	uint64_t messages_bad;	/* netlink messages that can't be read */
};

/* What the kernel itself says about one queue. */
struct nfqueue_kernel {
	uint16_t number;
	uint32_t waiting;	/* packets without a verdict */
	uint32_t queue_dropped; /* the queue was full */
	uint32_t user_dropped;	/* the socket buffer was full */
};

/*
 * Bind both queues; packets wait in the kernel from then on. Needs
 * CAP_NET_ADMIN. 0; EBUSY (one is in use), EPERM, or another errno of the
 * kernel's, with a line in the log.
 */
int nfqueue_open(struct nfqueue **out, const struct nfqueue_conf *conf);

/* To wait on for reading. */
int nfqueue_fd(const struct nfqueue *q);

/*
 * Hand out what is there, in batches, but no more than a few of them so that
 * the loop's other work gets its turn. 0; an errno when the socket is of no use
 * any more.
 */
int nfqueue_read(struct nfqueue *q, const struct nfqueue_ops *ops);

/* As core_io.verdict. */
void nfqueue_verdict(struct nfqueue *q, struct packet_ref ref, enum verdict v,
		     const uint8_t *ip, size_t len);

/* Send the gathered verdicts. Nothing happens when there are none. */
void nfqueue_flush(struct nfqueue *q);

const struct nfqueue_stats *nfqueue_stats(const struct nfqueue *q);

/* By enum direction; all 0 when the kernel does not say. */
void nfqueue_kernel(const struct nfqueue *q, struct nfqueue_kernel out[2]);

/*
 * Give every packet that is still to be read the verdict `rest`, unbind (the
 * kernel drops what comes then) and free. NULL is allowed.
 */
void nfqueue_close(struct nfqueue *q, enum verdict rest);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * inject - sends IP packets of our own, with a mark by which the rules let them
 * pass the queues. Raw sockets: opened with privileges, used without.
 *
 * Thread: the loop's. Never blocks.
 */
#ifndef IO_INJECT_H
#define IO_INJECT_H

#include <stddef.h>
#include <stdint.h>

struct inject;

struct inject_stats {
	uint64_t packets;   /* sent whole or as fragments */
	uint64_t fragments; /* of those that were cut */
	uint64_t failed;    /* the kernel refused them */
};

/*
 * Needs CAP_NET_RAW and CAP_NET_ADMIN. 0; EPERM; ENOMEM; …, with a line in the
 * log. A host without IPv6 is no error; its IPv6 packets fail.
 */
int inject_open(struct inject **out, uint32_t mark);

/* As core_io.inject. mtu 0: 1500, 1280 for IPv6. */
void inject_send(struct inject *i, const uint8_t *ip, size_t len, size_t mtu);

const struct inject_stats *inject_stats(const struct inject *i);
void inject_close(struct inject *i);

#endif

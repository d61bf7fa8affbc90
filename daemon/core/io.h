/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * io - how the core meets the world: one verdict for each packet, and packets
 * of its own. Implemented by io/ for real, by the tests in memory.
 */
#ifndef CORE_IO_H
#define CORE_IO_H

#include <stddef.h>
#include <stdint.h>

enum direction {
	OUTBOUND, /* leaving the local side */
	INBOUND,  /* coming to it */
};

/* Names a queued packet to the queue it came from. */
struct packet_ref {
	uint16_t queue;
	uint32_t id;
};

enum verdict {
	VERDICT_ACCEPT,
	VERDICT_DROP,
};

struct core_io {
	void *ctx;
	/*
	 * The one verdict of a packet. ip/len: the whole packet that goes on in
	 * its stead (accept only), or NULL: as it came. May be put off until
	 * the queue's next flush; ip need not live longer than the call.
	 */
	void (*verdict)(void *ctx, struct packet_ref ref, enum verdict v,
			const uint8_t *ip, size_t len);
	/*
	 * Send an IP packet of ours; cut into fragments of at most mtu octets
	 * where needed (0: of the way out). Never queued again (mark).
	 */
	void (*inject)(void *ctx, const uint8_t *ip, size_t len, size_t mtu);
	/*
	 * A packet that is dropped as suspicious, shown just before its
	 * verdict; ip need not live longer than the call. May be NULL.
	 */
	void (*captured)(void *ctx, const uint8_t *ip, size_t len);
};

#endif

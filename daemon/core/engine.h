/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * engine - the only door of the core: a packet in, one verdict out.
 *
 * Theory of operation: engine.c. Thread: the loop's, all of it.
 */
#ifndef CORE_ENGINE_H
#define CORE_ENGINE_H

#include "base/stats.h"
#include "core/conf.h"
#include "core/io.h"
#include "crypto/job.h"
#include "crypto/trust.h"
#include "state/store.h"

struct engine;

/*
 * All pointers stay the caller's and must outlive the engine. 0; ENOMEM; EIO.
 */
int engine_open(struct engine **out, const struct conf *conf,
		struct store *store, const struct core_io *io,
		const struct crypto_door *crypto, const struct trust *trust,
		uint64_t now_ms);

/*
 * One packet from a queue. ip is read before the call returns. truncated: the
 * kernel gave only part of it. mtu: of the way out, 0 when not known. The
 * verdict is given through io, inside this call or later.
 */
void engine_packet(struct engine *e, struct packet_ref ref, enum direction dir,
		   const uint8_t *ip, size_t len, bool truncated, size_t mtu,
		   uint64_t now_ms);

/* End of a batch from the queues: makes the changes of it durable. */
void engine_flush(struct engine *e);

/* Timers: call at least every 100 ms. */
void engine_tick(struct engine *e, uint64_t now_ms);

/* A new snapshot of the keyring; the old one may be freed after the call. */
void engine_set_trust(struct engine *e, const struct trust *trust);

/* A new configuration (reload); realm, role and queues stay as they were. */
void engine_set_conf(struct engine *e, const struct conf *conf);

/*
 * Give every packet still held its verdict (drop, or accept with fail-open)
 * and forget late answers of jobs. Then no call but engine_free() is made, and
 * that only after the last job has come back.
 */
void engine_stop(struct engine *e);
void engine_free(struct engine *e);

/* Packets without a verdict yet, and counters. */
size_t engine_held(const struct engine *e);
const struct stats *engine_stats(const struct engine *e);

#endif

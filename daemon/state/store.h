/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * store - the durable tables of the daemon. Everything here belongs to the
 * loop's thread.
 *
 * A record has a 16-octet key, octets as value, and a time at which it ends.
 * Tables are bounded; a full one refuses new records (ENOSPC, counted by the
 * caller) and never drops live ones. Changes are seen at once by this process
 * and are safe against its own death (SIGKILL) after store_commit(); the disk
 * is told every few seconds (a power failure may lose those, never the file's
 * soundness).
 *
 * Errors are positive errno values.
 */
#ifndef STATE_STORE_H
#define STATE_STORE_H

#include "base/span.h"

#define STORE_KEY_LEN 16

struct store_key {
	uint8_t b[STORE_KEY_LEN];
};

enum store_table {
	STORE_CALL,   /* Call-ID + local tag: before there is a dialog */
	STORE_DIALOG, /* Call-ID + both tags */
	STORE_TAGS,   /* both tags alone -> dialog key */
	STORE_CLIENT, /* requests we sent or passed on: Call-ID, branch */
	STORE_SERVER, /* requests the local side got */
	STORE_NONCE,  /* nonces and how far they are used up */
	STORE_PEER,   /* realms that answered for a URI before */
	STORE_META,   /* secrets of this installation; never expires */
	STORE_TABLES
};

struct store;

/*
 * Open or make the file at path (a directory of the daemon's user, mode 0700).
 * max_records bounds each table, map_mb the file. 0; EACCES, ENOENT, ENOSPC,
 * EINVAL (another format version), EBUSY (another daemon has it), with a line
 * in the log. path NULL: a store in a temporary directory that is gone on close
 * (tests).
 */
int store_open(struct store **out, const char *path, size_t max_records,
	       size_t map_mb);
void store_close(struct store *s);

/*
 * A key from spans: keyed hash, so that a peer can't aim at a tree's shape. The
 * spans are taken with their lengths. (SipHash with a secret of the file's.)
 */
struct store_key store_key(const struct store *s, const struct span *in,
			   size_t n);

/*
 * Read. 0 and *value, which points into the store and holds until the next
 * change or commit; ENOENT (also when its time is over: expire_ms <= now_ms).
 */
int store_get(struct store *s, enum store_table t, const struct store_key *k,
	      uint64_t now_ms, struct span *value);

/* Write or replace. 0; ENOSPC; EIO. */
int store_put(struct store *s, enum store_table t, const struct store_key *k,
	      uint64_t expire_ms, struct span value);

/* 0; ENOENT. */
int store_del(struct store *s, enum store_table t, const struct store_key *k);

/* Records in a table, those past their time but not yet swept included. */
size_t store_count(struct store *s, enum store_table t);

/* Make all changes so far survive this process. Costs next to nothing. */
void store_commit(struct store *s);

/*
 * Put what has changed in its place, and remove up to `most` records whose time
 * is over; returns how many. By a timer, and when it is due: takes some
 * microseconds for each change since the last time.
 */
size_t store_settle(struct store *s, uint64_t now_ms, size_t most);
bool store_is_due(const struct store *s);

/* To disk; by a timer, every few seconds. */
void store_sync(struct store *s);

#endif

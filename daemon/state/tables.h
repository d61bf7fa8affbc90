/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tables - the store's tables in a file, on LMDB: tables.c is the only file
 * that knows it. Records with an end, and the index that finds those whose time
 * is over.
 *
 * Thread: one owner, but for tables_sync(). Errors are positive errno values.
 * Inside state/ only.
 */
#ifndef STATE_TABLES_H
#define STATE_TABLES_H

#include "state/store.h"

#define TABLES_SECRET_LEN 32

struct tables;

/*
 * Open or make the file. secret: of the keys, for one that is made, or NULL (it
 * gets one of its own). 0; EINVAL: of another version, or no such file; ENOSPC;
 * ENOMEM; EIO; with a line in the log.
 */
int tables_open(struct tables **out, const char *path, size_t map_mb,
		const uint8_t *secret);
void tables_close(struct tables *s);

const uint8_t *tables_secret(const struct tables *s);

/* A number that is a change like a record's. Set: 0; ENOSPC; EIO. */
uint64_t tables_epoch(const struct tables *s);
int tables_set_epoch(struct tables *s, uint64_t epoch);

/* *value holds until the next change or commit. */
int tables_get(struct tables *s, enum store_table t, const struct store_key *k,
	       uint64_t *expire_ms, struct span *value);

/* Is there room for sure for so many changes with so many octets, whatever the
 * trees look like? Asked between a commit and the next change. */
bool tables_have_room(struct tables *s, size_t changes, size_t octets);

/*
 * 0; ENOSPC; EIO. Changes before the last commit are never lost by it. again:
 * if the process dies before the next commit, somebody does the same again; so
 * the record may be changed where it stands.
 */
int tables_put(struct tables *s, enum store_table t, const struct store_key *k,
	       uint64_t expire_ms, struct span value, bool again);
/*
 * The same for a record that has a value of this length at `place`, where
 * tables_get() found it since the last change or commit: no tree is gone
 * through. False: nothing was done, it takes tables_put().
 */
bool tables_put_at(enum store_table t, const struct store_key *k,
		   uint64_t expire_ms, struct span value, char *place);
/* 0; ENOENT; ENOSPC; EIO. */
int tables_del(struct tables *s, enum store_table t, const struct store_key *k);

size_t tables_count(struct tables *s, enum store_table t);

/* Remove up to `most` records whose time is over. Returns how many. */
size_t tables_sweep(struct tables *s, uint64_t now_ms, size_t most);

/* 0; EIO. */
int tables_commit(struct tables *s);

/* To disk, what was committed; any thread, one at a time. 0; EIO. */
int tables_sync(struct tables *s);

/*
 * After a power failure: copy what is whole in the file `from` to a new file.
 * LMDB believes what it reads, and damage may make it crash: only in a process
 * that ends with it. 0; EIO: it was not all.
 */
int tables_rescue(const char *from, const char *to, size_t map_mb);

#endif

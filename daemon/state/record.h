/* SPDX-License-Identifier: GPL-2.0-or-later */
/* record - structs of fixed size in the store and out of it. Inside state/
 * only.
 */
#ifndef STATE_RECORD_H
#define STATE_RECORD_H

#include <errno.h>
#include "state/store.h"

/* 0; ENOENT; EIO when the record has another size than the struct. */
int record_get(struct store *s, enum store_table t, const struct store_key *k,
	       uint64_t now_ms, void *out, size_t size);

/*
 * The same for large ones, whose zeros are not stored: strings in arrays of
 * their greatest length are most of it. The first `plain` octets are stored as
 * they are: numbers that change belong there, so that the record keeps its
 * length and is changed where it stands. size and plain are multiples of 4. A
 * record may be of another size than the struct only if it is damaged.
 */
int record_get_packed(struct store *s, enum store_table t,
		      const struct store_key *k, uint64_t now_ms, void *out,
		      size_t size, size_t plain);
/* size is at most RECORD_MAX. */
int record_put_packed(struct store *s, enum store_table t,
		      const struct store_key *k, uint64_t expire_ms,
		      const void *in, size_t size, size_t plain);

#define RECORD_MAX 4096

/* To at most size + 4 octets at out; how many. */
size_t record_pack(uint8_t *out, const void *in, size_t size);
/* From the beginning of v; *used of its octets. 0; EIO. */
int record_unpack(void *out, size_t size, struct span v, size_t *used);

#endif

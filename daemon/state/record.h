/* SPDX-License-Identifier: GPL-2.0-or-later */
/* record - structs of fixed size out of the store. Inside state/ only. */
#ifndef STATE_RECORD_H
#define STATE_RECORD_H

#include <errno.h>
#include "state/store.h"

/* 0; ENOENT; EIO when the record has another size than the struct. */
static inline int record_get(struct store *s, enum store_table t,
			     const struct store_key *k, uint64_t now_ms,
			     void *out, size_t size)
{
	struct span v;
	int err = store_get(s, t, k, now_ms, &v);

	if (err)
		return err;
	if (v.len != size)
		return EIO;
	memcpy(out, v.p, size);
	return 0;
}

#endif

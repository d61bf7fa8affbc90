/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * splice - a list of edits to a text, applied in one pass.
 *
 * An edit replaces `del` octets at offset `off` of the original by `ins`.
 * Octets outside every edit come out as they went in. Edits may be added in any
 * order; insertions at one offset come out in the order they were added, and
 * before a deletion at the same offset; overlapping deletions are an error,
 * except that an edit which lies wholly inside a deletion is swallowed with its
 * text: an insertion behind the first octet deleted and before the last, a
 * shorter deletion, the later one of two that delete the same octets.
 *
 * The inserted text is not copied: it must live until splice_apply().
 * Pure. Thread: one owner.
 */
#ifndef CODEC_SPLICE_H
#define CODEC_SPLICE_H

#include "base/span.h"

#define SPLICE_MAX 512

struct edit {
	size_t off, del;
	struct span ins;
};

struct splice {
	struct span orig;
	size_t n;
	bool full; /* more than SPLICE_MAX edits were asked for */
	struct edit edit[SPLICE_MAX];
};

void splice_init(struct splice *s, struct span orig);

/* at must lie inside orig; replace it (ins may be empty or absent: delete). */
void splice_replace(struct splice *s, struct span at, struct span ins);
void splice_delete(struct splice *s, struct span at);
/* before octet off of the original (off <= orig.len) */
void splice_insert(struct splice *s, size_t off, struct span ins);

/*
 * 0 and *len; EMSGSIZE beyond cap; E2BIG when `full`; EINVAL for overlapping or
 * outlying edits. Nothing is to be used of out on an error.
 */
int splice_apply(struct splice *s, char *out, size_t cap, size_t *len);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Branches of authenticated transactions, for policies that let something pass
 * unsigned (and everybody can write the From that they hold for). Endpoints
 * find a transaction by its branch alone (RFC 3261 section 17.1.3, 17.2.3), so
 * an unsigned response or CANCEL with another Call-ID or From tag than the
 * authenticated request has must be recognised by it, too. Some compare without
 * regard to case.
 */
#include "core/flow.h"

#include "base/digest.h"

#define MARK_MS 3600000

static void branch_digest(uint8_t digest[32], enum direction dir,
			  struct span branch)
{
	char mem[BRANCH_MAX];
	struct span in[] = {
		dir == INBOUND ? SPAN_LIT("branch in ") : SPAN_LIT("branch "),
		span_lower(branch, mem, sizeof(mem)),
	};

	digest_sha256(digest, in, 2);
}

bool branch_mark(struct task *t, enum direction dir, struct span branch)
{
	uint8_t digest[32];

	if (conf_loosest(t->e->conf) == MODE_ENFORCE || !branch.len)
		return true;
	branch_digest(digest, dir, branch);
	return datagram_put(t->e->store, digest, t->now_ms + MARK_MS,
			    SPAN_LIT("b")) == 0;
}

bool branch_marked(struct task *t, enum direction dir)
{
	struct span mark;
	uint8_t digest[32];

	branch_digest(digest, dir, t->m->via_branch);
	return datagram_get(t->e->store, digest, t->now_ms, &mark) == 0;
}

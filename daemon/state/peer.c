/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "state/peer.h"

#include "state/record.h"

static struct store_key peer_key(const struct store *s, const char *canonical)
{
	struct span in[] = { SPAN_LIT("peer"), span_str(canonical) };

	return store_key(s, in, 2);
}

int peer_get(struct store *s, const char *canonical, uint64_t now_ms,
	     struct peer *out)
{
	struct store_key k = peer_key(s, canonical);

	return record_get(s, STORE_PEER, &k, now_ms, out, sizeof(*out));
}

int peer_put(struct store *s, const char *canonical, uint64_t expire_ms,
	     const struct peer *p)
{
	struct store_key k = peer_key(s, canonical);

	return store_put(s, STORE_PEER, &k, expire_ms,
			 span_make(p, sizeof(*p)));
}

int peer_forget(struct store *s, const char *canonical)
{
	struct store_key k = peer_key(s, canonical);

	return store_del(s, STORE_PEER, &k);
}

static struct store_key pin_key(const struct store *s, const char *canonical)
{
	struct span in[] = { SPAN_LIT("pin"), span_str(canonical) };

	return store_key(s, in, 2);
}

int pin_get(struct store *s, const char *canonical, char fpr[PGP_FPR_LEN])
{
	struct store_key k = pin_key(s, canonical);

	return record_get(s, STORE_PEER, &k, 0, fpr, PGP_FPR_LEN);
}

int pin_put(struct store *s, const char *canonical, const char *fpr)
{
	struct store_key k = pin_key(s, canonical);
	char record[PGP_FPR_LEN] = "";

	strncpy(record, fpr, sizeof(record) - 1);
	return store_put(s, STORE_PEER, &k, UINT64_MAX,
			 span_make(record, sizeof(record)));
}

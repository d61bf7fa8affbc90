/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * dialog - what is remembered of calls: before there is a dialog (struct call),
 * and of dialogs (RFC 3261 section 12), each for one local party.
 *
 * A caller and a callee behind one appliance are two local parties of one
 * Call-ID, with a record each: the key holds the local tag.
 *
 * Records are plain structs, copied in and out of the store. Thread: the
 * loop's. Errors: 0, ENOENT, ENOSPC, EIO.
 */
#ifndef STATE_DIALOG_H
#define STATE_DIALOG_H

#include "codec/pgpauth.h"
#include "state/store.h"

#define FPR_MAX	       65
#define CHALLENGES_MAX 4

/* A challenge taken off a response, to be answered in this call's requests. */
struct challenge {
	char realm[PGP_REALM_MAX];
	char nonce[PGP_NONCE_MAX];
	uint32_t nc;	 /* last one used */
	bool proxy;	 /* 407: Proxy-Authorization */
	bool stale_done; /* a stale=true was answered, for this request */
};

/* Key: Call-ID and local tag (REGISTER: Call-ID alone, tags change there). */
struct call {
	uint32_t delta; /* network CSeq = phone's CSeq + delta */
	uint32_t n_challenges;
	struct challenge challenge[CHALLENGES_MAX];
};

/* Key: Call-ID, local tag, remote tag. */
struct dialog {
	/* what dialog_put() alone knows of */
	uint64_t tags_for, tags_until_ms;
	uint64_t rx_window; /* bit n: rx_nc - n was seen */
	uint32_t delta;
	uint32_t tx_nc;	     /* last one used under tx_nonce */
	uint32_t rx_nc;	     /* highest one seen under rx_nonce */
	uint32_t challenged; /* CSeq of the request whose challenge was
				answered last */
	bool authenticated;  /* both sides have signed */
	bool confirmed;	     /* a 2xx, not only a 18x */
	char realm[PGP_REALM_MAX];
	char tx_nonce[PGP_NONCE_MAX]; /* the local side's requests' */
	char rx_nonce[PGP_NONCE_MAX]; /* the remote side's requests' */
	char local_fpr[FPR_MAX];
	char peer_fpr[FPR_MAX];
};

int call_get(struct store *s, struct span call_id, struct span local_tag,
	     uint64_t now_ms, struct call *out);
int call_put(struct store *s, struct span call_id, struct span local_tag,
	     uint64_t expire_ms, const struct call *c);

int dialog_get(struct store *s, struct span call_id, struct span local_tag,
	       struct span remote_tag, uint64_t now_ms, struct dialog *out);

/* Also makes it findable by its two tags alone. */
int dialog_put(struct store *s, struct span call_id, struct span local_tag,
	       struct span remote_tag, uint64_t expire_ms, struct dialog *d);

/*
 * A dialog by its two tags, in either order of who is local, whatever their
 * case and the Call-ID: what endpoints that match on tags alone would find.
 */
int dialog_by_tags(struct store *s, struct span a, struct span b,
		   uint64_t now_ms, struct dialog *out);

/*
 * nc against a window of 64 (strictly increasing at the sender, each accepted
 * once here, whatever the order the network gave them): true and noted when it
 * is new; false when it was seen, is 0, or lies behind the window.
 */
bool nc_accept(uint32_t *highest, uint64_t *window, uint32_t nc);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* uas - what the files of the callee's half share. Inside core/ only. */
#ifndef CORE_UAS_H
#define CORE_UAS_H

#include "core/flow.h"

#define SERVER_PENDING_MS 240000 /* beyond timer C */
#define SERVER_FINAL_MS	  70000	 /* beyond 64*T1 and a nonce's lifetime */

enum credentials {
	CREDENTIALS_NONE,
	CREDENTIALS_ONE,
	CREDENTIALS_BAD, /* unreadable, incomplete, or two for the realm */
};

/* The request's PGP credentials for a realm. */
enum credentials credentials_find(struct task *t, const char *realm,
				  struct pgp_params *p);

/* Marked as signable, or signed for whatever realm: an appliance stands there.
 */
bool request_marked(struct task *t);

/*
 * Refuse with a response of ours, that needs no state (ACK, BYE, CANCEL and
 * requests in dialogs get none). challenge: with a PGP challenge in it.
 */
void refuse(struct task *t, uint64_t *counter, unsigned int status,
	    const char *phrase, const char *reason);
void challenge_send(struct task *t, bool stale);

/* Let a request go on to the local side, stripped and told about. */
void request_accept(struct task *t, const char *word, const char *fpr,
		    const struct trust_answer *trust);

/* Not authenticated, and the policy says so be it. */
void request_unsigned(struct task *t, const char *word);

/*
 * The record of an inbound request: by Call-ID, From tag, CSeq, method, and who
 * it says it is from, so that nobody writes over another's with a signature of
 * his own; for those inside a dialog also by the To tag, since the dialogs of
 * one forked INVITE count the same CSeq numbers.
 */
struct server_key {
	struct store_key name; /* of what it has besides the first three */
};

/* A request's own key; method for CANCEL's and ACK's INVITE. */
void server_key_of(struct server_key *k, const struct task *t,
		   struct span method, bool in_dialog);
int server_read(struct task *t, const struct server_key *k, struct server *v);
int server_write(struct task *t, const struct server_key *k,
		 const struct server *v);

/*
 * The request that a response, or the ACK to one, belongs to: inside the dialog
 * of its To tag, or the one that made it. 0 and *k; ENOENT.
 */
int server_find(struct task *t, struct span method, struct server_key *k,
		struct server *v);

/* Did a copy of the request come on the top branch of t's message? */
bool server_has_branch(const struct task *t, const struct server *v);

uint64_t server_expiry(const struct server *v, uint64_t now_ms);

/* An inbound CANCEL; an inbound request outside a dialog. */
void request_cancelled(struct task *t);
void request_initial_in(struct task *t);

/* Role proxy (proxy.c). */
void proxy_request_in(struct task *t);
void proxy_response_out(struct task *t);

/* The method of a response, as its CSeq writes it. */
struct span response_method(const struct sip_msg *m);

/* Note that a request got an answer, and which. */
void server_final(struct task *t, const struct server_key *k, struct server *v);

/* Sign the response of the local side under a credential of its request. */
void response_sign(struct task *t, const struct server *v, const char *fpr,
		   const char *signed_by);

#endif

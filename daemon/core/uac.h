/* SPDX-License-Identifier: GPL-2.0-or-later */
/* uac - what the files of the caller's half share. Inside core/ only. */
#ifndef CORE_UAC_H
#define CORE_UAC_H

#include "core/flow.h"

#define CLIENT_PENDING_MS 240000 /* beyond timer C of RFC 3261 (3 minutes) */
#define CLIENT_FINAL_MS	  40000	 /* beyond 64*T1 */
#define ATTEMPTS_MAX	  4	 /* challenges answered for one request */
#define CSEQ_MAX	  0x7fffffffu /* RFC 3261 8.1.1.5: below 2^31 */
#define PEER_LIFETIME_MS  (UINT64_C(30) * 24 * 3600 * 1000)

/* What a call's record is kept under beside the Call-ID. */
struct span call_tag(const struct sip_msg *m);

uint64_t client_expiry(const struct client *c, uint64_t now_ms);

/* A fresh CANCEL ticket in c, and what the INVITE commits to. */
void client_ticket(struct client *c, char commitment[64]);

/* Write a record back whose texts still lie in the store. Errors of
 * client_put(); ENOMEM. */
int client_update(struct task *t, struct client *c,
		  const struct span text[CLIENT_TEXTS]);

/* Send text, a request of c's, again and again until engine_resend_stop(). */
void request_repeat(struct task *t, const struct client *c, struct span text);

/* One more credential, in the signing and in its client record. */
void sign_credential(struct signing *s, const char *realm, const char *nonce,
		     uint32_t nc, bool proxy);

static inline uint64_t call_expiry(const struct engine *e, uint64_t now_ms)
{
	return now_ms + (uint64_t)e->conf->dialog_lifetime_s * 1000;
}

/* All challenges of the call are proxies'. */
bool call_only_proxies(const struct call *call);

#define MARK_ROW "Supported: " NAME_MARK "\r\n"

/* A response with PGP challenges in it (challenge.c). */
bool challenge_present(struct task *t);
/* One with challenges of other schemes in it, for the phone. */
bool challenge_others(const struct sip_msg *m);
void challenge_take(struct task *t, struct client *c, struct span text[]);
/* A response to an attempt that was given up: absorbed, its ACK sent again. */
void challenge_again(struct task *t, const struct client *c);

/* What a transaction's parked responses are found by. */
struct store_key client_id(const struct task *t, const struct client *c);
bool response_park(struct task *t, const struct client *c);

/* Drop a response, captured and counted. */
void response_drop(struct task *t);

/* Note how the transaction stands. false: no room (the task was dropped). */
bool client_note(struct task *t, struct client *c);

/* A 2xx without a right signature (uac_refuse.c); bad: with a wrong one. */
void refuse_success(struct task *t, struct client *c, bool bad);
/* The dialog of a response's tag, when somebody has signed under it. */
bool party_known(struct task *t, struct dialog *d);
/* ACK and BYE for a 2xx, so that the far side's phone goes back on the hook. */
void farewell_send(struct task *t, const struct client *c, bool authentic);

/* Hand a response to the phone: numbers and branch its own, PGP rows gone;
 * status_row may be empty. Fills e->draft; the caller adds and finishes. */
void response_draft(struct task *t, const struct client *c);
void response_deliver(struct task *t);
/* Make Digest challenges stale=true where our retry brought them about. */
void response_stale(struct task *t, const struct client *c);

/* Role proxy (proxy.c). */
void proxy_request_out(struct task *t);
void proxy_response_in(struct task *t);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * flow - what the parts of the core share: the engine, and a task for each
 * packet that is being worked on. Inside core/ only; theory in engine.c.
 */
#ifndef CORE_FLOW_H
#define CORE_FLOW_H

#include "codec/octets.h"
#include "codec/packet.h"
#include "core/draft.h"
#include "core/engine.h"
#include "core/limit.h"
#include "core/names.h"
#include "state/dialog.h"
#include "state/nonce.h"
#include "state/peer.h"
#include "state/transaction.h"

/* Texts are built here: a whole datagram and what may be added to it. */
#define TEXT_MAX (MESSAGE_MAX + 1)

struct signing;
struct verifying;
struct lane;

struct task {
	struct task *next;
	struct engine *e;
	struct lane *lane;
	struct packet_ref ref;
	enum direction dir;
	size_t mtu;
	uint64_t now_ms;
	bool settled;  /* the verdict was given */
	bool waiting;  /* for a job */
	bool released; /* was parked, its time is over: let it go */
	uint8_t *own;  /* the bytes, when they had to be kept */
	struct packet ip;

	/* the message; holds while the task runs, read again when it resumes */
	const struct sip_msg *m;
	char local[SIPURI_MAX]; /* canonical URI of the local party, or "" */
	char peer[SIPURI_MAX];	/* of the remote one */
	struct policy policy;

	struct crypto_job *job;
	void (*then)(struct task *t); /* when it is back */
	struct signing *signing;
	struct verifying *verifying;
};

struct lane {
	struct lane *next;
	uint64_t key;
	struct task *current; /* waits for a job */
	struct task *head, **tail;
	size_t n;
};

#define LANES	   1024
#define LANE_MAX   64	/* packets of one call that wait for another */
#define PARKED_MAX 1024 /* failures held back */

/* A request of ours that nobody else would repeat (timer E of RFC 3261). */
struct resend {
	struct store_key key; /* of its client record */
	struct addr src, dst;
	char *text;
	size_t len;
	uint64_t next_ms, end_ms;
	uint32_t interval_ms;
};

#define RESEND_MAX 256

struct parked {
	struct task *task;
	struct store_key key; /* of its transaction */
	uint64_t until_ms;
};

struct engine {
	const struct conf *conf;
	struct store *store;
	struct core_io io;
	struct crypto_door crypto;
	const struct trust *trust;
	uint8_t secret[32];
	struct stats stats;
	struct limit limit;  /* answers to the unauthenticated */
	struct limit checks; /* of signatures under nonces of the signer's */
	uint64_t now_ms;     /* of the last packet or tick */
	uint64_t settled_ms; /* when the store was last put in order */
	bool stopping;
	size_t held; /* tasks without a verdict, outside a call */
	size_t jobs; /* submitted, not back */
	uint16_t ip_id;

	struct lane *lane[LANES];
	struct lane *spare_lane;
	struct task *spare_task;
	size_t n_parked;
	struct parked parked[PARKED_MAX];
	size_t n_resend;
	struct resend resend[RESEND_MAX];

	struct crypto_job job; /* that is done at once; octets are text2's */
	struct sip_msg msg;    /* of the task that runs */
	struct sip_msg other;  /* a second one: built, or out of the store */
	char text[TEXT_MAX + 4096];
	char text2[TEXT_MAX + 4096];
	uint8_t packet[PACKET_MAX];
	struct draft draft;
};

/* ---- verdicts: each task gets one, and is over with it ---- */

void task_pass(struct task *t); /* as it came */
void task_drop(struct task *t); /* counted by the caller */
/* With another payload; drops (and says so) what can't be sent. */
void task_change(struct task *t, struct span text);
/* Drop, and keep a capture. */
void task_refuse(struct task *t);

/* Send text as a UDP packet of ours. */
void engine_send(struct engine *e, const struct addr *src,
		 const struct addr *dst, struct span text);

/* Give up the lane but not the verdict; released after `ms`. false: full. */
bool task_park(struct task *t, const struct store_key *key, uint64_t ms);
/* Let what is parked under the key go with the next tick. */
void engine_release(struct engine *e, const struct store_key *key);
/* Something authenticated contradicts what is parked under the key: drop it. */
void engine_unpark(struct engine *e, const struct store_key *key);
bool engine_is_parked(const struct engine *e, const struct store_key *key);

/* Answered: no more of it. */
void engine_resend_stop(struct engine *e, const struct store_key *key);

/*
 * Have a signature over octets (in whatever buffer) made by key fpr (job_sign),
 * or `signature` checked (job_verify). then() runs with t->job, which it ends
 * by task_job_free(): from inside the call, where that is quickest, or from the
 * loop, with the message read again. Nothing of t may be touched after a 0.
 * ENOMEM, EAGAIN, ESHUTDOWN: then() will not run. EINVAL: no base64, or too
 * much of it.
 */
int job_sign(struct task *t, const char *fpr, struct span octets,
	     void (*then)(struct task *t));
int job_verify(struct task *t, struct span octets, struct span signature,
	       void (*then)(struct task *t));
void task_job_free(struct task *t);

/* Under observe: count, and let it through as it came. true when it was so. */
bool task_observed(struct task *t);

/* ---- signing (sign.c) ---- */

struct signing {
	char *text; /* the message, without the rows to come */
	size_t len;
	size_t head; /* where the rows go in */
	char fpr[FPR_MAX];
	char signed_by[SIPURI_MAX];
	char cancel[64]; /* commitment, INVITE only */
	bool nat;
	bool response;
	size_t n, i;
	struct credential credential[CHALLENGES_MAX];
	struct buf rows;
	/* the result: text with the rows, when error is 0 */
	int error;
	char *out;
	size_t out_len;
	struct addr src, dst; /* for what is not the task's own packet */
	void (*finish)(struct task *t);
	/* carried along for finish() */
	struct client client;
	struct call call;
	char *phone_text; /* owned */
	size_t phone_len;
	uint8_t digest[32];
	char rows_mem[CHALLENGES_MAX * 2600]; /* the last: not zeroed */
};

/*
 * Begin: text is copied. The caller fills fpr, credential[], n and the rest of
 * t->signing, then calls sign_start(); finish() is called from the loop with
 * signing->error and ->out set, the task's message read again. NULL: no memory
 * (the task was dropped).
 */
struct signing *sign_new(struct task *t, struct span text);
void sign_start(struct task *t, void (*finish)(struct task *t));
void sign_free(struct task *t);

/*
 * May cover=nat leave the Contact out? Not where it is all that matters: in a
 * REGISTER and a redirect (status 0: a request).
 */
static inline bool nat_may_cover(enum sip_method m, unsigned int status)
{
	return m != SIP_REGISTER && (status < 300 || status >= 400);
}

/* Is it to be signed with cover=nat? */
static inline bool sign_nat(const struct task *t, enum sip_method m,
			    unsigned int status)
{
	return t->policy.cover_nat && nat_may_cover(m, status);
}

/* Which key signs for the local URI: configuration, then keyring. "" if none.
 * signed_by gets the configured URI or "". */
void sign_identity(const struct engine *e, const char *local,
		   const struct policy *policy, time_t now, char fpr[FPR_MAX],
		   char signed_by[SIPURI_MAX]);

/* ---- verifying (verify.c) ---- */

struct verifying {
	enum pgp_result result;
	char signer[FPR_MAX];
	uint8_t digest[32]; /* of octets and signature */
	void (*resume)(struct task *t);
	/* carried along */
	struct credential credential;
	char signed_by[SIPURI_MAX];
	char key[FPR_MAX];
	char commitment[64];
	uint8_t window[8];
	bool cover_nat;
};

/*
 * Check the signature in p over the task's message. resume() is called from the
 * loop with t->verifying set and the message read again; or at once, with
 * PGP_MALFORMED, when there is nothing to check. t->verifying must exist.
 */
struct verifying *verify_new(struct task *t, const struct pgp_params *p);
void verify_start(struct task *t, const struct pgp_params *p,
		  struct span octets, void (*resume)(struct task *t));

/*
 * The octets that p signs, in e->text2, and SHA-256 over them and the signature
 * as it stands. Absent: they could not be built.
 */
struct span verify_octets(struct task *t, const struct pgp_params *p,
			  uint8_t digest[32]);

/*
 * May the key speak for `who`: GnuPG's word first, then what policy says of
 * keys that GnuPG doesn't hold valid. Trust on first use pins the key when
 * `held`: its signature was checked.
 */
bool trust_decide(struct task *t, const char *fpr, const char *who,
		  bool domain_keys, bool held, struct trust_answer *out);

/* "valid"; "first-use" or "untrusted" where policy lets such pass. */
const char *status_word(const struct task *t, const struct trust_answer *trust);

/* The P-PGP-Status row. trust NULL: word alone. */
void status_row(struct buf *b, const char *word, const char *uri,
		const char *fpr, const struct trust_answer *trust);

/* Name of the credential row of requests or responses, by configuration. */
const char *row_name(const struct engine *e, bool response, bool proxy);
enum sip_field row_field(bool response, bool proxy);

/*
 * A dialog lasts since its last message; an early one as long as its INVITE
 * does (timer C), so that nobody piles them up with a signed 18x each.
 */
#define EARLY_DIALOG_MS 240000
static inline uint64_t dialog_expiry(const struct engine *e,
				     const struct dialog *d, uint64_t now_ms)
{
	uint64_t ms = (uint64_t)e->conf->dialog_lifetime_s * 1000;

	return now_ms + (d->confirmed ? ms : EARLY_DIALOG_MS);
}

/* How far the network's CSeq numbers are ahead of the local party's. */
uint32_t dialog_delta(struct task *t, struct span local_tag,
		      struct span remote_tag);

/* The ACK to a response of ours, recognised without state (uas.c). */
bool ack_of_ours(const struct task *t);

/* ---- branches of authenticated transactions (branch.c) ---- */

/* Note one where a policy isn't enforce: dir is its request's. false: no
 * room. */
bool branch_mark(struct task *t, enum direction dir, struct span branch);
/* Is the message's top branch one of these? */
bool branch_marked(struct task *t, enum direction dir);

/* ---- the two halves ---- */

void uac_request(struct task *t);  /* outbound request */
void uac_response(struct task *t); /* inbound response */
void uas_request(struct task *t);  /* inbound request */
void uas_response(struct task *t); /* outbound response */

#endif

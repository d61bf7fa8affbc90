/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * PGP challenges in responses to the local side (docs/protocol.md, "Retry").
 *
 * They never reach the phone. Where all challenges of a response are PGP's, the
 * appliance acknowledges it, and sends the phone's request again under the next
 * CSeq and a new branch, signed. Where a proxy's Digest stands beside them, the
 * phone answers that, and its next request is signed at once: the challenges
 * wait in the call's record.
 *
 * What is answered is bounded: initial requests only, realms that policy names,
 * each once and once more when the nonce was stale, ATTEMPTS_MAX in all. An
 * appliance that signed whatever asked would be a signing oracle.
 */
#include "core/uac.h"

#include <stdlib.h>

#include "base/digest.h"
#include "base/log.h"

/* Walks WWW-Authenticate, then Proxy-Authenticate. */
struct walk {
	const struct sip_msg *m;
	const char *own;
	bool proxy;
	size_t i;
};

/* A field of our own also holds what signs the response. */
static bool signs(enum pgp_row what, const struct pgp_params *p)
{
	return what == PGP_ROW_OK && p->signature.len > 0;
}

static bool walk_next(struct walk *w, enum pgp_row *what, struct pgp_params *p)
{
	const struct sip_row *row;

	do
		row = pgpauth_next(w->m,
				   w->proxy ? SIP_F_PROXY_AUTHENTICATE
					    : SIP_F_WWW_AUTHENTICATE,
				   w->own, &w->i, what, p);
	while (row && w->own && signs(*what, p));
	if (row)
		return true;
	if (w->proxy || w->own)
		return false;
	w->proxy = true;
	w->i = 0;
	return walk_next(w, what, p);
}

static struct walk walk_begin(const struct task *t)
{
	const char *own = t->e->conf->header_name;

	return (struct walk){ .m = t->m, .own = own[0] ? own : NULL };
}

bool challenge_present(struct task *t)
{
	struct walk w = walk_begin(t);
	struct pgp_params p;
	enum pgp_row what;

	return walk_next(&w, &what, &p);
}

bool challenge_others(const struct sip_msg *m)
{
	struct pgp_params p;

	for (size_t i = 0; i < m->n_rows; i++) {
		if (m->row[i].field != SIP_F_WWW_AUTHENTICATE &&
		    m->row[i].field != SIP_F_PROXY_AUTHENTICATE)
			continue;
		if (pgpauth_read(m->row[i].value, &p) == PGP_ROW_OTHER)
			return true;
	}
	return false;
}

static bool request_used(const struct client *c, struct span realm)
{
	for (size_t i = 0; i < c->n_credentials; i++)
		if (span_eq(span_str(c->credential[i].realm), realm))
			return true;
	return false;
}

/* The record's entry for a realm, or a free one; NULL when full. */
static struct challenge *call_challenge(struct call *call, struct span realm)
{
	for (size_t i = 0; i < call->n_challenges; i++)
		if (span_eq(span_str(call->challenge[i].realm), realm))
			return &call->challenge[i];
	if (call->n_challenges == CHALLENGES_MAX)
		return NULL;
	memset(&call->challenge[call->n_challenges], 0,
	       sizeof(call->challenge[0]));
	return &call->challenge[call->n_challenges++];
}

/* Note one challenge; false: it is not to be answered. */
static bool challenge_note(struct task *t, const struct client *c,
			   struct call *call, const struct pgp_params *p,
			   bool proxy)
{
	char realm[PGP_REALM_MAX], nonce[PGP_NONCE_MAX];
	struct challenge *ch;

	if (span_copy(realm, sizeof(realm), p->realm) || !realm[0] ||
	    span_copy(nonce, sizeof(nonce), p->nonce) || !nonce[0])
		return false;
	if (span_set(p->algorithm) &&
	    !span_ieq(p->algorithm, SPAN_LIT("SHA256")))
		return false;
	if (!conf_signs_for_realm(t->e->conf, realm))
		return false;
	ch = call_challenge(call, p->realm);
	if (!ch)
		return false;
	if (request_used(c, p->realm)) {
		bool own = !ch->nonce[0]; /* it was signed eagerly */

		if (!own && (!p->stale || ch->stale_done))
			return false;
		ch->stale_done = !own;
	}
	if (strcmp(ch->nonce, nonce) != 0)
		ch->nc = 0;
	str_copy(ch->realm, sizeof(ch->realm), realm);
	str_copy(ch->nonce, sizeof(ch->nonce), nonce);
	ch->proxy = proxy;
	return true;
}

static bool challenges_note(struct task *t, const struct client *c,
			    struct call *call)
{
	struct walk w = walk_begin(t);
	struct pgp_params p;
	enum pgp_row what;

	while (walk_next(&w, &what, &p)) {
		bool proxy = w.own ? t->m->status == 407 : w.proxy;

		if (what == PGP_ROW_BAD ||
		    !challenge_note(t, c, call, &p, proxy))
			return false;
	}
	return true;
}

/* The phone gets another failure instead: it must not see the challenge. */
static void challenge_replace(struct task *t, struct client *c,
			      struct span text[], unsigned int status,
			      const char *phrase)
{
	c->final = (uint16_t)status;
	response_draft(t, c);
	draft_status(&t->e->draft, status, phrase);
	client_update(t, c, text);
	response_deliver(t);
}

/*
 * Not ours to answer. Inside a dialog nobody of ours challenges, so it is
 * nobody's answer; outside, it is a failure like others: it waits, where there
 * is something authenticated that could contradict it.
 */
static void challenge_refuse(struct task *t, struct client *c,
			     struct span text[])
{
	if (c->in_dialog || (c->is_signed && !t->released)) {
		t->e->stats.challenges_refused++;
		if (c->in_dialog || !response_park(t, c))
			task_refuse(t);
		return;
	}
	t->e->stats.challenges_refused++;
	log_peer("a PGP challenge for a request to %s is not answered",
		 t->peer);
	challenge_replace(t, c, text, 403, "Authentication Not Possible");
}

/* Digest stands beside PGP: the phone answers the one, its next request the
 * other. */
static void challenge_share(struct task *t, struct client *c,
			    struct span text[], const struct call *call)
{
	struct engine *e = t->e;

	if (call_put(e->store, t->m->call_id, call_tag(t->m),
		     call_expiry(e, t->now_ms), call)) {
		e->stats.store_full++;
		task_drop(t);
		return;
	}
	/* the store has changed: find the texts again */
	if (client_get(e->store, t->m->call_id, t->m->via_branch, t->now_ms, c,
		       text)) {
		task_drop(t);
		return;
	}
	c->final = (uint16_t)t->m->status;
	response_draft(t, c);
	response_stale(t, c);
	client_update(t, c, text);
	response_deliver(t);
}

static void ack_digest(uint8_t digest[32], const struct sip_msg *m)
{
	struct span in[] = { SPAN_LIT("ack "), m->call_id, SPAN_LIT(" "),
			     m->via_branch };

	digest_sha256(digest, in, 4);
}

/* The ACK of a failure that the phone does not see (INVITE only). */
static void ack_send(struct task *t, const struct client *c, struct span sent)
{
	struct engine *e = t->e;
	struct buf b = buf_make(e->text2, TEXT_MAX);
	uint8_t digest[32];

	if (c->method != SIP_INVITE ||
	    sipmsg_read(&e->other, sent, false) != SIP_OK)
		return;
	message_ack_failure(&b, &e->other, t->m);
	if (b.full)
		return;
	ack_digest(digest, t->m);
	datagram_put(e->store, digest, t->now_ms + CLIENT_FINAL_MS,
		     buf_span(&b));
	engine_send(e, &c->src, &c->dst, buf_span(&b));
}

void challenge_again(struct task *t, const struct client *c)
{
	struct engine *e = t->e;
	struct span ack;
	uint8_t digest[32];

	ack_digest(digest, t->m);
	if (t->m->method == SIP_INVITE && t->m->status >= 200 &&
	    datagram_get(e->store, digest, t->now_ms, &ack) == 0) {
		memcpy(e->text2, ack.p, ack.len);
		engine_send(e, &c->src, &c->dst, span_make(e->text2, ack.len));
	}
	task_drop(t);
}

static void retry_signed(struct task *t)
{
	struct engine *e = t->e;
	struct signing *s = t->signing;
	struct client *c = &s->client;
	struct span text[CLIENT_TEXTS] = {
		span_make(s->phone_text, s->phone_len),
		span_make(s->out, s->out_len),
	};

	if (s->error) {
		c->final = 403;
		response_draft(t, c);
		draft_status(&e->draft, 403, "Authentication Not Possible");
		response_deliver(t);
		return;
	}
	if (call_put(e->store, t->m->call_id, call_tag(t->m),
		     call_expiry(e, t->now_ms), &s->call) ||
	    !branch_mark(t, OUTBOUND, span_str(c->phone_branch)) ||
	    client_put(e->store, t->m->call_id, client_expiry(c, t->now_ms), c,
		       text)) {
		e->stats.store_full++;
		task_drop(t);
		return;
	}
	e->stats.requests_signed++;
	e->stats.requests_retried++;
	engine_send(e, &c->src, &c->dst, text[TEXT_SENT]);
	/* a phone that was told 100 before doesn't repeat it */
	request_repeat(t, c, text[TEXT_SENT]);
	task_drop(t);
}

/* The phone's text under the next number and a new branch. */
static struct signing *retry_text(struct task *t, const struct client *c,
				  struct span phone, bool mark)
{
	struct engine *e = t->e;
	struct draft *d = &e->draft;
	struct signing *s;
	size_t len;

	if (sipmsg_read(&e->other, phone, false) != SIP_OK)
		return NULL;
	draft_init(d, &e->other);
	draft_cseq(d, c->net_cseq);
	draft_branch(d, c->net_branch);
	if (mark)
		draft_row(d, SPAN_LIT(MARK_ROW));
	if (draft_finish(d, e->text, TEXT_MAX, &len))
		return NULL;
	s = sign_new(t, span_make(e->text, len));
	if (!s)
		return NULL;
	s->phone_text = malloc(phone.len);
	if (!s->phone_text)
		return NULL;
	memcpy(s->phone_text, phone.p, phone.len);
	s->phone_len = phone.len;
	return s;
}

static void retry(struct task *t, struct client *c, struct span text[],
		  struct call *call)
{
	struct signing *s;

	c->attempts++;
	c->net_cseq++;
	c->is_signed = true;
	c->n_credentials = 0;
	c->n_verified = 0;
	message_branch(c->net_branch, sizeof(c->net_branch));
	call->delta = c->net_cseq - c->phone_cseq;
	s = retry_text(t, c, text[TEXT_PHONE], call_only_proxies(call));
	if (!s) {
		if (!t->settled)
			task_drop(t);
		return;
	}
	sign_identity(t->e, t->local, &t->policy, (time_t)(t->now_ms / 1000),
		      s->fpr, s->signed_by);
	str_copy(c->fpr, sizeof(c->fpr), s->fpr);
	s->nat = sign_nat(t, c->method, 0);
	if (c->method == SIP_INVITE)
		client_ticket(c, s->cancel);
	s->client = *c;
	for (size_t i = 0; i < call->n_challenges; i++) {
		struct challenge *ch = &call->challenge[i];

		sign_credential(s, ch->realm, ch->nonce, ++ch->nc, ch->proxy);
	}
	s->call = *call;
	ack_send(t, c, text[TEXT_SENT]);
	sign_start(t, retry_signed);
}

void challenge_take(struct task *t, struct client *c, struct span text[])
{
	struct engine *e = t->e;
	struct call call;
	char fpr[FPR_MAX], signed_by[SIPURI_MAX];

	if (!t->released)
		e->stats.challenges_taken++;
	if (c->cancelled) {
		challenge_replace(t, c, text, 487, "Request Terminated");
		return;
	}
	/* somebody authenticated rings: answering it would give him up */
	if (c->n_verified && !t->released) {
		if (c->final >= 200 || !response_park(t, c))
			response_drop(t);
		return;
	}
	if (call_get(e->store, t->m->call_id, call_tag(t->m), t->now_ms, &call))
		memset(&call, 0, sizeof(call));
	sign_identity(e, t->local, &t->policy, (time_t)(t->now_ms / 1000), fpr,
		      signed_by);
	if (c->in_dialog || !t->policy.sign || !fpr[0] ||
	    c->net_cseq >= CSEQ_MAX || c->attempts == ATTEMPTS_MAX ||
	    !challenges_note(t, c, &call)) {
		challenge_refuse(t, c, text);
		return;
	}
	if (challenge_others(t->m))
		challenge_share(t, c, text, &call);
	else
		retry(t, c, text, &call);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the local side is answered.
 *
 * A response belongs to a struct client by Call-ID and branch, or it was not
 * asked for. Signed ones are checked and handed on. Unsigned ones are dealt
 * with by what they would do: a 2xx must not set up a call, a 3xx not move it,
 * and a 4xx-6xx, which ends a ringing call as surely as a forged CANCEL, is
 * parked for a while and let go only when nothing authenticated contradicts it.
 */
#include "core/uac.h"

#include <stdio.h>

#include "base/log.h"

struct store_key client_id(const struct task *t, const struct client *c)
{
	struct span in[] = { SPAN_LIT("client"), t->m->call_id,
			     span_str(c->phone_branch) };

	return store_key(t->e->store, in, 3);
}

/*
 * Wait for something authenticated to say otherwise. While an authenticated
 * party rings that takes as long as a transaction does (64*T1): who rings would
 * sign that he stopped. false: it was parked already, or there is no room.
 */
bool response_park(struct task *t, const struct client *c)
{
	struct store_key key = client_id(t, c);
	uint64_t ms = t->e->conf->hold_ms * (c->n_verified ? 16 : 1);

	if (engine_is_parked(t->e, &key) || !task_park(t, &key, ms))
		return false;
	t->e->stats.responses_held++;
	return true;
}

void response_draft(struct task *t, const struct client *c)
{
	struct draft *d = &t->e->draft;

	draft_init(d, t->m);
	draft_cseq(d, c->phone_cseq);
	if (c->phone_branch[0])
		draft_branch(d, c->phone_branch);
	draft_strip(d, t->e->conf->header_name, NULL);
}

void response_deliver(struct task *t)
{
	size_t len;

	if (draft_finish(&t->e->draft, t->e->text, TEXT_MAX, &len))
		task_drop(t);
	else
		task_change(t, span_make(t->e->text, len));
}

/* Note how the transaction stands. false: no room (dropped). */
bool client_note(struct task *t, struct client *c)
{
	struct span text[CLIENT_TEXTS];
	struct client old;

	if (client_get(t->e->store, t->m->call_id, t->m->via_branch, t->now_ms,
		       &old, text) ||
	    client_update(t, c, text)) {
		t->e->stats.store_full++;
		task_drop(t);
		return false;
	}
	return true;
}

/* To the phone, with what is known about it. */
static void response_pass(struct task *t, struct client *c, const char *word,
			  const char *fpr, const struct trust_answer *trust)
{
	struct engine *e = t->e;
	char mem[1024];
	struct buf row = buf_make(mem, sizeof(mem));

	if (t->m->status >= 200)
		c->final = (uint16_t)t->m->status;
	response_draft(t, c);
	if (word) {
		status_row(&row, word, t->peer, fpr, trust);
		if (!row.full)
			draft_row(&e->draft, buf_span(&row));
	}
	if (client_note(t, c))
		response_deliver(t);
}

void response_drop(struct task *t)
{
	t->e->stats.responses_dropped++;
	task_refuse(t);
}

/* ---- unsigned responses ---- */

/* What phones ask their proxy and registrar, who need not have an appliance. */
static bool asks_server(const struct client *c)
{
	return !c->is_signed && !c->in_dialog &&
	       (c->method == SIP_REGISTER || c->method == SIP_OPTIONS ||
		c->method == SIP_PUBLISH);
}

static bool passes_unsigned(struct task *t, const struct client *c)
{
	struct dialog d;

	if (asks_server(c))
		return t->policy.registrar_unsigned;
	/* who has signed under this tag goes on signing */
	if (t->policy.mode == MODE_ENFORCE || party_known(t, &d))
		return false;
	return !(c->in_dialog && c->is_signed);
}

static void unsigned_pass(struct task *t, struct client *c)
{
	t->e->stats.responses_unsigned++;
	response_pass(t, c, "unsigned", NULL, NULL);
}

static void unsigned_provisional(struct task *t, struct client *c)
{
	enum conf_provisional how = t->policy.provisional;

	if (passes_unsigned(t, c) || how == PROVISIONAL_PASS) {
		unsigned_pass(t, c);
	} else if (how == PROVISIONAL_BARE) {
		t->e->stats.responses_unsigned++;
		response_draft(t, c);
		draft_no_body(&t->e->draft);
		if (client_note(t, c))
			response_deliver(t);
	} else {
		response_drop(t);
	}
}

/* A Digest challenge is the proxy's business with the phone, but none comes
 * when somebody rings already; a phone that has cancelled wants an end. */
static bool failure_expected(const struct task *t, const struct client *c)
{
	unsigned int status = t->m->status;

	if (status == 401 || status == 407)
		return !c->n_verified && challenge_others(t->m);
	return c->cancelled;
}

/*
 * The phone's Digest credentials were right: the proxy wants them fresh after
 * our retry, and phones ask nobody for a password only when told so. Not where
 * the phone had given none.
 */
void response_stale(struct task *t, const struct client *c)
{
	struct engine *e = t->e;
	struct span text[CLIENT_TEXTS];
	struct client old;

	if (!c->attempts || (t->m->status != 401 && t->m->status != 407) ||
	    client_get(e->store, t->m->call_id, t->m->via_branch, t->now_ms,
		       &old, text) ||
	    sipmsg_read(&e->other, text[TEXT_PHONE], false) != SIP_OK)
		return;
	draft_stale(&e->draft, &e->other);
}

static void failure_pass(struct task *t, struct client *c)
{
	struct engine *e = t->e;
	unsigned int status = t->m->status;

	c->final = (uint16_t)status;
	response_draft(t, c);
	response_stale(t, c);
	/* nobody vouches for where an unsigned redirect leads */
	if (status < 400 && !t->policy.redirects &&
	    t->policy.mode == MODE_ENFORCE) {
		c->final = 403;
		draft_status(&e->draft, 403, "Redirect Not Authenticated");
		for (size_t i = 0; i < t->m->n_rows; i++)
			if (t->m->row[i].field == SIP_F_CONTACT)
				draft_delete_row(&e->draft, &t->m->row[i]);
	}
	if (!client_note(t, c))
		return;
	e->stats.responses_unsigned++;
	response_deliver(t);
}

static void unsigned_failure(struct task *t, struct client *c)
{
	struct engine *e = t->e;
	bool redirect = t->m->status < 400 && !t->policy.redirects &&
			t->policy.mode == MODE_ENFORCE;

	if (t->released) {
		e->stats.responses_released++;
		failure_pass(t, c);
		return;
	}
	if ((!c->is_signed && !redirect) || failure_expected(t, c) ||
	    (t->policy.failures == UNSIGNED_PASS && !redirect) ||
	    (c->final >= 300 && c->final == t->m->status)) {
		failure_pass(t, c);
		return;
	}
	if (t->policy.failures == UNSIGNED_DROP || c->final >= 200 ||
	    !response_park(t, c))
		response_drop(t);
}

/*
 * Has the response the From tag of its request? Endpoints don't look, they go
 * by the branch; but all that is known here is known by tags.
 */
static bool response_tagged(struct task *t)
{
	struct sip_msg *request = &t->e->other;
	struct span text[CLIENT_TEXTS];
	struct client c;

	return client_get(t->e->store, t->m->call_id, t->m->via_branch,
			  t->now_ms, &c, text) == 0 &&
	       sipmsg_read(request, text[TEXT_PHONE], false) == SIP_OK &&
	       span_eq(request->from_tag, t->m->from_tag);
}

static void response_unsigned(struct task *t, struct client *c)
{
	unsigned int status = t->m->status;

	if (!response_tagged(t))
		response_drop(t);
	else if (status < 200)
		unsigned_provisional(t, c);
	else if (status >= 300)
		unsigned_failure(t, c);
	else if (passes_unsigned(t, c))
		unsigned_pass(t, c);
	else
		refuse_success(t, c, false);
}

/* ---- signed responses ---- */

/* A signature that fails is no better than none; for a 2xx it is worse. */
static void response_bad(struct task *t, struct client *c, const char *why)
{
	log_peer("response %u from %s: %s", t->m->status, t->peer, why);
	if (t->m->status >= 200 && t->m->status < 300)
		refuse_success(t, c, true);
	else
		response_drop(t);
}

static void learn_peer(struct task *t, const struct client *c)
{
	struct peer p = { 0 };

	for (size_t i = 0; i < c->n_credentials && i < PEER_REALMS; i++) {
		str_copy(p.realm[i].realm, sizeof(p.realm[i].realm),
			 c->credential[i].realm);
		p.realm[i].proxy = c->credential[i].proxy;
		p.n++;
	}
	if (p.n && c->peer[0])
		peer_put(t->e->store, c->peer, t->now_ms + PEER_LIFETIME_MS,
			 &p);
}

/* No request forks further; who signs more than that fills our tables. */
#define DIALOGS_MAX 256

static bool makes_dialog(enum sip_method m)
{
	return m == SIP_INVITE || m == SIP_SUBSCRIBE || m == SIP_REFER;
}

/* What the response says about the dialog it makes or belongs to. */
static bool dialog_note(struct task *t, const struct client *c,
			const struct verifying *v)
{
	struct engine *e = t->e;
	const struct sip_msg *m = t->m;
	const struct credential *cred = &v->credential;
	struct dialog d;
	bool old = dialog_get(e->store, m->call_id, m->from_tag, m->to_tag,
			      t->now_ms, &d) == 0;

	if (!old) {
		if (c->n_verified > DIALOGS_MAX)
			return false;
		memset(&d, 0, sizeof(d));
		d.delta = c->net_cseq - c->phone_cseq;
		str_copy(d.realm, sizeof(d.realm), cred->realm);
		str_copy(d.tx_nonce, sizeof(d.tx_nonce), cred->nonce);
		str_copy(d.rx_nonce, sizeof(d.rx_nonce), cred->cnonce);
		str_copy(d.local_fpr, sizeof(d.local_fpr), c->fpr);
		str_copy(d.peer_fpr, sizeof(d.peer_fpr), v->signer);
		d.tx_nc = cred->nc;
		d.authenticated = true;
	}
	if (m->status >= 200 && !d.confirmed) {
		d.confirmed = true;
		if (m->method == SIP_INVITE)
			e->stats.calls_authenticated++;
	}
	return dialog_put(e->store, m->call_id, m->from_tag, m->to_tag,
			  dialog_expiry(e, &d, t->now_ms), &d) == 0;
}

/* May this key answer for the party that was asked? */
static bool response_identity(struct task *t, const struct client *c,
			      const struct verifying *v,
			      struct trust_answer *trust)
{
	struct engine *e = t->e;
	char proxy[SIPURI_MAX + PGP_REALM_MAX];
	const char *who = t->peer;
	struct dialog d;

	if (c->in_dialog) {
		if (dialog_get(e->store, t->m->call_id, t->m->from_tag,
			       t->m->to_tag, t->now_ms, &d) ||
		    strcmp(d.peer_fpr, v->signer) != 0)
			return false;
	} else if (v->credential.proxy || c->method == SIP_REGISTER) {
		/* a proxy speaks for its realm: failures, and registrations,
		   but never that somebody answered a call */
		if (t->m->status < 300 && c->method == SIP_INVITE)
			return false;
		snprintf(proxy, sizeof(proxy), "sip:%s", v->credential.realm);
		who = proxy;
	}
	return trust_decide(t, v->signer, who,
			    t->policy.domain_keys || c->method == SIP_REGISTER,
			    true, trust) ||
	       (c->in_dialog && trust->word == TRUST_NO_IDENTITY);
}

/* Answered after the phone was told that the call failed: nobody there would
 * acknowledge it. */
static bool answer_too_late(struct task *t, const struct client *c)
{
	if (t->m->status < 200 || t->m->status >= 300 || c->final < 300 ||
	    c->method != SIP_INVITE || c->in_dialog)
		return false;
	response_drop(t);
	farewell_send(t, c, true);
	return true;
}

static void response_checked(struct task *t)
{
	struct engine *e = t->e;
	struct verifying *v = t->verifying;
	struct trust_answer trust = { 0 };
	struct client c;
	struct store_key key;

	if (client_get(e->store, t->m->call_id, t->m->via_branch, t->now_ms, &c,
		       NULL)) {
		response_drop(t);
		return;
	}
	if (v->result == PGP_ENGINE || v->result == PGP_TIMEOUT) {
		/* not the peer's fault: it will repeat what matters */
		response_drop(t);
		return;
	}
	if (v->result != PGP_GOOD) {
		response_bad(t, &c, pgp_result_name(v->result));
		return;
	}
	if (!response_identity(t, &c, v, &trust)) {
		response_bad(t, &c, trust_word_name(trust.word));
		return;
	}
	e->stats.responses_verified++;
	key = client_id(t, &c);
	engine_unpark(e, &key);
	if (answer_too_late(t, &c))
		return;
	memcpy(c.verified[c.n_verified++ % RESPONSES_MAX], v->digest, 32);
	str_copy(c.answered_by, sizeof(c.answered_by), v->signer);
	if (span_set(t->m->to_tag) && t->m->status < 300 &&
	    !v->credential.proxy && (c.in_dialog || makes_dialog(c.method)) &&
	    !dialog_note(t, &c, v)) {
		e->stats.store_full++;
		task_drop(t);
		return;
	}
	if (t->m->status >= 200 && t->m->status < 300 && !c.in_dialog)
		learn_peer(t, &c);
	response_pass(t, &c, status_word(t, &trust), v->signer, &trust);
}

/* The row that answers one of the request's credentials. true: there is one, in
 * *p; *bad: there was one that can't be read. */
static bool response_row(struct task *t, const struct client *c, bool proxy,
			 struct pgp_params *p, bool *is_proxy, bool *bad)
{
	const char *own = t->e->conf->header_name;
	enum pgp_row what;
	size_t i = 0;

	while (pgpauth_next(t->m, row_field(true, proxy), own[0] ? own : NULL,
			    &i, &what, p)) {
		if (what == PGP_ROW_BAD)
			*bad = true;
		for (size_t j = 0; what == PGP_ROW_OK && j < c->n_credentials;
		     j++) {
			const struct credential *k = &c->credential[j];

			*is_proxy = k->proxy;
			if (span_eq(p->realm, span_str(k->realm)) &&
			    span_eq(p->nonce, span_str(k->nonce)) &&
			    span_eq(p->cnonce, span_str(k->cnonce)) &&
			    p->nc == k->nc)
				return true;
		}
	}
	return false;
}

static bool seen_before(const struct client *c, const uint8_t digest[32])
{
	for (size_t i = 0; i < c->n_verified && i < RESPONSES_MAX; i++)
		if (memcmp(c->verified[i], digest, 32) == 0)
			return true;
	return false;
}

/* Checked when it came first: the same to the phone, if the key still stands.
 */
static void response_again(struct task *t, struct client *c,
			   struct verifying *v)
{
	struct trust_answer trust = { 0 };

	t->e->stats.retransmissions++;
	str_copy(v->signer, sizeof(v->signer), c->answered_by);
	if (response_identity(t, c, v, &trust))
		response_pass(t, c, status_word(t, &trust), v->signer, &trust);
	else
		response_bad(t, c, trust_word_name(trust.word));
}

static void response_check(struct task *t, struct client *c)
{
	struct pgp_params p;
	struct verifying *v;
	bool bad = false, proxy = false;
	struct span octets;
	uint8_t digest[32];

	if (!response_row(t, c, false, &p, &proxy, &bad) &&
	    !response_row(t, c, true, &p, &proxy, &bad)) {
		if (bad)
			response_bad(t, c, "unreadable credentials");
		else
			response_unsigned(t, c);
		return;
	}
	if (p.cover_nat && !nat_may_cover(c->method, t->m->status)) {
		response_bad(t, c, "its Contact is not covered");
		return;
	}
	octets = verify_octets(t, &p, digest);
	if (!span_set(octets)) {
		response_bad(t, c, "too large");
		return;
	}
	v = verify_new(t, &p);
	if (!v)
		return;
	v->credential.proxy = proxy;
	memcpy(v->digest, digest, 32);
	if (seen_before(c, digest))
		response_again(t, c, v);
	else
		verify_start(t, &p, octets, response_checked);
}

/* ---- the door ---- */

/* Nobody here asked: forged, or of a time before this daemon. The phone might
 * take it for an answer to what was signed, by its branch. */
static void response_unasked(struct task *t)
{
	if (t->policy.mode == MODE_ENFORCE || branch_marked(t, OUTBOUND)) {
		response_drop(t);
		return;
	}
	if (t->policy.mode == MODE_OBSERVE) {
		task_pass(t);
		return;
	}
	t->e->stats.responses_unsigned++;
	draft_init(&t->e->draft, t->m);
	draft_strip(&t->e->draft, t->e->conf->header_name, NULL);
	response_deliver(t);
}

static bool response_of(const struct task *t, const struct client *c)
{
	return t->m->method == c->method ||
	       (t->m->method == SIP_CANCEL && c->method == SIP_INVITE);
}

void uac_response(struct task *t)
{
	struct engine *e = t->e;
	const struct sip_msg *m = t->m;
	struct client c;
	struct store_key key;
	struct span text[CLIENT_TEXTS];

	if (e->conf->role == ROLE_PROXY) {
		proxy_response_in(t);
		return;
	}
	if (client_get(e->store, m->call_id, m->via_branch, t->now_ms, &c,
		       text) ||
	    !response_of(t, &c)) {
		response_unasked(t);
		return;
	}
	if (c.peer[0]) {
		str_copy(t->peer, sizeof(t->peer), c.peer);
		t->policy = *conf_policy(e->conf, t->peer, &t->ip.src);
	}
	if (t->policy.mode == MODE_OBSERVE && !c.is_signed) {
		task_pass(t);
		return;
	}
	key = client_id(t, &c);
	if (span_eq(m->via_branch, span_str(c.net_branch)) &&
	    m->method == c.method &&
	    (m->status >= 200 || m->method == SIP_INVITE))
		engine_resend_stop(e, &key);
	if (c.own) {
		task_drop(t);
	} else if (c.transparent) {
		task_pass(t);
	} else if (!span_eq(m->via_branch, span_str(c.net_branch))) {
		challenge_again(t, &c);
	} else if (m->cseq != c.net_cseq) {
		response_unasked(t);
	} else if (m->method == SIP_CANCEL && c.refused) {
		task_drop(t); /* the CANCEL was ours */
	} else if (m->method == SIP_CANCEL && !c.cancelled) {
		response_drop(t); /* there was none */
	} else if (m->status == 100 || m->method == SIP_CANCEL) {
		response_draft(t, &c);
		if (m->body.len)
			draft_no_body(&e->draft);
		response_deliver(t);
	} else if ((m->status == 401 || m->status == 407) &&
		   challenge_present(t)) {
		if (response_tagged(t))
			challenge_take(t, &c, text);
		else
			response_drop(t);
	} else {
		response_check(t, &c);
	}
}

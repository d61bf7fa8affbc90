/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the local side asks of the network: its requests are marked or signed,
 * and moved from the phone's CSeq numbers and branches to the network's.
 * (What it is answered: uac_response.c; challenges: challenge.c.)
 *
 * Each request of the phone's has a struct client under its branch, with the
 * text the phone sent and the text that went out. A request that comes again
 * gets the same octets again. The call's delta is added to the phone's CSeq; it
 * grows with each challenge that was answered on the phone's behalf.
 */
#include "core/uac.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/digest.h"
#include "base/log.h"

struct span call_tag(const struct sip_msg *m)
{
	/* A registrar demands rising CSeq numbers for one Call-ID, and phones
	   change their tag with each refresh. */
	return m->method == SIP_REGISTER ? SPAN_LIT("") : m->from_tag;
}

void client_ticket(struct client *c, char commitment[64])
{
	uint8_t raw[18], hash[SHA256_LEN];
	struct span in;

	digest_random(raw, sizeof(raw));
	b64_encode(c->ticket, sizeof(c->ticket), raw, sizeof(raw));
	in = span_str(c->ticket);
	digest_sha256(hash, &in, 1);
	b64_encode(commitment, 64, hash, sizeof(hash));
}

/* Where the ACK to a 2xx is kept: phones may give it the INVITE's branch. */
static struct span client_branch(const struct sip_msg *m, char mem[BRANCH_MAX])
{
	if (m->method != SIP_ACK)
		return m->via_branch;
	snprintf(mem, BRANCH_MAX, "ACK %.*s", SPAN_ARG(m->via_branch));
	return span_str(mem);
}

/* false: a branch longer than any stack makes */
static bool client_init(struct task *t, struct client *c, uint32_t delta)
{
	const struct sip_msg *m = t->m;
	char mem[BRANCH_MAX];
	struct span branch = client_branch(m, mem);

	memset(c, 0, sizeof(*c));
	if (m->via_branch.len > BRANCH_MAX - 8 ||
	    span_copy(c->phone_branch, sizeof(c->phone_branch), branch) ||
	    span_copy(c->net_branch, sizeof(c->net_branch), branch))
		return false;
	c->method = m->method;
	c->phone_cseq = m->cseq;
	c->net_cseq = m->cseq + delta;
	c->in_dialog = span_set(m->to_tag);
	c->src = t->ip.src;
	c->dst = t->ip.dst;
	str_copy(c->peer, sizeof(c->peer), t->peer);
	return true;
}

uint64_t client_expiry(const struct client *c, uint64_t now_ms)
{
	return now_ms + (c->final ? CLIENT_FINAL_MS : CLIENT_PENDING_MS);
}

/* Remember it, and let it go out as text says. */
static void request_out(struct task *t, struct client *c, struct span text)
{
	struct engine *e = t->e;
	struct span texts[CLIENT_TEXTS] = { t->m->raw, text };

	if (client_put(e->store, t->m->call_id, client_expiry(c, t->now_ms), c,
		       texts)) {
		e->stats.store_full++;
		task_drop(t);
		return;
	}
	task_change(t, text);
}

void request_repeat(struct task *t, const struct client *c, struct span text)
{
	struct engine *e = t->e;
	struct resend *r;
	char *copy;

	if (e->n_resend == RESEND_MAX) {
		e->stats.resend_full++;
		return;
	}
	copy = malloc(text.len);
	if (!copy)
		return;
	memcpy(copy, text.p, text.len);
	r = &e->resend[e->n_resend++];
	*r = (struct resend){
		.key = client_id(t, c),
		.src = c->src,
		.dst = c->dst,
		.text = copy,
		.len = text.len,
		.interval_ms = 500,
		.next_ms = t->now_ms + 500,
		.end_ms = t->now_ms + 32000,
	};
}

/* The message with the network's numbers, in e->text; absent on failure. */
static struct span request_text(struct task *t, const struct client *c,
				struct span row)
{
	struct draft *d = &t->e->draft;
	size_t len;

	draft_init(d, t->m);
	draft_cseq(d, c->net_cseq);
	draft_rack(d, c->net_cseq - c->phone_cseq);
	if (c->method == SIP_SUBSCRIBE)
		draft_refer_id(d, c->net_cseq - c->phone_cseq);
	if (row.len)
		draft_row(d, row);
	if (draft_finish(d, t->e->text, TEXT_MAX, &len))
		return SPAN_NONE;
	return span_make(t->e->text, len);
}

static void request_plain(struct task *t, uint32_t delta, struct span row)
{
	struct client c;
	struct span text;

	if (!client_init(t, &c, delta)) {
		task_pass(t);
		return;
	}
	text = request_text(t, &c, row);
	if (!span_set(text)) {
		task_drop(t);
		return;
	}
	request_out(t, &c, text);
}

static void request_signed(struct task *t)
{
	struct signing *s = t->signing;

	if (s->error) {
		task_drop(t);
		return;
	}
	s->client.is_signed = true;
	if (!branch_mark(t, OUTBOUND, t->m->via_branch)) {
		t->e->stats.store_full++;
		task_drop(t);
		return;
	}
	t->e->stats.requests_signed++;
	request_out(t, &s->client, span_make(s->out, s->out_len));
}

/* Begin to sign the task's request; credentials are added by the caller. mark:
 * more realms may ask. */
static struct signing *request_sign(struct task *t, uint32_t delta,
				    const char *fpr, bool mark)
{
	struct client c;
	struct signing *s;
	struct span text;

	if (!client_init(t, &c, delta)) {
		task_drop(t);
		return NULL;
	}
	text = request_text(t, &c, mark ? SPAN_LIT(MARK_ROW) : SPAN_NONE);
	if (!span_set(text)) {
		task_drop(t);
		return NULL;
	}
	s = sign_new(t, text);
	if (!s)
		return NULL;
	str_copy(s->fpr, sizeof(s->fpr), fpr);
	str_copy(c.fpr, sizeof(c.fpr), fpr);
	s->nat = sign_nat(t, c.method, 0);
	if (c.method == SIP_INVITE)
		client_ticket(&c, s->cancel);
	s->client = c;
	return s;
}

void sign_credential(struct signing *s, const char *realm, const char *nonce,
		     uint32_t nc, bool proxy)
{
	struct credential *c = &s->credential[s->n++];

	str_copy(c->realm, sizeof(c->realm), realm);
	str_copy(c->nonce, sizeof(c->nonce), nonce);
	cnonce_make(c->cnonce);
	c->nc = nc;
	c->proxy = proxy;
	s->client.credential[s->client.n_credentials++] = *c;
}

/* ---- requests inside a dialog: always signed beforehand ---- */

uint32_t dialog_delta(struct task *t, struct span local_tag,
		      struct span remote_tag)
{
	struct span call_id = t->m->call_id;
	struct dialog d;
	struct call call;

	if (dialog_get(t->e->store, call_id, local_tag, remote_tag, t->now_ms,
		       &d) == 0)
		return d.delta;
	/* one that nobody signed for: its numbers moved all the same */
	if (call_get(t->e->store, call_id, local_tag, t->now_ms, &call) == 0)
		return call.delta;
	return 0;
}

static void request_in_dialog(struct task *t)
{
	struct engine *e = t->e;
	const struct sip_msg *m = t->m;
	struct dialog d;
	struct signing *s;

	if (dialog_get(e->store, m->call_id, m->from_tag, m->to_tag, t->now_ms,
		       &d) ||
	    !d.authenticated) {
		request_plain(t, dialog_delta(t, m->from_tag, m->to_tag),
			      SPAN_NONE);
		return;
	}
	d.tx_nc++;
	if (dialog_put(e->store, m->call_id, m->from_tag, m->to_tag,
		       dialog_expiry(e, &d, t->now_ms), &d)) {
		e->stats.store_full++;
		task_drop(t);
		return;
	}
	s = request_sign(t, d.delta, d.local_fpr, false);
	if (!s)
		return;
	sign_credential(s, d.realm, d.tx_nonce, d.tx_nc, false);
	sign_start(t, request_signed);
}

/* ---- requests outside a dialog ---- */

/* No key here may speak for the sender. */
static void request_no_key(struct task *t, uint32_t delta)
{
	struct engine *e = t->e;
	struct buf b = buf_make(e->text, TEXT_MAX);
	struct addr to = message_response_to(t->m, &t->ip.src);
	char tag[TO_TAG_MAX];

	if (t->policy.no_key == NO_KEY_PASS) {
		e->stats.requests_unsigned++;
		request_plain(t, delta, SPAN_NONE);
		return;
	}
	log_peer("no key here may sign for %s: refused",
		 t->local[0] ? t->local : "a sender that is no SIP URI");
	e->stats.requests_refused++;
	nonce_to_tag(tag, e->secret, t->m->call_id, t->m->from_tag, t->m->cseq);
	message_response(&b, t->m, &t->ip.src, 403, "No Signing Key", tag,
			 SPAN_NONE);
	if (!b.full)
		engine_send(e, &t->ip.dst, &to, buf_span(&b));
	task_drop(t);
}

/* Credentials for all challenges of the call, or for what a known peer asked
 * last time. How many. */
static size_t request_credentials(struct task *t, struct signing *s,
				  struct call *call, const struct peer *peer)
{
	char nonce[PGP_NONCE_MAX];

	for (size_t i = 0; i < call->n_challenges; i++) {
		struct challenge *ch = &call->challenge[i];

		/* each request may meet a nonce that has grown old once */
		ch->stale_done = false;
		sign_credential(s, ch->realm, ch->nonce, ++ch->nc, ch->proxy);
	}
	if (s->n)
		return s->n;
	for (size_t i = 0; i < peer->n && i < CHALLENGES_MAX; i++) {
		if (!conf_signs_for_realm(t->e->conf, peer->realm[i].realm))
			continue;
		nonce_make_own(nonce, t->now_ms);
		sign_credential(s, peer->realm[i].realm, nonce, 1,
				peer->realm[i].proxy);
	}
	return s->n;
}

/* Whose challenge is known beforehand. */
static void request_peer(struct task *t, struct peer *peer)
{
	memset(peer, 0, sizeof(*peer));
	/* a proxy may answer these itself, and has no key to sign with */
	if (t->m->method == SIP_OPTIONS || t->m->method == SIP_PUBLISH)
		return;
	if (!t->policy.eager || !t->peer[0])
		return;
	if (peer_get(t->e->store, t->peer, t->now_ms, peer))
		memset(peer, 0, sizeof(*peer));
	if (!peer->n && t->policy.realm[0]) {
		peer->n = 1;
		str_copy(peer->realm[0].realm, sizeof(peer->realm[0].realm),
			 t->policy.realm);
	}
}

bool call_only_proxies(const struct call *call)
{
	for (size_t i = 0; i < call->n_challenges; i++)
		if (!call->challenge[i].proxy)
			return false;
	return true;
}

/* Only proxies get credentials: the callee may still ask for his. */
static bool only_proxies(const struct call *call, const struct peer *peer)
{
	if (call->n_challenges)
		return call_only_proxies(call);
	for (size_t i = 0; i < peer->n; i++)
		if (!peer->realm[i].proxy)
			return false;
	return true;
}

static void request_initial(struct task *t)
{
	struct engine *e = t->e;
	const struct sip_msg *m = t->m;
	char fpr[FPR_MAX], signed_by[SIPURI_MAX];
	struct call call;
	struct peer peer;
	struct signing *s;

	if (call_get(e->store, m->call_id, call_tag(m), t->now_ms, &call))
		memset(&call, 0, sizeof(call));
	if (!t->policy.sign) {
		request_plain(t, call.delta, SPAN_NONE);
		return;
	}
	sign_identity(e, t->local, &t->policy, (time_t)(t->now_ms / 1000), fpr,
		      signed_by);
	if (!fpr[0]) {
		request_no_key(t, call.delta);
		return;
	}
	request_peer(t, &peer);
	if (!call.n_challenges && !peer.n) {
		e->stats.requests_marked++;
		request_plain(t, call.delta, SPAN_LIT(MARK_ROW));
		return;
	}
	s = request_sign(t, call.delta, fpr, only_proxies(&call, &peer));
	if (!s)
		return;
	str_copy(s->signed_by, sizeof(s->signed_by), signed_by);
	if (!request_credentials(t, s, &call, &peer)) {
		sign_free(t);
		request_plain(t, call.delta, SPAN_NONE);
		return;
	}
	if (call.n_challenges && call_put(e->store, m->call_id, call_tag(m),
					  call_expiry(e, t->now_ms), &call)) {
		e->stats.store_full++;
		task_drop(t);
		return;
	}
	sign_start(t, request_signed);
}

/* ---- CANCEL and ACK ---- */

/* With the branch and number of the INVITE that is under way, and its ticket
 * (protocol, "CANCEL"). */
static void request_cancel(struct task *t)
{
	struct engine *e = t->e;
	struct draft *d = &e->draft;
	struct client c;
	struct span text[CLIENT_TEXTS];
	char row[128];
	size_t len;

	if (client_get(e->store, t->m->call_id, t->m->via_branch, t->now_ms, &c,
		       text) ||
	    c.method != SIP_INVITE) {
		task_pass(t);
		return;
	}
	draft_init(d, t->m);
	draft_cseq(d, c.net_cseq);
	draft_branch(d, c.net_branch);
	if (c.ticket[0]) {
		snprintf(row, sizeof(row), "Reason: PGP;ticket=\"%s\"\r\n",
			 c.ticket);
		draft_row(d, span_str(row));
	}
	if (draft_finish(d, e->text, TEXT_MAX, &len)) {
		task_drop(t);
		return;
	}
	if (!c.cancelled) {
		struct store_key key = client_id(t, &c);

		c.cancelled = true;
		client_update(t, &c, text);
		engine_resend_stop(e, &key);
		/* the phone wants an end: what waited for news may give it */
		engine_release(e, &key);
	}
	task_change(t, span_make(e->text, len));
}

int client_update(struct task *t, struct client *c,
		  const struct span text[CLIENT_TEXTS])
{
	return client_put(t->e->store, t->m->call_id,
			  client_expiry(c, t->now_ms), c, text);
}

/* true: it was the ACK to a failure, hop by hop, and is dealt with */
static bool request_ack_failure(struct task *t)
{
	struct engine *e = t->e;
	struct draft *d = &e->draft;
	struct client c;
	size_t len;

	if (client_get(e->store, t->m->call_id, t->m->via_branch, t->now_ms, &c,
		       NULL) ||
	    c.method != SIP_INVITE)
		return false;
	if (c.refused) {
		e->stats.ack_absorbed++;
		task_drop(t);
		return true;
	}
	if (c.final < 300)
		return false;
	draft_init(d, t->m);
	draft_cseq(d, c.net_cseq);
	draft_branch(d, c.net_branch);
	if (draft_finish(d, e->text, TEXT_MAX, &len))
		task_drop(t);
	else
		task_change(t, span_make(e->text, len));
	return true;
}

/* ---- the door ---- */

/* A stack that speaks the profile itself. */
static bool carries_credentials(struct task *t)
{
	const char *own = t->e->conf->header_name;
	struct pgp_params p;
	enum pgp_row what;
	size_t i = 0, j = 0;

	if (!own[0])
		own = NULL;
	return pgpauth_next(t->m, SIP_F_AUTHORIZATION, own, &i, &what, &p) ||
	       pgpauth_next(t->m, SIP_F_PROXY_AUTHORIZATION, own, &j, &what,
			    &p);
}

/* It left before its dialog was known, and can be signed now. */
static bool unsigned_too_early(struct task *t, const struct client *c)
{
	const struct sip_msg *m = t->m;
	struct dialog d;

	return c->in_dialog && !c->is_signed &&
	       dialog_get(t->e->store, m->call_id, m->from_tag, m->to_tag,
			  t->now_ms, &d) == 0 &&
	       d.authenticated;
}

/* true: the same request again; the same octets go out again */
static bool request_again(struct task *t)
{
	struct engine *e = t->e;
	struct client c;
	struct span text[CLIENT_TEXTS];
	char mem[BRANCH_MAX];

	if (client_get(e->store, t->m->call_id, client_branch(t->m, mem),
		       t->now_ms, &c, text) ||
	    c.method != t->m->method || c.phone_cseq != t->m->cseq)
		return false;
	if (!span_eq(text[TEXT_PHONE], t->m->raw) || unsigned_too_early(t, &c))
		return false;
	e->stats.retransmissions++;
	task_change(t, text[TEXT_SENT]);
	return true;
}

/* Its stack answers its own challenges; what comes back is its own to judge. */
static void request_transparent(struct task *t)
{
	struct client c;

	if (!client_init(t, &c, 0)) {
		task_pass(t);
		return;
	}
	c.transparent = true;
	request_out(t, &c, t->m->raw);
}

void uac_request(struct task *t)
{
	if (t->policy.mode == MODE_OBSERVE) {
		task_pass(t);
		return;
	}
	if (t->e->conf->role == ROLE_PROXY) {
		proxy_request_out(t);
		return;
	}
	if (ack_of_ours(t)) {
		t->e->stats.ack_absorbed++;
		task_drop(t);
		return;
	}
	if (carries_credentials(t)) {
		request_transparent(t);
		return;
	}
	if (t->m->method == SIP_CANCEL) {
		request_cancel(t);
		return;
	}
	if (t->m->method == SIP_ACK && request_ack_failure(t))
		return;
	if (request_again(t))
		return;
	if (span_set(t->m->to_tag))
		request_in_dialog(t);
	else
		request_initial(t);
}

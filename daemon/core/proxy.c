/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Role proxy: the appliance on the host of a proxy or registrar.
 *
 * Initial requests and REGISTERs prove who sent them to the proxy's realm
 * before the proxy sees them, CANCELs by the ticket of their INVITE; what
 * belongs to the callee's appliance goes through untouched. What the proxy
 * itself originates leaves signed: responses to requests that were verified
 * here, and CANCELs of branches that lost. What it relays is others' and stays
 * as it is.
 *
 * Relayed and own responses are told apart by what came in before: a response
 * that goes out with the To tag and status of one that came in was relayed.
 */
#include <stdio.h>

#include "base/digest.h"
#include "core/uac.h"
#include "core/uas.h"

/* On, without status rows: the proxy believes ours only, and what it was told
 * is not for the network. */
static void pass_on(struct task *t)
{
	struct draft *d = &t->e->draft;
	size_t len;

	if (t->policy.mode == MODE_OBSERVE) {
		task_pass(t);
		return;
	}
	draft_init(d, t->m);
	draft_strip_status(d);
	if (draft_finish(d, t->e->text, TEXT_MAX, &len))
		task_drop(t);
	else
		task_change(t, span_make(t->e->text, len));
}

/* These make no dialog and belong to none, whatever tag they have. */
static bool never_in_dialog(enum sip_method m)
{
	return m == SIP_REGISTER || m == SIP_PUBLISH;
}

void proxy_request_in(struct task *t)
{
	const struct sip_msg *m = t->m;

	if (m->method == SIP_CANCEL)
		request_cancelled(t);
	else if (!never_in_dialog(m->method) &&
		 (span_set(m->to_tag) || m->method == SIP_ACK))
		/* end to end: the other end's appliance checks it */
		pass_on(t);
	else
		request_initial_in(t);
}

/* The proxy's own name and key. */
static void proxy_identity(struct task *t, char fpr[FPR_MAX],
			   char signed_by[SIPURI_MAX])
{
	char uri[PGP_REALM_MAX + 8], canonical[SIPURI_MAX];
	struct policy p = t->policy;

	fpr[0] = signed_by[0] = '\0';
	p.domain_keys = true;
	snprintf(uri, sizeof(uri), "sip:%s", t->e->conf->realm);
	if (sipuri_canonical(canonical, span_str(uri)))
		return;
	sign_identity(t->e, canonical, &p, (time_t)(t->now_ms / 1000), fpr,
		      signed_by);
	if (!signed_by[0])
		str_copy(signed_by, SIPURI_MAX, canonical);
}

/* ---- requests that leave ---- */

/* Realms a relayed INVITE was signed for: those its CANCEL has to satisfy. */
static void invite_note(struct task *t)
{
	struct span none[CLIENT_TEXTS] = { SPAN_LIT(""), SPAN_LIT("") };
	const char *own = t->e->conf->header_name;
	struct client c = { .method = SIP_INVITE,
			    .phone_cseq = t->m->cseq,
			    .net_cseq = t->m->cseq };
	struct pgp_params p;
	enum pgp_row what;
	size_t i = 0;

	while (c.n_credentials < CHALLENGES_MAX &&
	       pgpauth_next(t->m, SIP_F_AUTHORIZATION, own[0] ? own : NULL, &i,
			    &what, &p)) {
		struct credential *k = &c.credential[c.n_credentials];

		if (what == PGP_ROW_OK &&
		    span_copy(k->realm, sizeof(k->realm), p.realm) == 0)
			c.n_credentials++;
	}
	if (!c.n_credentials ||
	    span_copy(c.phone_branch, sizeof(c.phone_branch), t->m->via_branch))
		return;
	str_copy(c.net_branch, sizeof(c.net_branch), c.phone_branch);
	if (client_put(t->e->store, t->m->call_id,
		       t->now_ms + CLIENT_PENDING_MS, &c, none))
		t->e->stats.store_full++;
}

static bool carries_ticket(const struct sip_msg *m)
{
	const struct sip_row *row;

	for (size_t i = 0; (row = sipmsg_row(m, SIP_F_REASON, i)); i++)
		if (span_set(sipmsg_param(row->value, "ticket")))
			return true;
	return false;
}

static void cancel_out(struct task *t)
{
	struct signing *s = t->signing;

	if (s->error) {
		task_pass(t); /* unsigned: the other side's policy decides */
		return;
	}
	t->e->stats.requests_signed++;
	task_change(t, span_make(s->out, s->out_len));
}

static void cancel_sign(struct task *t)
{
	struct client c;
	struct signing *s;
	char fpr[FPR_MAX], signed_by[SIPURI_MAX], nonce[PGP_NONCE_MAX];

	proxy_identity(t, fpr, signed_by);
	if (!fpr[0] || client_get(t->e->store, t->m->call_id, t->m->via_branch,
				  t->now_ms, &c, NULL)) {
		task_pass(t);
		return;
	}
	s = sign_new(t, t->m->raw);
	if (!s)
		return;
	str_copy(s->fpr, sizeof(s->fpr), fpr);
	str_copy(s->signed_by, sizeof(s->signed_by), signed_by);
	for (size_t i = 0; i < c.n_credentials; i++) {
		nonce_make_own(nonce, t->now_ms);
		sign_credential(s, c.credential[i].realm, nonce, 1, false);
	}
	sign_start(t, cancel_out);
}

void proxy_request_out(struct task *t)
{
	if (t->m->method == SIP_CANCEL && !carries_ticket(t->m)) {
		cancel_sign(t);
		return;
	}
	if (t->m->method == SIP_INVITE)
		invite_note(t);
	pass_on(t);
}

/* ---- responses ---- */

static void response_mark(uint8_t digest[32], const struct sip_msg *m)
{
	struct span in[] = {
		SPAN_LIT("relayed "), m->call_id,
		SPAN_LIT(" "),	      m->to_tag,
		SPAN_LIT(" "),	      sipmsg_row(m, SIP_F_CSEQ, 0)->value,
		SPAN_LIT(" "),	      span_make(&m->status, sizeof(m->status)),
	};

	digest_sha256(digest, in, 8);
}

void proxy_response_in(struct task *t)
{
	struct server_key k;
	struct server v;
	uint8_t digest[32];

	/* only what might be signed is worth a record */
	if (server_find(t, response_method(t->m), &k, &v) == 0 && v.verified) {
		response_mark(digest, t->m);
		if (datagram_put(t->e->store, digest,
				 t->now_ms + CLIENT_FINAL_MS, SPAN_LIT("r")))
			t->e->stats.store_full++;
	}
	pass_on(t);
}

void proxy_response_out(struct task *t)
{
	struct engine *e = t->e;
	const struct sip_msg *m = t->m;
	char fpr[FPR_MAX], signed_by[SIPURI_MAX];
	struct server_key k;
	struct server v;
	struct span mark;
	uint8_t digest[32];

	response_mark(digest, m);
	if (m->status == 100 || m->method == SIP_CANCEL ||
	    t->policy.mode == MODE_OBSERVE ||
	    datagram_get(e->store, digest, t->now_ms, &mark) == 0 ||
	    server_find(t, response_method(m), &k, &v) || !v.verified) {
		task_pass(t);
		return;
	}
	server_final(t, &k, &v);
	proxy_identity(t, fpr, signed_by);
	if (!fpr[0])
		task_pass(t);
	else
		response_sign(t, &v, fpr, signed_by);
}

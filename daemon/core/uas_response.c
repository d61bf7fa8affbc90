/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the local side answers: every response but 100 that it originates to a
 * request that was verified leaves signed, bound to that request's nonce and
 * cnonce. The same response again gets the same octets again.
 */
#include "core/uas.h"

#include "base/digest.h"
#include "base/log.h"

static void dialog_begin(struct task *t, const struct server *v,
			 const char *fpr)
{
	struct engine *e = t->e;
	const struct sip_msg *m = t->m;
	struct dialog d;
	bool old = dialog_get(e->store, m->call_id, m->to_tag, m->from_tag,
			      t->now_ms, &d) == 0;

	if (old && d.confirmed)
		return;
	if (!old) {
		memset(&d, 0, sizeof(d));
		str_copy(d.realm, sizeof(d.realm), v->credential.realm);
		str_copy(d.rx_nonce, sizeof(d.rx_nonce), v->credential.nonce);
		str_copy(d.tx_nonce, sizeof(d.tx_nonce), v->credential.cnonce);
		str_copy(d.local_fpr, sizeof(d.local_fpr), fpr);
		str_copy(d.peer_fpr, sizeof(d.peer_fpr), v->signer);
		nc_accept(&d.rx_nc, &d.rx_window, v->credential.nc);
		d.authenticated = true;
	}
	if (m->status >= 200 && !d.confirmed) {
		d.confirmed = true;
		if (m->method == SIP_INVITE)
			e->stats.calls_authenticated++;
	}
	if (dialog_put(e->store, m->call_id, m->to_tag, m->from_tag,
		       dialog_expiry(e, &d, t->now_ms), &d))
		e->stats.store_full++;
}

static bool makes_dialog(enum sip_method m)
{
	return m == SIP_INVITE || m == SIP_SUBSCRIBE || m == SIP_REFER;
}

static void response_signed(struct task *t)
{
	struct engine *e = t->e;
	struct signing *s = t->signing;
	struct span text = span_make(s->out, s->out_len);

	if (s->error) {
		/* unsigned it would do harm: the caller's side would hang up */
		task_drop(t);
		return;
	}
	e->stats.responses_signed++;
	datagram_put(e->store, s->digest, t->now_ms + SERVER_FINAL_MS, text);
	task_change(t, text);
}

void response_sign(struct task *t, const struct server *v, const char *fpr,
		   const char *signed_by)
{
	struct engine *e = t->e;
	struct signing *s;
	struct span in[] = { SPAN_LIT("response"), t->m->raw }, again;
	uint8_t digest[32];

	digest_sha256(digest, in, 2);
	if (datagram_get(e->store, digest, t->now_ms, &again) == 0) {
		e->stats.retransmissions++;
		task_change(t, again);
		return;
	}
	s = sign_new(t, t->m->raw);
	if (!s)
		return;
	memcpy(s->digest, digest, sizeof(digest));
	str_copy(s->fpr, sizeof(s->fpr), fpr);
	str_copy(s->signed_by, sizeof(s->signed_by), signed_by);
	s->response = true;
	s->nat = sign_nat(t, t->m->method, t->m->status);
	s->n = 1;
	s->credential[0] = v->credential;
	sign_start(t, response_signed);
}

struct span response_method(const struct sip_msg *m)
{
	struct span v = sipmsg_row(m, SIP_F_CSEQ, 0)->value;
	size_t i = v.len;

	while (i > 0 && (unsigned char)v.p[i - 1] > ' ')
		i--;
	return span_make(v.p + i, v.len - i);
}

void server_final(struct task *t, const struct server_key *k, struct server *v)
{
	const struct sip_msg *m = t->m;

	if (m->status >= 300)
		v->failed = true;
	/* a 2xx of one branch outweighs the failures of others */
	if (m->status >= 200 && (v->final < 200 || v->final >= 300))
		v->final = (uint16_t)m->status;
	/* a provisional one makes it last longer, as it does elsewhere (timer C
	   of RFC 3261) */
	if (server_write(t, k, v))
		t->e->stats.store_full++;
}

void uas_response(struct task *t)
{
	struct engine *e = t->e;
	const struct sip_msg *m = t->m;
	char fpr[FPR_MAX], signed_by[SIPURI_MAX];
	struct server_key k;
	struct server v;
	struct dialog d;

	if (e->conf->role == ROLE_PROXY) {
		proxy_response_out(t);
		return;
	}
	/* CANCEL's is for the next hop alone */
	if (t->policy.mode == MODE_OBSERVE || m->status == 100 ||
	    m->method == SIP_CANCEL ||
	    server_find(t, response_method(m), &k, &v)) {
		task_pass(t);
		return;
	}
	server_final(t, &k, &v);
	if (!v.verified) {
		task_pass(t);
		return;
	}
	sign_identity(e, t->local, &t->policy, (time_t)(t->now_ms / 1000), fpr,
		      signed_by);
	if (dialog_get(e->store, m->call_id, m->to_tag, m->from_tag, t->now_ms,
		       &d) == 0 &&
	    d.authenticated)
		str_copy(fpr, sizeof(fpr), d.local_fpr);
	if (!fpr[0]) {
		log_peer("no key here may sign for %s: answered unsigned",
			 t->local);
		task_pass(t);
		return;
	}
	if (span_set(m->to_tag) && m->status < 300 && makes_dialog(m->method))
		dialog_begin(t, &v, fpr);
	response_sign(t, &v, fpr, signed_by);
}

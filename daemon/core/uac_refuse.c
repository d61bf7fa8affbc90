/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A 2xx that is not authenticated: the call is not set up. The phone gets a
 * failure made from it, the far side ACK and BYE, what may still ring a CANCEL
 * (docs/protocol.md, section 5).
 */
#include "core/uac.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"

static void bye_out(struct task *t, const struct client *invite,
		    struct span text)
{
	struct client c = *invite;
	struct span texts[CLIENT_TEXTS] = { text, text };

	if (sipmsg_read(&t->e->other, text, false) != SIP_OK)
		return;
	c.method = SIP_BYE;
	c.own = true;
	c.phone_cseq = c.net_cseq = t->e->other.cseq;
	span_copy(c.phone_branch, sizeof(c.phone_branch),
		  t->e->other.via_branch);
	span_copy(c.net_branch, sizeof(c.net_branch), t->e->other.via_branch);
	client_put(t->e->store, t->m->call_id, t->now_ms + CLIENT_FINAL_MS, &c,
		   texts);
	request_repeat(t, &c, text);
	engine_send(t->e, &c.src, &c.dst, text);
}

static void bye_signed(struct task *t)
{
	struct signing *s = t->signing;

	if (!s->error)
		bye_out(t, &s->client, span_make(s->out, s->out_len));
}

/* "ACK" or "BYE" for the dialog that the 2xx would have made; e->text2. */
static struct span farewell(struct task *t, const struct client *c,
			    struct span sent, const char *method, bool more)
{
	struct engine *e = t->e;
	struct buf b = buf_make(e->text2, TEXT_MAX);
	char branch[64];

	message_branch(branch, sizeof(branch));
	if (sipmsg_read(&e->other, sent, false) != SIP_OK ||
	    !message_in_dialog(&b, method, &e->other, t->m,
			       c->net_cseq + (more ? 1 : 0), branch,
			       SPAN_NONE) ||
	    b.full)
		return SPAN_NONE;
	return buf_span(&b);
}

bool party_known(struct task *t, struct dialog *d)
{
	const struct sip_msg *m = t->m;
	struct store *s = t->e->store;

	/* in whatever case the tags are written */
	return (dialog_get(s, m->call_id, m->from_tag, m->to_tag, t->now_ms,
			   d) == 0 ||
		dialog_by_tags(s, m->from_tag, m->to_tag, t->now_ms, d) == 0) &&
	       d->authenticated;
}

static bool farewell_sign(struct task *t, const struct client *c,
			  struct span text, uint32_t nc,
			  void (*finish)(struct task *t))
{
	struct signing *s = sign_new(t, text);
	const struct credential *cred = &c->credential[0];
	struct dialog d;

	if (!s)
		return false;
	for (size_t i = 0; i < c->n_credentials; i++)
		if (!c->credential[i].proxy)
			cred = &c->credential[i];
	str_copy(s->fpr, sizeof(s->fpr), c->fpr);
	s->nat = sign_nat(t, SIP_BYE, 0);
	nc += party_known(t, &d) ? d.tx_nc : cred->nc;
	sign_credential(s, cred->realm, cred->nonce, nc, false);
	s->client = *c;
	sign_start(t, finish);
	return true;
}

static void farewell_bye(struct task *t, const struct client *c)
{
	struct client now;
	struct span text[CLIENT_TEXTS], bye;

	if (client_get(t->e->store, t->m->call_id, t->m->via_branch, t->now_ms,
		       &now, text))
		return;
	bye = farewell(t, c, text[TEXT_SENT], "BYE", true);
	if (!span_set(bye))
		return;
	if (!c->is_signed)
		bye_out(t, c, bye);
	else
		farewell_sign(t, c, bye, 2, bye_signed);
}

static void ack_signed(struct task *t)
{
	struct client c = t->signing->client;
	struct signing *s = t->signing;

	if (!s->error)
		engine_send(t->e, &c.src, &c.dst,
			    span_make(s->out, s->out_len));
	farewell_bye(t, &c);
}

/*
 * Comes again with each copy of the 2xx, until the far side has the ACK. Under
 * the tag of a party that has signed an answer without a signature is forged,
 * or that party's appliance is gone: what we send then is not signed either. So
 * nobody gets a BYE out of us that an appliance would let through.
 */
void farewell_send(struct task *t, const struct client *c, bool authentic)
{
	struct client now, plain;
	struct span text[CLIENT_TEXTS], ack;
	struct dialog d;

	if (!authentic && party_known(t, &d)) {
		plain = *c;
		plain.is_signed = false;
		c = &plain;
	}

	if (client_get(t->e->store, t->m->call_id, t->m->via_branch, t->now_ms,
		       &now, text))
		return;
	ack = farewell(t, c, text[TEXT_SENT], "ACK", false);
	if (!span_set(ack))
		return;
	if (c->is_signed) {
		farewell_sign(t, c, ack, 1, ack_signed);
		return;
	}
	engine_send(t->e, &c->src, &c->dst, ack);
	farewell_bye(t, c);
}

/* What may still ring behind a proxy is called off, with the ticket. */
static void cancel_send(struct task *t, const struct client *c)
{
	struct engine *e = t->e;
	struct buf b = buf_make(e->text2, TEXT_MAX);
	struct span text[CLIENT_TEXTS];
	struct client now;
	char row[128] = "";

	if (client_get(e->store, t->m->call_id, t->m->via_branch, t->now_ms,
		       &now, text) ||
	    sipmsg_read(&e->other, text[TEXT_SENT], false) != SIP_OK)
		return;
	if (c->ticket[0])
		snprintf(row, sizeof(row), "Reason: PGP;ticket=\"%s\"\r\n",
			 c->ticket);
	message_hop(&b, "CANCEL", &e->other, e->other.to, span_str(row));
	if (!b.full)
		engine_send(e, &c->src, &c->dst, buf_span(&b));
}

/* The phone gets a failure made from the 2xx. */
static void refuse_call(struct task *t, struct client *c, unsigned int status,
			const char *phrase)
{
	struct draft *d = &t->e->draft;
	bool first = !c->refused;

	if (first) {
		t->e->stats.calls_refused++;
		log_peer("call to %s not set up: %s", t->peer, phrase);
	}
	c->final = c->refused = (uint16_t)status;
	response_draft(t, c);
	draft_status(d, status, phrase);
	draft_no_body(d);
	for (size_t i = 0; i < t->m->n_rows; i++)
		if (t->m->row[i].field == SIP_F_CONTACT ||
		    t->m->row[i].field == SIP_F_RECORD_ROUTE)
			draft_delete_row(d, &t->m->row[i]);
	draft_row(d, SPAN_LIT("Reason: SIP;cause=438;text=\"answer not "
			      "authenticated\"\r\n"));
	if (!client_note(t, c))
		return;
	response_deliver(t);
	if (first)
		cancel_send(t, c);
	farewell_send(t, c, false);
}

/*
 * An answer nobody signed ends a ringing call as surely as a failure does, once
 * the phone is told: so it waits like a failure. Copies of it, and answers of
 * others behind a right one, bring the far side its ACK and BYE at once.
 */
void refuse_success(struct task *t, struct client *c, bool bad)
{
	bool wait = !c->refused && !t->released && !c->cancelled &&
		    t->policy.failures != UNSIGNED_PASS;
	bool answered = c->final >= 200 && c->final < 300;
	struct dialog d;

	/* a re-INVITE's answer that is not the peer's is nobody's answer: the
	   dialog stays as it is, and the peer will repeat the right one */
	if (c->method != SIP_INVITE || c->in_dialog ||
	    (answered && party_known(t, &d))) {
		response_drop(t);
	} else if (answered || (wait && !response_park(t, c))) {
		response_drop(t);
		farewell_send(t, c, false);
	} else if (wait) {
		return;
	} else if (c->cancelled) {
		refuse_call(t, c, 487, "Request Terminated");
	} else if (bad) {
		refuse_call(t, c, 438, "Invalid Identity");
	} else {
		refuse_call(t, c, 488, "Answer Not Authenticated");
	}
}

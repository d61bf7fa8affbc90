/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Signing: one job for each credential, one after the other, over the message
 * exactly as it will leave but for the rows that carry the signatures.
 */
#include "core/flow.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/digest.h"
#include "base/log.h"

enum sip_field row_field(bool response, bool proxy)
{
	if (response)
		return proxy ? SIP_F_PROXY_AUTHENTICATION_INFO
			     : SIP_F_AUTHENTICATION_INFO;
	return proxy ? SIP_F_PROXY_AUTHORIZATION : SIP_F_AUTHORIZATION;
}

const char *row_name(const struct engine *e, bool response, bool proxy)
{
	if (e->conf->header_name[0])
		return e->conf->header_name;
	if (response)
		return "Authentication-Info";
	return proxy ? "Proxy-Authorization" : "Authorization";
}

void sign_identity(const struct engine *e, const char *local,
		   const struct policy *policy, time_t now, char fpr[FPR_MAX],
		   char signed_by[SIPURI_MAX])
{
	const struct identity *id = conf_identity(e->conf, local);
	const char *found;

	fpr[0] = signed_by[0] = '\0';
	if (!local[0])
		return;
	if (id) {
		if (trust_can_sign(e->trust, id->fpr, now))
			snprintf(fpr, FPR_MAX, "%.*s", FPR_MAX - 1, id->fpr);
		str_copy(signed_by, SIPURI_MAX, id->signed_by);
		return;
	}
	found = trust_signer(e->trust, local, policy->domain_keys, now);
	if (found)
		str_copy(fpr, FPR_MAX, found);
}

struct signing *sign_new(struct task *t, struct span text)
{
	struct signing *s;

	sign_free(t);
	s = malloc(sizeof(*s));
	if (s) {
		memset(s, 0, offsetof(struct signing, rows_mem));
		s->text = malloc(text.len);
	}
	if (!s || !s->text) {
		free(s);
		t->e->stats.crypto_failed++;
		if (!t->settled)
			task_drop(t);
		return NULL;
	}
	memcpy(s->text, text.p, text.len);
	s->len = text.len;
	s->rows = buf_make(s->rows_mem, sizeof(s->rows_mem));
	t->signing = s;
	return s;
}

void sign_free(struct task *t)
{
	struct signing *s = t->signing;

	if (!s)
		return;
	free(s->text);
	free(s->out);
	free(s->phone_text);
	free(s);
	t->signing = NULL;
}

static struct pgp_params sign_params(const struct signing *s)
{
	const struct credential *c = &s->credential[s->i];

	return (struct pgp_params){
		.realm = span_str(c->realm),
		.nonce = span_str(c->nonce),
		.cnonce = span_str(c->cnonce),
		.nc = c->nc,
		.signed_by =
			s->signed_by[0] ? span_str(s->signed_by) : SPAN_NONE,
		.key = span_str(s->fpr),
		.cancel = s->cancel[0] ? span_str(s->cancel) : SPAN_NONE,
		.cover_nat = s->nat,
	};
}

static void sign_next(struct task *t);

static void sign_finish(struct task *t, int error)
{
	struct signing *s = t->signing;

	s->error = error;
	if (!error && s->rows.full)
		s->error = EMSGSIZE;
	if (!s->error) {
		s->out = malloc(s->len + s->rows.len);
		if (!s->out)
			s->error = ENOMEM;
	}
	if (s->error) {
		t->e->stats.crypto_failed++;
	} else {
		memcpy(s->out, s->text, s->head);
		memcpy(s->out + s->head, s->rows.p, s->rows.len);
		memcpy(s->out + s->head + s->rows.len, s->text + s->head,
		       s->len - s->head);
		s->out_len = s->len + s->rows.len;
	}
	s->finish(t);
}

static void sign_back(struct task *t)
{
	struct signing *s = t->signing;
	struct crypto_job *job = t->job;
	struct pgp_params p = sign_params(s);
	char b64[B64_LEN(PGP_SIG_MAX) + 1];

	if (job->error) {
		log_peer("can't sign with key %s: %s", s->fpr,
			 strerror(job->error));
		task_job_free(t);
		sign_finish(t, EIO);
		return;
	}
	b64_encode(b64, sizeof(b64), job->sig, job->sig_len);
	p.signature = span_str(b64);
	pgpauth_write_credentials(
		&s->rows,
		row_name(t->e, s->response, s->credential[s->i].proxy), &p);
	task_job_free(t);
	s->i++;
	sign_next(t);
}

/* The octets of the next credential, in e->text2; absent on failure. */
static struct span sign_octets(struct task *t)
{
	struct signing *s = t->signing;
	struct engine *e = t->e;
	struct sip_msg *m = &e->other;
	struct pgp_params p = sign_params(s);
	struct buf b = buf_make(e->text2, sizeof(e->text2));

	if (sipmsg_read(m, span_make(s->text, s->len), false) != SIP_OK ||
	    octets_build(&b, m, &p))
		return SPAN_NONE;
	/* raw may begin behind line ends of the text */
	s->head = (size_t)(m->raw.p - s->text) + m->end_of_rows;
	return buf_span(&b);
}

static void sign_next(struct task *t)
{
	struct signing *s = t->signing;
	struct span octets;
	int err;

	if (s->i == s->n) {
		sign_finish(t, 0);
		return;
	}
	octets = sign_octets(t);
	err = span_set(octets) ? job_sign(t, s->fpr, octets, sign_back)
			       : EBADMSG;
	if (!err)
		return;
	if (err == EAGAIN)
		t->e->stats.crypto_busy++;
	sign_finish(t, err);
}

void sign_start(struct task *t, void (*finish)(struct task *t))
{
	t->signing->finish = finish;
	sign_next(t);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Checking one signature over the message of a task, and telling the local side
 * what came of it.
 */
#include "core/flow.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/digest.h"
#include "base/log.h"

struct verifying *verify_new(struct task *t, const struct pgp_params *p)
{
	struct verifying *v = t->verifying;

	if (!v)
		v = malloc(sizeof(*v));
	if (!v) {
		task_drop(t);
		return NULL;
	}
	memset(v, 0, sizeof(*v));
	v->result = PGP_MALFORMED;
	span_copy(v->credential.realm, sizeof(v->credential.realm), p->realm);
	span_copy(v->credential.nonce, sizeof(v->credential.nonce), p->nonce);
	span_copy(v->credential.cnonce, sizeof(v->credential.cnonce),
		  p->cnonce);
	v->credential.nc = p->nc;
	span_copy(v->commitment, sizeof(v->commitment), p->cancel);
	span_copy(v->key, sizeof(v->key), p->key);
	if (span_set(p->signed_by) &&
	    sipuri_canonical(v->signed_by, p->signed_by))
		snprintf(v->signed_by, sizeof(v->signed_by), "?");
	t->verifying = v;
	return v;
}

struct span verify_octets(struct task *t, const struct pgp_params *p,
			  uint8_t digest[32])
{
	struct buf b = buf_make(t->e->text2, sizeof(t->e->text2));
	struct span in[2];

	if (octets_build(&b, t->m, p))
		return SPAN_NONE;
	in[0] = buf_span(&b);
	in[1] = p->signature;
	digest_sha256(digest, in, 2);
	return in[0];
}

static void verify_back(struct task *t)
{
	struct verifying *v = t->verifying;

	v->result = t->job->result;
	str_copy(v->signer, sizeof(v->signer), t->job->fpr);
	task_job_free(t);
	if (v->result == PGP_ENGINE || v->result == PGP_TIMEOUT)
		t->e->stats.crypto_failed++;
	v->resume(t);
}

void verify_start(struct task *t, const struct pgp_params *p,
		  struct span octets, void (*resume)(struct task *t))
{
	struct verifying *v = t->verifying;
	int err;

	v->resume = resume;
	err = job_verify(t, octets, p->signature, verify_back);
	if (err == EINVAL) {
		resume(t);
	} else if (err) {
		t->e->stats.crypto_busy++;
		task_drop(t);
	}
}

/* ---- what the local side is told ---- */

static void quoted(struct buf *b, const char *s)
{
	buf_str(b, "\"");
	for (; *s; s++) {
		if (*s == '"' || *s == '\\')
			buf_str(b, "\\");
		buf_add(b, span_make(s, 1));
	}
	buf_str(b, "\"");
}

const char *status_word(const struct task *t, const struct trust_answer *trust)
{
	if (trust->word == TRUST_VALID)
		return "valid";
	return t->policy.unknown_key == UNKNOWN_TOFU ? "first-use"
						     : "untrusted";
}

/* The first key of a URI is kept, a second one refused. */
static bool pin_decide(struct task *t, const char *fpr, const char *who,
		       bool held)
{
	struct store *s = t->e->store;
	char first[PGP_FPR_LEN];

	if (pin_get(s, who, first) == 0) {
		if (strcmp(first, fpr) == 0)
			return true;
		log_warnx("%s signed with key %s, but its first key was %s: "
			  "refused",
			  who, fpr, first);
		return false;
	}
	if (!held)
		return true;
	log_info("first key of %s: %s", who, fpr);
	if (pin_put(s, who, fpr) == 0)
		return true;
	t->e->stats.store_full++;
	return false;
}

bool trust_decide(struct task *t, const char *fpr, const char *who,
		  bool domain_keys, bool held, struct trust_answer *out)
{
	trust_check(t->e->trust, fpr, who, domain_keys,
		    (time_t)(t->now_ms / 1000), out);
	if (out->word == TRUST_VALID)
		return true;
	if (out->word != TRUST_NOT_VALID)
		return false;
	switch (t->policy.unknown_key) {
	case UNKNOWN_PASS_MARKED:
		return true;
	case UNKNOWN_TOFU:
		return pin_decide(t, fpr, who, held);
	case UNKNOWN_REJECT:
		break;
	}
	return false;
}

void status_row(struct buf *b, const char *word, const char *uri,
		const char *fpr, const struct trust_answer *trust)
{
	buf_str(b, NAME_STATUS ": ");
	buf_str(b, word);
	if (uri && uri[0]) {
		buf_str(b, ";uri=");
		quoted(b, uri);
	}
	if (fpr && fpr[0])
		buf_fmt(b, ";key=%s", fpr);
	if (trust && trust->uid[0]) {
		buf_str(b, ";uid=");
		quoted(b, trust->uid);
	}
	if (trust && trust->validity[0])
		buf_fmt(b, ";validity=%s", trust->validity);
	buf_str(b, "\r\n");
}

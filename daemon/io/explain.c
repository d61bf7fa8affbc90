/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "io/explain.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "state/peer.h"

json_t *explain_text(const char *s)
{
	json_t *t = json_string(s);
	char out[1024];
	size_t n = 0;

	for (; !t && *s && n < sizeof(out) - 1; s++)
		out[n++] = *s >= 0x20 && *s < 0x7f ? *s : '?';
	if (!t)
		t = json_stringn(out, n);
	return t;
}

static void put_text(json_t *o, const char *name, const char *s)
{
	json_object_set_new(o, name, explain_text(s));
}

static void put_bool(json_t *o, const char *name, bool b)
{
	json_object_set_new(o, name, json_boolean(b));
}

static void put_count(json_t *o, const char *name, uint64_t n)
{
	json_object_set_new(o, name, json_integer((json_int_t)n));
}

const char *explain_mode(enum conf_mode m)
{
	static const char *const name[] = { [MODE_OBSERVE] = "observe",
					    [MODE_PERMISSIVE] = "permissive",
					    [MODE_ENFORCE] = "enforce" };

	return name[m];
}

static const char *unknown_key_name(enum conf_unknown_key u)
{
	static const char *const name[] = {
		[UNKNOWN_REJECT] = "reject",
		[UNKNOWN_PASS_MARKED] = "pass-marked",
		[UNKNOWN_TOFU] = "tofu",
	};

	return name[u];
}

static time_t now_s(void)
{
	return (time_t)(clock_wall_ms() / 1000);
}

/* ---- keys ---- */

/* What keeps a key from signing, whoever it belongs to; "" when nothing. */
static void fault_of(const struct trust_key_info *k, char out[96])
{
	time_t t = (time_t)k->expires;
	char day[32] = "";
	struct tm tm;

	if (t && gmtime_r(&t, &tm))
		strftime(day, sizeof(day), " on %Y-%m-%d", &tm);
	*out = '\0';
	if (k->revoked)
		snprintf(out, 96, "it is revoked");
	else if (k->disabled)
		snprintf(out, 96, "it is disabled in this keyring");
	else if (k->expired)
		snprintf(out, 96, "it expired%s", day);
	else if (k->created > (int64_t)now_s())
		snprintf(out, 96, "it was made in the future");
	else if (!k->can_sign)
		snprintf(out, 96,
			 "no part of it may sign now, or it is too weak");
}

static json_t *key_uids(const struct trust_key_info *k)
{
	json_t *a = json_array();

	for (size_t i = 0; i < k->n_uids; i++) {
		json_t *o = json_object();

		put_text(o, "text", k->uid[i].text);
		put_text(o, "uri", k->uid[i].canonical);
		put_text(o, "validity", k->uid[i].validity);
		put_bool(o, "revoked", k->uid[i].revoked);
		json_array_append_new(a, o);
	}
	return a;
}

static json_t *key(const struct trust_key_info *k)
{
	json_t *o = json_object();
	char fault[96];

	fault_of(k, fault);
	put_text(o, "fingerprint", k->fpr);
	put_text(o, "algorithm", k->algorithm);
	put_count(o, "bits", k->bits);
	put_bool(o, "secret", k->secret);
	put_bool(o, "can_sign", k->can_sign);
	put_bool(o, "expired", k->expired);
	put_bool(o, "revoked", k->revoked);
	put_bool(o, "disabled", k->disabled);
	put_text(o, "fault", fault);
	put_text(o, "ownertrust", k->ownertrust);
	json_object_set_new(o, "created", json_integer(k->created));
	json_object_set_new(o, "expires", json_integer(k->expires));
	json_object_set_new(o, "uids", key_uids(k));
	return o;
}

struct page {
	json_t *keys;
	size_t from, seen;
};

static void page_key(void *arg, const struct trust_key_info *k)
{
	struct page *p = arg;

	if (p->seen >= p->from && p->seen - p->from < EXPLAIN_PAGE)
		json_array_append_new(p->keys, key(k));
	p->seen++;
}

json_t *explain_keys(const struct control_view *v, size_t from)
{
	struct page p = { json_array(), from, 0 };
	json_t *o = json_object();

	trust_each(v->trust, page_key, &p);
	json_object_set_new(o, "keys", p.keys);
	put_count(o, "total", p.seen);
	if (p.seen > p.from && p.seen - p.from > EXPLAIN_PAGE)
		put_count(o, "next", p.from + EXPLAIN_PAGE);
	return o;
}

/* ---- check ---- */

struct naming {
	const struct control_view *view;
	const struct policy *policy;
	const char *uri;
	json_t *keys;
	size_t more; /* that no room was made for */
	size_t valid;
	char believed[PGP_FPR_MAX]; /* the first one that is valid */
};

__attribute__((format(printf, 3, 4))) static void step(json_t *steps, bool fine,
						       const char *fmt, ...)
{
	json_t *o = json_object();
	char line[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	put_bool(o, "ok", fine);
	put_text(o, "text", line);
	json_array_append_new(steps, o);
}

static bool uid_names(const struct trust_key_info *k, const struct naming *n)
{
	struct span host = sipuri_host(n->uri);
	char domain[SIPURI_MAX + 8] = "";

	if (n->policy->domain_keys && span_set(host))
		snprintf(domain, sizeof(domain), "sip:%.*s", SPAN_ARG(host));
	for (size_t i = 0; i < k->n_uids; i++) {
		const char *c = k->uid[i].canonical;

		if (*c && (!strcmp(c, n->uri) || !strcmp(c, domain)))
			return true;
	}
	return false;
}

static void step_not_valid(json_t *steps, const struct naming *n)
{
	switch (n->policy->unknown_key) {
	case UNKNOWN_REJECT:
		step(steps, false, "policy: unknown-key = reject");
		break;
	case UNKNOWN_PASS_MARKED:
		step(steps, true,
		     "policy: unknown-key = pass-marked: it passes, marked as "
		     "untrusted");
		break;
	case UNKNOWN_TOFU:
		step(steps, true,
		     "policy: unknown-key = tofu: the first key that signs for "
		     "the URI is kept");
		break;
	}
}

static json_t *key_steps(const struct naming *n, const struct trust_key_info *k,
			 const struct trust_answer *a)
{
	json_t *steps = json_array();
	char fault[96];

	fault_of(k, fault);
	step(steps, !*fault, "%s key, %s", k->algorithm,
	     *fault ? fault
		    : "may sign, neither expired, revoked nor disabled");
	step(steps, true, "user ID \"%s\" names the URI", a->uid);
	if (a->word == TRUST_VALID) {
		step(steps, true, "GnuPG holds this user ID valid: %s",
		     a->validity);
	} else if (a->word == TRUST_NOT_VALID) {
		step(steps, false, "GnuPG does not hold this user ID valid: %s",
		     a->validity);
		step_not_valid(steps, n);
	} else if (!*fault) {
		step(steps, false, "%s", trust_word_name(a->word));
	}
	return steps;
}

static void naming_key(void *arg, const struct trust_key_info *k)
{
	struct naming *n = arg;
	struct trust_answer a;
	json_t *o;

	if (!uid_names(k, n))
		return;
	trust_check(n->view->trust, k->fpr, n->uri, n->policy->domain_keys,
		    now_s(), &a);
	if (a.word == TRUST_VALID && !n->valid++)
		snprintf(n->believed, sizeof(n->believed), "%s", k->fpr);
	if (json_array_size(n->keys) >= EXPLAIN_PAGE) {
		n->more++;
		return;
	}
	o = json_object();
	put_text(o, "fingerprint", k->fpr);
	put_text(o, "algorithm", k->algorithm);
	put_text(o, "trust", trust_word_name(a.word));
	put_text(o, "uid", a.uid);
	put_text(o, "validity", a.validity);
	json_object_set_new(o, "steps", key_steps(n, k, &a));
	json_object_set_new(o, "uids", key_uids(k));
	json_array_append_new(n->keys, o);
}

static json_t *check_policy(const struct conf *c, const struct policy *p)
{
	json_t *o = json_object();

	put_count(o, "number", (uint64_t)(p - c->policy) + 1);
	put_text(o, "peer", p->pattern);
	put_text(o, "mode", explain_mode(p->mode));
	put_bool(o, "sign", p->sign);
	put_bool(o, "eager", p->eager);
	put_text(o, "realm", p->realm);
	put_bool(o, "domain_keys", p->domain_keys);
	put_text(o, "unknown_key", unknown_key_name(p->unknown_key));
	put_text(o, "no_key",
		 p->no_key == NO_KEY_REJECT ? "reject" : "pass-unsigned");
	return o;
}

/* As a local URI: the key it signs with, null when there is none. */
static json_t *check_signer(const struct control_view *v, const char *uri,
			    const struct policy *p)
{
	const struct identity *id = conf_identity(v->conf, uri);
	time_t now = now_s();
	const char *fpr = id && *id->fpr ? id->fpr
					 : trust_signer(v->trust, uri,
							p->domain_keys, now);
	json_t *o = json_object();

	json_object_set_new(o, "identity",
			    id ? explain_text(id->pattern) : json_null());
	json_object_set_new(o, "key", fpr ? explain_text(fpr) : json_null());
	put_bool(o, "usable", fpr && trust_can_sign(v->trust, fpr, now));
	json_object_set_new(o, "signed_by",
			    id && *id->signed_by ? explain_text(id->signed_by)
						 : json_null());
	return o;
}

static void step_pin(json_t *steps, const struct naming *n)
{
	char first[PGP_FPR_LEN];

	if (n->policy->unknown_key == UNKNOWN_TOFU && n->view->store &&
	    !pin_get(n->view->store, n->uri, first))
		step(steps, true,
		     "policy: its first key was %s: another one that is not "
		     "valid is refused",
		     first);
}

static json_t *check_steps(const struct naming *n, const char *uri)
{
	const struct policy *p = n->policy;
	json_t *steps = json_array();
	size_t keys = json_array_size(n->keys) + n->more;

	step(steps, true, "%s is compared as %s", uri, n->uri);
	step(steps, true, "policy %zu (peer \"%s\") holds for it: mode %s",
	     (size_t)(p - n->view->conf->policy) + 1, p->pattern,
	     explain_mode(p->mode));
	step_pin(steps, n);
	if (keys)
		step(steps, true,
		     "%zu key%s in the keyring with a user ID that "
		     "names it",
		     keys, keys == 1 ? "" : "s");
	else
		step(steps, false,
		     "no key in the keyring has a user ID that "
		     "names it");
	return steps;
}

static const char *refusal(const struct naming *n)
{
	switch (n->policy->mode) {
	case MODE_OBSERVE:
		return "counted, and let through: the mode is observe";
	case MODE_PERMISSIVE:
	case MODE_ENFORCE:
		break;
	}
	return "refused";
}

static json_t *decision(const struct naming *n)
{
	bool keys = json_array_size(n->keys) > 0;

	if (n->valid == 1)
		return json_sprintf("what key %s signs is believed",
				    n->believed);
	if (n->valid)
		return json_sprintf("what any of %zu keys signs is believed",
				    n->valid);
	if (keys && n->policy->unknown_key == UNKNOWN_PASS_MARKED)
		return json_string("what it signs passes, marked as untrusted");
	if (keys && n->policy->unknown_key == UNKNOWN_TOFU)
		return json_string("the first key that signs for it is "
				   "believed, another one refused");
	if (keys)
		return json_sprintf("what it signs is %s (a key you have "
				    "compared: sipseal-keys certify)",
				    refusal(n));
	return json_sprintf("what it signs is %s (its key: sipseal-keys "
			    "import, certify)",
			    refusal(n));
}

json_t *explain_check(const struct control_view *v, const char *uri)
{
	char canonical[SIPURI_MAX];
	struct naming n = { .view = v, .uri = canonical };
	json_t *o;

	if (sipuri_canonical(canonical, span_str(uri)))
		return NULL;
	n.policy = conf_policy(v->conf, canonical, NULL);
	n.keys = json_array();
	trust_each(v->trust, naming_key, &n);
	o = json_object();
	put_text(o, "uri", uri);
	put_text(o, "canonical", canonical);
	json_object_set_new(o, "policy", check_policy(v->conf, n.policy));
	json_object_set_new(o, "signer", check_signer(v, canonical, n.policy));
	json_object_set_new(o, "steps", check_steps(&n, uri));
	json_object_set_new(o, "keys", n.keys);
	put_count(o, "more_keys", n.more);
	put_bool(o, "believed", n.valid > 0);
	json_object_set_new(o, "decision", decision(&n));
	return o;
}

/* ---- the web of trust ---- */

static bool names_a_uri(const json_t *k)
{
	json_t *uid;
	size_t i;

	json_array_foreach(json_object_get(k, "uids"), i, uid)
	{
		const char *uri =
			json_string_value(json_object_get(uid, "uri"));

		if (uri && *uri)
			return true;
	}
	return false;
}

size_t explain_fprs(const json_t *answer, const char *fpr[EXPLAIN_PAGE])
{
	size_t i, n = 0;
	json_t *k;

	json_array_foreach(json_object_get(answer, "keys"), i, k)
	{
		if (names_a_uri(k) && n < EXPLAIN_PAGE)
			fpr[n++] = json_string_value(
				json_object_get(k, "fingerprint"));
	}
	return n;
}

static void add_step(void *arg, const struct web_step *s)
{
	json_t *o = json_object();

	put_count(o, "depth", s->depth);
	put_text(o, "fingerprint", s->fpr);
	put_text(o, "uid", s->uid);
	put_text(o, "validity", s->validity);
	put_text(o, "ownertrust", s->ownertrust);
	put_bool(o, "counts", s->counts);
	put_text(o, "why", s->why);
	json_array_append_new(arg, o);
}

void explain_web(json_t *answer, const struct web *w)
{
	json_t *k, *uid;
	size_t i, j;

	put_text(answer, "trust_model", web_model(w));
	json_array_foreach(json_object_get(answer, "keys"), i, k)
	{
		json_array_foreach(json_object_get(k, "uids"), j, uid)
		{
			json_t *steps = json_array();

			web_each(
				w,
				json_string_value(
					json_object_get(k, "fingerprint")),
				json_string_value(json_object_get(uid, "text")),
				add_step, steps);
			json_object_set_new(uid, "certified_by", steps);
		}
	}
}

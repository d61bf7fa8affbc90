/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the local side is asked: nothing reaches it that has not proved who sent
 * it. (What it answers: uas_response.c.)
 *
 * Checks come in the order of their cost: grammar, the nonce's HMAC or date,
 * the key's standing with GnuPG (cached), the signature, then the replay
 * window. Refusals need no state; a nonce is used up only by a signature that
 * held.
 */
#include "core/uas.h"

#include <errno.h>
#include <stdio.h>

#include "base/digest.h"
#include "base/log.h"

uint64_t server_expiry(const struct server *v, uint64_t now_ms)
{
	return now_ms + (v->final ? SERVER_FINAL_MS : SERVER_PENDING_MS);
}

void server_key_of(struct server_key *k, const struct task *t,
		   struct span method, bool in_dialog)
{
	bool from_local = (t->dir == OUTBOUND) == t->m->request;
	struct span in[] = {
		span_str(from_local ? t->local : t->peer),
		method,
		in_dialog ? SPAN_LIT(";") : SPAN_LIT(""),
		in_dialog ? t->m->to_tag : SPAN_NONE,
	};

	k->name = store_key(t->e->store, in, 4);
}

static struct span name_of(const struct server_key *k)
{
	return span_make(k->name.b, sizeof(k->name.b));
}

int server_read(struct task *t, const struct server_key *k, struct server *v)
{
	const struct sip_msg *m = t->m;

	return server_get(t->e->store, m->call_id, m->from_tag, m->cseq,
			  name_of(k), t->now_ms, v);
}

int server_write(struct task *t, const struct server_key *k,
		 const struct server *v)
{
	const struct sip_msg *m = t->m;

	return server_put(t->e->store, m->call_id, m->from_tag, m->cseq,
			  name_of(k), server_expiry(v, t->now_ms), v);
}

int server_find(struct task *t, struct span method, struct server_key *k,
		struct server *v)
{
	server_key_of(k, t, method, true);
	if (span_set(t->m->to_tag) && server_read(t, k, v) == 0)
		return 0;
	server_key_of(k, t, method, false);
	return server_read(t, k, v);
}

static void own_key(struct server_key *k, const struct task *t)
{
	server_key_of(k, t, t->m->method_name, span_set(t->m->to_tag));
}

/* ---- credentials ---- */

static enum credentials credentials_in(struct task *t, enum sip_field field,
				       const char *own, const char *realm,
				       struct pgp_params *out, size_t *n)
{
	struct pgp_params p;
	enum pgp_row what;
	size_t i = 0;

	while (pgpauth_next(t->m, field, own, &i, &what, &p)) {
		if (what == PGP_ROW_BAD)
			return CREDENTIALS_BAD;
		if (!span_eq(p.realm, span_str(realm)))
			continue;
		*out = p;
		if (!p.nonce.len || !p.nc || !p.cnonce.len || !p.signature.len)
			return CREDENTIALS_BAD;
		if (++*n > 1)
			return CREDENTIALS_BAD;
	}
	return *n ? CREDENTIALS_ONE : CREDENTIALS_NONE;
}

enum credentials credentials_find(struct task *t, const char *realm,
				  struct pgp_params *p)
{
	const char *own = t->e->conf->header_name;
	size_t n = 0;

	if (own[0])
		return credentials_in(t, SIP_F_AUTHORIZATION, own, realm, p,
				      &n);
	if (credentials_in(t, SIP_F_AUTHORIZATION, NULL, realm, p, &n) ==
	    CREDENTIALS_BAD)
		return CREDENTIALS_BAD;
	return credentials_in(t, SIP_F_PROXY_AUTHORIZATION, NULL, realm, p, &n);
}

bool request_marked(struct task *t)
{
	const char *own = t->e->conf->header_name;
	struct pgp_params p;
	enum pgp_row what;
	size_t i = 0, j = 0;

	own = own[0] ? own : NULL;
	return sipmsg_has_token(t->m, SIP_F_SUPPORTED, NAME_MARK) ||
	       pgpauth_next(t->m, SIP_F_AUTHORIZATION, own, &i, &what, &p) ||
	       pgpauth_next(t->m, SIP_F_PROXY_AUTHORIZATION, own, &j, &what,
			    &p);
}

/* ---- refusals ---- */

static bool never_answered(const struct task *t)
{
	return t->m->method == SIP_ACK || t->m->method == SIP_CANCEL ||
	       span_set(t->m->to_tag);
}

static void respond(struct task *t, unsigned int status, const char *phrase,
		    struct span rows)
{
	struct engine *e = t->e;
	struct buf b = buf_make(e->text, TEXT_MAX);
	struct addr to = message_response_to(t->m, &t->ip.src);
	char tag[TO_TAG_MAX];

	if (!limit_take(&e->limit, &t->ip.src, t->now_ms)) {
		e->stats.rate_limited++;
		return;
	}
	nonce_to_tag(tag, e->secret, t->m->call_id, t->m->from_tag, t->m->cseq);
	message_response(&b, t->m, &t->ip.src, status, phrase, tag, rows);
	if (!b.full)
		engine_send(e, &t->ip.dst, &to, buf_span(&b));
}

void refuse(struct task *t, uint64_t *counter, unsigned int status,
	    const char *phrase, const char *reason)
{
	char row[160];

	if (task_observed(t))
		return;
	(*counter)++;
	log_peer("%.*s from %s refused: %s", SPAN_ARG(t->m->method_name),
		 t->peer[0] ? t->peer : "no SIP URI", reason);
	if (!never_answered(t)) {
		snprintf(row, sizeof(row),
			 "Reason: SIP;cause=%u;text=\"%s\"\r\n", status,
			 reason);
		respond(t, status, phrase, span_str(row));
	}
	task_refuse(t);
}

void challenge_send(struct task *t, bool stale)
{
	struct engine *e = t->e;
	bool proxy =
		e->conf->role == ROLE_PROXY && t->m->method != SIP_REGISTER;
	const char *name = proxy ? "Proxy-Authenticate" : "WWW-Authenticate";
	char nonce[PGP_NONCE_MAX], mem[512];
	struct buf row = buf_make(mem, sizeof(mem));
	struct pgp_params p = {
		.realm = span_str(e->conf->realm),
		.algorithm = SPAN_LIT("SHA256"),
		.stale = stale,
	};

	if (task_observed(t))
		return;
	if (never_answered(t)) {
		task_refuse(t);
		return;
	}
	if (e->conf->header_name[0])
		name = e->conf->header_name;
	nonce_make(nonce, e->secret, t->now_ms, p.realm, t->m->call_id,
		   t->m->from_tag);
	p.nonce = span_str(nonce);
	pgpauth_write_challenge(&row, name, &p);
	e->stats.challenges_sent++;
	respond(t, proxy ? 407 : 401,
		proxy ? "Proxy Authentication Required" : "Unauthorized",
		buf_span(&row));
	task_drop(t);
}

/* ---- acceptance ---- */

static void accept_as(struct task *t, const char *word, const char *fpr,
		      const struct trust_answer *trust, bool bare)
{
	struct engine *e = t->e;
	struct draft *d = &e->draft;
	char mem[1024];
	struct buf row = buf_make(mem, sizeof(mem));
	size_t len;

	if (t->policy.mode == MODE_OBSERVE) {
		task_pass(t);
		return;
	}
	draft_init(d, t->m);
	draft_strip(d, e->conf->header_name,
		    e->conf->role == ROLE_PROXY ? e->conf->realm : NULL);
	if (t->m->method == SIP_NOTIFY)
		draft_refer_id(
			d, 0 - dialog_delta(t, t->m->to_tag, t->m->from_tag));
	status_row(&row, word, t->peer, fpr, trust);
	if (!row.full)
		draft_row(d, buf_span(&row));
	if (bare && t->m->body.len)
		draft_no_body(d);
	if (draft_finish(d, e->text, TEXT_MAX, &len))
		task_drop(t);
	else
		task_change(t, span_make(e->text, len));
}

void request_accept(struct task *t, const char *word, const char *fpr,
		    const struct trust_answer *trust)
{
	accept_as(t, word, fpr, trust, false);
}

/* The first half is the branch's, the second the Request-URI's. */
static void fork_id(uint8_t id[16], const struct task *t)
{
	const struct store *s = t->e->store;
	struct store_key branch = store_key(s, &t->m->via_branch, 1);
	struct store_key uri = store_key(s, &t->m->uri, 1);

	memcpy(id, branch.b, 8);
	memcpy(id + 8, uri.b, 8);
}

bool server_has_branch(const struct task *t, const struct server *v)
{
	uint8_t id[16];

	fork_id(id, t);
	for (size_t i = 0; i < v->n_forks; i++)
		if (memcmp(v->fork[i], id, 8) == 0)
			return true;
	return false;
}

static void server_init(const struct task *t, struct server *v)
{
	memset(v, 0, sizeof(*v));
	v->method = t->m->method;
	v->n_forks = 1;
	fork_id(v->fork[0], t);
}

static bool server_note(struct task *t, const struct server *v)
{
	struct server_key k;

	own_key(&k, t);
	if (server_write(t, &k, v) == 0)
		return true;
	t->e->stats.store_full++;
	task_drop(t);
	return false;
}

/* Not authenticated, and the policy says so be it. */
void request_unsigned(struct task *t, const char *word)
{
	struct server_key k;
	struct server v;

	/* not over the record of one that was authenticated */
	own_key(&k, t);
	if (server_read(t, &k, &v) == 0 && v.verified) {
		t->e->stats.refused_replay++;
		task_refuse(t);
		return;
	}
	t->e->stats.requests_unauthenticated++;
	server_init(t, &v);
	/* where unsigned requests pass nothing asks for them again: strangers
	   get no record each */
	if (t->m->method == SIP_ACK || t->policy.mode != MODE_ENFORCE ||
	    server_note(t, &v))
		request_accept(t, word, NULL, NULL);
}

/* ---- the same request again ---- */

/*
 * The same octets under the same signature. On the branch we know it is a
 * retransmission; on another branch and to another URI it is the second branch
 * of a fork to this side; else somebody plays back what he heard.
 */
static bool fork_known(const struct task *t, struct server *v, bool *add)
{
	uint8_t id[16];
	bool uri_seen = false;

	fork_id(id, t);
	*add = false;
	for (size_t i = 0; i < v->n_forks; i++) {
		if (memcmp(v->fork[i], id, 16) == 0)
			return true;
		if (memcmp(v->fork[i] + 8, id + 8, 8) == 0)
			uri_seen = true;
	}
	if (uri_seen || v->n_forks == FORKS_MAX || v->cancelled ||
	    (v->final >= 200 && v->final < 300))
		return false;
	memcpy(v->fork[v->n_forks++], id, 16);
	*add = true;
	return true;
}

/* true: dealt with */
static bool request_seen(struct task *t, const struct pgp_params *p)
{
	struct engine *e = t->e;
	const struct sip_msg *m = t->m;
	struct trust_answer trust = { 0 };
	struct server_key k;
	struct server v;
	uint8_t digest[32];
	bool add;

	own_key(&k, t);
	if (server_read(t, &k, &v) || !v.verified ||
	    !span_set(verify_octets(t, p, digest)) ||
	    memcmp(digest, v.digest, 32) != 0)
		return false;
	/* an ACK does no more the second time, and proxies that forward it
	   without a transaction may give it a branch each time */
	if (!fork_known(t, &v, &add) && m->method != SIP_ACK) {
		refuse(t, &e->stats.refused_replay, 403, "Replayed",
		       "replayed request");
		return true;
	}
	if (add && !server_note(t, &v))
		return true;
	e->stats.retransmissions++;
	trust_check(e->trust, v.signer, t->peer, t->policy.domain_keys,
		    (time_t)(t->now_ms / 1000), &trust);
	request_accept(t, status_word(t, &trust), v.signer, &trust);
	return true;
}

/* ---- initial requests ---- */

/*
 * Whose key it has to be: the sender's, or, where domain keys are allowed, the
 * one that signed-by names for the sender's domain. "" when neither.
 */
static void identity(const struct task *t, const struct verifying *v,
		     char who[SIPURI_MAX])
{
	str_copy(who, SIPURI_MAX, t->peer);
	if (!v->signed_by[0] || strcmp(v->signed_by, t->peer) == 0)
		return;
	if (t->policy.domain_keys &&
	    span_eq(sipuri_host(v->signed_by), sipuri_host(t->peer)))
		str_copy(who, SIPURI_MAX, v->signed_by);
	else
		who[0] = '\0';
}

static void refuse_trust(struct task *t, enum trust_word word)
{
	struct stats *s = &t->e->stats;

	if (word == TRUST_NO_IDENTITY)
		refuse(t, &s->refused_identity, 403, "Identity Mismatch",
		       trust_word_name(word));
	else
		refuse(t, &s->refused_key, 437, "Unsupported Credential",
		       trust_word_name(word));
}

static void refuse_result(struct task *t, enum pgp_result result)
{
	struct stats *s = &t->e->stats;

	switch (result) {
	case PGP_NO_KEY:
	case PGP_KEY_EXPIRED:
	case PGP_KEY_REVOKED:
	case PGP_KEY_UNUSABLE:
		refuse(t, &s->refused_key, 437, "Unsupported Credential",
		       pgp_result_name(result));
		return;
	case PGP_ENGINE:
	case PGP_TIMEOUT:
		/* ours to mend; the request will come again */
		if (!task_observed(t))
			task_refuse(t);
		return;
	default:
		refuse(t, &s->refused_signature, 403, "Invalid Signature",
		       pgp_result_name(result));
	}
}

/* Use up the nonce; false: it was, and the request is refused. */
static bool nonce_spend(struct task *t, const struct verifying *v)
{
	struct engine *e = t->e;
	const struct conf *c = e->conf;
	uint64_t keep_s = c->nonce_lifetime_s + 2 * (uint64_t)c->clock_skew_s;
	int err = nonce_use(e->store, span_str(v->credential.nonce),
			    span_str(v->signer), v->credential.nc, t->now_ms,
			    t->now_ms + keep_s * 1000 + 5000);

	if (!err)
		return true;
	if (err == EEXIST) {
		refuse(t, &e->stats.refused_replay, 403, "Replayed",
		       "replayed nonce");
	} else {
		e->stats.store_full++;
		task_drop(t);
	}
	return false;
}

static bool server_verified(struct task *t, const struct verifying *v)
{
	struct server s;
	size_t n;

	server_init(t, &s);
	s.verified = true;
	s.credential = v->credential;
	memcpy(s.digest, v->digest, sizeof(s.digest));
	str_copy(s.signer, sizeof(s.signer), v->signer);
	s.commits = t->m->method == SIP_INVITE &&
		    b64_decode(s.commitment, sizeof(s.commitment), &n,
			       span_str(v->commitment)) == 0 &&
		    n == sizeof(s.commitment);
	if (s.method == SIP_INVITE &&
	    !branch_mark(t, INBOUND, t->m->via_branch)) {
		t->e->stats.store_full++;
		task_drop(t);
		return false;
	}
	return server_note(t, &s);
}

static void initial_checked(struct task *t)
{
	struct engine *e = t->e;
	struct verifying *v = t->verifying;
	struct trust_answer trust;
	char who[SIPURI_MAX];

	if (v->result != PGP_GOOD) {
		refuse_result(t, v->result);
		return;
	}
	if (v->key[0] && strcmp(v->key, v->signer) != 0) {
		refuse(t, &e->stats.refused_signature, 403, "Invalid Signature",
		       "not by the key it names");
		return;
	}
	identity(t, v, who);
	if (!trust_decide(t, v->signer, who, t->policy.domain_keys, true,
			  &trust)) {
		refuse_trust(t, trust.word);
		return;
	}
	if (t->policy.mode != MODE_OBSERVE &&
	    (!nonce_spend(t, v) || !server_verified(t, v)))
		return;
	e->stats.requests_verified++;
	limit_good(&e->limit, &t->ip.src, t->now_ms);
	limit_good(&e->checks, &t->ip.src, t->now_ms);
	request_accept(t, status_word(t, &trust), v->signer, &trust);
}

/* The key's standing, before its signature costs anything. */
static bool initial_key_stands(struct task *t, const struct verifying *v)
{
	struct trust_answer trust;
	char who[SIPURI_MAX];

	if (!v->key[0])
		return true;
	identity(t, v, who);
	if (trust_decide(t, v->key, who, t->policy.domain_keys, false, &trust))
		return true;
	if (trust.word == TRUST_NO_KEY &&
	    t->policy.unknown_key == UNKNOWN_PASS_MARKED)
		request_unsigned(t, "unknown-key");
	else
		refuse_trust(t, trust.word);
	return false;
}

/*
 * Replaces, Join and Target-Dialog name a dialog by its tags (RFC 3891, 3911,
 * 4538). One that can't be read in one way only counts as naming an
 * authenticated one: PJSIP undoes escapes in it.
 */
static bool names_authenticated(struct task *t, enum sip_field field,
				const char *one, const char *other)
{
	const struct sip_row *row = sipmsg_row(t->m, field, 0);
	struct span a, b;
	struct dialog d;

	if (!row)
		return false;
	a = sipmsg_param(row->value, one);
	b = sipmsg_param(row->value, other);
	if (!a.len || !b.len || span_find(row->value, '%') < row->value.len ||
	    span_find(row->value, '"') < row->value.len)
		return true;
	return dialog_by_tags(t->e->store, a, b, t->now_ms, &d) == 0 &&
	       d.authenticated;
}

static bool takes_over(struct task *t)
{
	return names_authenticated(t, SIP_F_REPLACES, "to-tag", "from-tag") ||
	       names_authenticated(t, SIP_F_JOIN, "to-tag", "from-tag") ||
	       names_authenticated(t, SIP_F_TARGET_DIALOG, "local-tag",
				   "remote-tag");
}

/* Nobody proved anything: by policy. */
static void initial_unsigned(struct task *t, bool stale)
{
	struct engine *e = t->e;
	bool marked = request_marked(t);

	if (t->policy.mode != MODE_ENFORCE && takes_over(t))
		t->policy.mode = MODE_ENFORCE;
	if (task_observed(t))
		return;
	if (marked ||
	    (t->policy.mode == MODE_ENFORCE && t->policy.challenge_unmarked))
		challenge_send(t, stale);
	else if (t->policy.mode == MODE_PERMISSIVE)
		request_unsigned(t, "unsigned");
	else
		refuse(t, &e->stats.refused_unmarked, 403,
		       "Authentication Required", "not signed");
}

void request_initial_in(struct task *t)
{
	struct engine *e = t->e;
	const struct conf *c = e->conf;
	struct pgp_params p;
	struct verifying *v;
	struct span octets;

	switch (credentials_find(t, c->realm, &p)) {
	case CREDENTIALS_NONE:
		initial_unsigned(t, false);
		return;
	case CREDENTIALS_BAD:
		refuse(t, &e->stats.refused_signature, 403, "Invalid Signature",
		       "credentials can't be read");
		return;
	case CREDENTIALS_ONE:
		break;
	}
	if (p.cover_nat && !nat_may_cover(t->m->method, 0)) {
		refuse(t, &e->stats.refused_signature, 403, "Invalid Signature",
		       "its Contact is not covered");
		return;
	}
	if (request_seen(t, &p))
		return;
	switch (nonce_check(p.nonce, e->secret, t->now_ms, c->nonce_lifetime_s,
			    c->clock_skew_s, span_str(c->realm), t->m->call_id,
			    t->m->from_tag)) {
	case NONCE_FRESH:
		break;
	case NONCE_OWN_FRESH:
		/* an own nonce costs a forger nothing: when there are many,
		   only who can hear our challenge gets a signature checked */
		if (e->jobs < e->conf->crypto_limit / 2 &&
		    limit_take(&e->checks, &t->ip.src, t->now_ms))
			break;
		e->stats.checks_limited++;
		challenge_send(t, true);
		return;
	default:
		e->stats.refused_stale++;
		challenge_send(t, true);
		return;
	}
	v = verify_new(t, &p);
	if (!v || !initial_key_stands(t, v))
		return;
	octets = verify_octets(t, &p, v->digest);
	if (span_set(octets))
		verify_start(t, &p, octets, initial_checked);
	else
		refuse_result(t, PGP_MALFORMED);
}

/* ---- requests inside a dialog ---- */

/* No request outside a dialog; some endpoints find one by Call-ID alone. */
static bool only_in_dialog(enum sip_method m)
{
	return m == SIP_BYE || m == SIP_PRACK || m == SIP_UPDATE ||
	       m == SIP_INFO || m == SIP_ACK;
}

/* Would an endpoint take it for a request of an authenticated dialog? */
static bool harms_dialog(struct task *t, const struct dialog *d)
{
	struct dialog by_tags;

	return (d && d->authenticated) ||
	       (dialog_by_tags(t->e->store, t->m->from_tag, t->m->to_tag,
			       t->now_ms, &by_tags) == 0 &&
		by_tags.authenticated);
}

/* Without a right signature: what an endpoint would obey must not arrive. */
static void in_dialog_unsigned(struct task *t, const struct dialog *d)
{
	struct engine *e = t->e;

	/* anybody can write a From that a loose policy holds for */
	if (harms_dialog(t, d))
		t->policy.mode = MODE_ENFORCE;
	if (task_observed(t))
		return;
	if (t->policy.mode == MODE_PERMISSIVE &&
	    (span_set(t->m->to_tag) || !only_in_dialog(t->m->method))) {
		request_unsigned(t, "unsigned");
		return;
	}
	if (t->m->method == SIP_BYE)
		e->stats.bye_dropped++;
	else
		e->stats.in_dialog_dropped++;
	log_peer("%.*s of a call with %s dropped: no right signature",
		 SPAN_ARG(t->m->method_name), t->peer);
	task_refuse(t);
}

static void in_dialog_checked(struct task *t)
{
	struct engine *e = t->e;
	const struct sip_msg *m = t->m;
	struct verifying *v = t->verifying;
	struct trust_answer trust;
	struct dialog d;

	if (dialog_get(e->store, m->call_id, m->to_tag, m->from_tag, t->now_ms,
		       &d)) {
		in_dialog_unsigned(t, NULL);
		return;
	}
	if (v->result != PGP_GOOD || strcmp(v->signer, d.peer_fpr) != 0) {
		in_dialog_unsigned(t, &d);
		return;
	}
	/* a key that was revoked meanwhile ends what it may say */
	if (!trust_decide(t, v->signer, t->peer, t->policy.domain_keys, true,
			  &trust) &&
	    trust.word != TRUST_NO_IDENTITY) {
		refuse_trust(t, trust.word);
		return;
	}
	if (!nc_accept(&d.rx_nc, &d.rx_window, v->credential.nc)) {
		refuse(t, &e->stats.refused_replay, 403, "Replayed",
		       "replayed request");
		return;
	}
	if (dialog_put(e->store, m->call_id, m->to_tag, m->from_tag,
		       dialog_expiry(e, &d, t->now_ms), &d)) {
		e->stats.store_full++;
		task_drop(t);
		return;
	}
	if (!server_verified(t, v))
		return;
	e->stats.requests_verified++;
	request_accept(t, "valid", v->signer, &trust);
}

/*
 * The ACK to a failure comes from the next hop, unsigned (RFC 3261 17.1.1.3). A
 * fork to this side may have failed at one phone and not at the other.
 */
static bool ack_of_failure(struct task *t, const struct dialog *d)
{
	struct server_key k;
	struct server v;

	return t->m->method == SIP_ACK &&
	       server_find(t, SPAN_LIT("INVITE"), &k, &v) == 0 &&
	       (v.final >= 300 || (v.failed && !(d && d->confirmed)));
}

/* false: the credentials can't be those of this dialog */
static bool in_dialog_bound(struct task *t, const struct dialog *d,
			    struct pgp_params *p)
{
	return credentials_find(t, d->realm, p) == CREDENTIALS_ONE &&
	       span_eq(p->nonce, span_str(d->rx_nonce)) &&
	       (!span_set(p->key) || span_eq(p->key, span_str(d->peer_fpr)));
}

static void request_in_dialog_in(struct task *t)
{
	struct engine *e = t->e;
	const struct sip_msg *m = t->m;
	struct pgp_params p;
	struct verifying *v;
	struct dialog d;
	struct span octets;
	bool known = dialog_get(e->store, m->call_id, m->to_tag, m->from_tag,
				t->now_ms, &d) == 0;

	if (!known || !d.authenticated || !in_dialog_bound(t, &d, &p)) {
		if (ack_of_failure(t, known ? &d : NULL))
			accept_as(t, "unsigned", NULL, NULL, true);
		else
			in_dialog_unsigned(t, known ? &d : NULL);
		return;
	}
	if (request_seen(t, &p))
		return;
	v = verify_new(t, &p);
	if (!v)
		return;
	octets = verify_octets(t, &p, v->digest);
	if (span_set(octets))
		verify_start(t, &p, octets, in_dialog_checked);
	else
		in_dialog_unsigned(t, &d);
}

/* ---- the door ---- */

bool ack_of_ours(const struct task *t)
{
	char tag[TO_TAG_MAX];

	if (t->m->method != SIP_ACK)
		return false;
	nonce_to_tag(tag, t->e->secret, t->m->call_id, t->m->from_tag,
		     t->m->cseq);
	return span_eq(t->m->to_tag, span_str(tag));
}

void uas_request(struct task *t)
{
	if (ack_of_ours(t)) {
		t->e->stats.ack_absorbed++;
		task_drop(t);
	} else if (t->e->conf->role == ROLE_PROXY) {
		proxy_request_in(t);
	} else if (t->m->method == SIP_CANCEL) {
		request_cancelled(t);
	} else if (span_set(t->m->to_tag) || only_in_dialog(t->m->method)) {
		request_in_dialog_in(t);
	} else {
		request_initial_in(t);
	}
}

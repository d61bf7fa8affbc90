/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * CANCEL (docs/protocol.md, section 6). Proxies build their own and lose the
 * caller's credentials; only Reason crosses them. So the signed INVITE commits
 * to a secret, and the CANCEL that reveals it is the caller's, whoever sent it
 * on. A proxy that cancels on its own account (a fork's losers, a timer) signs,
 * or comes from an address that policy names; both are off by default.
 */
#include "core/uas.h"

#include <errno.h>

#include "base/digest.h"
#include "base/log.h"

/* The INVITE with the numbers of the CANCEL. 0; ENOENT. */
static int invite_like(struct task *t, struct server_key *k, struct server *v)
{
	server_key_of(k, t, SPAN_LIT("INVITE"), span_set(t->m->to_tag));
	return server_read(t, k, v);
}

/*
 * The INVITE that it cancels: it has its branch, too. Endpoints go by that
 * alone (RFC 3261 section 9.2), and what is right for one INVITE must not end
 * another.
 */
static int invite_of(struct task *t, struct server_key *k, struct server *v)
{
	int err = invite_like(t, k, v);

	return !err && !server_has_branch(t, v) ? ENOENT : err;
}

/* One value of a Reason row; *rest is what stands behind its comma. */
static struct span reason_value(struct span *rest)
{
	struct span v = *rest;
	bool quoted = false;
	size_t i = 0;

	for (; i < v.len && (quoted || v.p[i] != ','); i++)
		if (v.p[i] == '"' && (i == 0 || v.p[i - 1] != '\\'))
			quoted = !quoted;
	*rest = i < v.len ? span_make(v.p + i + 1, v.len - i - 1) : SPAN_NONE;
	return span_trim(span_make(v.p, i));
}

static bool ticket_is(struct span value, const struct server *v)
{
	struct span ticket;
	uint8_t hash[SHA256_LEN];

	if (value.len < 4 || !span_ieq(span_make(value.p, 4), SPAN_LIT("PGP;")))
		return false;
	ticket = sipmsg_param(value, "ticket");
	if (!span_set(ticket))
		return false;
	digest_sha256(hash, &ticket, 1);
	return digest_same(hash, v->commitment, sizeof(hash));
}

static bool ticket_fits(const struct task *t, const struct server *v)
{
	const struct sip_row *row;

	if (!v->commits)
		return false;
	for (size_t i = 0; (row = sipmsg_row(t->m, SIP_F_REASON, i)); i++) {
		struct span rest = row->value;

		while (span_set(rest))
			if (ticket_is(reason_value(&rest), v))
				return true;
	}
	return false;
}

/* Could it end something authenticated, by what an endpoint might go by? */
static bool cancel_harms(struct task *t)
{
	struct store *store = t->e->store;
	struct server_key k;
	struct server v;
	struct dialog d;

	if (invite_like(t, &k, &v) == 0 && v.verified)
		return true;
	if (branch_marked(t, INBOUND))
		return true;
	return span_set(t->m->to_tag) &&
	       dialog_by_tags(store, t->m->from_tag, t->m->to_tag, t->now_ms,
			      &d) == 0 &&
	       d.authenticated;
}

static void cancel_drop(struct task *t)
{
	struct engine *e = t->e;

	/* anybody can write a From that a loose policy holds for */
	if (t->policy.mode != MODE_ENFORCE && cancel_harms(t))
		t->policy.mode = MODE_ENFORCE;
	if (task_observed(t))
		return;
	if (t->policy.mode == MODE_PERMISSIVE) {
		request_unsigned(t, "unsigned");
		return;
	}
	e->stats.cancel_dropped++;
	log_peer("CANCEL of a call from %s dropped: no right ticket", t->peer);
	task_refuse(t);
}

static bool from_named_proxy(const struct task *t)
{
	const struct conf *c = t->e->conf;

	for (size_t i = 0; i < c->n_cancel_addrs; i++)
		if (addr_prefix_holds(&c->cancel_addr[i], &t->ip.src))
			return true;
	return false;
}

static void cancel_accept(struct task *t, uint64_t *counter, const char *word,
			  const char *fpr)
{
	struct server_key k;
	struct server v;

	if (invite_of(t, &k, &v) == 0 && !v.cancelled) {
		v.cancelled = true;
		server_write(t, &k, &v);
	}
	(*counter)++;
	request_accept(t, word, fpr, NULL);
}

/* Signed by the caller of the INVITE, or by a proxy that policy names. */
static void cancel_checked(struct task *t)
{
	struct engine *e = t->e;
	const struct conf *c = e->conf;
	struct verifying *v = t->verifying;
	struct trust_answer trust;
	struct server_key k;
	struct server s;
	time_t now = (time_t)(t->now_ms / 1000);
	uint64_t keep = t->now_ms + 300000;

	if (v->result != PGP_GOOD) {
		cancel_drop(t);
		return;
	}
	if (invite_of(t, &k, &s) == 0 && s.verified &&
	    strcmp(s.signer, v->signer) == 0) {
		cancel_accept(t, &e->stats.requests_verified, "valid",
			      v->signer);
		return;
	}
	for (size_t i = 0; i < c->n_cancel_ids; i++) {
		if (!sipuri_match(c->cancel_id[i], v->signed_by))
			continue;
		trust_check(e->trust, v->signer, v->signed_by, true, now,
			    &trust);
		if (trust.word != TRUST_VALID ||
		    nonce_use(e->store, span_str(v->credential.nonce),
			      span_str(v->signer), v->credential.nc, t->now_ms,
			      keep))
			continue;
		cancel_accept(t, &e->stats.cancel_proxy, "valid", v->signer);
		return;
	}
	cancel_drop(t);
}

/*
 * The signature of a CANCEL covers Call-ID, From tag and CSeq of its INVITE, so
 * it fits no other; a nonce of the signer's own bounds how long it is good for.
 */
static bool cancel_signed(struct task *t, struct pgp_params *p)
{
	struct engine *e = t->e;
	const struct conf *c = e->conf;

	if (credentials_find(t, c->realm, p) != CREDENTIALS_ONE)
		return false;
	switch (nonce_check(p->nonce, e->secret, t->now_ms,
			    SERVER_PENDING_MS / 1000, c->clock_skew_s,
			    span_str(c->realm), t->m->call_id,
			    t->m->from_tag)) {
	case NONCE_FRESH:
	case NONCE_OWN_FRESH:
		return true;
	default:
		return false;
	}
}

static void cancel_check(struct task *t, const struct pgp_params *p)
{
	struct span octets = verify_octets(t, p, t->verifying->digest);

	if (span_set(octets))
		verify_start(t, p, octets, cancel_checked);
	else
		cancel_drop(t);
}

void request_cancelled(struct task *t)
{
	struct engine *e = t->e;
	struct pgp_params p;
	struct server_key k;
	struct server v;
	bool known = invite_of(t, &k, &v) == 0;

	if (known && ticket_fits(t, &v)) {
		cancel_accept(t, &e->stats.cancel_ticket, "valid", v.signer);
	} else if (from_named_proxy(t)) {
		cancel_accept(t, &e->stats.cancel_proxy, "unsigned", NULL);
	} else if (cancel_signed(t, &p) && verify_new(t, &p)) {
		cancel_check(t, &p);
	} else if (!t->settled) {
		cancel_drop(t);
	}
}

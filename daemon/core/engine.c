/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation
 *
 * Each packet becomes a task. A task is read, goes to one of four functions by
 * direction and kind (uac.c: what the local side asks and is answered; uas.c:
 * what it is asked and answers), and ends with one verdict. Most end within the
 * call that brought them, on the caller's bytes, and allocate nothing.
 *
 * A task that needs a signature made or checked keeps its bytes, submits a job
 * and waits. All packets of one call (one Call-ID) pass through a lane, one at
 * a time and in order: while one waits for its job the next ones of that call
 * queue up behind it, and those of other calls overtake. So what was read from
 * the store before a job still holds after it, and no two packets of a call
 * ever race. Lanes exist only while somebody waits in them.
 *
 * The keys, policies and records a task needs after a job are looked up again
 * or were copied: keyring and configuration may have been exchanged meanwhile.
 *
 * A failure response that nobody signed is parked for a while outside its lane;
 * see uac.c.
 */
#include "core/flow.h"

#include <errno.h>
#include <stdlib.h>

#include "base/digest.h"
#include "base/log.h"

/* ---- tasks ---- */

static struct task *task_new(struct engine *e)
{
	struct task *t = e->spare_task;

	if (t)
		e->spare_task = t->next;
	else
		t = malloc(sizeof(*t));
	if (t)
		memset(t, 0, sizeof(*t));
	return t;
}

static void task_free(struct task *t)
{
	struct engine *e = t->e;

	sign_free(t);
	free(t->verifying);
	task_job_free(t);
	free(t->own);
	t->next = e->spare_task;
	e->spare_task = t;
}

/* Keep the bytes beyond the call that brought them. */
static bool task_keep(struct task *t)
{
	if (t->own)
		return true;
	t->own = malloc(t->ip.len);
	if (!t->own)
		return false;
	memcpy(t->own, t->ip.data, t->ip.len);
	t->ip.data = t->own;
	if (!t->settled)
		t->e->held++;
	return true;
}

static struct span task_payload(const struct task *t)
{
	return span_make(t->ip.data + t->ip.payload_off, t->ip.payload_len);
}

static void task_settle(struct task *t, enum verdict v, const uint8_t *ip,
			size_t len)
{
	struct engine *e = t->e;

	if (t->settled)
		fatalx("a packet got two verdicts");
	t->settled = true;
	if (t->own)
		e->held--;
	e->io.verdict(e->io.ctx, t->ref, v, ip, len);
}

void task_pass(struct task *t)
{
	t->e->stats.passed++;
	task_settle(t, VERDICT_ACCEPT, NULL, 0);
}

void task_drop(struct task *t)
{
	t->e->stats.dropped++;
	task_settle(t, VERDICT_DROP, NULL, 0);
}

void task_refuse(struct task *t)
{
	struct engine *e = t->e;

	if (e->io.captured)
		e->io.captured(e->io.ctx, t->ip.data, t->ip.len);
	task_drop(t);
}

bool task_observed(struct task *t)
{
	if (t->policy.mode != MODE_OBSERVE)
		return false;
	t->e->stats.observed++;
	task_pass(t);
	return true;
}

void task_change(struct task *t, struct span text)
{
	struct engine *e = t->e;
	size_t len;
	int err;

	if (span_eq(text, task_payload(t))) {
		task_pass(t);
		return;
	}
	err = packet_rebuild(&t->ip, text.p, text.len, ++e->ip_id, e->packet,
			     sizeof(e->packet), &len);
	if (err) {
		log_peer("a message of %zu octets can't be sent", text.len);
		task_drop(t);
		return;
	}
	/* no verdict can make a forwarded IPv6 packet larger than the link */
	if (t->ip.src.version == 6 && len > t->ip.len && t->mtu &&
	    len > t->mtu) {
		e->stats.grown_fragmented++;
		e->stats.injected++;
		e->io.inject(e->io.ctx, e->packet, len, t->mtu);
		task_settle(t, VERDICT_DROP, NULL, 0);
		return;
	}
	e->stats.changed++;
	task_settle(t, VERDICT_ACCEPT, e->packet, len);
}

void engine_send(struct engine *e, const struct addr *src,
		 const struct addr *dst, struct span text)
{
	size_t len;

	if (packet_make(src, dst, text.p, text.len, ++e->ip_id, e->packet,
			sizeof(e->packet), &len))
		return;
	/* what it rests on is durable before anybody can see it */
	store_commit(e->store);
	e->stats.injected++;
	e->io.inject(e->io.ctx, e->packet, len, 0);
}

/* ---- reading ---- */

static void task_uri(char out[SIPURI_MAX], struct span uri)
{
	if (sipuri_canonical(out, uri))
		out[0] = '\0';
}

/* The message again, after the engine's copy served another task. */
static void task_reread(struct task *t)
{
	sipmsg_read(&t->e->msg, task_payload(t), false);
	t->m = &t->e->msg;
}

static void task_parties(struct task *t)
{
	const struct sip_msg *m = t->m;
	bool from_local = (t->dir == OUTBOUND) == m->request;
	const struct addr *far = t->dir == OUTBOUND ? &t->ip.dst : &t->ip.src;

	task_uri(t->local, from_local ? m->from_uri : m->to_uri);
	task_uri(t->peer, from_local ? m->to_uri : m->from_uri);
	/* a REGISTER goes to a registrar; From and To are the user's own */
	if (m->method == SIP_REGISTER && m->request && t->dir == OUTBOUND)
		task_uri(t->peer, m->uri);
	t->policy = *conf_policy(t->e->conf, t->peer, far);
}

static void task_run(struct task *t)
{
	task_parties(t);
	if (t->m->request)
		(t->dir == OUTBOUND ? uac_request : uas_request)(t);
	else
		(t->dir == OUTBOUND ? uas_response : uac_response)(t);
}

/* ---- lanes ---- */

static uint64_t lane_key(struct engine *e, struct span call_id)
{
	struct span in[] = { SPAN_LIT("lane"), call_id };
	struct store_key k = store_key(e->store, in, 2);
	uint64_t key;

	memcpy(&key, k.b, sizeof(key));
	return key;
}

static struct lane **lane_at(struct engine *e, uint64_t key)
{
	struct lane **l = &e->lane[key % LANES];

	while (*l && (*l)->key != key)
		l = &(*l)->next;
	return l;
}

static struct lane *lane_open(struct engine *e, uint64_t key)
{
	struct lane *l = e->spare_lane;

	if (l)
		e->spare_lane = l->next;
	else
		l = malloc(sizeof(*l));
	if (!l)
		fatal("out of memory");
	*l = (struct lane){ .next = e->lane[key % LANES], .key = key };
	l->tail = &l->head;
	e->lane[key % LANES] = l;
	return l;
}

static void lane_close(struct engine *e, struct lane *l)
{
	struct lane **at = lane_at(e, l->key);

	*at = l->next;
	l->next = e->spare_lane;
	e->spare_lane = l;
}

static void lane_queue(struct lane *l, struct task *t)
{
	if (l->n >= LANE_MAX || !task_keep(t)) {
		t->e->stats.call_busy++;
		task_drop(t);
		task_free(t);
		return;
	}
	t->lane = l;
	t->next = NULL;
	*l->tail = t;
	l->tail = &t->next;
	l->n++;
}

/* A task ran as far as it could: is it over, or does it wait? */
static void task_rest(struct task *t)
{
	if (t->waiting || t->e->stopping)
		return;
	if (t->lane)
		t->lane->current = NULL;
	/* parked tasks have no verdict yet, and are not ours any more */
	if (t->settled)
		task_free(t);
}

/* Work through a lane until a task waits for a job or nobody is left. */
static void lane_pump(struct engine *e, struct lane *l)
{
	while (!l->current && l->head && !e->stopping) {
		struct task *t = l->head;

		l->head = t->next;
		if (!l->head)
			l->tail = &l->head;
		l->n--;
		l->current = t;
		task_reread(t);
		task_run(t);
		task_rest(t);
	}
	if (!l->current && !l->head && !e->stopping)
		lane_close(e, l);
}

/* A new packet, or a parked one whose time is over. */
static void lane_enter(struct task *t)
{
	struct engine *e = t->e;
	uint64_t key = lane_key(e, t->m->call_id);
	struct lane *l = *lane_at(e, key);

	if (l) {
		lane_queue(l, t);
		return;
	}
	task_run(t);
	if (t->waiting) {
		t->lane = lane_open(e, key);
		t->lane->current = t;
		return;
	}
	task_rest(t);
}

/* ---- jobs ---- */

static void job_done(struct crypto_job *job, uint64_t now_ms)
{
	struct task *t = job->arg;
	struct engine *e = t->e;
	struct lane *l = t->lane;

	e->jobs--;
	t->waiting = false;
	if (e->stopping) {
		task_free(t);
		return;
	}
	t->now_ms = now_ms;
	task_reread(t);
	t->then(t);
	task_rest(t);
	if (l)
		lane_pump(e, l);
}

void task_job_free(struct task *t)
{
	if (t->job && t->job != &t->e->job) {
		free(t->job->octets);
		free(t->job);
	}
	t->job = NULL;
}

/* A copy of e->job that outlives this call. */
static bool job_keep(struct task *t)
{
	const struct crypto_job *from = &t->e->job;

	t->job = malloc(sizeof(*t->job));
	if (!t->job)
		return false;
	*t->job = *from;
	t->job->octets = malloc(from->octets_len + 1);
	if (!t->job->octets || !task_keep(t)) {
		task_job_free(t);
		return false;
	}
	memcpy(t->job->octets, from->octets, from->octets_len);
	return true;
}

static int job_hand_over(struct task *t, void (*then)(struct task *t))
{
	struct engine *e = t->e;
	int err;

	if (!job_keep(t))
		return ENOMEM;
	t->then = then;
	t->job->arg = t;
	t->job->done = job_done;
	err = e->crypto.submit(e->crypto.ctx, t->job);
	if (err) {
		task_job_free(t);
		return err;
	}
	e->jobs++;
	t->waiting = true;
	return 0;
}

static int job_do(struct task *t, void (*then)(struct task *t))
{
	struct engine *e = t->e;

	if (!e->crypto.at_once || !e->crypto.at_once(e->crypto.ctx, &e->job))
		return job_hand_over(t, then);
	t->job = &e->job;
	then(t);
	return 0;
}

static struct crypto_job *job_begin(struct task *t, struct span octets)
{
	struct crypto_job *job = &t->e->job;

	job->error = 0;
	job->fpr[0] = '\0';
	job->octets = (char *)(uintptr_t)octets.p;
	job->octets_len = octets.len;
	job->sig_len = 0;
	return job;
}

int job_sign(struct task *t, const char *fpr, struct span octets,
	     void (*then)(struct task *t))
{
	struct crypto_job *job = job_begin(t, octets);

	job->sign = true;
	str_copy(job->fpr, sizeof(job->fpr), fpr);
	return job_do(t, then);
}

int job_verify(struct task *t, struct span octets, struct span signature,
	       void (*then)(struct task *t))
{
	struct crypto_job *job = job_begin(t, octets);

	job->sign = false;
	job->result = PGP_MALFORMED;
	if (b64_decode(job->sig, sizeof(job->sig), &job->sig_len, signature))
		return EINVAL;
	return job_do(t, then);
}

/* ---- parked failures ---- */

bool task_park(struct task *t, const struct store_key *key, uint64_t ms)
{
	struct engine *e = t->e;

	if (e->n_parked == PARKED_MAX) {
		e->stats.hold_full++;
		return false;
	}
	if (!task_keep(t))
		return false;
	e->parked[e->n_parked++] = (struct parked){
		.task = t,
		.key = *key,
		.until_ms = t->now_ms + ms,
	};
	return true;
}

static void parked_remove(struct engine *e, size_t i)
{
	e->parked[i] = e->parked[--e->n_parked];
}

void engine_unpark(struct engine *e, const struct store_key *key)
{
	for (size_t i = e->n_parked; i-- > 0;) {
		struct task *t = e->parked[i].task;

		if (memcmp(e->parked[i].key.b, key->b, STORE_KEY_LEN) != 0)
			continue;
		parked_remove(e, i);
		e->stats.responses_dropped++;
		task_refuse(t);
		task_free(t);
	}
}

void engine_release(struct engine *e, const struct store_key *key)
{
	for (size_t i = 0; i < e->n_parked; i++)
		if (memcmp(e->parked[i].key.b, key->b, STORE_KEY_LEN) == 0)
			e->parked[i].until_ms = 0;
}

bool engine_is_parked(const struct engine *e, const struct store_key *key)
{
	for (size_t i = 0; i < e->n_parked; i++)
		if (memcmp(e->parked[i].key.b, key->b, STORE_KEY_LEN) == 0)
			return true;
	return false;
}

static void parked_release(struct engine *e, uint64_t now_ms)
{
	for (size_t i = e->n_parked; i-- > 0;) {
		struct task *t = e->parked[i].task;

		if (e->parked[i].until_ms > now_ms)
			continue;
		parked_remove(e, i);
		t->released = true;
		t->now_ms = now_ms;
		t->lane = NULL;
		task_reread(t);
		lane_enter(t);
	}
}

/* Records end as fast as they are made: each time some are put in their place,
 * as many and more may go. It is cheapest for many at once. */
#define SWEEP_MOST 512
#define SETTLE_MS  1000

static void settle(struct engine *e)
{
	e->settled_ms = e->now_ms;
	store_settle(e->store, e->now_ms, SWEEP_MOST);
}

/* ---- the door ---- */

/* Not SIP that we can read: what now? */
static void task_unreadable(struct task *t, enum sip_fault fault)
{
	struct engine *e = t->e;
	const struct addr *far = t->dir == OUTBOUND ? &t->ip.dst : &t->ip.src;

	if (fault == SIP_KEEPALIVE) {
		e->stats.keepalives++;
		task_pass(t);
		return;
	}
	e->stats.not_sip++;
	e->stats.sip_fault[fault]++;
	t->policy = *conf_policy(e->conf, "", far);
	if (t->dir == OUTBOUND) {
		task_pass(t);
		return;
	}
	/* whom it concerns can't be said */
	if (t->policy.mode == MODE_OBSERVE &&
	    conf_strictest(e->conf) != MODE_OBSERVE)
		t->policy.mode = MODE_PERMISSIVE;
	if (task_observed(t))
		return;
	/* What is no SIP at all moves no call. The rest might to some endpoint,
	   and an authenticated call must not end so under any policy. */
	if (t->policy.mode == MODE_PERMISSIVE &&
	    fault == SIP_FAULT_START_LINE &&
	    !sipmsg_resembles(task_payload(t))) {
		task_pass(t);
		return;
	}
	if (e->msg.method == SIP_BYE)
		e->stats.bye_dropped++;
	else if (e->msg.method == SIP_CANCEL)
		e->stats.cancel_dropped++;
	task_refuse(t);
}

/* true: a UDP datagram that may be read */
static bool task_is_datagram(struct task *t, const uint8_t *ip, size_t len,
			     bool truncated)
{
	struct stats *s = &t->e->stats;
	enum packet_kind kind = packet_parse(&t->ip, ip, len);

	t->ip.data = ip;
	if (kind == PACKET_UDP && !truncated &&
	    (t->dir == OUTBOUND || packet_checksum_ok(&t->ip)))
		return true;
	if (kind == PACKET_UDP || kind == PACKET_BAD)
		s->bad_packets++;
	else if (kind == PACKET_FRAGMENT)
		s->fragments++;
	else
		s->not_udp++;
	if (!t->ip.len)
		t->ip.len = len;
	task_refuse(t);
	return false;
}

void engine_packet(struct engine *e, struct packet_ref ref, enum direction dir,
		   const uint8_t *ip, size_t len, bool truncated, size_t mtu,
		   uint64_t now_ms)
{
	struct task *t = task_new(e);
	enum sip_fault fault;

	if (!t) {
		e->stats.dropped++;
		e->io.verdict(e->io.ctx, ref, VERDICT_DROP, NULL, 0);
		return;
	}
	t->e = e;
	t->ref = ref;
	t->dir = dir;
	t->mtu = mtu;
	t->now_ms = e->now_ms = now_ms;
	if (dir == OUTBOUND)
		e->stats.packets_out++;
	else
		e->stats.packets_in++;
	if (!task_is_datagram(t, ip, len, truncated)) {
		task_free(t);
		return;
	}
	/* what leaves is read twice by the other side's appliance */
	fault = sipmsg_read(&e->msg, task_payload(t), dir == INBOUND);
	if (fault != SIP_OK) {
		task_unreadable(t, fault);
		task_free(t);
		return;
	}
	t->m = &e->msg;
	lane_enter(t);
}

void engine_flush(struct engine *e)
{
	store_commit(e->store);
	if (store_is_due(e->store))
		settle(e);
}

/* ---- requests of ours that are repeated until answered ---- */

static void resend_drop(struct engine *e, size_t i)
{
	free(e->resend[i].text);
	e->resend[i] = e->resend[--e->n_resend];
}

static void resend_due(struct engine *e, uint64_t now_ms)
{
	for (size_t i = e->n_resend; i-- > 0;) {
		struct resend *r = &e->resend[i];

		if (r->end_ms <= now_ms) {
			resend_drop(e, i);
			continue;
		}
		if (r->next_ms > now_ms)
			continue;
		engine_send(e, &r->src, &r->dst, span_make(r->text, r->len));
		r->interval_ms =
			r->interval_ms < 2000 ? r->interval_ms * 2 : 4000;
		r->next_ms = now_ms + r->interval_ms;
	}
}

void engine_resend_stop(struct engine *e, const struct store_key *key)
{
	for (size_t i = e->n_resend; i-- > 0;)
		if (memcmp(e->resend[i].key.b, key->b, STORE_KEY_LEN) == 0)
			resend_drop(e, i);
}

/* Answers to unauthenticated requests, a second (limit.h). */
#define CHALLENGES_STRANGERS 2000
#define CHALLENGES_SOURCE    100
#define CHALLENGES_GOOD	     5000

/* Signatures under nonces of the signer's own, a second. */
#define CHECKS_STRANGERS 500
#define CHECKS_SOURCE	 100
#define CHECKS_GOOD	 6000

void engine_tick(struct engine *e, uint64_t now_ms)
{
	e->now_ms = now_ms;
	parked_release(e, now_ms);
	resend_due(e, now_ms);
	/* or the clock was set back */
	if (now_ms - e->settled_ms >= SETTLE_MS)
		settle(e);
}

int engine_open(struct engine **out, const struct conf *conf,
		struct store *store, const struct core_io *io,
		const struct crypto_door *crypto, const struct trust *trust,
		uint64_t now_ms)
{
	struct engine *e = calloc(1, sizeof(*e));
	int err;

	if (!e)
		return ENOMEM;
	e->conf = conf;
	e->store = store;
	e->io = *io;
	e->crypto = *crypto;
	e->trust = trust;
	digest_random(&e->ip_id, sizeof(e->ip_id));
	err = nonce_secret(store, e->secret);
	if (err) {
		free(e);
		return err;
	}
	(void)now_ms;
	limit_init(&e->limit, CHALLENGES_STRANGERS, CHALLENGES_SOURCE,
		   CHALLENGES_GOOD);
	limit_init(&e->checks, CHECKS_STRANGERS, CHECKS_SOURCE, CHECKS_GOOD);
	*out = e;
	return 0;
}

void engine_set_trust(struct engine *e, const struct trust *trust)
{
	e->trust = trust;
}

void engine_set_conf(struct engine *e, const struct conf *conf)
{
	e->conf = conf;
}

static void task_give_up(struct task *t)
{
	enum verdict v = t->e->conf->fail_open ? VERDICT_ACCEPT : VERDICT_DROP;

	if (!t->settled)
		task_settle(t, v, NULL, 0);
}

void engine_stop(struct engine *e)
{
	e->stopping = true;
	while (e->n_parked) {
		struct task *t = e->parked[--e->n_parked].task;

		task_give_up(t);
		task_free(t);
	}
	for (size_t i = 0; i < LANES; i++) {
		while (e->lane[i]) {
			struct lane *l = e->lane[i];
			struct task *t;

			e->lane[i] = l->next;
			while ((t = l->head)) {
				l->head = t->next;
				task_give_up(t);
				task_free(t);
			}
			/* freed when its job comes back */
			if (l->current)
				task_give_up(l->current);
			free(l);
		}
	}
	while (e->n_resend)
		resend_drop(e, e->n_resend - 1);
	engine_flush(e);
}

void engine_free(struct engine *e)
{
	if (!e)
		return;
	while (e->spare_task) {
		struct task *t = e->spare_task;

		e->spare_task = t->next;
		free(t);
	}
	while (e->spare_lane) {
		struct lane *l = e->spare_lane;

		e->spare_lane = l->next;
		free(l);
	}
	free(e);
}

size_t engine_held(const struct engine *e)
{
	return e->held;
}

const struct stats *engine_stats(const struct engine *e)
{
	return &e->stats;
}

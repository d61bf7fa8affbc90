/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "world.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#include "base/digest.h"
#include "base/log.h"

static const struct addr alice_addr = { 4, { 10, 0, 1, 2 }, 5060 };
static const struct addr bob_addr = { 4, { 10, 0, 2, 2 }, 5060 };
static const struct addr proxy_addr = { 4, { 10, 0, 0, 1 }, 5060 };

/* ---- the keyring: Alice and Bob are valid; Eve has two keys in Alice's name,
 * which nobody vouches for ---- */

struct trust {
	struct world *w;
};

static struct trust the_trust;

void trust_check(const struct trust *t, const char *fpr, const char *canonical,
		 bool domain_keys, time_t now, struct trust_answer *out)
{
	const char *owner = NULL;

	(void)domain_keys;
	(void)now;
	memset(out, 0, sizeof(*out));
	snprintf(out->validity, sizeof(out->validity), "unknown");
	if (!strcmp(fpr, ALICE_FPR))
		owner = "sip:alice@example.org";
	else if (!strcmp(fpr, BOB_FPR))
		owner = "sip:bob@example.org";
	else if (!strncmp(fpr, EVE_FPR, 4))
		owner = "sip:alice@example.org";
	out->word = TRUST_NO_KEY;
	if (!owner)
		return;
	out->word = TRUST_NO_IDENTITY;
	if (strcmp(owner, canonical) != 0)
		return;
	snprintf(out->uid, sizeof(out->uid), "<%s>", owner);
	out->word = !strncmp(fpr, EVE_FPR, 4) ? TRUST_NOT_VALID : TRUST_VALID;
	if (t->w->bob_revoked && !strcmp(fpr, BOB_FPR))
		out->word = TRUST_REVOKED;
	if (out->word == TRUST_VALID)
		snprintf(out->validity, sizeof(out->validity), "full");
}

const char *trust_word_name(enum trust_word w)
{
	return w == TRUST_VALID ? "valid" : "not valid";
}

const char *trust_signer(const struct trust *t, const char *canonical,
			 bool domain_keys, time_t now)
{
	(void)domain_keys;
	(void)now;
	if (!strcmp(canonical, "sip:alice@example.org"))
		return t->w->alice_fpr;
	if (!strcmp(canonical, "sip:bob@example.org"))
		return BOB_FPR;
	return NULL;
}

bool trust_can_sign(const struct trust *t, const char *fpr, time_t now)
{
	(void)t;
	(void)fpr;
	(void)now;
	return true;
}

const char *pgp_result_name(enum pgp_result r)
{
	return r == PGP_GOOD ? "good" : "bad";
}

/* ---- signatures: the signer's name and a hash ---- */

bool world_at_once;

static void fake_sign(const char *fpr, const char *octets, size_t len,
		      uint8_t sig[72])
{
	struct span in[] = { span_str(fpr), span_make(octets, len) };

	memcpy(sig, fpr, 40);
	digest_sha256(sig + 40, in, 2);
}

static int job_submit(void *ctx, struct crypto_job *job)
{
	struct side *s = ctx;

	if (s->n_jobs == 64)
		return EAGAIN;
	s->job[s->n_jobs++] = job;
	return 0;
}

static void job_work(struct side *s, struct crypto_job *job)
{
	uint8_t want[72];

	if (job->sign) {
		fake_sign(job->fpr, job->octets, job->octets_len, job->sig);
		job->sig_len = 72;
		job->error = s->w->crypto_fails ? EIO : 0;
	} else {
		job->result = PGP_MALFORMED;
		if (job->sig_len == 72) {
			snprintf(job->fpr, sizeof(job->fpr), "%.40s",
				 (char *)job->sig);
			fake_sign(job->fpr, job->octets, job->octets_len, want);
			job->result =
				memcmp(want, job->sig, 72) ? PGP_BAD : PGP_GOOD;
		}
		if (s->w->crypto_fails)
			job->result = PGP_ENGINE;
	}
}

static void job_run(struct side *s, struct crypto_job *job)
{
	job_work(s, job);
	job->done(job, s->w->now);
}

/* As quick ones are done, in the middle of everything. */
static bool job_at_once(void *ctx, struct crypto_job *job)
{
	if (!world_at_once)
		return false;
	job_work(ctx, job);
	return true;
}

static void side_run(struct side *s)
{
	while (s->n_jobs) {
		struct crypto_job *job = s->job[0];

		memmove(s->job, s->job + 1, --s->n_jobs * sizeof(job));
		job_run(s, job);
	}
	engine_flush(s->e);
}

/* ---- what goes out ---- */

static void deliver(struct side *s, const uint8_t *ip, size_t len,
		    bool injected)
{
	struct world *w = s->w;
	struct packet p;
	enum place at;
	struct datagram *d;

	assert_int_equal(packet_parse(&p, ip, len), PACKET_UDP);
	assert_true(packet_checksum_ok(&p));
	if (addr_eq(&p.dst, &alice_addr))
		at = AT_ALICE;
	else if (addr_eq(&p.dst, &bob_addr))
		at = AT_BOB;
	else
		at = s->alice ? AT_NET_A : AT_NET_B;
	assert_true(w->n[at] < 64);
	d = &w->box[at][w->n[at]++];
	assert_true(p.payload_len < sizeof(d->text));
	memcpy(d->text, ip + p.payload_off, p.payload_len);
	d->text[p.payload_len] = '\0';
	d->len = p.payload_len;
	d->injected = injected;
	if (getenv("WORLD_TRACE"))
		fprintf(stderr, "---- to %d%s\n%s\n", at,
			injected ? " (injected)" : "", d->text);
}

static void on_verdict(void *ctx, struct packet_ref ref, enum verdict v,
		       const uint8_t *ip, size_t len)
{
	struct side *s = ctx;

	assert_true(ref.id < s->n_pkt);
	assert_int_equal(s->pkt[ref.id].verdicts++, 0);
	if (v == VERDICT_DROP) {
		s->w->drops++;
		return;
	}
	if (ip)
		deliver(s, ip, len, false);
	else
		deliver(s, s->pkt[ref.id].bytes, s->pkt[ref.id].ip.len, false);
}

static void on_inject(void *ctx, const uint8_t *ip, size_t len, size_t mtu)
{
	(void)mtu;
	deliver(ctx, ip, len, true);
}

static void send(struct side *s, enum direction dir, const struct addr *src,
		 const struct addr *dst, const char *text)
{
	uint32_t id = s->n_pkt++;
	size_t len;

	assert_true(id < 256);
	assert_int_equal(packet_make(src, dst, text, strlen(text), 1,
				     s->pkt[id].bytes, 9000, &len),
			 0);
	s->pkt[id].ip.len = len;
	s->pkt[id].dir = dir;
	engine_packet(s->e, (struct packet_ref){ 0, id }, dir, s->pkt[id].bytes,
		      len, false, 1500, s->w->now);
	side_run(s);
}

void alice_sends(struct world *w, const char *text)
{
	send(&w->a, OUTBOUND, &alice_addr, &proxy_addr, text);
}

void bob_sends(struct world *w, const char *text)
{
	send(&w->b, OUTBOUND, &bob_addr, &proxy_addr, text);
}

void net_to_alice(struct world *w, const char *text)
{
	send(&w->a, INBOUND, &proxy_addr, &alice_addr, text);
}

void net_to_bob(struct world *w, const char *text)
{
	send(&w->b, INBOUND, &proxy_addr, &bob_addr, text);
}

const char *take(struct world *w, enum place p)
{
	if (w->taken[p] >= w->n[p])
		fail_msg("nothing came out at place %d", p);
	return w->box[p][w->taken[p]++].text;
}

void none(struct world *w, enum place p)
{
	if (w->taken[p] < w->n[p])
		fail_msg("unexpected at place %d:\n%s", p,
			 w->box[p][w->taken[p]].text);
}

/* ---- the world ---- */

static void engine_begin(struct side *s)
{
	struct core_io io = { .ctx = s,
			      .verdict = on_verdict,
			      .inject = on_inject };
	struct crypto_door door = { .ctx = s,
				    .submit = job_submit,
				    .at_once = job_at_once };

	assert_int_equal(engine_open(&s->e, &s->conf, s->store, &io, &door,
				     &the_trust, s->w->now),
			 0);
}

static void side_open(struct world *w, struct side *s, bool alice)
{
	s->w = w;
	s->alice = alice;
	conf_defaults(&s->conf);
	snprintf(s->conf.realm, sizeof(s->conf.realm), "%s",
		 alice ? "edge-a.example.org" : "edge-b.example.org");
	assert_int_equal(store_open(&s->store, NULL, 10000, 64), 0);
	engine_begin(s);
}

void world_restart(struct side *s)
{
	engine_stop(s->e);
	engine_free(s->e);
	engine_begin(s);
}

struct world *world_new(void)
{
	struct world *w = calloc(1, sizeof(*w));

	digest_init();
	sipmsg_init();
	log_open(false, getenv("WORLD_TRACE") ? 2 : 0);
	w->now = UINT64_C(1800000000000);
	the_trust.w = w;
	w->alice_fpr = ALICE_FPR;
	side_open(w, &w->a, true);
	side_open(w, &w->b, false);
	return w;
}

static void side_close(struct side *s)
{
	engine_stop(s->e);
	while (s->n_jobs)
		job_run(s, s->job[--s->n_jobs]);
	assert_int_equal(engine_held(s->e), 0);
	for (uint32_t i = 0; i < s->n_pkt; i++)
		assert_int_equal(s->pkt[i].verdicts, 1);
	engine_free(s->e);
	store_close(s->store);
}

void world_free(struct world *w)
{
	side_close(&w->a);
	side_close(&w->b);
	free(w);
}

void world_tick(struct world *w, uint64_t ms)
{
	w->now += ms;
	engine_tick(w->a.e, w->now);
	side_run(&w->a);
	engine_tick(w->b.e, w->now);
	side_run(&w->b);
}

/* ---- messages ---- */

static char mem[8][8192];
static unsigned int next_mem;

static char *fresh(void)
{
	return mem[next_mem++ % 8];
}

static unsigned int hash(const char *s)
{
	unsigned int h = 5381;

	while (*s)
		h = h * 33 + (unsigned char)*s++;
	return h;
}

const char *relay_request(const char *text)
{
	const char *eol = strstr(text, "\r\n") + 2;
	char *out = fresh();
	const char *branch = strstr(text, "branch=");
	char b[80] = "";

	sscanf(branch, "branch=%79[^;\r\n ]", b);
	snprintf(out, 8192,
		 "%.*sVia: SIP/2.0/UDP 10.0.0.1;branch=z9hG4bKp%08x\r\n"
		 "Record-Route: <sip:10.0.0.1;lr>\r\n%s",
		 (int)(eol - text), text, hash(b), eol);
	return out;
}

const char *relay_response(const char *text)
{
	const char *via = strstr(text, "Via: SIP/2.0/UDP 10.0.0.1;");
	char *out = fresh();

	assert_non_null(via);
	snprintf(out, 8192, "%.*s%s", (int)(via - text), text,
		 strstr(via, "\r\n") + 2);
	return out;
}

const char *mk_request(const char *method, const char *uri, bool from_alice,
		       unsigned int cseq, const char *branch,
		       const char *to_tag, const char *extra, const char *body)
{
	char *out = fresh();
	char tag[64] = "";
	const char *me = from_alice ? "alice" : "bob";
	const char *you = from_alice ? "bob" : "alice";

	if (to_tag[0])
		snprintf(tag, sizeof(tag), ";tag=%s", to_tag);
	snprintf(out, 8192,
		 "%s %s SIP/2.0\r\n"
		 "Via: SIP/2.0/UDP 10.0.%d.2;branch=%s;rport\r\n"
		 "Max-Forwards: 70\r\n"
		 "From: \"%s\" <sip:%s@example.org>;tag=%stag\r\n"
		 "To: <sip:%s@example.org>%s\r\n"
		 "Call-ID: call-1@10.0.1.2\r\n"
		 "CSeq: %u %s\r\n"
		 "%s%s%s"
		 "Content-Length: %zu\r\n\r\n%s",
		 method, uri, from_alice ? 1 : 2, branch, me, me, me, you, tag,
		 cseq, method,
		 from_alice ? "Contact: <sip:alice@10.0.1.2>\r\n"
			    : "Contact: <sip:bob@10.0.2.2>\r\n",
		 extra, body[0] ? "Content-Type: application/sdp\r\n" : "",
		 strlen(body), body);
	return out;
}

static void copy_rows(char *out, const char *from, const char *name)
{
	size_t n = strlen(name);

	for (const char *p = from; (p = strstr(p, "\r\n")); p += 2)
		if (!strncasecmp(p + 2, name, n) && p[2 + n] == ':')
			sprintf(out + strlen(out), "%.*s\r\n",
				(int)(strstr(p + 2, "\r\n") - p - 2), p + 2);
}

const char *mk_response(const char *request, unsigned int status,
			const char *phrase, const char *to_tag,
			const char *extra, const char *body)
{
	char *out = fresh();

	sprintf(out, "SIP/2.0 %u %s\r\n", status, phrase);
	copy_rows(out, request, "Via");
	copy_rows(out, request, "Record-Route");
	copy_rows(out, request, "From");
	copy_rows(out, request, "Call-ID");
	copy_rows(out, request, "CSeq");
	copy_rows(out, request, "To");
	if (!strstr(field(request, "To", 0), ";tag=") && to_tag[0]) {
		out[strlen(out) - 2] = '\0';
		sprintf(out + strlen(out), ";tag=%s\r\n", to_tag);
	}
	sprintf(out + strlen(out), "%s%s%sContent-Length: %zu\r\n\r\n%s",
		status > 100 ? "Contact: <sip:bob@10.0.2.2>\r\n" : "", extra,
		body[0] ? "Content-Type: application/sdp\r\n" : "",
		strlen(body), body);
	return out;
}

const char *field(const char *text, const char *name, size_t nth)
{
	char *out = fresh();
	size_t n = strlen(name);

	for (const char *p = text; (p = strstr(p, "\r\n")); p += 2) {
		if (p[2] == '\r')
			break;
		if (strncasecmp(p + 2, name, n) != 0 || p[2 + n] != ':')
			continue;
		if (nth--)
			continue;
		p += 3 + n;
		while (*p == ' ')
			p++;
		sprintf(out, "%.*s", (int)(strstr(p, "\r\n") - p), p);
		return out;
	}
	return "";
}

bool has(const char *text, const char *what)
{
	return strstr(text, what) != NULL;
}

unsigned int status_of(const char *text)
{
	unsigned int s = 0;

	sscanf(text, "SIP/2.0 %u", &s);
	return s;
}

/* ---- calls ---- */

const char *invite_mem(void)
{
	static char text[8192];

	snprintf(text, sizeof(text), "%s",
		 mk_request("INVITE", URI, true, 7, "z9hG4bKa1", "", "", SDP));
	return text;
}

void ring(struct world *w, char sent[8192], char at_bob[8192])
{
	alice_sends(w, invite_mem());
	net_to_bob(w, relay_request(take(w, AT_NET_A)));
	net_to_alice(w, relay_response(take(w, AT_NET_B)));
	take(w, AT_NET_A);
	snprintf(sent, 8192, "%s", take(w, AT_NET_A));
	net_to_bob(w, relay_request(sent));
	snprintf(at_bob, 8192, "%s", take(w, AT_BOB));
}

void ringing(struct world *w, char sent[8192], char at_bob[8192])
{
	ring(w, sent, at_bob);
	bob_sends(w, mk_response(at_bob, 180, "Ringing", "bobtag", "", ""));
	net_to_alice(w, relay_response(take(w, AT_NET_B)));
	assert_int_equal(status_of(take(w, AT_ALICE)), 180);
}

void up(struct world *w, char sent[8192], char at_bob[8192])
{
	ring(w, sent, at_bob);
	bob_sends(w, mk_response(at_bob, 200, "OK", "bobtag", "", SDP));
	net_to_alice(w, relay_response(take(w, AT_NET_B)));
	take(w, AT_ALICE);
	alice_sends(w, mk_request("ACK", "sip:bob@10.0.2.2", true, 7,
				  "z9hG4bKa2", "bobtag", "", ""));
	net_to_bob(w, relay_request(take(w, AT_NET_A)));
	take(w, AT_BOB);
}

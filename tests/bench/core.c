// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * core - whole messages through an engine in memory, with signatures that cost
 * nothing: what the daemon itself takes, and how that grows with what it keeps.
 *
 *	core messages ROUNDS COUNT
 *	core dialogs DIR ROUNDS COUNT N...     a store in DIR, N live dialogs
 *	core fill DIR N                        only makes that store
 *
 * The store is written as the daemon writes it: a commit for each message (low
 * load) unless a name says "batch", where it is one for sixteen.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/digest.h"
#include "base/log.h"
#include "bench.h"
#include "codec/packet.h"
#include "core/engine.h"
#include "state/dialog.h"
#include "state/nonce.h"
#include "text.h"

#define ALICE_FPR "AAAA0000AAAA0000AAAA0000AAAA0000AAAA0000"
#define BOB_FPR	  "BBBB0000BBBB0000BBBB0000BBBB0000BBBB0000"
#define REALM	  "edge-b." BENCH_DOMAIN
#define NONCE	  "aW4gdGhlIGJlZ2lubmlu"
#define CNONCE	  "d2FzIHRoZSB3b3Jk"
#define LIFETIME  UINT64_C(43200000)

/* ---- a keyring of two ---- */

struct trust {
	int unused;
};

void trust_check(const struct trust *t, const char *fpr, const char *canonical,
		 bool domain_keys, time_t now, struct trust_answer *out)
{
	(void)t;
	(void)fpr;
	(void)canonical;
	(void)domain_keys;
	(void)now;
	memset(out, 0, sizeof(*out));
	out->word = TRUST_VALID;
	strcpy(out->uid, "Alice Liddell <sip:alice@" BENCH_DOMAIN ">");
	strcpy(out->validity, "full");
}

const char *trust_word_name(enum trust_word word)
{
	return word == TRUST_VALID ? "valid" : "not valid";
}

const char *trust_signer(const struct trust *t, const char *canonical,
			 bool domain_keys, time_t now)
{
	(void)t;
	(void)domain_keys;
	(void)now;
	return strncmp(canonical, "sip:alice", 9) ? BOB_FPR : ALICE_FPR;
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

/* ---- the world around an engine ---- */

struct world {
	struct engine *e;
	struct store *store;
	struct conf conf;
	uint64_t now_ms, step_ms;
	uint32_t n, nc;
	uint32_t dialogs;
	int batch;
	unsigned long accepted, changed, dropped, injected, jobs;
	struct addr alice, bob, proxy;
};

/* Two, so that what a large one takes can be held against a small one in turn:
 * the machine's moods meet both. */
static struct world worlds[2], *w = worlds;

/* At once, as "fast" does it. */
static bool job_at_once(void *ctx, struct crypto_job *job)
{
	(void)ctx;
	w->jobs++;
	if (job->sign) {
		/* as long as Ed25519's are */
		memset(job->sig, 0x42, 119);
		job->sig_len = 119;
		job->error = 0;
	} else {
		job->result = PGP_GOOD;
		strcpy(job->fpr, BOB_FPR);
	}
	return true;
}

static int job_submit(void *ctx, struct crypto_job *job)
{
	(void)ctx;
	(void)job;
	return ESHUTDOWN;
}

static void on_verdict(void *ctx, struct packet_ref ref, enum verdict v,
		       const uint8_t *ip, size_t len)
{
	(void)ctx;
	(void)ref;
	(void)len;
	if (v == VERDICT_DROP)
		w->dropped++;
	else if (ip)
		w->changed++;
	else
		w->accepted++;
}

static void on_inject(void *ctx, const uint8_t *ip, size_t len, size_t mtu)
{
	(void)ctx;
	(void)ip;
	(void)len;
	(void)mtu;
	w->injected++;
}

static void give(enum direction dir, const struct buf *b)
{
	static uint8_t ip[BENCH_TEXT * 2];
	bool out = dir == OUTBOUND;
	size_t len;

	if (packet_make(out ? &w->alice : &w->proxy,
			out ? &w->proxy : &w->alice, b->p, b->len, 1, ip,
			sizeof(ip), &len))
		bench_die("no packet");
	engine_packet(w->e, (struct packet_ref){ 0, w->n }, dir, ip, len, false,
		      1500, w->now_ms);
	w->n++;
	if (w->n % (uint32_t)w->batch == 0)
		engine_flush(w->e);
	w->now_ms += w->step_ms;
	if (w->n % 64 == 0)
		engine_tick(w->e, w->now_ms);
}

static void world_open(const char *dir, size_t records)
{
	static struct trust trust;
	struct core_io io = { .verdict = on_verdict, .inject = on_inject };
	struct crypto_door door = { .submit = job_submit,
				    .at_once = job_at_once };

	w->alice = bench_addr("10.99.1.2:5060");
	w->bob = bench_addr("10.99.2.2:5060");
	w->proxy = bench_addr("10.99.0.2:5060");
	w->batch = 1;
	w->step_ms = 50;
	w->now_ms = UINT64_C(1800000000000);
	conf_defaults(&w->conf);
	strcpy(w->conf.realm, REALM);
	if (store_open(&w->store, dir, records, 4096) ||
	    engine_open(&w->e, &w->conf, w->store, &io, &door, &trust,
			w->now_ms))
		bench_die("no engine");
}

static void world_close(void)
{
	engine_stop(w->e);
	engine_free(w->e);
	store_close(w->store);
}

/* ---- messages ---- */

static struct text_call fresh(void)
{
	return (struct text_call){
		.run = "core", .n = w->n, .caller = w->alice, .callee = w->bob
	};
}

static void add_credentials(struct buf *b, uint32_t nc)
{
	static const char sig[161] =
		"iHUEABYIAB0WIQQBI0VniavN7wEjRWeJq83vASNFZwUCaSLRgAAKCRCJq83v"
		"ASNFZ5YgAP9Qd2FzIHRoZSB3b3JkIGFuZCB0aGUgd29yZCB3YXMgd2l0aAEA"
		"4oPdd2FzIHRoZSB3b3JkIGFuZCB0aGUgd29yZCB3";
	char nonce[PGP_NONCE_MAX];
	struct pgp_params p = { .realm = SPAN_LIT(REALM),
				.nonce = SPAN_LIT(NONCE),
				.cnonce = SPAN_LIT(CNONCE),
				.key = SPAN_LIT(BOB_FPR),
				.signature = span_str(sig),
				.nc = nc };

	if (nc == 0) { /* outside a dialog */
		nonce_make_own(nonce, w->now_ms);
		p.nonce = span_str(nonce);
		p.nc = 1;
	}
	pgpauth_write_credentials(b, "Authorization", &p);
}

static void op_keepalive(void *arg, int i)
{
	char mem[8];
	struct buf b = buf_make(mem, sizeof(mem));

	(void)arg;
	(void)i;
	buf_str(&b, "\r\n\r\n");
	give(OUTBOUND, &b);
}

/* A response to a request that nobody signed. */
static void op_response(void *arg, int i)
{
	static const char text[] =
		"SIP/2.0 200 OK\r\n"
		"Via: SIP/2.0/UDP 10.99.0.2:5060;branch=z9hG4bKp77\r\n"
		"From: <sip:proxy@" BENCH_DOMAIN ">;tag=p1\r\n"
		"To: <sip:alice@" BENCH_DOMAIN ">;tag=a1\r\n"
		"Call-ID: options@proxy." BENCH_DOMAIN "\r\n"
		"CSeq: 7 OPTIONS\r\nContact: <sip:alice@10.99.1.2:5060>\r\n"
		"Allow: INVITE, ACK, BYE, CANCEL, OPTIONS, UPDATE, INFO\r\n"
		"Accept: application/sdp\r\nUser-Agent: bench\r\n"
		"Content-Length: 0\r\n\r\n";
	struct buf b = { (char *)(uintptr_t)text, sizeof(text) - 1,
			 sizeof(text) - 1, false };

	(void)arg;
	(void)i;
	give(OUTBOUND, &b);
}

static void op_invite(void *arg, int i)
{
	char mem[BENCH_TEXT];
	struct buf b = buf_make(mem, sizeof(mem));
	struct text_call c = fresh();

	(void)arg;
	(void)i;
	text_invite(&b, &c, 1, "");
	give(OUTBOUND, &b);
}

static void op_marked_in(void *arg, int i)
{
	char mem[BENCH_TEXT];
	struct buf b = buf_make(mem, sizeof(mem));
	struct text_call c = fresh();

	(void)arg;
	(void)i;
	text_invite(&b, &c, 1, "Supported: pgp-auth\r\n");
	give(INBOUND, &b);
}

static void op_signed_in(void *arg, int i)
{
	char mem[BENCH_TEXT], row_mem[1024];
	struct buf b = buf_make(mem, sizeof(mem));
	struct buf row = buf_make(row_mem, sizeof(row_mem) - 1);
	struct text_call c = fresh();

	(void)arg;
	(void)i;
	add_credentials(&row, 0);
	row_mem[row.len] = '\0';
	text_invite(&b, &c, 1, row_mem);
	give(INBOUND, &b);
}

/* ---- dialogs ---- */

/* The same ones in every run, in an order that no cache likes. */
static uint32_t any_dialog(void)
{
	static uint64_t x = 88172645463325252u;

	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	return (uint32_t)(x % w->dialogs);
}

static void dialog_names(uint32_t n, char id[64], char local[32],
			 char remote[32])
{
	snprintf(id, 64, "%08x-4f1c-9a2e@host." BENCH_DOMAIN, n);
	snprintf(local, 32, "loc%08xa1", n);
	snprintf(remote, 32, "rem%08xb2", n);
}

static void dialog_add(uint32_t n)
{
	char id[64], local[32], remote[32];
	struct dialog d = { .authenticated = true, .confirmed = true };

	dialog_names(n, id, local, remote);
	strcpy(d.realm, REALM);
	strcpy(d.tx_nonce, NONCE);
	strcpy(d.rx_nonce, NONCE);
	strcpy(d.local_fpr, ALICE_FPR);
	strcpy(d.peer_fpr, BOB_FPR);
	if (dialog_put(w->store, span_str(id), span_str(local),
		       span_str(remote), w->now_ms + LIFETIME, &d))
		bench_die("the store takes no more than %u dialogs", n);
	if (n % 1024 == 0)
		store_commit(w->store);
}

static void dialogs_grow(uint32_t n)
{
	for (; w->dialogs < n; w->dialogs++)
		dialog_add(w->dialogs);
	store_commit(w->store);
	store_sync(w->store);
	/* a file of that size comes about in hours, not just before */
	sync();
}

static void give_info(bool out)
{
	char id[64], local[32], remote[32], mem[BENCH_TEXT];
	struct buf b = buf_make(mem, sizeof(mem));
	uint32_t n = any_dialog();

	dialog_names(n, id, local, remote);
	buf_fmt(&b,
		"INFO sip:%s@%s:5060 SIP/2.0\r\nVia: SIP/2.0/UDP "
		"%s:5060;branch=z9hG4bKi%u;rport\r\nMax-Forwards: 70\r\n",
		out ? "bob" : "alice", out ? "10.99.2.2" : "10.99.1.2",
		out ? "10.99.1.2" : "10.99.2.2", w->n);
	buf_fmt(&b, "From: <sip:%s@" BENCH_DOMAIN ">;tag=%s\r\n",
		out ? "alice" : "bob", out ? local : remote);
	buf_fmt(&b, "To: <sip:%s@" BENCH_DOMAIN ">;tag=%s\r\n",
		out ? "bob" : "alice", out ? remote : local);
	buf_fmt(&b, "Call-ID: %s\r\nCSeq: %u INFO\r\n", id, 10 + w->n);
	if (!out)
		add_credentials(&b, ++w->nc);
	buf_str(&b, "Content-Length: 0\r\n\r\n");
	give(out ? OUTBOUND : INBOUND, &b);
}

static void op_info_out(void *arg, int i)
{
	(void)arg;
	(void)i;
	give_info(true);
}

static void op_info_in(void *arg, int i)
{
	(void)arg;
	(void)i;
	give_info(false);
}

/* ---- runs ---- */

static void must(const char *what, unsigned long got, unsigned long want)
{
	if (got < want)
		bench_die("%s: %lu instead of %lu", what, got, want);
}

static void run_messages(int rounds, int count)
{
	struct policy *p;
	unsigned long all = (unsigned long)rounds * (unsigned long)count;

	world_open(NULL, 1 << 20);
	bench_op("core", "keepalive", rounds, count, op_keepalive, NULL);
	bench_op("core", "unsigned_response", rounds, count, op_response, NULL);
	must("passed", w->accepted, 2 * all);
	bench_op("core", "invite_marked", rounds, count, op_invite, NULL);
	must("marked", w->changed, all);
	bench_op("core", "invite_challenged", rounds, count, op_marked_in,
		 NULL);
	must("challenged", w->injected, 1);
	p = &w->conf.policy[w->conf.n_policies - 1];
	strcpy(p->realm, REALM);
	bench_op("core", "invite_signed", rounds, count, op_invite, NULL);
	must("signed", w->jobs, all);
	bench_op("core", "invite_verified", rounds, count, op_signed_in, NULL);
	must("verified", w->jobs, 2 * all);
	dialogs_grow(1000);
	bench_op("core", "in_dialog_signed", rounds, count, op_info_out, NULL);
	bench_op("core", "in_dialog_verified", rounds, count, op_info_in, NULL);
	w->batch = 16;
	bench_op("core", "in_dialog_signed_batch", rounds, count, op_info_out,
		 NULL);
	bench_op("core", "in_dialog_verified_batch", rounds, count, op_info_in,
		 NULL);
	must("in dialogs", w->jobs, 6 * all);
	world_close();
}

/* The CPU of a message, us, in either world in turn, and the large one's by the
 * small one's. */
static void measure_pair(const char *name, int rounds, int count,
			 void (*op)(void *arg, int i))
{
	struct series us[2] = { 0 }, ratio = { 0 };
	double took[2];
	char title[96];

	for (int r = 0; r <= rounds; r++) {
		for (int i = 0; i < 2; i++) {
			uint64_t began = bench_thread_ns();

			w = &worlds[i];
			for (int n = 0; n < count; n++)
				op(NULL, n);
			took[i] = (double)(bench_thread_ns() - began) / 1000 /
				  count;
			/* the first is for caches */
			if (r)
				series_add(&us[i], took[i]);
		}
		if (r)
			series_add(&ratio, took[1] / took[0]);
	}
	series_report(&us[1], "scale", name, "us");
	snprintf(title, sizeof(title), "%s_beside_10", name);
	series_report(&us[0], "scale", title, "us");
	snprintf(title, sizeof(title), "%s_ratio", name);
	series_report(&ratio, "scale", title, "x");
	series_free(&us[0]);
	series_free(&us[1]);
	series_free(&ratio);
}

static void run_dialogs(const char *dir, int rounds, int count, int n,
			char **sizes)
{
	size_t before, per = 0;
	uint64_t begin;
	char name[64];

	world_open(NULL, 1 << 20);
	dialogs_grow(10);
	w = &worlds[1];
	mkdir(dir, 0700);
	world_open(dir, 1 << 20);
	for (int i = 0; i < n; i++) {
		uint32_t d = (uint32_t)atol(sizes[i]), had = w->dialogs;

		before = bench_resident();
		dialogs_grow(d);
		if (d > had)
			per = (bench_resident() - before) / (d - had);
		snprintf(name, sizeof(name), "dialogs_%u_signed", d);
		measure_pair(name, rounds, count, op_info_out);
		snprintf(name, sizeof(name), "dialogs_%u_verified", d);
		measure_pair(name, rounds, count, op_info_in);
	}
	/* of the largest step: what a store takes besides is small beside it */
	bench_value("scale", "memory_per_dialog", "octets", (double)per);
	world_close();
	begin = bench_wall_ns();
	world_open(dir, 1 << 20);
	bench_value("scale", "store_open", "ms",
		    (double)(bench_wall_ns() - begin) / 1e6);
	world_close();
	w = worlds;
	world_close();
}

int main(int argc, char **argv)
{
	log_open(false, 0);
	if (digest_init())
		return 1;
	sipmsg_init();
	if (argc == 4 && !strcmp(argv[1], "messages")) {
		run_messages(atoi(argv[2]), atoi(argv[3]));
	} else if (argc > 5 && !strcmp(argv[1], "dialogs")) {
		run_dialogs(argv[2], atoi(argv[3]), atoi(argv[4]), argc - 5,
			    argv + 5);
	} else if (argc == 4 && !strcmp(argv[1], "fill")) {
		mkdir(argv[2], 0700);
		world_open(argv[2], 1 << 20);
		w->now_ms = clock_wall_ms();
		dialogs_grow((uint32_t)atol(argv[3]));
		world_close();
	} else {
		bench_die("see the top of core.c");
	}
	return 0;
}

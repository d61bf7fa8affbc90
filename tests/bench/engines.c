// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * engines - what a signature costs, made and checked, engine by engine.
 *
 *	engines sign HOME ENGINE KEY NAME ROUNDS COUNT [GROUP]
 *	engines verify HOME ENGINE KEY NAME ROUNDS COUNT [GROUP]
 *	engines keys HOME KEY NAME ROUNDS COUNT    a keyring of many
 *	engines secsipid PRIVATE PUBLIC ROUNDS COUNT
 *	engines identity PRIVATE                    prints an Identity value
 *
 * GROUP is the CPU file of the control group that this process and gpg-agent
 * are in; without it only this process is counted. The last one is the peer's:
 * libsecsipid, which signs a call's numbers (STIR) as Kamailio does.
 */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "base/log.h"
#include "bench.h"
#include "crypto/pgp.h"
#include "crypto/trust.h"

#define OCTETS 1024

static struct {
	struct pgp *pgp;
	struct pgp_ctx *ctx;
	struct trust *trust;
	const char *fpr;
	char octets[OCTETS];
	uint8_t sig[PGP_SIG_MAX];
	size_t sig_len;
	const char *group;
} w;

static void world_open(const char *home, const char *sign, const char *verify,
		       const char *fpr)
{
	const struct pgp_conf conf = { .home = home,
				       .sign_engine = sign,
				       .verify_engine = verify,
				       .timeout_ms = 10000 };

	if (pgp_open(&w.pgp, &conf) ||
	    trust_load(&w.trust, home, TRUST_LOAD_MS))
		bench_die("home %s, engines %s and %s", home, sign, verify);
	pgp_set_trust(w.pgp, w.trust);
	if (pgp_ctx_open(&w.ctx, w.pgp))
		bench_die("no context");
	w.fpr = fpr;
	digest_random(w.octets, sizeof(w.octets));
}

static void world_close(void)
{
	pgp_ctx_close(w.ctx);
	pgp_close(w.pgp);
	trust_free(w.trust);
}

static void do_sign(void)
{
	if (pgp_sign(w.ctx, w.fpr, span_make(w.octets, OCTETS), w.sig,
		     &w.sig_len))
		bench_die("can't sign");
}

static void do_verify(void)
{
	char signer[PGP_FPR_MAX];

	if (pgp_verify(w.ctx, span_make(w.octets, OCTETS),
		       span_make(w.sig, w.sig_len), signer) != PGP_GOOD)
		bench_die("does not verify");
}

static uint64_t cpu_ns(void)
{
	return w.group ? bench_group_ns(w.group) : bench_process_ns();
}

/* Both clocks: what a caller waits, and what the machine works. */
static void measure(const char *name, int rounds, int count, void (*op)(void))
{
	struct series wall = { 0 }, cpu = { 0 };
	uint64_t began_wall, began_cpu;
	char title[96];

	op();
	for (int r = 0; r < rounds; r++) {
		began_wall = bench_wall_ns();
		began_cpu = cpu_ns();
		for (int i = 0; i < count; i++)
			op();
		series_add(&wall, (double)(bench_wall_ns() - began_wall) /
					  1000 / count);
		series_add(&cpu, (double)(cpu_ns() - began_cpu) / 1000 / count);
	}
	snprintf(title, sizeof(title), "%s_wall", name);
	series_report(&wall, "engine", title, "us");
	snprintf(title, sizeof(title), "%s_cpu", name);
	series_report(&cpu, "engine", title, "us");
	series_free(&wall);
	series_free(&cpu);
}

static void told_fallback(const char *engine)
{
	struct pgp_counters c = pgp_counters(w.pgp);

	if (strcmp(engine, "gpgme") != 0 && c.fallback > c.fast)
		fprintf(stderr, "engine %s left %llu of %llu to gpg\n", engine,
			(unsigned long long)c.fallback,
			(unsigned long long)(c.fast + c.fallback));
}

/* ---- a large keyring ---- */

static struct {
	char (*fpr)[PGP_FPR_MAX];
	size_t n;
} all;

static void note_key(void *arg, const struct trust_key_info *k)
{
	(void)arg;
	all.fpr = realloc(all.fpr, (all.n + 1) * sizeof(*all.fpr));
	if (!all.fpr)
		bench_die("no memory");
	snprintf(all.fpr[all.n++], PGP_FPR_MAX, "%s", k->fpr);
}

static void op_check(void *arg, int i)
{
	struct trust_answer a;

	(void)arg;
	trust_check(w.trust, all.fpr[(size_t)i * 7919 % all.n],
		    "sip:alice@bench.example", false, 1800000000, &a);
}

static void op_verify(void *arg, int i)
{
	(void)arg;
	(void)i;
	do_verify();
}

static void run_keys(const char *home, const char *fpr, const char *name,
		     int rounds, int count)
{
	size_t before;
	uint64_t began;
	struct trust *first;
	char title[96];

	if (digest_init())
		exit(1);
	world_open(home, "gpgme", "fast", fpr);
	do_sign();
	first = w.trust;
	began = bench_wall_ns();
	before = bench_resident();
	/* a second one: what the process takes besides is there already */
	if (trust_load(&w.trust, home, TRUST_LOAD_MS))
		bench_die("no keyring");
	snprintf(title, sizeof(title), "keys_%s_load", name);
	bench_value("scale", title, "ms",
		    (double)(bench_wall_ns() - began) / 1e6);
	snprintf(title, sizeof(title), "keys_%s_memory", name);
	bench_value("scale", title, "octets",
		    (double)(bench_resident() - before) /
			    (double)trust_keys(w.trust));
	pgp_set_trust(w.pgp, w.trust);
	trust_free(first);
	trust_each(w.trust, note_key, NULL);
	snprintf(title, sizeof(title), "keys_%s_verified", name);
	bench_op("scale", title, rounds, count, op_verify, NULL);
	snprintf(title, sizeof(title), "keys_%s_checked", name);
	bench_op("scale", title, rounds, count * 10, op_check, NULL);
	world_close();
	free(all.fpr);
}

/* ---- the peer ---- */

static struct {
	int (*sign)(char *orig, char *dest, char *attest, char *id, char *url,
		    char *key, char **out);
	int (*check)(char *identity, int len, int expire, char *key,
		     int key_len);
	char *private, *public, *identity;
} peer;

static char *read_file(const char *path)
{
	char *text = calloc(1, 8192);
	FILE *f = fopen(path, "r");

	if (!f || !text || !fread(text, 1, 8191, f))
		bench_die("%s can't be read", path);
	fclose(f);
	return text;
}

static void do_peer_sign(void)
{
	static char orig[] = "15551230001", dest[] = "15551230002", a[] = "A",
		    id[] = "", url[] = "http://127.0.0.1:8080/sp.pem";

	free(peer.identity);
	if (peer.sign(orig, dest, a, id, url, peer.private, &peer.identity) < 0)
		bench_die("libsecsipid can't sign");
}

static void do_peer_check(void)
{
	if (peer.check(peer.identity, (int)strlen(peer.identity), 3600,
		       peer.public, (int)strlen(peer.public)) != 0)
		bench_die("libsecsipid can't verify");
}

static void peer_open(const char *private)
{
	void *lib = dlopen("libsecsipid.so.1", RTLD_NOW);

	if (!lib)
		bench_die("%s", dlerror());
	*(void **)&peer.sign = dlsym(lib, "SecSIPIDGetIdentityPrvKey");
	*(void **)&peer.check = dlsym(lib, "SecSIPIDCheckFullPubKey");
	if (!peer.sign || !peer.check)
		bench_die("another libsecsipid");
	peer.private = read_file(private);
	do_peer_sign();
}

static void run_peer(char **argv)
{
	peer_open(argv[0]);
	peer.public = read_file(argv[1]);
	measure("secsipid_sign_p256", atoi(argv[2]), atoi(argv[3]),
		do_peer_sign);
	measure("secsipid_verify_p256", atoi(argv[2]), atoi(argv[3]),
		do_peer_check);
}

int main(int argc, char **argv)
{
	char name[96];
	bool sign;

	log_open(false, 0);
	if (argc == 6 && !strcmp(argv[1], "secsipid")) {
		run_peer(argv + 2);
		return 0;
	}
	if (argc == 3 && !strcmp(argv[1], "identity")) {
		peer_open(argv[2]);
		puts(peer.identity);
		return 0;
	}
	if (argc == 7 && !strcmp(argv[1], "keys")) {
		run_keys(argv[2], argv[3], argv[4], atoi(argv[5]),
			 atoi(argv[6]));
		return 0;
	}
	if (argc < 8)
		bench_die("see the top of engines.c");
	sign = !strcmp(argv[1], "sign");
	if (digest_init())
		return 1;
	world_open(argv[2], sign ? argv[3] : "gpgme", sign ? "gpgme" : argv[3],
		   argv[4]);
	w.group = argc > 8 ? argv[8] : NULL;
	do_sign();
	snprintf(name, sizeof(name), "%s_%s_%s", argv[3], argv[1], argv[5]);
	measure(name, atoi(argv[6]), atoi(argv[7]), sign ? do_sign : do_verify);
	told_fallback(argv[3]);
	world_close();
	return 0;
}

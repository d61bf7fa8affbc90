// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * engines - what a signature costs, made and checked, engine by engine.
 *
 *	engines sign HOME ENGINE KEY NAME ROUNDS COUNT [GROUP]
 *	engines verify HOME ENGINE KEY NAME ROUNDS COUNT [GROUP]
 *	engines keys HOME KEY NAME ROUNDS COUNT HOME2 KEY2
 *						a keyring of many, and few
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

#include "bare.h"
#include "base/digest.h"
#include "base/log.h"
#include "bench.h"

static struct bare w;
static const char *group;

static void do_sign(void)
{
	bare_sign(&w);
}

static void do_verify(void)
{
	bare_verify(&w);
}

static uint64_t cpu_ns(void)
{
	return group ? bench_group_ns(group) : bench_process_ns();
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

static void memory_of(const char *home, const char *name)
{
	struct trust *first = w.trust;
	uint64_t began = bench_wall_ns();
	size_t before = bench_resident();
	char title[96];

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
}

static double verify_us(struct bare *b, int count)
{
	uint64_t began = bench_thread_ns();

	for (int i = 0; i < count; i++)
		bare_verify(b);
	return (double)(bench_thread_ns() - began) / 1000 / count;
}

/* In turn with a small keyring's, so that both meet the machine's moods. */
static void verify_beside(struct bare *few, const char *name, int rounds,
			  int count)
{
	struct series us = { 0 }, ratio = { 0 };
	char title[96];

	for (int r = 0; r < rounds; r++) {
		double own = verify_us(&w, count);

		series_add(&us, own);
		series_add(&ratio, own / verify_us(few, count));
	}
	snprintf(title, sizeof(title), "keys_%s_verified", name);
	series_report(&us, "scale", title, "us");
	snprintf(title, sizeof(title), "keys_%s_verified_ratio", name);
	series_report(&ratio, "scale", title, "x");
	series_free(&us);
	series_free(&ratio);
}

static void run_keys(char **argv)
{
	const char *home = argv[0], *name = argv[2];
	int rounds = atoi(argv[3]), count = atoi(argv[4]);
	struct bare few;
	char title[96];

	bare_open(&w, home, "gpgme", "fast", argv[1]);
	bare_open(&few, argv[5], "gpgme", "fast", argv[6]);
	memory_of(home, name);
	trust_each(w.trust, note_key, NULL);
	verify_beside(&few, name, rounds, count);
	snprintf(title, sizeof(title), "keys_%s_checked", name);
	bench_op("scale", title, rounds, count * 10, op_check, NULL);
	bare_close(&few);
	bare_close(&w);
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
	if (digest_init())
		return 1;
	if (argc == 9 && !strcmp(argv[1], "keys")) {
		run_keys(argv + 2);
		return 0;
	}
	if (argc < 8)
		bench_die("see the top of engines.c");
	sign = !strcmp(argv[1], "sign");
	bare_open(&w, argv[2], sign ? argv[3] : "gpgme",
		  sign ? "gpgme" : argv[3], argv[4]);
	group = argc > 8 ? argv[8] : NULL;
	snprintf(name, sizeof(name), "%s_%s_%s", argv[3], argv[1], argv[5]);
	measure(name, atoi(argv[6]), atoi(argv[7]), sign ? do_sign : do_verify);
	bare_told_fallback(&w, argv[3]);
	bare_close(&w);
	return 0;
}

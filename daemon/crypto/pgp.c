/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include "base/digest.h"
#include "base/log.h"
#include "crypto/engine.h"
#include "crypto/gpgop.h"
#include "crypto/home.h"
#include "crypto/sigpacket.h"
#include "crypto/snapshot.h"

#define DEFAULT_TIMEOUT_MS 2000
#define FPR_DIGITS	   40 /* of a v4 key */

static const struct pgp_engine *const engines[] = {
	&pgp_engine_gpgme,
	&pgp_engine_agent,
	&pgp_engine_fast,
};

/* What engines are there for; one may do several. */
enum { REFERENCE, SIGN, VERIFY, TASKS };

struct slot {
	const struct pgp_engine *ops;
	void *engine; /* NULL: not open */
};

struct pgp {
	struct slot slot[TASKS];
	struct snapshot keys;
	atomic_uint_fast64_t fast, fallback;
};

struct pgp_ctx {
	struct pgp *pgp;
	bool quick;
	void *ctx[TASKS];      /* NULL: a quick one, and nothing quick there */
	char fpr[PGP_FPR_MAX]; /* of pgp_sign_begin() */
};

const char *pgp_result_name(enum pgp_result r)
{
	static const char *const name[PGP_RESULT_COUNT] = {
		[PGP_GOOD] = "good",
		[PGP_BAD] = "bad-signature",
		[PGP_NO_KEY] = "no-key",
		[PGP_KEY_EXPIRED] = "key-expired",
		[PGP_KEY_REVOKED] = "key-revoked",
		[PGP_KEY_UNUSABLE] = "key-unusable",
		[PGP_SIGNATURE_TIME] = "signature-time",
		[PGP_WEAK] = "weak",
		[PGP_MALFORMED] = "malformed",
		[PGP_TIMEOUT] = "timeout",
		[PGP_ENGINE] = "engine-failed",
	};

	return r < PGP_RESULT_COUNT ? name[r] : "unknown";
}

static const struct pgp_engine *engine_named(const char *name, int task)
{
	for (size_t i = 0; i < sizeof(engines) / sizeof(engines[0]); i++) {
		const struct pgp_engine *e = engines[i];

		if (strcmp(e->name, name) == 0 &&
		    (task == SIGN ? (void *)e->sign : (void *)e->verify))
			return e;
	}
	log_warnx("no engine \"%s\" that can %s", name,
		  task == SIGN ? "sign" : "verify");
	return NULL;
}

/* The task before this one that has the same engine, or this one. */
static int shared(const struct pgp *p, int task)
{
	int first = 0;

	while (p->slot[first].ops != p->slot[task].ops)
		first++;
	return first;
}

static int slots_open(struct pgp *p, const struct pgp_conf *conf)
{
	int err = 0;

	p->slot[REFERENCE].ops = &pgp_engine_gpgme;
	p->slot[SIGN].ops = engine_named(conf->sign_engine, SIGN);
	p->slot[VERIFY].ops = engine_named(conf->verify_engine, VERIFY);
	if (!p->slot[SIGN].ops || !p->slot[VERIFY].ops)
		return EINVAL;
	for (int i = 0; i < TASKS && !err; i++) {
		int first = shared(p, i);

		if (first == i)
			err = p->slot[i].ops->open(&p->slot[i].engine, conf,
						   &p->keys);
		else
			p->slot[i].engine = p->slot[first].engine;
	}
	return err;
}

int pgp_open(struct pgp **out, const struct pgp_conf *conf)
{
	struct pgp_conf c = *conf;
	char home[PATH_MAX];
	struct pgp *p;
	int err;

	err = digest_init();
	if (!err)
		err = gpgop_init();
	if (err)
		return err;
	err = home_check(home, c.home ? c.home : gpgop_default_home());
	if (err)
		return err;
	c.home = home;
	if (!c.timeout_ms)
		c.timeout_ms = DEFAULT_TIMEOUT_MS;
	p = calloc(1, sizeof(*p));
	if (!p)
		return ENOMEM;
	snapshot_init(&p->keys);
	err = slots_open(p, &c);
	if (err) {
		pgp_close(p);
		return err;
	}
	*out = p;
	return 0;
}

void pgp_close(struct pgp *p)
{
	if (!p)
		return;
	for (int i = TASKS - 1; i >= 0; i--)
		if (p->slot[i].engine && shared(p, i) == i)
			p->slot[i].ops->close(p->slot[i].engine);
	snapshot_destroy(&p->keys);
	free(p);
}

void pgp_set_trust(struct pgp *p, struct trust *t)
{
	snapshot_set(&p->keys, t);
}

struct pgp_counters pgp_counters(struct pgp *p)
{
	return (struct pgp_counters){ atomic_load(&p->fast),
				      atomic_load(&p->fallback) };
}

static int ctx_open(struct pgp_ctx **out, struct pgp *p, bool quick)
{
	struct pgp_ctx *c = calloc(1, sizeof(*c));
	int err = 0;

	if (!c)
		return ENOMEM;
	c->pgp = p;
	c->quick = quick;
	for (int i = 0; i < TASKS && !err; i++) {
		const struct slot *s = &p->slot[i];
		int first = shared(p, i);

		if (first == i)
			err = s->ops->ctx_open(&c->ctx[i], s->engine, quick);
		else
			c->ctx[i] = c->ctx[first];
		if (quick && err == ENOTSUP)
			err = 0;
	}
	if (err) {
		pgp_ctx_close(c);
		return err;
	}
	*out = c;
	return 0;
}

int pgp_ctx_open(struct pgp_ctx **out, struct pgp *p)
{
	return ctx_open(out, p, false);
}

int pgp_ctx_open_quick(struct pgp_ctx **out, struct pgp *p)
{
	return ctx_open(out, p, true);
}

void pgp_ctx_close(struct pgp_ctx *c)
{
	if (!c)
		return;
	for (int i = TASKS - 1; i >= 0; i--)
		if (c->ctx[i] && shared(c->pgp, i) == i)
			c->pgp->slot[i].ops->ctx_close(c->ctx[i]);
	free(c);
}

/* What no engine is asked about. */
static enum pgp_result gate(struct span sig)
{
	struct sigpacket s;

	if (sig.len > PGP_SIG_MAX || sigpacket_read(&s, sig) || s.type != 0)
		return PGP_MALFORMED;
	return sigpacket_strong(&s) ? PGP_GOOD : PGP_WEAK;
}

static void count(struct pgp *p, int task, bool fallback)
{
	if (p->slot[task].ops != p->slot[REFERENCE].ops)
		atomic_fetch_add(fallback ? &p->fallback : &p->fast, 1);
}

/* By the engine that was chosen, or else by gpg. */
static int sign(struct pgp_ctx *c, const char *fpr, struct span octets,
		uint8_t sig[PGP_SIG_MAX], size_t *len)
{
	const struct slot *s = c->pgp->slot;
	int err = ENOTSUP;

	if (c->ctx[SIGN])
		err = s[SIGN].ops->sign(c->ctx[SIGN], fpr, octets, sig, len);
	if (c->quick && err == ENOTSUP)
		return EAGAIN;
	count(c->pgp, SIGN, err == ENOTSUP);
	if (err == ENOTSUP)
		err = s[REFERENCE].ops->sign(c->ctx[REFERENCE], fpr, octets,
					     sig, len);
	return err;
}

/* gpg would take a name or a key ID as well, and the first key that fits. */
static bool is_fingerprint(const char *fpr)
{
	size_t n = strspn(fpr, "0123456789ABCDEFabcdef");

	return n == FPR_DIGITS && !fpr[n];
}

/* gpg.conf may ask for SHA-1 or worse, which no peer would take. */
static int check_made(const char *fpr, const uint8_t *sig, size_t len)
{
	enum pgp_result r = gate(span_make(sig, len));

	if (r == PGP_GOOD)
		return 0;
	log_warnx("signature made with key %s is %s: look for digest-algo and "
		  "the like in gpg.conf",
		  fpr, pgp_result_name(r));
	return EIO;
}

int pgp_sign(struct pgp_ctx *c, const char *fpr, struct span octets,
	     uint8_t sig[PGP_SIG_MAX], size_t *len)
{
	int err = is_fingerprint(fpr) ? sign(c, fpr, octets, sig, len) : ENOKEY;

	return err ? err : check_made(fpr, sig, *len);
}

bool pgp_signs_in_steps(const struct pgp *p)
{
	return p->slot[SIGN].ops->sign_begin != NULL;
}

int pgp_sign_begin(struct pgp_ctx *c, const char *fpr, struct span octets)
{
	const struct pgp_engine *e = c->pgp->slot[SIGN].ops;
	int err;

	if (!e->sign_begin || !is_fingerprint(fpr))
		return EAGAIN;
	err = e->sign_begin(c->ctx[SIGN], fpr, octets);
	if (err)
		return err;
	count(c->pgp, SIGN, false);
	strcpy(c->fpr, fpr);
	return 0;
}

int pgp_sign_look(struct pgp_ctx *c, uint8_t sig[PGP_SIG_MAX], size_t *len)
{
	const struct pgp_engine *e = c->pgp->slot[SIGN].ops;
	int err = e->sign_look(c->ctx[SIGN], sig, len);

	return err ? err : check_made(c->fpr, sig, *len);
}

int pgp_sign_wait(struct pgp_ctx *c, uint8_t sig[PGP_SIG_MAX], size_t *len)
{
	const struct pgp_engine *e = c->pgp->slot[SIGN].ops;
	int err = e->sign_wait(c->ctx[SIGN], sig, len);

	return err ? err : check_made(c->fpr, sig, *len);
}

int pgp_sign_fd(const struct pgp_ctx *c)
{
	const struct pgp_engine *e = c->pgp->slot[SIGN].ops;

	return e->sign_fd ? e->sign_fd(c->ctx[SIGN]) : -1;
}

static enum pgp_result verify(struct pgp_ctx *c, struct span octets,
			      struct span sig, char signer[PGP_FPR_MAX])
{
	const struct slot *s = c->pgp->slot;
	const struct pgp_engine *e = s[VERIFY].ops;
	enum pgp_result r = PGP_NOT_MINE;

	if (c->ctx[VERIFY])
		r = e->verify(c->ctx[VERIFY], octets, sig, signer);
	if (c->quick && r == PGP_NOT_MINE)
		return PGP_LATER;
	count(c->pgp, VERIFY, r == PGP_NOT_MINE);
	if (r != PGP_NOT_MINE)
		return r;
	r = s[REFERENCE].ops->verify(c->ctx[REFERENCE], octets, sig, signer);
	if (e->second_opinion)
		e->second_opinion(c->ctx[VERIFY], r, signer);
	return r;
}

enum pgp_result pgp_verify(struct pgp_ctx *c, struct span octets,
			   struct span sig, char signer[PGP_FPR_MAX])
{
	enum pgp_result r = gate(sig);

	signer[0] = '\0';
	if (r == PGP_GOOD)
		r = verify(c, octets, sig, signer);
	if (r != PGP_GOOD)
		signer[0] = '\0';
	return r;
}

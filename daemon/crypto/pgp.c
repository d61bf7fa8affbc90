/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdlib.h>
#include "base/log.h"
#include "crypto/engine.h"
#include "crypto/gpgop.h"
#include "crypto/home.h"
#include "crypto/sigpacket.h"

#define DEFAULT_TIMEOUT_MS 2000

static const struct pgp_engine *const engines[] = {
	&pgp_engine_gpgme,
};

/* An engine that is open, for one of the two tasks or for both. */
struct slot {
	const struct pgp_engine *ops;
	void *engine;
};

enum { SIGN, VERIFY, TASKS };

struct pgp {
	struct slot slot[TASKS];
};

struct pgp_ctx {
	const struct pgp *pgp;
	void *ctx[TASKS];
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

static int slots_open(struct pgp *p, const struct pgp_conf *conf)
{
	int err;

	p->slot[SIGN].ops = engine_named(conf->sign_engine, SIGN);
	p->slot[VERIFY].ops = engine_named(conf->verify_engine, VERIFY);
	if (!p->slot[SIGN].ops || !p->slot[VERIFY].ops)
		return EINVAL;
	err = p->slot[SIGN].ops->open(&p->slot[SIGN].engine, conf);
	if (err)
		return err;
	if (p->slot[SIGN].ops == p->slot[VERIFY].ops) {
		p->slot[VERIFY].engine = p->slot[SIGN].engine;
		return 0;
	}
	return p->slot[VERIFY].ops->open(&p->slot[VERIFY].engine, conf);
}

int pgp_open(struct pgp **out, const struct pgp_conf *conf)
{
	struct pgp_conf c = *conf;
	char home[PATH_MAX];
	struct pgp *p;
	int err;

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
	if (p->slot[VERIFY].engine &&
	    p->slot[VERIFY].engine != p->slot[SIGN].engine)
		p->slot[VERIFY].ops->close(p->slot[VERIFY].engine);
	if (p->slot[SIGN].engine)
		p->slot[SIGN].ops->close(p->slot[SIGN].engine);
	free(p);
}

static bool shared(const struct pgp *p)
{
	return p->slot[SIGN].engine == p->slot[VERIFY].engine;
}

static int ctx_open_task(struct pgp_ctx *c, int task)
{
	const struct slot *s = &c->pgp->slot[task];

	return s->ops->ctx_open(&c->ctx[task], s->engine);
}

int pgp_ctx_open(struct pgp_ctx **out, struct pgp *p)
{
	struct pgp_ctx *c = calloc(1, sizeof(*c));
	int err;

	if (!c)
		return ENOMEM;
	c->pgp = p;
	err = ctx_open_task(c, SIGN);
	if (!err && shared(p))
		c->ctx[VERIFY] = c->ctx[SIGN];
	else if (!err)
		err = ctx_open_task(c, VERIFY);
	if (err) {
		pgp_ctx_close(c);
		return err;
	}
	*out = c;
	return 0;
}

void pgp_ctx_close(struct pgp_ctx *c)
{
	if (!c)
		return;
	if (c->ctx[VERIFY] && c->ctx[VERIFY] != c->ctx[SIGN])
		c->pgp->slot[VERIFY].ops->ctx_close(c->ctx[VERIFY]);
	if (c->ctx[SIGN])
		c->pgp->slot[SIGN].ops->ctx_close(c->ctx[SIGN]);
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

int pgp_sign(struct pgp_ctx *c, const char *fpr, struct span octets,
	     uint8_t sig[PGP_SIG_MAX], size_t *len)
{
	enum pgp_result r;
	int err = c->pgp->slot[SIGN].ops->sign(c->ctx[SIGN], fpr, octets, sig,
					       len);

	if (err)
		return err;
	/* gpg.conf may ask for SHA-1 or worse, which no peer would take */
	r = gate(span_make(sig, *len));
	if (r == PGP_GOOD)
		return 0;
	log_warnx("signature made with key %s is %s: look for digest-algo and "
		  "the like in gpg.conf",
		  fpr, pgp_result_name(r));
	return EIO;
}

enum pgp_result pgp_verify(struct pgp_ctx *c, struct span octets,
			   struct span sig, char signer[PGP_FPR_MAX])
{
	enum pgp_result r = gate(sig);

	signer[0] = '\0';
	if (r == PGP_GOOD)
		r = c->pgp->slot[VERIFY].ops->verify(c->ctx[VERIFY], octets,
						     sig, signer);
	if (r != PGP_GOOD)
		signer[0] = '\0';
	return r;
}

// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Signatures made and checked in this process.
 *
 * Only packets of the one form of sigframe.h are looked at, and only with keys
 * that GnuPG has judged: a snapshot of the keyring holds its word and their
 * numbers. Whatever is not so is left to gpg (PGP_NOT_MINE, ENOTSUP), and so is
 * the first signature of each subkey: gpg checks, but does not list, that a
 * subkey agreed to be this key's.
 *
 * Secret keys are taken out of gpg-agent when this engine is opened to sign.
 */
#include <errno.h>
#include <stdlib.h>
#include "base/clock.h"
#include "crypto/engine.h"
#include "crypto/keymath.h"
#include "crypto/secrets.h"
#include "crypto/trust.h"

struct engine {
	struct snapshot *keys;
	struct secrets *secrets; /* NULL: does not sign */
};

struct ctx {
	struct engine *e;
	bool quick; /* Ed25519 only, and nothing that gpg has to be asked */
	/* a subkey that gpg is being asked about, and of which snapshot */
	struct trust *asked;
	struct trust_maker maker;
};

static void engine_close(void *engine)
{
	struct engine *e = engine;

	secrets_free(e->secrets);
	free(e);
}

static int engine_open(void **out, const struct pgp_conf *conf,
		       struct snapshot *keys)
{
	struct engine *e = calloc(1, sizeof(*e));
	int err = 0;

	if (!e)
		return ENOMEM;
	e->keys = keys;
	if (strcmp(conf->sign_engine, "fast") == 0)
		err = secrets_load(&e->secrets, conf->home);
	if (err) {
		engine_close(e);
		return err;
	}
	*out = e;
	return 0;
}

static void forget(struct ctx *c)
{
	trust_free(c->asked);
	c->asked = NULL;
}

static void ctx_close(void *ctx)
{
	struct ctx *c = ctx;

	forget(c);
	free(c);
}

static int ctx_open(void **out, void *engine, bool quick)
{
	struct ctx *c = calloc(1, sizeof(*c));

	if (!c)
		return ENOMEM;
	c->e = engine;
	c->quick = quick;
	*out = c;
	return 0;
}

/* ---- verify ---- */

static void hex_of(char hex[PGP_FPR_MAX], const uint8_t fpr[SIGFRAME_FPR])
{
	static const char digits[] = "0123456789ABCDEF";

	for (size_t i = 0; i < SIGFRAME_FPR; i++) {
		hex[2 * i] = digits[fpr[i] >> 4];
		hex[2 * i + 1] = digits[fpr[i] & 15];
	}
	hex[2 * SIGFRAME_FPR] = '\0';
}

/* What gpg says of a key, of a signature by it that holds. */
static enum pgp_result of_key(const struct trust_maker *m, int64_t made,
			      int64_t now)
{
	switch (m->word) {
	case TRUST_VALID:
		break;
	case TRUST_REVOKED:
		return PGP_KEY_REVOKED;
	case TRUST_EXPIRED:
		return PGP_KEY_EXPIRED;
	default:
		return PGP_KEY_UNUSABLE;
	}
	return made > now + PGP_SKEW_S ? PGP_SIGNATURE_TIME : PGP_GOOD;
}

static enum pgp_result check(const struct trust_maker *m,
			     const struct sigframe *f, struct span octets,
			     int64_t now)
{
	/* what gpg says first, too */
	if ((int64_t)f->created < m->created)
		return PGP_SIGNATURE_TIME;
	switch (keymath_verify(m->pub, f, octets)) {
	case 0:
		return of_key(m, (int64_t)f->created, now);
	case EBADMSG:
		return PGP_BAD;
	case ENOTSUP:
		return PGP_NOT_MINE;
	default:
		return PGP_ENGINE;
	}
}

static enum pgp_result verify_with(struct ctx *c, struct trust *t,
				   const struct sigframe *f, struct span octets,
				   char signer[PGP_FPR_MAX])
{
	int64_t now = (int64_t)(clock_wall_ms() / 1000);
	char fpr[PGP_FPR_MAX];
	struct trust_maker m;
	enum pgp_result r;

	hex_of(fpr, f->fpr);
	if (!trust_maker(t, fpr, (time_t)now, &m))
		return PGP_NO_KEY;
	if (!m.pub || (c->quick && (m.pub->kind != KEY_ED25519 || !m.vouched)))
		return PGP_NOT_MINE;
	r = check(&m, f, octets, now);
	if (r != PGP_GOOD)
		return r;
	if (!m.vouched) {
		c->asked = trust_hold(t);
		c->maker = m;
		return PGP_NOT_MINE;
	}
	strcpy(signer, m.primary);
	return PGP_GOOD;
}

static enum pgp_result verify(void *ctx, struct span octets, struct span sig,
			      char signer[PGP_FPR_MAX])
{
	struct ctx *c = ctx;
	enum pgp_result r = PGP_NOT_MINE;
	struct sigframe f;
	struct trust *t;

	forget(c);
	if (sigframe_read(&f, sig))
		return PGP_NOT_MINE;
	t = snapshot_get(c->e->keys);
	if (t)
		r = verify_with(c, t, &f, octets, signer);
	trust_free(t);
	return r;
}

static void second_opinion(void *ctx, enum pgp_result r, const char *signer)
{
	struct ctx *c = ctx;

	if (c->asked && r == PGP_GOOD && !strcmp(signer, c->maker.primary))
		trust_vouch(c->asked, c->maker.number);
	forget(c);
}

/* ---- sign ---- */

static int sign_with(struct ctx *c, const struct trust *t, const char *fpr,
		     struct span octets, uint8_t sig[PGP_SIG_MAX], size_t *len)
{
	time_t now = (time_t)(clock_wall_ms() / 1000);
	const struct seckey *key;
	struct trust_maker m;

	if (!trust_secret(t, fpr, now, &m))
		return ENOKEY;
	key = secrets_find(c->e->secrets, m.fpr);
	if (!key || (c->quick && !seckey_is_quick(key)))
		return ENOTSUP;
	return seckey_sign(key, m.fpr, (uint32_t)now, octets, sig, len);
}

static int sign(void *ctx, const char *fpr, struct span octets,
		uint8_t sig[PGP_SIG_MAX], size_t *len)
{
	struct ctx *c = ctx;
	struct trust *t = snapshot_get(c->e->keys);
	int err = t ? sign_with(c, t, fpr, octets, sig, len) : ENOTSUP;

	trust_free(t);
	return err;
}

const struct pgp_engine pgp_engine_fast = {
	.name = "fast",
	.open = engine_open,
	.close = engine_close,
	.ctx_open = ctx_open,
	.ctx_close = ctx_close,
	.sign = sign,
	.verify = verify,
	.second_opinion = second_opinion,
};

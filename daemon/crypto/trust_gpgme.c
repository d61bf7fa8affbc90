/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reads a GnuPG keyring into a trust snapshot. Each key is let go as soon as it
 * is taken over, so that a long keyring never stands in memory as gpgme's
 * objects: what gpg costs grows with the memory of the process that calls it.
 */
#include <errno.h>
#include <stdio.h>
#include <sys/un.h>
#include "base/clock.h"
#include "base/digest.h"
#include "base/log.h"
#include "crypto/gpgop.h"
#include "crypto/home.h"
#include "crypto/reap.h"
#include "crypto/sigpacket.h"
#include "crypto/trust_build.h"

/* Validity of thousands of keys takes gpg its time; this is for a hung one. */
#define LOAD_MS 300000

static const char *curve_name(const char *curve)
{
	static const char *const names[][2] = {
		{ "ed25519", "Ed25519" },     { "ed448", "Ed448" },
		{ "cv25519", "X25519" },      { "nistp256", "P-256" },
		{ "nistp384", "P-384" },      { "nistp521", "P-521" },
		{ "secp256k1", "secp256k1" },
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(names[i][0], curve) == 0)
			return names[i][1];
	return curve;
}

static void algorithm(char *out, size_t cap, gpgme_subkey_t s)
{
	const char *name = gpgme_pubkey_algo_name(s->pubkey_algo);

	if (s->curve)
		snprintf(out, cap, "%s", curve_name(s->curve));
	else
		snprintf(out, cap, "%s-%u", name ? name : "unknown", s->length);
}

static enum trust_validity validity(gpgme_validity_t v)
{
	switch (v) {
	case GPGME_VALIDITY_UNDEFINED:
		return VALIDITY_UNDEFINED;
	case GPGME_VALIDITY_NEVER:
		return VALIDITY_NEVER;
	case GPGME_VALIDITY_MARGINAL:
		return VALIDITY_MARGINAL;
	case GPGME_VALIDITY_FULL:
		return VALIDITY_FULL;
	case GPGME_VALIDITY_ULTIMATE:
		return VALIDITY_ULTIMATE;
	case GPGME_VALIDITY_UNKNOWN:
		break;
	}
	return VALIDITY_UNKNOWN;
}

static void add_sub(struct trust *t, gpgme_subkey_t s)
{
	bool weak = sigpacket_weak_key((unsigned int)s->pubkey_algo, s->length);
	struct trust_sub sub = {
		.fpr = s->fpr,
		.can_sign = s->can_sign && !weak,
		.expired = s->expired,
		.revoked = s->revoked,
		.disabled = s->disabled,
		.invalid = s->invalid,
		.secret = s->secret,
		.created = s->timestamp,
		.expires = s->expires,
	};

	if (s->fpr && strlen(s->fpr) < PGP_FPR_MAX)
		trust_add_sub(t, &sub);
}

static void add_uid(struct trust *t, gpgme_user_id_t u)
{
	struct trust_uid uid = {
		.text = u->uid,
		.validity = validity(u->validity),
		.revoked = u->revoked,
		.invalid = u->invalid,
	};

	if (u->uid)
		trust_add_uid(t, &uid);
}

struct listing {
	struct trust *t;
	size_t seen;
	int err;
};

static void add_key(void *arg, gpgme_key_t key)
{
	struct listing *l = arg;
	struct trust *t = l->t;
	char text[64];
	struct trust_key k = { .algorithm = text };

	l->seen++;
	/* a key without a primary could not be found by its fingerprint */
	if (key->subkeys && key->subkeys->fpr &&
	    strlen(key->subkeys->fpr) < PGP_FPR_MAX) {
		algorithm(text, sizeof(text), key->subkeys);
		k.bits = key->subkeys->length;
		k.ownertrust = validity(key->owner_trust);
		k.expired = key->expired;
		k.revoked = key->revoked;
		k.disabled = key->disabled;
		k.invalid = key->invalid;
		trust_add_key(t, &k);
		for (gpgme_subkey_t s = key->subkeys; s; s = s->next)
			add_sub(t, s);
		for (gpgme_user_id_t u = key->uids; u; u = u->next)
			add_uid(t, u);
	}
	gpgme_key_unref(key);
}

/* A listing that hangs does so on the agent, as far as is known. */
static void mend_agent(const char *home)
{
	char path[sizeof(((struct sockaddr_un *)0)->sun_path)];

	if (!home_dir(path, sizeof(path), home, "agent-socket"))
		reap_agent(home, path);
}

static int list_keys(struct listing *l, const char *home)
{
	struct gpgop *op;
	gpgme_error_t gerr = 0;
	gpgme_ctx_t g;
	char text[128];
	int err;

	err = gpgop_open(&op, home);
	if (err)
		return err;
	g = gpgop_ctx(op);
	gpgop_on_key(op, add_key, l);
	gpgme_set_keylist_mode(g, GPGME_KEYLIST_MODE_LOCAL |
					  GPGME_KEYLIST_MODE_WITH_SECRET);
	err = gpgop_run(op, gpgme_op_keylist_start(g, NULL, 0), LOAD_MS, &gerr);
	if (err == ETIMEDOUT)
		mend_agent(home);
	if (!err && gerr) {
		log_warnx("keyring of %s can't be listed: %s", home,
			  gpgop_error(gerr, text));
		err = EIO;
	}
	gpgop_close(op);
	return err == ETIMEDOUT ? EIO : err;
}

static void add_packet(void *arg, uint8_t tag, struct span body)
{
	struct listing *l = arg;

	(void)tag;
	if (trust_add_packet(l->t, body))
		l->err = ENOMEM;
}

/*
 * gpg that meets a damaged keyring, or is killed, lists what it has seen so far
 * and leaves with a status that gpgme does not pass on. So the keys are counted
 * once more, in a way that tells, as their numbers are read.
 */
static int read_packets(struct listing *l, const char *home)
{
	struct packets w = {
		.wanted_tags = 1ull << PACKETS_PUBLIC_KEY |
			       1ull << PACKETS_PUBLIC_SUBKEY,
		.each = add_packet,
		.arg = l,
	};
	int err = home_export(home, gpgop_program(), &w);

	if (!err && w.public_keys == l->seen)
		return l->err;
	log_warnx("keyring of %s could not be read whole (\"gpg --homedir %s "
		  "--list-keys\" says why), or changed just now",
		  home, home);
	return EIO;
}

/* In this model gpg asks for no validity, and its listings know none. */
static int model_is_always(const char *home, bool *always)
{
	char model[32];
	int err = home_option(model, sizeof(model), home, "trust-model");

	*always = !err && strcmp(model, "always") == 0;
	if (!err || err == ENOENT)
		return 0;
	log_warnx("gpgconf does not say which trust model gpg uses in %s",
		  home);
	return EIO;
}

int trust_load(struct trust **out, const char *home)
{
	struct listing l = { .seen = 0, .err = 0 };
	char path[PATH_MAX];
	struct trust *t;
	bool always;
	int err;

	err = digest_init();
	if (!err)
		err = gpgop_init();
	if (!err)
		err = home_check(path, home ? home : gpgop_default_home());
	if (!err)
		err = model_is_always(path, &always);
	if (err)
		return err;
	t = trust_new(always, (time_t)(clock_wall_ms() / 1000));
	if (!t)
		return ENOMEM;
	l.t = t;
	err = list_keys(&l, path);
	if (!err)
		err = trust_finish(t);
	if (!err)
		err = read_packets(&l, path);
	if (err) {
		trust_free(t);
		return err;
	}
	*out = t;
	return 0;
}

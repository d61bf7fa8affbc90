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

struct listing {
	struct trust *t;
	const struct trust *before; /* NULL: all is read */
	unsigned int limit_ms;
	size_t seen;
	int err;
};

static void add_sub(const struct listing *l, gpgme_subkey_t s)
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

	if (!s->fpr || strlen(s->fpr) >= PGP_FPR_MAX)
		return;
	if (l->before)
		sub.secret = trust_old_secret(l->before, s->fpr);
	trust_add_sub(l->t, &sub);
}

static void add_uid(const struct listing *l, const char *primary,
		    gpgme_user_id_t u)
{
	struct trust_uid uid = {
		.text = u->uid,
		.validity = validity(u->validity),
		.revoked = u->revoked,
		.invalid = u->invalid,
	};

	if (!u->uid)
		return;
	if (l->before)
		uid.validity = trust_old_validity(l->before, primary, u->uid);
	trust_add_uid(l->t, &uid);
}

static void add_key(void *arg, gpgme_key_t key)
{
	struct listing *l = arg;
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
		trust_add_key(l->t, &k);
		for (gpgme_subkey_t s = key->subkeys; s; s = s->next)
			add_sub(l, s);
		for (gpgme_user_id_t u = key->uids; u; u = u->next)
			add_uid(l, key->subkeys->fpr, u);
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

static void too_slow(const struct listing *l, const char *home)
{
	log_warnx("gpg did not list the keyring of %s within %u s, and was "
		  "ended (with a long keyring it may need more: "
		  "keyring-timeout)",
		  home, l->limit_ms / 1000);
	if (!l->before)
		mend_agent(home);
}

static int list_keys(struct listing *l, const char *home)
{
	gpgme_keylist_mode_t mode = GPGME_KEYLIST_MODE_LOCAL;
	struct gpgop *op;
	gpgme_error_t gerr = 0;
	char text[128];
	int err;

	err = gpgop_open(&op, home);
	if (err)
		return err;
	if (!l->before)
		mode |= GPGME_KEYLIST_MODE_WITH_SECRET;
	else if (gpgop_without_trust(op))
		err = EIO;
	gpgop_on_key(op, add_key, l);
	gpgme_set_keylist_mode(gpgop_ctx(op), mode);
	if (!err)
		err = gpgop_run(op,
				gpgme_op_keylist_start(gpgop_ctx(op), NULL, 0),
				l->limit_ms, &gerr);
	if (err == ETIMEDOUT)
		too_slow(l, home);
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
	int err = home_export(home, gpgop_program(), l->limit_ms, &w);

	if (!err && w.public_keys == l->seen)
		return l->err;
	log_warnx("keyring of %s could not be read whole (\"gpg --homedir %s "
		  "--list-keys\" says why), or changed just now",
		  home, home);
	return EIO;
}

/* In this model gpg asks for no validity, and its listings know none. */
static int model_is_always(const char *home, unsigned int limit_ms,
			   bool *always)
{
	char model[32];
	int err = home_option(model, sizeof(model), home, "trust-model",
			      limit_ms);

	*always = !err && strcmp(model, "always") == 0;
	if (!err || err == ENOENT)
		return 0;
	log_warnx("gpgconf does not say which trust model gpg uses in %s",
		  home);
	return EIO;
}

static int load(struct trust **out, const char *home, unsigned int limit_ms,
		const struct trust *before)
{
	struct listing l = { .before = before, .limit_ms = limit_ms };
	bool always = before && trust_old_always(before);
	char path[PATH_MAX];
	struct trust *t;
	int err;

	err = digest_init();
	if (!err)
		err = gpgop_init();
	if (!err)
		err = home_check(path, home ? home : gpgop_default_home());
	if (!err && !before)
		err = model_is_always(path, limit_ms, &always);
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

int trust_load(struct trust **out, const char *home, unsigned int limit_ms)
{
	return load(out, home, limit_ms, NULL);
}

int trust_load_keys(struct trust **out, const char *home, unsigned int limit_ms,
		    const struct trust *before)
{
	return load(out, home, limit_ms, before);
}

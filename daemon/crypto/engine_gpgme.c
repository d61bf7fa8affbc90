/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The reference engine: gpg does it, by way of gpgme, a process each time.
 *
 * gpg says whether a signature holds. Three things it does not say there: the
 * primary key of a signing subkey, how long the key is, and whether its owner
 * disabled it. They come from a listing of the key, which costs as much as the
 * verification itself, so they are kept for as long as the keyring's files stay
 * as they were.
 */
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/un.h>
#include "base/clock.h"
#include "base/log.h"
#include "crypto/engine.h"
#include "crypto/gpgop.h"
#include "crypto/home.h"
#include "crypto/reap.h"
#include "crypto/sigpacket.h"

#define KNOWN_MAX   256 /* keys remembered */
#define SIGNERS_MAX 16	/* secret keys remembered by a context */

/* A (sub)key that made a signature. */
struct known {
	char fpr[PGP_FPR_MAX];
	char primary[PGP_FPR_MAX];
	unsigned int algo, bits;
	int64_t created;
	bool usable; /* may sign, not disabled, not invalid */
};

/* Changes with the files of a keyring. */
struct stamp {
	struct {
		int64_t ino, size, s, ns;
	} file[4];
};

struct engine {
	char *home;
	char agent_socket[sizeof(((struct sockaddr_un *)0)->sun_path)];
	unsigned int timeout_ms;
	pthread_mutex_t mending; /* one thread at a time judges the agent */

	pthread_mutex_t lock; /* of what follows */
	struct stamp stamp;
	struct known known[KNOWN_MAX];
	size_t n_known, next_known;
};

struct ctx {
	struct engine *e;
	struct gpgop *op;
	gpgme_key_t signer[SIGNERS_MAX]; /* by first use; NULL: free */
	char asked[SIGNERS_MAX][PGP_FPR_MAX];
	size_t next_signer;
};

/* ---- engine ---- */

static void engine_close(void *engine)
{
	struct engine *e = engine;

	pthread_mutex_destroy(&e->lock);
	pthread_mutex_destroy(&e->mending);
	free(e->home);
	free(e);
}

static int engine_open(void **out, const struct pgp_conf *conf,
		       struct snapshot *keys)
{
	struct engine *e = calloc(1, sizeof(*e));

	(void)keys; /* gpg reads the keyring itself */
	if (!e)
		return ENOMEM;
	pthread_mutex_init(&e->lock, NULL);
	pthread_mutex_init(&e->mending, NULL);
	e->timeout_ms = conf->timeout_ms;
	e->home = strdup(conf->home);
	if (!e->home) {
		engine_close(e);
		return ENOMEM;
	}
	if (home_dir(e->agent_socket, sizeof(e->agent_socket), e->home,
		     "agent-socket"))
		log_warnx("gpgconf does not say where the socket of gpg-agent "
			  "is: one that hangs will not be restarted");
	*out = e;
	return 0;
}

static void ctx_close(void *ctx)
{
	struct ctx *c = ctx;

	for (size_t i = 0; i < SIGNERS_MAX; i++)
		if (c->signer[i])
			gpgme_key_unref(c->signer[i]);
	gpgop_close(c->op);
	free(c);
}

static int ctx_open(void **out, void *engine, bool quick)
{
	struct ctx *c;
	int err;

	if (quick)
		return ENOTSUP;
	c = calloc(1, sizeof(*c));
	if (!c)
		return ENOMEM;
	c->e = engine;
	err = gpgop_open(&c->op, c->e->home);
	/* whose key it is and whether he is believed is not asked here */
	if (!err)
		err = gpgop_without_trust(c->op);
	if (err) {
		ctx_close(c);
		return err;
	}
	*out = c;
	return 0;
}

/* ---- looking a key up ---- */

static void keep_first(void *arg, gpgme_key_t key)
{
	gpgme_key_t *first = arg;

	if (*first)
		gpgme_key_unref(key);
	else
		*first = key;
}

/* 0 and a reference; ENOKEY; ETIMEDOUT; EIO. */
static int find_key(struct ctx *c, const char *fpr, bool secret,
		    gpgme_key_t *key)
{
	gpgme_error_t gerr;
	gpgme_ctx_t g = gpgop_ctx(c->op);
	int err;

	*key = NULL;
	gpgop_on_key(c->op, keep_first, key);
	gpgme_set_keylist_mode(g, GPGME_KEYLIST_MODE_LOCAL);
	err = gpgop_run(c->op, gpgme_op_keylist_start(g, fpr, secret),
			c->e->timeout_ms, &gerr);
	gpgop_on_key(c->op, NULL, NULL);
	if (!err && !*key)
		err = gpgme_err_code(gerr) ? EIO : ENOKEY;
	if (err && *key) {
		gpgme_key_unref(*key);
		*key = NULL;
	}
	return err;
}

static void stamp_take(struct stamp *s, const char *home)
{
	static const char *const name[] = { "pubring.kbx", "pubring.gpg",
					    "pubring.db", "trustdb.gpg" };
	char path[PATH_MAX];
	struct stat st;

	memset(s, 0, sizeof(*s));
	for (size_t i = 0; i < sizeof(name) / sizeof(name[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", home, name[i]);
		if (stat(path, &st))
			continue;
		s->file[i].ino = (int64_t)st.st_ino;
		s->file[i].size = st.st_size;
		s->file[i].s = st.st_mtim.tv_sec;
		s->file[i].ns = st.st_mtim.tv_nsec;
	}
}

static bool known_get(struct engine *e, const char *fpr,
		      const struct stamp *now, struct known *out)
{
	bool found = false;

	pthread_mutex_lock(&e->lock);
	if (memcmp(&e->stamp, now, sizeof(*now)) != 0)
		e->n_known = e->next_known = 0;
	for (size_t i = 0; i < e->n_known && !found; i++) {
		found = strcmp(e->known[i].fpr, fpr) == 0;
		if (found)
			*out = e->known[i];
	}
	pthread_mutex_unlock(&e->lock);
	return found;
}

/* seen: the stamp before the key was read. */
static void known_put(struct engine *e, const struct known *k,
		      const struct stamp *seen)
{
	pthread_mutex_lock(&e->lock);
	if (memcmp(&e->stamp, seen, sizeof(*seen)) != 0)
		e->n_known = e->next_known = 0;
	e->stamp = *seen;
	e->known[e->next_known] = *k;
	e->next_known = (e->next_known + 1) % KNOWN_MAX;
	if (e->n_known < KNOWN_MAX)
		e->n_known++;
	pthread_mutex_unlock(&e->lock);
}

static bool fpr_copy(char out[PGP_FPR_MAX], const char *fpr)
{
	return fpr && !span_copy(out, PGP_FPR_MAX, span_str(fpr));
}

/* The subkey that a fingerprint, or the key ID at its end, names. */
static gpgme_subkey_t subkey_of(gpgme_key_t key, const char *id)
{
	size_t n = strlen(id);

	for (gpgme_subkey_t s = key->subkeys; s; s = s->next) {
		size_t len = s->fpr ? strlen(s->fpr) : 0;

		if (n >= 16 && len >= n && !strcmp(s->fpr + len - n, id))
			return s;
	}
	return NULL;
}

static bool known_from(struct known *k, gpgme_key_t key, const char *id)
{
	gpgme_subkey_t s = subkey_of(key, id);

	if (!s || !fpr_copy(k->fpr, s->fpr) ||
	    !fpr_copy(k->primary, key->subkeys->fpr))
		return false;
	k->algo = (unsigned int)s->pubkey_algo;
	k->bits = s->length;
	k->created = s->timestamp;
	k->usable = s->can_sign && !s->disabled && !s->invalid &&
		    !key->disabled && !key->invalid;
	return true;
}

/* id: fingerprint or long key ID. 0; ENOKEY; ETIMEDOUT; EIO. */
static int known_key(struct ctx *c, const char *id, struct known *k)
{
	struct stamp now;
	gpgme_key_t key;
	int err;

	stamp_take(&now, c->e->home);
	if (known_get(c->e, id, &now, k))
		return 0;
	err = find_key(c, id, false, &key);
	if (err)
		return err;
	if (!known_from(k, key, id))
		err = ENOKEY;
	else
		known_put(c->e, k, &now);
	gpgme_key_unref(key);
	return err;
}

/* ---- verify ---- */

/* What gpg said of a signature, kept from the next operation of the context. */
struct verdict {
	gpgme_err_code_t status;
	char id[PGP_FPR_MAX]; /* fingerprint or key ID; "" when not known */
	int64_t made;
};

static enum pgp_result from_errno(int err)
{
	return err == ETIMEDOUT ? PGP_TIMEOUT : PGP_ENGINE;
}

/* gpg could not check it, and gpgme does not pass on why. */
static enum pgp_result why_not(struct ctx *c, const struct verdict *v,
			       int64_t now)
{
	struct known k;
	int err;

	if (!v->id[0])
		return PGP_MALFORMED;
	err = known_key(c, v->id, &k);
	if (err)
		return err == ENOKEY ? PGP_NO_KEY : from_errno(err);
	if (k.created > now || !k.usable)
		return PGP_KEY_UNUSABLE;
	if (v->made < k.created || v->made > now + PGP_SKEW_S)
		return PGP_SIGNATURE_TIME;
	return PGP_BAD;
}

/* gpg holds it good: is it good enough? */
static enum pgp_result good(struct ctx *c, const struct verdict *v, int64_t now,
			    char signer[PGP_FPR_MAX])
{
	struct known k;
	int err;

	if (!v->id[0])
		return PGP_MALFORMED;
	err = known_key(c, v->id, &k);
	if (err)
		return err == ENOKEY ? PGP_NO_KEY : from_errno(err);
	if (!k.usable || k.created > now + PGP_SKEW_S)
		return PGP_KEY_UNUSABLE;
	if (sigpacket_weak_key(k.algo, k.bits))
		return PGP_WEAK;
	if (v->made < k.created || v->made > now + PGP_SKEW_S)
		return PGP_SIGNATURE_TIME;
	memcpy(signer, k.primary, PGP_FPR_MAX);
	return PGP_GOOD;
}

static enum pgp_result outcome(struct ctx *c, const struct verdict *v,
			       char signer[PGP_FPR_MAX])
{
	int64_t now = (int64_t)(clock_wall_ms() / 1000);

	switch (v->status) {
	case GPG_ERR_NO_ERROR:
		return good(c, v, now, signer);
	case GPG_ERR_BAD_SIGNATURE:
		return PGP_BAD;
	case GPG_ERR_NO_PUBKEY:
		return PGP_NO_KEY;
	case GPG_ERR_KEY_EXPIRED:
		return PGP_KEY_EXPIRED;
	case GPG_ERR_CERT_REVOKED:
		return PGP_KEY_REVOKED;
	case GPG_ERR_SIG_EXPIRED:
		return PGP_SIGNATURE_TIME;
	case GPG_ERR_DIGEST_ALGO:
		return PGP_WEAK;
	case GPG_ERR_WRONG_KEY_USAGE:
		return PGP_KEY_UNUSABLE;
	default:
		return why_not(c, v, now);
	}
}

static enum pgp_result no_outcome(gpgme_error_t gerr)
{
	char text[128];

	switch (gpgme_err_code(gerr)) {
	case GPG_ERR_NO_ERROR:
		/* the packet is a signature: gpg has something to say of it,
		 * unless it was killed */
		log_peer("gpg ended without a word on a signature");
		return PGP_ENGINE;
	case GPG_ERR_NO_DATA:
	case GPG_ERR_BAD_DATA:
	case GPG_ERR_INV_PACKET:
		return PGP_MALFORMED;
	default:
		log_peer("gpg can't verify: %s", gpgop_error(gerr, text));
		return PGP_ENGINE;
	}
}

static enum pgp_result verify_data(struct ctx *c, gpgme_data_t sig,
				   gpgme_data_t text, char signer[PGP_FPR_MAX])
{
	gpgme_ctx_t g = gpgop_ctx(c->op);
	struct verdict v = { .id = "" };
	gpgme_verify_result_t res;
	gpgme_signature_t s;
	gpgme_error_t gerr;
	int err;

	err = gpgop_run(c->op, gpgme_op_verify_start(g, sig, text, NULL),
			c->e->timeout_ms, &gerr);
	if (err)
		return from_errno(err);
	if (gpgme_err_code(gerr) == GPG_ERR_NO_DATA)
		return PGP_MALFORMED;
	res = gpgme_op_verify_result(g);
	if (!res || !res->signatures)
		return no_outcome(gerr);
	s = res->signatures;
	if (s->next)
		return PGP_MALFORMED;
	v.status = gpgme_err_code(s->status);
	v.made = (int64_t)s->timestamp;
	fpr_copy(v.id, s->fpr);
	return outcome(c, &v, signer);
}

static enum pgp_result verify(void *ctx, struct span octets, struct span sig,
			      char signer[PGP_FPR_MAX])
{
	gpgme_data_t text = NULL, packet = NULL;
	enum pgp_result r = PGP_ENGINE;

	if (!gpgme_data_new_from_mem(&text, octets.p, octets.len, 0) &&
	    !gpgme_data_new_from_mem(&packet, sig.p, sig.len, 0))
		r = verify_data(ctx, packet, text, signer);
	gpgme_data_release(packet);
	gpgme_data_release(text);
	return r;
}

/* ---- sign ---- */

/* After a signature that did not come: was it the agent? */
static void mend_agent(struct engine *e)
{
	if (!e->agent_socket[0])
		return;
	pthread_mutex_lock(&e->mending);
	reap_agent(e->home, e->agent_socket);
	pthread_mutex_unlock(&e->mending);
}

/* The key object that gpgme wants, which only carries the fingerprint. */
static int signer_key(struct ctx *c, const char *fpr, gpgme_key_t *key)
{
	size_t i;
	int err;

	for (i = 0; i < SIGNERS_MAX; i++) {
		if (c->signer[i] && strcmp(c->asked[i], fpr) == 0) {
			*key = c->signer[i];
			return 0;
		}
	}
	if (strlen(fpr) >= PGP_FPR_MAX)
		return ENOKEY;
	err = find_key(c, fpr, true, key);
	if (err)
		return err;
	i = c->next_signer;
	c->next_signer = (i + 1) % SIGNERS_MAX;
	if (c->signer[i])
		gpgme_key_unref(c->signer[i]);
	c->signer[i] = *key;
	strcpy(c->asked[i], fpr);
	return 0;
}

static int sign_error(gpgme_error_t gerr, const char *fpr)
{
	char text[128];

	switch (gpgme_err_code(gerr)) {
	case GPG_ERR_NO_ERROR:
		return 0;
	case GPG_ERR_UNUSABLE_SECKEY:
	case GPG_ERR_NO_SECKEY:
	case GPG_ERR_NO_PUBKEY:
		return ENOKEY;
	default:
		log_peer("gpg can't sign with key %s: %s", fpr,
			 gpgop_error(gerr, text));
		return EIO;
	}
}

static int take_signature(gpgme_data_t out, uint8_t sig[PGP_SIG_MAX],
			  size_t *len)
{
	size_t n = 0;
	ssize_t got;

	if (gpgme_data_seek(out, 0, SEEK_SET) < 0)
		return EIO;
	while (n < PGP_SIG_MAX) {
		got = gpgme_data_read(out, sig + n, PGP_SIG_MAX - n);
		if (got < 0)
			return EIO;
		if (got == 0) {
			*len = n;
			return n ? 0 : EIO;
		}
		n += (size_t)got;
	}
	return EIO;
}

static int sign_data(struct ctx *c, const char *fpr, gpgme_data_t text,
		     gpgme_data_t out)
{
	gpgme_sign_result_t res;
	gpgme_error_t gerr;
	gpgme_key_t key;
	gpgme_ctx_t g;
	int err;

	err = signer_key(c, fpr, &key);
	if (err)
		return err;
	g = gpgop_ctx(c->op);
	gpgme_signers_clear(g);
	gerr = gpgme_signers_add(g, key);
	if (!gerr)
		gerr = gpgme_op_sign_start(g, text, out, GPGME_SIG_MODE_DETACH);
	err = gpgop_run(c->op, gerr, c->e->timeout_ms, &gerr);
	if (err)
		return err;
	err = sign_error(gerr, fpr);
	if (err)
		return err;
	res = gpgme_op_sign_result(g);
	if (!res || res->invalid_signers || !res->signatures ||
	    res->signatures->next)
		return EIO;
	return 0;
}

static int sign(void *ctx, const char *fpr, struct span octets,
		uint8_t sig[PGP_SIG_MAX], size_t *len)
{
	struct ctx *c = ctx;
	gpgme_data_t text = NULL, out = NULL;
	int err = EIO;

	if (!gpgme_data_new_from_mem(&text, octets.p, octets.len, 0) &&
	    !gpgme_data_new(&out))
		err = sign_data(c, fpr, text, out);
	if (!err)
		err = take_signature(out, sig, len);
	gpgme_data_release(out);
	gpgme_data_release(text);
	if (err == ETIMEDOUT)
		mend_agent(c->e);
	return err;
}

const struct pgp_engine pgp_engine_gpgme = {
	.name = "gpgme",
	.open = engine_open,
	.close = engine_close,
	.ctx_open = ctx_open,
	.ctx_close = ctx_close,
	.sign = sign,
	.verify = verify,
};

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation
 *
 * gpg lists keys with their certifications in one process for any number of
 * keys, but the certifiers of what it lists have to be asked for in turn: so
 * the web is read in rounds, each for all the key IDs that the last one brought
 * up, as many as certifications may be deep. What is printed is then a walk
 * from the user ID towards the keys that are trusted ultimately.
 */
#include "crypto/web.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>

#include "base/log.h"
#include "crypto/gpgop.h"
#include "crypto/home.h"

#define DEPTH_MAX 5	/* GnuPG's own max-cert-depth */
#define NODES_MAX 1024	/* enough for a page of keys and who certified them */
#define CERTS_MAX 64	/* of one user ID; some have thousands, by spammers */
#define LIST_MS	  20000 /* for each round */

struct cert {
	char id[17]; /* key ID */
	bool revoked, expired, bad;
};

struct uid {
	char *text;
	gpgme_validity_t validity;
	bool revoked;
	size_t n;
	struct cert *cert;
};

struct node {
	char fpr[PGP_FPR_MAX];
	gpgme_validity_t ownertrust;
	bool revoked, expired, disabled;
	size_t n;
	struct uid *uid;
};

struct web {
	char model[32];
	size_t n;
	struct node node[NODES_MAX];
	char asked[NODES_MAX][PGP_FPR_MAX]; /* fingerprints and key IDs */
	size_t n_asked;
	bool no_memory;
};

static const char *validity_word(gpgme_validity_t v)
{
	switch (v) {
	case GPGME_VALIDITY_UNDEFINED:
		return "undefined";
	case GPGME_VALIDITY_NEVER:
		return "never";
	case GPGME_VALIDITY_MARGINAL:
		return "marginal";
	case GPGME_VALIDITY_FULL:
		return "full";
	case GPGME_VALIDITY_ULTIMATE:
		return "ultimate";
	case GPGME_VALIDITY_UNKNOWN:
		break;
	}
	return "unknown";
}

/* ---- reading ---- */

/* By fingerprint or key ID, which is its end. */
static const struct node *node_find(const struct web *w, const char *id)
{
	size_t n = strlen(id);

	for (size_t i = 0; i < w->n; i++) {
		size_t len = strlen(w->node[i].fpr);

		if (len >= n && !strcmp(w->node[i].fpr + len - n, id))
			return &w->node[i];
	}
	return NULL;
}

static struct cert *cert_of(struct uid *u, const char *id)
{
	struct cert *c;

	for (size_t i = 0; i < u->n; i++)
		if (!strcmp(u->cert[i].id, id))
			return &u->cert[i];
	if (u->n == CERTS_MAX || strlen(id) >= sizeof(c->id))
		return NULL;
	c = &u->cert[u->n++];
	strcpy(c->id, id);
	return c;
}

/* They come oldest first: a later one by the same key replaces it. */
static void take_cert(struct uid *u, gpgme_key_sig_t s, const char *own)
{
	size_t len = strlen(own), n = s->keyid ? strlen(s->keyid) : 0;
	struct cert *c;

	if (!n || n > len || !strcmp(own + len - n, s->keyid))
		return;
	c = cert_of(u, s->keyid);
	if (!c)
		return;
	c->revoked = s->revoked;
	c->expired = s->expired;
	c->bad = s->invalid || (gpgme_err_code(s->status) != GPG_ERR_NO_ERROR &&
				gpgme_err_code(s->status) != GPG_ERR_NO_PUBKEY);
}

static bool take_uid(struct uid *u, gpgme_user_id_t from, const char *own)
{
	u->text = strdup(from->uid ? from->uid : "");
	u->validity = from->validity;
	u->revoked = from->revoked || from->invalid;
	u->cert = calloc(CERTS_MAX, sizeof(*u->cert));
	if (!u->text || !u->cert)
		return false;
	for (gpgme_key_sig_t s = from->signatures; s; s = s->next)
		take_cert(u, s, own);
	return true;
}

static bool take_uids(struct node *n, gpgme_key_t key)
{
	size_t count = 0;

	for (gpgme_user_id_t u = key->uids; u; u = u->next)
		count++;
	n->uid = calloc(count + 1, sizeof(*n->uid));
	if (!n->uid)
		return false;
	for (gpgme_user_id_t u = key->uids; u; u = u->next)
		if (!take_uid(&n->uid[n->n++], u, n->fpr))
			return false;
	return true;
}

static void take_key(void *arg, gpgme_key_t key)
{
	struct web *w = arg;
	const char *fpr = key->subkeys ? key->subkeys->fpr : NULL;

	if (fpr && strlen(fpr) < PGP_FPR_MAX && w->n < NODES_MAX &&
	    !node_find(w, fpr)) {
		struct node *n = &w->node[w->n++];

		strcpy(n->fpr, fpr);
		n->ownertrust = key->owner_trust;
		n->revoked = key->revoked;
		n->expired = key->expired;
		n->disabled = key->disabled;
		if (!take_uids(n, key))
			w->no_memory = true;
	}
	gpgme_key_unref(key);
}

static void ask(struct web *w, const char *id)
{
	if (w->n_asked == NODES_MAX || strlen(id) >= PGP_FPR_MAX)
		return;
	for (size_t i = 0; i < w->n_asked; i++)
		if (!strcmp(w->asked[i], id))
			return;
	strcpy(w->asked[w->n_asked++], id);
}

/* Ask for the certifiers of these nodes that are not here yet. */
static void ask_certifiers(struct web *w, size_t from)
{
	for (; from < w->n; from++) {
		const struct node *n = &w->node[from];

		if (n->ownertrust == GPGME_VALIDITY_ULTIMATE)
			continue;
		for (size_t u = 0; u < n->n; u++)
			for (size_t c = 0; c < n->uid[u].n; c++)
				if (!node_find(w, n->uid[u].cert[c].id))
					ask(w, n->uid[u].cert[c].id);
	}
}

/* Those asked for since. */
static int list(struct web *w, struct gpgop *op, size_t from)
{
	const char *pattern[NODES_MAX + 1];
	gpgme_ctx_t g = gpgop_ctx(op);
	gpgme_error_t gerr;
	char text[128];
	size_t n = 0;
	int err;

	for (; from < w->n_asked; from++)
		pattern[n++] = w->asked[from];
	pattern[n] = NULL;
	gpgop_on_key(op, take_key, w);
	gpgme_set_keylist_mode(g, GPGME_KEYLIST_MODE_LOCAL |
					  GPGME_KEYLIST_MODE_SIGS);
	err = gpgop_run(op, gpgme_op_keylist_ext_start(g, pattern, 0, 0),
			LIST_MS, &gerr);
	if (err || w->no_memory)
		return err ? err : ENOMEM;
	if (!gerr)
		return 0;
	log_warnx("certifications can't be listed: %s",
		  gpgop_error(gerr, text));
	return EIO;
}

static int rounds(struct web *w, struct gpgop *op)
{
	size_t asked = 0, seen = 0;

	for (int i = 0; i <= DEPTH_MAX && asked < w->n_asked; i++) {
		size_t from = asked;
		int err;

		asked = w->n_asked;
		err = list(w, op, from);
		if (err)
			return err;
		ask_certifiers(w, seen);
		seen = w->n;
	}
	return 0;
}

static int read_model(struct web *w, const char *home)
{
	int err = home_option(w->model, sizeof(w->model), home, "trust-model",
			      LIST_MS);

	if (err == ENOENT)
		strcpy(w->model, "pgp");
	return err == ENOENT ? 0 : err;
}

static int web_read(struct web *w, const char *home)
{
	struct gpgop *op;
	int err = read_model(w, home);

	if (!err)
		err = gpgop_open(&op, home);
	if (err)
		return err;
	err = rounds(w, op);
	gpgop_close(op);
	return err;
}

int web_load(struct web **out, const char *home, const char *const fpr[],
	     size_t n)
{
	char path[PATH_MAX];
	struct web *w;
	int err = gpgop_init();

	if (!err)
		err = home_check(path, home);
	if (err)
		return err;
	w = calloc(1, sizeof(*w));
	if (!w)
		return ENOMEM;
	for (size_t i = 0; i < n; i++)
		ask(w, fpr[i]);
	err = web_read(w, path);
	if (err) {
		web_free(w);
		return err;
	}
	*out = w;
	return 0;
}

void web_free(struct web *w)
{
	if (!w)
		return;
	for (size_t i = 0; i < w->n; i++) {
		for (size_t u = 0; u < w->node[i].n; u++) {
			free(w->node[i].uid[u].text);
			free(w->node[i].uid[u].cert);
		}
		free(w->node[i].uid);
	}
	free(w);
}

const char *web_model(const struct web *w)
{
	return w->model;
}

/* ---- telling ---- */

struct walk {
	const struct web *w;
	void (*each)(void *arg, const struct web_step *s);
	void *arg;
	size_t told;
	const struct node *way[DEPTH_MAX + 2]; /* from whose it is to here */
};

static const struct uid *best_uid(const struct node *n)
{
	const struct uid *best = NULL;

	for (size_t i = 0; i < n->n; i++)
		if (!n->uid[i].revoked &&
		    (!best || n->uid[i].validity > best->validity))
			best = &n->uid[i];
	return best;
}

static const char *cert_fault(const struct cert *c)
{
	if (c->revoked)
		return "the certification is revoked";
	if (c->expired)
		return "the certification has expired";
	if (c->bad)
		return "the certification does not hold";
	return NULL;
}

static const char *node_fault(const struct node *n, gpgme_validity_t validity)
{
	if (n->revoked)
		return "the certifying key is revoked";
	if (n->expired)
		return "the certifying key has expired";
	if (n->disabled)
		return "the certifying key is disabled";
	if (n->ownertrust < GPGME_VALIDITY_MARGINAL)
		return "no owner trust: what this key certifies does not count";
	if (validity < GPGME_VALIDITY_FULL)
		return "the certifying key is not valid itself";
	return NULL;
}

static const char *merit(gpgme_validity_t ownertrust)
{
	if (ownertrust == GPGME_VALIDITY_ULTIMATE)
		return "a key of our own";
	if (ownertrust == GPGME_VALIDITY_FULL)
		return "its owner is trusted to certify";
	return "its owner is trusted marginally: it takes three such";
}

static void walk_uid(struct walk *k, const struct uid *u, unsigned int depth);

static bool on_way(const struct walk *k, const struct node *n,
		   unsigned int depth)
{
	for (unsigned int i = 0; i <= depth; i++)
		if (k->way[i] == n)
			return true;
	return false;
}

static void walk_cert(struct walk *k, const struct cert *c, unsigned int depth)
{
	const struct node *n = node_find(k->w, c->id);
	const struct uid *u = n ? best_uid(n) : NULL;
	gpgme_validity_t validity = u ? u->validity : GPGME_VALIDITY_UNKNOWN;
	gpgme_validity_t owner = n ? n->ownertrust : GPGME_VALIDITY_UNKNOWN;
	const char *fault = cert_fault(c);
	bool circle;
	struct web_step s = {
		.depth = depth,
		.fpr = n ? n->fpr : c->id,
		.uid = u ? u->text : "",
		.validity = validity_word(validity),
		.ownertrust = validity_word(owner),
	};

	if (!n && !fault)
		fault = "the certifying key is not in the keyring";
	circle = n && on_way(k, n, depth);
	if (!fault && circle)
		fault = "in a circle";
	if (!fault)
		fault = node_fault(n, validity);
	s.counts = !fault;
	s.why = fault ? fault : merit(owner);
	k->each(k->arg, &s);
	k->told++;
	/* also where it fails for want of validity: that is the missing link */
	if (circle || !n || !u || owner == GPGME_VALIDITY_ULTIMATE ||
	    owner < GPGME_VALIDITY_MARGINAL || depth >= DEPTH_MAX ||
	    (fault && validity >= GPGME_VALIDITY_FULL))
		return;
	k->way[depth + 1] = n;
	walk_uid(k, u, depth + 1);
}

static void walk_uid(struct walk *k, const struct uid *u, unsigned int depth)
{
	for (size_t i = 0; i < u->n && k->told < WEB_STEPS_MAX; i++)
		walk_cert(k, &u->cert[i], depth);
}

void web_each(const struct web *w, const char *fpr, const char *uid,
	      void (*each)(void *arg, const struct web_step *s), void *arg)
{
	struct walk k = { .w = w, .each = each, .arg = arg };
	const struct node *n = node_find(w, fpr);

	k.way[0] = n;
	for (size_t i = 0; n && i < n->n; i++) {
		if (strcmp(n->uid[i].text, uid))
			continue;
		walk_uid(&k, &n->uid[i], 0);
		return;
	}
}

// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <sodium.h>
#include <stdlib.h>
#include "base/log.h"
#include "crypto/gpgop.h"
#include "crypto/home.h"
#include "crypto/secrets.h"

#define LIST_MS 60000

struct held {
	struct held *next;
	char fpr[PGP_FPR_MAX];
	struct seckey *key;
};

/* Primary fingerprints, as gpg lists them. */
struct names {
	struct names *next;
	char fpr[PGP_FPR_MAX];
};

struct secrets {
	struct held *first;
	struct names *names;
	size_t count;
	int err;
};

/* ---- one packet that gpg exported ---- */

static int hold(struct secrets *s, const struct keypacket *k)
{
	struct held *h = calloc(1, sizeof(*h));
	int err = h ? seckey_new(&h->key, k) : ENOMEM;

	if (err) {
		free(h);
		return err;
	}
	keymath_fingerprint(h->fpr, k);
	h->next = s->first;
	s->first = h;
	s->count++;
	return 0;
}

static void add_packet(void *arg, uint8_t tag, struct span body)
{
	struct secrets *s = arg;
	struct keypacket k;
	int err = keypacket_read(&k, body, true);

	(void)tag;
	if (!err)
		err = hold(s, &k);
	if (err == ENOMEM)
		s->err = ENOMEM;
}

/* Its body may be secret: the walk is done where it is locked, and wiped. */
static int take_out(struct secrets *s, const char *home, const char *fpr)
{
	struct packets *w = sodium_malloc(sizeof(*w));
	size_t before = s->count;
	int err;

	if (!w)
		return ENOMEM;
	sodium_memzero(w, sizeof(*w));
	w->wanted_tags =
		1ull << PACKETS_SECRET_KEY | 1ull << PACKETS_SECRET_SUBKEY;
	w->each = add_packet;
	w->arg = s;
	err = home_export_secret(home, gpgop_program(), fpr, w);
	sodium_free(w);
	if (s->err || err == ETIMEDOUT)
		return s->err ? s->err : err;
	if (err || s->count == before)
		log_warnx("secret key %s can't be held by the engine \"fast\": "
			  "it has a passphrase, is on a card, or is neither "
			  "Ed25519, RSA of 2048 to 8192 bits nor of a NIST "
			  "curve; gpg will sign with it, slowly (\"agent\" "
			  "signs with any)",
			  fpr);
	return 0;
}

/* ---- all of them ---- */

static void add_name(void *arg, gpgme_key_t key)
{
	struct secrets *s = arg;
	struct names *n = calloc(1, sizeof(*n));
	const char *fpr = key->subkeys ? key->subkeys->fpr : NULL;

	if (!n)
		s->err = ENOMEM;
	if (n && fpr && !span_copy(n->fpr, sizeof(n->fpr), span_str(fpr))) {
		n->next = s->names;
		s->names = n;
	} else {
		free(n);
	}
	gpgme_key_unref(key);
}

static int list(struct secrets *s, const char *home)
{
	gpgme_error_t gerr = 0;
	struct gpgop *op;
	int err = gpgop_open(&op, home);

	if (err)
		return err;
	gpgop_on_key(op, add_name, s);
	err = gpgop_without_trust(op);
	if (!err)
		err = gpgop_run(op,
				gpgme_op_keylist_start(gpgop_ctx(op), NULL, 1),
				LIST_MS, &gerr);
	gpgop_close(op);
	if (err || s->err)
		return err ? err : s->err;
	return gerr ? EIO : 0;
}

int secrets_load(struct secrets **out, const char *home)
{
	struct secrets *s = calloc(1, sizeof(*s));
	int err = s ? list(s, home) : ENOMEM;

	for (struct names *n = s ? s->names : NULL; n && !err; n = n->next)
		err = take_out(s, home, n->fpr);
	if (err) {
		log_warnx("secret keys of %s can't be taken into memory%s",
			  home,
			  err == ENOMEM ? ": too little may be locked (ulimit "
					  "-l, LimitMEMLOCK=)"
					: "");
		secrets_free(s);
		return err;
	}
	*out = s;
	return 0;
}

void secrets_free(struct secrets *s)
{
	if (!s)
		return;
	while (s->first) {
		struct held *next = s->first->next;

		seckey_free(s->first->key);
		free(s->first);
		s->first = next;
	}
	while (s->names) {
		struct names *next = s->names->next;

		free(s->names);
		s->names = next;
	}
	free(s);
}

size_t secrets_count(const struct secrets *s)
{
	return s->count;
}

const struct seckey *secrets_find(const struct secrets *s, const char *fpr)
{
	for (const struct held *h = s->first; h; h = h->next)
		if (strcmp(h->fpr, fpr) == 0)
			return h->key;
	return NULL;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation
 *
 * Three arrays (keys, subkeys, user IDs) that point into each other by number,
 * an arena for their strings, and two open hash tables made last: fingerprints
 * of all subkeys, and canonical URIs of the user IDs of secret keys. A usual
 * key takes some 600 octets, with the numbers of those that can sign. The user
 * IDs of one key are looked through one by one: there are seldom more than
 * three.
 *
 * What depends on the time (expiry) is decided when asked, so that a key which
 * expires between two readings of the keyring is refused in time.
 */
#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include "crypto/keymath.h"
#include "crypto/trust_build.h"
#include "crypto/uid.h"

#define CHUNK_SIZE 32768

struct chunk {
	struct chunk *next;
	size_t used, size;
	char octets[];
};

/* Open addressing; 0: free, else number + 1. */
struct table {
	uint32_t *slot;
	uint32_t mask;
};

/* An array that grows. */
#define ARRAY(type)                                                            \
	struct {                                                               \
		type *v;                                                       \
		uint32_t n, cap;                                               \
	}

struct trust {
	atomic_uint holders;
	bool always;
	bool no_memory;
	time_t loaded;
	struct chunk *chunks;
	ARRAY(struct trust_key) keys;
	ARRAY(struct trust_sub) subs;
	ARRAY(struct trust_uid) uids;
	ARRAY(uint32_t) owners; /* of each user ID: its key */
	struct table by_fpr, by_uri;
	size_t n_signers;
	atomic_uchar *vouched; /* of each subkey: gpg held one of its good */
};

const char *trust_word_name(enum trust_word w)
{
	static const char *const name[TRUST_WORD_COUNT] = {
		[TRUST_VALID] = "valid",
		[TRUST_NO_KEY] = "no-key",
		[TRUST_NO_IDENTITY] = "no-identity",
		[TRUST_NOT_VALID] = "not-valid",
		[TRUST_EXPIRED] = "expired",
		[TRUST_REVOKED] = "revoked",
		[TRUST_DISABLED] = "disabled",
		[TRUST_CANT_SIGN] = "cant-sign",
	};

	return w < TRUST_WORD_COUNT ? name[w] : "unknown";
}

static const char *validity_name(enum trust_validity v)
{
	static const char *const name[VALIDITY_COUNT] = {
		[VALIDITY_UNKNOWN] = "unknown",
		[VALIDITY_UNDEFINED] = "undefined",
		[VALIDITY_NEVER] = "never",
		[VALIDITY_MARGINAL] = "marginal",
		[VALIDITY_FULL] = "full",
		[VALIDITY_ULTIMATE] = "ultimate",
	};

	return v < VALIDITY_COUNT ? name[v] : "unknown";
}

/* ---- building ---- */

struct trust *trust_new(bool always, time_t now)
{
	struct trust *t = calloc(1, sizeof(*t));

	if (t) {
		atomic_init(&t->holders, 1);
		t->always = always;
		t->loaded = now;
	}
	return t;
}

struct trust *trust_hold(struct trust *t)
{
	if (t)
		atomic_fetch_add(&t->holders, 1);
	return t;
}

void trust_free(struct trust *t)
{
	if (!t || atomic_fetch_sub(&t->holders, 1) != 1)
		return;
	while (t->chunks) {
		struct chunk *next = t->chunks->next;

		free(t->chunks);
		t->chunks = next;
	}
	free(t->keys.v);
	free(t->subs.v);
	free(t->uids.v);
	free(t->owners.v);
	free(t->by_fpr.slot);
	free(t->by_uri.slot);
	free(t->vouched);
	free(t);
}

static struct chunk *chunk_new(struct trust *t, size_t size)
{
	struct chunk *c = malloc(sizeof(*c) + size);

	if (c) {
		c->next = t->chunks;
		c->used = 0;
		c->size = size;
		t->chunks = c;
	}
	return c;
}

/* Octets that live as long as the snapshot, aligned to 2; or NULL. */
static void *room(struct trust *t, size_t n)
{
	struct chunk *c = t->chunks;
	char *p;

	n += n & 1;
	if (!c || n > c->size - c->used)
		c = chunk_new(t, n > CHUNK_SIZE ? n : CHUNK_SIZE);
	if (!c) {
		t->no_memory = true;
		return NULL;
	}
	p = c->octets + c->used;
	c->used += n;
	return p;
}

static const char *keep(struct trust *t, const char *s)
{
	size_t n = strlen(s) + 1;
	char *p = n > 1 ? room(t, n) : NULL;

	return p ? memcpy(p, s, n) : "";
}

/* Room for one more, or false. */
static bool grow(struct trust *t, void *v, uint32_t n, uint32_t *cap,
		 size_t size)
{
	uint32_t more = *cap ? *cap + *cap / 2 : 16;
	void *old, *p;

	if (t->no_memory)
		return false;
	if (n < *cap)
		return true;
	memcpy(&old, v, sizeof(old));
	p = more > *cap ? reallocarray(old, more, size) : NULL;
	if (!p) {
		t->no_memory = true;
		return false;
	}
	memcpy(v, &p, sizeof(p));
	*cap = more;
	return true;
}

#define GROW(t, a) grow(t, &(a).v, (a).n, &(a).cap, sizeof((a).v[0]))

void trust_add_key(struct trust *t, const struct trust_key *k)
{
	struct trust_key *to;

	if (!GROW(t, t->keys))
		return;
	to = &t->keys.v[t->keys.n++];
	*to = *k;
	to->algorithm = keep(t, k->algorithm);
	to->first_sub = t->subs.n;
	to->first_uid = t->uids.n;
	to->n_subs = to->n_uids = 0;
}

void trust_add_sub(struct trust *t, const struct trust_sub *s)
{
	struct trust_sub *to;

	if (!GROW(t, t->subs))
		return;
	to = &t->subs.v[t->subs.n++];
	*to = *s;
	to->fpr = keep(t, s->fpr);
	to->key = t->keys.n - 1;
	t->keys.v[to->key].n_subs++;
}

void trust_add_uid(struct trust *t, const struct trust_uid *u)
{
	char canonical[SIPURI_MAX];
	struct trust_uid *to;

	if (!GROW(t, t->uids) || !GROW(t, t->owners))
		return;
	t->owners.v[t->owners.n++] = t->keys.n - 1;
	to = &t->uids.v[t->uids.n++];
	*to = *u;
	to->text = keep(t, u->text);
	uid_canonical(canonical, span_str(u->text));
	to->canonical = keep(t, canonical);
	t->keys.v[t->keys.n - 1].n_uids++;
}

static uint32_t hash(const char *s)
{
	uint32_t h = 2166136261u;

	while (*s)
		h = (h ^ (uint8_t)*s++) * 16777619u;
	return h ^ h >> 15;
}

static bool table_make(struct table *t, uint32_t entries)
{
	uint32_t size = 16;

	while (size / 2 < entries)
		size *= 2;
	t->slot = calloc(size, sizeof(t->slot[0]));
	t->mask = size - 1;
	return t->slot != NULL;
}

static void table_put(struct table *t, const char *name, uint32_t number)
{
	uint32_t i = hash(name) & t->mask;

	while (t->slot[i])
		i = (i + 1) & t->mask;
	t->slot[i] = number + 1;
}

static bool usable_secret(const struct trust *t, const struct trust_key *k,
			  time_t now);

static bool has_secret(const struct trust *t, const struct trust_key *k)
{
	for (uint32_t i = 0; i < k->n_subs; i++)
		if (t->subs.v[k->first_sub + i].secret)
			return true;
	return false;
}

static struct trust_sub *find_exactly(const struct trust *t, const char *fpr)
{
	for (uint32_t i = hash(fpr);; i++) {
		uint32_t number = t->by_fpr.slot[i & t->by_fpr.mask];

		if (!number)
			return NULL;
		if (strcmp(t->subs.v[number - 1].fpr, fpr) == 0)
			return &t->subs.v[number - 1];
	}
}

static bool index_fprs(struct trust *t)
{
	if (!table_make(&t->by_fpr, t->subs.n))
		return false;
	for (uint32_t i = 0; i < t->subs.n; i++) {
		struct trust_sub *s = &t->subs.v[i];
		struct trust_sub *other = find_exactly(t, s->fpr);

		if (other)
			other->twice = s->twice = true;
		table_put(&t->by_fpr, s->fpr, i);
	}
	return true;
}

static bool index_uris(struct trust *t)
{
	uint32_t n = 0;

	for (int fill = 0; fill <= 1; fill++) {
		if (fill && !table_make(&t->by_uri, n))
			return false;
		for (uint32_t i = 0; i < t->uids.n; i++) {
			const struct trust_uid *u = &t->uids.v[i];

			if (!*u->canonical || u->revoked ||
			    !has_secret(t, &t->keys.v[t->owners.v[i]]))
				continue;
			if (fill)
				table_put(&t->by_uri, u->canonical, i);
			n++;
		}
	}
	return true;
}

int trust_finish(struct trust *t)
{
	if (t->no_memory || !index_fprs(t) || !index_uris(t))
		return ENOMEM;
	t->vouched = calloc(t->subs.n + 1, sizeof(t->vouched[0]));
	if (!t->vouched)
		return ENOMEM;
	for (uint32_t i = 0; i < t->keys.n; i++)
		t->n_signers += usable_secret(t, &t->keys.v[i], t->loaded);
	return 0;
}

int trust_add_packet(struct trust *t, struct span body)
{
	char fpr[PGP_FPR_MAX];
	struct trust_sub *s;
	struct keypacket k;
	struct pubkey *pub;

	if (keypacket_read(&k, body, false))
		return 0;
	keymath_fingerprint(fpr, &k);
	s = find_exactly(t, fpr);
	/* whose it is is not ours to say when there are two */
	if (!s || s->twice || !s->can_sign || s->pub ||
	    s->created != (int64_t)k.created)
		return 0;
	pub = room(t, pubkey_size(&k));
	if (!pub)
		return ENOMEM;
	pubkey_write(pub, &k);
	s->pub = pub;
	return 0;
}

size_t trust_keys(const struct trust *t)
{
	return t->keys.n;
}

size_t trust_signers(const struct trust *t)
{
	return t->n_signers;
}

/* ---- keys ---- */

static bool over(bool expired, int64_t expires, time_t now)
{
	return expired || (expires && expires <= now);
}

static enum trust_word sub_word(const struct trust_sub *s, time_t now)
{
	if (s->revoked)
		return TRUST_REVOKED;
	if (s->disabled)
		return TRUST_DISABLED;
	if (over(s->expired, s->expires, now))
		return TRUST_EXPIRED;
	if (!s->can_sign || s->invalid || s->created > now)
		return TRUST_CANT_SIGN;
	return TRUST_VALID;
}

/* Of the subkeys that were made to sign: the best word. */
static enum trust_word signing_word(const struct trust *t,
				    const struct trust_key *k, time_t now)
{
	enum trust_word best = TRUST_CANT_SIGN;

	for (uint32_t i = 0; i < k->n_subs; i++) {
		const struct trust_sub *s = &t->subs.v[k->first_sub + i];
		enum trust_word w = sub_word(s, now);

		if (w == TRUST_VALID)
			return w;
		if (s->can_sign && best == TRUST_CANT_SIGN)
			best = w;
	}
	return best;
}

/* The key without regard to whose it is and which part of it signs. */
static enum trust_word owner_word(const struct trust *t,
				  const struct trust_key *k, time_t now)
{
	const struct trust_sub *primary = &t->subs.v[k->first_sub];

	if (k->revoked || primary->revoked)
		return TRUST_REVOKED;
	if (k->disabled)
		return TRUST_DISABLED;
	if (over(k->expired || primary->expired, primary->expires, now))
		return TRUST_EXPIRED;
	if (k->invalid)
		return TRUST_NOT_VALID;
	return primary->created > now ? TRUST_CANT_SIGN : TRUST_VALID;
}

static enum trust_word key_word(const struct trust *t,
				const struct trust_key *k, time_t now)
{
	enum trust_word w = owner_word(t, k, now);

	return w == TRUST_VALID ? signing_word(t, k, now) : w;
}

static bool usable_secret(const struct trust *t, const struct trust_key *k,
			  time_t now)
{
	if (key_word(t, k, now) != TRUST_VALID)
		return false;
	for (uint32_t i = 0; i < k->n_subs; i++) {
		const struct trust_sub *s = &t->subs.v[k->first_sub + i];

		if (s->secret && sub_word(s, now) == TRUST_VALID)
			return true;
	}
	return false;
}

static const struct trust_sub *find(const struct trust *t, const char *fpr)
{
	char upper[PGP_FPR_MAX];
	size_t n = 0;

	for (; n < sizeof(upper) - 1 && fpr[n]; n++)
		upper[n] = (char)(fpr[n] >= 'a' && fpr[n] <= 'f' ? fpr[n] - 32
								 : fpr[n]);
	upper[n] = '\0';
	return find_exactly(t, upper);
}

bool trust_can_sign(const struct trust *t, const char *fpr, time_t now)
{
	const struct trust_sub *s = find(t, fpr);
	const struct trust_key *k;

	if (!s)
		return false;
	k = &t->keys.v[s->key];
	if (s == &t->subs.v[k->first_sub])
		return usable_secret(t, k, now);
	return s->secret && key_word(t, k, now) == TRUST_VALID &&
	       sub_word(s, now) == TRUST_VALID;
}

/* ---- for the next snapshot ---- */

enum trust_validity trust_old_validity(const struct trust *t,
				       const char *primary, const char *uid)
{
	const struct trust_sub *s = find_exactly(t, primary);
	const struct trust_key *k = s ? &t->keys.v[s->key] : NULL;

	for (uint32_t i = 0; k && i < k->n_uids; i++)
		if (!strcmp(t->uids.v[k->first_uid + i].text, uid))
			return t->uids.v[k->first_uid + i].validity;
	return VALIDITY_UNKNOWN;
}

bool trust_old_secret(const struct trust *t, const char *fpr)
{
	const struct trust_sub *s = find_exactly(t, fpr);

	return s && s->secret;
}

bool trust_old_always(const struct trust *t)
{
	return t->always;
}

/* ---- for engines ---- */

static void describe_maker(const struct trust *t, const struct trust_sub *s,
			   time_t now, struct trust_maker *out)
{
	const struct trust_key *k = &t->keys.v[s->key];
	const struct trust_sub *primary = &t->subs.v[k->first_sub];
	uint32_t number = (uint32_t)(s - t->subs.v);

	*out = (struct trust_maker){
		.fpr = s->fpr,
		.primary = primary->fpr,
		.word = owner_word(t, k, now),
		.created = s->created,
		.pub = s->pub,
		.vouched = s == primary || t->vouched[number],
		.number = number,
	};
	if (out->word == TRUST_VALID)
		out->word = sub_word(s, now);
}

bool trust_maker(const struct trust *t, const char *fpr, time_t now,
		 struct trust_maker *out)
{
	const struct trust_sub *s = find(t, fpr);

	if (s)
		describe_maker(t, s, now, out);
	return s != NULL;
}

/* A usable secret (sub)key, better than the one that was found before? */
static bool better_secret(const struct trust *t, const struct trust_sub *s,
			  const struct trust_sub *than, time_t now)
{
	const struct trust_sub *primary =
		&t->subs.v[t->keys.v[s->key].first_sub];

	if (!s->secret || sub_word(s, now) != TRUST_VALID)
		return false;
	return !than || than == primary || s->created >= than->created;
}

bool trust_secret(const struct trust *t, const char *fpr, time_t now,
		  struct trust_maker *out)
{
	const struct trust_sub *s = find(t, fpr), *best = NULL;
	const struct trust_key *k;

	if (!s)
		return false;
	k = &t->keys.v[s->key];
	if (key_word(t, k, now) != TRUST_VALID)
		return false;
	if (s != &t->subs.v[k->first_sub])
		best = better_secret(t, s, NULL, now) ? s : NULL;
	else
		for (uint32_t i = 0; i < k->n_subs; i++)
			if (better_secret(t, s + i, best, now))
				best = s + i;
	if (best)
		describe_maker(t, best, now, out);
	return best != NULL;
}

void trust_vouch(struct trust *t, uint32_t number)
{
	t->vouched[number] = 1;
}

/* ---- identities ---- */

/* "sip:example.org" for "sip:alice@example.org", whatever its port. */
static bool domain_of(const char *domain, const char *canonical)
{
	struct span at, name;

	if (strncmp(domain, "sip:", 4) || !span_set(sipuri_user(canonical)) ||
	    span_set(sipuri_user(domain)))
		return false;
	name = span_str(domain + 4);
	at = span_str(strchr(canonical, '@') + 1);
	return span_eq(name, at) || span_eq(name, sipuri_host(canonical));
}

static bool valid_uid(const struct trust *t, const struct trust_uid *u)
{
	return !u->revoked && !u->invalid &&
	       (t->always || u->validity >= VALIDITY_FULL);
}

/* 0: does not name the URI; else the higher the better. */
static unsigned int rank(const struct trust *t, const struct trust_uid *u,
			 const char *canonical, bool domain_keys)
{
	bool exact = strcmp(u->canonical, canonical) == 0;

	if (!*u->canonical ||
	    (!exact && !(domain_keys && domain_of(u->canonical, canonical))))
		return 0;
	return 1u + exact + 2u * u->validity + 16u * !u->revoked +
	       32u * valid_uid(t, u);
}

static const struct trust_uid *best_uid(const struct trust *t,
					const struct trust_key *k,
					const char *canonical, bool domain_keys)
{
	const struct trust_uid *best = NULL;
	unsigned int most = 0;

	for (uint32_t i = 0; i < k->n_uids; i++) {
		const struct trust_uid *u = &t->uids.v[k->first_uid + i];
		unsigned int r = rank(t, u, canonical, domain_keys);

		if (r > most) {
			most = r;
			best = u;
		}
	}
	return best;
}

static void say(struct trust_answer *out, const struct trust_uid *u)
{
	size_t n = 0;

	strcpy(out->validity, validity_name(u->validity));
	for (; n < sizeof(out->uid) - 1 && u->text[n]; n++) {
		unsigned char c = (unsigned char)u->text[n];

		out->uid[n] = c < ' ' || c == 0x7f ? '?' : (char)c;
	}
	out->uid[n] = '\0';
}

void trust_check(const struct trust *t, const char *fpr, const char *canonical,
		 bool domain_keys, time_t now, struct trust_answer *out)
{
	const struct trust_sub *s = find(t, fpr);
	const struct trust_uid *u;
	const struct trust_key *k;

	*out = (struct trust_answer){ .word = TRUST_NO_KEY,
				      .validity = "unknown" };
	if (!s)
		return;
	k = &t->keys.v[s->key];
	u = best_uid(t, k, canonical, domain_keys);
	if (u)
		say(out, u);
	out->word = key_word(t, k, now);
	if (out->word == TRUST_VALID && s != &t->subs.v[k->first_sub])
		out->word = sub_word(s, now);
	if (out->word != TRUST_VALID)
		return;
	if (!u)
		out->word = TRUST_NO_IDENTITY;
	else if (u->revoked)
		out->word = TRUST_REVOKED;
	else if (!valid_uid(t, u))
		out->word = TRUST_NOT_VALID;
}

/* The newest usable secret key with exactly this URI. */
static const char *signer_of(const struct trust *t, const char *uri, time_t now)
{
	const struct trust_sub *best = NULL;

	for (uint32_t i = hash(uri);; i++) {
		uint32_t number = t->by_uri.slot[i & t->by_uri.mask];
		const struct trust_key *k;
		const struct trust_sub *s;

		if (!number)
			return best ? best->fpr : NULL;
		if (strcmp(t->uids.v[number - 1].canonical, uri))
			continue;
		k = &t->keys.v[t->owners.v[number - 1]];
		s = &t->subs.v[k->first_sub];
		if ((!best || s->created > best->created) &&
		    usable_secret(t, k, now))
			best = s;
	}
}

const char *trust_signer(const struct trust *t, const char *canonical,
			 bool domain_keys, time_t now)
{
	char domain[SIPURI_MAX] = "sip:";
	const char *fpr = signer_of(t, canonical, now);
	const char *at = strchr(canonical, '@');

	if (fpr || !domain_keys || !at || strncmp(canonical, "sip:", 4))
		return fpr;
	if (span_copy(domain + 4, sizeof(domain) - 4, span_str(at + 1)))
		return NULL;
	fpr = signer_of(t, domain, now);
	if (fpr ||
	    span_copy(domain + 4, sizeof(domain) - 4, sipuri_host(canonical)))
		return fpr;
	return signer_of(t, domain, now);
}

/* ---- for people ---- */

static void describe(const struct trust *t, const struct trust_key *k,
		     struct trust_key_info *info)
{
	const struct trust_sub *primary = &t->subs.v[k->first_sub];
	size_t max = sizeof(info->uid) / sizeof(info->uid[0]);

	*info = (struct trust_key_info){
		.fpr = primary->fpr,
		.algorithm = k->algorithm,
		.bits = k->bits,
		.secret = has_secret(t, k),
		.can_sign = signing_word(t, k, t->loaded) == TRUST_VALID,
		.expired = over(k->expired, primary->expires, t->loaded),
		.revoked = k->revoked,
		.disabled = k->disabled,
		.ownertrust = validity_name(k->ownertrust),
		.created = primary->created,
		.expires = primary->expires,
	};
	for (uint32_t i = 0; i < k->n_uids && info->n_uids < max; i++) {
		const struct trust_uid *u = &t->uids.v[k->first_uid + i];
		size_t n = info->n_uids++;

		info->uid[n].text = u->text;
		info->uid[n].canonical = u->canonical;
		info->uid[n].validity = validity_name(u->validity);
		info->uid[n].revoked = u->revoked;
	}
}

void trust_each(const struct trust *t,
		void (*each)(void *arg, const struct trust_key_info *k),
		void *arg)
{
	struct trust_key_info info;

	for (uint32_t i = 0; i < t->keys.n; i++) {
		describe(t, &t->keys.v[i], &info);
		each(arg, &info);
	}
}

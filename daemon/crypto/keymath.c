// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Theory of operation
 *
 * What is signed is hash(octets, trailer), and Ed25519 takes that hash for its
 * message. libgcrypt wants keys, data and signatures as S-expressions: they are
 * made for each operation, which takes a few microseconds of the hundreds that
 * the operation itself does.
 *
 * A secret key is 64 octets in a page of libsodium's own, or an S-expression in
 * libgcrypt's secure memory.
 */
#include <errno.h>
#include <gcrypt.h>
#include <sodium.h>
#include <stdlib.h>
#include "crypto/keymath.h"

#define DIGEST_MAX  64
#define ED25519_LEN 32

struct seckey {
	enum key_kind kind;
	uint8_t *ed25519;  /* sodium's form: seed and public key; or NULL */
	gcry_sexp_t other; /* or NULL */
};

/* ---- public keys ---- */

size_t pubkey_size(const struct keypacket *k)
{
	return sizeof(struct pubkey) + k->number[0].len + k->number[1].len;
}

void pubkey_write(struct pubkey *out, const struct keypacket *k)
{
	out->kind = (uint8_t)k->kind;
	out->len1 = (uint16_t)k->number[0].len;
	out->len2 = (uint8_t)k->number[1].len;
	memcpy(out->octets, k->number[0].p, out->len1);
	if (out->len2)
		memcpy(out->octets + out->len1, k->number[1].p, out->len2);
}

static gcry_buffer_t iov(const void *p, size_t len)
{
	return (gcry_buffer_t){ .size = len, .len = len, .data = (void *)p };
}

void keymath_fingerprint(char hex[PGP_FPR_MAX], const struct keypacket *k)
{
	static const char digits[] = "0123456789ABCDEF";
	size_t n = k->public_part.len;
	const uint8_t head[] = { 0x99, (uint8_t)(n >> 8), (uint8_t)n };
	gcry_buffer_t v[] = { iov(head, sizeof(head)),
			      iov(k->public_part.p, n) };
	uint8_t sha1[20];

	gcry_md_hash_buffers(GCRY_MD_SHA1, 0, sha1, v, 2);
	for (size_t i = 0; i < sizeof(sha1); i++) {
		hex[2 * i] = digits[sha1[i] >> 4];
		hex[2 * i + 1] = digits[sha1[i] & 15];
	}
	hex[2 * sizeof(sha1)] = '\0';
}

static const char *curve_name(int kind)
{
	switch (kind) {
	case KEY_P256:
		return "NIST P-256";
	case KEY_P384:
		return "NIST P-384";
	case KEY_P521:
		return "NIST P-521";
	}
	return NULL;
}

/* As gpg writes it, on which the keygrip depends: a zero before a number whose
 * top bit is set. */
static gcry_error_t sexp_rsa(gcry_sexp_t *out, const struct pubkey *k)
{
	gcry_mpi_t n = NULL, e = NULL;
	gcry_error_t err;

	err = gcry_mpi_scan(&n, GCRYMPI_FMT_USG, k->octets, k->len1, NULL);
	if (!err)
		err = gcry_mpi_scan(&e, GCRYMPI_FMT_USG, k->octets + k->len1,
				    k->len2, NULL);
	if (!err)
		err = gcry_sexp_build(out, NULL, "(public-key(rsa(n%m)(e%m)))",
				      n, e);
	gcry_mpi_release(n);
	gcry_mpi_release(e);
	return err;
}

static int sexp_public(gcry_sexp_t *out, const struct pubkey *k)
{
	gcry_error_t e;

	if (k->kind == KEY_RSA)
		e = sexp_rsa(out, k);
	else if (k->kind == KEY_ED25519)
		e = gcry_sexp_build(
			out, NULL,
			"(public-key(ecc(curve Ed25519)(flags eddsa)(q%b)))",
			(int)k->len1, k->octets);
	else
		e = gcry_sexp_build(
			out, NULL, "(public-key(ecc(curve %s)(q%b)))",
			curve_name(k->kind), (int)k->len1, k->octets);
	return e ? EIO : 0;
}

int keymath_keygrip(char hex[41], const struct pubkey *k)
{
	static const char digits[] = "0123456789ABCDEF";
	unsigned char grip[20];
	gcry_sexp_t s;
	bool ok;

	if (sexp_public(&s, k))
		return EIO;
	ok = gcry_pk_get_keygrip(s, grip) != NULL;
	gcry_sexp_release(s);
	for (size_t i = 0; i < sizeof(grip); i++) {
		hex[2 * i] = digits[grip[i] >> 4];
		hex[2 * i + 1] = digits[grip[i] & 15];
	}
	hex[40] = '\0';
	return ok ? 0 : EIO;
}

/* ---- what is signed ---- */

static size_t digest_of(uint8_t out[DIGEST_MAX], const struct sigframe *f,
			struct span octets)
{
	bool long_one = f->hash == SIGFRAME_SHA512;
	gcry_buffer_t v[] = { iov(octets.p, octets.len),
			      iov(f->trailer, sizeof(f->trailer)) };

	gcry_md_hash_buffers(long_one ? GCRY_MD_SHA512 : GCRY_MD_SHA256, 0, out,
			     v, 2);
	return long_one ? 64 : 32;
}

/* Octets of the curve's order, to which ECDSA cuts the hash; 0: it does not. */
static size_t order_len(int kind)
{
	switch (kind) {
	case KEY_P256:
		return 32;
	case KEY_P384:
		return 48;
	case KEY_P521:
		return 66;
	}
	return 0;
}

static const char *hash_name(size_t digest_len)
{
	return digest_len == 64 ? "sha512" : "sha256";
}

/* For libgcrypt, in which only signing has a nonce to choose. */
static int sexp_data(gcry_sexp_t *out, int kind, const uint8_t *digest,
		     size_t len, bool to_sign)
{
	size_t order = order_len(kind), cut = len;
	gcry_error_t e;

	if (order && cut > order)
		cut = order;
	if (kind == KEY_RSA)
		e = gcry_sexp_build(out, NULL,
				    "(data(flags pkcs1)(hash %s %b))",
				    hash_name(len), (int)len, digest);
	else if (to_sign)
		e = gcry_sexp_build(out, NULL,
				    "(data(flags rfc6979)(hash %s %b))",
				    hash_name(len), (int)len, digest);
	else
		e = gcry_sexp_build(out, NULL, "(data(flags raw)(value %b))",
				    (int)cut, digest);
	return e ? EIO : 0;
}

static uint8_t algo_of(int kind)
{
	if (kind == KEY_RSA)
		return SIGFRAME_RSA;
	return kind == KEY_ED25519 ? SIGFRAME_EDDSA : SIGFRAME_ECDSA;
}

/* A hash shorter than the order is not what gpg would take. */
static uint8_t hash_for(int kind)
{
	return order_len(kind) > 32 ? SIGFRAME_SHA512 : SIGFRAME_SHA256;
}

/* ---- verifying ---- */

/* Right-aligned in size octets. */
static bool padded(uint8_t *out, size_t size, struct span s)
{
	if (s.len > size)
		return false;
	memset(out, 0, size - s.len);
	memcpy(out + size - s.len, s.p, s.len);
	return true;
}

static int verify_ed25519(const struct pubkey *k, const struct sigframe *f,
			  const uint8_t *digest, size_t len)
{
	uint8_t sig[2 * ED25519_LEN];

	if (!padded(sig, ED25519_LEN, f->number[0]) ||
	    !padded(sig + ED25519_LEN, ED25519_LEN, f->number[1]))
		return EBADMSG;
	return crypto_sign_verify_detached(sig, digest, len, k->octets)
		       ? EBADMSG
		       : 0;
}

static int sexp_signature(gcry_sexp_t *out, const struct sigframe *f)
{
	gcry_error_t e;

	if (f->algo == SIGFRAME_RSA)
		e = gcry_sexp_build(out, NULL, "(sig-val(rsa(s%b)))",
				    (int)f->number[0].len, f->number[0].p);
	else
		e = gcry_sexp_build(out, NULL, "(sig-val(ecdsa(r%b)(s%b)))",
				    (int)f->number[0].len, f->number[0].p,
				    (int)f->number[1].len, f->number[1].p);
	return e ? EIO : 0;
}

/* libgcrypt would take the number plus any multiple of the modulus. */
static bool below_modulus(const struct pubkey *k, struct span s)
{
	return s.len < k->len1 ||
	       (s.len == k->len1 && memcmp(s.p, k->octets, s.len) < 0);
}

static int verify_other(const struct pubkey *k, const struct sigframe *f,
			const uint8_t *digest, size_t len)
{
	gcry_sexp_t key = NULL, data = NULL, sig = NULL;
	int err = EIO;

	if (k->kind == KEY_RSA && !below_modulus(k, f->number[0]))
		return EBADMSG;
	if (!sexp_public(&key, k) &&
	    !sexp_data(&data, k->kind, digest, len, false) &&
	    !sexp_signature(&sig, f))
		err = gcry_pk_verify(sig, data, key) ? EBADMSG : 0;
	gcry_sexp_release(sig);
	gcry_sexp_release(data);
	gcry_sexp_release(key);
	return err;
}

int keymath_verify(const struct pubkey *k, const struct sigframe *f,
		   struct span octets)
{
	uint8_t digest[DIGEST_MAX];
	size_t len;

	if (f->algo != algo_of(k->kind) ||
	    (order_len(k->kind) > 32 && f->hash != SIGFRAME_SHA512))
		return ENOTSUP;
	len = digest_of(digest, f, octets);
	/* no secret: it only spares the work on other octets */
	if (memcmp(digest, f->check, sizeof(f->check)) != 0)
		return EBADMSG;
	if (k->kind == KEY_ED25519)
		return verify_ed25519(k, f, digest, len);
	return verify_other(k, f, digest, len);
}

/* ---- signing ---- */

static bool hex_octets(uint8_t *out, size_t n, const char *hex)
{
	size_t len;

	return !sodium_hex2bin(out, n, hex, strlen(hex), NULL, &len, NULL) &&
	       len == n;
}

static int begin(struct sigframe *f, int kind, const char *fpr,
		 uint32_t created, struct span octets,
		 uint8_t digest[DIGEST_MAX], size_t *digest_len)
{
	*f = (struct sigframe){
		.algo = algo_of(kind),
		.hash = hash_for(kind),
		.created = created,
	};
	if (strlen(fpr) != 2 * SIGFRAME_FPR ||
	    !hex_octets(f->fpr, SIGFRAME_FPR, fpr))
		return EINVAL;
	sigframe_begin(f);
	*digest_len = digest_of(digest, f, octets);
	memcpy(f->check, digest, sizeof(f->check));
	return 0;
}

int keymath_begin(struct sigframe *f, const struct pubkey *k, const char *fpr,
		  uint32_t created, struct span octets, uint8_t digest[64],
		  size_t *digest_len)
{
	return begin(f, k->kind, fpr, created, octets, digest, digest_len);
}

/* One number of a signature, copied behind what is in buf. */
static bool number_of(gcry_sexp_t sig, const char *name, struct span *out,
		      uint8_t buf[KEYMATH_NUMBERS], size_t *used)
{
	gcry_sexp_t list = gcry_sexp_find_token(sig, name, 1);
	size_t n = 0;
	const char *p = list ? gcry_sexp_nth_data(list, 1, &n) : NULL;
	bool ok = p && n && n <= KEYMATH_NUMBERS - *used;

	if (ok) {
		*out = span_make(memcpy(buf + *used, p, n), n);
		*used += n;
	}
	gcry_sexp_release(list);
	return ok;
}

static int take_numbers(struct sigframe *f, gcry_sexp_t sig,
			uint8_t buf[KEYMATH_NUMBERS])
{
	size_t used = 0;
	bool ok;

	if (f->algo == SIGFRAME_RSA)
		ok = number_of(sig, "s", &f->number[0], buf, &used);
	else
		ok = number_of(sig, "r", &f->number[0], buf, &used) &&
		     number_of(sig, "s", &f->number[1], buf, &used);
	return ok ? 0 : EIO;
}

int keymath_numbers(struct sigframe *f, struct span text,
		    uint8_t buf[KEYMATH_NUMBERS])
{
	gcry_sexp_t sig;
	int err;

	if (gcry_sexp_sscan(&sig, NULL, text.p, text.len))
		return EIO;
	err = take_numbers(f, sig, buf);
	gcry_sexp_release(sig);
	return err;
}

static int new_ed25519(struct seckey *s, const struct keypacket *k)
{
	uint8_t public[crypto_sign_PUBLICKEYBYTES];
	uint8_t *seed;
	int err = EINVAL;

	s->ed25519 = sodium_malloc(crypto_sign_SECRETKEYBYTES + ED25519_LEN);
	if (!s->ed25519)
		return ENOMEM;
	seed = s->ed25519 + crypto_sign_SECRETKEYBYTES;
	if (padded(seed, ED25519_LEN, k->secret[0])) {
		crypto_sign_seed_keypair(public, s->ed25519, seed);
		err = memcmp(public, k->number[0].p, sizeof(public)) ? EINVAL
								     : 0;
	}
	sodium_mprotect_readonly(s->ed25519);
	return err;
}

/* A number in libgcrypt's secure memory, so that what is built of it is, too.
 */
static gcry_mpi_t secret_mpi(struct span s)
{
	void *p = gcry_malloc_secure(s.len);
	gcry_mpi_t m = NULL;

	if (!p)
		return NULL;
	memcpy(p, s.p, s.len);
	gcry_mpi_scan(&m, GCRYMPI_FMT_USG, p, s.len, NULL);
	gcry_free(p); /* which wipes it */
	return m;
}

static gcry_error_t sexp_secret(gcry_sexp_t *out, const struct keypacket *k,
				gcry_mpi_t m[4])
{
	if (k->kind == KEY_RSA)
		return gcry_sexp_build(
			out, NULL,
			"(private-key(rsa(n%b)(e%b)(d%m)(p%m)(q%m)(u%m)))",
			(int)k->number[0].len, k->number[0].p,
			(int)k->number[1].len, k->number[1].p, m[0], m[1], m[2],
			m[3]);
	return gcry_sexp_build(out, NULL,
			       "(private-key(ecc(curve %s)(q%b)(d%m)))",
			       curve_name(k->kind), (int)k->number[0].len,
			       k->number[0].p, m[0]);
}

static int new_other(struct seckey *s, const struct keypacket *k)
{
	size_t n = k->kind == KEY_RSA ? 4 : 1;
	gcry_mpi_t m[4] = { NULL };
	int err = 0;

	for (size_t i = 0; i < n && !err; i++) {
		m[i] = secret_mpi(k->secret[i]);
		err = m[i] ? 0 : ENOMEM;
	}
	if (!err && sexp_secret(&s->other, k, m))
		err = ENOMEM;
	for (size_t i = 0; i < n; i++)
		gcry_mpi_release(m[i]);
	if (!err && gcry_pk_testkey(s->other))
		err = EINVAL;
	return err;
}

int seckey_new(struct seckey **out, const struct keypacket *k)
{
	struct seckey *s = calloc(1, sizeof(*s));
	int err;

	if (!s)
		return ENOMEM;
	s->kind = k->kind;
	err = k->kind == KEY_ED25519 ? new_ed25519(s, k) : new_other(s, k);
	if (err) {
		seckey_free(s);
		return err;
	}
	*out = s;
	return 0;
}

void seckey_free(struct seckey *s)
{
	if (!s)
		return;
	sodium_free(s->ed25519);
	gcry_sexp_release(s->other);
	free(s);
}

bool seckey_is_quick(const struct seckey *s)
{
	return s->kind == KEY_ED25519;
}

static int sign_other(const struct seckey *s, struct sigframe *f,
		      const uint8_t *digest, size_t len,
		      uint8_t buf[KEYMATH_NUMBERS])
{
	gcry_sexp_t data, sig = NULL;
	int err = EIO;

	if (sexp_data(&data, (int)s->kind, digest, len, true))
		return EIO;
	if (!gcry_pk_sign(&sig, data, s->other))
		err = take_numbers(f, sig, buf);
	gcry_sexp_release(sig);
	gcry_sexp_release(data);
	return err;
}

int seckey_sign(const struct seckey *s, const char *fpr, uint32_t created,
		struct span octets, uint8_t sig[PGP_SIG_MAX], size_t *len)
{
	uint8_t digest[DIGEST_MAX], buf[KEYMATH_NUMBERS];
	struct sigframe f;
	size_t n;
	int err = begin(&f, (int)s->kind, fpr, created, octets, digest, &n);

	if (err)
		return EIO;
	if (s->ed25519) {
		crypto_sign_detached(buf, NULL, digest, n, s->ed25519);
		f.number[0] = span_make(buf, ED25519_LEN);
		f.number[1] = span_make(buf + ED25519_LEN, ED25519_LEN);
	} else {
		err = sign_other(s, &f, digest, n, buf);
	}
	return err || sigframe_write(&f, sig, PGP_SIG_MAX, len) ? EIO : 0;
}

// SPDX-License-Identifier: GPL-2.0-or-later
#include <assert.h>
#include <errno.h>
#include <gcrypt.h>
#include <pthread.h>
#include <sodium.h>

#include "base/digest.h"
#include "base/log.h"

#define BLOCK_LEN 64
/* of a span with its length before it, and one for the key */
#define IOV_MAX_DIGEST (2 * DIGEST_SPANS_MAX + 1)

/* Enough for the secret keys that an engine may hold in locked memory. */
#define SECMEM_LEN 65536

/*
 * Random octets that nobody has had. libsodium asks for the process's number,
 * a system call, with each piece: a message needs seven small ones.
 */
static _Thread_local struct {
	size_t left;
	uint8_t octets[256];
} pool;

/* In a child, whose parent has the same ones. */
static void random_anew(void)
{
	pool.left = 0;
	randombytes_stir();
}

int digest_init(void)
{
	if (gcry_control(GCRYCTL_INITIALIZATION_FINISHED_P))
		goto sodium;
	if (!gcry_check_version(GCRYPT_VERSION)) {
		log_warnx("libgcrypt %s is older than %s",
			  gcry_check_version(NULL), GCRYPT_VERSION);
		return EIO;
	}
	gcry_control(GCRYCTL_SUSPEND_SECMEM_WARN);
	gcry_control(GCRYCTL_INIT_SECMEM, SECMEM_LEN, 0);
	gcry_control(GCRYCTL_RESUME_SECMEM_WARN);
	gcry_control(GCRYCTL_INITIALIZATION_FINISHED, 0);
sodium:
	/* seeded by the kernel once, and then anew in each child */
	randombytes_set_implementation(&randombytes_internal_implementation);
	switch (sodium_init()) {
	case 0:
		return pthread_atfork(NULL, NULL, random_anew);
	case 1: /* it was before */
		return 0;
	default:
		log_warnx("libsodium can't be initialised");
		return EIO;
	}
}

static gcry_buffer_t iov(const void *p, size_t len)
{
	return (gcry_buffer_t){ .size = len, .len = len, .data = (void *)p };
}

/* libgcrypt takes this way through a context on the stack: no allocation. */
static void hash(uint8_t out[SHA256_LEN], const gcry_buffer_t *in, size_t n)
{
	gcry_error_t e =
		gcry_md_hash_buffers(GCRY_MD_SHA256, 0, out, in, (int)n);

	if (e)
		fatalx("SHA-256: %s", gcry_strerror(e));
}

void digest_sha256(uint8_t out[SHA256_LEN], const struct span *in, size_t n)
{
	gcry_buffer_t v[DIGEST_SPANS_MAX];

	assert(n <= DIGEST_SPANS_MAX);
	for (size_t i = 0; i < n; i++)
		v[i] = iov(in[i].p, in[i].len);
	hash(out, v, n);
}

static void put_u32(uint8_t out[4], size_t v)
{
	out[0] = (uint8_t)(v >> 24);
	out[1] = (uint8_t)(v >> 16);
	out[2] = (uint8_t)(v >> 8);
	out[3] = (uint8_t)v;
}

/*
 * RFC 2104 over hash(): libgcrypt's own HMAC allocates and opens a handle for
 * every use, and this runs several times for each packet.
 */
void digest_hmac(uint8_t out[SHA256_LEN], const uint8_t key[32],
		 const struct span *in, size_t n)
{
	uint8_t pad[BLOCK_LEN], length[DIGEST_SPANS_MAX][4], inner[SHA256_LEN];
	gcry_buffer_t v[IOV_MAX_DIGEST];

	assert(n <= DIGEST_SPANS_MAX);
	for (size_t i = 0; i < BLOCK_LEN; i++)
		pad[i] = (i < 32 ? key[i] : 0) ^ 0x36;
	v[0] = iov(pad, BLOCK_LEN);
	for (size_t i = 0; i < n; i++) {
		assert(in[i].len <= UINT32_MAX);
		put_u32(length[i], in[i].len);
		v[1 + 2 * i] = iov(length[i], 4);
		v[2 + 2 * i] = iov(in[i].p, in[i].len);
	}
	hash(inner, v, 1 + 2 * n);

	for (size_t i = 0; i < BLOCK_LEN; i++)
		pad[i] ^= 0x36 ^ 0x5c;
	v[1] = iov(inner, sizeof(inner));
	hash(out, v, 2);
	sodium_memzero(pad, sizeof(pad));
}

/* Seeded by the kernel: libgcrypt's own pool takes twenty times as long. */
void digest_random(void *out, size_t n)
{
	if (n > sizeof(pool.octets)) {
		randombytes_buf(out, n);
		return;
	}
	if (pool.left < n) {
		pool.left = sizeof(pool.octets);
		randombytes_buf(pool.octets, pool.left);
	}
	pool.left -= n;
	memcpy(out, pool.octets + pool.left, n);
	sodium_memzero(pool.octets + pool.left, n);
}

bool digest_same(const void *a, const void *b, size_t n)
{
	return !sodium_memcmp(a, b, n);
}

void hex_encode(char *out, const void *in, size_t n)
{
	sodium_bin2hex(out, 2 * n + 1, in, n);
}

/*
 * Base64: nothing here is secret. libsodium's takes 30 instructions a
 * character, so that nobody can tell the characters by its time.
 */
static const char b64_digit[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				"abcdefghijklmnopqrstuvwxyz0123456789+/";

static void b64_group(char *out, uint32_t bits)
{
	for (int i = 0; i < 4; i++)
		out[i] = b64_digit[bits >> (18 - 6 * i) & 63];
}

void b64_encode(char *out, size_t cap, const void *in, size_t n)
{
	const uint8_t *p = in;

	assert(cap > B64_LEN(n));
	for (; n >= 3; n -= 3, p += 3, out += 4)
		b64_group(out, (uint32_t)p[0] << 16 | p[1] << 8 | p[2]);
	if (n > 0) {
		b64_group(out, (uint32_t)p[0] << 16 | (n > 1 ? p[1] << 8 : 0));
		out[3] = '=';
		if (n == 1)
			out[2] = '=';
		out += 4;
	}
	*out = '\0';
}

/* A character's value and one more; 0: it has none. */
/* clang-format off */
static const uint8_t b64_value[256] = {
	['A'] = 1,  2,	3,  4,	5,  6,	7,  8,	9,  10, 11, 12, 13,
	14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26,
	['a'] = 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39,
	40, 41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, 52,
	['0'] = 53, 54, 55, 56, 57, 58, 59, 60, 61, 62,
	['+'] = 63, ['/'] = 64,
};
/* clang-format on */

/* So many octets, 3 at most, of a group of four digits. */
static bool b64_octets(uint8_t *out, const uint8_t *p, size_t octets)
{
	uint32_t bits = 0;

	for (size_t i = 0; i < 4; i++) {
		uint32_t v = i <= octets ? b64_value[p[i]] : 1;

		if (!v)
			return false;
		bits = bits << 6 | (v - 1);
	}
	for (size_t i = 0; i < octets; i++)
		out[i] = (uint8_t)(bits >> (16 - 8 * i));
	/* of no octet */
	return !(bits & (0xffffffu >> 8 * octets));
}

/* The n octets that whole groups of four hold. */
static bool b64_read(uint8_t *out, size_t n, struct span in)
{
	const uint8_t *p = (const uint8_t *)in.p;

	for (; n >= 3; n -= 3, out += 3, p += 4)
		if (!b64_octets(out, p, 3))
			return false;
	return n == 0 || b64_octets(out, p, n);
}

int b64_decode(void *out, size_t cap, size_t *len, struct span in)
{
	size_t n;

	if (in.len % 4)
		return EINVAL;
	n = in.len / 4 * 3;
	for (size_t i = 1; i <= 2 && i <= in.len && in.p[in.len - i] == '=';
	     i++)
		n--;
	if (n > cap)
		return ENAMETOOLONG;
	*len = n;
	return b64_read(out, n, in) ? 0 : EINVAL;
}

void digest_keyed128(uint8_t out[16], const uint8_t key[32],
		     const struct span *in, size_t n)
{
	uint8_t text[1024], hmac[SHA256_LEN];
	size_t len = 0;

	for (size_t i = 0; i < n; i++) {
		assert(in[i].len <= UINT32_MAX);
		if (len > sizeof(text) - 4 ||
		    in[i].len > sizeof(text) - 4 - len) {
			/* longer than what anybody sends: at another price */
			digest_hmac(hmac, key, in, n);
			memcpy(out, hmac, 16);
			return;
		}
		put_u32(text + len, in[i].len);
		if (in[i].len)
			memcpy(text + len + 4, in[i].p, in[i].len);
		len += 4 + in[i].len;
	}
	crypto_shorthash_siphashx24(out, text, len, key);
}

uint64_t digest_sum64(const uint8_t key[16], struct span in)
{
	uint8_t out[crypto_shorthash_BYTES];
	uint64_t sum;

	crypto_shorthash(out, (const uint8_t *)in.p, in.len, key);
	memcpy(&sum, out, sizeof(sum));
	return sum;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * manykeys N [FIRST] - N OpenPGP public keys (Ed25519, a SIP user ID, signed by
 * themselves) to standard output, always the same ones: gpg would take a
 * quarter of an hour to make ten thousand.
 */
#include <gcrypt.h>
#include <sodium.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MADE 1600000000u

enum { TAG_SIGNATURE = 2, TAG_KEY = 6, TAG_UID = 13 };

struct packet {
	uint8_t b[512];
	size_t len;
};

static void put(struct packet *p, const void *octets, size_t n)
{
	memcpy(p->b + p->len, octets, n);
	p->len += n;
}

static void put_number(struct packet *p, uint64_t v, unsigned int octets)
{
	while (octets--) {
		uint8_t o = (uint8_t)(v >> (8 * octets));

		put(p, &o, 1);
	}
}

/* A multi-precision integer: its length in bits, without leading zeroes. */
static void put_mpi(struct packet *p, const uint8_t *v, size_t n)
{
	unsigned int bits;

	while (n && !*v) {
		v++;
		n--;
	}
	bits = (unsigned int)n * 8;
	for (uint8_t top = n ? *v : 0x80; !(top & 0x80); top <<= 1)
		bits--;
	put_number(p, bits, 2);
	put(p, v, n);
}

static void write_packet(const struct packet *p, uint8_t tag)
{
	putchar(0x80 | tag << 2 | 1); /* two octets of length */
	putchar((int)(p->len >> 8));
	putchar((int)(p->len & 0xff));
	fwrite(p->b, 1, p->len, stdout);
}

static void make_key(struct packet *p, const uint8_t public[32])
{
	static const uint8_t oid[] = { 9,    0x2b, 0x06, 0x01, 0x04,
				       0x01, 0xda, 0x47, 0x0f, 0x01 };
	uint8_t point[33] = { 0x40 };

	put_number(p, 4, 1);
	put_number(p, MADE, 4);
	put_number(p, 22, 1);
	put(p, oid, sizeof(oid));
	memcpy(point + 1, public, 32);
	put_mpi(p, point, sizeof(point));
}

/* What is hashed of a key: for its fingerprint and for signatures on it. */
static void hash_key(gcry_md_hd_t md, const struct packet *key)
{
	gcry_md_putc(md, 0x99);
	gcry_md_putc(md, (int)(key->len >> 8));
	gcry_md_putc(md, (int)(key->len & 0xff));
	gcry_md_write(md, key->b, key->len);
}

static void fingerprint(uint8_t out[20], const struct packet *key)
{
	gcry_md_hd_t md;

	gcry_md_open(&md, GCRY_MD_SHA1, 0);
	hash_key(md, key);
	memcpy(out, gcry_md_read(md, 0), 20);
	gcry_md_close(md);
}

/* Type 0x13 with creation time, key flags (certify, sign) and the issuer. */
static void make_signature(struct packet *p, const struct packet *key,
			   const struct packet *uid, const uint8_t secret[64])
{
	uint8_t fpr[20], sig[64], length[4];
	const uint8_t *digest;
	gcry_md_hd_t md;
	size_t hashed;

	fingerprint(fpr, key);
	put(p, (const uint8_t[]){ 4, 0x13, 22, 8, 0, 32 }, 6);
	put(p, (const uint8_t[]){ 5, 2 }, 2);
	put_number(p, MADE, 4);
	put(p, (const uint8_t[]){ 2, 27, 0x03, 22, 33, 4 }, 6);
	put(p, fpr, 20);
	hashed = p->len;
	p->b[5] = (uint8_t)(hashed - 6);

	gcry_md_open(&md, GCRY_MD_SHA256, 0);
	hash_key(md, key);
	gcry_md_putc(md, 0xb4);
	for (int i = 0; i < 4; i++)
		length[i] = (uint8_t)(uid->len >> (24 - 8 * i));
	gcry_md_write(md, length, 4);
	gcry_md_write(md, uid->b, uid->len);
	gcry_md_write(md, p->b, hashed);
	gcry_md_write(md, (const uint8_t[]){ 4, 0xff, 0, 0, 0 }, 5);
	gcry_md_putc(md, (int)hashed);
	digest = gcry_md_read(md, 0);
	crypto_sign_detached(sig, NULL, digest, 32, secret);

	put(p, (const uint8_t[]){ 0, 10, 9, 16 }, 4);
	put(p, fpr + 12, 8);
	put(p, digest, 2);
	put_mpi(p, sig, 32);
	put_mpi(p, sig + 32, 32);
	gcry_md_close(md);
}

static void write_key(unsigned int number)
{
	struct packet key = { .len = 0 }, uid = { .len = 0 },
		      sig = { .len = 0 };
	uint8_t seed[32] = "manykeys", public[32], secret[64];

	memcpy(seed + 16, &number, sizeof(number));
	crypto_sign_seed_keypair(public, secret, seed);
	make_key(&key, public);
	uid.len = (size_t)snprintf((char *)uid.b, sizeof(uid.b),
				   "User %u <sip:user%u@many.example>", number,
				   number);
	make_signature(&sig, &key, &uid, secret);
	write_packet(&key, TAG_KEY);
	write_packet(&uid, TAG_UID);
	write_packet(&sig, TAG_SIGNATURE);
}

int main(int argc, char **argv)
{
	unsigned long n = argc > 1 ? strtoul(argv[1], NULL, 10) : 0;
	unsigned long first = argc > 2 ? strtoul(argv[2], NULL, 10) : 0;

	if (!n || sodium_init() < 0 || !gcry_check_version(NULL)) {
		fprintf(stderr, "usage: manykeys N [FIRST]\n");
		return 2;
	}
	gcry_control(GCRYCTL_DISABLE_SECMEM, 0);
	gcry_control(GCRYCTL_INITIALIZATION_FINISHED, 0);
	for (unsigned long i = 0; i < n; i++)
		write_key((unsigned int)(first + i));
	return fflush(stdout) ? 1 : 0;
}

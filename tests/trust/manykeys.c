/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * manykeys N [FIRST] - N OpenPGP public keys (Ed25519, a SIP user ID, signed by
 * themselves) to standard output, always the same ones: gpg would take a
 * quarter of an hour to make ten thousand.
 *
 * manykeys -c CERTIFIED N - so many of them certified by the first as well:
 * whoever trusts that one has gpg check as many certifications.
 *
 * Behind each key's own signature stands a packet in which gpg notes that it
 * has checked it. gpg --import makes it anew; kbxutil --import-openpgp keeps
 * it, and makes of ten thousand keys in a moment the file for which gpg takes
 * minutes.
 *
 * manykeys -r NUMBER - a revocation of that key.
 */
#include <gcrypt.h>
#include <sodium.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MADE 1600000000u

enum { TAG_SIGNATURE = 2, TAG_KEY = 6, TAG_TRUST = 12, TAG_UID = 13 };

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

/* A key with what makes it: its public packet and its secret. */
struct maker {
	struct packet key;
	uint8_t secret[64];
};

static void make_maker(struct maker *m, unsigned int number)
{
	uint8_t seed[32] = "manykeys", public[32];

	memcpy(seed + 16, &number, sizeof(number));
	crypto_sign_seed_keypair(public, m->secret, seed);
	m->key.len = 0;
	make_key(&m->key, public);
}

/*
 * Type 0x13 with creation time, key flags (certify, sign) and the issuer; 0x10
 * (somebody else's certification) and 0x20 (revocation, without a user ID) with
 * the same, which nobody minds.
 */
static void make_signature(struct packet *p, uint8_t type,
			   const struct packet *key, const struct packet *uid,
			   const struct maker *by)
{
	uint8_t fpr[20], sig[64], length[4];
	const uint8_t *digest;
	gcry_md_hd_t md;
	size_t hashed;

	fingerprint(fpr, &by->key);
	put(p, (const uint8_t[]){ 4, type, 22, 8, 0, 32 }, 6);
	put(p, (const uint8_t[]){ 5, 2 }, 2);
	put_number(p, MADE + (type != 0x13), 4);
	put(p, (const uint8_t[]){ 2, 27, 0x03, 22, 33, 4 }, 6);
	put(p, fpr, 20);
	hashed = p->len;
	p->b[5] = (uint8_t)(hashed - 6);

	gcry_md_open(&md, GCRY_MD_SHA256, 0);
	hash_key(md, key);
	if (uid) {
		gcry_md_putc(md, 0xb4);
		for (int i = 0; i < 4; i++)
			length[i] = (uint8_t)(uid->len >> (24 - 8 * i));
		gcry_md_write(md, length, 4);
		gcry_md_write(md, uid->b, uid->len);
	}
	gcry_md_write(md, p->b, hashed);
	gcry_md_write(md, (const uint8_t[]){ 4, 0xff, 0, 0, 0 }, 5);
	gcry_md_putc(md, (int)hashed);
	digest = gcry_md_read(md, 0);
	crypto_sign_detached(sig, NULL, digest, 32, by->secret);

	put(p, (const uint8_t[]){ 0, 10, 9, 16 }, 4);
	put(p, fpr + 12, 8);
	put(p, digest, 2);
	put_mpi(p, sig, 32);
	put_mpi(p, sig + 32, 32);
	gcry_md_close(md);
}

static void write_key(unsigned int number, const struct maker *by)
{
	struct packet uid = { .len = 0 }, sig = { .len = 0 },
		      cert = { .len = 0 }, note = { .len = 0 };
	struct maker m;

	make_maker(&m, number);
	uid.len = (size_t)snprintf((char *)uid.b, sizeof(uid.b),
				   "User %u <sip:user%u@many.example>", number,
				   number);
	make_signature(&sig, 0x13, &m.key, &uid, &m);
	write_packet(&m.key, TAG_KEY);
	write_packet(&uid, TAG_UID);
	write_packet(&sig, TAG_SIGNATURE);
	put(&note, (const uint8_t[]){ 0, 3, 'g', 'p', 'g', 0 }, 6);
	write_packet(&note, TAG_TRUST);
	if (!by)
		return;
	make_signature(&cert, 0x10, &m.key, &uid, by);
	write_packet(&cert, TAG_SIGNATURE);
}

static void write_revocation(unsigned int number)
{
	struct packet sig = { .len = 0 };
	struct maker m;

	make_maker(&m, number);
	make_signature(&sig, 0x20, &m.key, NULL, &m);
	write_packet(&sig, TAG_SIGNATURE);
}

int main(int argc, char **argv)
{
	bool option = argc > 2 && argv[1][0] == '-';
	char what = option ? argv[1][1] : '\0';
	unsigned long number = option ? strtoul(argv[2], NULL, 10) : 0;
	unsigned long n, first;
	struct maker by;

	argv += 2 * option;
	argc -= 2 * option;
	n = argc > 1 ? strtoul(argv[1], NULL, 10) : 0;
	first = argc > 2 ? strtoul(argv[2], NULL, 10) : 0;
	if ((!n && what != 'r') || sodium_init() < 0 ||
	    !gcry_check_version(NULL)) {
		fprintf(stderr, "usage: manykeys [-c CERTIFIED] N [FIRST]\n"
				"       manykeys -r NUMBER\n");
		return 2;
	}
	gcry_control(GCRYCTL_DISABLE_SECMEM, 0);
	gcry_control(GCRYCTL_INITIALIZATION_FINISHED, 0);
	make_maker(&by, (unsigned int)first);
	if (what == 'r')
		write_revocation((unsigned int)number);
	for (unsigned long i = 0; i < n; i++)
		write_key((unsigned int)(first + i), i < number ? &by : NULL);
	return fflush(stdout) ? 1 : 0;
}

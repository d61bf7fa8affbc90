/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <cmocka.h>

#include "crypto/sigpacket.h"

/* v4, type 0, EdDSA, SHA-256, one hashed and one unhashed subpacket */
static const uint8_t body[] = {
	4, 0x00, 22, 8, 0,    6,    5, 2, 0x6a, 1, 2, 3,    0,
	3, 2,	 16, 9, 0xab, 0xcd, 0, 8, 0xff, 0, 7, 0x7f,
};

struct packet {
	uint8_t b[400];
	size_t len;
};

static struct packet framed(const uint8_t *head, size_t n)
{
	struct packet p;

	memcpy(p.b, head, n);
	memcpy(p.b + n, body, sizeof(body));
	p.len = n + sizeof(body);
	return p;
}

/* In a buffer of its own, so that a look beyond it is seen. */
static int read_at(const struct packet *p, size_t len, struct sigpacket *s)
{
	void *copy = malloc(len ? len : 1);
	int err;

	memcpy(copy, p->b, len);
	err = sigpacket_read(s, span_make(copy, len));
	free(copy);
	return err;
}

#define FRAMED(...)                                                            \
	framed((const uint8_t[]){ __VA_ARGS__ },                               \
	       sizeof((const uint8_t[]){ __VA_ARGS__ }))

static void test_forms(void **state)
{
	const struct packet good[] = {
		FRAMED(0x88, sizeof(body)),
		FRAMED(0x89, 0, sizeof(body)),
		FRAMED(0x8a, 0, 0, 0, sizeof(body)),
		FRAMED(0xc2, sizeof(body)),
		FRAMED(0xc2, 255, 0, 0, 0, sizeof(body)),
	};
	struct sigpacket s;

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		struct packet p = good[i];

		assert_int_equal(sigpacket_read(&s, span_make(p.b, p.len)), 0);
		assert_int_equal(s.type, 0);
		assert_int_equal(s.pubkey_algo, 22);
		assert_int_equal(s.hash_algo, 8);
		assert_int_equal(s.hashed.len, 6);
		assert_int_equal(s.unhashed.len, 3);
		assert_int_equal(s.mpis.len, 6);
		assert_true(sigpacket_strong(&s));
		/* no shorter one, and nothing behind it */
		for (size_t len = 0; len < p.len; len++)
			assert_int_equal(read_at(&p, len, &s), EINVAL);
		p.b[p.len] = 0;
		assert_int_equal(read_at(&p, p.len + 1, &s), EINVAL);
	}
}

static void test_refused(void **state)
{
	const struct packet bad[] = {
		FRAMED(0x08, sizeof(body)),	  /* not a packet */
		FRAMED(0x8b),			  /* until the end */
		FRAMED(0xc2, 224),		  /* partial */
		FRAMED(0x90, sizeof(body)),	  /* one-pass signature */
		FRAMED(0xa0, sizeof(body)),	  /* compressed */
		FRAMED(0xac, sizeof(body)),	  /* literal */
		FRAMED(0x98, sizeof(body)),	  /* public key */
		FRAMED(0x88, sizeof(body) - 1),	  /* one behind it */
		FRAMED(0x8a, 255, 255, 255, 255), /* long */
	};
	struct packet p;
	struct sigpacket s;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(read_at(&bad[i], bad[i].len, &s), EINVAL);
	p = FRAMED(0x88, sizeof(body));
	p.b[2] = 3; /* version */
	assert_int_equal(read_at(&p, p.len, &s), EINVAL);
	p = FRAMED(0x88, sizeof(body));
	p.b[7] = 200; /* hashed area beyond the packet */
	assert_int_equal(read_at(&p, p.len, &s), EINVAL);
	p = FRAMED(0x88, sizeof(body));
	p.b[15] = 10; /* unhashed area leaves no number */
	assert_int_equal(read_at(&p, p.len, &s), EINVAL);
	assert_int_equal(sigpacket_read(&s, SPAN_NONE), EINVAL);
}

/* A two-octet length of the new form: 192 and more. */
static void test_long(void **state)
{
	struct packet p = FRAMED(0xc2, 192, 8);
	struct sigpacket s;

	(void)state;
	memset(p.b + p.len, 1, sizeof(p.b) - p.len);
	assert_int_equal(read_at(&p, 3 + 200, &s), 0);
	assert_int_equal(read_at(&p, 3 + 199, &s), EINVAL);
	assert_int_equal(read_at(&p, 3 + 201, &s), EINVAL);
}

static void test_strength(void **state)
{
	struct sigpacket s = { .pubkey_algo = 22 };

	(void)state;
	for (int hash = 0; hash < 256; hash++) {
		s.hash_algo = (uint8_t)hash;
		assert_int_equal(sigpacket_strong(&s), hash >= 8 && hash <= 10);
	}
	s.hash_algo = 8;
	for (int algo = 0; algo < 256; algo++) {
		s.pubkey_algo = (uint8_t)algo;
		assert_int_equal(sigpacket_strong(&s),
				 algo == 1 || algo == 3 || algo == 17 ||
					 algo == 19 || algo == 22);
	}
	assert_true(sigpacket_weak_key(1, 2047));
	assert_false(sigpacket_weak_key(1, 2048));
	assert_false(sigpacket_weak_key(1, 8192));
	assert_true(sigpacket_weak_key(3, 8193));
	assert_true(sigpacket_weak_key(17, 1024));
	assert_false(sigpacket_weak_key(22, 255));
	assert_false(sigpacket_weak_key(19, 256));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_forms),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_long),
		cmocka_unit_test(test_strength),
	};

	return cmocka_run_group_tests_name("sigpacket", tests, NULL, NULL);
}

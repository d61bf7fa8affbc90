// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <gcrypt.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <sodium.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/digest.h"

static const char *hex(const uint8_t d[SHA256_LEN])
{
	static char out[2 * SHA256_LEN + 1];
	struct buf b = buf_make(out, sizeof(out));

	for (size_t i = 0; i < SHA256_LEN; i++)
		buf_fmt(&b, "%02x", d[i]);
	return out;
}

/* FIPS 180-2, appendix B */
static void sha256_known_answers(void **state)
{
	static const char *const abc =
		"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015"
		"ad";
	struct span whole = SPAN_LIT("abc");
	struct span parts[] = { SPAN_LIT("a"), SPAN_NONE, SPAN_LIT("bc") };
	uint8_t d[SHA256_LEN];

	(void)state;
	digest_sha256(d, &whole, 1);
	assert_string_equal(hex(d), abc);
	digest_sha256(d, parts, 3);
	assert_string_equal(hex(d), abc);
	digest_sha256(d, NULL, 0);
	assert_string_equal(hex(d), "e3b0c44298fc1c149afbf4c8996fb92427ae41e464"
				    "9b934ca495991b7852b855");
}

static void reference_hmac(uint8_t out[SHA256_LEN], const uint8_t key[32],
			   const void *in, size_t n)
{
	size_t len = SHA256_LEN;
	gcry_mac_hd_t h;

	assert_int_equal(gcry_mac_open(&h, GCRY_MAC_HMAC_SHA256, 0, NULL), 0);
	assert_int_equal(gcry_mac_setkey(h, key, 32), 0);
	assert_int_equal(gcry_mac_write(h, in, n), 0);
	assert_int_equal(gcry_mac_read(h, out, &len), 0);
	gcry_mac_close(h);
}

static void hmac_is_rfc2104_over_spans_with_lengths(void **state)
{
	struct span in[] = { SPAN_LIT("sip:bob@example.org"), SPAN_NONE,
			     SPAN_LIT("tag") };
	static const char flat[] = "\0\0\0\x13sip:bob@example.org"
				   "\0\0\0\0"
				   "\0\0\0\x03tag";
	uint8_t key[32], want[SHA256_LEN], got[SHA256_LEN];

	(void)state;
	for (size_t i = 0; i < sizeof(key); i++)
		key[i] = (uint8_t)(i * 7 + 200);
	reference_hmac(want, key, flat, sizeof(flat) - 1);
	digest_hmac(got, key, in, 3);
	assert_memory_equal(got, want, SHA256_LEN);
	reference_hmac(want, key, "", 0);
	digest_hmac(got, key, NULL, 0);
	assert_memory_equal(got, want, SHA256_LEN);
}

static void hmac_takes_many_and_long_spans(void **state)
{
	static char flat[DIGEST_SPANS_MAX * 304];
	char text[300];
	struct span in[DIGEST_SPANS_MAX];
	uint8_t key[32] = { 1 }, want[SHA256_LEN], got[SHA256_LEN];

	(void)state;
	memset(text, 'x', sizeof(text));
	for (size_t i = 0; i < DIGEST_SPANS_MAX; i++) {
		in[i] = span_make(text, sizeof(text));
		memcpy(flat + i * 304, "\0\0\x01\x2c", 4);
		memset(flat + i * 304 + 4, 'x', 300);
	}
	reference_hmac(want, key, flat, sizeof(flat));
	digest_hmac(got, key, in, DIGEST_SPANS_MAX);
	assert_memory_equal(got, want, SHA256_LEN);
}

static void hmac_tells_lists_and_keys_apart(void **state)
{
	struct span ab_c[] = { SPAN_LIT("ab"), SPAN_LIT("c") };
	struct span a_bc[] = { SPAN_LIT("a"), SPAN_LIT("bc") };
	uint8_t key[32] = { 0 }, x[SHA256_LEN], y[SHA256_LEN];

	(void)state;
	digest_hmac(x, key, ab_c, 2);
	digest_hmac(y, key, a_bc, 2);
	assert_memory_not_equal(x, y, SHA256_LEN);
	key[31] = 1;
	digest_hmac(y, key, ab_c, 2);
	assert_memory_not_equal(x, y, SHA256_LEN);
}

static void random_differs(void **state)
{
	uint8_t a[16], b[16];

	(void)state;
	digest_random(a, sizeof(a));
	digest_random(b, sizeof(b));
	assert_memory_not_equal(a, b, sizeof(a));
}

/* Pieces of all sizes, none of which comes a second time. */
static void random_pieces(void **state)
{
	static uint8_t all[2000][8];
	uint8_t large[1000], none[sizeof(large)] = { 0 };

	(void)state;
	for (size_t i = 0; i < 2000; i++)
		digest_random(all[i], sizeof(all[i]));
	for (size_t i = 0; i < 2000; i++)
		for (size_t k = 0; k < i; k++)
			assert_memory_not_equal(all[i], all[k], 8);
	for (size_t n = 0; n <= sizeof(large); n++) {
		memset(large, 0, sizeof(large));
		digest_random(large, n);
		assert_memory_equal(large + n, none, sizeof(large) - n);
		for (size_t at = 0; at + 16 <= n; at += 16)
			assert_memory_not_equal(large + at, none, 16);
	}
}

/* A child does not go on with what its parent has still to give. */
static void random_in_child(void **state)
{
	uint8_t child[16], parent[16], first;
	int fd[2], status;
	pid_t pid;

	(void)state;
	digest_random(&first, 1);
	assert_int_equal(pipe(fd), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (!pid) {
		digest_random(child, sizeof(child));
		_exit(write(fd[1], child, sizeof(child)) != sizeof(child));
	}
	digest_random(parent, sizeof(parent));
	assert_int_equal(read(fd[0], child, sizeof(child)), sizeof(child));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_memory_not_equal(child, parent, sizeof(child));
	close(fd[0]);
	close(fd[1]);
}

static void same(void **state)
{
	(void)state;
	assert_true(digest_same("abc", "abc", 3));
	assert_false(digest_same("abc", "abd", 3));
	assert_true(digest_same("abc", "abd", 2));
}

/* RFC 4648 section 10 */
static void b64_known_answers(void **state)
{
	static const char *const row[][2] = {
		{ "", "" },
		{ "f", "Zg==" },
		{ "fo", "Zm8=" },
		{ "foo", "Zm9v" },
		{ "foob", "Zm9vYg==" },
		{ "fooba", "Zm9vYmE=" },
		{ "foobar", "Zm9vYmFy" },
		{ "\xfb\xff", "+/8=" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(row) / sizeof(*row); i++) {
		size_t n = strlen(row[i][0]), len = 99;
		char text[16], raw[8];

		assert_int_equal(B64_LEN(n), strlen(row[i][1]));
		b64_encode(text, B64_LEN(n) + 1, row[i][0], n);
		assert_string_equal(text, row[i][1]);
		assert_int_equal(b64_decode(raw, n, &len, span_str(text)), 0);
		assert_int_equal(len, n);
		assert_memory_equal(raw, row[i][0], n);
		if (n) {
			assert_int_equal(
				b64_decode(raw, n - 1, &len, span_str(text)),
				ENAMETOOLONG);
		}
	}
}

/* Whatever it is, libsodium says the same of it. */
static void b64_agrees_with_libsodium(void **state)
{
	static const char alphabet[] = "ABYZabyz0189+/==-_ \n";
	size_t agreed = 0;

	(void)state;
	for (int round = 0; round < 200000; round++) {
		uint8_t rnd[13], ours[9], theirs[9];
		size_t n, m = 0;
		char text[12];
		bool ok;

		digest_random(rnd, sizeof(rnd));
		n = 4 * (size_t)(1 + rnd[12] % 3);
		for (size_t i = 0; i < n; i++)
			text[i] = alphabet[rnd[i] % (round % 2 ? 12 : 20)];
		if (round % 3 == 0)
			text[n - 1] = '=';
		ok = !sodium_base642bin(theirs, sizeof(theirs), text, n, NULL,
					&m, NULL,
					sodium_base64_VARIANT_ORIGINAL);
		n = 77;
		assert_int_equal(
			!b64_decode(
				ours, sizeof(ours), &n,
				span_make(text, 4 * (size_t)(1 + rnd[12] % 3))),
			ok);
		if (!ok)
			continue;
		agreed++;
		assert_int_equal(n, m);
		assert_memory_equal(ours, theirs, n);
	}
	assert_true(agreed > 1000);
}

static void b64_refuses(void **state)
{
	static const char *const row[] = {
		"Zg",	"Zg=",	"Zg===",    "Z",     "=",	 "====",
		"Zh==", "Zm9=", "Zg==\n",   " Zg==", "Zm9v\r\n", "Zm 9v",
		"Zm9_", "Zm9-", "Zg==Zg==", "Z=g=",  "Zm9v=",	 "Zm9v====",
	};
	char raw[16];
	size_t len;

	(void)state;
	for (size_t i = 0; i < sizeof(row) / sizeof(*row); i++) {
		assert_int_equal(
			b64_decode(raw, sizeof(raw), &len, span_str(row[i])),
			EINVAL);
	}
	assert_int_equal(b64_decode(raw, sizeof(raw), &len, SPAN_LIT("Zm9\0")),
			 EINVAL);
}

static int init(void **state)
{
	(void)state;
	return digest_init() || digest_init();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sha256_known_answers),
		cmocka_unit_test(hmac_is_rfc2104_over_spans_with_lengths),
		cmocka_unit_test(hmac_takes_many_and_long_spans),
		cmocka_unit_test(hmac_tells_lists_and_keys_apart),
		cmocka_unit_test(random_differs),
		cmocka_unit_test(random_pieces),
		cmocka_unit_test(random_in_child),
		cmocka_unit_test(same),
		cmocka_unit_test(b64_known_answers),
		cmocka_unit_test(b64_agrees_with_libsodium),
		cmocka_unit_test(b64_refuses),
	};

	return cmocka_run_group_tests(tests, init, NULL);
}

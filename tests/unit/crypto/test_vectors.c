/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The test vectors of docs/protocol.md (docs/vectors): run from the top. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/digest.h"
#include "codec/octets.h"
#include "crypto/pgp.h"

#define VECTORS "docs/vectors/"

struct fixture {
	char home[64];
	struct pgp *pgp;
	struct pgp_ctx *ctx;
};

static void run(const char *before, const char *home, const char *behind)
{
	char cmd[512];

	snprintf(cmd, sizeof(cmd), "%s %s %s", before, home, behind);
	assert_int_equal(system(cmd), 0);
}

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct pgp_conf conf = { .home = f->home,
				 .sign_engine = "gpgme",
				 .verify_engine = "gpgme",
				 .timeout_ms = 30000 };

	digest_init();
	sipmsg_init();
	strcpy(f->home, "/tmp/sipseal-vec-XXXXXX");
	assert_non_null(mkdtemp(f->home));
	run("gpg --homedir", f->home,
	    "--batch --quiet --import " VECTORS "alice.asc " VECTORS "bob.asc");
	assert_int_equal(pgp_open(&f->pgp, &conf), 0);
	assert_int_equal(pgp_ctx_open(&f->ctx, f->pgp), 0);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	pgp_ctx_close(f->ctx);
	pgp_close(f->pgp);
	run("gpgconf --homedir", f->home, "--kill all");
	run("rm -rf", f->home, "");
	free(f);
	return 0;
}

static struct span slurp(const char *name, char *mem, size_t cap)
{
	char path[128];
	FILE *f;
	size_t n;

	snprintf(path, sizeof(path), VECTORS "%s", name);
	f = fopen(path, "rb");
	assert_non_null(f);
	n = fread(mem, 1, cap, f);
	fclose(f);
	return span_make(mem, n);
}

static void check(struct fixture *f, const char *name, enum sip_field field)
{
	static struct sip_msg m;
	static char msg[4096], want[4096], got[8192];
	char file[64], signer[PGP_FPR_MAX];
	struct buf b = buf_make(got, sizeof(got));
	struct pgp_params p;
	enum pgp_row what;
	struct span octets;
	uint8_t sig[PGP_SIG_MAX];
	size_t i = 0, len;

	snprintf(file, sizeof(file), "%s.sip", name);
	assert_int_equal(sipmsg_read(&m, slurp(file, msg, sizeof(msg)), true),
			 SIP_OK);
	assert_non_null(pgpauth_next(&m, field, NULL, &i, &what, &p));
	assert_int_equal(what, PGP_ROW_OK);
	assert_int_equal(octets_build(&b, &m, &p), 0);
	snprintf(file, sizeof(file), "%s.octets", name);
	octets = slurp(file, want, sizeof(want));
	assert_int_equal(b.len, octets.len);
	assert_memory_equal(b.p, octets.p, octets.len);
	assert_int_equal(b64_decode(sig, sizeof(sig), &len, p.signature), 0);
	assert_int_equal(
		pgp_verify(f->ctx, octets, span_make(sig, len), signer),
		PGP_GOOD);
	assert_true(span_eq(p.key, span_str(signer)));
	want[octets.len / 2] ^= 1;
	assert_int_equal(
		pgp_verify(f->ctx, octets, span_make(sig, len), signer),
		PGP_BAD);
}

static void test_invite(void **state)
{
	check(*state, "invite", SIP_F_AUTHORIZATION);
}

static void test_ok(void **state)
{
	check(*state, "ok", SIP_F_AUTHENTICATION_INFO);
}

static void test_bye(void **state)
{
	check(*state, "bye", SIP_F_AUTHORIZATION);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_invite),
		cmocka_unit_test(test_ok),
		cmocka_unit_test(test_bye),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}

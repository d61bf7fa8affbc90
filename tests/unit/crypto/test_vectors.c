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

static void test_eager(void **state)
{
	check(*state, "eager", SIP_F_AUTHORIZATION);
}

static void test_nat(void **state)
{
	check(*state, "nat", SIP_F_AUTHORIZATION);
}

static void test_register(void **state)
{
	check(*state, "register", SIP_F_AUTHORIZATION);
}

/* The CANCEL reveals what the INVITE committed to. */
static void test_cancel(void **state)
{
	static struct sip_msg invite, cancel;
	static char mem[2][4096];
	char commitment[B64_LEN(SHA256_LEN) + 1];
	uint8_t hash[SHA256_LEN];
	struct pgp_params p;
	enum pgp_row what;
	struct span ticket;
	size_t i = 0;

	(void)state;
	assert_int_equal(
		sipmsg_read(&invite, slurp("invite.sip", mem[0], 4096), true),
		SIP_OK);
	assert_int_equal(
		sipmsg_read(&cancel, slurp("cancel.sip", mem[1], 4096), true),
		SIP_OK);
	assert_true(span_eq(cancel.call_id, invite.call_id));
	assert_true(span_eq(cancel.via_branch, invite.via_branch));
	assert_int_equal(cancel.cseq, invite.cseq);
	assert_non_null(pgpauth_next(&invite, SIP_F_AUTHORIZATION, NULL, &i,
				     &what, &p));
	ticket = sipmsg_param(sipmsg_row(&cancel, SIP_F_REASON, 0)->value,
			      "ticket");
	digest_sha256(hash, &ticket, 1);
	b64_encode(commitment, sizeof(commitment), hash, sizeof(hash));
	assert_true(span_eq(p.cancel, span_str(commitment)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_invite), cmocka_unit_test(test_ok),
		cmocka_unit_test(test_bye),    cmocka_unit_test(test_eager),
		cmocka_unit_test(test_nat),    cmocka_unit_test(test_register),
		cmocka_unit_test(test_cancel),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}

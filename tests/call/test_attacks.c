/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Attackers who know all identifiers of a call, and some who have a valid key
 * of their own: what they try must not reach a phone, nor be signed for. */
#include "world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/digest.h"

/* A forged 200 with the tag of the party that rings must not make the appliance
 * sign a BYE for that party's dialog. */
static void test_no_bye_for_ringing(void **state)
{
	struct world *w = *state;
	char sent[8192], at_bob[8192], forged[8192];

	ringing(w, sent, at_bob);
	snprintf(forged, sizeof(forged), "%s",
		 relay_response(mk_response(relay_request(sent), 200, "OK",
					    "bobtag", "", SDP)));
	net_to_alice(w, forged);
	net_to_alice(w, forged);
	net_to_alice(w, forged);
	none(w, AT_ALICE);
	none(w, AT_NET_A);
	/* and the call goes on */
	bob_sends(w, mk_response(at_bob, 200, "OK", "bobtag", "", SDP));
	net_to_alice(w, relay_response(take(w, AT_NET_B)));
	assert_int_equal(status_of(take(w, AT_ALICE)), 200);
}

static void forge(struct world *w, const char *sent, unsigned int status,
		  const char *rows)
{
	net_to_alice(w, relay_response(mk_response(relay_request(sent), status,
						   "No", "x", rows, "")));
}

/* Somebody authenticated rings: no challenge ends that at once, be it Digest's,
 * PGP's, both, or none at all in a 401. */
static void test_challenge_while_ringing(void **state)
{
	struct world *w = *state;
	char sent[8192], at_bob[8192];

	ringing(w, sent, at_bob);
	forge(w, sent, 407,
	      "Proxy-Authenticate: Digest realm=\"p\", nonce=\"n2\"\r\n");
	forge(w, sent, 401,
	      "WWW-Authenticate: PGP realm=\"evil\", nonce=\"n\"\r\n");
	forge(w, sent, 401,
	      "WWW-Authenticate: PGP realm=\"evil\", nonce=\"n\"\r\n"
	      "WWW-Authenticate: Digest realm=\"p\", nonce=\"n2\"\r\n");
	forge(w, sent, 401, "");
	none(w, AT_ALICE);
	none(w, AT_NET_A);
	world_tick(w, 3000);
	none(w, AT_ALICE);
	bob_sends(w, mk_response(at_bob, 200, "OK", "bobtag", "", SDP));
	net_to_alice(w, relay_response(take(w, AT_NET_B)));
	assert_int_equal(status_of(take(w, AT_ALICE)), 200);
	none(w, AT_ALICE);
}

/* A 401 that challenges nobody is a failure like others. */
static void test_empty_challenge(void **state)
{
	struct world *w = *state;
	char sent[8192], at_bob[8192];

	ring(w, sent, at_bob);
	forge(w, sent, 401, "");
	none(w, AT_ALICE);
	world_tick(w, 2500);
	assert_int_equal(status_of(take(w, AT_ALICE)), 401);
}

/* What rang and gave up may be followed by another site (serial forking): its
 * challenge is answered when nothing signed has contradicted it. */
static void test_challenge_after_ringing(void **state)
{
	struct world *w = *state;
	char sent[8192], at_bob[8192];

	ringing(w, sent, at_bob);
	forge(w, sent, 401,
	      "WWW-Authenticate: PGP realm=\"next\", nonce=\"n\"\r\n");
	none(w, AT_NET_A);
	world_tick(w, 33000);
	assert_memory_equal(take(w, AT_NET_A), "ACK ", 4);
	assert_true(has(take(w, AT_NET_A), "PGP realm=\"next\""));
	none(w, AT_ALICE);
}

static int setup(void **state)
{
	*state = world_new();
	return 0;
}

static int teardown(void **state)
{
	world_free(*state);
	return 0;
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_no_bye_for_ringing),
		T(test_challenge_while_ringing),
		T(test_empty_challenge),
		T(test_challenge_after_ringing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

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
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

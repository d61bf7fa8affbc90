/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Transactions as real networks leave them: lost, late, doubled, out of order,
 * and numbers that have to be translated wherever they stand. */
#include "world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The phone has its 100 and repeats nothing: the retry is ours to repeat. */
static void test_retry_lost(void **state)
{
	struct world *w = *state;
	char sent[8192];
	const char *r;

	alice_sends(w, invite_mem());
	r = take(w, AT_NET_A);
	net_to_alice(w, mk_response(r, 100, "Trying", "", "", ""));
	assert_int_equal(status_of(take(w, AT_ALICE)), 100);
	net_to_bob(w, relay_request(r));
	net_to_alice(w, relay_response(take(w, AT_NET_B)));
	take(w, AT_NET_A);
	snprintf(sent, sizeof(sent), "%s", take(w, AT_NET_A));
	world_tick(w, 600);
	assert_string_equal(take(w, AT_NET_A), sent);
	world_tick(w, 1100);
	assert_string_equal(take(w, AT_NET_A), sent);
	net_to_alice(w, mk_response(sent, 100, "Trying", "", "", ""));
	assert_int_equal(status_of(take(w, AT_ALICE)), 100);
	world_tick(w, 5000);
	none(w, AT_NET_A);
}

/* ... but not once the phone has given up. */
static void test_retry_cancelled(void **state)
{
	struct world *w = *state;

	alice_sends(w, invite_mem());
	net_to_bob(w, relay_request(take(w, AT_NET_A)));
	net_to_alice(w, relay_response(take(w, AT_NET_B)));
	take(w, AT_NET_A);
	take(w, AT_NET_A);
	alice_sends(
		w, mk_request("CANCEL", URI, true, 7, "z9hG4bKa1", "", "", ""));
	assert_memory_equal(take(w, AT_NET_A), "CANCEL ", 7);
	world_tick(w, 5000);
	none(w, AT_NET_A);
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
		T(test_retry_lost),
		T(test_retry_cancelled),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What else real calls do: forks, Digest beside PGP, stale nonces, transactions
 * inside dialogs, policies, restarts, the role of a proxy. */
#include "world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A forking proxy merged the challenges of two sites. */
static void test_two_realms(void **state)
{
	struct world *w = *state;
	const char *r;

	alice_sends(w, invite_mem());
	r = take(w, AT_NET_A);
	net_to_alice(w, mk_response(r, 401, "Unauthorized", "t",
				    "WWW-Authenticate: PGP realm=\"one\", "
				    "nonce=\"n1\", algorithm=SHA256\r\n"
				    "WWW-Authenticate: PGP realm=\"two\", "
				    "nonce=\"n2\", algorithm=SHA256\r\n",
				    ""));
	take(w, AT_NET_A);
	r = take(w, AT_NET_A);
	assert_true(has(
		r, "Authorization: PGP realm=\"one\", nonce=\"n1\", nc=1,"));
	assert_true(has(
		r, "Authorization: PGP realm=\"two\", nonce=\"n2\", nc=1,"));
	none(w, AT_ALICE);
}

static void test_digest_beside(void **state)
{
	struct world *w = *state;
	const char *r;

	alice_sends(w, invite_mem());
	r = take(w, AT_NET_A);
	net_to_alice(w, mk_response(r, 401, "Unauthorized", "t",
				    "WWW-Authenticate: PGP realm=\"one\", "
				    "nonce=\"n1\", algorithm=SHA256\r\n"
				    "WWW-Authenticate: Digest realm=\"d\", "
				    "nonce=\"n2\"\r\n",
				    ""));
	none(w, AT_NET_A);
	r = take(w, AT_ALICE);
	assert_int_equal(status_of(r), 401);
	assert_true(has(r, "Digest realm=\"d\""));
	assert_false(has(r, "PGP"));
	assert_false(has(r, "stale"));
	alice_sends(w,
		    mk_request("ACK", URI, true, 7, "z9hG4bKa1", "t", "", ""));
	take(w, AT_NET_A);
	alice_sends(w, mk_request("INVITE", URI, true, 8, "z9hG4bKa7", "",
				  "Authorization: Digest a=\"b\"\r\n", SDP));
	r = take(w, AT_NET_A);
	assert_true(has(r, "Authorization: PGP realm=\"one\""));
	assert_string_equal(field(r, "CSeq", 0), "8 INVITE");
}

/* In a field of our own a signature stands where a challenge would. */
static void test_own_header(void **state)
{
	struct world *w = *state;
	char sent[8192], at_bob[8192];
	const char *r;

	snprintf(w->a.conf.header_name, sizeof(w->a.conf.header_name),
		 "X-Seal");
	snprintf(w->b.conf.header_name, sizeof(w->b.conf.header_name),
		 "X-Seal");
	ring(w, sent, at_bob);
	assert_true(has(sent, "\r\nX-Seal: PGP "));
	assert_false(has(sent, "Authorization: PGP"));
	bob_sends(w, mk_response(at_bob, 401, "Unauthorized", "bobtag",
				 "WWW-Authenticate: Digest realm=\"d\", "
				 "nonce=\"n2\"\r\n",
				 ""));
	r = take(w, AT_NET_B);
	assert_true(has(r, "\r\nX-Seal: PGP "));
	net_to_alice(w, relay_response(r));
	r = take(w, AT_ALICE);
	assert_int_equal(status_of(r), 401);
	assert_true(has(r, "Digest realm=\"d\""));
	assert_true(has(r, "P-PGP-Status: valid"));
	assert_false(has(r, "X-Seal"));
}

static void test_stale_once(void **state)
{
	struct world *w = *state;
	char sent[8192];
	const char *r;

	alice_sends(w, invite_mem());
	net_to_bob(w, relay_request(take(w, AT_NET_A)));
	net_to_alice(w, relay_response(take(w, AT_NET_B)));
	take(w, AT_NET_A);
	snprintf(sent, sizeof(sent), "%s", take(w, AT_NET_A));
	world_tick(w, 62000);
	net_to_bob(w, relay_request(sent));
	r = take(w, AT_NET_B);
	assert_int_equal(status_of(r), 401);
	assert_true(has(r, "stale=true"));
	net_to_alice(w, relay_response(r));
	r = take(w, AT_NET_A);
	assert_string_equal(field(r, "CSeq", 0), "8 ACK");
	r = take(w, AT_NET_A);
	assert_string_equal(field(r, "CSeq", 0), "9 INVITE");
	/* a second stale in a row is a loop */
	net_to_alice(w, mk_response(r, 401, "Unauthorized", "t",
				    "WWW-Authenticate: PGP "
				    "realm=\"edge-b.example.org\", "
				    "nonce=\"n9\", stale=true\r\n",
				    ""));
	none(w, AT_NET_A);
	none(w, AT_ALICE);
	world_tick(w, 2500);
	assert_int_equal(status_of(take(w, AT_ALICE)), 403);
}

static void eager_late(struct world *w, int64_t ms)
{
	char sent[8192], at_bob[8192], second[8192];
	const char *r;

	up(w, sent, at_bob);
	snprintf(second, sizeof(second), "%s", invite_mem());
	memcpy(strstr(second, "call-1"), "call-2", 6);
	alice_sends(w, second);
	r = take(w, AT_NET_A);
	w->now += (uint64_t)ms;
	net_to_bob(w, relay_request(r));
	none(w, AT_BOB);
	r = take(w, AT_NET_B);
	assert_int_equal(status_of(r), 401);
	assert_int_equal(engine_stats(w->b.e)->refused_stale, 1);
}

static void test_eager_old(void **state)
{
	eager_late(*state, 61000);
}

static void test_eager_future(void **state)
{
	eager_late(*state, -61000);
}

static void test_permissive(void **state)
{
	struct world *w = *state;
	const char *r;

	w->b.conf.policy[0].mode = MODE_PERMISSIVE;
	net_to_bob(w, relay_request(invite_mem()));
	r = take(w, AT_BOB);
	assert_true(has(r, "P-PGP-Status: unsigned"));
	bob_sends(w, mk_response(r, 200, "OK", "bobtag", "", SDP));
	r = take(w, AT_NET_B);
	assert_false(has(r, "Authentication-Info"));
	net_to_bob(w,
		   relay_request(mk_request("BYE", "sip:bob@10.0.2.2", true, 8,
					    "z9hG4bKx", "bobtag", "", "")));
	assert_memory_equal(take(w, AT_BOB), "BYE", 3);
}

/* What was set up authenticated ends authenticated, whatever the mode, and
 * whatever Call-ID the attacker writes. */
static void test_permissive_authenticated(void **state)
{
	struct world *w = *state;
	char sent[8192], at_bob[8192], bye[8192];

	w->b.conf.policy[0].mode = MODE_PERMISSIVE;
	up(w, sent, at_bob);
	snprintf(bye, sizeof(bye), "%s",
		 relay_request(mk_request("BYE", "sip:bob@10.0.2.2", true, 9,
					  "z9hG4bKx", "bobtag", "", "")));
	net_to_bob(w, bye);
	memcpy(strstr(bye, "call-1"), "call-9", 6);
	net_to_bob(w, bye);
	memcpy(strstr(bye, "BYE"), "bye", 3);
	memcpy(strstr(bye, " BYE"), " bye", 4);
	net_to_bob(w, bye);
	none(w, AT_BOB);
	assert_int_equal(engine_stats(w->b.e)->bye_dropped, 3);
}

/* An unsigned copy of an authenticated INVITE must not take its place. */
static void test_permissive_shadow(void **state)
{
	struct world *w = *state;
	char sent[8192], at_bob[8192];

	w->b.conf.policy[0].mode = MODE_PERMISSIVE;
	ring(w, sent, at_bob);
	net_to_bob(w, relay_request(mk_request("INVITE", URI, true, 8,
					       "z9hG4bKx", "", "", SDP)));
	net_to_bob(w, relay_request(mk_request("CANCEL", URI, true, 8,
					       "z9hG4bKx", "", "", "")));
	none(w, AT_BOB);
	bob_sends(w, mk_response(at_bob, 200, "OK", "bobtag", "", SDP));
	assert_true(has(take(w, AT_NET_B), "Authentication-Info: PGP"));
}

/* A stack that speaks the profile itself is left alone. */
static void test_transparent(void **state)
{
	struct world *w = *state;
	const char *row = "Authorization: PGP realm=\"x.y\", nonce=\"n\", "
			  "nc=1, cnonce=\"c\", signature=\"AAAA\"\r\n";
	char text[8192], resp[8192];

	snprintf(text, sizeof(text), "%s",
		 mk_request("INVITE", URI, true, 7, "z9hG4bKa1", "", row, SDP));
	alice_sends(w, text);
	assert_string_equal(take(w, AT_NET_A), text);
	snprintf(resp, sizeof(resp), "%s",
		 mk_response(text, 401, "Unauthorized", "t",
			     "WWW-Authenticate: PGP realm=\"x.y\", "
			     "nonce=\"n2\"\r\n",
			     ""));
	net_to_alice(w, resp);
	assert_string_equal(take(w, AT_ALICE), resp);
}

static void test_options_ping(void **state)
{
	struct world *w = *state;

	alice_sends(w, mk_request("OPTIONS", "sip:example.org", true, 1,
				  "z9hG4bKo1", "", "", ""));
	net_to_alice(w, mk_response(take(w, AT_NET_A), 200, "OK", "t", "", ""));
	assert_int_equal(status_of(take(w, AT_ALICE)), 200);
}

static void test_observe(void **state)
{
	struct world *w = *state;
	char bye[8192];

	w->b.conf.policy[0].mode = MODE_OBSERVE;
	snprintf(bye, sizeof(bye), "%s",
		 relay_request(mk_request("BYE", "sip:bob@10.0.2.2", true, 8,
					  "z9hG4bKx", "bobtag",
					  "P-PGP-Status: valid\r\n", "")));
	net_to_bob(w, bye);
	assert_string_equal(take(w, AT_BOB), bye);
	assert_int_equal(engine_stats(w->b.e)->observed, 1);
}

static void test_status_of_others(void **state)
{
	struct world *w = *state;
	const char *r;

	w->b.conf.policy[0].mode = MODE_PERMISSIVE;
	net_to_bob(w,
		   relay_request(mk_request(
			   "INVITE", URI, true, 7, "z9hG4bKa1", "",
			   "P-PGP-Status: valid;key=" ALICE_FPR "\r\n", SDP)));
	r = take(w, AT_BOB);
	assert_string_equal(field(r, "P-PGP-Status", 0),
			    "unsigned;uri=\"sip:alice@example.org\"");
	assert_string_equal(field(r, "P-PGP-Status", 1), "");
}

static void test_crypto_fails(void **state)
{
	struct world *w = *state;
	char sent[8192];

	alice_sends(w, invite_mem());
	net_to_bob(w, relay_request(take(w, AT_NET_A)));
	net_to_alice(w, relay_response(take(w, AT_NET_B)));
	take(w, AT_NET_A);
	snprintf(sent, sizeof(sent), "%s", take(w, AT_NET_A));
	w->crypto_fails = true;
	net_to_bob(w, relay_request(sent));
	none(w, AT_BOB);
	none(w, AT_NET_B);
	/* the same again is not a replay: the first was never accepted */
	w->crypto_fails = false;
	net_to_bob(w, relay_request(sent));
	assert_memory_equal(take(w, AT_BOB), "INVITE", 6);
}

static void test_restart(void **state)
{
	struct world *w = *state;
	char sent[8192], at_bob[8192];
	const char *r;

	ring(w, sent, at_bob);
	world_restart(&w->a);
	world_restart(&w->b);
	bob_sends(w, mk_response(at_bob, 200, "OK", "bobtag", "", SDP));
	net_to_alice(w, relay_response(take(w, AT_NET_B)));
	r = take(w, AT_ALICE);
	assert_int_equal(status_of(r), 200);
	assert_string_equal(field(r, "CSeq", 0), "7 INVITE");
	world_restart(&w->a);
	world_restart(&w->b);
	alice_sends(w, mk_request("BYE", "sip:bob@10.0.2.2", true, 8,
				  "z9hG4bKa3", "bobtag", "", ""));
	r = take(w, AT_NET_A);
	assert_string_equal(field(r, "CSeq", 0), "9 BYE");
	net_to_bob(w, relay_request(r));
	assert_memory_equal(take(w, AT_BOB), "BYE", 3);
}

/* re-INVITE both ways, PRACK with RAck, UPDATE, INFO, a late offer's ACK. */
static void test_in_dialog(void **state)
{
	struct world *w = *state;
	char sent[8192], at_bob[8192], got[8192];
	const char *r;

	up(w, sent, at_bob);
	alice_sends(w, mk_request("INVITE", "sip:bob@10.0.2.2", true, 8,
				  "z9hG4bKr1", "bobtag", "", SDP));
	r = take(w, AT_NET_A);
	assert_string_equal(field(r, "CSeq", 0), "9 INVITE");
	assert_true(has(r, "cancel=\""));
	net_to_bob(w, relay_request(r));
	snprintf(got, sizeof(got), "%s", take(w, AT_BOB));
	bob_sends(w, mk_response(got, 491, "Request Pending", "", "", ""));
	net_to_alice(w, relay_response(take(w, AT_NET_B)));
	r = take(w, AT_ALICE);
	assert_int_equal(status_of(r), 491);
	assert_string_equal(field(r, "CSeq", 0), "8 INVITE");
	alice_sends(w, mk_request("ACK", "sip:bob@10.0.2.2", true, 8,
				  "z9hG4bKr1", "bobtag", "", ""));
	r = take(w, AT_NET_A);
	assert_string_equal(field(r, "CSeq", 0), "9 ACK");
	net_to_bob(w, relay_request(r));
	assert_memory_equal(take(w, AT_BOB), "ACK", 3);

	bob_sends(w, mk_request("INVITE", "sip:alice@10.0.1.2", false, 1,
				"z9hG4bKr2", "alicetag", "", SDP));
	net_to_alice(w, relay_request(take(w, AT_NET_B)));
	snprintf(got, sizeof(got), "%s", take(w, AT_ALICE));
	alice_sends(w, mk_response(got, 200, "OK", "", "", SDP));
	net_to_bob(w, relay_response(take(w, AT_NET_A)));
	assert_int_equal(status_of(take(w, AT_BOB)), 200);
	bob_sends(w, mk_request("ACK", "sip:alice@10.0.1.2", false, 1,
				"z9hG4bKr3", "alicetag", "", SDP));
	r = take(w, AT_NET_B);
	net_to_alice(w, relay_request(r));
	assert_memory_equal(take(w, AT_ALICE), "ACK", 3);

	alice_sends(w, mk_request("PRACK", "sip:bob@10.0.2.2", true, 9,
				  "z9hG4bKr4", "bobtag", "RAck: 1 7 INVITE\r\n",
				  ""));
	r = take(w, AT_NET_A);
	assert_string_equal(field(r, "RAck", 0), "1 8 INVITE");
	assert_string_equal(field(r, "CSeq", 0), "10 PRACK");
	net_to_bob(w, relay_request(r));
	assert_memory_equal(take(w, AT_BOB), "PRACK", 5);

	/* out of order: each is taken once */
	alice_sends(w, mk_request("INFO", "sip:bob@10.0.2.2", true, 10,
				  "z9hG4bKr5", "bobtag", "", ""));
	alice_sends(w, mk_request("UPDATE", "sip:bob@10.0.2.2", true, 11,
				  "z9hG4bKr6", "bobtag", "", ""));
	snprintf(got, sizeof(got), "%s", take(w, AT_NET_A));
	net_to_bob(w, relay_request(take(w, AT_NET_A)));
	net_to_bob(w, relay_request(got));
	assert_memory_equal(take(w, AT_BOB), "UPDATE", 6);
	assert_memory_equal(take(w, AT_BOB), "INFO", 4);
	/* a long call: nothing in it expires with the nonce */
	world_tick(w, 3600 * 1000);
	alice_sends(w, mk_request("BYE", "sip:bob@10.0.2.2", true, 12,
				  "z9hG4bKr7", "bobtag", "", ""));
	net_to_bob(w, relay_request(take(w, AT_NET_A)));
	assert_memory_equal(take(w, AT_BOB), "BYE", 3);
}

static const char *other_call_of(const char *method, unsigned int cseq,
				 const char *branch, const char *tag)
{
	return mk_request(method, "sip:bob@10.0.2.2", true, cseq, branch, tag,
			  "", "");
}

/* Two phones of one site answer: two dialogs, the same CSeq numbers in both. */
static void test_two_answers(void **state)
{
	static const char *const tag[] = { "bobtag", "bobtag2" };
	static const char *const branch[] = { "z9hG4bKq1", "z9hG4bKq2" };
	struct world *w = *state;
	char sent[8192], at_bob[8192], ack[2][8192], bye[2][8192];

	ring(w, sent, at_bob);
	for (int i = 0; i < 2; i++) {
		bob_sends(w, mk_response(at_bob, 200, "OK", tag[i], "", SDP));
		net_to_alice(w, relay_response(take(w, AT_NET_B)));
		assert_int_equal(status_of(take(w, AT_ALICE)), 200);
		alice_sends(w, other_call_of("ACK", 7, branch[i], tag[i]));
		snprintf(ack[i], 8192, "%s", relay_request(take(w, AT_NET_A)));
		net_to_bob(w, ack[i]);
		assert_memory_equal(take(w, AT_BOB), "ACK", 3);
	}
	/* the first ACK again is still the first one */
	net_to_bob(w, ack[0]);
	assert_memory_equal(take(w, AT_BOB), "ACK", 3);
	for (int i = 0; i < 2; i++) {
		alice_sends(w, other_call_of("BYE", 8,
					     i ? "z9hG4bKq4" : "z9hG4bKq3",
					     tag[i]));
		net_to_bob(w, relay_request(take(w, AT_NET_A)));
		snprintf(bye[i], 8192, "%s", take(w, AT_BOB));
	}
	for (int i = 0; i < 2; i++) {
		bob_sends(w, mk_response(bye[i], 200, "OK", "", "", ""));
		net_to_alice(w, relay_response(take(w, AT_NET_B)));
		assert_int_equal(status_of(take(w, AT_ALICE)), 200);
	}
}

/* A key revoked while the call runs says nothing any more. */
static void test_revoked(void **state)
{
	struct world *w = *state;
	char sent[8192], at_bob[8192];

	up(w, sent, at_bob);
	bob_sends(w, mk_request("BYE", "sip:alice@10.0.1.2", false, 1,
				"z9hG4bKb1", "alicetag", "", ""));
	w->bob_revoked = true;
	net_to_alice(w, relay_request(take(w, AT_NET_B)));
	none(w, AT_ALICE);
	assert_int_equal(engine_stats(w->a.e)->refused_key, 1);
}

static void eve_calls(struct world *w, const char *fpr, const char *call)
{
	char text[8192];

	w->alice_fpr = fpr;
	snprintf(text, sizeof(text), "%s", invite_mem());
	memcpy(strstr(text, "call-1"), call, 6);
	alice_sends(w, text);
	net_to_bob(w, relay_request(take(w, AT_NET_A)));
	net_to_alice(w, relay_response(take(w, AT_NET_B)));
	take(w, AT_NET_A);
	net_to_bob(w, relay_request(take(w, AT_NET_A)));
}

static void test_first_use(void **state)
{
	struct world *w = *state;

	eve_calls(w, EVE_FPR, "call-1");
	none(w, AT_BOB);
	assert_int_equal(status_of(take(w, AT_NET_B)), 437);
	w->b.conf.policy[0].unknown_key = UNKNOWN_TOFU;
	eve_calls(w, EVE_FPR, "call-2");
	assert_true(has(take(w, AT_BOB), "P-PGP-Status: first-use"));
	eve_calls(w, EVE2_FPR, "call-3");
	none(w, AT_BOB);
	assert_int_equal(status_of(take(w, AT_NET_B)), 437);
	eve_calls(w, EVE_FPR, "call-4");
	assert_true(has(take(w, AT_BOB), "P-PGP-Status: first-use"));
}

static void test_pass_marked(void **state)
{
	struct world *w = *state;

	w->b.conf.policy[0].unknown_key = UNKNOWN_PASS_MARKED;
	eve_calls(w, EVE_FPR, "call-1");
	assert_true(has(take(w, AT_BOB), "P-PGP-Status: untrusted"));
	eve_calls(w, "FFFF0000FFFF0000FFFF0000FFFF0000FFFF0000", "call-2");
	assert_true(has(take(w, AT_BOB), "P-PGP-Status: unknown-key"));
}

static void test_no_key(void **state)
{
	struct world *w = *state;
	char text[8192];
	const char *r;

	snprintf(text, sizeof(text), "%s", invite_mem());
	memcpy(strstr(text, "<sip:alice@"), "<sip:carol@", 11);
	alice_sends(w, text);
	r = take(w, AT_NET_A);
	assert_string_equal(r, text);
	w->a.conf.policy[0].no_key = NO_KEY_REJECT;
	memcpy(strstr(text, "call-1"), "call-2", 6);
	alice_sends(w, text);
	none(w, AT_NET_A);
	assert_int_equal(status_of(take(w, AT_ALICE)), 403);
	assert_int_equal(engine_stats(w->a.e)->requests_refused, 1);
}

/* Strangers get so many answers a second; who proved himself has his own. */
static void test_flood(void **state)
{
	struct world *w = *state;
	char invite[8192];
	unsigned int answers = 0;
	const struct stats *s = engine_stats(w->b.e);

	snprintf(invite, sizeof(invite), "%s", relay_request(invite_mem()));
	for (int round = 0; round < 4; round++) {
		for (int i = 0; i < 50; i++)
			net_to_bob(w, invite);
		for (; w->taken[AT_NET_B] < w->n[AT_NET_B]; answers++)
			take(w, AT_NET_B);
		w->n[AT_NET_B] = w->taken[AT_NET_B] = 0;
	}
	none(w, AT_BOB);
	assert_int_equal(answers, 100);
	assert_int_equal(s->rate_limited, 100);
}

static void test_register(void **state)
{
	struct world *w = *state;
	const char *r;

	alice_sends(w, mk_request("REGISTER", "sip:example.org", true, 1,
				  "z9hG4bKg1", "", "", ""));
	r = take(w, AT_NET_A);
	assert_true(has(r, "Supported: pgp-auth"));
	net_to_alice(w, mk_response(r, 401, "Unauthorized", "t",
				    "WWW-Authenticate: Digest realm=\"d\", "
				    "nonce=\"n\"\r\n",
				    ""));
	assert_int_equal(status_of(take(w, AT_ALICE)), 401);
	alice_sends(w, mk_request("REGISTER", "sip:example.org", true, 2,
				  "z9hG4bKg2", "",
				  "Authorization: Digest a=\"b\"\r\n", ""));
	r = take(w, AT_NET_A);
	net_to_alice(w, mk_response(r, 200, "OK", "t", "", ""));
	assert_int_equal(status_of(take(w, AT_ALICE)), 200);
}

/* A phone that registers for hours: each refresh comes when the nonce is old,
 * and may come with another tag. */
static void test_register_refreshed(void **state)
{
	struct world *w = *state;
	unsigned int net = 0;
	char branch[32];
	const char *r;

	w->b.conf.role = ROLE_PROXY;
	for (unsigned int n = 1; n <= 4; n++) {
		snprintf(branch, sizeof(branch), "z9hG4bKg%u", n);
		alice_sends(w, mk_request("REGISTER", "sip:example.org", true,
					  n, branch, "", "", ""));
		net_to_bob(w, take(w, AT_NET_A));
		r = take(w, AT_NET_B);
		assert_int_equal(status_of(r), 401);
		assert_int_equal(has(r, "stale=true"), n > 1);
		net_to_alice(w, r);
		none(w, AT_ALICE);
		net_to_bob(w, take(w, AT_NET_A));
		r = take(w, AT_BOB);
		assert_true(strtoul(field(r, "CSeq", 0), NULL, 10) > net);
		net = (unsigned int)strtoul(field(r, "CSeq", 0), NULL, 10);
		world_tick(w, 600000);
	}
}

static void test_unasked_response(void **state)
{
	struct world *w = *state;
	const char *i = invite_mem();

	net_to_alice(w, mk_response(i, 200, "OK", "x", "", SDP));
	none(w, AT_ALICE);
	assert_int_equal(engine_stats(w->a.e)->responses_dropped, 1);
}

/* Bob's side plays the proxy's host: REGISTER and INVITE prove themselves. */
static void test_proxy_register(void **state)
{
	struct world *w = *state;
	char got[8192];
	const char *r;

	w->b.conf.role = ROLE_PROXY;
	alice_sends(w, mk_request("REGISTER", "sip:example.org", true, 1,
				  "z9hG4bKg1", "", "", ""));
	net_to_bob(w, take(w, AT_NET_A));
	r = take(w, AT_NET_B);
	assert_int_equal(status_of(r), 401);
	net_to_alice(w, r);
	r = take(w, AT_NET_A);
	assert_string_equal(field(r, "CSeq", 0), "2 REGISTER");
	assert_true(has(r, "\r\nAuthorization: PGP "));
	/* a Contact put in its place on the way is noticed */
	snprintf(got, sizeof(got), "%s", r);
	memcpy(strstr(got, "alice@10.0.1.2>\r\n"), "alice@10.6.6.6", 14);
	net_to_bob(w, got);
	none(w, AT_BOB);
	assert_int_equal(status_of(take(w, AT_NET_B)), 403);
	net_to_bob(w, r);
	r = take(w, AT_BOB);
	assert_memory_equal(r, "REGISTER", 8);
	assert_false(has(r, "PGP realm"));
}

static void test_proxy_invite(void **state)
{
	struct world *w = *state;
	const char *r;

	w->b.conf.role = ROLE_PROXY;
	alice_sends(w, invite_mem());
	net_to_bob(w, take(w, AT_NET_A));
	r = take(w, AT_NET_B);
	assert_int_equal(status_of(r), 407);
	assert_true(has(r, "Proxy-Authenticate: PGP "));
	net_to_alice(w, r);
	take(w, AT_NET_A);
	r = take(w, AT_NET_A);
	assert_true(has(r, "\r\nProxy-Authorization: PGP "));
	assert_true(has(r, "\r\nSupported: pgp-auth\r\n"));
	net_to_bob(w, r);
	r = take(w, AT_BOB);
	assert_false(has(r, "Proxy-Authorization"));
	/* what the proxy was told stays with it when it relays */
	assert_true(has(r, "P-PGP-Status: valid"));
	bob_sends(w, relay_request(r));
	assert_false(has(take(w, AT_NET_B), "P-PGP-Status"));
	/* the callee's appliance behind it wants its own: both are in it */
	net_to_alice(w, mk_response(r, 401, "Unauthorized", "t",
				    "WWW-Authenticate: PGP realm=\"callee\", "
				    "nonce=\"n1\", algorithm=SHA256\r\n",
				    ""));
	take(w, AT_NET_A);
	r = take(w, AT_NET_A);
	assert_string_equal(field(r, "CSeq", 0), "9 INVITE");
	assert_true(has(
		r,
		"\r\nProxy-Authorization: PGP realm=\"edge-b.example.org\""));
	assert_true(has(r, "\r\nAuthorization: PGP realm=\"callee\""));
	net_to_bob(w, r);
	r = take(w, AT_BOB);
	assert_false(has(r, "Proxy-Authorization"));
	assert_true(has(r, "\r\nAuthorization: PGP realm=\"callee\""));
}

/* Some phones give up a call for an answer to a CANCEL they never sent. */
static void test_unasked_cancel_answer(void **state)
{
	struct world *w = *state;
	char sent[8192], at_bob[8192], cancel[8192];
	const char *r;

	ring(w, sent, at_bob);
	snprintf(cancel, sizeof(cancel), "%s", sent);
	memcpy(strstr(cancel, "8 INVITE"), "8 CANCEL", 8);
	net_to_alice(w, mk_response(cancel, 200, "OK", "t", "", ""));
	none(w, AT_ALICE);
	assert_int_equal(engine_stats(w->a.e)->responses_dropped, 1);
	/* the one that she sends is answered */
	alice_sends(
		w, mk_request("CANCEL", URI, true, 7, "z9hG4bKa1", "", "", ""));
	snprintf(cancel, sizeof(cancel), "%s", take(w, AT_NET_A));
	net_to_alice(w, mk_response(cancel, 200, "OK", "t", "", ""));
	r = take(w, AT_ALICE);
	assert_int_equal(status_of(r), 200);
	assert_string_equal(field(r, "CSeq", 0), "7 CANCEL");
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
		T(test_two_realms),
		T(test_digest_beside),
		T(test_own_header),
		T(test_stale_once),
		T(test_eager_old),
		T(test_eager_future),
		T(test_permissive),
		T(test_permissive_authenticated),
		T(test_permissive_shadow),
		T(test_transparent),
		T(test_options_ping),
		T(test_observe),
		T(test_status_of_others),
		T(test_crypto_fails),
		T(test_restart),
		T(test_in_dialog),
		T(test_two_answers),
		T(test_revoked),
		T(test_first_use),
		T(test_pass_marked),
		T(test_no_key),
		T(test_flood),
		T(test_register),
		T(test_register_refreshed),
		T(test_unasked_response),
		T(test_unasked_cancel_answer),
		T(test_proxy_register),
		T(test_proxy_invite),
	};

	return world_run(tests);
}

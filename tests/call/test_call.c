/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One call, challenged: set up, ended, attacked (protocol, "Flow"). */
#include "world.h"

#include <stdio.h>
#include <stdlib.h>

/* Alice's INVITE up to Bob's phone; what each saw. */
struct setup {
	struct world *w;
	const char *rows;   /* further ones of it */
	const char *invite; /* Alice's phone's */
	char sent[8192];    /* signed, on the wire */
	char at_bob[8192];  /* what Bob's phone got */
	char relayed[8192]; /* what Bob's appliance got */
};

static void call_ring(struct setup *s)
{
	struct world *w = s->w;
	const char *marked, *challenge, *ack;

	s->invite = strdup(mk_request("INVITE", URI, true, 7, "z9hG4bKa1", "",
				      s->rows ? s->rows : "", SDP));
	alice_sends(w, s->invite);
	marked = take(w, AT_NET_A);
	assert_true(has(marked, "\r\nSupported: pgp-auth\r\n"));
	net_to_bob(w, relay_request(marked));
	none(w, AT_BOB);
	challenge = take(w, AT_NET_B);
	assert_int_equal(status_of(challenge), 401);
	assert_true(has(challenge, "WWW-Authenticate: PGP "
				   "realm=\"edge-b.example.org\", nonce=\""));
	net_to_alice(w, relay_response(challenge));
	none(w, AT_ALICE);
	ack = take(w, AT_NET_A);
	assert_memory_equal(ack, "ACK ", 4);
	assert_string_equal(field(ack, "CSeq", 0), "7 ACK");
	assert_true(has(ack, "branch=z9hG4bKa1;"));
	snprintf(s->sent, sizeof(s->sent), "%s", take(w, AT_NET_A));
	none(w, AT_NET_A);
	assert_string_equal(field(s->sent, "CSeq", 0), "8 INVITE");
	assert_true(has(s->sent,
			"\r\nAuthorization: PGP realm=\"edge-b.example.org\""));
	assert_false(has(s->sent, "branch=z9hG4bKa1;"));
	snprintf(s->relayed, sizeof(s->relayed), "%s", relay_request(s->sent));
	net_to_bob(w, s->relayed);
	snprintf(s->at_bob, sizeof(s->at_bob), "%s", take(w, AT_BOB));
	assert_false(has(s->at_bob, "Authorization: PGP"));
	assert_true(has(s->at_bob,
			"\r\nP-PGP-Status: "
			"valid;uri=\"sip:alice@example.org\";key=" ALICE_FPR));
	none(w, AT_NET_B);
}

static void call_ringing(struct setup *s)
{
	struct world *w = s->w;
	const char *r;

	bob_sends(w, mk_response(s->at_bob, 180, "Ringing", "bobtag", "", ""));
	r = take(w, AT_NET_B);
	assert_true(has(r, "\r\nAuthentication-Info: PGP "));
	net_to_alice(w, relay_response(r));
	r = take(w, AT_ALICE);
	assert_int_equal(status_of(r), 180);
	assert_string_equal(field(r, "CSeq", 0), "7 INVITE");
	assert_true(has(r, "branch=z9hG4bKa1;"));
	assert_false(has(r, "Authentication-Info"));
}

static const char *call_answer(struct setup *s)
{
	struct world *w = s->w;
	const char *r;

	bob_sends(w, mk_response(s->at_bob, 200, "OK", "bobtag", "", SDP));
	r = take(w, AT_NET_B);
	assert_true(has(r, "\r\nAuthentication-Info: PGP "));
	net_to_alice(w, relay_response(r));
	r = take(w, AT_ALICE);
	assert_int_equal(status_of(r), 200);
	assert_string_equal(field(r, "CSeq", 0), "7 INVITE");
	return r;
}

static void call_ack(struct setup *s)
{
	struct world *w = s->w;
	const char *r;

	alice_sends(w, mk_request("ACK", "sip:bob@10.0.2.2", true, 7,
				  "z9hG4bKa2", "bobtag", "", ""));
	r = take(w, AT_NET_A);
	assert_string_equal(field(r, "CSeq", 0), "8 ACK");
	assert_true(has(r, "\r\nAuthorization: PGP "));
	net_to_bob(w, relay_request(r));
	r = take(w, AT_BOB);
	assert_memory_equal(r, "ACK ", 4);
	assert_false(has(r, "Authorization"));
}

static void call_up(struct setup *s)
{
	call_ring(s);
	call_ringing(s);
	call_answer(s);
	call_ack(s);
}

static void test_call(void **state)
{
	struct setup s = { .w = *state };
	struct world *w = s.w;
	const char *r, *at_bob;

	call_up(&s);
	assert_int_equal(engine_stats(w->a.e)->calls_authenticated, 1);
	assert_int_equal(engine_stats(w->b.e)->calls_authenticated, 1);
	alice_sends(w, mk_request("BYE", "sip:bob@10.0.2.2", true, 8,
				  "z9hG4bKa3", "bobtag", "", ""));
	r = take(w, AT_NET_A);
	assert_string_equal(field(r, "CSeq", 0), "9 BYE");
	net_to_bob(w, relay_request(r));
	at_bob = take(w, AT_BOB);
	bob_sends(w, mk_response(at_bob, 200, "OK", "", "", ""));
	r = take(w, AT_NET_B);
	assert_true(has(r, "Authentication-Info: PGP"));
	net_to_alice(w, relay_response(r));
	r = take(w, AT_ALICE);
	assert_string_equal(field(r, "CSeq", 0), "8 BYE");
	free((char *)s.invite);
}

static void test_bye_of_callee(void **state)
{
	struct setup s = { .w = *state };
	struct world *w = s.w;
	const char *r, *at_alice;

	call_up(&s);
	bob_sends(w, mk_request("BYE", "sip:alice@10.0.1.2", false, 1,
				"z9hG4bKb1", "alicetag", "", ""));
	r = take(w, AT_NET_B);
	assert_true(has(r, "\r\nAuthorization: PGP "));
	net_to_alice(w, relay_request(r));
	at_alice = take(w, AT_ALICE);
	assert_memory_equal(at_alice, "BYE ", 4);
	alice_sends(w, mk_response(at_alice, 200, "OK", "", "", ""));
	r = take(w, AT_NET_A);
	net_to_bob(w, relay_response(r));
	r = take(w, AT_BOB);
	assert_int_equal(status_of(r), 200);
	free((char *)s.invite);
}

static void test_forged_bye(void **state)
{
	struct setup s = { .w = *state };
	struct world *w = s.w;

	call_up(&s);
	net_to_bob(w,
		   relay_request(mk_request("BYE", "sip:bob@10.0.2.2", true, 9,
					    "z9hG4bKe1", "bobtag", "", "")));
	net_to_alice(w, relay_request(mk_request("BYE", "sip:alice@10.0.1.2",
						 false, 9, "z9hG4bKe2",
						 "alicetag", "", "")));
	none(w, AT_BOB);
	none(w, AT_ALICE);
	none(w, AT_NET_A);
	none(w, AT_NET_B);
	assert_int_equal(engine_stats(w->b.e)->bye_dropped, 1);
	assert_int_equal(engine_stats(w->a.e)->bye_dropped, 1);
	free((char *)s.invite);
}

static void test_cancel(void **state)
{
	struct setup s = { .w = *state };
	struct world *w = s.w;
	const char *r;
	char cancel[8192];

	call_ring(&s);
	call_ringing(&s);
	/* forged: same numbers, no ticket, or another one */
	net_to_bob(w, relay_request(mk_request("CANCEL", URI, true, 8,
					       "z9hG4bKe1", "", "", "")));
	net_to_bob(w, relay_request(mk_request(
			      "CANCEL", URI, true, 8, "z9hG4bKe1", "",
			      "Reason: PGP;ticket=\"AAAA\"\r\n", "")));
	none(w, AT_BOB);
	assert_int_equal(engine_stats(w->b.e)->cancel_dropped, 2);
	/* the caller's */
	alice_sends(
		w, mk_request("CANCEL", URI, true, 7, "z9hG4bKa1", "", "", ""));
	r = take(w, AT_NET_A);
	assert_string_equal(field(r, "CSeq", 0), "8 CANCEL");
	assert_true(has(r, "\r\nReason: PGP;ticket=\""));
	assert_false(has(r, "branch=z9hG4bKa1;"));
	snprintf(cancel, sizeof(cancel), "%s", r);
	net_to_bob(w, relay_request(cancel));
	r = take(w, AT_BOB);
	assert_memory_equal(r, "CANCEL ", 7);
	assert_false(has(r, "ticket"));
	assert_int_equal(engine_stats(w->b.e)->cancel_ticket, 1);
	/* the phone's 487, signed, and its ACK hop by hop */
	bob_sends(w, mk_response(s.at_bob, 487, "Request Terminated", "bobtag",
				 "", ""));
	r = take(w, AT_NET_B);
	assert_true(has(r, "Authentication-Info: PGP"));
	net_to_alice(w, relay_response(r));
	r = take(w, AT_ALICE);
	assert_int_equal(status_of(r), 487);
	alice_sends(w, mk_request("ACK", URI, true, 7, "z9hG4bKa1", "bobtag",
				  "", ""));
	r = take(w, AT_NET_A);
	assert_string_equal(field(r, "CSeq", 0), "8 ACK");
	assert_false(has(r, "Authorization"));
	net_to_bob(w,
		   relay_request(mk_request("ACK", URI, true, 8, "z9hG4bKhop",
					    "bobtag", "", "")));
	assert_memory_equal(take(w, AT_BOB), "ACK ", 4);
	free((char *)s.invite);
}

/* A phone's copies, an absorbed 401 that comes again, Bob's 200 again. */
static void test_retransmissions(void **state)
{
	struct setup s = { .w = *state };
	struct world *w = s.w;
	const char *r, *first;
	uint64_t signed_before;

	call_ring(&s);
	alice_sends(w, s.invite);
	assert_string_equal(take(w, AT_NET_A), s.sent);
	net_to_bob(w, s.relayed);
	assert_string_equal(take(w, AT_BOB), s.at_bob);
	bob_sends(w, mk_response(s.at_bob, 200, "OK", "bobtag", "", SDP));
	first = take(w, AT_NET_B);
	signed_before = engine_stats(w->b.e)->responses_signed;
	bob_sends(w, mk_response(s.at_bob, 200, "OK", "bobtag", "", SDP));
	assert_string_equal(take(w, AT_NET_B), first);
	assert_int_equal(engine_stats(w->b.e)->responses_signed, signed_before);
	net_to_alice(w, relay_response(first));
	take(w, AT_ALICE);
	net_to_alice(w, relay_response(first));
	r = take(w, AT_ALICE);
	assert_int_equal(status_of(r), 200);
	assert_int_equal(engine_stats(w->a.e)->responses_verified, 1);
	free((char *)s.invite);
}

/* The signed INVITE played back by somebody who heard it. */
static void test_replay(void **state)
{
	struct setup s = { .w = *state };
	struct world *w = s.w;
	char again[8192];
	char *b;

	call_up(&s);
	snprintf(again, sizeof(again), "%s", s.relayed);
	b = strstr(again, "branch=z9hG4bKp");
	b[15] ^= 1;
	net_to_bob(w, again);
	none(w, AT_BOB);
	assert_int_equal(engine_stats(w->b.e)->refused_replay, 1);
	assert_int_equal(status_of(take(w, AT_NET_B)), 403);
	/* after the transaction is forgotten, the nonce still is not */
	world_tick(w, 300000);
	net_to_bob(w, again);
	none(w, AT_BOB);
	free((char *)s.invite);
}

static void test_unmarked(void **state)
{
	struct world *w = *state;
	const char *r;

	net_to_bob(w, relay_request(mk_request("INVITE", URI, true, 7,
					       "z9hG4bKa1", "", "", SDP)));
	r = take(w, AT_NET_B);
	assert_int_equal(status_of(r), 403);
	assert_false(has(r, "PGP realm"));
	none(w, AT_BOB);
	/* its ACK is absorbed without state */
	net_to_bob(w, relay_request(mk_request(
			      "ACK", URI, true, 7, "z9hG4bKa1",
			      strstr(field(r, "To", 0), "tag=") + 4, "", "")));
	none(w, AT_BOB);
	assert_int_equal(engine_stats(w->b.e)->ack_absorbed, 1);
}

static void test_altered_invite(void **state)
{
	struct setup s = { .w = *state };
	struct world *w = s.w;
	char bad[8192];
	char *sdp;

	call_ring(&s);
	/* another call's numbers in the signed text */
	snprintf(bad, sizeof(bad), "%s", s.relayed);
	sdp = strstr(bad, "10.0.1.2\r\nt=");
	memcpy(sdp, "10.6.6.6", 8);
	net_to_bob(w, bad);
	none(w, AT_BOB);
	assert_int_equal(status_of(take(w, AT_NET_B)), 403);
	assert_int_equal(engine_stats(w->b.e)->refused_signature, 1);
	free((char *)s.invite);
}

/* An answer that is not Bob's: the phone gets a failure, Bob a BYE. */
static void test_unsigned_answer(void **state)
{
	struct setup s = { .w = *state };
	struct world *w = s.w;
	const char *r;
	char answer[8192];

	call_ring(&s);
	snprintf(answer, sizeof(answer), "%s",
		 relay_response(
			 mk_response(s.relayed, 200, "OK", "bobtag", "", SDP)));
	net_to_alice(w, answer);
	none(w, AT_ALICE);
	world_tick(w, 2500);
	r = take(w, AT_ALICE);
	assert_int_equal(status_of(r), 488);
	assert_string_equal(field(r, "CSeq", 0), "7 INVITE");
	assert_false(has(r, "m=audio"));
	r = take(w, AT_NET_A);
	assert_memory_equal(r, "CANCEL ", 7);
	assert_string_equal(field(r, "CSeq", 0), "8 CANCEL");
	assert_true(has(r, "\r\nReason: PGP;ticket="));
	r = take(w, AT_NET_A);
	assert_memory_equal(r, "ACK sip:bob@10.0.2.2 ", 21);
	assert_string_equal(field(r, "CSeq", 0), "8 ACK");
	assert_true(has(r, "Authorization: PGP"));
	assert_true(has(r, "\r\nRoute: <sip:10.0.0.1;lr>\r\n"));
	r = take(w, AT_NET_A);
	assert_memory_equal(r, "BYE sip:bob@10.0.2.2 ", 21);
	assert_string_equal(field(r, "CSeq", 0), "9 BYE");
	/* the phone's ACK stays here */
	alice_sends(w, mk_request("ACK", URI, true, 7, "z9hG4bKa1", "bobtag",
				  "", ""));
	none(w, AT_NET_A);
	/* the BYE is repeated until it is answered */
	world_tick(w, 600);
	r = take(w, AT_NET_A);
	assert_memory_equal(r, "BYE ", 4);
	net_to_alice(w, mk_response(r, 200, "OK", "", "", ""));
	none(w, AT_ALICE);
	world_tick(w, 5000);
	none(w, AT_NET_A);
	free((char *)s.invite);
}

/* Failures nobody signed wait, and give way to what is authenticated. */
static void test_held_failure(void **state)
{
	struct setup s = { .w = *state };
	struct world *w = s.w;
	char forged[8192];

	call_ring(&s);
	snprintf(forged, sizeof(forged), "%s",
		 relay_response(
			 mk_response(s.relayed, 603, "Decline", "x", "", "")));
	net_to_alice(w, forged);
	none(w, AT_ALICE);
	world_tick(w, 1500);
	none(w, AT_ALICE);
	call_answer(&s);
	world_tick(w, 3000);
	none(w, AT_ALICE);
	call_ack(&s);
	free((char *)s.invite);
}

/* An authenticated party rings: neither a failure nor an answer of somebody
 * else reaches the phone, however long it takes. */
static void test_forged_while_ringing(void **state)
{
	struct setup s = { .w = *state };
	struct world *w = s.w;
	const char *r;

	call_ring(&s);
	call_ringing(&s);
	net_to_alice(w, relay_response(mk_response(s.relayed, 200, "OK", "x",
						   "", SDP)));
	net_to_alice(w, relay_response(mk_response(s.relayed, 404, "Not Found",
						   "x", "", "")));
	world_tick(w, 5000);
	none(w, AT_ALICE);
	none(w, AT_NET_A);
	/* who answered is sent home when he repeats it */
	net_to_alice(w, relay_response(mk_response(s.relayed, 200, "OK", "x",
						   "", SDP)));
	r = take(w, AT_NET_A);
	assert_memory_equal(r, "ACK ", 4);
	r = take(w, AT_NET_A);
	assert_memory_equal(r, "BYE ", 4);
	call_answer(&s);
	free((char *)s.invite);
}

/* ... but when the phone gives up, it gets an end. */
static void test_gives_up(void **state)
{
	struct setup s = { .w = *state };
	struct world *w = s.w;

	call_ring(&s);
	call_ringing(&s);
	net_to_alice(w, relay_response(mk_response(s.relayed, 200, "OK", "x",
						   "", SDP)));
	alice_sends(
		w, mk_request("CANCEL", URI, true, 7, "z9hG4bKa1", "", "", ""));
	take(w, AT_NET_A);
	world_tick(w, 50);
	assert_int_equal(status_of(take(w, AT_ALICE)), 487);
	free((char *)s.invite);
}

static void test_released_failure(void **state)
{
	struct setup s = { .w = *state };
	struct world *w = s.w;
	const char *r;

	call_ring(&s);
	net_to_alice(w, relay_response(mk_response(s.relayed, 404, "Not Found",
						   "x", "", "")));
	none(w, AT_ALICE);
	world_tick(w, 2500);
	r = take(w, AT_ALICE);
	assert_int_equal(status_of(r), 404);
	assert_string_equal(field(r, "CSeq", 0), "7 INVITE");
	free((char *)s.invite);
}

static void test_redirect(void **state)
{
	struct setup s = { .w = *state };
	struct world *w = s.w;
	const char *r;

	call_ring(&s);
	net_to_alice(w, relay_response(mk_response(s.relayed, 302, "Moved", "x",
						   "", "")));
	none(w, AT_ALICE);
	world_tick(w, 2500);
	r = take(w, AT_ALICE);
	assert_int_equal(status_of(r), 403);
	assert_string_equal(field(r, "Contact", 0), "");
	free((char *)s.invite);
}

/* The proxy wants Digest again after the retry: the phone is told so. */
static void test_digest_after_retry(void **state)
{
	struct setup s = { .w = *state,
			   .rows = "Proxy-Authorization: Digest realm=\"p\", "
				   "nonce=\"n1\"\r\n" };
	struct world *w = s.w;
	const char *r;

	call_ring(&s);
	net_to_alice(w, mk_response(s.sent, 407,
				    "Proxy Authentication Required", "px",
				    "Proxy-Authenticate: Digest realm=\"p\", "
				    "nonce=\"n2\"\r\n",
				    ""));
	r = take(w, AT_ALICE);
	assert_int_equal(status_of(r), 407);
	assert_true(has(r, "nonce=\"n2\", stale=true\r\n"));
	assert_string_equal(field(r, "CSeq", 0), "7 INVITE");
	alice_sends(w,
		    mk_request("ACK", URI, true, 7, "z9hG4bKa1", "px", "", ""));
	r = take(w, AT_NET_A);
	assert_string_equal(field(r, "CSeq", 0), "8 ACK");
	alice_sends(w,
		    mk_request("INVITE", URI, true, 8, "z9hG4bKa9", "",
			       "Proxy-Authorization: Digest x=\"y\"\r\n", SDP));
	r = take(w, AT_NET_A);
	assert_string_equal(field(r, "CSeq", 0), "9 INVITE");
	assert_true(has(r, "nc=2"));
	assert_true(strstr(r, "Digest x") < strstr(r, "Authorization: PGP"));
	net_to_bob(w, relay_request(r));
	r = take(w, AT_BOB);
	assert_memory_equal(r, "INVITE", 6);
	assert_true(has(r, "Proxy-Authorization: Digest x=\"y\""));
	free((char *)s.invite);
}

/* A known peer's next call is signed at once, without translation. */
static void test_eager(void **state)
{
	struct setup s = { .w = *state };
	struct world *w = s.w;
	char invite[8192];
	const char *r;

	call_up(&s);
	snprintf(invite, sizeof(invite), "%s",
		 mk_request("INVITE", URI, true, 7, "z9hG4bKc1", "", "", SDP));
	memcpy(strstr(invite, "call-1"), "call-2", 6);
	alice_sends(w, invite);
	r = take(w, AT_NET_A);
	assert_true(has(r, "Authorization: PGP realm=\"edge-b.example.org\""));
	assert_string_equal(field(r, "CSeq", 0), "7 INVITE");
	net_to_bob(w, relay_request(r));
	take(w, AT_BOB);
	none(w, AT_NET_B);
	assert_int_equal(engine_stats(w->b.e)->challenges_sent, 1);
	free((char *)s.invite);
}

static void test_challenge_to_bye(void **state)
{
	struct setup s = { .w = *state };
	struct world *w = s.w;
	char bye[8192];

	call_up(&s);
	alice_sends(w, mk_request("BYE", "sip:bob@10.0.2.2", true, 8,
				  "z9hG4bKa3", "bobtag", "", ""));
	snprintf(bye, sizeof(bye), "%s", take(w, AT_NET_A));
	net_to_alice(w, mk_response(bye, 401, "Unauthorized", "",
				    "WWW-Authenticate: PGP realm=\"evil\", "
				    "nonce=\"x\", algorithm=SHA256\r\n",
				    ""));
	none(w, AT_NET_A);
	none(w, AT_ALICE);
	assert_int_equal(engine_stats(w->a.e)->challenges_refused, 1);
	free((char *)s.invite);
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
		T(test_call),
		T(test_bye_of_callee),
		T(test_forged_bye),
		T(test_cancel),
		T(test_retransmissions),
		T(test_replay),
		T(test_unmarked),
		T(test_altered_invite),
		T(test_unsigned_answer),
		T(test_held_failure),
		T(test_forged_while_ringing),
		T(test_gives_up),
		T(test_released_failure),
		T(test_redirect),
		T(test_digest_after_retry),
		T(test_eager),
		T(test_challenge_to_bye),
	};

	return world_run(tests);
}

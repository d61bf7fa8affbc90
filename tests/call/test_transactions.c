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

/* Permissive: the proxy wanted a signature, the callee has none to give. The
 * dialog is nobody's, but its numbers are still one ahead. */
static void test_unsigned_dialog_numbers(void **state)
{
	struct world *w = *state;
	char sent[8192];
	const char *r;

	w->a.conf.policy[0].mode = MODE_PERMISSIVE;
	alice_sends(w, invite_mem());
	net_to_alice(w, mk_response(take(w, AT_NET_A), 407, "Auth", "p",
				    "Proxy-Authenticate: PGP realm=\"p\", "
				    "nonce=\"n\"\r\n",
				    ""));
	take(w, AT_NET_A);
	snprintf(sent, sizeof(sent), "%s", take(w, AT_NET_A));
	assert_string_equal(field(sent, "CSeq", 0), "8 INVITE");
	net_to_alice(w, mk_response(sent, 200, "OK", "bobtag", "", SDP));
	r = take(w, AT_ALICE);
	assert_int_equal(status_of(r), 200);
	assert_string_equal(field(r, "CSeq", 0), "7 INVITE");
	alice_sends(w, mk_request("ACK", "sip:bob@10.0.2.2", true, 7,
				  "z9hG4bKa2", "bobtag", "", ""));
	assert_string_equal(field(take(w, AT_NET_A), "CSeq", 0), "8 ACK");
	alice_sends(w, mk_request("BYE", "sip:bob@10.0.2.2", true, 8,
				  "z9hG4bKa3", "bobtag", "", ""));
	assert_string_equal(field(take(w, AT_NET_A), "CSeq", 0), "9 BYE");
}

/* RFC 3515 section 2.4.6: "Event: refer;id=" is the REFER's CSeq number, ours
 * outside, the phone's inside; the peer's REFERs have the peer's numbers. */
static void test_refer_id(void **state)
{
	struct world *w = *state;
	char sent[8192], at_bob[8192];
	const char *r;

	up(w, sent, at_bob);
	bob_sends(w, mk_request("NOTIFY", "sip:alice@10.0.1.2", false, 1,
				"z9hG4bKb1", "alicetag",
				"Event: refer ; id = 9;x=y\r\n"
				"Subscription-State: active\r\n",
				""));
	net_to_alice(w, relay_request(take(w, AT_NET_B)));
	r = take(w, AT_ALICE);
	assert_string_equal(field(r, "Event", 0), "refer ; id = 8;x=y");
	alice_sends(w, mk_request("SUBSCRIBE", "sip:bob@10.0.2.2", true, 9,
				  "z9hG4bKa3", "bobtag",
				  "o: refer;id=8\r\nExpires: 0\r\n", ""));
	r = take(w, AT_NET_A);
	assert_string_equal(field(r, "o", 0), "refer;id=9");
	net_to_bob(w, relay_request(r));
	assert_string_equal(field(take(w, AT_BOB), "o", 0), "refer;id=9");
	/* Bob's REFER, Alice notifies: Bob's numbers are as they are */
	alice_sends(w, mk_request("NOTIFY", "sip:bob@10.0.2.2", true, 10,
				  "z9hG4bKa4", "bobtag",
				  "Event: refer;id=3\r\n"
				  "Subscription-State: active\r\n",
				  ""));
	r = take(w, AT_NET_A);
	assert_string_equal(field(r, "Event", 0), "refer;id=3");
	net_to_bob(w, relay_request(r));
	assert_string_equal(field(take(w, AT_BOB), "Event", 0), "refer;id=3");
	/* an id of another package is no number of ours */
	bob_sends(w, mk_request("NOTIFY", "sip:alice@10.0.1.2", false, 2,
				"z9hG4bKb2", "alicetag",
				"Event: dialog;id=9\r\n"
				"Subscription-State: active\r\n",
				""));
	net_to_alice(w, relay_request(take(w, AT_NET_B)));
	assert_string_equal(field(take(w, AT_ALICE), "Event", 0),
			    "dialog;id=9");
}

/* A queue holds the caller for long: a 183 a minute (RFC 3261 13.3.1.1) keeps
 * the INVITE known. */
static void test_rings_long(void **state)
{
	struct world *w = *state;
	char sent[8192], at_bob[8192];

	ring(w, sent, at_bob);
	for (int i = 0; i < 10; i++) {
		world_tick(w, 60000);
		bob_sends(w,
			  mk_response(at_bob, 183, "Queued", "bobtag", "", ""));
		net_to_alice(w, relay_response(take(w, AT_NET_B)));
		assert_int_equal(status_of(take(w, AT_ALICE)), 183);
	}
	bob_sends(w, mk_response(at_bob, 200, "OK", "bobtag", "", SDP));
	net_to_alice(w, relay_response(take(w, AT_NET_B)));
	assert_int_equal(status_of(take(w, AT_ALICE)), 200);
}

/* A NOTIFY that overtakes the 200 to its SUBSCRIBE leaves before there is a
 * dialog; repeated, it is signed. */
static void test_early_notify(void **state)
{
	struct world *w = *state;
	char at_bob[8192], notify[8192];
	const char *r;

	alice_sends(w, mk_request("SUBSCRIBE", URI, true, 7, "z9hG4bKa1", "",
				  "Event: dialog\r\nExpires: 60\r\n", ""));
	net_to_bob(w, relay_request(take(w, AT_NET_A)));
	net_to_alice(w, relay_response(take(w, AT_NET_B)));
	net_to_bob(w, relay_request(take(w, AT_NET_A)));
	snprintf(at_bob, sizeof(at_bob), "%s", take(w, AT_BOB));
	snprintf(notify, sizeof(notify), "%s",
		 mk_request("NOTIFY", "sip:alice@10.0.1.2", false, 1,
			    "z9hG4bKb1", "alicetag",
			    "Event: dialog\r\n"
			    "Subscription-State: active\r\n",
			    ""));
	memcpy(strstr(notify, "tag=bobtag"), "tag=bobtag", 10);
	bob_sends(w, notify);
	net_to_alice(w, relay_request(take(w, AT_NET_B)));
	none(w, AT_ALICE);
	bob_sends(w, mk_response(at_bob, 200, "OK", "bobtag", "", ""));
	net_to_alice(w, relay_response(take(w, AT_NET_B)));
	assert_int_equal(status_of(take(w, AT_ALICE)), 200);
	bob_sends(w, notify);
	r = take(w, AT_NET_B);
	assert_true(has(r, "\r\nAuthorization: PGP "));
	net_to_alice(w, relay_request(r));
	assert_memory_equal(take(w, AT_ALICE), "NOTIFY", 6);
}

/* Each refresh of a registration may meet a nonce that has grown old. */
static void test_register_refreshed(void **state)
{
	struct world *w = *state;
	char branch[32], got[8192];
	const char *r;

	w->b.conf.role = ROLE_PROXY;
	for (unsigned int i = 1; i < 6; i++) {
		snprintf(branch, sizeof(branch), "z9hG4bKg%u", i);
		alice_sends(w, mk_request("REGISTER", "sip:example.org", true,
					  i, branch, "", "", ""));
		net_to_bob(w, take(w, AT_NET_A));
		r = take(w, AT_NET_B);
		assert_int_equal(status_of(r), 401);
		net_to_alice(w, r);
		net_to_bob(w, take(w, AT_NET_A));
		snprintf(got, sizeof(got), "%s", take(w, AT_BOB));
		assert_memory_equal(got, "REGISTER", 8);
		bob_sends(w, mk_response(got, 200, "OK", "reg", "", ""));
		net_to_alice(w, take(w, AT_NET_B));
		world_tick(w, 1800 * 1000);
		w->n[AT_ALICE] = w->taken[AT_ALICE] = 0;
	}
}

/* An ACK to a 2xx comes again on whatever branch a proxy makes up for it. */
static void test_ack_rebranched(void **state)
{
	struct world *w = *state;
	char sent[8192], at_bob[8192], ack[8192];

	ring(w, sent, at_bob);
	bob_sends(w, mk_response(at_bob, 200, "OK", "bobtag", "", SDP));
	net_to_alice(w, relay_response(take(w, AT_NET_B)));
	take(w, AT_ALICE);
	alice_sends(w, mk_request("ACK", "sip:bob@10.0.2.2", true, 7,
				  "z9hG4bKa2", "bobtag", "", ""));
	snprintf(ack, sizeof(ack), "%s", relay_request(take(w, AT_NET_A)));
	net_to_bob(w, ack);
	assert_memory_equal(take(w, AT_BOB), "ACK", 3);
	strstr(ack, "branch=z9hG4bKp")[15] ^= 1;
	net_to_bob(w, ack);
	assert_memory_equal(take(w, AT_BOB), "ACK", 3);
}

/* Two phones of one site, one answers and one is busy: the ACK to the busy
 * one's 486 is the proxy's and unsigned, in whatever order they came. */
static void test_ack_of_loser(void **state)
{
	struct world *w = *state;
	char sent[8192], at_bob[8192];
	const char *r;

	ring(w, sent, at_bob);
	bob_sends(w, mk_response(at_bob, 200, "OK", "bobtag", "", SDP));
	take(w, AT_NET_B);
	bob_sends(w, mk_response(at_bob, 486, "Busy", "other", "", ""));
	take(w, AT_NET_B);
	net_to_bob(w, relay_request(mk_request("ACK", URI, true, 8, "z9hG4bKh",
					       "other", "", SDP)));
	r = take(w, AT_BOB);
	assert_memory_equal(r, "ACK", 3);
	/* what it has to offer is not authenticated */
	assert_false(has(r, "m=audio"));
	/* the one that answered waits for a signed one */
	net_to_bob(w, relay_request(mk_request("ACK", URI, true, 8, "z9hG4bKi",
					       "bobtag", "", SDP)));
	none(w, AT_BOB);
}

/* An authenticated answer after the phone was told that the call failed: the
 * far side is sent home. */
static void test_answer_too_late(void **state)
{
	struct world *w = *state;
	char sent[8192], at_bob[8192];
	const char *r;

	ring(w, sent, at_bob);
	net_to_alice(w, relay_response(mk_response(relay_request(sent), 404,
						   "Not Found", "x", "", "")));
	world_tick(w, 2500);
	assert_int_equal(status_of(take(w, AT_ALICE)), 404);
	bob_sends(w, mk_response(at_bob, 200, "OK", "bobtag", "", SDP));
	net_to_alice(w, relay_response(take(w, AT_NET_B)));
	none(w, AT_ALICE);
	r = take(w, AT_NET_A);
	assert_memory_equal(r, "ACK ", 4);
	net_to_bob(w, relay_request(r));
	assert_memory_equal(take(w, AT_BOB), "ACK ", 4);
	r = take(w, AT_NET_A);
	net_to_bob(w, relay_request(r));
	assert_memory_equal(take(w, AT_BOB), "BYE ", 4);
}

/* A proxy's PGP, then the callee's: two numbers ahead, in everything. */
static void challenged_twice(struct world *w, char sent[8192],
			     char at_bob[8192])
{
	const char *r;

	alice_sends(w, invite_mem());
	net_to_alice(w, mk_response(take(w, AT_NET_A), 407, "Auth", "p",
				    "Proxy-Authenticate: PGP realm=\"p\", "
				    "nonce=\"n\"\r\n",
				    ""));
	assert_string_equal(field(take(w, AT_NET_A), "CSeq", 0), "7 ACK");
	r = take(w, AT_NET_A);
	assert_string_equal(field(r, "CSeq", 0), "8 INVITE");
	net_to_bob(w, relay_request(r));
	net_to_alice(w, relay_response(take(w, AT_NET_B)));
	assert_string_equal(field(take(w, AT_NET_A), "CSeq", 0), "8 ACK");
	snprintf(sent, 8192, "%s", take(w, AT_NET_A));
	assert_string_equal(field(sent, "CSeq", 0), "9 INVITE");
	net_to_bob(w, relay_request(sent));
	snprintf(at_bob, 8192, "%s", take(w, AT_BOB));
	none(w, AT_ALICE);
}

static void cseq_at_alice(struct world *w, const char *cseq)
{
	const char *r;

	net_to_alice(w, relay_response(take(w, AT_NET_B)));
	r = take(w, AT_ALICE);
	assert_string_equal(field(r, "CSeq", 0), cseq);
}

/* What Alice sends arrives at Bob under another number. */
static const char *cseq_at_bob(struct world *w, const char *cseq)
{
	const char *r = take(w, AT_NET_A);

	assert_string_equal(field(r, "CSeq", 0), cseq);
	net_to_bob(w, relay_request(r));
	r = take(w, AT_BOB);
	assert_string_equal(field(r, "CSeq", 0), cseq);
	return r;
}

static void test_twice_dialog(void **state)
{
	struct world *w = *state;
	char sent[8192], at_bob[8192], got[8192];
	const char *r;

	challenged_twice(w, sent, at_bob);
	bob_sends(w, mk_response(at_bob, 183, "Progress", "bobtag",
				 "Require: 100rel\r\nRSeq: 1\r\n", SDP));
	cseq_at_alice(w, "7 INVITE");
	alice_sends(w, mk_request("PRACK", "sip:bob@10.0.2.2", true, 8,
				  "z9hG4bKa2", "bobtag", "RAck: 1 7 INVITE\r\n",
				  ""));
	r = cseq_at_bob(w, "10 PRACK");
	assert_string_equal(field(r, "RAck", 0), "1 9 INVITE");
	bob_sends(w, mk_response(r, 200, "OK", "", "", ""));
	cseq_at_alice(w, "8 PRACK");
	/* the callee's numbers are its own */
	bob_sends(w, mk_request("UPDATE", "sip:alice@10.0.1.2", false, 1,
				"z9hG4bKb1", "alicetag", "", SDP));
	net_to_alice(w, relay_request(take(w, AT_NET_B)));
	snprintf(got, sizeof(got), "%s", take(w, AT_ALICE));
	assert_string_equal(field(got, "CSeq", 0), "1 UPDATE");
	alice_sends(w, mk_response(got, 200, "OK", "", "", SDP));
	net_to_bob(w, relay_response(take(w, AT_NET_A)));
	assert_string_equal(field(take(w, AT_BOB), "CSeq", 0), "1 UPDATE");

	/* a 180 that the 200 overtakes, and a 100 later still */
	bob_sends(w, mk_response(at_bob, 180, "Ringing", "bobtag", "", ""));
	snprintf(got, sizeof(got), "%s", relay_response(take(w, AT_NET_B)));
	bob_sends(w, mk_response(at_bob, 200, "OK", "bobtag", "", SDP));
	cseq_at_alice(w, "7 INVITE");
	net_to_alice(w, got);
	assert_int_equal(status_of(take(w, AT_ALICE)), 180);
	net_to_alice(w, mk_response(sent, 100, "Trying", "", "", ""));
	assert_int_equal(status_of(take(w, AT_ALICE)), 100);
	/* some phones give the ACK the branch of the INVITE */
	alice_sends(w, mk_request("ACK", "sip:bob@10.0.2.2", true, 7,
				  "z9hG4bKa1", "bobtag", "", ""));
	r = take(w, AT_NET_A);
	assert_string_equal(field(r, "CSeq", 0), "9 ACK");
	assert_true(has(r, "Authorization: PGP"));
	snprintf(got, sizeof(got), "%s", relay_request(r));
	net_to_bob(w, got);
	take(w, AT_BOB);
	/* it was lost behind us: the 200 comes again, and the ACK */
	bob_sends(w, mk_response(at_bob, 200, "OK", "bobtag", "", SDP));
	cseq_at_alice(w, "7 INVITE");
	alice_sends(w, mk_request("ACK", "sip:bob@10.0.2.2", true, 7,
				  "z9hG4bKa1", "bobtag", "", ""));
	assert_string_equal(relay_request(take(w, AT_NET_A)), got);
	net_to_bob(w, got);
	assert_memory_equal(take(w, AT_BOB), "ACK", 3);

	/* a re-INVITE, cancelled, with the ACK to its 487 */
	alice_sends(w, mk_request("INVITE", "sip:bob@10.0.2.2", true, 9,
				  "z9hG4bKa3", "bobtag", "", SDP));
	snprintf(got, sizeof(got), "%s", cseq_at_bob(w, "11 INVITE"));
	alice_sends(w, mk_request("CANCEL", "sip:bob@10.0.2.2", true, 9,
				  "z9hG4bKa3", "bobtag", "", ""));
	cseq_at_bob(w, "11 CANCEL");
	bob_sends(w, mk_response(got, 487, "Terminated", "", "", ""));
	cseq_at_alice(w, "9 INVITE");
	alice_sends(w, mk_request("ACK", "sip:bob@10.0.2.2", true, 9,
				  "z9hG4bKa3", "bobtag", "", ""));
	r = cseq_at_bob(w, "11 ACK");
	/* and one that succeeds, with an offer in the ACK */
	alice_sends(w, mk_request("INVITE", "sip:bob@10.0.2.2", true, 10,
				  "z9hG4bKa4", "bobtag", "", ""));
	snprintf(got, sizeof(got), "%s", cseq_at_bob(w, "12 INVITE"));
	bob_sends(w, mk_response(got, 200, "OK", "", "", SDP));
	cseq_at_alice(w, "10 INVITE");
	alice_sends(w, mk_request("ACK", "sip:bob@10.0.2.2", true, 10,
				  "z9hG4bKa5", "bobtag", "", SDP));
	assert_true(has(cseq_at_bob(w, "12 ACK"), "m=audio"));
	alice_sends(w, mk_request("BYE", "sip:bob@10.0.2.2", true, 11,
				  "z9hG4bKa6", "bobtag", "", ""));
	r = cseq_at_bob(w, "13 BYE");
	bob_sends(w, mk_response(r, 200, "OK", "", "", ""));
	cseq_at_alice(w, "11 BYE");
}

static void test_twice_cancel(void **state)
{
	struct world *w = *state;
	char sent[8192], at_bob[8192];
	const char *r;

	challenged_twice(w, sent, at_bob);
	alice_sends(
		w, mk_request("CANCEL", URI, true, 7, "z9hG4bKa1", "", "", ""));
	cseq_at_bob(w, "9 CANCEL");
	bob_sends(w, mk_response(at_bob, 487, "Terminated", "bobtag", "", ""));
	cseq_at_alice(w, "7 INVITE");
	alice_sends(w, mk_request("ACK", URI, true, 7, "z9hG4bKa1", "bobtag",
				  "", ""));
	r = take(w, AT_NET_A);
	assert_string_equal(field(r, "CSeq", 0), "9 ACK");
	assert_string_equal(field(r, "Via", 0), field(sent, "Via", 0));
}

/* ... and then the proxy wants Digest again. */
static void test_twice_and_digest(void **state)
{
	struct world *w = *state;
	char sent[8192], at_bob[8192];
	const char *r;

	challenged_twice(w, sent, at_bob);
	net_to_alice(w, mk_response(sent, 407, "Auth", "px",
				    "Proxy-Authenticate: Digest realm=\"d\", "
				    "nonce=\"n2\"\r\n",
				    ""));
	r = take(w, AT_ALICE);
	assert_int_equal(status_of(r), 407);
	assert_string_equal(field(r, "CSeq", 0), "7 INVITE");
	assert_false(has(r, "stale"));
	alice_sends(w,
		    mk_request("ACK", URI, true, 7, "z9hG4bKa1", "px", "", ""));
	assert_string_equal(field(take(w, AT_NET_A), "CSeq", 0), "9 ACK");
	alice_sends(w, mk_request("INVITE", URI, true, 8, "z9hG4bKa9", "",
				  "Proxy-Authorization: Digest realm=\"d\"\r\n",
				  SDP));
	r = cseq_at_bob(w, "10 INVITE");
	bob_sends(w, mk_response(r, 200, "OK", "bobtag", "", SDP));
	cseq_at_alice(w, "8 INVITE");
	alice_sends(w, mk_request("ACK", "sip:bob@10.0.2.2", true, 8,
				  "z9hG4bKb2", "bobtag", "", ""));
	cseq_at_bob(w, "10 ACK");
}

/* Numbers end below 2^31 (RFC 3261 section 8.1.1.5). */
static void test_last_numbers(void **state)
{
	struct world *w = *state;
	const char *r;

	alice_sends(w, mk_request("INVITE", URI, true, 2147483646, "z9hG4bKa1",
				  "", "", SDP));
	net_to_alice(w, mk_response(take(w, AT_NET_A), 401, "Auth", "p",
				    "WWW-Authenticate: PGP realm=\"p\", "
				    "nonce=\"n\"\r\n",
				    ""));
	take(w, AT_NET_A);
	r = take(w, AT_NET_A);
	assert_string_equal(field(r, "CSeq", 0), "2147483647 INVITE");
	net_to_alice(w, mk_response(r, 401, "Auth", "p",
				    "WWW-Authenticate: PGP realm=\"q\", "
				    "nonce=\"n\"\r\n",
				    ""));
	none(w, AT_NET_A);
	world_tick(w, 2500);
	r = take(w, AT_ALICE);
	assert_int_equal(status_of(r), 403);
	assert_string_equal(field(r, "CSeq", 0), "2147483646 INVITE");
}

/* Two sites ring, a third branch is said to be gone (RFC 6228), the second
 * answers, then the first: each is a dialog of its own. */
static void test_forked(void **state)
{
	struct world *w = *state;
	char sent[8192], at_bob[8192];
	static const char *const tag[] = { "t1", "t2" };

	ring(w, sent, at_bob);
	for (int i = 0; i < 2; i++) {
		bob_sends(w,
			  mk_response(at_bob, 180, "Ringing", tag[i], "", ""));
		cseq_at_alice(w, "7 INVITE");
	}
	bob_sends(w, mk_response(at_bob, 199, "Early Dialog Terminated", "t3",
				 "", ""));
	cseq_at_alice(w, "7 INVITE");
	for (int i = 1; i >= 0; i--) {
		bob_sends(w, mk_response(at_bob, 200, "OK", tag[i], "", SDP));
		cseq_at_alice(w, "7 INVITE");
		alice_sends(w, mk_request("ACK", "sip:bob@10.0.2.2", true, 7,
					  i ? "z9hG4bKk1" : "z9hG4bKk0", tag[i],
					  "", ""));
		cseq_at_bob(w, "8 ACK");
	}
	alice_sends(w, mk_request("BYE", "sip:bob@10.0.2.2", true, 8,
				  "z9hG4bKk2", "t1", "", ""));
	cseq_at_bob(w, "9 BYE");
	bob_sends(w, mk_request("BYE", "sip:alice@10.0.1.2", false, 1,
				"z9hG4bKk3", "alicetag", "", ""));
	(void)take(w, AT_NET_B);
}

/* A phone that has cancelled gets its end at once, whatever it is. */
static void test_end_after_cancel(void **state)
{
	struct world *w = *state;
	char sent[8192], at_bob[8192];

	ringing(w, sent, at_bob);
	alice_sends(
		w, mk_request("CANCEL", URI, true, 7, "z9hG4bKa1", "", "", ""));
	take(w, AT_NET_A);
	net_to_alice(w, relay_response(mk_response(relay_request(sent), 480,
						   "Gone", "x", "", "")));
	assert_int_equal(status_of(take(w, AT_ALICE)), 480);
}

/* ... also where an answer nobody signed crosses the CANCEL. */
static void test_answer_after_cancel(void **state)
{
	struct world *w = *state;
	char sent[8192], at_bob[8192];

	ring(w, sent, at_bob);
	alice_sends(
		w, mk_request("CANCEL", URI, true, 7, "z9hG4bKa1", "", "", ""));
	take(w, AT_NET_A);
	net_to_alice(w, relay_response(mk_response(relay_request(sent), 200,
						   "OK", "x", "", SDP)));
	assert_int_equal(status_of(take(w, AT_ALICE)), 487);
	assert_memory_equal(take(w, AT_NET_A), "CANCEL ", 7);
	assert_memory_equal(take(w, AT_NET_A), "ACK ", 4);
	assert_memory_equal(take(w, AT_NET_A), "BYE ", 4);
}

/* An early dialog lasts as long as its INVITE may, and no longer. */
static void test_early_dialog_ends(void **state)
{
	struct world *w = *state;
	char sent[8192], at_bob[8192];
	size_t before = store_count(w->a.store, STORE_DIALOG);

	ringing(w, sent, at_bob);
	assert_int_equal(store_count(w->a.store, STORE_DIALOG), before + 1);
	world_tick(w, 241000);
	for (int i = 0; i < 5; i++)
		world_tick(w, 6000);
	alice_sends(w, mk_request("INFO", "sip:bob@10.0.2.2", true, 8,
				  "z9hG4bKa2", "bobtag", "", ""));
	assert_false(has(take(w, AT_NET_A), "Authorization"));
}

/* Caller and callee behind one appliance: it is both sides of the call. */
static void test_both_behind_one(void **state)
{
	struct world *w = *state;
	char at_callee[8192];
	const char *r;

	alice_sends(w, invite_mem());
	net_to_alice(w, relay_request(take(w, AT_NET_A)));
	r = take(w, AT_NET_A);
	assert_int_equal(status_of(r), 401);
	net_to_alice(w, relay_response(r));
	r = take(w, AT_NET_A);
	assert_memory_equal(r, "ACK ", 4);
	net_to_alice(w, relay_request(r));
	none(w, AT_ALICE);
	net_to_alice(w, relay_request(take(w, AT_NET_A)));
	snprintf(at_callee, sizeof(at_callee), "%s", take(w, AT_ALICE));
	assert_memory_equal(at_callee, "INVITE", 6);
	assert_string_equal(field(at_callee, "CSeq", 0), "8 INVITE");
	alice_sends(w, mk_response(at_callee, 200, "OK", "bobtag", "", SDP));
	net_to_alice(w, relay_response(take(w, AT_NET_A)));
	r = take(w, AT_ALICE);
	assert_int_equal(status_of(r), 200);
	assert_string_equal(field(r, "CSeq", 0), "7 INVITE");
	alice_sends(w, mk_request("ACK", "sip:bob@10.0.2.2", true, 7,
				  "z9hG4bKa2", "bobtag", "", ""));
	net_to_alice(w, relay_request(take(w, AT_NET_A)));
	assert_string_equal(field(take(w, AT_ALICE), "CSeq", 0), "8 ACK");
	/* each side's requests in its own numbers */
	alice_sends(w, mk_request("INFO", "sip:bob@10.0.2.2", true, 8,
				  "z9hG4bKa3", "bobtag", "", ""));
	net_to_alice(w, relay_request(take(w, AT_NET_A)));
	assert_string_equal(field(take(w, AT_ALICE), "CSeq", 0), "9 INFO");
	alice_sends(w, mk_request("BYE", "sip:alice@10.0.1.2", false, 1,
				  "z9hG4bKb1", "alicetag", "", ""));
	net_to_alice(w, relay_request(take(w, AT_NET_A)));
	r = take(w, AT_ALICE);
	assert_string_equal(field(r, "CSeq", 0), "1 BYE");
	/* and forged ones end neither */
	net_to_alice(w, mk_request("BYE", "sip:alice@10.0.1.2", false, 2,
				   "z9hG4bKe", "alicetag", "", ""));
	net_to_alice(w, mk_request("BYE", "sip:bob@10.0.2.2", true, 10,
				   "z9hG4bKe", "bobtag", "", ""));
	none(w, AT_ALICE);
}

/* The challenge comes again: its ACK does, too, and nothing else. */
static void test_challenge_again(void **state)
{
	struct world *w = *state;
	char challenge[8192], ack[8192];

	alice_sends(w, invite_mem());
	net_to_bob(w, relay_request(take(w, AT_NET_A)));
	snprintf(challenge, sizeof(challenge), "%s",
		 relay_response(take(w, AT_NET_B)));
	net_to_alice(w, challenge);
	snprintf(ack, sizeof(ack), "%s", take(w, AT_NET_A));
	take(w, AT_NET_A);
	net_to_alice(w, challenge);
	assert_string_equal(take(w, AT_NET_A), ack);
	none(w, AT_NET_A);
	none(w, AT_ALICE);
	/* the phone's own repetition: the retry again */
	alice_sends(w, invite_mem());
	assert_string_equal(field(take(w, AT_NET_A), "CSeq", 0), "8 INVITE");
}

/* Cancelled before the challenge is there: the phone gets its 487, the 401 its
 * ACK. */
static void test_cancel_before_challenge(void **state)
{
	struct world *w = *state;
	char challenge[8192];
	const char *r;

	alice_sends(w, invite_mem());
	net_to_bob(w, relay_request(take(w, AT_NET_A)));
	snprintf(challenge, sizeof(challenge), "%s",
		 relay_response(take(w, AT_NET_B)));
	alice_sends(
		w, mk_request("CANCEL", URI, true, 7, "z9hG4bKa1", "", "", ""));
	r = take(w, AT_NET_A);
	assert_memory_equal(r, "CANCEL ", 7);
	net_to_alice(w, mk_response(r, 200, "OK", "p", "", ""));
	assert_int_equal(status_of(take(w, AT_ALICE)), 200);
	net_to_alice(w, challenge);
	r = take(w, AT_ALICE);
	assert_int_equal(status_of(r), 487);
	assert_false(has(r, "PGP"));
	alice_sends(w,
		    mk_request("ACK", URI, true, 7, "z9hG4bKa1",
			       strstr(field(r, "To", 0), ";tag=") + 5, "", ""));
	r = take(w, AT_NET_A);
	assert_string_equal(field(r, "CSeq", 0), "7 ACK");
	net_to_bob(w, relay_request(r));
	none(w, AT_BOB);
	assert_int_equal(engine_stats(w->b.e)->ack_absorbed, 1);
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
		T(test_unsigned_dialog_numbers),
		T(test_refer_id),
		T(test_rings_long),
		T(test_early_notify),
		T(test_register_refreshed),
		T(test_ack_rebranched),
		T(test_ack_of_loser),
		T(test_answer_too_late),
		T(test_twice_dialog),
		T(test_twice_cancel),
		T(test_twice_and_digest),
		T(test_last_numbers),
		T(test_forked),
		T(test_end_after_cancel),
		T(test_answer_after_cancel),
		T(test_early_dialog_ends),
		T(test_both_behind_one),
		T(test_challenge_again),
		T(test_cancel_before_challenge),
	};

	return world_run(tests);
}

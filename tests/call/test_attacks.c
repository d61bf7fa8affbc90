/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Attackers who know all identifiers of a call, and some who have a valid key
 * of their own: what they try must not reach a phone, nor be signed for. */
#include "world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/digest.h"

/* A forged 200 with the tag of the party that rings must not make the appliance
 * sign a BYE for that party's dialog. (Unsigned it sends one: that party's
 * appliance may be gone.) */
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
	none(w, AT_ALICE);
	for (int i = 0; i < 2; i++) {
		const char *r = take(w, AT_NET_A);

		assert_false(has(r, "Authorization"));
		net_to_bob(w, relay_request(r));
	}
	none(w, AT_NET_A);
	none(w, AT_BOB);
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

/* text with the first `from` in it replaced; static buffer. */
static const char *replaced(const char *text, const char *from, const char *to)
{
	static char mem[4][8192];
	static unsigned int i;
	char *out = mem[i++ % 4];
	const char *at = strstr(text, from);

	assert_non_null(at);
	snprintf(out, sizeof(mem[0]), "%.*s%s%s", (int)(at - text), text, to,
		 at + strlen(from));
	return out;
}

/* The first Via row of a message, without its line end. */
static const char *top_via(const char *text)
{
	static char mem[2][512];
	static unsigned int i;
	char *out = mem[i++ % 2];
	const char *at = strstr(text, "Via: ");

	snprintf(out, sizeof(mem[0]), "%.*s", (int)(strstr(at, "\r\n") - at),
		 at);
	return out;
}

/* Somebody with a key of his own (Bob's here) who has seen Alice's INVITE sends
 * his own under her Call-ID, tag and CSeq. */
static void test_same_numbers(void **state)
{
	struct world *w = *state;
	char sent[8192], at_bob[8192], cancel[8192], via[512];
	const char *r;

	ring(w, sent, at_bob);
	snprintf(via, sizeof(via), "%s", top_via(relay_request(sent)));
	r = replaced(invite_mem(), "<sip:alice@example.org>",
		     "<sip:bob@example.org>");
	alice_sends(w, replaced(r, "z9hG4bKa1", "z9hG4bKx1"));
	net_to_bob(w, relay_request(take(w, AT_NET_A)));
	assert_true(has(take(w, AT_BOB),
			"P-PGP-Status: valid;uri=\"sip:bob@example.org\""));
	/* his ticket is no ticket for her INVITE */
	r = mk_request("CANCEL", URI, true, 7, "z9hG4bKx1", "", "", "");
	alice_sends(w, replaced(r, "<sip:alice@example.org>",
				"<sip:bob@example.org>"));
	snprintf(cancel, sizeof(cancel), "%s",
		 relay_request(take(w, AT_NET_A)));
	assert_true(has(cancel, "ticket="));
	net_to_bob(w, replaced(cancel, top_via(cancel), via));
	none(w, AT_BOB);
	net_to_bob(w, replaced(replaced(cancel, top_via(cancel), via),
			       "<sip:bob@example.org>;tag=alicetag",
			       "<sip:alice@example.org>;tag=alicetag"));
	none(w, AT_BOB);
	assert_int_equal(engine_stats(w->b.e)->cancel_dropped, 2);
	/* and her call is answered as if he had not been there */
	bob_sends(w, mk_response(at_bob, 200, "OK", "bobtag", "", SDP));
	net_to_alice(w, relay_response(take(w, AT_NET_B)));
	assert_int_equal(status_of(take(w, AT_ALICE)), 200);
}

/* ---- permissive: what was set up authenticated ends authenticated ---- */

static void permissive(struct world *w)
{
	w->a.conf.policy[0].mode = MODE_PERMISSIVE;
	w->b.conf.policy[0].mode = MODE_PERMISSIVE;
}

/* Endpoints find what a CANCEL is for by its branch (RFC 3261 section 9.2). */
static void test_cancel_by_branch(void **state)
{
	struct world *w = *state;
	char sent[8192], at_bob[8192];
	const char *r, *c;

	permissive(w);
	ring(w, sent, at_bob);
	r = relay_request(sent);
	c = mk_request("CANCEL", URI, true, 8, "z9hG4bKe", "", "", "");
	c = replaced(c, top_via(c), top_via(r));
	net_to_bob(w, c);
	net_to_bob(w, replaced(c, "call-1", "call-9"));
	net_to_bob(w, replaced(c, "alicetag", "othertag"));
	c = replaced(c, "z9hG4bK", "Z9HG4BK");
	net_to_bob(w, replaced(c, "call-1", "call-9"));
	none(w, AT_BOB);
	assert_int_equal(engine_stats(w->b.e)->cancel_dropped, 4);
}

/* ... and what a response is for (section 17.1.3). */
static void test_response_by_branch(void **state)
{
	struct world *w = *state;
	char sent[8192], at_bob[8192], second[8192];
	const char *r;

	permissive(w);
	up(w, sent, at_bob);
	snprintf(second, sizeof(second), "%s",
		 replaced(replaced(invite_mem(), "call-1", "call-2"),
			  "z9hG4bKa1", "z9hG4bKc1"));
	alice_sends(w, second);
	take(w, AT_NET_A);
	r = mk_response(second, 603, "Decline", "x", "", "");
	net_to_alice(w, replaced(r, "call-2", "call-3"));
	net_to_alice(w, replaced(r, "7 INVITE", "6 INVITE"));
	r = replaced(r, "z9hG4bKc1", "Z9hg4bKC1");
	net_to_alice(w, r);
	none(w, AT_ALICE);
	world_tick(w, 1000);
	none(w, AT_ALICE);
}

/* PJSIP finds a dialog by its tags, whatever their case. */
static void test_tags_in_other_case(void **state)
{
	struct world *w = *state;
	char sent[8192], at_bob[8192];
	const char *r;

	permissive(w);
	up(w, sent, at_bob);
	r = mk_request("BYE", "sip:bob@10.0.2.2", true, 9, "z9hG4bKx", "BobTag",
		       "", "");
	net_to_bob(w, replaced(r, "alicetag", "AliceTag"));
	none(w, AT_BOB);
	assert_int_equal(engine_stats(w->b.e)->bye_dropped, 1);
}

/* An INVITE that takes over an authenticated dialog, or joins it. */
static void test_replaces(void **state)
{
	static const char *const row[] = {
		"Replaces: call-1@10.0.1.2;to-tag=bobtag;from-tag=alicetag\r\n",
		"Replaces : x;from-tag=ALICETAG ;\r\n to-tag= bobtag\r\n",
		"Replaces: x;to-tag=%62obtag;from-tag=alicetag\r\n",
		"Replaces: x;to-tag=\"bobtag\";from-tag=alicetag\r\n",
		"join: x;from-tag=bobtag;to-tag=alicetag\r\n",
		"Target-Dialog: x;local-tag=alicetag;remote-tag=bobtag\r\n",
	};
	struct world *w = *state;
	char sent[8192], at_bob[8192];
	const char *r;

	permissive(w);
	up(w, sent, at_bob);
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		r = mk_request("INVITE", URI, true, 1, "z9hG4bKe", "", row[i],
			       SDP);
		r = replaced(r, "call-1@10.0.1.2\r\nCS", "e\r\nCS");
		net_to_bob(w, replaced(r, "tag=alicetag\r\nTo",
				       "tag=evetag\r\nTo"));
		none(w, AT_BOB);
		assert_int_equal(status_of(take(w, AT_NET_B)), 403);
	}
	/* nobody's dialog may be replaced by nobody */
	r = mk_request("INVITE", URI, true, 1, "z9hG4bKe", "",
		       "Replaces: x;to-tag=a;from-tag=b\r\n", SDP);
	r = replaced(r, "call-1", "call-9");
	net_to_bob(w, r);
	assert_memory_equal(take(w, AT_BOB), "INVITE", 6);
}

/* Spellings that are no SIP to us, and a BYE to some endpoint. */
static void test_odd_start_line(void **state)
{
	static const char *const start[] = {
		"BYE  sip:bob@10.0.2.2 SIP/2.0",
		"BYE sip:bob@10.0.2.2  SIP/2.0",
		"BYE sip:bob@10.0.2.2 sip/2.0 ",
		"BYE\tsip:bob@10.0.2.2 SIP/2.0",
		"BYE <sip:bob@10.0.2.2> SIP/2.0",
	};
	struct world *w = *state;
	char sent[8192], at_bob[8192];
	const char *r;

	permissive(w);
	up(w, sent, at_bob);
	for (size_t i = 0; i < sizeof(start) / sizeof(start[0]); i++) {
		r = mk_request("BYE", "sip:bob@10.0.2.2", true, 9, "z9hG4bKe",
			       "bobtag", "", "");
		net_to_bob(w, replaced(r, "BYE sip:bob@10.0.2.2 SIP/2.0",
				       start[i]));
		none(w, AT_BOB);
	}
	net_to_bob(w, "a ping of some other protocol");
	take(w, AT_BOB);
}

/* A BYE outside of any dialog is nobody's, signed or not. */
static void test_bye_without_tag(void **state)
{
	struct world *w = *state;
	char sent[8192], at_bob[8192];
	const char *r;

	up(w, sent, at_bob);
	r = mk_request("BYE", URI, true, 9, "z9hG4bKe", "",
		       "Supported: pgp-auth\r\n", "");
	net_to_bob(w, r);
	alice_sends(w, r);
	net_to_bob(w, relay_request(take(w, AT_NET_A)));
	permissive(w);
	net_to_bob(w, r);
	none(w, AT_BOB);
	none(w, AT_NET_B);
	assert_int_equal(engine_stats(w->b.e)->bye_dropped, 3);
}

/* Whose rows another scheme's credentials are joined with can't be said: the
 * challenge must not reach a phone, the credentials don't count. */
static void test_joined_rows(void **state)
{
	struct world *w = *state;
	char sent[8192], at_bob[8192];
	const char *r;

	ring(w, sent, at_bob);
	forge(w, sent, 401,
	      "WWW-Authenticate: Digest realm=\"p\", nonce=\"n\", "
	      "PGP realm=\"evil\", nonce=\"n\"\r\n");
	world_tick(w, 3000);
	r = take(w, AT_ALICE);
	assert_int_equal(status_of(r), 403);
	assert_false(has(r, "PGP"));
	r = mk_request("INVITE", URI, true, 1, "z9hG4bKe", "",
		       "Authorization: Digest realm=\"p\", response=\"x\" ,\r\n"
		       "\tpgp\trealm=\"edge-b.example.org\", nonce=\"n\"\r\n",
		       SDP);
	net_to_bob(w, replaced(r, "call-1", "call-2"));
	none(w, AT_BOB);
	assert_int_equal(status_of(take(w, AT_NET_B)), 403);
	/* the word in quotes is no scheme */
	r = mk_request("INVITE", URI, true, 1, "z9hG4bKf", "",
		       "Authorization: Digest realm=\"a, PGP x=y\", uri=\"b\""
		       "\r\nSupported: pgp-auth\r\n",
		       SDP);
	net_to_bob(w, replaced(r, "call-1", "call-3"));
	assert_int_equal(status_of(take(w, AT_NET_B)), 401);
}

/* What an appliance sends by itself holds nothing but what it read: no request
 * line out of an attacker's Contact. */
static void test_contact_splits(void **state)
{
	static const char *const contact[] = {
		"<sip:x@y SIP/2.0\r\n X: y>",
		"<BYE sip:a SIP/2.0>",
		"<\"sip:x@y\">",
		"<>",
	};
	struct world *w = *state;
	const char *r;
	char row[128];

	alice_sends(w, invite_mem());
	r = take(w, AT_NET_A);
	for (size_t i = 0; i < sizeof(contact) / sizeof(contact[0]); i++) {
		snprintf(row, sizeof(row), "Contact: %s\r\n", contact[i]);
		net_to_alice(w,
			     replaced(mk_response(r, 200, "OK", "x", "", ""),
				      "Contact: <sip:bob@10.0.2.2>\r\n", row));
	}
	world_tick(w, 2500);
	while (w->taken[AT_NET_A] < w->n[AT_NET_A]) {
		static struct sip_msg m;
		const char *text = take(w, AT_NET_A);

		assert_int_equal(sipmsg_read(&m, span_str(text), true), SIP_OK);
		assert_int_not_equal(m.method, SIP_BYE);
	}
}

/* An ACK to a refusal of ours goes no further than to us. */
static void test_ack_of_our_refusal(void **state)
{
	struct world *w = *state;
	const char *r;

	w->a.conf.policy[0].no_key = NO_KEY_REJECT;
	alice_sends(w, replaced(invite_mem(), "<sip:alice@", "<sip:carol@"));
	r = take(w, AT_ALICE);
	assert_int_equal(status_of(r), 403);
	alice_sends(w,
		    mk_request("ACK", URI, true, 7, "z9hG4bKa1",
			       strstr(field(r, "To", 0), ";tag=") + 5, "", ""));
	none(w, AT_NET_A);
}

/* Role proxy: a REGISTER is in no dialog, whatever tag it writes; and nobody
 * tells the proxy what only we tell it. */
static void test_proxy_to_tag(void **state)
{
	struct world *w = *state;
	const char *r;

	w->b.conf.role = ROLE_PROXY;
	net_to_bob(w, mk_request("REGISTER", "sip:example.org", true, 1,
				 "z9hG4bKe", "x", "", ""));
	none(w, AT_BOB);
	net_to_bob(w, mk_request("PUBLISH", "sip:example.org", true, 1,
				 "z9hG4bKe", "x", "", ""));
	none(w, AT_BOB);
	net_to_bob(w, mk_request("INFO", URI, true, 1, "z9hG4bKe", "x",
				 "p-pgp-status : valid\r\n", ""));
	r = take(w, AT_BOB);
	assert_memory_equal(r, "INFO", 4);
	assert_false(has(r, "pgp-status"));
	net_to_bob(w, mk_response(r, 200, "OK", "x", "P-PGP-Status: valid\r\n",
				  ""));
	assert_false(has(take(w, AT_BOB), "PGP-Status"));
}

/* Everybody can write a From or To that a loose policy holds for: what that
 * policy lets pass must not end what another one had authenticated. */
static void loose_for_some(struct side *s, enum conf_mode mode)
{
	s->conf.policy[1] = s->conf.policy[0];
	s->conf.n_policies = 2;
	snprintf(s->conf.policy[0].pattern, SIPURI_MAX, "sip:*@loose.example");
	s->conf.policy[0].mode = mode;
}

static void loose_attacks(struct world *w, enum conf_mode mode)
{
	char sent[8192], at_bob[8192];
	const char *r, *via;

	loose_for_some(&w->a, mode);
	loose_for_some(&w->b, mode);
	ring(w, sent, at_bob);
	via = top_via(relay_request(sent));
	r = mk_request("CANCEL", URI, true, 8, "z9hG4bKe", "", "", "");
	r = replaced(r, top_via(r), via);
	net_to_bob(w, replaced(r, "alice@example.org", "x@loose.example"));
	r = mk_response(sent, 603, "Decline", "x", "", "");
	net_to_alice(w, replaced(r, "bob@example.org", "x@loose.example"));
	bob_sends(w, mk_response(at_bob, 200, "OK", "bobtag", "", SDP));
	net_to_alice(w, relay_response(take(w, AT_NET_B)));
	assert_int_equal(status_of(take(w, AT_ALICE)), 200);
	r = mk_request("BYE", URI, true, 9, "z9hG4bKf", "bobtag", "", "");
	r = replaced(r, "alice@example.org", "x@loose.example");
	net_to_bob(w, r);
	net_to_bob(w, replaced(r, "call-1", "call-2"));
	net_to_bob(w, replaced(r, "BYE sip", "bye sip"));
	r = mk_request("INVITE", URI, true, 1, "z9hG4bKg", "",
		       "Replaces: x;to-tag=bobtag;from-tag=alicetag\r\n", SDP);
	r = replaced(r, "call-1", "call-3");
	net_to_bob(w, replaced(r, "alice@example.org", "x@loose.example"));
	none(w, AT_BOB);
	none(w, AT_ALICE);
}

static void test_loose_observe(void **state)
{
	loose_attacks(*state, MODE_OBSERVE);
}

static void test_loose_permissive(void **state)
{
	loose_attacks(*state, MODE_PERMISSIVE);
}

/* ... nor what can't be read, where the default is loose. */
static void test_loose_unreadable(void **state)
{
	struct world *w = *state;
	char sent[8192], at_bob[8192];
	const char *r;

	up(w, sent, at_bob);
	loose_for_some(&w->b, MODE_ENFORCE);
	w->b.conf.policy[1].mode = MODE_OBSERVE;
	r = mk_request("BYE", URI, true, 9, "z9hG4bKf", "bobtag", "", "");
	net_to_bob(w, replaced(r, "BYE sip", "bye sip"));
	none(w, AT_BOB);
}

/* cover=nat leaves Contact out, but not where Contact is all there is. */
static void test_nat_register(void **state)
{
	struct world *w = *state;
	const char *r;

	w->a.conf.policy[0].cover_nat = true;
	w->b.conf.role = ROLE_PROXY;
	alice_sends(w, mk_request("REGISTER", "sip:example.org", true, 1,
				  "z9hG4bKg1", "", "", ""));
	net_to_bob(w, take(w, AT_NET_A));
	net_to_alice(w, take(w, AT_NET_B));
	r = take(w, AT_NET_A);
	assert_true(has(r, "Authorization: PGP"));
	assert_false(has(r, "cover="));
	net_to_bob(w, replaced(r, "alice@10.0.1.2>", "alice@10.6.6.6>"));
	none(w, AT_BOB);
	assert_int_equal(status_of(take(w, AT_NET_B)), 403);
	/* somebody else's appliance is not believed that it may */
	net_to_bob(w, replaced(r, ", signature=", ", cover=nat, signature="));
	none(w, AT_BOB);
	assert_true(has(take(w, AT_NET_B), "its Contact is not covered"));
}

static void test_nat_redirect(void **state)
{
	struct world *w = *state;
	char sent[8192], at_bob[8192], moved[8192];
	const char *r;

	w->b.conf.policy[0].cover_nat = true;
	ring(w, sent, at_bob);
	bob_sends(w, mk_response(at_bob, 302, "Moved", "bobtag", "", ""));
	snprintf(moved, sizeof(moved), "%s", relay_response(take(w, AT_NET_B)));
	assert_false(has(moved, "cover="));
	net_to_alice(w, replaced(moved, "bob@10.0.2.2", "eve@10.6.6.6"));
	net_to_alice(
		w, replaced(moved, ", signature=", ", cover=nat, signature="));
	none(w, AT_ALICE);
	net_to_alice(w, moved);
	r = take(w, AT_ALICE);
	assert_int_equal(status_of(r), 302);
	assert_true(has(field(r, "Contact", 0), "bob@10.0.2.2"));
}

/* Credentials that leave something out are none. */
static void test_incomplete(void **state)
{
	static const char *const cut[] = { "nonce=", "nc=", "cnonce=",
					   "signature=" };
	struct world *w = *state;
	char row[256];
	const char *r;

	for (size_t i = 0; i < sizeof(cut) / sizeof(cut[0]); i++) {
		snprintf(row, sizeof(row),
			 "Authorization: PGP realm=\"edge-b.example.org\", "
			 "nonce=\"n\", nc=1, cnonce=\"c\", signature=\"AA==\""
			 "\r\n");
		*strstr(row, cut[i]) = 'x';
		r = mk_request("INVITE", URI, true, 1, "z9hG4bKe", "", row,
			       SDP);
		net_to_bob(w, r);
		none(w, AT_BOB);
		r = take(w, AT_NET_B);
		assert_int_equal(status_of(r), 403);
		assert_true(has(r, "credentials can't be read"));
	}
}

/* Permissive: strangers fill no table. */
static void test_strangers_leave_nothing(void **state)
{
	struct world *w = *state;
	size_t before = store_count(w->b.store, STORE_SERVER);
	char call[32];

	permissive(w);
	for (int i = 0; i < 20; i++) {
		snprintf(call, sizeof(call), "stranger-%d", i);
		net_to_bob(w, replaced(invite_mem(), "call-1", call));
		take(w, AT_BOB);
	}
	assert_int_equal(store_count(w->b.store, STORE_SERVER), before);
}

/* An answer nobody signed, behind the right one: no BYE of ours for it ends the
 * call it pretends to belong to; who else has answered is sent home. */
static void test_answer_behind(void **state)
{
	struct world *w = *state;
	char sent[8192], at_bob[8192];

	up(w, sent, at_bob);
	net_to_alice(w, relay_response(mk_response(relay_request(sent), 200,
						   "OK", "bobtag", "", SDP)));
	for (int i = 0; i < 8; i++)
		world_tick(w, 5000);
	none(w, AT_NET_A);
	none(w, AT_ALICE);
}

static void test_other_answer_behind(void **state)
{
	struct world *w = *state;
	char sent[8192], at_bob[8192];
	const char *r;

	up(w, sent, at_bob);
	net_to_alice(w, relay_response(mk_response(relay_request(sent), 200,
						   "OK", "other", "", SDP)));
	none(w, AT_ALICE);
	r = take(w, AT_NET_A);
	assert_memory_equal(r, "ACK ", 4);
	assert_true(has(r, ";tag=other"));
	r = take(w, AT_NET_A);
	assert_memory_equal(r, "BYE ", 4);
	assert_true(has(r, ";tag=other"));
}

/* Permissive: under the tag of who has signed nobody answers unsigned. */
static void test_answer_of_known(void **state)
{
	struct world *w = *state;
	char sent[8192], at_bob[8192];

	permissive(w);
	ringing(w, sent, at_bob);
	net_to_alice(w, relay_response(mk_response(relay_request(sent), 200,
						   "OK", "bobtag", "", SDP)));
	none(w, AT_ALICE);
	bob_sends(w, mk_response(at_bob, 200, "OK", "bobtag", "", SDP));
	net_to_alice(w, relay_response(take(w, AT_NET_B)));
	assert_true(has(take(w, AT_ALICE), "P-PGP-Status: valid"));
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
		T(test_no_bye_for_ringing), T(test_challenge_while_ringing),
		T(test_empty_challenge),    T(test_challenge_after_ringing),
		T(test_same_numbers),	    T(test_cancel_by_branch),
		T(test_response_by_branch), T(test_tags_in_other_case),
		T(test_replaces),	    T(test_odd_start_line),
		T(test_bye_without_tag),    T(test_joined_rows),
		T(test_contact_splits),	    T(test_ack_of_our_refusal),
		T(test_proxy_to_tag),	    T(test_loose_observe),
		T(test_loose_permissive),   T(test_loose_unreadable),
		T(test_nat_register),	    T(test_nat_redirect),
		T(test_incomplete),	    T(test_strangers_leave_nothing),
		T(test_answer_behind),	    T(test_other_answer_behind),
		T(test_answer_of_known),
	};

	return world_run(tests);
}

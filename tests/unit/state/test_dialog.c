// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/digest.h"
#include "state/dialog.h"
#include "state/peer.h"
#include "state/transaction.h"

#define NOW 5000
#define END 9000

#define CALL SPAN_LIT("call@example.org")
#define A    SPAN_LIT("tag-a")
#define B    SPAN_LIT("tag-b")

static int open_store(void **state)
{
	struct store *s;

	if (digest_init() || store_open(&s, NULL, 1000, 16))
		return 1;
	*state = s;
	return 0;
}

static int close_store(void **state)
{
	store_close(*state);
	return 0;
}

/* ---- before there is a dialog ---- */

static void test_call(void **state)
{
	struct store *s = *state;
	struct call c = { .delta = 3, .n_challenges = 1 }, got;

	snprintf(c.challenge[0].realm, PGP_REALM_MAX, "edge.example.org");
	assert_int_equal(call_get(s, CALL, A, NOW, &got), ENOENT);
	assert_int_equal(call_put(s, CALL, A, END, &c), 0);
	assert_int_equal(call_get(s, CALL, A, NOW, &got), 0);
	assert_memory_equal(&c, &got, sizeof(c));
	assert_int_equal(call_get(s, CALL, B, NOW, &got), ENOENT);
	assert_int_equal(call_get(s, A, CALL, NOW, &got), ENOENT);
	assert_int_equal(call_get(s, CALL, A, END, &got), ENOENT);
	/* REGISTER: no tag */
	assert_int_equal(call_put(s, CALL, SPAN_NONE, END, &c), 0);
	assert_int_equal(call_get(s, CALL, SPAN_NONE, NOW, &got), 0);
}

/* ---- dialogs ---- */

static void test_dialog(void **state)
{
	struct store *s = *state;
	struct dialog d = { .delta = 1, .authenticated = true }, got;

	snprintf(d.peer_fpr, FPR_MAX, "0123456789ABCDEF");
	assert_int_equal(dialog_put(s, CALL, A, B, END, &d), 0);
	assert_int_equal(dialog_get(s, CALL, A, B, NOW, &got), 0);
	assert_memory_equal(&d, &got, sizeof(d));
	/* the other party is another record, though it is the same dialog */
	assert_int_equal(dialog_get(s, CALL, B, A, NOW, &got), ENOENT);
	assert_int_equal(dialog_get(s, CALL, A, SPAN_LIT("tag-c"), NOW, &got),
			 ENOENT);
	assert_int_equal(dialog_get(s, SPAN_LIT("x"), A, B, NOW, &got), ENOENT);
	assert_int_equal(dialog_get(s, CALL, A, B, END, &got), ENOENT);
}

static void test_both_parties_here(void **state)
{
	struct store *s = *state;
	struct dialog a = { .delta = 1 }, b = { .delta = 0 }, got;

	assert_int_equal(dialog_put(s, CALL, A, B, END, &a), 0);
	assert_int_equal(dialog_put(s, CALL, B, A, END, &b), 0);
	assert_int_equal(dialog_get(s, CALL, A, B, NOW, &got), 0);
	assert_int_equal(got.delta, 1);
	assert_int_equal(dialog_get(s, CALL, B, A, NOW, &got), 0);
	assert_int_equal(got.delta, 0);
}

static void test_by_tags(void **state)
{
	struct store *s = *state;
	struct dialog d = { .delta = 7 }, got;
	struct span x = SPAN_LIT("tag"), longer = SPAN_LIT("tag-x");

	assert_int_equal(dialog_by_tags(s, x, longer, NOW, &got), ENOENT);
	assert_int_equal(dialog_put(s, CALL, x, longer, END, &d), 0);
	assert_int_equal(dialog_by_tags(s, x, longer, NOW, &got), 0);
	assert_int_equal(got.delta, 7);
	assert_int_equal(dialog_put(s, CALL, B, A, END, &d), 0);
	assert_int_equal(dialog_by_tags(s, A, B, NOW, &got), 0);
	assert_int_equal(dialog_by_tags(s, B, A, NOW, &got), 0);
	assert_int_equal(dialog_by_tags(s, longer, x, NOW, &got), 0);
	assert_int_equal(got.delta, 7);
	assert_int_equal(dialog_by_tags(s, x, x, NOW, &got), ENOENT);
	assert_int_equal(dialog_by_tags(s, x, SPAN_LIT("tag-y"), NOW, &got),
			 ENOENT);
	assert_int_equal(dialog_by_tags(s, x, longer, END, &got), ENOENT);
	assert_int_equal(dialog_by_tags(s, SPAN_NONE, SPAN_NONE, NOW, &got),
			 ENOENT);
}

/* ---- nc ---- */

static void test_nc(void **state)
{
	uint32_t highest = 0;
	uint64_t window = 0;

	(void)state;
	assert_false(nc_accept(&highest, &window, 0));
	assert_true(nc_accept(&highest, &window, 1));
	assert_false(nc_accept(&highest, &window, 1));
	assert_true(nc_accept(&highest, &window, 64));
	assert_true(nc_accept(&highest, &window, 2));
	assert_false(nc_accept(&highest, &window, 2));
	assert_false(nc_accept(&highest, &window, 1));
	/* 1 and 2 are behind the window now, known or not */
	assert_true(nc_accept(&highest, &window, 67));
	assert_false(nc_accept(&highest, &window, 3));
	assert_true(nc_accept(&highest, &window, 4));
	assert_false(nc_accept(&highest, &window, 64));
	assert_true(nc_accept(&highest, &window, UINT32_MAX));
	assert_false(nc_accept(&highest, &window, UINT32_MAX));
	assert_true(nc_accept(&highest, &window, UINT32_MAX - 63));
	assert_false(nc_accept(&highest, &window, UINT32_MAX - 64));
	assert_false(nc_accept(&highest, &window, 68));
}

/* Against a plain list of what was seen. */
static void test_nc_model(void **state)
{
	static bool seen[4096];
	uint32_t highest = 0, top = 0;
	uint64_t window = 0;
	unsigned int seed = 3261;

	(void)state;
	for (int i = 0; i < 20000; i++) {
		uint32_t step = (uint32_t)rand_r(&seed) % 140;
		uint32_t nc = top + 3 > step ? top + 3 - step : 0;
		bool fresh;

		if (nc >= 4096)
			break;
		fresh = nc > 0 && !seen[nc] && (nc > top || top - nc < 64);
		assert_int_equal(nc_accept(&highest, &window, nc), fresh);
		seen[nc] |= fresh;
		top = fresh && nc > top ? nc : top;
		assert_int_equal(highest, top);
	}
	assert_true(top > 100);
}

/* ---- transactions ---- */

static void branch(char out[BRANCH_MAX], const char *text)
{
	snprintf(out, BRANCH_MAX, "%s", text);
}

static struct client client(const char *phone, const char *net)
{
	struct client c;

	memset(&c, 0, sizeof(c));
	c.method = SIP_INVITE;
	c.phone_cseq = 1;
	branch(c.phone_branch, phone);
	branch(c.net_branch, net);
	return c;
}

static void client_is(struct store *s, const char *by, uint32_t net_cseq,
		      const char *phone, const char *sent)
{
	struct span text[CLIENT_TEXTS];
	struct client got;

	assert_int_equal(client_get(s, CALL, span_str(by), NOW, &got, text), 0);
	assert_int_equal(got.net_cseq, net_cseq);
	assert_true(span_eq(text[TEXT_PHONE], span_str(phone)));
	assert_true(span_eq(text[TEXT_SENT], span_str(sent)));
}

/* Found by the phone's branch and by every one the network has seen. */
static void test_client(void **state)
{
	struct store *s = *state;
	struct span text[CLIENT_TEXTS] = { SPAN_LIT("INVITE"), SPAN_NONE };
	struct client c = client("phone", "phone"), got;

	c.net_cseq = 1;
	assert_int_equal(client_put(s, CALL, END, &c, text), 0);
	client_is(s, "phone", 1, "INVITE", "");
	c.net_cseq = 2;
	branch(c.net_branch, "second");
	text[TEXT_SENT] = SPAN_LIT("INVITE signed");
	assert_int_equal(client_put(s, CALL, END, &c, text), 0);
	c.net_cseq = 3;
	branch(c.net_branch, "third");
	text[TEXT_SENT] = SPAN_LIT("INVITE signed again");
	assert_int_equal(client_put(s, CALL, END, &c, text), 0);
	client_is(s, "phone", 3, "INVITE", "INVITE signed again");
	client_is(s, "second", 3, "INVITE", "INVITE signed again");
	client_is(s, "third", 3, "INVITE", "INVITE signed again");
	assert_int_equal(
		client_get(s, CALL, SPAN_LIT("fourth"), NOW, &got, NULL),
		ENOENT);
	assert_int_equal(client_get(s, A, SPAN_LIT("third"), NOW, &got, NULL),
			 ENOENT);
	assert_int_equal(
		client_get(s, CALL, SPAN_LIT("third"), END, &got, NULL),
		ENOENT);
	assert_int_equal(
		client_get(s, CALL, SPAN_LIT("phone"), NOW, &got, NULL), 0);
}

static void test_client_long(void **state)
{
	struct store *s = *state;
	static char big[CLIENT_TEXTS][MESSAGE_MAX];
	char longest[BRANCH_MAX];
	struct span text[CLIENT_TEXTS], got_text[CLIENT_TEXTS];
	struct client c, got;

	memset(longest, 'b', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	digest_random(big, sizeof(big));
	for (int i = 0; i < CLIENT_TEXTS; i++)
		text[i] = span_make(big[i], sizeof(big[i]));
	c = client("phone-long", "x");
	memcpy(c.net_branch, longest, sizeof(longest));
	assert_int_equal(client_put(s, CALL, END, &c, text), 0);
	assert_int_equal(
		client_get(s, CALL, span_str(longest), NOW, &got, got_text), 0);
	for (int i = 0; i < CLIENT_TEXTS; i++)
		assert_true(span_eq(text[i], got_text[i]));
}

static void test_server(void **state)
{
	struct store *s = *state;
	struct server v, got;

	memset(&v, 0, sizeof(v));
	v.method = SIP_BYE;
	v.verified = true;
	assert_int_equal(server_put(s, CALL, A, 7, SPAN_LIT("BYE"), END, &v),
			 0);
	assert_int_equal(server_get(s, CALL, A, 7, SPAN_LIT("BYE"), NOW, &got),
			 0);
	assert_memory_equal(&v, &got, sizeof(v));
	assert_int_equal(server_get(s, CALL, A, 8, SPAN_LIT("BYE"), NOW, &got),
			 ENOENT);
	assert_int_equal(server_get(s, CALL, A, 7, SPAN_LIT("INFO"), NOW, &got),
			 ENOENT);
	assert_int_equal(server_get(s, CALL, B, 7, SPAN_LIT("BYE"), NOW, &got),
			 ENOENT);
	assert_int_equal(server_get(s, B, A, 7, SPAN_LIT("BYE"), NOW, &got),
			 ENOENT);
}

static void test_datagram(void **state)
{
	struct store *s = *state;
	uint8_t digest[32] = { 1 }, other[32] = { 2 };
	struct span text;

	assert_int_equal(datagram_put(s, digest, END, SPAN_LIT("SIP/2.0 200")),
			 0);
	assert_int_equal(datagram_get(s, digest, NOW, &text), 0);
	assert_true(span_eq(text, SPAN_LIT("SIP/2.0 200")));
	assert_int_equal(datagram_get(s, other, NOW, &text), ENOENT);
	assert_int_equal(datagram_get(s, digest, END, &text), ENOENT);
}

/* ---- peers ---- */

static void test_peer(void **state)
{
	struct store *s = *state;
	struct peer p, got;
	const char *bob = "sip:bob@example.org";

	memset(&p, 0, sizeof(p));
	p.n = 2;
	snprintf(p.realm[0].realm, PGP_REALM_MAX, "proxy.example.org");
	p.realm[0].proxy = true;
	snprintf(p.realm[1].realm, PGP_REALM_MAX, "edge.example.org");
	assert_int_equal(peer_get(s, bob, NOW, &got), ENOENT);
	assert_int_equal(peer_forget(s, bob), ENOENT);
	assert_int_equal(peer_put(s, bob, END, &p), 0);
	assert_int_equal(peer_get(s, bob, NOW, &got), 0);
	assert_memory_equal(&p, &got, sizeof(p));
	assert_int_equal(peer_get(s, "sip:alice@example.org", NOW, &got),
			 ENOENT);
	assert_int_equal(peer_get(s, bob, END, &got), ENOENT);
	assert_int_equal(peer_forget(s, bob), 0);
	assert_int_equal(peer_get(s, bob, NOW, &got), ENOENT);
}

/* A record of another size, as another version wrote it, is no answer. */
static void test_other_size(void **state)
{
	struct store *s = *state;
	struct span in[] = { SPAN_LIT("peer"), SPAN_LIT("sip:x@y") };
	struct store_key k = store_key(s, in, 2);
	struct peer got;

	assert_int_equal(store_put(s, STORE_PEER, &k, END, SPAN_LIT("short")),
			 0);
	assert_int_equal(peer_get(s, "sip:x@y", NOW, &got), EIO);
}

int main(void)
{
#define WITH_STORE(f)                                                          \
	cmocka_unit_test_setup_teardown(f, open_store, close_store)
	const struct CMUnitTest tests[] = {
		WITH_STORE(test_call),
		WITH_STORE(test_dialog),
		WITH_STORE(test_both_parties_here),
		WITH_STORE(test_by_tags),
		cmocka_unit_test(test_nc),
		cmocka_unit_test(test_nc_model),
		WITH_STORE(test_client),
		WITH_STORE(test_client_long),
		WITH_STORE(test_server),
		WITH_STORE(test_datagram),
		WITH_STORE(test_peer),
		WITH_STORE(test_other_size),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

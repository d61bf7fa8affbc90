/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Signed messages of a call, changed at random: what arrives at a phone says
 * what the original said, or it does not arrive. Under permissive, where
 * unsigned messages pass, none passes that an endpoint could take for one of
 * the authenticated call.
 */
#include "world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "codec/octets.h"

#define ROUNDS 2500

static uint64_t seed;

static unsigned int rnd(unsigned int below)
{
	seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407;
	return (unsigned int)(seed >> 33) % below;
}

static const char *const rows[] = {
	"Contact: <sip:eve@10.6.6.6>\r\n",
	"m:<sip:eve@10.6.6.6>\r\n",
	"Content-Type: application/sdp\r\n",
	"Content-Length: 0\r\n",
	"l: 3\r\n",
	"To: <sip:bob@example.org>;tag=bobtag\r\n",
	"f: <sip:alice@example.org>;tag=alicetag\r\n",
	"i: call-9@10.0.1.2\r\n",
	"CSeq: 99 BYE\r\n",
	"Replaces: a;to-tag=bobtag;from-tag=alicetag\r\n",
	"Join: a;to-tag=bobtag;from-tag=alicetag\r\n",
	"Refer-To: <sip:eve@10.6.6.6>\r\n",
	"r: <sip:eve@10.6.6.6>\r\n",
	"Reason: SIP;cause=200\r\n",
	"P-PGP-Status: valid\r\n",
	"p-pgp-status : valid\r\n",
	"P-PGP-Status\r\n : valid\r\n",
	"Authorization: PGP realm=\"x\"\r\n",
	"Proxy-Authorization:\r\n pgp realm=\"edge-b.example.org\"\r\n",
	"Supported: pgp-auth\r\n",
	"Event: refer;id=3\r\n",
	"Expires: 0\r\n",
	"X: y\r\n",
	" folded\r\n",
	"\r\n",
	"\n",
};

static const char chars[] = " \t\r\n;:,<>@\"\\%=/.azAZ09\x7f\xc3";

struct text {
	char p[8192];
	size_t len;
};

static void put(struct text *t, size_t at, const char *s, size_t n)
{
	memmove(t->p + at + n, t->p + at, t->len - at);
	memcpy(t->p + at, s, n);
	t->len += n;
}

/* Where the nth line begins. */
static size_t line(const struct text *t, unsigned int n)
{
	size_t at = 0;

	while (n--) {
		const char *eol = memchr(t->p + at, '\n', t->len - at);

		if (!eol || (size_t)(eol + 1 - t->p) >= t->len)
			break;
		at = (size_t)(eol + 1 - t->p);
	}
	return at;
}

static void mutate(struct text *t)
{
	size_t at = rnd((unsigned int)t->len), from;
	const char *row;

	switch (rnd(7)) {
	case 0:
		t->p[at] = chars[rnd(sizeof(chars) - 1)];
		break;
	case 1:
		put(t, at, &chars[rnd(sizeof(chars) - 1)], 1);
		break;
	case 2:
		memmove(t->p + at, t->p + at + 1, t->len - at - 1);
		t->len--;
		break;
	case 3:
		row = rows[rnd(sizeof(rows) / sizeof(rows[0]))];
		put(t, line(t, rnd(16)), row, strlen(row));
		break;
	case 4: /* a line doubled, somewhere else */
		from = line(t, rnd(16));
		row = memchr(t->p + from, '\n', t->len - from);
		if (row) {
			char copy[2048];
			size_t n = (size_t)(row + 1 - t->p) - from;

			if (n > sizeof(copy))
				break;
			memcpy(copy, t->p + from, n);
			put(t, line(t, rnd(16)), copy, n);
		}
		break;
	case 5:
		t->p[at] ^= 0x20;
		break;
	default:
		t->p[at] = (char)(t->p[at] ^ 1 << rnd(7));
	}
}

/* What a message says: its signed octets under no matter which parameters. */
static bool says(struct span message, struct text *out)
{
	static struct sip_msg m;
	struct buf b = buf_make(out->p, sizeof(out->p));
	struct pgp_params p = { .realm = SPAN_LIT("r") };

	if (sipmsg_read(&m, message, true) != SIP_OK ||
	    octets_build(&b, &m, &p))
		return false;
	out->len = b.len;
	return true;
}

static void reset(struct world *w)
{
	w->a.n_pkt = w->b.n_pkt = 0;
	memset(w->a.pkt, 0, sizeof(w->a.pkt));
	memset(w->b.pkt, 0, sizeof(w->b.pkt));
	for (int p = 0; p < PLACES; p++)
		w->n[p] = w->taken[p] = 0;
}

static void to_bob(struct world *w, const char *text)
{
	net_to_bob(w, text);
}

static void to_alice(struct world *w, const char *text)
{
	net_to_alice(w, text);
}

struct attack {
	void (*send)(struct world *w, const char *text);
	enum place at;
	/* false: it may not arrive */
	bool (*harmless)(const struct sip_msg *m);
};

static void attack(struct world *w, const struct attack *a,
		   const char *original, const char *arrives)
{
	static struct text t, want, got;
	static struct sip_msg m;
	unsigned int arrived = 0;

	assert_true(says(span_str(arrives), &want));
	for (int i = 0; i < ROUNDS; i++) {
		struct datagram *d;

		t.len = strlen(original);
		memcpy(t.p, original, t.len);
		for (unsigned int n = 1 + rnd(3); n; n--)
			mutate(&t);
		t.p[t.len] = '\0';
		if (strlen(t.p) != t.len)
			continue;
		reset(w);
		a->send(w, t.p);
		if (!w->n[a->at])
			continue;
		arrived++;
		d = &w->box[a->at][0];
		if (says(span_make(d->text, d->len), &got) &&
		    got.len == want.len && !memcmp(got.p, want.p, got.len))
			continue;
		if (a->harmless && (sipmsg_read(&m, span_make(d->text, d->len),
						true) != SIP_OK ||
				    a->harmless(&m)))
			continue;
		fail_msg("round %d, sent:\n%s\narrived:\n%s", i, t.p, d->text);
	}
	/* some changes do no harm: Via, Max-Forwards, unknown rows */
	assert_true(arrived > ROUNDS / 50);
}

static bool no_answer(const struct sip_msg *m)
{
	return !m->request && (m->status == 100 || m->status >= 300);
}

/* Permissive: not with the tags of the call, whatever their case. */
static bool other_dialog(const struct sip_msg *m)
{
	return !span_ieq(m->from_tag, SPAN_LIT("alicetag")) ||
	       !span_ieq(m->to_tag, SPAN_LIT("bobtag"));
}

static const char *bye_of(struct world *w, char bye[8192])
{
	alice_sends(w, mk_request("BYE", "sip:bob@10.0.2.2", true, 8,
				  "z9hG4bKa3", "bobtag", "", ""));
	snprintf(bye, 8192, "%s", relay_request(take(w, AT_NET_A)));
	net_to_bob(w, bye);
	return take(w, AT_BOB);
}

static void test_invite(void **state)
{
	static const struct attack a = { to_bob, AT_BOB, NULL };
	struct world *w = *state;
	char sent[8192], at_bob[8192], relayed[8192];

	ring(w, sent, at_bob);
	snprintf(relayed, sizeof(relayed), "%s", relay_request(sent));
	attack(w, &a, relayed, at_bob);
}

static void test_bye(void **state)
{
	static const struct attack a = { to_bob, AT_BOB, NULL };
	struct world *w = *state;
	char sent[8192], at_bob[8192], bye[8192];

	up(w, sent, at_bob);
	snprintf(at_bob, sizeof(at_bob), "%s", bye_of(w, bye));
	attack(w, &a, bye, at_bob);
}

static void test_bye_permissive(void **state)
{
	static const struct attack a = { to_bob, AT_BOB, other_dialog };
	struct world *w = *state;
	char sent[8192], at_bob[8192], bye[8192];

	w->b.conf.policy[0].mode = MODE_PERMISSIVE;
	up(w, sent, at_bob);
	snprintf(at_bob, sizeof(at_bob), "%s", bye_of(w, bye));
	attack(w, &a, bye, at_bob);
}

static void test_answer(void **state)
{
	static const struct attack a = { to_alice, AT_ALICE, no_answer };
	struct world *w = *state;
	char sent[8192], at_bob[8192], answer[8192];

	ring(w, sent, at_bob);
	bob_sends(w, mk_response(at_bob, 200, "OK", "bobtag", "", SDP));
	snprintf(answer, sizeof(answer), "%s",
		 relay_response(take(w, AT_NET_B)));
	net_to_alice(w, answer);
	snprintf(at_bob, sizeof(at_bob), "%s", take(w, AT_ALICE));
	attack(w, &a, answer, at_bob);
}

/* A late answer in the ACK. */
static void test_ack(void **state)
{
	static const struct attack a = { to_bob, AT_BOB, NULL };
	struct world *w = *state;
	char sent[8192], at_bob[8192], ack[8192];

	ring(w, sent, at_bob);
	bob_sends(w, mk_response(at_bob, 200, "OK", "bobtag", "", SDP));
	net_to_alice(w, relay_response(take(w, AT_NET_B)));
	take(w, AT_ALICE);
	alice_sends(w, mk_request("ACK", "sip:bob@10.0.2.2", true, 7,
				  "z9hG4bKa2", "bobtag", "", SDP));
	snprintf(ack, sizeof(ack), "%s", relay_request(take(w, AT_NET_A)));
	net_to_bob(w, ack);
	snprintf(at_bob, sizeof(at_bob), "%s", take(w, AT_BOB));
	attack(w, &a, ack, at_bob);
}

/* Permissive: others may answer unsigned, but not under a tag that signed, nor
 * with a failure that could end the call. */
static bool of_another(const struct sip_msg *m)
{
	return !m->request &&
	       (m->status < 200 || !span_ieq(m->to_tag, SPAN_LIT("bobtag")) ||
		!span_ieq(m->via_branch, SPAN_LIT("z9hG4bKa1")));
}

static void test_answer_permissive(void **state)
{
	static const struct attack a = { to_alice, AT_ALICE, of_another };
	struct world *w = *state;
	char sent[8192], at_bob[8192], answer[8192];

	w->a.conf.policy[0].mode = MODE_PERMISSIVE;
	ringing(w, sent, at_bob);
	bob_sends(w, mk_response(at_bob, 200, "OK", "bobtag", "", SDP));
	snprintf(answer, sizeof(answer), "%s",
		 relay_response(take(w, AT_NET_B)));
	net_to_alice(w, answer);
	snprintf(at_bob, sizeof(at_bob), "%s", take(w, AT_ALICE));
	attack(w, &a, answer, at_bob);
}

static int setup(void **state)
{
	seed = 20061130;
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
		T(test_invite), T(test_bye), T(test_bye_permissive),
		T(test_answer), T(test_ack), T(test_answer_permissive),
	};

	return world_run(tests);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * world - whole calls in memory: two appliances with a proxy between them, each
 * an engine with a store of its own, a clock that only the test moves, and
 * signatures that are hashes. What goes out is kept by its destination.
 */
#ifndef TESTS_WORLD_H
#define TESTS_WORLD_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "base/buf.h"
#include "codec/packet.h"
#include "core/draft.h"
#include "core/engine.h"
#include "state/store.h"

#define ALICE_FPR "AAAA0000AAAA0000AAAA0000AAAA0000AAAA0000"
#define BOB_FPR	  "BBBB0000BBBB0000BBBB0000BBBB0000BBBB0000"
#define EVE_FPR	  "EEEE0000EEEE0000EEEE0000EEEE0000EEEE0000"
#define EVE2_FPR  "EEEE2222EEEE2222EEEE2222EEEE2222EEEE2222"

enum place { AT_ALICE, AT_BOB, AT_NET_A, AT_NET_B, PLACES };
/* AT_NET_A: out of Alice's appliance towards the proxy; AT_NET_B: out of Bob's
 */

struct datagram {
	char text[8192];
	size_t len;
	bool injected;
};

struct side {
	struct engine *e;
	struct store *store;
	struct conf conf;
	struct world *w;
	bool alice;
	/* the packet under way: a verdict names it by number */
	struct {
		struct packet ip;
		uint8_t bytes[9000];
		enum direction dir;
		int verdicts;
	} pkt[256];
	uint32_t n_pkt;
	struct crypto_job *job[64];
	size_t n_jobs;
};

struct world {
	uint64_t now;
	struct side a, b;
	struct datagram box[PLACES][64];
	size_t n[PLACES], taken[PLACES];
	unsigned int drops;
	bool crypto_fails;
	bool bob_revoked;
	const char *alice_fpr; /* what signs for Alice */
};

/* Are jobs done at once, or waited for? */
extern bool world_at_once;

/* All tests of a group, in either way. */
#define world_run(tests)                                                       \
	((world_at_once = false, cmocka_run_group_tests(tests, NULL, NULL)) +  \
	 (world_at_once = true, cmocka_run_group_tests(tests, NULL, NULL)))

struct world *world_new(void);
void world_free(struct world *w);

/* Send a text; jobs are run to the end. */
void alice_sends(struct world *w, const char *text); /* to the proxy */
void bob_sends(struct world *w, const char *text);
void net_to_alice(struct world *w, const char *text); /* from the proxy */
void net_to_bob(struct world *w, const char *text);

/* The next datagram at a place, NUL-terminated; fails the test if none. */
const char *take(struct world *w, enum place p);
/* Nothing more came there. */
void none(struct world *w, enum place p);

void world_tick(struct world *w, uint64_t ms);

/* The daemon of a side dies and comes back: only its store is left. */
void world_restart(struct side *s);

/* What a proxy does: push its Via, drop a hop; pop its Via. Static buffers. */
const char *relay_request(const char *text);
const char *relay_response(const char *text);

/* Messages. branch, CSeq, tags as given; "" for no To tag. */
const char *mk_request(const char *method, const char *uri, bool from_alice,
		       unsigned int cseq, const char *branch,
		       const char *to_tag, const char *extra, const char *body);
/* An answer to a request as the other phone got it. */
const char *mk_response(const char *request, unsigned int status,
			const char *phrase, const char *to_tag,
			const char *extra, const char *body);

#define URI "sip:bob@example.org"

/* Alice's INVITE: CSeq 7, branch z9hG4bKa1, Call-ID call-1. Static buffer. */
const char *invite_mem(void);
/* Through the challenge up to Bob's phone: what left, what Bob got. */
void ring(struct world *w, char sent[8192], char at_bob[8192]);
/* The same, with Bob's signed 180 (To tag bobtag) at Alice's phone. */
void ringing(struct world *w, char sent[8192], char at_bob[8192]);
/* The same, answered by "bobtag" and acknowledged. */
void up(struct world *w, char sent[8192], char at_bob[8192]);

/* The value of a header field's nth row (static buffer), "" when absent. */
const char *field(const char *text, const char *name, size_t nth);
bool has(const char *text, const char *what);
unsigned int status_of(const char *text);

#define SDP                                                                    \
	"v=0\r\no=- 1 1 IN IP4 10.0.1.2\r\ns=-\r\nc=IN IP4 10.0.1.2\r\n"       \
	"t=0 0\r\nm=audio 6000 RTP/AVP 0\r\n"

#endif

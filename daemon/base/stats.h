/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * stats - the counters, each a name, a number and a line of what it counts.
 * One owner (the loop's thread).
 */
#ifndef BASE_STATS_H
#define BASE_STATS_H

#include <stddef.h>
#include <stdint.h>

/* name, what it counts */
#define STATS_LIST(X)                                                          \
	X(packets_out, "packets taken from the outbound queue")                \
	X(packets_in, "packets taken from the inbound queue")                  \
	X(passed, "packets let through as they came")                          \
	X(changed, "packets let through with edits")                           \
	X(dropped, "packets dropped")                                          \
	X(injected, "packets sent by the daemon itself")                       \
	X(not_udp, "packets of another transport, dropped inbound")            \
	X(fragments, "fragments that were not reassembled, dropped")           \
	X(bad_packets, "packets whose lengths contradict each other")          \
	X(keepalives, "keep-alives (CRLF, NUL, STUN), let through")            \
	X(not_sip, "datagrams that can't be read with certainty")              \
	X(requests_marked, "initial requests marked as signable")              \
	X(requests_signed, "requests signed")                                  \
	X(requests_retried, "requests sent again, signed, after a challenge")  \
	X(requests_unsigned, "requests without a key here, passed unsigned")   \
	X(requests_refused, "requests of the local side refused: no key")      \
	X(requests_verified, "inbound requests whose signature held")          \
	X(requests_unauthenticated, "inbound requests let through unsigned")   \
	X(retransmissions, "retransmissions answered with the same octets")    \
	X(challenges_sent, "401 and 407 sent")                                 \
	X(challenges_taken, "PGP challenges taken off responses")              \
	X(challenges_refused, "PGP challenges not answered: policy or loop")   \
	X(refused_unmarked, "unsigned requests of unmarked callers refused")   \
	X(refused_signature, "requests refused: signature bad or malformed")   \
	X(refused_key,                                                         \
	  "requests refused: key unknown, expired, revoked, not valid")        \
	X(refused_identity, "requests refused: key does not name the sender")  \
	X(refused_stale, "requests refused: nonce or date too old or ahead")   \
	X(refused_replay, "requests refused: seen before")                     \
	X(bye_dropped, "BYEs without a right signature, dropped")              \
	X(cancel_dropped,                                                      \
	  "CANCELs without a right ticket or signature, dropped")              \
	X(cancel_ticket, "CANCELs let through by their ticket")                \
	X(cancel_proxy, "CANCELs of proxies let through by policy")            \
	X(in_dialog_dropped, "other in-dialog requests unsigned, dropped")     \
	X(ack_absorbed, "ACKs to our own responses, absorbed")                 \
	X(responses_signed, "responses signed")                                \
	X(responses_verified, "responses whose signature held")                \
	X(responses_unsigned, "responses of the peer let through unsigned")    \
	X(responses_dropped, "responses dropped: unsigned, forged, unasked")   \
	X(responses_held, "unsigned failures held back")                       \
	X(responses_released, "unsigned failures let go after the wait")       \
	X(calls_refused, "calls not set up: the 2xx was not authenticated")    \
	X(calls_authenticated, "dialogs set up with both sides authenticated") \
	X(observed, "packets that observe let through but enforce would not")  \
	X(crypto_failed, "signatures that could not be made or checked")       \
	X(crypto_busy, "packets dropped: too many signatures under way")       \
	X(call_busy, "packets dropped: too many of one call waiting")          \
	X(hold_full, "unsigned failures dropped: too many held back")          \
	X(resend_full, "requests of ours sent once: too many to repeat")       \
	X(checks_limited, "own nonces challenged: too many to check")          \
	X(store_full, "packets dropped: a table of the store is full")         \
	X(rate_limited, "packets dropped: rate limit")                         \
	X(grown_fragmented, "packets sent as fragments because they grew")

#define STATS_FIELD(name, what) uint64_t name;
struct stats {
	STATS_LIST(STATS_FIELD)
	uint64_t sip_fault[32]; /* by enum sip_fault */
};
#undef STATS_FIELD

struct stats_name {
	const char *name, *what;
	size_t offset;
};
extern const struct stats_name stats_names[];
extern const size_t stats_count;

static inline uint64_t stats_value(const struct stats *s, size_t i)
{
	return *(const uint64_t *)((const char *)s + stats_names[i].offset);
}

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * transaction - requests under way (RFC 3261 section 17), seen from the side of
 * the appliance: struct client for what the local side sends, struct server for
 * what it gets.
 *
 * Thread: the loop's. Errors: 0, ENOENT, ENOSPC, EIO.
 */
#ifndef STATE_TRANSACTION_H
#define STATE_TRANSACTION_H

#include "base/addr.h"
#include "codec/sipuri.h"
#include "state/dialog.h"

#define BRANCH_MAX    256 /* with its NUL */
#define TICKET_MAX    48
#define MESSAGE_MAX   65535
#define RESPONSES_MAX 6 /* verified responses of one transaction remembered */
#define FORKS_MAX     8

/* A credential that was put into a request: what its responses are bound to. */
struct credential {
	char realm[PGP_REALM_MAX];
	char nonce[PGP_NONCE_MAX];
	char cnonce[PGP_CNONCE_MAX];
	uint32_t nc;
	bool proxy;
};

enum client_text { TEXT_PHONE, TEXT_SENT, CLIENT_TEXTS };

struct client {
	enum sip_method method;
	uint32_t phone_cseq, net_cseq;
	bool in_dialog;
	bool is_signed;
	bool own; /* the appliance's own request: the phone knows nothing */
	bool transparent; /* the phone speaks the profile itself */
	bool cancelled;	  /* by the phone */
	uint8_t attempts; /* challenges answered */
	uint16_t final;	  /* status of the final response the phone got */
	uint16_t refused; /* the 2xx was refused, and the phone got this */
	char phone_branch[BRANCH_MAX], net_branch[BRANCH_MAX];
	struct addr src, dst;
	char peer[SIPURI_MAX];	 /* canonical, what policy and eager go by */
	char ticket[TICKET_MAX]; /* the CANCEL's; "" when unsigned */
	char fpr[FPR_MAX];	 /* who signs */
	uint32_t n_credentials;
	struct credential credential[CHALLENGES_MAX];
	char answered_by[FPR_MAX];
	uint32_t n_verified;
	uint8_t verified[RESPONSES_MAX][32]; /* digests of responses */
	/* texts behind the struct: what the phone sent and what went out */
	uint32_t len[CLIENT_TEXTS];
};

/*
 * By a branch: the phone's, the present one of the network, or one of an
 * attempt that was challenged. Texts are spans into the store: copy them before
 * anything is changed there.
 */
int client_get(struct store *s, struct span call_id, struct span branch,
	       uint64_t now_ms, struct client *out,
	       struct span text[CLIENT_TEXTS]);

/* Under the phone's branch, findable by the network's too. The texts may lie in
 * the store: they are read before it changes. */
int client_put(struct store *s, struct span call_id, uint64_t expire_ms,
	       struct client *c, const struct span text[CLIENT_TEXTS]);

struct server {
	enum sip_method method;
	bool verified;
	bool cancelled;
	bool commits;	/* commitment holds */
	bool failed;	/* a branch of it answered 300 or above */
	uint16_t final; /* highest final status the local side answered */
	uint8_t commitment[32];
	uint8_t digest[32]; /* of octets and signature: the same request again
			     */
	char signer[FPR_MAX];
	struct credential credential;
	uint32_t n_forks;
	uint8_t fork[FORKS_MAX][16]; /* branch and Request-URI of each copy */
};

/* Key: Call-ID, From tag, CSeq number, method. */
int server_get(struct store *s, struct span call_id, struct span from_tag,
	       uint32_t cseq, struct span method, uint64_t now_ms,
	       struct server *out);
int server_put(struct store *s, struct span call_id, struct span from_tag,
	       uint32_t cseq, struct span method, uint64_t expire_ms,
	       const struct server *v);

/*
 * Datagrams that are sent again when the same thing comes again: the signed
 * form of a response of the local side, by the digest of its own text; the ACK
 * of a failure that was absorbed. text points into the store.
 */
int datagram_get(struct store *s, const uint8_t digest[32], uint64_t now_ms,
		 struct span *text);
int datagram_put(struct store *s, const uint8_t digest[32], uint64_t expire_ms,
		 struct span text);

#endif

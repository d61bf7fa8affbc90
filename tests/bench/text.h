/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * text - the SIP messages of a measured call, and a stack that speaks the
 * profile itself to sign them. A call has a number, a run has a name; both are
 * in the Call-ID.
 */
#ifndef TESTS_BENCH_TEXT_H
#define TESTS_BENCH_TEXT_H

#include "base/addr.h"
#include "base/buf.h"
#include "codec/pgpauth.h"

#define BENCH_TEXT   4096
#define BENCH_DOMAIN "bench.example"

/* The domain of caller and callee; BENCH_DOMAIN unless it is set. */
extern const char *text_domain;

struct text_call {
	const char *run;
	const char *to; /* whom; NULL: bob */
	uint32_t n;
	struct addr caller, callee;
};

/* Up to and with the blank line's text in front of the body; rows: more rows,
 * each with CRLF. */
void text_invite(struct buf *b, const struct text_call *c, uint32_t cseq,
		 const char *rows);
/* ACK or BYE; to: To's value; routes: whole rows. */
void text_in_dialog(struct buf *b, const struct text_call *c,
		    const char *method, uint32_t cseq, struct span uri,
		    struct span to, struct span routes);
/* The ACK to a failure. */
void text_ack_failure(struct buf *b, const struct text_call *c, uint32_t cseq,
		      struct span to);
/* What the callee answers. */
void text_response(struct buf *b, const struct sip_msg *req,
		   const struct text_call *c, unsigned int status,
		   const char *phrase, bool body);

/* Call number out of "RUN-N@…"; false: another run's. */
bool text_number(struct span call_id, const char *run, uint32_t *n);

struct signer;

/* The key with this fingerprint of that GnuPG home. Ends the program when it
 * can't. */
struct signer *signer_open(const char *home, const char *engine,
			   const char *fpr);
/* Puts the signed row into b's text (a whole message); false: it failed. */
bool signer_sign(struct signer *s, struct buf *b, struct pgp_params p,
		 bool response);
/* An own nonce of now. */
void signer_nonce(char out[PGP_NONCE_MAX], char cnonce[PGP_CNONCE_MAX]);

#endif

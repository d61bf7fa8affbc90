/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * draft - the edits that the protocol makes to a message, and the messages it
 * makes itself. A draft collects edits to one message that was read, with the
 * texts they insert; draft_finish() writes the new message.
 *
 * Pure but for the caller's buffers. Thread: one owner.
 */
#ifndef CORE_DRAFT_H
#define CORE_DRAFT_H

#include <errno.h>
#include "base/addr.h"
#include "base/buf.h"
#include "codec/sipmsg.h"
#include "codec/splice.h"

#define DRAFT_TEXT 8192

struct draft {
	const struct sip_msg *m;
	struct splice splice;
	struct buf text; /* of insertions */
	char mem[DRAFT_TEXT];
};

void draft_init(struct draft *d, const struct sip_msg *m);

/* Another CSeq number; RAck numbers are moved by as much. */
void draft_cseq(struct draft *d, uint32_t cseq);
void draft_rack(struct draft *d, uint32_t delta);

/*
 * "Event: refer;id=" is the CSeq number of a REFER (RFC 3515 section 2.4.6):
 * moved by delta, modulo 2^32.
 */
void draft_refer_id(struct draft *d, uint32_t delta);

/* The top Via's branch. */
void draft_branch(struct draft *d, const char *branch);

/* A whole row (CRLF included) behind all others; copied. */
void draft_row(struct draft *d, struct span row);

/* Drop the body with its Content-* rows; Content-Length becomes 0. */
void draft_no_body(struct draft *d);

/* Another status line (responses). */
void draft_status(struct draft *d, unsigned int status, const char *phrase);

/*
 * Remove everything of the PGP scheme: credential, challenge and
 * Authentication-Info rows, rows named own_name, the mark in Supported, tickets
 * in Reason, status rows. realm NULL: of all realms, else only credentials for
 * that realm and status rows (a proxy leaves the callee's to the callee).
 */
void draft_strip(struct draft *d, const char *own_name, const char *realm);

/* Remove status rows only: none from outside may be believed. */
void draft_strip_status(struct draft *d);

/* Remove a row of the message. */
void draft_delete_row(struct draft *d, const struct sip_row *row);

/*
 * Digest challenges become stale=true where the request has credentials for
 * their realm.
 */
void draft_stale(struct draft *d, const struct sip_msg *req);

/* The new message. 0 and *len; EMSGSIZE; E2BIG; EINVAL. */
int draft_finish(struct draft *d, char *out, size_t cap, size_t *len);

/*
 * A response to a request (RFC 3261 section 8.2.6): Via rows with received and
 * rport filled in for a request that came from src, From, To with to_tag where
 * it has none, Call-ID, CSeq; then rows (each with CRLF); no body.
 */
void message_response(struct buf *b, const struct sip_msg *req,
		      const struct addr *src, unsigned int status,
		      const char *phrase, const char *to_tag, struct span rows);

/* Where it goes (RFC 3261 section 18.2.2, RFC 3581 section 4). */
struct addr message_response_to(const struct sip_msg *req,
				const struct addr *src);

/*
 * The ACK to a final response other than 2xx (section 17.1.1.3), for the
 * request as it was sent.
 */
void message_ack_failure(struct buf *b, const struct sip_msg *sent,
			 const struct sip_msg *resp);

/*
 * An ACK or CANCEL of the hop, for the request as it was sent (sections
 * 17.1.1.3 and 9.1), with the To value and further rows given.
 */
void message_hop(struct buf *b, const char *method, const struct sip_msg *sent,
		 struct span to, struct span rows);

/*
 * A request inside the dialog that a 2xx made (section 12.2.1.1): to its
 * Contact, by its Record-Route rows in reverse, from the party that sent
 * `invite`. false when the 2xx has no Contact with a URI to send it to.
 */
bool message_in_dialog(struct buf *b, const char *method,
		       const struct sip_msg *invite, const struct sip_msg *resp,
		       uint32_t cseq, const char *branch, struct span rows);

/* A branch of our own: "z9hG4bK" and 16 random characters; cap > 24. */
void message_branch(char *out, size_t cap);

#endif

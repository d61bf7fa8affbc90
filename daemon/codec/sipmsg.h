/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sipmsg - a SIP message (RFC 3261 section 7) as spans into its datagram.
 *
 * The reading is done twice: by a strict scanner here, which knows where each
 * octet lies, and by osip2, which must come to the same method, status, CSeq,
 * Call-ID, tags and top Via. What the two don't agree on, or what an endpoint
 * could read in another way than we do, is not read at all: it gets a fault,
 * and the fault is a reason that is counted. The scanner is in sipstart.c,
 * siprows.c and sipfields.c; siposip.c is the only file that knows osip2.
 *
 * Pure but for sipmsg_init(). Thread: any, each with its own struct sip_msg.
 */
#ifndef CODEC_SIPMSG_H
#define CODEC_SIPMSG_H

#include "base/span.h"

#define SIP_ROWS_MAX 192

enum sip_fault {
	SIP_OK,
	SIP_KEEPALIVE, /* CRLFs, NULs, a STUN message (RFC 5626, 5389), empty */
	SIP_FAULT_START_LINE,  /* neither request nor status line */
	SIP_FAULT_VERSION,     /* looks like SIP, but not SIP/2.0 */
	SIP_FAULT_CONTROL,     /* NUL, bare CR or the like before the body */
	SIP_FAULT_ROW,	       /* a header row without name or colon */
	SIP_FAULT_TOO_MANY,    /* rows */
	SIP_FAULT_MISSING,     /* Via, From, To, Call-ID or CSeq */
	SIP_FAULT_DOUBLE,      /* one that may stand once stands twice */
	SIP_FAULT_FIELD,       /* one of these can't be read */
	SIP_FAULT_CSEQ_METHOD, /* not the start line's */
	SIP_FAULT_LENGTH,  /* Content-Length above what is there, unreadable */
	SIP_FAULT_SURPLUS, /* octets behind the body: a second message? */
	SIP_FAULT_METHOD_CASE, /* "bye": endpoints obey it, SIP has no such */
	SIP_FAULT_NO_END,      /* no empty row behind the header */
	SIP_FAULT_PARSER,      /* osip2 refuses it */
	SIP_FAULT_DISAGREE,    /* osip2 reads another message */
	SIP_FAULT_COUNT
};

/* A word for counters and logs: "start-line", "double", … */
const char *sip_fault_name(enum sip_fault f);

enum sip_method {
	SIP_OTHER,
	SIP_INVITE,
	SIP_ACK,
	SIP_BYE,
	SIP_CANCEL,
	SIP_REGISTER,
	SIP_OPTIONS,
	SIP_PRACK,
	SIP_UPDATE,
	SIP_INFO,
	SIP_REFER,
	SIP_NOTIFY,
	SIP_SUBSCRIBE,
	SIP_MESSAGE,
	SIP_PUBLISH,
};

const char *sip_method_name(enum sip_method m); /* "INVITE"; "other" */

/* Header fields that something here asks for; compact forms are the same. */
enum sip_field {
	SIP_F_OTHER,
	SIP_F_VIA,
	SIP_F_FROM,
	SIP_F_TO,
	SIP_F_CALL_ID,
	SIP_F_CSEQ,
	SIP_F_CONTACT,
	SIP_F_CONTENT_TYPE,
	SIP_F_CONTENT_LENGTH,
	SIP_F_CONTENT_ENCODING,
	SIP_F_EXPIRES,
	SIP_F_REFER_TO,
	SIP_F_REFERRED_BY,
	SIP_F_REPLACES,
	SIP_F_JOIN,
	SIP_F_TARGET_DIALOG,
	SIP_F_EVENT,
	SIP_F_SUBSCRIPTION_STATE,
	SIP_F_RACK,
	SIP_F_RSEQ,
	SIP_F_REASON,
	SIP_F_DATE,
	SIP_F_P_ASSERTED_IDENTITY,
	SIP_F_AUTHORIZATION,
	SIP_F_PROXY_AUTHORIZATION,
	SIP_F_WWW_AUTHENTICATE,
	SIP_F_PROXY_AUTHENTICATE,
	SIP_F_AUTHENTICATION_INFO,
	SIP_F_PROXY_AUTHENTICATION_INFO,
	SIP_F_SUPPORTED,
	SIP_F_REQUIRE,
	SIP_F_ROUTE,
	SIP_F_RECORD_ROUTE,
	SIP_F_MAX_FORWARDS,
	SIP_F_PGP_STATUS, /* ours: P-PGP-Status */
};

struct sip_row {
	enum sip_field field;
	struct span row; /* name to line end, folded lines and ends included */
	struct span name;
	struct span value; /* trimmed; folds still inside */
};

struct sip_msg {
	struct span raw; /* the message: start line to the end of the body */
	bool request;
	struct span method_name; /* request: start line; response: CSeq's */
	enum sip_method method;	 /* the same; SIP_OTHER if not in the list */
	struct span uri;	 /* request */
	unsigned int status;	 /* response */
	struct span phrase;	 /* response; may be empty */
	struct span start_line;	 /* without its line end */
	struct span eol;	 /* "\r\n" or "\n", as the start line ends */

	size_t n_rows;
	struct sip_row row[SIP_ROWS_MAX];
	size_t end_of_rows; /* offset of the empty line in raw */
	struct span body;   /* up to Content-Length where there is one */

	struct span from, to;	      /* values */
	struct span from_uri, to_uri; /* "sip:a@b;p", without <> and tag */
	struct span from_tag, to_tag; /* absent when there is none */
	struct span call_id;
	uint32_t cseq;
	struct span cseq_number; /* its digits */

	struct span via;	/* the top Via's value, up to a comma */
	struct span via_branch; /* absent when there is none */
	struct span via_host;	/* sent-by without port; "[v6]" kept */
	uint16_t via_port;	/* 0: none given */
	struct span via_rport;	/* "rport" where it has no value; else absent */
	size_t n_via;		/* over all rows and commas */
};

/* Once, before threads: silences osip2 (it writes to stdout otherwise). */
void sipmsg_init(void);

/*
 * Read a datagram. `checked` asks osip2 too: always for what comes in; what
 * leaves, and what this program built itself, is read without. On SIP_OK all
 * fields hold. On a fault, `request`, `method_name` and `method` hold as far as
 * the start line could be read (method by its name without regard to case).
 */
enum sip_fault sipmsg_read(struct sip_msg *m, struct span datagram,
			   bool checked);

/*
 * Might some endpoint take it for SIP? For datagrams that could not be read:
 * false only when no reader could find a version in it.
 */
bool sipmsg_resembles(struct span datagram);

/* The nth (from 0) row of a field; NULL when there are fewer. */
const struct sip_row *sipmsg_row(const struct sip_msg *m, enum sip_field f,
				 size_t nth);

/* Is there a comma-listed token (case ignored) in the rows of the field? */
bool sipmsg_has_token(const struct sip_msg *m, enum sip_field f,
		      const char *token);

/*
 * RAck (RFC 3262 section 7.2): the span of its CSeq number's digits in value,
 * absent when there is none that can be read.
 */
struct span sipmsg_rack_cseq(struct span value);

/*
 * A parameter of a ;-list behind a URI or token ("text" of
 * `PGP;text="a b"`), quotes kept off. Absent when there is none.
 */
struct span sipmsg_param(struct span value, const char *name);

#endif

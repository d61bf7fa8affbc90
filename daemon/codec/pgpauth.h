/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pgpauth - the PGP scheme's challenge and credentials (docs/protocol.md;
 * grammar of RFC 3261 section 25.1, other-challenge and other-response; ";"
 * between parameters, as RFC 2543 section 15 had it, is read too).
 *
 * Pure. Thread: any.
 */
#ifndef CODEC_PGPAUTH_H
#define CODEC_PGPAUTH_H

#include "base/buf.h"
#include "codec/sipmsg.h"

#define PGP_REALM_MAX  128 /* each with its NUL */
#define PGP_NONCE_MAX  64
#define PGP_CNONCE_MAX 64

struct pgp_params {
	/* absent when not given; quotes kept off; spans into the message */
	struct span realm, nonce, cnonce, signed_by, key, cancel, signature;
	struct span algorithm;
	uint32_t nc; /* 0 when not given */
	bool cover_nat;
	bool stale;
};

enum pgp_row {
	PGP_ROW_OTHER, /* another scheme: none of ours */
	PGP_ROW_OK,
	PGP_ROW_BAD, /* scheme PGP, or PGP joined on behind another one, but
			not to be read: a parameter twice,
			an unknown cover, an escape or control character in
			a value, a realm, nonce or cnonce over its maximum,
			something joined on with a comma, … */
};

/* Read the value of one row. Unknown parameters are passed over. */
enum pgp_row pgpauth_read(struct span value, struct pgp_params *out);

/*
 * Walk over the PGP rows of a message. field says which of the credential or
 * challenge fields is meant; own_name, when not NULL, is the configured header
 * name that stands in for (Proxy-)Authorization or Authentication-Info. *i
 * starts at 0. Returns the row, or NULL at the end; *what and *out describe it.
 * Rows of other schemes are passed over.
 */
const struct sip_row *pgpauth_next(const struct sip_msg *m,
				   enum sip_field field, const char *own_name,
				   size_t *i, enum pgp_row *what,
				   struct pgp_params *out);

/* One whole row with CRLF. name: "Authorization", … */
void pgpauth_write_challenge(struct buf *b, const char *name,
			     const struct pgp_params *p);
void pgpauth_write_credentials(struct buf *b, const char *name,
			       const struct pgp_params *p);

#endif

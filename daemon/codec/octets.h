/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * octets - what is signed: one function for signer and verifier alike.
 *
 * docs/protocol.md, "Signed octets", gives the form. All lengths are written
 * out, absent fields are written as absent: no two different inputs give the
 * same octets. p->signature is not part of it.
 *
 * Pure.
 */
#ifndef CODEC_OCTETS_H
#define CODEC_OCTETS_H

#include "codec/pgpauth.h"

/*
 * The octets of message m under parameters p, CSeq and RAck as they stand in m.
 * Rows of PGP credentials, challenges and status are no part of them. 0;
 * EMSGSIZE when they don't fit in b (64 KiB + 4 KiB always suffice).
 */
int octets_build(struct buf *b, const struct sip_msg *m,
		 const struct pgp_params *p);

#endif

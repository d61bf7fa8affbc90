/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sipread - the parts of sipmsg_read(), for the files sip*.c of this folder
 * only. Each gives SIP_OK or the first fault that it meets.
 */
#ifndef CODEC_SIPREAD_H
#define CODEC_SIPREAD_H

#include "codec/sipmsg.h"

/* sipstart.c: start line, as much as can be read of it; m is empty before. */
enum sip_fault sipstart_read(struct sip_msg *m, struct span line);
/* What a lenient reader would take for the method, into m. */
void sipstart_guess(struct sip_msg *m, struct span datagram);
/* SIP_OTHER when it is none known; *exact: written as RFC 3261 has it. */
enum sip_method sipstart_method(struct span name, bool *exact);
/* "sip:x": a scheme and something behind it, of characters of a URI. */
bool sipstart_uri_ok(struct span uri);

/* siprows.c: start line and rows of m->raw, and the rest as the body. */
enum sip_fault siprows_read(struct sip_msg *m);
/* Body and end of the message by Content-Length; all rows must be there. */
enum sip_fault siprows_body(struct sip_msg *m);

/* sipfields.c: From, To, Call-ID, CSeq and Via out of the rows. */
enum sip_fault sipfields_read(struct sip_msg *m);

/*
 * siposip.c: what osip2 makes of m->raw. 0: the same message; EPROTO: another;
 * EBADMSG: none; ENOMEM.
 */
int siposip_compare(const struct sip_msg *m);

#endif

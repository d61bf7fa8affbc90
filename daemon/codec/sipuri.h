/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sipuri - SIP URIs as identities (RFC 3261 sections 19.1.1 and 19.1.4).
 *
 * An identity is scheme, user and host: parameters, headers, password and a
 * default port say nothing about who somebody is. Its canonical form is
 * "sip:user@host" ("sips:" counts as "sip:", the host in lower case, escapes
 * of unreserved characters undone, the others' hex digits in upper case, the
 * user as it stands: users compare with case; a port other than 5060/5061 is
 * kept), or "tel:+number" without visual separators.
 *
 * Pure.
 */
#ifndef CODEC_SIPURI_H
#define CODEC_SIPURI_H

#include "base/span.h"

#define SIPURI_MAX 256 /* of a canonical form, with its NUL */

/* 0; EINVAL when it is no SIP, SIPS or tel URI; ENAMETOOLONG. */
int sipuri_canonical(char out[SIPURI_MAX], struct span uri);

/* "example.org" of a canonical form; absent for tel: URIs. */
struct span sipuri_host(const char *canonical);
struct span sipuri_user(const char *canonical);

/*
 * Does a canonical URI fit a pattern of the configuration? "*" stands for any
 * run of characters: "sip:*@example.org", "sip:bob@*", "*".
 */
bool sipuri_match(const char *pattern, const char *canonical);

#endif

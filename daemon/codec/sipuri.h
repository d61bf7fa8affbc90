/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sipuri - SIP URIs as identities (RFC 3261 sections 19.1.1 and 19.1.4).
 *
 * An identity is scheme, user and host: parameters, headers, password and a
 * default port say nothing about who somebody is. Its canonical form is
 * "sip:user@host" ("sips:" counts as "sip:", the host in lower case, escapes
 * of unreserved characters undone, the others' hex digits in upper case, the
 * user as it stands: users compare with case; a port other than 5060/5061 is
 * kept, a trailing dot is not, IPv6 as inet_ntop() writes it), or "tel:+number"
 * without visual separators. A local number (RFC 3966) is no identity.
 *
 * Pure.
 */
#ifndef CODEC_SIPURI_H
#define CODEC_SIPURI_H

#include "base/span.h"

#define SIPURI_MAX 256 /* of a canonical form, with its NUL */

/*
 * 0; EINVAL when it is no SIP, SIPS or tel URI; ENAMETOOLONG. out is "" on an
 * error.
 */
int sipuri_canonical(char out[SIPURI_MAX], struct span uri);

/*
 * "example.org" of a canonical form, without a port; "[2001:db8::1]" with its
 * brackets; absent for tel: URIs. The user is absent where there is none.
 */
struct span sipuri_host(const char *canonical);
struct span sipuri_user(const char *canonical);

/*
 * Does a canonical URI fit a pattern of the configuration? "*" stands for any
 * run of characters: "sip:*@example.org", "sip:bob@*", "*". The case of
 * letters counts in the user only.
 */
bool sipuri_match(const char *pattern, const char *canonical);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * explain - what is known of keys and of a URI, as JSON for sipsealctl(1).
 *
 * It comes in two parts: what the snapshots say, at once, and who certified
 * whom, for which gpg has to be asked, elsewhere and later.
 *
 * Thread: the loop's.
 */
#ifndef IO_EXPLAIN_H
#define IO_EXPLAIN_H

#include <jansson.h>

#include "crypto/web.h"
#include "io/control.h"

#define EXPLAIN_PAGE 64 /* keys in one answer */

/* A page of all keys, and "next" when there are more. */
json_t *explain_keys(const struct control_view *v, size_t from);

/* What is made of a URI, step by step; NULL when it is none. */
json_t *explain_check(const struct control_view *v, const char *uri);

/*
 * Fingerprints of those keys in an answer whose certifications are of interest:
 * they have a user ID that names a SIP URI. They live as long as the answer.
 */
size_t explain_fprs(const json_t *answer, const char *fpr[EXPLAIN_PAGE]);

/* Add "trust_model", and "certified_by" to each such user ID. */
void explain_web(json_t *answer, const struct web *w);

/* Text of other people may be no UTF-8: then it is shown octet by octet. */
json_t *explain_text(const char *s);

const char *explain_mode(enum conf_mode m);

#endif

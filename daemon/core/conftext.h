/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * conftext - the text of a configuration file, made ready for libconfuse, whose
 * scanner counts lines wrongly behind some comments, ends the process when a
 * file can't be read, and after a string that has no end or a bad escape takes
 * the next file for a string's rest. So comments are blanked here, and what
 * would upset it is a fault before it is asked.
 *
 * Thread: one owner.
 */
#ifndef CORE_CONFTEXT_H
#define CORE_CONFTEXT_H

#include "base/span.h"

#define CONFTEXT_MAX	  1048576 /* octets of a file */
#define CONFTEXT_SECTIONS 256

struct conftext {
	char *p; /* ends with a NUL */
	size_t len;
	size_t n_sections;
	int section_line[CONFTEXT_SECTIONS]; /* of the titles, in order */
};

/* Read a file, or take a string. 0; ENOMEM, EFBIG, EISDIR, errno of reading. */
int conftext_read(struct conftext *t, const char *file);
int conftext_take(struct conftext *t, const char *text);
void conftext_free(struct conftext *t);

/*
 * Blank comments, find sections. NULL, or what is wrong in *line: nothing else
 * may be done with the text then.
 */
const char *conftext_clean(struct conftext *t, int *line);

/*
 * Blank a line that is an assignment and nothing else, so that the faults
 * behind it can be looked for. false: it isn't one.
 */
bool conftext_drop(struct conftext *t, int line);

/* The last line, up to `line`, that holds a word; `line` when there is none. */
int conftext_line_of(const struct conftext *t, const char *word, int line);

#endif

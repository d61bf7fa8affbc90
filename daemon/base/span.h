/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * span - a view of octets that somebody else owns.
 *
 * Everything that is read from a datagram is a span into that datagram: it is
 * not NUL-terminated, may hold any octet, and lives as long as the datagram.
 * A span whose p is NULL is "absent"; one whose len is 0 is "empty".
 *
 * Thread: pure functions. Errors: none but those named.
 */
#ifndef BASE_SPAN_H
#define BASE_SPAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct span {
	const char *p;
	size_t len;
};

#define SPAN_NONE   ((struct span){ NULL, 0 })
#define SPAN_LIT(s) ((struct span){ (s), sizeof(s) - 1 })
/* for "%.*s" */
#define SPAN_ARG(s) (int)(s).len, (s).p

static inline struct span span_make(const void *p, size_t len)
{
	return (struct span){ p, len };
}

static inline struct span span_str(const char *s)
{
	return (struct span){ s, s ? strlen(s) : 0 };
}

static inline bool span_set(struct span s)
{
	return s.p != NULL;
}

/* Octet for octet; an absent span equals an empty one. */
bool span_eq(struct span a, struct span b);

/* ASCII letters without regard to case; independent of the locale. */
bool span_ieq(struct span a, struct span b);

/* The same with ASCII letters in lower case, in mem; s itself when it is longer
 * than cap. */
struct span span_lower(struct span s, char *mem, size_t cap);

/* Without leading and trailing SP, HTAB, CR and LF. */
struct span span_trim(struct span s);

/* Offset of the first c, or s.len. */
size_t span_find(struct span s, char c);

/* 1*DIGIT to *out. 0; EINVAL (empty, not digits); ERANGE (above 2^32-1). */
int span_u32(struct span s, uint32_t *out);

/*
 * Copy with a closing NUL. 0; ENAMETOOLONG when s.len >= cap (dst is then "");
 * EINVAL when s holds a NUL (dst is then "").
 */
int span_copy(char *dst, size_t cap, struct span s);

/* As much of src as fits, and a NUL; cap is not 0. */
void str_copy(char *dst, size_t cap, const char *src);

#endif

// SPDX-License-Identifier: GPL-2.0-or-later
#include "core/conftext.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static int read_all(struct conftext *t, int fd)
{
	for (;;) {
		ssize_t n = read(fd, t->p + t->len, CONFTEXT_MAX + 1 - t->len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno;
		if (n == 0)
			break;
		t->len += (size_t)n;
		if (t->len > CONFTEXT_MAX)
			return EFBIG;
	}
	t->p[t->len] = '\0';
	return 0;
}

int conftext_read(struct conftext *t, const char *file)
{
	int err, fd = open(file, O_RDONLY | O_CLOEXEC);

	memset(t, 0, sizeof(*t));
	if (fd < 0)
		return errno;
	t->p = malloc(CONFTEXT_MAX + 2);
	err = t->p ? read_all(t, fd) : ENOMEM;
	close(fd);
	if (err)
		conftext_free(t);
	return err;
}

int conftext_take(struct conftext *t, const char *text)
{
	memset(t, 0, sizeof(*t));
	t->p = strdup(text);
	t->len = strlen(text);
	return t->p ? 0 : ENOMEM;
}

void conftext_free(struct conftext *t)
{
	free(t->p);
	t->p = NULL;
}

struct scan {
	struct conftext *t;
	size_t i;
	int line;
	int word_line; /* of the last character that was neither blank nor { */
	int depth;
	int open_line; /* of the outermost brace that is open */
	char before;   /* that character */
};

static void blank_to_end_of_line(struct scan *s)
{
	while (s->i < s->t->len && s->t->p[s->i] != '\n')
		s->t->p[s->i++] = ' ';
}

static const char *blank_comment(struct scan *s)
{
	char *p = s->t->p + s->i, *end = strstr(p + 2, "*/");

	if (!end)
		return "this comment has no end";
	for (end += 2; p < end; p++) {
		if (*p == '\n')
			s->line++;
		else
			*p = ' ';
	}
	s->i = (size_t)(end - s->t->p);
	return NULL;
}

/* What no value needs and libconfuse's scanner stumbles over is not let in. */
static const char *pass_string(struct scan *s)
{
	const char *p = s->t->p + s->i, *q = p + 1;

	for (; *q != *p; q++) {
		if (!*q || *q == '\n')
			return "this string has no end on its line";
		if (*q == '\\')
			return "no backslash can stand in a string";
		if (*q == '$' && q[1] == '{')
			return "no variable can stand in a string";
	}
	s->i += (size_t)(q - p) + 1;
	return NULL;
}

static void open_brace(struct scan *s)
{
	struct conftext *t = s->t;

	if (s->depth++ > 0)
		return;
	s->open_line = s->line;
	if (s->before != '=' && t->n_sections < CONFTEXT_SECTIONS)
		t->section_line[t->n_sections++] = s->word_line;
}

static bool starts_token(const struct scan *s)
{
	return s->i == 0 || strchr(" \t\r\n={}(),\"'", s->t->p[s->i - 1]);
}

/* One character outside of strings and comments. */
static void pass_char(struct scan *s, char c)
{
	s->i++;
	if (c == '\n')
		s->line++;
	else if (c == '{')
		open_brace(s);
	else if (c == '}')
		s->depth--;
	if (!strchr(" \t\r\n{", c)) {
		s->word_line = s->line;
		s->before = c;
	}
}

static const char *scan_one(struct scan *s)
{
	const char *p = s->t->p + s->i;

	switch (*p) {
	case '\0':
		return "a NUL octet: this is no text";
	case '#':
		blank_to_end_of_line(s);
		return NULL;
	case '/':
		if (p[1] == '/' && starts_token(s)) {
			blank_to_end_of_line(s);
			return NULL;
		}
		if (p[1] == '*' && starts_token(s))
			return blank_comment(s);
		break;
	case '"':
	case '\'':
		s->word_line = s->line;
		s->before = *p;
		return pass_string(s);
	case '$':
		if (p[1] == '{')
			return "no variable can stand here";
		break;
	default:
		break;
	}
	pass_char(s, *p);
	return NULL;
}

const char *conftext_clean(struct conftext *t, int *line)
{
	struct scan s = { .t = t, .line = 1, .word_line = 1 };
	const char *fault = NULL;

	while (!fault && s.i < t->len)
		fault = scan_one(&s);
	*line = s.line;
	/* libconfuse takes the end of the file for that of a section */
	if (!fault && s.depth > 0) {
		*line = s.open_line;
		fault = "this brace is never closed";
	}
	return fault;
}

static struct span line_span(const struct conftext *t, int line)
{
	const char *p = t->p, *end;

	while (--line > 0) {
		p = strchr(p, '\n');
		if (!p)
			return SPAN_NONE;
		p++;
	}
	end = strchr(p, '\n');
	return span_make(p, end ? (size_t)(end - p) : strlen(p));
}

bool conftext_drop(struct conftext *t, int line)
{
	struct span s = line_span(t, line), text = span_trim(s);
	size_t equals = span_find(text, '=');

	if (equals == 0 || equals + 1 >= text.len ||
	    span_find(text, '{') < text.len || span_find(text, '}') < text.len)
		return false;
	memset(t->p + (s.p - t->p), ' ', s.len);
	return true;
}

int conftext_line_of(const struct conftext *t, const char *word, int line)
{
	for (int n = line; n > 0; n--) {
		struct span s = line_span(t, n);

		if (s.len && memmem(s.p, s.len, word, strlen(word)))
			return n;
	}
	return line;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "condition.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const struct text nothing = { NULL, 0 };

size_t message_header_len(const struct message *m)
{
	const char *p = m->all.p;

	for (size_t i = 0; i + 1 < m->all.len; i++) {
		if (p[i] != '\n')
			continue;
		if (p[i + 1] == '\n')
			return i + 2;
		if (p[i + 1] == '\r' && i + 2 < m->all.len && p[i + 2] == '\n')
			return i + 3;
	}
	return m->all.len;
}

/* ---- values ---- */

static struct text as_text(const char *s)
{
	return (struct text){ s, strlen(s) };
}

static struct text start_line(const struct message *m)
{
	struct text t = { m->all.p, strcspn(m->all.p, "\r\n") };

	return t;
}

static struct text branch_of(const struct message *m)
{
	struct text via = message_field(m, "Via", 0), t = nothing;

	for (size_t i = 0; i + 8 <= via.len; i++) {
		if (strncasecmp(via.p + i, ";branch=", 8))
			continue;
		t.p = via.p + i + 8;
		while (i + 8 + t.len < via.len && !strchr(";, \t", t.p[t.len]))
			t.len++;
		break;
	}
	return t;
}

static struct text number(char *room, unsigned long long n)
{
	snprintf(room, 64, "%llu", n);
	return as_text(room);
}

static struct text part(const struct message *m, bool body)
{
	size_t len = message_header_len(m);
	struct text t = { m->all.p, len };

	if (body)
		t = (struct text){ m->all.p + len, m->all.len - len };
	return t.len ? t : nothing;
}

static struct text of_message(const struct message *m, const char *what,
			      char *room)
{
	if (!strcmp(what, "start"))
		return start_line(m);
	if (!strcmp(what, "method"))
		return m->method;
	if (!strcmp(what, "call-id"))
		return m->call_id;
	if (!strcmp(what, "from-tag"))
		return text_tag(message_field(m, "From", 0));
	if (!strcmp(what, "to-tag"))
		return text_tag(message_field(m, "To", 0));
	if (!strcmp(what, "branch"))
		return branch_of(m);
	if (!strcmp(what, "header"))
		return part(m, false);
	if (!strcmp(what, "body"))
		return part(m, true);
	if (!strcmp(what, "all"))
		return m->all;
	if (!strcmp(what, "status"))
		return m->request ? nothing : number(room, m->status);
	if (!strcmp(what, "cseq"))
		return number(room, m->cseq);
	return nothing;
}

static struct text of_packet(const struct message *m, const char *what,
			     char *room)
{
	if (!strcmp(what, "src"))
		return as_text(m->src);
	if (!strcmp(what, "dst"))
		return as_text(m->dst);
	if (!strcmp(what, "sport"))
		return number(room, m->sport);
	if (!strcmp(what, "dport"))
		return number(room, m->dport);
	if (!strcmp(what, "octets"))
		return number(room, m->all.len);
	if (!strcmp(what, "wire"))
		return number(room, m->wire);
	if (!strcmp(what, "time"))
		return number(room, m->us);
	if (!strcmp(what, "fragmented"))
		return m->fragmented ? as_text("yes") : nothing;
	return nothing;
}

struct text condition_value(const struct message *m, const char *what, size_t n,
			    char *room)
{
	struct text t;

	if (isupper((unsigned char)what[0]))
		return message_field(m, what, n);
	if (n)
		return nothing;
	t = of_message(m, what, room);
	return t.p ? t : of_packet(m, what, room);
}

/* ---- conditions ---- */

static bool is_known(const char *what)
{
	static const char *const known[] = {
		"start",      "method", "status", "cseq",    "call-id",
		"from-tag",   "to-tag", "branch", "src",     "dst",
		"sport",      "dport",	"octets", "wire",    "time",
		"header",     "body",	"all",	  "request", "response",
		"fragmented",
	};

	if (isupper((unsigned char)what[0]))
		return true;
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (!strcmp(what, known[i]))
			return true;
	}
	return false;
}

static const char *add_value(struct condition *c, const char *value)
{
	c->value = strdup(value);
	if (!c->value)
		return "out of memory";
	if (c->test == MATCHES &&
	    regcomp(&c->regex, value, REG_EXTENDED | REG_ICASE | REG_NOSUB))
		return "no regular expression";
	return NULL;
}

const char *condition_add(struct conditions *all, const char *text)
{
	struct condition *c = &all->c[all->n];
	size_t len;

	if (all->n == CONDITIONS_MAX)
		return "too many conditions";
	memset(c, 0, sizeof(*c));
	c->negated = *text == '!';
	text += c->negated;
	len = strcspn(text, "!=~");
	if (!len || len >= sizeof(c->what))
		return "no condition";
	memcpy(c->what, text, len);
	if (!is_known(c->what))
		return "nothing of that name";
	all->n++;
	if (!text[len])
		return NULL;
	if (text[len] == '!') {
		c->negated = true;
		len++;
	}
	if (text[len] != '=' && text[len] != '~')
		return "no condition";
	c->test = text[len] == '=' ? IS : MATCHES;
	return add_value(c, text + len + 1);
}

static bool value_meets(struct condition *c, struct text t)
{
	char *copy;
	bool met;

	if (c->test == IS_THERE)
		return true;
	if (c->test == IS)
		return text_is(t, c->value);
	copy = strndup(t.p, t.len);
	if (!copy)
		return false;
	met = !regexec(&c->regex, copy, 0, NULL, 0);
	free(copy);
	return met;
}

static bool is_met(struct condition *c, const struct message *m)
{
	char room[64];
	struct text t;

	if (!strcmp(c->what, "request"))
		return m->request != c->negated;
	if (!strcmp(c->what, "response"))
		return m->request == c->negated;
	for (size_t i = 0; (t = condition_value(m, c->what, i, room)).p; i++) {
		if (value_meets(c, t))
			return !c->negated;
	}
	return c->negated;
}

bool conditions_met(struct conditions *all, const struct message *m)
{
	for (size_t i = 0; i < all->n; i++) {
		if (!is_met(&all->c[i], m))
			return false;
	}
	return true;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pick - the messages of a capture that meet all conditions.
 *
 *   pick [-c] [-u] [-l] [-f WHAT]... CAPTURE CONDITION...
 *
 *   -c  print how many there are
 *   -u  the same octets are one message, however often they came
 *   -l  the last one only
 *   -f  print this of each, separated by tabs (the start line; condition.h
 *       says what there is); rows of a field are joined by " | "
 *
 * Status: 0 there is one; 1 there is none; 2 it was not called rightly.
 */
#include "condition.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define WHATS_MAX 16

struct pick {
	bool count, once, last;
	const char *what[WHATS_MAX];
	size_t n_whats;
	struct conditions conditions;
	struct capture c;
};

static void die(const char *what, const char *why)
{
	fprintf(stderr, "pick: %s: %s\n", what, why);
	exit(2);
}

static void print_what(const struct message *m, const char *what)
{
	char room[64];
	struct text t;

	for (size_t i = 0; (t = condition_value(m, what, i, room)).p; i++) {
		if (i)
			fputs(" | ", stdout);
		fwrite(t.p, 1, t.len, stdout);
	}
}

static void print_message(const struct pick *p, const struct message *m)
{
	for (size_t i = 0; i < p->n_whats; i++) {
		if (i)
			putchar('\t');
		print_what(m, p->what[i]);
	}
	putchar('\n');
}

static bool was_before(const struct capture *c, const struct message *m)
{
	for (const struct message *x = c->m; x < m; x++) {
		if (text_same(x->all, m->all))
			return true;
	}
	return false;
}

static void read_options(struct pick *p, int argc, char **argv)
{
	int opt;

	/* "+": a condition may begin with anything */
	while ((opt = getopt(argc, argv, "+culf:")) != -1) {
		switch (opt) {
		case 'c':
			p->count = true;
			break;
		case 'u':
			p->once = true;
			break;
		case 'l':
			p->last = true;
			break;
		case 'f':
			if (p->n_whats == WHATS_MAX)
				die(optarg, "too many");
			p->what[p->n_whats++] = optarg;
			break;
		default:
			die("usage", "pick [-cul] [-f WHAT]... CAPTURE "
				     "CONDITION...");
		}
	}
	if (!p->n_whats)
		p->what[p->n_whats++] = "start";
}

int main(int argc, char **argv)
{
	static struct pick p;
	const struct message *m, *last = NULL;
	const char *error;
	size_t n = 0;

	read_options(&p, argc, argv);
	if (optind == argc)
		die("usage", "no capture");
	for (int i = optind + 1; i < argc; i++) {
		error = condition_add(&p.conditions, argv[i]);
		if (error)
			die(argv[i], error);
	}
	error = capture_read(&p.c, argv[optind], 0);
	if (error)
		die(argv[optind], error);
	capture_sort(&p.c);
	for (m = p.c.m; m < p.c.m + p.c.n; m++) {
		if (!conditions_met(&p.conditions, m) ||
		    (p.once && was_before(&p.c, m)))
			continue;
		n++;
		last = m;
		if (!p.count && !p.last)
			print_message(&p, m);
	}
	if (p.count)
		printf("%zu\n", n);
	else if (p.last && last)
		print_message(&p, last);
	return n ? 0 : 1;
}

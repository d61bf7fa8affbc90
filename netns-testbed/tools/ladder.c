/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ladder - the SIP messages of packet captures as a message ladder.
 *
 *   ladder [-c NODE,NODE,...] [-a ADDRESS=NODE]... [-x CAPTURE]... [-i CALL-ID]
 *          [-n METHOD]... [-t] [-s FILE.svg] [LEFT:RIGHT=]CAPTURE...
 *
 *   -c  the nodes, from left to right; without it every address is a column
 *   -a  an address of a node
 *   -x  what an attacker sent: messages that are in it are forged
 *   -i  only this call
 *   -n  not this method
 *   -t  as rows for programs, separated by tabs: microseconds, link, sender,
 *       receiver, "request" or "response", method, status, CSeq number,
 *       Call-ID, octets, marks, "forged" or "-", "stopped" or "-"
 *   -s  as a picture, too
 *
 * LEFT:RIGHT says that a capture is of the link between two nodes. Who sends
 * is then a question of which side the source address lives on: routers on the
 * way forward packets that bear other people's addresses.
 */
#include "message.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define NODES_MAX     32
#define ADDRESSES_MAX 64
#define FILES_MAX     32
#define SKIP_MAX      8
#define CELL	      13
#define PHRASE_MAX    29
#define NONE	      SIZE_MAX

struct link {
	const char *path;
	size_t left, right; /* NONE: not of a link */
};

struct ladder {
	char *node[NODES_MAX];
	size_t n_nodes;
	bool fixed; /* the nodes were named */
	struct {
		char *text;
		size_t node;
	} address[ADDRESSES_MAX];
	size_t n_addresses;
	struct link link[FILES_MAX];
	size_t n_links;
	struct capture seen, forged;
	const char *skip[SKIP_MAX];
	size_t n_skip;
	const char *call_id;
	bool rows;
	const char *svg;
};

/* A message as an arrow. */
struct arrow {
	const struct message *m;
	size_t from, to;
	bool forged, stopped;
	char marks[256];
	char label[512];
};

static void die(const char *what, const char *why)
{
	fprintf(stderr, "ladder: %s: %s\n", what, why);
	exit(1);
}

static const char usage_text[] =
	"usage: ladder [-c NODE,NODE,...] [-a ADDRESS=NODE]... "
	"[-x CAPTURE]...\n"
	"              [-i CALL-ID] [-n METHOD]... [-t] "
	"[-s FILE.svg] [LEFT:RIGHT=]CAPTURE...\n";

static void usage(void)
{
	fputs(usage_text, stderr);
	exit(2);
}

static void help(void)
{
	printf("%s\n"
	       "  -c  the nodes, from left to right\n"
	       "  -a  an address of a node\n"
	       "  -x  what an attacker sent: it is marked as forged\n"
	       "  -i  only this call\n"
	       "  -n  not this method\n"
	       "  -t  as rows for programs, separated by tabs\n"
	       "  -s  as a picture, too\n",
	       usage_text);
	exit(0);
}

/* ---- nodes ---- */

static size_t node_find(struct ladder *l, const char *name, size_t len)
{
	for (size_t i = 0; i < l->n_nodes; i++) {
		if (strlen(l->node[i]) == len && !memcmp(l->node[i], name, len))
			return i;
	}
	return NONE;
}

static size_t node_add(struct ladder *l, const char *name, size_t len)
{
	size_t i = node_find(l, name, len);

	if (i != NONE)
		return i;
	if (l->n_nodes == NODES_MAX)
		die(name, "too many nodes");
	l->node[l->n_nodes] = strndup(name, len);
	return l->n_nodes++;
}

static size_t node_named(struct ladder *l, const char *name, size_t len)
{
	size_t i = node_find(l, name, len);

	if (i == NONE)
		die(name, "no such node (-c names them)");
	return i;
}

static void read_nodes(struct ladder *l, const char *list)
{
	size_t len;

	for (; *list; list += len + (list[len] == ',')) {
		len = strcspn(list, ",");
		if (len)
			node_add(l, list, len);
	}
	l->fixed = true;
}

static void read_address(struct ladder *l, const char *arg)
{
	const char *eq = strchr(arg, '=');

	if (!eq || l->n_addresses == ADDRESSES_MAX)
		usage();
	l->address[l->n_addresses].text = strndup(arg, (size_t)(eq - arg));
	l->address[l->n_addresses++].node =
		node_named(l, eq + 1, strlen(eq + 1));
}

static size_t node_at(struct ladder *l, const char *address)
{
	for (size_t i = 0; i < l->n_addresses; i++) {
		if (!strcmp(l->address[i].text, address))
			return l->address[i].node;
	}
	return l->fixed ? NONE : node_add(l, address, strlen(address));
}

/* ---- captures ---- */

static void read_link(struct ladder *l, const char *arg)
{
	const char *eq = strchr(arg, '='), *colon = strchr(arg, ':');
	struct link *k = &l->link[l->n_links];
	const char *error;

	if (l->n_links == FILES_MAX)
		die(arg, "too many captures");
	k->left = k->right = NONE;
	k->path = arg;
	if (eq && colon && colon < eq) {
		k->left = node_named(l, arg, (size_t)(colon - arg));
		k->right = node_named(l, colon + 1, (size_t)(eq - colon - 1));
		k->path = eq + 1;
	}
	error = capture_read(&l->seen, k->path, l->n_links++);
	if (error)
		die(k->path, error);
}

static void read_forged(struct ladder *l, const char *path)
{
	const char *error = capture_read(&l->forged, path, 0);

	if (error)
		die(path, error);
}

static bool is_forged(const struct ladder *l, const struct message *m)
{
	for (size_t i = 0; i < l->forged.n; i++) {
		if (text_same(l->forged.m[i].all, m->all))
			return true;
	}
	return false;
}

/* ---- what is to be said about a message ---- */

static void mark(struct arrow *a, const char *text)
{
	size_t len = strlen(a->marks);

	snprintf(a->marks + len, sizeof(a->marks) - len, "%s%s",
		 len ? ", " : "", text);
}

static void mark_request(struct arrow *a)
{
	const struct message *m = a->m;

	if (message_has(m, "Authorization", "Digest") ||
	    message_has(m, "Proxy-Authorization", "Digest"))
		mark(a, "Digest");
	if (message_has(m, "Supported", "pgp-auth"))
		mark(a, "can sign");
	if (message_has(m, "Authorization", "PGP") ||
	    message_has(m, "Proxy-Authorization", "PGP"))
		mark(a, "PGP signed");
	if (message_has(m, "Reason", "PGP"))
		mark(a, "PGP ticket");
}

static void mark_response(struct arrow *a)
{
	const struct message *m = a->m;

	if (message_has(m, "WWW-Authenticate", "Digest") ||
	    message_has(m, "Proxy-Authenticate", "Digest"))
		mark(a, "Digest challenge");
	if (message_has(m, "WWW-Authenticate", "PGP") ||
	    message_has(m, "Proxy-Authenticate", "PGP"))
		mark(a, "PGP challenge");
	if (message_has(m, "Authentication-Info", "PGP"))
		mark(a, "PGP signed");
}

static void describe(struct arrow *a)
{
	const struct message *m = a->m;
	struct text status = message_field(m, "P-PGP-Status", 0);
	char text[128];
	int n;

	if (m->request)
		mark_request(a);
	else
		mark_response(a);
	if (status.p) {
		/* the first word; the row says more */
		n = (int)strcspn(status.p, "; \r\n");
		snprintf(text, sizeof(text), "phone told: %.*s",
			 n < 60 ? n : 60, status.p);
		mark(a, text);
	}
	if (m->request)
		n = snprintf(a->label, sizeof(a->label), "%s%.*s %lu",
			     a->forged ? "FORGED " : "", TEXT_FMT(m->method),
			     m->cseq);
	else
		n = snprintf(
			a->label, sizeof(a->label), "%s%u %.*s%s (%.*s %lu)",
			a->forged ? "FORGED " : "", m->status,
			m->phrase.len < PHRASE_MAX ? (int)m->phrase.len
						   : PHRASE_MAX,
			m->phrase.p, m->phrase.len > PHRASE_MAX ? "..." : "",
			TEXT_FMT(m->method), m->cseq);
	snprintf(a->label + n, sizeof(a->label) - (size_t)n,
		 "  %zu B%s%s%s%s%s", m->wire,
		 m->fragmented ? " in fragments" : "", a->marks[0] ? "  [" : "",
		 a->marks, a->marks[0] ? "]" : "",
		 a->stopped ? "  stopped" : "");
}

/* ---- arrows ---- */

enum side { NOWHERE, LEFT, RIGHT, BOTH };

/*
 * The sides of a link that an address lives on. Both: a host's phone and the
 * host itself are nodes of one address, and a link lies between them.
 */
static enum side side_of(const struct ladder *l, const struct link *k,
			 const char *address)
{
	unsigned int side = NOWHERE;

	for (size_t i = 0; i < l->n_addresses; i++) {
		if (!strcmp(l->address[i].text, address))
			side |= l->address[i].node <= k->left ? LEFT : RIGHT;
	}
	return side;
}

static void place(struct ladder *l, struct arrow *a)
{
	const struct link *k = &l->link[a->m->file];
	enum side dst;
	bool to_right;

	if (k->left == NONE) {
		a->from = node_at(l, a->m->src);
		a->to = node_at(l, a->m->dst);
		return;
	}
	/* source addresses may be forged */
	dst = side_of(l, k, a->m->dst);
	if (dst == LEFT || dst == RIGHT)
		to_right = dst == RIGHT;
	else
		to_right = side_of(l, k, a->m->src) != RIGHT;
	a->from = to_right ? k->left : k->right;
	a->to = to_right ? k->right : k->left;
}

static bool wanted(const struct ladder *l, const struct message *m)
{
	if (l->call_id && !text_is(m->call_id, l->call_id))
		return false;
	for (size_t i = 0; i < l->n_skip; i++) {
		if (text_is(m->method, l->skip[i]))
			return false;
	}
	return true;
}

/* Is there a capture of the next link, and is the message not in it? */
static bool was_stopped(const struct ladder *l, const struct arrow *all,
			size_t n, const struct arrow *a)
{
	bool way_on = false;

	for (size_t i = 0; i < l->n_links; i++) {
		const struct link *k = &l->link[i];

		way_on |= k->left != NONE && i != a->m->file &&
			  (a->to > a->from ? k->left : k->right) == a->to;
	}
	for (size_t i = 0; way_on && i < n; i++) {
		const struct message *m = all[i].m;

		if (all[i].from == a->to && all[i].to != a->from &&
		    m->us >= a->m->us && m->request == a->m->request &&
		    m->cseq == a->m->cseq && m->status == a->m->status &&
		    text_same(m->method, a->m->method) &&
		    text_same(m->call_id, a->m->call_id))
			return false;
	}
	return way_on;
}

static size_t make_arrows(struct ladder *l, struct arrow **out)
{
	struct arrow *all = calloc(l->seen.n + 1, sizeof(*all)), *a;
	size_t n = 0;

	if (!all)
		die("messages", "out of memory");
	for (size_t i = 0; i < l->seen.n; i++) {
		if (!wanted(l, &l->seen.m[i]))
			continue;
		a = &all[n];
		a->m = &l->seen.m[i];
		place(l, a);
		if (a->from == NONE || a->to == NONE || a->from == a->to)
			continue;
		a->forged = is_forged(l, a->m);
		n++;
	}
	for (size_t i = 0; i < n; i++) {
		a = &all[i];
		a->stopped = a->forged && was_stopped(l, all, n, a);
		describe(a);
	}
	*out = all;
	return n;
}

/* ---- as rows ---- */

static void print_rows(const struct ladder *l, const struct arrow *a, size_t n)
{
	for (; n--; a++) {
		const struct link *k = &l->link[a->m->file];

		printf("%llu\t", (unsigned long long)a->m->us);
		if (k->left == NONE)
			printf("-\t");
		else
			printf("%s:%s\t", l->node[k->left], l->node[k->right]);
		printf("%s\t%s\t%s\t%.*s\t%u\t%lu\t%.*s\t%zu\t%s\t%s\t%s\n",
		       l->node[a->from], l->node[a->to],
		       a->m->request ? "request" : "response",
		       TEXT_FMT(a->m->method), a->m->status, a->m->cseq,
		       TEXT_FMT(a->m->call_id), a->m->wire,
		       a->marks[0] ? a->marks : "-", a->forged ? "forged" : "-",
		       a->stopped ? "stopped" : "-");
	}
}

/* ---- as text ---- */

static void print_heads(const struct ladder *l)
{
	size_t width = l->n_nodes * CELL + 64;
	char *line = malloc(width + 1);
	size_t end = 0, len, x;

	if (!line)
		die("heads", "out of memory");
	memset(line, ' ', width);
	for (size_t i = 0; i < l->n_nodes; i++) {
		len = strlen(l->node[i]);
		x = i * CELL + CELL / 2;
		x = x > len / 2 ? x - len / 2 : 0;
		if (i && x <= end)
			x = end + 1;
		memcpy(line + x, l->node[i], len);
		end = x + len;
	}
	line[end] = '\0';
	printf("%10s  %s\n", "ms", line);
	free(line);
}

static void print_arrow(const struct ladder *l, const struct arrow *a,
			uint64_t start)
{
	char line[NODES_MAX * CELL + 1];
	size_t lo, hi;

	memset(line, ' ', sizeof(line));
	for (size_t i = 0; i < l->n_nodes; i++)
		line[i * CELL + CELL / 2] = '|';
	lo = (a->from < a->to ? a->from : a->to) * CELL + CELL / 2 + 1;
	hi = (a->from < a->to ? a->to : a->from) * CELL + CELL / 2 - 1;
	memset(line + lo, a->forged ? '~' : '-', hi - lo + 1);
	line[a->to > a->from ? hi : lo] = a->to > a->from ? '>' : '<';
	if (a->stopped)
		line[a->to > a->from ? hi + 1 : lo - 1] = 'X';
	line[l->n_nodes * CELL] = '\0';
	printf("%10.3f  %s%s\n", (double)(a->m->us - start) / 1000, line,
	       a->label);
}

static void print_text(const struct ladder *l, const struct arrow *a, size_t n)
{
	if (!n) {
		puts("no SIP messages");
		return;
	}
	print_heads(l);
	for (size_t i = 0; i < n; i++)
		print_arrow(l, &a[i], a->m->us);
}

/* ---- as a picture ---- */

#define SVG_TIME   90
#define SVG_COLUMN 150
#define SVG_ROW	   30
#define SVG_LABEL  520

static void svg_text(FILE *f, const char *s)
{
	for (; *s; s++) {
		switch (*s) {
		case '<':
			fputs("&lt;", f);
			break;
		case '>':
			fputs("&gt;", f);
			break;
		case '&':
			fputs("&amp;", f);
			break;
		default:
			if ((unsigned char)*s >= ' ')
				putc(*s, f);
		}
	}
}

static size_t svg_x(size_t node)
{
	return SVG_TIME + SVG_COLUMN / 2 + node * SVG_COLUMN;
}

#define RED    "#c0392b"
#define GREEN  "#1e7b4f"
#define ORANGE "#b9770e"
#define GREY   "#34495e"

static const char *svg_colour(const struct arrow *a)
{
	if (a->forged)
		return RED;
	if (strstr(a->marks, "PGP") || strstr(a->marks, "told: valid"))
		return GREEN;
	return strstr(a->marks, "told:") ? ORANGE : GREY;
}

static void svg_legend(FILE *f, size_t y)
{
	fprintf(f,
		"<text x=\"%d\" y=\"%zu\"><tspan fill=\"" GREEN
		"\">PGP: challenge, signed, verified</tspan>  <tspan dx=\"24\" "
		"fill=\"" ORANGE
		"\">told to a phone: unsigned or not trusted</tspan>  "
		"<tspan dx=\"24\" fill=\"" RED
		"\">forged, X: stopped</tspan></text>\n",
		SVG_TIME, y);
}

static void svg_arrow(FILE *f, const struct ladder *l, const struct arrow *a,
		      size_t y, uint64_t start)
{
	size_t x1 = svg_x(a->from), x2 = svg_x(a->to);
	int tip = x2 > x1 ? -9 : 9;

	fprintf(f, "<text x=\"%d\" y=\"%zu\" text-anchor=\"end\">%.3f</text>\n",
		SVG_TIME - 10, y + 4, (double)(a->m->us - start) / 1000);
	fprintf(f,
		"<g stroke=\"%s\" fill=\"%s\"><line x1=\"%zu\" y1=\"%zu\" "
		"x2=\"%zu\" y2=\"%zu\"%s/><path d=\"M%zu %zul%d -5v10z\"/>",
		svg_colour(a), svg_colour(a), x1, y, x2, y,
		a->forged ? " stroke-dasharray=\"5 3\"" : "", x2, y, tip);
	if (a->stopped)
		fprintf(f,
			"<path stroke-width=\"3\" d=\"M%zu %zul12 12m0 "
			"-12l-12 12\"/>",
			x2 - 6, y - 6);
	fprintf(f, "</g>\n<text x=\"%zu\" y=\"%zu\" fill=\"%s\">",
		svg_x(l->n_nodes - 1) + 20, y + 4, svg_colour(a));
	svg_text(f, a->label);
	fputs("</text>\n", f);
}

static void write_svg(const struct ladder *l, const struct arrow *a, size_t n)
{
	size_t height = 84 + n * SVG_ROW;
	size_t width = SVG_TIME + l->n_nodes * SVG_COLUMN + SVG_LABEL;
	FILE *f = fopen(l->svg, "w");

	if (!f)
		die(l->svg, "can't be written");
	fprintf(f,
		"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%zu\" "
		"height=\"%zu\" font-family=\"sans-serif\" font-size=\"12\">\n"
		"<rect width=\"100%%\" height=\"100%%\" fill=\"white\"/>\n",
		width, height);
	fprintf(f, "<text x=\"%d\" y=\"26\" text-anchor=\"end\">ms</text>\n",
		SVG_TIME - 10);
	for (size_t i = 0; i < l->n_nodes; i++) {
		fprintf(f,
			"<line x1=\"%zu\" y1=\"36\" x2=\"%zu\" y2=\"%zu\" "
			"stroke=\"#bbb\"/>\n<text x=\"%zu\" y=\"26\" "
			"text-anchor=\"middle\" font-weight=\"bold\">",
			svg_x(i), svg_x(i), height - 34, svg_x(i));
		svg_text(f, l->node[i]);
		fputs("</text>\n", f);
	}
	for (size_t i = 0; i < n; i++)
		svg_arrow(f, l, &a[i], 56 + i * SVG_ROW, a->m->us);
	svg_legend(f, height - 12);
	fputs("</svg>\n", f);
	if (fclose(f))
		die(l->svg, "can't be written");
}

/* ---- */

static void read_options(struct ladder *l, int argc, char **argv)
{
	int opt;

	while ((opt = getopt(argc, argv, "c:a:x:i:n:ts:h")) != -1) {
		switch (opt) {
		case 'h':
			help();
			break;
		case 'c':
			read_nodes(l, optarg);
			break;
		case 'a':
			read_address(l, optarg);
			break;
		case 'x':
			read_forged(l, optarg);
			break;
		case 'i':
			l->call_id = optarg;
			break;
		case 'n':
			if (l->n_skip < SKIP_MAX)
				l->skip[l->n_skip++] = optarg;
			break;
		case 't':
			l->rows = true;
			break;
		case 's':
			l->svg = optarg;
			break;
		default:
			usage();
		}
	}
}

int main(int argc, char **argv)
{
	static struct ladder l;
	struct arrow *arrows;
	size_t n;

	read_options(&l, argc, argv);
	if (optind == argc)
		usage();
	while (optind < argc)
		read_link(&l, argv[optind++]);
	capture_sort(&l.seen);
	n = make_arrows(&l, &arrows);
	if (l.rows)
		print_rows(&l, arrows, n);
	else
		print_text(&l, arrows, n);
	if (l.svg)
		write_svg(&l, arrows, n);
	free(arrows);
	return 0;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * craft - send a message that somebody else sent, changed.
 *
 *   craft [-r CAPTURE [-w CONDITION]...] [EDIT...] -s ADDRESS -d ADDRESS
 *         [-p PORT] [-q PORT] [-F OCTETS] [-O] [-E] [-n COPIES] [-P]
 *         [-V VLAN,INTERFACE,MAC]
 *
 * The message is the last of the capture that meets the conditions (pick says
 * what these are), or standard input. Edits, in the order in which they stand:
 *
 *   -S LINE      another start line
 *   -H ROW       "Name: value" in the place of all rows of that name, or at
 *                the end of the header
 *   -A ROW       a row more, at the end; -T ROW at the top
 *   -D NAME      without rows of that name
 *   -B BODY      another body (and Content-Length)
 *   -x /OLD/NEW/ all OLDs into NEWs, any sign in the place of the slash
 *   -f FORM      another form: lf, compact, case, fold, space (before
 *                the colon)
 *   -K OCTETS    cut off behind so many
 *
 * "\r", "\n", "\t", "\0", "\\" in arguments are these characters. The packet
 * goes out of a raw socket as from -s, port -p, to -d, port -q (5060), needs no
 * socket of its own there, and can be in fragments of -F octets, have an IP
 * option or an IPv6 hop-by-hop header (-O), or the evil form of two IPv6
 * extension headers (-E). -V: in Ethernet frames of the VLAN, out of the
 * interface, to the MAC address. It is printed. -P: do nothing but print.
 */
#include "condition.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/ether.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define ROOM	 131072
#define HEADROOM 128
#define FRAGMENT 1400 /* what raw sockets take */

struct buffer {
	char p[ROOM];
	size_t len;
};

struct craft {
	struct buffer text;
	const char *source, *destination;
	unsigned int sport, dport;
	size_t fragment;
	bool options, extensions, print_only;
	unsigned int vlan, interface; /* 0: routed as others are */
	uint8_t mac[6];
	int copies;
};

static void die(const char *what, const char *why)
{
	fprintf(stderr, "craft: %s: %s\n", what, why);
	exit(1);
}

/* ---- text ---- */

static void put(struct buffer *b, const char *p, size_t len)
{
	if (len >= ROOM - b->len)
		die("message", "too long");
	memcpy(b->p + b->len, p, len);
	b->len += len;
	b->p[b->len] = '\0';
}

static void puts_(struct buffer *b, const char *s)
{
	put(b, s, strlen(s));
}

/* In place; the new length, for there may be NULs in it. */
static size_t unescape(char *s)
{
	static const char names[] = "rnt0\\", signs[] = "\r\n\t\0\\";
	char *out = s;
	const char *at;

	for (const char *p = s; *p; p++) {
		at = *p == '\\' && p[1] ? strchr(names, p[1]) : NULL;
		*out++ = at ? signs[at - names] : *p;
		p += at != NULL;
	}
	*out = '\0';
	return (size_t)(out - s);
}

/* ---- lines ---- */

/* The length of the line at p, its end included. */
static size_t line_len(const char *p, const char *end)
{
	const char *nl = memchr(p, '\n', (size_t)(end - p));

	return nl ? (size_t)(nl - p) + 1 : (size_t)(end - p);
}

/* The length of the row at p, its folded lines included. */
static size_t row_len(const char *p, const char *end)
{
	size_t len = line_len(p, end);

	while (p + len < end && (p[len] == ' ' || p[len] == '\t'))
		len += line_len(p + len, end);
	return len;
}

static bool is_empty_line(const char *p, size_t len)
{
	return (len == 1 && *p == '\n') || (len == 2 && !memcmp(p, "\r\n", 2));
}

static bool has_name(const char *p, size_t len, const char *name, size_t n)
{
	const char *colon = memchr(p, ':', len);
	size_t have = colon ? (size_t)(colon - p) : 0;

	while (have && (p[have - 1] == ' ' || p[have - 1] == '\t'))
		have--;
	return have == n && !strncasecmp(p, name, n);
}

/* ---- edits: from one buffer to another ---- */

/*
 * Rows named like the one given go; it stands for the first of them, or at the
 * end. name only (n == len of row): no row in their place.
 */
static void edit_rows(struct buffer *in, struct buffer *out, const char *row,
		      size_t n)
{
	const char *p = in->p, *end = in->p + in->len;
	bool done = !row[n], start = true;
	size_t len;

	for (; p < end; p += len) {
		len = row_len(p, end);
		if (!start && is_empty_line(p, len))
			break;
		if (start || !has_name(p, len, row, n)) {
			put(out, p, len);
		} else if (!done) {
			puts_(out, row);
			puts_(out, "\r\n");
			done = true;
		}
		start = false;
	}
	if (!done) {
		puts_(out, row);
		puts_(out, "\r\n");
	}
	put(out, p, (size_t)(end - p));
}

static void edit_append(struct buffer *in, struct buffer *out, const char *row,
			bool top)
{
	const char *p = in->p, *end = in->p + in->len;
	size_t len = line_len(p, end);

	put(out, p, len);
	p += len;
	for (; !top && p < end; p += len) {
		len = line_len(p, end);
		if (is_empty_line(p, len))
			break;
		put(out, p, len);
	}
	puts_(out, row);
	puts_(out, "\r\n");
	put(out, p, (size_t)(end - p));
}

static void edit_start(struct buffer *in, struct buffer *out, const char *line)
{
	size_t len = line_len(in->p, in->p + in->len);

	puts_(out, line);
	puts_(out, "\r\n");
	put(out, in->p + len, in->len - len);
}

static void edit_body(struct buffer *in, struct buffer *out, const char *body,
		      size_t len)
{
	struct message m = { .all = { in->p, in->len } };
	struct buffer *head = calloc(1, sizeof(*head));
	char row[64];

	if (!head)
		die("body", "out of memory");
	put(head, in->p, message_header_len(&m));
	snprintf(row, sizeof(row), "Content-Length: %zu", len);
	edit_rows(head, out, row, strlen("Content-Length"));
	put(out, body, len);
	free(head);
}

static void edit_replace(struct buffer *in, struct buffer *out, char *arg)
{
	char *old = arg + 1, *new, *end;
	size_t at = 0, n;

	new = strchr(old, arg[0]);
	end = new ? strchr(new + 1, arg[0]) : NULL;
	if (!end || new == old)
		die(arg, "not of the form /OLD/NEW/");
	*new ++ = *end = '\0';
	n = unescape(old);
	unescape(new);
	while (at < in->len) {
		if (in->len - at >= n && !memcmp(in->p + at, old, n)) {
			puts_(out, new);
			at += n;
		} else {
			put(out, in->p + at++, 1);
		}
	}
}

/* ---- forms ---- */

static const char *compact(const char *p, size_t len)
{
	static const char *const forms[][2] = {
		{ "Via", "v" },		 { "From", "f" },
		{ "To", "t" },		 { "Call-ID", "i" },
		{ "Contact", "m" },	 { "Supported", "k" },
		{ "Content-Type", "c" }, { "Content-Length", "l" },
	};

	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		if (len == strlen(forms[i][0]) &&
		    !strncasecmp(p, forms[i][0], len))
			return forms[i][1];
	}
	return NULL;
}

static void put_swapped(struct buffer *out, const char *p, size_t len)
{
	char c;

	for (size_t i = 0; i < len; i++) {
		c = (char)(i % 2 ? toupper((unsigned char)p[i])
				 : tolower((unsigned char)p[i]));
		put(out, &c, 1);
	}
}

static void put_row(struct buffer *out, const char *p, size_t len,
		    const char *form)
{
	const char *colon = memchr(p, ':', len);
	size_t n = colon ? (size_t)(colon - p) : 0;
	const char *other = compact(p, n);

	if (!n) {
		put(out, p, len);
		return;
	}
	if (!strcmp(form, "compact") && other)
		puts_(out, other);
	else if (!strcmp(form, "case"))
		put_swapped(out, p, n);
	else
		put(out, p, n);
	if (!strcmp(form, "space"))
		puts_(out, " \t");
	puts_(out, ":");
	if (!strcmp(form, "fold"))
		puts_(out, "\r\n\t");
	put(out, colon + 1, len - n - 1);
}

static void edit_form(struct buffer *in, struct buffer *out, const char *form)
{
	struct message m = { .all = { in->p, in->len } };
	size_t head = message_header_len(&m), len;
	const char *p = in->p, *end = in->p + head;

	if (!strcmp(form, "lf")) {
		for (size_t i = 0; i < head; i++) {
			if (in->p[i] != '\r')
				put(out, in->p + i, 1);
		}
		put(out, in->p + head, in->len - head);
		return;
	}
	len = line_len(p, end);
	put(out, p, len);
	for (p += len; p < end; p += len) {
		len = row_len(p, end);
		put_row(out, p, len, form);
	}
	put(out, in->p + head, in->len - head);
}

static void edit(struct craft *c, int opt, char *arg)
{
	struct buffer *in = malloc(sizeof(*in));
	struct buffer *out = &c->text;
	size_t len;

	if (!in)
		die("edit", "out of memory");
	*in = *out;
	out->len = 0;
	out->p[0] = '\0';
	if (opt == 'x') {
		edit_replace(in, out, arg);
		free(in);
		return;
	}
	len = unescape(arg);
	switch (opt) {
	case 'S':
		edit_start(in, out, arg);
		break;
	case 'H':
		edit_rows(in, out, arg, strcspn(arg, ":"));
		break;
	case 'D':
		edit_rows(in, out, arg, strlen(arg));
		break;
	case 'A':
	case 'T':
		edit_append(in, out, arg, opt == 'T');
		break;
	case 'B':
		edit_body(in, out, arg, len);
		break;
	case 'f':
		edit_form(in, out, arg);
		break;
	case 'K':
		len = strtoul(arg, NULL, 10);
		put(out, in->p, len < in->len ? len : in->len);
		break;
	}
	free(in);
}

/* ---- where it comes from ---- */

static void take_message(struct craft *c, const char *path,
			 struct conditions *conditions)
{
	static struct capture all;
	const char *error;

	if (!path) {
		c->text.len = fread(c->text.p, 1, ROOM - 1, stdin);
		c->text.p[c->text.len] = '\0';
		return;
	}
	error = capture_read(&all, path, 0);
	if (error)
		die(path, error);
	capture_sort(&all);
	for (size_t i = all.n; i--;) {
		if (!conditions_met(conditions, &all.m[i]))
			continue;
		put(&c->text, all.m[i].all.p, all.m[i].all.len);
		return;
	}
	die(path, "no such message in it");
}

/* ---- packets ---- */

struct packet {
	uint8_t src[16], dst[16];
	size_t alen; /* of an address */
	uint8_t udp[ROOM];
	size_t len;
	uint32_t id;
};

static void put16(uint8_t *p, size_t v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

static uint32_t sum(const uint8_t *p, size_t len, uint32_t s)
{
	for (size_t i = 0; i < len; i++)
		s += i % 2 ? p[i] : (uint32_t)p[i] << 8;
	return s;
}

static uint16_t fold(uint32_t s)
{
	while (s >> 16)
		s = (s & 0xffff) + (s >> 16);
	return (uint16_t)~s;
}

static void make_udp(struct packet *k, const struct craft *c)
{
	size_t len = c->text.len + 8;
	uint32_t s;

	if (len > 65535 - 20)
		die("message", "too long for a datagram");
	put16(k->udp, c->sport);
	put16(k->udp + 2, c->dport);
	put16(k->udp + 4, len);
	put16(k->udp + 6, 0);
	memcpy(k->udp + 8, c->text.p, c->text.len);
	k->len = len;
	s = sum(k->src, k->alen, 0);
	s = sum(k->dst, k->alen, s);
	s = sum(k->udp, len, s + IPPROTO_UDP + (uint32_t)len);
	put16(k->udp + 6, fold(s) ? fold(s) : 0xffff);
}

static size_t head4(const struct packet *k, const struct craft *c, uint8_t *out,
		    size_t at, size_t len)
{
	bool more = at + len < k->len;
	/* an option that asks for nothing: router alert */
	size_t head = c->options ? 24 : 20;

	memset(out, 0, head);
	out[0] = (uint8_t)(0x40 | head / 4);
	put16(out + 2, head + len);
	put16(out + 4, k->id & 0xffff);
	put16(out + 6, at / 8 | (more ? 0x2000 : 0));
	out[8] = 64;
	out[9] = IPPROTO_UDP;
	memcpy(out + 12, k->src, 4);
	memcpy(out + 16, k->dst, 4);
	if (c->options)
		memcpy(out + 20, "\x94\x04\0\0", 4);
	put16(out + 10, fold(sum(out, head, 0)));
	return head;
}

/* An extension header of padding only; returns where its type stands. */
static uint8_t *pad6(uint8_t *next, uint8_t *out, size_t *head, uint8_t type)
{
	*next = type;
	memset(out + *head, 0, 8);
	out[*head + 2] = 1; /* PadN */
	out[*head + 3] = 4;
	*head += 8;
	return out + *head - 8;
}

static size_t head6(const struct packet *k, const struct craft *c, uint8_t *out,
		    size_t at, size_t len)
{
	bool more = at + len < k->len;
	uint8_t *next = out + 6;
	size_t head = 40;

	memset(out, 0, 40);
	out[0] = 0x60;
	out[7] = 64;
	memcpy(out + 8, k->src, 16);
	memcpy(out + 24, k->dst, 16);
	if (c->options || c->extensions)
		next = pad6(next, out, &head, IPPROTO_HOPOPTS);
	if (c->extensions)
		next = pad6(next, out, &head, IPPROTO_DSTOPTS);
	if (at || more) {
		*next = IPPROTO_FRAGMENT;
		next = out + head;
		memset(next, 0, 8);
		put16(next + 2, at | (more ? 1 : 0));
		put16(next + 4, k->id >> 16);
		put16(next + 6, k->id & 0xffff);
		head += 8;
	}
	*next = IPPROTO_UDP;
	put16(out + 4, head - 40 + len);
	return head;
}

static void send_frame(int fd, const struct craft *c, const uint8_t *ip,
		       size_t len)
{
	static uint8_t frame[ROOM + HEADROOM + 18];
	struct sockaddr_ll to = { .sll_family = AF_PACKET,
				  .sll_ifindex = (int)c->interface };

	memcpy(frame, c->mac, 6);
	memcpy(frame + 6, "\x02\0\0\0\0\x66", 6);
	put16(frame + 12, ETHERTYPE_VLAN);
	put16(frame + 14, c->vlan);
	put16(frame + 16, ip[0] >> 4 == 4 ? ETHERTYPE_IP : ETHERTYPE_IPV6);
	memcpy(frame + 18, ip, len);
	if (sendto(fd, frame, 18 + len, 0, (void *)&to, sizeof(to)) < 0)
		die("send", strerror(errno));
}

static void send_piece(int fd, const struct packet *k, const struct craft *c,
		       size_t at, size_t len)
{
	static uint8_t out[ROOM + HEADROOM];
	struct sockaddr_in to4 = { .sin_family = AF_INET };
	struct sockaddr_in6 to6 = { .sin6_family = AF_INET6 };
	bool v4 = k->alen == 4;
	size_t head =
		v4 ? head4(k, c, out, at, len) : head6(k, c, out, at, len);

	memcpy(&to4.sin_addr, k->dst, 4);
	memcpy(&to6.sin6_addr, k->dst, 16);
	memcpy(out + head, k->udp + at, len);
	if (c->interface)
		send_frame(fd, c, out, head + len);
	else if (sendto(fd, out, head + len, 0,
			v4 ? (void *)&to4 : (void *)&to6,
			v4 ? sizeof(to4) : sizeof(to6)) < 0)
		die("send", strerror(errno));
}

static void send_packet(const struct craft *c)
{
	static struct packet k;
	size_t step, len;
	int fd;

	k.alen = strchr(c->source, ':') ? 16 : 4;
	if (inet_pton(k.alen == 4 ? AF_INET : AF_INET6, c->source, k.src) != 1)
		die(c->source, "no address");
	if (inet_pton(k.alen == 4 ? AF_INET : AF_INET6, c->destination,
		      k.dst) != 1)
		die(c->destination, "no address of the same kind");
	if (c->interface)
		fd = socket(AF_PACKET, SOCK_RAW, 0);
	else
		fd = socket(k.alen == 4 ? AF_INET : AF_INET6, SOCK_RAW,
			    IPPROTO_RAW);
	if (fd < 0)
		die("raw socket", strerror(errno));
	make_udp(&k, c);
	step = c->fragment ? c->fragment & ~7UL : FRAGMENT;
	for (int i = 0; i < c->copies; i++) {
		k.id = (uint32_t)(time(NULL) * 7919 + getpid() + i) | 1;
		for (size_t at = 0; at < k.len; at += step) {
			len = k.len - at < step ? k.len - at : step;
			send_piece(fd, &k, c, at, len);
		}
	}
	close(fd);
}

/* ---- */

struct edits {
	struct {
		int opt;
		char *arg;
	} e[64];
	size_t n;
};

static void usage(void)
{
	fputs("usage: craft [-r CAPTURE [-w CONDITION]...] [EDIT...] "
	      "-s ADDRESS -d ADDRESS\n"
	      "             [-p PORT] [-q PORT] [-F OCTETS] [-O] [-E] "
	      "[-n COPIES] [-P]\n"
	      "             [-V VLAN,INTERFACE,MAC]\n",
	      stderr);
	exit(2);
}

static void read_vlan(struct craft *c, const char *arg)
{
	char name[IF_NAMESIZE], mac[18];
	struct ether_addr to;

	if (sscanf(arg, "%u,%15[^,],%17s", &c->vlan, name, mac) != 3 ||
	    !ether_aton_r(mac, &to))
		die(arg, "not VLAN,INTERFACE,MAC");
	memcpy(c->mac, &to, sizeof(c->mac));
	c->interface = if_nametoindex(name);
	if (!c->interface)
		die(name, strerror(errno));
}

static bool read_packet_option(struct craft *c, int opt, const char *arg)
{
	switch (opt) {
	case 's':
		c->source = arg;
		return true;
	case 'd':
		c->destination = arg;
		return true;
	case 'p':
		c->sport = (unsigned int)atoi(arg);
		return true;
	case 'q':
		c->dport = (unsigned int)atoi(arg);
		return true;
	case 'F':
		c->fragment = strtoul(arg, NULL, 10);
		return true;
	case 'O':
		c->options = true;
		return true;
	case 'E':
		c->extensions = true;
		return true;
	case 'n':
		c->copies = atoi(arg);
		return true;
	case 'V':
		read_vlan(c, arg);
		return true;
	case 'P':
		c->print_only = true;
		return true;
	default:
		return false;
	}
}

static const char *read_options(struct craft *c, int argc, char **argv,
				struct conditions *conditions,
				struct edits *edits)
{
	const char *capture = NULL, *error;
	int opt;

	while ((opt = getopt(argc, argv,
			     "r:w:S:H:A:T:D:B:x:f:K:s:d:p:q:F:OEn:PV:")) !=
	       -1) {
		if (read_packet_option(c, opt, optarg))
			continue;
		if (opt == '?')
			usage();
		if (opt == 'r') {
			capture = optarg;
		} else if (opt == 'w') {
			error = condition_add(conditions, optarg);
			if (error)
				die(optarg, error);
		} else if (edits->n < sizeof(edits->e) / sizeof(edits->e[0])) {
			edits->e[edits->n].opt = opt;
			edits->e[edits->n++].arg = optarg;
		} else {
			die("edits", "too many");
		}
	}
	if (optind != argc ||
	    (!c->print_only && (!c->source || !c->destination)))
		usage();
	return capture;
}

int main(int argc, char **argv)
{
	static struct craft c = { .sport = 5060, .dport = 5060, .copies = 1 };
	static struct conditions conditions;
	static struct edits edits;
	const char *capture;

	capture = read_options(&c, argc, argv, &conditions, &edits);
	take_message(&c, capture, &conditions);
	for (size_t i = 0; i < edits.n; i++)
		edit(&c, edits.e[i].opt, edits.e[i].arg);
	if (!c.print_only)
		send_packet(&c);
	fwrite(c.text.p, 1, c.text.len, stdout);
	return 0;
}

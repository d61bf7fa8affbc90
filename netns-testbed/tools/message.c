/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "message.h"

#include <arpa/inet.h>
#include <pcap/pcap.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define NFLOG_PAYLOAD 9
#define PIECES	      64
#define DATAGRAM_MAX  65535

/* A datagram of which not all fragments have been seen. */
struct pieces {
	bool used;
	uint8_t key[40]; /* addresses, identification */
	uint8_t *data;
	size_t have, total; /* total 0: the last one is missing */
	size_t wire;
};

struct reader {
	struct capture *c;
	size_t file;
	uint64_t us;
	struct pieces pieces[PIECES];
	size_t next;
};

static unsigned int be16(const uint8_t *p)
{
	return (unsigned int)p[0] << 8 | p[1];
}

static void *must(void *p)
{
	if (p)
		return p;
	fputs("out of memory\n", stderr);
	exit(1);
}

/* ---- texts ---- */

bool text_is(struct text t, const char *s)
{
	return t.p && t.len == strlen(s) && !strncasecmp(t.p, s, t.len);
}

bool text_same(struct text a, struct text b)
{
	return a.p && b.p && a.len == b.len && !memcmp(a.p, b.p, a.len);
}

static struct text trim(struct text t)
{
	while (t.len && strchr(" \t\r\n", t.p[0])) {
		t.p++;
		t.len--;
	}
	while (t.len && strchr(" \t\r\n", t.p[t.len - 1]))
		t.len--;
	return t;
}

/* The line at *rest, without its end; *rest moves behind it. */
static bool next_line(struct text *rest, struct text *line)
{
	const char *end;

	if (!rest->len)
		return false;
	end = memchr(rest->p, '\n', rest->len);
	line->p = rest->p;
	line->len = end ? (size_t)(end - rest->p) : rest->len;
	rest->p += line->len + (end != NULL);
	rest->len -= line->len + (end != NULL);
	if (line->len && line->p[line->len - 1] == '\r')
		line->len--;
	return true;
}

static const char *compact(const char *name)
{
	static const char *const forms[][2] = {
		{ "Via", "v" },	    { "From", "f" },	{ "To", "t" },
		{ "Call-ID", "i" }, { "Contact", "m" }, { "Supported", "k" },
	};

	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		if (!strcmp(forms[i][0], name))
			return forms[i][1];
	}
	return name;
}

struct text message_field(const struct message *m, const char *name, size_t n)
{
	struct text rest = m->all, line, key, value;
	const char *colon;

	next_line(&rest, &line);
	while (next_line(&rest, &line) && line.len) {
		colon = memchr(line.p, ':', line.len);
		if (!colon)
			continue;
		key = trim((struct text){ line.p, (size_t)(colon - line.p) });
		if (!text_is(key, name) && !text_is(key, compact(name)))
			continue;
		if (n--)
			continue;
		value.p = colon + 1;
		value.len = line.len - (size_t)(value.p - line.p);
		while (rest.len && (*rest.p == ' ' || *rest.p == '\t')) {
			next_line(&rest, &line);
			value.len = (size_t)(line.p - value.p) + line.len;
		}
		return trim(value);
	}
	return (struct text){ NULL, 0 };
}

bool message_has(const struct message *m, const char *field, const char *word)
{
	size_t len = strlen(word);
	struct text v;

	for (size_t i = 0; (v = message_field(m, field, i)).p; i++) {
		if (v.len >= len && !strncasecmp(v.p, word, len))
			return true;
	}
	return false;
}

struct text text_uri(struct text value)
{
	const char *open, *close;
	struct text t = value;

	open = value.len ? memchr(value.p, '<', value.len) : NULL;
	if (open) {
		t.p = open + 1;
		t.len = value.len - (size_t)(t.p - value.p);
		close = memchr(t.p, '>', t.len);
	} else {
		close = value.len ? memchr(value.p, ';', value.len) : NULL;
	}
	if (close)
		t.len = (size_t)(close - t.p);
	return trim(t);
}

struct text text_tag(struct text value)
{
	struct text t = { NULL, 0 };

	for (size_t i = 0; i + 5 <= value.len; i++) {
		if (strncasecmp(value.p + i, ";tag=", 5))
			continue;
		t.p = value.p + i + 5;
		while (i + 5 + t.len < value.len &&
		       !strchr(";, \t", t.p[t.len]))
			t.len++;
		break;
	}
	return t;
}

/* ---- a message ---- */

static bool read_start(struct message *m, struct text line)
{
	const char *space;

	if (line.len >= 12 && !strncasecmp(line.p, "SIP/2.0 ", 8)) {
		m->status = (unsigned int)strtoul(line.p + 8, NULL, 10);
		m->phrase = trim((struct text){ line.p + 11, line.len - 11 });
		return m->status >= 100 && m->status < 700;
	}
	space = line.len ? memchr(line.p, ' ', line.len) : NULL;
	if (!space || line.len < 8 ||
	    strncasecmp(line.p + line.len - 7, "SIP/2.0", 7))
		return false;
	m->request = true;
	m->method.p = line.p;
	m->method.len = (size_t)(space - line.p);
	return true;
}

static bool read_message(struct message *m)
{
	struct text rest = m->all, line, cseq;
	size_t i = 0;

	if (!next_line(&rest, &line) || !read_start(m, line))
		return false;
	m->call_id = message_field(m, "Call-ID", 0);
	cseq = message_field(m, "CSeq", 0);
	while (i < cseq.len && cseq.p[i] >= '0' && cseq.p[i] <= '9')
		m->cseq = m->cseq * 10 + (unsigned long)(cseq.p[i++] - '0');
	if (!m->request)
		m->method = trim((struct text){ cseq.p + i, cseq.len - i });
	return true;
}

static struct message *add_message(struct capture *c)
{
	if (c->n == c->room) {
		c->room = c->room ? c->room * 2 : 256;
		c->m = must(realloc(c->m, c->room * sizeof(*c->m)));
	}
	memset(&c->m[c->n], 0, sizeof(c->m[c->n]));
	return &c->m[c->n++];
}

/* ---- packets ---- */

struct ip {
	int family;
	const uint8_t *src, *dst;
	size_t wire;
	bool fragmented;
};

static void take_udp(struct reader *r, const struct ip *ip, const uint8_t *p,
		     size_t len)
{
	struct message *m;
	char *copy;

	if (len < 8 || be16(p + 4) < 8)
		return;
	if (be16(p + 4) < len)
		len = be16(p + 4);
	m = add_message(r->c);
	m->us = r->us;
	m->file = r->file;
	m->wire = ip->wire;
	m->fragmented = ip->fragmented;
	inet_ntop(ip->family, ip->src, m->src, sizeof(m->src));
	inet_ntop(ip->family, ip->dst, m->dst, sizeof(m->dst));
	m->sport = be16(p);
	m->dport = be16(p + 2);
	copy = must(malloc(len - 8 + 1));
	memcpy(copy, p + 8, len - 8);
	copy[len - 8] = '\0';
	m->all = (struct text){ copy, len - 8 };
	if (!read_message(m))
		r->c->n--;
}

static struct pieces *find_pieces(struct reader *r, const uint8_t key[40])
{
	struct pieces *p;

	for (size_t i = 0; i < PIECES; i++) {
		p = &r->pieces[i];
		if (p->used && !memcmp(p->key, key, sizeof(p->key)))
			return p;
	}
	p = &r->pieces[r->next++ % PIECES];
	if (!p->data)
		p->data = must(malloc(DATAGRAM_MAX));
	p->used = true;
	memcpy(p->key, key, sizeof(p->key));
	p->have = p->total = p->wire = 0;
	return p;
}

static void take_fragment(struct reader *r, struct ip *ip, const uint8_t id[4],
			  size_t offset, bool more, const uint8_t *data,
			  size_t len)
{
	size_t alen = ip->family == AF_INET ? 4 : 16;
	uint8_t key[40] = { 0 };
	struct pieces *p;

	memcpy(key, ip->src, alen);
	memcpy(key + 16, ip->dst, alen);
	memcpy(key + 32, id, 4);
	p = find_pieces(r, key);
	if (len > DATAGRAM_MAX || offset > DATAGRAM_MAX - len)
		return;
	memcpy(p->data + offset, data, len);
	p->have += len;
	p->wire += ip->wire;
	if (!more)
		p->total = offset + len;
	if (!p->total || p->have < p->total)
		return;
	p->used = false;
	ip->wire = p->wire;
	ip->fragmented = true;
	take_udp(r, ip, p->data, p->total);
}

static void take_ip4(struct reader *r, const uint8_t *p, size_t len)
{
	struct ip ip = { .family = AF_INET };
	uint8_t id[4] = { 0 };
	size_t head, offset;

	if (len < 20)
		return;
	head = (size_t)(p[0] & 15) * 4;
	if (be16(p + 2) < len)
		len = be16(p + 2);
	if (head < 20 || len < head || p[9] != IPPROTO_UDP)
		return;
	ip.src = p + 12;
	ip.dst = p + 16;
	ip.wire = len;
	offset = (size_t)(be16(p + 6) & 0x1fff) * 8;
	if (!offset && !(be16(p + 6) & 0x2000)) {
		take_udp(r, &ip, p + head, len - head);
		return;
	}
	memcpy(id, p + 4, 2);
	take_fragment(r, &ip, id, offset, be16(p + 6) & 0x2000, p + head,
		      len - head);
}

static void take_ip6(struct reader *r, const uint8_t *p, size_t len)
{
	struct ip ip = { .family = AF_INET6 };
	size_t at = 40;
	uint8_t next;

	if (len < 40)
		return;
	if (be16(p + 4) < len - 40)
		len = be16(p + 4) + 40U;
	ip.src = p + 8;
	ip.dst = p + 24;
	ip.wire = len;
	next = p[6];
	while ((next == IPPROTO_HOPOPTS || next == IPPROTO_DSTOPTS ||
		next == IPPROTO_ROUTING) &&
	       at + 8 <= len) {
		next = p[at];
		at += 8 + (size_t)p[at + 1] * 8;
	}
	if (at + 8 > len)
		return;
	if (next == IPPROTO_UDP)
		take_udp(r, &ip, p + at, len - at);
	else if (next == IPPROTO_FRAGMENT && p[at] == IPPROTO_UDP)
		take_fragment(r, &ip, p + at + 4, be16(p + at + 2) & 0xfff8,
			      be16(p + at + 2) & 1, p + at + 8, len - at - 8);
}

static void take_ip(struct reader *r, const uint8_t *p, size_t len)
{
	if (len && p[0] >> 4 == 4)
		take_ip4(r, p, len);
	else if (len && p[0] >> 4 == 6)
		take_ip6(r, p, len);
}

/* Attributes of nfnetlink_log, lengths in the byte order of the machine. */
static void take_nflog(struct reader *r, const uint8_t *p, size_t len)
{
	size_t at = 4;
	uint16_t size, type;

	while (at + 4 <= len) {
		memcpy(&size, p + at, 2);
		memcpy(&type, p + at + 2, 2);
		if (size < 4 || size > len - at)
			return;
		if (type == NFLOG_PAYLOAD)
			take_ip(r, p + at + 4, size - 4U);
		at += (size + 3U) & ~3U;
	}
}

static void take_ethernet(struct reader *r, const uint8_t *p, size_t len)
{
	size_t at = 12;

	while (at + 6 <= len && be16(p + at) == 0x8100)
		at += 4;
	if (at + 2 <= len)
		take_ip(r, p + at + 2, len - at - 2);
}

static void take_frame(struct reader *r, int link, const uint8_t *p, size_t len)
{
	switch (link) {
	case DLT_EN10MB:
		take_ethernet(r, p, len);
		break;
	case DLT_LINUX_SLL:
		if (len > 16)
			take_ip(r, p + 16, len - 16);
		break;
	case DLT_LINUX_SLL2:
		if (len > 20)
			take_ip(r, p + 20, len - 20);
		break;
	case DLT_NFLOG:
		take_nflog(r, p, len);
		break;
	default:
		take_ip(r, p, len);
	}
}

const char *capture_read(struct capture *c, const char *path, size_t file)
{
	static char error[PCAP_ERRBUF_SIZE];
	struct reader *r = must(calloc(1, sizeof(*r)));
	struct pcap_pkthdr *h;
	const uint8_t *data;
	pcap_t *pcap;

	pcap = pcap_open_offline(path, error);
	if (!pcap) {
		free(r);
		return error;
	}
	r->c = c;
	r->file = file;
	while (pcap_next_ex(pcap, &h, &data) == 1) {
		r->us = (uint64_t)h->ts.tv_sec * 1000000 +
			(uint64_t)h->ts.tv_usec;
		take_frame(r, pcap_datalink(pcap), data, h->caplen);
	}
	pcap_close(pcap);
	for (size_t i = 0; i < PIECES; i++)
		free(r->pieces[i].data);
	free(r);
	return NULL;
}

/* ---- order ---- */

static int by_time(const void *x, const void *y)
{
	const struct message *a = x, *b = y;

	if (a->us != b->us)
		return a->us < b->us ? -1 : 1;
	return (a->file > b->file) - (a->file < b->file);
}

void capture_sort(struct capture *c)
{
	if (c->n)
		qsort(c->m, c->n, sizeof(*c->m), by_time);
}

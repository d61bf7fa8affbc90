// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * blast - many packets from one namespace to another, and how many arrive.
 *
 *	blast -a [NS/]FROM:PORT -b [NS/]TO:PORT -k KIND [-n PACKETS] [-q RATE]
 *	      [-t SECONDS] [-s] [-g FILE] [-S HOME:KEY] [-R REALM]
 *
 * KIND: keepalive (four octets), stream (172 octets that are no SIP),
 * response (200 to OPTIONS), request (INVITEs, each of another call), marked
 * (the same with the mark), signed (the same, signed beforehand by that key
 * under an own nonce of REALM), forged (the same, with that key's signature of
 * something else: nothing tells it from a signed one but the check). -q 0: as
 *fast as it goes. -s: each packet from another source address, by a raw socket.
 *-g: a control group's CPU file, read before the first packet and after the
 *last has come or nothing came for 300 ms.
 *
 * Prints one JSON object.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/digest.h"
#include "base/log.h"
#include "bench.h"
#include "codec/packet.h"
#include "crypto/pgp.h"
#include "state/nonce.h"
#include "text.h"

enum kind {
	KEEPALIVE,
	STREAM,
	RESPONSE,
	REQUEST,
	MARKED,
	SIGNED,
	FORGED,
	KINDS
};

static const char *const kinds[KINDS] = { "keepalive", "stream", "response",
					  "request",   "marked", "signed",
					  "forged" };

static struct options {
	const char *from_ns, *to_ns;
	struct addr from, to;
	enum kind kind;
	int packets;
	double rate, seconds;
	bool spoof;
	const char *group, *home, *fpr, *realm;
} opt = { .from_ns = "",
	  .to_ns = "",
	  .packets = 1000,
	  .realm = "edge-b." BENCH_DOMAIN };

struct datagram {
	char *text;
	size_t len;
};

static char run[32];
static struct datagram *made; /* when they are signed beforehand */
static struct signer *signer;
static int out_fd, in_fd;
static struct sockaddr_in to;
static atomic_ulong arrived;
static atomic_ullong last_ns;

/* ---- what is sent ---- */

static void make_response(struct buf *b, const struct text_call *c)
{
	buf_fmt(b,
		"SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP 10.99.0.1:5060;"
		"branch=z9hG4bK%s-%u;rport=5060\r\n"
		"From: <sip:proxy@" BENCH_DOMAIN ">;tag=p%u\r\n"
		"To: <sip:alice@" BENCH_DOMAIN ">;tag=a%u\r\n"
		"Call-ID: %s-%u@proxy." BENCH_DOMAIN "\r\n"
		"CSeq: 7 OPTIONS\r\nContact: <sip:alice@10.99.1.2:5060>\r\n"
		"Accept: application/sdp, text/plain\r\nAllow: INVITE, ACK, "
		"BYE, CANCEL, OPTIONS, UPDATE, INFO, NOTIFY, REFER\r\n"
		"Supported: replaces, norefersub\r\nUser-Agent: blast\r\n"
		"Content-Length: 0\r\n\r\n",
		run, c->n, c->n, c->n, run, c->n);
}

static void make_signed(struct buf *b, const struct text_call *c)
{
	char nonce[PGP_NONCE_MAX], cnonce[PGP_CNONCE_MAX];
	struct pgp_params p = { .realm = span_str(opt.realm), .nc = 1 };

	text_invite(b, c, 1, "");
	signer_nonce(nonce, cnonce);
	p.nonce = span_str(nonce);
	p.cnonce = span_str(cnonce);
	if (!signer_sign(signer, b, p, false))
		bench_die("can't sign");
}

/* The signature of one that was signed, in others. */
static void make_forged(struct buf *b, const struct text_call *c)
{
	static char signature[B64_LEN(PGP_SIG_MAX) + 1];
	char nonce[PGP_NONCE_MAX], cnonce[PGP_CNONCE_MAX], mem[2600];
	struct pgp_params p = { .realm = span_str(opt.realm), .nc = 1 };
	struct buf row = buf_make(mem, sizeof(mem) - 1);
	const char *from, *end;

	if (!signature[0]) {
		make_signed(b, c);
		b->p[b->len] = '\0';
		from = strstr(b->p, "signature=\"");
		end = from ? strchr(from + 11, '"') : NULL;
		if (!end || (size_t)(end - from) > sizeof(signature))
			bench_die("no signature to take");
		memcpy(signature, from + 11, (size_t)(end - from - 11));
		b->len = 0;
	}
	nonce_make_own(nonce, clock_wall_ms());
	cnonce_make(cnonce);
	p.nonce = span_str(nonce);
	p.cnonce = span_str(cnonce);
	p.key = span_str(opt.fpr);
	p.signature = span_str(signature);
	pgpauth_write_credentials(&row, "Authorization", &p);
	mem[row.len] = '\0';
	text_invite(b, c, 1, mem);
}

static void make(struct buf *b, uint32_t n)
{
	struct text_call c = {
		.run = run, .n = n, .caller = opt.from, .callee = opt.to
	};

	switch (opt.kind) {
	case KEEPALIVE:
		buf_str(b, "\r\n\r\n");
		break;
	case STREAM:
		b->len = 172;
		memset(b->p, 0x5a, b->len);
		b->p[0] = (char)0x80;
		break;
	case RESPONSE:
		make_response(b, &c);
		break;
	case MARKED:
		text_invite(b, &c, 1, "Supported: pgp-auth\r\n");
		break;
	case SIGNED:
		make_signed(b, &c);
		break;
	case FORGED:
		make_forged(b, &c);
		break;
	default:
		text_invite(b, &c, 1, "");
	}
}

static void make_all(void)
{
	made = calloc((size_t)opt.packets, sizeof(*made));
	if (!made)
		bench_die("no memory");
	for (int i = 0; i < opt.packets; i++) {
		struct datagram *d = &made[i];
		struct buf b;

		d->text = malloc(BENCH_TEXT);
		if (!d->text)
			bench_die("no memory");
		b = buf_make(d->text, BENCH_TEXT);
		make(&b, (uint32_t)i);
		d->len = b.len;
		d->text = realloc(d->text, d->len + 1);
	}
}

static void spoofed(const char *text, size_t len, uint32_t n)
{
	uint8_t ip[BENCH_TEXT + 64];
	struct addr from = opt.from;
	size_t ip_len;

	/* 198.18.0.0/15 is there for benchmarks (RFC 2544) */
	from.ip[0] = 198;
	from.ip[1] = (uint8_t)(18 + (n >> 16 & 1));
	from.ip[2] = (uint8_t)(n >> 8);
	from.ip[3] = (uint8_t)n;
	if (packet_make(&from, &opt.to, text, len, (uint16_t)n, ip, sizeof(ip),
			&ip_len))
		return;
	sendto(out_fd, ip, ip_len, 0, (struct sockaddr *)&to, sizeof(to));
}

static void send_one(uint32_t n)
{
	char mem[BENCH_TEXT];
	struct buf b = buf_make(mem, sizeof(mem));
	struct span text;

	if (made) {
		text = span_make(made[n].text, made[n].len);
	} else {
		make(&b, n);
		text = buf_span(&b);
	}
	if (opt.spoof)
		spoofed(text.p, text.len, n * 2654435761u);
	else
		sendto(out_fd, text.p, text.len, 0, (struct sockaddr *)&to,
		       sizeof(to));
}

static int send_all(void)
{
	uint64_t begin = bench_wall_ns();
	uint64_t end = begin + (uint64_t)(opt.seconds * 1e9);
	uint64_t gap = opt.rate > 0 ? (uint64_t)(1e9 / opt.rate) : 0;
	int n = 0;

	while (opt.seconds > 0 || n < opt.packets) {
		uint64_t now = bench_wall_ns();
		uint64_t due = begin + (uint64_t)n * gap;

		if (opt.seconds > 0 && (now >= end || n == INT32_MAX ||
					(made && n == opt.packets)))
			break;
		if (due > now + 50000) {
			struct timespec t = { .tv_nsec = (long)(due - now) };

			nanosleep(&t, NULL);
		}
		send_one((uint32_t)n++);
	}
	return n;
}

/* ---- what arrives ---- */

static void *count(void *arg)
{
	static char mem[64][64];
	struct mmsghdr msg[64] = { 0 };
	struct iovec iov[64];
	struct timespec t = { .tv_nsec = 100000000 };
	int n;

	(void)arg;
	for (int i = 0; i < 64; i++) {
		iov[i] = (struct iovec){ mem[i], sizeof(mem[i]) };
		msg[i].msg_hdr.msg_iov = &iov[i];
		msg[i].msg_hdr.msg_iovlen = 1;
	}
	for (;;) {
		n = recvmmsg(in_fd, msg, 64, MSG_WAITFORONE, &t);
		if (n <= 0)
			continue;
		atomic_fetch_add(&arrived, (unsigned long)n);
		atomic_store(&last_ns, bench_wall_ns());
	}
	return NULL;
}

static int open_out(void)
{
	struct sockaddr_in at = { .sin_family = AF_INET,
				  .sin_port = htons(opt.from.port) };
	int size = 4 << 20, one = 1, fd;

	bench_enter(opt.from_ns);
	if (opt.spoof) {
		fd = socket(AF_INET, SOCK_RAW, IPPROTO_RAW);
		if (fd < 0 ||
		    setsockopt(fd, IPPROTO_IP, IP_HDRINCL, &one, sizeof(one)))
			bench_die("no raw socket");
		return fd;
	}
	fd = socket(AF_INET, SOCK_DGRAM, 0);
	memcpy(&at.sin_addr, opt.from.ip, 4);
	if (fd < 0 || bind(fd, (struct sockaddr *)&at, sizeof(at)))
		bench_die("no socket: %s", strerror(errno));
	setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof(size));
	return fd;
}

static int open_in(void)
{
	struct timeval limit = { .tv_usec = 100000 };
	int size = 32 << 20, fd;

	bench_enter(opt.to_ns);
	fd = socket(AF_INET, SOCK_DGRAM, 0);
	if (fd < 0 || bind(fd, (struct sockaddr *)&to, sizeof(to)))
		bench_die("no socket: %s", strerror(errno));
	setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size));
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	return fd;
}

static void await_rest(int sent)
{
	struct timespec t = { .tv_nsec = 10000000 };
	uint64_t began = bench_wall_ns(), last;

	for (;;) {
		if (atomic_load(&arrived) >= (unsigned long)sent)
			return;
		nanosleep(&t, NULL);
		last = atomic_load(&last_ns);
		if (last < began)
			last = began;
		if (bench_wall_ns() > last + 300000000u)
			return;
	}
}

static void measure(void)
{
	uint64_t cpu = opt.group ? bench_group_ns(opt.group) : 0, begin, end;
	pthread_t thread;
	unsigned long in_time;
	int sent;

	if (in_fd >= 0 && pthread_create(&thread, NULL, count, NULL))
		bench_die("no thread");
	begin = bench_wall_ns();
	sent = send_all();
	end = bench_wall_ns();
	in_time = atomic_load(&arrived);
	if (in_fd >= 0)
		await_rest(sent);
	if (opt.group)
		cpu = bench_group_ns(opt.group) - cpu;
	printf("{\"kind\":\"%s\",\"sent\":%d,\"arrived\":%lu,\"seconds\":%.4f,"
	       "\"sent_rate\":%.0f,\"rate\":%.0f,\"cpu_us\":%.1f}\n",
	       kinds[opt.kind], sent, atomic_load(&arrived),
	       (double)(end - begin) / 1e9,
	       sent / ((double)(end - begin) / 1e9),
	       (double)in_time / ((double)(end - begin) / 1e9),
	       (double)cpu / 1000);
}

static struct addr place(char *text, const char **netns)
{
	char *slash = strchr(text, '/');

	if (!slash)
		return bench_addr(text);
	*slash = '\0';
	*netns = text;
	return bench_addr(slash + 1);
}

static enum kind kind_named(const char *name)
{
	for (int i = 0; i < KINDS; i++)
		if (!strcmp(kinds[i], name))
			return (enum kind)i;
	bench_die("%s: no such kind", name);
}

static void read_options(int argc, char **argv)
{
	char *colon;
	int o;

	while ((o = getopt(argc, argv, "a:b:k:n:q:t:sg:S:R:")) != -1) {
		switch (o) {
		case 'a':
			opt.from = place(optarg, &opt.from_ns);
			break;
		case 'b':
			opt.to = place(optarg, &opt.to_ns);
			break;
		case 'k':
			opt.kind = kind_named(optarg);
			break;
		case 'n':
			opt.packets = atoi(optarg);
			break;
		case 'q':
			opt.rate = atof(optarg);
			break;
		case 't':
			opt.seconds = atof(optarg);
			break;
		case 's':
			opt.spoof = true;
			break;
		case 'g':
			opt.group = optarg;
			break;
		case 'S':
			colon = strrchr(optarg, ':');
			if (!colon)
				bench_die("-S HOME:KEY");
			*colon = '\0';
			opt.home = optarg;
			opt.fpr = colon + 1;
			break;
		case 'R':
			opt.realm = optarg;
			break;
		default:
			bench_die("see the top of blast.c");
		}
	}
	if (!opt.from.version || !opt.to.version ||
	    (opt.kind >= SIGNED && !opt.home))
		bench_die("see the top of blast.c");
}

int main(int argc, char **argv)
{
	read_options(argc, argv);
	log_open(false, 0);
	if (digest_init())
		return 1;
	sipmsg_init();
	snprintf(run, sizeof(run), "%llx", (unsigned long long)bench_wall_ns());
	to = (struct sockaddr_in){ .sin_family = AF_INET,
				   .sin_port = htons(opt.to.port) };
	memcpy(&to.sin_addr, opt.to.ip, 4);
	if (opt.kind >= SIGNED)
		signer = signer_open(opt.home, "fast", opt.fpr);
	if (opt.kind == SIGNED) {
		make_all();
	}
	out_fd = open_out();
	/* who is flooded has a socket of its own there */
	in_fd = opt.spoof ? -1 : open_in();
	measure();
	return 0;
}

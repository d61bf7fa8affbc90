// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * callgen - calls at a fixed rate: the phone that calls and the one that
 * answers in one process, each with a socket in its own network namespace.
 *
 * INVITE, 200, ACK, BYE, 200, and a proxy's Digest where it asks. Set-up time
 * is from the first INVITE's send to the ACK's, on one clock. Nothing is sent
 * again unless -r says so; a call that is not over after the limit is lost.
 *
 * With -B a call is over with the ACK. With -S the answering side is a stack
 * that speaks the profile itself and signs its responses: so one appliance can
 * be loaded alone. With -C the calling side is such a stack and signs its
 * INVITEs for a realm, under nonces of its own: so a proxy's can be.
 *
 * Prints one JSON object; with -o appends the set-up times to a file, a
 * microsecond value a line.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <gcrypt.h>
#include <getopt.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/digest.h"
#include "base/log.h"
#include "bench.h"
#include "codec/sipmsg.h"
#include "text.h"

enum phase { IDLE, INVITED, TALKING, ENDING, DONE, LOST };

struct call {
	enum phase phase;
	uint32_t cseq;
	bool answered_digest;
	uint64_t begun_ns, acked_ns, ended_ns;
	/* what is sent again with -r */
	uint64_t again_ns;
	uint32_t interval_ms;
	char *sent;
	size_t sent_len;
	char *ack;
	size_t ack_len;
	char *to, *uri, *routes; /* owned */
};

static struct options {
	const char *caller_ns, *callee_ns;
	struct addr caller, callee, next;
	int calls;
	double rate;
	int limit_ms, hold_ms;
	bool again, no_bye;
	const char *user, *password;
	const char *home, *fpr;
	const char *caller_home, *caller_fpr, *realm;
	const char *output, *row, *callee_user;
	char run[32];
} opt = { .caller_ns = "",
	  .callee_ns = "",
	  .calls = 100,
	  .rate = 100,
	  .limit_ms = 4000,
	  .row = "",
	  .callee_user = "bob" };

static struct call *calls;
static int caller_fd, callee_fd;
static struct sockaddr_in next_hop;
static struct signer *signer, *caller_signer;
static struct sip_msg msg;
static char in[65536], out_mem[BENCH_TEXT * 2];
static int done, lost, open_calls;
static uint64_t sent_count, responses_unsigned;

/* ---- sockets ---- */

static struct sockaddr_in socket_address(const struct addr *a)
{
	struct sockaddr_in s = { .sin_family = AF_INET,
				 .sin_port = htons(a->port) };

	memcpy(&s.sin_addr, a->ip, 4);
	return s;
}

static int socket_open(const char *netns, const struct addr *a)
{
	struct sockaddr_in at = socket_address(a);
	int size = 8 << 20, fd;

	bench_enter(netns);
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	if (fd < 0 || bind(fd, (struct sockaddr *)&at, sizeof(at)))
		bench_die("no socket in %s: %s", netns, strerror(errno));
	setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size));
	setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof(size));
	return fd;
}

static void send_to(int fd, const struct sockaddr_in *to, const char *text,
		    size_t len)
{
	sent_count++;
	while (sendto(fd, text, len, 0, (const struct sockaddr *)to,
		      sizeof(*to)) < 0)
		if (errno != EAGAIN && errno != ENOBUFS && errno != EINTR &&
		    errno != ECONNREFUSED)
			bench_die("sendto: %s", strerror(errno));
}

/* ---- the caller ---- */

static struct text_call names(const struct call *c)
{
	return (struct text_call){ .run = opt.run,
				   .to = opt.callee_user,
				   .n = (uint32_t)(c - calls),
				   .caller = opt.caller,
				   .callee = opt.callee };
}

static void keep(char **to, struct span s)
{
	free(*to);
	*to = strndup(s.p ? s.p : "", s.len);
}

/* Send what must be answered. */
static void call_send(struct call *c, const struct buf *b, uint64_t now)
{
	if (opt.again) {
		free(c->sent);
		c->sent = malloc(b->len);
		if (!c->sent)
			bench_die("no memory");
		memcpy(c->sent, b->p, b->len);
		c->sent_len = b->len;
		c->interval_ms = 500;
		c->again_ns = now + 500000000u;
	}
	send_to(caller_fd, &next_hop, b->p, b->len);
}

static void call_end(struct call *c, enum phase phase)
{
	c->phase = phase;
	open_calls--;
	if (phase == DONE)
		done++;
	else
		lost++;
	free(c->sent);
	free(c->ack);
	free(c->to);
	free(c->uri);
	free(c->routes);
	c->sent = c->ack = c->to = c->uri = c->routes = NULL;
}

static void invite_sign(struct buf *b)
{
	char nonce[PGP_NONCE_MAX], cnonce[PGP_CNONCE_MAX];
	struct pgp_params p = { .realm = span_str(opt.realm), .nc = 1 };

	signer_nonce(nonce, cnonce);
	p.nonce = span_str(nonce);
	p.cnonce = span_str(cnonce);
	if (!signer_sign(caller_signer, b, p, false))
		bench_die("the caller can't sign");
}

static void invite_make(struct buf *b, const struct call *c, const char *rows)
{
	struct text_call t = names(c);

	text_invite(b, &t, c->cseq, rows);
	if (caller_signer)
		invite_sign(b);
}

static void call_begin(struct call *c)
{
	struct buf b = buf_make(out_mem, sizeof(out_mem));

	c->phase = INVITED;
	c->cseq = 1;
	open_calls++;
	c->begun_ns = bench_wall_ns();
	invite_make(&b, c, opt.row);
	call_send(c, &b, c->begun_ns);
}

static void md5_hex(char out[33], const char *text)
{
	uint8_t hash[16];

	gcry_md_hash_buffer(GCRY_MD_MD5, hash, text, strlen(text));
	for (int i = 0; i < 16; i++)
		sprintf(out + 2 * i, "%02x", hash[i]);
}

/* RFC 2617 without qop, as RFC 3261 section 22.4 has it. */
static void digest_row(char *row, size_t cap, struct span realm,
		       struct span nonce)
{
	char text[512], uri[128], ha1[33], ha2[33], response[33];

	snprintf(uri, sizeof(uri), "sip:%s@%s", opt.callee_user, text_domain);

	snprintf(text, sizeof(text), "%s:%.*s:%s", opt.user, SPAN_ARG(realm),
		 opt.password);
	md5_hex(ha1, text);
	snprintf(text + 256, 256, "INVITE:%s", uri);
	md5_hex(ha2, text + 256);
	snprintf(text, sizeof(text), "%s:%.*s:%s", ha1, SPAN_ARG(nonce), ha2);
	md5_hex(response, text);
	snprintf(row, cap,
		 "Proxy-Authorization: Digest username=\"%s\", realm=\"%.*s\", "
		 "nonce=\"%.*s\", uri=\"%s\", response=\"%s\"\r\n",
		 opt.user, SPAN_ARG(realm), SPAN_ARG(nonce), uri, response);
}

static struct span quoted(struct span v, const char *name)
{
	char key[32];
	const char *at;
	size_t n = (size_t)snprintf(key, sizeof(key), "%s=\"", name);

	at = memmem(v.p, v.len, key, n);
	if (!at)
		return SPAN_NONE;
	at += n;
	return span_make(
		at, span_find(span_make(at, (size_t)(v.p + v.len - at)), '"'));
}

static void call_challenged(struct call *c, uint64_t now)
{
	const struct sip_row *row =
		sipmsg_row(&msg, SIP_F_PROXY_AUTHENTICATE, 0);
	struct buf b = buf_make(out_mem, sizeof(out_mem));
	struct text_call t = names(c);
	char rows[2048];
	int n;

	if (msg.cseq != c->cseq)
		return;
	text_ack_failure(&b, &t, c->cseq, msg.to);
	send_to(caller_fd, &next_hop, b.p, b.len);
	if (!row || !opt.user || c->answered_digest) {
		call_end(c, LOST);
		return;
	}
	c->answered_digest = true;
	n = snprintf(rows, sizeof(rows), "%s", opt.row);
	digest_row(rows + n, sizeof(rows) - (size_t)n,
		   quoted(row->value, "realm"), quoted(row->value, "nonce"));
	b = buf_make(out_mem, sizeof(out_mem));
	c->cseq++;
	invite_make(&b, c, rows);
	call_send(c, &b, now);
}

static void keep_routes(struct call *c)
{
	char mem[2048];
	struct buf b = buf_make(mem, sizeof(mem));
	size_t n = 0;

	while (sipmsg_row(&msg, SIP_F_RECORD_ROUTE, n))
		n++;
	while (n-- > 0)
		buf_fmt(&b, "Route: %.*s\r\n",
			SPAN_ARG(sipmsg_row(&msg, SIP_F_RECORD_ROUTE, n)
					 ->value));
	keep(&c->routes, buf_span(&b));
}

static void call_bye(struct call *c)
{
	struct buf b = buf_make(out_mem, sizeof(out_mem));
	struct text_call t = names(c);

	c->phase = ENDING;
	text_in_dialog(&b, &t, "BYE", ++c->cseq, span_str(c->uri),
		       span_str(c->to), span_str(c->routes));
	call_send(c, &b, bench_wall_ns());
}

static void call_answered(struct call *c)
{
	const struct sip_row *contact = sipmsg_row(&msg, SIP_F_CONTACT, 0);
	struct buf b = buf_make(out_mem, sizeof(out_mem));
	struct text_call t = names(c);
	struct span v;

	if (!contact)
		return;
	v = contact->value;
	if (v.len > 2 && v.p[0] == '<')
		v = span_make(v.p + 1, span_find(v, '>') - 1);
	keep(&c->uri, v);
	keep(&c->to, msg.to);
	keep_routes(c);
	text_in_dialog(&b, &t, "ACK", c->cseq, v, msg.to, span_str(c->routes));
	send_to(caller_fd, &next_hop, b.p, b.len);
	c->acked_ns = bench_wall_ns();
	c->again_ns = 0;
	if (opt.again) {
		c->ack = malloc(b.len);
		if (!c->ack)
			bench_die("no memory");
		memcpy(c->ack, b.p, b.len);
		c->ack_len = b.len;
	}
	c->phase = TALKING;
	if (opt.no_bye)
		call_end(c, DONE);
	else if (!opt.hold_ms)
		call_bye(c);
}

static void caller_response(struct call *c)
{
	uint64_t now = bench_wall_ns();

	if (msg.status < 200) {
		if (c->phase == INVITED)
			c->again_ns = 0;
		return;
	}
	if (msg.method == SIP_BYE && c->phase == ENDING) {
		c->ended_ns = now;
		call_end(c, msg.status < 300 ? DONE : LOST);
		return;
	}
	if (msg.method != SIP_INVITE)
		return;
	if (c->phase == INVITED && msg.status < 300)
		call_answered(c);
	else if (c->phase == INVITED && msg.status == 407)
		call_challenged(c, now);
	else if (c->phase == INVITED)
		call_end(c, LOST);
	else if ((c->phase == TALKING || c->phase == ENDING) &&
		 msg.status < 300 && c->ack)
		send_to(caller_fd, &next_hop, c->ack, c->ack_len);
}

/* ---- the callee: keeps nothing ---- */

static bool add_signature(struct buf *b, const struct sip_msg *req)
{
	struct pgp_params p, sign = { 0 };
	enum pgp_row what;
	size_t i = 0;

	if (!pgpauth_next(req, SIP_F_AUTHORIZATION, NULL, &i, &what, &p) ||
	    what != PGP_ROW_OK) {
		responses_unsigned++;
		return true;
	}
	sign.realm = p.realm;
	sign.nonce = p.nonce;
	sign.cnonce = p.cnonce;
	sign.nc = p.nc;
	return signer_sign(signer, b, sign, true);
}

static void callee_request(const struct sockaddr_in *from)
{
	struct buf b = buf_make(out_mem, sizeof(out_mem));
	struct text_call t = { .callee = opt.callee };

	if (msg.method != SIP_INVITE && msg.method != SIP_BYE)
		return;
	text_response(&b, &msg, &t, 200, "OK", msg.method == SIP_INVITE);
	if (signer && !add_signature(&b, &msg))
		bench_die("the far side can't sign");
	send_to(callee_fd, from, b.p, b.len);
}

/* ---- the loop ---- */

static void receive(int fd, bool caller)
{
	struct sockaddr_in from;
	socklen_t len = sizeof(from);
	uint32_t n;
	ssize_t got;

	while ((got = recvfrom(fd, in, sizeof(in), 0, (struct sockaddr *)&from,
			       &len)) > 0) {
		if (sipmsg_read(&msg, span_make(in, (size_t)got), false) !=
			    SIP_OK ||
		    msg.request == caller)
			continue;
		if (!caller)
			callee_request(&from);
		else if (text_number(msg.call_id, opt.run, &n) &&
			 n < (uint32_t)opt.calls)
			caller_response(&calls[n]);
	}
}

static void look_after(struct call *c, uint64_t now)
{
	uint64_t hold_ns = (uint64_t)opt.hold_ms * 1000000u;
	uint64_t limit_ns = (uint64_t)opt.limit_ms * 1000000u + hold_ns;

	if (c->phase == TALKING && hold_ns && now > c->acked_ns + hold_ns)
		call_bye(c);
	if (c->phase == INVITED || c->phase == ENDING) {
		if (now > c->begun_ns + limit_ns) {
			call_end(c, LOST);
		} else if (c->again_ns && now > c->again_ns) {
			send_to(caller_fd, &next_hop, c->sent, c->sent_len);
			c->interval_ms *= 2;
			c->again_ns = now + c->interval_ms * UINT64_C(1000000);
		}
	}
}

static void run(void)
{
	struct pollfd p[] = { { .fd = caller_fd, .events = POLLIN },
			      { .fd = callee_fd, .events = POLLIN } };
	uint64_t begin = bench_wall_ns(), looked = 0;
	uint64_t gap = (uint64_t)(1e9 / opt.rate), due = begin;
	int begun = 0, oldest = 0;

	while (done + lost < opt.calls) {
		uint64_t now = bench_wall_ns();
		struct timespec wait = { .tv_nsec = 1000000 };

		/* a generator that fell behind does not make bursts of it */
		for (int i = 0; i < 4 && begun < opt.calls && due <= now; i++) {
			call_begin(&calls[begun++]);
			due += gap;
		}
		if (now > looked + 1000000u) {
			looked = now;
			while (oldest < begun && calls[oldest].phase >= DONE)
				oldest++;
			for (int i = oldest; i < begun; i++)
				look_after(&calls[i], now);
		}
		now = bench_wall_ns();
		if (begun < opt.calls && due < now + 1000000u)
			wait.tv_nsec = due > now ? (long)(due - now) : 0;
		ppoll(p, 2, &wait, NULL);
		receive(callee_fd, false);
		receive(caller_fd, true);
	}
}

static void report(uint64_t began)
{
	struct series setup = { 0 }, all = { 0 };
	FILE *f = opt.output ? fopen(opt.output, "a") : NULL;
	double took = (double)(bench_wall_ns() - began) / 1e9;

	for (int i = 0; i < opt.calls; i++) {
		double us =
			(double)(calls[i].acked_ns - calls[i].begun_ns) / 1000;

		if (!calls[i].acked_ns)
			continue;
		series_add(&setup, us);
		if (calls[i].ended_ns)
			series_add(&all, (double)(calls[i].ended_ns -
						  calls[i].begun_ns) /
						 1000);
		if (f)
			fprintf(f, "%.1f\n", us);
	}
	if (f)
		fclose(f);
	printf("{\"calls\":%d,\"done\":%d,\"lost\":%d,\"seconds\":%.3f,"
	       "\"rate\":%.1f,\"cpu_s\":%.3f,\"sent\":%llu,"
	       "\"unsigned\":%llu,\"setup_median\":%.1f,",
	       opt.calls, done, lost, took, done / took,
	       (double)bench_process_ns() / 1e9, (unsigned long long)sent_count,
	       (unsigned long long)responses_unsigned, series_median(&setup));
	printf("\"setup_max\":%.1f,", setup.n ? setup.v[setup.n - 1] : 0);
	series_median(&all);
	printf("\"call_max\":%.1f}\n", all.n ? all.v[all.n - 1] : 0);
}

static __attribute__((noreturn)) void usage(void)
{
	bench_die("usage: callgen -a [NS/]CALLER:PORT -b [NS/]CALLEE:PORT\n"
		  "  [-x NEXTHOP:PORT] [-n CALLS] [-q RATE] [-l LIMIT_MS]\n"
		  "  [-h HOLD_MS] [-r] [-B] [-d USER:PASSWORD] [-u CALLEE]\n"
		  "  [-H ROW] [-S HOME:KEY] [-C HOME:KEY -R REALM] "
		  "[-D DOMAIN] [-o FILE]");
}

static struct addr place(char *text, const char **netns)
{
	char *slash = strchr(text, '/');

	if (slash) {
		*slash = '\0';
		*netns = text;
		text = slash + 1;
	}
	return bench_addr(text);
}

static const char *second(char *text)
{
	char *colon = strrchr(text, ':');

	if (!colon)
		usage();
	*colon = '\0';
	return colon + 1;
}

static void read_options(int argc, char **argv)
{
	static char row[1024];
	int o;

	while ((o = getopt(argc, argv, "a:b:x:n:q:l:h:rBd:u:H:S:C:R:D:o:")) !=
	       -1) {
		switch (o) {
		case 'a':
			opt.caller = place(optarg, &opt.caller_ns);
			break;
		case 'b':
			opt.callee = place(optarg, &opt.callee_ns);
			break;
		case 'x':
			opt.next = bench_addr(optarg);
			break;
		case 'n':
			opt.calls = atoi(optarg);
			break;
		case 'q':
			opt.rate = atof(optarg);
			break;
		case 'l':
			opt.limit_ms = atoi(optarg);
			break;
		case 'h':
			opt.hold_ms = atoi(optarg);
			break;
		case 'r':
			opt.again = true;
			break;
		case 'B':
			opt.no_bye = true;
			break;
		case 'u':
			opt.callee_user = optarg;
			break;
		case 'H':
			snprintf(row, sizeof(row), "%s\r\n", optarg);
			opt.row = row;
			break;
		case 'd':
			opt.password = second(optarg);
			opt.user = optarg;
			break;
		case 'S':
			opt.fpr = second(optarg);
			opt.home = optarg;
			break;
		case 'C':
			opt.caller_fpr = second(optarg);
			opt.caller_home = optarg;
			break;
		case 'R':
			opt.realm = optarg;
			break;
		case 'D':
			text_domain = optarg;
			break;
		case 'o':
			opt.output = optarg;
			break;
		default:
			usage();
		}
	}
	if (optind != argc || !opt.caller.version || !opt.callee.version ||
	    opt.calls < 1 || opt.rate <= 0 || !opt.caller_home != !opt.realm)
		usage();
	if (!opt.next.version)
		opt.next = opt.callee;
}

int main(int argc, char **argv)
{
	uint64_t began;

	read_options(argc, argv);
	log_open(false, 0);
	if (digest_init())
		return 1;
	sipmsg_init();
	snprintf(opt.run, sizeof(opt.run), "%llx",
		 (unsigned long long)bench_wall_ns());
	calls = calloc((size_t)opt.calls, sizeof(*calls));
	if (!calls)
		bench_die("no memory");
	if (opt.home)
		signer = signer_open(opt.home, "fast", opt.fpr);
	if (opt.caller_home)
		caller_signer =
			signer_open(opt.caller_home, "fast", opt.caller_fpr);
	next_hop = socket_address(&opt.next);
	caller_fd = socket_open(opt.caller_ns, &opt.caller);
	callee_fd = socket_open(opt.callee_ns, &opt.callee);
	began = bench_wall_ns();
	run();
	report(began);
	return 0;
}

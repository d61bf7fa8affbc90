/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * meter - time and CPU of call set-ups, on one side of a call.
 *
 *   meter FIRST FIRST.pcap LAST LAST.pcap FD
 *
 * A set-up begins with the first INVITE of a Call-ID on the interface FIRST and
 * ends with the first ACK behind a 200 to INVITE on LAST. Interfaces are as
 * libpcap names them (eth0, nflog:7); all packets are kept in the captures. FD
 * is an open file that holds CPU time: cpuacct.usage of a cgroup, or cpu.stat
 * where cgroups are of version 2. For each set-up a line
 *
 *   call CALL-ID MICROSECONDS CPU-MICROSECONDS
 *
 * is printed: time by the captures' clock, CPU between the moments when
 * the two packets were seen here. The words of SIP are looked for wherever a
 * packet's headers end, so that no link type need be known.
 *
 * Packets of NFLOG bear the time at which they are read, and CPU is that of the
 * moment of reading: so the meter runs before all others (SCHED_FIFO), for some
 * microseconds each time.
 */
#include <inttypes.h>
#include <pcap/pcap.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SNAPLEN 65535
#define ID_MAX	256
#define BATCH	64
#define BUFFER	(4 << 20)

enum phase { IDLE, INVITED, ANSWERED };

struct tap {
	pcap_t *pcap;
	pcap_dumper_t *dump;
	bool first, last; /* which events are looked for */
};

static struct {
	enum phase phase;
	char id[ID_MAX];
	int64_t begun_us;
	int64_t begun_cpu_us;
	int cpu_fd;
} m;

static volatile sig_atomic_t ending;

static void on_signal(int sig)
{
	(void)sig;
	ending = 1;
}

static void die(const char *what, const char *why)
{
	fprintf(stderr, "meter: %s: %s\n", what, why);
	exit(1);
}

static int64_t cpu_us(void)
{
	char buf[512];
	const char *p;
	ssize_t n = pread(m.cpu_fd, buf, sizeof(buf) - 1, 0);

	if (n <= 0)
		die("CPU time", "can't be read");
	buf[n] = '\0';
	p = strstr(buf, "usage_usec ");
	return p ? strtoll(p + 11, NULL, 10) : strtoll(buf, NULL, 10) / 1000;
}

static bool has(const u_char *p, size_t len, const char *word)
{
	return memmem(p, len, word, strlen(word)) != NULL;
}

static bool call_id(const u_char *p, size_t len, char id[ID_MAX])
{
	const char *name = "\r\nCall-ID:";
	const u_char *at = memmem(p, len, name, strlen(name));
	size_t n = 0;

	if (!at)
		return false;
	at += strlen(name);
	while (at < p + len && *at == ' ')
		at++;
	while (at<p + len && * at> ' ' && n < ID_MAX - 1)
		id[n++] = (char)*at++;
	id[n] = '\0';
	return n > 0;
}

static bool is_answer(const u_char *p, size_t len)
{
	return has(p, len, "SIP/2.0 200 ") && has(p, len, " INVITE\r\n");
}

static void begin(const char *id, int64_t us)
{
	m.begun_cpu_us = cpu_us();
	m.begun_us = us;
	m.phase = INVITED;
	strcpy(m.id, id);
}

static void end(int64_t us)
{
	int64_t cpu = cpu_us() - m.begun_cpu_us;

	printf("call %s %" PRId64 " %" PRId64 "\n", m.id, us - m.begun_us, cpu);
	fflush(stdout);
	m.phase = IDLE; /* its Call-ID stays: what comes again is nothing new */
}

static void take(const struct tap *t, int64_t us, const u_char *p, size_t len)
{
	char id[ID_MAX];
	bool same;

	if (!call_id(p, len, id))
		return;
	same = !strcmp(id, m.id);
	if (t->first && !same && has(p, len, "INVITE sip:"))
		begin(id, us);
	else if (t->last && same && m.phase == INVITED && is_answer(p, len))
		m.phase = ANSWERED;
	else if (t->last && same && m.phase == ANSWERED &&
		 has(p, len, "ACK sip:"))
		end(us);
}

static void tap_open(struct tap *t, const char *interface, const char *file)
{
	char why[PCAP_ERRBUF_SIZE];

	t->pcap = pcap_create(interface, why);
	if (!t->pcap)
		die(interface, why);
	if (pcap_set_snaplen(t->pcap, SNAPLEN) ||
	    pcap_set_immediate_mode(t->pcap, 1) ||
	    pcap_set_buffer_size(t->pcap, BUFFER) || pcap_activate(t->pcap) < 0)
		die(interface, pcap_geterr(t->pcap));
	if (pcap_setnonblock(t->pcap, 1, why) < 0)
		die(interface, why);
	t->dump = pcap_dump_open(t->pcap, file);
	if (!t->dump)
		die(file, pcap_geterr(t->pcap));
}

static void drain(struct tap *t)
{
	struct pcap_pkthdr *h;
	const u_char *p;

	for (int i = 0; i < BATCH; i++) {
		if (pcap_next_ex(t->pcap, &h, &p) != 1)
			break;
		take(t, h->ts.tv_sec * INT64_C(1000000) + h->ts.tv_usec, p,
		     h->caplen);
		pcap_dump((u_char *)t->dump, h, p);
	}
	pcap_dump_flush(t->dump);
}

int main(int argc, char **argv)
{
	struct tap tap[2] = { { .first = true }, { .last = true } };
	struct sigaction sa = { .sa_handler = on_signal };
	struct sched_param first = { .sched_priority = 10 };
	struct pollfd p[2];

	if (argc != 6) {
		fputs("usage: meter FIRST FIRST.pcap LAST LAST.pcap FD\n",
		      stderr);
		return 2;
	}
	m.cpu_fd = atoi(argv[5]);
	if (sched_setscheduler(0, SCHED_FIFO, &first))
		fputs("meter: no SCHED_FIFO here: times are rougher\n", stderr);
	sigaction(SIGTERM, &sa, NULL);
	sigaction(SIGINT, &sa, NULL);
	for (int i = 0; i < 2; i++) {
		tap_open(&tap[i], argv[1 + 2 * i], argv[2 + 2 * i]);
		p[i].fd = pcap_get_selectable_fd(tap[i].pcap);
		p[i].events = POLLIN;
	}
	(void)cpu_us();
	puts("ready");
	fflush(stdout);
	while (!ending) {
		poll(p, 2, -1);
		/* in this order: what begins a call is seen before its end */
		drain(&tap[0]);
		drain(&tap[1]);
	}
	pcap_dump_close(tap[0].dump);
	pcap_dump_close(tap[1].dump);
	return 0;
}

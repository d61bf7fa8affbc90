/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "io/capture.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pcap/pcap.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"

#define SNAPLEN	    65535
#define FILE_HEADER 24 /* of the pcap format */
#define ROW_HEADER  16

struct capture {
	pcap_t *pcap;
	pcap_dumper_t *dumper; /* of fd[turn]; NULL: capture has ended */
	int fd[2];
	unsigned int turn;
	size_t limit, written;
	uint64_t count;
};

static int start_turn(struct capture *c, unsigned int turn)
{
	int fd = fcntl(c->fd[turn], F_DUPFD_CLOEXEC, 0);
	FILE *f;

	c->dumper = NULL;
	if (fd < 0)
		return errno;
	if (ftruncate(fd, 0) || lseek(fd, 0, SEEK_SET) < 0 ||
	    !(f = fdopen(fd, "w"))) {
		int err = errno;

		close(fd);
		return err;
	}
	c->dumper = pcap_dump_fopen(c->pcap, f);
	if (!c->dumper) {
		fclose(f);
		return EIO;
	}
	c->turn = turn;
	c->written = FILE_HEADER;
	return 0;
}

/* A link in its place must not lead us elsewhere while we are root. */
static int open_file(const char *path)
{
	return open(path,
		    O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC,
		    0600);
}

static int open_files(struct capture *c, const char *file)
{
	char older[PATH_MAX];
	int n = snprintf(older, sizeof(older), "%s.1", file);

	if (n < 0 || (size_t)n >= sizeof(older))
		return ENAMETOOLONG;
	if (rename(file, older) && errno != ENOENT)
		return errno;
	c->fd[0] = open_file(file);
	if (c->fd[0] < 0)
		return errno;
	c->fd[1] = open_file(older);
	return c->fd[1] < 0 ? errno : 0;
}

static void release(struct capture *c)
{
	if (c->dumper)
		pcap_dump_close(c->dumper);
	if (c->pcap)
		pcap_close(c->pcap);
	for (int i = 0; i < 2; i++)
		if (c->fd[i] >= 0)
			close(c->fd[i]);
	free(c);
}

int capture_open(struct capture **out, const char *file, size_t limit)
{
	struct capture *c = calloc(1, sizeof(*c));
	int err;

	if (!c)
		return ENOMEM;
	c->limit = limit;
	c->fd[0] = c->fd[1] = -1;
	c->pcap = pcap_open_dead(DLT_RAW, SNAPLEN);
	err = c->pcap ? open_files(c, file) : ENOMEM;
	if (!err)
		err = start_turn(c, 0);
	if (err) {
		errno = err;
		log_warn("capture file %s can't be opened", file);
		release(c);
		return err;
	}
	*out = c;
	return 0;
}

static void end_capture(struct capture *c, int err)
{
	errno = err;
	log_warn("the capture of dropped packets ends");
	if (c->dumper)
		pcap_dump_close(c->dumper);
	c->dumper = NULL;
}

void capture_packet(struct capture *c, const uint8_t *ip, size_t len)
{
	uint64_t now_ms = clock_wall_ms();
	struct pcap_pkthdr h = { .len = (bpf_u_int32)len };
	int err;

	if (!c->dumper)
		return;
	h.caplen = len < SNAPLEN ? (bpf_u_int32)len : SNAPLEN;
	h.ts.tv_sec = (time_t)(now_ms / 1000);
	h.ts.tv_usec = (suseconds_t)(now_ms % 1000 * 1000);
	if (c->written + ROW_HEADER + h.caplen > c->limit) {
		pcap_dump_close(c->dumper);
		err = start_turn(c, !c->turn);
		if (err) {
			end_capture(c, err);
			return;
		}
	}
	pcap_dump((u_char *)c->dumper, &h, ip);
	c->written += ROW_HEADER + h.caplen;
	c->count++;
}

void capture_flush(struct capture *c)
{
	if (c->dumper && pcap_dump_flush(c->dumper))
		end_capture(c, errno);
}

uint64_t capture_count(const struct capture *c)
{
	return c->count;
}

void capture_close(struct capture *c)
{
	if (c)
		release(c);
}

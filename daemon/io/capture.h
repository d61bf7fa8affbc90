/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * capture - what was dropped, as packets in pcap files: the only file that
 * knows libpcap. Two files of bounded size, FILE and FILE.1, are written in
 * turns, both opened with privileges; so no right over their directory is
 * needed later.
 *
 * Thread: the loop's. Buffered; a failing disk ends the capture, not more.
 */
#ifndef IO_CAPTURE_H
#define IO_CAPTURE_H

#include <stddef.h>
#include <stdint.h>

#define CAPTURE_LIMIT (16u << 20) /* octets of each file */

struct capture;

/*
 * An existing FILE becomes FILE.1. 0; the errno of opening, ENOMEM, with a line
 * in the log.
 */
int capture_open(struct capture **out, const char *file, size_t limit);

/* As core_io.captured. */
void capture_packet(struct capture *c, const uint8_t *ip, size_t len);

/* Bring what is buffered into the file; by a timer. */
void capture_flush(struct capture *c);

/* Packets written since it was opened. */
uint64_t capture_count(const struct capture *c);

void capture_close(struct capture *c); /* NULL is allowed */

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * keywatch - sees when a GnuPG home changes, and has it read again: soon after
 * a change, once in a while without one, and again after a reading that failed.
 *
 * Thread: the loop's.
 */
#ifndef IO_KEYWATCH_H
#define IO_KEYWATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <uv.h>

struct keywatch;

/*
 * Have the home read: done(arg, NULL) or done(arg, what is wrong) is called
 * once, later. 0; EBUSY (it is asked again later); ESHUTDOWN.
 */
typedef int keywatch_load(void *ctx, void (*done)(void *arg, const char *error),
			  void *arg);

/* Which changes count: of the public keys, or of all that trust rests on. */
enum keywatch_what { KEYWATCH_KEYS, KEYWATCH_ALL };

/*
 * A home that was changed since before this call is read again at once: open
 * the watch first, then read the home for the first time, then keywatch_start.
 * 0; ENOMEM; what the system has to say when it can't watch files is a line in
 * the log, and the home is read periodically.
 */
int keywatch_open(struct keywatch **out, uv_loop_t *loop, const char *home,
		  enum keywatch_what what, keywatch_load *load, void *ctx);
void keywatch_start(struct keywatch *w);

/* No more events. Memory is freed by the loop. NULL is allowed. */
void keywatch_close(struct keywatch *w);

#endif

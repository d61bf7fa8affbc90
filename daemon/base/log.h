/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * log - to stderr or syslog, in four words and two last ones.
 *
 * What a remote peer can trigger is logged through log_peer(), which lets a
 * bounded number of lines a second pass and says how many it kept back. Bodies,
 * keys, nonces and secrets are never logged; octets of a peer's are escaped.
 *
 * Thread: any.
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include <stdbool.h>

/* level: 0 warnings, 1 info (default), 2 debug */
void log_open(bool to_syslog, int level);

#define LOG_PRINTF(a, b) __attribute__((format(printf, a, b)))

void log_warn(const char *fmt, ...) LOG_PRINTF(1, 2);  /* with errno's text */
void log_warnx(const char *fmt, ...) LOG_PRINTF(1, 2); /* without */
void log_info(const char *fmt, ...) LOG_PRINTF(1, 2);
void log_debug(const char *fmt, ...) LOG_PRINTF(1, 2);
void log_peer(const char *fmt, ...) LOG_PRINTF(1, 2); /* rate-limited info */

/* Say it and exit with status 1; only main() and its helpers call these. */
void fatal(const char *fmt, ...) LOG_PRINTF(1, 2) __attribute__((noreturn));
void fatalx(const char *fmt, ...) LOG_PRINTF(1, 2) __attribute__((noreturn));

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * isolate - a user of its own and one capability: what is left of root after
 * the sockets are open. The only file that knows libcap-ng.
 *
 * Capabilities belong to threads: isolate_enter() comes before any other thread
 * is started. Errors are positive errno values, with a line in the log.
 */
#ifndef IO_ISOLATE_H
#define IO_ISOLATE_H

#include <sys/types.h>

struct isolate_user {
	char name[64];
	char home[256];
	uid_t uid;
	gid_t gid;
};

/* 0; ENOENT (no such user). Root is allowed, with a warning. */
int isolate_lookup(struct isolate_user *u, const char *name);

/*
 * Make a directory, and those above it, when it is missing. Only what is made
 * here changes hands: it gets the user as owner and the mode. 0; EACCES; …
 */
int isolate_dir(const struct isolate_user *u, const char *path, mode_t mode);

/*
 * Become the user with CAP_NET_ADMIN alone (permitted and effective; a verdict
 * needs it), no ambient or inheritable ones, an empty bounding set, no new
 * privileges, no core dumps, umask 077 and a clean environment. 0; EPERM; …
 */
int isolate_enter(const struct isolate_user *u);

#endif

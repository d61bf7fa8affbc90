/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "io/isolate.h"

#include <cap-ng.h>
#include <errno.h>
#include <limits.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"

int isolate_lookup(struct isolate_user *u, const char *name)
{
	const struct passwd *pw = getpwnam(name);

	if (!pw) {
		log_warnx("user \"%s\" does not exist (useradd --system, or "
			  "set \"user\")",
			  name);
		return ENOENT;
	}
	snprintf(u->name, sizeof(u->name), "%s", name);
	snprintf(u->home, sizeof(u->home), "%s", pw->pw_dir);
	u->uid = pw->pw_uid;
	u->gid = pw->pw_gid;
	if (!u->uid)
		log_warnx("running as root: a user of its own would protect "
			  "this host better");
	return 0;
}

static int make_dir(const struct isolate_user *u, const char *path, mode_t mode)
{
	if (!mkdir(path, mode)) {
		/* the umask has had its say in mkdir() */
		if (chmod(path, mode) || chown(path, u->uid, u->gid))
			return errno;
		return 0;
	}
	return errno == EEXIST ? 0 : errno;
}

int isolate_dir(const struct isolate_user *u, const char *path, mode_t mode)
{
	static const struct isolate_user root = { .name = "root" };
	char part[PATH_MAX];
	size_t len = strlen(path);
	int err = 0;

	if (len >= sizeof(part))
		err = ENAMETOOLONG;
	for (size_t i = 1; !err && i < len; i++) {
		if (path[i] != '/' || path[i - 1] == '/')
			continue;
		memcpy(part, path, i);
		part[i] = '\0';
		err = make_dir(&root, part, 0755);
	}
	if (!err)
		err = make_dir(u, path, mode);
	if (err) {
		errno = err;
		log_warn("directory %s can't be made", path);
	}
	return err;
}

/* What gpg and the loop's threads may know of where we were started. */
static int clean_environment(const struct isolate_user *u)
{
	static const char *const kept[] = { "NOTIFY_SOCKET",
					    "UV_THREADPOOL_SIZE", "TZ" };
	enum { N = sizeof(kept) / sizeof(*kept) };
	char *value[N];
	int err = 0;

	for (size_t i = 0; i < N; i++) {
		const char *v = getenv(kept[i]);

		value[i] = v ? strdup(v) : NULL;
		if (v && !value[i])
			err = ENOMEM;
	}
	clearenv();
	for (size_t i = 0; i < N; i++) {
		if (value[i] && setenv(kept[i], value[i], 1))
			err = ENOMEM;
		free(value[i]);
	}
	if (setenv("PATH", "/usr/local/bin:/usr/bin:/bin", 1) ||
	    setenv("HOME", u->home, 1))
		err = ENOMEM;
	return err;
}

static int only_net_admin(const struct isolate_user *u)
{
	int rc;

	capng_clear(CAPNG_SELECT_ALL);
	capng_update(CAPNG_ADD, CAPNG_EFFECTIVE | CAPNG_PERMITTED,
		     CAP_NET_ADMIN);
	rc = capng_change_id((int)u->uid, (int)u->gid,
			     CAPNG_DROP_SUPP_GRP | CAPNG_CLEAR_BOUNDING |
				     CAPNG_CLEAR_AMBIENT);
	if (rc) {
		log_warn("can't become user %s (step %d)", u->name, -rc);
		return errno ? errno : EPERM;
	}
	return 0;
}

/* Believe what is, not what was asked for. */
static int prove(const struct isolate_user *u)
{
	uid_t r, e, s;
	gid_t gr, ge, gs;
	bool same = !getresuid(&r, &e, &s) && !getresgid(&gr, &ge, &gs) &&
		    r == u->uid && e == u->uid && s == u->uid && gr == u->gid &&
		    ge == u->gid && gs == u->gid;

	capng_clear(CAPNG_SELECT_ALL);
	if (same && !capng_get_caps_process() &&
	    capng_have_capability(CAPNG_EFFECTIVE, CAP_NET_ADMIN) &&
	    capng_have_capabilities(CAPNG_SELECT_CAPS) == CAPNG_PARTIAL &&
	    capng_have_capabilities(CAPNG_SELECT_AMBIENT) == CAPNG_NONE &&
	    !capng_have_capability(CAPNG_PERMITTED, CAP_NET_RAW) &&
	    !capng_have_capability(CAPNG_PERMITTED, CAP_SETUID) &&
	    !capng_have_capability(CAPNG_INHERITABLE, CAP_NET_ADMIN))
		return 0;
	log_warnx("privileges are not what they should be after the change to "
		  "user %s",
		  u->name);
	return EPERM;
}

int isolate_enter(const struct isolate_user *u)
{
	const struct rlimit no_core = { 0, 0 };
	int err;

	umask(077);
	err = clean_environment(u);
	if (!err)
		err = only_net_admin(u);
	if (!err)
		err = prove(u);
	if (err)
		return err;
	/* after the change of user, which sets it anew */
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
	    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) ||
	    setrlimit(RLIMIT_CORE, &no_core)) {
		err = errno;
		log_warn("the process can't be closed off");
	}
	return err;
}

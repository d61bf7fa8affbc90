/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/log.h"
#include "io/isolate.h"

#define NET_ADMIN_ONLY "0000000000001000"
#define NONE	       "0000000000000000"

/* A field of /proc/self/status. */
static bool status_is(const char *name, const char *value)
{
	char line[256], want[64];
	FILE *f = fopen("/proc/self/status", "r");
	bool same = false;

	snprintf(want, sizeof(want), "%s:\t%s\n", name, value);
	while (f && fgets(line, sizeof(line), f))
		same |= !strcmp(line, want);
	if (f)
		fclose(f);
	return same;
}

#define CHECK(x)                                                               \
	do {                                                                   \
		if (!(x)) {                                                    \
			fprintf(stderr, "line %d: %s\n", __LINE__, #x);        \
			_exit(1);                                              \
		}                                                              \
	} while (0)

/* In a process of its own: there is no way back. */
static _Noreturn void enter_and_look(const char *name)
{
	struct isolate_user u;

	setenv("GNUPGHOME", "/root/.gnupg", 1);
	setenv("LD_PRELOAD_X", "x", 1);
	setenv("NOTIFY_SOCKET", "/run/x", 1);
	CHECK(!isolate_lookup(&u, name));
	CHECK(!isolate_enter(&u));
	CHECK(getuid() == u.uid && geteuid() == u.uid);
	CHECK(getgid() == u.gid && getegid() == u.gid);
	CHECK(getgroups(0, NULL) == 0);
	CHECK(status_is("CapEff", NET_ADMIN_ONLY));
	CHECK(status_is("CapPrm", NET_ADMIN_ONLY));
	CHECK(status_is("CapInh", NONE));
	CHECK(status_is("CapAmb", NONE));
	CHECK(status_is("CapBnd", NONE));
	CHECK(status_is("NoNewPrivs", "1"));
	CHECK(prctl(PR_GET_DUMPABLE) == 0);
	CHECK(umask(0) == 077);
	CHECK(!getenv("GNUPGHOME") && !getenv("LD_PRELOAD_X"));
	CHECK(!strcmp(getenv("NOTIFY_SOCKET"), "/run/x"));
	CHECK(!strcmp(getenv("HOME"), u.home));
	CHECK(socket(AF_INET, SOCK_RAW, IPPROTO_RAW) < 0 && errno == EPERM);
	CHECK(u.uid == 0 || open("/etc/shadow", O_RDONLY) < 0);
	CHECK(u.uid == 0 || (setuid(0) < 0 && errno == EPERM));
	/* a child, as gpg is one, gets nothing at all */
	CHECK(!system("test $(grep -c 'Cap\\(Eff\\|Prm\\|Amb\\):.*0000000000"
		      "000000$' /proc/self/status) = 3"));
	_exit(0);
}

static void in_child(const char *name)
{
	int status;
	pid_t pid;

	if (geteuid()) {
		print_message("needs root: skipped\n");
		skip();
	}
	pid = fork();
	if (!pid)
		enter_and_look(name);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

static void test_user(void **state)
{
	(void)state;
	in_child("nobody");
}

static void test_root(void **state)
{
	(void)state;
	in_child("root");
}

static void test_no_user(void **state)
{
	struct isolate_user u;

	(void)state;
	assert_int_equal(isolate_lookup(&u, "no-such-user"), ENOENT);
}

static void owned(const char *path, uid_t uid, mode_t mode)
{
	struct stat st;

	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_uid, uid);
	assert_int_equal(st.st_mode & 07777, mode);
}

static void test_dir(void **state)
{
	char top[] = "/tmp/test-isolate-XXXXXX", path[128], part[128];
	const struct passwd *pw = getpwnam("nobody");
	struct isolate_user u = { .name = "nobody" };
	mode_t old = umask(027);

	(void)state;
	if (geteuid())
		skip();
	assert_non_null(pw);
	u.uid = pw->pw_uid;
	u.gid = pw->pw_gid;
	assert_non_null(mkdtemp(top));
	snprintf(part, sizeof(part), "%s/a", top);
	snprintf(path, sizeof(path), "%s/a/b", top);
	assert_int_equal(isolate_dir(&u, path, 0700), 0);
	owned(part, 0, 0755);
	owned(path, u.uid, 0700);
	/* what is there stays as it is */
	assert_int_equal(chmod(path, 0710), 0);
	assert_int_equal(chown(path, 0, 0), 0);
	assert_int_equal(isolate_dir(&u, path, 0700), 0);
	owned(path, 0, 0710);
	assert_int_equal(isolate_dir(&u, "/proc/x/y", 0700), ENOENT);
	assert_int_equal(rmdir(path) | rmdir(part) | rmdir(top), 0);
	umask(old);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_user),
		cmocka_unit_test(test_root),
		cmocka_unit_test(test_no_user),
		cmocka_unit_test(test_dir),
	};

	log_open(false, 0);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

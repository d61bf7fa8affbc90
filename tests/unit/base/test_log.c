// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/log.h"

static int kept_stderr;

/* stderr goes to memory from here on. */
static void catch_start(void)
{
	int fd = memfd_create("stderr", MFD_CLOEXEC);

	assert_true(fd >= 0);
	kept_stderr = dup(STDERR_FILENO);
	assert_int_equal(dup2(fd, STDERR_FILENO), STDERR_FILENO);
	close(fd);
}

/* What was written since, without the program's name before each line. */
static const char *catch_end(void)
{
	static char raw[65536], out[65536];
	const char *line = raw;
	char *at = out;
	ssize_t n = pread(STDERR_FILENO, raw, sizeof(raw) - 1, 0);
	size_t prefix = strlen(program_invocation_short_name) + 2;

	dup2(kept_stderr, STDERR_FILENO);
	close(kept_stderr);
	assert_true(n >= 0);
	raw[n] = '\0';
	while (*line) {
		size_t len = strcspn(line, "\n") + 1;

		assert_true(len > prefix);
		assert_memory_equal(line, program_invocation_short_name,
				    prefix - 2);
		memcpy(at, line + prefix, len - prefix);
		at += len - prefix;
		line += len;
	}
	*at = '\0';
	return out;
}

static void levels(void **state)
{
	static const char *const want[] = {
		"w\n",
		"w\ni\np\n",
		"w\ni\nd\np\n",
	};

	(void)state;
	for (int level = 0; level < 3; level++) {
		catch_start();
		log_open(false, level);
		log_warnx("w");
		log_info("i");
		log_debug("d");
		log_peer("p");
		assert_string_equal(catch_end(), want[level]);
	}
	log_open(false, 1);
}

static void warn_tells_and_keeps_errno(void **state)
{
	(void)state;
	catch_start();
	errno = ENOENT;
	log_warn("open %s", "x");
	assert_int_equal(errno, ENOENT);
	assert_string_equal(catch_end(), "open x: No such file or directory\n");
}

static void octets_of_others_are_escaped(void **state)
{
	(void)state;
	catch_start();
	log_info("a%sb", "\r\n\x1b[2J\x7f\xc3\xa9~ ");
	assert_string_equal(catch_end(),
			    "a\\x0d\\x0a\\x1b[2J\\x7f\\xc3\\xa9~ b\n");
}

static void long_lines_are_cut(void **state)
{
	static char text[5000];
	const char *got;

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	catch_start();
	log_info("%s", text);
	memset(text, '\n', sizeof(text) - 1);
	log_info("%s", text);
	got = catch_end();
	assert_int_equal(strspn(got, "x"), strcspn(got, "\n"));
	got = strchr(got, '\n') + 1;
	assert_int_equal(strspn(got, "\\x0a"), strcspn(got, "\n"));
	assert_true(strlen(got) > 500 && strlen(got) < 1100);
}

/* Lines of peers in the text, those told of as kept back included. */
static unsigned long peer_lines(const char *text)
{
	unsigned long n = 0;

	for (; *text; text = strchr(text, '\n') + 1)
		n += *text == 'p' ? 1 : strtoul(text, NULL, 10);
	return n;
}

static void peers_are_held_back_and_counted(void **state)
{
	const unsigned long flood = 100000;
	unsigned long seen, sent = flood;
	const char *got;

	(void)state;
	catch_start();
	for (unsigned long i = 0; i < flood; i++)
		log_peer("p");
	got = catch_end();
	assert_true(strlen(got) < 20000);
	seen = peer_lines(got);
	assert_true(seen > 5);

	/* with time a line comes again, and accounts for those before it */
	for (got = ""; !*got; sent++) {
		catch_start();
		log_peer("p");
		got = catch_end();
	}
	assert_int_equal(seen + peer_lines(got), sent);
}

static void ends_with_status_1(void **state)
{
	int status;
	pid_t pid;

	(void)state;
	catch_start();
	pid = fork();
	if (!pid) {
		errno = EACCES;
		fatal("no way");
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_string_equal(catch_end(), "no way: Permission denied\n");
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(levels),
		cmocka_unit_test(warn_tells_and_keeps_errno),
		cmocka_unit_test(octets_of_others_are_escaped),
		cmocka_unit_test(long_lines_are_cut),
		cmocka_unit_test(peers_are_held_back_and_counted),
		cmocka_unit_test(ends_with_status_1),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

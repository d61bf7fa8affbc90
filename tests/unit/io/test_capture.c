/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <pcap/pcap.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "io/capture.h"

static char dir[64], file[96], older[96];

static int setup(void **state)
{
	(void)state;
	log_open(false, 0);
	strcpy(dir, "/tmp/test-capture-XXXXXX");
	assert_non_null(mkdtemp(dir));
	snprintf(file, sizeof(file), "%s/dropped.pcap", dir);
	snprintf(older, sizeof(older), "%s/dropped.pcap.1", dir);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	unlink(file);
	unlink(older);
	return rmdir(dir);
}

/* How many packets are in it; each starts with its number. */
static int packets(const char *path, int *first)
{
	char err[PCAP_ERRBUF_SIZE];
	pcap_t *p = pcap_open_offline(path, err);
	struct pcap_pkthdr *h;
	const u_char *data;
	int n = 0;

	assert_non_null(p);
	assert_int_equal(pcap_datalink(p), DLT_RAW);
	for (; pcap_next_ex(p, &h, &data) == 1; n++) {
		assert_int_equal(h->caplen, h->len);
		if (!n)
			*first = data[0];
	}
	pcap_close(p);
	return n;
}

static void test_write(void **state)
{
	const uint8_t ip[] = { 0x45, 1, 2, 3 };
	struct capture *c = NULL;
	struct stat st;
	int first;

	(void)state;
	assert_int_equal(capture_open(&c, file, 1 << 20), 0);
	capture_packet(c, ip, sizeof(ip));
	capture_packet(c, ip, sizeof(ip));
	capture_flush(c);
	assert_int_equal(packets(file, &first), 2);
	assert_int_equal(first, 0x45);
	assert_int_equal(capture_count(c), 2);
	capture_close(c);
	assert_int_equal(stat(file, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
}

/* The last packets are always there, and never more than two files' worth. */
static void test_turns(void **state)
{
	struct capture *c = NULL;
	uint8_t ip[84];
	struct stat st;
	int a, b, n = 0;

	(void)state;
	/* ten of 84 + 16 octets fit in each */
	assert_int_equal(capture_open(&c, file, 24 + 10 * 100), 0);
	for (; n < 35; n++) {
		memset(ip, n, sizeof(ip));
		capture_packet(c, ip, sizeof(ip));
	}
	capture_close(c);
	/* 0-9 file, 10-19 older, 20-29 file, 30-34 older */
	assert_int_equal(packets(file, &a), 10);
	assert_int_equal(a, 20);
	assert_int_equal(packets(older, &b), 5);
	assert_int_equal(b, 30);
	assert_int_equal(stat(file, &st), 0);
	assert_true(st.st_size <= 24 + 10 * 100);
}

static void test_restart_keeps(void **state)
{
	const uint8_t ip[] = { 0x45, 1, 2, 3 };
	struct capture *c = NULL;
	int first;

	(void)state;
	assert_int_equal(capture_open(&c, file, 1 << 20), 0);
	capture_packet(c, ip, sizeof(ip));
	capture_close(c);
	assert_int_equal(capture_open(&c, file, 1 << 20), 0);
	capture_close(c);
	assert_int_equal(packets(older, &first), 1);
	assert_int_equal(packets(file, &first), 0);
}

static void test_refused(void **state)
{
	struct capture *c = NULL;
	struct stat st;

	(void)state;
	assert_int_equal(capture_open(&c, "/nowhere/x", 1 << 20), ENOENT);
	/* a planted link is not followed */
	assert_int_equal(symlink("/etc/passwd", older), 0);
	assert_int_equal(capture_open(&c, file, 1 << 20), ELOOP);
	assert_null(c);
	assert_int_equal(lstat(older, &st), 0);
	assert_true(S_ISLNK(st.st_mode));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_write, setup, teardown),
		cmocka_unit_test_setup_teardown(test_turns, setup, teardown),
		cmocka_unit_test_setup_teardown(test_restart_keeps, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_refused, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Each conf/X.conf with a conf/X.expect beside it is bad, and the lines that
 * are expected stand there. Run from the top of the tree.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <libgen.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "core/conf.h"

#define CASES	"tests/unit/core/conf"
#define EXAMPLE "docs/sipseald.conf.example"

static char told[16384];
static char temp[] = "/tmp/sipseal-test-conf-XXXXXX";
static struct conf a, b;

static int make_temp(void **state)
{
	int fd = mkstemp(temp);

	(void)state;
	close(fd);
	return fd < 0;
}

static int remove_temp(void **state)
{
	(void)state;
	return unlink(temp);
}

/* Without the directory, so that it doesn't matter where the tree lies. */
static void tell(const char *line)
{
	const char *slash = strchr(line, ':'), *p = line;
	size_t n = strlen(told);

	for (const char *q = line; q < slash; q++)
		if (*q == '/')
			p = q + 1;
	snprintf(told + n, sizeof(told) - n, "%s\n", p);
}

static int load(struct conf *c, const char *file)
{
	*told = '\0';
	memset(c, 0x55, sizeof(*c));
	return conf_load(c, file, tell);
}

static int load_text(struct conf *c, const char *text)
{
	FILE *f = fopen(temp, "w");

	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
	return load(c, temp);
}

static void loads(struct conf *c, const char *text)
{
	int err = load_text(c, text);

	assert_string_equal(told, "");
	assert_int_equal(err, 0);
}

static void read_file(const char *path, char *out, size_t cap)
{
	FILE *f = fopen(path, "r");
	size_t n;

	if (!f)
		fail_msg("%s can't be read: not run from the top?", path);
	n = fread(out, 1, cap - 1, f);
	out[n] = '\0';
	fclose(f);
}

/* ---- faults ---- */

static void test_golden(void **state)
{
	static char expect[16384], good[] = "role = \"proxy\"\n";
	glob_t g;

	(void)state;
	assert_int_equal(glob(CASES "/*.conf", 0, NULL, &g), 0);
	assert_true(g.gl_pathc >= 25);
	for (size_t i = 0; i < g.gl_pathc; i++) {
		char path[200];
		int n = (int)strlen(g.gl_pathv[i]) - 5;

		snprintf(path, sizeof(path), "%.*s.expect", n, g.gl_pathv[i]);
		read_file(path, expect, sizeof(expect));
		assert_int_equal(load(&a, g.gl_pathv[i]), EINVAL);
		assert_string_equal(told, expect);
		/* nothing of it is left for the next file */
		loads(&a, good);
		assert_int_equal(a.role, ROLE_PROXY);
	}
	globfree(&g);
}

static void file_fault_is(const char *file, int err)
{
	char line[200], copy[100];

	snprintf(copy, sizeof(copy), "%s", file);
	snprintf(line, sizeof(line), "%s: %s\n", basename(copy), strerror(err));
	assert_int_equal(load(&a, file), err);
	assert_string_equal(told, line);
	conf_defaults(&b);
	assert_memory_equal(&a, &b, sizeof(a));
}

static void test_no_file(void **state)
{
	(void)state;
	file_fault_is("/nonexistent/sipseald.conf", ENOENT);
	file_fault_is(CASES, EISDIR);
	file_fault_is("/dev/zero", EFBIG);
}

static void test_unreadable(void **state)
{
	(void)state;
	loads(&a, "");
	assert_int_equal(chmod(temp, 0), 0);
	if (geteuid() == 0)
		assert_int_equal(seteuid(65534), 0);
	file_fault_is(temp, EACCES);
	if (getuid() == 0)
		assert_int_equal(seteuid(0), 0);
	assert_int_equal(chmod(temp, 0600), 0);
}

static void test_too_many(void **state)
{
	static char text[65536];
	size_t n = 0;

	(void)state;
	for (int i = 0; i < CONF_LIST_MAX - 1; i++)
		n += (size_t)snprintf(text + n, sizeof(text) - n,
				      "peer \"sip:%d@x.y\" {}\n", i);
	loads(&a, text);
	assert_int_equal(a.n_policies, CONF_LIST_MAX);
	assert_string_equal(a.policy[62].pattern, "sip:62@x.y");
	assert_string_equal(a.policy[63].pattern, "*");
	snprintf(text + n, sizeof(text) - n, "peer \"sip:63@x.y\" {}\n");
	assert_int_equal(load_text(&a, text), EINVAL);
	assert_non_null(strstr(told, ":64: there are more than 63 peer "));

	n = (size_t)snprintf(text, sizeof(text), "sign-realms = {\n");
	for (int i = 0; i < CONF_LIST_MAX; i++)
		n += (size_t)snprintf(text + n, sizeof(text) - n,
				      "\"%d.example\",\n", i);
	snprintf(text + n, sizeof(text) - n, "\"x\" }\n");
	assert_int_equal(load_text(&a, text), EINVAL);
	assert_non_null(strstr(told, ":66: sign-realms has more than 64 "));
}

/* Hundreds of faults: the first are told, and it ends. */
static void test_many_faults(void **state)
{
	static char text[65536];
	size_t n = 0, lines = 0;

	(void)state;
	for (int i = 0; i < 500; i++)
		n += (size_t)snprintf(text + n, sizeof(text) - n,
				      "unknown-%d = 1\n", i);
	assert_int_equal(load_text(&a, text), EINVAL);
	for (const char *p = told; (p = strchr(p, '\n')); p++)
		lines++;
	assert_true(lines >= 20 && lines <= 500);
	assert_non_null(strstr(told, ":1: no such option 'unknown-0'"));
}

static void test_long_values(void **state)
{
	char text[2048], long_text[700];

	(void)state;
	memset(long_text, 'x', sizeof(long_text) - 1);
	long_text[sizeof(long_text) - 1] = '\0';
	snprintf(text, sizeof(text), "\nrealm = \"%s.y\"\n", long_text);
	assert_int_equal(load_text(&a, text), EINVAL);
	assert_non_null(strstr(told, ":2: realm is longer than 127 "));
	snprintf(text, sizeof(text), "peer \"sip:%s@x.y\" {\n}\n", long_text);
	assert_int_equal(load_text(&a, text), EINVAL);
	assert_non_null(strstr(told, ":1: peer \"sip:xxx"));
	snprintf(text, sizeof(text), "sign-realms = {\"%s\"}\n", long_text);
	assert_int_equal(load_text(&a, text), EINVAL);
	assert_non_null(strstr(told, ":1: sign-realms is longer than 127 "));
}

/* ---- values ---- */

static void test_defaults(void **state)
{
	char host[PGP_REALM_MAX] = "";

	(void)state;
	conf_defaults(&a);
	loads(&b, "");
	memset(b.file, 0, sizeof(b.file));
	assert_memory_equal(&a, &b, sizeof(a));
	/* the table's defaults are those of a section that says nothing */
	loads(&b, "peer \"*\" {\n}\n");
	memset(b.file, 0, sizeof(b.file));
	assert_memory_equal(&a, &b, sizeof(a));
	assert_int_equal(gethostname(host, sizeof(host) - 1), 0);
	assert_string_equal(a.realm, host);
	assert_int_equal(a.queue_out, 5060);
	assert_int_equal(a.queue_in, 5061);
	assert_int_equal(a.mark, 0x5349);
	assert_false(a.fail_open);
	assert_int_equal(a.max_records, 1048576);
	assert_int_equal(a.n_policies, 1);
	assert_int_equal(a.policy[0].mode, MODE_ENFORCE);
	assert_int_equal(a.policy[0].unknown_key, UNKNOWN_REJECT);
	assert_int_equal(a.policy[0].provisional, PROVISIONAL_DROP);
	assert_int_equal(a.policy[0].failures, UNSIGNED_HOLD);
	assert_true(a.policy[0].sign && a.policy[0].eager &&
		    a.policy[0].registrar_unsigned);
	assert_false(a.policy[0].redirects || a.policy[0].domain_keys ||
		     a.policy[0].challenge_unmarked || a.policy[0].cover_nat);
}

static const char full[] =
	"realm = \"edge.example.org\" role = \"proxy\"\n"
	"queue-out = 0 queue-in = 65535 queue-length = 16 fail-open = yes\n"
	"mark = 0xffffffff user = nobody\n"
	"gnupg-home = /g state-dir = /s control = '/c' capture = \"/d.pcap\"\n"
	"header-name = \"X-PGP\" log = \"syslog\" log-level = \"debug\"\n"
	"crypto-timeout = 50 crypto-limit = 65536 keyring-timeout = 3600\n"
	"nonce-lifetime = 3600\n"
	"clock-skew = 1 hold = 0 dialog-lifetime = 60 max-records = 16\n"
	"state-size = 16\n"
	"sign-realms = {\"*.example.org\", \"Edge.example.net\"}\n"
	"cancel-from = {\"192.0.2.1\", \"2001:DB8::/32\"}\n"
	"cancel-by = {\"sip:PROXY.example.org:5060\"}\n"
	"peer \"sips:*@EXAMPLE.org\" {\n"
	"\taddress = \"10.0.0.0/8\" mode = \"observe\" sign = off\n"
	"\teager = no realm = \"r.example\" challenge-unmarked = on\n"
	"\tunknown-key = \"tofu\" no-key = \"reject\"\n"
	"\tunsigned-provisional = \"bare\" unsigned-redirects = true\n"
	"\tunsigned-failures = \"drop\" unsigned-registrar = false\n"
	"\tdomain-keys = true cover = \"nat\"\n"
	"}\n"
	"peer \"*\" { address = \"192.0.2.0/24\" mode = \"permissive\" }\n"
	"peer \"*\" { address = \"2001:db8::/32\" }\n"
	"identity \"sip:Bob@*\" {\n"
	"\tkey = \"0123456789abcdef0123456789abcdef01234567\"\n"
	"\tsigned-by = \"SIP:gw@EXAMPLE.org;x=y\"\n"
	"}\n";

static void test_full(void **state)
{
	const struct policy *p = a.policy;

	(void)state;
	loads(&a, full);
	assert_string_equal(a.realm, "edge.example.org");
	assert_int_equal(a.role, ROLE_PROXY);
	assert_int_equal(a.queue_in, 65535);
	assert_true(a.fail_open && a.log_syslog);
	assert_int_equal(a.mark, 0xffffffff);
	assert_string_equal(a.user, "nobody");
	assert_string_equal(a.capture, "/d.pcap");
	assert_string_equal(a.header_name, "X-PGP");
	assert_int_equal(a.log_level, 2);
	assert_int_equal(a.n_sign_realms, 2);
	assert_int_equal(a.n_cancel_addrs, 2);
	assert_int_equal(a.cancel_addr[1].bits, 32);
	assert_string_equal(a.cancel_id[0], "sip:proxy.example.org");
	assert_int_equal(a.n_policies, 4);
	assert_string_equal(p->pattern, "sip:*@example.org");
	assert_true(p->by_addr);
	assert_int_equal(p->mode, MODE_OBSERVE);
	assert_int_equal(p->unknown_key, UNKNOWN_TOFU);
	assert_int_equal(p->no_key, NO_KEY_REJECT);
	assert_int_equal(p->provisional, PROVISIONAL_BARE);
	assert_int_equal(p->failures, UNSIGNED_DROP);
	assert_string_equal(p->realm, "r.example");
	assert_true(p->redirects && p->domain_keys && p->cover_nat &&
		    p->challenge_unmarked);
	assert_false(p->sign || p->eager || p->registrar_unsigned);
	/* the same title twice, for two addresses */
	assert_int_equal(a.policy[1].mode, MODE_PERMISSIVE);
	assert_int_equal(a.policy[1].addr.addr.version, 4);
	assert_int_equal(a.policy[2].mode, MODE_ENFORCE);
	assert_int_equal(a.policy[2].addr.addr.version, 6);
	assert_false(a.policy[3].by_addr);
	assert_string_equal(a.identity[0].pattern, "sip:Bob@*");
	assert_string_equal(a.identity[0].fpr,
			    "0123456789ABCDEF0123456789ABCDEF01234567");
	assert_string_equal(a.identity[0].signed_by, "sip:gw@example.org");
}

/* conf_print() of c into temp, and what that gives. */
static void print_and_load(const struct conf *c, struct conf *again)
{
	int out = dup(STDOUT_FILENO);
	int fd = open(temp, O_WRONLY | O_TRUNC);

	assert_true(out >= 0 && fd >= 0);
	fflush(stdout);
	dup2(fd, STDOUT_FILENO);
	conf_print(c);
	fflush(stdout);
	dup2(out, STDOUT_FILENO);
	close(out);
	close(fd);
	if (load(again, temp))
		fail_msg("%s", told);
}

static void test_print(void **state)
{
	const char *const text[] = { "", full };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		loads(&a, text[i]);
		print_and_load(&a, &b);
		assert_memory_equal(&a, &b, sizeof(a));
	}
}

/* What the example shows in comments are the defaults. */
static void test_example(void **state)
{
	static char text[32768], bare[32768];
	char *out = bare, *line, *rest = text;

	(void)state;
	read_file(EXAMPLE, text, sizeof(text));
	loads(&a, text);
	conf_defaults(&b);
	memset(a.file, 0, sizeof(a.file));
	assert_memory_equal(&a, &b, sizeof(a));
	while ((line = strsep(&rest, "\n"))) {
		line += strspn(line, "\t");
		if (*line == '#' && line[1] && !strchr(" #", line[1]))
			line++;
		out = stpcpy(stpcpy(out, line), "\n");
	}
	loads(&a, bare);
	memset(a.file, 0, sizeof(a.file));
	/* there is none to show: it is the host's name */
	memset(a.realm, 0, sizeof(a.realm));
	memset(b.realm, 0, sizeof(b.realm));
	assert_memory_equal(&a, &b, sizeof(a));
	/* and none is left out */
	conf_defaults(&b);
	print_and_load(&b, &a);
	read_file(temp, text, sizeof(text));
	rest = text;
	while ((line = strsep(&rest, "\n"))) {
		char name[64];

		if (sscanf(line, " %60[a-z-] =", name) != 1 ||
		    !strchr(line, '='))
			continue;
		strcat(name, " =");
		if (!strstr(bare, name))
			fail_msg("%s is not in " EXAMPLE, name);
	}
}

/* ---- patterns ---- */

static void test_patterns(void **state)
{
	static const struct {
		const char *text, *pattern;
	} c[] = {
		{ "*", "*" },
		{ "sip:*", "sip:*" },
		{ "sip:*@EXAMPLE.org", "sip:*@example.org" },
		{ "SIPS:*@example.ORG.", "sip:*@example.org" },
		{ "sip:Bob@*", "sip:Bob@*" },
		{ "sip:b*b@*.Example.*", "sip:b*b@*.example.*" },
		{ "sip:%62ob*@x.y;transport=tcp", "sip:bob*@x.y" },
		{ "sip:*@x.y:5060", "sip:*@x.y" },
		{ "sip:*@x.y:5070", "sip:*@x.y:5070" },
		{ "sip:*@x.y:*", "sip:*@x.y:*" },
		{ "sip:*@*", "sip:*@*" },
		{ "sip:*x*@10.*", "sip:*x*@10.*" },
		{ "sip:*@[2001:DB8:0::1]", "sip:*@[2001:db8::1]" },
		{ "sip:PROXY.example.org", "sip:proxy.example.org" },
		{ "tel:+49*", "tel:+49*" },
		{ "TEL:+49-(30)*", "tel:+4930*" },
		{ "tel:*", "tel:*" },
		{ "", NULL },
		{ "bob", NULL },
		{ "*@example.org", NULL },
		{ "http://*", NULL },
		{ "sip:", NULL },
		{ "sip:@x.y", NULL },
		{ "sip:*@x..y", NULL },
		{ "sip:*@x.y:7*", NULL },
		{ "sip:*@__star__", NULL },
		{ "sip:a\"b@x.y", NULL },
		{ "tel:49*", NULL },
		{ "tel:+4x", NULL },
	};
	char out[SIPURI_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof(c) / sizeof(*c); i++) {
		if (conf_pattern(out, c[i].text) != !!c[i].pattern)
			fail_msg("%s", c[i].text);
		assert_string_equal(out, c[i].pattern ? c[i].pattern : "");
	}
}

static struct addr ip(const char *text)
{
	struct addr x = { .version = strchr(text, ':') ? 6 : 4, .port = 5060 };

	assert_int_equal(
		inet_pton(x.version == 6 ? AF_INET6 : AF_INET, text, x.ip), 1);
	return x;
}

static size_t policy_for(const char *uri, const char *from)
{
	struct addr x;

	if (from)
		x = ip(from);
	return (size_t)(conf_policy(&a, uri, from ? &x : NULL) - a.policy);
}

static void test_policy(void **state)
{
	(void)state;
	loads(&a, "peer \"sip:*@EXAMPLE.org\" { address = \"10.0.0.0/8\" }\n"
		  "peer \"sip:boss@example.org\" {}\n"
		  "peer \"sip:*@example.org\" {}\n"
		  "peer \"*\" { address = \"2001:db8::/32\" }\n"
		  "peer \"tel:+49*\" {}\n");
	assert_int_equal(a.n_policies, 6);
	assert_int_equal(policy_for("sip:bob@example.org", "10.1.2.3"), 0);
	assert_int_equal(policy_for("sip:boss@example.org", "10.1.2.3"), 0);
	assert_int_equal(policy_for("sip:boss@example.org", "11.1.2.3"), 1);
	assert_int_equal(policy_for("sip:Boss@example.org", "11.1.2.3"), 2);
	assert_int_equal(policy_for("sip:bob@example.org", NULL), 2);
	assert_int_equal(policy_for("sip:bob@example.net", "10.1.2.3"), 5);
	assert_int_equal(policy_for("sip:bob@example.net", "2001:db8::7"), 3);
	assert_int_equal(policy_for("", "2001:db8::7"), 3);
	assert_int_equal(policy_for("", "2001:db9::7"), 5);
	assert_int_equal(policy_for("", NULL), 5);
	assert_int_equal(policy_for("tel:+4930123", "10.1.2.3"), 4);
}

static void test_identity(void **state)
{
	(void)state;
	loads(&a, "identity \"sip:bob@Example.org\" {\n"
		  "key = \"0000000000000000000000000000000000000001\"\n}\n"
		  "identity \"sip:*@example.org\" {\n"
		  "key = \"0000000000000000000000000000000000000002\"\n}\n");
	assert_ptr_equal(conf_identity(&a, "sip:bob@example.org"), a.identity);
	assert_ptr_equal(conf_identity(&a, "sip:Bob@example.org"),
			 a.identity + 1);
	assert_null(conf_identity(&a, "sip:bob@example.net"));
	assert_null(conf_identity(&a, ""));
}

static void test_realms(void **state)
{
	(void)state;
	conf_defaults(&a);
	assert_true(conf_signs_for_realm(&a, "Any.example"));
	loads(&a, "sign-realms = {\"*.Example.org\", \"Edge.example.net\"}\n");
	assert_true(conf_signs_for_realm(&a, "edge.example.org"));
	assert_true(conf_signs_for_realm(&a, "EDGE.example.org"));
	assert_true(conf_signs_for_realm(&a, "Edge.example.net"));
	assert_true(conf_signs_for_realm(&a, "edge.example.net"));
	assert_false(conf_signs_for_realm(&a, "example.org"));
	assert_false(conf_signs_for_realm(&a, "edge.example.org.evil"));
	assert_false(conf_signs_for_realm(&a, ""));
	loads(&a, "sign-realms = {}\n");
	assert_false(conf_signs_for_realm(&a, "edge.example.org"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_golden),
		cmocka_unit_test(test_no_file),
		cmocka_unit_test(test_unreadable),
		cmocka_unit_test(test_too_many),
		cmocka_unit_test(test_many_faults),
		cmocka_unit_test(test_long_values),
		cmocka_unit_test(test_defaults),
		cmocka_unit_test(test_full),
		cmocka_unit_test(test_print),
		cmocka_unit_test(test_example),
		cmocka_unit_test(test_patterns),
		cmocka_unit_test(test_policy),
		cmocka_unit_test(test_identity),
		cmocka_unit_test(test_realms),
	};

	return cmocka_run_group_tests(tests, make_temp, remove_temp);
}

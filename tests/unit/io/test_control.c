/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The control socket, with a made-up daemon behind it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/log.h"
#include "crypto/web.h"
#include "io/control.h"
#include "state/peer.h"

/* ---- the made-up daemon ---- */

static struct stats counters;
static const struct nfqueue_stats queue_stats = { .packets = 77 };
static const struct inject_stats inject_counts = { .packets = 3 };
static struct conf conf;
static size_t n_keys;
static bool odd_uid;
static int web_error, web_loads;
static bool pinned;
static enum trust_word believe;
static struct identity identity = { .pattern = "sip:gw@*",
				    .fpr = "1111",
				    .signed_by = "sip:example.org" };

const struct stats *engine_stats(const struct engine *e)
{
	(void)e;
	return &counters;
}

size_t engine_held(const struct engine *e)
{
	(void)e;
	return 5;
}

unsigned int worker_busy(const struct worker *w)
{
	(void)w;
	return 2;
}

const struct nfqueue_stats *nfqueue_stats(const struct nfqueue *q)
{
	(void)q;
	return &queue_stats;
}

void nfqueue_kernel(const struct nfqueue *q, struct nfqueue_kernel out[2])
{
	(void)q;
	out[0] = (struct nfqueue_kernel){ 5060, 1, 2, 3 };
	out[1] = (struct nfqueue_kernel){ 5061, 4, 5, 6 };
}

const struct inject_stats *inject_stats(const struct inject *i)
{
	(void)i;
	return &inject_counts;
}

uint64_t capture_count(const struct capture *c)
{
	(void)c;
	return 9;
}

size_t store_count(struct store *s, enum store_table t)
{
	(void)s;
	return 100 + (size_t)t;
}

struct pgp_counters pgp_counters(struct pgp *p)
{
	(void)p;
	return (struct pgp_counters){ .fast = 7, .fallback = 3 };
}

size_t trust_keys(const struct trust *t)
{
	(void)t;
	return n_keys;
}

size_t trust_signers(const struct trust *t)
{
	(void)t;
	return 1;
}

const char *trust_word_name(enum trust_word w)
{
	return w == TRUST_VALID ? "valid" : "no-key";
}

void trust_each(const struct trust *t,
		void (*each)(void *arg, const struct trust_key_info *k),
		void *arg)
{
	char fpr[32], uri[64];

	(void)t;
	for (size_t i = 0; i < n_keys; i++) {
		struct trust_key_info k = { .fpr = fpr,
					    .algorithm = "Ed25519",
					    .ownertrust = "full",
					    .n_uids = 1 };

		snprintf(fpr, sizeof(fpr), "%zu", i);
		snprintf(uri, sizeof(uri), "sip:u%zu@example.org", i % 100);
		k.uid[0].text = odd_uid ? "J\xf6rg" : "U";
		k.uid[0].canonical = uri;
		k.uid[0].validity = "full";
		each(arg, &k);
	}
}

void trust_check(const struct trust *t, const char *fpr, const char *canonical,
		 bool domain_keys, time_t now, struct trust_answer *out)
{
	(void)t;
	(void)fpr;
	(void)canonical;
	(void)domain_keys;
	(void)now;
	*out = (struct trust_answer){ believe, "U <x>", "full" };
}

const char *trust_signer(const struct trust *t, const char *canonical,
			 bool domain_keys, time_t now)
{
	(void)t;
	(void)domain_keys;
	(void)now;
	return strcmp(canonical, "sip:u7@example.org") ? NULL : "7777";
}

bool trust_can_sign(const struct trust *t, const char *fpr, time_t now)
{
	(void)t;
	(void)now;
	return !strcmp(fpr, "7777");
}

int pin_get(struct store *s, const char *canonical, char fpr[PGP_FPR_LEN])
{
	(void)s;
	(void)canonical;
	strcpy(fpr, "1234");
	return pinned ? 0 : ENOENT;
}

/* On a thread, as the real one. */
int web_load(struct web **out, const char *home, const char *const fpr[],
	     size_t n)
{
	static int a_web;

	assert_string_equal(home, "/home");
	assert_in_range(n, 1, 64);
	assert_non_null(fpr[n - 1]);
	__atomic_add_fetch(&web_loads, 1, __ATOMIC_SEQ_CST);
	if (!web_error)
		*out = (struct web *)&a_web;
	return web_error;
}

void web_free(struct web *web)
{
	(void)web;
}

const char *web_model(const struct web *web)
{
	(void)web;
	return "pgp";
}

void web_each(const struct web *web, const char *fpr, const char *uid,
	      void (*each)(void *arg, const struct web_step *s), void *arg)
{
	const struct web_step step = { 0,      fpr,  uid,	 "full",
				       "full", true, "of course" };

	(void)web;
	each(arg, &step);
}

const struct policy *conf_policy(const struct conf *c, const char *uri,
				 const struct addr *addr)
{
	(void)uri;
	(void)addr;
	return &c->policy[0];
}

const struct identity *conf_identity(const struct conf *c, const char *uri)
{
	(void)c;
	return strncmp(uri, "sip:gw@", 7) ? NULL : &identity;
}

/* ---- the test's side ---- */

static struct world {
	uv_loop_t loop;
	struct control *control;
	struct control_view view;
	char dir[64], path[96];
	void (*reload_done)(void *arg, const char *error);
	void *reload_arg;
	int fd;
} w;

static int reload(void *ctx, void (*done)(void *arg, const char *error),
		  void *arg)
{
	(void)ctx;
	if (w.reload_done)
		return EBUSY;
	w.reload_done = done;
	w.reload_arg = arg;
	return 0;
}

static void drain(void)
{
	for (int i = 0; i < 50; i++)
		uv_run(&w.loop, UV_RUN_NOWAIT);
}

static int dial(void)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	strcpy(a.sun_path, w.path);
	assert_int_equal(connect(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	return fd;
}

static void say(int fd, const char *text)
{
	assert_int_equal(send(fd, text, strlen(text), MSG_NOSIGNAL),
			 (ssize_t)strlen(text));
}

/* A line, or NULL when the daemon hung up. */
static char *hear(int fd)
{
	static char line[1 << 18];
	struct pollfd p = { .fd = fd, .events = POLLIN };
	size_t n = 0;

	for (int turns = 0; turns < 60000; turns++) {
		uv_run(&w.loop, UV_RUN_NOWAIT);
		if (poll(&p, 1, 1) != 1)
			continue;
		/* octet by octet: a next line stays where it is */
		while (n < sizeof(line) - 1 &&
		       recv(fd, line + n, 1, MSG_DONTWAIT) == 1)
			if (line[n++] == '\n') {
				line[n] = '\0';
				return line;
			}
		if (recv(fd, line + n, 1, MSG_DONTWAIT | MSG_PEEK) == 0)
			return NULL;
	}
	fail_msg("no answer");
	return NULL;
}

static void expect(const char *request, const char *part)
{
	const char *line;

	say(w.fd, request);
	line = hear(w.fd);
	if (!line || !strstr(line, part))
		fail_msg("%s: %s, without %s", request, line ? line : "hung up",
			 part);
}

static int setup(void **state)
{
	(void)state;
	memset(&w, 0, sizeof(w));
	n_keys = 3;
	odd_uid = pinned = false;
	web_error = web_loads = 0;
	believe = TRUST_VALID;
	strcpy(conf.gnupg_home, "/home");
	conf.policy[0].unknown_key = UNKNOWN_REJECT;
	strcpy(conf.realm, "test.example");
	conf.n_policies = 1;
	conf.policy[0].mode = MODE_ENFORCE;
	strcpy(conf.policy[0].pattern, "*");
	uv_loop_init(&w.loop);
	strcpy(w.dir, "/tmp/test-control-XXXXXX");
	assert_non_null(mkdtemp(w.dir));
	snprintf(w.path, sizeof(w.path), "%s/socket", w.dir);
	w.view.conf = &conf;
	w.view.reload = reload;
	assert_int_equal(control_open(&w.control, &w.loop, w.path, &w.view), 0);
	w.fd = dial();
	return 0;
}

static int teardown(void **state)
{
	struct stat st;

	(void)state;
	control_close(w.control);
	uv_run(&w.loop, UV_RUN_DEFAULT);
	close(w.fd);
	assert_int_equal(uv_loop_close(&w.loop), 0);
	assert_int_equal(lstat(w.path, &st), -1);
	return rmdir(w.dir);
}

static void test_status(void **state)
{
	(void)state;
	counters.bye_dropped = 12;
	counters.sip_fault[SIP_FAULT_DOUBLE] = 8;
	expect("{\"command\":\"status\"}\n", "\"bye_dropped\":12,");
	expect("{\"command\":\"status\"}\n", "\"double\":8,");
	expect("{\"command\":\"status\"}\n", "\"held\":5,\"crypto_busy\":2,");
	expect("{\"command\":\"status\"}\n", "\"realm\":\"test.example\"");
	expect("{\"command\":\"status\"}\n",
	       "{\"number\":5061,\"direction\":\"inbound\",\"waiting\":4,"
	       "\"queue_dropped\":5,\"user_dropped\":6}");
	expect("{\"command\":\"status\"}\n", "\"dialog\":101,");
	expect("{\"command\":\"status\"}\n",
	       "{\"peer\":\"*\",\"mode\":\"enforce\"}");
	expect("{\"command\":\"status\"}\n", "\"ok\":true}\n");
}

static void test_keys(void **state)
{
	(void)state;
	expect("{\"command\":\"keys\"}\n", "\"total\":3,\"trust_model\"");
	n_keys = 100;
	expect("{\"command\":\"keys\"}\n", "\"total\":100,\"next\":64,");
	expect("{\"command\":\"keys\",\"from\":64}\n",
	       "\"keys\":[{\"fingerprint\":\"64\"");
	expect("{\"command\":\"keys\",\"from\":64}\n",
	       "\"total\":100,\"trust_model\"");
	expect("{\"command\":\"keys\",\"from\":-1}\n", "\"next\":64,");
	expect("{\"command\":\"keys\",\"from\":9999999999}\n", "\"keys\":[]");
	/* a user ID in Latin-1 must not take the answer away */
	odd_uid = true;
	expect("{\"command\":\"keys\"}\n", "\"text\":\"J?rg\"");
}

static void test_check(void **state)
{
	(void)state;
	n_keys = 10;
	expect("{\"command\":\"check\",\"uri\":\"sips:u7@EXAMPLE.org;x=y\"}\n",
	       "\"canonical\":\"sip:u7@example.org\"");
	expect("{\"command\":\"check\",\"uri\":\"sip:u7@example.org\"}\n",
	       "\"keys\":[{\"fingerprint\":\"7\",\"algorithm\":\"Ed25519\","
	       "\"trust\":\"valid\"");
	expect("{\"command\":\"check\",\"uri\":\"sip:u7@example.org\"}\n",
	       "\"signer\":{\"identity\":null,\"key\":\"7777\","
	       "\"usable\":true,\"signed_by\":null}");
	expect("{\"command\":\"check\",\"uri\":\"sip:gw@example.org\"}\n",
	       "\"signer\":{\"identity\":\"sip:gw@*\",\"key\":\"1111\","
	       "\"usable\":false,\"signed_by\":\"sip:example.org\"}");
	expect("{\"command\":\"check\",\"uri\":\"http://x\"}\n",
	       "\"ok\":false");
	expect("{\"command\":\"check\"}\n", "\"ok\":false");
	n_keys = 64 * 100 + 200; /* 66 for each of them */
	expect("{\"command\":\"check\",\"uri\":\"sip:u7@example.org\"}\n",
	       "\"more_keys\":2");
}

#define CHECK_U7 "{\"command\":\"check\",\"uri\":\"sip:u7@example.org\"}\n"

static void test_decision(void **state)
{
	(void)state;
	n_keys = 10;
	expect(CHECK_U7, "\"believed\":true,\"decision\":\"what key 7 signs is "
			 "believed\"");
	believe = TRUST_NOT_VALID;
	expect(CHECK_U7, "\"believed\":false,\"decision\":\"what it signs is "
			 "refused");
	expect(CHECK_U7, "{\"ok\":false,\"text\":\"policy: unknown-key = "
			 "reject\"}");
	conf.policy[0].unknown_key = UNKNOWN_PASS_MARKED;
	expect(CHECK_U7, "\"decision\":\"what it signs passes, marked");
	conf.policy[0].unknown_key = UNKNOWN_TOFU;
	w.view.store = (struct store *)&pinned;
	expect(CHECK_U7, "\"decision\":\"the first key that signs");
	pinned = true;
	expect(CHECK_U7, "its first key was 1234");
	n_keys = 0;
	expect(CHECK_U7, "{\"ok\":false,\"text\":\"no key in the keyring");
}

static void test_certifications(void **state)
{
	(void)state;
	n_keys = 10;
	expect(CHECK_U7,
	       "\"certified_by\":[{\"depth\":0,\"fingerprint\":\"7\"");
	expect(CHECK_U7, "\"trust_model\":\"pgp\"");
	expect("{\"command\":\"keys\"}\n", "\"certified_by\":[");
	assert_int_equal(web_loads, 3);
	expect("{\"command\":\"keys\",\"quick\":true}\n", "\"total\":10,");
	expect("{\"command\":\"check\",\"uri\":\"sip:u7@example.org\","
	       "\"quick\":true}\n",
	       "\"fingerprint\":\"");
	assert_int_equal(web_loads, 3);
	/* gpg fails: what is known is told */
	web_error = EIO;
	expect("{\"command\":\"keys\"}\n", "\"total\":10,");
	/* nothing to ask for */
	n_keys = 0;
	expect("{\"command\":\"keys\"}\n", "\"total\":0,");
	assert_int_equal(web_loads, 4);
}

/* The client is gone when gpg has answered. */
static void test_certifications_orphan(void **state)
{
	int other = dial();

	(void)state;
	n_keys = 10;
	say(other, "{\"command\":\"keys\"}\n");
	while (!__atomic_load_n(&web_loads, __ATOMIC_SEQ_CST))
		uv_run(&w.loop, UV_RUN_NOWAIT);
	close(other);
	expect("{\"command\":\"status\"}\n", "\"ok\":true");
}

static void test_reload(void **state)
{
	int other = dial();
	char c;

	(void)state;
	say(w.fd, "{\"command\":\"reload\"}\n");
	drain();
	assert_non_null(w.reload_done);
	assert_int_equal(recv(w.fd, &c, 1, MSG_DONTWAIT), -1);
	say(other, "{\"command\":\"reload\"}\n");
	assert_non_null(strstr(hear(other), "under way"));
	w.reload_done(w.reload_arg, NULL);
	assert_string_equal(hear(w.fd), "{\"ok\":true}\n");
	w.reload_done = NULL;
	say(w.fd, "{\"command\":\"reload\"}\n");
	drain();
	w.reload_done(w.reload_arg, "x:1: nonsense");
	assert_non_null(strstr(hear(w.fd), "x:1: nonsense"));
	close(other);
}

/* The client is gone when its reload ends. */
static void test_reload_orphan(void **state)
{
	int other = dial();

	(void)state;
	say(other, "{\"command\":\"reload\"}\n");
	drain();
	assert_non_null(w.reload_done);
	close(other);
	drain();
	w.reload_done(w.reload_arg, NULL);
	expect("{\"command\":\"status\"}\n", "\"ok\":true");
}

static void test_nonsense(void **state)
{
	(void)state;
	expect("\n", "\"ok\":false");
	expect("hello\n", "\"ok\":false");
	expect("[]\n", "\"ok\":false");
	expect("{\"command\":7}\n", "\"ok\":false");
	expect("{\"command\":\"format\"}\n", "\"ok\":false");
	expect("{\"command\":\"status\"}\n", "\"ok\":true");
}

static void test_pipelined(void **state)
{
	(void)state;
	say(w.fd, "{\"command\":\"keys\"}\nx\n{\"command\":\"st");
	assert_non_null(strstr(hear(w.fd), "\"total\""));
	assert_non_null(strstr(hear(w.fd), "\"ok\":false"));
	say(w.fd, "atus\"}\n");
	assert_non_null(strstr(hear(w.fd), "\"counters\""));
}

static void test_long_line(void **state)
{
	char line[2000];
	int other = dial();

	(void)state;
	memset(line, 'x', sizeof(line));
	line[sizeof(line) - 1] = '\0';
	say(other, line);
	assert_null(hear(other));
	close(other);
	expect("{\"command\":\"status\"}\n", "\"ok\":true");
}

/* More clients than there is room for: the last ones are sent away. */
static void test_many_clients(void **state)
{
	int fd[10];

	(void)state;
	expect("{\"command\":\"status\"}\n", "\"ok\":true");
	for (int i = 0; i < 10; i++) {
		fd[i] = dial();
		drain();
	}
	say(fd[6], "{\"command\":\"status\"}\n");
	assert_non_null(hear(fd[6]));
	assert_null(hear(fd[7]));
	assert_null(hear(fd[9]));
	for (int i = 0; i < 10; i++)
		close(fd[i]);
	drain();
	fd[0] = dial();
	say(fd[0], "{\"command\":\"status\"}\n");
	assert_non_null(hear(fd[0]));
	close(fd[0]);
}

/* Asks on and never reads: it is its own loss, and others are served. */
static void test_never_reads(void **state)
{
	const char line[] = "{\"command\":\"keys\"}\n";
	int deaf = dial();

	(void)state;
	n_keys = 64;
	for (int i = 0; i < 2000; i++) {
		if (send(deaf, line, strlen(line),
			 MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
			break;
		uv_run(&w.loop, UV_RUN_NOWAIT);
	}
	expect("{\"command\":\"status\"}\n", "\"ok\":true");
	close(deaf);
	drain();
}

static void test_socket(void **state)
{
	struct control *second = NULL;
	struct stat st;

	(void)state;
	assert_int_equal(lstat(w.path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0660);
	assert_int_equal(control_open(&second, &w.loop, w.path, &w.view),
			 EADDRINUSE);
	drain();
	assert_null(second);
	/* the refused one took nothing away */
	expect("{\"command\":\"status\"}\n", "\"ok\":true");
	assert_int_equal(
		control_open(&second, &w.loop, "/nowhere/socket", &w.view),
		EACCES);
	drain();
}

/* A socket whose daemon was killed is taken over; a file is not. */
static void test_left_behind(void **state)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	struct control *second = NULL;
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	FILE *f;

	(void)state;
	snprintf(a.sun_path, sizeof(a.sun_path), "%.90s/old", w.dir);
	assert_int_equal(bind(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	close(fd);
	assert_int_equal(control_open(&second, &w.loop, a.sun_path, &w.view),
			 0);
	control_close(second);
	drain();
	assert_int_equal(access(a.sun_path, F_OK), -1);
	f = fopen(a.sun_path, "w");
	fclose(f);
	assert_int_equal(control_open(&second, &w.loop, a.sun_path, &w.view),
			 EEXIST);
	drain();
	assert_int_equal(access(a.sun_path, F_OK), 0);
	unlink(a.sun_path);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_status),	   TEST(test_keys),
		TEST(test_check),	   TEST(test_decision),
		TEST(test_certifications), TEST(test_certifications_orphan),
		TEST(test_reload),	   TEST(test_reload_orphan),
		TEST(test_nonsense),	   TEST(test_pipelined),
		TEST(test_long_line),	   TEST(test_many_clients),
		TEST(test_never_reads),	   TEST(test_socket),
		TEST(test_left_behind),
	};

	log_open(false, 0);
	/* as the daemon does: a client may go at any time */
	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

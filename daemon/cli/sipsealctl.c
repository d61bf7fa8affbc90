/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sipsealctl - asks a running sipseald: sipsealctl(1). A line of JSON goes to
 * its socket, a line comes back; it is printed as it is (-j) or as text.
 */
#include <errno.h>
#include <jansson.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "base/stats.h"

#define SOCKET_PATH "/run/sipseal/control"
#define WAIT_S	    60 /* a reload of a large keyring takes a while */

enum { EXIT_OK, EXIT_REFUSED, EXIT_NO_DAEMON, EXIT_USAGE };

struct ctl {
	int fd;
	FILE *answers; /* of the same socket */
	bool json, quick;
};

static _Noreturn void usage(FILE *to, int status)
{
	fprintf(to, "usage: sipsealctl [-s SOCKET] status [-j]\n"
		    "       sipsealctl [-s SOCKET] keys [-jq]\n"
		    "       sipsealctl [-s SOCKET] check URI [-jq]\n"
		    "       sipsealctl [-s SOCKET] reload\n");
	exit(status);
}

static _Noreturn void no_daemon(const char *what, const char *path)
{
	fprintf(stderr, "sipsealctl: %s %s: %s\n", what, path, strerror(errno));
	exit(EXIT_NO_DAEMON);
}

static void reach(struct ctl *c, const char *path)
{
	const struct timeval wait = { .tv_sec = WAIT_S };
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (strlen(path) >= sizeof(a.sun_path)) {
		errno = ENAMETOOLONG;
		no_daemon("can't use", path);
	}
	memcpy(a.sun_path, path, strlen(path));
	if (fd < 0 || connect(fd, (struct sockaddr *)&a, sizeof(a)))
		no_daemon("no daemon at", path);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait));
	c->fd = fd;
	c->answers = fdopen(fd, "r");
	if (!c->answers)
		no_daemon("can't use", path);
}

/* One question, one answer; ends the program when there is none. */
static json_t *ask(struct ctl *c, json_t *question)
{
	char *line = NULL;
	size_t cap = 0;
	json_t *a = NULL;

	/* a daemon that hung up is found out by reading */
	if (!json_dumpfd(question, c->fd, JSON_COMPACT) &&
	    write(c->fd, "\n", 1) == 1 && getline(&line, &cap, c->answers) > 0)
		a = json_loads(line, JSON_REJECT_DUPLICATES, NULL);
	json_decref(question);
	free(line);
	if (!a) {
		fprintf(stderr, "sipsealctl: the daemon gives no answer\n");
		exit(EXIT_NO_DAEMON);
	}
	if (!json_is_true(json_object_get(a, "ok"))) {
		const char *why =
			json_string_value(json_object_get(a, "error"));

		fprintf(stderr, "sipsealctl: %s\n", why ? why : "refused");
		exit(EXIT_REFUSED);
	}
	json_object_del(a, "ok");
	return a;
}

/* ---- printing ---- */

static void print_json(const json_t *o)
{
	json_dumpf(o, stdout, JSON_INDENT(2));
	putchar('\n');
}

static const char *describe(const char *counter)
{
	for (size_t i = 0; i < stats_count; i++)
		if (!strcmp(stats_names[i].name, counter))
			return stats_names[i].what;
	return "";
}

/* Names in a keyring are other people's text: nothing for the terminal. */
static void print_string(const char *s)
{
	for (; *s; s++)
		putchar((unsigned char)*s < 0x20 || *s == 0x7f ? '?' : *s);
}

static void print_scalar(const json_t *v)
{
	if (json_is_string(v))
		print_string(*json_string_value(v) ? json_string_value(v)
						   : "-");
	else if (json_is_integer(v))
		printf("%" JSON_INTEGER_FORMAT, json_integer_value(v));
	else if (json_is_boolean(v))
		printf("%s", json_is_true(v) ? "yes" : "no");
	else
		printf("none");
}

/* Any answer: nested names are indented, counters are explained. */
static void print_text(const json_t *o, int depth, bool counters)
{
	int width = 26 - 2 * depth;
	const char *name;
	json_t *v, *item;
	size_t i;

	json_object_foreach((json_t *)o, name, v)
	{
		printf("%*s%-*s", 2 * depth, "", width, name);
		if (json_is_object(v)) {
			putchar('\n');
			print_text(v, depth + 1, !strcmp(name, "counters"));
			continue;
		}
		if (json_is_array(v)) {
			printf("%s\n", json_array_size(v) ? "" : "none");
			json_array_foreach(v, i, item)
			{
				if (i)
					putchar('\n');
				print_text(item, depth + 1, false);
			}
			continue;
		}
		putchar(' ');
		print_scalar(v);
		if (counters)
			printf("\t%s", describe(name));
		putchar('\n');
	}
}

static void print(const struct ctl *c, json_t *answer)
{
	if (c->json)
		print_json(answer);
	else
		print_text(answer, 0, false);
	json_decref(answer);
}

static const char *word(const json_t *o, const char *name)
{
	const char *s = json_string_value(json_object_get(o, name));

	return s ? s : "";
}

static bool is(const json_t *o, const char *name)
{
	return json_is_true(json_object_get(o, name));
}

static void print_expiry(const json_t *key)
{
	time_t t = (time_t)json_integer_value(json_object_get(key, "expires"));
	char day[32];
	struct tm tm;

	if (!t || !gmtime_r(&t, &tm) ||
	    !strftime(day, sizeof(day), "%Y-%m-%d", &tm))
		return;
	printf(" %s %s", is(key, "expired") ? "EXPIRED" : "expires", day);
}

/* Those that certified a user ID, each deeper than what it certified. */
static void print_certifications(const json_t *uid, int indent)
{
	json_t *s;
	size_t i;

	json_array_foreach(json_object_get(uid, "certified_by"), i, s)
	{
		int depth =
			(int)json_integer_value(json_object_get(s, "depth"));

		printf("%*s%s certified by %s ", indent + 2 * depth, "",
		       is(s, "counts") ? "+" : "-", word(s, "fingerprint"));
		print_string(word(s, "uid"));
		printf("\n%*s  %s (validity %s, owner trust %s)\n",
		       indent + 2 * depth, "", word(s, "why"),
		       word(s, "validity"), word(s, "ownertrust"));
	}
}

static void print_uid(const json_t *uid)
{
	printf("  %-10s ",
	       is(uid, "revoked") ? "REVOKED" : word(uid, "validity"));
	print_string(word(uid, "text"));
	if (*word(uid, "uri")) {
		printf("  speaks for ");
		print_string(word(uid, "uri"));
	}
	putchar('\n');
	if (*word(uid, "uri"))
		print_certifications(uid, 4);
}

static void print_key(const json_t *key)
{
	json_t *uid;
	size_t i;

	printf("%s %s%s", word(key, "fingerprint"), word(key, "algorithm"),
	       !is(key, "secret")    ? ""
	       : *word(key, "fault") ? " secret"
				     : " secret: signs here");
	print_expiry(key);
	if (*word(key, "fault"))
		printf(" UNUSABLE: %s", word(key, "fault"));
	printf("\n");
	json_array_foreach(json_object_get(key, "uids"), i, uid) print_uid(uid);
}

static void print_steps(const json_t *o, int indent)
{
	json_t *s;
	size_t i;

	json_array_foreach(json_object_get(o, "steps"), i, s)
	{
		printf("%*s%-4s", indent, "", is(s, "ok") ? "ok" : "NO");
		print_string(word(s, "text"));
		putchar('\n');
	}
}

static void print_signer(const json_t *check)
{
	const json_t *s = json_object_get(check, "signer");

	if (is(s, "usable"))
		printf("as a local user: signs with key %s", word(s, "key"));
	else if (*word(s, "key"))
		printf("as a local user: key %s can't sign", word(s, "key"));
	else
		printf("as a local user: no secret key names it");
	if (*word(s, "identity")) {
		printf(" (identity \"");
		print_string(word(s, "identity"));
		printf("\")");
	}
	if (!is(s, "usable"))
		printf(": what holds is no-key in the peer's policy");
	putchar('\n');
}

static void print_check(const json_t *o)
{
	json_t *key, *uid;
	size_t i, j;

	print_steps(o, 0);
	json_array_foreach(json_object_get(o, "keys"), i, key)
	{
		printf("key %s\n", word(key, "fingerprint"));
		print_steps(key, 2);
		json_array_foreach(
			json_object_get(key, "uids"), j,
			uid) if (!strcmp(word(uid, "text"), word(key, "uid")))
			print_certifications(uid, 6);
	}
	if (*word(o, "trust_model"))
		printf("trust model: %s\n", word(o, "trust_model"));
	printf("as a peer: %s\n", word(o, "decision"));
	print_signer(o);
}

/* ---- commands ---- */

/* All pages as one. */
static json_t *all_keys(struct ctl *c)
{
	json_t *all = json_array(), *page, *next;
	json_int_t from = 0;

	for (;;) {
		page = ask(c, json_pack("{s:s, s:I, s:b}", "command", "keys",
					"from", from, "quick", c->quick));
		json_array_extend(all, json_object_get(page, "keys"));
		next = json_object_get(page, "next");
		from = json_integer_value(next);
		json_decref(page);
		if (from <= 0)
			return json_pack("{s:o}", "keys", all);
	}
}

static void do_keys(struct ctl *c)
{
	json_t *o = all_keys(c), *key;
	size_t i;

	if (c->json) {
		print_json(o);
	} else {
		json_array_foreach(json_object_get(o, "keys"), i, key)
			print_key(key);
	}
	json_decref(o);
}

static void do_check(struct ctl *c, const char *uri)
{
	json_t *q = json_pack("{s:s, s:s, s:b}", "command", "check", "uri", uri,
			      "quick", c->quick);

	if (!q) {
		fprintf(stderr, "sipsealctl: the URI is no UTF-8\n");
		exit(EXIT_REFUSED);
	}
	q = ask(c, q);
	if (c->json)
		print_json(q);
	else
		print_check(q);
	json_decref(q);
}

static void do_status(struct ctl *c)
{
	print(c, ask(c, json_pack("{s:s}", "command", "status")));
}

static void do_reload(struct ctl *c)
{
	json_decref(ask(c, json_pack("{s:s}", "command", "reload")));
}

int main(int argc, char **argv)
{
	const char *path = SOCKET_PATH, *command;
	struct ctl c = { .json = false };
	int opt;

	signal(SIGPIPE, SIG_IGN);
	while ((opt = getopt(argc, argv, "s:jqh")) != -1) {
		if (opt == 's')
			path = optarg;
		else if (opt == 'j')
			c.json = true;
		else if (opt == 'q')
			c.quick = true;
		else if (opt == 'h')
			usage(stdout, EXIT_OK);
		else
			usage(stderr, EXIT_USAGE);
	}
	argv += optind;
	argc -= optind;
	if (argc < 1)
		usage(stderr, EXIT_USAGE);
	command = argv[0];
	if (argc != (strcmp(command, "check") ? 1 : 2))
		usage(stderr, EXIT_USAGE);
	if (strcmp(command, "status") && strcmp(command, "keys") &&
	    strcmp(command, "check") && strcmp(command, "reload"))
		usage(stderr, EXIT_USAGE);
	reach(&c, path);
	if (!strcmp(command, "status"))
		do_status(&c);
	else if (!strcmp(command, "keys"))
		do_keys(&c);
	else if (!strcmp(command, "check"))
		do_check(&c, argv[1]);
	else
		do_reload(&c);
	fclose(c.answers);
	return fflush(stdout) ? EXIT_REFUSED : EXIT_OK;
}

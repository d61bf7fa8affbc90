/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation
 *
 * A client has one line under way: it is read, answered, and only when the
 * answer is written is the next one looked at. So a client that does not read
 * costs one answer's memory. Long answers (keys) come in pages.
 *
 * A client is freed by the close callback of its pipe alone. Its timer lives in
 * the same struct and is closed first; what is written or awaited (a reload, a
 * question to gpg) may outlive the connection by a callback, which finds `gone`
 * set.
 */
#include "io/control.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "io/explain.h"

#define CLIENTS_MAX 8
#define LINE_CAP    1024
#define SILENCE_MS  10000

struct client {
	uv_pipe_t pipe;
	uv_timer_t timer;
	uv_write_t write;
	struct control *control; /* NULL: it was closed meanwhile */
	bool gone;		 /* being closed */
	bool busy;		 /* an answer is under way */
	bool waiting;		 /* … and waits for a reload or for gpg */
	unsigned int handles;	 /* not yet closed */
	char *answer;
	size_t len;
	char line[LINE_CAP];
};

struct control {
	uv_pipe_t pipe;
	const struct control_view *view;
	struct client *client[CLIENTS_MAX];
};

/* ---- status ---- */

static void put_count(json_t *o, const char *name, uint64_t n)
{
	json_object_set_new(o, name, json_integer((json_int_t)n));
}

static json_t *status_policies(const struct conf *c)
{
	json_t *a = json_array();

	for (size_t i = 0; i < c->n_policies; i++) {
		const struct policy *p = &c->policy[i];
		json_t *o = json_object();

		json_object_set_new(o, "peer", json_string(p->pattern));
		if (p->by_addr) {
			char addr[ADDR_STR_MAX];

			json_object_set_new(
				o, "address",
				json_sprintf("%s/%u",
					     addr_str(&p->addr.addr, addr),
					     p->addr.bits));
		}
		json_object_set_new(o, "mode",
				    json_string(explain_mode(p->mode)));
		json_array_append_new(a, o);
	}
	return a;
}

static json_t *status_queues(const struct nfqueue *q)
{
	static const char *const direction[] = { "outbound", "inbound" };
	struct nfqueue_kernel k[2];
	json_t *a = json_array();

	nfqueue_kernel(q, k);
	for (int i = 0; i < 2; i++) {
		json_t *o = json_object();

		put_count(o, "number", k[i].number);
		json_object_set_new(o, "direction", json_string(direction[i]));
		put_count(o, "waiting", k[i].waiting);
		put_count(o, "queue_dropped", k[i].queue_dropped);
		put_count(o, "user_dropped", k[i].user_dropped);
		json_array_append_new(a, o);
	}
	return a;
}

static json_t *status_io(const struct control_view *v)
{
	const struct nfqueue_stats *q = nfqueue_stats(v->nfqueue);
	const struct inject_stats *in = inject_stats(v->inject);
	json_t *o = json_object();

	put_count(o, "packets", q->packets);
	put_count(o, "verdicts", q->verdicts);
	put_count(o, "batches", q->batches);
	put_count(o, "sends", q->sends);
	put_count(o, "send_retries", q->send_retries);
	put_count(o, "overruns", q->overruns);
	put_count(o, "verdicts_late", q->verdicts_late);
	put_count(o, "verdicts_lost", q->verdicts_lost);
	put_count(o, "messages_bad", q->messages_bad);
	put_count(o, "injected", in->packets);
	put_count(o, "injected_fragments", in->fragments);
	put_count(o, "inject_failed", in->failed);
	put_count(o, "captured", v->capture ? capture_count(v->capture) : 0);
	return o;
}

static json_t *status_store(struct store *s)
{
	static const char *const name[STORE_TABLES] = {
		[STORE_CALL] = "call",	   [STORE_DIALOG] = "dialog",
		[STORE_TAGS] = "tags",	   [STORE_CLIENT] = "client",
		[STORE_SERVER] = "server", [STORE_NONCE] = "nonce",
		[STORE_PEER] = "peer",	   [STORE_META] = "meta",
	};
	json_t *o = json_object();

	for (int t = 0; t < STORE_TABLES; t++)
		put_count(o, name[t], store_count(s, (enum store_table)t));
	return o;
}

static json_t *status_counters(const struct stats *s)
{
	json_t *o = json_object();

	for (size_t i = 0; i < stats_count; i++)
		put_count(o, stats_names[i].name, stats_value(s, i));
	return o;
}

static json_t *status_faults(const struct stats *s)
{
	json_t *o = json_object();

	for (int f = SIP_KEEPALIVE + 1; f < SIP_FAULT_COUNT; f++)
		put_count(o, sip_fault_name((enum sip_fault)f),
			  s->sip_fault[f]);
	return o;
}

/* Signatures by engines that are not "gpgme", and those they left to it. */
static void status_crypto(json_t *o, struct pgp *pgp)
{
	struct pgp_counters c = { 0, 0 };

	if (pgp)
		c = pgp_counters(pgp);
	put_count(o, "crypto_fast", c.fast);
	put_count(o, "crypto_fallback", c.fallback);
}

static json_t *status(const struct control_view *v)
{
	const struct conf *c = v->conf;
	const struct stats *s = engine_stats(v->engine);
	json_t *o = json_object();

	json_object_set_new(o, "version", json_string(SIPSEAL_VERSION));
	put_count(o, "pid", (uint64_t)getpid());
	put_count(o, "uptime_s",
		  (clock_steady_ns() - v->started_ns) / 1000000000);
	json_object_set_new(o, "configuration", json_string(c->file));
	json_object_set_new(o, "realm", json_string(c->realm));
	json_object_set_new(
		o, "role",
		json_string(c->role == ROLE_PROXY ? "proxy" : "endpoint"));
	json_object_set_new(o, "fail_open", json_boolean(c->fail_open));
	json_object_set_new(o, "stopping", json_boolean(v->stopping));
	put_count(o, "held", engine_held(v->engine));
	put_count(o, "crypto_busy", worker_busy(v->worker));
	status_crypto(o, v->pgp);
	put_count(o, "public_keys", trust_keys(v->trust));
	put_count(o, "signing_keys", trust_signers(v->trust));
	json_object_set_new(o, "policies", status_policies(c));
	json_object_set_new(o, "queues", status_queues(v->nfqueue));
	json_object_set_new(o, "io", status_io(v));
	json_object_set_new(o, "store", status_store(v->store));
	json_object_set_new(o, "counters", status_counters(s));
	json_object_set_new(o, "sip_faults", status_faults(s));
	return o;
}

static json_t *refuse(const char *why)
{
	return json_pack("{s:b, s:s}", "ok", 0, "error", why);
}

/* ---- clients ---- */

static void next_line(struct client *c);

static void client_closed(uv_handle_t *h)
{
	struct client *c = h->data;

	/* what is awaited has a hold on it, too */
	if (--c->handles || c->waiting)
		return;
	free(c->answer);
	free(c);
}

static void client_end(struct client *c)
{
	if (c->gone)
		return;
	c->gone = true;
	for (size_t i = 0; c->control && i < CLIENTS_MAX; i++)
		if (c->control->client[i] == c)
			c->control->client[i] = NULL;
	c->control = NULL;
	uv_close((uv_handle_t *)&c->timer, client_closed);
	uv_close((uv_handle_t *)&c->pipe, client_closed);
}

static void silence(uv_timer_t *t)
{
	client_end(t->data);
}

static void written(uv_write_t *w, int status_)
{
	struct client *c = w->data;

	free(c->answer);
	c->answer = NULL;
	c->busy = false;
	if (status_)
		client_end(c);
	if (!c->gone)
		next_line(c);
}

/* Takes over o. */
static void answer(struct client *c, json_t *o)
{
	uv_buf_t b;
	size_t len;

	if (o && !json_object_get(o, "ok"))
		json_object_set_new(o, "ok", json_true());
	c->answer = o ? json_dumps(o, JSON_COMPACT) : NULL;
	json_decref(o);
	if (!c->answer) {
		client_end(c);
		return;
	}
	/* the line's end in the place of the NUL */
	len = strlen(c->answer);
	c->answer[len] = '\n';
	b = uv_buf_init(c->answer, (unsigned int)len + 1);
	c->write.data = c;
	if (uv_write(&c->write, (uv_stream_t *)&c->pipe, &b, 1, written))
		client_end(c);
}

/* ---- what takes its time ---- */

static void wait(struct client *c)
{
	c->waiting = true;
	/* it takes as long as gpg takes */
	uv_timer_stop(&c->timer);
}

/* Takes over o. The client may be gone. */
static void answer_late(struct client *c, json_t *o)
{
	c->waiting = false;
	if (!c->gone) {
		uv_timer_again(&c->timer);
		answer(c, o);
		return;
	}
	json_decref(o);
	if (!c->handles) {
		free(c->answer);
		free(c);
	}
}

static void reloaded(void *arg, const char *error)
{
	answer_late(arg, error ? refuse(error) : json_object());
}

static void reload(struct client *c)
{
	const struct control_view *v = c->control->view;
	int err;

	wait(c);
	err = v->reload(v->ctx, reloaded, c);
	if (err)
		answer_late(c, refuse(err == EBUSY
					      ? "a reload is under way"
					      : "the daemon can't reload now"));
}

/* An answer that lacks the certifications, which gpg is asked for. */
struct lookup {
	uv_work_t work;
	struct client *client;
	json_t *answer;
	char home[256];
	const char *fpr[EXPLAIN_PAGE]; /* inside the answer */
	size_t n;
	struct web *web;
};

/* On a thread of the pool. */
static void look_up(uv_work_t *work)
{
	struct lookup *l = work->data;

	if (web_load(&l->web, l->home, l->fpr, l->n))
		l->web = NULL;
}

static void looked_up(uv_work_t *work, int status_)
{
	struct lookup *l = work->data;

	(void)status_;
	if (l->web)
		explain_web(l->answer, l->web);
	answer_late(l->client, l->answer);
	web_free(l->web);
	free(l);
}

/* Takes over o; without certifications when they can't be had. */
static void answer_with_web(struct client *c, json_t *o)
{
	const struct control_view *v = c->control->view;
	struct lookup *l = calloc(1, sizeof(*l));

	if (l)
		l->n = explain_fprs(o, l->fpr);
	if (!l || !l->n || v->stopping) {
		free(l);
		answer(c, o);
		return;
	}
	l->work.data = l;
	l->client = c;
	l->answer = o;
	snprintf(l->home, sizeof(l->home), "%s", v->conf->gnupg_home);
	wait(c);
	if (!uv_queue_work(c->pipe.loop, &l->work, look_up, looked_up))
		return;
	free(l);
	answer_late(c, o);
}

static void answer_keys(struct client *c, const json_t *in, json_t *o)
{
	if (json_is_true(json_object_get(in, "quick")))
		answer(c, o);
	else
		answer_with_web(c, o);
}

static void keys(struct client *c, const json_t *in)
{
	json_int_t from = json_integer_value(json_object_get(in, "from"));

	answer_keys(
		c, in,
		explain_keys(c->control->view, from > 0 ? (size_t)from : 0));
}

static void check(struct client *c, const json_t *in)
{
	const char *uri = json_string_value(json_object_get(in, "uri"));
	json_t *o = uri ? explain_check(c->control->view, uri) : NULL;

	if (o)
		answer_keys(c, in, o);
	else
		answer(c, refuse(uri ? "not a SIP, SIPS or tel URI"
				     : "\"check\" needs a \"uri\""));
}

static void obey(struct client *c, const json_t *in)
{
	const char *command = json_string_value(json_object_get(in, "command"));
	const struct control_view *v = c->control->view;

	if (!command)
		answer(c, refuse("no \"command\""));
	else if (!strcmp(command, "status"))
		answer(c, status(v));
	else if (!strcmp(command, "keys"))
		keys(c, in);
	else if (!strcmp(command, "check"))
		check(c, in);
	else if (!strcmp(command, "reload"))
		reload(c);
	else
		answer(c, refuse("unknown command"));
}

/* Answer the first line that is there, if there is a whole one. */
static void next_line(struct client *c)
{
	const char *end = memchr(c->line, '\n', c->len);
	size_t len;
	json_t *in;

	if (c->busy)
		return;
	if (!end) {
		if (c->len == sizeof(c->line))
			client_end(c);
		return;
	}
	len = (size_t)(end - c->line) + 1;
	in = json_loadb(c->line, len, JSON_REJECT_DUPLICATES, NULL);
	c->len -= len;
	memmove(c->line, c->line + len, c->len);
	c->busy = true;
	if (in)
		obey(c, in);
	else
		answer(c, refuse("not a line of JSON"));
	json_decref(in);
}

static void give_buffer(uv_handle_t *h, size_t hint, uv_buf_t *b)
{
	struct client *c = h->data;

	(void)hint;
	*b = uv_buf_init(c->line + c->len,
			 (unsigned int)(sizeof(c->line) - c->len));
}

static void was_read(uv_stream_t *s, ssize_t n, const uv_buf_t *b)
{
	struct client *c = s->data;

	(void)b;
	if (n < 0) {
		client_end(c); /* UV_ENOBUFS: it wrote on without reading */
		return;
	}
	c->len += (size_t)n;
	if (!c->waiting)
		uv_timer_again(&c->timer);
	next_line(c);
}

static void connected(uv_stream_t *s, int status_)
{
	struct control *ctl = s->data;
	struct client *c;
	size_t i;

	if (status_)
		return;
	for (i = 0; i < CLIENTS_MAX && ctl->client[i]; i++)
		;
	c = calloc(1, sizeof(*c));
	if (!c)
		return;
	c->pipe.data = c->timer.data = c;
	c->handles = 2;
	uv_pipe_init(s->loop, &c->pipe, 0);
	uv_timer_init(s->loop, &c->timer);
	/* accepted in any case: what is not, is offered again and again */
	if (uv_accept(s, (uv_stream_t *)&c->pipe) || i == CLIENTS_MAX) {
		client_end(c);
		return;
	}
	c->control = ctl;
	ctl->client[i] = c;
	uv_timer_start(&c->timer, silence, SILENCE_MS, SILENCE_MS);
	if (uv_read_start((uv_stream_t *)&c->pipe, give_buffer, was_read))
		client_end(c);
}

/* ---- the socket ---- */

/* 0: nobody is there (any more); EADDRINUSE; another errno. */
static int take_place(const char *path)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	struct stat st;
	int fd, err;

	if (strlen(path) >= sizeof(a.sun_path))
		return ENAMETOOLONG;
	if (lstat(path, &st))
		return errno == ENOENT ? 0 : errno;
	if (!S_ISSOCK(st.st_mode))
		return EEXIST;
	memcpy(a.sun_path, path, strlen(path));
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return errno;
	err = connect(fd, (struct sockaddr *)&a, sizeof(a)) ? errno : 0;
	close(fd);
	if (!err || err == EAGAIN)
		return EADDRINUSE;
	if (err != ECONNREFUSED)
		return err;
	return unlink(path) ? errno : 0;
}

static void control_closed(uv_handle_t *h)
{
	free(h->data);
}

static int listen_at(struct control *c, const char *path)
{
	int err = uv_pipe_bind(&c->pipe, path);

	if (err)
		return -err;
	if (chmod(path, 0660))
		return errno;
	return -uv_listen((uv_stream_t *)&c->pipe, CLIENTS_MAX, connected);
}

int control_open(struct control **out, uv_loop_t *loop, const char *path,
		 const struct control_view *view)
{
	struct control *c = calloc(1, sizeof(*c));
	int err;

	if (!c)
		return ENOMEM;
	c->view = view;
	c->pipe.data = c;
	uv_pipe_init(loop, &c->pipe, 0);
	err = take_place(path);
	if (!err)
		err = listen_at(c, path);
	if (err) {
		errno = err;
		log_warn("control socket %s", path);
		control_close(c);
		return err;
	}
	*out = c;
	return 0;
}

void control_close(struct control *c)
{
	if (!c)
		return;
	for (size_t i = 0; i < CLIENTS_MAX; i++)
		if (c->client[i])
			client_end(c->client[i]);
	/* unlinks the path, too, once it is bound */
	uv_close((uv_handle_t *)&c->pipe, control_closed);
}

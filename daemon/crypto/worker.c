/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation
 *
 * On threads: contexts are as many as threads have ever worked at once. One is
 * taken for a job and given back after it, so each serves one thread at a time
 * and none is bound to a thread that libuv may end.
 *
 * On the loop: where somebody else makes the signature (gpg-agent), a thread
 * would only wait for it, and waking it and being woken costs more than all the
 * rest. So there are some contexts more, the lines, whose connections the loop
 * watches. What is asked over one is taken from it when it becomes readable. A
 * line is lent to a thread with the job it has, whenever more is to be done
 * than that: there is no connection, it was lost, or the answer is slow in
 * coming (a card, a passphrase, an agent that hangs). What finds no line free
 * goes to a thread at once.
 */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>
#include "base/clock.h"
#include "base/log.h"
#include "crypto/worker.h"

/* A context on the shelf. */
struct shelf {
	struct shelf *next;
	struct pgp_ctx *ctx;
};

#define LINES	4
#define SLOW_MS 20 /* the loop waits as long for an answer, to twice that */

/* A connection that the loop watches. */
struct watch {
	uv_poll_t poll;
	int fd;
};

struct line {
	struct worker *w;
	struct pgp_ctx *ctx; /* NULL: not opened yet */
	struct watch *watch; /* NULL: not connected */
	struct work *work;   /* whose it is now; NULL: free */
	bool waiting;	     /* for its answer, on the loop */
	bool slow;	     /* for some time now */
};

/* A job accepted and not yet done. */
struct work {
	uv_work_t req;
	struct worker *w;
	struct crypto_job *job;
	struct line *line; /* or NULL */
	bool begun;	   /* asked for over its line */
	bool queued;	   /* for a thread */
	struct work *prev, *next;
};

struct worker {
	uv_loop_t *loop;
	struct pgp *pgp;
	struct line line[LINES];
	unsigned int n_lines, waiting;
	uv_timer_t slow;
	struct pgp_ctx *quick; /* the loop's own */
	unsigned int limit, busy;
	struct work *first;
	bool stopping;
	void (*idle)(void *arg);
	void *idle_arg;
	uv_work_t farewell;

	uv_mutex_t lock; /* of the shelf */
	struct shelf *shelf;
};

int worker_open(struct worker **out, uv_loop_t *loop, struct pgp *pgp,
		unsigned int limit)
{
	struct worker *w = calloc(1, sizeof(*w));
	int err;

	if (!w)
		return ENOMEM;
	err = pgp_ctx_open_quick(&w->quick, pgp);
	if (err || uv_mutex_init(&w->lock)) {
		if (!err)
			pgp_ctx_close(w->quick);
		free(w);
		return err ? err : ENOMEM;
	}
	w->loop = loop;
	w->pgp = pgp;
	w->limit = limit;
	w->n_lines = pgp_signs_in_steps(pgp) ? LINES : 0;
	for (unsigned int i = 0; i < w->n_lines; i++)
		w->line[i].w = w;
	uv_timer_init(loop, &w->slow);
	w->slow.data = w;
	*out = w;
	return 0;
}

static void watch_closed(uv_handle_t *h)
{
	struct watch *watch = h->data;

	close(watch->fd);
	free(watch);
}

static void watch_close(struct line *l)
{
	if (!l->watch)
		return;
	l->watch->poll.data = l->watch;
	uv_close((uv_handle_t *)&l->watch->poll, watch_closed);
	l->watch = NULL;
}

static void worker_closed(uv_handle_t *h)
{
	free(h->data);
}

void worker_free(struct worker *w)
{
	if (!w)
		return;
	while (w->shelf) {
		struct shelf *s = w->shelf;

		w->shelf = s->next;
		pgp_ctx_close(s->ctx);
		free(s);
	}
	for (unsigned int i = 0; i < w->n_lines; i++) {
		watch_close(&w->line[i]);
		pgp_ctx_close(w->line[i].ctx);
	}
	pgp_ctx_close(w->quick);
	uv_mutex_destroy(&w->lock);
	uv_close((uv_handle_t *)&w->slow, worker_closed);
}

/* ---- on a thread of the pool ---- */

static int context_new(struct shelf **out, struct pgp *pgp)
{
	struct shelf *s = calloc(1, sizeof(*s));
	int err;

	if (!s)
		return ENOMEM;
	err = pgp_ctx_open(&s->ctx, pgp);
	if (err) {
		free(s);
		return err;
	}
	*out = s;
	return 0;
}

static int context_take(struct worker *w, struct shelf **out)
{
	uv_mutex_lock(&w->lock);
	*out = w->shelf;
	if (*out)
		w->shelf = (*out)->next;
	uv_mutex_unlock(&w->lock);
	return *out ? 0 : context_new(out, w->pgp);
}

static void context_give(struct worker *w, struct shelf *s)
{
	uv_mutex_lock(&w->lock);
	s->next = w->shelf;
	w->shelf = s;
	uv_mutex_unlock(&w->lock);
}

static void fail(struct crypto_job *job, int err)
{
	job->error = err;
	job->result = PGP_ENGINE;
}

static void job_run(struct crypto_job *job, struct pgp_ctx *ctx)
{
	struct span octets = span_make(job->octets, job->octets_len);

	if (job->sign)
		job->error = pgp_sign(ctx, job->fpr, octets, job->sig,
				      &job->sig_len);
	else
		job->result =
			pgp_verify(ctx, octets,
				   span_make(job->sig, job->sig_len), job->fpr);
}

/* With a line: what was asked over it, or the whole. */
static void run_line(struct work *k)
{
	struct crypto_job *job = k->job;
	struct line *l = k->line;
	int err = l->ctx ? 0 : pgp_ctx_open(&l->ctx, k->w->pgp);

	if (err)
		fail(job, err);
	else if (k->begun)
		job->error = pgp_sign_wait(l->ctx, job->sig, &job->sig_len);
	else
		job_run(job, l->ctx);
}

static void run(uv_work_t *req)
{
	struct work *k = req->data;
	struct shelf *s;
	int err;

	if (k->line) {
		run_line(k);
		return;
	}
	err = context_take(k->w, &s);
	if (err) {
		fail(k->job, err);
		return;
	}
	job_run(k->job, s->ctx);
	context_give(k->w, s);
}

/* ---- on the loop ---- */

static void unlink_work(struct work *k)
{
	struct worker *w = k->w;

	if (k->prev)
		k->prev->next = k->next;
	else
		w->first = k->next;
	if (k->next)
		k->next->prev = k->prev;
	w->busy--;
}

static void link_work(struct work *k)
{
	struct worker *w = k->w;

	k->next = w->first;
	if (k->next)
		k->next->prev = k;
	w->first = k;
	w->busy++;
	k->job->impl = k;
}

/* May free the worker. */
static void finish(struct work *k)
{
	struct worker *w = k->w;
	struct crypto_job *job = k->job;

	if (k->line)
		k->line->work = NULL;
	unlink_work(k);
	free(k);
	job->impl = NULL;
	job->done(job, clock_wall_ms());
	if (w->stopping && !w->busy)
		w->idle(w->idle_arg);
}

static void line_watch(struct line *l);

static void after(uv_work_t *req, int status)
{
	struct work *k = req->data;

	if (status == UV_ECANCELED)
		fail(k->job, ECANCELED);
	else if (k->line)
		line_watch(k->line);
	finish(k);
}

static int queue(struct work *k)
{
	int err = uv_queue_work(k->w->loop, &k->req, run, after);

	k->queued = !err;
	return err;
}

/* ---- lines ---- */

static struct line *line_free(struct worker *w)
{
	for (unsigned int i = 0; i < w->n_lines; i++)
		if (!w->line[i].work)
			return &w->line[i];
	return NULL;
}

static void waits_no_more(struct line *l)
{
	l->waiting = false;
	if (!--l->w->waiting)
		uv_timer_stop(&l->w->slow);
}

/* The loop is through with what it asked: a thread sees to the rest. */
static void line_lend(struct line *l)
{
	struct work *k = l->work;

	waits_no_more(l);
	watch_close(l);
	if (!queue(k))
		return;
	fail(k->job, EIO);
	finish(k);
}

static void on_slow(uv_timer_t *timer)
{
	struct worker *w = timer->data;

	for (unsigned int i = 0; i < w->n_lines; i++) {
		struct line *l = &w->line[i];

		if (l->waiting && l->slow)
			line_lend(l);
		l->slow = true;
	}
}

static void on_answer(uv_poll_t *poll, int status, int events)
{
	struct line *l = poll->data;
	struct crypto_job *job;
	int err;

	(void)status; /* looking says it, too */
	(void)events;
	/* it ended while nobody asked anything */
	if (!l->waiting) {
		watch_close(l);
		return;
	}
	job = l->work->job;
	err = pgp_sign_look(l->ctx, job->sig, &job->sig_len);
	if (err == EAGAIN)
		return;
	if (err == ENOTCONN) {
		line_lend(l);
		return;
	}
	job->error = err;
	waits_no_more(l);
	if (pgp_sign_fd(l->ctx) < 0)
		watch_close(l);
	finish(l->work);
}

/* Without a watch a line is lent for all it has to do, which serves as well. */
static void line_watch(struct line *l)
{
	int fd = l->ctx ? pgp_sign_fd(l->ctx) : -1;
	struct watch *watch;

	if (l->watch || fd < 0)
		return;
	watch = calloc(1, sizeof(*watch));
	if (!watch)
		return;
	watch->fd = dup(fd);
	if (watch->fd < 0 ||
	    uv_poll_init(l->w->loop, &watch->poll, watch->fd)) {
		if (watch->fd >= 0)
			close(watch->fd);
		free(watch);
		return;
	}
	watch->poll.data = l;
	l->watch = watch;
	/* it keeps no loop alive; what waits for an answer has the timer */
	uv_unref((uv_handle_t *)&watch->poll);
	uv_poll_start(&watch->poll, UV_READABLE, on_answer);
}

static int line_begin(struct line *l, const struct crypto_job *job)
{
	struct worker *w = l->w;
	int err;

	if (!l->watch)
		return EAGAIN;
	err = pgp_sign_begin(l->ctx, job->fpr,
			     span_make(job->octets, job->octets_len));
	if (err) {
		watch_close(l);
		return err;
	}
	l->waiting = true;
	l->slow = false;
	if (!w->waiting++)
		uv_timer_start(&w->slow, on_slow, SLOW_MS, SLOW_MS);
	return 0;
}

/* ---- the door ---- */

static int start(struct work *k)
{
	struct line *l = k->job->sign ? line_free(k->w) : NULL;

	k->line = l;
	if (l && !line_begin(l, k->job)) {
		k->begun = true;
		l->work = k;
		return 0;
	}
	if (queue(k))
		return EAGAIN;
	if (l)
		l->work = k;
	return 0;
}

static int submit(void *ctx, struct crypto_job *job)
{
	struct worker *w = ctx;
	struct work *k;

	if (w->stopping)
		return ESHUTDOWN;
	if (w->busy >= w->limit)
		return EAGAIN;
	k = calloc(1, sizeof(*k));
	if (!k)
		return EAGAIN;
	k->w = w;
	k->job = job;
	k->req.data = k;
	if (start(k)) {
		free(k);
		return EAGAIN;
	}
	link_work(k);
	return 0;
}

static bool at_once(void *ctx, struct crypto_job *job)
{
	struct worker *w = ctx;

	if (w->stopping)
		return false;
	job_run(job, w->quick);
	return job->sign ? job->error != EAGAIN : job->result != PGP_LATER;
}

struct crypto_door worker_door(struct worker *w)
{
	return (struct crypto_door){ w, submit, at_once };
}

unsigned int worker_busy(const struct worker *w)
{
	return w->busy;
}

static void nothing(uv_work_t *req)
{
	(void)req;
}

static void said_farewell(uv_work_t *req, int status)
{
	struct worker *w = req->data;

	(void)status;
	w->idle(w->idle_arg);
}

void worker_stop(struct worker *w, void (*idle)(void *arg), void *arg)
{
	w->stopping = true;
	w->idle = idle;
	w->idle_arg = arg;
	/* those that no thread has begun come back as they are */
	for (struct work *k = w->first; k; k = k->next)
		if (k->queued)
			uv_cancel((uv_req_t *)&k->req);
	if (w->busy)
		return;
	/* never from inside this call, as with done() */
	w->farewell.data = w;
	uv_queue_work(w->loop, &w->farewell, nothing, said_farewell);
}

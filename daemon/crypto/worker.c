/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Contexts are as many as threads have ever worked at once: one is taken for a
 * job and given back after it, so each serves one thread at a time and none is
 * bound to a thread that libuv may end.
 */
#include <errno.h>
#include <stdlib.h>
#include "base/clock.h"
#include "base/log.h"
#include "crypto/worker.h"

/* A context on the shelf. */
struct shelf {
	struct shelf *next;
	struct pgp_ctx *ctx;
};

/* A job accepted and not yet done. */
struct work {
	uv_work_t req;
	struct worker *w;
	struct crypto_job *job;
	struct work *prev, *next;
};

struct worker {
	uv_loop_t *loop;
	struct pgp *pgp;
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
	*out = w;
	return 0;
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
	pgp_ctx_close(w->quick);
	uv_mutex_destroy(&w->lock);
	free(w);
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

static void run(uv_work_t *req)
{
	struct work *k = req->data;
	struct shelf *s;
	int err;

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

static void after(uv_work_t *req, int status)
{
	struct work *k = req->data;
	struct worker *w = k->w;
	struct crypto_job *job = k->job;

	if (status == UV_ECANCELED)
		fail(job, ECANCELED);
	unlink_work(k);
	free(k);
	job->impl = NULL;
	job->done(job, clock_wall_ms());
	if (w->stopping && !w->busy)
		w->idle(w->idle_arg); /* may free w */
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
	if (uv_queue_work(w->loop, &k->req, run, after)) {
		free(k);
		return EAGAIN;
	}
	k->next = w->first;
	if (k->next)
		k->next->prev = k;
	w->first = k;
	w->busy++;
	job->impl = k;
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
		uv_cancel((uv_req_t *)&k->req);
	if (w->busy)
		return;
	/* never from inside this call, as with done() */
	w->farewell.data = w;
	uv_queue_work(w->loop, &w->farewell, nothing, said_farewell);
}

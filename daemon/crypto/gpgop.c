/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation
 *
 * gpgme's own waiting has no limit, and its cancelling leaves the gpg process
 * behind. So the pipes are polled here (gpgme calls it a user event loop):
 * gpgme registers descriptors through io_add(), says START, wants its callback
 * called for those that are ready, and says DONE. If that takes too long, the
 * processes at the other ends of the pipes are killed and the context, which is
 * in the middle of something, is replaced.
 */
#include <errno.h>
#include <locale.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include "base/clock.h"
#include "base/log.h"
#include "crypto/gpgop.h"
#include "crypto/reap.h"

#define WATCH_MAX 16 /* an operation has three to five */

struct watch {
	struct gpgop *op;
	int fd; /* -1: free */
	short events;
	gpgme_io_cb_t ready;
	void *arg;
};

struct gpgop {
	gpgme_ctx_t ctx;
	char *home;
	bool without_trust;
	struct watch watch[WATCH_MAX];
	bool done;
	gpgme_error_t err;
	void (*on_key)(void *arg, gpgme_key_t key);
	void *on_key_arg;
};

static gpgme_error_t io_add(void *data, int fd, int dir, gpgme_io_cb_t fnc,
			    void *fnc_data, void **tag)
{
	struct gpgop *op = data;

	for (size_t i = 0; i < WATCH_MAX; i++) {
		struct watch *w = &op->watch[i];

		if (w->fd >= 0)
			continue;
		*w = (struct watch){ op, fd, dir ? POLLIN : POLLOUT, fnc,
				     fnc_data };
		*tag = w;
		return 0;
	}
	return gpgme_error(GPG_ERR_ENOMEM);
}

static void io_remove(void *tag)
{
	struct watch *w = tag;

	w->fd = -1;
}

static void io_event(void *data, gpgme_event_io_t type, void *type_data)
{
	struct gpgop *op = data;
	struct gpgme_io_event_done_data *end = type_data;

	if (type == GPGME_EVENT_NEXT_KEY) {
		if (op->on_key)
			op->on_key(op->on_key_arg, type_data);
		else
			gpgme_key_unref(type_data);
	} else if (type == GPGME_EVENT_DONE) {
		op->done = true;
		op->err = end->err ? end->err : end->op_err;
	}
}

static void init_once(void)
{
	if (!gpgme_check_version(NULL))
		return;
	gpgme_set_locale(NULL, LC_CTYPE, setlocale(LC_CTYPE, NULL));
}

int gpgop_init(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	gpgme_error_t err;
	char text[128];

	pthread_once(&once, init_once);
	err = gpgme_engine_check_version(GPGME_PROTOCOL_OpenPGP);
	if (!err)
		return 0;
	log_warnx("gpg can't be used: %s (install the package gnupg)",
		  gpgop_error(err, text));
	return ENOENT;
}

const char *gpgop_default_home(void)
{
	const char *home = gpgme_get_dirinfo("homedir");

	return home ? home : "";
}

const char *gpgop_program(void)
{
	const char *gpg = gpgme_get_dirinfo("gpg-name");

	return gpg ? gpg : "gpg";
}

static int ctx_new(struct gpgop *op)
{
	struct gpgme_io_cbs cbs = { io_add, op, io_remove, io_event, op };
	gpgme_ctx_t ctx;

	for (size_t i = 0; i < WATCH_MAX; i++)
		op->watch[i].fd = -1;
	op->ctx = NULL;
	op->done = false;
	if (gpgme_new(&ctx))
		return ENOMEM;
	if (gpgme_set_protocol(ctx, GPGME_PROTOCOL_OpenPGP) ||
	    gpgme_ctx_set_engine_info(ctx, GPGME_PROTOCOL_OpenPGP, NULL,
				      op->home) ||
	    (op->without_trust &&
	     gpgme_set_ctx_flag(ctx, "trust-model", "always"))) {
		gpgme_release(ctx);
		return EIO;
	}
	gpgme_set_armor(ctx, 0);
	gpgme_set_textmode(ctx, 0);
	gpgme_set_offline(ctx, 1);
	gpgme_set_io_cbs(ctx, &cbs);
	op->ctx = ctx;
	return 0;
}

int gpgop_open(struct gpgop **out, const char *home)
{
	struct gpgop *op = calloc(1, sizeof(*op));
	int err = ENOMEM;

	if (op)
		op->home = strdup(home);
	if (op && op->home)
		err = ctx_new(op);
	if (err) {
		gpgop_close(op);
		return err;
	}
	*out = op;
	return 0;
}

void gpgop_close(struct gpgop *op)
{
	if (!op)
		return;
	if (op->ctx)
		gpgme_release(op->ctx);
	free(op->home);
	free(op);
}

gpgme_ctx_t gpgop_ctx(struct gpgop *op)
{
	/* none: the last operation hung, and memory was short just then */
	if (!op->ctx)
		ctx_new(op);
	return op->ctx;
}

int gpgop_without_trust(struct gpgop *op)
{
	op->without_trust = true;
	return gpgme_set_ctx_flag(op->ctx, "trust-model", "always") ? EIO : 0;
}

void gpgop_on_key(struct gpgop *op, void (*fn)(void *arg, gpgme_key_t key),
		  void *arg)
{
	op->on_key = fn;
	op->on_key_arg = arg;
}

/* One round: wait for any of the descriptors, and serve those ready. */
static void serve(struct gpgop *op, int wait_ms)
{
	struct pollfd pfd[WATCH_MAX];

	for (size_t i = 0; i < WATCH_MAX; i++)
		pfd[i] = (struct pollfd){ .fd = op->watch[i].fd,
					  .events = op->watch[i].events };
	if (poll(pfd, WATCH_MAX, wait_ms) <= 0)
		return;
	for (size_t i = 0; i < WATCH_MAX && !op->done; i++) {
		struct watch *w = &op->watch[i];

		/* serving one may remove another */
		if (pfd[i].revents && w->fd == pfd[i].fd)
			w->ready(w->arg, w->fd);
	}
}

static int give_up(struct gpgop *op)
{
	int fd[WATCH_MAX];
	size_t n = 0;

	for (size_t i = 0; i < WATCH_MAX; i++)
		if (op->watch[i].fd >= 0)
			fd[n++] = op->watch[i].fd;
	reap_pipes(fd, n);
	gpgme_release(op->ctx);
	return ctx_new(op) ? EIO : ETIMEDOUT;
}

int gpgop_run(struct gpgop *op, gpgme_error_t started, unsigned int timeout_ms,
	      gpgme_error_t *err)
{
	uint64_t end = clock_steady_ns() + timeout_ms * 1000000ull;

	*err = started;
	if (started) {
		op->done = false;
		return 0;
	}
	while (!op->done) {
		uint64_t now = clock_steady_ns();

		if (now >= end)
			return give_up(op);
		serve(op, (int)((end - now) / 1000000) + 1);
	}
	op->done = false;
	*err = op->err;
	return 0;
}

const char *gpgop_error(gpgme_error_t err, char buf[128])
{
	gpgme_strerror_r(err, buf, 128);
	return buf;
}

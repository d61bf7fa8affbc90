/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "io/reload.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"

/* One reading: what is asked for and by whom, and what came of it. */
struct reading {
	bool keys_only;
	const struct conf *running;
	void (*done)(void *arg, const char *error);
	void *arg;
	struct conf *conf;
	struct trust *trust;
};

struct reload {
	uv_work_t work;
	uv_loop_t *loop;
	void (*take)(void *ctx, struct conf *conf, struct trust *trust);
	void *ctx;
	bool busy, waits;
	struct reading now, next; /* next: while it waits */
};

/* What the configuration's reader has to say; there is one reload at a time. */
static char fault[512];

static void report(const char *line)
{
	log_warnx("%s", line);
	if (!*fault)
		snprintf(fault, sizeof(fault), "%s", line);
}

static void keep(const char *name, void *new, const void *old, size_t size)
{
	if (!memcmp(new, old, size))
		return;
	log_warnx("a change of \"%s\" takes effect at the next start", name);
	memcpy(new, old, size);
}

#define KEEP(name, field)                                                      \
	keep(name, &new->field, &old->field, sizeof(new->field))

static void keep_fixed(struct conf *new, const struct conf *old)
{
	KEEP("realm", realm);
	KEEP("role", role);
	KEEP("queue-out", queue_out);
	KEEP("queue-in", queue_in);
	KEEP("queue-length", queue_length);
	KEEP("fail-open", fail_open);
	KEEP("mark", mark);
	KEEP("user", user);
	KEEP("gnupg-home", gnupg_home);
	KEEP("state-dir", state_dir);
	KEEP("control", control);
	KEEP("capture", capture);
	KEEP("sign-engine", sign_engine);
	KEEP("verify-engine", verify_engine);
	KEEP("crypto-timeout", crypto_timeout_ms);
	KEEP("crypto-limit", crypto_limit);
	KEEP("max-records", max_records);
	KEEP("state-size", state_mb);
	KEEP("log", log_syslog);
	KEEP("log-level", log_level);
}

static bool read_conf(struct reading *d)
{
	if (conf_load(d->conf, d->running->file, report)) {
		if (!*fault)
			report("the configuration can't be read");
		return false;
	}
	keep_fixed(d->conf, d->running);
	return true;
}

/* On a thread of the pool. */
static void read_again(uv_work_t *w)
{
	struct reload *r = w->data;
	struct reading *d = &r->now;

	if (!d->keys_only && !read_conf(d))
		return;
	if (trust_load(&d->trust, d->running->gnupg_home))
		report("the keyring can't be read");
}

static int begin(struct reload *r, const struct reading *d);

static void was_read(uv_work_t *w, int status)
{
	struct reload *r = w->data;
	struct reading d = r->now;
	bool waits = r->waits;
	int err;

	r->busy = r->waits = false;
	if (status || !d.trust) {
		if (!d.keys_only)
			log_warnx("reload failed, everything stays as it was");
		free(d.conf);
	} else {
		r->take(r->ctx, d.conf, d.trust);
	}
	if (d.done)
		d.done(d.arg, d.trust ? NULL : fault);
	if (!waits)
		return;
	err = begin(r, &r->next);
	if (err && r->next.done)
		r->next.done(r->next.arg, strerror(err));
}

int reload_open(struct reload **out, uv_loop_t *loop,
		void (*take)(void *ctx, struct conf *conf, struct trust *trust),
		void *ctx)
{
	struct reload *r = calloc(1, sizeof(*r));

	if (!r)
		return ENOMEM;
	r->loop = loop;
	r->take = take;
	r->ctx = ctx;
	*out = r;
	return 0;
}

static int begin(struct reload *r, const struct reading *d)
{
	int err;

	*fault = '\0';
	r->now = *d;
	r->work.data = r;
	if (!d->keys_only) {
		r->now.conf = calloc(1, sizeof(*r->now.conf));
		if (!r->now.conf)
			return ENOMEM;
	}
	err = -uv_queue_work(r->loop, &r->work, read_again, was_read);
	if (err)
		free(r->now.conf);
	r->busy = !err;
	return err;
}

int reload_start(struct reload *r, const struct conf *running,
		 void (*done)(void *arg, const char *error), void *arg)
{
	const struct reading d = { .running = running,
				   .done = done,
				   .arg = arg };

	if (!r->busy)
		return begin(r, &d);
	if (r->waits || !r->now.keys_only)
		return EBUSY;
	r->next = d;
	r->waits = true;
	return 0;
}

int reload_keys(struct reload *r, const struct conf *running,
		void (*done)(void *arg, const char *error), void *arg)
{
	const struct reading d = {
		.keys_only = true, .running = running, .done = done, .arg = arg
	};

	return r->busy ? EBUSY : begin(r, &d);
}

void reload_stop(struct reload *r)
{
	bool waits = r->waits;

	r->waits = false;
	if (waits && r->next.done)
		r->next.done(r->next.arg, "the daemon stops");
}

void reload_free(struct reload *r)
{
	free(r);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "io/reload.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"

struct reload {
	uv_work_t work;
	uv_loop_t *loop;
	void (*take)(void *ctx, struct conf *conf, struct trust *trust);
	void *ctx;
	bool busy;

	/* of the one under way */
	const struct conf *running;
	struct conf *conf;
	struct trust *trust;
	void (*done)(void *arg, const char *error);
	void *arg;
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

/* On a thread of the pool. */
static void read_again(uv_work_t *w)
{
	struct reload *r = w->data;

	if (conf_load(r->conf, r->running->file, report)) {
		if (!*fault)
			report("the configuration can't be read");
		return;
	}
	keep_fixed(r->conf, r->running);
	if (trust_load(&r->trust, r->conf->gnupg_home))
		report("the keyring can't be read");
}

static void was_read(uv_work_t *w, int status)
{
	struct reload *r = w->data;

	r->busy = false;
	if (status || !r->trust) {
		log_warnx("reload failed, everything stays as it was");
		free(r->conf);
	} else {
		r->take(r->ctx, r->conf, r->trust);
	}
	if (r->done)
		r->done(r->arg, r->trust ? NULL : fault);
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

int reload_start(struct reload *r, const struct conf *running,
		 void (*done)(void *arg, const char *error), void *arg)
{
	int err;

	if (r->busy)
		return EBUSY;
	*fault = '\0';
	r->running = running;
	r->trust = NULL;
	r->done = done;
	r->arg = arg;
	r->work.data = r;
	r->conf = calloc(1, sizeof(*r->conf));
	if (!r->conf)
		return ENOMEM;
	err = -uv_queue_work(r->loop, &r->work, read_again, was_read);
	if (err)
		free(r->conf);
	r->busy = !err;
	return err;
}

void reload_free(struct reload *r)
{
	free(r);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "io/reload.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"

#define CANT_READ "the keyring can't be read"

/*
 * Theory of operation
 *
 * A reading is of the whole (the configuration, too, or the keyring alone), or
 * a look at the keys themselves, which takes gpg a fraction of the time. One of
 * each can be under way. Readings of the whole end with a look of their own: so
 * what is handed out never is older than what a look has handed out before,
 * however long gpg was busy with the rest. Looks come one after the other.
 */
struct reading {
	uv_work_t work;
	struct reload *reload;
	bool keys_only;
	const struct conf *running;
	void (*done)(void *arg, const char *error);
	void *arg;
	struct conf *conf;
	struct trust *before; /* of a look: what it goes by */
	struct trust *trust;
	const char *error;
};

struct reload {
	uv_loop_t *loop;
	void (*take)(void *ctx, struct conf *conf, struct trust *trust,
		     bool whole);
	void *ctx;
	struct trust *last; /* that was handed out */
	struct reading whole, look;
	struct reading next; /* of the whole, while it waits */
	bool busy, read;     /* the whole: under way; its look is to come */
	bool looking, waits, stopped;
};

/* What the configuration's reader has to say: it reads one at a time. */
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
		d->error = fault;
		return false;
	}
	keep_fixed(d->conf, d->running);
	return true;
}

static unsigned int limit_ms(const struct reading *d)
{
	return d->running->keyring_timeout_s * 1000;
}

/* On threads of the pool. */

static void read_whole(uv_work_t *w)
{
	struct reading *d = w->data;

	if (!d->keys_only && !read_conf(d))
		return;
	if (trust_load(&d->trust, d->running->gnupg_home, limit_ms(d)))
		d->error = CANT_READ;
}

static void read_keys(uv_work_t *w)
{
	struct reading *d = w->data;

	if (trust_load_keys(&d->trust, d->running->gnupg_home, limit_ms(d),
			    d->before))
		d->error = CANT_READ;
}

/* And back on the loop's. */

static int begin(struct reload *r, const struct reading *d);

static void hand_out(struct reload *r, struct reading *d, bool whole)
{
	trust_free(r->last);
	r->last = trust_hold(d->trust);
	r->take(r->ctx, d->conf, d->trust, whole);
}

static void end_whole(struct reload *r)
{
	struct reading d = r->whole;
	bool waits = r->waits;
	int err;

	r->busy = r->read = r->waits = false;
	if (!d.error) {
		hand_out(r, &d, true);
	} else {
		if (!d.keys_only)
			log_warnx("reload failed, everything stays as it was: "
				  "%s",
				  d.error);
		trust_free(d.trust);
		free(d.conf);
	}
	if (d.done)
		d.done(d.arg, d.error);
	if (!waits)
		return;
	err = begin(r, &r->next);
	if (err && r->next.done)
		r->next.done(r->next.arg, strerror(err));
}

static void was_looked(uv_work_t *w, int status);

static int look(struct reload *r, const struct reading *d)
{
	int err;

	r->look = *d;
	r->look.work.data = &r->look;
	r->look.reload = r;
	r->look.before = trust_hold(r->read ? r->whole.trust : r->last);
	err = -uv_queue_work(r->loop, &r->look.work, read_keys, was_looked);
	if (err)
		trust_free(r->look.before);
	r->looking = !err;
	return err;
}

/* Its last part, once no other look is under way. */
static void finish_whole(struct reload *r)
{
	const struct reading d = { .running = r->whole.running };

	if (!r->read || r->looking)
		return;
	if (!r->stopped && !look(r, &d))
		return;
	r->whole.error = "the daemon stops";
	end_whole(r);
}

static void was_looked(uv_work_t *w, int status)
{
	struct reading *l = w->data, d = *l;
	struct reload *r = l->reload;

	r->looking = false;
	if (status && !d.error)
		d.error = CANT_READ;
	if (r->read && d.before == r->whole.trust) {
		trust_free(r->whole.trust);
		r->whole.trust = d.trust;
		r->whole.error = d.error;
		end_whole(r);
	} else {
		if (!d.error)
			hand_out(r, &d, false);
		if (d.done)
			d.done(d.arg, d.error);
	}
	trust_free(d.before);
	finish_whole(r);
}

static void was_read(uv_work_t *w, int status)
{
	struct reading *d = w->data;
	struct reload *r = d->reload;

	if (status && !d->error)
		d->error = CANT_READ;
	r->read = !d->error;
	if (r->read)
		finish_whole(r);
	else
		end_whole(r);
}

int reload_open(struct reload **out, uv_loop_t *loop, struct trust *trust,
		void (*take)(void *ctx, struct conf *conf, struct trust *trust,
			     bool whole),
		void *ctx)
{
	struct reload *r = calloc(1, sizeof(*r));

	if (!r)
		return ENOMEM;
	r->loop = loop;
	r->last = trust_hold(trust);
	r->take = take;
	r->ctx = ctx;
	*out = r;
	return 0;
}

static int begin(struct reload *r, const struct reading *d)
{
	int err;

	*fault = '\0';
	r->whole = *d;
	r->whole.work.data = &r->whole;
	r->whole.reload = r;
	if (!d->keys_only) {
		r->whole.conf = calloc(1, sizeof(*r->whole.conf));
		if (!r->whole.conf)
			return ENOMEM;
	}
	err = -uv_queue_work(r->loop, &r->whole.work, read_whole, was_read);
	if (err) {
		free(r->whole.conf);
		r->whole.conf = NULL;
	}
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
	if (r->waits || !r->whole.keys_only)
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

int reload_look(struct reload *r, const struct conf *running,
		void (*done)(void *arg, const char *error), void *arg)
{
	const struct reading d = { .running = running,
				   .done = done,
				   .arg = arg };

	return r->looking ? EBUSY : look(r, &d);
}

void reload_stop(struct reload *r)
{
	bool waits = r->waits;

	r->waits = false;
	r->stopped = true;
	if (waits && r->next.done)
		r->next.done(r->next.arg, "the daemon stops");
}

void reload_free(struct reload *r)
{
	if (r)
		trust_free(r->last);
	free(r);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation
 *
 * inotify says that something moves in the home; whether it matters is seen by
 * the stamp: inode, size and time of each file that trust rests on. gpg takes
 * locks, and may write its trust database, even when it only lists keys, so
 * two stamps are kept: `loaded`, from before the last reading that succeeded,
 * and `seen`, from after the last one. An event counts when the stamp is not
 * `seen`. When `seen` is not `loaded`, the home changed while it was read, by
 * gpg or by somebody else, and is read once more; gpg comes to rest after one
 * such turn, and a home that never rests is left to the next event.
 *
 * A change starts a short wait for more of them (an import is a dozen), which
 * later ones prolong, but not for ever.
 */
#include "io/keywatch.h"

#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/log.h"

#define QUIET_MS    300	   /* nothing more for so long: it is over */
#define PATIENCE_MS 1000   /* … or so long after the first event */
#define PERIOD_MS   600000 /* gpg's own files elsewhere, what inotify misses */
#define RETRY_MS    1000   /* after a failure, doubled each time … */
#define RETRY_MAX   6	   /* … so often */
#define AGAIN_MAX   3	   /* readings in a row of a home that changes */

static const char *const names[] = {
	/* the public keys */
	"pubring.kbx",
	"pubring.gpg",
	"public-keys.d/pubring.db",
	/* and what else they are judged by */
	"trustdb.gpg",
	"tofu.db",
	"private-keys-v1.d",
	"gpg.conf",
	"common.conf",
};
static const char *const dirs[] = { "", "/private-keys-v1.d",
				    "/public-keys.d" };
enum {
	FILES = sizeof(names) / sizeof(names[0]),
	KEY_FILES = 3,
	DIRS = sizeof(dirs) / sizeof(dirs[0])
};

struct stamp {
	struct {
		int64_t ino, size, s, ns;
	} file[FILES];
};

struct keywatch {
	uv_fs_event_t dir[DIRS];
	uv_timer_t timer;
	unsigned int handles; /* not yet closed */
	char home[PATH_MAX];
	enum keywatch_what what;
	keywatch_load *load;
	void *ctx;
	struct stamp loaded, seen, before, noticed;
	uint64_t first_ms; /* event not yet answered; 0: none */
	unsigned int failures, again;
	bool loading, told, closed;
};

static uint64_t now_ms(void)
{
	return clock_steady_ns() / 1000000;
}

static void stamp_take(const struct keywatch *w, struct stamp *s)
{
	size_t files = w->what == KEYWATCH_KEYS ? KEY_FILES : FILES;
	char path[PATH_MAX + 32];
	struct stat st;

	memset(s, 0, sizeof(*s));
	for (size_t i = 0; i < files; i++) {
		snprintf(path, sizeof(path), "%s/%s", w->home, names[i]);
		if (stat(path, &st))
			continue;
		s->file[i].ino = (int64_t)st.st_ino;
		s->file[i].size = st.st_size;
		s->file[i].s = st.st_mtim.tv_sec;
		s->file[i].ns = st.st_mtim.tv_nsec;
	}
}

static bool same(const struct stamp *a, const struct stamp *b)
{
	return memcmp(a, b, sizeof(*a)) == 0;
}

static void on_timer(uv_timer_t *t);

static void wait_ms(struct keywatch *w, uint64_t ms)
{
	uv_timer_start(&w->timer, on_timer, ms, 0);
}

/* From the first event on, until there are no more, but not too long. */
static void wait_for_quiet(struct keywatch *w)
{
	uint64_t now = now_ms(), waited, ms = QUIET_MS;

	if (!w->first_ms)
		w->first_ms = now;
	waited = now - w->first_ms;
	if (waited + ms > PATIENCE_MS)
		ms = waited < PATIENCE_MS ? PATIENCE_MS - waited : 0;
	wait_ms(w, ms);
}

static void on_event(uv_fs_event_t *e, const char *name, int events, int status)
{
	struct keywatch *w = e->data;
	struct stamp now;

	(void)name;
	(void)events;
	(void)status;
	if (w->loading || w->closed)
		return;
	stamp_take(w, &now);
	if (same(&now, &w->seen) || (w->first_ms && same(&now, &w->noticed)))
		return;
	w->noticed = now;
	wait_for_quiet(w);
}

/* Anew each time: a directory may have been made, or replaced by another. */
static void watch_dirs(struct keywatch *w)
{
	char path[PATH_MAX + 32];
	int err;

	for (size_t i = 0; i < DIRS; i++) {
		snprintf(path, sizeof(path), "%s%s", w->home, dirs[i]);
		uv_fs_event_stop(&w->dir[i]);
		err = uv_fs_event_start(&w->dir[i], on_event, path, 0);
		if (!err || i || w->told)
			continue;
		w->told = true;
		log_warnx("changes of %s can't be watched (%s): it is read "
			  "every %d minutes",
			  w->home, uv_strerror(err), PERIOD_MS / 60000);
	}
}

static void failed(struct keywatch *w, const char *error)
{
	unsigned int ms = RETRY_MS << w->failures;

	/* perhaps it was mended meanwhile */
	if (!same(&w->before, &w->seen))
		ms = RETRY_MS;
	if (w->failures < RETRY_MAX)
		w->failures++;
	log_warnx("the keyring as it was before stays in use: %s (tried again "
		  "in %u s)",
		  error, ms / 1000);
	wait_ms(w, ms);
}

static void loaded(struct keywatch *w)
{
	w->failures = 0;
	w->loaded = w->before;
	if (same(&w->loaded, &w->seen)) {
		w->again = 0;
		wait_ms(w, PERIOD_MS);
	} else if (w->again++ < AGAIN_MAX) {
		wait_for_quiet(w);
	} else {
		w->again = 0;
		log_debug("%s does not come to rest", w->home);
		wait_ms(w, PERIOD_MS);
	}
}

static void done(void *arg, const char *error)
{
	struct keywatch *w = arg;

	w->loading = false;
	if (w->closed) {
		if (!w->handles)
			free(w);
		return;
	}
	stamp_take(w, &w->seen);
	if (error)
		failed(w, error);
	else
		loaded(w);
}

static void on_timer(uv_timer_t *t)
{
	struct keywatch *w = t->data;
	int err;

	w->first_ms = 0;
	watch_dirs(w);
	stamp_take(w, &w->before);
	w->loading = true;
	err = w->load(w->ctx, done, w);
	if (!err)
		return;
	w->loading = false;
	if (err != ESHUTDOWN)
		wait_ms(w, err == EBUSY ? QUIET_MS : RETRY_MS);
}

int keywatch_open(struct keywatch **out, uv_loop_t *loop, const char *home,
		  enum keywatch_what what, keywatch_load *load, void *ctx)
{
	struct keywatch *w = calloc(1, sizeof(*w));

	if (!w)
		return ENOMEM;
	snprintf(w->home, sizeof(w->home), "%s", home);
	w->what = what;
	w->load = load;
	w->ctx = ctx;
	uv_timer_init(loop, &w->timer);
	w->timer.data = w;
	for (size_t i = 0; i < DIRS; i++) {
		uv_fs_event_init(loop, &w->dir[i]);
		w->dir[i].data = w;
	}
	w->handles = DIRS + 1;
	stamp_take(w, &w->before);
	*out = w;
	return 0;
}

void keywatch_start(struct keywatch *w)
{
	watch_dirs(w);
	stamp_take(w, &w->seen);
	loaded(w);
}

static void handle_closed(uv_handle_t *h)
{
	struct keywatch *w = h->data;

	/* a reading under way has a hold on it, too */
	if (--w->handles == 0 && !w->loading)
		free(w);
}

void keywatch_close(struct keywatch *w)
{
	if (!w || w->closed)
		return;
	w->closed = true;
	uv_close((uv_handle_t *)&w->timer, handle_closed);
	for (size_t i = 0; i < DIRS; i++)
		uv_close((uv_handle_t *)&w->dir[i], handle_closed);
}

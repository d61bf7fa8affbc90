/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sipseald - PGP authentication for SIP, in the path of unmodified phones.
 *
 *   kernel queue -> nfqueue -> engine -> verdict -> nfqueue -> kernel
 *                                |  \-> inject -> network
 *                                |----> worker -> pgp -> GnuPG   (threads)
 *                                |----> trust, a snapshot of the keyring
 *                                \----> store, what must survive a restart
 *
 * One thread, one loop: packets, timers, signals, the control socket and the
 * ends of crypto jobs are its events. What needs root is opened first, then the
 * process becomes a user of its own, and only then does anything that reads
 * what others wrote begin.
 */
#include <errno.h>
#include <getopt.h>
#include <libgen.h>
#include <signal.h>
#include <stdio.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <uv.h>

#include "base/clock.h"
#include "base/digest.h"
#include "base/log.h"
#include "codec/sipmsg.h"
#include "core/engine.h"
#include "crypto/keymath.h"
#include "crypto/worker.h"
#include "io/capture.h"
#include "io/control.h"
#include "io/inject.h"
#include "io/isolate.h"
#include "io/keywatch.h"
#include "io/nfqueue.h"
#include "io/reload.h"

#define CONF_FILE SIPSEAL_SYSCONF "/sipseal/sipseald.conf"
#define TICK_MS	  50
#define SLOW_MS	  5000
#define LARGE_RSA 3072 /* bits; a row of some 600 octets and more */

struct options {
	const char *file;
	bool check_only, verbose, debug;
};

struct daemon {
	struct conf *conf;
	struct isolate_user user;
	uv_loop_t loop;
	uv_poll_t readable;
	uv_prepare_t before_wait;
	uv_timer_t tick, slow;
	uv_signal_t on_term, on_int, on_hup;
	struct nfqueue *nfqueue;
	struct inject *inject;
	struct capture *capture;
	struct pgp *pgp;
	struct trust *trust;
	struct store *store;
	struct worker *worker;
	struct engine *engine;
	struct reload *reload;
	struct keywatch *keywatch, *keylook;
	struct control *control;
	struct control_view view;
	struct core_io io;
	struct crypto_door crypto;
	uint32_t lost[2]; /* packets the kernel dropped, already told */
	bool stopping;
	int status;
};

/* ---- packets ---- */

static enum verdict verdict_without_engine(const struct daemon *d)
{
	return d->conf->fail_open ? VERDICT_ACCEPT : VERDICT_DROP;
}

static void on_packet(void *ctx, const struct nfqueue_packet *p)
{
	struct daemon *d = ctx;

	if (d->stopping)
		nfqueue_verdict(d->nfqueue, p->ref, verdict_without_engine(d),
				NULL, 0);
	else
		engine_packet(d->engine, p->ref, p->dir, p->ip, p->len,
			      p->truncated, p->mtu, clock_wall_ms());
}

static void on_batch(void *ctx)
{
	struct daemon *d = ctx;

	if (!d->stopping)
		engine_flush(d->engine);
}

/* What the core asks for. */

static void give_verdict(void *ctx, struct packet_ref ref, enum verdict v,
			 const uint8_t *ip, size_t len)
{
	struct daemon *d = ctx;

	nfqueue_verdict(d->nfqueue, ref, v, ip, len);
}

static void send_own(void *ctx, const uint8_t *ip, size_t len, size_t mtu)
{
	struct daemon *d = ctx;

	inject_send(d->inject, ip, len, mtu);
}

static void keep_dropped(void *ctx, const uint8_t *ip, size_t len)
{
	struct daemon *d = ctx;

	capture_packet(d->capture, ip, len);
}

/* ---- stopping ---- */

static void on_last_job(void *arg)
{
	struct daemon *d = arg;

	nfqueue_flush(d->nfqueue);
	control_close(d->control);
	keywatch_close(d->keywatch);
	keywatch_close(d->keylook);
	uv_close((uv_handle_t *)&d->readable, NULL);
	uv_close((uv_handle_t *)&d->before_wait, NULL);
	uv_close((uv_handle_t *)&d->tick, NULL);
	uv_close((uv_handle_t *)&d->slow, NULL);
	uv_close((uv_handle_t *)&d->on_term, NULL);
	uv_close((uv_handle_t *)&d->on_int, NULL);
	uv_close((uv_handle_t *)&d->on_hup, NULL);
}

static void stop(struct daemon *d)
{
	if (d->stopping)
		return;
	log_info("stopping");
	d->stopping = d->view.stopping = true;
	engine_stop(d->engine);
	nfqueue_flush(d->nfqueue);
	reload_stop(d->reload);
	worker_stop(d->worker, on_last_job, d);
}

/* ---- the loop's events ---- */

static void on_readable(uv_poll_t *h, int status, int events)
{
	struct daemon *d = h->data;
	const struct nfqueue_ops ops = { d, on_packet, on_batch };
	int err = nfqueue_read(d->nfqueue, &ops);

	(void)status; /* ENOBUFS and the like come from reading, too */
	(void)events;
	if (!err)
		return;
	errno = err;
	log_warn("the queues can't be read any more");
	d->status = 1;
	/* or it would be readable for ever */
	uv_poll_stop(h);
	stop(d);
}

/* Verdicts that jobs and timers brought; their records first. */
static void on_before_wait(uv_prepare_t *h)
{
	struct daemon *d = h->data;

	on_batch(d);
	nfqueue_flush(d->nfqueue);
}

static void on_tick(uv_timer_t *h)
{
	struct daemon *d = h->data;

	if (!d->stopping)
		engine_tick(d->engine, clock_wall_ms());
}

static void tell_losses(struct daemon *d)
{
	struct nfqueue_kernel k[2];
	uint32_t lost;

	nfqueue_kernel(d->nfqueue, k);
	for (int i = 0; i < 2; i++) {
		lost = k[i].queue_dropped + k[i].user_dropped;
		if (lost != d->lost[i])
			log_warnx("queue %u: the kernel lost %u packets: the "
				  "daemon did not keep up",
				  k[i].number, lost - d->lost[i]);
		d->lost[i] = lost;
	}
}

static void on_slow(uv_timer_t *h)
{
	struct daemon *d = h->data;

	if (d->stopping)
		return;
	tell_losses(d);
	store_sync(d->store);
	if (d->capture)
		capture_flush(d->capture);
}

static void on_end_signal(uv_signal_t *h, int signum)
{
	(void)signum;
	stop(h->data);
}

static int start_reload(void *ctx, void (*done)(void *arg, const char *error),
			void *arg)
{
	struct daemon *d = ctx;

	return d->stopping ? ESHUTDOWN
			   : reload_start(d->reload, d->conf, done, arg);
}

static int read_keys(void *ctx, void (*done)(void *arg, const char *error),
		     void *arg)
{
	struct daemon *d = ctx;

	return d->stopping ? ESHUTDOWN
			   : reload_keys(d->reload, d->conf, done, arg);
}

static int look_at_keys(void *ctx, void (*done)(void *arg, const char *error),
			void *arg)
{
	struct daemon *d = ctx;

	return d->stopping ? ESHUTDOWN
			   : reload_look(d->reload, d->conf, done, arg);
}

static void on_hup_signal(uv_signal_t *h, int signum)
{
	(void)signum;
	if (start_reload(h->data, NULL, NULL))
		log_warnx("no reload now: one is under way");
}

static void take_reload(void *ctx, struct conf *conf, struct trust *trust,
			bool whole)
{
	struct daemon *d = ctx;

	if (!d->stopping) {
		if (conf)
			engine_set_conf(d->engine, conf);
		engine_set_trust(d->engine, trust);
		pgp_set_trust(d->pgp, trust);
	}
	trust_free(d->trust);
	d->view.trust = d->trust = trust;
	if (conf) {
		free(d->conf);
		d->view.conf = d->conf = conf;
	}
	if (whole)
		log_info("%s read again: %zu keys, %zu to sign with",
			 conf ? "configuration and keyring" : "keyring",
			 trust_keys(trust), trust_signers(trust));
	else
		log_debug("looked at %zu keys", trust_keys(trust));
}

/* ---- starting ---- */

/* Each returns 0, or an errno after a line in the log. */

static int open_control_dir(const struct daemon *d)
{
	char path[sizeof(d->conf->control)];

	snprintf(path, sizeof(path), "%s", d->conf->control);
	return isolate_dir(&d->user, dirname(path), 0750);
}

static int open_as_root(struct daemon *d)
{
	const struct conf *c = d->conf;
	const struct nfqueue_conf queues = {
		.number = { [OUTBOUND] = c->queue_out,
			    [INBOUND] = c->queue_in },
		.length = c->queue_length,
		.fail_open = c->fail_open,
	};
	int err = isolate_lookup(&d->user, c->user);

	if (!err)
		err = isolate_dir(&d->user, c->state_dir, 0700);
	if (!err)
		err = open_control_dir(d);
	if (!err)
		err = inject_open(&d->inject, c->mark);
	/* packets wait from here on, and are dropped if we fail */
	if (!err)
		err = nfqueue_open(&d->nfqueue, &queues);
	/* after it: the file of a daemon that runs is not touched */
	if (!err && *c->capture)
		err = capture_open(&d->capture, c->capture, CAPTURE_LIMIT);
	return err;
}

/* A large signature takes an INVITE beyond one packet. */
static void warn_of_large(void *arg, const struct trust_key_info *k)
{
	const struct daemon *d = arg;
	time_t now = (time_t)(clock_wall_ms() / 1000);
	struct trust_maker m;

	if (!k->secret || !trust_secret(d->trust, k->fpr, now, &m) || !m.pub ||
	    m.pub->kind != KEY_RSA || m.pub->len1 * 8 < LARGE_RSA)
		return;
	log_warnx("key %s signs with RSA of %d bits: its row makes messages "
		  "hundreds of octets longer, and fragments of many; better "
		  "take an Ed25519 key",
		  k->fpr, m.pub->len1 * 8);
}

static int open_engine(struct daemon *d)
{
	const struct conf *c = d->conf;
	const struct pgp_conf pgp = {
		.home = c->gnupg_home,
		.sign_engine = c->sign_engine,
		.verify_engine = c->verify_engine,
		.timeout_ms = c->crypto_timeout_ms,
	};
	int err = pgp_open(&d->pgp, &pgp);

	if (!err)
		err = trust_load(&d->trust, c->gnupg_home,
				 c->keyring_timeout_s * 1000);
	if (!err)
		err = store_open(&d->store, c->state_dir, c->max_records,
				 c->state_mb);
	if (!err)
		err = worker_open(&d->worker, &d->loop, d->pgp,
				  c->crypto_limit);
	if (err)
		return err;
	trust_each(d->trust, warn_of_large, d);
	pgp_set_trust(d->pgp, d->trust);
	d->crypto = worker_door(d->worker);
	d->io = (struct core_io){
		.ctx = d,
		.verdict = give_verdict,
		.inject = send_own,
		.captured = d->capture ? keep_dropped : NULL,
	};
	return engine_open(&d->engine, c, d->store, &d->io, &d->crypto,
			   d->trust, clock_wall_ms());
}

static int open_control(struct daemon *d)
{
	d->view = (struct control_view){
		.conf = d->conf,
		.trust = d->trust,
		.store = d->store,
		.engine = d->engine,
		.worker = d->worker,
		.pgp = d->pgp,
		.nfqueue = d->nfqueue,
		.inject = d->inject,
		.capture = d->capture,
		.started_ns = clock_steady_ns(),
		.reload = start_reload,
		.ctx = d,
	};
	return control_open(&d->control, &d->loop, d->conf->control, &d->view);
}

static int start_events(struct daemon *d)
{
	int err = uv_poll_init(&d->loop, &d->readable, nfqueue_fd(d->nfqueue));

	uv_prepare_init(&d->loop, &d->before_wait);
	uv_timer_init(&d->loop, &d->tick);
	uv_timer_init(&d->loop, &d->slow);
	uv_signal_init(&d->loop, &d->on_term);
	uv_signal_init(&d->loop, &d->on_int);
	uv_signal_init(&d->loop, &d->on_hup);
	d->readable.data = d->before_wait.data = d;
	d->tick.data = d->slow.data = d;
	d->on_term.data = d->on_int.data = d->on_hup.data = d;

	if (err || uv_poll_start(&d->readable, UV_READABLE, on_readable) ||
	    uv_prepare_start(&d->before_wait, on_before_wait) ||
	    uv_timer_start(&d->tick, on_tick, TICK_MS, TICK_MS) ||
	    uv_timer_start(&d->slow, on_slow, SLOW_MS, SLOW_MS) ||
	    uv_signal_start(&d->on_term, on_end_signal, SIGTERM) ||
	    uv_signal_start(&d->on_int, on_end_signal, SIGINT) ||
	    uv_signal_start(&d->on_hup, on_hup_signal, SIGHUP)) {
		log_warnx("the event loop can't be set up");
		return EIO;
	}
	return 0;
}

/* Tell who started us (systemd's protocol: a datagram). */
static void notify_ready(void)
{
	static const char text[] = "READY=1";
	const char *path = getenv("NOTIFY_SOCKET");
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	size_t len = path ? strlen(path) : 0;
	int fd;

	if (!len || len >= sizeof(a.sun_path))
		return;
	memcpy(a.sun_path, path, len);
	if (*path == '@')
		a.sun_path[0] = '\0';
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0 ||
	    sendto(fd, text, sizeof(text) - 1, 0, (struct sockaddr *)&a,
		   (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len)) <
		    0)
		log_warn("readiness can't be told to %s", path);
	if (fd >= 0)
		close(fd);
}

/* A worker for each core; two more for what reads the keyring. */
static void size_thread_pool(void)
{
	long cores = sysconf(_SC_NPROCESSORS_ONLN);
	char n[32];

	snprintf(n, sizeof(n), "%ld", cores > 0 ? cores + 2 : 3);
	setenv("UV_THREADPOOL_SIZE", n, 0);
}

static int start(struct daemon *d)
{
	int err;

	size_thread_pool();
	signal(SIGPIPE, SIG_IGN);
	sipmsg_init();
	err = digest_init();
	if (!err)
		err = -uv_loop_init(&d->loop);
	if (!err)
		err = open_as_root(d);
	if (!err)
		err = isolate_enter(&d->user);
	/* before the home is read: what changes from now on is seen */
	if (!err)
		err = keywatch_open(&d->keywatch, &d->loop, d->conf->gnupg_home,
				    KEYWATCH_ALL, read_keys, d);
	if (!err)
		err = keywatch_open(&d->keylook, &d->loop, d->conf->gnupg_home,
				    KEYWATCH_KEYS, look_at_keys, d);
	if (!err)
		err = open_engine(d);
	if (!err)
		err = reload_open(&d->reload, &d->loop, d->trust, take_reload,
				  d);
	if (!err)
		err = start_events(d);
	/* the last: no failure leaves its socket behind */
	if (!err)
		err = open_control(d);
	return err;
}

static void finish(struct daemon *d)
{
	engine_free(d->engine);
	worker_free(d->worker);
	/* what worker_free() closed */
	uv_run(&d->loop, UV_RUN_DEFAULT);
	reload_free(d->reload);
	store_sync(d->store);
	store_close(d->store);
	trust_free(d->trust);
	pgp_close(d->pgp);
	nfqueue_close(d->nfqueue, verdict_without_engine(d));
	inject_close(d->inject);
	capture_close(d->capture);
	free(d->conf);
	uv_loop_close(&d->loop);
}

/* ---- the program ---- */

static _Noreturn void usage(FILE *to, int status)
{
	fprintf(to,
		"usage: sipseald [-d] [-c FILE]\n"
		"       sipseald -n [-v] [-c FILE]\n"
		"       sipseald -h | -V\n"
		"  -c FILE  configuration (%s)\n"
		"  -d       log to stderr, with debugging lines\n"
		"  -n       check the configuration and exit\n"
		"  -v       with -n: print it, defaults included\n",
		CONF_FILE);
	exit(status);
}

static struct options read_options(int argc, char **argv)
{
	struct options o = { .file = CONF_FILE };
	int opt;

	while ((opt = getopt(argc, argv, "c:dhnvV")) != -1) {
		switch (opt) {
		case 'c':
			o.file = optarg;
			break;
		case 'd':
			o.debug = true;
			break;
		case 'n':
			o.check_only = true;
			break;
		case 'v':
			o.verbose = true;
			break;
		case 'V':
			puts("sipseald " SIPSEAL_VERSION);
			exit(0);
		case 'h':
			usage(stdout, 0);
		default:
			usage(stderr, 1);
		}
	}
	if (optind != argc || (o.verbose && !o.check_only))
		usage(stderr, 1);
	return o;
}

int main(int argc, char **argv)
{
	static struct daemon d;
	struct options o = read_options(argc, argv);

	d.conf = calloc(1, sizeof(*d.conf));
	if (!d.conf)
		fatalx("no memory");
	if (conf_load(d.conf, o.file, NULL))
		return 1;
	if (o.verbose)
		conf_print(d.conf);
	if (o.check_only)
		return 0;
	log_open(d.conf->log_syslog && !o.debug,
		 o.debug ? 2 : d.conf->log_level);
	if (start(&d)) {
		log_warnx("not started");
		return 1;
	}
	keywatch_start(d.keywatch);
	keywatch_start(d.keylook);
	log_info("ready");
	notify_ready();
	uv_run(&d.loop, UV_RUN_DEFAULT);
	finish(&d);
	log_info("stopped");
	return d.status;
}

// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Signatures by gpg-agent over a connection that is kept, one for each context:
 * the secret key, its passphrase or its card stay with the agent, and the
 * packet around the numbers is written here.
 *
 * An agent that hangs costs an operation its timeout; it is then looked at, and
 * killed if it does not even greet. One that is not there is started. Both
 * block, so on the loop's thread a signature is only asked for where there is
 * a connection, and handed to a thread when anything is wrong with it.
 */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/un.h>
#include "base/clock.h"
#include "base/log.h"
#include "crypto/agentconn.h"
#include "crypto/engine.h"
#include "crypto/home.h"
#include "crypto/keymath.h"
#include "crypto/reap.h"
#include "crypto/trust.h"

struct engine {
	struct snapshot *keys;
	char *home;
	char socket_path[sizeof(((struct sockaddr_un *)0)->sun_path)];
	unsigned int timeout_ms;
	pthread_mutex_t mending; /* one thread at a time starts or kills it */
};

struct ctx {
	struct engine *e;
	struct agentconn *agent;
	/* the last keygrip computed, and of which key */
	char fpr[PGP_FPR_MAX];
	char grip[AGENTCONN_GRIP];
	/* the signature under way */
	uint64_t end_ns;
	struct sigframe frame;
	uint8_t digest[64];
	size_t digest_len;
};

static void engine_close(void *engine)
{
	struct engine *e = engine;

	pthread_mutex_destroy(&e->mending);
	free(e->home);
	free(e);
}

static int engine_open(void **out, const struct pgp_conf *conf,
		       struct snapshot *keys)
{
	struct engine *e = calloc(1, sizeof(*e));
	int err = ENOMEM;

	if (!e)
		return ENOMEM;
	pthread_mutex_init(&e->mending, NULL);
	e->keys = keys;
	e->timeout_ms = conf->timeout_ms;
	e->home = strdup(conf->home);
	if (e->home)
		err = home_dir(e->socket_path, sizeof(e->socket_path), e->home,
			       "agent-socket");
	if (!err)
		err = agentconn_init();
	if (err) {
		log_warnx("gpgconf does not say where the socket of gpg-agent "
			  "is (install the package gpg-agent)");
		engine_close(e);
		return err;
	}
	*out = e;
	return 0;
}

static void ctx_close(void *ctx)
{
	struct ctx *c = ctx;

	agentconn_free(c->agent);
	free(c);
}

static int ctx_open(void **out, void *engine, bool quick)
{
	struct engine *e = engine;
	struct ctx *c;

	if (quick)
		return ENOTSUP;
	c = calloc(1, sizeof(*c));
	if (!c)
		return ENOMEM;
	c->e = e;
	c->agent = agentconn_new(e->socket_path);
	if (!c->agent) {
		free(c);
		return ENOMEM;
	}
	*out = c;
	return 0;
}

/* Blocks: an agent that is not there is started. */
static int connect_agent(struct ctx *c)
{
	int err = agentconn_open(c->agent, c->end_ns);

	if (err != ENOTCONN)
		return err;
	/* several threads miss it at the same time */
	pthread_mutex_lock(&c->e->mending);
	err = agentconn_open(c->agent, c->end_ns);
	if (err == ENOTCONN) {
		log_info("starting gpg-agent");
		err = home_start_agent(c->e->home);
		if (!err)
			err = agentconn_open(c->agent, c->end_ns);
	}
	pthread_mutex_unlock(&c->e->mending);
	return err;
}

/* After a signature that did not come in time: is the agent well? Blocks. */
static void mend_agent(struct engine *e)
{
	pthread_mutex_lock(&e->mending);
	reap_agent(e->home, e->socket_path);
	pthread_mutex_unlock(&e->mending);
}

/* ---- what is signed ---- */

static int know_grip(struct ctx *c, const struct trust_maker *m)
{
	if (strcmp(c->fpr, m->fpr) == 0)
		return 0;
	c->fpr[0] = '\0';
	if (keymath_keygrip(c->grip, m->pub))
		return EIO;
	strcpy(c->fpr, m->fpr);
	return 0;
}

static int prepare_with(struct ctx *c, const struct trust *t, const char *fpr,
			struct span octets)
{
	time_t now = (time_t)(clock_wall_ms() / 1000);
	struct trust_maker m;

	if (!trust_secret(t, fpr, now, &m))
		return ENOKEY;
	if (!m.pub)
		return ENOTSUP;
	if (know_grip(c, &m) ||
	    keymath_begin(&c->frame, m.pub, m.fpr, (uint32_t)now, octets,
			  c->digest, &c->digest_len))
		return EIO;
	return 0;
}

static int prepare(struct ctx *c, const char *fpr, struct span octets)
{
	struct trust *t = snapshot_get(c->e->keys);
	int err = t ? prepare_with(c, t, fpr, octets) : ENOTSUP;

	trust_free(t);
	c->end_ns = clock_steady_ns() + c->e->timeout_ms * 1000000ull;
	return err;
}

static int write_packet(struct ctx *c, struct span sexp,
			uint8_t sig[PGP_SIG_MAX], size_t *len)
{
	uint8_t buf[KEYMATH_NUMBERS];

	if (keymath_numbers(&c->frame, sexp, buf) ||
	    sigframe_write(&c->frame, sig, PGP_SIG_MAX, len))
		return EIO;
	return 0;
}

/* ---- sign ---- */

static int ask(struct ctx *c)
{
	return agentconn_ask(c->agent, c->grip, c->frame.hash, c->digest,
			     c->digest_len);
}

static int sign_begin(void *ctx, const char *fpr, struct span octets)
{
	struct ctx *c = ctx;

	if (agentconn_fd(c->agent) < 0)
		return EAGAIN;
	return prepare(c, fpr, octets) || ask(c) ? EAGAIN : 0;
}

static int sign_look(void *ctx, uint8_t sig[PGP_SIG_MAX], size_t *len)
{
	struct ctx *c = ctx;
	struct span sexp;
	int err = agentconn_answer(c->agent, 0, &sexp);

	return err ? err : write_packet(c, sexp, sig, len);
}

/* The answer, or that of its successor when the agent has ended since. */
static int sign_wait(void *ctx, uint8_t sig[PGP_SIG_MAX], size_t *len)
{
	struct ctx *c = ctx;
	struct span sexp;
	int err = agentconn_answer(c->agent, c->end_ns, &sexp);

	if (err == ENOTCONN) {
		err = connect_agent(c);
		if (!err)
			err = ask(c);
		if (!err)
			err = agentconn_answer(c->agent, c->end_ns, &sexp);
	}
	if (err == ETIMEDOUT)
		mend_agent(c->e);
	if (err)
		return err == ENOTCONN ? EIO : err;
	return write_packet(c, sexp, sig, len);
}

static int sign_fd(const void *ctx)
{
	const struct ctx *c = ctx;

	return agentconn_fd(c->agent);
}

static int sign(void *ctx, const char *fpr, struct span octets,
		uint8_t sig[PGP_SIG_MAX], size_t *len)
{
	struct ctx *c = ctx;
	int err = prepare(c, fpr, octets);

	if (err)
		return err;
	/* where it can't be asked, there is no answer either */
	err = ask(c);
	if (err == ETIMEDOUT) {
		mend_agent(c->e);
		return err;
	}
	return sign_wait(c, sig, len);
}

const struct pgp_engine pgp_engine_agent = {
	.name = "agent",
	.open = engine_open,
	.close = engine_close,
	.ctx_open = ctx_open,
	.ctx_close = ctx_close,
	.sign = sign,
	.sign_begin = sign_begin,
	.sign_fd = sign_fd,
	.sign_look = sign_look,
	.sign_wait = sign_wait,
};

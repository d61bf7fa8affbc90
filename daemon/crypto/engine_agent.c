// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Signatures by gpg-agent over a connection that is kept, one for each context:
 * the secret key, its passphrase or its card stay with the agent, and the
 * packet around the numbers is written here.
 *
 * The socket has a time limit for each read, so an agent that hangs costs an
 * operation its timeout. It is then looked at, and killed if it does not even
 * greet; one that is not there is started.
 */
#include <assuan.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>
#include "base/clock.h"
#include "base/log.h"
#include "crypto/engine.h"
#include "crypto/home.h"
#include "crypto/keymath.h"
#include "crypto/reap.h"
#include "crypto/trust.h"

#define GRIP_LEN 41

struct engine {
	struct snapshot *keys;
	char *home;
	char socket_path[sizeof(((struct sockaddr_un *)0)->sun_path)];
	unsigned int timeout_ms;
	pthread_mutex_t mending; /* one thread at a time starts or kills it */
};

struct ctx {
	struct engine *e;
	assuan_context_t agent; /* NULL: not connected */
	int fd;			/* of the connection, which owns it */
	uint64_t end_ns;	/* of the operation under way */
	char chosen[GRIP_LEN];	/* the key of this connection's SIGKEY */
	/* the last keygrip computed, and of which key */
	char fpr[PGP_FPR_MAX];
	char grip[GRIP_LEN];
};

/* What the agent answers. */
struct answer {
	const struct ctx *ctx;
	size_t len;
	char octets[4096];
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
	if (!err && assuan_sock_init())
		err = EIO;
	if (err) {
		log_warnx("gpgconf does not say where the socket of gpg-agent "
			  "is (install the package gpg-agent)");
		engine_close(e);
		return err;
	}
	*out = e;
	return 0;
}

static void disconnect(struct ctx *c)
{
	if (c->agent)
		assuan_release(c->agent);
	c->agent = NULL;
	c->chosen[0] = '\0';
}

static void ctx_close(void *ctx)
{
	struct ctx *c = ctx;

	disconnect(c);
	free(c);
}

static int ctx_open(void **out, void *engine)
{
	struct ctx *c = calloc(1, sizeof(*c));

	if (!c)
		return ENOMEM;
	c->e = engine;
	*out = c;
	return 0;
}

/* ---- the connection ---- */

/* Let the next reads and writes take no longer than is left. */
static int limit_time(int fd, uint64_t end_ns)
{
	uint64_t now = clock_steady_ns();
	uint64_t us = now < end_ns ? (end_ns - now) / 1000 : 0;
	struct timeval tv = { (time_t)(us / 1000000),
			      (suseconds_t)(us % 1000000) };

	if (us < 1000) /* and 0 would be no limit */
		return ETIMEDOUT;
	if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv)) ||
	    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &tv, sizeof(tv)))
		return EIO;
	return 0;
}

/* Of an operation on the connection. ENOTCONN: there is nobody. */
static int from_assuan(gpg_error_t e)
{
	switch (gpg_err_code(e)) {
	case GPG_ERR_NO_ERROR:
		return 0;
	case GPG_ERR_EAGAIN:
	case GPG_ERR_ETIMEDOUT:
		return ETIMEDOUT;
	case GPG_ERR_EOF:
	case GPG_ERR_EPIPE:
	case GPG_ERR_ECONNRESET:
	case GPG_ERR_ECONNREFUSED:
	case GPG_ERR_ENOENT:
	case GPG_ERR_ASS_CONNECT_FAILED:
		return ENOTCONN;
	case GPG_ERR_NO_SECKEY:
		return ENOKEY;
	default:
		return EIO;
	}
}

static int open_socket(const struct ctx *c, int *out)
{
	union {
		struct sockaddr_un un;
		struct sockaddr any;
	} a;
	int fd, err, redirected;

	if (assuan_sock_set_sockaddr_un(c->e->socket_path, &a.any, &redirected))
		return ENOTCONN;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return EIO;
	err = limit_time(fd, c->end_ns);
	if (!err && connect(fd, &a.any, sizeof(a.un)))
		err = errno == EAGAIN ? ETIMEDOUT : ENOTCONN;
	if (err)
		close(fd);
	else
		*out = fd;
	return err;
}

static int connect_once(struct ctx *c)
{
	assuan_context_t agent;
	int fd, err = open_socket(c, &fd);

	if (err)
		return err;
	if (assuan_new(&agent)) {
		close(fd);
		return ENOMEM;
	}
	/* owns the descriptor from here on, and waits for the greeting */
	err = from_assuan(assuan_socket_connect_fd(agent, fd, 0));
	if (err) {
		assuan_release(agent);
		return err;
	}
	c->agent = agent;
	c->fd = fd;
	return 0;
}

static int connected(struct ctx *c)
{
	int err;

	if (c->agent)
		return 0;
	err = connect_once(c);
	if (err != ENOTCONN)
		return err;
	/* several threads miss it at the same time */
	pthread_mutex_lock(&c->e->mending);
	err = connect_once(c);
	if (err == ENOTCONN) {
		log_info("starting gpg-agent");
		err = home_start_agent(c->e->home);
		if (!err)
			err = connect_once(c);
	}
	pthread_mutex_unlock(&c->e->mending);
	return err;
}

static gpg_error_t take_data(void *arg, const void *p, size_t n)
{
	struct answer *a = arg;

	if (n > sizeof(a->octets) - a->len)
		return gpg_error(GPG_ERR_TOO_LARGE);
	memcpy(a->octets + a->len, p, n);
	a->len += n;
	return 0;
}

/* Each line renews the limit of a read: don't let many of them add up. */
static gpg_error_t take_status(void *arg, const char *line)
{
	const struct answer *a = arg;

	(void)line;
	return gpg_error(limit_time(a->ctx->fd, a->ctx->end_ns)
				 ? GPG_ERR_ETIMEDOUT
				 : GPG_ERR_NO_ERROR);
}

static int command(struct ctx *c, const char *line, struct answer *a)
{
	gpg_error_t e;
	int err = limit_time(c->fd, c->end_ns);

	if (err)
		return err;
	a->ctx = c;
	a->len = 0;
	e = assuan_transact(c->agent, line, take_data, a, NULL, NULL,
			    take_status, a);
	err = from_assuan(e);
	if (err == EIO)
		log_peer("gpg-agent can't sign: %s", gpg_strerror(e));
	return err;
}

/* ---- sign ---- */

static void set_hash_line(char out[160], uint8_t algo, const uint8_t *digest,
			  size_t len)
{
	static const char digits[] = "0123456789ABCDEF";
	char *p = out + sprintf(out, "SETHASH %u ", algo);

	for (size_t i = 0; i < len; i++) {
		*p++ = digits[digest[i] >> 4];
		*p++ = digits[digest[i] & 15];
	}
	*p = '\0';
}

static int choose_key(struct ctx *c, struct answer *a)
{
	char line[64];
	int err;

	if (strcmp(c->chosen, c->grip) == 0)
		return 0;
	snprintf(line, sizeof(line), "SIGKEY %s", c->grip);
	err = command(c, line, a);
	if (!err)
		strcpy(c->chosen, c->grip);
	return err;
}

static int ask(struct ctx *c, uint8_t hash, const uint8_t *digest, size_t len,
	       struct answer *a)
{
	char line[160];
	int err = connected(c);

	if (!err)
		err = choose_key(c, a);
	set_hash_line(line, hash, digest, len);
	if (!err)
		err = command(c, line, a);
	if (!err)
		err = command(c, "PKSIGN", a);
	if (err && err != ENOKEY)
		disconnect(c);
	return err;
}

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

static int sign_by(struct ctx *c, const struct trust_maker *m, time_t now,
		   struct span octets, uint8_t sig[PGP_SIG_MAX], size_t *len)
{
	uint8_t digest[64], buf[KEYMATH_NUMBERS];
	struct answer a;
	struct sigframe f;
	size_t n;
	int err = know_grip(c, m);

	if (err || keymath_begin(&f, m->pub, m->fpr, (uint32_t)now, octets,
				 digest, &n))
		return EIO;
	err = ask(c, f.hash, digest, n, &a);
	/* it ended since it was last asked: once more, with its successor */
	if (err == ENOTCONN)
		err = ask(c, f.hash, digest, n, &a);
	if (err)
		return err == ENOTCONN ? EIO : err;
	if (keymath_numbers(&f, span_make(a.octets, a.len), buf) ||
	    sigframe_write(&f, sig, PGP_SIG_MAX, len))
		return EIO;
	return 0;
}

static int sign_with(struct ctx *c, const struct trust *t, const char *fpr,
		     struct span octets, uint8_t sig[PGP_SIG_MAX], size_t *len)
{
	time_t now = (time_t)(clock_wall_ms() / 1000);
	struct trust_maker m;

	if (!trust_secret(t, fpr, now, &m))
		return ENOKEY;
	if (!m.pub)
		return ENOTSUP;
	return sign_by(c, &m, now, octets, sig, len);
}

/* After a signature that did not come in time: is the agent well? */
static void mend_agent(struct engine *e)
{
	pthread_mutex_lock(&e->mending);
	reap_agent(e->home, e->socket_path);
	pthread_mutex_unlock(&e->mending);
}

static int sign(void *ctx, const char *fpr, struct span octets,
		uint8_t sig[PGP_SIG_MAX], size_t *len)
{
	struct ctx *c = ctx;
	struct trust *t = snapshot_get(c->e->keys);
	int err = ENOTSUP;

	c->end_ns = clock_steady_ns() + c->e->timeout_ms * 1000000ull;
	if (t)
		err = sign_with(c, t, fpr, octets, sig, len);
	trust_free(t);
	if (err == ETIMEDOUT)
		mend_agent(c->e);
	return err;
}

const struct pgp_engine pgp_engine_agent = {
	.name = "agent",
	.open = engine_open,
	.close = engine_close,
	.ctx_open = ctx_open,
	.ctx_close = ctx_close,
	.sign = sign,
};

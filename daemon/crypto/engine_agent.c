// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Signatures by gpg-agent over a connection that is kept, one for each context:
 * the secret key, its passphrase or its card stay with the agent, and the
 * packet around the numbers is written here.
 *
 * libassuan reads and writes through hooks: what it writes is gathered until it
 * wants to read, so that the commands of a signature go out at once, and
 * reading ends with the time of the operation. An agent that hangs costs an
 * operation its timeout; it is then looked at, and killed if it does not even
 * greet. One that is not there is started.
 */
#include <assuan.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
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
	uint64_t end_ns;	/* of the operation under way */
	size_t out_len;		/* written, but not sent yet */
	char out[1024];
	char chosen[GRIP_LEN]; /* the key of this connection's SIGKEY */
	/* the last keygrip computed, and of which key */
	char fpr[PGP_FPR_MAX];
	char grip[GRIP_LEN];
};

/* What the agent answers with a signature. */
struct answer {
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

static int ctx_open(void **out, void *engine, bool quick)
{
	struct ctx *c;

	if (quick)
		return ENOTSUP;
	c = calloc(1, sizeof(*c));
	if (!c)
		return ENOMEM;
	c->e = engine;
	*out = c;
	return 0;
}

/* ---- what libassuan reads and writes through ---- */

static int send_out(struct ctx *c, int fd)
{
	size_t n = c->out_len;

	c->out_len = 0;
	/* these few octets always fit, unless nobody reads */
	if (n && send(fd, c->out, n, MSG_NOSIGNAL) != (ssize_t)n) {
		if (errno == EAGAIN)
			errno = ETIMEDOUT;
		return -1;
	}
	return 0;
}

static ssize_t hook_write(assuan_context_t agent, assuan_fd_t fd, const void *p,
			  size_t n)
{
	struct ctx *c = assuan_get_pointer(agent);

	if (n > sizeof(c->out) - c->out_len && send_out(c, fd))
		return -1;
	if (n > sizeof(c->out))
		n = sizeof(c->out);
	memcpy(c->out + c->out_len, p, n);
	c->out_len += n;
	return (ssize_t)n;
}

static ssize_t hook_read(assuan_context_t agent, assuan_fd_t fd, void *p,
			 size_t n)
{
	struct ctx *c = assuan_get_pointer(agent);
	struct pollfd pfd = { .fd = fd, .events = POLLIN };
	uint64_t now;

	if (send_out(c, fd))
		return -1;
	while ((now = clock_steady_ns()) < c->end_ns) {
		int ms = (int)((c->end_ns - now) / 1000000) + 1;

		if (poll(&pfd, 1, ms) > 0)
			return read(fd, p, n);
	}
	/* not EAGAIN, on which libassuan tries again for ever */
	errno = ETIMEDOUT;
	return -1;
}

static int hook_close(assuan_context_t agent, assuan_fd_t fd)
{
	(void)agent;
	return close(fd);
}

static void hook_usleep(assuan_context_t agent, unsigned int us)
{
	(void)agent;
	usleep(us);
}

static struct assuan_system_hooks hooks = {
	.version = ASSUAN_SYSTEM_HOOKS_VERSION,
	.usleep = hook_usleep,
	.close = hook_close,
	.read = hook_read,
	.write = hook_write,
};

/* ---- the connection ---- */

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
	int fd, redirected;

	/* in odd homes the socket's path holds the name of the socket */
	if (assuan_sock_set_sockaddr_un(c->e->socket_path, &a.any, &redirected))
		return ENOTCONN;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return EIO;
	if (connect(fd, &a.any, sizeof(a.un))) {
		int err = errno == EAGAIN ? ETIMEDOUT : ENOTCONN;

		close(fd);
		return err;
	}
	*out = fd;
	return 0;
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
	/* the one before said BYE as it was released, to nobody */
	c->out_len = 0;
	assuan_set_pointer(agent, c);
	assuan_ctx_set_system_hooks(agent, &hooks);
	/* owns the descriptor from here on, and waits for the greeting */
	err = from_assuan(assuan_socket_connect_fd(agent, fd, 0));
	if (err) {
		assuan_release(agent);
		return err;
	}
	c->agent = agent;
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

static int take_data(struct answer *a, const char *p, int n)
{
	if (n < 0 || (size_t)n > sizeof(a->octets) - a->len)
		return EIO;
	memcpy(a->octets + a->len, p, (size_t)n);
	a->len += (size_t)n;
	return 0;
}

static int agent_error(const char *line)
{
	gpg_error_t e = (gpg_error_t)strtoul(line, NULL, 10);
	int err = from_assuan(e);

	if (err == ENOKEY)
		return err;
	log_peer("gpg-agent can't sign: %s", gpg_strerror(e));
	return gpg_err_code(e) == GPG_ERR_TIMEOUT ? ETIMEDOUT : EIO;
}

/* Wait for the end of one command. *refused: what the agent has against it. */
static int read_answer(struct ctx *c, struct answer *a, int *refused)
{
	assuan_response_t what;
	int n, off, err;
	char *line;

	for (;;) {
		err = from_assuan(
			assuan_client_read_response(c->agent, &line, &n));
		if (!err && assuan_client_parse_response(c->agent, line, n,
							 &what, &off))
			err = EIO;
		if (err)
			return err;
		if (what == ASSUAN_RESPONSE_OK)
			return 0;
		if (what == ASSUAN_RESPONSE_ERROR) {
			*refused = agent_error(line + off);
			return 0;
		}
		if (what == ASSUAN_RESPONSE_DATA)
			err = take_data(a, line + off, n - off);
		else if (what == ASSUAN_RESPONSE_INQUIRE)
			err = from_assuan(assuan_write_line(c->agent, "END"));
		if (err)
			return err;
	}
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

/* Commands are answered in order, so they need not wait for each other. */
static int transact(struct ctx *c, const char *const line[3], struct answer *a,
		    int *refused)
{
	int err = 0;

	a->len = 0;
	*refused = 0;
	for (int i = 0; i < 3 && !err; i++)
		if (line[i])
			err = from_assuan(assuan_write_line(c->agent, line[i]));
	for (int i = 0; i < 3 && !err; i++) {
		int now = 0;

		if (line[i])
			err = read_answer(c, a, &now);
		if (!*refused)
			*refused = now;
	}
	return err;
}

static int ask(struct ctx *c, uint8_t hash, const uint8_t *digest, size_t len,
	       struct answer *a)
{
	char key[64], text[160];
	const char *line[] = { key, text, "PKSIGN" };
	int refused, err = connected(c);

	if (err)
		return err;
	snprintf(key, sizeof(key), "SIGKEY %s", c->grip);
	set_hash_line(text, hash, digest, len);
	if (!strcmp(c->chosen, c->grip))
		line[0] = NULL;
	err = transact(c, line, a, &refused);
	if (!err && !refused)
		strcpy(c->chosen, c->grip);
	else
		c->chosen[0] = '\0';
	if (err)
		disconnect(c);
	return err ? err : refused;
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

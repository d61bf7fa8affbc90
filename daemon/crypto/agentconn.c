// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Theory of operation
 *
 * libassuan reads and writes through hooks. What it writes is gathered until it
 * wants to read or we are done, so that the commands of a signature go out at
 * once. What it reads comes out of a buffer: without blocking, it is let read
 * only when the buffer holds the last line of what was asked; with, it waits in
 * its hook, until the time is over.
 *
 * It would try again for ever on EAGAIN, which is why it never gets to see one.
 */
#include <assuan.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include "base/clock.h"
#include "base/log.h"
#include "crypto/agentconn.h"

#define COMMANDS 3 /* of one signature */

struct agentconn {
	const char *socket_path;
	assuan_context_t agent; /* NULL: not connected */
	int fd;
	uint64_t end_ns;	   /* of what is being waited for */
	unsigned int due;	   /* answers to what was asked, not read yet */
	int refused;		   /* what the agent has against it, or 0 */
	char grip[AGENTCONN_GRIP]; /* the key of this connection's SIGKEY */

	size_t out_len; /* written, but not sent yet */
	char out[1024];
	size_t in_off, in_len; /* received, but not read yet */
	char in[8192];
	size_t data_len; /* of the signature */
	char data[4096];
};

int agentconn_init(void)
{
	return assuan_sock_init() ? EIO : 0;
}

struct agentconn *agentconn_new(const char *socket_path)
{
	struct agentconn *a = calloc(1, sizeof(*a));

	if (!a)
		return NULL;
	a->socket_path = socket_path;
	a->fd = -1;
	return a;
}

void agentconn_free(struct agentconn *a)
{
	if (!a)
		return;
	agentconn_close(a);
	free(a);
}

void agentconn_close(struct agentconn *a)
{
	if (a->agent)
		assuan_release(a->agent);
	a->agent = NULL;
	a->fd = -1;
	a->grip[0] = '\0';
	a->due = 0;
	/* it said BYE as it was released, to nobody */
	a->out_len = a->in_off = a->in_len = 0;
}

int agentconn_fd(const struct agentconn *a)
{
	return a->fd;
}

/* Of an operation on the connection. */
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

/* ---- what libassuan reads and writes through ---- */

static int send_out(struct agentconn *a, int fd)
{
	size_t n = a->out_len;

	a->out_len = 0;
	/* these few octets always fit, unless nobody reads */
	if (n && send(fd, a->out, n, MSG_NOSIGNAL) != (ssize_t)n) {
		if (errno == EAGAIN)
			errno = ETIMEDOUT;
		return -1;
	}
	return 0;
}

static ssize_t hook_write(assuan_context_t agent, assuan_fd_t fd, const void *p,
			  size_t n)
{
	struct agentconn *a = assuan_get_pointer(agent);

	if (n > sizeof(a->out) - a->out_len && send_out(a, fd))
		return -1;
	if (n > sizeof(a->out))
		n = sizeof(a->out);
	memcpy(a->out + a->out_len, p, n);
	a->out_len += n;
	return (ssize_t)n;
}

/* More into the buffer, if there is any. As recv(). */
static ssize_t receive(struct agentconn *a, int fd)
{
	ssize_t n;

	if (a->in_off == a->in_len)
		a->in_off = a->in_len = 0;
	n = recv(fd, a->in + a->in_len, sizeof(a->in) - a->in_len,
		 MSG_DONTWAIT);
	if (n > 0)
		a->in_len += (size_t)n;
	return n;
}

/* Until something is there, or the time is over. */
static bool wait_for(const struct agentconn *a, int fd)
{
	struct pollfd pfd = { .fd = fd, .events = POLLIN };
	uint64_t now;

	while ((now = clock_steady_ns()) < a->end_ns) {
		int ms = (int)((a->end_ns - now) / 1000000) + 1;

		if (poll(&pfd, 1, ms) > 0)
			return true;
	}
	errno = ETIMEDOUT;
	return false;
}

static ssize_t hook_read(assuan_context_t agent, assuan_fd_t fd, void *p,
			 size_t n)
{
	struct agentconn *a = assuan_get_pointer(agent);

	if (send_out(a, fd))
		return -1;
	if (a->in_off == a->in_len) {
		ssize_t got = wait_for(a, fd) ? receive(a, fd) : -1;

		if (got <= 0)
			return got;
	}
	if (n > a->in_len - a->in_off)
		n = a->in_len - a->in_off;
	memcpy(p, a->in + a->in_off, n);
	a->in_off += n;
	return (ssize_t)n;
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

/* ---- connecting ---- */

static int open_socket(const char *path, int *out)
{
	union {
		struct sockaddr_un un;
		struct sockaddr any;
	} to;
	int fd, redirected;

	/* in odd homes the socket's path holds the name of the socket */
	if (assuan_sock_set_sockaddr_un(path, &to.any, &redirected))
		return ENOTCONN;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return EIO;
	if (connect(fd, &to.any, sizeof(to.un))) {
		int err = errno == EAGAIN ? ETIMEDOUT : ENOTCONN;

		close(fd);
		return err;
	}
	*out = fd;
	return 0;
}

int agentconn_open(struct agentconn *a, uint64_t end_ns)
{
	assuan_context_t agent;
	int fd, err;

	agentconn_close(a);
	err = open_socket(a->socket_path, &fd);
	if (err)
		return err;
	if (assuan_new(&agent)) {
		close(fd);
		return ENOMEM;
	}
	a->end_ns = end_ns;
	assuan_set_pointer(agent, a);
	assuan_ctx_set_system_hooks(agent, &hooks);
	/* owns the descriptor from here on, and waits for the greeting */
	err = from_assuan(assuan_socket_connect_fd(agent, fd, 0));
	if (err) {
		assuan_release(agent);
		a->out_len = a->in_off = a->in_len = 0;
		return err;
	}
	a->agent = agent;
	a->fd = fd;
	return 0;
}

/* ---- asking ---- */

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
static int command(struct agentconn *a, const char *line)
{
	int err = from_assuan(assuan_write_line(a->agent, line));

	a->due++;
	return err;
}

/* The key is named once, and again when it is another or was refused. */
static int name_key(struct agentconn *a, const char *grip)
{
	char line[64];

	if (!strcmp(a->grip, grip))
		return 0;
	strcpy(a->grip, grip);
	snprintf(line, sizeof(line), "SIGKEY %s", grip);
	return command(a, line);
}

int agentconn_ask(struct agentconn *a, const char *grip, uint8_t algo,
		  const uint8_t *digest, size_t len)
{
	char line[160];
	int err;

	/* nothing of before may be taken for its answer */
	if (a->agent &&
	    (a->due || a->in_off != a->in_len || assuan_pending_line(a->agent)))
		agentconn_close(a);
	if (!a->agent)
		return ENOTCONN;
	a->data_len = 0;
	a->refused = 0;
	set_hash_line(line, algo, digest, len);
	err = name_key(a, grip);
	if (!err)
		err = command(a, line);
	if (!err)
		err = command(a, "PKSIGN");
	if (!err && send_out(a, a->fd))
		err = errno == ETIMEDOUT ? ETIMEDOUT : ENOTCONN;
	if (err)
		agentconn_close(a);
	return err;
}

/* ---- the answer ---- */

static int take_data(struct agentconn *a, const char *p, int n)
{
	if (n < 0 || (size_t)n > sizeof(a->data) - a->data_len)
		return EIO;
	memcpy(a->data + a->data_len, p, (size_t)n);
	a->data_len += (size_t)n;
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

static int read_line(struct agentconn *a)
{
	assuan_response_t what;
	int n, off, err;
	char *line;

	err = from_assuan(assuan_client_read_response(a->agent, &line, &n));
	if (!err &&
	    assuan_client_parse_response(a->agent, line, n, &what, &off))
		err = EIO;
	if (err)
		return err;
	if (what == ASSUAN_RESPONSE_DATA)
		return take_data(a, line + off, n - off);
	if (what == ASSUAN_RESPONSE_INQUIRE)
		return from_assuan(assuan_write_line(a->agent, "END"));
	if (what == ASSUAN_RESPONSE_ERROR && !a->refused)
		a->refused = agent_error(line + off);
	if (what == ASSUAN_RESPONSE_OK || what == ASSUAN_RESPONSE_ERROR)
		a->due--;
	return 0;
}

static bool begins(struct span line, const char *with)
{
	size_t n = strlen(with);

	return line.len >= n && !memcmp(line.p, with, n);
}

/* Does the buffer hold the last line that is due? Of a connection that asks
 * something back, a thread has to see to it. */
static bool all_there(const struct agentconn *a)
{
	const char *p = a->in + a->in_off, *end = a->in + a->in_len, *nl;
	unsigned int ends = 0;

	for (; (nl = memchr(p, '\n', (size_t)(end - p))); p = nl + 1) {
		struct span line = span_make(p, (size_t)(nl - p));

		ends += begins(line, "OK") || begins(line, "ERR");
	}
	return ends >= a->due;
}

/* 0: what is due can be read without waiting */
static int look(struct agentconn *a)
{
	ssize_t n = receive(a, a->fd);

	if (!n || (n < 0 && errno != EAGAIN && errno != EINTR))
		return ENOTCONN;
	if (all_there(a))
		return 0;
	return a->in_len == sizeof(a->in) ? EIO : EAGAIN;
}

int agentconn_answer(struct agentconn *a, uint64_t end_ns, struct span *sexp)
{
	int err = a->agent ? 0 : ENOTCONN;

	a->end_ns = end_ns;
	if (!err && !end_ns)
		err = look(a);
	if (err == EAGAIN)
		return err;
	while (!err && a->due)
		err = read_line(a);
	if (err) {
		agentconn_close(a);
		return err;
	}
	if (a->refused)
		a->grip[0] = '\0';
	*sexp = span_make(a->data, a->data_len);
	return a->refused;
}

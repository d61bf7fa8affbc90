/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "keyring.h"

#include <errno.h>
#include <sys/stat.h>

#include "base/log.h"
#include "crypto/trust.h"
#include "crypto/worker.h"

#define JOBS  24
#define LIMIT 16
#define POOL  4 /* libuv's threads */

static char text[] = "what is signed";
static struct keyring ring;
static char alice[PGP_FPR_MAX];
static struct pgp *pgp;
static struct trust *trust;

struct bench {
	uv_loop_t loop;
	struct worker *w;
	struct crypto_door door;
	struct crypto_job job[JOBS];
	unsigned int done, idle, running;
	unsigned int done_before_idle;
	bool inside; /* submit() */
};

static int set_up(void **state)
{
	struct pgp_conf conf = { ring.home, "gpgme", "gpgme", PATIENT_MS };

	(void)state;
	log_open(false, 0);
	keyring_make(&ring);
	keyring_gen(&ring, "alice@example.org", "ed25519", "sign", "never", "",
		    alice);
	assert_int_equal(pgp_open(&pgp, &conf), 0);
	assert_int_equal(trust_load(&trust, ring.home, TRUST_LOAD_MS), 0);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	trust_free(trust);
	pgp_close(pgp);
	keyring_drop(&ring);
	return 0;
}

static void bench_open(struct bench *b, struct pgp *p)
{
	memset(b, 0, sizeof(*b));
	assert_int_equal(uv_loop_init(&b->loop), 0);
	assert_int_equal(worker_open(&b->w, &b->loop, p, LIMIT), 0);
	b->door = worker_door(b->w);
}

static void on_idle(void *arg)
{
	struct bench *b = arg;

	b->idle++;
	b->done_before_idle = b->done;
	worker_free(b->w);
	b->w = NULL;
}

static void bench_close(struct bench *b)
{
	if (b->w)
		worker_stop(b->w, on_idle, b);
	uv_run(&b->loop, UV_RUN_DEFAULT);
	assert_int_equal(b->idle, 1);
	assert_int_equal(uv_loop_close(&b->loop), 0);
}

static void on_done(struct crypto_job *job, uint64_t now_ms)
{
	struct bench *b = job->arg;

	assert_false(b->inside);
	assert_in_range(now_ms / 1000, time(NULL) - 60, time(NULL) + 60);
	b->done++;
}

static int submit(struct bench *b, size_t i, bool sign)
{
	struct crypto_job *job = &b->job[i];
	int err;

	job->sign = sign;
	job->octets = text;
	job->octets_len = strlen(text);
	if (sign)
		strcpy(job->fpr, alice);
	job->done = on_done;
	job->arg = b;
	b->inside = true;
	err = b->door.submit(b->door.ctx, job);
	b->inside = false;
	return err;
}

static void test_sign_verify(void **state)
{
	struct bench b;

	(void)state;
	bench_open(&b, pgp);
	for (size_t i = 0; i < 8; i++)
		assert_int_equal(submit(&b, i, true), 0);
	assert_int_equal(worker_busy(b.w), 8);
	assert_int_equal(b.done, 0);
	uv_run(&b.loop, UV_RUN_DEFAULT);
	assert_int_equal(b.done, 8);
	assert_int_equal(worker_busy(b.w), 0);
	b.job[3].sig[b.job[3].sig_len - 1] ^= 1;
	for (size_t i = 0; i < 8; i++) {
		assert_int_equal(b.job[i].error, 0);
		b.job[i].fpr[0] = '\0';
		assert_int_equal(submit(&b, i, false), 0);
	}
	uv_run(&b.loop, UV_RUN_DEFAULT);
	assert_int_equal(b.done, 16);
	for (size_t i = 0; i < 8; i++) {
		assert_int_equal(b.job[i].result, i == 3 ? PGP_BAD : PGP_GOOD);
		assert_string_equal(b.job[i].fpr, i == 3 ? "" : alice);
	}
	bench_close(&b);
}

static void test_limit(void **state)
{
	struct bench b;

	(void)state;
	bench_open(&b, pgp);
	for (size_t i = 0; i < LIMIT; i++)
		assert_int_equal(submit(&b, i, true), 0);
	assert_int_equal(submit(&b, LIMIT, true), EAGAIN);
	uv_run(&b.loop, UV_RUN_DEFAULT);
	assert_int_equal(b.done, LIMIT);
	assert_int_equal(submit(&b, LIMIT, true), 0);
	bench_close(&b);
	assert_int_equal(b.done, LIMIT + 1);
}

static void test_stop(void **state)
{
	struct bench b;

	(void)state;
	bench_open(&b, pgp);
	for (size_t i = 0; i < LIMIT; i++)
		assert_int_equal(submit(&b, i, true), 0);
	worker_stop(b.w, on_idle, &b);
	assert_int_equal(b.idle, 0);
	assert_int_equal(submit(&b, LIMIT, true), ESHUTDOWN);
	uv_run(&b.loop, UV_RUN_DEFAULT);
	assert_int_equal(b.done, LIMIT);
	assert_int_equal(b.done_before_idle, LIMIT);
	for (size_t i = 0; i < LIMIT; i++)
		assert_true(!b.job[i].error || b.job[i].error == ECANCELED);
	bench_close(&b);
}

static uv_sem_t held;

static void hold(uv_work_t *req)
{
	(void)req;
	uv_sem_wait(&held);
}

static void let_go(uv_work_t *req, int status)
{
	(void)req;
	(void)status;
}

/* All threads are at something else, until pool_free(). */
static void pool_hold(struct bench *b, uv_work_t thread[POOL])
{
	assert_int_equal(uv_sem_init(&held, 0), 0);
	for (int i = 0; i < POOL; i++)
		assert_int_equal(
			uv_queue_work(&b->loop, &thread[i], hold, let_go), 0);
}

static void pool_free(struct bench *b)
{
	for (int i = 0; i < POOL; i++)
		uv_sem_post(&held);
	uv_run(&b->loop, UV_RUN_DEFAULT);
	uv_sem_destroy(&held);
}

/* What no thread has begun with, for all are at something else. */
static void test_stop_waiting(void **state)
{
	uv_work_t thread[POOL];
	struct bench b;

	(void)state;
	bench_open(&b, pgp);
	pool_hold(&b, thread);
	for (size_t i = 0; i < LIMIT; i++)
		assert_int_equal(submit(&b, i, true), 0);
	worker_stop(b.w, on_idle, &b);
	pool_free(&b);
	assert_int_equal(b.done, LIMIT);
	for (size_t i = 0; i < LIMIT; i++)
		assert_int_equal(b.job[i].error, ECANCELED);
	bench_close(&b);
}

static void test_stop_idle(void **state)
{
	struct bench b;

	(void)state;
	bench_open(&b, pgp);
	worker_stop(b.w, on_idle, &b);
	assert_int_equal(b.idle, 0);
	uv_run(&b.loop, UV_RUN_DEFAULT);
	assert_int_equal(b.idle, 1);
	bench_close(&b);
}

/* gpg hangs in every thread: all jobs come back, and the next ones work. */
static void test_hanging(void **state)
{
	struct pgp_conf conf = { ring.home, "gpgme", "gpgme", 500 };
	struct pgp *hasty;
	char fifo[64];
	struct bench b;

	(void)state;
	assert_int_equal(pgp_open(&hasty, &conf), 0);
	bench_open(&b, hasty);
	snprintf(fifo, sizeof(fifo), "%s/gpg.conf", ring.home);
	assert_int_equal(mkfifo(fifo, 0600), 0);
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(submit(&b, i, true), 0);
	uv_run(&b.loop, UV_RUN_DEFAULT);
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(b.job[i].error, ETIMEDOUT);
	unlink(fifo);
	bench_close(&b);
	pgp_close(hasty);

	bench_open(&b, pgp);
	assert_int_equal(submit(&b, 0, true), 0);
	uv_run(&b.loop, UV_RUN_DEFAULT);
	bench_close(&b);
	assert_int_equal(b.job[0].error, 0);
}

/* ---- gpg-agent, over connections that the loop watches ---- */

#define HASTY_MS 3000 /* more than an agent takes to start */

static struct pgp *agent_open(unsigned int ms)
{
	struct pgp_conf conf = { ring.home, "agent", "gpgme", ms };
	struct pgp *p;

	assert_int_equal(pgp_open(&p, &conf), 0);
	pgp_set_trust(p, trust);
	return p;
}

/* These jobs, to their end. */
static void sign_all(struct bench *b, size_t n)
{
	unsigned int before = b->done;

	for (size_t i = 0; i < n; i++)
		assert_int_equal(submit(b, i, true), 0);
	while (b->done < before + n)
		uv_run(&b->loop, UV_RUN_ONCE);
}

static void hold_good(struct bench *b, size_t n)
{
	struct pgp_ctx *c;

	assert_int_equal(pgp_ctx_open(&c, pgp), 0);
	for (size_t i = 0; i < n; i++) {
		struct crypto_job *job = &b->job[i];
		char signer[PGP_FPR_MAX];

		assert_int_equal(job->error, 0);
		assert_int_equal(pgp_verify(c, span_str(text),
					    span_make(job->sig, job->sig_len),
					    signer),
				 PGP_GOOD);
		assert_string_equal(signer, alice);
	}
	pgp_ctx_close(c);
}

static void test_agent(void **state)
{
	struct pgp *p = agent_open(PATIENT_MS);
	struct bench b;

	(void)state;
	bench_open(&b, p);
	for (int i = 0; i < 3; i++) {
		sign_all(&b, 1);
		hold_good(&b, 1);
	}
	sign_all(&b, LIMIT);
	hold_good(&b, LIMIT);
	strcpy(b.job[0].fpr, "0123456789012345678901234567890123456789");
	b.job[0].sign = true;
	assert_int_equal(b.door.submit(b.door.ctx, &b.job[0]), 0);
	uv_run(&b.loop, UV_RUN_DEFAULT);
	assert_int_equal(b.job[0].error, ENOKEY);
	sign_all(&b, 1);
	hold_good(&b, 1);
	bench_close(&b);
	pgp_close(p);
}

/* Where there is a connection no thread is needed. */
static void test_agent_no_thread(void **state)
{
	struct pgp *p = agent_open(PATIENT_MS);
	uv_work_t thread[POOL];
	struct bench b;

	(void)state;
	bench_open(&b, p);
	sign_all(&b, 1);
	pool_hold(&b, thread);
	for (int i = 0; i < 5; i++) {
		sign_all(&b, 1);
		hold_good(&b, 1);
	}
	pool_free(&b);
	bench_close(&b);
	pgp_close(p);
}

/* One that has signed, over a connection that is kept, and then does nothing
 * more. */
static pid_t stopped_agent(struct bench *b)
{
	pid_t agent;

	sign_all(b, 1);
	agent = keyring_agent(&ring);
	keyring_stop_agent(agent, 1);
	return agent;
}

static void test_agent_hangs(void **state)
{
	struct pgp *p = agent_open(HASTY_MS);
	struct bench b;
	pid_t agent;

	(void)state;
	bench_open(&b, p);
	agent = stopped_agent(&b);
	sign_all(&b, 1);
	assert_int_equal(b.job[0].error, ETIMEDOUT);
	sign_all(&b, 1);
	hold_good(&b, 1);
	assert_int_not_equal(keyring_agent(&ring), agent);
	bench_close(&b);
	pgp_close(p);
}

static void kill_it(uv_timer_t *timer)
{
	kill(*(pid_t *)timer->data, SIGKILL);
	uv_close((uv_handle_t *)timer, NULL);
}

/* It ends with a question on its way, and while nobody asks. */
static void test_agent_dies(void **state)
{
	struct pgp *p = agent_open(PATIENT_MS);
	uv_timer_t timer;
	struct bench b;
	pid_t agent;

	(void)state;
	bench_open(&b, p);
	for (unsigned int ms = 1; ms < 100; ms += 60) {
		agent = stopped_agent(&b);
		uv_timer_init(&b.loop, &timer);
		timer.data = &agent;
		/* before and after a thread has taken it over */
		uv_timer_start(&timer, kill_it, ms, 0);
		sign_all(&b, 1);
		hold_good(&b, 1);
	}
	uv_run(&b.loop, UV_RUN_DEFAULT);
	for (int i = 0; i < 2; i++) {
		keyring_kill(keyring_agent(&ring));
		sign_all(&b, 1);
		hold_good(&b, 1);
	}
	bench_close(&b);
	pgp_close(p);
}

/* The daemon ends with a question on its way: it waits for the answer. */
static void test_agent_stop(void **state)
{
	struct pgp *p = agent_open(HASTY_MS);
	struct bench b;

	(void)state;
	bench_open(&b, p);
	stopped_agent(&b);
	assert_int_equal(submit(&b, 0, true), 0);
	worker_stop(b.w, on_idle, &b);
	assert_int_equal(b.idle, 0);
	uv_run(&b.loop, UV_RUN_DEFAULT);
	assert_int_equal(b.done, 2);
	assert_int_equal(b.job[0].error, ETIMEDOUT);
	bench_close(&b);
	pgp_close(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sign_verify),
		cmocka_unit_test(test_limit),
		cmocka_unit_test(test_stop),
		cmocka_unit_test(test_stop_waiting),
		cmocka_unit_test(test_stop_idle),
		cmocka_unit_test(test_hanging),
		cmocka_unit_test(test_agent),
		cmocka_unit_test(test_agent_no_thread),
		cmocka_unit_test(test_agent_hangs),
		cmocka_unit_test(test_agent_dies),
		cmocka_unit_test(test_agent_stop),
	};

	return cmocka_run_group_tests_name("worker", tests, set_up, tear_down);
}

// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What is only passed on costs no allocation, in either direction: nobody can
 * make the daemon's heap grow or break up by sending much.
 */
#include <stdlib.h>
#include <string.h>

#include "world.h"

/* volatile: the compiler knows that malloc() reads no variables */
static volatile bool counting;
static volatile unsigned int allocations;

/* Under AddressSanitizer malloc() is its own, and osip2 uses it. */
#if defined(__SANITIZE_ADDRESS__)
#define COUNTED 0
#else
#define COUNTED 1

void *__libc_malloc(size_t n);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *p, size_t n);

void *malloc(size_t n)
{
	allocations += counting;
	return __libc_malloc(n);
}

void *calloc(size_t n, size_t size)
{
	allocations += counting;
	return __libc_calloc(n, size);
}

void *realloc(void *p, size_t n)
{
	allocations += counting;
	return __libc_realloc(p, n);
}
#endif

/* Passes as it came, twice: the first time something may be made for good. */
static void passes_free(struct world *w, const char *text,
			void (*send)(struct world *w, const char *text),
			enum place at)
{
	for (int i = 0; i < 2; i++) {
		allocations = 0;
		counting = true;
		send(w, text);
		counting = false;
		assert_string_equal(take(w, at), text);
	}
	if (COUNTED)
		assert_int_equal(allocations, 0);
}

/* The library's own are seen, too. */
static void test_counted(void **state)
{
	char *volatile copy;

	(void)state;
	allocations = 0;
	counting = true;
	copy = strdup("x");
	counting = false;
	free(copy);
	assert_int_equal(allocations, COUNTED);
}

static void test_keepalives(void **state)
{
	struct world *w = world_new();

	(void)state;
	passes_free(w, "\r\n\r\n", alice_sends, AT_NET_A);
	passes_free(w, "\r\n\r\n", net_to_alice, AT_ALICE);
	world_free(w);
}

static void test_responses_to_unsigned(void **state)
{
	struct world *w = world_new();
	char request[4096], text[4096];

	(void)state;
	str_copy(request, sizeof(request),
		 mk_request("OPTIONS", "sip:alice@10.0.1.2", false, 3,
			    "z9hG4bKo1", "", "", ""));
	str_copy(text, sizeof(text),
		 mk_response(request, 200, "OK", "alicetag",
			     "Allow: INVITE, ACK, BYE, CANCEL\r\n", ""));
	passes_free(w, text, alice_sends, AT_NET_A);
	world_free(w);
}

/* Nothing is signed, and nothing refused. */
static void test_observed(void **state)
{
	struct world *w = world_new();
	char text[4096];

	(void)state;
	for (size_t i = 0; i < w->a.conf.n_policies; i++)
		w->a.conf.policy[i].mode = MODE_OBSERVE;
	str_copy(text, sizeof(text),
		 mk_request("INVITE", URI, true, 7, "z9hG4bKa1", "", "", SDP));
	passes_free(w, text, alice_sends, AT_NET_A);
	str_copy(text, sizeof(text),
		 mk_request("INVITE", "sip:alice@10.0.1.2", false, 3,
			    "z9hG4bKb1", "", "", SDP));
	passes_free(w, text, net_to_alice, AT_ALICE);
	world_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_counted),
		cmocka_unit_test(test_keepalives),
		cmocka_unit_test(test_responses_to_unsigned),
		cmocka_unit_test(test_observed),
	};

	return world_run(tests);
}

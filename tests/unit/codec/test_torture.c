/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * RFC 4475 and RFC 5118: the valid messages can be read and signed, the invalid
 * ones are refused for a reason; where we differ from the RFCs, torture.h and
 * torture6.h say why.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "codec/octets.h"
#include "codec/sipmsg.h"
#include "torture.h"
#include "torture6.h"

static struct sip_msg m;
static char text[16384], octets[32768];

static struct span build(const struct torture *t)
{
	size_t body = t->body_len ? t->body_len : strlen(t->body), n;
	bool nul = strstr(t->head, "%c") != NULL;
	int len;

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	len = nul ? snprintf(text, sizeof(text), t->head, '\0')
		  : snprintf(text, sizeof(text), t->head, body);
#pragma GCC diagnostic pop
	assert_true(len > 0 && (size_t)len + body < sizeof(text));
	n = (size_t)len;
	memcpy(text + n, t->body, body);
	return span_make(text, n + body);
}

static void can_be_signed(void)
{
	struct buf b = buf_make(octets, sizeof(octets));
	struct pgp_params p = { .realm = SPAN_LIT("r") };

	assert_int_equal(octets_build(&b, &m, &p), 0);
}

/* How many of them are valid. */
static unsigned int read_messages(const struct torture *t, size_t n)
{
	unsigned int bad = 0, valid = 0;

	for (; n; n--, t++) {
		enum sip_fault got = sipmsg_read(&m, build(t), true);

		valid += t->valid;
		if (got != t->fault) {
			bad++;
			print_error("%s %s: %s instead of %s\n", t->section,
				    t->name, sip_fault_name(got),
				    sip_fault_name(t->fault));
		} else if (got == SIP_OK) {
			can_be_signed();
		}
	}
	assert_int_equal(bad, 0);
	return valid;
}

static void test_torture(void **state)
{
	(void)state;
	assert_int_equal(
		read_messages(torture, sizeof(torture) / sizeof(torture[0])),
		27);
}

static void test_torture6(void **state)
{
	(void)state;
	assert_int_equal(
		read_messages(torture6, sizeof(torture6) / sizeof(torture6[0])),
		10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_torture),
		cmocka_unit_test(test_torture6),
	};

	sipmsg_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}

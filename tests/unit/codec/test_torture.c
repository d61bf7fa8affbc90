/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * RFC 4475: the valid messages can be read and signed, the invalid ones are
 * refused for a reason; where we differ from the RFC, torture.h says why.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "codec/octets.h"
#include "codec/sipmsg.h"
#include "torture.h"

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

static void test_torture(void **state)
{
	unsigned int bad = 0, valid = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(torture) / sizeof(torture[0]); i++) {
		const struct torture *t = &torture[i];
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
	assert_int_equal(valid, 27);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_torture),
	};

	sipmsg_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}

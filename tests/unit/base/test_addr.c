// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/addr.h"

/* The address of a text, by way of a prefix, with a port. */
static struct addr address(const char *text, uint16_t port)
{
	struct addr_prefix p;

	assert_int_equal(addr_prefix_parse(text, &p), 0);
	p.addr.port = port;
	return p.addr;
}

static void eq_takes_address_and_port(void **state)
{
	struct addr a = address("192.0.2.1", 5060), b = a;

	(void)state;
	assert_true(addr_eq(&a, &b));
	b.ip[8] = 1; /* not part of an IPv4 address */
	assert_true(addr_eq(&a, &b));
	b.port = 5061;
	assert_false(addr_eq(&a, &b));
	b = address("192.0.2.2", 5060);
	assert_false(addr_eq(&a, &b));
	a = address("c000:0201::", 5060);
	b = address("192.0.2.1", 5060);
	assert_false(addr_eq(&a, &b));
	b = address("c000:0201::1", 5060);
	assert_false(addr_eq(&a, &b));
}

static void prefix_parse(void **state)
{
	static const struct {
		const char *text;
		int version, bits; /* version 0: EINVAL */
	} row[] = {
		{ "192.0.2.1", 4, 32 },
		{ "10.0.0.0/8", 4, 8 },
		{ "0.0.0.0/0", 4, 0 },
		{ "10.0.0.1/32", 4, 32 },
		{ "2001:db8::1", 6, 128 },
		{ "2001:db8::/32", 6, 32 },
		{ "::/0", 6, 0 },
		{ "::1/128", 6, 128 },
		{ "10.0.0.0/33", 0, 0 },
		{ "::/129", 0, 0 },
		{ "10.0.0.0/", 0, 0 },
		{ "10.0.0.0/-1", 0, 0 },
		{ "10.0.0.0/8x", 0, 0 },
		{ "10.0.0.0/0008", 0, 0 },
		{ "10.0.0.0/8/8", 0, 0 },
		{ "10.0.0", 0, 0 },
		{ "10.0.0.256", 0, 0 },
		{ "", 0, 0 },
		{ "/8", 0, 0 },
		{ "example.org", 0, 0 },
		{ "[::1]", 0, 0 },
		{ "::1%lo", 0, 0 },
		{ "1111:2222:3333:4444:5555:6666:7777:8888:9999:aaaa:bbbb:cccc",
		  0, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(row) / sizeof(*row); i++) {
		struct addr_prefix p = { .bits = 99 };
		int err = addr_prefix_parse(row[i].text, &p);

		assert_int_equal(err, row[i].version ? 0 : EINVAL);
		assert_int_equal(p.bits, err ? 99 : row[i].bits);
		assert_int_equal(p.addr.version, row[i].version);
	}
}

static void prefix_holds(void **state)
{
	static const struct {
		const char *prefix, *addr;
		bool holds;
	} row[] = {
		{ "10.0.0.0/8", "10.255.1.2", true },
		{ "10.0.0.0/8", "11.0.0.0", false },
		{ "10.1.2.3/8", "10.9.9.9", true },
		{ "192.0.2.128/25", "192.0.2.255", true },
		{ "192.0.2.128/25", "192.0.2.127", false },
		{ "192.0.2.1", "192.0.2.1", true },
		{ "192.0.2.1", "192.0.2.0", false },
		{ "192.0.2.0/31", "192.0.2.1", true },
		{ "192.0.2.0/31", "192.0.2.2", false },
		{ "0.0.0.0/0", "255.255.255.255", true },
		{ "0.0.0.0/0", "::1", false },
		{ "::/0", "2001:db8::1", true },
		{ "::/0", "192.0.2.1", false },
		{ "2001:db8::/33", "2001:db8:7fff::", true },
		{ "2001:db8::/33", "2001:db8:8000::", false },
		{ "2001:db8::1", "2001:db8::1", true },
		{ "2001:db8::1", "2001:db8::", false },
	};
	struct addr none = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(row) / sizeof(*row); i++) {
		struct addr_prefix p;
		struct addr a = address(row[i].addr, 0);

		assert_int_equal(addr_prefix_parse(row[i].prefix, &p), 0);
		assert_int_equal(addr_prefix_holds(&p, &a), row[i].holds);
		assert_false(addr_prefix_holds(&p, &none));
	}
}

static void str_forms(void **state)
{
	char out[ADDR_STR_MAX];
	struct addr a = address("192.0.2.1", 5060);

	(void)state;
	assert_string_equal(addr_str(&a, out), "192.0.2.1:5060");
	a.port = 0;
	assert_string_equal(addr_str(&a, out), "192.0.2.1");
	a = address("2001:db8::1", 65535);
	assert_string_equal(addr_str(&a, out), "[2001:db8::1]:65535");
	a.port = 0;
	assert_string_equal(addr_str(&a, out), "2001:db8::1");
	a.version = 0;
	assert_string_equal(addr_str(&a, out), "none");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(eq_takes_address_and_port),
		cmocka_unit_test(prefix_parse),
		cmocka_unit_test(prefix_holds),
		cmocka_unit_test(str_forms),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

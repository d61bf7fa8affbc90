// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "codec/packet.h"
#include "reassemble.h"

static const struct addr from4 = { 4, { 192, 0, 2, 1 }, 5060 };
static const struct addr to4 = { 4, { 198, 51, 100, 2 }, 5060 };
static const struct addr from6 = { 6, { 0x20, 1, 0xd, 0xb8, [15] = 1 }, 5060 };
static const struct addr to6 = { 6, { 0x20, 1, 0xd, 0xb8, [15] = 2 }, 5060 };

static uint8_t payload[PACKET_MAX], whole[PACKET_MAX + 1000];
static struct reassembly got;

/* An IPv4 packet in `whole`, with options of n octets behind its header. */
static size_t make4(size_t payload_len, const void *options, size_t n)
{
	static uint8_t bare[PACKET_MAX];
	struct packet p;
	size_t len;

	assert_int_equal(packet_make(&from4, &to4, payload, payload_len, 0x1234,
				     bare, sizeof(bare), &len),
			 0);
	memcpy(whole, bare, 20);
	if (n)
		memcpy(whole + 20, options, n);
	memcpy(whole + 20 + n, bare + 20, len - 20);
	whole[0] = (uint8_t)(0x45 + n / 4);
	whole[2] = (uint8_t)((len + n) >> 8);
	whole[3] = (uint8_t)(len + n);
	/* the rest of what the options changed, header checksum and all */
	assert_int_equal(packet_parse(&p, whole, len + n), PACKET_UDP);
	assert_int_equal(packet_rebuild(&p, payload, payload_len, 0, bare,
					sizeof(bare), &len),
			 0);
	memcpy(whole, bare, len);
	return len;
}

static size_t make6(size_t payload_len, uint8_t first, const void *ext,
		    size_t n)
{
	static uint8_t bare[PACKET_MAX];
	size_t len;

	assert_int_equal(packet_make(&from6, &to6, payload, payload_len, 0,
				     bare, sizeof(bare), &len),
			 0);
	memcpy(whole, bare, 40);
	if (n)
		memcpy(whole + 40, ext, n);
	memcpy(whole + 40 + n, bare + 40, len - 40);
	whole[4] = (uint8_t)((len + n - 40) >> 8);
	whole[5] = (uint8_t)(len + n - 40);
	if (n)
		whole[6] = first;
	return len + n;
}

/* Cut `whole` and put it together again. */
static void cut(size_t len, size_t mtu)
{
	memset(&got, 0, sizeof(got));
	got.mtu = mtu;
	assert_int_equal(packet_fragment(whole, len, mtu, 0xa1b2c3d4,
					 reassemble_take, &got),
			 0);
	if (reassemble_end(&got))
		fail_msg("%zu octets, MTU %zu: %s", len, mtu, got.fault);
}

static void ip4_of_every_length(void **state)
{
	(void)state;
	for (size_t mtu = 68; mtu < 1600; mtu += 7) {
		for (size_t n = mtu; n < 2 * mtu + 50; n += 13) {
			size_t len = make4(n, NULL, 0);

			cut(len, mtu);
			assert_int_equal(got.len, len);
			assert_memory_equal(got.out, whole, len);
			assert_int_equal(got.id, 0x1234);
		}
	}
	cut(make4(PACKET_MAX - 28, NULL, 0), 68);
	assert_int_equal(got.len, PACKET_MAX);
	assert_memory_equal(got.out, whole, PACKET_MAX);
}

static size_t longest;

static void look_at_options(void *arg, const uint8_t *ip, size_t len)
{
	/* the copied ones, padded to a multiple of four */
	static const uint8_t later[] = { 0x94, 4, 0, 0, 0x82, 3, 9, 0 };
	size_t head = (ip[0] & 15u) * 4u;

	reassemble_take(arg, ip, len);
	longest = len > longest ? len : longest;
	if (!(rd16(ip + 6) & 0x1fff)) {
		assert_int_equal(head, 36);
		assert_memory_equal(ip + 20, whole + 20, 16);
		return;
	}
	assert_int_equal(head, 28);
	assert_memory_equal(ip + 20, later, sizeof(later));
}

static void ip4_copies_only_options_with_the_flag(void **state)
{
	/* NOP, record route, router alert, security, end, rubbish */
	static const uint8_t options[] = {
		1, 7, 3, 4, 0x94, 4, 0, 0, 0x82, 3, 9, 1, 0, 0xff, 0xff, 0xff
	};
	size_t len = make4(500, options, sizeof(options));

	(void)state;
	memset(&got, 0, sizeof(got));
	got.mtu = 100;
	assert_int_equal(
		packet_fragment(whole, len, 100, 1, look_at_options, &got), 0);
	assert_null(reassemble_end(&got));
	assert_int_equal(got.len, len);
	assert_memory_equal(got.out, whole, len);
	assert_true(longest > 100 - 8);
}

static void ip4_options_that_cannot_be_read(void **state)
{
	static const uint8_t row[][4] = {
		{ 7, 0, 0, 0 }, { 7, 1, 0, 0 },	     { 7, 5, 0, 0 },
		{ 1, 1, 1, 7 }, { 0x94, 255, 0, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(row) / sizeof(*row); i++) {
		size_t len = make4(500, row[i], 4);

		memset(&got, 0, sizeof(got));
		assert_int_equal(packet_fragment(whole, len, 100, 1,
						 reassemble_take, &got),
				 EINVAL);
		assert_int_equal(got.count, 0);
	}
}

static void ip4_full_options_leave_room(void **state)
{
	uint8_t options[40];

	(void)state;
	memset(options, 1, sizeof(options));
	cut(make4(300, options, sizeof(options)), 68);
	options[0] = 0x83;
	options[1] = 40;
	cut(make4(300, options, sizeof(options)), 68);
	/* one share of eight octets a fragment */
	assert_int_equal(got.count, (300 + 8 + 7) / 8);
}

static void ip4_with_df_gets_an_identification(void **state)
{
	size_t len = make4(3000, NULL, 0);

	(void)state;
	whole[6] |= 0x40;
	cut(len, 1500);
	assert_int_equal(got.id, 0xc3d4);
}

static void check_ip6(uint8_t first, const void *ext, size_t n, size_t repeat)
{
	for (size_t size = 1500; size < 4500; size += 61) {
		size_t len = make6(size, first, ext, n);

		cut(len, 1280 + size % 221);
		assert_int_equal(got.len, len);
		assert_memory_equal(got.out, whole, len);
		assert_int_equal(got.head, repeat);
		assert_int_equal(got.id, 0xa1b2c3d4);
	}
}

static void ip6_repeats_the_unfragmentable_part(void **state)
{
	static const uint8_t hop[] = { 17, 0, 1, 4, 0, 0, 0, 0 };
	static const uint8_t options[] = { 17, 0, 1, 4, 0, 0, 0, 0 };
	static const uint8_t hop_options[] = { 60, 0, 1, 4, 0, 0, 0, 0,
					       17, 0, 1, 4, 0, 0, 0, 0 };
	static const uint8_t all[] = { 60, 0, 1,  4, 0, 0,  0, 0, 43, 0, 1,
				       4,  0, 0,  0, 0, 60, 0, 4, 0,  0, 0,
				       0,  0, 17, 0, 1, 4,  0, 0, 0,  0 };

	(void)state;
	check_ip6(17, NULL, 0, 40);
	check_ip6(0, hop, sizeof(hop), 48);
	check_ip6(60, options, sizeof(options), 40);
	check_ip6(0, hop_options, sizeof(hop_options), 48);
	/* hop-by-hop, options, routing | options */
	check_ip6(0, all, sizeof(all), 64);
}

static void ip6_atomic_fragment_header_gives_way(void **state)
{
	static const uint8_t atomic[] = { 0x2c, 0, 1, 4, 0, 0, 0, 0,
					  17,	0, 0, 0, 9, 9, 9, 9 };
	size_t len = make6(2000, 0, atomic, sizeof(atomic));

	(void)state;
	cut(len, 1280);
	assert_int_equal(got.len, len - 8);
	assert_int_equal(got.head, 48);
	assert_int_equal(got.out[40], 17);
	assert_memory_equal(got.out + 48, whole + 56, len - 56);
}

static void ip6_as_long_as_can_be(void **state)
{
	size_t len = make6(PACKET_MAX - 48, 0, NULL, 0);

	(void)state;
	cut(len, 1280);
	assert_int_equal(got.len, PACKET_MAX);
	assert_memory_equal(got.out, whole, PACKET_MAX);
	/* payload length 65535: more than PACKET_MAX with its header */
	memset(whole + 4, 255, 2);
	cut(PACKET_MAX + 40, 1280);
	cut(PACKET_MAX + 40, SIZE_MAX);
	assert_int_equal(got.len, PACKET_MAX + 40);
	assert_memory_equal(got.out, whole, PACKET_MAX + 40);
}

static void ip6_headers_that_fill_a_fragment(void **state)
{
	static uint8_t ext[2048];

	(void)state;
	/* 40 + 1224 + 8 of the fragment header + 8 of UDP: just fits */
	ext[0] = 17;
	ext[1] = 1224 / 8 - 1;
	cut(make6(3000, 0, ext, 1224), 1280);
	cut(make6(3000, 60, ext, 1224), 1280);
	ext[1] = 1232 / 8 - 1;
	for (uint8_t first = 0; first <= 60; first += 60) {
		size_t len = make6(3000, first, ext, 1232);

		memset(&got, 0, sizeof(got));
		assert_int_equal(packet_fragment(whole, len, 1280, 1,
						 reassemble_take, &got),
				 EINVAL);
		assert_int_equal(got.count, 0);
		cut(len, 1288);
	}
}

static void keep(void *arg, const uint8_t *ip, size_t len)
{
	struct reassembly *r = arg;

	memcpy(r->out, ip, len);
	r->len = len;
	r->count++;
}

static void what_fits_goes_as_it_is(void **state)
{
	size_t len = make4(1000, NULL, 0);

	(void)state;
	memset(&got, 0, sizeof(got));
	whole[6] |= 0x40;
	assert_int_equal(packet_fragment(whole, len + 50, len, 1, keep, &got),
			 0);
	assert_int_equal(got.count, 1);
	assert_int_equal(got.len, len);
	assert_memory_equal(got.out, whole, len);

	len = make6(1232, 0, NULL, 0);
	assert_int_equal(packet_fragment(whole, len + 50, 1280, 1, keep, &got),
			 0);
	assert_int_equal(got.count, 2);
	assert_int_equal(got.len, len);
	assert_memory_equal(got.out, whole, len);
}

static void refused(size_t len, size_t mtu)
{
	memset(&got, 0, sizeof(got));
	assert_int_equal(packet_fragment(whole, len, mtu, 1, keep, &got),
			 EINVAL);
	assert_int_equal(got.count, 0);
}

static void refuses(void **state)
{
	static const uint8_t part[] = { 17, 0, 0, 1, 0, 0, 0, 0 };
	static const uint8_t late[] = { 17, 0, 1, 0, 0, 0, 0, 0 };
	size_t len = make4(2000, NULL, 0);

	(void)state;
	refused(len, 67);
	refused(len, 0);
	refused(len - 1, 1500);
	refused(19, 1500);
	refused(0, 1500);
	whole[6] = 0x20;
	refused(len, 1500);
	whole[6] = 0x01;
	refused(len, 1500);
	whole[6] = 0;
	whole[0] = 0x44;
	refused(len, 1500);
	whole[0] = 0x55;
	refused(len, 1500);

	len = make6(2000, 0, NULL, 0);
	refused(len, 1279);
	refused(len - 1, 1500);
	refused(39, 1500);
	len = make6(2000, 44, part, sizeof(part));
	refused(len, 1500);
	len = make6(2000, 44, late, sizeof(late));
	refused(len, 1500);
	/* the chain runs out of the packet */
	len = make6(2000, 60, late, sizeof(late));
	whole[40] = 60;
	whole[48] = 60;
	whole[49] = 255;
	refused(len, 1500);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ip4_of_every_length),
		cmocka_unit_test(ip4_copies_only_options_with_the_flag),
		cmocka_unit_test(ip4_options_that_cannot_be_read),
		cmocka_unit_test(ip4_full_options_leave_room),
		cmocka_unit_test(ip4_with_df_gets_an_identification),
		cmocka_unit_test(ip6_repeats_the_unfragmentable_part),
		cmocka_unit_test(ip6_atomic_fragment_header_gives_way),
		cmocka_unit_test(ip6_as_long_as_can_be),
		cmocka_unit_test(ip6_headers_that_fill_a_fragment),
		cmocka_unit_test(what_fits_goes_as_it_is),
		cmocka_unit_test(refuses),
	};

	for (size_t i = 0; i < sizeof(payload); i++)
		payload[i] = (uint8_t)(i * 31 + i / 256);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

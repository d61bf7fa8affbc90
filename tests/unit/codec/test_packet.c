// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "codec/packet.h"
#include "reassemble.h"

/* 192.0.2.1:5060 to 198.51.100.2:5062, "BYE", DF, id 0x1234 */
static const uint8_t plain4[] = { 0x45, 0x60, 0x00, 0x1f, 0x12, 0x34, 0x40,
				  0x00, 0x40, 0x11, 0x3c, 0x03, 0xc0, 0x00,
				  0x02, 0x01, 0xc6, 0x33, 0x64, 0x02, 0x13,
				  0xc4, 0x13, 0xc6, 0x00, 0x0b, 0x64, 0xbd,
				  0x42, 0x59, 0x45 };

/* The same with router alert and record route, without DF. */
static const uint8_t options4[] = {
	0x48, 0x60, 0x00, 0x2b, 0x12, 0x34, 0x00, 0x00, 0x40, 0x11, 0xd9,
	0xeb, 0xc0, 0x00, 0x02, 0x01, 0xc6, 0x33, 0x64, 0x02, 0x94, 0x04,
	0x00, 0x00, 0x07, 0x07, 0x04, 0x00, 0x00, 0x00, 0x00, 0x00, 0x13,
	0xc4, 0x13, 0xc6, 0x00, 0x0b, 0x64, 0xbd, 0x42, 0x59, 0x45
};

/* [2001:db8::1]:5060 to [2001:db8::2]:5060, "BYE" */
static const uint8_t plain6[] = {
	0x60, 0x01, 0x23, 0x45, 0x00, 0x0b, 0x11, 0x40, 0x20, 0x01, 0x0d,
	0xb8, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
	0x00, 0x01, 0x20, 0x01, 0x0d, 0xb8, 0x00, 0x00, 0x00, 0x00, 0x00,
	0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x13, 0xc4, 0x13, 0xc4,
	0x00, 0x0b, 0xf5, 0x81, 0x42, 0x59, 0x45
};

/* The same behind hop-by-hop options. */
static const uint8_t hopbyhop6[] = {
	0x60, 0x01, 0x23, 0x45, 0x00, 0x13, 0x00, 0x40, 0x20, 0x01, 0x0d, 0xb8,
	0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x01,
	0x20, 0x01, 0x0d, 0xb8, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
	0x00, 0x00, 0x00, 0x02, 0x11, 0x00, 0x05, 0x02, 0x00, 0x00, 0x01, 0x00,
	0x13, 0xc4, 0x13, 0xc4, 0x00, 0x0b, 0xf5, 0x81, 0x42, 0x59, 0x45
};

static const struct vector {
	const uint8_t *data;
	size_t len, udp_off;
	uint16_t dst_port;
	bool df;
} vector[] = {
	{ plain4, sizeof(plain4), 20, 5062, true },
	{ options4, sizeof(options4), 32, 5062, false },
	{ plain6, sizeof(plain6), 40, 5060, false },
	{ hopbyhop6, sizeof(hopbyhop6), 48, 5060, false },
};
#define VECTORS (sizeof(vector) / sizeof(*vector))

/* Parse octets that nothing may be read behind (under ASan). */
static enum packet_kind kind_of(const uint8_t *data, size_t len)
{
	uint8_t *exact = malloc(len ? len : 1);
	enum packet_kind kind;
	struct packet p;

	assert_non_null(exact);
	memcpy(exact, data, len);
	kind = packet_parse(&p, exact, len);
	assert_int_equal(p.kind, kind);
	if (kind == PACKET_UDP) {
		assert_true(p.payload_off + p.payload_len == p.len);
		assert_true(p.len <= len && p.payload_off == p.udp_off + 8);
		(void)packet_checksum_ok(&p);
	} else {
		assert_false(packet_checksum_ok(&p));
	}
	free(exact);
	return kind;
}

static void parse_finds_everything(void **state)
{
	(void)state;
	for (size_t i = 0; i < VECTORS; i++) {
		const struct vector *v = &vector[i];
		char out[ADDR_STR_MAX];
		struct packet p;

		assert_int_equal(packet_parse(&p, v->data, v->len), PACKET_UDP);
		assert_int_equal(p.len, v->len);
		assert_int_equal(p.udp_off, v->udp_off);
		assert_int_equal(p.payload_off, v->udp_off + 8);
		assert_int_equal(p.payload_len, 3);
		assert_memory_equal(v->data + p.payload_off, "BYE", 3);
		assert_int_equal(p.df, v->df);
		assert_int_equal(p.dst.port, v->dst_port);
		assert_string_equal(addr_str(&p.src, out),
				    p.src.version == 4 ? "192.0.2.1:5060"
						       : "[2001:db8::1]:5060");
		assert_true(packet_checksum_ok(&p));
	}
}

static void parse_ignores_what_is_behind(void **state)
{
	(void)state;
	for (size_t i = 0; i < VECTORS; i++) {
		uint8_t longer[128] = { 0 };
		struct packet p;

		memcpy(longer, vector[i].data, vector[i].len);
		assert_int_equal(packet_parse(&p, longer, sizeof(longer)),
				 PACKET_UDP);
		assert_int_equal(p.len, vector[i].len);
		assert_true(packet_checksum_ok(&p));
	}
}

static void parse_refuses_every_truncation(void **state)
{
	(void)state;
	for (size_t i = 0; i < VECTORS; i++) {
		for (size_t n = 0; n < vector[i].len; n++)
			assert_int_equal(kind_of(vector[i].data, n),
					 PACKET_BAD);
	}
}

/* One or two octets of a good packet changed. */
static void parse_ip4_changed(void **state)
{
	static const struct {
		const char *what;
		size_t at;
		uint8_t octet[2];
		enum packet_kind kind;
	} row[] = {
		{ "version 6", 0, { 0x65, 0x60 }, PACKET_BAD },
		{ "version 0", 0, { 0x05, 0x60 }, PACKET_BAD },
		{ "header of 16 octets", 0, { 0x44, 0x60 }, PACKET_BAD },
		{ "no header", 0, { 0x40, 0x60 }, PACKET_BAD },
		{ "header beyond the packet", 0, { 0x48, 0x60 }, PACKET_BAD },
		{ "options over the UDP header",
		  0,
		  { 0x46, 0x60 },
		  PACKET_BAD },
		{ "total length 0", 2, { 0, 0 }, PACKET_BAD },
		{ "total length below the header", 2, { 0, 19 }, PACKET_BAD },
		{ "total length of the header", 2, { 0, 20 }, PACKET_BAD },
		{ "total length one short", 2, { 0, 30 }, PACKET_BAD },
		{ "total length one over", 2, { 0, 32 }, PACKET_BAD },
		{ "total length 65535", 2, { 255, 255 }, PACKET_BAD },
		{ "no flags", 6, { 0, 0 }, PACKET_UDP },
		{ "reserved flag", 6, { 0x80, 0 }, PACKET_UDP },
		{ "MF", 6, { 0x20, 0 }, PACKET_FRAGMENT },
		{ "MF and DF", 6, { 0x60, 0 }, PACKET_FRAGMENT },
		{ "offset 1", 6, { 0, 1 }, PACKET_FRAGMENT },
		{ "offset 0x100", 6, { 1, 0 }, PACKET_FRAGMENT },
		{ "offset 0x1000", 6, { 0x10, 0 }, PACKET_FRAGMENT },
		{ "TCP", 9, { 6, 0x3c }, PACKET_OTHER },
		{ "UDP-Lite", 9, { 136, 0x3c }, PACKET_OTHER },
		{ "ESP", 9, { 50, 0x3c }, PACKET_OTHER },
		{ "AH", 9, { 51, 0x3c }, PACKET_OTHER },
		{ "IP in IP", 9, { 4, 0x3c }, PACKET_OTHER },
		{ "UDP length 0", 24, { 0, 0 }, PACKET_BAD },
		{ "UDP length 7", 24, { 0, 7 }, PACKET_BAD },
		{ "UDP length one short", 24, { 0, 10 }, PACKET_BAD },
		{ "UDP length one over", 24, { 0, 12 }, PACKET_BAD },
		{ "UDP length 65535", 24, { 255, 255 }, PACKET_BAD },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(row) / sizeof(*row); i++) {
		uint8_t ip[sizeof(plain4)];

		memcpy(ip, plain4, sizeof(ip));
		memcpy(ip + row[i].at, row[i].octet, 2);
		if (kind_of(ip, sizeof(ip)) != row[i].kind)
			fail_msg("%s: %d", row[i].what,
				 kind_of(ip, sizeof(ip)));
	}
}

static void parse_keeps_addresses_of_others(void **state)
{
	uint8_t ip[sizeof(plain4)];
	char out[ADDR_STR_MAX];
	struct packet p;

	(void)state;
	memcpy(ip, plain4, sizeof(ip));
	ip[9] = 6;
	assert_int_equal(packet_parse(&p, ip, sizeof(ip)), PACKET_OTHER);
	assert_string_equal(addr_str(&p.src, out), "192.0.2.1");
	assert_string_equal(addr_str(&p.dst, out), "198.51.100.2");
}

/* A packet whose IPv6 extension headers are `ext`, before a UDP header. */
static size_t with_headers(uint8_t *out, uint8_t first, const void *ext,
			   size_t n)
{
	size_t len = sizeof(plain6) + n;

	memcpy(out, plain6, 40);
	memcpy(out + 40, ext, n);
	memcpy(out + 40 + n, plain6 + 40, sizeof(plain6) - 40);
	out[4] = (uint8_t)((len - 40) >> 8);
	out[5] = (uint8_t)(len - 40);
	out[6] = first;
	return len;
}

static void parse_ip6_chains(void **state)
{
	static const struct {
		const char *what;
		uint8_t first, ext[24];
		size_t n;
		enum packet_kind kind;
	} row[] = {
		{ "hop-by-hop", 0, { 17 }, 8, PACKET_UDP },
		{ "destination options of 24", 60, { 17, 2 }, 24, PACKET_UDP },
		{ "hop-by-hop, options",
		  0,
		  { 60, 0, 1, 4, 0, 0, 0, 0, 17 },
		  16,
		  PACKET_UDP },
		{ "hop-by-hop twice",
		  0,
		  { 0, 0, 1, 4, 0, 0, 0, 0, 17 },
		  16,
		  PACKET_BAD },
		{ "hop-by-hop not first",
		  60,
		  { 0, 0, 1, 4, 0, 0, 0, 0, 17 },
		  16,
		  PACKET_BAD },
		{ "routing, used up", 43, { 17, 0, 4, 0 }, 8, PACKET_UDP },
		{ "routing, with segments left",
		  43,
		  { 17, 0, 4, 1 },
		  8,
		  PACKET_OTHER },
		{ "header to the packet's end", 60, { 17, 2 }, 16, PACKET_BAD },
		{ "header beyond it", 60, { 17, 255 }, 16, PACKET_BAD },
		{ "atomic fragment",
		  44,
		  { 17, 0, 0, 0, 1, 2, 3, 4 },
		  8,
		  PACKET_UDP },
		{ "atomic, its reserved octets in use",
		  44,
		  { 17, 255, 0, 6, 1, 2, 3, 4 },
		  8,
		  PACKET_UDP },
		{ "atomic twice",
		  44,
		  { 44, 0, 0, 0, 1, 2, 3, 4, 17 },
		  16,
		  PACKET_UDP },
		{ "first fragment", 44, { 17, 0, 0, 1 }, 8, PACKET_FRAGMENT },
		{ "later fragment", 44, { 17, 0, 0, 8 }, 8, PACKET_FRAGMENT },
		{ "last possible offset",
		  44,
		  { 17, 0, 0xff, 0xf8 },
		  8,
		  PACKET_FRAGMENT },
		{ "fragment behind options",
		  60,
		  { 44, 0, 1, 4, 0, 0, 0, 0, 17, 0, 0, 1 },
		  16,
		  PACKET_FRAGMENT },
		{ "fragment behind an atomic one",
		  44,
		  { 44, 0, 0, 0, 0, 0, 0, 0, 17, 0, 0, 1 },
		  16,
		  PACKET_FRAGMENT },
		{ "fragment of TCP", 44, { 6, 0, 0, 1 }, 8, PACKET_FRAGMENT },
		{ "AH", 51, { 17, 0 }, 8, PACKET_OTHER },
		{ "ESP", 50, { 0 }, 8, PACKET_OTHER },
		{ "mobility", 135, { 17, 0 }, 8, PACKET_OTHER },
		{ "HIP", 139, { 17, 0 }, 8, PACKET_OTHER },
		{ "no next header", 59, { 0 }, 8, PACKET_OTHER },
		{ "no next header behind options",
		  60,
		  { 59 },
		  8,
		  PACKET_OTHER },
		{ "TCP behind options", 60, { 6 }, 8, PACKET_OTHER },
		{ "unknown header", 253, { 17 }, 8, PACKET_OTHER },
		{ "IPv6 in IPv6", 41, { 0 }, 0, PACKET_OTHER },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(row) / sizeof(*row); i++) {
		uint8_t ip[128];
		size_t len =
			with_headers(ip, row[i].first, row[i].ext, row[i].n);

		if (kind_of(ip, len) != row[i].kind)
			fail_msg("%s: %d", row[i].what, kind_of(ip, len));
		for (size_t n = 0; n < len; n++)
			assert_int_equal(kind_of(ip, n), PACKET_BAD);
	}
}

static void parse_ip6_lengths(void **state)
{
	uint8_t ip[sizeof(plain6)];

	(void)state;
	memcpy(ip, plain6, sizeof(ip));
	ip[5] = 0; /* no payload, or a jumbogram's */
	assert_int_equal(kind_of(ip, sizeof(ip)), PACKET_BAD);
	ip[6] = 0;
	assert_int_equal(kind_of(ip, sizeof(ip)), PACKET_BAD);
	ip[6] = 59;
	assert_int_equal(kind_of(ip, sizeof(ip)), PACKET_OTHER);
	ip[4] = ip[5] = 255;
	assert_int_equal(kind_of(ip, sizeof(ip)), PACKET_BAD);

	memcpy(ip, plain6, sizeof(ip));
	ip[45] = 12; /* UDP length */
	assert_int_equal(kind_of(ip, sizeof(ip)), PACKET_BAD);
	ip[45] = 10;
	assert_int_equal(kind_of(ip, sizeof(ip)), PACKET_BAD);
	ip[45] = 0;
	assert_int_equal(kind_of(ip, sizeof(ip)), PACKET_BAD);
}

static void parse_walks_a_chain_of_any_length(void **state)
{
	static uint8_t ip[70000], ext[65512];
	struct packet p;
	size_t len;

	(void)state;
	for (size_t at = 0; at < sizeof(ext); at += 8)
		ext[at] = at + 8 < sizeof(ext) ? 60 : 17;
	len = with_headers(ip, 60, ext, sizeof(ext));
	assert_int_equal(packet_parse(&p, ip, len), PACKET_UDP);
	assert_int_equal(p.udp_off, 40 + sizeof(ext));
	assert_true(packet_checksum_ok(&p));
	/* a chain that never comes to an end */
	ip[40 + sizeof(ext) - 8] = 60;
	ip[40 + sizeof(ext)] = 60;
	assert_int_equal(packet_parse(&p, ip, len), PACKET_BAD);
}

static void checksum_of_each_octet_counts(void **state)
{
	(void)state;
	for (size_t i = 0; i < VECTORS; i++) {
		const struct vector *v = &vector[i];
		uint8_t ip[128];
		struct packet p;

		for (size_t at = v->udp_off; at < v->len; at++) {
			memcpy(ip, v->data, v->len);
			ip[at] ^= 0x10;
			if (packet_parse(&p, ip, v->len) == PACKET_UDP)
				assert_false(packet_checksum_ok(&p));
		}
		memcpy(ip, v->data, v->len);
		memset(ip + v->udp_off + 6, 0, 2);
		assert_int_equal(packet_parse(&p, ip, v->len), PACKET_UDP);
		assert_int_equal(packet_checksum_ok(&p), ip[0] >> 4 == 4);
	}
}

static void check_whole(const uint8_t *ip, size_t len, size_t udp_off)
{
	if (ip[0] >> 4 == 4) {
		assert_int_equal(naive_sum(ip, udp_off, 0), 0xffff);
		assert_int_equal(rd16(ip + 2), len);
	} else {
		assert_int_equal(rd16(ip + 4), len - 40);
	}
	assert_int_equal(rd16(ip + udp_off + 4), len - udp_off);
	assert_int_not_equal(rd16(ip + udp_off + 6), 0);
	assert_int_equal(naive_udp_sum(ip, udp_off, len - udp_off), 0xffff);
}

static void rebuild_with_the_same_payload_changes_nothing(void **state)
{
	(void)state;
	for (size_t i = 0; i < VECTORS; i++) {
		uint8_t out[128];
		struct packet p;
		size_t len;

		packet_parse(&p, vector[i].data, vector[i].len);
		assert_int_equal(packet_rebuild(&p, "BYE", 3, 77, out,
						sizeof(out), &len),
				 0);
		assert_int_equal(len, vector[i].len);
		assert_memory_equal(out, vector[i].data, len);
	}
}

/* Octets of the header that stay, whatever the payload. */
static void check_header_kept(const struct vector *v, const uint8_t *out,
			      bool grew)
{
	uint8_t want[64];

	memcpy(want, v->data, v->udp_off);
	if (want[0] >> 4 == 4) {
		memcpy(want + 2, out + 2, 2);
		memcpy(want + 10, out + 10, 2);
	} else {
		memcpy(want + 4, out + 4, 2);
	}
	if (grew && v->df) {
		want[4] = 0xab;
		want[5] = 0xcd;
		want[6] = 0;
	}
	assert_memory_equal(out, want, v->udp_off);
	assert_memory_equal(out + v->udp_off, v->data + v->udp_off, 4);
}

static void rebuild_of_every_length(void **state)
{
	static uint8_t payload[3000], out[4000];
	uint32_t seed = 1;

	(void)state;
	for (size_t i = 0; i < sizeof(payload); i++) {
		seed = seed * 1664525 + 1013904223;
		payload[i] = (uint8_t)(seed >> 24);
	}
	for (size_t i = 0; i < VECTORS; i++) {
		const struct vector *v = &vector[i];
		struct packet p;

		packet_parse(&p, v->data, v->len);
		for (size_t n = 0; n <= sizeof(payload); n++) {
			size_t len;

			assert_int_equal(packet_rebuild(&p, payload, n, 0xabcd,
							out, sizeof(out), &len),
					 0);
			assert_int_equal(len, v->udp_off + 8 + n);
			assert_memory_equal(out + v->udp_off + 8, payload, n);
			check_whole(out, len, v->udp_off);
			check_header_kept(v, out, n > 3);
		}
	}
}

static void rebuild_sends_0_as_ffff(void **state)
{
	(void)state;
	for (size_t i = 0; i < VECTORS; i++) {
		const struct vector *v = &vector[i];
		uint8_t out[128], payload[2] = { 0, 0 };
		unsigned int sum;
		struct packet p;
		size_t len;

		/* the checksum without the payload is what makes it 0 */
		packet_parse(&p, v->data, v->len);
		assert_int_equal(packet_rebuild(&p, payload, 2, 0, out,
						sizeof(out), &len),
				 0);
		sum = rd16(out + v->udp_off + 6);
		payload[0] = (uint8_t)(sum >> 8);
		payload[1] = (uint8_t)sum;
		assert_int_equal(packet_rebuild(&p, payload, 2, 0, out,
						sizeof(out), &len),
				 0);
		assert_int_equal(rd16(out + v->udp_off + 6), 0xffff);
		check_whole(out, len, v->udp_off);
	}
}

static void rebuild_writes_nothing_beyond_its_bounds(void **state)
{
	static uint8_t payload[PACKET_MAX], out[PACKET_MAX + 1];
	struct packet p;
	size_t len = 7, most = PACKET_MAX - 28;

	(void)state;
	packet_parse(&p, plain4, sizeof(plain4));
	memset(out, 0xee, sizeof(out));
	assert_int_equal(packet_rebuild(&p, "INVITE", 6, 0, out, 33, &len),
			 EMSGSIZE);
	assert_int_equal(packet_rebuild(&p, "", 0, 0, out, 27, &len), EMSGSIZE);
	assert_int_equal(packet_rebuild(&p, payload, most + 1, 0, out,
					sizeof(out), &len),
			 EMSGSIZE);
	assert_int_equal(packet_rebuild(&p, payload, SIZE_MAX, 0, out,
					sizeof(out), &len),
			 EMSGSIZE);
	assert_int_equal(len, 7);
	for (size_t i = 0; i < sizeof(out); i++)
		assert_int_equal(out[i], 0xee);

	assert_int_equal(packet_rebuild(&p, "INVITE", 6, 0, out, 34, &len), 0);
	assert_int_equal(out[34], 0xee);
	assert_int_equal(
		packet_rebuild(&p, payload, most, 0, out, sizeof(out), &len),
		0);
	assert_int_equal(len, PACKET_MAX);
	assert_int_equal(out[PACKET_MAX], 0xee);
	check_whole(out, len, 20);
}

static void rebuild_refuses_what_is_not_udp(void **state)
{
	uint8_t out[128];
	struct packet p;
	size_t len;

	(void)state;
	packet_parse(&p, plain4, 10);
	assert_int_equal(packet_rebuild(&p, "", 0, 0, out, sizeof(out), &len),
			 EINVAL);
}

static void make_known_answer(void **state)
{
	static const uint8_t want[] = { 0x45, 0x00, 0x00, 0x21, 0xbe, 0xef,
					0x00, 0x00, 0x40, 0x11, 0xcf, 0xa5,
					0xc0, 0x00, 0x02, 0x01, 0xc6, 0x33,
					0x64, 0x02, 0x13, 0xc4, 0x13, 0xc5,
					0x00, 0x0d, 0xa8, 0x41, 0x68, 0x65,
					0x6c, 0x6c, 0x6f };
	uint8_t out[64];
	struct packet p;
	size_t len;

	(void)state;
	packet_parse(&p, plain4, sizeof(plain4));
	p.dst.port = 5061;
	assert_int_equal(packet_make(&p.src, &p.dst, "hello", 5, 0xbeef, out,
				     sizeof(out), &len),
			 0);
	assert_int_equal(len, sizeof(want));
	assert_memory_equal(out, want, len);
}

static void make_ip6(void **state)
{
	uint8_t out[64], want[sizeof(plain6)];
	struct packet p;
	size_t len;

	(void)state;
	packet_parse(&p, plain6, sizeof(plain6));
	assert_int_equal(packet_make(&p.src, &p.dst, "BYE", 3, 0, out,
				     sizeof(out), &len),
			 0);
	memcpy(want, plain6, sizeof(want));
	memset(want + 1, 0, 3); /* flow label */
	assert_int_equal(len, sizeof(want));
	assert_memory_equal(out, want, len);
}

static void make_refuses(void **state)
{
	static uint8_t payload[PACKET_MAX], out[PACKET_MAX];
	struct packet p4, p6;
	struct addr none = { 0 };
	size_t len;

	(void)state;
	packet_parse(&p4, plain4, sizeof(plain4));
	packet_parse(&p6, plain6, sizeof(plain6));
	assert_int_equal(
		packet_make(&p4.src, &p6.dst, "", 0, 0, out, sizeof(out), &len),
		EINVAL);
	assert_int_equal(
		packet_make(&none, &none, "", 0, 0, out, sizeof(out), &len),
		EINVAL);
	assert_int_equal(
		packet_make(&p4.src, &p4.dst, "abc", 3, 0, out, 30, &len),
		EMSGSIZE);
	assert_int_equal(packet_make(&p4.src, &p4.dst, payload, PACKET_MAX - 27,
				     0, out, sizeof(out), &len),
			 EMSGSIZE);
	assert_int_equal(packet_make(&p6.src, &p6.dst, payload, PACKET_MAX - 48,
				     0, out, sizeof(out), &len),
			 0);
	check_whole(out, len, 40);
}

/* Damage of every kind, with a fixed seed: no reading out of bounds. */
static void parse_survives_random_damage(void **state)
{
	uint32_t seed = 20261123;

	(void)state;
	for (size_t round = 0; round < 200000; round++) {
		const struct vector *v = &vector[round % VECTORS];
		uint8_t ip[128];

		memcpy(ip, v->data, v->len);
		for (size_t i = 0; i < 1 + round % 5; i++) {
			seed = seed * 1664525 + 1013904223;
			ip[(seed >> 8) % v->len] = (uint8_t)(seed >> 24);
		}
		kind_of(ip, v->len);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parse_finds_everything),
		cmocka_unit_test(parse_ignores_what_is_behind),
		cmocka_unit_test(parse_refuses_every_truncation),
		cmocka_unit_test(parse_ip4_changed),
		cmocka_unit_test(parse_keeps_addresses_of_others),
		cmocka_unit_test(parse_ip6_chains),
		cmocka_unit_test(parse_ip6_lengths),
		cmocka_unit_test(parse_walks_a_chain_of_any_length),
		cmocka_unit_test(parse_survives_random_damage),
		cmocka_unit_test(checksum_of_each_octet_counts),
		cmocka_unit_test(rebuild_with_the_same_payload_changes_nothing),
		cmocka_unit_test(rebuild_of_every_length),
		cmocka_unit_test(rebuild_sends_0_as_ffff),
		cmocka_unit_test(rebuild_writes_nothing_beyond_its_bounds),
		cmocka_unit_test(rebuild_refuses_what_is_not_udp),
		cmocka_unit_test(make_known_answer),
		cmocka_unit_test(make_ip6),
		cmocka_unit_test(make_refuses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

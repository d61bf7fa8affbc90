// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * micro - what the parts of a packet's way cost, each alone, on one thread.
 *
 *	micro ROUNDS COUNT
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/digest.h"
#include "base/log.h"
#include "bench.h"
#include "codec/octets.h"
#include "codec/packet.h"
#include "codec/splice.h"
#include "state/dialog.h"
#include "state/nonce.h"
#include "text.h"

static struct {
	char invite[BENCH_TEXT], signed_invite[BENCH_TEXT];
	struct span plain, with_row;
	struct sip_msg m, signed_m, scratch;
	struct pgp_params params;
	char octets[BENCH_TEXT + 4096];
	size_t octets_len;
	char out[BENCH_TEXT * 2];
	uint8_t packet[BENCH_TEXT * 2], rebuilt[BENCH_TEXT * 2];
	size_t packet_len;
	struct packet ip;
	struct splice splice;
	struct store *store;
	uint64_t now_ms;
} w;

static const char credentials[] =
	"Authorization: PGP realm=\"edge-b.bench.example\", "
	"nonce=\"aW4gdGhlIGJlZ2lubmlu\", nc=1, cnonce=\"d2FzIHRoZSB3b3Jk\", "
	"key=\"0123456789ABCDEF0123456789ABCDEF01234567\", "
	"cancel=\"47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\", "
	"signature="
	"\"iHUEABYIAB0WIQQBI0VniavN7wEjRWeJq83vASNFZwUCaSLRgAAKCRCJq83v"
	"ASNFZ5YgAP9Qd2FzIHRoZSB3b3JkIGFuZCB0aGUgd29yZCB3YXMgd2l0aAEA4oPdd2FzIH"
	"R"
	"oZSB3b3JkIGFuZCB0aGU=\"\r\n";

static void make_world(void)
{
	const struct text_call c = { .run = "micro",
				     .n = 1,
				     .caller = bench_addr("10.99.1.2:5060"),
				     .callee = bench_addr("10.99.2.2:5060") };
	struct buf b = buf_make(w.invite, sizeof(w.invite));
	size_t i = 0;
	enum pgp_row what;

	text_invite(&b, &c, 1, "");
	w.plain = buf_span(&b);
	b = buf_make(w.signed_invite, sizeof(w.signed_invite));
	text_invite(&b, &c, 1, credentials);
	w.with_row = buf_span(&b);
	if (sipmsg_read(&w.m, w.plain, true) ||
	    sipmsg_read(&w.signed_m, w.with_row, true) ||
	    !pgpauth_next(&w.signed_m, SIP_F_AUTHORIZATION, NULL, &i, &what,
			  &w.params) ||
	    packet_make(&c.caller, &c.callee, w.plain.p, w.plain.len, 1,
			w.packet, sizeof(w.packet), &w.packet_len) ||
	    packet_parse(&w.ip, w.packet, w.packet_len) != PACKET_UDP)
		bench_die("the messages are wrong");
	w.now_ms = UINT64_C(1800000000000);
	if (store_open(&w.store, NULL, 1 << 20, 1024))
		bench_die("no store");
}

static void op_scan(void *arg, int i)
{
	(void)arg;
	(void)i;
	sipmsg_read(&w.scratch, w.plain, false);
}

static void op_read(void *arg, int i)
{
	(void)arg;
	(void)i;
	sipmsg_read(&w.scratch, w.plain, true);
}

static void op_octets(void *arg, int i)
{
	struct buf b = buf_make(w.octets, sizeof(w.octets));

	(void)arg;
	(void)i;
	octets_build(&b, &w.m, &w.params);
	w.octets_len = b.len;
}

static void op_sha256(void *arg, int i)
{
	uint8_t hash[SHA256_LEN];
	struct span in = span_make(w.octets, w.octets_len);

	(void)arg;
	(void)i;
	digest_sha256(hash, &in, 1);
}

static void op_credentials(void *arg, int i)
{
	struct pgp_params p;
	enum pgp_row what;
	size_t at = 0;

	(void)arg;
	(void)i;
	pgpauth_next(&w.signed_m, SIP_F_AUTHORIZATION, NULL, &at, &what, &p);
}

static void op_splice(void *arg, int i)
{
	size_t len;

	(void)arg;
	(void)i;
	splice_init(&w.splice, w.m.raw);
	splice_replace(&w.splice, w.m.cseq_number, SPAN_LIT("2"));
	splice_replace(&w.splice, w.m.via_branch, SPAN_LIT("z9hG4bK0123456"));
	splice_insert(&w.splice, w.m.end_of_rows,
		      span_make(credentials, sizeof(credentials) - 1));
	splice_apply(&w.splice, w.out, sizeof(w.out), &len);
}

static void op_packet(void *arg, int i)
{
	struct packet p;

	(void)arg;
	(void)i;
	packet_parse(&p, w.packet, w.packet_len);
	packet_checksum_ok(&p);
}

static void op_rebuild(void *arg, int i)
{
	size_t len;

	(void)arg;
	packet_rebuild(&w.ip, w.with_row.p, w.with_row.len, (uint16_t)i,
		       w.rebuilt, sizeof(w.rebuilt), &len);
}

static struct span number(int i, char mem[32])
{
	return span_make(mem, (size_t)snprintf(mem, 32, "%d@bench", i));
}

static void op_put(void *arg, int i)
{
	static char value[4400];
	char mem[32];
	struct span id = number(i, mem);
	struct store_key k = store_key(w.store, &id, 1);

	store_put(w.store, STORE_CLIENT, &k, w.now_ms + 1000,
		  span_make(value, *(const size_t *)arg));
	store_commit(w.store);
	w.now_ms++;
	if (i % 64 == 0)
		store_settle(w.store, w.now_ms, 256);
}

static void op_dialog(void *arg, int i)
{
	struct dialog d = { .authenticated = true };
	char mem[32];
	struct span id = number(i % 1000, mem);

	(void)arg;
	dialog_put(w.store, id, id, SPAN_LIT("tag"), w.now_ms + 1000000, &d);
	store_commit(w.store);
}

static void op_dialog_get(void *arg, int i)
{
	char mem[32];
	struct span id = number(i % 1000, mem);
	struct dialog d;

	(void)arg;
	dialog_get(w.store, id, id, SPAN_LIT("tag"), w.now_ms, &d);
}

static void op_nonce(void *arg, int i)
{
	static const uint8_t secret[32];
	char nonce[PGP_NONCE_MAX];

	(void)arg;
	(void)i;
	nonce_make(nonce, secret, w.now_ms, SPAN_LIT("edge-b.bench.example"),
		   w.m.call_id, w.m.from_tag);
	nonce_check(span_str(nonce), secret, w.now_ms, 60, 60,
		    SPAN_LIT("edge-b.bench.example"), w.m.call_id,
		    w.m.from_tag);
}

int main(int argc, char **argv)
{
	const size_t small = 500, large = 4400;
	int rounds, count;

	if (argc != 3)
		bench_die("usage: micro ROUNDS COUNT");
	rounds = atoi(argv[1]);
	count = atoi(argv[2]);
	log_open(false, 0);
	if (digest_init())
		return 1;
	sipmsg_init();
	make_world();
	bench_value("micro", "invite_octets", "octets", (double)w.plain.len);
	bench_op("micro", "packet_read", rounds, count, op_packet, NULL);
	bench_op("micro", "scan", rounds, count, op_scan, NULL);
	bench_op("micro", "scan_and_osip2", rounds, count, op_read, NULL);
	bench_op("micro", "credentials_read", rounds, count, op_credentials,
		 NULL);
	bench_op("micro", "octets", rounds, count, op_octets, NULL);
	bench_op("micro", "sha256_octets", rounds, count, op_sha256, NULL);
	bench_op("micro", "splice", rounds, count, op_splice, NULL);
	bench_op("micro", "packet_rebuild", rounds, count, op_rebuild, NULL);
	bench_op("micro", "nonce_make_and_check", rounds, count, op_nonce,
		 NULL);
	bench_op("micro", "store_put_500_commit", rounds, count / 4, op_put,
		 (void *)(uintptr_t)&small);
	bench_op("micro", "store_put_4400_commit", rounds, count / 4, op_put,
		 (void *)(uintptr_t)&large);
	bench_op("micro", "dialog_put_commit", rounds, count / 4, op_dialog,
		 NULL);
	bench_op("micro", "dialog_get", rounds, count / 4, op_dialog_get, NULL);
	store_close(w.store);
	return 0;
}

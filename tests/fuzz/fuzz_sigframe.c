// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Any signature packet, and any stream of key packets in pieces of any size:
 * what is read lies inside, and a frame that is read can be written and is read
 * the same.
 */
#include <stdlib.h>

#include "crypto/keypacket.h"
#include "crypto/packets.h"
#include "crypto/sigframe.h"
#include "crypto/sigpacket.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void hold(bool what)
{
	if (!what)
		abort();
}

static void inside(struct span in, struct span s)
{
	if (!span_set(s))
		return;
	hold(s.p >= in.p && s.p <= in.p + in.len);
	hold(s.len <= (size_t)(in.p + in.len - s.p));
}

static void same_frame(const struct sigframe *a, const struct sigframe *b)
{
	hold(a->algo == b->algo && a->hash == b->hash &&
	     a->created == b->created);
	hold(!memcmp(a->fpr, b->fpr, sizeof(a->fpr)));
	hold(!memcmp(a->trailer + SIGFRAME_HASHED, b->trailer + SIGFRAME_HASHED,
		     SIGFRAME_TRAILER - SIGFRAME_HASHED));
	hold(!memcmp(a->check, b->check, sizeof(a->check)));
	hold(span_eq(a->number[0], b->number[0]));
	hold(span_eq(a->number[1], b->number[1]));
}

static void check_signature(struct span in)
{
	static uint8_t out[140000];
	struct sigframe f, g;
	struct sigpacket p;
	size_t len;

	if (sigframe_read(&f, in))
		return;
	hold(!sigpacket_read(&p, in) && p.type == 0 && sigpacket_strong(&p));
	inside(in, f.number[0]);
	inside(in, f.number[1]);
	hold(!sigframe_write(&f, out, sizeof(out), &len));
	hold(len <= in.len + 2);
	hold(sigframe_write(&f, out, len - 1, &len) != 0);
	hold(!sigframe_write(&f, out, sizeof(out), &len));
	hold(!sigframe_read(&g, span_make(out, len)));
	same_frame(&f, &g);
	/* and made anew: only the order of the subpackets may differ */
	sigframe_begin(&g);
	hold(!sigframe_write(&g, out, sizeof(out), &len));
	hold(!sigframe_read(&f, span_make(out, len)));
	same_frame(&f, &g);
}

static void check_key(void *arg, uint8_t tag, struct span body)
{
	bool secret = tag == PACKETS_SECRET_KEY || tag == PACKETS_SECRET_SUBKEY;
	struct keypacket k;

	(void)arg;
	if (keypacket_read(&k, body, secret))
		return;
	hold(k.kind != KEY_OTHER && k.number[0].len <= 1024);
	inside(body, k.public_part);
	hold(secret == (k.public_part.len < body.len));
	for (int i = 0; i < 2; i++)
		inside(body, k.number[i]);
	for (int i = 0; i < 4; i++)
		inside(body, k.secret[i]);
}

struct tally {
	size_t packets, octets;
};

static void count(void *arg, uint8_t tag, struct span body)
{
	struct tally *t = arg;

	t->packets++;
	t->octets += body.len;
	check_key(NULL, tag, body);
}

static bool walk(struct span in, size_t piece, struct tally *t, bool *whole)
{
	struct packets w = {
		.wanted_tags = ~0ull,
		.each = count,
		.arg = t,
	};
	bool ok = true;

	for (size_t i = 0; ok && i < in.len; i += piece) {
		size_t n = in.len - i < piece ? in.len - i : piece;

		ok = packets_feed(&w, span_make(in.p + i, n));
	}
	*whole = packets_whole(&w);
	return ok;
}

static void check_stream(struct span in)
{
	struct tally a = { 0, 0 }, b = { 0, 0 };
	bool whole[2];

	hold(walk(in, in.len + 1, &a, &whole[0]) ==
	     walk(in, 1 + in.len % 7, &b, &whole[1]));
	hold(whole[0] == whole[1]);
	hold(a.packets == b.packets && a.octets == b.octets);
	hold(a.octets <= in.len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span in = span_make(data, size);

	check_signature(in);
	check_stream(in);
	check_key(NULL, PACKETS_PUBLIC_KEY, in);
	check_key(NULL, PACKETS_SECRET_KEY, in);
	return 0;
}

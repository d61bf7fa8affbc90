// SPDX-License-Identifier: GPL-2.0-or-later
#include "crypto/packets.h"

enum { AT_TAG, AT_LENGTH, AT_NEW_LENGTH, IN_BODY };

static void end_of_body(struct packets *w)
{
	w->state = AT_TAG;
	if (w->keep)
		w->each(w->arg, w->tag, span_make(w->body, w->kept));
}

static void begin_body(struct packets *w)
{
	w->body_left = (uint64_t)w->length + w->added;
	w->kept = 0;
	w->keep =
		w->wanted_tags >> w->tag & 1 && w->body_left <= sizeof(w->body);
	w->public_keys += w->tag == PACKETS_PUBLIC_KEY;
	w->state = IN_BODY;
	if (!w->body_left)
		end_of_body(w);
}

static bool at_tag(struct packets *w, uint8_t c)
{
	static const uint8_t octets[] = { 1, 2, 4, 0 };

	w->length = w->added = 0;
	if (c & 0x40) {
		w->tag = c & 0x3f;
		w->state = AT_NEW_LENGTH;
		return c & 0x80;
	}
	w->tag = c >> 2 & 0x0f;
	w->octets_left = octets[c & 3];
	w->state = AT_LENGTH;
	return c & 0x80 && w->octets_left;
}

static void at_length(struct packets *w, uint8_t c)
{
	w->length = w->length << 8 | c;
	if (!--w->octets_left)
		begin_body(w);
}

static bool at_new_length(struct packets *w, uint8_t c)
{
	w->state = AT_LENGTH;
	if (c < 192) {
		w->length = c;
		begin_body(w);
	} else if (c < 224) {
		w->length = c - 192u;
		w->added = 192;
		w->octets_left = 1;
	} else {
		w->octets_left = 4;
	}
	return c < 224 || c == 255;
}

static size_t in_body(struct packets *w, const char *p, size_t n)
{
	if (n > w->body_left)
		n = (size_t)w->body_left;
	if (w->keep)
		memcpy(w->body + w->kept, p, n);
	w->kept += n;
	w->body_left -= n;
	if (!w->body_left)
		end_of_body(w);
	return n;
}

bool packets_feed(struct packets *w, struct span s)
{
	size_t i = 0;
	bool ok = true;

	while (ok && i < s.len) {
		uint8_t c = (uint8_t)s.p[i];

		switch (w->state) {
		case AT_TAG:
			ok = at_tag(w, c);
			break;
		case AT_LENGTH:
			at_length(w, c);
			break;
		case AT_NEW_LENGTH:
			ok = at_new_length(w, c);
			break;
		default:
			i += in_body(w, s.p + i, s.len - i);
			continue;
		}
		i++;
	}
	return ok;
}

bool packets_whole(const struct packets *w)
{
	return w->state == AT_TAG;
}

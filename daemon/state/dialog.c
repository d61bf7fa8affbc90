/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "state/dialog.h"

#include <errno.h>

#include "state/record.h"

static struct store_key call_key(const struct store *s, struct span call_id,
				 struct span local_tag)
{
	struct span in[] = { SPAN_LIT("call"), call_id, local_tag };

	return store_key(s, in, 3);
}

static struct store_key dialog_key(const struct store *s, struct span call_id,
				   struct span local_tag,
				   struct span remote_tag)
{
	struct span in[] = { SPAN_LIT("dialog"), call_id, local_tag,
			     remote_tag };

	return store_key(s, in, 4);
}

#define TAG_MAX 256

/*
 * The same whichever of the two comes first, and whatever their case: tags are
 * tokens (RFC 3261 section 7.3.1), and PJSIP compares them as such.
 */
static struct store_key tags_key(const struct store *s, struct span a,
				 struct span b)
{
	char mem[2][TAG_MAX];
	size_t n;
	int order;
	bool swap;

	a = span_lower(a, mem[0], TAG_MAX);
	b = span_lower(b, mem[1], TAG_MAX);
	n = a.len < b.len ? a.len : b.len;
	order = memcmp(a.p ? a.p : "", b.p ? b.p : "", n);
	swap = order > 0 || (order == 0 && a.len > b.len);

	struct span in[] = { SPAN_LIT("tags"), swap ? b : a, swap ? a : b };

	return store_key(s, in, 3);
}

int call_get(struct store *s, struct span call_id, struct span local_tag,
	     uint64_t now_ms, struct call *out)
{
	struct store_key k = call_key(s, call_id, local_tag);

	return record_get_packed(s, STORE_CALL, &k, now_ms, out, sizeof(*out),
				 0);
}

int call_put(struct store *s, struct span call_id, struct span local_tag,
	     uint64_t expire_ms, const struct call *c)
{
	struct store_key k = call_key(s, call_id, local_tag);

	return record_put_packed(s, STORE_CALL, &k, expire_ms, c, sizeof(*c),
				 0);
}

/* What changes with every message stands before the first text. */
#define DIALOG_PLAIN (offsetof(struct dialog, realm) & ~(size_t)3)

static int dialog_read(struct store *s, const struct store_key *k,
		       uint64_t now_ms, struct dialog *out)
{
	return record_get_packed(s, STORE_DIALOG, k, now_ms, out, sizeof(*out),
				 DIALOG_PLAIN);
}

int dialog_get(struct store *s, struct span call_id, struct span local_tag,
	       struct span remote_tag, uint64_t now_ms, struct dialog *out)
{
	struct store_key k = dialog_key(s, call_id, local_tag, remote_tag);

	return dialog_read(s, &k, now_ms, out);
}

/*
 * The two tags' way to a dialog. It outlives the dialog by a few hours, and the
 * dialog knows how long, so that it is written once in these and not looked at
 * with each message: in a store with a million dialogs that is one path through
 * a large tree less.
 */
struct by_tags {
	struct store_key dialog;
};

#define TAGS_SLACK_MS (6 * 3600 * 1000)

static int tags_put(struct store *s, struct span local_tag,
		    struct span remote_tag, uint64_t expire_ms,
		    const struct store_key *dialog)
{
	struct store_key k = tags_key(s, local_tag, remote_tag);
	const struct by_tags t = { *dialog };

	return store_put(s, STORE_TAGS, &k, expire_ms,
			 span_make(&t, sizeof(t)));
}

int dialog_put(struct store *s, struct span call_id, struct span local_tag,
	       struct span remote_tag, uint64_t expire_ms, struct dialog *d)
{
	struct store_key k = dialog_key(s, call_id, local_tag, remote_tag);

	uint64_t name;

	memcpy(&name, k.b, sizeof(name));
	if (d->tags_for != name || d->tags_until_ms < expire_ms) {
		uint64_t until_ms = expire_ms + TAGS_SLACK_MS;
		int err = tags_put(s, local_tag, remote_tag, until_ms, &k);

		if (err)
			return err;
		d->tags_for = name;
		d->tags_until_ms = until_ms;
	}
	return record_put_packed(s, STORE_DIALOG, &k, expire_ms, d, sizeof(*d),
				 DIALOG_PLAIN);
}

int dialog_by_tags(struct store *s, struct span a, struct span b,
		   uint64_t now_ms, struct dialog *out)
{
	struct store_key k = tags_key(s, a, b);
	struct by_tags t;
	int err = record_get(s, STORE_TAGS, &k, now_ms, &t, sizeof(t));

	return err ? err : dialog_read(s, &t.dialog, now_ms, out);
}

bool nc_accept(uint32_t *highest, uint64_t *window, uint32_t nc)
{
	uint32_t back;

	if (nc == 0)
		return false;
	if (nc > *highest) {
		uint32_t ahead = nc - *highest;

		*window = ahead < 64 ? *window << ahead : 0;
		*window |= 1;
		*highest = nc;
		return true;
	}
	back = *highest - nc;
	if (back >= 64 || (*window >> back & 1))
		return false;
	*window |= UINT64_C(1) << back;
	return true;
}

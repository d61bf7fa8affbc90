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

/* The same whichever of the two comes first. */
static struct store_key tags_key(const struct store *s, struct span a,
				 struct span b)
{
	size_t n = a.len < b.len ? a.len : b.len;
	int order = memcmp(a.p ? a.p : "", b.p ? b.p : "", n);
	bool swap = order > 0 || (order == 0 && a.len > b.len);
	struct span in[] = { SPAN_LIT("tags"), swap ? b : a, swap ? a : b };

	return store_key(s, in, 3);
}

int call_get(struct store *s, struct span call_id, struct span local_tag,
	     uint64_t now_ms, struct call *out)
{
	struct store_key k = call_key(s, call_id, local_tag);

	return record_get(s, STORE_CALL, &k, now_ms, out, sizeof(*out));
}

int call_put(struct store *s, struct span call_id, struct span local_tag,
	     uint64_t expire_ms, const struct call *c)
{
	struct store_key k = call_key(s, call_id, local_tag);

	return store_put(s, STORE_CALL, &k, expire_ms,
			 span_make(c, sizeof(*c)));
}

int dialog_get(struct store *s, struct span call_id, struct span local_tag,
	       struct span remote_tag, uint64_t now_ms, struct dialog *out)
{
	struct store_key k = dialog_key(s, call_id, local_tag, remote_tag);

	return record_get(s, STORE_DIALOG, &k, now_ms, out, sizeof(*out));
}

int dialog_put(struct store *s, struct span call_id, struct span local_tag,
	       struct span remote_tag, uint64_t expire_ms,
	       const struct dialog *d)
{
	struct store_key k = dialog_key(s, call_id, local_tag, remote_tag);
	struct store_key tags = tags_key(s, local_tag, remote_tag);
	int err = store_put(s, STORE_DIALOG, &k, expire_ms,
			    span_make(d, sizeof(*d)));

	if (err)
		return err;
	return store_put(s, STORE_TAGS, &tags, expire_ms,
			 span_make(k.b, sizeof(k.b)));
}

int dialog_by_tags(struct store *s, struct span a, struct span b,
		   uint64_t now_ms, struct dialog *out)
{
	struct store_key k = tags_key(s, a, b), to;
	int err = record_get(s, STORE_TAGS, &k, now_ms, to.b, sizeof(to.b));

	if (err)
		return err;
	return record_get(s, STORE_DIALOG, &to, now_ms, out, sizeof(*out));
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

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A client record stands under the phone's branch. Each branch the network saw
 * has an alias, a record that holds the phone's branch: responses to attempts
 * that were challenged long since are recognised by it.
 */
#include "state/transaction.h"

#include <errno.h>
#include <stdlib.h>

#include "state/record.h"

enum { KIND_CLIENT = 'c', KIND_ALIAS = 'a' };

static struct store_key client_key(const struct store *s, struct span call_id,
				   struct span branch)
{
	struct span in[] = { SPAN_LIT("client"), call_id, branch };

	return store_key(s, in, 3);
}

static struct store_key server_key(const struct store *s, struct span call_id,
				   struct span from_tag, uint32_t cseq,
				   struct span method)
{
	struct span in[] = { SPAN_LIT("server"), call_id, from_tag,
			     span_make(&cseq, sizeof(cseq)), method };

	return store_key(s, in, 5);
}

static int client_split(struct span v, struct client *out,
			struct span text[CLIENT_TEXTS])
{
	size_t off = 0;

	if (record_unpack(out, sizeof(*out), span_make(v.p + 1, v.len - 1),
			  &off))
		return EIO;
	off++;
	for (int i = 0; i < CLIENT_TEXTS; i++) {
		if (out->len[i] > v.len - off)
			return EIO;
		if (text)
			text[i] = span_make(v.p + off, out->len[i]);
		off += out->len[i];
	}
	return off == v.len ? 0 : EIO;
}

int client_get(struct store *s, struct span call_id, struct span branch,
	       uint64_t now_ms, struct client *out,
	       struct span text[CLIENT_TEXTS])
{
	struct store_key k = client_key(s, call_id, branch);
	struct span v;
	int err = store_get(s, STORE_CLIENT, &k, now_ms, &v);

	if (!err && v.len && v.p[0] == KIND_ALIAS) {
		k = client_key(s, call_id, span_make(v.p + 1, v.len - 1));
		err = store_get(s, STORE_CLIENT, &k, now_ms, &v);
	}
	if (err)
		return err;
	if (!v.len || v.p[0] != KIND_CLIENT)
		return EIO;
	return client_split(v, out, text);
}

static int alias_put(struct store *s, struct span call_id, uint64_t expire_ms,
		     const struct client *c)
{
	struct store_key k = client_key(s, call_id, span_str(c->net_branch));
	char v[1 + BRANCH_MAX] = { KIND_ALIAS };
	size_t n = strlen(c->phone_branch);

	memcpy(v + 1, c->phone_branch, n);
	return store_put(s, STORE_CLIENT, &k, expire_ms, span_make(v, 1 + n));
}

int client_put(struct store *s, struct span call_id, uint64_t expire_ms,
	       struct client *c, const struct span text[CLIENT_TEXTS])
{
	struct store_key k = client_key(s, call_id, span_str(c->phone_branch));
	size_t n = 1 + sizeof(*c) + 4;
	char *v;
	int err;

	for (int i = 0; i < CLIENT_TEXTS; i++) {
		c->len[i] = (uint32_t)text[i].len;
		n += text[i].len;
	}
	v = malloc(n);
	if (!v)
		return ENOMEM;
	v[0] = KIND_CLIENT;
	n = 1 + record_pack((uint8_t *)v + 1, c, sizeof(*c));
	for (int i = 0; i < CLIENT_TEXTS; i++) {
		if (text[i].len)
			memcpy(v + n, text[i].p, text[i].len);
		n += text[i].len;
	}
	err = store_put(s, STORE_CLIENT, &k, expire_ms, span_make(v, n));
	free(v);
	if (!err && strcmp(c->phone_branch, c->net_branch) != 0)
		err = alias_put(s, call_id, expire_ms, c);
	return err;
}

int server_get(struct store *s, struct span call_id, struct span from_tag,
	       uint32_t cseq, struct span method, uint64_t now_ms,
	       struct server *out)
{
	struct store_key k = server_key(s, call_id, from_tag, cseq, method);

	return record_get_packed(s, STORE_SERVER, &k, now_ms, out, sizeof(*out),
				 0);
}

int server_put(struct store *s, struct span call_id, struct span from_tag,
	       uint32_t cseq, struct span method, uint64_t expire_ms,
	       const struct server *v)
{
	struct store_key k = server_key(s, call_id, from_tag, cseq, method);

	return record_put_packed(s, STORE_SERVER, &k, expire_ms, v, sizeof(*v),
				 0);
}

int datagram_get(struct store *s, const uint8_t digest[32], uint64_t now_ms,
		 struct span *text)
{
	struct span in[] = { SPAN_LIT("datagram"), span_make(digest, 32) };
	struct store_key k = store_key(s, in, 2);

	return store_get(s, STORE_SERVER, &k, now_ms, text);
}

int datagram_put(struct store *s, const uint8_t digest[32], uint64_t expire_ms,
		 struct span text)
{
	struct span in[] = { SPAN_LIT("datagram"), span_make(digest, 32) };
	struct store_key k = store_key(s, in, 2);

	return store_put(s, STORE_SERVER, &k, expire_ms, text);
}

// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The input is the length of the original, then edits of three octets each:
 * offset, octets deleted, octets inserted. The splice must agree with the
 * model.
 */
#include <errno.h>
#include <stdlib.h>

#include "../unit/codec/splice_model.h"

#define INS_MAX 7

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

#define MUST(x)                                                                \
	do {                                                                   \
		if (!(x))                                                      \
			abort();                                               \
	} while (0)

static struct splice s;

static void check(const struct model *m, bool outlying, const char *orig,
		  size_t len)
{
	char want[256 + MODEL_EDITS * INS_MAX], *out;
	int n = outlying ? -1 : model_apply(m, orig, len, want);
	size_t got;

	if (n < 0) {
		MUST(splice_apply(&s, want, sizeof(want), &got) == EINVAL);
		return;
	}
	out = malloc((size_t)n + 1);
	MUST(out);
	MUST(!n || splice_apply(&s, out, (size_t)n - 1, &got) == EMSGSIZE);
	MUST(!splice_apply(&s, out, (size_t)n, &got));
	MUST(got == (size_t)n && !memcmp(out, want, got));
	free(out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789";
	char orig[256];
	struct model m = { .n = 0 };
	bool outlying = false;
	size_t orig_len;

	if (!len)
		return 0;
	orig_len = *data++;
	len--;
	for (size_t i = 0; i < sizeof(orig); i++)
		orig[i] = (char)('A' + i % 26);
	splice_init(&s, span_make(orig, orig_len));
	for (; len >= 3 && m.n < MODEL_EDITS; data += 3, len -= 3) {
		struct edit *e = &m.e[m.n++];

		e->off = data[0];
		e->del = data[1];
		e->ins = span_make(letters + m.n, data[2] % (INS_MAX + 1));
		outlying |= e->off + e->del > orig_len;
		splice_replace(&s, span_make(orig + e->off, e->del), e->ins);
	}
	check(&m, outlying, orig, orig_len);
	return 0;
}

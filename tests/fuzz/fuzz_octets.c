// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A message with credentials: what is to be signed never fails to be built, is
 * the same each time, and can be taken apart again by its lengths.
 */
#include <stdlib.h>

#include "codec/octets.h"

#define OCTETS_MAX (64 * 1024 + 4 * 1024)

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void hold(bool what)
{
	if (!what)
		abort();
}

/* The text up to c, which must be there, and move behind it. */
static struct span take_until(struct span *in, char c)
{
	struct span s = span_make(in->p, span_find(*in, c));

	hold(s.len < in->len);
	in->p += s.len + 1;
	in->len -= s.len + 1;
	return s;
}

static void take_item(struct span *in)
{
	struct span name = take_until(in, ' ');
	struct span number = take_until(in, '\n');
	uint32_t len;

	for (size_t i = 0; i < name.len; i++)
		hold((name.p[i] >= 'a' && name.p[i] <= 'z') ||
		     name.p[i] == '-');
	if (span_eq(number, SPAN_LIT("-")))
		return;
	hold(span_u32(number, &len) == 0 && len < in->len);
	hold(in->p[len] == '\n');
	in->p += len + 1;
	in->len -= len + 1;
}

static void check_form(struct span in, const struct sip_msg *m)
{
	struct span first = take_until(&in, '\n');
	size_t items = 0;

	hold(span_eq(first, m->request ? SPAN_LIT("SIP-PGP-AUTH/1 request")
				       : SPAN_LIT("SIP-PGP-AUTH/1 response")));
	while (in.len) {
		take_item(&in);
		items++;
	}
	hold(items >= 25);
}

static void check(const struct sip_msg *m, const struct pgp_params *p)
{
	static char one[OCTETS_MAX], two[OCTETS_MAX];
	struct buf a = buf_make(one, sizeof(one));
	struct buf b = buf_make(two, sizeof(two));

	hold(octets_build(&a, m, p) == 0);
	hold(octets_build(&b, m, p) == 0);
	hold(span_eq(buf_span(&a), buf_span(&b)));
	check_form(buf_span(&a), m);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	sipmsg_init();
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct sip_msg m;
	static const struct pgp_params none;
	enum sip_field field;
	struct pgp_params p;
	enum pgp_row what;
	size_t i = 0;

	if (size > 65535 ||
	    sipmsg_read(&m, span_make(data, size), false) != SIP_OK)
		return 0;
	check(&m, &none);
	field = m.request ? SIP_F_AUTHORIZATION : SIP_F_AUTHENTICATION_INFO;
	while (pgpauth_next(&m, field, NULL, &i, &what, &p))
		if (what == PGP_ROW_OK)
			check(&m, &p);
	return 0;
}

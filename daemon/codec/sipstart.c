// SPDX-License-Identifier: GPL-2.0-or-later
#include "codec/sipread.h"
#include "codec/siptext.h"

static const struct span names[] = {
	[SIP_OTHER] = SPAN_LIT("other"),
	[SIP_INVITE] = SPAN_LIT("INVITE"),
	[SIP_ACK] = SPAN_LIT("ACK"),
	[SIP_BYE] = SPAN_LIT("BYE"),
	[SIP_CANCEL] = SPAN_LIT("CANCEL"),
	[SIP_REGISTER] = SPAN_LIT("REGISTER"),
	[SIP_OPTIONS] = SPAN_LIT("OPTIONS"),
	[SIP_PRACK] = SPAN_LIT("PRACK"),
	[SIP_UPDATE] = SPAN_LIT("UPDATE"),
	[SIP_INFO] = SPAN_LIT("INFO"),
	[SIP_REFER] = SPAN_LIT("REFER"),
	[SIP_NOTIFY] = SPAN_LIT("NOTIFY"),
	[SIP_SUBSCRIBE] = SPAN_LIT("SUBSCRIBE"),
	[SIP_MESSAGE] = SPAN_LIT("MESSAGE"),
	[SIP_PUBLISH] = SPAN_LIT("PUBLISH"),
};

#define N_NAMES (sizeof(names) / sizeof(names[0]))

const char *sip_method_name(enum sip_method m)
{
	return (size_t)m < N_NAMES ? names[m].p : names[SIP_OTHER].p;
}

enum sip_method sipstart_method(struct span name, bool *exact)
{
	for (size_t i = SIP_INVITE; i < N_NAMES; i++) {
		if (names[i].len != name.len || !span_ieq(names[i], name))
			continue;
		*exact = span_eq(names[i], name);
		return (enum sip_method)i;
	}
	*exact = true;
	return SIP_OTHER;
}

bool sipstart_uri_ok(struct span uri)
{
	size_t colon = span_find(uri, ':');

	if (colon == 0 || colon + 1 >= uri.len)
		return false;
	if (!((uri.p[0] | 0x20) >= 'a' && (uri.p[0] | 0x20) <= 'z'))
		return false;
	return text_all(span_make(uri.p, colon), TEXT_HOST) &&
	       text_all(uri, TEXT_URI);
}

static bool take_version(struct text *t, enum sip_fault *fault)
{
	static const struct span sip = SPAN_LIT("SIP/");
	struct span digits;

	if ((size_t)(t->end - t->p) < sip.len ||
	    !span_ieq(span_make(t->p, sip.len), sip)) {
		*fault = SIP_FAULT_START_LINE;
		return false;
	}
	t->p += sip.len;
	digits = text_run(t, TEXT_TOKEN);
	*fault = SIP_FAULT_VERSION;
	return span_eq(digits, SPAN_LIT("2.0"));
}

static enum sip_fault read_request(struct sip_msg *m, struct text t)
{
	enum sip_fault fault;
	bool exact;

	m->request = true;
	m->method_name = text_run(&t, TEXT_TOKEN);
	m->method = sipstart_method(m->method_name, &exact);
	if (m->method_name.len == 0 || !text_take(&t, ' '))
		return SIP_FAULT_START_LINE;
	m->uri = text_run(&t, TEXT_URI);
	if (!sipstart_uri_ok(m->uri) || !text_take(&t, ' '))
		return SIP_FAULT_START_LINE;
	if (!take_version(&t, &fault))
		return fault;
	if (!text_at_end(&t))
		return SIP_FAULT_START_LINE;
	return exact ? SIP_OK : SIP_FAULT_METHOD_CASE;
}

static enum sip_fault read_response(struct sip_msg *m, struct text t)
{
	enum sip_fault fault;
	struct span digits;
	uint32_t status;

	if (!take_version(&t, &fault))
		return fault;
	if (!text_take(&t, ' '))
		return SIP_FAULT_START_LINE;
	digits = text_run(&t, TEXT_TOKEN);
	if (digits.len != 3 || span_u32(digits, &status) || status < 100 ||
	    status > 699)
		return SIP_FAULT_START_LINE;
	m->status = status;
	/* some leave the SP out when there is no phrase */
	if (!text_at_end(&t) && !text_take(&t, ' '))
		return SIP_FAULT_START_LINE;
	m->phrase = span_make(t.p, (size_t)(t.end - t.p));
	return SIP_OK;
}

static bool is_response(struct text t)
{
	struct span first = text_run(&t, TEXT_TOKEN);

	return text_at(&t, '/') && span_ieq(first, SPAN_LIT("SIP"));
}

enum sip_fault sipstart_read(struct sip_msg *m, struct span line)
{
	struct text t = text_of(line);

	m->start_line = line;
	return is_response(t) ? read_response(m, t) : read_request(m, t);
}

void sipstart_guess(struct sip_msg *m, struct span datagram)
{
	struct text t = text_of(datagram);
	bool exact;

	m->request = false;
	m->method_name = SPAN_NONE;
	m->method = SIP_OTHER;
	/* endpoints have been seen to skip all of these */
	while (!text_at_end(&t) && (unsigned char)*t.p <= ' ')
		t.p++;
	if (is_response(t))
		return;
	m->method_name = text_run(&t, TEXT_TOKEN);
	if (m->method_name.len == 0)
		return;
	m->request = true;
	m->method = sipstart_method(m->method_name, &exact);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The messages of RFC 5118 (SIP torture tests for IPv6), by its sections, in
 * the form of torture.h. Written down from the RFC's description.
 */
#ifndef TESTS_TORTURE6_H
#define TESTS_TORTURE6_H

#define REGISTER6(uri)                                                         \
	"REGISTER " uri " SIP/2.0\r\n"                                         \
	"To: sip:user@example.com\r\n"                                         \
	"From: sip:user@example.com;tag=81x2\r\n"                              \
	"Via: SIP/2.0/UDP [2001:db8::9:1];branch=z9hG4bKas3-111\r\n"           \
	"Call-ID: SSG9559905523997077@hlau_4100\r\n"                           \
	"Max-Forwards: 70\r\n"                                                 \
	"Contact: \"Caller\" <sip:caller@[2001:db8::1]>\r\n"                   \
	"CSeq: 98176 REGISTER\r\nContent-Length: 0\r\n\r\n"

#define BYE6(received)                                                         \
	"BYE sip:[2001:db8::10] SIP/2.0\r\n"                                   \
	"To: sip:user@example.com;tag=bd76ya\r\n"                              \
	"From: sip:user@example.com;tag=81x2\r\n"                              \
	"Via: SIP/2.0/UDP [2001:db8::9:1];received=" received                  \
	";branch=z9hG4bKas3-111\r\n"                                           \
	"Call-ID: SSG9559905523997077@hlau_4100\r\n"                           \
	"Max-Forwards: 70\r\nCSeq: 321 BYE\r\nContent-Length: 0\r\n\r\n"

#define INVITE6                                                                \
	"INVITE sip:user@[2001:db8::10] SIP/2.0\r\n"                           \
	"To: sip:user@[2001:db8::10]\r\n"                                      \
	"From: sip:user@example.com;tag=81x2\r\n"                              \
	"Via: SIP/2.0/UDP [2001:db8::9:1];branch=z9hG4bKas3-111\r\n"           \
	"Call-ID: SSG9559905523997077@hlau_4100\r\n"                           \
	"Contact: \"Caller\" <sip:caller@[2001:db8::9:1]>\r\n"                 \
	"Max-Forwards: 70\r\nCSeq: 8612 INVITE\r\n"                            \
	"Content-Type: application/sdp\r\nContent-Length: %zu\r\n\r\n"

static const struct torture torture6[] = {
	{ "4.1", "reference", SIP_OK, true, REGISTER6("sip:[2001:db8::10]"), "",
	  0 },
	/* a Request-URI is covered by nothing and belongs to who routes */
	{ "4.2", "no brackets", SIP_OK, false, REGISTER6("sip:2001:db8::10"),
	  "", 0 },
	{ "4.3", "port inside", SIP_OK, true,
	  REGISTER6("sip:[2001:db8::10:5070]"), "", 0 },
	{ "4.4", "port outside", SIP_OK, true,
	  REGISTER6("sip:[2001:db8::10]:5070"), "", 0 },
	{ "4.5", "received, brackets", SIP_OK, true, BYE6("[2001:db8::9:255]"),
	  "", 0 },
	{ "4.5", "received, none", SIP_OK, true, BYE6("2001:db8::9:255"), "",
	  0 },
	{ "4.6", "SDP", SIP_OK, true, INVITE6,
	  "v=0\r\no=assistant 971731711378798081 0 IN IP6 2001:db8::20\r\n"
	  "s=Live video feed for today's meeting\r\nc=IN IP6 2001:db8::20\r\n"
	  "t=3338481189 3370017201\r\nm=audio 6000 RTP/AVP 2\r\n"
	  "a=rtpmap:2 G726-32/8000\r\nm=video 6024 RTP/AVP 107\r\n"
	  "a=rtpmap:107 H263-1998/90000\r\n",
	  0 },
	{ "4.7", "several addresses", SIP_OK, true,
	  "BYE sip:user@host.example.net SIP/2.0\r\n"
	  "Via: SIP/2.0/UDP [2001:db8::9:1]:6050;branch=z9hG4bKas3-111\r\n"
	  "Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKjhja8781hjuaij65144\r\n"
	  "Via: SIP/2.0/TCP [2001:db8::9:255];branch=z9hG4bK451jj;"
	  "received=192.0.2.200\r\n"
	  "Call-ID: 997077@lau_4100\r\nMax-Forwards: 70\r\n"
	  "CSeq: 89187 BYE\r\nTo: sip:user@example.net;tag=9817--94\r\n"
	  "From: sip:user@example.com;tag=81x2\r\nContent-Length: 0\r\n\r\n",
	  "", 0 },
	{ "4.8", "several addresses in SDP", SIP_OK, true, INVITE6,
	  "v=0\r\no=bob 280744730 28977631 IN IP4 host.example.com\r\ns=\r\n"
	  "t=0 0\r\nm=audio 22334 RTP/AVP 0\r\nc=IN IP4 192.0.2.1\r\n"
	  "m=video 6024 RTP/AVP 107\r\nc=IN IP6 2001:db8::1\r\n"
	  "a=rtpmap:107 H263-1998/90000\r\n",
	  0 },
	{ "4.9", "mapped", SIP_OK, true,
	  "INVITE sip:user@example.com SIP/2.0\r\n"
	  "To: sip:user@example.com\r\n"
	  "From: sip:user@east.example.com;tag=5181\r\n"
	  "Via: SIP/2.0/UDP [::ffff:192.0.2.10]:19823;branch=z9hG4bKbh19\r\n"
	  "Via: SIP/2.0/UDP [::ffff:192.0.2.2];branch=z9hG4bKas3-111\r\n"
	  "Call-ID: SSG9559905523997077@hlau_4100\r\n"
	  "Contact: \"T. desk phone\" <sip:ted@[::ffff:192.0.2.2]>\r\n"
	  "CSeq: 612 INVITE\r\nMax-Forwards: 70\r\n"
	  "Content-Type: application/sdp\r\nContent-Length: %zu\r\n\r\n",
	  "v=0\r\no=assistant 971731711378798081 0 IN IP6 ::ffff:192.0.2.2\r\n"
	  "s=Call me soon, please!\r\nc=IN IP6 ::ffff:192.0.2.2\r\nt=0 0\r\n"
	  "m=video 6024 RTP/AVP 107\r\na=rtpmap:107 H263-1998/90000\r\n",
	  0 },
	/* three colons: RFC 3261's grammar has them, inet_pton() does not */
	{ "4.10", "grammar", SIP_OK, true,
	  "OPTIONS sip:user@[2001:db8:::192.0.2.1] SIP/2.0\r\n"
	  "To: sip:user@[2001:db8:::192.0.2.1]\r\n"
	  "From: sip:user@example.com;tag=810x2\r\n"
	  "Via: SIP/2.0/UDP lab1.east.example.com;branch=z9hG4bKas3-111\r\n"
	  "Call-ID: G9559905523997077@hlau_4100\r\n"
	  "CSeq: 689 OPTIONS\r\nMax-Forwards: 70\r\nContent-Length: 0\r\n\r\n",
	  "", 0 },
};

#endif

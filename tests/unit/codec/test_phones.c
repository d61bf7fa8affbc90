/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rows as phones, PBXs and networks write them: whatever else is refused, these
 * are not. Each is put into a message that is otherwise plain. (Written after
 * the habits of these products, not copied from captures.)
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "codec/sipmsg.h"

static struct sip_msg m;
static char text[8192];

struct phone {
	const char *who, *start, *rows, *body;
};

#define VIA  "Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1\r\n"
#define FROM "From: <sip:a@example.org>;tag=1\r\n"
#define TO   "To: <sip:b@example.org>\r\n"
#define ID   "Call-ID: 1@x\r\n"
#define REST VIA FROM TO ID
#define INV  "INVITE sip:b@example.org SIP/2.0"
#define OK   "SIP/2.0 200 OK"
#define CI   "CSeq: 1 INVITE\r\n"
#define SDP  "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\n"

static const struct phone phones[] = {
	{ "Cisco 79xx", INV,
	  "Via: SIP/2.0/UDP 10.0.0.2:5060;branch=z9hG4bK5e2f1a0c\r\n"
	  "From: \"Al\"<sip:100@pbx.example.org>;tag=000e83f5-2b\r\n"
	  "To: <sip:200@pbx.example.org;user=phone>\r\n"
	  "Call-ID: 000e83f5-12@10.0.0.2\r\nCSeq: 101 INVITE\r\n"
	  "Remote-Party-ID: \"Al\" <sip:100@pbx.example.org>;party=calling;"
	  "id-type=subscriber;privacy=off;screen=yes\r\n"
	  "Date: Sat, 28 Nov 2026 05:00:00 GMT\r\nExpires: 180\r\n"
	  "RTP-RxStat: Dur=0,Pkt=0,Oct=0,LatePkt=0\r\n"
	  "Content-Disposition: session;handling=optional\r\n"
	  "Content-Type: application/sdp\r\n",
	  SDP },
	{ "CUCM", INV,
	  VIA FROM TO ID CI
	  "Min-SE:  1800\r\nCisco-Guid: 0012-3456-789\r\n"
	  "Supported: timer,resource-priority,replaces\r\n"
	  "Call-Info: <sip:10.1.1.1:5060>;method=\"NOTIFY;Event=telephone-"
	  "event;Duration=500\"\r\n"
	  "Call-Info: <urn:x-cisco-remotecc:callinfo>;x-cisco-video-traffic-"
	  "class=DESKTOP\r\n"
	  "Session-ID: 00000000000000000000000000000000;remote=6b2c\r\n"
	  "Contact: <sip:1@10.1.1.1:5060>;video;audio;+sip.instance=\"<urn:"
	  "uuid:0-0>\";+u.sip!devicename.ccm.cisco.com=\"SEP00\"\r\n"
	  "Allow-Events: presence, kpml\r\n",
	  "" },
	{ "Polycom", INV,
	  "Via: SIP/2.0/UDP 10.0.0.3;branch=z9hG4bK8a0c6f9DD1F6\r\n"
	  "From: \"Bob \\\"B\\\" O'Neil, Jr.\" <sip:12@h>;tag=4E2B-A1\r\n"
	  "To: <sip:34@h;user=phone>\r\n" ID CI
	  "Contact: <sip:12@10.0.0.3>\r\nAccept-Language: en\r\n"
	  "Alert-Info: <http://127.0.0.1/x>;info=alert-autoanswer\r\n"
	  "Authorization: Digest username=\"12\", realm=\"h\", "
	  "nonce=\"=ab/+\", "
	  "qop=auth, cnonce=\"x\", nc=00000001, opaque=\"\", uri=\"sip:34@h"
	  ";user=phone\", response=\"0\", algorithm=MD5\r\n",
	  "" },
	{ "Yealink", "REGISTER sip:h:5060 SIP/2.0",
	  "Via: SIP/2.0/UDP 10.0.0.4:5060;branch=z9hG4bK1234567890\r\n"
	  "From: \"7\" <sip:7@h:5060>;tag=12345\r\n"
	  "To: \"7\" <sip:7@h:5060>\r\nCall-ID: 0_123@10.0.0.4\r\n"
	  "CSeq: 2 REGISTER\r\n"
	  "Contact: <sip:7@10.0.0.4:5060>;reg-id=1;+sip.instance="
	  "\"<urn:uuid:00000000-0000-1000-8000-805EC0>\"\r\n"
	  "Allow: INVITE, INFO, PRACK, ACK, BYE\r\nMac: 80:5e:c0\r\n",
	  "" },
	{ "Grandstream", INV,
	  VIA FROM TO ID CI
	  "X-Grandstream-PBX: true\r\nP-Early-Media: Supported\r\n"
	  "P-Preferred-Identity: \"G\" <sip:a@example.org>\r\n"
	  "Supported: replaces, path, timer\r\nPrivacy: none\r\n",
	  "" },
	{ "Snom", INV,
	  "Via: SIP/2.0/UDP 10.0.0.5:2048;branch=z9hG4bK-abcdef0123;rport\r\n"
	  "From: \"S\" <sip:a@h>;tag=x1y2\r\nTo: <sip:b@h;user=phone>\r\n"
	  "Call-ID: 3c26700c1adb-lt\r\nCSeq: 1 INVITE\r\n"
	  "Contact: <sip:a@10.0.0.5:2048;line=k2j3>;flow-id=1\r\n"
	  "P-Key-Flags: resolution=\"31x13\", keys=\"4\"\r\n"
	  "Session-Expires: 3600;refresher=uas\r\n",
	  "" },
	{ "FRITZ!Box", OK,
	  "Via: SIP/2.0/UDP 10.0.0.6:5060;rport=5060;branch=z9hG4bK0AB;"
	  "received=10.0.0.6\r\n"
	  "From: \"M\xc3\xbcller, J\xc3\xb6rg\" <sip:a@fritz.box>;tag=F1\r\n"
	  "To: <sip:**610@fritz.box>;tag=2\r\n" ID CI
	  "User-Agent: AVM FRITZ!Box 7590 154.07.57 (Aug 1 2023)\r\n",
	  "" },
	{ "anonymous", INV,
	  VIA "From: \"Anonymous\" "
	      "<sip:anonymous@anonymous.invalid>;tag=as6c\r\n" TO ID CI
	      "Privacy: id\r\nP-Asserted-Identity: <tel:+4930123>\r\n"
	      "P-Asserted-Identity: \"A\" <sip:a@h>\r\n",
	  "" },
	{ "anonymous, no brackets", INV,
	  VIA "From: sip:anonymous@anonymous.invalid;tag=1\r\n" TO ID CI, "" },
	{ "UTF-8, no quotes", INV,
	  VIA "From: J\xc3\xb6rg M\xc3\xbcller <sip:a@h>;tag=1\r\n" TO ID CI,
	  "" },
	{ "FreeSWITCH", INV,
	  "Via: SIP/2.0/UDP 10.0.0.7;rport;branch=z9hG4bKFv1Z3j3rQ7ZtK\r\n"
	  "From: \"Ext. 1000\" <sip:1000@10.0.0.7>;tag=Q5mD4tcZ0t71B\r\n"
	  "To: <sip:gw+x@h;transport=udp>\r\n"
	  "Call-ID: 5f0e1c2d-0000-123b-ab12-0242ac110002\r\n"
	  "CSeq: 64361012 INVITE\r\nX-FS-Support: update_display,send_info\r\n"
	  "Remote-Party-ID: \"E\" <sip:1@h>;party=calling;screen=yes\r\n"
	  "Content-Disposition: session\r\n"
	  "Content-Type: application/sdp\r\n",
	  SDP },
	{ "BroadWorks", INV,
	  "Via:SIP/2.0/UDP 10.0.0.8;branch=z9hG4bKBroadWorks.1m5l2ne-10.1.1.1V"
	  "5060-0-123-456-1\r\n"
	  "From:\"B\"<sip:1@h;user=phone>;tag=123-456-\r\n"
	  "To:<sip:2@h:5060>\r\n"
	  "Call-ID:BW050000123281126-1@10.0.0.8\r\nCSeq:123 INVITE\r\n"
	  "Diversion:\"C\"<sip:3@h;user=phone>;privacy=off;reason=user-busy;"
	  "counter=1\r\n"
	  "Contact:<sip:10.0.0.8:5060>\r\nSupported:\r\n"
	  "Accept:application/media_control+xml,application/sdp\r\n"
	  "Max-Forwards:10\r\nContent-Type:application/sdp\r\n",
	  SDP },
	{ "Metaswitch", INV,
	  "Via: SIP/2.0/UDP 10.0.0.9:5060;branch=z9hG4bK+1a0d+10.1.1.1+1+f\r\n"
	  "From: <sip:+1@h>;tag=10.1.1.1+1+0+1a\r\n" TO
	  "Call-ID: 0gQAAC8WAAACBAAALxYAAC@10.0.0.9\r\n" CI,
	  "" },
	{ "Huawei SBC", INV,
	  "Via: SIP/2.0/UDP 10.0.1.1:5060;branch=z9hG4bKq*1-2-16*ab.1;"
	  "Role=3;Hpt=8e58_16;srti=s1_1\r\n"
	  "From: <sip:+86@h;user=phone>;tag=sbc09*1-2*\r\n" TO
	  "Call-ID: isbcasb$1&[2001:db8::1]\r\n" CI,
	  "" },
	{ "Lync", INV,
	  VIA "From: \"L\"<sip:+1@h;user=phone>;epid=6B2C;tag=4b2\r\n"
	      "To: <sip:+2;ext=3@h;user=phone>\r\n" ID CI
	      "Ms-Conversation-ID: AdY=\r\nHistory-Info: <sip:b@h>;index=1;"
	      "ms-retarget-reason=forwarding\r\n",
	  "" },
	{ "IMS", INV,
	  "Via: SIP/2.0/UDP [2001:db8::5]:5060;branch=z9hG4bK1;alias\r\n"
	  "From: <tel:+15551234>;tag=1\r\nTo: <tel:5678;phone-context=ims.h>"
	  "\r\n" ID CI "Route: <sip:[2001:db8::6]:5060;lr>, <sip:orig@s;lr>\r\n"
	  "P-Charging-Vector: icid-value=\"a;b=c\";orig-ioi=h\r\n"
	  "P-Access-Network-Info: 3GPP-E-UTRAN-FDD; utran-cell-id-3gpp=26\r\n"
	  "Accept-Contact: *;+g.3gpp.icsi-ref=\"urn%3Aurn-7%3A3gpp-service."
	  "ims.icsi.mmtel\"\r\nSecurity-Verify: ipsec-3gpp; alg=hmac-sha-1-96; "
	  "spi-c=1; port-c=2; q=0.1\r\n",
	  "" },
	{ "sips", "INVITE sips:b@example.org SIP/2.0",
	  VIA "From: <sips:a@h>;tag=1\r\nTo: sips:b@example.org\r\n" ID CI,
	  "" },
	{ "tel", "INVITE tel:+1-201-555-0123 SIP/2.0",
	  VIA
	  "From: tel:+1(201)555.0124;tag=1\r\nTo: tel:+1-201-555-0123\r\n" ID
		  CI,
	  "" },
	{ "urn", "INVITE urn:service:sos SIP/2.0",
	  VIA FROM "To: <urn:service:sos>\r\n" ID CI
		   "Geolocation: <cid:t@a.example.org>;inserted-by=\"h\"\r\n",
	  "" },
	{ "STIR", INV,
	  REST CI "Identity: eyJhbGciOiJFUzI1NiJ9.eyJhIjoxfQ.r5mwr_-A;info="
		  "<https://c.example.org/p.pem>;alg=ES256;ppt=\"shaken\"\r\n",
	  "" },
	{ "WebSocket gateway", INV,
	  "Via: SIP/2.0/UDP 10.0.0.1;branch=z9hG4bK1;i=a1\r\n"
	  "Via: SIP/2.0/WSS df7jal23ls0d.invalid;received=192.0.2.9;rport=4;"
	  "branch=z9hG4bK56sdasks\r\n" FROM TO ID CI
	  "Contact: <sip:x@df7jal23ls0d.invalid;transport=ws;ob>\r\n",
	  "" },
	{ "SIP-I", INV,
	  REST CI
	  "MIME-Version: 1.0\r\n"
	  "Content-Type: multipart/mixed; boundary=\"unique-boundary-1\"\r\n",
	  "--unique-boundary-1\r\nContent-Type: application/sdp\r\n\r\n" SDP
	  "--unique-boundary-1\r\nContent-Type: application/ISUP;version=nxv3;"
	  "base=etsi121\r\nContent-Disposition: signal;handling=optional\r\n"
	  "\r\n\x01\x10`\x01\n\x02\x03\r\n--unique-boundary-1--\r\n" },
	{ "multipart, preamble", INV,
	  REST CI "Content-Type: multipart/related;boundary=b1;"
		  "type=\"application/rlmi+xml\";start=\"<a@b>\"\r\n",
	  "preamble\r\n--b1\r\nContent-ID: <a@b>\r\n\r\nx\r\n--b1\r\n\r\n"
	  "y\r\n--b1--\r\nepilogue\r\n" },
	{ "multipart, LF", INV,
	  REST CI "Content-Type: multipart/mixed;boundary=b1\r\n",
	  "--b1\nContent-Type: text/plain\n\nx\n--b1--\n" },
	{ "Q.850", "BYE sip:b@h SIP/2.0",
	  REST
	  "CSeq: 2 BYE\r\nReason: Q.850;cause=16;text=\"Normal, "
	  "clearing\"\r\nReason: SIP;cause=200;text=\"Call completed\"\r\n",
	  "" },
	{ "challenge, RFC 3665", "SIP/2.0 401 Unauthorized",
	  REST CI
	  "WWW-Authenticate: Digest realm=\"h\", qop=\"auth,auth-int\","
	  "\r\n nonce=\"ea9c\", opaque=\"\", stale=FALSE, algorithm=MD5\r\n"
	  "Warning: 399 h \"text, more\"\r\n",
	  "" },
	{ "challenge, AKA", "SIP/2.0 401 Unauthorized",
	  REST CI "WWW-Authenticate: Digest realm=\"h\",nonce=\"a==\","
		  "algorithm=AKAv1-MD5,ik=\"00\",ck=\"00\"\r\n"
		  "Security-Server: ipsec-3gpp;q=0.1;alg=hmac-md5-96\r\n",
	  "" },
	{ "two contacts", OK,
	  REST CI "Contact: <sip:a@h>;q=0.7;expires=3600, \"B\" "
		  "<sip:b@h>;q=0.1\r\nm: sip:c@h\r\n",
	  "" },
	{ "all contacts", "REGISTER sip:h SIP/2.0",
	  REST "CSeq: 1 REGISTER\r\nContact: *\r\nExpires: 0\r\n", "" },
	{ "empty values", OK,
	  REST CI "Subject:\r\nSupported:\r\nAllow: \r\nAccept:\r\n"
		  "Organization:\t\r\nk:\r\nServer:\r\n",
	  "" },
	{ "compact", INV,
	  "v:SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1\r\nf:<sip:a@h>;tag=1\r\n"
	  "t:<sip:b@h>\r\ni:1\r\nCSeq:1 INVITE\r\nm:<sip:a@h>\r\nk:100rel\r\n"
	  "x:1800\r\ns:hi\r\nu:presence\r\nc:application/sdp\r\n",
	  SDP },
	{ "header order", INV,
	  "Content-Type: application/sdp\r\nUser-Agent: x\r\n" CI ID TO FROM
	  "Max-Forwards: 70\r\n" VIA,
	  SDP },
	{ "NOTIFY, sipfrag", "NOTIFY sip:b@h SIP/2.0",
	  REST "CSeq: 3 NOTIFY\r\nEvent: refer;id=2\r\n"
	       "Subscription-State: terminated;reason=noresource\r\n"
	       "Content-Type: message/sipfrag;version=2.0\r\n",
	  "SIP/2.0 200 OK\r\n" },
	{ "MWI", "NOTIFY sip:b@h SIP/2.0",
	  REST "CSeq: 3 NOTIFY\r\nEvent: message-summary\r\n"
	       "Subscription-State: active\r\n"
	       "Content-Type: application/simple-message-summary\r\n",
	  "Messages-Waiting: yes\r\nVoice-Message: 2/0 (0/0)\r\n" },
	{ "REFER", "REFER sip:b@h SIP/2.0",
	  REST
	  "CSeq: 3 REFER\r\nRefer-To: \"C\" <sip:c@h?Replaces=1%40x%3Bto-"
	  "tag%3D2%3Bfrom-tag%3D3>\r\nReferred-By: <sip:a@h>;cid=\"20@h\"\r\n",
	  "" },
	{ "MESSAGE", "MESSAGE sip:b@h SIP/2.0",
	  REST "CSeq: 3 MESSAGE\r\nContent-Type: text/plain;charset=UTF-8\r\n",
	  "gr\xc3\xbc\xc3\x9f\r\n\r\n" },
	{ "Kamailio", INV,
	  "Record-Route: <sip:10.0.0.1;lr=on;ftag=1;did=a.b1;nat=yes>\r\n"
	  "Via: SIP/2.0/UDP 10.0.0.1:5060;branch=z9hG4bK1e5c.0b4a7c5d0.0\r\n"
	  "Via: SIP/2.0/UDP 10.0.0.2:5062;received=192.0.2.9;rport=61234;"
	  "branch=z9hG4bK2\r\n" FROM TO ID CI
	  "Path: <sip:10.0.0.1;lr;received=sip:192.0.2.9:61234%3Btransport%3D"
	  "udp>\r\n",
	  "" },
	{ "SIPp", INV,
	  "Via: SIP/2.0/UDP 10.0.0.2:5060;branch=z9hG4bK-12-1-0\r\n"
	  "From: sipp <sip:sipp@10.0.0.2:5060>;tag=12SIPpTag001\r\n"
	  "To: service <sip:service@10.0.0.3:5060>\r\n"
	  "Call-ID: 1-12@10.0.0.2\r\n" CI "Subject: Performance Test\r\n",
	  "" },
	{ "angle brackets in a display name", INV,
	  VIA "From: \"<sip:x@y>;tag=2\" <sip:a@h>;tag=1\r\n" TO ID CI, "" },
	{ "folded", INV,
	  "Via: SIP/2.0/UDP 192.0.2.1\r\n ;branch=z9hG4bK1\r\n"
	  "From: \"A\"\r\n\t<sip:a@h>\r\n ;tag=1\r\n" TO ID
	  "CSeq: 1\r\n INVITE\r\n",
	  "" },
	{ "Net::SIP", OK,
	  "Call-id: 1c4c21645e63f839fa4afb7d5e9f6e4d\r\n"
	  "From: Alice <sip:alice@tb.example>;tag=a39fb67910a5955b\r\n"
	  "To: sip:bob@tb.example;tag=8c8b8b9f68d78a37\r\n"
	  "Via: SIP/2.0/UDP 10.77.0.2;branch=z9hG4bK34f8.f988.1\r\n"
	  "Cseq: 3 INVITE\r\nContact: sip:bob@10.77.2.2:5060\r\n",
	  "" },
	{ "sip.js of npm", INV,
	  "Via: SIP/2.0/UDP 10.77.1.2:5060;branch=z9hG4bK438128;rport\r\n"
	  "To:  <sip:bob@tb.example>\r\n"
	  "From: \"alice O'Neil, Jr.\" <sip:alice@tb.example>;tag=f5\r\n" ID CI
	  "Contact:  <sip:alice@10.77.1.2:5060>\r\n"
	  "Route:  <sip:10.77.0.2:5060;lr>\r\n",
	  "" },
	{ "sofia-sip", "OPTIONS sip:b@10.77.2.2 SIP/2.0",
	  "Via: SIP/2.0/UDP 10.77.0.66:5060;rport;branch=z9hG4bKFD5e2F4tB\r\n"
	  "From: sip:[fd77::66];tag=XUr5Q9S9pjvmB\r\nTo: sip:b@10.77.2.2\r\n"
	  "Call-ID: 2a0f2b7c-46f1-123f\r\nCSeq: 27018370 OPTIONS\r\n"
	  "Contact: <sip:10.77.0.66:5060>\r\n",
	  "" },
	{ "sipsak", "OPTIONS sip:bob@10.77.2.2:5060 SIP/2.0",
	  "Via: SIP/2.0/UDP 127.0.0.1:40943;branch=z9hG4bK.5d1e;rport;alias\r\n"
	  "From: sip:sipsak@127.0.0.1:40943;tag=3e181d9\r\n"
	  "To: sip:bob@10.77.2.2:5060\r\nCall-ID: 65110059@127.0.0.1\r\n"
	  "CSeq: 1 OPTIONS\r\nContact: sip:sipsak@127.0.0.1:40943\r\n",
	  "" },
	{ "Teams SBC", INV,
	  "FROM: \"A B\"<sip:+1@sbc.example.com:5061;user=phone>;tag=3e2\r\n"
	  "TO: <sip:+2@sip.pstnhub.example.com:5061;user=phone>\r\n"
	  "CSEQ: 1 INVITE\r\nCALL-ID: ba1a6b5ee2ee49d19b0a\r\n"
	  "MAX-FORWARDS: 70\r\n"
	  "VIA: SIP/2.0/TLS 52.114.75.24:5061;branch=z9hG4bKf4f9b9f6\r\n"
	  "RECORD-ROUTE: <sip:sip-du-a-eu.example.com:5061;transport=tls;lr>"
	  "\r\n"
	  "CONTACT: <sip:api-du-a-euwe.example.com:443;x-i=ba1a;x-c=dd38/d/8/"
	  "26cd>\r\nMIN-SE: 300\r\nHISTORY-INFO: <sip:+2@h>;index=0;rc=0\r\n"
	  "USER-AGENT: Microsoft.PSTNHub.SIPProxy v.2021.4.1.3 i.EUWE.8\r\n"
	  "CONTENT-TYPE: application/sdp\r\n",
	  SDP },
	{ "Lync, NTLM", "SIP/2.0 401 Unauthorized",
	  REST CI
	  "WWW-Authenticate: NTLM realm=\"SIP Communications Service\", "
	  "targetname=\"l.example.com\", version=4\r\n"
	  "WWW-Authenticate: TLS-DSK realm=\"SIP Communications Service\", "
	  "targetname=\"l.example.com\", version=4, sts-uri=\"https://x/y\"\r\n"
	  "WWW-Authenticate: Negotiate\r\n",
	  "" },
	{ "challenges, RFC 8760", "SIP/2.0 407 Proxy Authentication Required",
	  REST CI "Proxy-Authenticate: Digest realm=\"h\", nonce=\"a\", "
		  "algorithm=SHA-512-256, qop=\"auth\"\r\n"
		  "Proxy-Authenticate: Digest realm=\"h\", nonce=\"a\", "
		  "algorithm=SHA-256, qop=\"auth\", userhash=true\r\n"
		  "Proxy-Authenticate: Bearer authz_server=\"https://a/\"\r\n",
	  "" },
	{ "bearer", "REGISTER sip:h.example SIP/2.0",
	  REST
	  "CSeq: 1 REGISTER\r\nAuthorization: Bearer eyJh.eyJz.dQ-_~+/==\r\n"
	  "Contact: <sip:a@h>;+sip.ice;expires=600\r\n",
	  "" },
	{ "Zoiper", INV,
	  "Via: SIP/2.0/UDP 10.0.0.2:40582;branch=z9hG4bK-524287-1---a0c7f4;"
	  "rport\r\nContact: <sip:a@10.0.0.2:40582;transport=UDP>\r\n"
	  "To: <sip:b@h;transport=UDP>\r\n"
	  "From: <sip:a@h;transport=UDP>;tag=b0a0714c\r\n"
	  "Call-ID: mFcmMkYXw3QMUfGoSuNwRg..\r\n" CI
	  "Allow-Events: presence, kpml, talk\r\n",
	  "" },
	{ "Jitsi", INV,
	  "Call-ID: 1c2b0f9d8e@0:0:0:0:0:0:0:0\r\nCSeq: 1 INVITE\r\n"
	  "From: \"J\" <sip:a@h>;tag=a1b2\r\n" TO
	  "Via: SIP/2.0/UDP 10.0.0.3:5060;branch=z9hG4bK-313834-"
	  "0c1a2b3c4d5e6f\r\nContact: \"J\" <sip:a@10.0.0.3:5060;transport=udp;"
	  "registering_acc=h>\r\nContent-Type: application/sdp\r\n",
	  SDP },
	{ "Asterisk, chan_sip", "NOTIFY sip:b@10.0.0.2:5060 SIP/2.0",
	  "Via: SIP/2.0/UDP 10.0.0.1:5060;branch=z9hG4bK3b2a;rport\r\n"
	  "From: \"asterisk\" <sip:asterisk@10.0.0.1>;tag=as4d7e\r\n" TO
	  "Call-ID: 3a3f@10.0.0.1:5060\r\nCSeq: 102 NOTIFY\r\n"
	  "Event: message-summary\r\n"
	  "Content-Type: application/simple-message-summary\r\n",
	  "Messages-Waiting: no\r\nVoice-Message: 0/0 (0/0)\r\n" },
	{ "Asterisk, pjsip",
	  "OPTIONS sip:b@10.0.0.2:5060;x-ast-orig-host=h "
	  "SIP/2.0",
	  "Via: SIP/2.0/UDP 10.0.0.1:5060;rport;branch=z9hG4bKPj1e0a-4f\r\n"
	  "From: <sip:b@10.0.0.1>;tag=6c5d-4b\r\nTo: <sip:b@10.0.0.2>\r\n"
	  "Contact: <sip:b@10.0.0.1:5060>\r\nCall-ID: 0f1e2d3c-4b5a\r\n"
	  "CSeq: 40327 OPTIONS\r\n",
	  "" },
	{ "geolocation", INV,
	  REST CI "Geolocation: <cid:a@h>\r\nGeolocation-Routing: yes\r\n"
		  "Content-Type: multipart/mixed; boundary=\"b=_1\"\r\n",
	  "--b=_1\r\nContent-Type: application/sdp\r\n\r\n" SDP
	  "\r\n--b=_1\r\nContent-Type: application/pidf+xml\r\n"
	  "Content-ID: <a@h>\r\n\r\n<?xml version=\"1.0\"?>\r\n<presence "
	  "xmlns=\"urn:ietf:params:xml:ns:pidf\"/>\r\n--b=_1--\r\n" },
	{ "HTAB", INV,
	  "Via:\tSIP/2.0/UDP\t192.0.2.1\t;\tbranch=z9hG4bK1\r\n"
	  "From:\t\"A\"\t<sip:a@h>\t;\ttag=1\r\nTo:\t<sip:b@h>\r\n"
	  "Call-ID:\t1@x\r\nCSeq:\t1\tINVITE\r\nMax-Forwards:\t70\r\n",
	  "" },
};

static enum sip_fault read_phone(const struct phone *p, bool length)
{
	int n = snprintf(text, sizeof(text), "%s\r\n%s", p->start, p->rows);
	size_t len = (size_t)n;

	if (length)
		len += (size_t)snprintf(text + len, sizeof(text) - len,
					"Content-Length: %zu\r\n",
					strlen(p->body));
	len += (size_t)snprintf(text + len, sizeof(text) - len, "\r\n%s",
				p->body);
	assert_true(len < sizeof(text));
	return sipmsg_read(&m, span_make(text, len), true);
}

/* With Content-Length, and without (RFC 3261 section 20.14: UDP may). */
static void test_phones(void **state)
{
	unsigned int bad = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(phones) / sizeof(phones[0]); i++) {
		for (int length = 0; length < 2; length++) {
			enum sip_fault f = read_phone(&phones[i], length);

			if (f == SIP_OK &&
			    span_eq(m.body, span_str(phones[i].body)))
				continue;
			bad++;
			print_error("%s: %s\n", phones[i].who,
				    sip_fault_name(f));
		}
	}
	assert_int_equal(bad, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_phones),
	};

	sipmsg_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}

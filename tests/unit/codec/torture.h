/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The messages of RFC 4475 (SIP torture tests), by its sections. Written down
 * from the RFC's description; bodies are shorter than there where their content
 * does not matter, and Content-Length is what it is here (%s in a text stands
 * for the length of the body that follows).
 */
#ifndef TESTS_TORTURE_H
#define TESTS_TORTURE_H

#define SDP_ROWS                                                               \
	"v=0\r\no=mhandley 29739 7272939 IN IP4 192.0.2.3\r\ns=-\r\n"          \
	"c=IN IP4 192.0.2.4\r\nt=0 0\r\nm=audio 49217 RTP/AVP 0 12\r\n"        \
	"m=video 3227 RTP/AVP 31\r\na=rtpmap:31 LPC\r\n"

struct torture {
	const char *section, *name;
	enum sip_fault fault; /* what we say of it */
	bool valid;	      /* what RFC 4475 says of its syntax */
	const char *head;
	const char *body;
	size_t body_len; /* 0: a string */
};

#define T10  "aaaaaaaaaa"
#define T100 T10 T10 T10 T10 T10 T10 T10 T10 T10 T10

static const struct torture torture[] = {
	/* ---- 3.1.1: valid ---- */
	{ "3.1.1.1", "wsinv", SIP_OK, true,
	  "INVITE sip:vivekg@chair-dnrc.example.com;unknownparam SIP/2.0\r\n"
	  "TO :\r\n sip:vivekg@chair-dnrc.example.com ;   tag    = "
	  "1918181833n\r\n"
	  "from   : \"J Rosenberg \\\\\\\"\"       "
	  "<sip:jdrosen@example.com>\r\n  ;\r\n  tag = 98asjd8\r\n"
	  "MaX-fOrWaRdS: 0068\r\n"
	  "Call-ID: wsinv.ndaksdj@192.0.2.1\r\n"
	  "Content-Length   : %zu\r\n"
	  "cseq: 0009\r\n  INVITE\r\n"
	  "Via  : SIP  /   2.0\r\n /UDP\r\n    192.0.2.2;branch=390skdjuw\r\n"
	  "s :\r\n"
	  "NewFangledHeader:   newfangled value\r\n continued newfangled "
	  "value\r\n"
	  "UnknownHeaderWithUnusualValue: ;;,,;;,;\r\n"
	  "Content-Type: application/sdp\r\n"
	  "Route:\r\n <sip:services.example.com;lr;unknownwith=value;"
	  "unknown-no-value>\r\n"
	  "v:  SIP  / 2.0  / TCP     spindle.example.com   ;\r\n  branch  =   "
	  "z9hG4bK9ikj8  ,\r\n SIP  /    2.0   / UDP  192.168.255.111   ; "
	  "branch=\r\n z9hG4bK30239\r\n"
	  "m:\"Quoted string \\\"\\\"\" <sip:jdrosen@example.com> ; newparam "
	  "=\r\n      newvalue ;\r\n  secondparam ; q = 0.33\r\n\r\n",
	  SDP_ROWS, 0 },
	{ "3.1.1.2", "intmeth", SIP_FAULT_CONTROL, true, /* NUL in To */
	  "!interesting-Method0123456789_*+`.%%indeed'~ "
	  "sip:1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*:&it+has=1,"
	  "weird!*pas$wo~d_too.(doesn't-it)@example.com SIP/2.0\r\n"
	  "Via: SIP/2.0/TCP "
	  "host1.example.com;branch=z9hG4bK-.!%%66*_+`'~\r\n"
	  "To: \"BEL:\\\x07 NUL:\\%c DEL:\\\x7f\" "
	  "<sip:1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*@"
	  "example.com>\r\n"
	  "From: token1~` token2'+_ token3*%%!.- <sip:mundane@example.com>"
	  ";fromParam''~+*_!.-%%=\"\xd1\x80\xd0\xb0\xd0\xb1\";tag=_token~1'+"
	  "`*%%!-.\r\n"
	  "Call-ID: intmeth.word%%ZK-!.*_+'@word`~)(><:\\/\"][?}{\r\n"
	  "CSeq: 139122385 !interesting-Method0123456789_*+`.%%indeed'~\r\n"
	  "Max-Forwards: 255\r\n"
	  "extensionHeader-!.%%*+_`'~:\xef\xbb\xbf\xe5\xa4\xa7\r\n"
	  "Content-Length: 0\r\n\r\n",
	  "", 0 },
	{ "3.1.1.3", "esc01", SIP_OK, true,
	  "INVITE sip:sips%%3Auser%%40example.com@example.net SIP/2.0\r\n"
	  "To: sip:%%75se%%72@example.com\r\n"
	  "From: <sip:I%%20have%%20spaces@example.net>;tag=938\r\n"
	  "Max-Forwards: 87\r\n"
	  "i: esc01.239409asdfakjkn23onasd0-3234\r\n"
	  "CSeq: 234234 INVITE\r\n"
	  "Via: SIP/2.0/UDP host5.example.net;branch=z9hG4bKkdjuw\r\n"
	  "C: application/sdp\r\n"
	  "Contact: <sip:cal%%6Cer@host5.example.net;%%6C%%72;n%%61me=v%%61lue"
	  "%%25%%34%%31>\r\n"
	  "Content-Length: %zu\r\n\r\n",
	  SDP_ROWS, 0 },
	{ "3.1.1.4", "escnull", SIP_OK, true,
	  "REGISTER sip:example.com SIP/2.0\r\n"
	  "To: sip:null-%%00-null@example.com\r\n"
	  "From: sip:null-%%00-null@example.com;tag=839923423\r\n"
	  "Max-Forwards: 70\r\n"
	  "Call-ID: escnull.39203ndfvkjdasfkq3w4otrq0adsfdfnavd\r\n"
	  "CSeq: 14398234 REGISTER\r\n"
	  "Via: SIP/2.0/UDP host5.example.com;branch=z9hG4bKkdjuw\r\n"
	  "Contact: <sip:%%00@host5.example.com>\r\n"
	  "Contact: <sip:%%00%%00@host5.example.com>\r\n"
	  "L:0\r\n\r\n",
	  "", 0 },
	{ "3.1.1.5", "esc02", SIP_OK, true,
	  "RE%%47IST%%45R sip:registrar.example.com SIP/2.0\r\n"
	  "To: \"%%Z%%45\" <sip:resource@example.com>\r\n"
	  "From: \"%%Z%%45\" <sip:resource@example.com>;tag=f232jadfj23\r\n"
	  "Call-ID: esc02.asdfnqwo34rq23i34jrjasdcnl23nrlknsdf\r\n"
	  "Via: SIP/2.0/TCP host.example.com;branch=z9hG4bK209%%fzsnel234\r\n"
	  "CSeq: 29344 RE%%47IST%%45R\r\n"
	  "Max-Forwards: 70\r\n"
	  "Contact: <sip:alias1@host1.example.com>\r\n"
	  "C%%6Fntact: <sip:alias2@host2.example.com>\r\n"
	  "Contact: <sip:alias3@host3.example.com>\r\n"
	  "l: 0\r\n\r\n",
	  "", 0 },
	{ "3.1.1.6", "lwsdisp", SIP_OK, true,
	  "OPTIONS sip:user@example.com SIP/2.0\r\n"
	  "To: sip:user@example.com\r\n"
	  "From: caller<sip:caller@example.com>;tag=323\r\n"
	  "Max-Forwards: 70\r\n"
	  "Call-ID: lwsdisp.1234abcd@funky.example.com\r\n"
	  "CSeq: 60 OPTIONS\r\n"
	  "Via: SIP/2.0/UDP funky.example.com;branch=z9hG4bKkdjuw\r\n"
	  "l: 0\r\n\r\n",
	  "", 0 },
	{ "3.1.1.7", "longreq", SIP_OK, true,
	  "INVITE sip:user@example.com SIP/2.0\r\n"
	  "To: \"I have a user name of extreme" T100 " proportion\""
	  "<sip:user@example.com:6000;unknownparam1=very" T100 "longvalue;"
	  "longparam" T100 "name=shortvalue;very" T100 "long=" T100 ">\r\n"
	  "F: sip:amazinglylongcallername" T100 "@example.net;tag=12" T100
	  "982424;unknownheaderparam" T100 "name=unknowheaderparamvalue;"
	  "unknown=" T100 ";un" T100 "\r\n"
	  "Call-ID: longreq.one" T100 "longcallid\r\n"
	  "CSeq: 3882340 INVITE\r\n"
	  "Unknown-" T100 "-Header: unknown-" T100 "-value; unknown-" T100
	  "-parameter-name = unknown-" T100 "-parameter-value\r\n"
	  "Via: SIP/2.0/TCP sip33.example.com\r\n"
	  "v: SIP/2.0/TCP sip32.example.com\r\n"
	  "V: SIP/2.0/TCP sip31.example.com\r\n"
	  "Via: SIP/2.0/TCP sip30.example.com, SIP/2.0/TCP "
	  "sip29.example.com\r\n"
	  "v: SIP/2.0/TCP sip28.example.com,\r\n SIP/2.0/TCP "
	  "sip27.example.com\r\n"
	  "VIA: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK" T100 "\r\n"
	  "Max-Forwards: 70\r\n"
	  "Contact: <sip:amazinglylongcallername" T100 "@host5.example.net>\r\n"
	  "Content-Type: application/sdp\r\n"
	  "l: %zu\r\n\r\n",
	  SDP_ROWS, 0 },
	/* a second message behind the first: ours to refuse */
	{ "3.1.1.8", "dblreq", SIP_FAULT_SURPLUS, true,
	  "REGISTER sip:example.com SIP/2.0\r\n"
	  "To: sip:j.user@example.com\r\n"
	  "From: sip:j.user@example.com;tag=43251j3j324\r\n"
	  "Max-Forwards: 8\r\n"
	  "I: dblreq.0ha0isndaksdj99sdfafnl3lk233412\r\n"
	  "Contact: sip:j.user@host.example.com\r\n"
	  "CSeq: 8 REGISTER\r\n"
	  "Via: SIP/2.0/UDP 192.0.2.125;branch=z9hG4bKkdjuw23492\r\n"
	  "Content-Length: 0\r\n\r\n",
	  "INVITE sip:joe@example.com SIP/2.0\r\n", 0 },
	{ "3.1.1.9", "semiuri", SIP_OK, true,
	  "OPTIONS sip:user;par=u%%40example.net@example.com SIP/2.0\r\n"
	  "To: sip:j_user@example.com\r\n"
	  "From: sip:caller@example.org;tag=33242\r\n"
	  "Max-Forwards: 3\r\n"
	  "Call-ID: semiuri.0ha0isndaksdj\r\n"
	  "CSeq: 8 OPTIONS\r\n"
	  "Accept: application/sdp, application/pkcs7-mime,\r\n"
	  "        multipart/mixed, multipart/signed,\r\n"
	  "        message/sip, message/sipfrag\r\n"
	  "Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKkdjuw\r\n"
	  "l: 0\r\n\r\n",
	  "", 0 },
	{ "3.1.1.10", "transports", SIP_OK, true,
	  "OPTIONS sip:user@example.com SIP/2.0\r\n"
	  "To: sip:user@example.com\r\n"
	  "From: <sip:caller@example.com>;tag=323\r\n"
	  "Max-Forwards: 70\r\n"
	  "Call-ID: transports.kijh4akdnaqjkwendsasfdj\r\n"
	  "Accept: application/sdp\r\n"
	  "CSeq: 60 OPTIONS\r\n"
	  "Via: SIP/2.0/UDP t1.example.com;branch=z9hG4bKkdjuw\r\n"
	  "Via: SIP/2.0/SCTP t2.example.com;branch=z9hG4bKklasjdhf\r\n"
	  "Via: SIP/2.0/TLS t3.example.com;branch=z9hG4bK2980unddj\r\n"
	  "Via: SIP/2.0/UNKNOWN t4.example.com;branch=z9hG4bKasd0f3en\r\n"
	  "Via: SIP/2.0/TCP t5.example.com;branch=z9hG4bK0a9idfnee\r\n"
	  "l: 0\r\n\r\n",
	  "", 0 },
	{ "3.1.1.11", "mpart01", SIP_OK, true,
	  "MESSAGE sip:kumiko@example.org SIP/2.0\r\n"
	  "Via: SIP/2.0/UDP 127.0.0.1:5070;branch=z9hG4bK-d87543-4dade06d0bdb11"
	  "ee-1--d87543-;rport\r\n"
	  "Max-Forwards: 70\r\n"
	  "Route: <sip:127.0.0.1:5080>\r\n"
	  "Identity: r5mwreLuyDRYBi/0TiPwEsY3rEVsk/G2WxhgTV1PF7hHuLIK0YWVKZ"
	  "hKv9Mj8UeXqkMVbnVq37CD+813gvYjcBUaZngQmXc9WNZSDNGCzA+fWl9MEUHW"
	  "Io1CeJebdY/XlgKeTa0Olvq0rt70Q5jiSfbqMJmQFteeivUhkMWYUA=\r\n"
	  "Contact: <sip:fluffy@127.0.0.1:5070>\r\n"
	  "To: <sip:kumiko@example.org>\r\n"
	  "From: <sip:fluffy@example.com>;tag=2fb0dcc9\r\n"
	  "Call-ID: 3d9485ad0c49859b@Zmx1ZmZ5LW1hYy0xNi5sb2NhbA..\r\n"
	  "CSeq: 1 MESSAGE\r\n"
	  "Content-Transfer-Encoding: binary\r\n"
	  "Content-Type: multipart/mixed;boundary=7a9cbec02ceef655\r\n"
	  "Date: Sat, 15 Oct 2005 04:44:56 GMT\r\n"
	  "User-Agent: SIPimp.org/0.2.5 (curses)\r\n"
	  "Content-Length: %zu\r\n\r\n",
	  "--7a9cbec02ceef655\r\n"
	  "Content-Type: text/plain\r\n"
	  "Content-Transfer-Encoding: binary\r\n\r\n"
	  "Hello\r\n--7a9cbec02ceef655\r\n"
	  "Content-Type: application/octet-stream\r\n"
	  "Content-Transfer-Encoding: binary\r\n\r\n"
	  "0\x82\x01R\x06\x09*\x86H\x86\xf7\x0d\x01\x00\x07\x02\xa0\x82\x01"
	  "\r\n--7a9cbec02ceef655--\r\n",
	  sizeof("--7a9cbec02ceef655\r\n"
		 "Content-Type: text/plain\r\n"
		 "Content-Transfer-Encoding: binary\r\n\r\n"
		 "Hello\r\n--7a9cbec02ceef655\r\n"
		 "Content-Type: application/octet-stream\r\n"
		 "Content-Transfer-Encoding: binary\r\n\r\n"
		 "0\x82\x01R\x06\x09*\x86H\x86\xf7\x0d\x01\x00\x07\x02\xa0\x82"
		 "\x01\r\n--7a9cbec02ceef655--\r\n") -
		  1 },
	{ "3.1.1.12", "unreason", SIP_OK, true,
	  "SIP/2.0 200 = 2**3 * 5**2 "
	  "\xd0\xbd\xd0\xbe \xd1\x81\xd1\x82\xd0\xbe\r\n"
	  "Via: SIP/2.0/UDP 192.0.2.198;branch=z9hG4bK1324923\r\n"
	  "Call-ID: unreason.1234ksdfak3j2erwedfsASdf\r\n"
	  "CSeq: 35 INVITE\r\n"
	  "From: sip:user@example.com;tag=11141343\r\n"
	  "To: sip:user@example.edu;tag=2229\r\n"
	  "Content-Length: %zu\r\n"
	  "Content-Type: application/sdp\r\n"
	  "Contact: <sip:user@host198.example.com>\r\n\r\n",
	  SDP_ROWS, 0 },
	{ "3.1.1.13", "noreason", SIP_OK, true,
	  "SIP/2.0 100 \r\n"
	  "Via: SIP/2.0/UDP 192.0.2.105;branch=z9hG4bK2398ndaoe\r\n"
	  "Call-ID: noreason.asndj203insdf99223ndf\r\n"
	  "CSeq: 35 INVITE\r\n"
	  "From: <sip:user@example.com>;tag=39ansfi3\r\n"
	  "To: <sip:user@example.edu>;tag=902jndnke3\r\n"
	  "Content-Length: 0\r\n"
	  "Contact: <sip:user@host105.example.com>\r\n\r\n",
	  "", 0 },

/* ---- 3.1.2: invalid ---- */
#define COMMON                                                                 \
	"Call-ID: torture.0ha0isndaksdj\r\nMax-Forwards: 70\r\n"               \
	"Via: SIP/2.0/UDP 192.0.2.15;branch=z9hG4bKkdjuw\r\n"
#define PARTIES                                                                \
	"From: sip:caller@example.net;tag=134161461246\r\n"                    \
	"To: sip:user@example.com\r\n"
	{ "3.1.2.1", "badinv01", SIP_FAULT_FIELD, false,
	  "INVITE sip:user@example.com SIP/2.0\r\n"
	  "To: sip:j.user@example.com\r\n"
	  "From: sip:caller@example.net;tag=134161461246\r\n"
	  "Max-Forwards: 7\r\n"
	  "Call-ID: badinv01.0ha0isndaksdjasdf3234nas\r\n"
	  "CSeq: 8 INVITE\r\n"
	  "Via: SIP/2.0/UDP 192.0.2.15;;,;,,\r\n"
	  "Contact: \"Joe\" <sip:joe@example.org>;;;;\r\n"
	  "Content-Length: %zu\r\nContent-Type: application/sdp\r\n\r\n",
	  SDP_ROWS, 0 },
	{ "3.1.2.2", "clerr", SIP_FAULT_LENGTH, false,
	  "INVITE sip:user@example.com SIP/2.0\r\n" PARTIES COMMON
	  "CSeq: 8 INVITE\r\nContent-Type: application/sdp\r\n"
	  "Content-Length: 9999\r\n\r\n",
	  SDP_ROWS, 0 },
	{ "3.1.2.3", "ncl", SIP_FAULT_LENGTH, false,
	  "INVITE sip:user@example.com SIP/2.0\r\n" PARTIES COMMON
	  "CSeq: 8 INVITE\r\nContent-Type: application/sdp\r\n"
	  "Content-Length: -999\r\n\r\n",
	  SDP_ROWS, 0 },
	{ "3.1.2.4", "scalar02", SIP_FAULT_FIELD, false,
	  "REGISTER sip:example.com SIP/2.0\r\n"
	  "Via: SIP/2.0/TCP host129.example.com;branch=z9hG4bK342sdfoi3\r\n"
	  "To: <sip:user@example.com>\r\n"
	  "From: <sip:user@example.com>;tag=239232jh3\r\n"
	  "CSeq: 36893488147419103232 REGISTER\r\n"
	  "Call-ID: scalar02.23o0pd9vanlq3wnrlnewofjas9ui32\r\n"
	  "Max-Forwards: 300\r\n"
	  "Expires: 1" T10 "\r\n"
	  "Contact: <sip:user@host129.example.com>\r\n  "
	  ";expires=280297596632815\r\n"
	  "Content-Length: 0\r\n\r\n",
	  "", 0 },
	{ "3.1.2.5", "scalarlg", SIP_FAULT_FIELD, false,
	  "SIP/2.0 503 Service Unavailable\r\n"
	  "Via: SIP/2.0/TCP host129.example.com;branch=z9hG4bKzzxdiwo34sw\r\n"
	  "To: <sip:user@example.com>\r\n"
	  "From: <sip:other@example.net>;tag=2easdjfejw\r\n"
	  "CSeq: 9292394834772304023312 OPTIONS\r\n"
	  "Call-ID: scalarlg.noase0of0234hn2qofoaf0232aewf2394r\r\n"
	  "Retry-After: 949302838503028349304023988\r\n"
	  "Warning: 1812 overture \"In Progress\"\r\n"
	  "Content-Length: 0\r\n\r\n",
	  "", 0 },
	{ "3.1.2.6", "quotbal", SIP_FAULT_FIELD, false,
	  "INVITE sip:user@example.com SIP/2.0\r\n"
	  "To: \"Mr. J. User <sip:j.user@example.com>\r\n"
	  "From: sip:caller@example.net;tag=93334\r\n" COMMON
	  "CSeq: 8 INVITE\r\nContent-Length: 0\r\n\r\n",
	  "", 0 },
	{ "3.1.2.7", "ltgtruri", SIP_FAULT_START_LINE, false,
	  "INVITE <sip:user@example.com> SIP/2.0\r\n" PARTIES COMMON
	  "CSeq: 8 INVITE\r\nContent-Length: 0\r\n\r\n",
	  "", 0 },
	{ "3.1.2.8", "lwsruri", SIP_FAULT_START_LINE, false,
	  "INVITE sip:user@example.com; lr SIP/2.0\r\n" PARTIES COMMON
	  "CSeq: 8 INVITE\r\nContent-Length: 0\r\n\r\n",
	  "", 0 },
	{ "3.1.2.9", "lwsstart", SIP_FAULT_START_LINE, false,
	  "INVITE  sip:user@example.com  SIP/2.0\r\n" PARTIES COMMON
	  "CSeq: 8 INVITE\r\nContent-Length: 0\r\n\r\n",
	  "", 0 },
	{ "3.1.2.10", "trws", SIP_FAULT_START_LINE, false,
	  "OPTIONS sip:remote-target@example.com SIP/2.0  \r\n" PARTIES COMMON
	  "CSeq: 8 OPTIONS\r\nContent-Length: 0\r\n\r\n",
	  "", 0 },
	/* headers in a Request-URI: read as they stand, and not covered */
	{ "3.1.2.11", "escruri", SIP_OK, false,
	  "INVITE sip:user@example.com?Route=%%3Csip:example.com%%3E "
	  "SIP/2.0\r\n" PARTIES COMMON
	  "CSeq: 8 INVITE\r\nContent-Length: 0\r\n\r\n",
	  "", 0 },
	/* the time zone of a Date is nothing that is gone by */
	{ "3.1.2.12", "baddate", SIP_OK, false,
	  "INVITE sip:user@example.com SIP/2.0\r\n" PARTIES COMMON
	  "Date: Fri, 01 Jan 2010 16:00:00 EST\r\n"
	  "CSeq: 8 INVITE\r\nContent-Length: 0\r\n\r\n",
	  "", 0 },
	/* a registrar's affair; covered by the signature as it stands */
	{ "3.1.2.13", "regbadct", SIP_OK, false,
	  "REGISTER sip:example.com SIP/2.0\r\n" PARTIES COMMON
	  "Contact: sip:user@example.com?Route=%%3Csip:sip.example.com%%3E\r\n"
	  "CSeq: 8 REGISTER\r\nContent-Length: 0\r\n\r\n",
	  "", 0 },
	{ "3.1.2.14", "badaspec", SIP_FAULT_FIELD, false,
	  "OPTIONS sip:user@example.org SIP/2.0\r\n"
	  "Via: SIP/2.0/UDP host4.example.com:5060;branch=z9hG4bKkdju43234\r\n"
	  "Max-Forwards: 70\r\n"
	  "From: \"Bell, Alexander\" <sip:a.g.bell@example.com>;tag=433423\r\n"
	  "To: \"Watson, Thomas\" < sip:t.watson@example.org >\r\n"
	  "Call-ID: badaspec.sdf0234n2nds0a099u23h3hnnw009cdkne3\r\n"
	  "Accept: application/sdp\r\n"
	  "CSeq: 3923239 OPTIONS\r\nl: 0\r\n\r\n",
	  "", 0 },
	{ "3.1.2.15", "baddn", SIP_FAULT_FIELD, false,
	  "OPTIONS sip:t.watson@example.org SIP/2.0\r\n"
	  "Via: SIP/2.0/UDP c.example.com:5060;branch=z9hG4bKkdjuw\r\n"
	  "Max-Forwards: 70\r\n"
	  "From: Bell, Alexander <sip:a.g.bell@example.com>;tag=43\r\n"
	  "To: Watson, Thomas <sip:t.watson@example.org>\r\n"
	  "Call-ID: baddn.31415@c.example.com\r\n"
	  "Accept: application/sdp\r\n"
	  "CSeq: 3923239 OPTIONS\r\nl: 0\r\n\r\n",
	  "", 0 },
	{ "3.1.2.16", "badvers", SIP_FAULT_VERSION, false,
	  "OPTIONS sip:t.watson@example.org SIP/7.0\r\n"
	  "Via: SIP/7.0/UDP c.example.com;branch=z9hG4bKkdjuw\r\n" PARTIES
	  "Call-ID: badvers.31417@c.example.com\r\n"
	  "CSeq: 1 OPTIONS\r\nl: 0\r\n\r\n",
	  "", 0 },
	{ "3.1.2.17", "mismatch01", SIP_FAULT_CSEQ_METHOD, false,
	  "OPTIONS sip:user@example.com SIP/2.0\r\n" PARTIES COMMON
	  "CSeq: 8 INVITE\r\nContent-Length: 0\r\n\r\n",
	  "", 0 },
	{ "3.1.2.18", "mismatch02", SIP_FAULT_CSEQ_METHOD, false,
	  "NEWMETHOD sip:user@example.com SIP/2.0\r\n" PARTIES COMMON
	  "CSeq: 8 INVITE\r\nContent-Type: application/sdp\r\nl: %zu\r\n\r\n",
	  SDP_ROWS, 0 },
	{ "3.1.2.19", "bigcode", SIP_FAULT_START_LINE, false,
	  "SIP/2.0 4294967301 better not break the receiver\r\n" PARTIES COMMON
	  "CSeq: 353494 INVITE\r\nContent-Length: 0\r\n\r\n",
	  "", 0 },

	/* ---- 3.2, 3.3: well formed, and somebody else's affair ---- */
	{ "3.2.1", "badbranch", SIP_OK, true,
	  "OPTIONS sip:user@example.com SIP/2.0\r\n"
	  "To: sip:user@example.com\r\n"
	  "From: sip:caller@example.org;tag=33242\r\n"
	  "Max-Forwards: 3\r\n"
	  "Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK\r\n"
	  "Accept: application/sdp\r\n"
	  "Call-ID: badbranch.sadonfo23i420jv0as0derf3j3n\r\n"
	  "CSeq: 8 OPTIONS\r\nl: 0\r\n\r\n",
	  "", 0 },
	{ "3.3.1", "insuf", SIP_FAULT_MISSING, false,
	  "INVITE sip:user@example.com SIP/2.0\r\n"
	  "CSeq: 193942 INVITE\r\n"
	  "Via: SIP/2.0/UDP 192.0.2.95;branch=z9hG4bKkdj.insuf\r\n"
	  "Content-Type: application/sdp\r\nl: %zu\r\n\r\n",
	  SDP_ROWS, 0 },
	{ "3.3.2", "unkscm", SIP_OK, true,
	  "OPTIONS nobodyKnowsThisScheme:totallyopaquecontent "
	  "SIP/2.0\r\n" PARTIES COMMON
	  "CSeq: 8 OPTIONS\r\nContent-Length: 0\r\n\r\n",
	  "", 0 },
	/* osip2 refuses the dot in the scheme */
	{ "3.3.3", "novelsc", SIP_FAULT_PARSER, true,
	  "OPTIONS soap.beep://192.0.2.103:3002 SIP/2.0\r\n" PARTIES COMMON
	  "CSeq: 8 OPTIONS\r\nContent-Length: 0\r\n\r\n",
	  "", 0 },
	{ "3.3.4", "unksm2", SIP_OK, true,
	  "REGISTER sip:example.com SIP/2.0\r\n"
	  "To: isbn:2983792873\r\n"
	  "From: <http://www.example.com>;tag=3234233\r\n" COMMON
	  "CSeq: 234902 REGISTER\r\n"
	  "Contact: <name:John_Smith>\r\nl: 0\r\n\r\n",
	  "", 0 },
	{ "3.3.5", "bext01", SIP_OK, true,
	  "OPTIONS sip:user@example.com SIP/2.0\r\n" PARTIES COMMON
	  "CSeq: 8 OPTIONS\r\n"
	  "Require: nothingSupportsThis, nothingSupportsThisEither\r\n"
	  "Proxy-Require: noProxiesSupportThis, norDoAnyProxiesSupportThis\r\n"
	  "Content-Length: 0\r\n\r\n",
	  "", 0 },
	{ "3.3.6", "invut", SIP_OK, true,
	  "INVITE sip:user@example.com SIP/2.0\r\n" PARTIES COMMON
	  "Contact: <sip:caller@host5.example.net>\r\n"
	  "CSeq: 8 INVITE\r\nContent-Type: application/unknownformat\r\n"
	  "Content-Length: %zu\r\n\r\n",
	  "<audio>\r\n <pcmu port=\"443\"/>\r\n</audio>\r\n", 0 },
	{ "3.3.7", "regaut01", SIP_OK, true,
	  "REGISTER sip:example.com SIP/2.0\r\n" PARTIES COMMON
	  "CSeq: 9338 REGISTER\r\n"
	  "Authorization: NoOneKnowsThisScheme opaque-data=here\r\n"
	  "Content-Length:0\r\n\r\n",
	  "", 0 },
	{ "3.3.8", "multi01", SIP_FAULT_DOUBLE, false,
	  "INVITE sip:user@company.com SIP/2.0\r\n"
	  "Contact: <sip:caller@host25.example.net>\r\n"
	  "Via: SIP/2.0/UDP 192.0.2.25;branch=z9hG4bKkdjuw\r\n"
	  "Max-Forwards: 70\r\nCSeq: 5 INVITE\r\n"
	  "Call-ID: multi01.98asdh@192.0.2.1\r\nCSeq: 59 INVITE\r\n"
	  "Call-ID: multi01.98asdh@192.0.2.2\r\n"
	  "From: sip:caller@example.com;tag=3413415\r\n"
	  "To: sip:user@example.com\r\nTo: sip:other@example.net\r\n"
	  "From: sip:caller@example.net;tag=2923420123\r\n"
	  "Content-Type: application/sdp\r\nl: %zu\r\n"
	  "Contact: <sip:caller@host36.example.net>\r\n"
	  "Max-Forwards: 5\r\n\r\n",
	  SDP_ROWS, 0 },
	{ "3.3.9", "mcl01", SIP_FAULT_DOUBLE, false,
	  "OPTIONS sip:user@example.com SIP/2.0\r\n" PARTIES COMMON
	  "CSeq: 8 OPTIONS\r\nContent-Length: 13\r\n"
	  "Content-Length: 5\r\nContent-Type: text/plain\r\n\r\n",
	  "There's no way to know how many octets are supposed to be here.\r\n",
	  0 },
	{ "3.3.10", "bcast", SIP_OK, true,
	  "SIP/2.0 200 OK\r\n"
	  "Via: SIP/2.0/UDP 192.0.2.198;branch=z9hG4bK1324923\r\n"
	  "Via: SIP/2.0/UDP 255.255.255.255;branch=z9hG4bK1saber23\r\n"
	  "Call-ID: bcast.0384840201234ksdfak3j2erwedfsASdf\r\n"
	  "CSeq: 35 INVITE\r\n"
	  "From: sip:user@example.com;tag=11141343\r\n"
	  "To: sip:user@example.edu;tag=2229\r\n"
	  "Content-Length: %zu\r\nContent-Type: application/sdp\r\n"
	  "Contact: <sip:user@host28.example.com>\r\n\r\n",
	  SDP_ROWS, 0 },
	{ "3.3.11", "zeromf", SIP_OK, true,
	  "OPTIONS sip:user@example.com SIP/2.0\r\n" PARTIES
	  "Call-ID: zeromf.jfasdlfnm2o2l43r5u0asdfas\r\nCSeq: 39234321 "
	  "OPTIONS\r\n"
	  "Via: SIP/2.0/UDP host1.example.com;branch=z9hG4bKkdjuw2349i\r\n"
	  "Max-Forwards: 0\r\nContent-Length: 0\r\n\r\n",
	  "", 0 },
	{ "3.3.12", "cparam01", SIP_OK, true,
	  "REGISTER sip:example.com SIP/2.0\r\n" PARTIES COMMON
	  "CSeq: 8 REGISTER\r\n"
	  "Contact: sip:+19725552222@gw1.example.net;unknownparam\r\n"
	  "l: 0\r\n\r\n",
	  "", 0 },
	{ "3.3.13", "cparam02", SIP_OK, true,
	  "REGISTER sip:example.com SIP/2.0\r\n" PARTIES COMMON
	  "CSeq: 8 REGISTER\r\n"
	  "Contact: <sip:+19725552222@gw1.example.net;unknownparam>\r\n"
	  "l: 0\r\n\r\n",
	  "", 0 },
	{ "3.3.14", "regescrt", SIP_OK, true,
	  "REGISTER sip:example.com SIP/2.0\r\n" PARTIES COMMON
	  "CSeq: 8 REGISTER\r\n"
	  "Contact: <sip:user@example.com?Route=%%3Csip:sip.example.com%%3E>"
	  "\r\nL:0\r\n\r\n",
	  "", 0 },
	{ "3.3.15", "sdp01", SIP_OK, true,
	  "INVITE sip:user@example.com SIP/2.0\r\n" PARTIES COMMON
	  "Contact: <sip:caller@host15.example.net>\r\n"
	  "CSeq: 8 INVITE\r\nAccept: text/nobodyKnowsThis\r\n"
	  "Content-Type: application/sdp\r\nl: %zu\r\n\r\n",
	  SDP_ROWS, 0 },
	{ "3.4.1", "inv2543", SIP_OK, true,
	  "INVITE sip:UserB@example.com SIP/2.0\r\n"
	  "Via: SIP/2.0/UDP iftgw.example.com\r\n"
	  "From: <sip:+13035551111@ift.client.example.net;user=phone>\r\n"
	  "Record-Route: <sip:UserB@example.com;maddr=ss1.example.com>\r\n"
	  "To: sip:+16505552222@ss1.example.net;user=phone\r\n"
	  "Call-ID: inv2543.1717@ift.client.example.com\r\n"
	  "CSeq: 56 INVITE\r\nContent-Type: application/sdp\r\n\r\n",
	  SDP_ROWS, 0 },
};

#endif

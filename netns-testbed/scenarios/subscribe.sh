# shellcheck shell=bash disable=SC2034
# SPDX-License-Identifier: GPL-2.0-or-later
about="SUBSCRIBE and its NOTIFYs, challenged like a call"
points="5"
uas=sipp
options=(--proxy-opt noauth)

scenario()
{
	{
		caller_begins
		caller_asks SUBSCRIBE "Event: presence" "Expires: 600"
		caller_hears 200
		gets NOTIFY
		reply 200 OK
		request SUBSCRIBE 102 "Event: presence" "Expires: 0"
		hears 200
		gets NOTIFY
		reply 200 OK
	} | script caller
	{
		callee_begins SUBSCRIBE
		answer_once 200 OK "Expires: 600"
		request NOTIFY 1 "Event: presence" "Subscription-State: active"
		hears 200
		gets SUBSCRIBE
		reply 200 OK "Expires: 0"
		request NOTIFY 2 "Event: presence" \
			"Subscription-State: terminated"
		hears 200
	} | script callee
	scripts_run call
	expect 1 caller-wire response status=401 'WWW-Authenticate~^PGP '
	expect 2 callee-phone request method=SUBSCRIBE 'P-PGP-Status~^valid'
	expect 2 caller-phone request method=NOTIFY 'P-PGP-Status~^valid'
	expect 1 caller-wire request method=SUBSCRIBE cseq=103
	expect 1 caller-phone response status=200 cseq=102
}

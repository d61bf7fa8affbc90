# shellcheck shell=bash disable=SC2034
# SPDX-License-Identifier: GPL-2.0-or-later
about="REFER inside a call and the NOTIFYs it makes"
points="5"
uas=sipp
options=(--proxy-opt noauth)

scenario()
{
	{
		caller_begins
		caller_invites -- "$(sdp)"
		caller_hears 180
		caller_hears 200
		request ACK 101
		request REFER 102 "Refer-To: <sip:carol@$DOMAIN>" \
			"Referred-By: <sip:alice@$DOMAIN>"
		hears 202
		gets NOTIFY
		reply 200 OK
		gets NOTIFY
		reply 200 OK
		request BYE 103
		hears 200
	} | script caller
	{
		callee_begins
		answer 180 Ringing
		answer 200 OK "Content-Type: application/sdp" -- "$(sdp)"
		gets ACK
		gets REFER
		reply 202 Accepted
		request NOTIFY 1 "Event: refer" \
			"Subscription-State: active;expires=60" \
			"Content-Type: message/sipfrag" -- "SIP/2.0 100 Trying"
		hears 200
		request NOTIFY 2 "Event: refer" \
			"Subscription-State: terminated;reason=noresource" \
			"Content-Type: message/sipfrag" -- "SIP/2.0 200 OK"
		hears 200
		gets BYE
		reply 200 OK
	} | script callee
	scripts_run call
	expect 1 callee-phone request method=REFER 'P-PGP-Status~^valid'
	expect 2 caller-phone request method=NOTIFY 'P-PGP-Status~^valid'
	expect 1 caller-phone response status=202 cseq=102
}

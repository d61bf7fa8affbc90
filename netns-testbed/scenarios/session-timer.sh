# shellcheck shell=bash disable=SC2034
# SPDX-License-Identifier: GPL-2.0-or-later
about="session timers: Session-Expires, a refreshing UPDATE, its 422"
points="5"
uas=sipp
options=(--proxy-opt noauth)

scenario()
{
	{
		caller_begins
		caller_invites "Supported: timer" "Session-Expires: 30" -- "$(sdp)"
		caller_hears 180
		caller_hears 200
		request ACK 101
		request UPDATE 102 "Session-Expires: 30;refresher=uac"
		hears 422
		request UPDATE 103 "Session-Expires: 90;refresher=uac" "Min-SE: 90"
		hears 200
		request BYE 104
		hears 200
	} | script caller
	{
		callee_begins
		answer 180 Ringing
		answer 200 OK "Session-Expires: 90;refresher=uac" \
			"Content-Type: application/sdp" -- "$(sdp)"
		gets ACK
		gets UPDATE
		reply 422 "Session Interval Too Small" "Min-SE: 90"
		gets UPDATE
		reply 200 OK "Session-Expires: 90;refresher=uac"
		gets BYE
		reply 200 OK
	} | script callee
	scripts_run call
	expect 1 caller-phone response status=422 cseq=102 'P-PGP-Status~^valid'
	expect 2 callee-phone request method=UPDATE 'P-PGP-Status~^valid'
}

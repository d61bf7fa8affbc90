# shellcheck shell=bash disable=SC2034
# SPDX-License-Identifier: GPL-2.0-or-later
about="a caller who gives up before anything rings: the call ends on both sides"
points="6"
uas=sipp
options=(--proxy-opt noauth)

scenario()
{
	{
		caller_begins
		caller_invites -- "$(sdp)"
		printf ' <recv response="100"/>\n'
		{
			printf '%s\n' "CANCEL sip:bob@$DOMAIN SIP/2.0" \
				'Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch-2];rport' \
				'Max-Forwards: 70' "$ME" \
				"To: <sip:bob@$DOMAIN>" 'Call-ID: [call_id]' \
				'CSeq: 101 CANCEL' 'Content-Length: 0' ''
		} | sending 'retrans="500"'
		hears 200
		hears 487
	} | script caller
	{
		callee_begins
		gets CANCEL
		reply 200 OK
		answer 487 "Request Terminated"
		gets ACK
	} | script callee
	take_begin call
	scripts_ready
	scripts_call
	script_await "$CALLER"
	await_seen 1 callee-wire response status=487 method=INVITE
	scenario_end
	expect 1+ caller-phone response status=487
	must_not_have "$CALLEE" established
}

# shellcheck shell=bash disable=SC2034
# SPDX-License-Identifier: GPL-2.0-or-later
about="a re-INVITE refused with 491, and then the other side's"
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
		request INVITE 102 "Content-Type: application/sdp" -- "$(sdp)"
		hears 491
		ack_failure 102
		gets INVITE
		reply 491 "Request Pending"
		gets ACK
		request INVITE 103 "Content-Type: application/sdp" -- "$(sdp)"
		hears 200
		request ACK 103
		request BYE 104
		hears 200
	} | script caller
	{
		callee_begins
		answer 180 Ringing
		answer 200 OK "Content-Type: application/sdp" -- "$(sdp)"
		gets ACK
		gets INVITE
		reply 491 "Request Pending"
		gets ACK
		request INVITE 1 "Content-Type: application/sdp" -- "$(sdp)"
		hears 491
		ack_failure 1
		gets INVITE
		reply_invite 200 OK "Content-Type: application/sdp" -- "$(sdp)"
		gets BYE
		reply 200 OK
	} | script callee
	scripts_run call
	expect 1 caller-phone response status=491 cseq=102 'P-PGP-Status~^valid'
	expect 1 callee-phone response status=491 cseq=1 'P-PGP-Status~^valid'
	expect 1+ caller-wire request method=ACK cseq=103
	expect 1+ caller-wire request method=ACK cseq=104 'Authorization~^PGP '
}

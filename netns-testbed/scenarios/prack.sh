# shellcheck shell=bash disable=SC2034
# SPDX-License-Identifier: GPL-2.0-or-later
about="100rel: PRACK with and without SDP, RAck translated"
points="5"
uas=sipp
options=(--proxy-opt noauth)

scenario()
{
	{
		caller_begins
		caller_invites "Supported: 100rel" -- "$(sdp)"
		caller_hears 183
		request PRACK 102 "RAck: 1 101 INVITE"
		hears 200
		caller_hears 180
		request PRACK 103 "RAck: 2 101 INVITE" \
			"Content-Type: application/sdp" -- "$(sdp)"
		hears 200
		caller_hears 200
		request ACK 101
		request BYE 104
		hears 200
	} | script caller
	{
		callee_begins
		answer 183 Progress "Require: 100rel" "RSeq: 1" \
			"Content-Type: application/sdp" -- "$(sdp)"
		gets PRACK
		reply 200 OK
		answer 180 Ringing "Require: 100rel" "RSeq: 2"
		gets PRACK
		reply 200 OK "Content-Type: application/sdp" -- "$(sdp)"
		answer 200 OK "Content-Type: application/sdp" -- "$(sdp)"
		gets ACK
		gets BYE
		reply 200 OK
	} | script callee
	scripts_run call
	expect 1 caller-phone request method=PRACK "RAck=1 101 INVITE"
	expect 1+ caller-wire request method=PRACK "RAck=1 102 INVITE"
	expect 1 callee-phone request method=PRACK "RAck=1 102 INVITE"
	expect 1 callee-phone request method=PRACK "RAck=2 102 INVITE"
	expect 2 callee-phone request method=PRACK 'P-PGP-Status~^valid'
	expect 2 caller-phone response status=200 method=PRACK \
		'P-PGP-Status~^valid'
	expect 2 caller-wire response 'status~^18' 'Authentication-Info~^PGP '
	[ "$(value_of caller-wire cseq request method=BYE)" -eq 105 ] ||
		wrong "the BYE after PRACK is not translated"
}

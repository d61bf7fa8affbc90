# shellcheck shell=bash disable=SC2034
# SPDX-License-Identifier: GPL-2.0-or-later
about="an INVITE without SDP: the offer is in the 200, the answer in the ACK"
points="5"
uas=sipp
options=(--proxy-opt noauth)

scenario()
{
	{
		caller_begins
		caller_invites
		caller_hears 180
		caller_hears 200
		request ACK 101 "Content-Type: application/sdp" -- "$(sdp)"
		gets BYE
		reply 200 OK
	} | script caller
	{
		callee_begins
		answer 180 Ringing
		answer 200 OK "Content-Type: application/sdp" -- "$(sdp)"
		gets ACK
		request BYE 1
		hears 200
	} | script callee
	scripts_run call
	expect 1 callee-phone request method=ACK cseq=102 'body~m=audio' \
		'P-PGP-Status~^valid'
	expect 1 caller-phone request method=BYE 'P-PGP-Status~^valid'
	expect 1+ callee-wire request method=ACK 'Authorization~^PGP '
}

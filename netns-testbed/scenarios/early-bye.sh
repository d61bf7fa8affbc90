# shellcheck shell=bash disable=SC2034
# SPDX-License-Identifier: GPL-2.0-or-later
about="a BYE in the early dialog ends the call, and its INVITE gets a 487"
points="5"
uas=sipp
options=(--proxy-opt noauth)

scenario()
{
	{
		caller_begins
		caller_invites -- "$(sdp)"
		caller_hears 180
		request BYE 102
		hears 200
		hears 487
		ack_failure 101
	} | script caller
	{
		callee_begins
		answer 180 Ringing
		gets BYE
		reply 200 OK
		answer 487 "Request Terminated"
		gets ACK
	} | script callee
	scripts_run call
	expect 1 callee-phone request method=BYE 'P-PGP-Status~^valid'
	expect 1 caller-phone response status=487 cseq=101
}

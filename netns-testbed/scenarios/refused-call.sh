# shellcheck shell=bash disable=SC2034
# SPDX-License-Identifier: GPL-2.0-or-later
about="the callee refuses a challenged call: a signed 486, its ACK translated"
points="1 4"
topologies="host edge"
uas=sipp
options=(--proxy-opt noauth)

scenario()
{
	{
		caller_begins
		caller_invites -- "$(sdp)"
		caller_hears 180
		hears 486
		ack_failure 101
	} | script caller
	{
		callee_begins
		answer 180 Ringing
		answer 486 "Busy Here"
		gets ACK
	} | script callee
	scripts_run call
	expect 1 callee-wire response status=486 'Authentication-Info~^PGP '
	expect 1 caller-phone response status=486 cseq=101
	expect 1+ caller-wire request method=ACK cseq=102
	expect 0 caller-phone response cseq=102
	not_counted "$GUARD_A" responses_held
}

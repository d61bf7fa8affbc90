# shellcheck shell=bash disable=SC2034
# SPDX-License-Identifier: GPL-2.0-or-later
about="a caller who gives up before the challenge is answered: no call is made"
points="6"
uas=sipp
options=(--proxy-opt noauth)

# The callee's side is kept from answering until the CANCEL is on its way.
scenario()
{
	{
		caller_begins
		caller_invites -- "$(sdp)"
		printf ' <recv response="100"/>\n'
		caller_cancels
		hears 200
		hears 487
		ack_failure 101
	} | script caller
	{
		callee_begins
	} | script callee
	take_begin call
	scripts_ready
	kill -s STOP "$(proc_pid sipseald "$GUARD_B")"
	scripts_call
	await_seen 1 proxy request method=CANCEL
	kill -s CONT "$(proc_pid sipseald "$GUARD_B")"
	script_await "$CALLER"
	scenario_end
	expect 1 caller-phone response status=487
	expect 0 caller-wire request method=INVITE 'Authorization~^PGP '
	expect 0 callee-phone request method=INVITE
	expect 1+ caller-wire request method=ACK
}

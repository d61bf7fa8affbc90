# shellcheck shell=bash disable=SC2034
# SPDX-License-Identifier: GPL-2.0-or-later
about="both sides hang up at once"
points="5"
uas=sipp
options=(--proxy-opt noauth)

# A BYE of one's own, and the other's, in whatever order answers come.
both_byes() # CSEQ
{
	gets GO
	request BYE "$1"
	printf ' <recv request="BYE" optional="true" next="first"/>\n'
	printf ' <recv response="200"/>\n'
	gets BYE
	reply 200 OK
	printf ' <nop next="over"/>\n <label id="first"/>\n'
	reply 200 OK
	printf ' <recv response="200"/>\n <label id="over"/>\n'
}

scenario()
{
	{
		caller_begins
		caller_invites -- "$(sdp)"
		caller_hears 180
		caller_hears 200
		request ACK 101
		mark_event established
		both_byes 102
	} | script caller
	{
		callee_begins
		answer 180 Ringing
		answer 200 OK "Content-Type: application/sdp" -- "$(sdp)"
		gets ACK
		mark_event established
		both_byes 1
	} | script callee
	take_begin call
	scripts_ready
	scripts_call
	script_await "$CALLER" established
	script_await "$CALLEE" established
	# neither BYE gets out before the other is on its way
	for g in "$GUARD_A" "$GUARD_B"; do
		kill -s STOP "$(proc_pid sipseald "$g")"
	done
	sipp_tell "$CALLER" GO
	sipp_tell "$CALLEE" GO
	await_seen 1 caller-phone request method=BYE "src=$(address "$CALLER")"
	await_seen 1 callee-phone request method=BYE "src=$(address "$CALLEE")"
	for g in "$GUARD_A" "$GUARD_B"; do
		kill -s CONT "$(proc_pid sipseald "$g")"
	done
	script_await "$CALLER"
	script_await "$CALLEE"
	scenario_end
	expect 1 caller-phone request method=BYE 'P-PGP-Status~^valid'
	expect 1 callee-phone request method=BYE 'P-PGP-Status~^valid'
	not_counted "$GUARD_A" bye_dropped
	not_counted "$GUARD_B" bye_dropped
}

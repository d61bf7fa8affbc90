# shellcheck shell=bash disable=SC2034
# SPDX-License-Identifier: GPL-2.0-or-later
about="twinkle calls, challenged; gives up a second call; changes a third and hangs up"
points="1 2 6"
uas=sipp

twinkle_dials() # TAKE
{
	take_begin "$1"
	script_start "$CALLEE" callee
	twinkle_tell "$CALLER" "call bob"
	await_seen 1 caller-phone response status=180
}

talk()
{
	callee_begins
	answer 180 Ringing
	gets GO
	answer 200 OK "Content-Type: application/sdp" -- "$(sdp)"
	gets ACK
	mark_event established
	gets INVITE
	reply_invite 200 OK "Content-Type: application/sdp" -- "$(sdp)"
	mark_event changed
	gets BYE
	reply 200 OK
}

# Its call has an identifier of its own.
answer_it()
{
	value_of callee-phone call-id request method=INVITE >"$RUN/call-id"
	sipp_tell "$CALLEE" GO
	script_await "$CALLEE" established
	twinkle_tell "$CALLER" hold
	script_await "$CALLEE" changed
	twinkle_tell "$CALLER" bye
	script_await "$CALLEE"
	await_seen 1 caller-phone response status=200 method=BYE
	scenario_end
	: >"$(events "$CALLEE")"
}

scenario()
{
	local n

	for n in "$CALLER" "$CALLEE"; do
		mkdir -p "$RUN/$n"
		: >"$(events "$n")"
	done
	take_begin register
	sipp_register "$CALLEE"
	twinkle_start "$CALLER"
	await_seen 1 caller-phone response status=200 method=REGISTER
	scenario_end
	talk | script callee
	twinkle_dials challenged
	answer_it
	expect 1 caller-wire response status=401 'WWW-Authenticate~^PGP '
	[ "$(value_of caller-wire cseq request method=BYE)" -eq \
		$(($(value_of caller-phone cseq request method=BYE) + 1)) ] ||
		wrong "the BYE is not translated"
	{
		callee_begins
		answer 180 Ringing
		gets CANCEL
		reply 200 OK
		answer 487 "Request Terminated"
		gets ACK
	} | script callee
	twinkle_dials given-up
	twinkle_tell "$CALLER" bye
	script_await "$CALLEE"
	await_seen 1 caller-phone response status=487
	scenario_end
	: >"$(events "$CALLEE")"
	expect 0 caller-wire response 'WWW-Authenticate~^PGP '
	counted "$GUARD_B" cancel_ticket 1
	talk | script callee
	twinkle_dials known
	answer_it
	expect 0 caller-wire response 'WWW-Authenticate~^PGP '
	expect 0 caller-phone 'header~: *PGP '
	proc_stop twinkle "$CALLER"
}

# shellcheck shell=bash disable=SC2034
# SPDX-License-Identifier: GPL-2.0-or-later
about="an unsigned 200 after signed ringing: hung up at once, the caller rings on"
points="4"
uas="sipp baresip"
twin_options=(--mode observe)

scenario()
{
	take_begin call
	phones_start
	call_to_ringing
	daemon_kill "$GUARD_B"
	in_node "$GUARD_B" "$RULES" remove >/dev/null
	phone_answer
	phone_await "$CALLEE" closed ||
		wrong "$CALLEE gets no BYE: $(phone_complaint "$CALLEE")"
	scenario_end
	must_not_have "$CALLER" established
	expect 0 caller-phone response status=200 method=INVITE
	expect 1+ callee-phone request method=ACK
	expect 1+ callee-phone request method=BYE
}

twin()
{
	take_begin call
	phones_start
	call_to_ringing
	daemon_kill "$GUARD_B"
	in_node "$GUARD_B" "$RULES" remove >/dev/null
	call_to_talking
	scenario_end
	expect 1 caller-phone response status=200 method=INVITE
}

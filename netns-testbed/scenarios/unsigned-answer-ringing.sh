# shellcheck shell=bash disable=SC2034
# SPDX-License-Identifier: GPL-2.0-or-later
about="an unsigned 200 after signed ringing: waits for a signed one, then hung up"
points="4"
uas="sipp baresip"
options=(--conf "hold = 500")
twin_options=(--mode observe)

scenario()
{
	take_begin call
	phones_start
	call_to_ringing
	daemon_kill "$GUARD_B"
	in_node "$GUARD_B" "$RULES" remove >/dev/null
	phone_answer
	await_seen 1 caller-wire response status=200 method=INVITE
	# nothing of ours ends the ringing of whoever has signed it
	counted "$GUARD_A" responses_held 1
	expect 0 caller-wire request method=BYE
	phone_await "$CALLER" closed ||
		wrong "$CALLER is not told: $(phone_complaint "$CALLER")"
	phone_await "$CALLEE" closed ||
		wrong "$CALLEE gets no BYE: $(phone_complaint "$CALLEE")"
	scenario_end
	must_not_have "$CALLER" established
	expect 0 caller-phone response status=200 method=INVITE
	expect 1 caller-phone response status=488 method=INVITE
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

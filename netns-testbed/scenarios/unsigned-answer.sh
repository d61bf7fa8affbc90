# shellcheck shell=bash disable=SC2034
# SPDX-License-Identifier: GPL-2.0-or-later
about="the callee's appliance is gone: its unsigned 200 sets up no call"
points="4"
uas="sipp baresip"
quick="edge sipp"
twin_options=(--mode observe)

# The INVITE is signed at once, for a peer that is known.
scenario()
{
	scenario_call first
	call_lives
	scenario_end
	take_begin second
	daemon_kill "$GUARD_B"
	in_node "$GUARD_B" "$RULES" remove >/dev/null
	phones_start
	phone_dial
	phone_await "$CALLEE" incoming || wrong "the call does not arrive"
	phone_answer
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
	counted "$GUARD_A" calls_refused 1
}

# Nobody asks whose answer it is.
twin()
{
	take_begin call
	daemon_kill "$GUARD_B"
	in_node "$GUARD_B" "$RULES" remove >/dev/null
	phones_start
	call_to_ringing
	call_to_talking
	call_lives
	scenario_end
	expect 1 caller-phone response status=200 method=INVITE
}

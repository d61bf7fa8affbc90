# shellcheck shell=bash disable=SC2034
# SPDX-License-Identifier: GPL-2.0-or-later
about="a caller without an appliance is refused, and sees no challenge"
points="3"
uas="sipp baresip"
twin_options=(--mode observe)

scenario()
{
	take_begin call
	phones_start
	daemon_kill "$GUARD_A"
	in_node "$GUARD_A" "$RULES" remove >/dev/null
	phone_dial
	phone_await "$CALLER" closed ||
		wrong "$CALLER is not told: $(phone_complaint "$CALLER")"
	scenario_end
	must_not_have "$CALLEE" incoming
	expect 0 caller-phone 'header~(WWW|Proxy)-Authenticate: *PGP'
	expect 1+ caller-phone response status=403
	expect 0 callee-phone request method=INVITE
}

twin()
{
	take_begin call
	phones_start
	daemon_kill "$GUARD_A"
	in_node "$GUARD_A" "$RULES" remove >/dev/null
	call_to_ringing
	call_to_talking
	call_lives
	scenario_end
}

# shellcheck shell=bash disable=SC2034
# SPDX-License-Identifier: GPL-2.0-or-later
about="an unsigned, unmarked INVITE gets a 403 and never a challenge"
points="3"
uas="sipp baresip"
quick="edge sipp"

send_it()
{
	bare_request INVITE bare-call | attack_new -s "$(address attacker)" \
		-d "$(address "$CALLEE")"
}

scenario()
{
	take_begin call
	phones_start
	send_it
	await_seen 1 callee-wire response status=403 Call-ID=bare-call
	scenario_end
	expect 0 callee-phone request method=INVITE
	expect 0 callee-wire response status=401 Call-ID=bare-call
	expect 0 callee-wire response status=407 Call-ID=bare-call
	must_not_have "$CALLEE" incoming
	counted "$GUARD_B" refused_unmarked 1
}

twin()
{
	take_begin call
	phones_start
	send_it
	await_seen 1 callee-phone request method=INVITE Call-ID=bare-call
	scenario_end
}

# shellcheck shell=bash disable=SC2034
# SPDX-License-Identifier: GPL-2.0-or-later
about="gpg-agent hangs, then is killed while it signs: no call, and the next one has a new agent"
options=(--policy 'eager = false')
topologies=edge
quick="edge sipp"

call_fails() # TAKE SIGNAL
{
	local before agent

	before=$(counter "$GUARD_A" crypto_failed)
	take_begin "$1"
	phones_start
	agent=$(agent_pid "$GUARD_A")
	[ -n "$agent" ] || wrong "no agent in $GUARD_A"
	kill -s "$2" "$agent"
	phone_dial
	await_job "$GUARD_A"
	# or it would go on trying, and get through
	proc_stop "$UA" "$CALLER" KILL
	counted "$GUARD_A" crypto_failed $((before + 1))
	take_end
	phones_stop
	must_not_have "$CALLEE" incoming
	expect 0 callee-phone request method=INVITE
	expect 0 callee-wire request method=INVITE 'header~: *PGP '
	[ "$(agent_pid "$GUARD_A")" != "$agent" ] ||
		wrong "the agent that hung is still there"
}

scenario()
{
	do_call before
	call_fails hangs STOP
	do_call after
	kill -s KILL "$(agent_pid "$GUARD_A")"
	# it is started again for the very signature that misses it
	do_call killed
}

# shellcheck shell=bash disable=SC2034
# SPDX-License-Identifier: GPL-2.0-or-later
about="unsigned failures by policy: at once, after a while, never"
points="4"
uas=sipp
options=(--proxy-opt noauth --conf "hold = 500")

# The callee has no appliance any more, and is busy.
busy() # POLICY
{
	{
		caller_begins
		caller_invites -- "$(sdp)"
		hears 486
		ack_failure 101
	} | script caller
	{
		callee_begins
		answer 486 "Busy Here"
		gets ACK
	} | script callee
	POLICY_EXTRA="unsigned-failures = $1"
	daemon_write_conf "$GUARD_A"
	"$SIPSEALCTL" -s "$(daemon_dir "$GUARD_A")/control" reload >/dev/null ||
		wrong "the daemon in $GUARD_A does not take the configuration"
	take_begin "$1"
	scripts_ready
	scripts_call
	script_await "$CALLEE"
}

scenario()
{
	do_call known
	daemon_kill "$GUARD_B"
	in_node "$GUARD_B" "$RULES" remove >/dev/null
	busy pass
	script_await "$CALLER"
	scenario_end
	not_counted "$GUARD_A" responses_held
	busy hold
	script_await "$CALLER"
	scenario_end
	counted "$GUARD_A" responses_held 1
	counted "$GUARD_A" responses_released 1
	busy drop
	counted "$GUARD_A" responses_dropped 1
	scenario_end
	proc_stop sipp "$CALLER"
	expect 1 caller-wire response status=486
	expect 0 caller-phone response status=486
}

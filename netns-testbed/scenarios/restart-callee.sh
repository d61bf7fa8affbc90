# shellcheck shell=bash disable=SC2034
# SPDX-License-Identifier: GPL-2.0-or-later
about="the callee's daemon is killed mid-call: nothing passes, then it takes over"
points="12"
quick="edge sipp"
twin_options=()
twin_topologies="host edge"

scenario()
{
	local phone=$CALLEE

	scenario_call call
	daemon_kill "$GUARD_B"
	attack_target bye
	attack_send bye
	seen_at "$GUARD_B" 'BYE sip:'
	phone_hangup "$CALLER"
	seen_at "$GUARD_B" 'BYE sip:' 2
	must_not_have "$CALLEE" closed
	daemon_start "$GUARD_B"
	phone_await "$CALLEE" closed ||
		wrong "the BYE does not pass after the restart"
	phone_await "$CALLER" closed ||
		wrong "the BYE is not answered: $(phone_complaint "$CALLER")"
	scenario_end
	[ ! -s "$TAKE/callee-phone.pcap" ] || phone=bob
	[ "$(row_count call "forged && to == \"$phone\" &&
		link != \"proxy:callee\"")" -eq 0 ] ||
		wrong "the forged BYE reached the phone"
}

# With rules that let SIP pass when nobody takes it (--bypass).
twin()
{
	local -a place=(--place host)

	[ "$TOPOLOGY" = host ] || place=(--place router --lan eth-lan)
	in_node "$GUARD_B" "$RULES" install "${place[@]}" --bypass \
		>/dev/null 2>&1 || wrong "no such rules"
	scenario_call call
	daemon_kill "$GUARD_B"
	attack_target bye
	attack_send bye
	phone_await "$CALLEE" closed || wrong "the forged BYE does not pass"
	scenario_end
}

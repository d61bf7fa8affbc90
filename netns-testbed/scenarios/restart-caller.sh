# shellcheck shell=bash disable=SC2034
# SPDX-License-Identifier: GPL-2.0-or-later
about="the caller's daemon is killed mid-call: its translation survives"
points="1"
# On a host the kernel tells the phone that its packet was refused (EPERM).
topologies=edge

scenario()
{
	scenario_call call
	daemon_kill "$GUARD_A"
	phone_hangup "$CALLER"
	seen_at "$CALLER" 'BYE sip:'
	must_not_have "$CALLEE" closed
	daemon_start "$GUARD_A"
	phone_await "$CALLEE" closed ||
		wrong "the BYE does not pass after the restart"
	phone_await "$CALLER" closed ||
		wrong "the BYE is not answered: $(phone_complaint "$CALLER")"
	scenario_end
	[ "$(row_count call 'link ~ /proxy:/ && method == "BYE" &&
		kind == "request" && marks ~ /PGP signed/')" -ge 1 ] ||
		wrong "no signed BYE on the wire"
}

# shellcheck shell=bash disable=SC2034
# SPDX-License-Identifier: GPL-2.0-or-later
about="the caller gives up: a CANCEL that is its own passes"
points="6"
quick="edge sipp"

scenario()
{
	take_begin call
	phones_start
	call_to_ringing
	phone_give_up
	phone_await "$CALLEE" closed ||
		wrong "the CANCEL does not reach $CALLEE"
	phone_await "$CALLER" closed ||
		wrong "$CALLER does not see the end: $(phone_complaint "$CALLER")"
	scenario_end
	[ "$(counter "$GUARD_B" cancel_ticket)" -ge 1 ] ||
		wrong "the daemon in $GUARD_B counts no ticket"
	[ "$(counter "$GUARD_B" cancel_dropped)" -eq 0 ] ||
		wrong "the daemon in $GUARD_B dropped a CANCEL"
}

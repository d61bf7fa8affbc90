# shellcheck shell=bash disable=SC2034
# SPDX-License-Identifier: GPL-2.0-or-later
about="the callee hangs up: its BYE is signed and passes"
points="5"
options=(--hangup callee)

scenario()
{
	do_call call
	[ "$(counter "$GUARD_A" bye_dropped)" -eq 0 ] ||
		wrong "the daemon in $GUARD_A dropped a BYE"
}

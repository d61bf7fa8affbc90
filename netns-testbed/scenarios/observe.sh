# shellcheck shell=bash disable=SC2034
# SPDX-License-Identifier: GPL-2.0-or-later
about="under observe nothing is touched, and a forged BYE ends the call"
points="12"
options=(--mode observe --expect "call ended")

scenario()
{
	do_attack bye
	[ "$(counter "$GUARD_B" observed)" -ge 1 ] ||
		wrong "the daemon in $GUARD_B did not count it"
}

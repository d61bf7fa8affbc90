# shellcheck shell=bash disable=SC2034
# SPDX-License-Identifier: GPL-2.0-or-later
about="observe: a forged CANCEL ends the call, and is counted"
points="6"
uas=sipp
options=(--mode observe --expect "call ended")

scenario()
{
	do_attack cancel bye-caller
	counted "$GUARD_B" observed 1
}

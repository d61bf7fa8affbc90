# shellcheck shell=bash disable=SC2034
# SPDX-License-Identifier: GPL-2.0-or-later
about="daemons on bridges, over IPv6"
points="9"
topologies=bridge
uas=sipp
options=(--ip 6)

scenario()
{
	do_call call
	do_attack bye cancel
}

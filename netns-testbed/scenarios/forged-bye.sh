# shellcheck shell=bash disable=SC2034
# SPDX-License-Identifier: GPL-2.0-or-later
about="forged BYEs, in both directions, from the proxy's address and the phone's"
points="12"
quick="edge sipp"
quick_twin="edge sipp"

scenario()
{
	do_attack bye bye-direct bye-caller
}

twin()
{
	do_attack bye bye-direct bye-caller
}

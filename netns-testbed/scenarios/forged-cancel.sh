# shellcheck shell=bash disable=SC2034
# SPDX-License-Identifier: GPL-2.0-or-later
about="a forged CANCEL of the ringing call"
points="6"
quick="edge sipp"
quick_twin="edge sipp"

scenario()
{
	do_attack cancel
}

twin()
{
	do_attack cancel
}

# shellcheck shell=bash disable=SC2034
# SPDX-License-Identifier: GPL-2.0-or-later
about="a tenth of the packets is lost: calls begin and end, authenticated"
points="1 3 5"
options=(--loss 10)

scenario()
{
	local i

	for i in 1 2 3 4 5 6; do
		do_call "call-$i"
	done
}

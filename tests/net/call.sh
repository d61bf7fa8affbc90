#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A whole call with every topology, way to authenticate and endpoint. With pgp
# it must be authenticated by both daemons' word and in the captures.
set -u
# shellcheck source=tests/net/lib.bash
. "$(dirname "$0")/lib.bash"

plan 14
for topology in host edge; do
	for auth in none digest pgp; do
		for ua in sipp baresip; do
			testbed_check "call $topology $auth $ua" call --quiet \
				--topology $topology --auth $auth --ua $ua
		done
	done
	testbed_check "call $topology digest sipp over ipv6" call --quiet \
		--topology $topology --auth digest --ua sipp --ip 6
done
finish

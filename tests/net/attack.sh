#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Forged BYEs and a forged CANCEL: they end a call that only has Digest, or the
# attack would be none; and they are dropped where there is PGP.
set -u
# shellcheck source=tests/net/lib.bash
. "$(dirname "$0")/lib.bash"

# One testbed for all attacks of a set-up; a test for each of them.
attack_all() # TOPOLOGY AUTH UA OUTCOME
{
	local out=$REPORT/attack-$1-$2-$3 a

	"$TESTBED" attack bye bye-direct bye-caller cancel --quiet \
		--topology "$1" --auth "$2" --ua "$3" --out "$out" \
		>"$out.log" 2>&1 </dev/null
	for a in bye bye-direct bye-caller cancel; do
		grep -qx "attack $a: $4" "$out.log"
		result $? "attack $a: $4 ($1, $2, $3)" "$out.log"
	done
}

plan 32
for topology in host edge; do
	for ua in sipp baresip; do
		attack_all $topology digest $ua "call ended"
		attack_all $topology pgp $ua "dropped"
	done
done
finish

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The testbed itself: side by side, cleaned up whatever happens, clear words for
# bad input, a ladder that tells the truth.
set -u
# shellcheck source=tests/net/lib.bash
. "$(dirname "$0")/lib.bash"

RUNS=/run/sipseal-testbed
A=t$$a
B=t$$b

leftovers() # ID
{
	ip netns list | grep -E "^sipseal-$1-"
	ls -d "$RUNS/$1" 2>/dev/null
}

gone() # ID
{
	[ -z "$(leftovers "$1")" ]
}

# says TEXT COMMAND...: fails, and one line on standard error says TEXT.
says()
{
	local text=$1 said

	shift
	said=$("$@" 2>&1 >/dev/null </dev/null) && return 1
	echo "$said"
	[ "$(wc -l <<<"$said")" -eq 1 ] && grep -qF -- "$text" <<<"$said"
}

side_by_side()
{
	"$TESTBED" up --id "$A" --auth none --out "$REPORT/$A" &&
		"$TESTBED" up --id "$B" --auth digest --topology host \
			--out "$REPORT/$B" &&
		"$TESTBED" call --id "$A" --quiet &&
		"$TESTBED" call --id "$B" --quiet &&
		"$TESTBED" call --id "$A" --quiet
}

killed_and_collected()
{
	local pid i n

	"$TESTBED" attack bye --auth none --id "$A" --out "$REPORT/$A" &
	pid=$!
	for ((i = 0; i < 300; i++)); do
		n=$(grep -c . "$RUNS/$A/procs" 2>/dev/null) || :
		[ "${n:-0}" -lt 3 ] || break
		sleep 0.1
	done
	kill -KILL "$pid"
	wait "$pid" 2>/dev/null
	! gone "$A" || return 1
	"$TESTBED" gc && gone "$A"
}

interrupted() # SIGNAL
{
	local pid i

	"$TESTBED" attack bye --auth none --id "$A" --out "$REPORT/$A" &
	pid=$!
	for ((i = 0; i < 300; i++)); do
		[ ! -s "$RUNS/$A/procs" ] || break
		sleep 0.1
	done
	kill -s "$1" "$pid"
	wait "$pid"
	[ $? -gt 128 ] && gone "$A"
}

ladder_of_files()
{
	local out=$REPORT/$B

	"$TESTBED" ladder "$out/call/proxy.pcap" >"$out/plain.txt" &&
		grep -q 'INVITE 102.*Digest' "$out/plain.txt" &&
		grep -q '200 OK (BYE' "$out/plain.txt" &&
		grep -q '<svg' "$out/call/ladder.svg"
}

plan 14
check "two testbeds side by side" side_by_side
check "ladder of a capture, text and picture" ladder_of_files
check "status names them" sh -c "$TESTBED status | grep -q '^$A: '"
check "a node's shell" sh -c \
	"$TESTBED shell --id $A proxy ip addr | grep -q 10.77.0.2"
check "down takes one" "$TESTBED" down "$A"
check "nothing of it is left" gone "$A"
check "the other one still works" "$TESTBED" call --id "$B" --quiet
check "down takes the other" "$TESTBED" down "$B"
check "killed, then collected" killed_and_collected
check "ends cleanly on SIGTERM" interrupted TERM
check "bad option" says "--topology moon: one of host edge" \
	"$TESTBED" call --topology moon
check "no daemon" says "run make first" \
	"$TESTBED" call --sipseald /nonexistent/sipseald
check "no such testbed" says "there is no testbed nosuch" \
	"$TESTBED" down nosuch
check "not root" says "need root" setpriv --reuid nobody --regid nogroup \
	--clear-groups "$TESTBED" call
finish

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
PATHS=$(mktemp -d)
trap 'rm -rf "$PATHS"' EXIT

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

# Two at once: names and addresses of one must not be in the other's way.
side_by_side()
{
	local a b status=0

	"$TESTBED" up --id "$A" --auth pgp --out "$REPORT/$A" &&
		"$TESTBED" up --id "$B" --auth digest --topology host \
			--out "$REPORT/$B" || return 1
	"$TESTBED" call --id "$A" --quiet &
	a=$!
	"$TESTBED" call --id "$B" --quiet &
	b=$!
	wait "$a" || status=1
	wait "$b" || status=1
	return "$status"
}

# A command that ends with a signal captures what happens meanwhile.
captured()
{
	local pid log=$REPORT/capture.txt

	"$TESTBED" capture --id "$A" >"$log" &
	pid=$!
	await_line "$log" capturing || return 1
	"$TESTBED" call --id "$A" --quiet
	kill -TERM "$pid"
	wait "$pid"
	grep 'INVITE.*PGP signed' "$log" && grep '200 OK (BYE' "$log"
}

# An NFLOG group has one reader: a call that captures, too, needs another.
two_captures()
{
	local pid log=$REPORT/captures.txt status=0

	"$TESTBED" up --quiet --id "$B" --topology host \
		--out "$REPORT/$B" || return 1
	"$TESTBED" capture --id "$B" >"$log" &
	pid=$!
	await_line "$log" capturing &&
		"$TESTBED" call --quiet --id "$B" || status=1
	kill -TERM "$pid"
	wait "$pid"
	"$TESTBED" down "$B"
	for log in "$log" "$REPORT/$B/call/ladder.txt"; do
		grep ' alice ' "$log" && grep 'phone told: valid' "$log" ||
			status=1
	done
	return "$status"
}

await_line() # FILE REGEX
{
	"$BUILD/testbed/await" -t 60000 "$1" "$2" >/dev/null
}

killed_and_collected()
{
	local pid i n

	"$TESTBED" attack bye --auth none --id "$A" --out "$REPORT/$A" &
	pid=$!
	for ((i = 0; i < 1200; i++)); do
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
	for ((i = 0; i < 1200; i++)); do
		[ ! -s "$RUNS/$A/procs" ] || break
		sleep 0.1
	done
	kill -s "$1" "$pid"
	wait "$pid"
	[ $? -gt 128 ] && gone "$A"
}

# Any capture, as text and as a picture, what PGP says marked in both.
ladder_of_files()
{
	local out=$REPORT/$A f

	"$TESTBED" ladder -s "$out/plain.svg" "$out/call/edge-b.pcap" \
		>"$out/plain.txt" || return 1
	for f in "$out/plain.txt" "$out/plain.svg"; do
		grep -q '401 .*PGP challenge' "$f" &&
			grep -q 'INVITE .*PGP signed' "$f" &&
			grep -q '200 OK (INVITE.*PGP signed' "$f" &&
			grep -q 'BYE .*PGP signed' "$f" || return 1
	done
	grep -q '</svg>' "$out/plain.svg" &&
		grep -q 'phone told: valid' "$out/call/ladder.txt" &&
		"$TESTBED" ladder "$REPORT/$B/call/proxy.pcap" >"$out/plain.txt" &&
		grep -q 'INVITE 102.*Digest' "$out/plain.txt"
}

# Of 200 datagrams to a port where nobody listens those that arrive are
# counted. The proxy's answer to a later question tells that all have passed.
half_is_lost()
{
	local n

	"$TESTBED" up --id "$B" --auth none --topology host --loss 50 \
		--out "$REPORT/$B" || return 1
	"$TESTBED" shell --id "$B" attacker bash -c "
		for ((i = 0; i < 200; i++)); do
			echo x >/dev/udp/10.77.0.2/7000
		done
		$BUILD/testbed/knock 10.77.0.2 5060 60000" || return 1
	n=$("$TESTBED" shell --id "$B" proxy cat /proc/net/snmp |
		awk '$1 == "Udp:" && $3 ~ /^[0-9]/ { print $3 }')
	echo "$n of 200 arrived"
	"$TESTBED" down "$B" && [ "$n" -gt 60 ] && [ "$n" -lt 140 ]
}

# The one that docs/testbed.md shows, as it stands there.
scenario_of_the_docs()
{
	local dir=$REPORT/scenarios

	mkdir -p "$dir"
	awk '/^A scenario is one file/ { on = 1 }
		on && /^    / { print substr($0, 5); n++ }
		n && /^[^ ]/ { exit }' docs/testbed.md >"$dir/mine.sh" &&
		SCENARIOS=$dir "$TESTBED" suite --list | grep '^mine ' &&
		SCENARIOS=$dir "$TESTBED" scenario mine --topology host \
			--id "$A" --out "$REPORT/$A" &&
		grep -q 'BYE' "$REPORT/$A/call/ladder.txt"
}

# --- bad input ----------------------------------------------------------------

# A PATH with all there is but one program; or with another one in its place.
path_without() # PROGRAM
{
	local bin=$PATHS/$1

	rm -rf "$bin"
	mkdir -p "$bin"
	cp -s /usr/local/bin/* /usr/sbin/* /usr/bin/* "$bin" 2>/dev/null
	rm -f "$bin/$1"
	echo "$bin"
}

lacks() # PROGRAM PACKAGE COMMAND...
{
	local text="$1 is missing: apt-get install $2" bin

	bin=$(path_without "$1")
	shift 2
	says "$text" env PATH="$bin" "$@"
}

no_nfqueue()
{
	local bin

	bin=$(path_without iptables)
	cat >"$bin/iptables" <<-'END'
		#!/bin/sh
		case "$*" in *NFQUEUE*) exit 2 ;; esac
		exec /usr/sbin/iptables "$@"
	END
	chmod 755 "$bin/iptables"
	says "this kernel has no NFQUEUE: modprobe" env PATH="$bin" \
		"$TESTBED" call --auth pgp &&
		says "this kernel has no NFQUEUE: modprobe" env PATH="$bin" \
			"$TESTBED" call --auth none --delay 5
}

no_namespaces()
{
	local bin

	bin=$(path_without unshare)
	ln -s /bin/false "$bin/unshare"
	says "allows no network namespaces" env PATH="$bin" "$TESTBED" call
}

# It says how to mend it, that works, and nothing but it is removed.
left_over()
{
	local netns=sipseal-$A-proxy

	ip netns add "$netns" &&
		says "$netns is left over: netns-testbed/testbed gc" \
			"$TESTBED" up --id "$A" --auth none &&
		[ -e "/run/netns/$netns" ] && "$TESTBED" gc && gone "$A"
}

# From a copy: who is not root may have no way to where this is.
not_root() # TEXT COMMAND
{
	mkdir -p "$PATHS/tree" &&
		cp -r netns-testbed rules scripts "$PATHS/tree" &&
		chmod -R a+rX "$PATHS" || return 1
	says "$1" setpriv --reuid nobody --regid nogroup --clear-groups \
		"$PATHS/tree/$2" up
}

plan 27
check "two testbeds side by side, calls at once" side_by_side
check "ladder of a capture, text and picture" ladder_of_files
check "status names them" sh -c "$TESTBED status | grep -q '^$A: '"
check "a node's shell" sh -c \
	"$TESTBED shell --id $A proxy ip addr | grep -q 10.77.0.2"
check "capture until a signal" captured
check "down takes one" "$TESTBED" down "$A"
check "nothing of it is left" gone "$A"
check "the other one still works" "$TESTBED" call --id "$B" --quiet
check "down takes the other" "$TESTBED" down "$B"
check "two captures at once" two_captures
check "half of the packets are lost" half_is_lost
check "a scenario of one's own" scenario_of_the_docs
check "killed, then collected" killed_and_collected
check "ends cleanly on SIGTERM" interrupted TERM
check "bad option" says "--topology moon: one of host edge" \
	"$TESTBED" call --topology moon
check "bad loss" says "--loss 101: a number from 0 to 100" \
	"$TESTBED" call --loss 101
check "no daemon" says "run make first" \
	"$TESTBED" call --sipseald /nonexistent/sipseald
check "no such testbed" says "there is no testbed nosuch" \
	"$TESTBED" down nosuch
check "no such capture" says "nosuch.pcap" "$TESTBED" ladder nosuch.pcap
check "a namespace left over" left_over
check "a missing package" lacks kamailio kamailio "$TESTBED" call
check "a missing package for figures" lacks valgrind valgrind \
	netns-testbed/figures/run --report "$REPORT/none" paper
check "no NFQUEUE" no_nfqueue
check "no namespaces" no_namespaces
check "not root" not_root "need root" netns-testbed/testbed
check "not root: demo" not_root "sudo make demo" scripts/demo
check "not root: figures" not_root "sudo make figures" scripts/figures
finish

# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# lib - what the test scripts share: results as TAP lines ("ok 1 - name",
# "not ok 2 - name", "ok 3 - name # SKIP why"), waiting for an event, network
# namespaces, and cleaning up whatever happens. For bash; source it first.
#
#	. "$(dirname "$0")/../lib.sh"
#	ok "the name of the test" COMMAND...
#	done_testing

set -uo pipefail
export LC_ALL=C

T_COUNT=0
T_FAILED=0
T_CLEANUPS=()
T_NAMESPACES=()

# shellcheck disable=SC2034 # for the scripts
# The directory of the sources, and one that is deleted at the end.
T_TOP=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
T_TMP=$(mktemp -d "${TMPDIR:-/tmp}/sipseal-test.XXXXXX")

t_cleanup()
{
	local status=$? i
	trap - EXIT
	for ((i = ${#T_CLEANUPS[@]} - 1; i >= 0; i--)); do
		eval "${T_CLEANUPS[i]}" || :
	done
	for i in "${T_NAMESPACES[@]}"; do
		ip netns del "$i" 2>/dev/null
	done
	rm -rf "$T_TMP"
	exit "$status"
}
# Also runs when a signal ends bash. Traps for the signals themselves get lost
# in bash 5.2 when they come during a command substitution.
trap t_cleanup EXIT

# on_exit COMMAND: run it at the end, last one first.
on_exit()
{
	T_CLEANUPS+=("$*")
}

pass() # NAME
{
	T_COUNT=$((T_COUNT + 1))
	echo "ok $T_COUNT - $1"
}

fail() # NAME [WHY...]
{
	T_COUNT=$((T_COUNT + 1))
	T_FAILED=$((T_FAILED + 1))
	echo "not ok $T_COUNT - $1"
	shift
	[ $# -eq 0 ] || printf '%s\n' "$*" | sed 's/^/# /'
}

skip() # NAME WHY
{
	T_COUNT=$((T_COUNT + 1))
	echo "ok $T_COUNT - $1 # SKIP $2"
}

# ok NAME COMMAND...: the command succeeds.
ok()
{
	local name=$1 out status=0
	shift
	out=$("$@" 2>&1) || status=$?
	if [ "$status" -eq 0 ]; then
		pass "$name"
	else
		fail "$name" "$* -> $status: $out"
	fi
}

# not_ok NAME COMMAND...: the command fails, by its own choice (not a signal,
# not "command not found").
not_ok()
{
	local name=$1 out status=0
	shift
	out=$("$@" 2>&1) || status=$?
	if [ "$status" -gt 0 ] && [ "$status" -lt 126 ]; then
		pass "$name"
	else
		fail "$name" "$* -> $status: $out"
	fi
}

# is NAME GOT WANTED
is()
{
	if [ "$2" = "$3" ]; then
		pass "$1"
	else
		fail "$1" "got:    $2" $'\n'"wanted: $3"
	fi
}

# like NAME TEXT EXTENDED-REGEX: some line of the text matches.
like()
{
	if grep -Eq -- "$3" <<<"$2"; then
		pass "$1"
	else
		fail "$1" "no match for: $3"$'\n'"$2"
	fi
}

# wait_for LIMIT-IN-SECONDS COMMAND...: until the command succeeds. 0, or 1
# when the limit has passed.
wait_for()
{
	local end=$((SECONDS + $1 + 1))
	shift
	until "$@" >/dev/null 2>&1; do
		[ "$SECONDS" -lt "$end" ] || return 1
		# Only how often to look, never how long it takes.
		sleep 0.02
	done
}

# add_namespace VARIABLE NAME: a network namespace of a unique name, with its
# loopback up; deleted at the end.
add_namespace()
{
	local full="$2-$$-$((RANDOM % 1000))"
	ip netns add "$full" || return 1
	T_NAMESPACES+=("$full")
	ip -n "$full" link set lo up
	printf -v "$1" %s "$full"
}

# add_link NS1 IFACE1 NS2 IFACE2: a cable between two namespaces.
add_link()
{
	ip -n "$1" link add "$2" type veth peer name "$4" netns "$3" &&
		ip -n "$1" link set "$2" up && ip -n "$3" link set "$4" up
}

# add_address NS IFACE ADDRESS/BITS...
add_address()
{
	local ns=$1 iface=$2 a
	shift 2
	for a; do
		case $a in
		*:*) ip -n "$ns" addr add "$a" dev "$iface" nodad ;;
		*) ip -n "$ns" addr add "$a" dev "$iface" ;;
		esac || return 1
	done
}

# The plan, and the status that the script ends with.
done_testing()
{
	echo "1..$T_COUNT"
	[ "$T_FAILED" -eq 0 ] && [ "$T_COUNT" -gt 0 ]
	exit
}

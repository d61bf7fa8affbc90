# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# suite - named scenarios, each in a testbed of its own.
#
# A scenario is the file netns-testbed/scenarios/NAME.sh. It says
#
#   about       in a line what is shown
#   topologies  "host edge", or one of them
#   uas         "sipp baresip", or one of them
#   options     options of testbed, beside those
#
# and defines the function scenario, which runs in the finished testbed with
# `set -e`: what fails ends it, and `wrong TEXT` says why. The functions of
# lib/*.sh are its language; docs/testbed.md shows it.

SCENARIOS=$TESTBED/scenarios

scenario_read() # NAME
{
	about='' topologies="host edge" uas="sipp baresip" options=()
	[ -f "$SCENARIOS/$1.sh" ] ||
		die "there is no scenario $1 (testbed suite --list)"
	# shellcheck source=/dev/null
	. "$SCENARIOS/$1.sh"
}

scenario_names()
{
	local f

	for f in "$SCENARIOS"/*.sh; do
		[ ! -f "$f" ] || basename "$f" .sh
	done
}

suite_list()
{
	local name

	for name in $(scenario_names); do
		scenario_read "$name"
		printf '%-20s %s (%s; %s)\n' "$name" "$about" \
			"${topologies// /, }" "${uas// /, }"
	done
}

# Every way to run the named scenarios: name, topology, endpoint.
suite_plan() # NAME...
{
	local name t u

	for name; do
		scenario_read "$name"
		for t in $topologies; do
			for u in $uas; do
				echo "$name $t $u"
			done
		done
	done
}

suite_one() # NAME TOPOLOGY UA DIRECTORY
{
	scenario_read "$1"
	BUILD=$BUILD "$TESTBED/testbed" scenario "$1" --quiet \
		--sipseald "$SIPSEALD" --user "$DAEMON_USER" --ip "$IPV" \
		--topology "$2" --ua "$3" \
		--out "$4" >"$4.log" 2>&1
}

# TAP. Of what passed nothing is kept.
do_suite() # [NAME...]
{
	local n=0 bad=0 out name t u where
	local -a names=("$@") plan

	[ $# -gt 0 ] || mapfile -t names < <(scenario_names)
	mapfile -t plan < <(suite_plan "${names[@]}")
	[ ${#plan[@]} -gt 0 ] || die "no scenario to run"
	need_tools
	out=${OUT:-$BUILD/report/suite}
	mkdir -p "$out"
	echo "1..${#plan[@]}"
	for where in "${plan[@]}"; do
		read -r name t u <<<"$where"
		n=$((n + 1))
		rm -rf "$out/$name-$t-$u"
		if suite_one "$name" "$t" "$u" "$out/$name-$t-$u"; then
			echo "ok $n - $name ($t, $u)"
			rm -rf "$out/$name-$t-$u" "$out/$name-$t-$u.log"
		else
			bad=$((bad + 1))
			echo "not ok $n - $name ($t, $u)"
			sed 's/^/# /' "$out/$name-$t-$u.log"
			echo "# captures: $out/$name-$t-$u"
		fi
	done
	[ $bad -eq 0 ]
}

# --- words for scenarios ------------------------------------------------------

# Up to a call that is talked on.
scenario_call() # TAKE
{
	take_begin "$1"
	phones_start
	call_to_ringing
	call_to_talking
}

scenario_end()
{
	take_end
	phones_stop
}

# Until the message shows up at a capturing node: COUNT lines like REGEX.
seen_at() # NODE REGEX [COUNT]
{
	"$TOOLS/await" -t "$EVENT_MS" -n "${3:-1}" "$TAKE/$1.pcap" "$2" \
		>/dev/null || wrong "$1 never sees $2"
}

must_not_have() # NODE REGEX
{
	! phone_has "$1" "$2" || wrong "$1: $(phone_last "$1")"
}

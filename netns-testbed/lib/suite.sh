# shellcheck shell=bash disable=SC2034,SC2153,SC2154 # shared by lib/*.sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# suite - named scenarios, each in a testbed of its own.
#
# A scenario is the file netns-testbed/scenarios/NAME.sh (or in the directory
# that SCENARIOS in the environment names). It says
#
#   about       in a line what is shown
#   topologies  "host edge", or one of them
#   uas         "sipp baresip", or one of them
#   options     options of testbed, beside those
#   points      which rows of the table in docs/testbed.md it belongs to
#   quick       "TOPOLOGY UA", a way that belongs to the quick set
#   quick_twin  the same for the twin
#
# and defines the function scenario, which runs in the finished testbed with
# `set -e`: what fails ends it, and `wrong TEXT` says why. The functions of
# lib/*.sh are its language; docs/testbed.md shows it.
#
# Where a defence is shown, the function twin shows that the attack succeeds
# without it, in a testbed of its own: twin_options (--auth digest) are in the
# place of options. Its name is NAME/twin.

SCENARIOS=${SCENARIOS:-$TESTBED/scenarios}

scenario_read() # NAME
{
	about='' topologies="host edge" uas="sipp baresip" options=() quick=''
	points='' quick_twin='' twin_options=(--auth digest) twin_topologies=edge
	unset -f scenario twin
	[ -f "$SCENARIOS/${1%/twin}.sh" ] ||
		die "there is no scenario $1 (testbed suite --list)"
	# shellcheck source=/dev/null
	. "$SCENARIOS/${1%/twin}.sh"
	[ "$1" != "${1%/twin}" ] || return 0
	declare -F twin >/dev/null || die "scenario ${1%/twin} has no twin"
	options=("${twin_options[@]}")
	topologies=$twin_topologies
	quick=$quick_twin
	about="the twin: without the defence the attack succeeds"
}

# The named one, or its twin, in the testbed that is up. What was captured is
# shown as ladders, too, when it fails.
scenario_run() # NAME
{
	trap scenario_over EXIT
	case $1 in
	*/twin) twin ;;
	*) scenario ;;
	esac
	trap on_exit EXIT
}

scenario_over()
{
	local status=$?

	set +e
	[ ${#CAPTURED[@]} -eq 0 ] || take_end >/dev/null 2>&1
	return_status $status
	on_exit
}

return_status() # STATUS
{
	return "$1"
}

scenario_names()
{
	local f

	for f in "$SCENARIOS"/*.sh; do
		[ -f "$f" ] || continue
		basename "$f" .sh
		! grep -q '^twin()' "$f" || echo "$(basename "$f" .sh)/twin"
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
		if [ "$QUICK" = yes ]; then
			[ -z "$quick" ] || echo "$name $quick"
			continue
		fi
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
	local n=0 bad=0 out name t u where kept
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
		kept=$out/${name//\//-}-$t-$u
		rm -rf "$kept"
		if suite_one "$name" "$t" "$u" "$kept"; then
			echo "ok $n - $name ($t, $u)"
			rm -rf "$kept" "$kept.log"
		else
			bad=$((bad + 1))
			echo "not ok $n - $name ($t, $u)"
			sed 's/^/# /' "$kept.log"
			echo "# captures: $kept"
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

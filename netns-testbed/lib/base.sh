# shellcheck shell=bash disable=SC2034,SC2153,SC2154 # shared by lib/*.sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# base - a testbed's records, its processes, and their end.
#
# A testbed is the namespaces sipseal-ID-NODE and the directory RUNS/ID:
#
#   owner   PID and start time of who will take it down, or "kept"
#   conf    how it was laid out, to be sourced
#   procs   a line for each process: PID, start time, node, name
#   NODE/   what the node's programs need and write
#
# The directory is made first and removed last, so that whatever is left after
# a SIGKILL can be found by `testbed gc`.

RUNS=/run/sipseal-testbed
DOMAIN=tb.example
PREFIX=sipseal
ALL_NODES="caller callee phone-a phone-b edge-a edge-b proxy attacker"

say()
{
	[ "$QUIET" = yes ] || printf '%s\n' "$*"
}

note()
{
	printf 'testbed: %s\n' "$*" >&2
}

die()
{
	note "$*"
	exit 1
}

have()
{
	command -v "$1" >/dev/null 2>&1
}

# --- what must be there -------------------------------------------------------

need_command() # COMMAND PACKAGE
{
	have "$1" ||
		die "$1 is missing: apt-get install $2 (or scripts/install-deps)"
}

need_root()
{
	[ "$(id -u)" -eq 0 ] ||
		die "network namespaces need root: sudo netns-testbed/testbed ..."
}

need_kernel()
{
	unshare -n true 2>/dev/null ||
		die "this kernel or container allows no network namespaces:" \
			"run on a real or virtual machine (CONFIG_NET_NS)"
	[ "$AUTH" = pgp ] || has_delay || return 0
	unshare -n iptables -t mangle -A INPUT -p udp -j NFQUEUE \
		--queue-num 1 2>/dev/null ||
		die "this kernel has no NFQUEUE: modprobe nfnetlink_queue" \
			"xt_NFQUEUE, or one with CONFIG_NETFILTER_XT_TARGET_NFQUEUE"
}

need_programs()
{
	need_command ip iproute2
	need_command setsid util-linux
	need_command ethtool ethtool
	need_command kamailio kamailio
	need_command tcpdump tcpdump
	case $UA in
	sipp) need_command sipp sip-tester ;;
	baresip) need_command baresip baresip-core ;;
	esac
	[ "$AUTH" = pgp ] || return 0
	need_command gpg gnupg
	need_command iptables iptables
	need_command setpriv util-linux
	[ -x "$SIPSEALD" ] || die "$SIPSEALD is missing: run make first"
	[ -x "$SIPSEALCTL" ] || die "$SIPSEALCTL is missing: run make first"
	[ -x "$RULES" ] || die "$RULES is missing"
}

# The small programs, built when they are older than their source.
need_tools()
{
	local log

	need_command make make
	need_command cc gcc
	log=$(flock "$TESTBED/Makefile" make -s -C "$TESTBED" \
		BUILD="$BUILD" 2>&1) ||
		die "the testbed's programs don't build: $log"
	TOOLS=$BUILD/testbed
}

# --- records ------------------------------------------------------------------

start_time() # PID
{
	local stat=
	local -a field

	# the name in the second field may hold anything
	read -r -d '' stat 2>/dev/null <"/proc/$1/stat" || [ -n "$stat" ] ||
		return 1
	read -ra field <<<"${stat##*) }"
	echo "${field[19]}"
}

id_is_good() # ID
{
	[[ $1 =~ ^[a-z0-9][a-z0-9-]{0,31}$ ]]
}

fresh_id()
{
	printf '%x-%04x' $$ $RANDOM
}

exists() # ID
{
	[ -d "$RUNS/$1" ]
}

# The directory appears with its owner in it, or gc could take it for a left-over.
record_new()
{
	local fresh=$RUNS/.new-$$

	id_is_good "$ID" ||
		die "--id $ID: lower case letters, digits and -, at most 32"
	rm -rf "$fresh"
	mkdir -p "$fresh"
	chmod 755 "$RUNS" "$fresh"
	echo "$$ $(start_time $$)" >"$fresh/owner"
	: >"$fresh/procs"
	mv -T "$fresh" "$RUNS/$ID" 2>/dev/null || {
		rm -rf "$fresh"
		die "testbed $ID is there already: netns-testbed/testbed down $ID"
	}
	RUN=$RUNS/$ID
	record_write
}

record_write()
{
	local v

	for v in TOPOLOGY AUTH UA IPV OUT PROXY_OPT SIPSEALD SIPSEALCTL \
		RULES DAEMON_USER CONF_EXTRA POLICY_EXTRA MODE KEY DELAY \
		LOSS; do
		printf '%s=%q\n' "$v" "${!v}"
	done >"$RUN/conf"
}

record_load() # ID
{
	exists "$1" || die "there is no testbed $1 (testbed status lists them)"
	ID=$1
	RUN=$RUNS/$1
	# shellcheck source=/dev/null
	[ ! -s "$RUN/conf" ] || . "$RUN/conf"
}

is_orphan() # ID
{
	local owner pid started

	owner=$(cat "$RUNS/$1/owner" 2>/dev/null) || owner=
	[ "$owner" != kept ] || return 1
	read -r pid started <<<"$owner" || return 0
	[ -n "$started" ] && [ "$(start_time "$pid")" = "$started" ] && return 1
	return 0
}

# --- in a node ----------------------------------------------------------------

ns() # NODE
{
	echo "$PREFIX-$ID-$1"
}

in_node() # NODE COMMAND...
{
	local node=$1

	shift
	ip netns exec "$PREFIX-$ID-$node" "$@"
}

# --- processes ----------------------------------------------------------------

# Everything a program says goes to RUN/NODE/NAME.log.
proc_start() # NAME NODE COMMAND...
{
	local name=$1 node=$2 pid

	shift 2
	mkdir -p "$RUN/$node"
	# out of reach of a terminal's Ctrl-C: what ends them is take_down()
	setsid ip netns exec "$PREFIX-$ID-$node" "$@" </dev/null \
		>>"$RUN/$node/$name.log" 2>&1 &
	pid=$!
	echo "$pid $(start_time $pid) $node $name" >>"$RUN/procs"
	disown "$pid"
}

# The newest of that name. Empty when it has ended.
proc_pid() # NAME NODE
{
	local pid started node name newest='' since=''

	while read -r pid started node name; do
		[ "$name" = "$1" ] && [ "$node" = "$2" ] || continue
		newest=$pid since=$started
	done <"$RUN/procs"
	[ -z "$newest" ] || [ "$(start_time "$newest")" != "$since" ] ||
		echo "$newest"
}

proc_log() # NAME NODE
{
	echo "$RUN/$2/$1.log"
}

proc_await() # NAME NODE REGEX MS
{
	local pid

	pid=$(proc_pid "$1" "$2")
	"$TOOLS/await" -t "$4" ${pid:+-p "$pid"} "$(proc_log "$1" "$2")" "$3"
}

proc_stop() # NAME NODE [SIGNAL [MS]]
{
	local pid

	pid=$(proc_pid "$1" "$2")
	[ -n "$pid" ] || return 0
	kill -s "${3:-TERM}" "$pid" 2>/dev/null || return 0
	"$TOOLS/await" -t "${4:-5000}" -g "$pid" && return 0
	kill -s KILL "$pid" 2>/dev/null || :
	"$TOOLS/await" -t 5000 -g "$pid" || :
}

kill_recorded() # SIGNAL
{
	local pid started node name

	[ -s "$RUN/procs" ] || return 0
	while read -r pid started node name; do
		[ "$(start_time "$pid")" != "$started" ] ||
			kill -s "$1" "$pid" 2>/dev/null || :
	done <"$RUN/procs"
}

# What runs in our namespaces is ours, also what our programs started.
node_pids()
{
	local -a names

	mapfile -t names < <(namespaces_of "$ID" | sed 's|^|/run/netns/|')
	[ ${#names[@]} -gt 0 ] || return 0
	# those that end meanwhile make it fail
	{ stat -L -c '%d:%i %n' "${names[@]}" /proc/[0-9]*/ns/net \
		2>/dev/null || :; } |
		awk '$2 !~ /^\/proc\// { ours[$1]; next }
			$1 in ours { split($2, p, "/"); print p[3] }'
}

# Those that are ending are not listed any more.
await_empty()
{
	local end=$((SECONDS + 3))

	while [ -n "$(node_pids)" ] && [ $SECONDS -lt $end ]; do
		sleep 0.05
	done
}

# --- the end ------------------------------------------------------------------

namespaces_of() # ID
{
	local n

	for n in $ALL_NODES; do
		[ ! -e "/run/netns/$PREFIX-$1-$n" ] || echo "$PREFIX-$1-$n"
	done
}

take_down()
{
	local pids n

	[ -n "${RUN:-}" ] && [ -d "$RUN" ] || return 0
	kill_recorded TERM
	await_empty
	pids=$(node_pids)
	# shellcheck disable=SC2086 # a word is a process
	[ -z "$pids" ] || kill -s KILL $pids 2>/dev/null || :
	await_empty
	for n in $(namespaces_of "$ID"); do
		ip netns del "$n" 2>/dev/null || :
	done
	# those of figures/measure.sh; empty by now
	for n in /sys/fs/cgroup/{.,*}/"$PREFIX-$ID"-*/; do
		rmdir "$n" 2>/dev/null || :
	done
	rm -rf "${RUNS:?}/${ID:?}"
	RUN=
}

# Whatever ends us takes the testbed with it, unless it is to be kept.
on_exit()
{
	local status=$?

	trap - EXIT INT TERM HUP
	[ "${OWNER:-no}" != yes ] || take_down
	exit $status
}

own()
{
	OWNER=yes
	trap on_exit EXIT
	trap 'exit 129' HUP
	trap 'exit 130' INT
	trap 'exit 143' TERM
}

disown_testbed()
{
	echo kept >"$RUN/owner"
	OWNER=no
}

collect_garbage()
{
	local d n id node

	for d in "$RUNS"/*/; do
		[ -d "$d" ] || continue
		id=$(basename "$d")
		is_orphan "$id" || continue
		(
			record_load "$id"
			take_down
		)
		say "removed testbed $id"
	done
	for n in /run/netns/"$PREFIX"-*; do
		for node in $ALL_NODES; do
			id=${n#/run/netns/"$PREFIX"-}
			[ -e "$n" ] && [ "$id" != "${id%-"$node"}" ] || continue
			id=${id%-"$node"}
			id_is_good "$id" && ! exists "$id" || continue
			# nobody's: its directory is gone
			(
				ID=$id
				record_new
				take_down
			)
			say "removed namespaces of testbed $id"
		done
	done
	for d in "$RUNS"/.new-*; do
		[ ! -d "$d" ] || [ -d "/proc/${d##*-}" ] || rm -rf "$d"
	done
}

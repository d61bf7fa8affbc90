# shellcheck shell=bash disable=SC2034,SC2154 # shared with scripts/bench
# SPDX-License-Identifier: GPL-2.0-or-later
#
# lib - the wires, appliances and proxies of a measurement, and its records.
#
#   a --- edge-a --- proxy --- edge-b --- b
#
# Everything is in the namespaces $NET-NODE and the directory $WORK, and ends
# with the script. Programs that are measured run in a control group of their
# own, so that what they start (gpg, gpg-agent) is counted with them.

DAEMON_USER=nobody
RULES=$TOP/rules/sipseal-rules
GROUPS_MADE=()
A=10.99.1.2 B=10.99.2.2 P_A=10.99.3.1 P_B=10.99.4.1
REALM_B=edge-b.bench.example

say()
{
	printf '%s\n' "$*" >&2
}

die()
{
	say "bench: $*"
	exit 1
}

# --- records ------------------------------------------------------------------

# A line of JSON for each result; programs write them as they are.
keep()
{
	tee -a "$RESULTS" >/dev/null
}

# Values, one a line, to one result.
series() # GROUP NAME UNIT
{
	jq -sc --arg g "$1" --arg n "$2" --arg u "$3" '
	def at(p): .[((length - 1) * p + 0.5) | floor];
	select(length > 0) | sort | . as $v | length as $l |
	{ group: $g, name: $n, unit: $u, n: $l,
	  median: (if $l % 2 == 1 then $v[($l - 1) / 2]
		   else ($v[$l / 2 - 1] + $v[$l / 2]) / 2 end),
	  min: $v[0], max: $v[-1], p10: ($v | at(0.1)), p90: ($v | at(0.9)),
	  p99: ($v | at(0.99)) }' | keep
}

value() # GROUP NAME UNIT VALUE
{
	echo "$4" | series "$1" "$2" "$3"
}

calc() # EXPRESSION
{
	awk "BEGIN { printf \"%.6g\", $1 }"
}

get() # JSON-TEXT FIELD
{
	jq -r ".$2" <<<"$1"
}

# --- processes ----------------------------------------------------------------

group_file() # NAME
{
	if [ -d /sys/fs/cgroup/cpuacct ]; then
		echo "/sys/fs/cgroup/cpuacct/$NET-$1/cpuacct.usage"
	else
		echo "/sys/fs/cgroup/$NET-$1/cpu.stat"
	fi
}

group_make() # NAME
{
	local dir

	dir=$(dirname "$(group_file "$1")")
	[ -d "$dir" ] || mkdir "$dir" || die "no control group $dir"
	GROUPS_MADE+=("$dir")
}

group_ns() # NAME
{
	awk '/^usage_usec/ { print $2 * 1000; exit }
		/^[0-9]+$/ { print; exit }' "$(group_file "$1")"
}

# Run in the group, on these cores ("" all): only after everything else, exec.
group_exec() # NAME CORES COMMAND...
{
	local cores=$2 dir

	dir=$(dirname "$(group_file "$1")")
	shift 2
	echo "$BASHPID" >"$dir/cgroup.procs"
	[ -z "$cores" ] || set -- taskset -c "$cores" "$@"
	exec "$@"
}

in_node() # NODE COMMAND...
{
	local node=$1

	shift
	ip netns exec "$NET-$node" "$@"
}

await_text() # FILE REGEX PID
{
	local i

	for ((i = 0; i < 600; i++)); do
		! grep -q "$2" "$1" 2>/dev/null || return 0
		kill -0 "$3" 2>/dev/null || break
		sleep 0.05
	done
	die "$1: no '$2': $(tail -n 2 "$1")"
}

end_process() # PID
{
	local i

	kill "${1:-none}" 2>/dev/null || return 0
	for ((i = 0; i < 200; i++)); do
		kill -0 "$1" 2>/dev/null || break
		sleep 0.05
	done
	kill -KILL "$1" 2>/dev/null || :
	wait "$1" 2>/dev/null || :
}

# What still runs in a group, gpg-agents that nobody asked to go among them.
group_end() # DIRECTORY
{
	local i pid

	for ((i = 0; i < 100; i++)); do
		while read -r pid; do
			kill -KILL "$pid" 2>/dev/null || :
		done <"$1/cgroup.procs"
		rmdir "$1" 2>/dev/null && return 0
		sleep 0.05
	done
	say "bench: $1 is left"
}

clean_up()
{
	local pid n dir

	for n in a edge-a proxy edge-b b; do
		for pid in $(ip netns pids "$NET-$n" 2>/dev/null); do
			kill -KILL "$pid" 2>/dev/null || :
		done
	done
	for dir in ${GROUPS_MADE[@]+"${GROUPS_MADE[@]}"}; do
		[ ! -d "$dir" ] || group_end "$dir"
	done
	wait 2>/dev/null || :
	for n in a edge-a proxy edge-b b; do
		ip netns del "$NET-$n" 2>/dev/null || :
	done
	rm -rf "${WORK:?}"
}

# --- wires --------------------------------------------------------------------

wire() # NODE INTERFACE ADDRESS NODE INTERFACE ADDRESS
{
	ip -n "$NET-$1" link add "$2" type veth peer name "$5" netns "$NET-$4"
	ip -n "$NET-$1" addr add "$3/24" dev "$2"
	ip -n "$NET-$4" addr add "$6/24" dev "$5"
	ip -n "$NET-$1" link set "$2" up
	ip -n "$NET-$4" link set "$5" up
}

wires_up()
{
	local n

	for n in a edge-a proxy edge-b b; do
		ip netns add "$NET-$n"
		ip -n "$NET-$n" link set lo up
		in_node $n sysctl -qw net.ipv4.conf.all.rp_filter=0 \
			net.ipv4.conf.default.rp_filter=0 net.ipv4.ip_forward=1
	done
	wire a eth0 $A edge-a lan 10.99.1.1
	wire edge-a wan 10.99.3.2 proxy pa $P_A
	wire proxy pb $P_B edge-b wan 10.99.4.2
	wire edge-b lan 10.99.2.1 b eth0 $B
	ip -n "$NET-a" route add default via 10.99.1.1
	ip -n "$NET-edge-a" route add default via $P_A
	ip -n "$NET-proxy" route add 10.99.1.0/24 via 10.99.3.2
	ip -n "$NET-proxy" route add 10.99.2.0/24 via 10.99.4.2
	# who answers spoofed packets is heard by nobody
	ip -n "$NET-proxy" route add blackhole 198.18.0.0/15
	ip -n "$NET-edge-b" route add default via $P_B
	ip -n "$NET-b" route add default via 10.99.2.1
}

# --- GnuPG --------------------------------------------------------------------

gpg_in() # DIRECTORY OPTION...
{
	local home=$1

	shift
	setpriv --reuid $DAEMON_USER --regid "$(id -gn $DAEMON_USER)" \
		--clear-groups env -i HOME="$WORK" PATH="$PATH" LC_ALL=C \
		gpg --homedir "$home" --batch --quiet --no-tty --passphrase '' \
		"$@" 2>>"$WORK/gpg.log"
}

agent_end() # DIRECTORY
{
	setpriv --reuid $DAEMON_USER --regid "$(id -gn $DAEMON_USER)" \
		--clear-groups env -i HOME="$WORK" PATH="$PATH" \
		gpgconf --homedir "$1" --kill all 2>/dev/null || :
}

key_of() # DIRECTORY NAME
{
	gpg_in "$1" --with-colons --list-keys "=$2" |
		awk -F : '$1 == "fpr" { print $10; exit }'
}

home_new() # DIRECTORY
{
	mkdir -p "$1"
	chmod 700 "$1"
	# trust is not what is measured; the daemon's answer is cached anyway
	echo "trust-model always" >"$1/gpg.conf"
	chown -R "$DAEMON_USER:" "$1"
}

key_make() # DIRECTORY NAME ALGORITHM
{
	gpg_in "$1" --quick-gen-key "$2" "$3" sign never ||
		die "gpg: $(tail -n 1 "$WORK/gpg.log")"
}

ALICE="Alice <sip:alice@bench.example>"
BOB="Bob <sip:bob@bench.example>"
ROBERT="Robert <sip:robert@bench.example>"

homes_make()
{
	home_new "$WORK/edge-a/gnupg"
	home_new "$WORK/edge-b/gnupg"
	key_make "$WORK/edge-a/gnupg" "$ALICE" ed25519
	key_make "$WORK/edge-b/gnupg" "$BOB" ed25519
	# by this name he is asked every time
	gpg_in "$WORK/edge-b/gnupg" --quick-add-uid "=$BOB" "$ROBERT"
	gpg_in "$WORK/edge-a/gnupg" --export >"$WORK/alice.pgp"
	gpg_in "$WORK/edge-b/gnupg" --export >"$WORK/bob.pgp"
	gpg_in "$WORK/edge-a/gnupg" --import <"$WORK/bob.pgp"
	gpg_in "$WORK/edge-b/gnupg" --import <"$WORK/alice.pgp"
	KEY_A=$(key_of "$WORK/edge-a/gnupg" "$ALICE")
	KEY_B=$(key_of "$WORK/edge-b/gnupg" "$BOB")
	[ -n "$KEY_A$KEY_B" ] || die "no keys were made"
	# what plays the other side signs by itself
	cp -a "$WORK/edge-b/gnupg" "$WORK/far-b"
	cp -a "$WORK/edge-a/gnupg" "$WORK/far-a"
	chown -R root: "$WORK/far-a" "$WORK/far-b"
	agent_end "$WORK/edge-a/gnupg"
	agent_end "$WORK/edge-b/gnupg"
}

# --- the daemon ---------------------------------------------------------------

# Which engines this build has.
engine_known() # NAME
{
	printf 'sign-engine = "%s"\n' "$1" >"$WORK/engine.conf"
	"$SIPSEALD" -n -c "$WORK/engine.conf" >/dev/null 2>&1
}

daemon_conf() # NODE SIGN VERIFY [POLICY]
{
	cat >"$WORK/$1/sipseald.conf" <<-END
		realm = "$1.bench.example"
		user = "$DAEMON_USER"
		gnupg-home = "$WORK/$1/gnupg"
		state-dir = "$WORK/$1/state"
		control = "$WORK/$1/control"
		log-level = "info"
		sign-engine = "$2"
		verify-engine = "$3"
		peer "sip:robert@*" {
		        eager = false
		}
		peer "*" {
		        ${4:-mode = "enforce"}
		}
	END
}

declare -A DAEMON

daemon_start() # NODE SIGN VERIFY [POLICY [CORES [WRAPPER...]]]
{
	local node=$1 cores=${5:-}

	daemon_conf "$1" "$2" "$3" "${4:-}"
	rm -rf "$WORK/$node/state"
	: >"$WORK/$node/log"
	group_make "$node"
	rules_on "$node"
	shift $(($# > 5 ? 5 : $#))
	(group_exec "$node" "$cores" ip netns exec "$NET-$node" "$@" \
		"$SIPSEALD" -c "$WORK/$node/sipseald.conf") \
		>"$WORK/$node/log" 2>&1 &
	DAEMON[$node]=$!
	await_text "$WORK/$node/log" '\<ready\>' $!
}

daemon_stop() # NODE
{
	end_process "${DAEMON[$1]:-}"
	DAEMON[$1]=
	rules_off "$1"
	agent_end "$WORK/$1/gnupg"
}

# What comes from the side of a is outbound; at the proxy's node, too.
rules_on() # NODE [OPTION...]
{
	local node=$1 lan=lan

	shift
	[ "$node" != proxy ] || lan=pa
	in_node "$node" "$RULES" install --place router --lan $lan \
		--no-ipv6 "$@"
}

rules_off() # NODE
{
	in_node "$1" "$RULES" remove --no-ipv6 2>/dev/null || :
}

# What the group takes while nothing comes, ns a second.
idle_ns() # NODE
{
	local before

	before=$(group_ns "$1")
	sleep $IDLE_S
	calc "int(($(group_ns "$1") - $before) / $IDLE_S)"
}

# --- Kamailio -----------------------------------------------------------------

proxy_start() # CORES DEFINE...
{
	local cores=$1 d
	local -a defines=()

	shift
	for d; do
		defines+=(-A "$d")
	done
	sed -e "s/CALLEE/$B:5060/" -e "s|KEYS|$WORK/secsipid|g" \
		-e "s/LISTEN/$P_A/" \
		"$TOP/tests/bench/kamailio.cfg" >"$WORK/kamailio.cfg"
	mkdir -p "$WORK/kamailio"
	group_make proxy
	: >"$WORK/kamailio.log"
	(group_exec proxy "$cores" ip netns exec "$NET-proxy" kamailio -DD -E -x tlsf \
		-m 256 -M 8 -f "$WORK/kamailio.cfg" -w "$WORK/kamailio" \
		-Y "$WORK/kamailio" ${defines[@]+"${defines[@]}"}) \
		>"$WORK/kamailio.log" 2>&1 &
	PROXY=$!
	# one call answers whether it is there
	proxy_await
}

proxy_await()
{
	local i

	for ((i = 0; i < 100; i++)); do
		kill -0 "$PROXY" 2>/dev/null || break
		[ "$(get "$(calls_by 5060 -n 1 -l 200)" "done")" != 1 ] ||
			return 0
		sleep 0.05
	done
	die "Kamailio does not work: $(tail -n 3 "$WORK/kamailio.log")"
}

proxy_stop()
{
	end_process "${PROXY:-}"
	PROXY=
}

# --- calls --------------------------------------------------------------------

# Through the proxy, by the port that says what it does.
calls_by() # PORT OPTION...
{
	local port=$1

	shift
	"$BENCH/callgen" -a "$NET-a/$A:5060" -b "$NET-b/$B:5060" \
		-x "$P_A:$port" -d alice:alicepw "$@"
}

# Straight to the other side.
calls_direct() # OPTION...
{
	"$BENCH/callgen" -a "$NET-a/$A:5060" -b "$NET-b/$B:5060" "$@"
}

# shellcheck shell=bash disable=SC2034,SC2153,SC2154 # shared by lib/*.sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# capture - what went over the wires, and how it is shown.
#
# A take is a directory OUT/NAME with a capture of each node. On a host that
# guards itself the wire shows only what the daemon let out or took in; what its
# phone says and hears is captured by NFLOG on the phone's side of the daemon,
# where the kernel has that.

FLUSH_PORT=9
CAPTURE_MS=60000

declare -a CAPTURED=()
TAKE=
FLUSHES=0
PHONE_GROUP=

capture_filter()
{
	echo "udp port 5060 or udp port $FLUSH_PORT" \
		"or (ip[6:2] & 0x1fff != 0) or (ip6 and (ip6[6] == 44 or ip6[6] == 0))"
}

capture_start_on() # NODE NAME INTERFACE FILTER...
{
	local node=$1 name=$2 interface=$3
	local -a before=()

	shift 3
	# NFLOG's packets bear the time at which they are read: before all else
	[[ $interface != nflog:* ]] || ! chrt -f 10 true 2>/dev/null ||
		before=(chrt -f 10)
	mkdir -p "$RUN/$node"
	: >"$RUN/$node/tcpdump-$$-$name.log"
	rm -f "$TAKE/$name.pcap"
	proc_start "tcpdump-$$-$name" "$node" ${before[@]+"${before[@]}"} \
		tcpdump -Z root -n -s 0 -U \
		--immediate-mode -i "$interface" -w "$TAKE/$name.pcap" "$@"
	CAPTURED+=("$node $name")
}

has_phone_side()
{
	[ "$TOPOLOGY" = host ] && [ "$AUTH" = pgp ] && [ "$IPV" = 4 ]
}

# An NFLOG group has one reader: each capture takes one of its own.
phone_side_group()
{
	for ((PHONE_GROUP = 7; PHONE_GROUP < 39; PHONE_GROUP++)); do
		! mkdir "$RUN/nflog-$PHONE_GROUP" 2>/dev/null || return 0
	done
	die "32 captures of testbed $ID at once are too many"
}

phone_side_release()
{
	[ -z "$PHONE_GROUP" ] || rmdir "$RUN/nflog-$PHONE_GROUP"
	PHONE_GROUP=
}

phone_side_rule() # NODE CHAIN-AND-MATCH...
{
	local node=$1

	shift
	in_node "$node" iptables "$@" -j NFLOG --nflog-group "$PHONE_GROUP" \
		--nflog-threshold 1 2>/dev/null
}

phone_side_rules() # NODE; once for each group
{
	local done=$RUN/$1/nflog-$PHONE_GROUP

	[ ! -e "$done" ] || return 0
	phone_side_rule "$1" -t raw -A OUTPUT -p udp ! -o lo -m mark \
		! --mark "$(daemon_mark)" -m multiport \
		--ports "5060,$FLUSH_PORT" &&
		phone_side_rule "$1" -t filter -A INPUT -p udp -m multiport \
			--ports 5060 || return 1
	: >"$done"
}

capture_start() # TAKE
{
	local link node interface rest entry name

	TAKE=$OUT/$1
	mkdir -p "$TAKE"
	CAPTURED=()
	for link in "${LINKS[@]}"; do
		read -r node interface rest <<<"$link"
		capture_start_on "$node" "$node" "$interface" "$(capture_filter)"
	done
	capture_start_on proxy proxy br0 "$(capture_filter)"
	# only what it sends: a switch may flood others' packets to it
	capture_start_on attacker attacker eth0 -Q out "$(capture_filter)"
	if has_phone_side; then
		phone_side_group
		for node in caller callee; do
			phone_side_rules "$node" || continue
			capture_start_on "$node" "$node-phone" "nflog:$PHONE_GROUP"
		done
	fi
	for entry in "${CAPTURED[@]}"; do
		read -r node name <<<"$entry"
		proc_await "tcpdump-$$-$name" "$node" 'listening on' \
			"$CAPTURE_MS" >/dev/null ||
			die "tcpdump does not start in $node: $(tail -n 1 \
				"$(proc_log "tcpdump-$$-$name" "$node")")"
	done
}

# A packet of our own through each capture: when it is in the file, everything
# before it is, too.
capture_flush()
{
	local entry node name target

	FLUSHES=$((FLUSHES + 1))
	for entry in "${CAPTURED[@]}"; do
		read -r node name <<<"$entry"
		target=proxy
		[ "$node" != proxy ] || target=attacker
		printf '\nflush %s %d.\n' "$node" "$FLUSHES" |
			in_node "$node" "$TOOLS/datagram" \
				"$(address "$target")" $FLUSH_PORT || :
	done
	for entry in "${CAPTURED[@]}"; do
		read -r node name <<<"$entry"
		"$TOOLS/await" -t "$CAPTURE_MS" "$TAKE/$name.pcap" \
			"flush $node $FLUSHES\\." >/dev/null ||
			note "the capture of $name may lack its end"
	done
}

capture_stop()
{
	local entry node name

	capture_flush
	for entry in "${CAPTURED[@]}"; do
		read -r node name <<<"$entry"
		proc_stop "tcpdump-$$-$name" "$node" INT
	done
	CAPTURED=()
	phone_side_release
}

# --- ladders ------------------------------------------------------------------

# The arguments that tell the ladder who is where. Results: LADDER.
ladder_arguments() # DIRECTORY
{
	local link node interface name n
	local -a columns

	columns=("$CALLER" proxy "$CALLEE")
	[ "$TOPOLOGY" = host ] ||
		columns=(phone-a edge-a proxy edge-b phone-b)
	[ ! -s "$1/caller-phone.pcap" ] ||
		columns=("alice" caller proxy callee "bob")
	LADDER=(-c "$(IFS=, && echo "${columns[*]}")")
	for n in "${NODES[@]}"; do
		[ "$n" = attacker ] || LADDER+=(-a "$(address "$n")=$n")
	done
	[ ! -s "$1/caller-phone.pcap" ] ||
		LADDER+=(-a "$(address caller)=alice" -a "$(address callee)=bob")
	[ ! -s "$1/attacker.pcap" ] || LADDER+=(-x "$1/attacker.pcap")
	LADDER+=(-n ANSWER -n HANGUP -n GIVEUP)
	if [ -s "$1/caller-phone.pcap" ]; then
		LADDER+=("alice:caller=$1/caller-phone.pcap"
			"callee:bob=$1/callee-phone.pcap")
	fi
	for link in "${LINKS[@]}"; do
		read -r node interface name <<<"$link"
		LADDER+=("$name=$1/$node.pcap")
	done
}

ladder() # DIRECTORY [OPTION...]
{
	local dir=$1
	local -a LADDER

	shift
	ladder_arguments "$dir"
	"$TOOLS/ladder" "$@" "${LADDER[@]}"
}

# Rows of one link, by its place from the left: 1 is the caller's phone's.
ladder_rows() # DIRECTORY
{
	ladder "$1" -t
}

# Set-up time in milliseconds: from the caller's phone's first INVITE to its ACK,
# without the time that the callee's phone let it ring.
setup_ms() # DIRECTORY
{
	local a=$CALLER b=$CALLEE

	[ ! -s "$1/caller-phone.pcap" ] || a=alice b=bob
	ladder_rows "$1" | awk -F '\t' -v a="$a" -v b="$b" '
		$6 != "INVITE" && $6 != "ACK" { next }
		$3 == a && $6 == "INVITE" && !start { start = $1 }
		$3 == b && $7 == 180 && !rings { rings = $1 }
		$3 == b && $7 == 200 && !answers { answers = $1 }
		$3 == a && $6 == "ACK" && answers {
			if (!rings)
				rings = answers
			printf "%.3f\n", ($1 - start - answers + rings) / 1000
			exit
		}'
}

# A whole take as files: rows, text, picture.
ladder_keep() # DIRECTORY
{
	ladder_rows "$1" >"$1/ladder.tsv"
	ladder "$1" -s "$1/ladder.svg" >"$1/ladder.txt"
}

# shellcheck shell=bash disable=SC2034,SC2153,SC2154 # shared with run
# SPDX-License-Identifier: GPL-2.0-or-later
#
# measure - one set-up's testbed, what is counted of it, and single calls.
#
# Set-up time and CPU of the caller's and the callee's side are taken by
# tools/meter.c in their nodes: from the phone's first INVITE, seen before
# sipseald gets it, to the ACK that leaves the host; at the callee from the INVITE
# that arrives to the ACK that reaches the phone. CPU is that of a control group
# with everything that works for the side: phone, sipseald, gpg, gpg-agent. The
# meter itself is not in it, nor is the kernel's work in interrupts.

CALL_MS=20000
PAUSE=0.06
# A 180 may come behind the 200: the proxy has several processes.
SIPP_LENIENT=(-default_behaviors "all,-abortunexp")

# --- control groups -----------------------------------------------------------

groups_find()
{
	local d

	CPU_FILE=cpuacct.usage
	for d in /sys/fs/cgroup/cpuacct /sys/fs/cgroup/cpu,cpuacct; do
		GROUPS_DIR=$d
		[ ! -e "$d/$CPU_FILE" ] || return 0
	done
	CPU_FILE=cpu.stat
	for d in /sys/fs/cgroup /sys/fs/cgroup/unified; do
		GROUPS_DIR=$d
		[ ! -e "$d/cgroup.procs" ] || [ ! -e "$d/cgroup.controllers" ] ||
			return 0
	done
	die "no control groups count CPU time here: mount -t cgroup2 none" \
		"/sys/fs/cgroup"
}

group_of() # NODE
{
	echo "$GROUPS_DIR/sipseal-$ID-$1"
}

group_make() # NODE
{
	local pid group

	group=$(group_of "$1")
	mkdir -p "$group"
	for pid in $(ip netns pids "$(ns "$1")"); do
		echo "$pid" >"$group/cgroup.procs" 2>/dev/null || :
	done
}

group_remove() # NODE
{
	local i

	for ((i = 0; i < 40; i++)); do
		rmdir "$(group_of "$1")" 2>/dev/null && return 0
		[ -d "$(group_of "$1")" ] || return 0
		sleep 0.05
	done
}

# In the node's group: what it starts belongs to it.
in_group() # NODE COMMAND...
{
	local group

	group=$(group_of "$1")
	shift
	(
		echo "$BASHPID" >"$group/cgroup.procs"
		"$@"
	)
}

cpu_us() # NODE
{
	awk '$1 == "usage_usec" { us = $2; exit } NF == 1 { us = $1 / 1000 }
		END { printf "%d\n", us }' "$(group_of "$1")/$CPU_FILE"
}

# --- a set-up -----------------------------------------------------------------

# FIGURE.NAME of the line that is read, and its fields: F_*.
setup_read() # KEY
{
	local figure name rest

	while IFS='|' read -r figure name F_ENDPOINTS F_SHORT F_FULL F_LABEL \
		F_OPTIONS; do
		figure=${figure// /}
		name=${name// /}
		[ "$figure.$name" = "$1" ] || continue
		F_ENDPOINTS=${F_ENDPOINTS// /}
		F_LABEL=$(sed 's/^ *//; s/ *$//' <<<"$F_LABEL")
		F_COUNT=${F_SHORT// /}
		[ "$FULL" = no ] || F_COUNT=${F_FULL// /}
		[ -z "$COUNT" ] || [ "$F_COUNT" -eq 0 ] || F_COUNT=$COUNT
		F_PROXY=no
		F_RATE=0
		[[ $F_ENDPOINTS != *+proxy* ]] || F_PROXY=yes
		[[ $F_ENDPOINTS != *@* ]] || F_RATE=${F_ENDPOINTS#*@}
		F_ENDPOINTS=${F_ENDPOINTS%%[+@]*}
		return 0
	done < <(grep -v '^#' "$SETUPS")
	die "$1: no such set-up in $SETUPS"
}

setups_of() # FIGURE
{
	awk -F '|' -v f="$1" '/^#/ || NF < 7 { next }
		{ gsub(/ /, "", $1); gsub(/ /, "", $2) }
		$1 == f { print $1 "." $2 }' "$SETUPS"
}

id_of() # KEY
{
	echo "fig$$-${1//./-}"
}

setup_enter() # KEY
{
	record_load "$(id_of "$1")"
	topology_names
	HANGUP_BY=$CALLER
	WORK=$REPORT/captures/$1
}

meter_start() # NODE FIRST FIRST-NAME LAST LAST-NAME
{
	local fd

	exec {fd}<"$(group_of "$1")/$CPU_FILE"
	proc_start meter "$1" "$TOOLS/meter" "$2" "$WORK/$1-$3.pcap" \
		"$4" "$WORK/$1-$5.pcap" "$fd"
	exec {fd}<&-
	proc_await meter "$1" ready 10000 >/dev/null ||
		die "no measuring in $1: $(tail -n 1 "$(proc_log meter "$1")")"
}

meters_start()
{
	local n

	for n in "$CALLER" "$CALLEE"; do
		mkdir -p "$RUN/$n"
		phone_side_rules "$n" ||
			die "this kernel has no NFLOG: modprobe nfnetlink_log" \
				"xt_NFLOG"
	done
	meter_start "$CALLER" nflog:7 phone eth0 wire
	meter_start "$CALLEE" eth0 wire nflog:7 phone
}

endpoints_start()
{
	local n scenario=quick-callee

	for n in "$CALLER" "$CALLEE"; do
		mkdir -p "$RUN/$n"
		: >"$(events "$n")"
		if [ "$UA" = baresip ]; then
			ANSWERMODE=auto in_group "$n" baresip_start "$n"
			phone_await "$n" registered
		else
			in_group "$n" sipp_register "$n"
		fi || die "$n can't register: $(phone_complaint "$n")"
	done
	[ "$UA" = sipp ] || return 0
	[ "$F_ENDPOINTS" != sipp-digest ] || scenario=quick-callee-digest
	in_group "$CALLEE" sipp_start "$CALLEE" $scenario -m 1000000 \
		-timeout 86400s
}

setup_up() # KEY
{
	local -a options
	local id n

	setup_read "$1"
	id=$(id_of "$1")
	eval "options=($F_OPTIONS)"
	"$TESTBED/testbed" up --quiet --owner $$ --topology host --id "$id" \
		--sipseald "$SIPSEALD" --out "$REPORT/captures/$1" \
		"${options[@]}" || return 1
	UP+=("$1")
	(
		setup_enter "$1"
		mkdir -p "$WORK"
		[ "$F_PROXY" = no ] || proxy_guard_start
		for n in "$CALLER" proxy "$CALLEE"; do
			group_make "$n"
		done
		meters_start
		endpoints_start
	)
}

setup_down() # KEY
{
	(
		setup_enter "$1"
		proc_stop meter "$CALLER"
		proc_stop meter "$CALLEE"
		[ "$AUTH" != pgp ] || guards_keep "$WORK"
		sizes_keep "$1" || :
		take_down
		for n in "$CALLER" proxy "$CALLEE"; do
			group_remove "$n"
		done
	)
}

# --- a call -------------------------------------------------------------------

calls_metered() # NODE
{
	grep -c '^call ' "$(proc_log meter "$1")" || :
}

sipp_call()
{
	: >"$(events "$CALLER")"
	rm -f "$RUN/$CALLER/sipp-errors"
	in_group "$CALLER" sipp_start "$CALLER" quick-caller -s bob -au alice \
		-ap alicepw "${SIPP_LENIENT[@]}" \
		-cid_str "%u-$(printf %05d-%05d $RANDOM $RANDOM)"
	phone_await "$CALLER" closed $CALL_MS &&
		phone_has "$CALLER" 'closed here' || return 1
	"$TOOLS/await" -t 5000 -g "$(proc_pid sipp "$CALLER" | grep . ||
		echo 999999999)"
}

baresip_call()
{
	: >"$(events "$CALLER")"
	: >"$(events "$CALLEE")"
	phone_dial
	phone_await "$CALLER" established $CALL_MS || return 1
	phone_await "$CALLEE" established $CALL_MS || return 1
	sleep $PAUSE
	phone_hangup "$CALLER"
	phone_await "$CALLER" closed $CALL_MS &&
		phone_await "$CALLEE" closed $CALL_MS
}

authenticated_calls()
{
	[ "$AUTH" = pgp ] || return 0
	echo "$(counter "$GUARD_A" calls_authenticated)" \
		"$(counter "$GUARD_B" calls_authenticated)"
}

# Both daemons must have counted one more.
was_authenticated() # BEFORE
{
	local a b

	[ "$AUTH" = pgp ] || return 0
	read -r a b <<<"$1"
	counter_await "$GUARD_A" calls_authenticated $((a + 1)) 3000 &&
		counter_await "$GUARD_B" calls_authenticated $((b + 1)) 3000
}

metered() # NODE COUNT
{
	"$TOOLS/await" -t 3000 -n "$2" "$(proc_log meter "$1")" '^call ' |
		awk '{ printf "%.3f,%.3f\n", $3 / 1000, $4 / 1000 }'
}

# A row of calls.csv; what failed has no figures in it. 1: it failed.
measure_call() # KEY NUMBER STATUS-IF-GOOD
{
	local a b auth proxy row_a='' row_b='' status=$3

	setup_enter "$1"
	a=$(($(calls_metered "$CALLER") + 1))
	b=$(($(calls_metered "$CALLEE") + 1))
	auth=$(authenticated_calls)
	proxy=$(cpu_us proxy)
	if "${UA}_call"; then
		proxy=$(($(cpu_us proxy) - proxy))
		row_a=$(metered "$CALLER" $a) || status=unmeasured
		row_b=$(metered "$CALLEE" $b) || status=unmeasured
		was_authenticated "$auth" || status=unauthenticated
	else
		status=failed
		proc_stop "$UA" "$CALLER" TERM 2000
		note "$1, call $2: $(phone_complaint "$CALLER")"
	fi
	case $status in
	ok | warm-up)
		echo "$1,$2,$status,$row_a,$row_b,$(awk \
			"BEGIN { printf \"%.3f\", $proxy / 1000 }"),"
		;;
	*) echo "$1,$2,$status,,,,,,captures/$1/$CALLER-wire.pcap" ;;
	esac >>"$REPORT/calls.csv"
	[ "$status" = "$3" ]
}

# --- offered rates ------------------------------------------------------------

# Set-up times out of the captures: milliseconds, a line for each call that got
# that far.
setups_in_captures()
{
	{
		"$TOOLS/ladder" -t "$WORK/$CALLER-phone.pcap" |
			awk -F '\t' '$6 == "INVITE" && $5 == "request"'
		echo ACKs
		"$TOOLS/ladder" -t "$WORK/$CALLER-wire.pcap"
	} | awk -F '\t' '
		/^ACKs/ { wire = 1; next }
		!wire { if (!($9 in t)) t[$9] = $1; next }
		$5 == "response" && $6 == "INVITE" && $7 == 200 { ok[$9] = 1 }
		$6 == "ACK" && ($9 in ok) && !($9 in done) && ($9 in t) {
			done[$9] = 1
			printf "%.3f\n", ($1 - t[$9]) / 1000
		}'
}

# What a daemon has counted as authenticated since BEFORE, or all there is.
authenticated_since() # BEFORE-A BEFORE-B COUNT
{
	local a b

	[ "$AUTH" = pgp ] || {
		echo "$3"
		return
	}
	read -r a b <<<"$(authenticated_calls)"
	a=$((a - $1)) b=$((b - $2))
	echo $((a < b ? a : b))
}

# One row of rates.csv: calls that were offered, that came to their end; set-up
# time of those by quartiles and 95 %; CPU for each call of each node.
measure_rate() # KEY RATE COUNT
{
	local a b p begun took complete auth

	setup_enter "$1"
	auth=$(authenticated_calls)
	: >"$(events "$CALLER")"
	a=$(cpu_us "$CALLER") b=$(cpu_us "$CALLEE") p=$(cpu_us proxy)
	begun=$(date +%s%N)
	in_group "$CALLER" sipp_start "$CALLER" quick-caller -s bob -au alice \
		-ap alicepw -m "$3" -r "$2" -l 20000 -recv_timeout 10000 \
		"${SIPP_LENIENT[@]}" -cid_str "%u-$(printf %05d $RANDOM)"
	"$TOOLS/await" -t $(($3 * 1000 / $2 + 60000)) \
		-g "$(proc_pid sipp "$CALLER")" ||
		proc_stop sipp "$CALLER" KILL
	took=$((($(date +%s%N) - begun) / 1000000))
	a=$(($(cpu_us "$CALLER") - a)) b=$(($(cpu_us "$CALLEE") - b))
	p=$(($(cpu_us proxy) - p))
	complete=$(grep -c 'closed here' "$(events "$CALLER")") || :
	# shellcheck disable=SC2086 # two words
	auth=$(authenticated_since ${auth:-0 0} "$complete")
	[ "$auth" -ge "$complete" ] || complete=$auth
	setups_in_captures | sort -n | awk -v key="$1" -v rate="$2" \
		-v offered="$3" -v a=$a -v b=$b -v p=$p -v took=$took \
		-v complete="$complete" '
		{ v[NR] = $1 }
		function at(q) { return NR ? v[int(q * (NR - 1) + 1.5)] : 0 }
		END {
			if (!complete)
				status = "failed"
			else
				status = complete < offered ? "incomplete" : "ok"
			printf "%s,%s,%d,%d,%s,%d,", key, rate, offered,
				complete, status, took
			printf "%s,%s,%s,%s,", at(.25), at(.5), at(.75), at(.95)
			n = complete ? complete : 1
			printf "%.3f,%.3f,%.3f\n", a / n / 1000, b / n / 1000,
				p / n / 1000
		}' >>"$REPORT/rates.csv"
}

# --- sizes --------------------------------------------------------------------

# Octets of IP of each kind of message at the phone and on the wire: of the last
# call, the last of its kind.
sizes_keep() # KEY
{
	local where

	[ -s "$WORK/$CALLER-wire.pcap" ] || return 0
	for where in phone wire; do
		"$TOOLS/ladder" -t "$WORK/$CALLER-$where.pcap" |
			awk -v key="$1" -v where=$where -F '\t' '
			{ what = $5 == "request" ? $6 : $7 " (" $6 ")" }
			$6 == "REGISTER" || what ~ /^100/ { next }
			!(what in n) { order[++k] = what }
			{ n[what] = $10 }
			END { for (i = 1; i <= k; i++)
				print key "," where "," order[i] "," \
					n[order[i]] }'
	done >>"$REPORT/sizes.csv"
}

# --- memory -------------------------------------------------------------------

# A program that runs the real one under massif.
massif_wrap() # FILE PROGRAM
{
	cat >"$1" <<-END
		#!/bin/sh
		exec valgrind -q --tool=massif --trace-children=yes \\
			--massif-out-file=$MASSIF/%p.massif $2 "\$@"
	END
	chmod 755 "$1"
}

# The caller's daemon and its gpg-agent again, measured.
massif_guard()
{
	local pid

	daemon_kill "$GUARD_A"
	for pid in $(ip netns pids "$(ns "$GUARD_A")"); do
		[ "$(cat "/proc/$pid/comm" 2>/dev/null)" != gpg-agent ] || {
			kill "$pid"
			"$TOOLS/await" -t 5000 -g "$pid" || :
		}
	done
	massif_wrap "$MASSIF/sipseald" "$SIPSEALD"
	SIPSEALD=$MASSIF/sipseald daemon_start "$GUARD_A"
}

# Peaks of what was on the heap, a row for each program; of those that ran
# several times the greatest.
massif_rows() # KEY
{
	awk -v key="$1" '
		FNR == 1 { keep() ; peak = 0; program = "" }
		/^cmd: / { program = $2; sub(/.*\//, "", program) }
		/^mem_heap_B=/ { split($0, h, "=") }
		/^mem_heap_extra_B=/ {
			split($0, e, "=")
			if (h[2] + e[2] > peak) peak = h[2] + e[2]
		}
		function keep() {
			if (program && peak > top[program]) top[program] = peak
		}
		END { keep()
			for (p in top) print key "," p "," top[p] }' \
		"$MASSIF"/*.massif | sort >>"$REPORT/memory.csv"
}

# One session under massif: registration, a call, its end. The testbed is one
# of its own. Nobody's files: sipseald writes there when it is no longer root.
measure_memory() # KEY
{
	local status=0 callee

	MASSIF=$REPORT/massif/$1
	rm -rf "$MASSIF"
	mkdir -p "$MASSIF/bin"
	chmod 1777 "$MASSIF"
	massif_wrap "$MASSIF/bin/sipp" "$(command -v sipp)"
	setup_enter "$1"
	[ "$AUTH" != pgp ] || massif_guard
	PATH=$MASSIF/bin:$PATH sipp_call || status=1
	[ "$AUTH" != pgp ] || {
		proc_stop sipseald "$GUARD_A" TERM 30000
		for pid in $(ip netns pids "$(ns "$GUARD_A")"); do
			grep -q 'gpg-agent' "/proc/$pid/cmdline" 2>/dev/null &&
				kill "$pid" &&
				"$TOOLS/await" -t 20000 -g "$pid" || :
		done
	}
	if [ $status -eq 0 ]; then
		massif_rows "$1"
	else
		echo "$1,failed,captures/$1" >>"$REPORT/memory.csv"
	fi
}

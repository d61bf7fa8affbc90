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

# An INVITE or a BYE that nobody answers is given up after 32 seconds.
CALL_MS=${FIGURES_CALL_MS:-60000}
MASSIF_CALL_MS=120000
WORK_SUFFIX= # of directories, when a set-up is laid out once more
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
	local first second

	read -r first second <"$(group_of "$1")/$CPU_FILE"
	[ -n "$second" ] || second=$((first / 1000))
	echo "$second"
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
		F_PROXY=no F_SEARCH=no F_RATES=
		[[ $F_ENDPOINTS != *+proxy* ]] || F_PROXY=yes
		[[ $F_ENDPOINTS != *@* ]] || F_RATES=${F_ENDPOINTS#*@}
		F_RATES=${F_RATES//,/ }
		[ "$F_RATES" != most ] || F_SEARCH=yes
		F_ENDPOINTS=${F_ENDPOINTS%%[+@]*}
		return 0
	done < <(grep -v '^#' "$SETUPS")
	die "$1: no such set-up in $SETUPS"
}

figures_all()
{
	awk -F '|' '/^#/ || NF < 7 { next }
		{ gsub(/ /, "", $1) }
		!seen[$1]++ { printf "%s%s", n++ ? " " : "", $1 }' "$SETUPS"
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
	WORK=$REPORT/captures/$1$WORK_SUFFIX
}

meter_start() # NODE FIRST FIRST-NAME LAST LAST-NAME
{
	local fd

	exec {fd}<"$(group_of "$1")/$CPU_FILE"
	proc_start meter "$1" "$TOOLS/meter" "$2" "$WORK/$1-$3.pcap" \
		"$4" "$WORK/$1-$5.pcap" "$fd"
	exec {fd}<&-
	proc_await meter "$1" ready 60000 >/dev/null ||
		die "no measuring in $1: $(tail -n 1 "$(proc_log meter "$1")")"
}

meters_start()
{
	local n

	phone_side_group
	for n in "$CALLER" "$CALLEE"; do
		mkdir -p "$RUN/$n"
		phone_side_rules "$n" ||
			die "the rules for NFLOG can't be installed in $n"
	done
	meter_start "$CALLER" "nflog:$PHONE_GROUP" phone eth0 wire
	meter_start "$CALLEE" eth0 wire "nflog:$PHONE_GROUP" phone
}

# baresip asks nobody for a password: a callee that does is SIPp.
is_baresip() # NODE
{
	[ "$F_ENDPOINTS" = baresip ] ||
		{ [ "$F_ENDPOINTS" = baresip-digest ] && [ "$1" = "$CALLER" ]; }
}

endpoints_start()
{
	local n scenario=quick-callee

	for n in "$CALLER" "$CALLEE"; do
		mkdir -p "$RUN/$n"
		: >"$(events "$n")"
		if is_baresip "$n"; then
			ANSWERMODE=auto in_group "$n" baresip_start "$n"
			phone_await "$n" registered
		else
			in_group "$n" sipp_register "$n"
		fi || die "$n can't register: $(phone_complaint "$n")"
	done
	! is_baresip "$CALLEE" && [ "$F_ENDPOINTS" != callgen ] || return 0
	[[ $F_ENDPOINTS != *-digest ]] || scenario=quick-callee-digest
	in_group "$CALLEE" sipp_start "$CALLEE" $scenario -m 1000000 \
		-timeout 86400s "${SIPP_LENIENT[@]}"
	sipp_listens "$CALLEE"
}

setup_up() # KEY
{
	local -a options
	local id n

	setup_read "$1"
	id=$(id_of "$1")
	eval "options=($F_OPTIONS)"
	# before it is: a signal may come while it is laid out
	UP+=("$1")
	"$TESTBED/testbed" up --quiet --owner $$ --topology host --id "$id" \
		--sipseald "$SIPSEALD" --out "$REPORT/captures/$1$WORK_SUFFIX" \
		--conf 'log-level = "info"' "${options[@]}" || return 1
	(
		setup_enter "$1"
		mkdir -p "$WORK"
		[ "$F_PROXY" = no ] || proxy_guard_start
		for n in "$CALLER" proxy "$CALLEE"; do
			group_make "$n"
		done
		[ "$F_ENDPOINTS" = callgen ] || meters_start
		endpoints_start
		[ "$F_SEARCH" = no ] || {
			endpoints_strip
			pin_proxy
		}
	)
}

setup_down() # KEY
{
	exists "$(id_of "$1")" || return 0
	(
		setup_enter "$1"
		proc_stop meter "$CALLER"
		proc_stop meter "$CALLEE"
		# it would wait for calls whose BYE may come again
		proc_stop sipp "$CALLEE" KILL
		[ "$AUTH" != pgp ] || guards_keep "$WORK"
		[ -n "$WORK_SUFFIX" ] || sizes_keep "$1" || :
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

sipp_dial()
{
	: >"$(events "$CALLER")"
	rm -f "$RUN/$CALLER/sipp-errors"
	printf '%s-%05d-%05d\n' "$BASHPID" $RANDOM $RANDOM >"$RUN/call-id"
	in_group "$CALLER" sipp_start "$CALLER" quick-caller -s bob -au alice \
		-ap alicepw "${SIPP_LENIENT[@]}" -cid_str "$(cat "$RUN/call-id")"
	phone_await "$CALLER" 'established|closed' "$CALL_MS" &&
		phone_has "$CALLER" established
}

sipp_end()
{
	local pid

	sipp_tell "$CALLER" HANGUP
	phone_await "$CALLER" closed "$CALL_MS" &&
		phone_has "$CALLER" 'closed here' || return 1
	pid=$(proc_pid sipp "$CALLER")
	[ -z "$pid" ] || "$TOOLS/await" -t 60000 -g "$pid"
}

baresip_dial()
{
	: >"$(events "$CALLER")"
	! is_baresip "$CALLEE" || : >"$(events "$CALLEE")"
	phone_dial
	phone_await "$CALLER" established "$CALL_MS" || return 1
	! is_baresip "$CALLEE" ||
		phone_await "$CALLEE" established "$CALL_MS"
}

baresip_end()
{
	phone_hangup "$CALLER"
	phone_await "$CALLER" closed "$CALL_MS" || return 1
	! is_baresip "$CALLEE" || phone_await "$CALLEE" closed "$CALL_MS"
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
	counter_await "$GUARD_A" calls_authenticated $((a + 1)) 10000 &&
		counter_await "$GUARD_B" calls_authenticated $((b + 1)) 10000
}

milliseconds() # MICROSECONDS
{
	printf '%d.%03d' $(($1 / 1000)) $(($1 % 1000))
}

metered() # NODE COUNT
{
	local line what id us cpu

	line=$("$TOOLS/await" -t "$CALL_MS" -n "$2" "$(proc_log meter "$1")" \
		'^call ') || return 1
	read -r what id us cpu <<<"$line"
	: "$what $id"
	echo "$(milliseconds "$us"),$(milliseconds "$cpu")"
}

# It is ended when both sides have measured it: an ACK that is lost comes again.
# Prints their halves of a row.
call_measured()
{
	local a b

	a=$(($(calls_metered "$CALLER") + 1))
	b=$(($(calls_metered "$CALLEE") + 1))
	"${UA}_dial" || return 1
	a=$(metered "$CALLER" $a) || a=
	b=$(metered "$CALLEE" $b) || b=
	"${UA}_end" || return 1
	[ -z "$a" ] || [ -z "$b" ] || echo "$a,$b"
}

# A row of calls.csv; what failed has no figures in it. 1: it failed.
measure_call() # KEY NUMBER STATUS-IF-GOOD
{
	local auth proxy row status=$3 why=

	setup_enter "$1"
	auth=$(authenticated_calls)
	proxy=$(cpu_us proxy)
	if row=$(call_measured); then
		proxy=$(($(cpu_us proxy) - proxy))
		[ -n "$row" ] || status=unmeasured
		was_authenticated "$auth" || status=unauthenticated
	else
		status=failed
		why=" ($(phone_complaint "$CALLER"))"
		proc_stop "$UA" "$CALLER" TERM 2000
	fi
	[ "$status" = "$3" ] || {
		note "$1, call $2: $status$why: $WORK/$CALLER-wire.pcap"
		echo "$1,$2,$status,,,,,,captures/$1/$CALLER-wire.pcap" \
			>>"$REPORT/calls.csv"
		return 1
	}
	echo "$1,$2,$status,$row,$(milliseconds "$proxy")," \
		>>"$REPORT/calls.csv"
}

# --- offered rates ------------------------------------------------------------
#
# By tests/bench/callgen.c, which is both phones and keeps up where SIPp doesn't.
# It runs in the attacker's node, so that it ends with the testbed.

CALLGEN_MS=4000 # then a call is lost
SEARCH_MS=1000	# when looked for the most that goes
RATE_STEPS=15	# of a rate, beside its seconds; as STEP of run counts

# On the proxy's host's core when that has one of its own, or on the others.
pinned() # proxy|others
{
	local last=$(($(nproc) - 1))

	if [ "$F_SEARCH" = no ] || [ $last -eq 0 ]; then
		echo "0-$last"
	elif [ "$1" = proxy ]; then
		echo $last
	else
		echo "0-$((last - 1))"
	fi
}

pin_proxy()
{
	local pid

	for pid in $(ip netns pids "$(ns proxy)"); do
		taskset -a -c -p "$(pinned proxy)" "$pid" >/dev/null 2>&1 || :
	done
}

# Its report, and the set-up times in WORK/setup-us.
callgen() # RATE SECONDS OPTION...
{
	local rate=$1 seconds=$2 limit=$CALLGEN_MS

	shift 2
	[ "$F_SEARCH" = no ] || limit=$SEARCH_MS
	rm -f "$WORK/setup-us"
	in_node attacker timeout $((seconds + 30)) \
		taskset -c "$(pinned others)" "$CALLGEN" \
		-a "$(ns "$CALLER")/$(address "$CALLER"):5060" \
		-b "$(ns "$CALLEE")/$(address "$CALLEE"):5060" \
		-x "$(address proxy):5060" -D "$DOMAIN" -d alice:alicepw \
		-q "$rate" -n $((rate * seconds)) -l "$limit" \
		-o "$WORK/setup-us" "$@" 2>>"$WORK/callgen.log"
}

# Lower quartile, median, upper quartile and 95 % of the set-up times, in ms.
callgen_quartiles()
{
	sort -n "$WORK/setup-us" 2>/dev/null | awk '
		{ v[NR] = $1 / 1000 }
		function at(q) { return NR ? v[int(q * (NR - 1) + 1.5)] : 0 }
		END { printf "%.3f,%.3f,%.3f,%.3f\n", at(.25), at(.5), at(.75),
			at(.95) }'
}

# What both daemons have counted as authenticated since BEFORE, or all.
authenticated_since() # BEFORE-A BEFORE-B COUNT
{
	local a b

	[ "$AUTH" = pgp ] && [ "$F_PROXY" = no ] || {
		echo "$3"
		return
	}
	# the last may just be written down
	counter_await "$GUARD_B" calls_authenticated $(($2 + $3)) 1000 || :
	read -r a b <<<"$(authenticated_calls)"
	a=$((a - $1)) b=$((b - $2))
	echo $((a < b ? a : b))
}

per_call() # MICROSECONDS CALLS
{
	awk "BEGIN { printf \"%.3f\", $1 / ($2 ? $2 : 1) / 1000 }"
}

# A row of rates.csv: how many of the calls that were offered came to their
# end; set-up times only when all did. 1: not all, or too slowly.
measure_rate() # KEY RATE SECONDS [OPTION...]
{
	local key=$1 rate=$2 seconds=$3 out auth a b p complete status=ok
	local offered=$(($2 * $3)) grace=0.25

	shift 3
	[ "$F_SEARCH" = yes ] || grace=$((CALLGEN_MS / 1000))
	auth=$(authenticated_calls)
	a=$(cpu_us "$CALLER") b=$(cpu_us "$CALLEE") p=$(cpu_us proxy)
	out=$(callgen "$rate" "$seconds" "$@") || out='{}'
	a=$(($(cpu_us "$CALLER") - a)) b=$(($(cpu_us "$CALLEE") - b))
	p=$(($(cpu_us proxy) - p))
	complete=$(jq '.done // 0' <<<"$out")
	# shellcheck disable=SC2086 # two words
	auth=$(authenticated_since ${auth:-0 0} "$complete")
	[ "$auth" -ge "$complete" ] || complete=$auth
	if [ "$complete" -lt $offered ]; then
		status=incomplete
	elif jq -e ".seconds > 1.1 * $seconds + $grace" <<<"$out" >/dev/null
	then
		status=late
	fi
	echo "$key,$rate,$offered,$complete,$status,$(callgen_quartiles |
		sed "$([ $status = ok ] || echo 's/[^,]*//g')"),$(
		per_call $a $offered),$(per_call $b $offered),$(
		per_call $p $offered),$(jq '.cpu_s / .seconds * 100 |
			floor' <<<"$out" 2>/dev/null)" >>"$REPORT/rates.csv"
	[ $status = ok ]
}

# Calls that are lost are offered again for a second, to be looked at.
capture_rate() # RATE [OPTION...]
{
	local rate=$1

	shift
	OUT=$WORK
	capture_start "at-$rate"
	callgen "$rate" 1 "$@" >/dev/null || :
	capture_stop
}

# Five calls. 1: not even these, and they are kept as a capture.
rates_begin() # KEY
{
	local -a signs

	setup_enter "$1"
	setup_read "$1"
	read -r -a signs <<<"$(caller_signs)"
	callgen 5 1 -r "${signs[@]}" >"$WORK/warm-up.json" &&
		jq -e '.lost == 0' "$WORK/warm-up.json" >/dev/null || {
		capture_rate 5 "${signs[@]}"
		return 1
	}
}

# All rates of a set-up; phones send again what is lost.
measure_rates() # KEY SECONDS RATE...
{
	local key=$1 seconds=$2 rate

	rates_begin "$key" || return 1
	shift 2
	for rate; do
		progress "$key: $rate calls/s"
		measure_rate "$key" "$rate" "$seconds" -r ||
			capture_rate "$rate" -r
		STEP=$((STEP + 10 * seconds + RATE_STEPS))
	done
}

# --- the most that the proxy's host can do ------------------------------------
#
# It has a core for itself where there are two. The endpoints are callgen alone:
# their daemons would need more than the proxy's. Its caller speaks the profile
# itself and signs for the proxy's realm.

endpoints_strip()
{
	local g home

	[ "$AUTH" = pgp ] || return 0
	for g in "$GUARD_A" "$GUARD_B"; do
		proc_stop sipseald "$g"
		in_node "$g" "$RULES" remove >/dev/null 2>&1 ||
			die "the rules in $g can't be removed"
	done
	home=$RUN/attacker/gnupg
	mkdir -p "$RUN/attacker"
	cp -r "$(daemon_dir "$GUARD_A")/gnupg" "$home"
	find "$home" -type s -delete
	chown -R root: "$home"
	fingerprint_at "$GUARD_A" alice >"$RUN/attacker/fingerprint"
}

# As words: nothing without PGP at the proxy.
caller_signs()
{
	[ "$F_PROXY" = yes ] || return 0
	echo "-C $RUN/attacker/gnupg:$(cat "$RUN/attacker/fingerprint")" \
		"-R $DOMAIN"
}

SEARCH_FROM=${SEARCH_FROM:-200} # calls/s
SEARCH_TO=${SEARCH_TO:-20000}

# One try. What is left of lost calls is given up before the next one (the proxy's
# option brief).
search_try() # KEY RATE
{
	local -a signs

	setup_enter "$1"
	setup_read "$1"
	read -r -a signs <<<"$(caller_signs)"
	measure_rate "$1" "$2" "$F_COUNT" "${signs[@]}" && return 0
	sleep 1
	return 1
}

search_failed() # KEY
{
	local -a signs

	setup_enter "$1"
	setup_read "$1"
	read -r -a signs <<<"$(caller_signs)"
	capture_rate "$SEARCH_FROM" "${signs[@]}"
}

# The rate to try when GOOD went and BAD (0: none) didn't; nothing when what is
# found is near enough to what isn't. Twice as much each time, then the middle.
search_next() # GOOD BAD
{
	local -i good=$1 bad=$2

	if [ "$bad" -eq 0 ]; then
		[ $((2 * good)) -gt "$SEARCH_TO" ] || echo $((2 * good))
	elif [ $((bad - good)) -gt $((bad / SEARCH_PARTS)) ]; then
		echo $(((good + bad) / 2))
	fi
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

# A program that runs the real one under massif. Without vgdb, whose files in
# /tmp outlive who becomes another user, and bar the way to who gets its number.
# sipseald writes at its end, as who has no way into, say, somebody's home: to
# the testbed's directory, from where it is copied.
massif_wrap() # FILE PROGRAM
{
	cat >"$1" <<-END
		#!/bin/sh
		exec valgrind -q --vgdb=no --tool=massif --trace-children=yes \\
			--massif-out-file=$RUN/massif/%p.massif $2 "\$@"
	END
	chmod 755 "$1"
}

# The caller's daemon and its gpg-agent again, measured. Under valgrind a gpg takes
# seconds.
massif_guard()
{
	local pid conf

	conf=$(daemon_dir "$GUARD_A")/sipseald.conf
	grep -q '^ *crypto-timeout' "$conf" ||
		sed -i '1i crypto-timeout = 60000' "$conf"

	daemon_kill "$GUARD_A"
	for pid in $(ip netns pids "$(ns "$GUARD_A")"); do
		[ "$(cat "/proc/$pid/comm" 2>/dev/null)" != gpg-agent ] || {
			kill "$pid"
			"$TOOLS/await" -t 5000 -g "$pid" || :
		}
	done
	massif_wrap "$MASSIF/sipseald" "$SIPSEALD"
	READY_MS=$MASSIF_CALL_MS
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
# of its own.
measure_memory() # KEY
{
	local status=0 pid

	CALL_MS=$MASSIF_CALL_MS
	MASSIF=$REPORT/massif/$1
	rm -rf "$MASSIF"
	mkdir -p "$MASSIF/bin"
	setup_enter "$1"
	mkdir -m 1777 "$RUN/massif"
	massif_wrap "$MASSIF/bin/sipp" "$(command -v sipp)"
	[ "$AUTH" != pgp ] || massif_guard
	PATH=$MASSIF/bin:$PATH call_measured >/dev/null || status=1
	[ "$AUTH" != pgp ] || {
		proc_stop sipseald "$GUARD_A" TERM "$MASSIF_CALL_MS"
		for pid in $(ip netns pids "$(ns "$GUARD_A")"); do
			grep -q 'gpg-agent' "/proc/$pid/cmdline" 2>/dev/null &&
				kill "$pid" &&
				"$TOOLS/await" -t 20000 -g "$pid" || :
		done
	}
	cp "$RUN"/massif/* "$MASSIF" || status=1
	[ $status -eq 0 ] || {
		note "$1, under massif: $(phone_complaint "$CALLER")"
		return 1
	}
	massif_rows "$1"
}

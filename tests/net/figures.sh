#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The way from calls to figures: two calls in each of the paper's set-ups, rows,
# plots, text. And a call that fails must not end up in a median.
set -u
# shellcheck source=tests/net/lib.bash
. "$(dirname "$0")/lib.bash"

FIGURES=netns-testbed/figures
OUT=$REPORT/figures
BAD=$REPORT/figures-bad
RATES=$REPORT/figures-rates

rows() # SETUP STATUS: how many
{
	awk -F , -v s="$1" -v st="$2" '$1 == s && $3 == st { n++ }
		END { print n + 0 }' "$OUT/calls.csv"
}

# Two calls and a warm-up in each, with time and CPU of both sides.
all_rows()
{
	local s

	for s in paper.none paper.digest paper.pgp; do
		[ "$(rows "$s" ok)" -eq 2 ] && [ "$(rows "$s" warm-up)" -eq 1 ] ||
			return 1
	done
	awk -F , 'NR > 1 { for (c = 4; c <= 8; c++) if (!($c > 0)) exit 1 }' \
		"$OUT/calls.csv"
}

median() # SETUP METRIC
{
	awk -F , -v s="$1" -v m="$2" '$1 == s && $4 == m { print $6 }' \
		"$OUT/summary.csv"
}

# Whatever the machine, and whatever else it does: signatures take CPU and
# memory.
pgp_costs()
{
	awk "BEGIN { exit !($(median paper.pgp cpu_ms) > \
		$(median paper.none cpu_ms)) }" &&
		grep -q '^paper.pgp,sipseald,[1-9]' "$OUT/memory.csv" &&
		grep -q '^paper.pgp,gpg,[1-9]' "$OUT/memory.csv" &&
		grep -q '^paper.none,sipp,[1-9]' "$OUT/memory.csv"
}

# How long before it begins; then how far it is.
progress_is_told()
{
	head -n 1 "$REPORT/figures.log" | grep -E 'about [0-9]+ minutes' &&
		grep -E '^\[ *[1-9][0-9]? %, .* to go\] memory: paper.pgp' \
			"$REPORT/figures.log" &&
		tail -n 1 "$REPORT/figures.log" | grep '^\[100 %.*measured'
}

signed_is_bigger()
{
	awk -F , '$1 == "paper.pgp" && $3 == "BYE" { n[$2] = $4 }
		END { exit !(n["wire"] > n["phone"] + 200) }' "$OUT/sizes.csv"
}

plots()
{
	local n

	for n in 7 8 9; do
		grep -q '</svg>' "$OUT/figure-$n.svg" &&
			[ "$(head -c 4 "$OUT/figure-$n.png" | tail -c 3)" = PNG ] ||
			return 1
	done
}

text()
{
	local m

	m=$(median paper.pgp setup_ms | awk '{ printf $1 < 10 ? "%.2f" : "%.1f",
		$1 }')
	grep -F "| PGP | 2 | **$m**" "$OUT/measurements.md" &&
		! grep -E '@\{|^@' "$OUT/measurements.md" &&
		! grep -E 'not (measured|recorded)' "$OUT/measurements.md"
}

# Two good rows and a failed one, whose figures would be absurd.
failed_is_no_measurement()
{
	rm -rf "$BAD"
	mkdir -p "$BAD"
	cp "$OUT"/*.csv "$OUT"/*.tsv "$BAD"
	echo "paper.none,3,failed,99999,99999,99999,99999,99999,captures/x.pcap" \
		>>"$BAD/calls.csv"
	"$FIGURES/report" "$BAD" &&
		diff <(grep paper.none "$OUT/summary.csv" | cut -d , -f 4-) \
			<(grep paper.none "$BAD/summary.csv" | cut -d , -f 4-) &&
		grep -F '| no authentication | 2, 1 failed |' \
			"$BAD/measurements.md" &&
		grep -F 'paper.none, call 3: failed, captures/x.pcap' \
			"$BAD/measurements.md"
}

# Set-ups in which no call can succeed: the proxy asks again after the callee has
# asked; and a call that works but isn't authenticated.
all_fail()
{
	cat >"$REPORT/bad-setups" <<-END
		bad | refused | sipp-digest | 2 | 2 | asked twice | --auth digest
		bad | unsigned | sipp | 2 | 2 | unsigned | --auth pgp --mode observe
	END
	SETUPS=$REPORT/bad-setups FIGURES_CALL_MS=8000 "$FIGURES/run" --count 1 \
		--report "$BAD" &&
		[ "$(cut -d , -f 1-8 "$BAD/calls.csv" | grep -c \
			'^bad.refused,[01],failed,,,,,$')" -eq 2 ] &&
		[ "$(cut -d , -f 1-8 "$BAD/calls.csv" | grep -c \
			'^bad.unsigned,[01],unauthenticated,,,,,$')" -eq 2 ] &&
		[ "$(wc -l <"$BAD/calls.csv")" -eq 5 ]
}

failures_are_reported()
{
	"$FIGURES/report" "$BAD" &&
		grep -F '| asked twice | 0, 2 failed | failed |' \
			"$BAD/measurements.md" &&
		grep -F 'bad.refused, call 1: failed, captures/bad.refused/' \
			"$BAD/measurements.md" &&
		! ls "$BAD"/figure-* 2>/dev/null &&
		awk -F , 'NR > 1 { print $9 }' "$BAD/calls.csv" | sort -u |
		while read -r capture; do
			"$TESTBED" ladder "$BAD/$capture" | grep INVITE ||
				exit 1
		done
}

# Few calls a second, on the proxy's host alone and from end to end.
rates()
{
	cat >"$REPORT/rates-setups" <<-END
		load | both | callgen+proxy@most | 1 | 1 | both | --auth pgp
		rates | pgp | callgen@2,4 | 1 | 1 | PGP | --auth pgp
	END
	SETUPS=$REPORT/rates-setups SEARCH_FROM=4 SEARCH_TO=8 "$FIGURES/run" \
		--report "$RATES" &&
		cat "$RATES/rates.csv" &&
		grep '^load.both,8,8,8,ok,' "$RATES/rates.csv" &&
		grep '^rates.pgp,4,4,4,ok,' "$RATES/rates.csv" &&
		"$FIGURES/report" "$RATES" &&
		grep -F '| both | **8** |' "$RATES/measurements.md" &&
		grep -F '| PGP | 4 | 4 | 0 | **' "$RATES/measurements.md" &&
		grep '</svg>' "$RATES/figure-load.svg" &&
		grep '</svg>' "$RATES/figure-rates.svg"
}

# The line that docs/testbed.md shows, as it stands there.
setup_of_the_docs()
{
	local own=$REPORT/figures-own

	grep '^    [a-z]* | .* | --' docs/testbed.md >"$REPORT/own-setups" &&
		SETUPS=$REPORT/own-setups "$FIGURES/run" --count 1 \
			--report "$own" &&
		"$FIGURES/report" "$own" &&
		grep -E '^\| Ed25519, nat \| 1 \| \*\*' "$own/measurements.md"
}

# A rate at which calls were lost has no times, in table and plot.
lost_is_no_measurement()
{
	echo 'rates.pgp,1000,1000,900,incomplete,,,,,1,1,1,50' \
		>>"$RATES/rates.csv"
	cp "$RATES/figure-rates.png" "$REPORT/before.png"
	"$FIGURES/report" "$RATES" &&
		grep -F '| PGP | 1000 | 1000 | 100 | captures/rates.pgp/at-1000' \
			"$RATES/measurements.md" &&
		cmp "$RATES/figure-rates.png" "$REPORT/before.png"
}

nothing_left()
{
	! ip netns list | grep "^$PREFIX" && ! ls -d "$GROUPS_LEFT"* 2>/dev/null
}

# A set-up crosses the proxy's wires six times: INVITE and 407, INVITE there and
# 200 back, each over one wire or two.
slow_network()
{
	"$TESTBED" call --quiet --topology host --auth digest --delay 20 \
		--out "$REPORT/slow" &&
		awk -F = '$1 == "setup_ms" { ms = $2 }
			END { exit !(ms >= 120 && ms < 5000) }' \
			"$REPORT/slow/call/result"
}

# While the first set-up is laid out.
interrupted()
{
	local pid i

	"$FIGURES/run" --count 2 --report "$REPORT/figures-ended" paper \
		>"$REPORT/figures-ended.log" 2>&1 &
	pid=$!
	PREFIX=sipseal-fig$pid-
	GROUPS_LEFT=/sys/fs/cgroup/cpuacct/$PREFIX
	for ((i = 0; i < 2400; i++)); do
		[ ! -d "/run/sipseal-testbed/fig$pid-paper-none" ] || break
		sleep 0.05
	done
	kill -TERM "$pid"
	wait "$pid"
	[ $? -eq 143 ] && [ "$i" -lt 2400 ] && nothing_left &&
		! ls -d "/run/sipseal-testbed/fig$pid-"* 2>/dev/null
}

plan 16
"$FIGURES/run" --count 2 --report "$OUT" paper >"$REPORT/figures.log" 2>&1 &
pid=$!
PREFIX=sipseal-fig$pid-
GROUPS_LEFT=/sys/fs/cgroup/cpuacct/$PREFIX
status=0
wait $pid || status=$?
result $status "the paper's set-ups are measured" "$REPORT/figures.log"
check "nothing is left" nothing_left
check "ended by a signal, it leaves nothing" interrupted
check "how far it is" progress_is_told
check "rows" all_rows
check "signed messages are bigger" signed_is_bigger
check "plots and text are written" "$FIGURES/report" "$OUT"
check "signatures cost something" pgp_costs
check "plots are pictures, the text has the medians" eval "plots && text"
check "a delay is as long as asked for" slow_network
check "a call that failed is in no median" failed_is_no_measurement
check "calls that fail are rows without figures" all_fail
check "what failed is told, with its captures" failures_are_reported
check "calls at a rate" rates
check "a rate at which calls are lost has no times" lost_is_no_measurement
check "a set-up of one's own" setup_of_the_docs
finish

# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What the namespace tests share: TAP, and the testbed. Captures and logs of
# what failed are kept in BUILD/report/net/.

cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 1
BUILD=$(readlink -f "${BUILD:-build}")
export BUILD
REPORT=$BUILD/report/net
TESTBED=netns-testbed/testbed
mkdir -p "$REPORT"

tests=0
failures=0

plan() # N
{
	echo "1..$1"
}

# result STATUS NAME [LOG]
result()
{
	tests=$((tests + 1))
	if [ "$1" -eq 0 ]; then
		echo "ok $tests - $2"
		return
	fi
	failures=$((failures + 1))
	echo "not ok $tests - $2"
	[ ! -s "${3:-}" ] || tail -n 80 "$3" | sed 's/^/# /'
}

# check NAME COMMAND...: the command must succeed.
check()
{
	local name=$1 log status=0

	shift
	log=$REPORT/$(echo "$name" | tr -cs 'a-z0-9\n' -).log
	"$@" >"$log" 2>&1 </dev/null || status=$?
	result $status "$name" "$log"
}

# testbed_check NAME COMMAND OPTION...: the testbed's command must succeed.
testbed_check()
{
	local name=$1 out

	shift
	out=$REPORT/$(echo "$name" | tr -cs 'a-z0-9\n' -)
	check "$name" "$TESTBED" "$@" --out "$out"
}

finish()
{
	[ $failures -eq 0 ]
	exit
}

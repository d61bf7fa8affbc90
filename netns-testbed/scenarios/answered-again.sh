# shellcheck shell=bash disable=SC2034
# SPDX-License-Identifier: GPL-2.0-or-later
about="a phone's repeated 200 is signed once: the same octets go out again"
points="3"
uas=sipp
options=(--proxy-opt noauth)

# The callee's phone says it again, off its own host.
say_again() # STATUS
{
	capture_flush
	in_node "$CALLEE" "$TOOLS/craft" -r "$(view callee-phone)" -w response \
		-w "status=$1" -w method=INVITE -w "src=$(address "$CALLEE")" \
		-s "$(address "$CALLEE")" -d "$(address proxy)" >/dev/null
}

# All of them are one message on the wire.
all_the_same() # CONDITION...
{
	local n

	expect 1 callee-wire response "src=$(address "$CALLEE")" "$@"
	n=$(picks callee-wire -c response "src=$(address "$CALLEE")" "$@")
	[ "$n" -ge 3 ] || wrong "$n copies, not 3: $*"
}

await_copies() # N CONDITION...
{
	local want=$1 end=$((SECONDS + 20))

	shift
	while [ "$(picks callee-wire -c response \
		"src=$(address "$CALLEE")" "$@")" -lt "$want" ]; do
		[ $SECONDS -lt $end ] || wrong "no $want copies: $*"
		sleep 0.1
	done
}

scenario()
{
	take_begin call
	phones_start
	call_to_ringing
	say_again 180
	await_copies 2 status=180
	say_again 180
	await_copies 3 status=180
	call_to_talking
	say_again 200
	await_copies 2 status=200 method=INVITE
	say_again 200
	await_copies 3 status=200 method=INVITE
	call_lives
	scenario_end
	all_the_same status=180
	all_the_same status=200 method=INVITE
}

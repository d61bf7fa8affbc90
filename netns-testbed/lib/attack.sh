# shellcheck shell=bash disable=SC2034,SC2153,SC2154 # shared by lib/*.sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# attack - somebody who is in nobody's path ends other people's calls.
#
#   bye         BYE in the caller's name, from the proxy's address, to the callee
#   bye-direct  the same from the caller's own address
#   bye-caller  BYE in the callee's name, from the proxy's address, to the caller
#   cancel      CANCEL of the ringing call, from the proxy's address, to the callee
#
# Each is a call of its own, made real by the identifiers that a capture of the
# proxy's network gives away. An attack has one of three outcomes:
#
#   "call ended"  the phone took it
#   "dropped"     it was sent, the daemon counted it, the phone never heard of
#                 it, and the call went on to its own end
#   "unclear"     neither can be shown

ATTACKS="bye bye-direct bye-caller cancel"
COPIES=1

# What to send and what to watch. Results: VICTIM, GUARD, COUNTER.
attack_target() # ATTACK
{
	VICTIM=$CALLEE
	GUARD=$GUARD_B
	COUNTER=bye_dropped
	case $1 in
	bye-caller) VICTIM=$CALLER GUARD=$GUARD_A ;;
	cancel) COUNTER=cancel_dropped ;;
	esac
}

attack_send() # ATTACK
{
	local source=proxy
	local -a what=(bye)

	case $1 in
	bye-direct) source=$CALLER ;;
	bye-caller) what=(bye -a callee) ;;
	cancel) what=(cancel) ;;
	esac
	capture_flush
	in_node attacker "$TOOLS/forge" "${what[@]}" -n $COPIES \
		-r "$TAKE/proxy.pcap" -p "$(address proxy)" \
		-s "$(address "$source")" -d "$(address "$VICTIM")" \
		>"$TAKE/forged-message" 2>"$TAKE/forge.log" ||
		wrong "the attack can't be made: $(cat "$TAKE/forge.log")"
}

# Until the daemon has counted all copies, or the phone has obeyed.
attack_await() # COUNTED-BEFORE
{
	local end=$((SECONDS + COUNTER_MS / 1000))

	if [ "$AUTH" != pgp ]; then
		phone_await "$VICTIM" closed || :
		return
	fi
	while [ $SECONDS -lt $end ]; do
		! phone_has "$VICTIM" closed || return 0
		[ "$(counter "$GUARD" "$COUNTER")" -lt $(($1 + COPIES)) ] ||
			return 0
		sleep 0.1
	done
}

# The call goes on as if nothing had been.
call_goes_on() # ATTACK
{
	[ "$1" != cancel ] || call_to_talking || return 1
	call_to_end "$HANGUP_BY"
}

attack_outcome() # ATTACK COUNTED-BEFORE
{
	local n=0 lived=no

	if phone_has "$VICTIM" 'closed'; then
		echo "call ended"
		return
	fi
	[ "$AUTH" != pgp ] || n=$(($(counter "$GUARD" "$COUNTER") - $2))
	! call_goes_on "$1" || lived=yes
	result counted "$n"
	result call_lived $lived
	if [ $lived = yes ] && [ "$n" -ge $COPIES ]; then
		echo dropped
	else
		echo unclear
	fi
}

# What the captures say: sent, and seen by the phone or not.
attack_in_captures() # TAKE
{
	local victim=$VICTIM sent seen

	[ ! -s "$OUT/$1/caller-phone.pcap" ] || case $VICTIM in
	"$CALLER") victim=alice ;;
	*) victim=bob ;;
	esac
	sent=$(row_count "$1" 'forged')
	seen=$(row_count "$1" "forged && (from == \"$victim\" ||
		to == \"$victim\")")
	result forged_on_wires "$sent"
	result forged_at_phone "$seen"
	[ "$sent" -gt 0 ] || wrong "the captures don't show the attack"
}

# Does the outcome agree with what was captured?
attack_is_proved() # TAKE OUTCOME
{
	local seen

	attack_in_captures "$1" || return 1
	seen=$(result_of "$1" forged_at_phone)
	case $2 in
	dropped)
		has_view_of_phone "$1" || return 0
		[ "$seen" -eq 0 ] || wrong "dropped, but the phone saw it"
		;;
	"call ended")
		has_view_of_phone "$1" || return 0
		[ "$seen" -gt 0 ] || wrong "ended, but not by the attack"
		;;
	esac
}

# Does a capture show what the phones get, behind their guards?
has_view_of_phone() # TAKE
{
	[ "$TOPOLOGY" != host ] || [ "$AUTH" != pgp ] ||
		[ -s "$OUT/$1/caller-phone.pcap" ]
}

attack_once() # ATTACK
{
	local before=0 outcome=unclear

	attack_target "$1"
	take_begin "$1"
	phones_start
	if call_to_ringing && { [ "$1" = cancel ] || call_to_talking; }; then
		[ "$AUTH" != pgp ] || before=$(counter "$GUARD" "$COUNTER")
		if attack_send "$1"; then
			attack_await "$before"
			outcome=$(attack_outcome "$1" "$before")
		fi
	fi
	take_end
	phones_stop
	attack_is_proved "$1" "$outcome" || outcome=unclear
	result outcome "$outcome"
}

expected_outcome()
{
	if [ -n "$EXPECT" ]; then
		echo "$EXPECT"
	elif [ "$AUTH" = pgp ]; then
		echo dropped
	else
		echo "call ended"
	fi
}

do_attack() # ATTACK...
{
	local a outcome expected bad=0

	expected=$(expected_outcome)
	for a; do
		attack_once "$a"
		outcome=$(result_of "$a" outcome)
		say ""
		[ "$QUIET" = yes ] || cat "$OUT/$a/ladder.txt"
		say ""
		printf 'attack %s: %s\n' "$a" "$outcome"
		say "captures: $OUT/$a"
		if [ "$outcome" != "$expected" ]; then
			note "attack $a: \"$outcome\", not \"$expected\""
			bad=1
		fi
	done
	return $bad
}

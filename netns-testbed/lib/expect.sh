# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# expect - words for scenarios: what captures must show, and what is sent to
# make them show it.
#
# A view is a capture by what can be seen there:
#
#   caller-phone  callee-phone   what the phones say and hear
#   caller-wire   callee-wire    outside their guards
#   proxy                        the proxy's network
#   attacker                     what it sends
#
# Conditions are pick's (tools/condition.h).

view() # VIEW
{
	local phone=$CALLER guard=$GUARD_A

	case $1 in
	callee-*) phone=$CALLEE guard=$GUARD_B ;;
	esac
	case $1 in
	*-phone)
		if [ -s "$TAKE/$phone-phone.pcap" ]; then
			echo "$TAKE/$phone-phone.pcap"
		else
			echo "$TAKE/$phone.pcap"
		fi
		;;
	*-wire) echo "$TAKE/$guard.pcap" ;;
	*) echo "$TAKE/$1.pcap" ;;
	esac
}

# Can what phones get be told from what is on their wires?
phones_are_seen()
{
	[ "$TOPOLOGY" != host ] || [ "$AUTH" != pgp ] ||
		[ -s "$TAKE/$CALLEE-phone.pcap" ]
}

picks() # VIEW OPTION... CONDITION...
{
	local v=$1
	local -a opts=()

	shift
	while [ $# -gt 0 ]; do
		case $1 in
		-f)
			opts+=("$1" "$2")
			shift
			;;
		-*) opts+=("$1") ;;
		*) break ;;
		esac
		shift
	done
	"$TOOLS/pick" ${opts[@]+"${opts[@]}"} "$(view "$v")" "$@" || :
}

# Exactly N, "N+": at least so many. Different messages; copies don't count.
expect() # N VIEW CONDITION...
{
	local want=$1 v=$2 have

	shift 2
	case $v in
	*-phone) phones_are_seen || return 0 ;;
	esac
	have=$(picks "$v" -c -u "$@")
	case $want in
	*+) [ "$have" -ge "${want%+}" ] ;;
	*) [ "$have" -eq "$want" ] ;;
	esac || wrong "$v: $have, not $want: $*"
}

# What the last message of that kind has there; it must be there.
value_of() # VIEW WHAT CONDITION...
{
	local v=$1 what=$2 value

	shift 2
	value=$(picks "$v" -l -f "$what" "$@")
	[ -n "$value" ] || wrong "$v: no $what: $*" || return 1
	printf '%s\n' "$value"
}

# Until a view has N messages (of different octets) like that.
await_seen() # N VIEW CONDITION...
{
	local want=$1 v=$2 end=$((SECONDS + EVENT_MS / 1000))

	shift 2
	while [ "$(picks "$v" -c -u "$@")" -lt "$want" ]; do
		[ $SECONDS -lt $end ] || wrong "$v: never $want of: $*" ||
			return 1
		sleep 0.1
	done
}

# --- counters -----------------------------------------------------------------

counted() # GUARD NAME N
{
	counter_await "$1" "$2" "$3" ||
		wrong "the daemon in $1 counts $(counter "$1" "$2") $2, not $3"
}

not_counted() # GUARD NAME
{
	[ "$(counter "$1" "$2")" -eq 0 ] ||
		wrong "the daemon in $1 counts $2: $(counter "$1" "$2")"
}

# --- sending ------------------------------------------------------------------

# As somebody on the proxy's network, out of what the view has seen.
attack_with() # VIEW CRAFT-OPTION...
{
	local v=$1

	shift
	capture_flush
	in_node attacker "$TOOLS/craft" -r "$(view "$v")" "$@" \
		>>"$TAKE/attacks" 2>"$TAKE/craft.log" ||
		wrong "craft: $(cat "$TAKE/craft.log")"
}

# A new message from standard input.
attack_new() # CRAFT-OPTION...
{
	in_node attacker "$TOOLS/craft" "$@" \
		>>"$TAKE/attacks" 2>"$TAKE/craft.log" ||
		wrong "craft: $(cat "$TAKE/craft.log")"
}

# A thing that phones will do for sure, to be behind all that came before it:
# the call goes on to its end.
call_lives()
{
	call_to_end "$CALLER"
}

# --- a request out of nothing -------------------------------------------------

# As of a phone that no appliance stands before.
bare_request() # METHOD [CALL-ID]
{
	local id=${2:-bare-$RANDOM$RANDOM}

	printf '%s\r\n' "$1 sip:bob@$(host_part "$CALLEE"):5060 SIP/2.0" \
		"Via: SIP/2.0/UDP $(host_part attacker):5060;branch=z9hG4bK$id" \
		"Max-Forwards: 70" \
		"From: <sip:alice@$DOMAIN>;tag=bare" \
		"To: <sip:bob@$DOMAIN>" "Call-ID: $id" "CSeq: 1 $1" \
		"Contact: <sip:alice@$(host_part attacker):5060>" \
		"Content-Length: 0" ""
}

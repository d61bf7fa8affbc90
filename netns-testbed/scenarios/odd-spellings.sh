# shellcheck shell=bash disable=SC2034
# SPDX-License-Identifier: GPL-2.0-or-later
about="forged BYEs in spellings that endpoints obey: none gets past enforce"
points="9"
uas=sipp
quick="edge sipp"

SPELLINGS=0

# The BYE that would end the call, spelled otherwise.
spell() # CRAFT-OPTION...
{
	SPELLINGS=$((SPELLINGS + 1))
	attack_with proxy -w request -w method=ACK -w "src=$(address proxy)" \
		-S "BYE $URI SIP/2.0" -H "CSeq: $((900 + SPELLINGS)) BYE" \
		-D Authorization -x '/branch=z9hG4bK/branch=z9hG4bKx/' "$@" \
		-s "$(address proxy)" -d "$(address "$CALLEE")"
}

all_spellings()
{
	URI=$(value_of proxy start request method=ACK "src=$(address proxy)")
	URI=${URI#ACK }
	URI=${URI% SIP/2.0}
	spell -f lf
	spell -f compact
	spell -f case
	spell -f fold
	spell -f space
	spell -S "bye $URI SIP/2.0"
	spell -S "BYE  $URI SIP/2.0"
	spell -S "BYE $URI sip/2.0"
	spell -S "BYE $URI SIP/2.0 "
	spell -S "\r\n\r\nBYE $URI SIP/2.0"
	spell -D Content-Length
	spell -H "Content-Length: 9999"
	spell -H "Content-Length: -1"
	spell -H "CSeq: 00000000999  BYE"
	spell -H "CSeq: 999 bye"
	spell -A "CSeq: 999 ACK"
	spell -T "CSeq: 999 ACK"
	spell -x "/BYE $URI/BYE\t$URI/"
	spell -B "\r\nINVITE sip:x SIP/2.0"
	spell -A "X-Y: \0\r\nZ: y"
	spell -A " folded: on"
	spell -x '/\r\n/\r/'
	spell -A 'Authorization: PGP'
	spell -A 'Authorization: PGP signature=""'
	spell -D Via
	spell -D Call-ID -A 'i: x'
	spell -K 60
}

scenario()
{
	local before

	scenario_call call
	before=$(counter "$GUARD_B" dropped)
	all_spellings
	counted "$GUARD_B" dropped $((before + SPELLINGS))
	call_lives
	scenario_end
	# some are no SIP to pick
	grep -aq 'z9hG4bKx' "$(view callee-wire)"
	! phones_are_seen || ! grep -aq 'z9hG4bKx' "$(view callee-phone)" ||
		wrong "$CALLEE has seen one of them"
	expect 0 callee-phone request 'start~^[[:space:]]*bye' \
		'!P-PGP-Status' "dst=$(address "$CALLEE")"
	expect 1 callee-phone request method=BYE "dst=$(address "$CALLEE")"
}

# Some of them end the call of even a strict phone.
twin()
{
	scenario_call call
	all_spellings
	phone_await "$CALLEE" closed || wrong "none of them ends the call"
	scenario_end
}

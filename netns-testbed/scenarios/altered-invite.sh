# shellcheck shell=bash disable=SC2034
# SPDX-License-Identifier: GPL-2.0-or-later
about="signed INVITEs altered, truncated, doubled, or with another's words: refused"
points="3"
uas=sipp
options=(--proxy-opt noauth)
twin_options=(--proxy-opt noauth --mode observe)
twin_topologies="host edge"

FRESH=0

# An own nonce that is fresh, so that nothing but the signature can be wrong:
# 4 octets of time, 11 more.
fresh_nonce()
{
	local time

	time=$(printf %08x "$(date +%s)" | sed 's/../\\x&/g')
	printf '%b%011d' "$time" $FRESH | base64
}

# The newest signed INVITE as another one.
alter() # CRAFT-OPTION...
{
	local old

	FRESH=$((FRESH + 1))
	old=$(value_of proxy Authorization request method=INVITE \
		"src=$(address proxy)" 'Authorization~^PGP ' \
		'branch!~^z9hG4bKx')
	old=${old#*nonce=\"}
	attack_with proxy -w request -w method=INVITE \
		-w "src=$(address proxy)" -w 'Authorization~^PGP ' \
		-w 'branch!~^z9hG4bKx' \
		-x "|nonce=\"${old%%\"*}|nonce=\"$(fresh_nonce)|" \
		-x "/branch=z9hG4bK/branch=z9hG4bKx$FRESH-/" "$@" \
		-s "$(address proxy)" -d "$(address "$CALLEE")"
	await_seen 1 callee-wire response "branch~^z9hG4bKx${FRESH}[^0-9]"
	result "altered-$FRESH" "$(value_of callee-wire start response \
		"branch~^z9hG4bKx${FRESH}[^0-9]"): $*"
}

scenario()
{
	local row

	scenario_call call
	row=$(value_of proxy Authorization request method=INVITE \
		"src=$(address proxy)" 'Authorization~^PGP ')
	alter
	alter -x '/sip:alice@tb.example>/sip:mallory@tb.example>/'
	alter -H "Contact: <sip:evil@$(host_part attacker)>"
	alter -x '/m=audio 6000/m=audio 7000/'
	alter -x '/signature="/signature="AAAA/'
	alter -x '/signature="/signature="!/'
	alter -x '/nc=1/nc=1, nc=2/'
	alter -x '/nc=1/nc=4294967296/'
	alter -x '/cnonce="/cnonce="\\\\/'
	alter -A "Authorization: $row"
	alter -A "Referred-By: <sip:evil@tb.example>"
	alter -H "Authorization: PGP"
	call_lives
	scenario_end
	expect 1 callee-phone request method=INVITE
	expect 0 callee-phone request method=INVITE 'branch~^z9hG4bKx'
	expect 0 callee-wire response status=200 'branch~^z9hG4bKx'
}

# Nobody's words are anybody's to check: another caller, another phone to talk
# to.
twin()
{
	scenario_call call
	attack_with proxy -w request -w method=INVITE \
		-w "src=$(address proxy)" -x '/branch=z9hG4bK/branch=z9hG4bKx/' \
		-x '/sip:alice@tb.example>/sip:mallory@tb.example>/' \
		-x '/m=audio 6000/m=audio 7000/' \
		-s "$(address proxy)" -d "$(address "$CALLEE")"
	await_seen 1 callee-phone request method=INVITE 'branch~^z9hG4bKx' \
		'From~mallory' 'body~m=audio 7000'
	scenario_end
}

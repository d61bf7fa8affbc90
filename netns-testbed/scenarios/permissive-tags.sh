# shellcheck shell=bash disable=SC2034
# SPDX-License-Identifier: GPL-2.0-or-later
about="permissive: an unsigned BYE and CANCEL pass only where no authenticated tags are"
points="12"
uas=sipp
options=(--mode permissive)
twin_options=(--mode observe)
twin_topologies="host edge"
quick="edge sipp"

# With the tags of the call that is talked on, and a Call-ID of its own.
shadow() # METHOD
{
	attack_with proxy -w request -w method=ACK -w "src=$(address proxy)" \
		-S "$1 sip:bob@$(host_part "$CALLEE"):5060 SIP/2.0" \
		-H "CSeq: 900 $1" -H "Call-ID: shadow-$1@tb.example" \
		-D Authorization -x "/branch=z9hG4bK/branch=z9hG4bKx$1/" \
		-s "$(address proxy)" -d "$(address "$CALLEE")"
}

# With tags that belong to nothing.
stranger() # METHOD
{
	bare_request "$1" "stranger-$1" | attack_new \
		-H "To: <sip:bob@$DOMAIN>;tag=strange" \
		-s "$(address attacker)" -d "$(address "$CALLEE")"
}

both()
{
	local m

	scenario_call call
	for m in BYE INFO CANCEL; do
		shadow $m
		stranger $m
		await_seen 1 callee-phone request "Call-ID=stranger-$m"
	done
}

scenario()
{
	both
	counted "$GUARD_B" bye_dropped 1
	counted "$GUARD_B" in_dialog_dropped 1
	counted "$GUARD_B" cancel_dropped 1
	call_lives
	scenario_end
	expect 3 callee-wire request 'Call-ID~^shadow'
	expect 0 callee-phone request 'Call-ID~^shadow'
	expect 3 callee-phone request 'Call-ID~^stranger' \
		'P-PGP-Status~^unsigned'
}

twin()
{
	both
	await_seen 3 callee-phone request 'Call-ID~^shadow'
	scenario_end
}

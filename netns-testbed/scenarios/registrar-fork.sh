# shellcheck shell=bash disable=SC2034
# SPDX-License-Identifier: GPL-2.0-or-later
about="two phones of Bob's register at a guarded registrar: both ring, one answers"
points="7"
uas=sipp
options=(--conf 'cancel-by = { "sip:tb.example" }')

# The INVITE carries the phone's Digest, the proxy's realm and both sites'.
scenario()
{
	local rows

	proxy_guard_start
	take_begin call
	phones_start
	second_phone_guard
	second_phone_register
	sipp_start attacker callee
	await_seen 1 proxy response method=REGISTER status=200 \
		'Contact~10\.77\.0\.66'
	phone_dial
	phone_await "$CALLEE" incoming || wrong "$CALLEE does not ring"
	phone_await attacker incoming || wrong "the second phone does not ring"
	call_to_talking
	# the proxy's own, signed
	phone_await attacker 'closed by a CANCEL' ||
		wrong "the second phone rings on"
	call_lives
	scenario_end
	rows=$(value_of caller-wire Authorization request method=INVITE)
	[[ $rows == *"\"$GUARD_B.$DOMAIN\""* &&
		$rows == *"\"attacker.$DOMAIN\""* ]] ||
		wrong "not signed for both sites"
	expect 1+ caller-wire request method=INVITE \
		"Proxy-Authorization~^PGP realm=\"$DOMAIN\"" \
		'Proxy-Authorization~^Digest '
	# what was for the proxy stays there
	expect 0 proxy request method=INVITE "dst=$(address "$CALLEE")" \
		'Proxy-Authorization'
	expect 0 caller-phone 'header~: *PGP '
	expect 0 callee-phone 'header~: *PGP '
	counted attacker cancel_proxy 1
}

# shellcheck shell=bash disable=SC2034
# SPDX-License-Identifier: GPL-2.0-or-later
about="two phones of the callee's, two realms: one INVITE signed for both, one answer"
points="1 6"
uas=sipp
options=(--proxy-opt noauth --conf 'cancel-from = { "10.77.0.2" }')

scenario()
{
	local rows

	take_begin call
	phones_start
	second_phone_guard
	second_phone_register
	sipp_start attacker callee
	phone_dial
	phone_await "$CALLEE" incoming || wrong "$CALLEE does not ring"
	phone_await attacker incoming || wrong "the second phone does not ring"
	phone_await "$CALLER" ringing || wrong "$CALLER does not hear it ring"
	call_to_talking
	phone_await attacker 'closed by a CANCEL' ||
		wrong "the second phone rings on"
	call_lives
	scenario_end
	rows=$(value_of caller-wire Authorization request method=INVITE)
	[[ $rows == *"\"$GUARD_B.$DOMAIN\""* &&
		$rows == *"\"attacker.$DOMAIN\""* ]] ||
		wrong "not signed for both realms"
	expect 1 caller-wire response status=401 \
		"WWW-Authenticate~PGP realm=\"$GUARD_B.$DOMAIN\"" \
		"WWW-Authenticate~PGP realm=\"attacker.$DOMAIN\""
	expect 1 caller-phone response status=200 method=INVITE
	expect 0 caller-phone 'header~: *PGP '
}

# shellcheck shell=bash disable=SC2034
# SPDX-License-Identifier: GPL-2.0-or-later
about="the caller's key is certified by nobody: it passes, marked with key, user ID and validity"
options=(--policy 'unknown-key = pass-marked')
quick="edge sipp"

scenario()
{
	local fpr

	take_begin call
	keys_uncertified "$GUARD_B" "$GUARD_A"
	fpr=$(fingerprint_at "$GUARD_A" alice)
	phones_start
	call_to_ringing
	call_to_talking
	call_to_end "$CALLER"
	scenario_end
	expect 1 callee-phone request method=INVITE "P-PGP-Status=untrusted;$(
		)uri=\"sip:alice@$DOMAIN\";key=$fpr;$(
		)uid=\"Alice <sip:alice@$DOMAIN>\";validity=unknown"
}

# shellcheck shell=bash disable=SC2034
# SPDX-License-Identifier: GPL-2.0-or-later
about="the caller's key is certified by nobody: 437, and the log says which"
quick="edge sipp"

scenario()
{
	take_begin call
	keys_uncertified "$GUARD_B" "$GUARD_A"
	phones_start
	phone_dial
	phone_await "$CALLER" closed ||
		wrong "$CALLER is not told: $(phone_complaint "$CALLER")"
	scenario_end
	must_not_have "$CALLEE" incoming
	expect 0 callee-phone request method=INVITE
	expect 1+ callee-wire response status=437
	counted "$GUARD_B" refused_key 1
}

# shellcheck shell=bash disable=SC2034
# SPDX-License-Identifier: GPL-2.0-or-later
about="the proxy's own 404 is nobody's to sign: held, then let go"
points="4"
uas="sipp baresip"

scenario()
{
	do_call first
	take_begin second
	phones_start
	# Bob's registration goes: the known peer's next call is signed at once
	proc_stop kamailio proxy
	proxy_start
	phone_dial
	phone_await "$CALLER" closed ||
		wrong "$CALLER is not told: $(phone_complaint "$CALLER")"
	scenario_end
	expect 1+ caller-wire request method=INVITE 'Authorization~^PGP '
	expect 1 caller-phone response status=404
	counted "$GUARD_A" responses_held 1
	counted "$GUARD_A" responses_released 1
}

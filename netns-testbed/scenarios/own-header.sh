# shellcheck shell=bash disable=SC2034
# SPDX-License-Identifier: GPL-2.0-or-later
about="all of it in a header field of another name, a proxy's appliance included"
points="1 2 6 7 8"
uas="sipp baresip"
options=(--conf 'header-name = "X-Seal"')

own_header_only()
{
	local v

	expect 0 caller-wire 'header~Auth[a-z-]*: *PGP '
	expect 0 callee-wire 'header~Auth[a-z-]*: *PGP '
	for v in caller-phone callee-phone; do
		expect 0 "$v" 'header~: *PGP '
	done
	for n in "$GUARD_A" "$GUARD_B"; do
		not_counted "$n" in_dialog_dropped
		not_counted "$n" bye_dropped
		not_counted "$n" cancel_dropped
	done
}

own_header_call() # TAKE
{
	scenario_call "$1"
	call_lives
	scenario_end
	expect 1 callee-phone request method=INVITE 'P-PGP-Status~^valid'
	expect 1 callee-phone request method=BYE 'P-PGP-Status~^valid'
	expect 1+ caller-phone response status=200 method=INVITE \
		'P-PGP-Status~^valid'
	expect 1+ caller-wire request method=INVITE 'X-Seal~^PGP '
	own_header_only
}

scenario()
{
	own_header_call challenged
	expect 1+ caller-wire response status=401 'X-Seal~^PGP '
	own_header_call eager
	expect 0 caller-wire response status=401 'X-Seal~^PGP '

	take_begin cancel
	phones_start
	call_to_ringing
	phone_give_up
	phone_await "$CALLEE" closed || wrong "the CANCEL does not arrive"
	phone_await "$CALLER" closed || wrong "the caller waits for an end"
	scenario_end
	expect 1+ callee-phone request method=CANCEL 'P-PGP-Status~^valid'
	own_header_only

	proxy_guard_start
	own_header_call proxy
	expect 1+ caller-wire response status=407 'X-Seal~^PGP '
	expect 1+ caller-phone response status=200 method=REGISTER \
		'P-PGP-Status~^valid'
}

# shellcheck shell=bash disable=SC2034
# SPDX-License-Identifier: GPL-2.0-or-later
about="Net::SIP at both ends: its spellings of rows, holds from either side, CANCEL"
points="1 2 5 6 9"
uas=sipp

# Both change the call; who was called hangs up.
net_sip_calls() # TAKE
{
	take_begin "$1"
	netsip_start "$CALLEE" - established hold options bye
	netsip_start "$CALLER" bob final closed
	netsip_await "$CALLER" finished
	netsip_await "$CALLEE" finished
	take_end
	expect 1 callee-phone request method=INVITE "src=$(address proxy)" \
		'P-PGP-Status~^valid'
	expect 1 caller-phone request method=INVITE "src=$(address proxy)" \
		'P-PGP-Status~^valid'
	expect 1 callee-phone response status=200 method=OPTIONS \
		'P-PGP-Status~^valid'
	expect 1 caller-phone request method=BYE 'P-PGP-Status~^valid'
	expect 0 callee-phone 'header~: *PGP '
	expect 0 caller-phone 'header~: *PGP '
}

scenario()
{
	net_sip_calls challenged
	expect 1+ caller-wire response status=401 'WWW-Authenticate~^PGP '
	net_sip_calls eager
	expect 0 caller-wire response status=401 'WWW-Authenticate~^PGP '

	take_begin cancel
	netsip_start "$CALLEE" - ring closed
	netsip_start "$CALLER" bob ringing cancel
	netsip_await "$CALLER" finished
	netsip_await "$CALLEE" 'closed by peer'
	take_end
	expect 1+ callee-phone request method=CANCEL 'P-PGP-Status~^valid'
	for n in "$GUARD_A" "$GUARD_B"; do
		not_counted "$n" in_dialog_dropped
		not_counted "$n" bye_dropped
		not_counted "$n" cancel_dropped
	done
}

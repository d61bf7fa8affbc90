# shellcheck shell=bash disable=SC2034
# SPDX-License-Identifier: GPL-2.0-or-later
about="Net::SIP as a proxy without state, which asks for a password again in a call"
points="1 5 9"
uas=sipp

scenario()
{
	netsip_proxy_start
	for take in challenged eager; do
		take_begin "$take"
		netsip_start "$CALLEE" - established hold closed
		netsip_start "$CALLER" bob final rest hold options bye
		netsip_await "$CALLER" finished
		netsip_await "$CALLEE" finished
		take_end
		expect 2 callee-phone request method=INVITE \
			"src=$(address proxy)" 'P-PGP-Status~^valid'
		expect 1 caller-phone request method=INVITE \
			"src=$(address proxy)" 'P-PGP-Status~^valid'
		expect 1 callee-phone request method=BYE 'P-PGP-Status~^valid'
		expect 2+ caller-phone response status=401 method=INVITE
		expect 0 callee-phone 'header~: *PGP '
		expect 0 caller-phone 'header~: *PGP '
	done
	for n in "$GUARD_A" "$GUARD_B"; do
		not_counted "$n" in_dialog_dropped
		not_counted "$n" bye_dropped
	done
}

# shellcheck shell=bash disable=SC2034
# SPDX-License-Identifier: GPL-2.0-or-later
about="an appliance before the registrar: it challenges REGISTERs and calls"
points="7"
uas="sipp baresip"
quick="edge sipp"

scenario()
{
	proxy_guard_start
	do_call call
	expect 1+ caller-wire response status=401 method=REGISTER \
		"WWW-Authenticate~^PGP realm=\"$DOMAIN\""
	expect 1+ caller-wire request method=REGISTER 'Authorization~^PGP '
	expect 1+ caller-wire response status=200 method=REGISTER \
		'Authentication-Info~^PGP '
	expect 1+ caller-phone response status=200 method=REGISTER \
		'P-PGP-Status~^valid'
	expect 1+ caller-wire response status=407 method=INVITE \
		"Proxy-Authenticate~^PGP realm=\"$DOMAIN\""
	expect 1+ caller-wire request method=INVITE 'Authorization~^PGP ' \
		'Proxy-Authorization~^PGP '
	expect 0 caller-phone 'header~: *PGP '
	expect 0 callee-phone 'header~: *PGP '
	[ "$(counter proxy requests_verified)" -ge 3 ] ||
		wrong "the proxy's daemon verified too little"
}

# shellcheck shell=bash disable=SC2034
# SPDX-License-Identifier: GPL-2.0-or-later
about="Digest with qop=auth beside PGP: the phone's credentials stay as they are"
points="1"
options=(--proxy-opt qop)

scenario()
{
	do_call call
	expect 1 caller-wire response status=401 'WWW-Authenticate~^PGP '
	expect 1+ caller-phone request method=INVITE \
		'Proxy-Authorization~qop=auth' 'Proxy-Authorization~nc='
	[ "$(value_of caller-phone Proxy-Authorization request \
		method=INVITE)" = "$(value_of caller-wire Proxy-Authorization \
		request method=INVITE)" ] ||
		wrong "the phone's Digest row is not what it was"
	expect 1+ caller-wire request method=INVITE 'Authorization~^PGP ' \
		'Proxy-Authorization~qop=auth'
}

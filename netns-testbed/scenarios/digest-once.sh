# shellcheck shell=bash disable=SC2034
# SPDX-License-Identifier: GPL-2.0-or-later
about="the proxy asks for a password on the first INVITE only, with qop"
points="1"
options=(--proxy-opt "once,qop")

scenario()
{
	do_call call
	expect 1 caller-wire response status=407 method=INVITE
	expect 1 caller-wire response status=401 method=INVITE \
		'WWW-Authenticate~^PGP '
	expect 1 caller-wire request method=INVITE \
		'Proxy-Authorization~^Digest .*qop' '!Authorization'
	# the phone's own row stands first, untouched
	expect 1 caller-wire request method=INVITE \
		'header~Proxy-Authorization: Digest .*Authorization: PGP '
	expect 1 caller-phone response status=407 method=INVITE
}

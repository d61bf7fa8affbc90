# shellcheck shell=bash disable=SC2034
# SPDX-License-Identifier: GPL-2.0-or-later
about="the proxy asks for a password on the signed INVITE only, behind the challenge"
points="1"
options=(--proxy-opt late)

scenario()
{
	local first

	do_call call
	first=$(picks caller-wire -f cseq response status=401 method=INVITE \
		'WWW-Authenticate~^PGP ' | head -n 1)
	expect 1 caller-wire request method=INVITE "cseq=$((first + 1))" \
		'Authorization~^PGP ' '!Proxy-Authorization'
	expect 1 caller-wire response status=407 "cseq=$((first + 1))"
	# the phone hears of the password only, and its answer is signed at once
	expect 1 caller-phone response status=407 "cseq=$first" \
		'Proxy-Authenticate~^Digest '
	expect 1+ caller-wire request method=ACK "cseq=$((first + 1))"
	expect 1 caller-wire request method=INVITE "cseq=$((first + 2))" \
		'Authorization~^PGP .*nc=2' 'Proxy-Authorization~^Digest '
	expect 1 callee-phone request method=INVITE
}

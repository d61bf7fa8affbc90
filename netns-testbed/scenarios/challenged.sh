# shellcheck shell=bash disable=SC2034
# SPDX-License-Identifier: GPL-2.0-or-later
about="a challenged call: the retry, and the translation for the dialog's life"
points="1 5 8"
quick="edge sipp"

# CSeq of the last such request, at the phone and on the wire, and its branch.
translated() # METHOD
{
	local phone wire

	phone=$(value_of caller-phone cseq request "method=$1")
	wire=$(value_of caller-wire cseq request "method=$1")
	[ "$wire" -eq $((phone + 1)) ] ||
		wrong "$1: CSeq $phone at the phone, $wire on the wire"
	expect 0 caller-phone request "method=$1" "cseq=$((phone + 1))"
}

scenario()
{
	local retry

	do_call call
	expect 1 caller-wire response status=401 'WWW-Authenticate~^PGP '
	expect 1 caller-wire request method=INVITE 'Authorization~^PGP '
	retry=$(value_of caller-wire cseq request method=INVITE)
	[ "$(value_of caller-wire branch request method=INVITE)" != \
		"$(value_of caller-phone branch request method=INVITE)" ] ||
		wrong "the retry has the branch of the first INVITE"
	expect 1+ caller-wire request method=ACK "cseq=$((retry - 1))"
	translated INVITE
	translated ACK
	translated BYE
	expect 1 caller-phone response status=200 method=INVITE
	expect 0 caller-phone response method=INVITE "cseq=$retry"
	expect 1 callee-phone request method=INVITE "cseq=$retry"
	for v in caller-phone callee-phone; do
		expect 0 $v 'header~: *PGP '
		expect 0 $v Supported=pgp-auth
		expect 1+ $v 'P-PGP-Status~^valid;'
	done
	expect 1+ callee-wire response status=180 'Authentication-Info~^PGP '
	expect 1+ callee-wire response status=200 method=BYE \
		'Authentication-Info~^PGP '
}

# shellcheck shell=bash disable=SC2034
# SPDX-License-Identifier: GPL-2.0-or-later
about="the same over IPv6, where nobody on the way may fragment"
points="10"
uas=sipp
options=(--proxy-opt noauth --ip 6)

# An INVITE of the phone's that fits, and does not when it is signed; then one
# that is in fragments from the start.
scenario()
{
	local size

	for size in 744 1674; do
		{
			caller_begins
			caller_invites "Content-Type: application/sdp" -- \
				"$(sdp $size)"
			caller_hears 180
			caller_hears 200
			request ACK 101
			request BYE 102
			hears 200
		} | script caller
		{
			callee_begins
			answer 180 Ringing
			answer 200 OK "Content-Type: application/sdp" -- \
				"$(sdp $size)"
			gets ACK
			gets BYE
			reply 200 OK
		} | script callee
		scripts_run "size-$size"
		[ "$size" -gt 1400 ] ||
			expect 0 caller-phone request method=INVITE fragmented
		expect 1+ caller-wire request method=INVITE fragmented \
			'Authorization~^PGP '
		expect 1 callee-phone request method=INVITE \
			'P-PGP-Status~^valid' 'body~a=x-0*62\>'
		expect 1+ callee-wire response status=200 method=INVITE \
			fragmented 'Authentication-Info~^PGP '
		expect 1 caller-phone response status=200 method=INVITE \
			'P-PGP-Status~^valid' 'body~a=x-0*62\>'
	done
	# a host's phone gets it whole
	[ "$TOPOLOGY" = host ] ||
		expect 1 caller-phone response status=200 method=INVITE \
			fragmented
}

# shellcheck shell=bash disable=SC2034
# SPDX-License-Identifier: GPL-2.0-or-later
about="a forking proxy joins a Digest and a PGP challenge in one response"
points="1"
uas=sipp
options=(--proxy-opt noauth --policy 'eager = false')

# A second place of Bob's, that no appliance stands before: it wants a password
# and is busy then.
other_place()
{
	callee_begins
	answer "$1" Unauthorized \
		"$2: Digest realm=\"other.example\", nonce=\"x$1\", algorithm=MD5$3"
	gets ACK
	callee_begins | sed 's/ rrs="true"//'
	answer 486 "Busy Here"
	gets ACK
}

# In either field, with and without qop.
merged() # STATUS FIELD QOP
{
	local status=$1

	{
		caller_begins
		caller_invites -- "$(sdp)"
		caller_asked 401 101
		caller_invites_again 102 "$PASSWORD" -- "$(sdp)"
		caller_hears 180
		caller_hears 200
		request ACK 102
		request BYE 103
		hears 200
	} | script caller
	{
		callee_begins
		answer 180 Ringing
		answer 200 OK "Content-Type: application/sdp" -- "$(sdp)"
		gets ACK
		gets BYE
		reply 200 OK
	} | script callee
	other_place "$@" | script callee other
	take_begin "call-$status"
	second_phone_register
	scripts_ready
	script_start attacker other
	scripts_call
	script_await "$CALLER"
	script_await "$CALLEE"
	scenario_end
	proc_stop sipp attacker
	expect 1 caller-wire response 'status~^40[17]$' \
		"header~Digest realm=\"other.example\"" \
		"header~PGP realm=\"$GUARD_B.$DOMAIN\""
	expect 1 caller-phone response 'status~^40[17]$' cseq=101 \
		"header~Digest realm=\"other.example\""
	expect 0 caller-phone 'header~: *PGP '
	# no request of the appliance's own: the phone's is signed at once
	expect 1 caller-wire request method=INVITE 'Authorization~^PGP ' \
		cseq=102 'header~Authorization: Digest .*Authorization: PGP '
	expect 1 callee-phone request method=INVITE 'P-PGP-Status~^valid' \
		'header~uthorization: Digest .*realm="other.example"'
	expect 1 caller-phone response status=200 method=INVITE \
		'P-PGP-Status~^valid'
}

scenario()
{
	merged 401 WWW-Authenticate ""
	merged 407 Proxy-Authenticate ', qop="auth"'
}

# shellcheck shell=bash disable=SC2034
# SPDX-License-Identifier: GPL-2.0-or-later
about="Contact and SDP are rewritten on the way: cover=nat makes the call"
points="3"
options=(--proxy-opt "noauth,nat" --policy 'cover = nat')

scenario()
{
	do_call call
	expect 1+ caller-wire request method=INVITE 'Authorization~cover=nat' \
		'Contact~sip:alice[-@]' 'body!~192\.0\.2\.77'
	expect 1+ callee-phone request method=INVITE 'P-PGP-Status~^valid' \
		'Contact~alice-nat@' 'body~c=IN IP[46] 192\.0\.2\.77'
	expect 1+ caller-phone response status=200 method=INVITE \
		'P-PGP-Status~^valid' 'Contact~bob-nat@' \
		'body~m=audio 7777'
	expect 1+ callee-phone request method=BYE 'P-PGP-Status~^valid'
}

# What is covered whole is refused whole.
twin_options=(--proxy-opt "noauth,nat")
twin_topologies="host edge"

twin()
{
	take_begin call
	phones_start
	phone_dial
	phone_await "$CALLER" closed ||
		wrong "$CALLER is not told: $(phone_complaint "$CALLER")"
	scenario_end
	must_not_have "$CALLEE" incoming
	expect 0 callee-phone request method=INVITE
	expect 1+ callee-wire response status=403 method=INVITE
	counted "$GUARD_B" refused_signature 1
}

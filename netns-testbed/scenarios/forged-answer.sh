# shellcheck shell=bash disable=SC2034
# SPDX-License-Identifier: GPL-2.0-or-later
about="a forged 200: the phone does not talk to the attacker, but to the callee"
points="4"
uas="sipp"

forge()
{
	attack_with caller-wire -w response -w status=180 -S "SIP/2.0 200 OK" \
		-D Authentication-Info -x '/;tag=b/;tag=evil/' \
		-H "Contact: <sip:evil@$(host_part attacker)>" \
		-H "Content-Type: application/sdp" \
		-B "v=0\r\no=- 1 1 IN IP$IPV $(address attacker)\r\ns=-\r\nc=IN IP$IPV $(address attacker)\r\nt=0 0\r\nm=audio 6000 RTP/AVP 0\r\n" \
		-s "$(address proxy)" -d "$(address "$CALLER")"
}

scenario()
{
	take_begin call
	phones_start
	call_to_ringing
	forge
	await_seen 1 caller-wire response status=200 'To~tag=evil'
	call_to_talking
	call_lives
	scenario_end
	expect 0 caller-phone 'To~tag=evil'
	expect 0 caller-phone "body~IN IP$IPV $(address attacker)"
	expect 1 caller-phone response status=200 method=INVITE
}

twin()
{
	take_begin call
	phones_start
	call_to_ringing
	forge
	phone_await "$CALLER" established ||
		wrong "$CALLER does not take the forged answer"
	scenario_end
}

# shellcheck shell=bash disable=SC2034
# SPDX-License-Identifier: GPL-2.0-or-later
about="a REGISTER with another Contact, its credentials stolen: refused"
points="7"
uas=sipp

# Bob's REGISTER again, with the attacker's Contact.
hijack()
{
	attack_with proxy -w request -w method=REGISTER -w 'Authorization' \
		-w 'From~bob' -x '/branch=z9hG4bK/branch=z9hG4bKx/' \
		-H "Contact: <sip:bob@$(host_part attacker):5060>" \
		-s "$(address attacker)" -d "$(address proxy)"
	printf '%s\r\n' "REGISTER sip:$DOMAIN SIP/2.0" \
		"Via: SIP/2.0/UDP $(host_part attacker):5060;branch=z9hG4bKxy" \
		"From: <sip:bob@$DOMAIN>;tag=evil" "To: <sip:bob@$DOMAIN>" \
		"Call-ID: evil" "CSeq: 1 REGISTER" \
		"Contact: <sip:bob@$(host_part attacker)>" \
		"Content-Length: 0" "" |
		attack_new -s "$(address attacker)" -d "$(address proxy)"
}

scenario()
{
	proxy_guard_start
	take_begin call
	phones_start
	hijack
	await_seen 2 proxy response method=REGISTER "dst=$(address attacker)"
	phone_dial
	await_seen 1 proxy request method=INVITE "dst=$(address "$CALLEE")"
	scenario_end
	expect 0 proxy response method=REGISTER status=200 \
		"dst=$(address attacker)"
	expect 0 proxy request method=INVITE "dst=$(address attacker)"
}

twin()
{
	take_begin call
	phones_start
	hijack
	await_seen 1 proxy response method=REGISTER status=200 \
		"dst=$(address attacker)"
	phone_dial
	await_seen 1 proxy request method=INVITE "dst=$(address attacker)"
	scenario_end
}

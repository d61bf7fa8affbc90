# shellcheck shell=bash disable=SC2034
# SPDX-License-Identifier: GPL-2.0-or-later
about="challenges for realms that policy does not name are not answered"
points="11"
uas=sipp
options=(--proxy-opt noauth --conf 'sign-realms = { "*.tb.example" }')
twin_options=(--proxy-opt noauth)
quick="edge sipp"

# The callee's side is kept from answering; somebody else does.
challenge()
{
	take_begin call
	phones_start
	kill -s STOP "$(proc_pid sipseald "$GUARD_B")"
	phone_dial
	await_seen 1 caller-wire request method=INVITE
	attack_with caller-wire -w request -w method=INVITE \
		-S "SIP/2.0 401 Unauthorized" -D Contact -B "" \
		-x "/To: <sip:bob@tb.example>/To: <sip:bob@tb.example>;tag=x/" \
		-A 'WWW-Authenticate: PGP realm="evil.example", nonce="AAAA", algorithm=SHA256' \
		-s "$(address proxy)" -d "$(address "$CALLER")"
}

scenario()
{
	challenge
	counted "$GUARD_A" challenges_refused 1
	kill -s CONT "$(proc_pid sipseald "$GUARD_B")"
	scenario_end
	expect 0 caller-wire request 'Authorization~evil\.example'
	expect 0 caller-phone 'header~: *PGP '
}

twin()
{
	challenge
	await_seen 1 caller-wire request 'Authorization~evil\.example'
	kill -s CONT "$(proc_pid sipseald "$GUARD_B")"
	scenario_end
}

# shellcheck shell=bash disable=SC2034
# SPDX-License-Identifier: GPL-2.0-or-later
about="a forged 404 before anything rings: held, and the signed ringing wins"
points="4"
uas=sipp
options=(--proxy-opt noauth --conf "hold = 10000")
twin_options=(--proxy-opt noauth --mode observe)

# The callee's side is kept from answering the signed INVITE.
forge_early()
{
	local b

	scenario_call first
	call_lives
	scenario_end
	take_begin second
	phones_start
	b=$(proc_pid sipseald "$GUARD_B")
	kill -s STOP "$b"
	phone_dial
	await_seen 1 callee-wire request method=INVITE
	attack_with caller-wire -w request -w method=INVITE \
		-S "SIP/2.0 404 Not Found" -D Contact -D Authorization -B "" \
		-x "/To: <sip:bob@tb.example>/To: <sip:bob@tb.example>;tag=x/" \
		-s "$(address proxy)" -d "$(address "$CALLER")"
	await_seen 1 caller-wire response status=404
}

scenario()
{
	forge_early
	counted "$GUARD_A" responses_held 1
	kill -s CONT "$(proc_pid sipseald "$GUARD_B")"
	phone_await "$CALLER" ringing || wrong "$CALLER does not hear it ring"
	call_to_talking
	call_lives
	scenario_end
	expect 0 caller-phone response status=404
}

twin()
{
	forge_early
	phone_await "$CALLER" closed || wrong "$CALLER takes no forged 404"
	kill -s CONT "$(proc_pid sipseald "$GUARD_B")"
	scenario_end
}

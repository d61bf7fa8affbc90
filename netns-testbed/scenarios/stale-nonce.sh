# shellcheck shell=bash disable=SC2034
# SPDX-License-Identifier: GPL-2.0-or-later
about="a challenge answered too late: 401 with stale=true, answered once more"
points="1 3"
uas=sipp
options=(--proxy-opt noauth --conf "nonce-lifetime = 4")
twin_options=(--proxy-opt noauth)

# The daemons are stopped in turn, so that the challenge waits on its way.
answer_late()
{
	local end a b

	a=$(proc_pid sipseald "$GUARD_A")
	b=$(proc_pid sipseald "$GUARD_B")
	take_begin call
	phones_start
	kill -s STOP "$b"
	phone_dial
	await_seen 1 callee-wire request method=INVITE
	kill -s STOP "$a"
	kill -s CONT "$b"
	await_seen 1 caller-wire response status=401
	end=$((SECONDS + 6))
	while [ $SECONDS -lt $end ]; do
		must_not_have "$CALLER" closed
		sleep 0.2
	done
	kill -s CONT "$a"
	phone_await "$CALLEE" incoming || wrong "the call does not arrive"
	call_to_talking
	call_lives
	scenario_end
}

scenario()
{
	answer_late
	expect 1 callee-wire response status=401 'WWW-Authenticate~stale=true'
	expect 2 caller-wire request method=INVITE 'Authorization~^PGP '
	expect 1 callee-phone request method=INVITE cseq=103
	expect 0 caller-phone response status=401
	[ "$(value_of caller-wire cseq request method=BYE)" -eq \
		$(($(value_of caller-phone cseq request method=BYE) + 2)) ] ||
		wrong "the BYE is not translated by two"
}

# Nothing is too late for a nonce that lives long.
twin()
{
	answer_late
	expect 0 callee-wire response 'WWW-Authenticate~stale=true'
	expect 1 caller-wire request method=INVITE 'Authorization~^PGP '
}

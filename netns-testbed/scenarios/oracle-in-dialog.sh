# shellcheck shell=bash disable=SC2034
# SPDX-License-Identifier: GPL-2.0-or-later
about="a challenge to a BYE is nobody's to make: nothing is signed for it"
points="11"
uas=sipp
options=(--proxy-opt noauth)
twin_options=(--proxy-opt noauth --mode observe)

# While the other side is kept from answering.
scenario()
{
	scenario_call call
	kill -s STOP "$(proc_pid sipseald "$GUARD_B")"
	phone_hangup "$CALLER"
	await_seen 1 caller-wire request method=BYE
	capture_flush
	# the BYE as a response to itself
	attack_with caller-wire -w request -w method=BYE \
		-S "SIP/2.0 401 Unauthorized" -D Authorization -D Route \
		-A 'WWW-Authenticate: PGP realm="evil.example", nonce="AAAA", algorithm=SHA256' \
		-s "$(address proxy)" -d "$(address "$CALLER")"
	counted "$GUARD_A" challenges_refused 1
	kill -s CONT "$(proc_pid sipseald "$GUARD_B")"
	phone_await "$CALLEE" closed || wrong "the BYE does not arrive"
	scenario_end
	expect 0 caller-wire request 'Authorization~evil\.example'
	expect 0 caller-phone response status=401
}

# It reaches the phone, which may answer it with its password.
twin()
{
	scenario_call call
	kill -s STOP "$(proc_pid sipseald "$GUARD_B")"
	phone_hangup "$CALLER"
	await_seen 1 caller-wire request method=BYE
	attack_with caller-wire -w request -w method=BYE \
		-S "SIP/2.0 401 Unauthorized" -D Route \
		-A 'WWW-Authenticate: PGP realm="evil.example", nonce="AAAA", algorithm=SHA256' \
		-s "$(address proxy)" -d "$(address "$CALLER")"
	await_seen 1 caller-phone response status=401 method=BYE
	kill -s CONT "$(proc_pid sipseald "$GUARD_B")"
	scenario_end
}

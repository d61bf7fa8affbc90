# shellcheck shell=bash disable=SC2034
# SPDX-License-Identifier: GPL-2.0-or-later
about="a signed INFO sent again inside the call, as it was and changed: dropped"
points="3 5"
uas=sipp
options=(--proxy-opt noauth)
twin_options=(--proxy-opt noauth --mode observe)

# Up to where the copies are sent.
replay()
{
	{
		caller_begins
		caller_invites -- "$(sdp)"
		caller_hears 180
		caller_hears 200
		request ACK 101
		request INFO 102 "Content-Type: text/x" -- "one"
		hears 200
		mark_event established
		gets GO
		request BYE 103
		hears 200
	} | script caller
	{
		callee_begins
		answer 180 Ringing
		answer 200 OK "Content-Type: application/sdp" -- "$(sdp)"
		gets ACK
		gets INFO
		reply 200 OK
		gets BYE
		reply 200 OK
	} | script callee
	take_begin call
	scripts_ready
	scripts_call
	script_await "$CALLER" established
	attack_with proxy -w request -w method=INFO -w "src=$(address proxy)" \
		-x '/branch=z9hG4bK/branch=z9hG4bKx/' \
		-s "$(address proxy)" -d "$(address "$CALLEE")"
	attack_with proxy -w request -w method=INFO -w "src=$(address proxy)" \
		-x '/branch=z9hG4bK/branch=z9hG4bKy/' -x '/INFO/BYE/' \
		-s "$(address proxy)" -d "$(address "$CALLEE")"
	attack_with proxy -w request -w method=INFO -w "src=$(address proxy)" \
		-x '/branch=z9hG4bK/branch=z9hG4bKz/' -x '/nc=/nc=9/' \
		-s "$(address proxy)" -d "$(address "$CALLEE")"
	await_seen 3 callee-wire request 'branch~^z9hG4bK[xyz]'
}

scenario()
{
	replay
	sipp_tell "$CALLER" GO
	script_await "$CALLER"
	script_await "$CALLEE"
	scenario_end
	expect 0 callee-phone request 'branch~^z9hG4bK[xyz]'
	expect 1 callee-phone request method=INFO
	expect 1 callee-phone request method=BYE
}

twin()
{
	replay
	await_seen 3 callee-phone request 'branch~^z9hG4bK[xyz]'
	scenario_end
}

# shellcheck shell=bash disable=SC2034
# SPDX-License-Identifier: GPL-2.0-or-later
about="the proxy's own CANCEL passes when it is signed by the identity policy names"
points="6 7"
uas=sipp
options=(--proxy-opt "noauth,timer" --conf 'cancel-by = { "sip:tb.example" }')

scenario()
{
	proxy_guard_start
	take_begin call
	phones_start
	call_to_ringing
	phone_await "$CALLEE" closed || wrong "the CANCEL does not pass"
	phone_await "$CALLER" closed || wrong "$CALLER is not told"
	scenario_end
	expect 1+ callee-wire request method=CANCEL 'Authorization~^PGP ' \
		'Authorization~signed-by="sip:tb.example"'
	expect 1 callee-phone request method=CANCEL
	expect 0 callee-phone 'header~: *PGP '
	counted "$GUARD_B" cancel_proxy 1
	not_counted "$GUARD_B" cancel_dropped
}

# shellcheck shell=bash disable=SC2034
# SPDX-License-Identifier: GPL-2.0-or-later
about="the proxy's own CANCEL without any proof is dropped by default"
points="6"
uas=sipp
options=(--proxy-opt "noauth,timer")
twin_options=(--proxy-opt timer --auth none)

scenario()
{
	take_begin call
	phones_start
	call_to_ringing
	counted "$GUARD_B" cancel_dropped 1
	must_not_have "$CALLEE" closed
	scenario_end
	expect 1+ callee-wire request method=CANCEL
	expect 0 callee-phone request method=CANCEL
}

twin()
{
	take_begin call
	phones_start
	call_to_ringing
	phone_await "$CALLEE" closed || wrong "$CALLEE ignores the CANCEL"
	scenario_end
}

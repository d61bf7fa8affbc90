# shellcheck shell=bash disable=SC2034
# SPDX-License-Identifier: GPL-2.0-or-later
about="the proxy's own CANCEL passes from an address that policy names"
points="6"
uas=sipp
options=(--proxy-opt "noauth,timer" --conf 'cancel-from = { "10.77.0.2" }')

scenario()
{
	take_begin call
	phones_start
	call_to_ringing
	phone_await "$CALLEE" closed || wrong "the CANCEL does not pass"
	scenario_end
	expect 1 callee-phone request method=CANCEL
	counted "$GUARD_B" cancel_proxy 1
}

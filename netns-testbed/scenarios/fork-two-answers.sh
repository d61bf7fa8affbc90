# shellcheck shell=bash disable=SC2034
# SPDX-License-Identifier: GPL-2.0-or-later
about="both phones of a forked INVITE answer: two 200, two dialogs, each with its key"
points="1 5"
uas=sipp
options=(--proxy-opt noauth)

# The proxy's CANCEL to the second phone proves nothing and is dropped.
scenario()
{
	local n first second

	first=sip:bob@$(host_part "$CALLEE"):5060
	second=sip:bob@$(host_part attacker):5060
	{
		caller_begins
		caller_invites -- "$(sdp)"
		caller_hears 180
		caller_hears 180
		mark_event ringing
		caller_hears 200
		TARGET=$first request ACK 101
		mark_event first
		caller_hears 200 other
		YOU='To:[$other]' TARGET=$second request ACK 101
		gets GO
		YOU='To:[$other]' TARGET=$second request BYE 102
		hears 200
		TARGET=$first request INFO 102 "Content-Type: text/x" -- "one"
		hears 200
		gets BYE
		reply 200 OK
	} | script caller
	{
		callee_begins
		answer 180 Ringing
		gets GO
		answer 200 OK "Content-Type: application/sdp" -- "$(sdp)"
		gets ACK
		gets INFO
		reply 200 OK
		request BYE 1
		hears 200
	} | script callee
	{
		callee_begins
		answer 180 Ringing
		gets GO
		answer 200 OK "Content-Type: application/sdp" -- "$(sdp)"
		gets ACK
		mark_event established
		gets BYE
		reply 200 OK
	} | script callee other
	take_begin call
	second_phone_guard
	second_phone_register
	scripts_ready
	script_start attacker other
	scripts_call
	script_await "$CALLER" ringing
	sipp_tell "$CALLEE" GO
	script_await "$CALLER" first
	sipp_tell attacker GO
	script_await attacker established
	sipp_tell "$CALLER" GO
	for n in "$CALLER" "$CALLEE" attacker; do
		script_await "$n"
	done
	scenario_end
	proc_stop sipp attacker
	expect 2 caller-phone response status=200 method=INVITE cseq=101 \
		'P-PGP-Status~^valid'
	for n in "$GUARD_B" attacker; do
		expect 1 caller-wire request method=ACK cseq=102 \
			"Authorization~^PGP realm=\"$n.$DOMAIN\""
		counted "$n" calls_authenticated 1
		not_counted "$n" bye_dropped
		not_counted "$n" in_dialog_dropped
	done
	expect 1 caller-wire request method=BYE cseq=103 \
		"Authorization~^PGP realm=\"attacker.$DOMAIN\""
	expect 1 caller-phone request method=BYE 'P-PGP-Status~^valid'
	expect 1 callee-phone request method=INFO cseq=103 'P-PGP-Status~^valid'
	not_counted "$GUARD_A" bye_dropped
	not_counted "$GUARD_A" calls_refused
}

# shellcheck shell=bash disable=SC2034
# SPDX-License-Identifier: GPL-2.0-or-later
about="twinkle is called, puts the call on hold, takes it back and hangs up"
points="5 8"
uas=sipp

scenario()
{
	local n

	{
		caller_begins
		caller_invites "Allow: INVITE, ACK, BYE, CANCEL, OPTIONS" \
			"Content-Type: application/sdp" -- "$(sdp)"
		caller_asked 407 101
		caller_invites_again 102 "$PASSWORD" \
			"Content-Type: application/sdp" -- "$(sdp)"
		caller_hears 180
		mark_event ringing
		caller_hears 200
		request ACK 102
		mark_event established
		for n in 1 2; do
			gets INVITE
			reply_invite 200 OK "Content-Type: application/sdp" \
				-- "$(sdp)"
			mark_event "changed $n"
		done
		gets BYE
		reply 200 OK
	} | script caller
	take_begin call
	for n in "$CALLER" "$CALLEE"; do
		mkdir -p "$RUN/$n"
		: >"$(events "$n")"
	done
	twinkle_start "$CALLEE"
	await_seen 1 callee-phone response status=200 method=REGISTER
	scripts_call
	script_await "$CALLER" ringing
	twinkle_tell "$CALLEE" answer
	script_await "$CALLER" established
	twinkle_tell "$CALLEE" hold
	script_await "$CALLER" 'changed 1'
	twinkle_tell "$CALLEE" retrieve
	script_await "$CALLER" 'changed 2'
	twinkle_tell "$CALLEE" bye
	script_await "$CALLER"
	await_seen 1 callee-phone response status=200 method=BYE
	scenario_end
	cp "$(proc_log twinkle "$CALLEE")" "$TAKE/twinkle.log"
	proc_stop twinkle "$CALLEE"
	expect 1+ caller-wire response status=401 'WWW-Authenticate~^PGP '
	expect 2 caller-phone request method=INVITE 'P-PGP-Status~^valid' \
		"src=$(address proxy)"
	expect 2 callee-phone response status=200 method=INVITE \
		'P-PGP-Status~^valid' "dst=$(address "$CALLEE")"
	expect 1 caller-phone request method=BYE 'P-PGP-Status~^valid'
	expect 0 callee-phone 'header~: *PGP '
	for n in "$GUARD_A" "$GUARD_B"; do
		not_counted "$n" in_dialog_dropped
		not_counted "$n" bye_dropped
	done
}

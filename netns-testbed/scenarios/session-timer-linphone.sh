# shellcheck shell=bash disable=SC2034
# SPDX-License-Identifier: GPL-2.0-or-later
about="session timers by linphone: it refreshes the session by itself, signed"
points="5"
uas=sipp

scenario()
{
	local n refresh

	{
		callee_begins
		answer 180 Ringing
		answer 200 OK "Require: timer" \
			"Session-Expires: 10;refresher=uac" \
			"Content-Type: application/sdp" -- "$(sdp)"
		gets ACK
		printf ' <recv request="UPDATE" optional="true" next="update"/>\n'
		gets INVITE
		reply_invite 200 OK "Require: timer" \
			"Session-Expires: 10;refresher=uac" \
			"Content-Type: application/sdp" -- "$(sdp)"
		printf ' <nop next="over"/>\n <label id="update"/>\n'
		reply 200 OK "Require: timer" "Session-Expires: 10;refresher=uac"
		printf ' <label id="over"/>\n'
		mark_event refreshed
		gets BYE
		reply 200 OK
	} | script callee
	take_begin call
	for n in "$CALLER" "$CALLEE"; do
		mkdir -p "$RUN/$n"
		: >"$(events "$n")"
	done
	LINPHONE_SIP="session_expires_enabled=1
session_expires_value=10
session_expires_min_value=5
session_expires_refresher_value=1" linphone_start
	await_seen 1 caller-phone response status=200 method=REGISTER
	sipp_register "$CALLEE"
	script_start "$CALLEE" callee
	linphone_tell "call sip:bob@$DOMAIN"
	script_await "$CALLEE" refreshed
	linphone_tell "terminate"
	script_await "$CALLEE"
	scenario_end
	proc_stop linphone "$CALLER"
	expect 1+ caller-phone request method=INVITE 'Session-Expires'
	refresh=$(value_of callee-phone method request Session-Expires)
	result refreshed_by "$refresh"
	expect 1+ caller-wire request "method=$refresh" 'To~tag=' \
		'Authorization~^PGP '
	expect 1+ callee-phone request "method=$refresh" 'To~tag=' \
		'P-PGP-Status~^valid' Session-Expires
	expect 1+ caller-phone response status=200 "method=$refresh" \
		'P-PGP-Status~^valid' Session-Expires
}

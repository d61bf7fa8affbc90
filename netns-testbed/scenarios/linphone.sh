# shellcheck shell=bash disable=SC2034
# SPDX-License-Identifier: GPL-2.0-or-later
about="linphone's daemon calls SIPp: addr-spec in To, no Content-Length, keep-alives"
points="1 8 9"
uas=sipp

scenario()
{
	take_begin call
	for n in "$CALLER" "$CALLEE"; do
		mkdir -p "$RUN/$n"
		: >"$(events "$n")"
	done
	linphone_start
	await_seen 1 caller-phone response status=200 method=REGISTER
	sipp_register "$CALLEE"
	sipp_start "$CALLEE" callee
	linphone_tell "call sip:bob@$DOMAIN"
	phone_await "$CALLEE" incoming || {
		cp "$(proc_log linphone "$CALLER")" "$TAKE/linphone.log"
		wrong "no call reaches $CALLEE"
	}
	value_of callee-phone call-id request method=INVITE >"$RUN/call-id"
	phone_answer
	phone_await "$CALLEE" established || wrong "linphone sends no ACK"
	linphone_tell "terminate"
	phone_await "$CALLEE" closed || wrong "linphone's BYE does not arrive"
	await_seen 1 caller-phone response status=200 method=BYE
	scenario_end
	proc_stop linphone "$CALLER"
	expect 1+ caller-wire response status=401 'WWW-Authenticate~^PGP '
	expect 0 caller-phone 'header~: *PGP '
	expect 1 callee-phone request method=BYE 'P-PGP-Status~^valid'
	[ "$(value_of caller-wire cseq request method=BYE)" -eq \
		$(($(value_of caller-phone cseq request method=BYE) + 1)) ] ||
		wrong "the BYE is not translated"
}

# shellcheck shell=bash disable=SC2034
# SPDX-License-Identifier: GPL-2.0-or-later
about="permissive: a forged CANCEL with the INVITE's branch is dropped, whatever its Call-ID"
points="6 12"
uas=sipp
options=(--mode permissive)
twin_options=(--mode observe)

# Some endpoints find the INVITE by its branch alone.
cancels()
{
	local id

	take_begin call
	phones_start
	call_to_ringing
	id=$(value_of proxy call-id request method=INVITE \
		"dst=$(address "$CALLEE")")
	for id in "$id" other-call@tb.example; do
		attack_with proxy -w request -w method=INVITE \
			-w "dst=$(address "$CALLEE")" \
			-S "CANCEL sip:bob@$(host_part "$CALLEE"):5060 SIP/2.0" \
			-x '/ INVITE/ CANCEL/' -H "Call-ID: $id" \
			-D Authorization -D Supported -B "" \
			-A "X-Forged: $id" \
			-s "$(address proxy)" -d "$(address "$CALLEE")"
	done
	await_seen 2 callee-wire request method=CANCEL X-Forged
}

scenario()
{
	cancels
	counted "$GUARD_B" cancel_dropped 2
	# a stranger's own call is his to give up
	bare_request INVITE strange | attack_new -s "$(address attacker)" \
		-d "$(address "$CALLEE")"
	await_seen 1 callee-phone request method=INVITE Call-ID=strange
	bare_request CANCEL strange | attack_new -s "$(address attacker)" \
		-d "$(address "$CALLEE")"
	await_seen 1 callee-phone request method=CANCEL Call-ID=strange \
		'P-PGP-Status~^unsigned'
	call_to_talking
	call_lives
	scenario_end
	expect 0 callee-phone request method=CANCEL X-Forged
}

twin()
{
	cancels
	await_seen 2 callee-phone request method=CANCEL X-Forged
	scenario_end
}

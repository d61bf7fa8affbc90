# shellcheck shell=bash disable=SC2034
# SPDX-License-Identifier: GPL-2.0-or-later
about="both phones put the call on hold at once: two 491, then one goes through"
points="5"
uas=baresip
options=(--proxy-opt noauth)

scenario()
{
	local a b g n

	scenario_call call
	# neither INVITE gets out before the other is on its way
	for g in "$GUARD_A" "$GUARD_B"; do
		kill -s STOP "$(proc_pid sipseald "$g")"
	done
	baresip_tell "$CALLER" hold
	baresip_tell "$CALLEE" hold
	await_seen 1 caller-phone request method=INVITE 'body~a=sendonly'
	await_seen 1 callee-phone request method=INVITE 'body~a=sendonly'
	a=$(value_of caller-phone cseq request method=INVITE 'body~a=sendonly')
	b=$(value_of callee-phone cseq request method=INVITE 'body~a=sendonly')
	for g in "$GUARD_A" "$GUARD_B"; do
		kill -s CONT "$(proc_pid sipseald "$g")"
	done
	await_seen 1 caller-phone response status=491 "cseq=$a" \
		"dst=$(address "$CALLER")"
	await_seen 1 callee-phone response status=491 "cseq=$b" \
		"dst=$(address "$CALLEE")"
	# who does not own the Call-ID tries again first (RFC 3261, 14.1)
	await_seen 1 callee-phone response status=200 "cseq=$((b + 1))" \
		"dst=$(address "$CALLEE")"
	call_lives
	scenario_end
	expect 1 caller-phone response status=491 "cseq=$a" \
		'P-PGP-Status~^valid'
	expect 1 callee-phone response status=491 "cseq=$b" \
		'P-PGP-Status~^valid'
	# hop by hop to the 491, end to end to the 200
	expect 1+ caller-wire request method=ACK "cseq=$((a + 1))" \
		'!Authorization' "src=$(address "$CALLER")"
	expect 1+ callee-wire request method=ACK "cseq=$b" '!Authorization' \
		"src=$(address "$CALLEE")"
	expect 1 callee-wire request method=ACK "cseq=$((b + 1))" \
		'Authorization~^PGP ' "src=$(address "$CALLEE")"
	expect 1 caller-wire response 'WWW-Authenticate~^PGP '
	for n in in_dialog_dropped bye_dropped; do
		not_counted "$GUARD_A" $n
		not_counted "$GUARD_B" $n
	done
}

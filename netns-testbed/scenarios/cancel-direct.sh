# shellcheck shell=bash disable=SC2034
# SPDX-License-Identifier: GPL-2.0-or-later
about="no proxy between: a CANCEL signed by the caller's key passes without a ticket"
points="6"
uas=sipp
options=(--proxy-opt noauth)

FORGED=0

# The CANCEL of the ringing call as the caller's own stack would send it.
the_cancel()
{
	local branch row

	branch=$(value_of caller-wire branch request method=INVITE \
		'Authorization~^PGP ')
	printf '%s\r\n' "CANCEL sip:bob@$DOMAIN SIP/2.0" \
		"Via: SIP/2.0/UDP $(host_part "$CALLER"):5060;branch=$branch;rport" \
		"Max-Forwards: 70"
	for row in From To Call-ID; do
		printf '%s: %s\r\n' "$row" "$(value_of caller-wire "$row" \
			request method=INVITE 'Authorization~^PGP ')"
	done
	printf '%s\r\n' "CSeq: $(value_of caller-wire cseq request \
		method=INVITE 'Authorization~^PGP ') CANCEL" \
		"Content-Length: 0"
}

send_cancel() # CRAFT-OPTION...
{
	attack_new "$@" -s "$(address "$CALLER")" -d "$(address "$CALLEE")"
}

forged() # CRAFT-OPTION...; a CANCEL from standard input
{
	FORGED=$((FORGED + 1))
	send_cancel -A "X-Forged: $FORGED" "$@"
	counted "$GUARD_B" cancel_dropped $FORGED
}

ring()
{
	{
		caller_begins
		caller_invites -- "$(sdp)"
		caller_hears 180
		printf ' <recv response="200" optional="true"/>\n'
		hears 487
		ack_failure 101
	} | script caller
	{
		callee_begins
		answer 180 Ringing
		gets CANCEL
		reply 200 OK
		answer 487 "Request Terminated"
		gets ACK
	} | NO_ROUTE=yes NO_PROXY=yes script callee
	take_begin call
	scripts_ready
	NEXT_HOP=$(host_part "$CALLEE") scripts_call
	await_seen 1 caller-phone response status=180
}

scenario()
{
	local realm=$GUARD_B.$DOMAIN

	ring
	expect 0 proxy request method=INVITE "dst=$(address proxy)"
	{ the_cancel && echo; } | forged
	# by the callee's own key, for another realm, under an old nonce, with
	# another's words, cut short
	the_cancel | sign_request "$GUARD_B" "$realm" | forged
	the_cancel | sign_request "$GUARD_A" other.example | forged
	the_cancel | sign_request "$GUARD_A" "$realm" \
		"$(printf '\x50\0\0\0elevenoctet' | base64)" | forged
	the_cancel | sign_request "$GUARD_A" "$realm" |
		forged -A "Reason: SIP;cause=200"
	the_cancel | sign_request "$GUARD_A" "$realm" |
		forged -x '/signature="/signature="AAAA/'
	must_not_have "$CALLEE" closed
	the_cancel | sign_request "$GUARD_A" "$realm" | send_cancel
	script_await "$CALLEE"
	script_await "$CALLER"
	scenario_end
	expect 0 callee-phone 'X-Forged'
	expect 6 callee-wire 'X-Forged'
	expect 1 callee-phone request method=CANCEL 'P-PGP-Status~^valid' \
		'!Reason'
	expect 0 callee-phone 'header~: *PGP '
	expect 1 caller-phone response status=487 'P-PGP-Status~^valid'
	not_counted "$GUARD_B" cancel_ticket
}

twin_options=(--auth none)

twin()
{
	ring
	{ the_cancel_bare && echo; } | send_cancel
	await_seen 1 callee-phone response status=200 method=CANCEL
	scenario_end
}

# Without an appliance nothing is signed.
the_cancel_bare()
{
	local row

	printf '%s\r\n' "CANCEL sip:bob@$DOMAIN SIP/2.0" \
		"Via: $(value_of callee-phone Via request method=INVITE)" \
		"Max-Forwards: 70"
	for row in From To Call-ID; do
		printf '%s: %s\r\n' "$row" "$(value_of callee-phone "$row" \
			request method=INVITE)"
	done
	printf '%s\r\n' "CSeq: 101 CANCEL" "Content-Length: 0"
}

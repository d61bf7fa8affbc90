# shellcheck shell=bash disable=SC2034
# SPDX-License-Identifier: GPL-2.0-or-later
about="lawful odd forms of a phone's own messages are signed, verified, delivered"
points="9"
uas=sipp
options=(--proxy-opt noauth)

FORMS=0

# A MESSAGE of the caller's phone in another form.
say_as() # CRAFT-OPTION...
{
	FORMS=$((FORMS + 1))
	printf '%s\r\n' "MESSAGE sip:bob@$DOMAIN SIP/2.0" \
		"Via: SIP/2.0/UDP $(host_part "$CALLER"):5060;branch=z9hG4bKform$FORMS" \
		"Max-Forwards: 70" \
		"From: \"Ali\\\"ce, \\\\ Ä <sip:x@y>;tag=no\" <sip:alice@$DOMAIN>;tag=f$FORMS" \
		"To: \"Böb\" <sip:bob@$DOMAIN>" "Call-ID: form-$FORMS" \
		"CSeq: 1 MESSAGE" \
		"Contact: <sip:alice@$(host_part "$CALLER"):5060>" \
		"Content-Type: text/plain" "Content-Length: 0" "" |
		in_node "$CALLER" "$TOOLS/craft" -B "Grüße" "$@" \
			-s "$(address "$CALLER")" -d "$(address proxy)" \
			>>"$TAKE/sent" || wrong "craft fails"
	await_seen 1 callee-phone request method=MESSAGE \
		"Call-ID=form-$FORMS" 'P-PGP-Status~^valid'
}

scenario()
{
	local n

	take_begin call
	phones_start
	say_as
	say_as -f compact
	say_as -f case
	say_as -f fold
	say_as -f space
	say_as -x '/Content-Length: 6//' -B "Grüße"
	say_as -A "Subject: a\r\n b\r\n\tc"
	say_as -H "CSeq:   1   MESSAGE"
	say_as -x '/sip:bob@tb.example>/sip:bob@TB.example>/'
	say_as -H "To: sip:bob@$DOMAIN"
	say_as -A "Accept: text/plain\r\nAccept: text/html" -A "Supported: a, b"
	say_as -O
	say_as -F 128
	scenario_end
	for ((n = 1; n <= FORMS; n++)); do
		expect 1 callee-phone request method=MESSAGE "Call-ID=form-$n"
	done
	not_counted "$GUARD_A" not_sip
	not_counted "$GUARD_B" not_sip
}

# shellcheck shell=bash disable=SC2034
# SPDX-License-Identifier: GPL-2.0-or-later
about="REGISTER made, refreshed, ended and made anew, with Digest and PGP; the proxy's own 404"
points="7"
uas=sipp

# One phone's life at its registrar. The appliance asks first; then it is
# Kamailio's Digest.
registers() # CSEQ EXPIRES [ROW]
{
	{
		printf '%s\n' "REGISTER sip:$DOMAIN SIP/2.0" \
			'Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch];rport' \
			'Max-Forwards: 70' \
			"From: <sip:alice@$DOMAIN>;tag=r[call_number]c$1" \
			"To: <sip:alice@$DOMAIN>" 'Call-ID: [call_id]' \
			"CSeq: $1 REGISTER" \
			'Contact: <sip:alice@[local_ip]:[local_port]>' \
			"Expires: $2"
		rows_and_body "${@:3}"
	} | sending 'retrans="500"'
}

asked()
{
	printf ' <recv response="100" optional="true"/>\n'
	printf ' <recv response="401" auth="true"/>\n'
}

scenario()
{
	local n

	proxy_guard_start
	{
		caller_begins
		for n in "1 600" "3 700" "5 0" "7 600"; do
			registers "${n% *}" "${n#* }"
			asked "${n% *}"
			registers $((${n% *} + 1)) "${n#* }" "$PASSWORD"
			hears 200
		done
	} | script caller
	take_begin registrations
	mkdir -p "$RUN/$CALLER"
	: >"$(events "$CALLER")"
	scripts_call
	script_await "$CALLER"
	scenario_end
	# the appliance's challenges stay with the appliance
	expect 1+ caller-wire response status=401 'WWW-Authenticate~^PGP '
	expect 4 caller-phone response status=401 'WWW-Authenticate~^Digest '
	expect 0 caller-phone 'header~: *PGP '
	expect 4 caller-phone response status=200 'P-PGP-Status~^valid'
	expect 4 caller-wire response status=200 'Authentication-Info~^PGP '
	expect 4+ caller-wire request 'Authorization~^Digest ' \
		'Authorization~^PGP '
	expect 3 caller-phone response status=200 Contact
	expect 1 caller-phone response status=200 '!Contact'
	registrar_answers
}

# Nobody called Carol is there: the proxy says so, signed, and it passes at once.
registrar_answers()
{
	{
		caller_begins
		caller_invites -- "$(sdp)"
		caller_asked 407 101
		caller_invites_again 102 "$PASSWORD" -- "$(sdp)"
		hears 404
		ack_failure 102 initial
	} | sed 's/sip:bob@/sip:carol@/' | script caller
	take_begin nobody
	: >"$(events "$CALLER")"
	scripts_call
	script_await "$CALLER"
	scenario_end
	expect 1 caller-wire response status=404 'Authentication-Info~^PGP ' \
		'Authentication-Info~signed-by="sip:tb.example"'
	expect 1 caller-phone response status=404 'P-PGP-Status~^valid'
	not_counted "$GUARD_A" responses_held
}

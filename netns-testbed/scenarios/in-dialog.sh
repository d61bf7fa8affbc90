# shellcheck shell=bash disable=SC2034
# SPDX-License-Identifier: GPL-2.0-or-later
about="INFO, UPDATE, MESSAGE, OPTIONS and re-INVITE inside a call, both ways"
points="5"
uas=sipp
options=(--proxy-opt noauth)
quick="edge sipp"

scenario()
{
	local m

	{
		caller_begins
		caller_invites -- "$(sdp)"
		caller_hears 180
		caller_hears 200
		request ACK 101
		request INFO 102 "Content-Type: application/dtmf-relay" -- "Signal=1"
		hears 200
		request MESSAGE 103 "Content-Type: text/plain" -- "Grüße"
		hears 200
		request UPDATE 104 "Content-Type: application/sdp" -- "$(sdp)"
		hears 200
		request OPTIONS 105
		hears 200
		request INVITE 106 "Content-Type: application/sdp" -- "$(sdp)"
		hears 200
		request ACK 106
		gets INFO
		reply 200 OK
		gets UPDATE
		reply 200 OK "Content-Type: application/sdp" -- "$(sdp)"
		gets INVITE
		reply_invite 200 OK "Content-Type: application/sdp" -- "$(sdp)"
		request BYE 107
		hears 200
	} | script caller
	{
		callee_begins
		answer 180 Ringing
		answer 200 OK "Content-Type: application/sdp" -- "$(sdp)"
		gets ACK
		for m in INFO MESSAGE UPDATE OPTIONS; do
			gets $m
			reply 200 OK
		done
		gets INVITE
		reply_invite 200 OK "Content-Type: application/sdp" -- "$(sdp)"
		request INFO 1 "Content-Type: text/x" -- "one"
		hears 200
		request UPDATE 2 "Content-Type: application/sdp" -- "$(sdp)"
		hears 200
		request INVITE 3 "Content-Type: application/sdp" -- "$(sdp)"
		hears 200
		request ACK 3
		gets BYE
		reply 200 OK
	} | script callee
	scripts_run call
	for m in INFO MESSAGE UPDATE OPTIONS INVITE ACK BYE; do
		expect 1+ callee-phone request "method=$m" 'P-PGP-Status~^valid'
		expect 0 callee-phone request "method=$m" '!P-PGP-Status' \
			"dst=$(address "$CALLEE")"
		[ "$(value_of caller-wire cseq request "method=$m" \
			"src=$(address "$CALLER")")" -eq \
			$(($(value_of caller-phone cseq request "method=$m" \
			"src=$(address "$CALLER")") + 1)) ] ||
			wrong "$m: the CSeq is not translated"
	done
	for m in INFO UPDATE INVITE ACK; do
		expect 1 caller-phone request "method=$m" \
			"src=$(address proxy)" 'P-PGP-Status~^valid'
		expect 1+ callee-wire request "method=$m" \
			"src=$(address "$CALLEE")" 'Authorization~^PGP '
	done
	expect 1 caller-wire response 'WWW-Authenticate~^PGP '
	expect 0 callee-wire response status=200 '!Authentication-Info' \
		"src=$(address "$CALLEE")" method!=REGISTER
	for g in "$GUARD_A" "$GUARD_B"; do
		not_counted "$g" in_dialog_dropped
		not_counted "$g" bye_dropped
	done
}

# shellcheck shell=bash disable=SC2034
# SPDX-License-Identifier: GPL-2.0-or-later
about="MESSAGE and OPTIONS outside calls: challenged, signed, answered"
points="5"
uas=sipp
options=(--proxy-opt noauth)

scenario()
{
	local m ASKED

	for m in OPTIONS MESSAGE; do
		# OPTIONS for a name are the proxy's to answer
		ASKED=
		[ $m = MESSAGE ] || ASKED="sip:bob@$(host_part "$CALLEE")"
		{
			caller_begins
			caller_asks $m "Content-Type: text/plain" -- "Grüße an Bob"
			caller_hears 200
		} | script caller
		{
			callee_begins $m
			answer_once 200 OK
		} | NO_ROUTE=yes script callee
		scripts_run $m
		expect 1 callee-phone request method=$m 'P-PGP-Status~^valid'
		expect 1 caller-phone response status=200 method=$m cseq=101 \
			'P-PGP-Status~^valid'
		expect 1+ callee-wire request method=$m 'Authorization~^PGP '
	done
	# the second one was to a known peer
	expect 0 caller-wire response 'WWW-Authenticate~^PGP '
}

# shellcheck shell=bash disable=SC2034
# SPDX-License-Identifier: GPL-2.0-or-later
about="no PGP row reaches a phone; a status from outside goes, ours stands once"
points="8"
uas=sipp
options=(--proxy-opt noauth)
twin_options=(--auth none)
twin_topologies="host edge"
quick="edge sipp"

LIE='P-PGP-Status: valid;uri="sip:president@tb.example"'

scripts_lie()
{
	{
		caller_begins
		caller_invites "$LIE" -- "$(sdp)"
		caller_hears 180
		caller_hears 200
		request ACK 101
		request BYE 102 "p-pgp-status : valid"
		hears 200
	} | script caller
	{
		callee_begins
		answer 180 Ringing "$LIE"
		answer 200 OK "$LIE" "Content-Type: application/sdp" -- "$(sdp)"
		gets ACK
		gets BYE
		reply 200 OK "$LIE"
	} | script callee
}

scenario()
{
	scripts_lie
	scripts_run call
	expect 0 callee-phone request 'P-PGP-Status~president'
	expect 0 caller-phone response 'P-PGP-Status~president'
	expect 3 callee-phone request 'P-PGP-Status~^valid;uri="sip:alice@'
	expect 3 caller-phone response 'P-PGP-Status~^valid;uri="sip:bob@'
	expect 0 callee-phone request 'header~(\n|^)p-pgp-status.*p-pgp-status'
	expect 0 callee-phone 'header~: *PGP '
	expect 0 caller-phone 'header~: *PGP '
}

twin()
{
	scripts_lie
	scripts_run call
	expect 1 callee-phone request 'P-PGP-Status~president'
	expect 3 caller-phone response 'P-PGP-Status~president'
}

# shellcheck shell=bash disable=SC2034
# SPDX-License-Identifier: GPL-2.0-or-later
about="a 302 that the callee's side signed passes; an unsigned one moves nobody"
points="3 4"
uas=sipp
options=(--proxy-opt noauth --conf "hold = 500")
twin_options=(--proxy-opt noauth --mode observe)
twin_topologies="host edge"

moved() # TAKE STATUS-THE-CALLER-HEARS
{
	{
		caller_begins
		caller_invites -- "$(sdp)"
		hears "$2"
		ack_failure 101
	} | script caller
	{
		callee_begins
		answer 302 "Moved Temporarily"
		gets ACK
	} | sed 's/^Contact: .*/Contact: <sip:carol@192.0.2.1>/' | script callee
	scripts_run "$1"
}

scenario()
{
	moved signed 302
	expect 1 callee-wire response status=302 'Authentication-Info~^PGP '
	expect 1 caller-phone response status=302 'P-PGP-Status~^valid' \
		'Contact~carol@'
	daemon_kill "$GUARD_B"
	in_node "$GUARD_B" "$RULES" remove >/dev/null
	moved unsigned 403
	expect 0 caller-phone response status=302
	expect 1 caller-phone response status=403 '!Contact'
	expect 1 caller-wire response status=302 '!Authentication-Info'
}

twin()
{
	moved unsigned 302
	expect 1 caller-phone response status=302 'Contact~carol@'
}

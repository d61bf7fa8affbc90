# shellcheck shell=bash disable=SC2034
# SPDX-License-Identifier: GPL-2.0-or-later
about="a peer that challenged once is known after a SIGKILL of the daemon"
points="2"
uas=sipp
quick="edge sipp"

scenario()
{
	do_call first
	daemon_kill "$GUARD_A"
	daemon_start "$GUARD_A"
	do_call second
	expect 0 caller-wire response 'WWW-Authenticate~^PGP '
	[ "$(value_of caller-wire cseq request method=INVITE)" -eq \
		"$(value_of caller-phone cseq request method=INVITE)" ] ||
		wrong "an eager call is translated"
	[ "$(value_of caller-wire cseq request method=BYE)" -eq \
		"$(value_of caller-phone cseq request method=BYE)" ] ||
		wrong "an eager call's BYE is translated"
}

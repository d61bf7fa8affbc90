# shellcheck shell=bash disable=SC2034
# SPDX-License-Identifier: GPL-2.0-or-later
about="a peer whose realm is configured: the first call is signed at once"
points="2"
options=(--proxy-opt noauth)

scenario()
{
	POLICY_EXTRA="realm = \"$GUARD_B.$DOMAIN\""
	daemon_write_conf "$GUARD_A"
	"$SIPSEALCTL" -s "$(daemon_dir "$GUARD_A")/control" reload >/dev/null ||
		wrong "the daemon in $GUARD_A does not take the configuration"
	do_call call
	expect 0 caller-wire response 'WWW-Authenticate~^PGP '
	expect 1 caller-wire request method=INVITE
	[ "$(value_of caller-wire cseq request method=INVITE)" -eq \
		"$(value_of caller-phone cseq request method=INVITE)" ] ||
		wrong "an eager call is translated"
}

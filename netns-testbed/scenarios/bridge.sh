# shellcheck shell=bash disable=SC2034
# SPDX-License-Identifier: GPL-2.0-or-later
about="daemons on bridges: the call is made, forged BYEs and CANCELs are dropped"
points="9"
topologies=bridge

scenario()
{
	do_call call
	expect 1 caller-wire response status=401 'WWW-Authenticate~^PGP '
	do_attack bye bye-caller cancel
}

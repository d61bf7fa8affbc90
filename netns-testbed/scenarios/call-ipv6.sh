# shellcheck shell=bash disable=SC2034
# SPDX-License-Identifier: GPL-2.0-or-later
about="a call over IPv6"
points="9"
options=(--ip 6)

scenario()
{
	do_call call
	expect 1 caller-wire response status=401 'WWW-Authenticate~^PGP '
}

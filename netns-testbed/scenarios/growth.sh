# shellcheck shell=bash disable=SC2034
# SPDX-License-Identifier: GPL-2.0-or-later
about="an INVITE grows by no more than 420 octets with an Ed25519 key"
points="10"
uas="sipp baresip"

scenario()
{
	local phone wire

	do_call first
	do_call second
	phone=$(value_of caller-phone octets request method=INVITE)
	wire=$(value_of caller-wire octets request method=INVITE \
		'Authorization~^PGP ')
	result growth $((wire - phone))
	[ $((wire - phone)) -le 420 ] ||
		wrong "an INVITE grows by $((wire - phone)) octets"
}

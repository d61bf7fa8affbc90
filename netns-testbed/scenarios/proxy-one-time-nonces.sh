# shellcheck shell=bash disable=SC2034
# SPDX-License-Identifier: GPL-2.0-or-later
about="the proxy takes a Digest nonce for one request only"
points="1"
options=(--proxy-opt otn)

scenario()
{
	do_call call
	# one before the PGP challenge, one for the signed INVITE
	[ "$(row_count call "to == \"proxy\" && kind == \"request\" &&
		method == \"INVITE\" && marks ~ /Digest, PGP signed/")" -ge 2 ] ||
		wrong "the proxy did not ask again"
}

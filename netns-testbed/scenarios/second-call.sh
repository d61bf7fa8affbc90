# shellcheck shell=bash disable=SC2034
# SPDX-License-Identifier: GPL-2.0-or-later
about="the second call to a peer is signed at once, without a challenge"
points="2"

scenario()
{
	do_call first
	do_call second
	[ "$(row_count first 'marks ~ /PGP challenge/')" -gt 0 ] ||
		wrong "the first call was not challenged"
	[ "$(row_count second 'marks ~ /PGP challenge/')" -eq 0 ] ||
		wrong "the second call was challenged"
}

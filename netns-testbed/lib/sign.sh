# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# sign - a request signed as docs/protocol.md says, by nothing but gpg: what a
# stack that speaks the profile itself would send, and what forgers make of it.

# An own nonce of now: 4 octets of time, 11 more.
own_nonce()
{
	local time

	time=$(printf %08x "$(date +%s)" | sed 's/../\\x&/g')
	printf '%b%05d%06d' "$time" "$((RANDOM))" "$((RANDOM))" | base64
}

octets_item() # NAME [VALUE]
{
	[ -n "${2:-}" ] || {
		printf '%s -\n' "$1"
		return
	}
	printf '%s %d\n%s\n' "$1" "${#2}" "$2"
}

row_of() # NAME; the message comes from standard input
{
	tr -d '\r' | sed -n "s/^$1: *//Ip"
}

# A request without a body, in long form, with tags and without repeated rows.
request_octets() # MESSAGE REALM NONCE CNONCE
{
	local field

	printf 'SIP-PGP-AUTH/1 request\n'
	octets_item method "${1%% *}"
	octets_item status
	octets_item realm "$2"
	octets_item nonce "$3"
	octets_item nc 1
	octets_item cnonce "$4"
	octets_item signed-by
	octets_item cover full
	octets_item cancel
	for field in from to call-id cseq contact content-type content-encoding \
		expires refer-to referred-by replaces join target-dialog event \
		subscription-state rack rseq reason date p-asserted-identity; do
		octets_item $field "$(row_of $field <<<"$1")"
	done
	printf 'body 0\n\n'
}

# From standard input to standard output, with a row more.
sign_request() # GUARD REALM [NONCE]
{
	local message nonce=${3:-$(own_nonce)} cnonce signature

	message=$(cat)
	cnonce=$(own_nonce)
	signature=$(request_octets "$message" "$2" "$nonce" "$cnonce" |
		gpg_at "$1" --digest-algo SHA256 --detach-sign | base64 -w 0)
	[ -n "$signature" ] || wrong "gpg in $1 signs nothing" || return 1
	printf '%s\r\n' "$(head -n 1 <<<"$message" | tr -d '\r')" \
		"Authorization: PGP realm=\"$2\", nonce=\"$nonce\", nc=1, cnonce=\"$cnonce\", cover=full, signature=\"$signature\""
	tail -n +2 <<<"$message"
	printf '\r\n'
}

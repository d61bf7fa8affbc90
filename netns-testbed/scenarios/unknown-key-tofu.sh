# shellcheck shell=bash disable=SC2034
# SPDX-License-Identifier: GPL-2.0-or-later
about="trust on first use: the caller's first key is kept, a second one refused loudly"
options=(--policy 'unknown-key = tofu')
quick="edge sipp"

# Somebody else who has made a key for the same URI.
another_key()
{
	local old

	old=$(fingerprint_at "$GUARD_A" alice)
	gpg_must "$GUARD_A" --yes --delete-secret-and-public-key "$old"
	gpg_must "$GUARD_A" --quick-gen-key "Alice <sip:alice@$DOMAIN>" \
		"$KEY" sign never
	[ "$(fingerprint_at "$GUARD_A" alice)" != "$old" ]
	daemon_says "$GUARD_A" alice \
		"signs with key $(fingerprint_at "$GUARD_A" alice)"
	keys_uncertified "$GUARD_B" "$GUARD_A"
}

call_through() # TAKE
{
	take_begin "$1"
	phones_start
	call_to_ringing
	call_to_talking
	call_to_end "$CALLER"
	take_end
	phones_stop
}

scenario()
{
	local first

	keys_uncertified "$GUARD_B" "$GUARD_A"
	first=$(fingerprint_at "$GUARD_A" alice)
	call_through first
	expect 1 callee-phone request method=INVITE \
		"P-PGP-Status~^first-use;uri=\"sip:alice@$DOMAIN\";key=$first;"
	call_through again
	another_key
	daemon_says "$GUARD_B" alice "its first key was $first"
	take_begin second
	phones_start
	phone_dial
	phone_await "$CALLER" closed ||
		wrong "$CALLER is not told: $(phone_complaint "$CALLER")"
	scenario_end
	must_not_have "$CALLEE" incoming
	expect 0 callee-phone request method=INVITE
	expect 1+ callee-wire response status=437
	grep -q "signed with key $(fingerprint_at "$GUARD_A" alice), but its $(
		)first key was $first: refused" \
		"$(proc_log sipseald "$GUARD_B")" ||
		wrong "the daemon in $GUARD_B does not say so"
}

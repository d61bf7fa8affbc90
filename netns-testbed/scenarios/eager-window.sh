# shellcheck shell=bash disable=SC2034
# SPDX-License-Identifier: GPL-2.0-or-later
about="an own nonce is good once, for a minute to either side of now"
points="3"
uas=sipp
twin_options=(--mode observe)

SENT=0

# Signed by the caller's key, with a nonce of now and so many seconds.
tell() # SECONDS
{
	local time

	SENT=$((SENT + 1))
	time=$(printf %08x $(($(date +%s) + $1)) | sed 's/../\\x&/g')
	bare_request MESSAGE "eager-$SENT" |
		sign_request "$GUARD_A" "$GUARD_B.$DOMAIN" \
			"$(printf "$time%05d%06d" $RANDOM $SENT | base64)" |
		tee "$TAKE/eager-$SENT" |
		attack_new -s "$(address attacker)" -d "$(address "$CALLEE")"
}

is_taken() # SECONDS
{
	tell "$1"
	await_seen 1 callee-phone request "Call-ID=eager-$SENT" \
		'P-PGP-Status~^valid;uri="sip:alice@'
}

is_refused() # SECONDS
{
	tell "$1"
	await_seen 1 callee-wire response status=401 "Call-ID=eager-$SENT" \
		'WWW-Authenticate~stale=true'
}

# The first once more, on another branch.
replay()
{
	attack_new -x '/branch=z9hG4bK/branch=z9hG4bKx/' \
		-s "$(address attacker)" -d "$(address "$CALLEE")" \
		<"$TAKE/eager-1"
}

scenario()
{
	take_begin call
	phones_start
	is_taken 0
	is_taken -50
	is_taken 50
	is_refused -70
	is_refused 75
	is_refused 100000
	replay
	counted "$GUARD_B" refused_replay 1
	scenario_end
	expect 3 callee-phone request method=MESSAGE
	expect 0 callee-phone request 'Call-ID~^eager-[456]'
	counted "$GUARD_B" refused_stale 3
}

twin()
{
	take_begin call
	phones_start
	tell -100000
	replay
	await_seen 2 callee-phone request Call-ID=eager-1
	scenario_end
}

# shellcheck shell=bash disable=SC2034
# SPDX-License-Identifier: GPL-2.0-or-later
about="a key with a passphrase: nobody answers, then a pinentry does"
options=(--policy 'eager = false' --conf 'crypto-timeout = 8000')
topologies=edge
quick="edge sipp"

scenario()
{
	local dir before

	dir=$(daemon_dir "$GUARD_A")
	key_protect "$GUARD_A" "$GUARD_B" "correct horse"
	take_begin nobody
	phones_start
	before=$(counter "$GUARD_A" crypto_failed)
	phone_dial
	counted "$GUARD_A" crypto_failed $((before + 1))
	take_end
	phones_stop
	[ -s "$dir/asked" ] || wrong "nobody was asked for the passphrase"
	must_not_have "$CALLEE" incoming
	expect 0 callee-phone request method=INVITE
	grep -q "it may wait for a passphrase" \
		"$(proc_log sipseald "$GUARD_A")" ||
		wrong "the daemon in $GUARD_A does not say what it waits for"
	agent_forget "$GUARD_A"
	printf 'D correct horse\nOK\n' >"$dir/pin"
	chmod 644 "$dir/pin"
	do_call answered
}

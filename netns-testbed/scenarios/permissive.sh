# shellcheck shell=bash disable=SC2034
# SPDX-License-Identifier: GPL-2.0-or-later
about="permissive: unsigned calls pass as such, authenticated ones stay guarded"
points="12"
uas=sipp
options=(--mode permissive)

# A stranger's call, and a forged BYE in an authenticated one.
scenario()
{
	do_attack bye
	take_begin stranger
	phones_start
	bare_request INVITE bare-call | attack_new -s "$(address attacker)" \
		-d "$(address "$CALLEE")"
	await_seen 1 callee-phone request method=INVITE Call-ID=bare-call
	scenario_end
	expect 1 callee-phone request method=INVITE Call-ID=bare-call \
		'P-PGP-Status~^unsigned'
}

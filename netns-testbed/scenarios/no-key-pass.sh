# shellcheck shell=bash disable=SC2034
# SPDX-License-Identifier: GPL-2.0-or-later
about="a caller without a key passes unsigned, where the policy is so"
options=(--mode permissive --policy 'no-key = pass-unsigned')
quick="edge sipp"

scenario()
{
	take_begin call
	secret_removed "$GUARD_A"
	phones_start
	call_to_ringing
	call_to_talking
	call_to_end "$CALLER"
	scenario_end
	expect 0 callee-wire request method=INVITE 'header~: *PGP '
	expect 1 callee-phone request method=INVITE 'P-PGP-Status~^unsigned'
	[ "$(counter "$GUARD_A" requests_unsigned)" -ge 1 ] ||
		wrong "the daemon in $GUARD_A counts no unsigned request"
}

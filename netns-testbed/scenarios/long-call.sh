# shellcheck shell=bash disable=SC2034
# SPDX-License-Identifier: GPL-2.0-or-later
about="a call that outlives its nonce: its BYE still verifies"
points="5"
uas=sipp
options=(--conf "nonce-lifetime = 4" --conf "clock-skew = 4")

scenario()
{
	local end

	scenario_call call
	end=$((SECONDS + 10))
	while [ $SECONDS -lt $end ]; do
		must_not_have "$CALLEE" closed
		sleep 0.2
	done
	call_to_end "$CALLER"
	scenario_end
	expect 1 callee-phone request method=BYE 'P-PGP-Status~^valid'
}

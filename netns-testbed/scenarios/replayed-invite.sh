# shellcheck shell=bash disable=SC2034
# SPDX-License-Identifier: GPL-2.0-or-later
about="a signed INVITE sent again on another branch rings nobody"
points="3"
uas="sipp"
quick="edge sipp"

# As it was sent to the callee, and from the attacker's own address.
replay()
{
	local from n=1

	for from in proxy attacker; do
		attack_with proxy -w request -w method=INVITE \
			-w "src=$(address proxy)" \
			-x "/branch=z9hG4bK/branch=z9hG4bKr$n/" \
			-s "$(address $from)" -d "$(address "$CALLEE")"
		n=$((n + 1))
	done
}

scenario()
{
	scenario_call call
	replay
	counted "$GUARD_B" refused_replay 2
	call_lives
	scenario_end
	expect 0 callee-phone request method=INVITE 'branch~^z9hG4bKr'
	expect 2 callee-wire request method=INVITE 'branch~^z9hG4bKr'
	expect 1+ callee-wire response status=403 'branch~^z9hG4bKr'
}

twin()
{
	scenario_call call
	replay
	await_seen 2 callee-phone request method=INVITE 'branch~^z9hG4bKr'
	scenario_end
}

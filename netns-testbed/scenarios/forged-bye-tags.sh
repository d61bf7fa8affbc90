# shellcheck shell=bash disable=SC2034
# SPDX-License-Identifier: GPL-2.0-or-later
about="a BYE with the right tags and a wrong Call-ID: some endpoints obey it"
points="12"
uas=sipp

send_it()
{
	local line

	line=$(value_of proxy start request method=ACK "src=$(address proxy)")
	attack_with proxy -w request -w method=ACK -w "src=$(address proxy)" \
		-S "BYE ${line#ACK }" -H "CSeq: 900 BYE" \
		-H "Call-ID: not-that-call@tb.example" -D Authorization \
		-x '/branch=z9hG4bK/branch=z9hG4bKx/' \
		-s "$(address proxy)" -d "$(address "$CALLEE")"
}

scenario()
{
	scenario_call call
	send_it
	counted "$GUARD_B" bye_dropped 1
	call_lives
	scenario_end
	expect 0 callee-phone request method=BYE Call-ID=not-that-call@tb.example
	expect 1 callee-wire request method=BYE Call-ID=not-that-call@tb.example
}

twin()
{
	scenario_call call
	send_it
	await_seen 1 callee-phone request method=BYE \
		Call-ID=not-that-call@tb.example
	scenario_end
}

# shellcheck shell=bash disable=SC2034
# SPDX-License-Identifier: GPL-2.0-or-later
about="forged BYEs in fragments, with IP options: read whole, dropped"
points="9 10"
uas=sipp

send_it()
{
	local line n=0 form

	line=$(value_of proxy start request method=ACK "src=$(address proxy)")
	for form in "-F 64" "-O" "-O -F 128"; do
		n=$((n + 1))
		# shellcheck disable=SC2086 # words are options
		attack_with proxy -w request -w method=ACK \
			-w "src=$(address proxy)" -S "BYE ${line#ACK }" \
			-H "CSeq: $((900 + n)) BYE" -D Authorization \
			-x '/branch=z9hG4bK/branch=z9hG4bKx/' $form \
			-s "$(address proxy)" -d "$(address "$CALLEE")"
	done
}

scenario()
{
	scenario_call call
	send_it
	counted "$GUARD_B" bye_dropped 3
	call_lives
	scenario_end
	expect 0 callee-phone request method=BYE 'cseq~^90.'
	expect 3 callee-wire request method=BYE 'cseq~^90.'
}

twin()
{
	scenario_call call
	send_it
	phone_await "$CALLEE" closed ||
		wrong "$CALLEE does not obey a BYE in fragments"
	scenario_end
}

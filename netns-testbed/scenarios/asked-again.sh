# shellcheck shell=bash disable=SC2034
# SPDX-License-Identifier: GPL-2.0-or-later
about="a phone's repeated INVITE is the signed one again, with the same octets"
points="1"
uas=sipp
options=(--proxy-opt noauth)

scenario()
{
	local n=0 end

	take_begin call
	phones_start
	call_to_ringing
	for n in 1 2; do
		capture_flush
		in_node "$CALLER" "$TOOLS/craft" -r "$(view caller-phone)" \
			-w request -w method=INVITE \
			-w "src=$(address "$CALLER")" \
			-s "$(address "$CALLER")" -d "$(address proxy)" \
			>/dev/null
		end=$((SECONDS + 20))
		while [ "$(picks caller-wire -c request method=INVITE \
			'Authorization~^PGP ')" -le $n ]; do
			[ $SECONDS -lt $end ] || wrong "no INVITE goes out again"
			sleep 0.1
		done
	done
	call_to_talking
	call_lives
	scenario_end
	expect 1 caller-wire request method=INVITE 'Authorization~^PGP '
	expect 1 callee-phone request method=INVITE
}

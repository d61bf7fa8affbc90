# shellcheck shell=bash disable=SC2034
# SPDX-License-Identifier: GPL-2.0-or-later
about="forged 404, 480, 603 and 302 while somebody authenticated rings"
points="4"
uas="sipp baresip"
options=(--conf "hold = 500")
quick="edge sipp"

# A failure in the callee's name, made of its 180.
forge() # STATUS-AND-PHRASE
{
	attack_with caller-wire -w response -w 'status~18[03]' -S "SIP/2.0 $1" \
		-D Authentication-Info \
		-H "Contact: <sip:evil@$(host_part attacker)>" \
		-s "$(address proxy)" -d "$(address "$CALLER")"
}

# It rings on for far longer than unsigned failures would be held.
scenario()
{
	local line status end

	for line in "404 Not Found" "480 Temporarily Unavailable" \
		"603 Decline" "302 Moved Temporarily"; do
		status=${line%% *}
		take_begin "forged-$status"
		phones_start
		call_to_ringing
		forge "$line"
		await_seen 1 caller-wire response "status=$status" method=INVITE
		end=$((SECONDS + 3))
		while [ $SECONDS -lt $end ]; do
			must_not_have "$CALLER" closed
			sleep 0.1
		done
		call_to_talking
		call_lives
		scenario_end
		expect 0 caller-phone response "status=$status" method=INVITE
	done
}

twin()
{
	local line

	for line in "404 Not Found" "603 Decline"; do
		take_begin "forged-${line%% *}"
		phones_start
		call_to_ringing
		forge "$line"
		phone_await "$CALLER" closed || wrong "$CALLER takes no $line"
		scenario_end
	done
}

# shellcheck shell=bash disable=SC2034
# SPDX-License-Identifier: GPL-2.0-or-later
about="frames of a VLAN on a bridge: read, stripped, and dropped like others"
points="9"
topologies=bridge
uas=sipp
options=(--proxy-opt noauth)
twin_options=(--proxy-opt noauth)
twin_topologies=bridge

VLAN=7

mac_of() # NODE
{
	in_node "$1" cat /sys/class/net/eth0/address
}

# Out of the proxy's network, to the callee's phone, past its IP stack.
in_vlan() # CRAFT-OPTION...
{
	attack_with proxy -w request -w method=ACK -w "src=$(address proxy)" \
		"$@" -V "$VLAN,eth0,$(mac_of "$CALLEE")" \
		-s "$(address proxy)" -d "$(address "$CALLEE")"
}

forged_in_vlan()
{
	local line

	line=$(value_of proxy start request method=ACK "src=$(address proxy)")
	in_vlan -S "BYE ${line#ACK }" -H "CSeq: 900 BYE" -D Authorization \
		-x '/branch=z9hG4bK/branch=z9hG4bKx/'
	await_seen 1 callee-wire request method=BYE cseq=900
}

# An ACK that is known already comes again, in a VLAN: it passes as it did.
scenario()
{
	scenario_call call
	forged_in_vlan
	counted "$GUARD_B" bye_dropped 1
	in_vlan
	counted "$GUARD_B" retransmissions 1
	in_vlan -F 128
	counted "$GUARD_B" retransmissions 2
	call_lives
	scenario_end
	expect 0 callee-phone request method=BYE cseq=900
	[ "$(picks callee-phone -c request method=ACK 'P-PGP-Status~^valid' \
		'!Authorization')" -ge 3 ] || wrong "the ACKs do not pass"
	expect 0 callee-phone 'header~: *PGP '
	in_node "$CALLEE" tcpdump -r "$TAKE/$CALLEE.pcap" -n \
		"vlan $VLAN and udp port 5060" 2>/dev/null | grep -q SIP ||
		wrong "no frame of the VLAN comes out of the bridge"
}

# The kernel's default: such frames are bridged past all rules.
twin()
{
	local said

	in_node "$GUARD_B" sysctl -qw \
		net.bridge.bridge-nf-filter-vlan-tagged=0
	scenario_call call
	forged_in_vlan
	await_seen 1 callee-phone request method=BYE cseq=900
	scenario_end
	said=$(in_node "$GUARD_B" "$RULES" check --place bridge \
		--lan eth-lan 2>&1) && wrong "the rules' check finds nothing"
	[[ $said == *bridge-nf-filter-vlan-tagged=1* ]] ||
		wrong "the rules' check does not say what is missing"
}

# shellcheck shell=bash disable=SC2034,SC2153,SC2154 # shared by lib/*.sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# topology - nodes, wires and addresses.
#
#   host   caller ---- proxy ---- callee
#                        |
#                     attacker
#
#   edge   phone-a -- edge-a ---- proxy ---- edge-b -- phone-b
#                                   |
#                                attacker
#
#   bridge  as edge, but edge-a and edge-b are bridges: all is one network
#
# The wires that meet at the proxy are ports of a switch, a bridge that lives in
# the proxy's namespace. Nothing is translated: the edges forward. Offloads are
# off, so that captures show the packets of a wire.

declare -A ADDRESS4 ADDRESS6
declare -a NODES LINKS

set_address() # NODE IPv4 IPv6
{
	ADDRESS4[$1]=$2
	ADDRESS6[$1]=$3
}

# CALLER and CALLEE are the phones' nodes, GUARD_A and GUARD_B the daemons'.
# LINKS: node that captures, interface, link in the ladder.
topology_names()
{
	set_address proxy 10.77.0.2 fd77::2
	set_address attacker 10.77.0.66 fd77::66
	case $TOPOLOGY in
	host)
		CALLER=caller CALLEE=callee GUARD_A=caller GUARD_B=callee
		set_address caller 10.77.0.1 fd77::1
		set_address callee 10.77.0.3 fd77::3
		NODES=(caller proxy callee attacker)
		LINKS=("caller eth0 caller:proxy" "callee eth0 proxy:callee")
		;;
	edge | bridge)
		CALLER=phone-a CALLEE=phone-b GUARD_A=edge-a GUARD_B=edge-b
		set_address phone-a 10.77.1.2 fd77:1::2
		set_address edge-a 10.77.0.11 fd77::11
		set_address edge-b 10.77.0.12 fd77::12
		set_address phone-b 10.77.2.2 fd77:2::2
		NODES=(phone-a edge-a proxy edge-b phone-b attacker)
		LINKS=("phone-a eth0 phone-a:edge-a"
			"edge-a eth-wan edge-a:proxy"
			"edge-b eth-wan proxy:edge-b"
			"phone-b eth0 edge-b:phone-b")
		[ "$TOPOLOGY" = edge ] || {
			set_address phone-a 10.77.0.21 fd77::21
			set_address phone-b 10.77.0.22 fd77::22
		}
		;;
	esac
}

address() # NODE
{
	case $IPV in
	4) echo "${ADDRESS4[$1]}" ;;
	6) echo "${ADDRESS6[$1]}" ;;
	esac
}

# As it stands in a URI.
host_part() # NODE
{
	case $IPV in
	4) echo "${ADDRESS4[$1]}" ;;
	6) echo "[${ADDRESS6[$1]}]" ;;
	esac
}

node_add() # NODE
{
	ip netns add "$(ns "$1")"
	ip -n "$(ns "$1")" link set lo up
	in_node "$1" sysctl -qw net.ipv4.conf.all.rp_filter=0 \
		net.ipv4.conf.default.rp_filter=0
}

interface_up() # NODE INTERFACE IPv4/LEN IPv6/LEN
{
	local n

	n=$(ns "$1")
	ip -n "$n" addr add "$3" dev "$2"
	ip -n "$n" addr add "$4" dev "$2" nodad 2>/dev/null || :
	ip -n "$n" link set "$2" up
	in_node "$1" ethtool -K "$2" tx off rx off gso off gro off tso off \
		>/dev/null 2>&1 || :
}

# A wire from a node to the switch.
wire_to_switch() # NODE INTERFACE
{
	ip -n "$(ns "$1")" link add "$2" type veth \
		peer name "port-$1" netns "$(ns proxy)"
	ip -n "$(ns proxy)" link set "port-$1" master br0 up
	in_node proxy ethtool -K "port-$1" tx off rx off gso off gro off \
		tso off >/dev/null 2>&1 || :
	interface_up "$1" "$2" "${ADDRESS4[$1]}/24" "${ADDRESS6[$1]}/64"
}

route_add() # NODE DESTINATION4 VIA4 DESTINATION6 VIA6
{
	ip -n "$(ns "$1")" route add "$2" via "$3"
	ip -n "$(ns "$1")" -6 route add "$4" via "$5" 2>/dev/null || :
}

# A bridge with its phone behind it, and an address that the daemon's own
# packets find their way by.
add_bridged_site() # PHONE EDGE
{
	local n

	n=$(ns "$2")
	wire_to_switch "$2" eth-wan
	ip -n "$n" addr flush dev eth-wan
	ip -n "$n" link add eth-lan type veth \
		peer name eth0 netns "$(ns "$1")"
	ip -n "$n" link add br0 type bridge stp_state 0 forward_delay 0
	ip -n "$n" link set eth-wan master br0
	ip -n "$n" link set eth-lan master br0 up
	in_node "$2" ethtool -K eth-lan tx off rx off gso off gro off tso off \
		>/dev/null 2>&1 || :
	interface_up "$2" br0 "${ADDRESS4[$2]}/24" "${ADDRESS6[$2]}/64"
	interface_up "$1" eth0 "${ADDRESS4[$1]}/24" "${ADDRESS6[$1]}/64"
	in_node "$2" sysctl -qw net.bridge.bridge-nf-call-iptables=1 \
		net.bridge.bridge-nf-call-ip6tables=1 \
		net.bridge.bridge-nf-filter-vlan-tagged=1 ||
		die "this kernel has no br_netfilter"
}

# An edge router with its phone behind it.
add_site() # PHONE EDGE NUMBER
{
	local lan4=10.77.$3 lan6=fd77:$3:

	wire_to_switch "$2" eth-wan
	ip -n "$(ns "$2")" link add eth-lan type veth \
		peer name eth0 netns "$(ns "$1")"
	interface_up "$2" eth-lan "$lan4.1/24" "$lan6:1/64"
	interface_up "$1" eth0 "$lan4.2/24" "$lan6:2/64"
	route_add "$1" default "$lan4.1" default "$lan6:1"
	in_node "$2" sysctl -qw net.ipv4.ip_forward=1
	in_node "$2" sysctl -qw net.ipv6.conf.all.forwarding=1 2>/dev/null || :
}

# The way to the sites, for a node on the proxy's network.
add_site_routes() # NODE
{
	route_add "$1" 10.77.1.0/24 "${ADDRESS4[edge-a]}" \
		fd77:1::/64 "${ADDRESS6[edge-a]}"
	route_add "$1" 10.77.2.0/24 "${ADDRESS4[edge-b]}" \
		fd77:2::/64 "${ADDRESS6[edge-b]}"
}

# A namespace without a testbed: of one that was killed.
need_free_names()
{
	local n

	exists "$ID" && return 0
	for n in "${NODES[@]}"; do
		[ ! -e "/run/netns/$(ns "$n")" ] ||
			die "namespace $(ns "$n") is left over:" \
				"netns-testbed/testbed gc removes it"
	done
}

topology_up()
{
	local n

	for n in "${NODES[@]}"; do
		node_add "$n"
	done
	ip -n "$(ns proxy)" link add br0 type bridge stp_state 0 forward_delay 0
	interface_up proxy br0 "${ADDRESS4[proxy]}/24" "${ADDRESS6[proxy]}/64"
	wire_to_switch attacker eth0
	if [ "$TOPOLOGY" = host ]; then
		wire_to_switch caller eth0
		wire_to_switch callee eth0
		return
	fi
	if [ "$TOPOLOGY" = bridge ]; then
		add_bridged_site phone-a edge-a
		add_bridged_site phone-b edge-b
		return
	fi
	add_site phone-a edge-a 1
	add_site phone-b edge-b 2
	add_site_routes proxy
	add_site_routes attacker
	route_add edge-a 10.77.2.0/24 "${ADDRESS4[edge-b]}" \
		fd77:2::/64 "${ADDRESS6[edge-b]}"
	route_add edge-b 10.77.1.0/24 "${ADDRESS4[edge-a]}" \
		fd77:1::/64 "${ADDRESS6[edge-a]}"
}

# shellcheck shell=bash disable=SC2034,SC2153,SC2154 # shared by lib/*.sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# delay - a slow and lossy network: tools/delay.c at the proxy's interface,
# since many kernels lack netem.
#
# A packet is held before the proxy's host sees it and after it has left it, so
# that each wire between the proxy and another node is DELAY ms long in either
# direction and loses LOSS percent. The hooks lie outside those of sipseald. What
# the capture flushes (port 9) passes at once.

DELAY_QUEUE=77

delay_is_number() # OPTION VALUE MAX
{
	[[ $2 =~ ^[0-9]{1,6}(\.[0-9]{1,3})?$ ]] &&
		awk "BEGIN { exit !($2 <= $3) }" ||
		die "$1 $2: a number from 0 to $3"
}

has_loss()
{
	[[ $LOSS == *[1-9]* ]]
}

has_delay()
{
	awk "BEGIN { exit !($DELAY > 0 || $LOSS > 0) }"
}

delay_rule() # PROGRAM TABLE CHAIN MATCH...
{
	local program=$1 table=$2 chain=$3

	shift 3
	in_node proxy "$program" -t "$table" -A "$chain" "$@" -j NFQUEUE \
		--queue-num $DELAY_QUEUE
}

delay_rules() # PROGRAM
{
	local -a sip=(-p udp -m udp ! --dport "$FLUSH_PORT")

	delay_rule "$1" raw PREROUTING ! -i lo "${sip[@]}" &&
		delay_rule "$1" mangle POSTROUTING ! -o lo "${sip[@]}"
}

delay_start()
{
	has_delay || return 0
	proc_start delay proxy "$TOOLS/delay" $DELAY_QUEUE "$DELAY" "$LOSS"
	proc_await delay proxy ready 60000 >/dev/null ||
		die "delay does not start: $(tail -n 1 "$(proc_log delay proxy)")"
	delay_rules iptables &&
		delay_rule iptables raw PREROUTING ! -i lo -f &&
		{ [ "$IPV" = 4 ] || delay_rules ip6tables; } ||
		die "the rules for --delay and --loss can't be installed"
}

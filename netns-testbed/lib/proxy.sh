# shellcheck shell=bash disable=SC2034,SC2153,SC2154 # shared by lib/*.sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# proxy - Kamailio, as registrar and proxy of tb.example.

proxy_start()
{
	local dir=$RUN/proxy opt
	local -a defines=()

	mkdir -p "$dir/run"
	sed "s/LISTEN_ADDRESS/$(host_part proxy)/" \
		"$TESTBED/etc/kamailio.cfg" >"$dir/kamailio.cfg"
	[ "$AUTH" != none ] || defines+=(-A WITH_NOAUTH)
	for opt in ${PROXY_OPT//,/ }; do
		defines+=(-A "WITH_${opt^^}")
	done
	# Memory that isn't used isn't taken; a thousand calls a second use it.
	# tlsf: the default allocator searches lists of free pieces, and that
	# takes longer than all else that Kamailio does for a call.
	proc_start kamailio proxy kamailio -DD -E -m 512 -x tlsf \
		-f "$dir/kamailio.cfg" -w "$dir" -Y "$dir/run" \
		${defines[@]+"${defines[@]}"}
	in_node proxy "$TOOLS/knock" "$(address proxy)" 5060 60000 ||
		die "Kamailio does not answer: $(tail -n 1 \
			"$(proc_log kamailio proxy)")"
}

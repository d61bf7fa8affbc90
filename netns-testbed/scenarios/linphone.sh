# shellcheck shell=bash disable=SC2034
# SPDX-License-Identifier: GPL-2.0-or-later
about="linphone's daemon calls SIPp: addr-spec in To, no Content-Length, keep-alives"
points="1 8 9"
uas=sipp

linphone_start()
{
	local dir=$RUN/$CALLER/linphone

	mkdir -p "$dir/.local/share/linphone" "$dir/tmp"
	cat >"$dir/rc" <<-END
		[sip]
		default_proxy=0
		sip_port=5060
		register_only_when_network_is_up=0
		guess_hostname=1
		use_ipv6=0
		[net]
		mtu=1500
		dns_srv_enabled=0
		[auth_info_0]
		username=alice
		passwd=alicepw
		realm=$DOMAIN
		domain=$DOMAIN
		[proxy_0]
		reg_proxy=<sip:$(address proxy):5060;transport=udp>
		reg_route=<sip:$(address proxy):5060;transport=udp;lr>
		reg_identity="Alice" <sip:alice@$DOMAIN>
		reg_expires=3600
		reg_sendregister=1
		publish=0
		dial_escape_plus=0
		[sound]
		playback_dev_id=
		capture_dev_id=
	END
	# it puts its socket below /tmp
	proc_start linphone "$CALLER" env HOME="$dir" TMPDIR="$dir/tmp" \
		XDG_DATA_HOME="$dir/.local/share" linphone-daemon \
		--pipe "..$RUN/$CALLER/pipe" --config "$dir/rc"
}

linphone_tell() # COMMAND
{
	in_node "$CALLER" "$TOOLS/ask" "$RUN/$CALLER/pipe" \
		"$1" >>"$(proc_log linphone "$CALLER")"
}

scenario()
{
	need_command linphone-daemon linphone-cli
	take_begin call
	for n in "$CALLER" "$CALLEE"; do
		mkdir -p "$RUN/$n"
		: >"$(events "$n")"
	done
	linphone_start
	await_seen 1 caller-phone response status=200 method=REGISTER
	sipp_register "$CALLEE"
	sipp_start "$CALLEE" callee
	linphone_tell "call sip:bob@$DOMAIN"
	phone_await "$CALLEE" incoming || {
		cp "$(proc_log linphone "$CALLER")" "$TAKE/linphone.log"
		wrong "no call reaches $CALLEE"
	}
	value_of callee-phone call-id request method=INVITE >"$RUN/call-id"
	phone_answer
	phone_await "$CALLEE" established || wrong "linphone sends no ACK"
	linphone_tell "terminate"
	phone_await "$CALLEE" closed || wrong "linphone's BYE does not arrive"
	await_seen 1 caller-phone response status=200 method=BYE
	scenario_end
	proc_stop linphone "$CALLER"
	expect 1+ caller-wire response status=401 'WWW-Authenticate~^PGP '
	expect 0 caller-phone 'header~: *PGP '
	expect 1 callee-phone request method=BYE 'P-PGP-Status~^valid'
	[ "$(value_of caller-wire cseq request method=BYE)" -eq \
		$(($(value_of caller-phone cseq request method=BYE) + 1)) ] ||
		wrong "the BYE is not translated"
}

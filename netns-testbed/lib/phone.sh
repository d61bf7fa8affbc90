# shellcheck shell=bash disable=SC2034,SC2153,SC2154 # shared by lib/*.sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# phone - SIPp and baresip, driven in the same way.
#
# Both write what happens to them to RUN/NODE/events, a line each: registered,
# incoming, ringing, established, closed WHY. Nothing here waits for a fixed
# time; all waits are for such a line.

EVENT_MS=${TESTBED_EVENT_MS:-60000}

user_of() # NODE
{
	if [ "$1" = "$CALLER" ]; then
		echo alice
	else
		echo bob
	fi
}

events() # NODE
{
	echo "$RUN/$1/events"
}

# Has a line like that been written (in this take)?
phone_has() # NODE REGEX
{
	grep -Eq "$2" "$(events "$1")" 2>/dev/null
}

phone_await() # NODE REGEX [MS]
{
	local pid

	pid=$(proc_pid "$UA" "$1")
	"$TOOLS/await" -t "${3:-$EVENT_MS}" ${pid:+-p "$pid"} \
		"$(events "$1")" "$2" >/dev/null
}

phone_last() # NODE
{
	tail -n 1 "$(events "$1")" 2>/dev/null | sed 's/^[0-9.]* //'
}

# --- SIPp ---------------------------------------------------------------------

# Where packets get lost, a BYE may come again, and must find its answer (RFC 3261,
# timer J).
sipp_start() # NODE SCENARIO OPTION...
{
	local node=$1 scenario=$2 linger=0

	shift 2
	! has_loss || linger=32000
	proc_start sipp "$node" sipp "$(host_part proxy):5060" \
		-sf "$TESTBED/sipp/$scenario.xml" -m 1 -i "$(address "$node")" \
		-p 5060 -nostdin -trace_logs -log_file "$(events "$node")" \
		-trace_err -error_file "$RUN/$node/sipp-errors" -timeout 300s \
		-log_overwrite false -d $linger "$@"
}

sipp_register() # NODE
{
	local user pid

	user=$(user_of "$1")
	sipp_start "$1" register -s "$user" -au "$user" -ap "${user}pw"
	phone_await "$1" registered || return 1
	pid=$(proc_pid sipp "$1")
	[ -z "$pid" ] || "$TOOLS/await" -t "$EVENT_MS" -g "$pid"
}

# Until it hears what is sent to it: what comes too early is sent again, but
# that takes half a second, and is one message more.
sipp_listens() # NODE
{
	local end=$((SECONDS + EVENT_MS / 1000))

	until in_node "$1" ss -Hlnup 'sport = :5060' | grep -q '"sipp"'; do
		[ $SECONDS -lt $end ] || die "SIPp does not start in $1:" \
			"$(phone_complaint "$1")"
		sleep 0.02
	done
}

# A request that only the phone understands, from its own host.
sipp_tell() # NODE METHOD
{
	printf '%s\r\n' "$2 sip:phone SIP/2.0" \
		"Via: SIP/2.0/UDP 127.0.0.1:9;branch=z9hG4bK$2" \
		"From: <sip:testbed>;tag=t" "To: <sip:phone>" \
		"Call-ID: $(cat "$RUN/call-id")" "CSeq: 1 $2" \
		"Content-Length: 0" "" |
		in_node "$1" "$TOOLS/datagram" "$(address "$1")" 5060
}

# --- baresip ------------------------------------------------------------------

baresip_write_config() # NODE
{
	local user

	user=$(user_of "$1")
	mkdir -p "$RUN/$1/baresip"
	cat >"$RUN/$1/baresip/config" <<-END
		poll_method		epoll
		sip_listen		$(host_part "$1"):5060
		net_interface		eth0
		call_local_timeout	120
		call_max_calls		4
		audio_source		aubridge,nil
		audio_player		aubridge,nil
		audio_alert		aubridge,nil
		ringback_disabled	yes
		rtp_ports		10000-10100
		module_path		$BARESIP_MODULES
		module			g711.so
		module			aubridge.so
		module_tmp		uuid.so
		module_tmp		account.so
		module_app		menu.so
		module_app		ctrl_tcp.so
		ctrl_tcp_listen		127.0.0.1:4444
	END
	printf '%s' "<sip:$user@$DOMAIN>;auth_user=$user;auth_pass=${user}pw" \
		";outbound=\"sip:$(host_part proxy):5060;transport=udp\"" \
		";regint=600;answermode=${ANSWERMODE:-manual};mwi=no" \
		";audio_codecs=PCMU/8000/1,PCMA/8000/1" \
		>"$RUN/$1/baresip/accounts"
	echo >>"$RUN/$1/baresip/accounts"
	: >"$RUN/$1/baresip/contacts"
}

baresip_start() # NODE
{
	BARESIP_MODULES=/usr/lib/baresip/modules
	[ -d $BARESIP_MODULES ] ||
		BARESIP_MODULES=$(dirname "$(find /usr/lib /usr/local/lib \
			-path '*baresip/modules/menu.so' 2>/dev/null |
			head -n 1)")
	baresip_write_config "$1"
	rm -f "$RUN/$1/commands"
	mkfifo "$RUN/$1/commands"
	proc_start baresip "$1" stdbuf -oL baresip -s -f "$RUN/$1/baresip"
	proc_start phonectl "$1" sh -c 'exec "$0" 127.0.0.1 4444 "$1" >>"$2"' \
		"$TOOLS/phonectl" "$RUN/$1/commands" "$(events "$1")"
}

baresip_tell() # NODE COMMAND
{
	# opened for both: a reader that is gone must not hold us up
	echo "$2" 1<>"$RUN/$1/commands"
}

# --- either -------------------------------------------------------------------

phones_start()
{
	local n

	for n in "$CALLER" "$CALLEE"; do
		mkdir -p "$RUN/$n"
		: >"$(events "$n")"
		[ "$UA" = sipp ] || baresip_start "$n"
	done
	for n in "$CALLER" "$CALLEE"; do
		if [ "$UA" = sipp ]; then
			sipp_register "$n"
		else
			phone_await "$n" registered
		fi || die "$n can't register: $(phone_complaint "$n")"
	done
	[ "$UA" = sipp ] || return 0
	sipp_start "$CALLEE" callee
	sipp_listens "$CALLEE"
}

phones_stop()
{
	local n p signal=TERM

	# SIPp would stay until nothing can come again
	! has_loss || [ "$UA" != sipp ] || signal=KILL
	for n in "$CALLER" "$CALLEE"; do
		for p in "$UA" phonectl; do
			proc_stop "$p" "$n" $signal 2000
		done
	done
}

phone_complaint() # NODE
{
	local text

	text=$(tail -n 1 "$RUN/$1/sipp-errors" 2>/dev/null)
	[ -n "$text" ] || text=$(phone_last "$1")
	[ -n "$text" ] || text=$(tail -n 1 "$(proc_log "$UA" "$1")" 2>/dev/null)
	echo "${text:-nothing was heard of it}"
}

phone_dial()
{
	if [ "$UA" = baresip ]; then
		baresip_tell "$CALLER" "dial sip:bob@$DOMAIN"
		return
	fi
	echo "call-$$-$RANDOM@$(address "$CALLER")" >"$RUN/call-id"
	sipp_start "$CALLER" caller -s bob -au alice -ap alicepw \
		-cid_str "$(cat "$RUN/call-id")"
}

phone_answer()
{
	case $UA in
	sipp) sipp_tell "$CALLEE" ANSWER ;;
	baresip) baresip_tell "$CALLEE" accept ;;
	esac
}

phone_hangup() # NODE
{
	case $UA in
	sipp) sipp_tell "$1" HANGUP ;;
	baresip) baresip_tell "$1" hangup ;;
	esac
}

# The caller gives up while it rings.
phone_give_up()
{
	case $UA in
	sipp) sipp_tell "$CALLER" GIVEUP ;;
	baresip) baresip_tell "$CALLER" hangup ;;
	esac
}

# --- Bob's second phone, on the attacker's node -------------------------------

second_phone_register()
{
	mkdir -p "$RUN/attacker"
	: >"$(events attacker)"
	sipp_register attacker || die "the second phone can't register"
}

# On a host of its own, with a daemon that has Bob's key.
second_phone_guard()
{
	local dir

	dir=$(daemon_dir attacker)
	mkdir -p "$dir"
	(cd "$(daemon_dir "$GUARD_B")" && tar -c --exclude='S.*' \
		--exclude='*.lock' --exclude='.#*' gnupg) | tar -x -C "$dir"
	chown "$DAEMON_USER:$(id -gn "$DAEMON_USER")" "$dir"
	chmod 755 "$dir"
	daemon_write_conf attacker
	TOPOLOGY=host rules_install attacker
	daemon_start attacker
}

# --- linphone's daemon, as the caller -----------------------------------------

LINPHONE_SIP=

# LINPHONE_SIP: lines for its section [sip].
linphone_start()
{
	local dir=$RUN/$CALLER/linphone

	need_command linphone-daemon linphone-cli
	mkdir -p "$dir/.local/share/linphone" "$dir/tmp"
	cat >"$dir/rc" <<-END
		[sip]
		default_proxy=0
		sip_port=5060
		register_only_when_network_is_up=0
		guess_hostname=1
		use_ipv6=0
		$LINPHONE_SIP
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

# --- twinkle, without sound and windows ---------------------------------------

twinkle_start() # NODE
{
	local dir=$RUN/$1/twinkle user

	user=$(user_of "$1")
	need_command twinkle-console twinkle-console
	mkdir -p "$dir/.twinkle"
	cat >"$dir/.twinkle/twinkle.sys" <<-END
		dev_ringtone=alsa:null
		dev_speaker=alsa:null
		dev_mic=alsa:null
		sip_port=5060
	END
	cat >"$dir/.twinkle/phone.cfg" <<-END
		user_name=$user
		user_domain=$DOMAIN
		user_display=${user^}
		auth_name=$user
		auth_pass=${user}pw
		outbound_proxy=$(host_part proxy)
		all_requests_to_proxy=yes
		non_resolvable_to_proxy=yes
		register_at_startup=yes
		registration_time=600
		codecs=g711u
	END
	mkfifo "$dir/commands"
	# opened for both, so that it never ends
	proc_start twinkle "$1" env HOME="$dir" TERM=dumb sh -c \
		'exec stdbuf -oL twinkle-console phone.cfg <>"$0"' "$dir/commands"
}

twinkle_tell() # NODE COMMAND
{
	echo "$2" 1<>"$RUN/$1/twinkle/commands"
}

# --- Net::SIP, as either's phone and as the proxy -----------------------------

netsip_needed()
{
	need_command perl perl
	perl -MNet::SIP -e 1 2>/dev/null ||
		die "Net::SIP is missing: apt-get install libnet-sip-perl" \
			"(or scripts/install-deps suite)"
}

# Steps: tools/netsip.pl; PEER "-": it waits to be called.
netsip_start() # NODE PEER STEP...
{
	local node=$1

	netsip_needed
	mkdir -p "$RUN/$node"
	: >"$(events "$node")"
	proc_start netsip "$node" perl "$TESTBED/tools/netsip.pl" phone \
		"$(user_of "$node")" "$2" "$(address proxy)" "$DOMAIN" \
		"$(address "$node")" "$(events "$node")" "${@:3}"
	netsip_await "$node" registered
}

netsip_await() # NODE REGEX
{
	"$TOOLS/await" -t "$EVENT_MS" -p "$(proc_pid netsip "$1")" \
		"$(events "$1")" "$2" >/dev/null || {
		cp "$(proc_log netsip "$1")" "$TAKE/netsip-$1.log"
		wrong "$1 does not get as far as \"$2\": $(phone_last "$1")"
	}
}

# In the place of Kamailio.
netsip_proxy_start()
{
	netsip_needed
	proc_stop kamailio proxy
	: >"$(events proxy)"
	proc_start netsip proxy perl "$TESTBED/tools/netsip.pl" proxy \
		"$DOMAIN" "$(address proxy)" "$(events proxy)"
	netsip_await proxy ready
}

# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# script - SIPp scenarios put together out of steps, for what the plain callers
# of sipp/ don't do.
#
#   { caller_begins; caller_invites; caller_hears_answer; ...; } | script caller
#   { callee_begins; answer 180 Ringing; ...; } | script callee
#   scripts_run
#
# In steps, a ROW is a header row, and what follows "--" is the body. The proxy
# asks for no password: options=(--proxy-opt noauth); or what comes is answered
# (caller_asked). NO_ROUTE, NO_PROXY: the callee answers past the proxy, or
# without one; NEXT_HOP: where the caller sends to.

# A phone's lines in its own dialog.
role_lines() # caller|callee
{
	case $1 in
	caller)
		ME='From: "Alice" <sip:alice@tb.example>;tag=a[call_number][pid]'
		YOU='To:[$you]'
		USER_PART=alice
		;;
	callee)
		ME='From:[$me];tag=b[call_number][pid]'
		YOU='To:[$you]'
		USER_PART=bob
		;;
	esac
}

sdp() # [OCTETS-OF-PADDING]
{
	printf '%s\n' "v=0" "o=phone 1 1 IN IP[local_ip_type] [local_ip]" "s=-" \
		"c=IN IP[media_ip_type] [media_ip]" "t=0 0" \
		"m=audio 6000 RTP/AVP 0" "a=rtpmap:0 PCMU/8000"
	[ "${1:-0}" -eq 0 ] || padding "$1"
}

padding() # OCTETS
{
	local n=$1

	while [ "$n" -gt 0 ]; do
		printf 'a=x-%056d\n' "$n"
		n=$((n - 62))
	done
}

# ROW... [-- BODY] as they stand in a message, with its end.
rows_and_body()
{
	while [ $# -gt 0 ] && [ "$1" != -- ]; do
		[ -z "$1" ] || printf '%s\n' "$1"
		shift
	done
	[ $# -eq 0 ] || shift
	printf 'Content-Length: [len]\n\n'
	[ -z "${1:-}" ] || printf '%s\n' "$1"
}

sending() # ATTRIBUTES; the message comes from standard input
{
	printf ' <send%s><![CDATA[\n' "${1:+ $1}"
	cat
	printf '\n]]></send>\n'
}

mark_event() # TEXT
{
	printf ' <nop><action><log message="%s"/></action></nop>\n' "$1"
}

# --- any phone ----------------------------------------------------------------

# An INVITE's, also needed by its CANCEL and by the ACK to its failure.
branch_of() # CSEQ
{
	echo "z9hG4bK${USER_PART}[pid]n[call_number]c$1"
}

# In its dialog; to TARGET when that is set.
request() # METHOD CSEQ [ROW...] [-- BODY]
{
	local method=$1 cseq=$2 again=retrans=\"500\" branch='[branch]'

	shift 2
	[ "$method" != ACK ] || again=
	[ "$method" != INVITE ] || branch=$(branch_of "$cseq")
	{
		printf '%s\n' "$method ${TARGET:-[next_url]} SIP/2.0" \
			"Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=$branch;rport" \
			'[routes]' 'Max-Forwards: 70' "$ME" "$YOU" \
			'Call-ID: [call_id]' "CSeq: $cseq $method"
		[ "$method" = ACK ] || [ "$method" = BYE ] || printf '%s\n' \
			"Contact: <sip:$USER_PART@[local_ip]:[local_port]>"
		rows_and_body "$@"
	} | sending "$again"
}

# The ACK to a failure is of the INVITE's transaction: of the caller's first, or
# of one in the dialog.
ack_failure() # CSEQ [initial]
{
	local uri='[next_url]' route='[routes]'

	[ "$1" -ne 101 ] && [ "${2:-}" != initial ] ||
		uri=sip:bob@$DOMAIN route=
	{
		printf '%s\n' "ACK $uri SIP/2.0" \
			"Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=$(branch_of "$1");rport" \
			${route:+"$route"} 'Max-Forwards: 70' "$ME" \
			'[last_To:]' 'Call-ID: [call_id]' "CSeq: $1 ACK" \
			'Content-Length: 0' ''
	} | sending
}

hears() # STATUS
{
	printf ' <recv response="100" optional="true"/>\n'
	printf ' <recv response="%s"/>\n' "$1"
}

gets() # METHOD
{
	printf ' <recv request="%s"/>\n' "$1"
}

# To the request that came just now.
reply() # STATUS PHRASE [ROW...] [-- BODY]
{
	local start="SIP/2.0 $1 $2" again=

	shift 2
	{
		printf '%s\n' "$start" '[last_Via:]' '[last_Record-Route:]' \
			'[last_From:]' '[last_To:]' '[last_Call-ID:]' \
			'[last_CSeq:]' \
			"Contact: <sip:$USER_PART@[local_ip]:[local_port]>"
		rows_and_body "$@"
	} | sending "$again"
}

reply_invite() # STATUS PHRASE [ROW...] [-- BODY]
{
	reply "$@" | sed 's/ <send>/ <send retrans="500">/'
	gets ACK
}

# --- the caller ---------------------------------------------------------------

caller_begins()
{
	role_lines caller
}

caller_invites() # [ROW...] [-- BODY]
{
	caller_invites_again 101 "$@"
}

caller_invites_again() # CSEQ [ROW...] [-- BODY]
{
	local cseq=$1

	shift
	{
		printf '%s\n' "INVITE sip:bob@$DOMAIN SIP/2.0" \
			"Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=$(branch_of "$cseq");rport" \
			'Max-Forwards: 70' "$ME" "To: <sip:bob@$DOMAIN>" \
			'Call-ID: [call_id]' "CSeq: $cseq INVITE" \
			"Contact: <sip:$USER_PART@[local_ip]:[local_port]>"
		rows_and_body "$@"
	} | sending 'retrans="500"'
}

# A Digest challenge to the INVITE of that number; the next one answers it with
# the row PASSWORD.
# shellcheck disable=SC2034
PASSWORD='[authentication username=alice password=alicepw]'
caller_asked() # STATUS CSEQ
{
	printf ' <recv response="100" optional="true"/>\n'
	printf ' <recv response="%s" auth="true"/>\n' "$1"
	ack_failure "$2" initial
}

caller_cancels()
{
	printf '%s\n' "CANCEL sip:bob@$DOMAIN SIP/2.0" \
		"Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=$(branch_of 101);rport" \
		'Max-Forwards: 70' "$ME" "To: <sip:bob@$DOMAIN>" \
		'Call-ID: [call_id]' 'CSeq: 101 CANCEL' 'Content-Length: 0' '' |
		sending 'retrans="500"'
}

# Out of any dialog; to ASKED when that is set.
caller_asks() # METHOD [ROW...] [-- BODY]
{
	local method=$1

	shift
	{
		printf '%s\n' "$method ${ASKED:-sip:bob@$DOMAIN} SIP/2.0" \
			'Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch];rport' \
			'Max-Forwards: 70' "$ME" "To: <sip:bob@$DOMAIN>" \
			'Call-ID: [call_id]' "CSeq: 101 $method" \
			"Contact: <sip:$USER_PART@[local_ip]:[local_port]>"
		rows_and_body "$@"
	} | sending 'retrans="500"'
}

# A response that tells where the other side is; kept for its dialog.
caller_hears() # STATUS [VARIABLE]
{
	printf ' <recv response="100" optional="true"/>\n'
	printf ' <recv response="%s" rrs="true"><action>' "$1"
	printf '<ereg regexp=".*" search_in="hdr" header="To:" assign_to="%s"/>' \
		"${2:-you}"
	printf '</action></recv>\n'
}

# --- the callee ---------------------------------------------------------------

# Takes the first request and keeps what its answers need.
callee_begins() # [METHOD]
{
	local n=0 row

	role_lines callee
	printf ' <recv request="%s" rrs="true"><action>\n' "${1:-INVITE}"
	for row in Via:via1:1 Via:via2:2 Record-Route:route:1 From:you:1 \
		To:me:1 CSeq:cseq:1; do
		IFS=: read -r name var n <<<"$row"
		printf '  <ereg regexp=".*" search_in="hdr" header="%s:" occurrence="%s" assign_to="%s"/>\n' \
			"$name" "$n" "$var"
	done
	printf ' </action></recv>\n'
}

# To that request; a final answer to an INVITE waits for its ACK.
answer() # STATUS PHRASE [ROW...] [-- BODY]
{
	local start="SIP/2.0 $1 $2" again=

	[ "$1" -lt 200 ] || again='retrans="500"'
	shift 2
	{
		printf '%s\n' "$start" 'Via:[$via1]' 'Via:[$via2]' \
			'Record-Route:[$route]' 'From:[$you]' \
			'To:[$me];tag=b[call_number][pid]' 'Call-ID: [call_id]' \
			'CSeq:[$cseq]' \
			'Contact: <sip:bob@[local_ip]:[local_port]>'
		rows_and_body "$@"
	} | sending "$again"
}

# Same, without an ACK to come (a request that is no INVITE).
answer_once() # STATUS PHRASE [ROW...] [-- BODY]
{
	answer "$@" | sed 's/ <send retrans="500">/ <send>/'
}

# --- running them -------------------------------------------------------------

script() # caller|callee [NAME]; the steps from standard input
{
	local steps v

	steps=$(cat)
	{
		printf '<?xml version="1.0" encoding="UTF-8" ?>\n'
		printf '<scenario name="%s">\n' "$1"
		printf '%s\n' "$steps"
		mark_event 'closed as written'
		v=$(sed -n 's/.*assign_to="\([a-z0-9]*\)".*/\1/p' <<<"$steps" |
			sort -u | paste -sd , -)
		[ -z "$v" ] || printf ' <Reference variables="%s"/>\n' "$v"
		printf '</scenario>\n'
	} | sed -e '/^Record-Route:\[\$route\]$/{ '"${NO_ROUTE:+d}"' }' \
		-e '/^Via:\[\$via2\]$/{ '"${NO_PROXY:+d}"' }' >"$RUN/${2:-$1}.xml"
}

script_start() # NODE caller|callee|NAME [OPTION...]
{
	local node=$1

	proc_start sipp "$node" sipp "${NEXT_HOP:-$(host_part proxy)}:5060" \
		-sf "$RUN/$2.xml" -m 1 -i "$(address "$node")" -p 5060 \
		-nostdin -trace_logs -log_file "$(events "$node")" \
		-trace_err -error_file "$RUN/$node/sipp-errors" -timeout 300s \
		-log_overwrite false "${@:3}"
}

# Registered, and the callee waiting.
scripts_ready()
{
	local n

	for n in "$CALLER" "$CALLEE"; do
		mkdir -p "$RUN/$n"
		: >"$(events "$n")"
		rm -f "$RUN/$n/sipp-errors"
		sipp_register "$n" || die "$n can't register"
	done
	script_start "$CALLEE" callee
	sipp_listens "$CALLEE"
}

scripts_call()
{
	echo "call-$$-$RANDOM@$(address "$CALLER")" >"$RUN/call-id"
	script_start "$CALLER" caller -cid_str "$(cat "$RUN/call-id")"
}

script_await() # NODE [REGEX]
{
	phone_await "$1" "${2:-closed as written}" ||
		wrong "$1 does not get as far as \"${2:-its end}\":" \
			"$(phone_complaint "$1")"
}

# A take in which both scripts run to their end.
scripts_run() # TAKE
{
	take_begin "$1"
	scripts_ready
	scripts_call
	script_await "$CALLER"
	script_await "$CALLEE"
	scenario_end
}

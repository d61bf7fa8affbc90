# shellcheck shell=bash disable=SC2034
# SPDX-License-Identifier: GPL-2.0-or-later
about="a callee that challenges for ever: answered twice a realm, four times in all"
points="1 11"
uas=sipp
options=(--proxy-opt noauth --conf "hold = 500")
twin_options=(--auth none)

# No appliance stands before it. Each challenge has a nonce of its own.
challenger() # REALM
{
	local n

	callee_begins | sed 's/ rrs="true"//'
	for n in 1 2 3 4 5 6 7 8; do
		answer 401 Unauthorized \
			"WWW-Authenticate: PGP realm=\"$1${ONE_REALM:-$n}.example\", nonce=\"endless$n\", algorithm=SHA256, stale=true"
		gets ACK
		callee_begins | sed 's/ rrs="true"//'
	done
}

ask_for_ever() # TAKE REALM
{
	{
		caller_begins
		caller_invites -- "$(sdp)"
		hears 403
		ack_failure 101
	} | script caller
	challenger "$2" | script callee
	take_begin "$1"
	scripts_ready
	scripts_call
	script_await "$CALLER"
	scenario_end
	proc_stop sipp "$CALLEE"
	expect 0 caller-phone 'header~: *PGP '
	expect 0 caller-phone response status=401
}

scenario()
{
	daemon_kill "$GUARD_B"
	in_node "$GUARD_B" "$RULES" remove >/dev/null
	ask_for_ever many-realms evil
	expect 4 caller-wire request method=INVITE 'Authorization~^PGP '
	ONE_REALM=1 ask_for_ever one-realm evil
	expect 2 caller-wire request method=INVITE 'Authorization~^PGP '
	# each failure is acknowledged, the last one, too
	expect 3 caller-wire request method=ACK
}

# The phone itself gets them: some end the call, some themselves.
twin()
{
	{
		caller_begins
		caller_invites -- "$(sdp)"
		hears 401
		ack_failure 101
	} | script caller
	challenger evil | script callee
	take_begin call
	scripts_ready
	scripts_call
	script_await "$CALLER"
	scenario_end
	expect 1 caller-phone response status=401 'WWW-Authenticate~^PGP '
}

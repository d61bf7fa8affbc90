# shellcheck shell=bash disable=SC2034
# SPDX-License-Identifier: GPL-2.0-or-later
about="two phones of the callee's, two realms: one INVITE signed for both, one answer"
points="1 6"
topologies=host
uas=sipp
options=(--proxy-opt noauth --conf 'cancel-from = { "10.77.0.2" }')

# Bob's second phone, on the node that is the attacker's otherwise, with a
# daemon of its own that has Bob's key.
second_site()
{
	local dir

	dir=$(daemon_dir attacker)
	mkdir -p "$dir"
	(cd "$(daemon_dir "$CALLEE")" && tar -c --exclude='S.*' \
		--exclude='*.lock' --exclude='.#*' gnupg) | tar -x -C "$dir"
	chown "$DAEMON_USER:$(id -gn "$DAEMON_USER")" "$dir"
	chmod 755 "$dir"
	daemon_write_conf attacker
	rules_install attacker
	daemon_start attacker
	mkdir -p "$RUN/attacker"
	: >"$(events attacker)"
	sipp_register attacker
	sipp_start attacker callee
}

scenario()
{
	local rows

	take_begin call
	phones_start
	second_site
	phone_dial
	phone_await "$CALLEE" incoming || wrong "$CALLEE does not ring"
	phone_await attacker incoming || wrong "the second phone does not ring"
	phone_await "$CALLER" ringing || wrong "$CALLER does not hear it ring"
	call_to_talking
	phone_await attacker 'closed by a CANCEL' ||
		wrong "the second phone rings on"
	call_lives
	scenario_end
	rows=$(value_of caller-wire Authorization request method=INVITE)
	[[ $rows == *"\"callee.$DOMAIN\""* &&
		$rows == *"\"attacker.$DOMAIN\""* ]] ||
		wrong "not signed for both realms"
	expect 1 caller-wire response status=401 \
		"WWW-Authenticate~PGP realm=\"callee.$DOMAIN\"" \
		"WWW-Authenticate~PGP realm=\"attacker.$DOMAIN\""
	expect 1 caller-phone response status=200 method=INVITE
	expect 0 caller-phone 'header~: *PGP '
}

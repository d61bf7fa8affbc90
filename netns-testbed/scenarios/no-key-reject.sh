# shellcheck shell=bash disable=SC2034
# SPDX-License-Identifier: GPL-2.0-or-later
about="a caller without a key is refused at home, and told so"
options=(--policy 'no-key = reject')
topologies=edge
quick="edge sipp"

scenario()
{
	take_begin call
	phones_start
	secret_removed "$GUARD_A"
	phone_dial
	phone_await "$CALLER" closed ||
		wrong "$CALLER is not told: $(phone_complaint "$CALLER")"
	scenario_end
	expect 1+ caller-phone response status=403 method=INVITE
	expect 0 caller-wire request method=INVITE
	must_not_have "$CALLEE" incoming
	grep -q "no key here may sign for sip:alice@$DOMAIN: refused" \
		"$(proc_log sipseald "$GUARD_A")" ||
		wrong "the daemon in $GUARD_A does not say so"
}

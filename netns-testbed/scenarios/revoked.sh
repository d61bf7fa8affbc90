# shellcheck shell=bash disable=SC2034
# SPDX-License-Identifier: GPL-2.0-or-later
about="the caller's key is revoked mid-call: within five seconds nothing it signs passes"
points="6"
quick="edge sipp"
twin_options=()

# Five seconds, and on a slow machine as long as a hundred of gpg's listings.
revoked_ms()
{
	local start

	start=$(date +%s%N)
	gpg_must "$GUARD_B" --list-keys
	echo $((5000 + ($(date +%s%N) - start) / 10000))
}

revoked_at_callee()
{
	"$SIPSEALCTL" -s "$(daemon_dir "$GUARD_B")/control" \
		check "sip:alice@$DOMAIN" -j | grep -q '"trust": "revoked"'
}

# The certificate that gpg made along with the key comes by another way.
revocation_arrives()
{
	local fpr file

	fpr=$(fingerprint_at "$GUARD_A" alice)
	file=$(daemon_dir "$GUARD_B")/alice.rev
	sed 's/^:---/---/' \
		"$(daemon_dir "$GUARD_A")/gnupg/openpgp-revocs.d/$fpr.rev" \
		>"$file"
	chmod 644 "$file"
	gpg_must "$GUARD_B" --import "$file"
}

scenario()
{
	local start now limit

	limit=$(revoked_ms)
	scenario_call call
	! revoked_at_callee || wrong "the key is revoked before it is"
	revocation_arrives
	start=$(date +%s%N)
	until revoked_at_callee; do
		now=$(date +%s%N)
		[ $(((now - start) / 1000000)) -lt "$limit" ] ||
			wrong "the revocation has no effect in $limit ms"
	done
	phone_hangup "$CALLER"
	counter_await "$GUARD_B" bye_dropped 1 ||
		wrong "the daemon in $GUARD_B drops no BYE"
	must_not_have "$CALLEE" closed
	scenario_end
}

# Where the revocation is not heard of, the same BYE ends the call.
twin()
{
	scenario_call call
	! revoked_at_callee || wrong "the key is revoked"
	call_lives
	scenario_end
	not_counted "$GUARD_B" bye_dropped
}

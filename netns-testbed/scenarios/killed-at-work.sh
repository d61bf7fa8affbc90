# shellcheck shell=bash disable=SC2034
# SPDX-License-Identifier: GPL-2.0-or-later
about="gpg-agent killed while it signs: a new one signs; gpg killed while it verifies: that one does not pass, and the next one does"
options=(--conf 'verify-engine = gpgme' --conf 'crypto-timeout = 60000'
	--policy 'eager = false')
topologies=edge
quick="edge sipp"

# Every gpg at work in the guard's home (the daemon may be reading its keyring,
# too), until that has cost it a signature.
kill_gpg() # GUARD
{
	local end=$((SECONDS + EVENT_MS / 1000)) pid

	until [ "$(counter "$1" crypto_failed)" -gt 0 ]; do
		[ $SECONDS -lt $end ] || wrong "no gpg is killed at work in $1" ||
			return 1
		for pid in $(gnupg_pids "$1" gpg); do
			kill -s KILL "$pid" 2>/dev/null || :
		done
		sleep 0.05
	done
}

agent_killed()
{
	local agent

	take_begin agent
	phones_start
	agent=$(agent_pid "$GUARD_A")
	kill -s STOP "$agent"
	phone_dial
	await_job "$GUARD_A"
	kill -s KILL "$agent"
	phone_await "$CALLEE" incoming ||
		wrong "the call does not reach $CALLEE"
	phone_await "$CALLER" ringing
	call_to_talking
	call_to_end "$CALLER"
	take_end
	phones_stop
	not_counted "$GUARD_A" crypto_failed
}

gpg_killed()
{
	local fifo

	take_begin gpg
	phones_start
	fifo=$(daemon_dir "$GUARD_B")/gnupg/gpg.conf
	mkfifo "$fifo"
	chown "$DAEMON_USER" "$fifo"
	phone_dial
	await_job "$GUARD_B"
	kill_gpg "$GUARD_B"
	# the phone goes on trying, and would get through
	take_end
	phones_stop
	rm "$fifo"
	must_not_have "$CALLEE" incoming
	expect 0 callee-phone request method=INVITE
}

scenario()
{
	do_call before
	agent_killed
	gpg_killed
	do_call after
}

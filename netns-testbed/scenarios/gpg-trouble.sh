# shellcheck shell=bash disable=SC2034
# SPDX-License-Identifier: GPL-2.0-or-later
about="gpg hangs while it verifies: the call is refused in time, and the next one is well"
options=(--conf 'verify-engine = gpgme' --conf 'crypto-timeout = 4000')
topologies=edge
quick="edge sipp"

scenario()
{
	local fifo

	do_call before
	take_begin hangs
	phones_start
	fifo=$(daemon_dir "$GUARD_B")/gnupg/gpg.conf
	mkfifo "$fifo"
	chown "$DAEMON_USER" "$fifo"
	phone_dial
	counted "$GUARD_B" crypto_failed 1
	take_end
	phones_stop
	must_not_have "$CALLEE" incoming
	expect 0 callee-phone request method=INVITE
	rm "$fifo"
	do_call after
}

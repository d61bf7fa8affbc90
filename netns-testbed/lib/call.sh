# shellcheck shell=bash disable=SC2034,SC2153,SC2154 # shared by lib/*.sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# call - one whole call, and what is known about it afterwards.
#
# Results go to OUT/TAKE/result, a line "name=value" each, and are printed
# by the commands in words.

result() # NAME VALUE
{
	printf '%s=%s\n' "$1" "$2" >>"$TAKE/result"
}

result_of() # TAKE NAME
{
	sed -n "s/^$2=//p" "$OUT/$1/result" 2>/dev/null | tail -n 1
}

take_begin() # TAKE
{
	rm -rf "${OUT:?}/$1"
	capture_start "$1"
	: >"$TAKE/result"
	[ "$AUTH" != pgp ] || counters_remember
}

take_end()
{
	local n

	capture_stop
	for n in "$CALLER" "$CALLEE"; do
		cp "$(events "$n")" "$TAKE/events-$n" 2>/dev/null || :
		cp "$(proc_log "$UA" "$n")" "$TAKE/$UA-$n.log" 2>/dev/null || :
		cp "$RUN/$n/sipp-errors" "$TAKE/sipp-errors-$n" 2>/dev/null || :
	done
	cp "$(proc_log kamailio proxy)" "$TAKE/kamailio.log" || :
	[ "$AUTH" != pgp ] || guards_keep "$TAKE"
	ladder_keep "$TAKE"
}

# --- steps: each returns 1 and says what went wrong ---------------------------

wrong() # TEXT
{
	note "$*"
	result wrong "$*"
	return 1
}

call_to_ringing()
{
	phone_dial
	phone_await "$CALLEE" incoming ||
		wrong "the call does not reach $CALLEE ($CALLER says:" \
			"$(phone_complaint "$CALLER"))" || return 1
	# a 180 that is lost doesn't come again
	has_loss || phone_await "$CALLER" ringing ||
		wrong "$CALLER does not hear it ring:" \
			"$(phone_complaint "$CALLER")"
}

call_to_talking()
{
	phone_answer
	phone_await "$CALLER" established ||
		wrong "the answer does not reach $CALLER:" \
			"$(phone_complaint "$CALLER")" || return 1
	phone_await "$CALLEE" established ||
		wrong "no ACK reaches $CALLEE: $(phone_complaint "$CALLEE")"
}

call_to_end() # WHO-HANGS-UP
{
	local n

	phone_hangup "$1"
	for n in "$CALLER" "$CALLEE"; do
		phone_await "$n" closed ||
			wrong "$n does not see the end of the call:" \
				"$(phone_complaint "$n")" || return 1
	done
}

# --- was it authenticated? ----------------------------------------------------

# A row of the ladder that meets a condition in awk's words.
row_count() # TAKE CONDITION
{
	awk -F '\t' 'BEGIN { n = 0 }
		{ link = $2; from = $3; to = $4; kind = $5; method = $6
		  status = $7; marks = $11; forged = $12 == "forged" }
		'"$2"' { n++ }
		END { print n }' "$OUT/$1/ladder.tsv"
}

# The links between the guards, where signatures must be; and the phones'.
in_public()
{
	if [ "$TOPOLOGY" != host ]; then
		echo 'link ~ /proxy/'
	else
		echo 'link ~ /(caller:proxy|proxy:callee)/'
	fi
}

counters_remember()
{
	local g

	for g in "$GUARD_A" "$GUARD_B"; do
		# a scenario may have killed it
		counter "$g" calls_authenticated \
			>"$RUN/$g/authenticated-before" || :
	done
}

# Both daemons say so, the wire shows it, and the phones saw nothing of it.
call_is_authenticated() # TAKE
{
	local g public method n

	for g in "$GUARD_A" "$GUARD_B"; do
		counter_await "$g" calls_authenticated \
			$(($(cat "$RUN/$g/authenticated-before") + 1)) ||
			wrong "the daemon in $g counts no authenticated call" ||
			return 1
	done
	public=$(in_public)
	for method in INVITE ACK BYE; do
		n=$(row_count "$1" "$public && kind == \"request\" &&
			method == \"$method\" && marks ~ /PGP signed/")
		[ "$n" -ge 2 ] ||
			wrong "no signed $method on the wire" || return 1
	done
	n=$(row_count "$1" "$public && kind == \"response\" && status == 200 &&
		method == \"INVITE\" && marks ~ /PGP signed/")
	[ "$n" -ge 2 ] || wrong "no signed 200 on the wire" || return 1
	n=$(row_count "$1" "!($public) && marks ~ /PGP (signed|challenge)/")
	[ "$n" -eq 0 ] || wrong "a phone saw $n rows of the PGP scheme"
}

# --- the commands -------------------------------------------------------------

do_call() # [TAKE]
{
	local take=${1:-call} ok=yes

	take_begin "$take"
	phones_start
	call_to_ringing && call_to_talking && call_to_end "$HANGUP_BY" || ok=no
	take_end
	phones_stop
	[ "$ok" = yes ] || {
		result call failed
		ladder "$OUT/$take" >&2
		note "the call failed; captures and logs: $OUT/$take"
		return 1
	}
	result call complete
	result setup_ms "$(setup_ms "$OUT/$take")"
	if [ "$AUTH" = pgp ]; then
		call_is_authenticated "$take" || {
			result authenticated false
			return 1
		}
		result authenticated true
	else
		result authenticated false
	fi
	call_print "$take"
}

call_print() # TAKE
{
	say ""
	[ "$QUIET" = yes ] || cat "$OUT/$1/ladder.txt"
	say ""
	say "call: complete, set up in $(result_of "$1" setup_ms) ms," \
		"authenticated by PGP: $(result_of "$1" authenticated)"
	say "captures: $OUT/$1"
}

# SPDX-License-Identifier: GPL-2.0-or-later
#
# Results, one object each, to bench.json: what was measured, and each target
# with what it came to. A target of which something was not measured has no
# value.

def find(g; n): first($r[] | select(.group == g and .name == n)) // null;
def m(g; n): find(g; n) | if . == null then null else .median end;

def less(a; b): if a == null or b == null then null else a - b end;
def ratio(a; b):
	if a == null or b == null or b == 0 then null else a / b end;

# op: what the value must be to the limit
def target($text; $value; $op; $limit; $unit):
	{ target: $text, value: $value, op: $op, limit: $limit, unit: $unit,
	  met: (if $value == null or $limit == null then null
		elif $op == "<=" then $value <= $limit
		elif $op == "<" then $value < $limit
		else $value >= $limit end) };

# What is there to be seen.
def shown($text; $value; $unit): target($text; $value; "<="; null; $unit);

# Limits in microseconds are of a machine where an engine takes so many; here it
# takes that times the pace, beside the daemon in the same rounds.
def pace: {
	fast: ratio(m("work"; "sign_fast_burst_bare") +
		    m("work"; "verify_fast_burst_bare"); 14 + 44),
	agent: ratio(m("work"; "sign_agent_bare"); 300) };

def widened($engine):
	pace[$engine] as $p | if $p == null or .limit == null then .
	else ([$p, 1] | max) as $k
	| .here = (if .op == "<=" then .limit * $k else .limit / $k end)
	| .met_here = (if .value == null then null
		elif .op == "<=" then .value <= .here
		else .value >= .here end) end;

def paced($engine; $text; $value; $limit):
	target($text; $value; "<="; $limit; "us") | widened($engine);

# The farthest from what it is with the fewest, as a part of that.
def growth(suffix):
	[$r[] | select(.group == "scale" and (.name | test(suffix + "$")))
	 | .median - 1] | max;

# What the most dialogs add to the core's work for a message, as a part of a
# whole message's.
def growth_whole($w):
	([$r[] | select(.group == "scale")
	  | select(.name | test("^dialogs_[0-9]+_\($w)$"))]
	 | max_by(.name | split("_")[1] | tonumber)) as $most
	| if $most == null then null
	  else ratio(less($most.median;
			m("scale"; $most.name + "_beside_10"));
		m("work"; ({ signed: "sign", verified: "verify" }[$w])
			+ "_fast_burst")) end;

def over_digest($e; $name):
	less(m("call"; "setup_\($name)_" + $e);
	     m("call"; "setup_digest_beside_" + $e));

def setup:
	[paced("fast"; "set-up, PGP alone (eager, fast) less Digest alone";
		over_digest("fast"; "pgp_eager"); 1000),
	 paced("fast"; "set-up, Digest and PGP (eager, fast) less Digest alone";
		over_digest("fast"; "digest_pgp_eager"); 1000),
	 shown("the same without PGP, bare accept loops instead of the appliances";
		less(m("call"; "setup_digest_loops");
		     m("call"; "setup_digest_beside_agent")); "us"),
	 shown("set-up, PGP alone (eager, agent) less Digest alone";
		over_digest("agent"; "pgp_eager"); "us"),
	 shown("two signatures by gpg-agent alone";
		m("engine"; "agent_sign_ed25519_wall")
		| if . == null then null else 2 * . end; "us"),
	 shown("set-up, Digest and PGP (eager, agent) less Digest alone";
		over_digest("agent"; "digest_pgp_eager"); "us")]
	+ [("fast", "agent") as $e |
	 paced($e; "set-up, challenged each time (\($e)), less Digest and a round trip";
		less(over_digest($e; "digest_pgp_challenged");
		     less(m("call"; "setup_digest_beside_" + $e);
			  m("call"; "setup_none"))); 3000)];

def setup_cpu($e; $limit):
	[paced($e; "CPU of the caller\u0027s appliance for a set-up (\($e)), busy";
		m("call"; "cpu_setup_busy_" + $e); $limit),
	 shown("the same, calls coming singly through Kamailio";
		m("call"; "cpu_setup_" + $e); "us")];

def work:
	[("sign", "verify") as $w |
	 paced("fast"; "CPU to \($w), fast, in a burst, over the engine alone";
		m("work"; "\($w)_fast_burst_over"); 30),
	 shown("CPU to \($w), fast, one at a time, over the engine in a bare loop";
		m("work"; "\($w)_fast_over_loop"); "us")]
	+ [target("CPU to sign, agent, by the engine alone";
		m("work"; "sign_agent_ratio"); "<="; 1.5; "x")];

# What a core is full with takes longer, too.
def load:
	target("calls a second, appliance on one core, fast";
		m("load"; "calls_per_second"); ">="; 3000; "calls/s")
	| widened("fast");

def queue:
	[("keepalive", "stream", "response") as $k | ("one", "many") as $l |
	 target("\($k)s through the daemon by a bare loop (\(if $l == "one"
		then "a verdict a packet" else "verdicts in batches" end))";
		m("queue"; "\($k)_by_loop_\($l)");
		">="; 0.8; "x")];

def peers:
	[("sign", "verify") as $w |
	 target("CPU to \($w) a message (fast), all of it, and what secsipid adds";
		m("work"; "\($w)_fast"); "<";
		m("peers"; "kamailio_\($w)_added"); "us"),
	 target("CPU to \($w) a message (fast, burst), all of it, and what secsipid adds";
		m("work"; "\($w)_fast_burst"); "<";
		m("peers"; "kamailio_\($w)_added"); "us"),
	 target("CPU to \($w) a message (fast), all of it, and the same by gpgme";
		m("work"; "\($w)_fast"); "<"; m("work"; "\($w)_gpgme"); "us")];

def scale:
	[("signed", "verified") as $w |
	 target("a message \($w) (whole, fast, burst), with most dialogs over that with 10";
		growth_whole($w); "<="; 0.2; "part"),
	 shown("the core's part of it alone, signatures for nothing";
		growth("dialogs_[0-9]+_\($w)_ratio"); "part")]
	+ [target("a check by fast, with most keys, over that with 10";
		growth("keys_[0-9]+_verified_ratio"); "<="; 0.2; "part"),
	   target("memory of a live dialog"; m("scale"; "memory_per_dialog");
		"<="; 1024; "octets"),
	   target("memory of a key in a ring of most";
		([$r[] | select(.group == "scale")
		  | select(.name | test("^keys_[0-9]+_memory$"))]
		 | last | .median); "<="; 10240; "octets"),
	   target("start with a full store"; m("scale"; "start_full"); "<=";
		2000; "ms")];

def flood:
	[("request", "marked", "forged") as $k |
	 target("calls lost in a flood of 50,000 \(if $k == "request"
		then "" else $k + " " end)INVITEs/s";
		m("flood"; "\($k)_lost"); "<="; 0; "calls")];

{ date: $date, commit: $commit, quick: ($quick == "yes"), seconds: $seconds,
  machine: $machine, versions: $versions, pace: pace,
  targets: (setup + setup_cpu("fast"; 300) +
	[shown("a bare accept loop instead, calls coming singly";
		m("call"; "cpu_setup_loop"); "us")] +
	setup_cpu("agent"; 1200) + work +
	[load] +
	queue + scale +
	[target("heap growth over a session"; m("heap"; "growth"); "<=";
		2097152; "octets")] + flood + peers),
  results: $r }

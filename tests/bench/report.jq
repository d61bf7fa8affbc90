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

# The farthest from what it is with the fewest, as a part of that.
def spread(prefix; suffix):
	[$r[] | select(.group == "scale")
	 | select(.name | startswith(prefix) and endswith(suffix))
	 | { size: (.name | ltrimstr(prefix) | rtrimstr(suffix) | tonumber),
	     median }] | sort_by(.size)
	| if length < 2 then null
	  else .[0].median as $first
	  | [.[1:][] | .median / $first - 1] | max end;

# The same, where a ratio was measured.
def growth(suffix):
	[$r[] | select(.group == "scale" and (.name | endswith(suffix)))
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

def setup($e):
	[target("set-up, Digest and PGP (eager, \($e)) less Digest alone";
		less(m("call"; "setup_digest_pgp_eager_" + $e);
		     m("call"; "setup_digest_beside_" + $e)); "<="; 1000; "us"),
	 target("set-up, PGP alone (eager, \($e)) less Digest alone";
		less(m("call"; "setup_pgp_eager_" + $e);
		     m("call"; "setup_digest_beside_" + $e)); "<="; 1000; "us"),
	 target("set-up, challenged each time (\($e)), less Digest and a round trip";
		less(less(m("call"; "setup_digest_pgp_challenged_" + $e);
			  m("call"; "setup_digest_beside_" + $e));
		     less(m("call"; "setup_digest_beside_" + $e);
			  m("call"; "setup_none"))); "<="; 3000; "us")];

def work:
	[("sign", "verify") as $w |
	 target("CPU to \($w), fast, in a burst, over the engine alone";
		m("work"; "\($w)_fast_burst_over"); "<="; 30; "us"),
	 target("CPU to \($w), fast, one at a time, over the engine and a bare accept loop";
		m("work"; "\($w)_fast_over_loop"); "<="; 30; "us"),
	 target("the same over the engine alone: waking up and the packet\u0027s way on included";
		m("work"; "\($w)_fast_over"); "<="; null; "us")]
	+ [target("CPU to sign, agent, by the engine alone";
		m("work"; "sign_agent_ratio"); "<="; 1.5; "x")];

def queue:
	[("keepalive", "stream", "response") as $k | ("one", "many") as $l |
	 target("\($k)s through the daemon by a bare loop (\(if $l == "one"
		then "a verdict a packet" else "verdicts in batches" end))";
		ratio(m("queue"; "daemon_\($k)_rate");
		      m("queue"; "loop_\($l)_accept_\($k)_rate"));
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
	 target("the core's part of it alone, signatures for nothing";
		growth($w + "_ratio"); "<="; null; "part")]
	+ [target("a check by fast, with most keys, over that with 10";
		spread("keys_"; "_verified"); "<="; 0.2; "part"),
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
  machine: $machine, versions: $versions,
  targets: (setup("agent") + setup("fast") +
	[target("CPU of the caller's appliance for a set-up, fast";
		m("call"; "cpu_setup_fast"); "<="; 300; "us"),
	 target("CPU of the caller's appliance for a set-up, agent";
		m("call"; "cpu_setup_agent"); "<="; 1200; "us")] + work +
	[target("calls a second, appliance on one core, fast";
		m("load"; "calls_per_second"); ">="; 3000; "calls/s")] +
	queue + scale +
	[target("heap growth over a session"; m("heap"; "growth"); "<=";
		2097152; "octets")] + flood + peers),
  results: $r }

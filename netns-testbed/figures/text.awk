# SPDX-License-Identifier: GPL-2.0-or-later
#
# text - measurements.md.in with its numbers put in
#
#	awk -v dir=DIR -f text.awk measurements.md.in
#
# In a line:
#	@{median SETUP METRIC}   @{diff SETUP SETUP METRIC}   @{n SETUP}
#	@{count SETUP} (what was asked for)
#	@{memory SETUP}   @{memdiff SETUP SETUP} (MB)   @{env NAME}
# Alone on a line:
#	@table FIGURE METRIC...  @memory  @rates  @load  @sizes SETUP  @growth FIGURE
#	@failures
#	@others METRIC...: figures that no table was of, with their pictures
#	@picture NAME TEXT
# What was not measured is called so. A section between "@if FIGURE" and
# "@end" is left out when the figure has no rows.

function load_summary(    v)
{
	while ((getline line < (dir "/labels.tsv")) > 0) {
		split(line, v, "\t")
		label[v[1]] = v[2]
		count[v[1]] = v[3]
		figure = substr(v[1], 1, index(v[1], ".") - 1)
		if (!(figure in has_figure))
			figures[++n_figures] = figure
		has_figure[figure] = 1
	}
	while ((getline line < (dir "/summary.csv")) > 0) {
		split(line, v, ",")
		if (v[1] == "setup")
			continue
		if (!(v[1] in n))
			order[++n_setups] = v[1]
		n[v[1]] = v[2]
		failed[v[1]] = v[3]
		q1[v[1], v[4]] = v[5]
		median[v[1], v[4]] = v[6]
		q3[v[1], v[4]] = v[7]
		most[v[1], v[4]] = v[8]
		have[substr(v[1], 1, index(v[1], ".") - 1)] = 1
	}
}

function load_rest(    v)
{
	while ((getline line < (dir "/memory.csv")) > 0) {
		split(line, v, ",")
		if (v[1] == "setup")
			continue
		memory_row[++n_memory] = line
		if (v[2] != "failed")
			memory[v[1]] += v[3]
	}
	while ((getline line < (dir "/env.tsv")) > 0) {
		split(line, v, "\t")
		env[v[1]] = v[2]
	}
	while ((getline line < (dir "/rates.csv")) > 0)
		if (line !~ /^setup,/) {
			rate_row[++n_rates] = line
			have[substr(line, 1, index(line, ".") - 1)] = 1
		}
	while ((getline line < (dir "/sizes.csv")) > 0)
		if (line !~ /^setup,/)
			size_row[++n_sizes] = line
	while ((getline line < (dir "/calls.csv")) > 0) {
		split(line, v, ",")
		if (v[3] !~ /^(status|ok|warm-up)$/)
			failure[++n_failures] = v[1] ", call " v[2] ": " \
				v[3] ", " v[9]
	}
}

BEGIN {
	load_summary()
	load_rest()
	title["setup_ms"] = "set-up, ms"
	title["slowest"] = "the slowest, ms"
	title["cpu_ms"] = "caller's CPU, ms"
	title["callee_ms"] = "at the callee, ms"
	title["callee_cpu_ms"] = "callee's CPU, ms"
	title["proxy_cpu_ms"] = "proxy's CPU for the whole call, ms"
}

function short(x)
{
	return sprintf(x < 10 && x > -10 ? "%.2f" : "%.1f", x)
}

# Nothing there that could take any.
function some(x)
{
	return x + 0 ? sprintf("%.2f", x) : "–"
}

function med(key, metric)
{
	if (!((key, metric) in median) || median[key, metric] == "")
		return "(not measured)"
	return short(median[key, metric])
}

function difference(x, have_both)
{
	if (!have_both)
		return "(not measured)"
	return (x < 0 ? "−" short(-x) : "+" short(x))
}

function value(text,    w, k)
{
	k = split(text, w, " ")
	if (w[1] == "median")
		return med(w[2], w[3])
	if (w[1] == "diff")
		return difference(median[w[2], w[4]] - median[w[3], w[4]],
			median[w[2], w[4]] != "" && median[w[3], w[4]] != "")
	if (w[1] == "n")
		return n[w[2]] + 0
	if (w[1] == "count")
		return count[w[2]] + 0
	if (w[1] == "memory")
		return (w[2] in memory) ? short(memory[w[2]] / 1e6) : \
			"(not measured)"
	if (w[1] == "memdiff")
		return difference((memory[w[2]] - memory[w[3]]) / 1e6,
			(w[2] in memory) && (w[3] in memory))
	if (w[1] == "env")
		return (w[2] in env) ? env[w[2]] : "(not recorded)"
	print "text: " FILENAME ":" FNR ": " text >"/dev/stderr"
	exit 1
}

function cell(key, metric)
{
	if (metric == "slowest" && most[key, "setup_ms"] != "")
		return short(most[key, "setup_ms"])
	if (median[key, metric] == "")
		return "failed"
	return "**" short(median[key, metric]) "** (" \
		short(q1[key, metric]) "–" short(q3[key, metric]) ")"
}

function table(    i, c, row)
{
	row = "| set-up | calls |"
	for (c = 3; c <= NF; c++)
		row = row " " title[$c] " |"
	print row
	gsub(/[^|]+/, "---", row)
	print row
	for (i = 1; i <= n_setups; i++) {
		if (index(order[i], $2 ".") != 1)
			continue
		row = "| " label[order[i]] " | " n[order[i]]
		if (failed[order[i]])
			row = row ", " failed[order[i]] " failed"
		row = row " |"
		for (c = 3; c <= NF; c++)
			row = row " " cell(order[i], $c) " |"
		print row
	}
}

function others(    i, columns)
{
	columns = $0
	sub(/^@others /, "", columns)
	for (i = 1; i <= n_figures; i++) {
		if (shown[figures[i]] || figures[i] ~ /^(load|rates)$/ ||
		    !have[figures[i]])
			continue
		print "## " figures[i] "\n"
		$0 = "@table " figures[i] " " columns
		table()
		print ""
		picture("figure-" figures[i], figures[i])
		print ""
	}
}

function picture(name, text)
{
	if (readable(name ".svg"))
		print "![" text "](measurements/" name ".svg)"
}

function memory_table(    i, v)
{
	print "| set-up | program | peak of its heap, KiB |"
	print "|---|---|---|"
	for (i = 1; i <= n_memory; i++) {
		split(memory_row[i], v, ",")
		if (v[2] == "failed")
			print "| " label[v[1]] " | failed: " v[3] " | |"
		else
			printf "| %s | %s | %.0f |\n", label[v[1]], v[2],
				v[3] / 1024
	}
}

function rates_table(    i, v, row)
{
	print "| set-up | calls/s offered | calls | lost | set-up, ms | 95 %, ms " \
		"| CPU a call, ms: caller\047s sipseald | callee\047s | proxy |"
	print "|---|---|---|---|---|---|---|---|---|"
	for (i = 1; i <= n_rates; i++) {
		split(rate_row[i], v, ",")
		if (v[1] !~ /^rates\./)
			continue
		row = "| " label[v[1]] " | " v[2] " | " v[3] " | "
		if (v[5] == "ok")
			row = row "0 | **" short(v[7]) "** (" short(v[6]) "–" \
				short(v[8]) ") | " short(v[9]) " | " \
				some(v[10]) " | " some(v[11]) " | " \
				some(v[12]) " |"
		else if (v[5] == "incomplete")
			row = row v[3] - v[4] " | captures/" v[1] "/at-" v[2] \
				" | | | | |"
		else
			row = row "0 | too slowly | | | | |"
		print row
	}
}

# Rows of load.awk.
function load_table(    v, rows)
{
	while ((getline line < (dir "/load.tsv")) > 0) {
		split(line, v, "\t")
		if (!rows++) {
			print "| the proxy asks for | calls/s, none lost | lost or " \
				"late at | set-up then, ms | 95 %, ms | its host\047s " \
				"CPU a call then, ms | its CPU a call at " v[3] \
				" calls/s, ms |"
			print "|---|---|---|---|---|---|---|"
		}
		if (!v[7]) {
			print "| " v[2] " | failed: captures/" v[1] " | | | | | |"
			continue
		}
		printf "| %s | **%d**%s | %s | **%s** (%s–%s) | %s | %s | **%s** (%s–%s) |\n",
			v[2], v[7],
			(v[14] > 85 ? " (the generator can do no more)" : ""),
			v[8] ? v[8] : "–", short(v[10]), short(v[9]),
			short(v[11]), short(v[12]), short(v[13]), short(v[5]),
			short(v[4]), short(v[6])
	}
}

function sizes_table(key,    i, v, k, what, seen, at)
{
	print "| message | at the phone | on the wire | more |"
	print "|---|---|---|---|"
	for (i = 1; i <= n_sizes; i++) {
		split(size_row[i], v, ",")
		if (v[1] != key)
			continue
		if (!(v[3] in seen))
			what[++k] = v[3]
		seen[v[3]] = 1
		at[v[3], v[2]] = v[4]
	}
	for (i = 1; i <= k; i++) {
		v[1] = at[what[i], "phone"]
		v[2] = at[what[i], "wire"]
		printf "| %s | %s | %s | %s |\n", what[i],
			v[1] == "" ? "–" : v[1], v[2] == "" ? "–" : v[2],
			v[1] == "" || v[2] == "" ? "–" : v[2] - v[1]
	}
}

# Octets that messages of each set-up have more on the wire than at the phone.
function growth(figure,    i, j, k, v, at, what, row)
{
	k = split("INVITE|180 (INVITE)|200 (INVITE)|ACK|BYE|200 (BYE)", what, "|")
	for (i = 1; i <= n_sizes; i++) {
		split(size_row[i], v, ",")
		at[v[1], v[3], v[2]] = v[4]
	}
	row = "| set-up |"
	for (j = 1; j <= k; j++)
		row = row " " what[j] " |"
	print row
	gsub(/[^|]+/, "---", row)
	print row
	for (i = 1; i <= n_setups; i++) {
		if (index(order[i], figure ".") != 1)
			continue
		row = "| " label[order[i]] " |"
		for (j = 1; j <= k; j++)
			row = row " " (((order[i], what[j], "wire") in at) ? \
				at[order[i], what[j], "wire"] - \
				at[order[i], what[j], "phone"] : "–") " |"
		print row
	}
}

function failures(    i)
{
	if (!n_failures)
		print "No call failed."
	for (i = 1; i <= n_failures; i++)
		print "- " failure[i]
}

function readable(name,    ok)
{
	ok = (getline line < (dir "/" name)) > 0
	close(dir "/" name)
	return ok
}

/^@if / {
	skip = !have[$2]
	next
}
/^@end$/ {
	skip = 0
	next
}
skip { next }
/^@others / {
	others()
	next
}
/^@table / {
	shown[$2] = 1
	table()
	next
}
/^@memory$/ {
	memory_table()
	next
}
/^@rates$/ {
	rates_table()
	next
}
/^@load$/ {
	load_table()
	next
}
/^@sizes / {
	sizes_table($2)
	next
}
/^@growth / {
	growth($2)
	next
}
/^@failures$/ {
	failures()
	next
}
/^@picture / {
	name = $2
	sub(/^@picture [^ ]+ /, "")
	picture(name, $0)
	next
}
{
	while (match($0, /@\{[^}]*\}/))
		$0 = substr($0, 1, RSTART - 1) \
			value(substr($0, RSTART + 2, RLENGTH - 3)) \
			substr($0, RSTART + RLENGTH)
	print
}

# SPDX-License-Identifier: GPL-2.0-or-later
#
# summary - calls.csv to quartiles
#
#	awk -f quartiles.awk -f summary.awk labels.tsv calls.csv >summary.csv
#
# Rows: set-up, measurements, failures, metric, lower quartile, median, upper
# quartile, the greatest. Warm-up calls and calls that failed have no part in them.

FILENAME ~ /labels/ {
	split($0, f, "\t")
	order[++n_setups] = f[1]
	next
}
FNR == 1 {
	n_columns = split($0, name, ",")
	next
}
{
	split($0, v, ",")
	if (v[3] == "warm-up")
		next
	if (v[3] != "ok") {
		# that of the memory is no call of these
		failed[v[1]] += v[2] != "memory"
		next
	}
	n[v[1]]++
	for (c = 4; c < n_columns; c++)
		value[v[1], c, n[v[1]]] = v[c]
}

END {
	print "setup,n,failed,metric,q1,median,q3,max"
	for (i = 1; i <= n_setups; i++) {
		key = order[i]
		if (!n[key] && failed[key])
			printf "%s,0,%d,none,,,,\n", key, failed[key]
		if (!n[key])
			continue
		for (c = 4; c < n_columns; c++) {
			k = n[key]
			for (j = 1; j <= k; j++)
				s[j] = value[key, c, j] + 0
			sort(s, k)
			printf "%s,%d,%d,%s,%.3f,%.3f,%.3f,%.3f\n", key, k,
				failed[key], name[c], quantile(s, .25, k),
				quantile(s, .5, k), quantile(s, .75, k), s[k]
		}
	}
}

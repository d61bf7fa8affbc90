# SPDX-License-Identifier: GPL-2.0-or-later
#
# load - of rates.csv, the most that each set-up of the figure load can do
#
#	awk -f quartiles.awk -f load.awk labels.tsv rates.csv >load.tsv
#
# Rows: set-up, label, the lowest rate, quartiles of the CPU a call at that rate;
# the highest rate that went (0: none), the lowest above it that didn't (0: none);
# at the highest: quartiles and 95 % of set-up times, CPU a call, per cent of its
# time that the generator was at work.

FILENAME ~ /labels/ {
	split($0, f, "\t")
	label[f[1]] = f[2]
	order[++n_setups] = f[1]
	next
}
!/^load\./ { next }
{
	split($0, v, ",")
	key = v[1]
	rate = v[2] + 0
	if (!(key in least)) {
		least[key] = rate
		most[key] = 0
	}
	if (v[5] != "ok") {
		failed[key, ++n_failed[key]] = rate
		next
	}
	if (rate == least[key])
		cpu[key, ++n_cpu[key]] = v[12] + 0
	if (rate >= most[key]) {
		most[key] = rate
		at_most[key] = v[6] "\t" v[7] "\t" v[8] "\t" v[9] "\t" v[12] \
			"\t" v[13]
	}
}

function lowest_failed(key,    i, low)
{
	for (i = 1; i <= n_failed[key]; i++)
		if (failed[key, i] > most[key] &&
		    (!low || failed[key, i] < low))
			low = failed[key, i]
	return low + 0
}

END {
	for (i = 1; i <= n_setups; i++) {
		key = order[i]
		if (!(key in least))
			continue
		k = n_cpu[key] + 0
		for (j = 1; j <= k; j++)
			s[j] = cpu[key, j]
		sort(s, k)
		printf "%s\t%s\t%d\t%s\t%s\t%s\t%d\t%d\t%s\n", key, label[key],
			least[key], quantile(s, .25, k), quantile(s, .5, k),
			quantile(s, .75, k), most[key], lowest_failed(key),
			at_most[key]
	}
}

# SPDX-License-Identifier: GPL-2.0-or-later
#
# quartiles - for the other files: of s[1] to s[k]

function sort(s, k,    i, j, x)
{
	for (i = 2; i <= k; i++) {
		x = s[i]
		for (j = i - 1; j >= 1 && s[j] > x; j--)
			s[j + 1] = s[j]
		s[j + 1] = x
	}
}

# Interpolated between the sorted values.
function quantile(s, q, k,    at, low)
{
	at = q * (k - 1) + 1
	low = int(at)
	if (low >= k)
		return s[k]
	return s[low] + (at - low) * (s[low + 1] - s[low])
}

# SPDX-License-Identifier: GPL-2.0-or-later
#
# One profile of callgrind's: instructions by part, PART COUNT a line. Our own
# program's parts are the directories of daemon/, the others are libraries.

# A name stands where it comes first, and then its number only.
function named(kind, text,   id) {
	id = kind substr(text, 1, index(text, ")"))
	sub(/^\([0-9]+\) ?/, "", text)
	if (text != "")
		name[id] = text
	return name[id]
}

function part(   p) {
	p = object ~ /\/core$/ ? file : object
	if (sub(/.*\/daemon\//, "", p))
		sub(/\/.*/, "", p)
	else if (object ~ /\/core$/)
		p = "bench"
	else if (sub(/.*\/lib/, "lib", p))
		sub(/[-.0-9]*\.so.*/, "", p)
	else
		p = "other"
	return p
}

/^ob=/ { object = named("o", substr($0, 4)) }
/^fl=/ { file = named("f", substr($0, 4)) }
/^cob=/ { named("o", substr($0, 5)) }
/^f[ie]=/ { named("f", substr($0, 4)) }
/^cf[il]=/ { named("f", substr($0, 5)) }
# the line behind it is what was called, and counted there
/^calls=/ { called = 1; next }
/^[-+*0-9]/ {
	if (!called)
		n[part()] += $2
	called = 0
}

END {
	for (p in n)
		print p, n[p]
}

# shellcheck shell=bash disable=SC2034
# SPDX-License-Identifier: GPL-2.0-or-later
about="RSA keys of 3072 bits: the daemon warns at its start, and the call is made"
points="10"
uas=sipp
options=(--key rsa3072 --proxy-opt noauth)

scenario()
{
	local g phone wire

	for g in "$GUARD_A" "$GUARD_B"; do
		grep -q 'RSA of 3072 bits.*Ed25519' "$(proc_log sipseald "$g")" ||
			wrong "the daemon in $g does not warn of its key"
	done
	do_call call
	# what it warns of: twice the growth that an Ed25519 key makes
	phone=$(value_of caller-phone octets request method=INVITE)
	wire=$(value_of caller-wire octets request method=INVITE \
		'Authorization~^PGP ')
	result growth $((wire - phone))
	[ $((wire - phone)) -gt 800 ] ||
		wrong "an INVITE grows by only $((wire - phone)) octets"
}

# Nothing to say about a small key.
twin_options=(--proxy-opt noauth)

twin()
{
	local g

	for g in "$GUARD_A" "$GUARD_B"; do
		! grep -q RSA "$(proc_log sipseald "$g")" ||
			wrong "the daemon in $g warns of an Ed25519 key"
	done
	do_call call
}

# shellcheck shell=bash disable=SC2034
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck source=netns-testbed/scenarios/passphrase.sh
. "$SCENARIOS/passphrase.sh"
about="a key with a passphrase, engine gpgme: nobody answers, then a pinentry does"
options=(--policy 'eager = false' --conf 'sign-engine = gpgme'
	--conf 'crypto-timeout = 8000')

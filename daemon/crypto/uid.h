/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * uid - the SIP URI that an OpenPGP user ID names.
 *
 *	Alice <sip:alice@example.org>	sip:alice@example.org
 *	Alice <alice@example.org>	sip:alice@example.org
 *	sip:alice@example.org		sip:alice@example.org
 *	alice@example.org		sip:alice@example.org
 *	<sip:example.org>		sip:example.org, a domain
 *	<tel:+4930123>			tel:+4930123
 *
 * A user ID is free text that its owner chose and somebody certified after a
 * glance: what can be read in two ways names nobody.
 *
 * Pure. Internal to crypto/.
 */
#ifndef CRYPTO_UID_H
#define CRYPTO_UID_H

#include "codec/sipuri.h"

/* 0 and the canonical form; EINVAL (out is ""). */
int uid_canonical(char out[SIPURI_MAX], struct span uid);

#endif

# shellcheck shell=bash disable=SC2034
# SPDX-License-Identifier: GPL-2.0-or-later
about="the proxy takes a Digest nonce for one request only"
options=(--proxy-opt otn)

scenario()
{
	do_call call
}

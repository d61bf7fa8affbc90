# shellcheck shell=bash disable=SC2034
# SPDX-License-Identifier: GPL-2.0-or-later
about="the proxy asks for new Digest credentials when the INVITE is retried"
options=(--proxy-opt nc)

scenario()
{
	do_call call
}

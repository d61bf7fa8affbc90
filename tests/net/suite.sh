#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The testbed's scenarios.
cd "$(dirname "$0")/../.." || exit 1
exec netns-testbed/testbed suite

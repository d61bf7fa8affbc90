// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/stats.h"

#define STATS_NAME(name, what) { #name, what, offsetof(struct stats, name) },

const struct stats_name stats_names[] = { STATS_LIST(STATS_NAME) };
const size_t stats_count = sizeof(stats_names) / sizeof(*stats_names);

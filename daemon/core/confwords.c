/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/confwords.h"

#include "core/conf.h"

const struct word conf_roles[] = { { "endpoint", ROLE_ENDPOINT },
				   { "proxy", ROLE_PROXY },
				   { 0 } };
const struct word conf_modes[] = { { "observe", MODE_OBSERVE },
				   { "permissive", MODE_PERMISSIVE },
				   { "enforce", MODE_ENFORCE },
				   { 0 } };
const struct word conf_unknown_keys[] = { { "reject", UNKNOWN_REJECT },
					  { "pass-marked",
					    UNKNOWN_PASS_MARKED },
					  { "tofu", UNKNOWN_TOFU },
					  { 0 } };
const struct word conf_failures[] = { { "pass", UNSIGNED_PASS },
				      { "hold", UNSIGNED_HOLD },
				      { "drop", UNSIGNED_DROP },
				      { 0 } };
const struct word conf_provisionals[] = { { "drop", PROVISIONAL_DROP },
					  { "bare", PROVISIONAL_BARE },
					  { "pass", PROVISIONAL_PASS },
					  { 0 } };
const struct word conf_no_keys[] = { { "pass-unsigned", NO_KEY_PASS },
				     { "reject", NO_KEY_REJECT },
				     { 0 } };
const struct word conf_covers[] = { { "full", 0 }, { "nat", 1 }, { 0 } };
const struct word conf_logs[] = { { "stderr", 0 }, { "syslog", 1 }, { 0 } };
const struct word conf_levels[] = {
	{ "warn", 0 }, { "info", 1 }, { "debug", 2 }, { 0 }
};
const struct word conf_sign_engines[] = {
	{ "gpgme", 0 }, { "agent", 0 }, { "fast", 0 }, { 0 }
};
const struct word conf_verify_engines[] = { { "gpgme", 0 },
					    { "fast", 0 },
					    { 0 } };

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* confwords - the words that options take, and what they stand for. */
#ifndef CORE_CONFWORDS_H
#define CORE_CONFWORDS_H

/* A table ends with a NULL name. */
struct word {
	const char *name;
	int value;
};

extern const struct word conf_roles[], conf_modes[], conf_unknown_keys[],
	conf_failures[], conf_provisionals[], conf_no_keys[], conf_covers[],
	conf_logs[], conf_levels[], conf_sign_engines[], conf_verify_engines[];

#endif

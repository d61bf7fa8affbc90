/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A configuration as one could write it, with every option. */
#include "core/conf.h"

#include <stdio.h>

#include "core/confwords.h"

static const char *word(const struct word *words, int value)
{
	while (words->name && words->value != value)
		words++;
	return words->name ? words->name : "?";
}

static const char *yes(bool b)
{
	return b ? "true" : "false";
}

static void print_policy(const struct policy *p)
{
	char addr[ADDR_STR_MAX] = "";

	printf("peer \"%s\" {\n", p->pattern);
	if (p->by_addr) {
		addr_str(&p->addr.addr, addr);
		printf("\taddress = \"%s/%u\"\n", addr, p->addr.bits);
	}
	printf("\tmode = \"%s\"\n", word(conf_modes, p->mode));
	printf("\tsign = %s\n", yes(p->sign));
	printf("\teager = %s\n", yes(p->eager));
	printf("\trealm = \"%s\"\n", p->realm);
	printf("\tchallenge-unmarked = %s\n", yes(p->challenge_unmarked));
	printf("\tunknown-key = \"%s\"\n",
	       word(conf_unknown_keys, p->unknown_key));
	printf("\tno-key = \"%s\"\n", word(conf_no_keys, p->no_key));
	printf("\tunsigned-provisional = \"%s\"\n",
	       word(conf_provisionals, p->provisional));
	printf("\tunsigned-redirects = %s\n", yes(p->redirects));
	printf("\tunsigned-failures = \"%s\"\n",
	       word(conf_failures, p->failures));
	printf("\tunsigned-registrar = %s\n", yes(p->registrar_unsigned));
	printf("\tdomain-keys = %s\n", yes(p->domain_keys));
	printf("\tcover = \"%s\"\n}\n", word(conf_covers, p->cover_nat));
}

static void print_lists(const struct conf *c)
{
	char addr[ADDR_STR_MAX];

	printf("sign-realms = {");
	for (size_t i = 0; i < c->n_sign_realms; i++)
		printf("%s\"%s\"", i ? ", " : "", c->sign_realm[i]);
	printf("}\ncancel-from = {");
	for (size_t i = 0; i < c->n_cancel_addrs; i++)
		printf("%s\"%s/%u\"", i ? ", " : "",
		       addr_str(&c->cancel_addr[i].addr, addr),
		       c->cancel_addr[i].bits);
	printf("}\ncancel-by = {");
	for (size_t i = 0; i < c->n_cancel_ids; i++)
		printf("%s\"%s\"", i ? ", " : "", c->cancel_id[i]);
	printf("}\n");
}

void conf_print(const struct conf *c)
{
	printf("realm = \"%s\"\nrole = \"%s\"\n", c->realm,
	       word(conf_roles, (int)c->role));
	printf("queue-out = %u\nqueue-in = %u\nqueue-length = %u\n",
	       c->queue_out, c->queue_in, c->queue_length);
	printf("fail-open = %s\nmark = %u\nuser = \"%s\"\n", yes(c->fail_open),
	       c->mark, c->user);
	printf("gnupg-home = \"%s\"\nstate-dir = \"%s\"\ncontrol = \"%s\"\n",
	       c->gnupg_home, c->state_dir, c->control);
	printf("capture = \"%s\"\nheader-name = \"%s\"\n", c->capture,
	       c->header_name);
	printf("log = \"%s\"\nlog-level = \"%s\"\n",
	       word(conf_logs, c->log_syslog), word(conf_levels, c->log_level));
	printf("sign-engine = \"%s\"\nverify-engine = \"%s\"\n", c->sign_engine,
	       c->verify_engine);
	printf("crypto-timeout = %u\ncrypto-limit = %u\n", c->crypto_timeout_ms,
	       c->crypto_limit);
	printf("keyring-timeout = %u\n", c->keyring_timeout_s);
	printf("nonce-lifetime = %u\nclock-skew = %u\nhold = %u\n",
	       c->nonce_lifetime_s, c->clock_skew_s, c->hold_ms);
	printf("dialog-lifetime = %u\nmax-records = %u\nstate-size = %u\n",
	       c->dialog_lifetime_s, c->max_records, c->state_mb);
	print_lists(c);
	for (size_t i = 0; i < c->n_policies; i++)
		print_policy(&c->policy[i]);
	for (size_t i = 0; i < c->n_identities; i++) {
		const struct identity *id = &c->identity[i];

		printf("identity \"%s\" {\n\tkey = \"%s\"\n"
		       "\tsigned-by = \"%s\"\n}\n",
		       id->pattern, id->fpr, id->signed_by);
	}
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * conf - the configuration file (sipseald.conf(5)), read with libconfuse, and
 * the policy in it. The only file that knows libconfuse is conf.c.
 *
 * A struct conf is read-only once loaded. Policy questions are pure functions.
 */
#ifndef CORE_CONF_H
#define CORE_CONF_H

#include "base/addr.h"
#include "codec/pgpauth.h"
#include "codec/sipuri.h"

enum conf_role { ROLE_ENDPOINT, ROLE_PROXY };
enum conf_mode {
	MODE_OBSERVE,
	MODE_PERMISSIVE,
	MODE_ENFORCE
}; /* ever stricter */
enum conf_unknown_key { UNKNOWN_REJECT, UNKNOWN_PASS_MARKED, UNKNOWN_TOFU };
enum conf_unsigned { UNSIGNED_PASS, UNSIGNED_HOLD, UNSIGNED_DROP };
enum conf_provisional { PROVISIONAL_DROP, PROVISIONAL_BARE, PROVISIONAL_PASS };
enum conf_no_key { NO_KEY_PASS, NO_KEY_REJECT };

/* What holds towards one set of peers; the first section that fits wins. */
struct policy {
	char pattern[SIPURI_MAX]; /* of the peer's URI; "*" fits all */
	bool by_addr;		  /* and/or its address */
	struct addr_prefix addr;
	enum conf_mode mode;		   /* mode */
	bool sign;			   /* sign = true */
	bool eager;			   /* eager = true */
	char realm[PGP_REALM_MAX];	   /* realm = "": learned */
	bool challenge_unmarked;	   /* challenge-unmarked = false */
	enum conf_unknown_key unknown_key; /* unknown-key = reject */
	enum conf_no_key no_key;	   /* no-key = pass-unsigned */
	enum conf_provisional provisional; /* unsigned-provisional = drop */
	bool redirects;			   /* unsigned-redirects = false */
	enum conf_unsigned failures;	   /* unsigned-failures = hold */
	bool domain_keys;		   /* domain-keys = false */
	bool registrar_unsigned;	   /* unsigned-registrar = true:
					      2xx to REGISTER, OPTIONS,
					      PUBLISH may be unsigned if
					      these were so too */
	bool cover_nat;			   /* cover = full | nat */
};

struct identity {
	char pattern[SIPURI_MAX];
	char fpr[PGP_REALM_MAX];    /* key */
	char signed_by[SIPURI_MAX]; /* signed-by = "": the From URI */
};

#define CONF_LIST_MAX 64

struct conf {
	char file[256];
	char realm[PGP_REALM_MAX]; /* default: the host's name */
	enum conf_role role;
	uint16_t queue_out, queue_in; /* 5060, 5061 */
	uint32_t queue_length;	      /* packets in the kernel: 4096 */
	bool fail_open;		      /* false */
	uint32_t mark;		      /* of injected packets: 0x5349 */
	char user[64];		      /* "sipseal" */
	char gnupg_home[256];	      /* /var/lib/sipseal/gnupg */
	char state_dir[256];	      /* /var/lib/sipseal/state */
	char control[104];	      /* /run/sipseal/control */
	char capture[256];	      /* pcap of what was dropped; "": none */
	char header_name[64];	      /* "": the standard fields */
	bool log_syslog;
	int log_level;

	char sign_engine[16], verify_engine[16];
	uint32_t crypto_timeout_ms; /* 2000 */
	uint32_t crypto_limit;	    /* jobs under way: 1024 */
	uint32_t keyring_timeout_s; /* 60: for gpg to list it */

	uint32_t nonce_lifetime_s;  /* 60: challenge answered within */
	uint32_t clock_skew_s;	    /* 60: own nonces, past and future */
	uint32_t hold_ms;	    /* 2000: unsigned failures */
	uint32_t dialog_lifetime_s; /* 43200: since the last message */
	uint32_t max_records;	    /* each table: 1048576 */
	uint32_t state_mb;	    /* 4096: address space, not memory */

	size_t n_policies; /* the last one is the default: "*" */
	struct policy policy[CONF_LIST_MAX];
	size_t n_identities;
	struct identity identity[CONF_LIST_MAX];
	size_t n_cancel_addrs; /* CANCELs pass from these: cancel-from */
	struct addr_prefix cancel_addr[CONF_LIST_MAX];
	size_t n_cancel_ids; /* … or signed by these: cancel-by (patterns) */
	char cancel_id[CONF_LIST_MAX][SIPURI_MAX];
	size_t n_sign_realms; /* patterns of realms that are signed for */
	char sign_realm[CONF_LIST_MAX][PGP_REALM_MAX]; /* default "*" */
};

/*
 * Read and check. 0; EINVAL with one line "FILE:LINE: what is wrong" for each
 * fault, in their order, through report (or the log when NULL); the errno of
 * reading with one line "FILE: why", *c is all defaults then. One at a time.
 */
int conf_load(struct conf *c, const char *file,
	      void (*report)(const char *line));

/* All defaults, as an empty file gives them. */
void conf_defaults(struct conf *c);

/*
 * The policy for a peer: its canonical URI ("" when there is none) and the
 * address on the other end of the packet (NULL: none). Never NULL.
 */
const struct policy *conf_policy(const struct conf *c, const char *uri,
				 const struct addr *addr);

/* The mode of the policy that lets most pass; of the one that lets least. */
enum conf_mode conf_loosest(const struct conf *c);
enum conf_mode conf_strictest(const struct conf *c);

/* The identity section for a local URI, or NULL. */
const struct identity *conf_identity(const struct conf *c, const char *uri);

bool conf_signs_for_realm(const struct conf *c, const char *realm);

/*
 * A pattern of URIs as it is written ("*", "sips:*@EXAMPLE.org", "tel:+49*") in
 * the form that sipuri_match() takes. false, *out "": it is none.
 */
bool conf_pattern(char out[SIPURI_MAX], const char *text);

/* Can stand between quotes in the file: printable ASCII, no quote, no
 * backslash, no ${ */
bool conf_plain(const char *text);

/* As a configuration file that gives the same struct (for -nv). */
void conf_print(const struct conf *c);

#endif

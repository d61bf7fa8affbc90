/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The schema is libconfuse's table; what it can't say (words, ranges, patterns)
 * is checked option by option afterwards, so that each fault is found with its
 * line, and all of them in one run.
 */
#include "core/conf.h"

#include <confuse.h>
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "core/conftext.h"

/* ---- words ---- */

struct word {
	const char *name;
	int value;
};

static const struct word roles[] = { { "endpoint", ROLE_ENDPOINT },
				     { "proxy", ROLE_PROXY },
				     { 0 } };
static const struct word modes[] = { { "observe", MODE_OBSERVE },
				     { "permissive", MODE_PERMISSIVE },
				     { "enforce", MODE_ENFORCE },
				     { 0 } };
static const struct word unknown_keys[] = {
	{ "reject", UNKNOWN_REJECT },
	{ "pass-marked", UNKNOWN_PASS_MARKED },
	{ "tofu", UNKNOWN_TOFU },
	{ 0 }
};
static const struct word failures[] = { { "pass", UNSIGNED_PASS },
					{ "hold", UNSIGNED_HOLD },
					{ "drop", UNSIGNED_DROP },
					{ 0 } };
static const struct word provisionals[] = { { "drop", PROVISIONAL_DROP },
					    { "bare", PROVISIONAL_BARE },
					    { "pass", PROVISIONAL_PASS },
					    { 0 } };
static const struct word no_keys[] = { { "pass-unsigned", NO_KEY_PASS },
				       { "reject", NO_KEY_REJECT },
				       { 0 } };
static const struct word covers[] = { { "full", 0 }, { "nat", 1 }, { 0 } };
static const struct word logs[] = { { "stderr", 0 }, { "syslog", 1 }, { 0 } };
static const struct word levels[] = { { "warn", 0 },
				      { "info", 1 },
				      { "debug", 2 },
				      { 0 } };
static const struct word engines[] = { { "gpgme", 0 }, { 0 } };

/* ---- the schema ---- */

static cfg_opt_t peer_opts[] = {
	CFG_STR("address", "", CFGF_NONE),
	CFG_STR("mode", "enforce", CFGF_NONE),
	CFG_BOOL("sign", cfg_true, CFGF_NONE),
	CFG_BOOL("eager", cfg_true, CFGF_NONE),
	CFG_STR("realm", "", CFGF_NONE),
	CFG_BOOL("challenge-unmarked", cfg_false, CFGF_NONE),
	CFG_STR("unknown-key", "reject", CFGF_NONE),
	CFG_STR("no-key", "pass-unsigned", CFGF_NONE),
	CFG_STR("unsigned-provisional", "drop", CFGF_NONE),
	CFG_BOOL("unsigned-redirects", cfg_false, CFGF_NONE),
	CFG_STR("unsigned-failures", "hold", CFGF_NONE),
	CFG_BOOL("unsigned-registrar", cfg_true, CFGF_NONE),
	CFG_BOOL("domain-keys", cfg_false, CFGF_NONE),
	CFG_STR("cover", "full", CFGF_NONE),
	CFG_END()
};

static cfg_opt_t identity_opts[] = {
	CFG_STR("key", "", CFGF_NONE),
	CFG_STR("signed-by", "", CFGF_NONE),
	CFG_END()
};

/* libconfuse takes defaults of lists as char *. */
static char list_any[] = "{\"*\"}", list_none[] = "{}";

static cfg_opt_t opts[] = {
	CFG_STR("realm", "", CFGF_NONE),
	CFG_STR("role", "endpoint", CFGF_NONE),
	CFG_INT("queue-out", 5060, CFGF_NONE),
	CFG_INT("queue-in", 5061, CFGF_NONE),
	CFG_INT("queue-length", 4096, CFGF_NONE),
	CFG_BOOL("fail-open", cfg_false, CFGF_NONE),
	CFG_INT("mark", 0x5349, CFGF_NONE),
	CFG_STR("user", "sipseal", CFGF_NONE),
	CFG_STR("gnupg-home", "/var/lib/sipseal/gnupg", CFGF_NONE),
	CFG_STR("state-dir", "/var/lib/sipseal/state", CFGF_NONE),
	CFG_STR("control", "/run/sipseal/control", CFGF_NONE),
	CFG_STR("capture", "", CFGF_NONE),
	CFG_STR("header-name", "", CFGF_NONE),
	CFG_STR("log", "stderr", CFGF_NONE),
	CFG_STR("log-level", "info", CFGF_NONE),
	CFG_STR("sign-engine", "gpgme", CFGF_NONE),
	CFG_STR("verify-engine", "gpgme", CFGF_NONE),
	CFG_INT("crypto-timeout", 2000, CFGF_NONE),
	CFG_INT("crypto-limit", 1024, CFGF_NONE),
	CFG_INT("nonce-lifetime", 60, CFGF_NONE),
	CFG_INT("clock-skew", 60, CFGF_NONE),
	CFG_INT("hold", 2000, CFGF_NONE),
	CFG_INT("dialog-lifetime", 43200, CFGF_NONE),
	CFG_INT("max-records", 1048576, CFGF_NONE),
	CFG_INT("state-size", 4096, CFGF_NONE),
	CFG_STR_LIST("sign-realms", list_any, CFGF_NONE),
	CFG_STR_LIST("cancel-from", list_none, CFGF_NONE),
	CFG_STR_LIST("cancel-by", list_none, CFGF_NONE),
	CFG_SEC("peer", peer_opts, CFGF_MULTI | CFGF_TITLE),
	CFG_SEC("identity", identity_opts, CFGF_MULTI | CFGF_TITLE),
	CFG_END()
};

/* ---- faults ---- */

#define FAULTS_MAX 64
#define SEEN_MAX   2048

/*
 * libconfuse's callbacks have no argument for their user, so what is under way
 * stands here: one file is read at a time.
 */
static struct {
	struct conf *conf;
	const char *file;
	struct conftext *text;
	size_t n_sections; /* closed so far */

	size_t n_faults;
	struct fault {
		int line;
		char text[400];
	} fault[FAULTS_MAX];

	/* Where values were set: libconfuse doesn't keep it. */
	size_t n_seen;
	struct seen {
		const cfg_opt_t *opt;
		const cfg_value_t *value;
		int line;
	} seen[SEEN_MAX];

	bool stumbled; /* libconfuse has stopped, and why: */
	struct fault syntax;
} reading;

static void fault(int line, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
static void fault(int line, const char *fmt, ...)
{
	struct fault *f;
	va_list ap;

	if (reading.n_faults == FAULTS_MAX)
		return;
	f = &reading.fault[reading.n_faults++];
	f->line = line;
	va_start(ap, fmt);
	vsnprintf(f->text, sizeof(f->text), fmt, ap);
	va_end(ap);
}

static int by_line(const void *a, const void *b)
{
	const struct fault *x = a, *y = b;

	if (x->line != y->line)
		return x->line < y->line ? -1 : 1;
	return x < y ? -1 : x > y;
}

static void tell(const char *line, void (*report)(const char *line))
{
	if (report)
		report(line);
	else
		log_warnx("%s", line);
}

static void tell_faults(void (*report)(const char *line))
{
	char line[800];

	qsort(reading.fault, reading.n_faults, sizeof(*reading.fault), by_line);
	for (size_t i = 0; i < reading.n_faults; i++) {
		snprintf(line, sizeof(line), "%s:%d: %s", reading.file,
			 reading.fault[i].line, reading.fault[i].text);
		tell(line, report);
	}
}

/*
 * What libconfuse says. It notices that something is missing at the next token,
 * which may stand lines below.
 */
static void on_stumble(cfg_t *cfg, const char *fmt, va_list ap)
{
	struct fault *f = &reading.syntax;
	const char *name, *end;

	if (reading.stumbled)
		return;
	reading.stumbled = true;
	vsnprintf(f->text, sizeof(f->text), fmt, ap);
	f->line = cfg ? cfg->line : 1;
	name = strchr(f->text, '\'');
	end = name ? strchr(name + 1, '\'') : NULL;
	if (end && !strncmp(f->text, "missing", 7)) {
		char word[64];

		span_copy(word, sizeof(word),
			  span_make(name + 1, (size_t)(end - name - 1)));
		f->line = conftext_line_of(reading.text, word, f->line);
	}
}

/* ---- lines ---- */

static const struct seen *seen_last(const cfg_opt_t *o, const cfg_value_t *v)
{
	for (size_t i = reading.n_seen; i-- > 0;) {
		const struct seen *s = &reading.seen[i];

		if (s->opt == o && (!v || s->value == v))
			return s;
	}
	return NULL;
}

/* libconfuse has set an option, or has closed a list. */
static int on_value(cfg_t *cfg, cfg_opt_t *o)
{
	const cfg_value_t *v = o->nvalues ? o->values[o->nvalues - 1] : NULL;
	bool list = o->flags & CFGF_LIST;
	const struct seen *s = seen_last(o, list ? v : NULL);

	if (s && !list)
		fault(cfg->line, "%s is set a second time, first in line %d",
		      o->name, s->line);
	if (s || reading.n_seen == SEEN_MAX)
		return 0;
	reading.seen[reading.n_seen++] = (struct seen){ o, v, cfg->line };
	return 0;
}

static int option_line(cfg_t *c, const char *name)
{
	const struct seen *s = seen_last(cfg_getopt(c, name), NULL);

	return s ? s->line : c->line;
}

static int entry_line(cfg_t *c, const char *name, unsigned int i)
{
	const cfg_opt_t *o = cfg_getopt(c, name);
	const struct seen *s = seen_last(o, o->values[i]);

	return s ? s->line : c->line;
}

/* ---- values ---- */

static int get_word(cfg_t *c, const char *opt, const struct word *words)
{
	const char *s = cfg_getstr(c, opt);
	char all[200] = "";

	for (const struct word *w = words; w->name; w++) {
		if (!strcmp(w->name, s))
			return w->value;
		snprintf(all + strlen(all), sizeof(all) - strlen(all), "%s\"%s\"",
			 all[0] ? ", " : "", w->name);
	}
	fault(option_line(@, opt), "%s is \"%s\", must be one of %s", opt,
	      s, all);
	return words[0].value;
}

static uint32_t get_int(cfg_t *c, const char *opt, long min, long max)
{
	long v = cfg_getint(c, opt);

	if (v < min || v > max) {
		fault(option_line(@, opt),
		      "%s is %ld, must be from %ld to %ld", opt, v, min, max);
		v = min;
	}
	return (uint32_t)v;
}

static void get_str(cfg_t *c, const char *opt, char *out, size_t cap)
{
	const char *s = cfg_getstr(c, opt);

	if (strlen(s) >= cap) {
		fault(option_line(@, opt),
		      "%s is longer than %zu characters", opt, cap - 1);
		s = "";
	}
	snprintf(out, cap, "%s", s);
}

static bool plain(const char *s)
{
	for (; *s; s++)
		if (*s < ' ' || *s > '~' || *s == '"' || *s == '\\')
			return false;
	return true;
}

static void get_plain(cfg_t *c, const char *opt, char *out, size_t cap)
{
	get_str(c, opt, out, cap);
	if (!plain(out))
		fault(option_line(@, opt),
		      "%s holds a quote, a backslash or what is no ASCII", opt);
}

static void get_path(cfg_t *c, const char *opt, char *out, size_t cap)
{
	get_str(c, opt, out, cap);
	if (out[0] && out[0] != '/')
		fault(option_line(@, opt),
		      "%s is \"%s\", must be an absolute path", opt, out);
}

/* "*", "sip:…*…", "tel:…": a canonical URI with stars in it. */
static bool pattern_ok(const char *s)
{
	return plain(s) && (!strcmp(s, "*") || !strncmp(s, "sip:", 4) ||
			    !strncmp(s, "tel:", 4));
}

static bool token_ok(const char *s)
{
	for (; *s; s++)
		if (!isalnum((unsigned char)*s) && !strchr("-.!%*_+`'~", *s))
			return false;
	return true;
}

static bool hex40(const char *s)
{
	return strlen(s) == 40 && strspn(s, "0123456789ABCDEFabcdef") == 40;
}

static bool holds_host(const char *realm)
{
	return strpbrk(realm, ".:") || !strcmp(realm, "localhost");
}

/* ---- sections ---- */

static void read_peer(struct conf *c, cfg_t *s)
{
	struct policy *p = &c->policy[c->n_policies++];
	const char *title = cfg_title(s), *addr = cfg_getstr(s, "address");

	memset(p, 0, sizeof(*p));
	if (strlen(title) >= sizeof(p->pattern) || !pattern_ok(title))
		fault(s->line,
		      "peer \"%s\": must be \"*\" or a URI with stars, like "
		      "\"sip:*@example.org\"",
		      title);
	snprintf(p->pattern, sizeof(p->pattern), "%s", title);
	p->by_addr = addr[0];
	if (addr[0] && addr_prefix_parse(addr, &p->addr))
		fault(option_line(@, "address"),
		      "address is \"%s\", must be like 192.0.2.0/24 or "
		      "2001:db8::1",
		      addr);
	p->mode = (enum conf_mode)get_word(s, "mode", modes);
	p->sign = cfg_getbool(s, "sign");
	p->eager = cfg_getbool(s, "eager");
	get_plain(s, "realm", p->realm, sizeof(p->realm));
	p->challenge_unmarked = cfg_getbool(s, "challenge-unmarked");
	p->unknown_key = (enum conf_unknown_key)get_word(s, "unknown-key",
							 unknown_keys);
	p->no_key = (enum conf_no_key)get_word(s, "no-key", no_keys);
	p->provisional = (enum conf_provisional)get_word(
		s, "unsigned-provisional", provisionals);
	p->redirects = cfg_getbool(s, "unsigned-redirects");
	p->failures = (enum conf_unsigned)get_word(s, "unsigned-failures",
						   failures);
	p->registrar_unsigned = cfg_getbool(s, "unsigned-registrar");
	p->domain_keys = cfg_getbool(s, "domain-keys");
	p->cover_nat = get_word(s, "cover", covers);
}

static bool is_default(const struct policy *p)
{
	return !strcmp(p->pattern, "*") && !p->by_addr;
}

static void read_peers(struct conf *c, cfg_t *cfg)
{
	size_t n = cfg_size(cfg, "peer");

	c->n_policies = 0;
	for (size_t i = 0; i < n; i++) {
		cfg_t *s = cfg_getnsec(cfg, "peer", (unsigned int)i);

		if (c->n_policies == CONF_LIST_MAX - 1) {
			fault(s->line, "more than %d peer sections",
			      CONF_LIST_MAX - 1);
			return;
		}
		if (c->n_policies && is_default(&c->policy[c->n_policies - 1]))
			fault(s->line, "peer \"%s\" is never reached: the "
				       "section \"*\" above it fits everybody",
			      cfg_title(s));
		read_peer(c, s);
	}
}

static void read_identity(struct conf *c, cfg_t *s)
{
	struct identity *id = &c->identity[c->n_identities++];
	const char *title = cfg_title(s), *key = cfg_getstr(s, "key");
	const char *by = cfg_getstr(s, "signed-by");

	memset(id, 0, sizeof(*id));
	if (strlen(title) >= sizeof(id->pattern) || !pattern_ok(title))
		fault(s->line,
		      "identity \"%s\": must be \"*\" or a URI with stars",
		      title);
	snprintf(id->pattern, sizeof(id->pattern), "%s", title);
	if (!hex40(key))
		fault(option_line(@, "key"),
		      "key is \"%s\", must be a fingerprint of 40 hex digits "
		      "(gpg --list-secret-keys)",
		      key);
	for (size_t i = 0; i < 40 && key[i]; i++)
		id->fpr[i] = (char)toupper((unsigned char)key[i]);
	if (by[0] && sipuri_canonical(id->signed_by, span_str(by)))
		fault(option_line(@, "signed-by"),
		      "signed-by is \"%s\", must be a SIP URI", by);
}

static void read_identities(struct conf *c, cfg_t *cfg)
{
	c->n_identities = 0;
	for (unsigned int i = 0; i < cfg_size(cfg, "identity"); i++) {
		cfg_t *s = cfg_getnsec(cfg, "identity", i);

		if (c->n_identities == CONF_LIST_MAX) {
			fault(s->line, "more than %d identity sections",
			      CONF_LIST_MAX);
			return;
		}
		read_identity(c, s);
	}
}

/* ---- lists ---- */

static unsigned int list_size(cfg_t *cfg, const char *opt)
{
	unsigned int n = cfg_size(cfg, opt);

	if (n <= CONF_LIST_MAX)
		return n;
	fault(option_line(opt, 1), "%s has more than %d entries", opt,
	      CONF_LIST_MAX);
	return CONF_LIST_MAX;
}

static void read_lists(struct conf *c, cfg_t *cfg)
{
	unsigned int n = list_size(cfg, "sign-realms");

	c->n_sign_realms = n;
	for (unsigned int i = 0; i < n; i++)
		snprintf(c->sign_realm[i], sizeof(c->sign_realm[i]), "%s",
			 cfg_getnstr(cfg, "sign-realms", i));
	c->n_cancel_addrs = n = list_size(cfg, "cancel-from");
	for (unsigned int i = 0; i < n; i++) {
		const char *s = cfg_getnstr(cfg, "cancel-from", i);

		if (addr_prefix_parse(s, &c->cancel_addr[i]))
			fault(option_line(@, "cancel-from"),
			      "cancel-from holds \"%s\", must hold addresses "
			      "like 192.0.2.1 or 192.0.2.0/24",
			      s);
	}
	c->n_cancel_ids = n = list_size(cfg, "cancel-by");
	for (unsigned int i = 0; i < n; i++) {
		const char *s = cfg_getnstr(cfg, "cancel-by", i);

		if (strlen(s) >= SIPURI_MAX || !pattern_ok(s))
			fault(option_line(@, "cancel-by"),
			      "cancel-by holds \"%s\", must hold URIs like "
			      "\"sip:proxy.example.org\"",
			      s);
		snprintf(c->cancel_id[i], SIPURI_MAX, "%s", s);
	}
}

/* ---- the whole ---- */

static void default_realm(struct conf *c)
{
	char host[PGP_REALM_MAX] = "";

	if (c->realm[0])
		return;
	if (gethostname(host, sizeof(host) - 1) || !host[0] || !plain(host))
		snprintf(host, sizeof(host), "localhost");
	snprintf(c->realm, sizeof(c->realm), "%s", host);
}

static void read_realm(struct conf *c, cfg_t *cfg)
{
	get_plain(cfg, "realm", c->realm, sizeof(c->realm));
	if (c->realm[0] && !holds_host(c->realm))
		fault(option_line(@, "realm"),
		      "realm is \"%s\", must hold a host name, like "
		      "\"edge.example.org\": realms are unique in the world",
		      c->realm);
	default_realm(c);
}

static void read_top(struct conf *c, cfg_t *cfg)
{
	read_realm(c, cfg);
	c->role = (enum conf_role)get_word(cfg, "role", roles);
	c->queue_out = (uint16_t)get_int(cfg, "queue-out", 0, 65535);
	c->queue_in = (uint16_t)get_int(cfg, "queue-in", 0, 65535);
	if (c->queue_out == c->queue_in)
		fault(option_line(@, "queue-in"),
		      "queue-in and queue-out are the same: the queue tells "
		      "the direction");
	c->queue_length = get_int(cfg, "queue-length", 16, 1048576);
	c->fail_open = cfg_getbool(cfg, "fail-open");
	c->mark = get_int(cfg, "mark", 1, 0xffffffffL);
	get_str(cfg, "user", c->user, sizeof(c->user));
	get_path(cfg, "gnupg-home", c->gnupg_home, sizeof(c->gnupg_home));
	get_path(cfg, "state-dir", c->state_dir, sizeof(c->state_dir));
	get_path(cfg, "control", c->control, sizeof(c->control));
	get_path(cfg, "capture", c->capture, sizeof(c->capture));
	get_str(cfg, "header-name", c->header_name, sizeof(c->header_name));
	if (!token_ok(c->header_name))
		fault(option_line(@, "header-name"),
		      "header-name is \"%s\", must be a header field's name",
		      c->header_name);
	c->log_syslog = get_word(cfg, "log", logs);
	c->log_level = get_word(cfg, "log-level", levels);
	get_word(cfg, "sign-engine", engines);
	get_word(cfg, "verify-engine", engines);
	get_str(cfg, "sign-engine", c->sign_engine, sizeof(c->sign_engine));
	get_str(cfg, "verify-engine", c->verify_engine,
		sizeof(c->verify_engine));
}

static void read_limits(struct conf *c, cfg_t *cfg)
{
	c->crypto_timeout_ms = get_int(cfg, "crypto-timeout", 50, 60000);
	c->crypto_limit = get_int(cfg, "crypto-limit", 1, 65536);
	c->nonce_lifetime_s = get_int(cfg, "nonce-lifetime", 1, 3600);
	c->clock_skew_s = get_int(cfg, "clock-skew", 1, 3600);
	c->hold_ms = get_int(cfg, "hold", 0, 30000);
	c->dialog_lifetime_s = get_int(cfg, "dialog-lifetime", 60, 31536000);
	c->max_records = get_int(cfg, "max-records", 16, 100000000);
	c->state_mb = get_int(cfg, "state-size", 16, 1048576);
}

static void last_policy(struct conf *c)
{
	struct policy *p;

	if (c->n_policies && is_default(&c->policy[c->n_policies - 1]))
		return;
	p = &c->policy[c->n_policies++];
	*p = (struct policy){
		.pattern = "*",
		.mode = MODE_ENFORCE,
		.sign = true,
		.eager = true,
		.failures = UNSIGNED_HOLD,
		.registrar_unsigned = true,
	};
}

static int conf_parse(struct conf *c, const char *file, const char *text)
{
	cfg_t *cfg = cfg_init(opts, CFGF_NONE);
	int rc;

	if (!cfg)
		return ENOMEM;
	cfg_set_error_function(cfg, confuse_fault);
	rc = text ? cfg_parse_buf(cfg, text) : cfg_parse(cfg, file);
	if (rc == CFG_FILE_ERROR) {
		int err = errno ? errno : EIO;

		faults.n++;
		cfg_free(cfg);
		return err;
	}
	memset(c, 0, sizeof(*c));
	snprintf(c->file, sizeof(c->file), "%s", file);
	if (rc == CFG_SUCCESS) {
		read_top(c, cfg);
		read_limits(c, cfg);
		read_lists(c, cfg);
		read_peers(c, cfg);
		read_identities(c, cfg);
		last_policy(c);
	} else if (!faults.n) {
		fault(0, "can't be read");
	}
	cfg_free(cfg);
	return faults.n ? EINVAL : 0;
}

int conf_load(struct conf *c, const char *file,
	      void (*report)(const char *line))
{
	int err;

	faults.file = file;
	faults.report = report;
	faults.n = 0;
	errno = 0;
	err = conf_parse(c, file, NULL);
	if (err && err != EINVAL) {
		char line[400];

		snprintf(line, sizeof(line), "%s: %s", file, strerror(err));
		fault_line(line);
	}
	return err;
}

void conf_defaults(struct conf *c)
{
	faults.file = "";
	faults.report = NULL;
	faults.n = 0;
	conf_parse(c, "", "");
}

/* ---- policy ---- */

const struct policy *conf_policy(const struct conf *c, const char *uri,
				 const struct addr *addr)
{
	for (size_t i = 0; i + 1 < c->n_policies; i++) {
		const struct policy *p = &c->policy[i];

		if (strcmp(p->pattern, "*") != 0 &&
		    !sipuri_match(p->pattern, uri))
			continue;
		if (p->by_addr && !(addr && addr_prefix_holds(&p->addr, addr)))
			continue;
		return p;
	}
	return &c->policy[c->n_policies - 1];
}

const struct identity *conf_identity(const struct conf *c, const char *uri)
{
	for (size_t i = 0; i < c->n_identities; i++)
		if (sipuri_match(c->identity[i].pattern, uri))
			return &c->identity[i];
	return NULL;
}

bool conf_signs_for_realm(const struct conf *c, const char *realm)
{
	for (size_t i = 0; i < c->n_sign_realms; i++)
		if (sipuri_match(c->sign_realm[i], realm))
			return true;
	return false;
}

/* ---- printing ---- */

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
	printf("\tmode = \"%s\"\n", word(modes, p->mode));
	printf("\tsign = %s\n", yes(p->sign));
	printf("\teager = %s\n", yes(p->eager));
	printf("\trealm = \"%s\"\n", p->realm);
	printf("\tchallenge-unmarked = %s\n", yes(p->challenge_unmarked));
	printf("\tunknown-key = \"%s\"\n", word(unknown_keys, p->unknown_key));
	printf("\tno-key = \"%s\"\n", word(no_keys, p->no_key));
	printf("\tunsigned-provisional = \"%s\"\n",
	       word(provisionals, p->provisional));
	printf("\tunsigned-redirects = %s\n", yes(p->redirects));
	printf("\tunsigned-failures = \"%s\"\n", word(failures, p->failures));
	printf("\tunsigned-registrar = %s\n", yes(p->registrar_unsigned));
	printf("\tdomain-keys = %s\n", yes(p->domain_keys));
	printf("\tcover = \"%s\"\n}\n", word(covers, p->cover_nat));
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
	       word(roles, (int)c->role));
	printf("queue-out = %u\nqueue-in = %u\nqueue-length = %u\n",
	       c->queue_out, c->queue_in, c->queue_length);
	printf("fail-open = %s\nmark = %u\nuser = \"%s\"\n",
	       yes(c->fail_open), c->mark, c->user);
	printf("gnupg-home = \"%s\"\nstate-dir = \"%s\"\ncontrol = \"%s\"\n",
	       c->gnupg_home, c->state_dir, c->control);
	printf("capture = \"%s\"\nheader-name = \"%s\"\n", c->capture,
	       c->header_name);
	printf("log = \"%s\"\nlog-level = \"%s\"\n", word(logs, c->log_syslog),
	       word(levels, c->log_level));
	printf("sign-engine = \"%s\"\nverify-engine = \"%s\"\n",
	       c->sign_engine, c->verify_engine);
	printf("crypto-timeout = %u\ncrypto-limit = %u\n",
	       c->crypto_timeout_ms, c->crypto_limit);
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

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation
 *
 * The schema is libconfuse's table. What it can't say (words, ranges, patterns)
 * is checked section by section as they close, and for the rest at the end;
 * where a value stood is noted when libconfuse sets it. Faults are gathered, so
 * that all are told in one run, in the order of their lines.
 *
 * libconfuse stops at the first thing it doesn't know. When that is a line of
 * its own, the line is dropped and the text read once more, for the faults
 * behind it.
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
#include "core/confwords.h"

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

static cfg_opt_t identity_opts[] = { CFG_STR("key", "", CFGF_NONE),
				     CFG_STR("signed-by", "", CFGF_NONE),
				     CFG_END() };

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
	CFG_STR("sign-engine", "agent", CFGF_NONE),
	CFG_STR("verify-engine", "fast", CFGF_NONE),
	CFG_INT("crypto-timeout", 2000, CFGF_NONE),
	CFG_INT("crypto-limit", 1024, CFGF_NONE),
	CFG_INT("keyring-timeout", 60, CFGF_NONE),
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

	size_t n_faults; /* in the order of lines */
	struct fault {
		int line;
		bool syntax;
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
	struct fault *f = reading.fault;
	size_t n = reading.n_faults;
	va_list ap;

	if (n == FAULTS_MAX)
		return;
	while (n > 0 && f[n - 1].line > line)
		n--;
	memmove(f + n + 1, f + n, (reading.n_faults++ - n) * sizeof(*f));
	f[n] = (struct fault){ .line = line };
	va_start(ap, fmt);
	vsnprintf(f[n].text, sizeof(f[n].text), fmt, ap);
	va_end(ap);
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

/* libconfuse's own complaint becomes a fault like the others. */
static void fault_syntax(void)
{
	size_t n = reading.n_faults;

	fault(reading.syntax.line, "%s", reading.syntax.text);
	if (n == reading.n_faults)
		return;
	/* the last one of its line */
	while (reading.fault[n].line > reading.syntax.line)
		n--;
	reading.fault[n].syntax = true;
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

/* Where it was set; 0 when it wasn't: a default has no faults. */
static int option_line(cfg_t *c, const char *name)
{
	const struct seen *s = seen_last(cfg_getopt(c, name), NULL);

	return s ? s->line : 0;
}

static int entry_line(cfg_t *c, const char *name, unsigned int i)
{
	const cfg_opt_t *o = cfg_getopt(c, name);
	const struct seen *s = seen_last(o, o->values[i]);

	return s ? s->line : 0;
}

/* ---- values ---- */

static int get_word(cfg_t *c, const char *opt, const struct word *words)
{
	const char *s = cfg_getstr(c, opt);
	char all[200];
	struct buf b = buf_make(all, sizeof(all));

	for (const struct word *w = words; w->name; w++) {
		if (!strcmp(w->name, s))
			return w->value;
		buf_fmt(&b, "%s\"%s\"", b.len ? ", " : "", w->name);
	}
	fault(option_line(c, opt), "%s is \"%s\", must be one of %.*s", opt, s,
	      SPAN_ARG(buf_span(&b)));
	return words[0].value;
}

static uint32_t get_int(cfg_t *c, const char *opt, long min, long max)
{
	long v = cfg_getint(c, opt);

	if (v < min || v > max) {
		fault(option_line(c, opt), "%s is %ld, must be from %ld to %ld",
		      opt, v, min, max);
		v = min;
	}
	return (uint32_t)v;
}

/* false, *out empty, after a fault. */
static bool take_text(int line, const char *opt, const char *s, char *out,
		      size_t cap)
{
	*out = '\0';
	if (strlen(s) >= cap)
		fault(line, "%s is longer than %zu characters", opt, cap - 1);
	else if (!conf_plain(s))
		fault(line, "%s holds a quote, or what is no printable ASCII",
		      opt);
	else
		return !span_copy(out, cap, span_str(s));
	return false;
}

static bool get_text(cfg_t *c, const char *opt, char *out, size_t cap)
{
	return take_text(option_line(c, opt), opt, cfg_getstr(c, opt), out,
			 cap);
}

static void get_path(cfg_t *c, const char *opt, char *out, size_t cap)
{
	if (get_text(c, opt, out, cap) && *out != '/')
		fault(option_line(c, opt),
		      "%s is \"%s\", must be an absolute path", opt, out);
}

static bool is_token(const char *s)
{
	for (; *s; s++)
		if (!isalnum((unsigned char)*s) && !strchr("-.!%*_+`'~", *s))
			return false;
	return true;
}

static bool is_hex40(const char *s)
{
	return strlen(s) == 40 && strspn(s, "0123456789ABCDEFabcdef") == 40;
}

/* ---- sections ---- */

static void read_peer_words(struct policy *p, cfg_t *s)
{
	p->mode = (enum conf_mode)get_word(s, "mode", conf_modes);
	p->unknown_key = (enum conf_unknown_key)get_word(s, "unknown-key",
							 conf_unknown_keys);
	p->no_key = (enum conf_no_key)get_word(s, "no-key", conf_no_keys);
	p->provisional = (enum conf_provisional)get_word(
		s, "unsigned-provisional", conf_provisionals);
	p->failures = (enum conf_unsigned)get_word(s, "unsigned-failures",
						   conf_failures);
	p->cover_nat = get_word(s, "cover", conf_covers);
}

static bool is_default(const struct policy *p)
{
	return !strcmp(p->pattern, "*") && !p->by_addr;
}

static void read_peer(struct policy *p, cfg_t *s, int line)
{
	const char *addr = cfg_getstr(s, "address");

	if (!conf_pattern(p->pattern, cfg_title(s)))
		fault(line,
		      "peer \"%s\": must be \"*\" or a URI with stars, like "
		      "\"sip:*@example.org\"",
		      cfg_title(s));
	p->by_addr = *addr;
	if (*addr && addr_prefix_parse(addr, &p->addr))
		fault(option_line(s, "address"),
		      "address is \"%s\", must be like 192.0.2.0/24 or "
		      "2001:db8::1",
		      addr);
	read_peer_words(p, s);
	p->sign = cfg_getbool(s, "sign");
	p->eager = cfg_getbool(s, "eager");
	get_text(s, "realm", p->realm, sizeof(p->realm));
	p->challenge_unmarked = cfg_getbool(s, "challenge-unmarked");
	p->redirects = cfg_getbool(s, "unsigned-redirects");
	p->registrar_unsigned = cfg_getbool(s, "unsigned-registrar");
	p->domain_keys = cfg_getbool(s, "domain-keys");
}

static void add_peer(struct conf *c, cfg_t *s, int line)
{
	/* one is left for the default */
	if (c->n_policies == CONF_LIST_MAX - 1) {
		fault(line, "there are more than %d peer sections",
		      CONF_LIST_MAX - 1);
		return;
	}
	for (size_t i = 0; i < c->n_policies; i++) {
		if (!is_default(&c->policy[i]))
			continue;
		fault(line,
		      "peer \"%s\" is never reached: the section \"*\" above "
		      "fits everybody",
		      cfg_title(s));
		break;
	}
	read_peer(&c->policy[c->n_policies++], s, line);
}

static void read_identity(struct identity *id, cfg_t *s, int line)
{
	const char *key = cfg_getstr(s, "key");
	const char *by = cfg_getstr(s, "signed-by");

	if (!conf_pattern(id->pattern, cfg_title(s)))
		fault(line,
		      "identity \"%s\": must be \"*\" or a URI with stars, "
		      "like \"sip:*@example.org\"",
		      cfg_title(s));
	if (!*key)
		fault(line, "identity \"%s\" has no key", cfg_title(s));
	else if (!is_hex40(key))
		fault(option_line(s, "key"),
		      "key is \"%s\", must be a fingerprint of 40 hex digits "
		      "(gpg --list-secret-keys)",
		      key);
	for (size_t i = 0; i < 40 && key[i]; i++)
		id->fpr[i] = (char)toupper((unsigned char)key[i]);
	if (*by && sipuri_canonical(id->signed_by, span_str(by)))
		fault(option_line(s, "signed-by"),
		      "signed-by is \"%s\", must be a SIP URI", by);
}

static void add_identity(struct conf *c, cfg_t *s, int line)
{
	if (c->n_identities == CONF_LIST_MAX) {
		fault(line, "there are more than %d identity sections",
		      CONF_LIST_MAX);
		return;
	}
	read_identity(&c->identity[c->n_identities++], s, line);
}

/*
 * A section has been closed. It is read at once, and loses its title:
 * libconfuse would put a later one of the same title, for another address, in
 * its place.
 */
static int on_section(cfg_t *cfg, cfg_opt_t *o)
{
	cfg_t *s = cfg_opt_getnsec(o, cfg_opt_size(o) - 1);
	size_t n = reading.n_sections++;
	int line = n < CONFTEXT_SECTIONS ? reading.text->section_line[n]
					 : cfg->line;
	char unique[32];

	if (!strcmp(o->name, "peer"))
		add_peer(reading.conf, s, line);
	else
		add_identity(reading.conf, s, line);
	snprintf(unique, sizeof(unique), "\001%zu", n);
	free(s->title);
	s->title = strdup(unique);
	return s->title ? 0 : -1;
}

/* ---- lists ---- */

static unsigned int list_size(cfg_t *cfg, const char *opt)
{
	unsigned int n = cfg_size(cfg, opt);

	if (n <= CONF_LIST_MAX)
		return n;
	fault(entry_line(cfg, opt, CONF_LIST_MAX),
	      "%s has more than %d entries", opt, CONF_LIST_MAX);
	return CONF_LIST_MAX;
}

static void read_sign_realms(struct conf *c, cfg_t *cfg)
{
	unsigned int n = list_size(cfg, "sign-realms");

	for (unsigned int i = 0; i < n; i++)
		take_text(entry_line(cfg, "sign-realms", i), "sign-realms",
			  cfg_getnstr(cfg, "sign-realms", i), c->sign_realm[i],
			  sizeof(c->sign_realm[i]));
	c->n_sign_realms = n;
}

static void read_cancel_from(struct conf *c, cfg_t *cfg)
{
	unsigned int n = list_size(cfg, "cancel-from");

	for (unsigned int i = 0; i < n; i++) {
		const char *s = cfg_getnstr(cfg, "cancel-from", i);

		if (addr_prefix_parse(s, &c->cancel_addr[i]))
			fault(entry_line(cfg, "cancel-from", i),
			      "cancel-from holds \"%s\", must hold addresses "
			      "like 192.0.2.1 or 192.0.2.0/24",
			      s);
	}
	c->n_cancel_addrs = n;
}

static void read_cancel_by(struct conf *c, cfg_t *cfg)
{
	unsigned int n = list_size(cfg, "cancel-by");

	for (unsigned int i = 0; i < n; i++) {
		const char *s = cfg_getnstr(cfg, "cancel-by", i);

		if (!conf_pattern(c->cancel_id[i], s))
			fault(entry_line(cfg, "cancel-by", i),
			      "cancel-by holds \"%s\", must hold URIs like "
			      "\"sip:proxy.example.org\"",
			      s);
	}
	c->n_cancel_ids = n;
}

/* ---- the whole ---- */

static void host_name(char out[PGP_REALM_MAX])
{
	memset(out, 0, PGP_REALM_MAX);
	if (gethostname(out, PGP_REALM_MAX - 1) || !*out || !conf_plain(out))
		snprintf(out, PGP_REALM_MAX, "localhost");
}

/* This host's own name will do, as it does for a default. */
static void read_realm(struct conf *c, cfg_t *cfg)
{
	bool taken = get_text(cfg, "realm", c->realm, sizeof(c->realm));
	char host[PGP_REALM_MAX];

	host_name(host);
	if (!*c->realm)
		memcpy(c->realm, host, sizeof(host));
	else if (taken && !strpbrk(c->realm, ".:") && strcmp(c->realm, host))
		fault(option_line(cfg, "realm"),
		      "realm is \"%s\", must hold a host name, like "
		      "\"edge.example.org\": realms are unique in the world",
		      c->realm);
}

static void read_queues(struct conf *c, cfg_t *cfg)
{
	c->queue_out = (uint16_t)get_int(cfg, "queue-out", 0, 65535);
	c->queue_in = (uint16_t)get_int(cfg, "queue-in", 0, 65535);
	if (cfg_getint(cfg, "queue-out") == cfg_getint(cfg, "queue-in")) {
		int out = option_line(cfg, "queue-out");
		int in = option_line(cfg, "queue-in");

		fault(in > out ? in : out,
		      "queue-in and queue-out are the same: the queue tells "
		      "the direction");
	}
	c->queue_length = get_int(cfg, "queue-length", 16, 1048576);
	c->fail_open = cfg_getbool(cfg, "fail-open");
	c->mark = get_int(cfg, "mark", 1, 0xffffffffL);
}

static void read_places(struct conf *c, cfg_t *cfg)
{
	if (get_text(cfg, "user", c->user, sizeof(c->user)) && !*c->user)
		fault(option_line(cfg, "user"), "user is empty");
	get_path(cfg, "gnupg-home", c->gnupg_home, sizeof(c->gnupg_home));
	get_path(cfg, "state-dir", c->state_dir, sizeof(c->state_dir));
	get_path(cfg, "control", c->control, sizeof(c->control));
	if (*cfg_getstr(cfg, "capture"))
		get_path(cfg, "capture", c->capture, sizeof(c->capture));
}

static void read_header_name(struct conf *c, cfg_t *cfg)
{
	if (get_text(cfg, "header-name", c->header_name,
		     sizeof(c->header_name)) &&
	    !is_token(c->header_name))
		fault(option_line(cfg, "header-name"),
		      "header-name is \"%s\", must be a header field's name",
		      c->header_name);
}

static void read_engines(struct conf *c, cfg_t *cfg)
{
	get_word(cfg, "sign-engine", conf_sign_engines);
	get_word(cfg, "verify-engine", conf_verify_engines);
	get_text(cfg, "sign-engine", c->sign_engine, sizeof(c->sign_engine));
	get_text(cfg, "verify-engine", c->verify_engine,
		 sizeof(c->verify_engine));
	c->crypto_timeout_ms = get_int(cfg, "crypto-timeout", 50, 60000);
	c->crypto_limit = get_int(cfg, "crypto-limit", 1, 65536);
	c->keyring_timeout_s = get_int(cfg, "keyring-timeout", 1, 3600);
}

static void read_limits(struct conf *c, cfg_t *cfg)
{
	c->nonce_lifetime_s = get_int(cfg, "nonce-lifetime", 1, 3600);
	c->clock_skew_s = get_int(cfg, "clock-skew", 1, 3600);
	c->hold_ms = get_int(cfg, "hold", 0, 30000);
	c->dialog_lifetime_s = get_int(cfg, "dialog-lifetime", 60, 31536000);
	c->max_records = get_int(cfg, "max-records", 16, 100000000);
	c->state_mb = get_int(cfg, "state-size", 16, 1048576);
}

static void read_top(struct conf *c, cfg_t *cfg)
{
	read_realm(c, cfg);
	c->role = (enum conf_role)get_word(cfg, "role", conf_roles);
	read_queues(c, cfg);
	read_places(c, cfg);
	read_header_name(c, cfg);
	c->log_syslog = get_word(cfg, "log", conf_logs);
	c->log_level = get_word(cfg, "log-level", conf_levels);
	read_engines(c, cfg);
	read_limits(c, cfg);
	read_sign_realms(c, cfg);
	read_cancel_from(c, cfg);
	read_cancel_by(c, cfg);
}

/* What stands in the schema, for whom no section fits. */
static void last_policy(struct conf *c)
{
	if (c->n_policies && is_default(&c->policy[c->n_policies - 1]))
		return;
	c->policy[c->n_policies++] = (struct policy){
		.pattern = "*",
		.mode = MODE_ENFORCE,
		.sign = true,
		.eager = true,
		.unknown_key = UNKNOWN_REJECT,
		.no_key = NO_KEY_PASS,
		.provisional = PROVISIONAL_DROP,
		.failures = UNSIGNED_HOLD,
		.registrar_unsigned = true,
	};
}

static void set_callbacks(cfg_opt_t *o)
{
	for (; o->name; o++)
		o->validcb = o->type == CFGT_SEC ? on_section : on_value;
}

/* Only faults of syntax are kept: what values there are is found out again. */
static void begin_pass(const char *file)
{
	size_t n = 0;

	for (size_t i = 0; i < reading.n_faults; i++)
		if (reading.fault[i].syntax)
			reading.fault[n++] = reading.fault[i];
	reading.n_faults = n;
	reading.n_sections = 0;
	reading.n_seen = 0;
	reading.stumbled = false;
	memset(reading.conf, 0, sizeof(*reading.conf));
	snprintf(reading.conf->file, sizeof(reading.conf->file), "%s", file);
}

/* 0; ENOMEM; EAGAIN: a fault was dropped from the text, there may be others. */
static int parse_once(const char *file)
{
	cfg_t *cfg = cfg_init(opts, CFGF_NONE);
	int rc, err = 0;

	if (!cfg)
		return ENOMEM;
	begin_pass(file);
	cfg_set_error_function(cfg, on_stumble);
	rc = cfg_parse_buf(cfg, reading.text->p);
	if (rc == CFG_SUCCESS) {
		read_top(reading.conf, cfg);
		last_policy(reading.conf);
	} else if (!reading.stumbled) {
		err = ENOMEM;
	} else {
		fault_syntax();
		if (conftext_drop(reading.text, reading.syntax.line))
			err = EAGAIN;
	}
	cfg_free(cfg);
	return err;
}

static int parse(struct conf *c, const char *file, struct conftext *t)
{
	const char *what;
	int line, err;

	reading.conf = c;
	reading.file = file;
	reading.text = t;
	reading.n_faults = 0;
	set_callbacks(opts);
	set_callbacks(peer_opts);
	set_callbacks(identity_opts);
	what = conftext_clean(t, &line);
	if (what) {
		fault(line, "%s", what);
		return EINVAL;
	}
	do {
		err = parse_once(file);
	} while (err == EAGAIN && reading.n_faults < FAULTS_MAX);
	if (err == EAGAIN)
		err = 0;
	return reading.n_faults ? EINVAL : err;
}

int conf_load(struct conf *c, const char *file,
	      void (*report)(const char *line))
{
	struct conftext t;
	char line[400];
	int err = conftext_read(&t, file);

	conf_defaults(c);
	if (!err) {
		err = parse(c, file, &t);
		tell_faults(report);
		conftext_free(&t);
	}
	if (err && err != EINVAL) {
		snprintf(line, sizeof(line), "%s: %s", file, strerror(err));
		tell(line, report);
	}
	return err;
}

void conf_defaults(struct conf *c)
{
	struct conftext t;

	if (!conftext_take(&t, "\n"))
		parse(c, "", &t);
	conftext_free(&t);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * journal - changes that the tables of a store have yet to take over: a file
 * that is mapped into memory, appended to, and looked up in by key.
 *
 * A change is found at once, and survives the death of the process from the
 * next journal_commit() on; those behind the last one are forgotten together.
 * When the tables have taken everything over, journal_clear() begins anew under
 * the next epoch. It is no protection against a power failure.
 *
 * Thread: one owner. Errors are positive errno values. Inside state/ only.
 */
#ifndef STATE_JOURNAL_H
#define STATE_JOURNAL_H

#include "state/store.h"

struct journal;

/* One change: a record's new value, or its removal. */
struct change {
	enum store_table table;
	bool removed;
	uint64_t expire_ms;
	struct store_key key;
	struct span value; /* into the journal, until it is cleared */
	char *place; /* where the tables have a value of this length, or NULL;
		      * not kept over journal_close() */
};

/*
 * Open or make the file. One of this epoch keeps its committed changes, any
 * other is cleared (its changes are in the tables already, or not to be
 * trusted). 0; ENOSPC; ENOMEM; EACCES and the like.
 */
int journal_open(struct journal **out, const char *path, uint64_t epoch);
void journal_close(struct journal *j);

/* The last change of the key, if there is one: true and *c. */
bool journal_find(const struct journal *j, enum store_table t,
		  const struct store_key *k, struct change *c);

/* 0; ENOSPC: clear it first, or, of an empty one: it is too large for any. */
int journal_add(struct journal *j, const struct change *c);

/* What was added so far survives this process. */
void journal_commit(struct journal *j);

/* Changes that journal_each() would show; so many keys of a table, at most. */
size_t journal_count(const struct journal *j);
size_t journal_count_of(const struct journal *j, enum store_table t);

/* Is it time to clear it? */
bool journal_is_full(const struct journal *j);

/* The last change of each key; one that was dealt with (true) is not shown
 * again, but still counts. Nothing is looked for in between. */
void journal_each(struct journal *j,
		  bool (*each)(void *arg, const struct change *c), void *arg);

uint64_t journal_epoch(const struct journal *j);
/* Empty, under the next epoch. */
void journal_clear(struct journal *j);

#endif

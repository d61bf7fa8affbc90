// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Theory of operation
 *
 * The file is a head and entries one behind the other. Only entries before
 * head.end count, and one store makes it larger: whenever the process dies, the
 * file (the kernel's page cache, for all that matters here) holds whole changes
 * up to some commit. The disk's blocks are reserved when the file is made, so
 * that no store meets a full disk.
 *
 * The index is a table with open addressing of the last entry of each key. It
 * is made anew from the file at opening, but for the places, which are this
 * process's. Keys are keyed hashes, so a part of one is hash enough.
 */
#include "state/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#define MAGIC	 UINT64_C(0x316c6e6a6c616573)
#define FILE_LEN ((size_t)2 << 20)

/* Full: a clear is due. What comes meanwhile still finds room. */
#define FULL_CHANGES 256
#define FULL_LEN     (FILE_LEN / 2)

#define SLOT_BITS 11
#define SLOTS	  (1u << SLOT_BITS) /* twice what can be in it */

struct head {
	uint64_t magic;
	uint64_t epoch;
	_Atomic uint64_t end;
};

struct entry {
	uint64_t expire_ms;
	struct store_key key;
	uint32_t len;
	uint8_t table;
	uint8_t removed;
	char value[];
};

#define ENTRY_HEAD offsetof(struct entry, value)
#define FIRST	   64 /* offset of the first entry; 0 is none */

struct journal {
	int fd;
	char *file;
	size_t end; /* of what was added */
	size_t n;   /* slots in use */
	size_t n_of[STORE_TABLES];
	uint32_t slot[SLOTS];
	char *place[SLOTS]; /* of a slot in use */
};

static struct head *head(const struct journal *j)
{
	return (struct head *)(void *)j->file;
}

static struct entry *entry_at(const struct journal *j, size_t at)
{
	return (struct entry *)(void *)(j->file + at);
}

static size_t entry_size(size_t value_len)
{
	return (ENTRY_HEAD + value_len + 7) & ~(size_t)7;
}

/* The key's first bits: the slots are in the order of the tables' trees. */
static uint32_t slot_first(const struct store_key *k)
{
	return ((uint32_t)k->b[0] << 8 | k->b[1]) >> (16 - SLOT_BITS);
}

static uint32_t *slot_of(const struct journal *j, enum store_table t,
			 const struct store_key *k)
{
	for (uint32_t i = slot_first(k);; i++) {
		const uint32_t *s = &j->slot[i & (SLOTS - 1)];
		const struct entry *e = entry_at(j, *s);

		if (!*s ||
		    (e->table == t && !memcmp(e->key.b, k->b, sizeof(k->b))))
			return (uint32_t *)(uintptr_t)s;
	}
}

static void index_add(struct journal *j, size_t at, char *place)
{
	const struct entry *e = entry_at(j, at);
	uint32_t *s = slot_of(j, (enum store_table)e->table, &e->key);
	char **p = &j->place[s - j->slot];

	if (!*s) {
		j->n++;
		j->n_of[e->table]++;
		*p = place;
	} else if (place || entry_at(j, *s)->len != e->len) {
		*p = place;
	}
	*s = (uint32_t)at;
}

/* ---- opening ---- */

/* The committed entries, into the index; the first that can't be one ends it.
 */
static void index_make(struct journal *j)
{
	size_t end = atomic_load(&head(j)->end);
	size_t at = FIRST;

	while (at < end && end - at >= ENTRY_HEAD && j->n < SLOTS / 2) {
		const struct entry *e = entry_at(j, at);

		if (e->table >= STORE_TABLES || e->len > end - at ||
		    entry_size(e->len) > end - at)
			break;
		index_add(j, at, NULL);
		at += entry_size(e->len);
	}
	j->end = at;
}

static int file_map(struct journal *j, const char *path)
{
	int err;

	j->fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (j->fd < 0)
		return errno;
	err = posix_fallocate(j->fd, 0, FILE_LEN);
	if (err)
		return err;
	j->file = mmap(NULL, FILE_LEN, PROT_READ | PROT_WRITE, MAP_SHARED,
		       j->fd, 0);
	if (j->file == MAP_FAILED) {
		j->file = NULL;
		return errno;
	}
	/* gpg is started by a fork, which would copy its page tables */
	madvise(j->file, FILE_LEN, MADV_DONTFORK);
	return 0;
}

static bool is_of(const struct journal *j, uint64_t epoch)
{
	const struct head *h = head(j);

	return h->magic == MAGIC && h->epoch == epoch &&
	       atomic_load(&head(j)->end) <= FILE_LEN;
}

int journal_open(struct journal **out, const char *path, uint64_t epoch)
{
	struct journal *j = calloc(1, sizeof(*j));
	int err;

	if (!j)
		return ENOMEM;
	j->fd = -1;
	err = file_map(j, path);
	if (err) {
		journal_close(j);
		return err;
	}
	if (is_of(j, epoch)) {
		index_make(j);
	} else {
		head(j)->epoch = epoch - 1;
		journal_clear(j);
		head(j)->magic = MAGIC;
	}
	*out = j;
	return 0;
}

void journal_close(struct journal *j)
{
	if (!j)
		return;
	if (j->file)
		munmap(j->file, FILE_LEN);
	if (j->fd >= 0)
		close(j->fd);
	free(j);
}

/* ---- changes ---- */

static void entry_show(const struct journal *j, const uint32_t *slot,
		       struct change *c)
{
	const struct entry *e = entry_at(j, *slot);

	c->table = (enum store_table)e->table;
	c->removed = e->removed;
	c->expire_ms = e->expire_ms;
	c->key = e->key;
	c->value = span_make(e->value, e->len);
	c->place = j->place[slot - j->slot];
}

bool journal_find(const struct journal *j, enum store_table t,
		  const struct store_key *k, struct change *c)
{
	const uint32_t *slot = slot_of(j, t, k);

	if (*slot)
		entry_show(j, slot, c);
	return *slot;
}

int journal_add(struct journal *j, const struct change *c)
{
	struct entry *e = entry_at(j, j->end);

	if (c->value.len > FILE_LEN ||
	    entry_size(c->value.len) > FILE_LEN - j->end || j->n >= SLOTS / 2)
		return ENOSPC;
	e->expire_ms = c->expire_ms;
	e->key = c->key;
	e->len = (uint32_t)c->value.len;
	e->table = (uint8_t)c->table;
	e->removed = c->removed;
	if (c->value.len)
		memmove(e->value, c->value.p, c->value.len);
	index_add(j, j->end, c->place);
	j->end += entry_size(c->value.len);
	return 0;
}

void journal_commit(struct journal *j)
{
	if (atomic_load_explicit(&head(j)->end, memory_order_relaxed) != j->end)
		atomic_store_explicit(&head(j)->end, j->end,
				      memory_order_release);
}

size_t journal_count(const struct journal *j)
{
	return j->n;
}

size_t journal_count_of(const struct journal *j, enum store_table t)
{
	return j->n_of[t];
}

bool journal_is_full(const struct journal *j)
{
	return j->n >= FULL_CHANGES || j->end >= FULL_LEN;
}

void journal_each(struct journal *j,
		  bool (*each)(void *arg, const struct change *c), void *arg)
{
	struct change c;

	for (size_t i = 0; j->n && i < SLOTS; i++) {
		if (!j->slot[i])
			continue;
		entry_show(j, &j->slot[i], &c);
		if (each(arg, &c))
			j->slot[i] = 0;
	}
}

uint64_t journal_epoch(const struct journal *j)
{
	return head(j)->epoch;
}

void journal_clear(struct journal *j)
{
	/* first nothing counts any more, then the epoch is another */
	atomic_store(&head(j)->end, FIRST);
	atomic_thread_fence(memory_order_release);
	head(j)->epoch++;
	j->end = FIRST;
	if (j->n)
		memset(j->slot, 0, sizeof(j->slot));
	j->n = 0;
	memset(j->n_of, 0, sizeof(j->n_of));
}

// SPDX-License-Identifier: GPL-2.0-or-later
#include "crypto/snapshot.h"

void snapshot_init(struct snapshot *s)
{
	pthread_mutex_init(&s->lock, NULL);
	s->trust = NULL;
}

void snapshot_set(struct snapshot *s, struct trust *t)
{
	struct trust *old;

	trust_hold(t);
	pthread_mutex_lock(&s->lock);
	old = s->trust;
	s->trust = t;
	pthread_mutex_unlock(&s->lock);
	trust_free(old);
}

struct trust *snapshot_get(struct snapshot *s)
{
	struct trust *t;

	pthread_mutex_lock(&s->lock);
	t = trust_hold(s->trust);
	pthread_mutex_unlock(&s->lock);
	return t;
}

void snapshot_destroy(struct snapshot *s)
{
	snapshot_set(s, NULL);
	pthread_mutex_destroy(&s->lock);
}

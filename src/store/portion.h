/*
 * What is over goes some at a time, each row apart: one that cannot go (damaged, a file that
 * cannot be moved), or may not yet, stays behind, and holds up none of those behind it.
 */
#ifndef STORE_PORTION_H
#define STORE_PORTION_H

#include "store/vault.h"

struct portion {
	int limit;
	int skip; /* so many of those that are over stayed when they were last looked at */
	int seen, gone, failed;
};

/* In a transaction: on_id, or nothing of what it did. -errno: only a rollback is left. */
int portion_step(struct vault *v, struct portion *p, id_reader *on_id, void *context, struct id id);
/* The ids of a query whose LIMIT is $limit_at, with OFFSET $limit_at + 1, which this binds. */
int portion_after(struct vault *v, struct query *q, int limit_at, struct portion *p,
		  id_reader *on_id, void *context);
/* Where the next one goes on; 0: from the start. */
int portion_next(const struct portion *p);

#endif

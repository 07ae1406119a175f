/*
 * Inside store/: what purges leave behind on PostgreSQL. A deleted row stays in its page until the
 * page is used again, and what was written is in the write-ahead log: the wrapped key of a dossier
 * that was destroyed could be found in both. So the tables that hold what is destroyed one by one
 * are written anew, which frees the old file, and the log begins a new segment.
 */
#ifndef STORE_DB_REMAINS_H
#define STORE_DB_REMAINS_H

#include <stdatomic.h>

#include "store/db.h"

struct remains {
	atomic_bool left;      /* of the writer: something was destroyed */
	struct remains *whose; /* of the connection that sees to it: the writer's */
	int64_t since;         /* the transaction that all of it is older than; 0: nothing */
	size_t rewritten;      /* of the tables, since then */
	int64_t longest_ms;    /* that others were kept from one of them */
	/* By the clock of the house; who sets it by a year, on or back, waits no longer. */
	int64_t paused_at_ms, pause_ms;
	bool has_warned;
};

/* As db_open_checkpointer and db_checkpoint. */
int remains_open(struct db *writer, struct db **ret_db);
int remains_wipe(struct db *db);
/* No statistics are made of sealed columns: samples of what they held would stay in them. In a
 * transaction. */
int remains_keep_from_statistics(struct db *db);

#endif

/* The checkpoint thread: SQLite's WAL goes back into the database away from the executor, and what
 * purges leave behind on PostgreSQL is seen to. */
#ifndef DAEMON_CHECKPOINT_H
#define DAEMON_CHECKPOINT_H

struct checkpoint;

/* Of the database this writer has open, before its thread starts. 0 or -errno. */
struct db;
int checkpoint_start(struct db *writer, struct checkpoint **ret_checkpoint);
void checkpoint_stop(struct checkpoint *c); /* NULL is fine */

#endif

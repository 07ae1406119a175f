/* The checkpoint thread: SQLite's WAL goes back into the database away from the executor. */
#ifndef DAEMON_CHECKPOINT_H
#define DAEMON_CHECKPOINT_H

struct checkpoint;

/* Of the database this writer has open, before its thread starts; on PostgreSQL nothing is to be
 * done: *ret NULL. 0 or -errno. */
struct db;
int checkpoint_start(struct db *writer, struct checkpoint **ret_checkpoint);
void checkpoint_stop(struct checkpoint *c); /* NULL is fine */

#endif

/*
 * One interface, two databases: SQLite 3 (WAL, synchronous=FULL) and PostgreSQL 15. One SQL text
 * for both: parameters are $1…$n; BIGINT, TEXT, blob (a domain over bytea on PostgreSQL), DOUBLE
 * PRECISION; ON CONFLICT … RETURNING; no identity columns.
 *
 * A connection belongs to one thread. Statements are prepared on first use and kept.
 * Errors are −errno: -EEXIST (unique violated), -EBUSY (locked, serialization), -ENOSPC (disk
 * full), -EIO, -EROFS (a write on a reader), -EPIPE (the connection is gone: db_reopen), -EINVAL
 * (our SQL is wrong, or another constraint is violated).
 *
 * What keeps one SQL text portable:
 *  - integers are BIGINT everywhere, truth values too (0 or 1);
 *  - PostgreSQL infers the type of a parameter from where it stands; where nothing says it, write
 *    CAST($1 AS BIGINT). A sum of BIGINT is numeric there: CAST(SUM(x) AS BIGINT);
 *  - the first use of $n may come in any order; each of $1…$n is used.
 */
#ifndef STORE_DB_H
#define STORE_DB_H

#include "base/id.h"
#include "base/str.h"

struct db;
struct query;

/* A statement is a static const; its address is its identity in the cache. */
struct sql {
	const char *text;
};
#define SQL(name, ...) static const struct sql name = {__VA_ARGS__}

enum db_mode { DB_WRITER, DB_READER };

/*
 * url: "sqlite:PATH" or "postgresql:…" (libpq connection string or URI). A writer creates the
 * SQLite file (0600) when absent. Refuses (-EPERM, logged) a PostgreSQL whose fsync,
 * full_page_writes or synchronous_commit is off. "sqlite:PATH?vfs=NAME" goes through another file
 * layer of SQLite: a test's own, or memdb, with which "sqlite:/NAME?vfs=memdb" is a database in
 * memory that several connections of one process share.
 *
 * One process, and in it one writer, at a time for an SQLite file (db_checkpoint says why).
 */
/* Whether url is of a database we know, and says something of it. Nothing is opened. */
bool db_url_is_known(const char *url);
int db_open(const char *url, enum db_mode mode, struct db **ret_db);
void db_close(struct db *db);
int db_reopen(struct db *db); /* after -EPIPE; forgets prepared statements */
bool db_is_sqlite(const struct db *db);
const char *db_error_text(const struct db *db); /* for the log: never contains values */

/*
 * A writer's transaction takes the write lock at once; a reader's sees one moment from its first
 * statement on. After an error every call gives that error until a rollback. A commit that fails
 * has rolled back; after -EPIPE the server may still have committed, so the caller repeats under
 * the same idempotency key.
 */
int db_begin(struct db *db);
int db_commit(struct db *db);
void db_rollback(struct db *db); /* never fails: a broken connection has rolled back */
bool db_in_transaction(const struct db *db);

/*
 * A part of a transaction that can be undone alone, so that one refused command does not spoil the
 * group it commits with. One at a time. Undoing gives an error when what failed has ended the whole
 * transaction (disk full, connection lost): then only db_rollback is left.
 */
int db_savepoint(struct db *db);
int db_savepoint_release(struct db *db);
int db_savepoint_rollback(struct db *db);

/*
 * Starts a statement: bind every parameter, step until 0 or an error, then db_done. Never NULL: one
 * that cannot start gives its error at query_step. A statement is in use once at a time.
 */
struct query *db_query(struct db *db, const struct sql *sql);
int db_error(const struct db *db); /* the last error on this connection */

/* Parameters are numbered from 1, columns from 0. Text and blobs bound must live until db_done. */
void bind_i64(struct query *q, int at, int64_t value);
void bind_double(struct query *q, int at, double value);
void bind_text(struct query *q, int at, struct str value); /* ptr NULL binds NULL */
void bind_blob(struct query *q, int at, struct str value); /* ptr NULL binds NULL */
void bind_id(struct query *q, int at, struct id value);    /* 16-byte blob; ID_NONE binds NULL */
void bind_time(struct query *q, int at, int64_t at_ms);    /* TIME_NONE binds NULL */
void bind_bool(struct query *q, int at, bool value);
void bind_null(struct query *q, int at);

int query_step(struct query *q); /* 1: a row; 0: done; <0 */

/* Text and blobs are borrowed until the next step or db_done. NULL reads as 0, STR_NONE, ID_NONE,
 * TIME_NONE. */
int64_t column_i64(struct query *q, int at);
double column_double(struct query *q, int at);
struct str column_text(struct query *q, int at);
struct str column_blob(struct query *q, int at);
struct id column_id(struct query *q, int at);
/* False: what stands there is no id; it was altered. */
bool column_holds_id(struct query *q, int at, struct id *ret_id);
int64_t column_time(struct query *q, int at);
bool column_bool(struct query *q, int at);
bool column_is_null(struct query *q, int at);

void db_done(struct query *q);      /* NULL is fine */
int db_done_after(struct query *q); /* steps to the end, releases, gives 0 or the error */
/* The first column of its first row, then releases; *ret_value is `absent` without a row, or NULL
 * in it. */
int db_number_after(struct query *q, int64_t absent, int64_t *ret_value);
int db_any_after(struct query *q, bool *ret_any); /* whether there is a row, then releases */
int64_t db_all_changes(const struct db *db);      /* rows they all touched on this connection */
int64_t db_changes(const struct db *db); /* rows the last INSERT, UPDATE or DELETE touched */
/* A statement without parameters or rows (migrations, PRAGMA). */
int db_execute(struct db *db, const char *text);

/*
 * Numbered, forward-only migrations, each in its own transaction, recorded in schema_version.
 * Refuses (-EPROTO) a database newer than this program.
 */
int db_migrate(struct db *db);
int db_schema_version(struct db *db, int64_t *ret_version);

/*
 * SQLite's checkpoints, and what purges leave behind on PostgreSQL (db_remains.h), off the
 * executor: a connection for the checkpoint thread, made from the writer, which must outlive it;
 * before others read or write.
 */
int db_open_checkpointer(struct db *writer, struct db **ret_db);
/*
 * Whether so much was written that checkpoints stay behind (a slow disk, a reader that reads for
 * long): whoever writes without end leaves them some tenths of a second now and then, or the log
 * grows without end. Never on PostgreSQL.
 */
bool db_wants_rest(const struct db *writer);
/*
 * What was destroyed and committed must be in no log either: the next checkpoints write all of
 * SQLite's into its file, where it is overwritten, and cut the log to nothing. Any thread.
 * PostgreSQL: nor in the tables' files, within minutes (docs/retention.md).
 */
void db_wipe_log(struct db *writer);
/* Called every second or so. Cheap when nothing much was committed since. */
int db_checkpoint(struct db *db);

#endif

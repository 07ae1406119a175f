/* Numbered, forward-only migrations: see migrate.h. */
#include "store/migrate.h"

#include <assert.h>
#include <errno.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/log.h"
#include "store/db_driver.h"
#include "store/journal_nodes.h"

/* Nodes that start together take turns; the lock goes with the transaction. */
SQL(lock_postgres, "SELECT pg_advisory_xact_lock(1162300748)");
SQL(find_domain_postgres,
    "SELECT 1 FROM pg_type WHERE typname = 'blob' AND pg_type_is_visible(oid)");
SQL(select_version, "SELECT COALESCE(MAX(number), 0) FROM schema_version");
SQL(insert_version, "INSERT INTO schema_version (number, name, applied_at) VALUES ($1, $2, $3)");

static const char create_domain_postgres[] = "CREATE DOMAIN blob AS bytea";
static const char create_table[] =
	"CREATE TABLE IF NOT EXISTS schema_version ("
	"number BIGINT PRIMARY KEY, name TEXT NOT NULL, applied_at BIGINT NOT NULL)";

int db_schema_version(struct db *db, int64_t *ret_version)
{
	struct query *q = db_query(db, &select_version);
	int rc = query_step(q);

	if (rc == 1)
		*ret_version = column_i64(q, 0);
	else if (!rc)
		rc = -EIO; /* a maximum without a row: never on a sound database */
	db_done(q);
	return rc < 0 ? rc : 0;
}

static int begin_alone(struct db *db)
{
	int rc = db_begin(db);

	if (!rc && !db_is_sqlite(db))
		rc = db_done_after(db_query(db, &lock_postgres));
	return rc;
}

static int create_domain(struct db *db)
{
	struct query *q = db_query(db, &find_domain_postgres);
	int found = query_step(q);

	db_done(q);
	if (found)
		return found < 0 ? found : 0;
	return db_execute(db, create_domain_postgres);
}

/* What every database of ours has before migration 1. */
static int prepare_database(struct db *db)
{
	int rc = begin_alone(db);

	if (!rc && !db_is_sqlite(db))
		rc = create_domain(db);
	if (!rc)
		rc = db_execute(db, create_table);
	if (!rc)
		return db_commit(db);
	if (db_in_transaction(db))
		db_rollback(db);
	return rc;
}

static int record(struct db *db, const struct migration *migration)
{
	struct query *q = db_query(db, &insert_version);

	bind_i64(q, 1, migration->number);
	bind_text(q, 2, str_from(migration->name));
	bind_time(q, 3, clock_now_ms());
	return db_done_after(q);
}

/* Writes into text, over the first `what`; `with` is not longer. */
static void replace(char *text, const char *what, const char *with)
{
	char *at = strstr(text, what);

	if (!at)
		return;
	memcpy(at, with, strlen(with));
	memmove(at + strlen(with), at + strlen(what), strlen(at + strlen(what)) + 1);
}

/* Two words of a table are SQLite's own (schema.c). */
static int execute_statement(struct db *db, const char *statement)
{
	char *text;
	int rc;

	if (db_is_sqlite(db))
		return db_execute(db, statement);
	text = xstrdup(statement);
	replace(text, " INTEGER PRIMARY KEY", " BIGINT PRIMARY KEY");
	replace(text, " WITHOUT ROWID", "");
	rc = db_execute(db, text);
	free(text);
	return rc;
}

/* In the transaction: applies the migration that follows what the database has. */
static int apply_next(struct db *db, const struct migration *table, size_t count, bool *ret_more)
{
	const struct migration *next;
	int64_t version = 0;
	int rc = db_schema_version(db, &version);

	if (rc)
		return rc;
	if (version > (int64_t)count)
		return -EPROTO;
	*ret_more = version < (int64_t)count;
	if (!*ret_more)
		return 0;
	next = &table[version];
	assert(next->number == version + 1);
	for (const char *const *text = next->statements; *text && !rc; text++)
		rc = execute_statement(db, *text);
	if (!rc)
		rc = record(db, next);
	if (!rc)
		log_info("store.migrate", "number=%d name=%s", next->number, next->name);
	return rc;
}

int db_migrate_with(struct db *db, const struct migration *table, size_t count)
{
	bool more = true;
	int rc = prepare_database(db);

	while (!rc && more) {
		rc = begin_alone(db);
		if (!rc)
			rc = apply_next(db, table, count, &more);
		if (!rc)
			rc = db_commit(db);
		else if (db_in_transaction(db))
			db_rollback(db);
	}
	/* Statements prepared before know the tables as they were. */
	if (!rc)
		db_forget_statements(db);
	return rc;
}

/* No statement of both databases can: nodes are hashes, and only one makes statistics. */
static int finish(struct db *db)
{
	int rc = begin_alone(db);

	if (!rc)
		rc = journal_nodes_build(db);
	if (!rc && !db_is_sqlite(db))
		rc = remains_keep_from_statistics(db);
	if (!rc)
		return db_commit(db);
	if (db_in_transaction(db))
		db_rollback(db);
	return rc;
}

int db_migrate(struct db *db)
{
	int rc = db_migrate_with(db, migrations, migration_count);

	return rc ? rc : finish(db);
}

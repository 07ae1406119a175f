/* store/db.h: transactions, connections and migrations behave the same on both databases. */
#include "databases.h"

#include <errno.h>

#include "base/alloc.h"
#include "store/migrate.h"

SQL(select_numbers, "SELECT number FROM thing ORDER BY number LIMIT $1");

/* ---- transactions ---- */

static void test_a_rolled_back_transaction_leaves_nothing(void **state)
{
	struct db *db = *state;

	assert_int_equal(db_begin(db), 0);
	assert_true(db_in_transaction(db));
	assert_int_equal(insert_thing(db, 1), 0);
	db_rollback(db);
	assert_false(db_in_transaction(db));
	assert_int_equal(count_things(db), 0);
}

static void test_after_an_error_everything_gives_it_until_the_rollback(void **state)
{
	struct db *db = *state;

	assert_int_equal(insert_thing(db, 1), 0);
	assert_int_equal(db_begin(db), 0);
	assert_int_equal(insert_thing(db, 2), 0);
	assert_int_equal(insert_thing(db, 1), -EEXIST);
	assert_int_equal(insert_thing(db, 3), -EEXIST);
	assert_int_equal(count_things(db), -1);
	assert_int_equal(db_execute(db, "SELECT 1"), -EEXIST);
	assert_int_equal(db_commit(db), -EEXIST);
	assert_false(db_in_transaction(db));
	assert_int_equal(count_things(db), 1);
	assert_int_equal(db_begin(db), 0);
	assert_int_equal(insert_thing(db, 3), 0);
	assert_int_equal(db_commit(db), 0);
	assert_int_equal(count_things(db), 2);
}

static void test_one_refused_command_does_not_spoil_its_group(void **state)
{
	struct db *db = *state;

	assert_int_equal(db_begin(db), 0);
	for (int i = 0; i < 8; i++) {
		assert_int_equal(db_savepoint(db), 0);
		assert_int_equal(insert_thing(db, i), 0);
		if (i % 2) {
			assert_int_equal(insert_thing(db, 0), -EEXIST);
			assert_int_equal(db_savepoint_rollback(db), 0);
		} else {
			assert_int_equal(db_savepoint_release(db), 0);
		}
	}
	assert_int_equal(insert_thing(db, 100), 0);
	assert_int_equal(db_commit(db), 0);
	assert_int_equal(count_things(db), 5);
}

static void test_an_error_after_a_released_savepoint_fails_the_transaction(void **state)
{
	struct db *db = *state;

	assert_int_equal(db_begin(db), 0);
	assert_int_equal(db_savepoint(db), 0);
	assert_int_equal(insert_thing(db, 1), 0);
	assert_int_equal(db_savepoint_release(db), 0);
	assert_int_equal(insert_thing(db, 1), -EEXIST);
	assert_int_equal(db_savepoint(db), -EEXIST);
	assert_int_equal(db_commit(db), -EEXIST);
	assert_int_equal(count_things(db), 0);
}

static void test_a_query_left_half_read_does_not_hinder_the_commit(void **state)
{
	struct db *db = *state;
	struct query *q;

	for (int i = 0; i < 5; i++)
		assert_int_equal(insert_thing(db, i), 0);
	assert_int_equal(db_begin(db), 0);
	q = db_query(db, &select_numbers);
	bind_i64(q, 1, 5);
	assert_int_equal(query_step(q), 1);
	db_done(q);
	assert_int_equal(insert_thing(db, 5), 0);
	assert_int_equal(db_commit(db), 0);
	assert_int_equal(count_things(db), 6);
}

static void test_a_reader_cannot_write(void **state)
{
	struct db *reader = open_other(DB_READER);

	assert_int_equal(insert_thing(reader, 1), -EROFS);
	assert_int_equal(count_things(reader), 0);
	db_close(reader);
}

static void test_a_reader_sees_commits_only_and_one_moment_a_transaction(void **state)
{
	struct db *db = *state, *reader = open_other(DB_READER);

	assert_int_equal(db_begin(db), 0);
	assert_int_equal(insert_thing(db, 1), 0);
	assert_int_equal(count_things(reader), 0);
	assert_int_equal(db_commit(db), 0);
	assert_int_equal(count_things(reader), 1);

	assert_int_equal(db_begin(reader), 0);
	assert_int_equal(count_things(reader), 1);
	assert_int_equal(insert_thing(db, 2), 0);
	assert_int_equal(count_things(reader), 1);
	assert_int_equal(db_commit(reader), 0);
	assert_int_equal(count_things(reader), 2);
	db_close(reader);
}

static void test_a_writer_kept_waiting_is_told_so(void **state)
{
	SQL(take_row, "UPDATE thing SET open = $1 WHERE number = 1");
	struct db *db = *state, *other = open_other(DB_WRITER);
	struct query *q;
	int rc;

	assert_int_equal(insert_thing(db, 1), 0);
	assert_int_equal(db_execute(other, db_is_sqlite(db) ? "PRAGMA busy_timeout=20"
							    : "SET lock_timeout=20"),
			 0);
	assert_int_equal(db_begin(db), 0);
	q = db_query(db, &take_row);
	bind_i64(q, 1, 1);
	assert_int_equal(db_done_after(q), 0);
	rc = db_begin(other);
	if (!rc) {
		q = db_query(other, &take_row);
		bind_i64(q, 1, 2);
		rc = db_done_after(q);
		db_rollback(other);
	}
	assert_int_equal(rc, -EBUSY);
	assert_int_equal(db_commit(db), 0);
	db_close(other);
}

static void test_a_reopened_connection_works_again(void **state)
{
	struct db *db = *state;

	assert_int_equal(insert_thing(db, 1), 0);
	assert_int_equal(db_begin(db), 0);
	assert_int_equal(insert_thing(db, 2), 0);
	assert_int_equal(db_reopen(db), 0);
	assert_false(db_in_transaction(db));
	assert_int_equal(count_things(db), 1);
	assert_int_equal(insert_thing(db, 3), 0);
}

/* ---- migrations ---- */

static const char *const first[] = {"CREATE TABLE one (id BIGINT PRIMARY KEY, body blob)",
				    "CREATE INDEX one_body ON one (body)", NULL};
static const char *const second[] = {"ALTER TABLE one ADD COLUMN name TEXT",
				     "INSERT INTO one (id, name) VALUES (1, 'kept')", NULL};
static const char *const broken[] = {"INSERT INTO one (id, name) VALUES (2, 'lost')",
				     "CREATE TABLE one (id BIGINT)", NULL};
/* The databases of this file's tests begin at version 1: table thing. */
static const struct migration good_table[] = {
	{1, "thing", NULL}, {2, "first", first}, {3, "second", second}};
static const struct migration broken_table[] = {
	{1, "thing", NULL}, {2, "first", first}, {3, "second", second}, {4, "broken", broken}};

SQL(count_ones, "SELECT COUNT(*) FROM one");

static void assert_version(struct db *db, int64_t expected)
{
	int64_t version = -1;

	assert_int_equal(db_schema_version(db, &version), 0);
	assert_int_equal(version, expected);
}

static int64_t count_rows_of_one(struct db *db)
{
	struct query *q = db_query(db, &count_ones);
	int64_t found = query_step(q) == 1 ? column_i64(q, 0) : -1;

	db_done(q);
	return found;
}

static void test_migrations_run_once_and_in_order(void **state)
{
	struct db *db = *state;

	assert_version(db, 1);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(db_migrate_with(db, good_table, 3), 0);
		assert_version(db, 3);
		assert_int_equal(count_rows_of_one(db), 1);
	}
}

static void test_a_newer_database_is_refused(void **state)
{
	struct db *db = *state;

	assert_int_equal(db_migrate_with(db, good_table, 3), 0);
	assert_int_equal(db_migrate_with(db, good_table, 2), -EPROTO);
	assert_version(db, 3);
	assert_false(db_in_transaction(db));
}

static void test_a_failed_migration_leaves_the_version_before(void **state)
{
	struct db *db = *state;

	assert_int_equal(db_migrate_with(db, broken_table, 4), -EINVAL);
	assert_version(db, 3);
	assert_int_equal(count_rows_of_one(db), 1);
}

static void test_the_tables_of_this_program_are_made(void **state)
{
	struct db *db = *state;

	assert_int_equal(db_execute(db, "DROP TABLE schema_version"), 0);
	assert_int_equal(db_migrate(db), 0);
	assert_version(db, (int64_t)migration_count);
	assert_int_equal(db_migrate(db), 0);
}

/* ---- PostgreSQL alone ---- */

static void test_a_server_that_does_not_wait_for_its_disk_is_refused(void **state)
{
	char unsafe_url[512];
	struct db *unsafe;

	snprintf(unsafe_url, sizeof(unsafe_url), "%s options='-c synchronous_commit=off'",
		 database_url);
	assert_int_equal(db_open(unsafe_url, DB_WRITER, &unsafe), -EPERM);
}

static void test_a_lost_connection_is_told_until_it_is_reopened(void **state)
{
	struct db *db = *state;

	assert_int_equal(db_begin(db), 0);
	assert_int_equal(insert_thing(db, 1), 0);
	assert_int_equal(db_execute(db, "SELECT pg_terminate_backend(pg_backend_pid())"), -EPIPE);
	assert_int_equal(insert_thing(db, 2), -EPIPE);
	assert_int_equal(db_commit(db), -EPIPE);
	assert_int_equal(db_begin(db), -EPIPE);
	assert_int_equal(insert_thing(db, 2), -EPIPE);
	assert_int_equal(db_reopen(db), 0);
	assert_int_equal(count_things(db), 0);
	assert_int_equal(insert_thing(db, 2), 0);
}

/* Only so does PostgreSQL say that nobody waited for the synchronous standby. */
static void test_a_commit_with_a_warning_is_not_a_commit(void **state)
{
	struct db *db = *state;

	assert_int_equal(db_execute(db,
				    "CREATE FUNCTION warn() RETURNS trigger LANGUAGE plpgsql AS"
				    " 'BEGIN RAISE WARNING ''not replicated''; RETURN NEW; END'"),
			 0);
	assert_int_equal(
		db_execute(db, "CREATE CONSTRAINT TRIGGER late AFTER INSERT ON thing DEFERRABLE"
			       " INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION warn()"),
		0);
	assert_int_equal(db_begin(db), 0);
	assert_int_equal(insert_thing(db, 1), 0);
	assert_int_equal(db_commit(db), -EIO);
	assert_false(db_in_transaction(db));
	assert_int_equal(db_begin(db), 0);
	assert_int_equal(db_commit(db), 0);
}

int main(void)
{
	const struct database_test tests[] = {
		on(ON_BOTH, test_a_rolled_back_transaction_leaves_nothing),
		on(ON_BOTH, test_after_an_error_everything_gives_it_until_the_rollback),
		on(ON_BOTH, test_one_refused_command_does_not_spoil_its_group),
		on(ON_BOTH, test_an_error_after_a_released_savepoint_fails_the_transaction),
		on(ON_BOTH, test_a_query_left_half_read_does_not_hinder_the_commit),
		on(ON_BOTH, test_a_reader_cannot_write),
		on(ON_BOTH, test_a_reader_sees_commits_only_and_one_moment_a_transaction),
		on(ON_BOTH, test_a_writer_kept_waiting_is_told_so),
		on(ON_BOTH, test_a_reopened_connection_works_again),
		on(ON_BOTH, test_migrations_run_once_and_in_order),
		on(ON_BOTH, test_a_newer_database_is_refused),
		on(ON_BOTH, test_a_failed_migration_leaves_the_version_before),
		on(ON_BOTH, test_the_tables_of_this_program_are_made),
		on(ON_POSTGRES, test_a_server_that_does_not_wait_for_its_disk_is_refused),
		on(ON_POSTGRES, test_a_lost_connection_is_told_until_it_is_reopened),
		on(ON_POSTGRES, test_a_commit_with_a_warning_is_not_a_commit),
	};

	return run_on_databases("db, transactions", tests, ARRAY_LEN(tests), make_thing);
}

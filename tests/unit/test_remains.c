/* What purges leave behind on PostgreSQL (store/db_remains.h), where something is in the way. */
#include "databases.h"

#include <errno.h>

#include "base/alloc.h"
#include "base/clock.h"

enum { SECOND_MS = 1001, MINUTE_MS = 60001, HOURS_MS = 6 * 3600 * 1000 };

SQL(file_of_keys, "SELECT CAST(pg_relation_filenode('data_key') AS BIGINT)");

static int64_t file_of_keys_now(struct db *db)
{
	int64_t file = 0;

	assert_int_equal(db_number_after(db_query(db, &file_of_keys), 0, &file), 0);
	return file;
}

/* What the last run left is seen to. */
static struct db *begin(struct db *writer)
{
	struct db *other;

	assert_int_equal(db_open_checkpointer(writer, &other), 0);
	clock_shift_ms(MINUTE_MS);
	assert_int_equal(db_checkpoint(other), 0);
	return other;
}

static void test_what_was_destroyed_is_remembered_when_the_connection_is_lost(void **state)
{
	struct db *db = *state, *other = begin(db);
	int64_t before = file_of_keys_now(db);

	db_wipe_log(db);
	assert_int_equal(db_execute(db, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
					" WHERE pid <> pg_backend_pid()"
					" AND datname = current_database()"),
			 0);
	clock_shift_ms(HOURS_MS);
	assert_int_equal(db_checkpoint(other), -EPIPE);
	assert_true(file_of_keys_now(db) == before);
	clock_shift_ms(SECOND_MS);
	assert_int_equal(db_checkpoint(other), 0);
	assert_true(file_of_keys_now(db) != before);
	db_close(other);
}

/* Others are kept from the table while it is tried: not again and again. */
static void test_a_table_that_cannot_be_rewritten_in_time_is_left_alone_for_long(void **state)
{
	struct db *db = *state, *other = begin(db);
	int64_t before = file_of_keys_now(db);

	/* Only for whoever may not take long. */
	assert_int_equal(db_execute(db,
				    "CREATE FUNCTION slow(bytea) RETURNS TEXT IMMUTABLE LANGUAGE"
				    " sql AS $$ SELECT CAST(pg_sleep(CASE WHEN"
				    " current_setting('statement_timeout') = '0' THEN 0 ELSE 30"
				    " END) AS TEXT) $$"),
			 0);
	assert_int_equal(db_execute(db, "CREATE INDEX slow ON data_key (slow(id))"), 0);
	assert_int_equal(db_execute(db, "INSERT INTO data_key (id, wrapped) VALUES"
					" (decode('00', 'hex'), decode('00', 'hex'))"),
			 0);
	db_wipe_log(db);
	clock_shift_ms(HOURS_MS);
	assert_int_not_equal(db_checkpoint(other), 0);
	clock_shift_ms(MINUTE_MS);
	assert_int_equal(db_checkpoint(other), 0);
	assert_true(file_of_keys_now(db) == before);
	assert_int_equal(db_execute(db, "DROP INDEX slow"), 0);
	clock_shift_ms(HOURS_MS);
	assert_int_equal(db_checkpoint(other), 0);
	assert_true(file_of_keys_now(db) != before);
	db_close(other);
}

static void test_a_clock_that_is_set_back_puts_nothing_off(void **state)
{
	struct db *db = *state, *other = begin(db);
	int64_t before = file_of_keys_now(db);

	db_wipe_log(db);
	clock_shift_ms(-HOURS_MS);
	assert_int_equal(db_checkpoint(other), 0);
	assert_true(file_of_keys_now(db) != before);
	db_close(other);
}

int main(void)
{
	static const struct database_test tests[] = {
		on(ON_POSTGRES, test_what_was_destroyed_is_remembered_when_the_connection_is_lost),
		on(ON_POSTGRES,
		   test_a_table_that_cannot_be_rewritten_in_time_is_left_alone_for_long),
		on(ON_POSTGRES, test_a_clock_that_is_set_back_puts_nothing_off),
	};

	return run_on_databases("remains", tests, ARRAY_LEN(tests), db_migrate);
}

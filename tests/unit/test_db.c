/* store/db.h: values and errors are the same on both databases. */
#include "databases.h"

#include <errno.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "crypto/random.h"

SQL(insert_all, "INSERT INTO thing (id, number, ratio, name, body, at_ms, open)"
		" VALUES ($1, $2, $3, $4, $5, $6, $7)");
SQL(select_thing, "SELECT number, ratio, name, body, at_ms, open, id FROM thing WHERE id = $1");
SQL(select_numbers, "SELECT number FROM thing ORDER BY number LIMIT $1");

/* ---- values ---- */

static void test_every_kind_of_value_comes_back_as_it_was_bound(void **state)
{
	static const int64_t numbers[] = {0, -1, INT64_MAX, INT64_MIN};
	struct db *db = *state;
	struct str body = str_of("\x00\xFF\x01\x00", 4);

	for (int i = 0; i < (int)ARRAY_LEN(numbers); i++) {
		struct query *q = db_query(db, &insert_all);

		bind_id(q, 1, thing_id(i));
		bind_i64(q, 2, numbers[i]);
		bind_double(q, 3, -46.581234567890123);
		bind_text(q, 4, STR("Élu·e de Chalandray 🛡"));
		bind_blob(q, 5, body);
		bind_time(q, 6, 1795461485123);
		bind_bool(q, 7, true);
		assert_int_equal(db_done_after(q), 0);

		q = db_query(db, &select_thing);
		bind_id(q, 1, thing_id(i));
		assert_int_equal(query_step(q), 1);
		assert_true(column_i64(q, 0) == numbers[i]);
		assert_true(column_double(q, 1) == -46.581234567890123);
		assert_str_equal(column_text(q, 2), "Élu·e de Chalandray 🛡");
		assert_true(str_eq(column_blob(q, 3), body));
		assert_true(column_time(q, 4) == 1795461485123);
		assert_true(column_bool(q, 5));
		assert_true(id_eq(column_id(q, 6), thing_id(i)));
		assert_int_equal(query_step(q), 0);
		db_done(q);
	}
}

static void test_null_reads_as_nothing(void **state)
{
	struct db *db = *state;
	struct query *q = db_query(db, &insert_all);

	bind_id(q, 1, thing_id(1));
	bind_null(q, 2);
	bind_null(q, 3);
	bind_text(q, 4, STR_NONE);
	bind_blob(q, 5, STR_NONE);
	bind_time(q, 6, TIME_NONE);
	bind_id(q, 7, ID_NONE);
	assert_int_equal(db_done_after(q), 0);
	q = db_query(db, &select_thing);
	bind_id(q, 1, thing_id(1));
	assert_int_equal(query_step(q), 1);
	for (int i = 0; i < 6; i++)
		assert_true(column_is_null(q, i));
	assert_int_equal(column_i64(q, 0), 0);
	assert_true(column_double(q, 1) == 0);
	assert_null(column_text(q, 2).ptr);
	assert_true(id_is_none(column_id(q, 3)));
	assert_true(column_time(q, 4) == TIME_NONE);
	assert_false(column_bool(q, 5));
	db_done(q);
}

static void test_empty_text_and_blob_are_not_null(void **state)
{
	struct db *db = *state;
	struct query *q = db_query(db, &insert_all);

	bind_id(q, 1, thing_id(1));
	for (int i = 2; i <= 7; i++)
		bind_null(q, i);
	bind_text(q, 4, STR(""));
	bind_blob(q, 5, STR(""));
	assert_int_equal(db_done_after(q), 0);
	q = db_query(db, &select_thing);
	bind_id(q, 1, thing_id(1));
	assert_int_equal(query_step(q), 1);
	assert_false(column_is_null(q, 2));
	assert_non_null(column_text(q, 2).ptr);
	assert_int_equal(column_text(q, 2).len, 0);
	assert_false(column_is_null(q, 3));
	assert_non_null(column_blob(q, 3).ptr);
	assert_int_equal(column_blob(q, 3).len, 0);
	db_done(q);
}

static void test_a_large_value_comes_back_whole(void **state)
{
	SQL(set_body, "UPDATE thing SET body = $2 WHERE id = $1");
	enum { SIZE = 3 * 1024 * 1024 };
	struct db *db = *state;
	char *bytes = xmalloc(SIZE);
	struct query *q;

	random_bytes(bytes, SIZE);
	assert_int_equal(insert_thing(db, 1), 0);
	q = db_query(db, &set_body);
	bind_id(q, 1, thing_id(1));
	bind_blob(q, 2, str_of(bytes, SIZE));
	assert_int_equal(db_done_after(q), 0);
	q = db_query(db, &select_thing);
	bind_id(q, 1, thing_id(1));
	assert_int_equal(query_step(q), 1);
	assert_true(str_eq(column_blob(q, 3), str_of(bytes, SIZE)));
	db_done(q);
	free(bytes);
}

static void test_parameters_go_by_number_whatever_their_order_or_repetition(void **state)
{
	SQL(upsert, "INSERT INTO thing (name, at_ms, number, id, open) VALUES ($3, $2, $4, $1, 0)"
		    " ON CONFLICT (id) DO UPDATE SET name = $3, open = thing.open + $2 RETURNING "
		    "name, open");
	struct db *db = *state;

	for (int round = 0; round < 2; round++) {
		struct query *q = db_query(db, &upsert);

		bind_i64(q, 4, 12);
		bind_text(q, 3, STR("third"));
		bind_i64(q, 2, 40);
		bind_id(q, 1, thing_id(9));
		assert_int_equal(query_step(q), 1);
		assert_str_equal(column_text(q, 0), "third");
		assert_int_equal(column_i64(q, 1), round ? 40 : 0);
		assert_int_equal(db_done_after(q), 0);
		assert_int_equal(db_changes(db), 1);
	}
}

static void test_integers_fit_the_width_the_server_inferred(void **state)
{
	SQL(widths,
	    "SELECT CAST($1 AS INTEGER) + 1, CAST($2 AS BIGINT) + 1, CAST($3 AS DOUBLE PRECISION)");
	struct db *db = *state;
	struct query *q = db_query(db, &widths);

	bind_i64(q, 1, -41);
	bind_i64(q, 2, INT64_C(1) << 40);
	bind_i64(q, 3, 7);
	assert_int_equal(query_step(q), 1);
	assert_int_equal(column_i64(q, 0), -40);
	assert_true(column_i64(q, 1) == (INT64_C(1) << 40) + 1);
	assert_true(column_double(q, 2) == 7.0);
	db_done(q);
}

static void test_a_list_stops_at_its_limit(void **state)
{
	struct db *db = *state;
	struct query *q;

	for (int i = 0; i < 10; i++)
		assert_int_equal(insert_thing(db, i), 0);
	q = db_query(db, &select_numbers);
	bind_i64(q, 1, 4);
	for (int i = 0; i < 4; i++) {
		assert_int_equal(query_step(q), 1);
		assert_int_equal(column_i64(q, 0), i);
	}
	assert_int_equal(query_step(q), 0);
	db_done(q);
}

static void test_changes_count_the_last_write_only(void **state)
{
	SQL(set_all, "UPDATE thing SET open = $1 WHERE number >= $2");
	SQL(delete_one, "DELETE FROM thing WHERE number = $1");
	SQL(insert_quietly,
	    "INSERT INTO thing (id, number) VALUES ($1, $2) ON CONFLICT DO NOTHING");
	struct db *db = *state;
	struct query *q;

	for (int i = 0; i < 5; i++)
		assert_int_equal(insert_thing(db, i), 0);
	q = db_query(db, &set_all);
	bind_i64(q, 1, 1);
	bind_i64(q, 2, 2);
	assert_int_equal(db_done_after(q), 0);
	assert_int_equal(db_changes(db), 3);
	assert_int_equal(count_things(db), 5);
	assert_int_equal(db_changes(db), 3);
	q = db_query(db, &delete_one);
	bind_i64(q, 1, 77);
	assert_int_equal(db_done_after(q), 0);
	assert_int_equal(db_changes(db), 0);
	q = db_query(db, &insert_quietly);
	bind_id(q, 1, thing_id(3));
	bind_i64(q, 2, 3);
	assert_int_equal(db_done_after(q), 0);
	assert_int_equal(db_changes(db), 0);
}

static void test_many_statements_are_kept_and_found_again(void **state)
{
	enum { STATEMENTS = 300 };
	static char texts[STATEMENTS][64];
	static struct sql statements[STATEMENTS];
	struct db *db = *state;

	for (int i = 0; i < STATEMENTS; i++) {
		snprintf(texts[i], sizeof(texts[i]), "SELECT %d + CAST($1 AS BIGINT)", i);
		statements[i].text = texts[i];
	}
	for (int round = 0; round < 3; round++)
		for (int i = 0; i < STATEMENTS; i++) {
			struct query *q = db_query(db, &statements[i]);

			bind_i64(q, 1, round);
			assert_int_equal(query_step(q), 1);
			assert_int_equal(column_i64(q, 0), i + round);
			db_done(q);
		}
}

/* ---- errors ---- */

static void test_a_second_same_key_is_refused_as_existing(void **state)
{
	struct db *db = *state;

	assert_int_equal(insert_thing(db, 1), 0);
	assert_int_equal(insert_thing(db, 1), -EEXIST);
	assert_int_equal(db_error(db), -EEXIST);
	assert_int_equal(insert_thing(db, 2), 0);
	assert_int_equal(count_things(db), 2);
}

static void test_other_constraints_are_not_taken_for_existing(void **state)
{
	SQL(insert_child, "INSERT INTO child (thing, kind) VALUES ($1, $2)");
	struct db *db = *state;
	struct query *q;

	assert_int_equal(insert_thing(db, 1), 0);
	assert_int_equal(db_execute(db,
				    "CREATE TABLE child (thing blob NOT NULL REFERENCES thing (id),"
				    " kind BIGINT CHECK (kind < 3))"),
			 0);
	q = db_query(db, &insert_child);
	bind_id(q, 1, thing_id(2));
	bind_i64(q, 2, 1);
	assert_int_equal(db_done_after(q), -EINVAL);
	q = db_query(db, &insert_child);
	bind_id(q, 1, thing_id(1));
	bind_i64(q, 2, 3);
	assert_int_equal(db_done_after(q), -EINVAL);
	q = db_query(db, &insert_child);
	bind_null(q, 1);
	bind_i64(q, 2, 1);
	assert_int_equal(db_done_after(q), -EINVAL);
}

static void test_wrong_sql_gives_its_error_at_the_step(void **state)
{
	SQL(wrong, "SELECT word FROM nowhere WHERE x = $1");
	struct db *db = *state;
	struct query *q = db_query(db, &wrong);

	bind_i64(q, 1, 5);
	assert_int_equal(query_step(q), -EINVAL);
	db_done(q);
	assert_non_null(strstr(db_error_text(db), "nowhere"));
	assert_int_equal(insert_thing(db, 1), 0);
}

static void test_error_texts_hold_no_values(void **state)
{
	SQL(insert_name, "INSERT INTO named (name, number) VALUES ($1, $2)");
	struct db *db = *state;

	assert_int_equal(
		db_execute(db,
			   "CREATE TABLE named (name TEXT PRIMARY KEY, number BIGINT NOT NULL)"),
		0);
	for (int i = 0; i < 3; i++) {
		struct query *q = db_query(db, &insert_name);

		bind_text(q, 1, STR("+33612345678"));
		if (i < 2)
			bind_i64(q, 2, 4242424242);
		else
			bind_null(q, 2);
		assert_int_equal(db_done_after(q), i == 0 ? 0 : i == 1 ? -EEXIST : -EINVAL);
		assert_null(strstr(db_error_text(db), "33612345678"));
		assert_null(strstr(db_error_text(db), "4242424242"));
	}
}

int main(void)
{
	const struct database_test tests[] = {
		on(ON_BOTH, test_every_kind_of_value_comes_back_as_it_was_bound),
		on(ON_BOTH, test_null_reads_as_nothing),
		on(ON_BOTH, test_empty_text_and_blob_are_not_null),
		on(ON_BOTH, test_a_large_value_comes_back_whole),
		on(ON_BOTH, test_parameters_go_by_number_whatever_their_order_or_repetition),
		on(ON_BOTH, test_integers_fit_the_width_the_server_inferred),
		on(ON_BOTH, test_a_list_stops_at_its_limit),
		on(ON_BOTH, test_changes_count_the_last_write_only),
		on(ON_BOTH, test_many_statements_are_kept_and_found_again),
		on(ON_BOTH, test_a_second_same_key_is_refused_as_existing),
		on(ON_BOTH, test_other_constraints_are_not_taken_for_existing),
		on(ON_BOTH, test_wrong_sql_gives_its_error_at_the_step),
		on(ON_BOTH, test_error_texts_hold_no_values),
	};

	return run_on_databases("db", tests, ARRAY_LEN(tests), make_thing);
}

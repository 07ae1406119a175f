/*
 * I2 on SQLite: what db_commit said is kept survives a power cut at any I/O call, and a disk that
 * fails or is full is told, never acknowledged. All through store/db.h, on a disk that keeps only
 * what was synced (power_loss_vfs.h). EGIDE_BUDGET multiplies the number of fates each cut is
 * given.
 */
#include "test.h"

#include <errno.h>

#include "base/alloc.h"
#include "base/log.h"
#include "power_loss_vfs.h"
#include "store/db.h"
#include "store/migrate.h"

#define DISK "sqlite:/disk?vfs=power-loss"

enum { COMMITS = 24, BODY_SIZE = 1500 };

static const char *const first[] = {
	"CREATE TABLE entry (number BIGINT PRIMARY KEY, body blob NOT NULL)",
	"CREATE TABLE shadow (number BIGINT PRIMARY KEY, body blob NOT NULL)",
	"CREATE TABLE tally (id BIGINT PRIMARY KEY, total BIGINT NOT NULL)",
	"INSERT INTO tally (id, total) VALUES (1, 0)",
	NULL,
};
static const char *const second[] = {
	"CREATE INDEX entry_body ON entry (body)",
	"ALTER TABLE shadow ADD COLUMN note TEXT",
	"UPDATE shadow SET note = 'upgraded'",
	NULL,
};
static const struct migration table[] = {{1, "first", first}, {2, "second", second}};

SQL(insert_entry, "INSERT INTO entry (number, body) VALUES ($1, $2)");
SQL(insert_shadow, "INSERT INTO shadow (number, body) VALUES ($1, $2)");
SQL(add_to_tally, "UPDATE tally SET total = total + 1 WHERE id = $1");
SQL(select_both,
    "SELECT e.body, s.body FROM entry e, shadow s WHERE e.number = $1 AND s.number = $1");
SQL(count_all,
    "SELECT (SELECT COUNT(*) FROM entry), (SELECT COUNT(*) FROM shadow), total FROM tally");
SQL(integrity, "PRAGMA integrity_check");

static void fill_body(int number, char body[BODY_SIZE])
{
	for (size_t i = 0; i < BODY_SIZE; i++)
		body[i] = (char)(number * 31 + (int)i * 7);
}

/* What a run of the workload has been told. */
struct told {
	bool kept[COMMITS];
	int errors;
};

static int insert_body(struct db *db, const struct sql *sql, int number, struct str body)
{
	struct query *q = db_query(db, sql);

	bind_i64(q, 1, number);
	bind_blob(q, 2, body);
	return db_done_after(q);
}

static int commit_one(struct db *db, int number)
{
	char body[BODY_SIZE];
	struct query *q;
	int rc;

	fill_body(number, body);
	rc = db_begin(db);
	if (rc)
		return rc;
	rc = insert_body(db, &insert_entry, number, str_of(body, BODY_SIZE));
	if (!rc)
		rc = insert_body(db, &insert_shadow, number, str_of(body, BODY_SIZE));
	if (!rc) {
		q = db_query(db, &add_to_tally);
		bind_i64(q, 1, 1);
		rc = db_done_after(q);
	}
	if (!rc)
		return db_commit(db);
	db_rollback(db);
	return rc;
}

/* One life of the program: opens, migrates, commits, checkpoints, closes. */
static void live(int from, int to, size_t migrations_known, const char *pragma, struct told *told)
{
	struct db *db, *checkpointer = NULL;

	if (db_open(DISK, DB_WRITER, &db)) {
		told->errors++;
		return;
	}
	if ((pragma && db_execute(db, pragma)) || db_migrate_with(db, table, migrations_known) ||
	    db_open_checkpointer(db, &checkpointer)) {
		told->errors++;
		db_close(db);
		return;
	}
	for (int number = from; number < to; number++) {
		if (commit_one(db, number) == 0)
			told->kept[number] = true;
		else
			told->errors++;
		if (number % 3 == 2 && db_checkpoint(checkpointer))
			told->errors++;
	}
	db_close(checkpointer);
	db_close(db);
}

/* Three lives, so that opening with and without a WAL, upgrading and closing are cut too. */
static struct told work(const char *pragma)
{
	struct told told = {.errors = 0};

	live(0, 8, 1, pragma, &told);
	live(8, 16, 2, pragma, &told);
	live(16, COMMITS, 2, pragma, &told);
	return told;
}

static const char *check_number(struct db *db, int number, bool kept)
{
	struct query *q = db_query(db, &select_both);
	const char *wrong = NULL;
	char body[BODY_SIZE];
	int rc;

	fill_body(number, body);
	bind_i64(q, 1, number);
	rc = query_step(q);
	if (rc < 0)
		wrong = "a row cannot be read";
	else if (rc == 0 && kept)
		wrong = "an acknowledged commit is lost";
	else if (rc == 1 && (!str_eq(column_blob(q, 0), str_of(body, BODY_SIZE)) ||
			     !str_eq(column_blob(q, 1), str_of(body, BODY_SIZE))))
		wrong = "a row has changed";
	db_done(q);
	return wrong;
}

static const char *check_whole(struct db *db)
{
	struct query *q = db_query(db, &integrity);
	const char *wrong = NULL;

	if (query_step(q) != 1 || !str_eq(column_text(q, 0), STR("ok")))
		wrong = "the database is corrupt";
	db_done(q);
	if (wrong)
		return wrong;
	q = db_query(db, &count_all);
	if (query_step(q) != 1 || column_i64(q, 0) != column_i64(q, 1) ||
	    column_i64(q, 0) != column_i64(q, 2))
		wrong = "a commit is half there";
	db_done(q);
	return wrong;
}

/* What is wrong with the disk as a new start finds it, or NULL. */
static const char *check_disk(const struct told *told)
{
	const char *wrong = NULL;
	struct db *db;

	if (db_open(DISK, DB_WRITER, &db))
		return "the database does not open";
	if (db_migrate_with(db, table, ARRAY_LEN(table)))
		wrong = "the database does not upgrade";
	if (!wrong)
		wrong = check_whole(db);
	for (int number = 0; number < COMMITS && !wrong; number++)
		wrong = check_number(db, number, told->kept[number]);
	if (!wrong && commit_one(db, COMMITS))
		wrong = "the database cannot go on";
	db_close(db);
	return wrong;
}

static uint64_t count_calls_of_the_work(const char *pragma)
{
	struct told told;
	uint64_t calls;

	power_loss_reset();
	told = work(pragma);
	calls = power_loss_calls();
	assert_int_equal(told.errors, 0);
	assert_null(check_disk(&told));
	return calls;
}

static uint64_t budget(void)
{
	const char *text = getenv("EGIDE_BUDGET");
	int64_t value = 1;

	if (text && str_parse_i64(str_from(text), 1, 1000, &value))
		return 1;
	return (uint64_t)value;
}

static char last_wrong[160];

/* Cuts the power at each I/O call in turn; counts what a start after it finds wrong. */
static unsigned cut_everywhere(const char *pragma, uint64_t fates)
{
	uint64_t calls = count_calls_of_the_work(pragma);
	unsigned wrong_count = 0;

	for (uint64_t call = 1; call <= calls; call++)
		for (uint64_t fate = 0; fate < fates; fate++) {
			struct told told;
			const char *wrong;

			power_loss_reset();
			power_loss_arm(FAULT_CUT, call, true);
			told = work(pragma);
			assert_true(power_loss_struck());
			power_cut(call * 1000 + fate);
			wrong = check_disk(&told);
			if (!wrong)
				continue;
			snprintf(last_wrong, sizeof(last_wrong), "call %d of %d, fate %d: %s",
				 (int)call, (int)calls, (int)fate, wrong);
			wrong_count++;
		}
	return wrong_count;
}

static void test_a_power_cut_at_any_call_loses_no_acknowledged_commit(void **state)
{
	if (cut_everywhere(NULL, 2 * budget()))
		fail_msg("%s", last_wrong);
}

/* The harness can fail: without syncs it must see losses. */
static void test_without_syncs_the_same_cuts_do_lose_commits(void **state)
{
	assert_true(cut_everywhere("PRAGMA synchronous=OFF", 1) > 20);
}

/* A cut that comes some time after the work, not during a call. */
static void test_a_power_cut_between_calls_loses_nothing_either(void **state)
{
	for (uint64_t seed = 0; seed < 20 * budget(); seed++) {
		struct told told;

		power_loss_reset();
		told = work(NULL);
		assert_int_equal(told.errors, 0);
		power_cut(seed);
		assert_null(check_disk(&told));
	}
}

/* Fails one call in `stride` in turn, or every one when the budget allows it. */
static void fail_everywhere(enum fault fault, bool lasting, uint64_t stride)
{
	uint64_t calls = count_calls_of_the_work(NULL);
	uint64_t struck = 0, felt = 0, told_of = 0;

	stride = stride > budget() ? stride / budget() : 1;
	for (uint64_t call = 1; call <= calls; call += stride) {
		struct told told;
		const char *wrong;

		power_loss_reset();
		power_loss_arm(fault, call, lasting);
		told = work(NULL);
		struck += power_loss_struck();
		felt += power_loss_felt();
		told_of += told.errors > 0;
		power_loss_repair();
		if (call / stride % 2)
			power_cut(call);
		wrong = check_disk(&told);
		if (wrong)
			fail_msg("call %llu of %llu: %s", (unsigned long long)call,
				 (unsigned long long)calls, wrong);
	}
	/* Every fault was met, and most that were felt could not be worked around: the sweep did
	 * reach the disk. */
	assert_int_equal(struck, (calls + stride - 1) / stride);
	assert_true(felt > struck / 8);
	assert_true(told_of > felt / 2);
}

static void test_a_disk_that_fails_once_is_never_taken_for_a_commit(void **state)
{
	fail_everywhere(FAULT_EIO, false, 1);
}

static void test_a_disk_that_fails_for_good_is_never_taken_for_a_commit(void **state)
{
	fail_everywhere(FAULT_EIO, true, 4);
}

static void test_a_full_disk_is_never_taken_for_a_commit(void **state)
{
	fail_everywhere(FAULT_FULL, false, 2);
}

static void test_a_disk_that_stays_full_is_never_taken_for_a_commit(void **state)
{
	fail_everywhere(FAULT_FULL, true, 4);
}

static void test_a_full_disk_and_a_failing_one_are_told_apart(void **state)
{
	static const struct {
		enum fault fault;
		int error;
	} faults[] = {{FAULT_FULL, -ENOSPC}, {FAULT_EIO, -EIO}};

	for (size_t i = 0; i < ARRAY_LEN(faults); i++) {
		struct db *db;

		power_loss_reset();
		assert_int_equal(db_open(DISK, DB_WRITER, &db), 0);
		assert_int_equal(db_migrate_with(db, table, 1), 0);
		assert_int_equal(commit_one(db, 0), 0);
		power_loss_arm(faults[i].fault, 1, true);
		assert_int_equal(commit_one(db, 1), faults[i].error);
		assert_false(db_in_transaction(db));
		power_loss_repair();
		assert_int_equal(commit_one(db, 2), 0);
		db_close(db);
	}
}

static bool checkpoint_touches_the_disk(struct db *checkpointer)
{
	uint64_t calls = power_loss_calls();

	assert_int_equal(db_checkpoint(checkpointer), 0);
	return power_loss_calls() != calls;
}

/* The rule against SQLite's WAL-reset race (db_sqlite.c), seen from the disk: no call, no race. */
static void test_after_a_complete_checkpoint_the_next_waits_for_commits(void **state)
{
	struct db *db, *checkpointer;

	power_loss_reset();
	assert_int_equal(db_open(DISK, DB_WRITER, &db), 0);
	assert_int_equal(db_migrate_with(db, table, 1), 0);
	assert_int_equal(db_open_checkpointer(db, &checkpointer), 0);
	for (int number = 0; number < 6; number += 2) {
		assert_int_equal(commit_one(db, number), 0);
		assert_int_equal(commit_one(db, number + 1), 0);
		assert_true(checkpoint_touches_the_disk(checkpointer));
		assert_int_equal(db_begin(db), 0);
		assert_false(checkpoint_touches_the_disk(checkpointer));
		assert_int_equal(db_commit(db), 0);
		assert_false(checkpoint_touches_the_disk(checkpointer));
	}
	assert_int_equal(commit_one(db, 6), 0);
	assert_false(checkpoint_touches_the_disk(checkpointer));
	db_close(checkpointer);
	db_close(db);
}

static int start(void **state)
{
	/* A database that refuses to open says so in the log: here that is thousands of lines. */
	log_set_level((enum log_level)(LOG_ERROR + 1));
	power_loss_register();
	return 0;
}

static int finish(void **state)
{
	power_loss_unregister();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_power_cut_at_any_call_loses_no_acknowledged_commit),
		cmocka_unit_test(test_without_syncs_the_same_cuts_do_lose_commits),
		cmocka_unit_test(test_a_power_cut_between_calls_loses_nothing_either),
		cmocka_unit_test(test_a_disk_that_fails_once_is_never_taken_for_a_commit),
		cmocka_unit_test(test_a_disk_that_fails_for_good_is_never_taken_for_a_commit),
		cmocka_unit_test(test_a_full_disk_is_never_taken_for_a_commit),
		cmocka_unit_test(test_a_disk_that_stays_full_is_never_taken_for_a_commit),
		cmocka_unit_test(test_a_full_disk_and_a_failing_one_are_told_apart),
		cmocka_unit_test(test_after_a_complete_checkpoint_the_next_waits_for_commits),
	};

	return cmocka_run_group_tests_name("power loss", tests, start, finish);
}

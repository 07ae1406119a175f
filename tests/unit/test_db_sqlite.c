/* What only SQLite has: a private file, a WAL that is recycled, checkpoints beside a busy writer.
 */
#include "databases.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"

enum { FILE_SIZE = 512 };

static void test_the_database_file_is_private(void **state)
{
	char path[FILE_SIZE];
	struct db *db = *state;
	struct stat st;

	assert_int_equal(insert_thing(db, 1), 0);
	assert_int_equal(stat(sqlite_path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	snprintf(path, sizeof(path), "%s-wal", sqlite_path);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
}

static void test_a_file_that_is_no_database_is_refused(void **state)
{
	char path[FILE_SIZE], wrong_url[FILE_SIZE + 8];
	FILE *file;
	struct db *db;

	snprintf(path, sizeof(path), "%s-not-one", sqlite_path);
	file = fopen(path, "w");
	assert_non_null(file);
	for (int i = 0; i < 200; i++)
		fputs("This is a text, long enough to be taken for a page.\n", file);
	fclose(file);
	snprintf(wrong_url, sizeof(wrong_url), "sqlite:%s", path);
	assert_int_equal(db_open(wrong_url, DB_WRITER, &db), -EIO);
	unlink(path);
	assert_int_equal(db_open(wrong_url, DB_READER, &db), -ENOENT);
	assert_int_equal(db_open("oracle:x", DB_READER, &db), -EINVAL);
}

static off_t wal_size(void)
{
	char path[FILE_SIZE];
	struct stat st;

	snprintf(path, sizeof(path), "%s-wal", sqlite_path);
	assert_int_equal(stat(path, &st), 0);
	return st.st_size;
}

/* Without checkpoints a round adds some 12 MB; with them the same blocks serve again. */
static void test_the_wal_is_recycled_and_does_not_grow(void **state)
{
	enum { ROUNDS = 6, COMMITS = 1000 };
	struct db *db = *state, *checkpointer;
	off_t after_first = 0;

	assert_int_equal(db_open_checkpointer(db, &checkpointer), 0);
	assert_int_equal(db_execute(db, "PRAGMA synchronous=OFF"), 0);
	for (int round = 0; round < ROUNDS; round++) {
		for (int i = 0; i < COMMITS; i++)
			assert_int_equal(insert_thing(db, round * COMMITS + i), 0);
		assert_int_equal(db_checkpoint(checkpointer), 0);
		if (round == 1)
			after_first = wal_size();
	}
	assert_true(wal_size() <= after_first + after_first / 2);
	assert_int_equal(count_things(db), ROUNDS * COMMITS);
	db_close(checkpointer);
}

static void test_what_a_killed_server_left_in_the_wal_is_put_away_at_the_next_start(void **state)
{
	struct db *db = *state, *checkpointer;

	for (int i = 0; i < 100; i++)
		assert_int_equal(insert_thing(db, i), 0);
	assert_true(wal_size() > 0);
	assert_int_equal(db_open_checkpointer(db, &checkpointer), 0);
	assert_int_equal(wal_size(), 0);
	assert_int_equal(count_things(db), 100);
	db_close(checkpointer);
}

static void test_a_wal_held_back_by_a_reader_is_recycled_once_it_leaves(void **state)
{
	enum { COMMITS = 2500 };
	struct db *db = *state, *checkpointer, *reader;
	off_t held;

	reader = open_other(DB_READER);
	assert_int_equal(db_open_checkpointer(db, &checkpointer), 0);
	assert_int_equal(db_execute(db, "PRAGMA synchronous=OFF"), 0);
	assert_int_equal(insert_thing(db, 0), 0);
	assert_int_equal(db_begin(reader), 0);
	assert_int_equal(count_things(reader), 1);
	for (int i = 1; i <= COMMITS; i++)
		assert_int_equal(insert_thing(db, i), 0);
	assert_int_equal(db_checkpoint(checkpointer), 0);
	assert_int_equal(count_things(reader), 1);
	assert_int_equal(db_commit(reader), 0);
	assert_int_equal(insert_thing(db, COMMITS + 1), 0);
	held = wal_size();
	assert_int_equal(db_checkpoint(checkpointer), 0);
	for (int i = 0; i < 100; i++)
		assert_int_equal(insert_thing(db, COMMITS + 2 + i), 0);
	assert_true(wal_size() <= held);
	db_close(reader);
	db_close(checkpointer);
}

struct busy_thread {
	struct db *db;
	atomic_bool *stop;
	long rounds;
	int error;
};

static void *keep_checkpointing(void *argument)
{
	struct busy_thread *t = argument;

	while (!atomic_load(t->stop) && !t->error) {
		t->error = db_checkpoint(t->db);
		t->rounds++;
	}
	return NULL;
}

static void *keep_counting(void *argument)
{
	struct busy_thread *t = argument;
	int64_t last = 0;

	while (!atomic_load(t->stop) && !t->error) {
		int64_t now = count_things(t->db);

		if (now < last)
			t->error = -EBADMSG;
		last = now;
		t->rounds++;
	}
	return NULL;
}

static void assert_sound(struct db *db)
{
	SQL(integrity, "PRAGMA integrity_check");
	struct query *q = db_query(db, &integrity);

	assert_int_equal(query_step(q), 1);
	assert_str_equal(column_text(q, 0), "ok");
	db_done(q);
}

static void test_checkpoints_and_reads_beside_a_busy_writer_lose_nothing(void **state)
{
	enum { COMMITS = 6000 };
	struct db *db = *state;
	atomic_bool stop = false;
	struct busy_thread checkpoint = {.stop = &stop}, reading = {.stop = &stop};
	pthread_t threads[2];

	assert_int_equal(db_execute(db, "PRAGMA synchronous=OFF"), 0);
	assert_int_equal(db_open_checkpointer(db, &checkpoint.db), 0);
	reading.db = open_other(DB_READER);
	assert_int_equal(pthread_create(&threads[0], NULL, keep_checkpointing, &checkpoint), 0);
	assert_int_equal(pthread_create(&threads[1], NULL, keep_counting, &reading), 0);
	for (int i = 0; i < COMMITS; i++)
		assert_int_equal(insert_thing(db, i), 0);
	atomic_store(&stop, true);
	pthread_join(threads[0], NULL);
	pthread_join(threads[1], NULL);
	assert_int_equal(checkpoint.error, 0);
	assert_int_equal(reading.error, 0);
	assert_true(checkpoint.rounds > 0 && reading.rounds > 0);
	db_close(checkpoint.db);
	db_close(reading.db);
	assert_sound(db);
	assert_int_equal(db_reopen(db), 0);
	assert_int_equal(count_things(db), COMMITS);
}

/* Of the WAL's header, sqlite.org/fileformat2.html: another each time it is started over. */
static uint32_t wal_salt(void)
{
	char path[FILE_SIZE];
	uint32_t header[8];
	size_t read;
	FILE *file;

	snprintf(path, sizeof(path), "%s-wal", sqlite_path);
	file = fopen(path, "r");
	assert_non_null(file);
	read = fread(header, sizeof(header), 1, file);
	fclose(file);
	return read ? header[4] : 0; /* it was cut to nothing */
}

/* Some twenty pages. */
SQL(insert_much, "INSERT INTO thing (id, number) VALUES (randomblob(40000), $1)");

static void test_a_writer_that_never_rests_starts_its_wal_over(void **state)
{
	enum { TIMES = 5, TRANSACTIONS_MAX = 3000 };
	struct db *db = *state;
	atomic_bool stop = false;
	struct busy_thread checkpoint = {.stop = &stop};
	pthread_t thread;
	uint32_t salt;
	int times = 0, transactions = 0;

	assert_int_equal(db_execute(db, "PRAGMA synchronous=OFF"), 0);
	assert_int_equal(db_open_checkpointer(db, &checkpoint.db), 0);
	assert_int_equal(insert_thing(db, -1), 0);
	salt = wal_salt();
	assert_int_equal(pthread_create(&thread, NULL, keep_checkpointing, &checkpoint), 0);
	for (; times < TIMES && transactions < TRANSACTIONS_MAX; transactions++) {
		struct query *q;

		assert_int_equal(db_begin(db), 0);
		q = db_query(db, &insert_much);
		bind_i64(q, 1, transactions);
		assert_int_equal(db_done_after(q), 0);
		times += wal_salt() != salt;
		salt = wal_salt();
		assert_int_equal(db_commit(db), 0);
	}
	atomic_store(&stop, true);
	pthread_join(thread, NULL);
	assert_int_equal(checkpoint.error, 0);
	assert_int_equal(times, TIMES);
	assert_int_equal(count_things(db), transactions + 1);
	db_close(checkpoint.db);
	assert_sound(db);
}

static void test_a_database_in_memory_is_shared_by_its_connections(void **state)
{
	struct db *writer, *reader;

	assert_int_equal(db_open("sqlite:/shared?vfs=memdb", DB_WRITER, &writer), 0);
	assert_int_equal(
		db_execute(writer, "CREATE TABLE thing (id blob PRIMARY KEY, number BIGINT)"), 0);
	assert_int_equal(db_open("sqlite:/shared?vfs=memdb", DB_READER, &reader), 0);
	assert_int_equal(insert_thing(writer, 1), 0);
	assert_int_equal(count_things(reader), 1);
	db_close(reader);
	db_close(writer);
}

int main(void)
{
	const struct database_test tests[] = {
		on(ON_SQLITE, test_the_database_file_is_private),
		on(ON_SQLITE, test_a_file_that_is_no_database_is_refused),
		on(ON_SQLITE, test_the_wal_is_recycled_and_does_not_grow),
		on(ON_SQLITE,
		   test_what_a_killed_server_left_in_the_wal_is_put_away_at_the_next_start),
		on(ON_SQLITE, test_a_wal_held_back_by_a_reader_is_recycled_once_it_leaves),
		on(ON_SQLITE, test_checkpoints_and_reads_beside_a_busy_writer_lose_nothing),
		on(ON_SQLITE, test_a_writer_that_never_rests_starts_its_wal_over),
		on(ON_SQLITE, test_a_database_in_memory_is_shared_by_its_connections),
	};

	return run_on_databases("db, SQLite alone", tests, ARRAY_LEN(tests), make_thing);
}

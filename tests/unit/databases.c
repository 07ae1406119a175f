/* The same tests on both databases: see databases.h. */
#include "databases.h"

#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/log.h"
#include "crypto/random.h"
#include "store/migrate.h"

enum { PATH_SIZE = 256 };

const char *database_url, *sqlite_path;

static char folder[PATH_SIZE], path[PATH_SIZE + 16], sqlite_url[PATH_SIZE + 32];
static int (*prepare_database)(struct db *db);

SQL(insert_number, "INSERT INTO thing (id, number) VALUES ($2, $1)");
SQL(count_all, "SELECT COUNT(*) FROM thing");

static void remove_sqlite(void)
{
	static const char *const suffixes[] = {"", "-wal", "-shm"};

	for (size_t i = 0; i < ARRAY_LEN(suffixes); i++) {
		char file[sizeof(path) + 8];

		snprintf(file, sizeof(file), "%s%s", path, suffixes[i]);
		unlink(file);
	}
}

/*
 * Making the schema again costs PostgreSQL ten times what a test does, so it is made once a
 * program: what the migrations leave is kept beside it, with what the schema looks like, and later
 * tests find the tables emptied and filled from there. A schema that a test has changed is made
 * anew.
 */
static const char *const keep_born[] = {
	"DROP SCHEMA IF EXISTS born CASCADE",
	"CREATE SCHEMA born",
	"CREATE VIEW born.look AS SELECT md5(string_agg(concat_ws(' ', c.relname, c.relkind, "
	"a.attname,"
	" a.atttypid, a.attnotnull, pg_get_indexdef(c.oid)), ',' ORDER BY c.relname, a.attnum)) AS "
	"sum"
	" FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid"
	" WHERE c.relnamespace = 'public'::regnamespace AND NOT a.attisdropped",
	"CREATE TABLE born.looked AS SELECT sum FROM born.look",
	"DO $$ DECLARE t text; filled boolean; BEGIN"
	" FOR t IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP"
	"  EXECUTE format('SELECT EXISTS (SELECT FROM public.%I)', t) INTO filled;"
	"  IF filled THEN EXECUTE format('CREATE TABLE born.%I AS TABLE public.%1$I', t); END IF;"
	" END LOOP; END $$",
};
static const char renew[] =
	"DO $$ DECLARE t text; BEGIN"
	" FOR t IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP"
	"  EXECUTE format('DELETE FROM public.%I', t);"
	"  IF to_regclass(format('born.%I', t)) IS NOT NULL THEN"
	"   EXECUTE format('INSERT INTO public.%I TABLE born.%1$I', t); END IF;"
	" END LOOP; END $$";
SQL(looks_born, "SELECT 1 FROM born.look JOIN born.looked USING (sum)");

static bool kept; /* by this program */

static int make_anew(struct db *db)
{
	int rc = db_execute(db, "DROP SCHEMA public CASCADE");

	kept = false;
	if (!rc)
		rc = db_execute(db, "CREATE SCHEMA public");
	if (!rc)
		rc = prepare_database(db);
	for (size_t i = 0; !rc && i < ARRAY_LEN(keep_born); i++)
		rc = db_execute(db, keep_born[i]);
	kept = !rc;
	return rc;
}

static int prepare_postgres(struct db *db)
{
	struct query *q;
	int as_born;

	if (!kept)
		return make_anew(db);
	q = db_query(db, &looks_born);
	as_born = query_step(q);
	db_done(q);
	return as_born == 1 ? db_execute(db, renew) : make_anew(db);
}

static int setup(void **state)
{
	struct db *db;

	database_url = *state;
	if (database_url == sqlite_url)
		remove_sqlite();
	if (db_open(database_url, DB_WRITER, &db))
		return -1;
	if (db_is_sqlite(db) ? prepare_database(db) : prepare_postgres(db)) {
		print_error("preparing the database: %s\n", db_error_text(db));
		db_close(db);
		return -1;
	}
	*state = db;
	return 0;
}

static int teardown(void **state)
{
	db_close(*state);
	return 0;
}

/* cmocka knows one list: a test goes in once a database, under the database's name. */
static void add(struct CMUnitTest *list, size_t *count, const struct database_test *test,
		const char *database, char *url)
{
	struct buf name = BUF_INIT;

	buf_printf(&name, "%s_on_%s", test->name, database);
	list[(*count)++] = (struct CMUnitTest){buf_cstr(&name), test->run, setup, teardown, url};
}

static int make_folder(void)
{
	const char *temporary = getenv("TMPDIR");

	snprintf(folder, sizeof(folder), "%s/egide-db-XXXXXX", temporary ? temporary : "/tmp");
	if (!mkdtemp(folder))
		return -1;
	snprintf(path, sizeof(path), "%s/test.db", folder);
	snprintf(sqlite_url, sizeof(sqlite_url), "sqlite:%s", path);
	sqlite_path = path;
	return 0;
}

int run_on_databases(const char *group, const struct database_test *tests, size_t count,
		     int (*prepare)(struct db *db))
{
	struct CMUnitTest *list = xcalloc(2 * count, sizeof(*list));
	char *postgres_url = getenv("EGIDE_TEST_POSTGRES");
	size_t listed = 0;
	int failures;

	crypto_init();
	log_set_level(LOG_ERROR);
	prepare_database = prepare;
	if (make_folder())
		return 1;
	for (size_t i = 0; i < count; i++)
		if (tests[i].where & ON_SQLITE)
			add(list, &listed, &tests[i], "sqlite", sqlite_url);
	for (size_t i = 0; i < count && postgres_url; i++)
		if (tests[i].where & ON_POSTGRES)
			add(list, &listed, &tests[i], "postgresql", postgres_url);
	failures = _cmocka_run_group_tests(group, list, listed, NULL, NULL);
	for (size_t i = 0; i < listed; i++)
		free((void *)(uintptr_t)list[i].name);
	free(list);
	remove_sqlite();
	rmdir(folder);
	return failures;
}

struct db *open_other(enum db_mode mode)
{
	struct db *db;

	assert_int_equal(db_open(database_url, mode, &db), 0);
	return db;
}

int make_thing(struct db *db)
{
	static const char *const statements[] = {
		"CREATE TABLE thing (id blob PRIMARY KEY, number BIGINT UNIQUE, ratio DOUBLE "
		"PRECISION,"
		" name TEXT, body blob, at_ms BIGINT, open BIGINT)",
		NULL};
	static const struct migration table = {1, "thing", statements};

	return db_migrate_with(db, &table, 1);
}

struct id thing_id(int number)
{
	struct id id = {{0xEE}};

	id.bytes[14] = (uint8_t)(number >> 8);
	id.bytes[15] = (uint8_t)number;
	return id;
}

int insert_thing(struct db *db, int number)
{
	struct query *q = db_query(db, &insert_number);

	bind_i64(q, 1, number);
	bind_id(q, 2, thing_id(number));
	return db_done_after(q);
}

int64_t count_things(struct db *db)
{
	struct query *q = db_query(db, &count_all);
	int64_t found = query_step(q) == 1 ? column_i64(q, 0) : -1;

	db_done(q);
	return found;
}

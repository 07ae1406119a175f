/*
 * Runs tests once a database: on SQLite in a temporary folder ($TMPDIR), and on PostgreSQL when
 * EGIDE_TEST_POSTGRES is its URL (tests/lib/postgres makes one). Each test starts with an empty
 * database; its *state is the writer.
 */
#ifndef TESTS_UNIT_DATABASES_H
#define TESTS_UNIT_DATABASES_H

#include "test.h"

#include "base/id.h"
#include "store/db.h"

enum { ON_SQLITE = 1, ON_POSTGRES = 2, ON_BOTH = 3 };

struct database_test {
	const char *name;
	CMUnitTestFunction run;
	int where;
};
#define on(where, test) ((struct database_test){#test, test, where})

/* prepare makes the tables: db_migrate, or make_thing below. Returns the number of failures. */
int run_on_databases(const char *group, const struct database_test *tests, size_t count,
		     int (*prepare)(struct db *db));

extern const char *database_url; /* of the test that runs */
extern const char *sqlite_path;  /* of its file, on SQLite */

/* Another connection to the same database; the test closes it. */
struct db *open_other(enum db_mode mode);

/* A table for tests of the interface itself. */
int make_thing(struct db *db);
struct id thing_id(int number);
int insert_thing(struct db *db, int number); /* 0 or the error */
int64_t count_things(struct db *db);         /* -1 on an error */

#endif

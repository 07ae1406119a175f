/* What tests of the registry share: a vault with its keys on the database under test, and synthetic
 * people. */
#ifndef TESTS_UNIT_REGISTRY_H
#define TESTS_UNIT_REGISTRY_H

#include "databases.h"
#include "store/people.h"
#include "store/vault.h"

/* 23/11/2026. */
#define TEST_NOW_MS INT64_C(1795388400000)

/* Opens a vault with new keys on the database of the test that runs; one at a time. */
struct vault *open_vault(void);
void close_vault(struct vault *v);
/* Of the vault that is open. */
const struct keyring *test_ring(void);
struct id new_id(void);

/* Runs the statement in a transaction of its own, as the executor would. */
#define in_transaction(v, statement)                         \
	do {                                                 \
		assert_int_equal(db_begin(vault_db(v)), 0);  \
		assert_int_equal((statement), 0);            \
		assert_int_equal(db_commit(vault_db(v)), 0); \
	} while (0)

/* Bytes of the database's files (SQLite: the file and its log) that hold this text: whether it is
 * in clear. */
bool database_files_hold(const char *text);

#endif

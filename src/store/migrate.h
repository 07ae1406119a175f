/* The numbered migrations. The table itself is schema.c; migrate.c runs it. */
#ifndef STORE_MIGRATE_H
#define STORE_MIGRATE_H

#include <stddef.h>

struct db;

/*
 * Numbers run 1, 2, 3… without a hole. A migration that was released is never edited: the next
 * one corrects it.
 */
struct migration {
	int number;
	const char *name;
	const char *const *statements; /* NULL-terminated, each without parameters */
};

extern const struct migration migrations[];
extern const size_t migration_count;

/*
 * What db_migrate does, with another table (tests). Each migration runs in its own transaction:
 * a stop in the middle leaves the previous version. -EPROTO: the database is newer than the table.
 */
int db_migrate_with(struct db *db, const struct migration *table, size_t count);

#endif

/*
 * A whole copy of an SQLite database while a server writes it: one consistent moment, one file. It
 * holds sealed values and wrapped data keys, never a master key. PostgreSQL has its own tools
 * (pg_dump, pg_basebackup).
 */
#ifndef STORE_BACKUP_H
#define STORE_BACKUP_H

#include <stdint.h>

/*
 * Copies into to_path (0600), which appears complete and on disk, or not at all. progress may be
 * NULL. -ENOTSUP: not SQLite; -EEXIST: to_path is there; -EBADMSG: the source is no database;
 * -errno.
 */
int backup_database(const char *url, const char *to_path,
		    void (*progress)(int64_t done, int64_t total));
/* The path of an SQLite database's file; NULL when the url is not SQLite's. Borrows. */
const char *database_file(const char *url);

#endif

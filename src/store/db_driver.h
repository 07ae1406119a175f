/*
 * What a database provides to db.c, which alone calls it. A driver embeds struct db and struct
 * query as the first members of its own structures.
 */
#ifndef STORE_DB_DRIVER_H
#define STORE_DB_DRIVER_H

#include "store/db.h"
#include "store/db_remains.h"

enum {
	DB_PARAMETERS_MAX = 64, /* of one statement: one bit each in query.bound */
	DB_BUSY_TIMEOUT_MS = 5000,
	DB_ERROR_TEXT_SIZE = 256,
};

enum value_kind { VALUE_NULL, VALUE_I64, VALUE_DOUBLE, VALUE_TEXT, VALUE_BLOB };

struct value {
	enum value_kind kind;
	int64_t i64;
	double real;
	struct str bytes; /* text and blobs; borrowed until the query is done */
};

/* Transaction control: the one text that differs between databases. */
enum control {
	CONTROL_BEGIN,
	CONTROL_COMMIT,
	CONTROL_ROLLBACK,
	CONTROL_SAVEPOINT,
	CONTROL_RELEASE,
	CONTROL_ROLLBACK_TO,
	CONTROL_COUNT
};

struct db_driver {
	size_t db_size, query_size;
	/* Connects; on error leaves nothing open. */
	int (*open)(struct db *db);
	void (*close)(struct db *db);
	int (*control)(struct db *db, enum control what);
	/* Whether the database itself still is in a transaction: errors may have ended it. */
	bool (*is_in_transaction)(const struct db *db);
	/* One is over, however it ended; NULL: nothing is to be done. */
	void (*end)(struct db *db);
	int (*execute)(struct db *db, const char *text);
	/* Prepares q->sql and sets q->parameters. On error leaves nothing to release. */
	int (*prepare)(struct query *q);
	void (*release)(struct query *q);
	int (*bind)(struct query *q, int at, const struct value *value);
	int (*step)(struct query *q);   /* 1, 0, <0; sets db->changes at the end of a write */
	void (*reset)(struct query *q); /* ready for the next use, nothing bound */
	bool (*is_null)(struct query *q, int at);
	int64_t (*get_i64)(struct query *q, int at);
	double (*get_double)(struct query *q, int at);
	struct str (*get_bytes)(struct query *q, int at, enum value_kind kind); /* not for NULL */
};

struct db {
	const struct db_driver *driver;
	char *url; /* without the scheme */
	enum db_mode mode;
	int error;   /* the last one */
	int failed;  /* the first of this transaction, which does nothing more until rolled back */
	bool broken; /* the connection can only be reopened */
	bool in_transaction; /* between db_begin and its end */
	bool in_savepoint;
	int64_t changes;
	int64_t all_changes;       /* of each so far */
	struct query **statements; /* open addressing, by address of the struct sql */
	size_t statement_count, statement_size;
	struct query *refusal; /* given in place of a statement that cannot start */
	char error_text[DB_ERROR_TEXT_SIZE];
	struct remains remains; /* PostgreSQL */
};

struct query {
	struct db *db;
	const struct sql *sql;
	unsigned parameters;
	uint64_t bound;
	struct id ids[DB_PARAMETERS_MAX]; /* what bind_id was given */
	bool busy;
	bool has_row;
	int error;
};

extern const struct db_driver db_sqlite;
extern const struct db_driver db_postgres;

/* Releases every prepared statement; none may be in use. */
void db_forget_statements(struct db *db);

/* Records an error and its text for the log, and gives the error back. */
int db_fail(struct db *db, int error, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

#endif

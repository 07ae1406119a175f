/*
 * What both databases share: the cache of statements, and transactions that behave the same. After
 * an error in a transaction PostgreSQL does nothing more until a rollback, while SQLite goes on,
 * or has silently rolled back. Here both stop: `failed` holds the first error until the rollback.
 */
#include "store/db.h"

#include <assert.h>
#include <errno.h>
#include <stdarg.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/log.h"
#include "store/db_driver.h"

static const struct {
	struct str scheme;
	const struct db_driver *driver;
} drivers[] = {
	{{"sqlite:", 7}, &db_sqlite},
	{{"postgresql:", 11}, &db_postgres},
};

int db_fail(struct db *db, int error, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(db->error_text, sizeof(db->error_text), format, args);
	va_end(args);
	db->error = error;
	if (db->in_transaction && !db->failed)
		db->failed = error;
	if (error == -EPIPE)
		db->broken = true;
	return error;
}

bool db_url_is_known(const char *url)
{
	for (size_t i = 0; i < ARRAY_LEN(drivers); i++)
		if (str_starts(str_from(url), drivers[i].scheme))
			return url[drivers[i].scheme.len] != '\0';
	return false;
}

int db_open(const char *url, enum db_mode mode, struct db **ret_db)
{
	for (size_t i = 0; i < ARRAY_LEN(drivers); i++) {
		struct db *db;
		int rc;

		if (!str_starts(str_from(url), drivers[i].scheme))
			continue;
		db = xcalloc(1, drivers[i].driver->db_size);
		db->driver = drivers[i].driver;
		db->mode = mode;
		db->url = xstrdup(url + drivers[i].scheme.len);
		db->refusal = xcalloc(1, drivers[i].driver->query_size);
		db->refusal->db = db;
		rc = db->driver->open(db);
		if (rc) {
			log_error("store.open_refused", "error=%d text=\"%s\"", -rc,
				  db->error_text);
			db->broken = true;
			db_close(db);
			return rc;
		}
		*ret_db = db;
		return 0;
	}
	return -EINVAL;
}

void db_forget_statements(struct db *db)
{
	for (size_t i = 0; i < db->statement_size; i++)
		if (db->statements[i]) {
			assert(!db->statements[i]->busy);
			db->driver->release(db->statements[i]);
			free(db->statements[i]);
		}
	free(db->statements);
	db->statements = NULL;
	db->statement_count = db->statement_size = 0;
}

void db_close(struct db *db)
{
	if (!db)
		return;
	db_forget_statements(db);
	db->driver->close(db);
	free(db->refusal);
	free(db->url);
	free(db);
}

static void end_transaction(struct db *db)
{
	if (db->in_transaction && db->driver->end)
		db->driver->end(db);
	db->in_transaction = db->in_savepoint = false;
	db->failed = 0;
}

int db_reopen(struct db *db)
{
	int rc;

	db_forget_statements(db);
	db->driver->close(db);
	end_transaction(db);
	rc = db->driver->open(db);
	db->broken = rc != 0;
	return rc;
}

bool db_is_sqlite(const struct db *db)
{
	return db->driver == &db_sqlite;
}

const char *db_error_text(const struct db *db)
{
	return db->error_text;
}

int db_error(const struct db *db)
{
	return db->error;
}

bool db_in_transaction(const struct db *db)
{
	return db->in_transaction;
}

int64_t db_all_changes(const struct db *db)
{
	return db->all_changes;
}

int64_t db_changes(const struct db *db)
{
	return db->changes;
}

/* Why nothing can be done on this connection now, or 0. */
static int standing_error(struct db *db)
{
	if (db->broken)
		return db_fail(db, -EPIPE, "the connection was lost: it has to be reopened");
	return db->failed;
}

int db_begin(struct db *db)
{
	int rc = standing_error(db);

	assert(!db->in_transaction);
	if (!rc)
		rc = db->driver->control(db, CONTROL_BEGIN);
	db->in_transaction = !rc;
	return rc;
}

int db_commit(struct db *db)
{
	int rc = standing_error(db);

	assert(db->in_transaction);
	if (!rc)
		rc = db->driver->control(db, CONTROL_COMMIT);
	if (rc) {
		db_rollback(db);
		return rc;
	}
	end_transaction(db);
	return 0;
}

void db_rollback(struct db *db)
{
	char why[DB_ERROR_TEXT_SIZE];

	/* The log wants the text of what went wrong, not of the rollback. */
	memcpy(why, db->error_text, sizeof(why));
	if (!db->broken && db->driver->is_in_transaction(db) &&
	    db->driver->control(db, CONTROL_ROLLBACK))
		db->broken = true;
	memcpy(db->error_text, why, sizeof(why));
	end_transaction(db);
}

int db_savepoint(struct db *db)
{
	int rc = standing_error(db);

	assert(db->in_transaction && !db->in_savepoint);
	if (!rc)
		rc = db->driver->control(db, CONTROL_SAVEPOINT);
	db->in_savepoint = !rc;
	return rc;
}

int db_savepoint_release(struct db *db)
{
	int rc = standing_error(db);

	assert(db->in_savepoint);
	if (!rc)
		rc = db->driver->control(db, CONTROL_RELEASE);
	if (!rc)
		db->in_savepoint = false;
	return rc;
}

int db_savepoint_rollback(struct db *db)
{
	int rc = 0;

	assert(db->in_savepoint);
	db->in_savepoint = false;
	/* Some errors of SQLite end the whole transaction: then its first error stays. */
	if (db->broken || !db->driver->is_in_transaction(db))
		return standing_error(db);
	db->failed = 0;
	rc = db->driver->control(db, CONTROL_ROLLBACK_TO);
	return rc;
}

int db_execute(struct db *db, const char *text)
{
	int rc = standing_error(db);

	return rc ? rc : db->driver->execute(db, text);
}

/* The slot of a statement, or the empty one where it goes; the table always has one. */
static struct query **find_slot(const struct db *db, const struct sql *sql)
{
	size_t mask = db->statement_size - 1;
	size_t at = (size_t)(((uintptr_t)sql >> 3) * UINT64_C(0x9E3779B97F4A7C15) >> 32);

	while (db->statements[at & mask] && db->statements[at & mask]->sql != sql)
		at++;
	return &db->statements[at & mask];
}

static void grow_statements(struct db *db)
{
	struct query **old = db->statements;
	size_t old_size = db->statement_size;

	db->statement_size = old_size ? old_size * 2 : 64;
	db->statements = xcalloc(db->statement_size, sizeof(struct query *));
	for (size_t i = 0; i < old_size; i++)
		if (old[i])
			*find_slot(db, old[i]->sql) = old[i];
	free(old);
}

static struct query *refuse(struct db *db, int error)
{
	db->refusal->error = error;
	return db->refusal;
}

/* NULL: cannot be prepared, db->error says why. */
static struct query *find_or_prepare(struct db *db, const struct sql *sql)
{
	struct query **slot, *q;

	if (2 * db->statement_count >= db->statement_size)
		grow_statements(db);
	slot = find_slot(db, sql);
	if (*slot)
		return *slot;
	q = xcalloc(1, db->driver->query_size);
	q->db = db;
	q->sql = sql;
	if (db->driver->prepare(q)) {
		free(q);
		return NULL;
	}
	*slot = q;
	db->statement_count++;
	return q;
}

struct query *db_query(struct db *db, const struct sql *sql)
{
	int rc = standing_error(db);
	struct query *q;

	if (rc)
		return refuse(db, rc);
	q = find_or_prepare(db, sql);
	if (!q)
		return refuse(db, db->error);
	assert(!q->busy);
	q->busy = true;
	q->has_row = false;
	q->bound = 0;
	q->error = 0;
	return q;
}

static void bind(struct query *q, int at, struct value value)
{
	if (q->error)
		return;
	assert(at >= 1 && (unsigned)at <= q->parameters);
	q->bound |= UINT64_C(1) << (at - 1);
	q->error = q->db->driver->bind(q, at, &value);
}

void bind_i64(struct query *q, int at, int64_t value)
{
	bind(q, at, (struct value){.kind = VALUE_I64, .i64 = value});
}

void bind_double(struct query *q, int at, double value)
{
	bind(q, at, (struct value){.kind = VALUE_DOUBLE, .real = value});
}

void bind_text(struct query *q, int at, struct str value)
{
	bind(q, at, (struct value){.kind = value.ptr ? VALUE_TEXT : VALUE_NULL, .bytes = value});
}

void bind_blob(struct query *q, int at, struct str value)
{
	bind(q, at, (struct value){.kind = value.ptr ? VALUE_BLOB : VALUE_NULL, .bytes = value});
}

void bind_id(struct query *q, int at, struct id value)
{
	struct id *kept;

	if (q->error || id_is_none(value)) {
		bind_null(q, at);
		return;
	}
	assert(at >= 1 && at <= DB_PARAMETERS_MAX);
	kept = &q->ids[at - 1]; /* given by value, it must outlive this call */
	*kept = value;
	bind_blob(q, at, str_of(kept->bytes, sizeof(kept->bytes)));
}

void bind_time(struct query *q, int at, int64_t at_ms)
{
	if (at_ms == TIME_NONE)
		bind_null(q, at);
	else
		bind_i64(q, at, at_ms);
}

void bind_bool(struct query *q, int at, bool value)
{
	bind_i64(q, at, value);
}

void bind_null(struct query *q, int at)
{
	bind(q, at, (struct value){.kind = VALUE_NULL});
}

static bool all_bound(const struct query *q)
{
	return q->parameters == 64 ? q->bound == UINT64_MAX
				   : q->bound == (UINT64_C(1) << q->parameters) - 1;
}

int query_step(struct query *q)
{
	int rc = q->error ? q->error : standing_error(q->db);

	q->has_row = false;
	if (rc < 0)
		return rc;
	assert(all_bound(q));
	rc = q->db->driver->step(q);
	q->has_row = rc == 1;
	if (rc < 0)
		q->error = rc;
	return rc;
}

bool column_is_null(struct query *q, int at)
{
	assert(q->has_row);
	return q->db->driver->is_null(q, at);
}

int64_t column_i64(struct query *q, int at)
{
	return column_is_null(q, at) ? 0 : q->db->driver->get_i64(q, at);
}

double column_double(struct query *q, int at)
{
	return column_is_null(q, at) ? 0 : q->db->driver->get_double(q, at);
}

struct str column_text(struct query *q, int at)
{
	return column_is_null(q, at) ? STR_NONE : q->db->driver->get_bytes(q, at, VALUE_TEXT);
}

struct str column_blob(struct query *q, int at)
{
	return column_is_null(q, at) ? STR_NONE : q->db->driver->get_bytes(q, at, VALUE_BLOB);
}

bool column_holds_id(struct query *q, int at, struct id *ret_id)
{
	struct str bytes = column_blob(q, at);

	*ret_id = ID_NONE;
	if (!bytes.ptr)
		return true;
	if (bytes.len != sizeof(ret_id->bytes))
		return false;
	memcpy(ret_id->bytes, bytes.ptr, sizeof(ret_id->bytes));
	return true;
}

struct id column_id(struct query *q, int at)
{
	struct id id;
	bool held = column_holds_id(q, at, &id);

	assert(held);
	(void)held;
	return id;
}

int64_t column_time(struct query *q, int at)
{
	return column_is_null(q, at) ? TIME_NONE : q->db->driver->get_i64(q, at);
}

bool column_bool(struct query *q, int at)
{
	return column_i64(q, at) != 0;
}

void db_done(struct query *q)
{
	if (!q || q == q->db->refusal)
		return;
	assert(q->busy);
	q->db->driver->reset(q);
	q->busy = q->has_row = false;
}

int db_done_after(struct query *q)
{
	int rc;

	do
		rc = query_step(q);
	while (rc == 1);
	db_done(q);
	return rc;
}

int db_number_after(struct query *q, int64_t absent, int64_t *ret_value)
{
	int rc = query_step(q);

	*ret_value = rc == 1 && !column_is_null(q, 0) ? column_i64(q, 0) : absent;
	db_done(q);
	return rc < 0 ? rc : 0;
}

int db_any_after(struct query *q, bool *ret_any)
{
	int rc = query_step(q);

	*ret_any = rc == 1;
	db_done(q);
	return rc < 0 ? rc : 0;
}

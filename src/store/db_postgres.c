/*
 * PostgreSQL through libpq: statements prepared on the server by name at first use, parameters and
 * results in binary. The server infers the parameters' types; they are asked for once, so that an
 * integer is sent in the width the server expects.
 */
#include <assert.h>
#include <errno.h>

#include <libpq-fe.h>

#include "base/alloc.h"
#include "base/cursor.h"
#include "store/db_driver.h"

/* pg_type.dat: these never change. */
enum {
	OID_BOOL = 16,
	OID_BYTEA = 17,
	OID_NAME = 19,
	OID_INT8 = 20,
	OID_INT2 = 21,
	OID_INT4 = 23,
	OID_TEXT = 25,
	OID_FLOAT8 = 701,
	OID_VARCHAR = 1043,
};

enum { BINARY = 1 };

struct pg_db {
	struct db base;
	PGconn *conn;
	unsigned prepared;  /* statements so far: names them */
	bool release_waits; /* a savepoint to release with the next one */
	bool warned;        /* the server has sent a warning since this was cleared */
};

struct pg_query {
	struct query base;
	char name[16];
	PGresult *result; /* NULL until stepped */
	int row;
	Oid types[DB_PARAMETERS_MAX];
	const char *values[DB_PARAMETERS_MAX];
	int lengths[DB_PARAMETERS_MAX];
	int formats[DB_PARAMETERS_MAX];
	uint8_t numbers[DB_PARAMETERS_MAX][8];
};

static struct pg_db *pg_of(const struct db *db)
{
	return container_of(db, struct pg_db, base);
}

static struct pg_query *statement_of(struct query *q)
{
	return container_of(q, struct pg_query, base);
}

/* PostgreSQL 15, appendix A. A class (two characters) stands for all that is not named before it.
 */
static const struct {
	const char *state;
	int error;
} states[] = {
	{"23505", -EEXIST}, /* unique_violation */
	{"40001", -EBUSY},  /* serialization_failure */
	{"40P01", -EBUSY},  /* deadlock_detected */
	{"55P03", -EBUSY},  /* lock_not_available */
	{"25006", -EROFS},  /* read_only_sql_transaction */
	{"53100", -ENOSPC}, /* disk_full */
	{"53200", -ENOMEM}, /* out_of_memory */
	{"53300", -EBUSY},  /* too_many_connections */
	{"57P", -EPIPE},    /* the server stops, crashed, or is not ready */
	{"08", -EPIPE},     /* connection exceptions */
	{"58", -EIO},       /* system error: io_error among them */
	{"XX", -EIO},       /* internal error, corrupted data or index */
	{"42501", -EACCES}, /* insufficient_privilege */
};

static int errno_of(const char *state)
{
	for (size_t i = 0; i < ARRAY_LEN(states); i++)
		if (strncmp(state, states[i].state, strlen(states[i].state)) == 0)
			return states[i].error;
	return -EINVAL;
}

/*
 * Takes the result. A message of class 22 or 23 may quote values ("Key (number)=(…) already
 * exists"), so that the log gets only the name of the constraint.
 */
static int fail(struct db *db, PGresult *result)
{
	struct pg_db *pg = pg_of(db);
	const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
	const char *constraint = PQresultErrorField(result, PG_DIAG_CONSTRAINT_NAME);
	const char *message = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
	int rc;

	if (PQstatus(pg->conn) != CONNECTION_OK || !state)
		rc = db_fail(db, -EPIPE, "%s", message ? message : PQerrorMessage(pg->conn));
	else if (state[0] == '2' && (state[1] == '2' || state[1] == '3'))
		rc = db_fail(db, errno_of(state), "constraint or value refused: %s (SQLSTATE %s)",
			     constraint ? constraint : "", state);
	else
		rc = db_fail(db, errno_of(state), "%s (SQLSTATE %s)", message ? message : "",
			     state);
	PQclear(result);
	return rc;
}

static bool is_good(const PGresult *result)
{
	ExecStatusType status = PQresultStatus(result);

	return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;
}

static int execute(struct db *db, const char *text)
{
	PGresult *result = PQexec(pg_of(db)->conn, text);

	if (!is_good(result))
		return fail(db, result);
	PQclear(result);
	return 0;
}

static void on_notice(void *context, const PGresult *result)
{
	struct pg_db *pg = context;
	const char *severity = PQresultErrorField(result, PG_DIAG_SEVERITY_NONLOCALIZED);

	if (severity && strcmp(severity, "WARNING") == 0)
		pg->warned = true;
}

/* A server that acknowledges what it has not written would make us acknowledge it too (I1, I2). */
static int refuse_unsafe(struct db *db)
{
	PGresult *result = PQexec(pg_of(db)->conn,
				  "SELECT name FROM pg_settings WHERE setting = 'off' AND name IN"
				  " ('fsync', 'full_page_writes', 'synchronous_commit')"
				  " UNION ALL SELECT 'server_encoding, which is not UTF8'"
				  " WHERE current_setting('server_encoding') <> 'UTF8'");
	int rc = 0;

	if (!is_good(result))
		return fail(db, result);
	if (PQntuples(result) > 0)
		rc = db_fail(db, -EPERM, "unsafe setting of the server: %s",
			     PQgetvalue(result, 0, 0));
	PQclear(result);
	return rc;
}

static int configure(struct db *db)
{
	char text[160];

	snprintf(text, sizeof(text),
		 "SET client_min_messages = warning; SET lock_timeout = %d;"
		 " SET default_transaction_read_only = %s",
		 DB_BUSY_TIMEOUT_MS, db->mode == DB_READER ? "on" : "off");
	return execute(db, text);
}

static void pg_close(struct db *db)
{
	PQfinish(pg_of(db)->conn); /* accepts NULL */
	pg_of(db)->conn = NULL;
}

static PGconn *connect(const struct db *db)
{
	/* Later ones win: what the URL says stands. A dead peer is noticed within some 20 s. */
	const char *const names[] = {"application_name", "client_encoding",
				     "connect_timeout",  "tcp_user_timeout",
				     "keepalives_idle",  "keepalives_interval",
				     "keepalives_count", "target_session_attrs",
				     "dbname",           NULL};
	bool is_uri = str_starts(str_from(db->url), STR("//"));
	size_t size = strlen(db->url) + sizeof("postgresql:");
	char *target = xmalloc(size);
	const char *values[] = {"egide", "UTF8", "5", "10000",
				"10",    "5",    "2", db->mode == DB_WRITER ? "read-write" : "any",
				target,  NULL};
	PGconn *conn;

	snprintf(target, size, "%s%s", is_uri ? "postgresql:" : "", db->url);
	conn = PQconnectdbParams(names, values, 1);
	free(target);
	return conn;
}

static int pg_open(struct db *db)
{
	struct pg_db *pg = pg_of(db);
	int rc = 0;

	pg->release_waits = false;
	pg->conn = connect(db);
	if (PQstatus(pg->conn) != CONNECTION_OK)
		rc = db_fail(db, -EPIPE, "%s", PQerrorMessage(pg->conn));
	if (!rc) {
		PQsetNoticeReceiver(pg->conn, on_notice, pg);
		rc = refuse_unsafe(db);
	}
	if (!rc)
		rc = configure(db);
	if (rc)
		pg_close(db);
	return rc;
}

/*
 * Two ways a COMMIT says yes and means no: a transaction already aborted answers ROLLBACK, and a
 * wait for the synchronous standby that someone cancelled ends in a mere warning.
 */
static int commit(struct db *db)
{
	struct pg_db *pg = pg_of(db);
	PGresult *result;
	bool committed;

	pg->warned = false;
	result = PQexec(pg->conn, "COMMIT");
	if (!is_good(result))
		return fail(db, result);
	committed = strcmp(PQcmdStatus(result), "COMMIT") == 0;
	PQclear(result);
	if (!committed)
		return db_fail(db, -EIO, "the server rolled back instead of committing");
	if (pg->warned)
		return db_fail(db, -EIO, "committed with a warning: perhaps not on the standby");
	return 0;
}

/*
 * The release of a savepoint travels with the next one, or with COMMIT, which releases them all: a
 * command of a group costs one round trip less. What runs in between is part of the
 * savepoint that is about to be released; if it fails, the whole transaction does.
 */
static int pg_control(struct db *db, enum control what)
{
	struct pg_db *pg = pg_of(db);
	bool release = pg->release_waits;

	pg->release_waits = false;
	switch (what) {
	case CONTROL_BEGIN:
		return execute(db, db->mode == DB_WRITER
					   ? "BEGIN ISOLATION LEVEL READ COMMITTED"
					   : "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
	case CONTROL_COMMIT:
		return commit(db);
	case CONTROL_ROLLBACK:
		return execute(db, "ROLLBACK");
	case CONTROL_SAVEPOINT:
		return execute(db, release ? "RELEASE SAVEPOINT command; SAVEPOINT command"
					   : "SAVEPOINT command");
	case CONTROL_RELEASE:
		pg->release_waits = true;
		return 0;
	case CONTROL_ROLLBACK_TO:
		return execute(db, "ROLLBACK TO SAVEPOINT command; RELEASE SAVEPOINT command");
	case CONTROL_COUNT:
		break;
	}
	return -EINVAL;
}

static bool pg_is_in_transaction(const struct db *db)
{
	PGTransactionStatusType status = PQtransactionStatus(pg_of(db)->conn);

	return status == PQTRANS_INTRANS || status == PQTRANS_INERROR;
}

static int learn_parameters(struct pg_query *s)
{
	struct db *db = s->base.db;
	PGresult *result = PQdescribePrepared(pg_of(db)->conn, s->name);
	int count;

	if (!is_good(result))
		return fail(db, result);
	count = PQnparams(result);
	for (int i = 0; i < count && i < DB_PARAMETERS_MAX; i++)
		s->types[i] = PQparamtype(result, i);
	PQclear(result);
	if (count > DB_PARAMETERS_MAX)
		return db_fail(db, -EINVAL, "too many parameters: %.80s", s->base.sql->text);
	s->base.parameters = (unsigned)count;
	return 0;
}

static int pg_prepare(struct query *q)
{
	struct pg_query *s = statement_of(q);
	struct pg_db *pg = pg_of(q->db);
	PGresult *result;

	snprintf(s->name, sizeof(s->name), "s%u", ++pg->prepared);
	result = PQprepare(pg->conn, s->name, q->sql->text, 0, NULL);
	if (!is_good(result))
		return fail(q->db, result);
	PQclear(result);
	return learn_parameters(s);
}

/* The server's part goes with the connection: only migrations and reopening release statements. */
static void pg_release(struct query *q)
{
	(void)q;
}

static void set_parameter(struct pg_query *s, int at, const void *bytes, size_t len)
{
	s->values[at - 1] = bytes;
	s->lengths[at - 1] = (int)len;
	s->formats[at - 1] = BINARY;
}

static void set_number(struct pg_query *s, int at, uint64_t value, size_t len)
{
	uint8_t *out = s->numbers[at - 1];

	for (size_t i = 0; i < len; i++)
		out[i] = (uint8_t)(value >> (8 * (len - 1 - i)));
	set_parameter(s, at, out, len);
}

static void set_double(struct pg_query *s, int at, double value)
{
	uint64_t bits;

	memcpy(&bits, &value, sizeof(bits));
	set_number(s, at, bits, sizeof(bits));
}

static int bind_integer(struct pg_query *s, int at, int64_t value)
{
	Oid type = s->types[at - 1];

	if (type == OID_INT8)
		set_number(s, at, (uint64_t)value, 8);
	else if (type == OID_INT4 && value >= INT32_MIN && value <= INT32_MAX)
		set_number(s, at, (uint64_t)value, 4);
	else if (type == OID_FLOAT8)
		set_double(s, at, (double)value);
	else
		return db_fail(s->base.db, -EINVAL,
			       "an integer where type %u is expected: $%d of %.80s", type, at,
			       s->base.sql->text);
	return 0;
}

static int pg_bind(struct query *q, int at, const struct value *value)
{
	struct pg_query *s = statement_of(q);

	switch (value->kind) {
	case VALUE_NULL:
		set_parameter(s, at, NULL, 0);
		return 0;
	case VALUE_I64:
		return bind_integer(s, at, value->i64);
	case VALUE_DOUBLE:
		if (s->types[at - 1] != OID_FLOAT8)
			return db_fail(q->db, -EINVAL,
				       "a double where type %u is expected: $%d of %.80s",
				       s->types[at - 1], at, q->sql->text);
		set_double(s, at, value->real);
		return 0;
	case VALUE_TEXT:
	case VALUE_BLOB:
		if (value->bytes.len > INT32_MAX)
			return db_fail(q->db, -EFBIG, "a value of more than 2 GiB");
		set_parameter(s, at, value->bytes.ptr, value->bytes.len);
		return 0;
	}
	return -EINVAL;
}

static void note_changes(struct db *db, PGresult *result)
{
	struct str status = str_from(PQcmdStatus(result));
	int64_t count;

	if (!str_starts(status, STR("INSERT")) && !str_starts(status, STR("UPDATE")) &&
	    !str_starts(status, STR("DELETE")))
		return;
	if (str_parse_i64(str_from(PQcmdTuples(result)), 0, INT64_MAX, &count) == 0) {
		db->changes = count;
		db->all_changes += count;
	}
}

static int run(struct pg_query *s)
{
	struct db *db = s->base.db;
	PGresult *result = PQexecPrepared(pg_of(db)->conn, s->name, (int)s->base.parameters,
					  s->values, s->lengths, s->formats, BINARY);

	if (!is_good(result))
		return fail(db, result);
	note_changes(db, result);
	s->result = result;
	s->row = -1;
	return 0;
}

static int pg_step(struct query *q)
{
	struct pg_query *s = statement_of(q);
	int rc = s->result ? 0 : run(s);

	if (rc)
		return rc;
	if (s->row + 1 >= PQntuples(s->result))
		return 0;
	s->row++;
	return 1;
}

static void pg_reset(struct query *q)
{
	struct pg_query *s = statement_of(q);

	PQclear(s->result);
	s->result = NULL;
}

static bool pg_is_null(struct query *q, int at)
{
	struct pg_query *s = statement_of(q);

	assert(at < PQnfields(s->result));
	return PQgetisnull(s->result, s->row, at);
}

static struct cursor value_of(struct pg_query *s, int at)
{
	return cursor_of(str_of(PQgetvalue(s->result, s->row, at),
				(size_t)PQgetlength(s->result, s->row, at)));
}

static int64_t pg_get_i64(struct query *q, int at)
{
	struct pg_query *s = statement_of(q);
	struct cursor c = value_of(s, at);

	switch (PQftype(s->result, at)) {
	case OID_INT8:
		return (int64_t)cursor_u64(&c);
	case OID_INT4:
		return (int32_t)cursor_u32(&c);
	case OID_INT2:
		return (int16_t)cursor_u16(&c);
	case OID_BOOL:
		return cursor_u8(&c);
	}
	assert(!"the column is not an integer: CAST(… AS BIGINT)");
	return 0;
}

static double pg_get_double(struct query *q, int at)
{
	struct pg_query *s = statement_of(q);
	struct cursor c = value_of(s, at);
	uint64_t bits;
	double value;

	if (PQftype(s->result, at) != OID_FLOAT8)
		return (double)pg_get_i64(q, at);
	bits = cursor_u64(&c);
	memcpy(&value, &bits, sizeof(value));
	return value;
}

static struct str pg_get_bytes(struct query *q, int at, enum value_kind kind)
{
	struct pg_query *s = statement_of(q);
	Oid type = PQftype(s->result, at);

	assert(kind == VALUE_BLOB ? type == OID_BYTEA
				  : type == OID_TEXT || type == OID_VARCHAR || type == OID_NAME);
	return str_of(PQgetvalue(s->result, s->row, at),
		      (size_t)PQgetlength(s->result, s->row, at));
}

const struct db_driver db_postgres = {
	.db_size = sizeof(struct pg_db),
	.query_size = sizeof(struct pg_query),
	.open = pg_open,
	.close = pg_close,
	.control = pg_control,
	.is_in_transaction = pg_is_in_transaction,
	.execute = execute,
	.prepare = pg_prepare,
	.release = pg_release,
	.bind = pg_bind,
	.step = pg_step,
	.reset = pg_reset,
	.is_null = pg_is_null,
	.get_i64 = pg_get_i64,
	.get_double = pg_get_double,
	.get_bytes = pg_get_bytes,
};

/* SQLite: WAL, synchronous=FULL, and a WAL file recycled in place. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

#include <sqlite3.h>

#include "base/alloc.h"
#include "store/db_driver.h"
#include "store/wal_vfs.h"

enum {
	/* 16 MiB of WAL: from here on a checkpoint makes room for starting the file over. */
	WAL_RECYCLE_FRAMES = 4096,
	/* 64 MiB: db_wants_rest. */
	WAL_REST_FRAMES = 16384,
	/* 256 MiB: some reader stood in the way for long; the disk space is given back. */
	WAL_TRUNCATE_FRAMES = 65536,
	/* The most the writer waits for: so many pages of 4 KiB, copied and synced. */
	TURN_FRAMES_MAX = 1024,
	/* Each copies what was written during the one before, in a shorter time. */
	ROUNDS_MAX = 8,
};

/*
 * What a checkpoint has to know of the writer. Each of its transactions has `turn`. Who wants it
 * next holds `next` until it has it: so one that ends and begins again at once lets the checkpoint
 * in between.
 */
struct wal_watch {
	pthread_mutex_t next, turn;
	atomic_ullong commits; /* that wrote to the WAL */
	atomic_uint frames;    /* in the WAL after the last one */
	/* Only for the thread that checkpoints: */
	atomic_bool wipe;            /* what it held of what was destroyed must go */
	unsigned copied;             /* of the frames, by the last checkpoint */
	bool behind;                 /* it left some that it has not copied… */
	unsigned long long asked_at; /* …and came after this many commits */
};

struct sqlite_db {
	struct db base;
	sqlite3 *handle;
	sqlite3_stmt *controls[CONTROL_COUNT];
	struct wal_watch own;    /* a writer's */
	struct wal_watch *watch; /* own, or the writer's; NULL for a reader */
};

struct sqlite_query {
	struct query base;
	sqlite3_stmt *statement;
	/* Index SQLite gave parameter $n, which it numbers by first appearance. */
	uint8_t index[DB_PARAMETERS_MAX + 1];
};

static struct sqlite_db *sqlite_of(const struct db *db)
{
	return container_of(db, struct sqlite_db, base);
}

static struct sqlite_query *statement_of(struct query *q)
{
	return container_of(q, struct sqlite_query, base);
}

static int errno_of(sqlite3 *handle, int code)
{
	switch (code) {
	case SQLITE_CONSTRAINT_UNIQUE:
	case SQLITE_CONSTRAINT_PRIMARYKEY:
	case SQLITE_CONSTRAINT_ROWID:
		return -EEXIST;
	case SQLITE_IOERR_NOMEM:
		return -ENOMEM;
	}
	switch (code & 0xFF) {
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return -EBUSY;
	case SQLITE_FULL:
		return -ENOSPC;
	case SQLITE_IOERR:
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		return -EIO;
	case SQLITE_READONLY:
		return -EROFS;
	case SQLITE_NOMEM:
		return -ENOMEM;
	case SQLITE_CANTOPEN:
		return handle && sqlite3_system_errno(handle) ? -sqlite3_system_errno(handle)
							      : -ENOENT;
	default:
		return -EINVAL;
	}
}

/* SQLite's messages name tables and columns, never values. */
static int fail(struct db *db, int code)
{
	sqlite3 *handle = sqlite_of(db)->handle;

	return db_fail(db, errno_of(handle, code), "%s (SQLite %d)",
		       handle ? sqlite3_errmsg(handle) : sqlite3_errstr(code), code);
}

static int execute(struct db *db, const char *text)
{
	int code = sqlite3_exec(sqlite_of(db)->handle, text, NULL, NULL, NULL);

	return code ? fail(db, code) : 0;
}

/* Created here so that nobody else can ever read it; SQLite gives its WAL the same mode. */
static int create_private(const char *path)
{
	int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (fd < 0)
		return errno == EEXIST ? 0 : -errno;
	close(fd);
	return 0;
}

static int on_wal_commit(void *context, sqlite3 *handle, const char *name, int frames)
{
	struct wal_watch *watch = context;

	atomic_store(&watch->frames, (unsigned)frames);
	atomic_fetch_add(&watch->commits, 1);
	return SQLITE_OK;
}

static int require_wal(struct db *db, bool in_memory)
{
	sqlite3_stmt *statement;
	const char *mode;
	int code, rc = 0;

	code = sqlite3_prepare_v2(sqlite_of(db)->handle, "PRAGMA journal_mode=WAL", -1, &statement,
				  NULL);
	if (code)
		return fail(db, code);
	code = sqlite3_step(statement);
	mode = code == SQLITE_ROW ? (const char *)sqlite3_column_text(statement, 0) : NULL;
	if (!mode)
		rc = fail(db, code);
	else if (strcmp(mode, "wal") && !in_memory)
		rc = db_fail(db, -EPERM, "this file system or file cannot do WAL: %s", mode);
	sqlite3_finalize(statement);
	return rc;
}

static int configure(struct db *db, bool in_memory)
{
	static const char *const common[] = {
		"PRAGMA synchronous=FULL",  "PRAGMA foreign_keys=ON",    "PRAGMA temp_store=MEMORY",
		"PRAGMA cache_size=-65536", "PRAGMA trusted_schema=OFF",
	};
	/* Purged text is overwritten; checkpoints are db_checkpoint's. */
	static const char *const writer[] = {"PRAGMA secure_delete=ON",
					     "PRAGMA wal_autocheckpoint=0"};
	static const char *const reader[] = {"PRAGMA query_only=ON"};
	const char *const *own = db->mode == DB_WRITER ? writer : reader;
	size_t own_count = db->mode == DB_WRITER ? ARRAY_LEN(writer) : ARRAY_LEN(reader);
	int rc = db->mode == DB_WRITER ? require_wal(db, in_memory) : 0;

	for (size_t i = 0; i < ARRAY_LEN(common) && !rc; i++)
		rc = execute(db, common[i]);
	for (size_t i = 0; i < own_count && !rc; i++)
		rc = execute(db, own[i]);
	return rc;
}

static int prepare_controls(struct db *db)
{
	static const char *const texts[CONTROL_COUNT] = {
		[CONTROL_COMMIT] = "COMMIT",
		[CONTROL_ROLLBACK] = "ROLLBACK",
		[CONTROL_SAVEPOINT] = "SAVEPOINT command",
		[CONTROL_RELEASE] = "RELEASE SAVEPOINT command",
		[CONTROL_ROLLBACK_TO] = "ROLLBACK TO SAVEPOINT command",
	};
	struct sqlite_db *s = sqlite_of(db);

	for (size_t i = 0; i < CONTROL_COUNT; i++) {
		const char *text = texts[i];
		int code;

		if (i == CONTROL_BEGIN)
			text = db->mode == DB_WRITER ? "BEGIN IMMEDIATE" : "BEGIN";
		code = sqlite3_prepare_v3(s->handle, text, -1, SQLITE_PREPARE_PERSISTENT,
					  &s->controls[i], NULL);
		if (code)
			return fail(db, code);
	}
	return 0;
}

static void sqlite_close(struct db *db)
{
	struct sqlite_db *s = sqlite_of(db);

	for (size_t i = 0; i < CONTROL_COUNT; i++) {
		sqlite3_finalize(s->controls[i]);
		s->controls[i] = NULL;
	}
	sqlite3_close(s->handle);
	s->handle = NULL;
}

static int connect(struct db *db, const char *path, const char *vfs)
{
	struct sqlite_db *s = sqlite_of(db);
	bool in_memory = strcmp(path, ":memory:") == 0 || (vfs && strcmp(vfs, "memdb") == 0);
	int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
	int code, rc = 0;

	if (db->mode == DB_WRITER)
		flags |= SQLITE_OPEN_CREATE;
	if (db->mode == DB_WRITER && !vfs && !in_memory)
		rc = create_private(path);
	if (rc)
		return db_fail(db, rc, "cannot create the database file");
	/* In memory there is no WAL whose writes could be gathered. */
	code = sqlite3_open_v2(path, &s->handle, flags, in_memory ? vfs : wal_vfs_over(vfs));
	rc = code ? fail(db, code) : 0;
	if (!rc) {
		sqlite3_busy_timeout(s->handle, DB_BUSY_TIMEOUT_MS);
		rc = configure(db, in_memory);
	}
	if (!rc)
		rc = prepare_controls(db);
	if (rc)
		sqlite_close(db);
	return rc;
}

static int sqlite_open(struct db *db)
{
	struct sqlite_db *s = sqlite_of(db);
	char *path = xstrdup(db->url), *option = strstr(path, "?vfs=");
	int rc;

	if (option)
		*option = '\0';
	rc = connect(db, path, option ? option + strlen("?vfs=") : NULL);
	free(path);
	if (rc || db->mode != DB_WRITER)
		return rc;
	if (!s->watch) {
		pthread_mutex_init(&s->own.next, NULL);
		pthread_mutex_init(&s->own.turn, NULL);
	}
	s->watch = &s->own;
	sqlite3_wal_hook(s->handle, on_wal_commit, &s->own);
	return 0;
}

static void take_turn(struct wal_watch *watch)
{
	pthread_mutex_lock(&watch->next);
	pthread_mutex_lock(&watch->turn);
	pthread_mutex_unlock(&watch->next);
}

static void sqlite_end(struct db *db)
{
	if (db->mode == DB_WRITER)
		pthread_mutex_unlock(&sqlite_of(db)->own.turn);
}

static int sqlite_control(struct db *db, enum control what)
{
	struct sqlite_db *s = sqlite_of(db);
	sqlite3_stmt *statement = s->controls[what];
	int code, rc;

	if (what == CONTROL_BEGIN && db->mode == DB_WRITER)
		take_turn(&s->own);
	code = sqlite3_step(statement);
	rc = code == SQLITE_DONE ? 0 : fail(db, code);
	sqlite3_reset(statement);
	if (rc && what == CONTROL_BEGIN)
		sqlite_end(db);
	/* The savepoint survives its own undoing. */
	if (!rc && what == CONTROL_ROLLBACK_TO)
		rc = sqlite_control(db, CONTROL_RELEASE);
	return rc;
}

static bool sqlite_is_in_transaction(const struct db *db)
{
	return !sqlite3_get_autocommit(sqlite_of(db)->handle);
}

static bool map_parameters(struct sqlite_query *s)
{
	int count = sqlite3_bind_parameter_count(s->statement);

	if (count > DB_PARAMETERS_MAX)
		return false;
	for (int n = 1; n <= count; n++) {
		char name[16];

		snprintf(name, sizeof(name), "$%d", n);
		s->index[n] = (uint8_t)sqlite3_bind_parameter_index(s->statement, name);
		if (!s->index[n])
			return false;
	}
	s->base.parameters = (unsigned)count;
	return true;
}

static int sqlite_prepare(struct query *q)
{
	struct sqlite_query *s = statement_of(q);
	const char *tail;
	int code = sqlite3_prepare_v3(sqlite_of(q->db)->handle, q->sql->text, -1,
				      SQLITE_PREPARE_PERSISTENT, &s->statement, &tail);

	if (code)
		return fail(q->db, code);
	if (*tail == '\0' && s->statement && map_parameters(s))
		return 0;
	sqlite3_finalize(s->statement);
	return db_fail(q->db, -EINVAL, "not one statement with parameters $1 to $n: %.80s",
		       q->sql->text);
}

static void sqlite_release(struct query *q)
{
	sqlite3_finalize(statement_of(q)->statement);
}

static int sqlite_bind(struct query *q, int at, const struct value *value)
{
	struct sqlite_query *s = statement_of(q);
	int index = s->index[at], code = SQLITE_OK;

	switch (value->kind) {
	case VALUE_NULL:
		code = sqlite3_bind_null(s->statement, index);
		break;
	case VALUE_I64:
		code = sqlite3_bind_int64(s->statement, index, value->i64);
		break;
	case VALUE_DOUBLE:
		code = sqlite3_bind_double(s->statement, index, value->real);
		break;
	case VALUE_TEXT:
		code = sqlite3_bind_text64(s->statement, index, value->bytes.ptr, value->bytes.len,
					   SQLITE_STATIC, SQLITE_UTF8);
		break;
	case VALUE_BLOB:
		code = sqlite3_bind_blob64(s->statement, index, value->bytes.ptr, value->bytes.len,
					   SQLITE_STATIC);
		break;
	}
	return code ? fail(q->db, code) : 0;
}

static int sqlite_step(struct query *q)
{
	sqlite3_stmt *statement = statement_of(q)->statement;
	int code = sqlite3_step(statement);

	if (code == SQLITE_ROW)
		return 1;
	if (code != SQLITE_DONE)
		return fail(q->db, code);
	if (!sqlite3_stmt_readonly(statement)) {
		q->db->changes = sqlite3_changes64(sqlite_of(q->db)->handle);
		q->db->all_changes += q->db->changes;
	}
	return 0;
}

static void sqlite_reset(struct query *q)
{
	sqlite3_stmt *statement = statement_of(q)->statement;

	sqlite3_reset(statement);
	sqlite3_clear_bindings(statement);
}

static bool sqlite_is_null(struct query *q, int at)
{
	return sqlite3_column_type(statement_of(q)->statement, at) == SQLITE_NULL;
}

static int64_t sqlite_get_i64(struct query *q, int at)
{
	return sqlite3_column_int64(statement_of(q)->statement, at);
}

static double sqlite_get_double(struct query *q, int at)
{
	return sqlite3_column_double(statement_of(q)->statement, at);
}

static struct str sqlite_get_bytes(struct query *q, int at, enum value_kind kind)
{
	sqlite3_stmt *statement = statement_of(q)->statement;
	const void *bytes = kind == VALUE_TEXT ? sqlite3_column_text(statement, at)
					       : sqlite3_column_blob(statement, at);

	/* An empty blob comes back as a null pointer: it is not NULL all the same. */
	return str_of(bytes ? bytes : "", (size_t)sqlite3_column_bytes(statement, at));
}

const struct db_driver db_sqlite = {
	.db_size = sizeof(struct sqlite_db),
	.query_size = sizeof(struct sqlite_query),
	.open = sqlite_open,
	.close = sqlite_close,
	.control = sqlite_control,
	.is_in_transaction = sqlite_is_in_transaction,
	.end = sqlite_end,
	.execute = execute,
	.prepare = sqlite_prepare,
	.release = sqlite_release,
	.bind = sqlite_bind,
	.step = sqlite_step,
	.reset = sqlite_reset,
	.is_null = sqlite_is_null,
	.get_i64 = sqlite_get_i64,
	.get_double = sqlite_get_double,
	.get_bytes = sqlite_get_bytes,
};

/* -EBUSY: a reader or the writer stood in the way of all of it, which is no failure. */
static int copy_wal(struct sqlite_db *s, int mode)
{
	struct wal_watch *watch = s->watch;
	int in_wal = -1, copied = -1;
	int code = sqlite3_wal_checkpoint_v2(s->handle, NULL, mode, &in_wal, &copied);
	bool is_busy = (code & 0xFF) == SQLITE_BUSY;

	watch->copied = copied < 0 ? 0 : (unsigned)copied;
	watch->behind = (!code || is_busy) && in_wal != copied;
	watch->asked_at = atomic_load(&watch->commits);
	if (is_busy)
		return -EBUSY;
	return code ? fail(&s->base, code) : 0;
}

int db_open_checkpointer(struct db *writer, struct db **ret_db)
{
	struct sqlite_db *w = sqlite_of(writer);
	struct sqlite_db *s;
	char *url;
	int rc;

	if (!db_is_sqlite(writer))
		return remains_open(writer, ret_db);
	url = xmalloc(strlen("sqlite:") + strlen(writer->url) + 1);
	snprintf(url, strlen("sqlite:") + strlen(writer->url) + 1, "sqlite:%s", writer->url);
	rc = db_open(url, DB_READER, ret_db);
	free(url);
	if (rc)
		return rc;
	s = sqlite_of(*ret_db);
	s->watch = &w->own;
	sqlite3_busy_timeout(s->handle, 0); /* it waits for its turn, and for no reader */
	/*
	 * What the last run left: a server killed again and again before its first checkpoint would
	 * make the WAL, and its own next start, longer each time. When it cannot be done now (a
	 * full disk), db_checkpoint will.
	 */
	copy_wal(s, SQLITE_CHECKPOINT_TRUNCATE);
	return 0;
}

bool db_wants_rest(const struct db *writer)
{
	const struct sqlite_db *s = container_of(writer, struct sqlite_db, base);

	return db_is_sqlite(writer) && atomic_load(&s->own.frames) >= WAL_REST_FRAMES;
}

void db_wipe_log(struct db *writer)
{
	atomic_store(db_is_sqlite(writer) ? &sqlite_of(writer)->own.wipe : &writer->remains.left,
		     true);
}

/* What SQLite itself does only at the end of a checkpoint that copies everything. */
static int sync_file(struct sqlite_db *s)
{
	sqlite3_file *file = NULL;
	int code = sqlite3_file_control(s->handle, NULL, SQLITE_FCNTL_FILE_POINTER, &file);

	if (!code)
		code = file->pMethods->xSync(file, SQLITE_SYNC_NORMAL);
	return code ? fail(&s->base, code) : 0;
}

/*
 * SQLite up to 3.51.2 (Debian 12 has 3.40.1) has a race, the "WAL-reset bug": when the WAL is
 * wholly copied and a checkpoint starts at the very moment a commit starts the WAL over, the
 * checkpoint may count frames as copied that are not, and they are lost. Hence `behind`: after a
 * checkpoint that may have copied everything, the next one waits for a transaction that began and
 * committed since. That one has started the WAL over or added to it; either way no other can
 * start it over until a checkpoint again copies everything. Two commits have to be counted to be
 * sure of one: the first may be from before the checkpoint, not yet counted when it ended. Between
 * two transactions there is no such moment. All this holds for one writer, known to the
 * checkpointer.
 */
static bool is_ready(const struct wal_watch *watch)
{
	return watch->behind || atomic_load(&watch->commits) >= watch->asked_at + 2;
}

static bool is_little_left(const struct wal_watch *watch)
{
	return atomic_load(&watch->frames) <= watch->copied + TURN_FRAMES_MAX;
}

/* No transaction of the writer is under way, and the next one waits. */
static int copy_in_turn(struct sqlite_db *s, int mode)
{
	int rc = -EBUSY;

	take_turn(s->watch);
	if (is_little_left(s->watch))
		rc = copy_wal(s, mode);
	pthread_mutex_unlock(&s->watch->turn);
	return rc;
}

/* Beside the writer as far as can be, copied and synced; the rest in a turn. */
static int copy_to_the_end(struct sqlite_db *s, int mode)
{
	int rc, round = 0;

	do {
		rc = is_ready(s->watch) ? copy_wal(s, SQLITE_CHECKPOINT_PASSIVE) : 0;
		if (!rc)
			rc = sync_file(s);
		if (!rc)
			rc = copy_in_turn(s, mode);
	} while (rc == -EBUSY && ++round < ROUNDS_MAX);
	return rc;
}

/*
 * The WAL is recycled, not grown: once a checkpoint has copied all of it and no reader needs it,
 * the next commit starts it over from its first byte, in blocks already allocated. That is what
 * makes a commit cheap. A PASSIVE checkpoint holds nobody up but never gets to the end while
 * commits keep coming. So above WAL_RECYCLE_FRAMES, as soon as little is left, the rest is copied
 * between two transactions by RESTART; above WAL_TRUNCATE_FRAMES by TRUNCATE.
 */
int db_checkpoint(struct db *db)
{
	struct sqlite_db *s;
	unsigned frames;
	bool wipe;
	int rc;

	if (!db_is_sqlite(db))
		return remains_wipe(db);
	s = sqlite_of(db);
	wipe = atomic_exchange(&s->watch->wipe, false);
	if (!wipe && !is_ready(s->watch))
		return 0;
	frames = atomic_load(&s->watch->frames);
	if (wipe || frames >= WAL_TRUNCATE_FRAMES)
		rc = copy_to_the_end(s, SQLITE_CHECKPOINT_TRUNCATE);
	else if (frames >= WAL_RECYCLE_FRAMES)
		rc = copy_to_the_end(s, SQLITE_CHECKPOINT_RESTART);
	else
		rc = copy_wal(s, SQLITE_CHECKPOINT_PASSIVE);
	if (wipe && rc)
		atomic_store(&s->watch->wipe, true);
	return rc == -EBUSY ? 0 : rc;
}

/* What purges leave behind on PostgreSQL: see db_remains.h. */
#include "store/db_remains.h"

#include <errno.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/log.h"
#include "store/db_driver.h"

/*
 * Whoever writes a table anew keeps all others from it: 0.8 s for 600,000 keys, 15 ms for 10,000.
 * So it waits for nobody, ends by itself, and is done again only after a thousand times as long,
 * whether it was done or gave up.
 */
#define LOCK_TIMEOUT "SET lock_timeout = 100"
#define REWRITE_TIMEOUT "SET statement_timeout = 5000"
#define NO_TIMEOUT "SET statement_timeout = 0"
enum { PAUSE_MS = 60000, PAUSE_TIMES = 1000, RETRY_MS = 1000 };

/* The keys of all dossiers, and what is sealed with the house's key or goes before its dossier
 * does. */
static const char *const rewrites[] = {
	"VACUUM (FULL) data_key",   "VACUUM (FULL) device_last", "VACUUM (FULL) aml_position",
	"VACUUM (FULL) unverified", "VACUUM (FULL) outbox",
};

SQL(present, "SELECT CAST(CAST(pg_current_xact_id() AS TEXT) AS BIGINT)");
/* Who began before it still sees what was destroyed, and it would be copied. */
SQL(older, "SELECT 1 FROM pg_stat_activity WHERE datname = current_database()"
	   " AND pid <> pg_backend_pid()"
	   " AND age(backend_xmin) > age(CAST(CAST(CAST($1 AS BIGINT) AS TEXT) AS xid)) LIMIT 1");
SQL(recycles, "SELECT 1 FROM pg_settings WHERE name = 'wal_recycle' AND setting = 'on'");

static const char keep_from_statistics[] =
	"DO $$ DECLARE c record; BEGIN"
	" FOR c IN SELECT attrelid::regclass AS relation, attname FROM pg_attribute"
	"  JOIN pg_class ON pg_class.oid = attrelid"
	"  WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r'"
	/* Not set: -1, and NULL from PostgreSQL 17 on. */
	"  AND atttypid = 'blob'::regtype AND attstattarget IS DISTINCT FROM 0"
	"  AND attname IN ('wrapped', 'body', 'salt', 'face', 'fix', 'calls', 'sealed', 'name',"
	"   'phone', 'duty_phone', 'referent', 'referent_phone', 'secret', 'pending', 'reason')"
	" LOOP"
	/* To the type it has: that forgets the statistics made so far. */
	"  EXECUTE format('ALTER TABLE %s ALTER COLUMN %I TYPE blob', c.relation, c.attname);"
	"  EXECUTE format('ALTER TABLE %s ALTER COLUMN %I SET STATISTICS 0', c.relation,"
	"   c.attname);"
	" END LOOP; END $$";

int remains_keep_from_statistics(struct db *db)
{
	return db_execute(db, keep_from_statistics);
}

static void pause_for(struct remains *own, int64_t least_ms, int64_t kept_out_ms)
{
	own->paused_at_ms = clock_now_ms();
	own->pause_ms = least_ms;
	if (kept_out_ms * PAUSE_TIMES > least_ms)
		own->pause_ms = kept_out_ms * PAUSE_TIMES;
}

int remains_open(struct db *writer, struct db **ret_db)
{
	size_t size = strlen("postgresql:") + strlen(writer->url) + 1;
	char *url = xmalloc(size);
	int r;

	snprintf(url, size, "postgresql:%s", writer->url);
	r = db_open(url, DB_WRITER, ret_db);
	free(url);
	if (r)
		return r;
	/* What the last run left. */
	atomic_store(&writer->remains.left, true);
	(*ret_db)->remains.whose = &writer->remains;
	pause_for(&(*ret_db)->remains, PAUSE_MS, 0);
	return 0;
}

/* An error if so, for who tries again. */
static int refuse_while_seen(struct db *db, int64_t since)
{
	struct query *q = db_query(db, &older);
	bool any;
	int r;

	bind_i64(q, 1, since & UINT32_MAX);
	r = db_any_after(q, &any);
	return r ? r : any ? -EBUSY : 0;
}

/* What was rewritten since then is not again. Who could not have the lock kept nobody out. */
static int rewrite(struct db *db)
{
	struct remains *own = &db->remains;
	int r = db_execute(db, LOCK_TIMEOUT);

	if (!r)
		r = db_execute(db, REWRITE_TIMEOUT);
	while (!r && own->rewritten < ARRAY_LEN(rewrites)) {
		int64_t from = clock_monotonic_ms(), took;

		r = db_execute(db, rewrites[own->rewritten]);
		took = clock_monotonic_ms() - from;
		if (r != -EBUSY && took > own->longest_ms)
			own->longest_ms = took;
		own->rewritten += !r;
	}
	return r ? r : db_execute(db, NO_TIMEOUT);
}

static void warn(struct db *db, const char *text)
{
	if (!db->remains.has_warned)
		log_warning("database.log_stays", "text=\"%s\"", text);
	db->remains.has_warned = true;
}

/* Segments from before are removed by the checkpoint; recycled, they would keep what they held. */
static int begin_log_anew(struct db *db)
{
	bool recycled;
	int r = db_execute(db, "SELECT pg_switch_wal()");

	if (!r)
		r = db_execute(db, "CHECKPOINT");
	if (r == -EACCES) {
		warn(db, db_error_text(db));
		return 0;
	}
	if (!r)
		r = db_any_after(db_query(db, &recycles), &recycled);
	if (!r && recycled)
		warn(db, "wal_recycle is on");
	return r;
}

static int begin(struct db *db)
{
	struct remains *own = &db->remains;
	int r;

	own->rewritten = 0;
	own->longest_ms = 0;
	atomic_store(&own->whose->left, false);
	r = db_number_after(db_query(db, &present), 0, &own->since);
	if (r)
		atomic_store(&own->whose->left, true);
	return r;
}

static int wipe(struct db *db)
{
	struct remains *own = &db->remains;
	int r = own->since ? 0 : begin(db);

	if (!r)
		r = refuse_while_seen(db, own->since);
	if (!r)
		r = rewrite(db);
	if (!r)
		r = begin_log_anew(db);
	if (!r)
		own->since = 0;
	return r;
}

static bool is_pausing(const struct remains *own)
{
	int64_t waited_ms = clock_now_ms() - own->paused_at_ms;

	return waited_ms >= 0 && waited_ms < own->pause_ms;
}

int remains_wipe(struct db *db)
{
	struct remains *own = &db->remains;
	int r;

	if ((!own->since && !atomic_load(&own->whose->left)) || is_pausing(own))
		return 0;
	r = db->broken ? db_reopen(db) : 0;
	if (!r)
		r = wipe(db);
	if (!r)
		pause_for(own, PAUSE_MS, own->longest_ms);
	else
		pause_for(own, RETRY_MS, r == -EBUSY ? 0 : own->longest_ms);
	return r == -EBUSY ? 0 : r;
}

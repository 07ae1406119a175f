/* The latest date that was believed: see date.h. */
#include "store/date.h"

#include "base/clock.h"
#include "store/journal.h"

SQL(seen_get, "SELECT value FROM counter WHERE name = 'date_seen'");
SQL(seen_move, "UPDATE counter SET value = $1 WHERE name = 'date_seen' AND value < $1");
SQL(seen_set, "UPDATE counter SET value = $1 WHERE name = 'date_seen'");

static int keep_time(void *context, const struct entry *e)
{
	*(int64_t *)context = e->at_ms;
	return 0;
}

int date_seen_load(struct vault *v, int64_t *ret_seen_ms)
{
	int64_t seen_ms, epoch, number;
	int r = db_number_after(db_query(vault_db(v), &seen_get), 0, &seen_ms);

	if (!r && !seen_ms) {
		seen_ms = TIME_NONE;
		r = journal_head(v, &epoch, &number, NULL);
		if (!r && number)
			r = journal_after(v, number - 1, 1, keep_time, &seen_ms);
	}
	if (!r)
		*ret_seen_ms = seen_ms;
	return r;
}

static int write(struct vault *v, const struct sql *sql, int64_t now_ms)
{
	struct query *q = db_query(vault_db(v), sql);

	bind_time(q, 1, now_ms);
	return db_done_after(q);
}

int date_seen_move(struct vault *v, int64_t now_ms)
{
	return write(v, &seen_move, now_ms);
}

int date_seen_set(struct vault *v, int64_t now_ms)
{
	return write(v, &seen_set, now_ms);
}

/* What is kept of alerts' sound: see keeping.h. */
#include "store/keeping.h"

#include <errno.h>

#include "store/holds.h"

#define COLUMNS "alert, state, asked_by, at_ms, delete_at, sound"

SQL(keeping_get, "SELECT " COLUMNS " FROM keeping WHERE alert = $1");
SQL(keeping_put, "INSERT INTO keeping (" COLUMNS ") VALUES ($1, $2, $3, $4, $5, $6)"
		 " ON CONFLICT (alert) DO UPDATE SET state = $2, asked_by = $3, at_ms = $4,"
		 " delete_at = $5, sound = $6");
SQL(keeping_remove, "DELETE FROM keeping WHERE alert = $1");
/* An alert that is gone has no official. */
SQL(due_get, "SELECT " COLUMNS " FROM keeping WHERE delete_at <= $1"
	     " AND alert NOT IN (SELECT subject FROM legal_hold)"
	     " AND " ALERT_NOT_HELD("keeping.alert") " ORDER BY delete_at, alert LIMIT $2"
						     " OFFSET $3");

static struct keeping column_keeping(struct query *q)
{
	return (struct keeping){.alert = column_id(q, 0),
				.state = (enum keeping_state)column_i64(q, 1),
				.asked_by = column_id(q, 2),
				.at_ms = column_i64(q, 3),
				.delete_at_ms = column_time(q, 4),
				.has_sound = column_i64(q, 5) != 0};
}

int keeping_load(struct vault *v, struct id alert, struct keeping *ret_keeping)
{
	struct query *q = db_query(vault_db(v), &keeping_get);
	int r;

	bind_id(q, 1, alert);
	r = query_step(q);
	if (r == 1)
		*ret_keeping = column_keeping(q);
	db_done(q);
	return r == 1 ? 0 : r ? r : -ENOENT;
}

int keeping_save(struct vault *v, const struct keeping *k)
{
	bool says_nothing = k->state == KEEPING_FREE && !k->has_sound;
	struct query *q = db_query(vault_db(v), says_nothing ? &keeping_remove : &keeping_put);

	bind_id(q, 1, k->alert);
	if (says_nothing)
		return db_done_after(q);
	bind_i64(q, 2, k->state);
	bind_id(q, 3, k->asked_by);
	bind_i64(q, 4, k->at_ms);
	bind_time(q, 5, k->delete_at_ms);
	bind_i64(q, 6, k->has_sound);
	return db_done_after(q);
}

int keeping_due(struct vault *v, int64_t now_ms, int skip, struct keeping *ret_list, int cap)
{
	struct query *q = db_query(vault_db(v), &due_get);
	int r, count = 0;

	bind_i64(q, 1, now_ms);
	bind_i64(q, 2, cap);
	bind_i64(q, 3, skip);
	while ((r = query_step(q)) == 1)
		ret_list[count++] = column_keeping(q);
	db_done(q);
	return r ? r : count;
}

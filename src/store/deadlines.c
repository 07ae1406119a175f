/* Deadlines: see deadlines.h. The target of an alert's own deadline is 16 zero bytes, since a key
 * has no NULL. */
#include "store/deadlines.h"

#include "store/sealed.h"

SQL(put, "INSERT INTO deadline (alert, timer, target, step, due_at) VALUES ($1, $2, $3, $4, $5)"
	 " ON CONFLICT (alert, timer, target) DO UPDATE SET step = $4, due_at = $5");
SQL(drop_one, "DELETE FROM deadline WHERE alert = $1 AND timer = $2 AND target = $3");
SQL(drop_kind, "DELETE FROM deadline WHERE alert = $1 AND timer = $2");
SQL(take, "DELETE FROM deadline WHERE alert = $1 AND timer = $2 AND target = $3 AND step = $4 AND "
	  "due_at = $5");
SQL(next, "SELECT alert, timer, target, step, due_at FROM deadline ORDER BY due_at LIMIT $1");
SQL(count_before, "SELECT COUNT(*) FROM deadline WHERE due_at < $1");

SQL(any, "SELECT 1 FROM deadline WHERE timer <> $1 AND timer <> $2 AND timer <> $3 LIMIT 1");
SQL(shift, "UPDATE deadline SET due_at = due_at + $3 WHERE timer = $1 OR timer = $2");
SQL(without_device,
    "INSERT INTO deadline (alert, timer, target, step, due_at) SELECT id, $1, $2, 0, $3 FROM alert"
    " WHERE closed_at IS NULL AND device IS NOT NULL AND id NOT IN (SELECT alert FROM deadline "
    "WHERE timer = $1)");

/* An older version looked no more at who wished to go on. */
SQL(without_term, "SELECT id FROM official WHERE (term_registered IS NULL OR (term_task <> 0 AND"
		  " ended_at IS NULL)) AND NOT EXISTS (SELECT 1 FROM deadline WHERE alert ="
		  " official.id AND timer = $1) LIMIT $2");

/* Literals: they are those of its index. */
_Static_assert(TIMER_TERM == 33, "the number in put_off_get");
SQL(put_off_get, "SELECT alert FROM deadline WHERE timer = 33 AND step = 1 LIMIT $1");

static struct str key_of(const struct id *target)
{
	return str_of(target->bytes, sizeof(target->bytes));
}

static void bind_deadline(struct query *q, const struct deadline *d)
{
	bind_id(q, 1, d->alert);
	bind_i64(q, 2, d->timer);
	bind_blob(q, 3, key_of(&d->target));
	bind_i64(q, 4, d->step);
	bind_time(q, 5, d->due_at_ms);
}

int deadline_set(struct vault *v, const struct deadline *d)
{
	struct query *q = db_query(vault_db(v), &put);

	bind_deadline(q, d);
	return db_done_after(q);
}

int deadline_clear(struct vault *v, struct id alert, enum timer_kind timer, struct id target)
{
	bool all = id_is_none(target) && timer != TIMER_LADDER;
	struct query *q = db_query(vault_db(v), all ? &drop_kind : &drop_one);

	bind_id(q, 1, alert);
	bind_i64(q, 2, timer);
	if (!all)
		bind_blob(q, 3, key_of(&target));
	return db_done_after(q);
}

int deadline_take(struct vault *v, const struct deadline *d, bool *ret_was)
{
	struct query *q = db_query(vault_db(v), &take);
	int r;

	bind_deadline(q, d);
	r = db_done_after(q);
	*ret_was = !r && db_changes(vault_db(v)) == 1;
	return r;
}

int deadlines_any(struct vault *v, bool *ret_any)
{
	struct query *q = db_query(vault_db(v), &any);

	bind_i64(q, 1, TIMER_DEVICE);
	bind_i64(q, 2, TIMER_VISIT);
	bind_i64(q, 3, TIMER_TERM);
	return db_any_after(q, ret_any);
}

int deadlines_shift(struct vault *v, int64_t by_ms)
{
	struct query *q = db_query(vault_db(v), &shift);

	bind_i64(q, 1, TIMER_DEVICE);
	bind_i64(q, 2, TIMER_VISIT);
	bind_i64(q, 3, by_ms);
	return db_done_after(q);
}

int deadlines_put_off(struct vault *v, int limit, id_reader *on_official, void *context)
{
	struct query *q = db_query(vault_db(v), &put_off_get);

	bind_i64(q, 1, limit);
	return each_id_after(q, limit, on_official, context);
}

int deadlines_set_devices(struct vault *v, int64_t due_at_ms)
{
	static const struct id none;
	struct query *q = db_query(vault_db(v), &without_device);

	bind_i64(q, 1, TIMER_DEVICE);
	bind_blob(q, 2, key_of(&none));
	bind_time(q, 3, due_at_ms);
	return db_done_after(q);
}

int deadlines_without_term(struct vault *v, int limit, id_reader *on_official, void *context)
{
	struct query *q = db_query(vault_db(v), &without_term);

	bind_i64(q, 1, TIMER_TERM);
	bind_i64(q, 2, limit);
	return each_id_after(q, limit, on_official, context);
}

int deadlines_next(struct vault *v, int limit, struct deadline *list, size_t *ret_count)
{
	struct query *q = db_query(vault_db(v), &next);
	size_t count = 0;
	int r;

	bind_i64(q, 1, limit);
	while ((r = query_step(q)) == 1) {
		struct str target = column_blob(q, 2);
		struct deadline *d = &list[count++];

		*d = (struct deadline){.alert = column_id(q, 0),
				       .timer = (enum timer_kind)column_i64(q, 1),
				       .step = (int)column_i64(q, 3),
				       .due_at_ms = column_time(q, 4)};
		if (target.len == sizeof(d->target.bytes))
			memcpy(d->target.bytes, target.ptr, target.len);
	}
	db_done(q);
	*ret_count = count;
	return r;
}

int deadlines_before(struct vault *v, int64_t at_ms, int64_t *ret_count)
{
	struct query *q = db_query(vault_db(v), &count_before);

	bind_time(q, 1, at_ms);
	return db_number_after(q, 0, ret_count);
}

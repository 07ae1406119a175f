/* The terms of registrations: see terms.h. */
#include "store/terms.h"

#include "store/sealed.h"
#include "store/units.h"

SQL(term_get,
    "SELECT created_at, term_registered, term_until, term_mandate, term_confirmed,"
    " term_said, term_warned, term_answer, term_ended, term_why, term_mandate_gone FROM official"
    " WHERE id = $1");
SQL(term_set,
    "UPDATE official SET term_registered = $2, term_until = $3, term_mandate = $4,"
    " term_confirmed = $5, term_said = $6, term_warned = $7, term_answer = $8,"
    " term_ended = $9, term_why = $10, term_task = $11, term_last = $12, term_mandate_gone = $13,"
    " changed = (SELECT value FROM counter WHERE name = 'official_change')"
    " WHERE id = $1");
SQL(change_take, "UPDATE counter SET value = value + 1 WHERE name = 'official_change'");
SQL(end_note, "UPDATE official SET ended_at = $2 WHERE id = $1 AND ended_at IS NULL");
SQL(end_forget, "UPDATE official SET ended_at = NULL WHERE id = $1");
SQL(numbers_hide, "DELETE FROM official_number WHERE official = $1");
SQL(to_do, "SELECT id FROM official WHERE term_task <> 0 ORDER BY term_task, term_last, id"
	   " LIMIT $1");
SQL(to_do_in_room, "SELECT id FROM official WHERE term_task <> 0"
		   " AND unit IN (SELECT id FROM unit WHERE room = $2 OR id = $2)"
		   " ORDER BY term_task, term_last, id LIMIT $1");
/* Of the room that all are of who have none (service/directory.h). */
SQL(to_do_by_default,
    "SELECT id FROM official WHERE term_task <> 0"
    " AND (unit IS NULL OR unit NOT IN (SELECT id FROM unit WHERE (room IS NOT NULL AND room <> $2)"
    " OR (kind = $3 AND id <> $2))) ORDER BY term_task, term_last, id LIMIT $1");
SQL(ended, "SELECT id FROM official WHERE ended_at <= $1 AND id NOT IN (SELECT subject FROM"
	   " legal_hold) ORDER BY ended_at, id LIMIT $2 OFFSET $3");

static int32_t column_day(struct query *q, int at)
{
	return column_is_null(q, at) ? DAY_NONE : (int32_t)column_i64(q, at);
}

static void bind_day(struct query *q, int at, int32_t day)
{
	if (day == DAY_NONE)
		bind_null(q, at);
	else
		bind_i64(q, at, day);
}

static struct term read_term(struct query *q)
{
	int32_t registered = column_day(q, 1);

	if (registered == DAY_NONE)
		return term_new(paris_day(column_i64(q, 0)), DAY_NONE, DAY_NONE);
	return (struct term){.registered = registered,
			     .until = column_day(q, 2),
			     .mandate_until = column_day(q, 3),
			     .confirmed = column_day(q, 4),
			     .said = (uint32_t)column_i64(q, 5),
			     .warned = column_day(q, 6),
			     .answer = (enum term_answer)column_i64(q, 7),
			     .ended = column_day(q, 8),
			     .why = (enum term_why)column_i64(q, 9),
			     .mandate_gone = column_day(q, 10)};
}

int term_load(struct vault *v, struct id official, struct term *ret_term)
{
	struct query *q = db_query(vault_db(v), &term_get);
	int r;

	bind_id(q, 1, official);
	r = step_to_row(q);
	if (!r)
		*ret_term = read_term(q);
	db_done(q);
	return r;
}

static int with_id(struct vault *v, const struct sql *sql, struct id official)
{
	struct query *q = db_query(vault_db(v), sql);

	bind_id(q, 1, official);
	return db_done_after(q);
}

static int note_end(struct vault *v, struct id official, int64_t now_ms)
{
	struct query *q = db_query(vault_db(v), &end_note);
	int r;

	bind_id(q, 1, official);
	bind_time(q, 2, now_ms);
	r = db_done_after(q);
	return r ? r : with_id(v, &numbers_hide, official);
}

int term_save(struct vault *v, struct id official, const struct term *t, int64_t now_ms)
{
	int r = db_done_after(db_query(vault_db(v), &change_take));
	struct query *q;

	if (r)
		return r;
	q = db_query(vault_db(v), &term_set);
	bind_id(q, 1, official);
	bind_day(q, 2, t->registered);
	bind_day(q, 3, t->until);
	bind_day(q, 4, t->mandate_until);
	bind_day(q, 5, t->confirmed);
	bind_i64(q, 6, t->said);
	bind_day(q, 7, t->warned);
	bind_i64(q, 8, t->answer);
	bind_day(q, 9, t->ended);
	bind_i64(q, 10, t->why);
	bind_i64(q, 11, term_task(t));
	bind_day(q, 12, term_in_force_until(t));
	bind_day(q, 13, t->mandate_gone);
	r = db_done_after(q);
	if (r)
		return r;
	return t->ended == DAY_NONE ? with_id(v, &end_forget, official)
				    : note_end(v, official, now_ms);
}

int terms_to_do(struct vault *v, struct id room, bool by_default, int limit, id_reader *on_official,
		void *context)
{
	bool all = id_is_none(room);
	struct query *q = db_query(vault_db(v), all          ? &to_do
						: by_default ? &to_do_by_default
							     : &to_do_in_room);

	bind_i64(q, 1, limit);
	if (!all)
		bind_id(q, 2, room);
	if (!all && by_default)
		bind_i64(q, 3, UNIT_ROOM);
	return each_id_after(q, limit, on_official, context);
}

int terms_ended(struct vault *v, int64_t before_ms, struct portion *portion, id_reader *on_official,
		void *context)
{
	struct query *q = db_query(vault_db(v), &ended);

	bind_time(q, 1, before_ms);
	return portion_after(v, q, 2, portion, on_official, context);
}

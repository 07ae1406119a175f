/* What the table of retention makes go: see forget.h. */
#include "store/forget.h"

#include "base/id.h"
#include "core/keeping.h"
#include "store/holds.h"
#include "store/journal.h"
#include "store/sealed.h"

SQL(trails_over,
    "SELECT id FROM alert WHERE closed_at <= $1 AND closed_at IS NOT NULL AND trail_forgotten = 0"
    " AND " ALERT_NOT_HELD("alert.id") " ORDER BY closed_at, id LIMIT $2 OFFSET $3");
SQL(trail_forget, "UPDATE journal SET salt = NULL, body = NULL WHERE subject = $1 AND list = $2");
SQL(trail_purged, "INSERT INTO purged_trail (alert, last) SELECT subject, MAX(number) FROM journal"
		  " WHERE subject = $1 AND list = $2 GROUP BY subject"
		  " ON CONFLICT (alert) DO UPDATE SET last = excluded.last");
SQL(trail_note, "UPDATE alert SET trail_forgotten = 1 WHERE id = $1");

/* Alerts of one event have one fate. */
SQL(alerts_over,
    "SELECT id FROM alert WHERE closed_at <= $1 AND closed_at IS NOT NULL"
    " AND " ALERT_NOT_HELD("alert.id") " AND NOT EXISTS (SELECT 1 FROM alert f WHERE (f.id ="
				       " COALESCE(alert.merged_into, alert.id) OR f.merged_into ="
				       " COALESCE(alert.merged_into, alert.id)) AND (f.closed_at IS"
				       " NULL OR f.closed_at > $1 OR f.id IN (SELECT alert FROM"
				       " keeping WHERE state <> $4 OR at_ms >= $5)))"
				       " ORDER BY closed_at, id LIMIT $2 OFFSET $3");
SQL(alert_remove, "DELETE FROM alert WHERE id = $1");
SQL(dispatches_remove, "DELETE FROM alert_dispatch WHERE alert = $1");
SQL(contacts_remove, "DELETE FROM alert_contact WHERE alert = $1");
SQL(clips_remove, "DELETE FROM clip WHERE alert = $1");
SQL(links_remove, "DELETE FROM link WHERE alert = $1");
SQL(deadlines_remove, "DELETE FROM deadline WHERE alert = $1");
SQL(messages_remove, "DELETE FROM outbox WHERE alert = $1");
SQL(receipts_remove,
    "DELETE FROM receipt WHERE outbox IN (SELECT id FROM outbox WHERE alert = $1)");

/* Their ids begin with the time: the oldest lie first. */
SQL(messages_over, "SELECT m.id FROM outbox m LEFT JOIN alert a ON a.id = m.alert WHERE m.id < $1"
		   " AND m.next_at IS NULL AND (a.id IS NULL OR a.closed_at IS NOT NULL)"
		   " AND m.alert NOT IN (SELECT subject FROM legal_hold)"
		   " AND " ALERT_NOT_HELD("m.alert") " ORDER BY m.id LIMIT $2 OFFSET $3");
SQL(message_remove, "DELETE FROM outbox WHERE id = $1");
SQL(message_receipts, "DELETE FROM receipt WHERE outbox = $1");

SQL(audit_at, "SELECT value FROM counter WHERE name = 'audit_forgotten'");
SQL(audit_move, "UPDATE counter SET value = $1 WHERE name = 'audit_forgotten'");
/* Never back, whatever is looked at again: journal_verify believes it. */
SQL(audit_purged, "UPDATE counter SET value = $1 WHERE name = 'audit_purged' AND value < $1");
SQL(audit_younger,
    "SELECT MIN(number) FROM journal WHERE number > $1 AND number <= $2 AND at_ms > $3");
SQL(audit_purge, "UPDATE journal SET salt = NULL, body = NULL WHERE number > $1 AND number <= $2"
		 " AND list = $3 AND (subject IS NULL OR subject NOT IN (SELECT subject FROM"
		 " legal_hold)) AND " ALERT_NOT_HELD("journal.subject"));

static int run(struct vault *v, const struct sql *sql, struct id id)
{
	struct query *q = db_query(vault_db(v), sql);

	bind_id(q, 1, id);
	return db_done_after(q);
}

static int run_all(struct vault *v, const struct sql *const list[], size_t count, struct id id)
{
	int r = 0;

	for (size_t i = 0; !r && i < count; i++)
		r = run(v, list[i], id);
	return r;
}

SQL(note_run, "UPDATE counter SET value = value + 1 WHERE name = 'housekeeping'");

/* --- alerts */

struct forgetting {
	struct vault *v;
	struct stretch kept; /* what was closed then is too young */
	id_reader *then;
	void *context;
};

static int on_trail(struct vault *v, const struct sql *sql, struct id alert)
{
	struct query *q = db_query(vault_db(v), sql);

	bind_id(q, 1, alert);
	bind_i64(q, 2, ENTRY_FIX);
	return db_done_after(q);
}

static int forget_trail(void *context, struct id alert)
{
	struct forgetting *f = context;
	struct vault *v = f->v;
	bool younger;
	int r = journal_is_younger(v, alert, ENTRY_CLOSED, &f->kept, &younger);

	if (r || younger)
		return r;
	r = on_trail(v, &trail_forget, alert);
	if (!r)
		r = on_trail(v, &trail_purged, alert);
	return r ? r : run(v, &trail_note, alert);
}

int positions_forget(struct vault *v, int64_t closed_before_ms, int64_t now_ms,
		     struct portion *portion)
{
	struct forgetting f = {v, {closed_before_ms, now_ms}, NULL, NULL};
	struct query *q = db_query(vault_db(v), &trails_over);

	bind_time(q, 1, closed_before_ms);
	return portion_after(v, q, 2, portion, forget_trail, &f);
}

/* What is left of it: lines without bodies, and that its sound was deleted. */
static int forget_alert(void *context, struct id alert)
{
	struct forgetting *f = context;
	static const struct sql *const removals[] = {
		&dispatches_remove, &contacts_remove, &clips_remove,    &links_remove,
		&deadlines_remove,  &receipts_remove, &messages_remove, &alert_remove};
	bool younger;
	int r = journal_is_younger(f->v, alert, ENTRY_CLOSED, &f->kept, &younger);

	if (r || younger)
		return r;
	r = run_all(f->v, removals, ARRAY_LEN(removals), alert);
	if (!r)
		r = journal_forget(f->v, alert);
	return r ? r : f->then(f->context, alert);
}

int alerts_forget(struct vault *v, int64_t closed_before_ms, int64_t now_ms,
		  struct portion *portion, id_reader *on_alert, void *context)
{
	struct forgetting f = {v, {closed_before_ms, now_ms}, on_alert, context};
	struct query *q = db_query(vault_db(v), &alerts_over);

	bind_time(q, 1, closed_before_ms);
	bind_i64(q, 4, KEEPING_DELETED);
	bind_time(q, 5, now_ms);
	return portion_after(v, q, 2, portion, forget_alert, &f);
}

/* --- SMS */

static int forget_message(void *context, struct id id)
{
	static const struct sql *const removals[] = {&message_receipts, &message_remove};

	return run_all(context, removals, ARRAY_LEN(removals), id);
}

/* The first that one made after then could have. */
static struct id id_from(int64_t at_ms)
{
	struct id id = ID_NONE;

	for (int i = 0; i < 6; i++)
		id.bytes[i] = (uint8_t)((uint64_t)at_ms >> (40 - 8 * i));
	return id;
}

int sms_forget(struct vault *v, int64_t before_ms, struct portion *portion)
{
	struct query *q = db_query(vault_db(v), &messages_over);

	bind_id(q, 1, id_from(before_ms + 1));
	return portion_after(v, q, 2, portion, forget_message, v);
}

/* --- lines */

static int move_to(struct vault *v, const struct sql *mark, int64_t number)
{
	struct query *q = db_query(vault_db(v), mark);

	bind_i64(q, 1, number);
	return db_done_after(q);
}

/* The clock may have been set back: lines that look old stand behind some that are not. */
static int end_before_younger(struct vault *v, int64_t from, int64_t before_ms, int64_t *last)
{
	struct query *q = db_query(vault_db(v), &audit_younger);
	int64_t younger;
	int r;

	bind_i64(q, 1, from);
	bind_i64(q, 2, *last);
	bind_time(q, 3, before_ms);
	r = db_number_after(q, *last + 1, &younger);
	if (!r)
		*last = younger - 1;
	return r;
}

int audit_forget(struct vault *v, int64_t before_ms, int limit)
{
	int64_t from, last;
	struct query *q;
	int r = db_number_after(db_query(vault_db(v), &audit_at), 0, &from);

	if (!r)
		r = journal_number_at(v, before_ms + 1, &last);
	if (r || --last <= from)
		return r;
	if (last - from > limit)
		last = from + limit;
	r = end_before_younger(v, from, before_ms, &last);
	if (r || last <= from)
		return r;
	q = db_query(vault_db(v), &audit_purge);
	bind_i64(q, 1, from);
	bind_i64(q, 2, last);
	bind_i64(q, 3, ENTRY_AUDIT);
	r = db_done_after(q);
	if (!r)
		r = move_to(v, &audit_purged, last);
	return r ? r : move_to(v, &audit_move, last);
}

int audit_look_again(struct vault *v)
{
	return move_to(v, &audit_move, 0);
}

int housekeeping_note(struct vault *v)
{
	return db_done_after(db_query(vault_db(v), &note_run));
}

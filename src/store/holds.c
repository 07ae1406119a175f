/* Legal holds: see holds.h. */
#include "store/holds.h"

#include <errno.h>

#include "base/clock.h"
#include "base/paris.h"
#include "store/sealed.h"

SQL(hold_add, "INSERT INTO legal_hold (subject, placed_by, reason, at_ms, until) VALUES ($1, $2, "
	      "$3, $4, $5)");
SQL(hold_get, "SELECT placed_by, reason, at_ms, until, lift_at, lift_by, lift_reason FROM"
	      " legal_hold WHERE subject = $1");
SQL(hold_lift_asked,
    "UPDATE legal_hold SET lift_at = $2, lift_by = $3, lift_reason = $4 WHERE subject = $1");
/* The alert's own before that of its official, before those of its event. */
SQL(hold_of,
    "SELECT subject FROM legal_hold h WHERE subject IN (SELECT f.id" OF_ONE_EVENT
    "$1) OR subject IN (SELECT f.official" OF_ONE_EVENT "$1) ORDER BY CASE WHEN subject = $1 THEN"
    " 0 WHEN subject = (SELECT official FROM alert WHERE id = $1) THEN 1 ELSE 2 END, at_ms, subject"
    " LIMIT 1");
SQL(hold_remove, "DELETE FROM legal_hold WHERE subject = $1");
SQL(hold_any, "SELECT 1 FROM legal_hold WHERE subject = $1");
SQL(holds_get, "SELECT subject FROM legal_hold ORDER BY at_ms, subject LIMIT $1");

#define REASON_LABEL STR("legal_hold.reason")
#define LIFT_LABEL STR("legal_hold.lift_reason")

int hold_is_on(struct vault *v, struct id subject, bool *ret_on)
{
	struct query *q = db_query(vault_db(v), &hold_any);

	bind_id(q, 1, subject);
	return db_any_after(q, ret_on);
}

int hold_place(struct vault *v, const struct hold *hold)
{
	struct buf sealed = BUF_INIT;
	bool on;
	int r = hold_is_on(v, hold->subject, &on);

	if (!r && on)
		r = -EEXIST;
	if (!r)
		r = vault_seal(v, vault_house_key(v), REASON_LABEL, hold->reason, &sealed);
	if (!r) {
		struct query *q = db_query(vault_db(v), &hold_add);

		bind_id(q, 1, hold->subject);
		bind_id(q, 2, hold->by);
		bind_blob(q, 3, buf_str(&sealed));
		bind_time(q, 4, hold->at_ms);
		if (hold->until == DAY_NONE)
			bind_null(q, 5);
		else
			bind_i64(q, 5, hold->until);
		r = db_done_after(q);
	}
	buf_fini(&sealed);
	return r;
}

int hold_lift(struct vault *v, struct id subject)
{
	struct query *q = db_query(vault_db(v), &hold_remove);

	bind_id(q, 1, subject);
	return deleted_one(v, q);
}

int hold_ask_lift(struct vault *v, const struct hold *hold)
{
	struct buf sealed = BUF_INIT;
	bool asked = hold->lift_at_ms != TIME_NONE;
	int r = asked ? vault_seal(v, vault_house_key(v), LIFT_LABEL, hold->lift_reason, &sealed)
		      : 0;

	if (!r) {
		struct query *q = db_query(vault_db(v), &hold_lift_asked);

		bind_id(q, 1, hold->subject);
		bind_time(q, 2, hold->lift_at_ms);
		bind_id(q, 3, hold->lift_by);
		bind_blob(q, 4, asked ? buf_str(&sealed) : STR_NONE);
		r = db_done_after(q);
	}
	buf_fini(&sealed);
	return r;
}

int hold_of_alert(struct vault *v, struct id alert, struct id *ret_subject)
{
	struct query *q = db_query(vault_db(v), &hold_of);
	int r;

	*ret_subject = ID_NONE;
	bind_id(q, 1, alert);
	r = id_after(q, ret_subject);
	return r == -ENOENT ? 0 : r;
}

/* In arena; STR_NONE where nothing is sealed. */
static int unseal_into_arena(struct vault *v, struct arena *arena, struct str label,
			     struct str sealed, struct str *ret_text)
{
	struct buf text = BUF_INIT;
	int r = sealed.len ? vault_unseal(v, label, sealed, &text) : 0;

	if (!r && sealed.len)
		*ret_text = str_of(arena_copy(arena, text.ptr, text.len), text.len);
	buf_fini(&text);
	return r;
}

int hold_load(struct vault *v, struct arena *arena, struct id subject, struct hold *ret_hold)
{
	struct query *q = db_query(vault_db(v), &hold_get);
	struct hold hold = {.subject = subject};
	int r;

	bind_id(q, 1, subject);
	r = step_to_row(q);
	if (!r) {
		hold.by = column_id(q, 0);
		hold.at_ms = column_time(q, 2);
		hold.until = column_is_null(q, 3) ? DAY_NONE : (int32_t)column_i64(q, 3);
		hold.lift_at_ms = column_time(q, 4);
		hold.lift_by = column_id(q, 5);
		r = unseal_into_arena(v, arena, REASON_LABEL, column_blob(q, 1), &hold.reason);
		if (!r)
			r = unseal_into_arena(v, arena, LIFT_LABEL, column_blob(q, 6),
					      &hold.lift_reason);
	}
	db_done(q);
	if (!r)
		*ret_hold = hold;
	return r;
}

int holds_each(struct vault *v, int limit, id_reader *on_subject, void *context)
{
	struct query *q = db_query(vault_db(v), &holds_get);

	bind_i64(q, 1, limit);
	return each_id_after(q, limit, on_subject, context);
}

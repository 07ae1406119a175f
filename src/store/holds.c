/* Legal holds: see holds.h. */
#include "store/holds.h"

#include <errno.h>

#include "store/sealed.h"

SQL(hold_add, "INSERT INTO legal_hold (subject, placed_by, reason, at_ms) VALUES ($1, $2, $3, $4)");
SQL(hold_get, "SELECT placed_by, reason, at_ms FROM legal_hold WHERE subject = $1");
SQL(hold_remove, "DELETE FROM legal_hold WHERE subject = $1");
SQL(hold_any, "SELECT 1 FROM legal_hold WHERE subject = $1");
SQL(holds_get, "SELECT subject FROM legal_hold ORDER BY at_ms, subject LIMIT $1");

#define REASON_LABEL STR("legal_hold.reason")

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

int hold_load(struct vault *v, struct arena *arena, struct id subject, struct hold *ret_hold)
{
	struct query *q = db_query(vault_db(v), &hold_get);
	struct hold hold = {.subject = subject};
	struct buf reason = BUF_INIT;
	int r;

	bind_id(q, 1, subject);
	r = step_to_row(q);
	if (!r) {
		hold.by = column_id(q, 0);
		hold.at_ms = column_time(q, 2);
		r = vault_unseal(v, REASON_LABEL, column_blob(q, 1), &reason);
	}
	db_done(q);
	if (!r) {
		hold.reason = str_of(arena_copy(arena, reason.ptr, reason.len), reason.len);
		*ret_hold = hold;
	}
	buf_fini(&reason);
	return r;
}

int holds_each(struct vault *v, int limit, id_reader *on_subject, void *context)
{
	struct query *q = db_query(vault_db(v), &holds_get);

	bind_i64(q, 1, limit);
	return each_id_after(q, limit, on_subject, context);
}

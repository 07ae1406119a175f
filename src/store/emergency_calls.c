/* Calls to 17: see emergency_calls.h. */
#include "store/emergency_calls.h"

#include <errno.h>

#include "store/holds.h"
#include "store/journal.h"
#include "store/sealed.h"

SQL(call_get, "SELECT room, face, rang_at, answered_at, ended_at, claimed_by, claimed_at, matches,"
	      " official, alert, closed_at, version, kept, offered_at FROM emergency_call"
	      " WHERE id = $1");
SQL(call_add,
    "INSERT INTO emergency_call (id, room, switch_key, number, face, rang_at, answered_at,"
    " ended_at, matches, version) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0, $9)");
SQL(call_set,
    "UPDATE emergency_call SET answered_at = $2, ended_at = $3, claimed_by = $4, claimed_at = $5,"
    " matches = $6, official = $7, alert = $8, closed_at = $9, version = $10 + 1,"
    " kept = $11, offered_at = $12 WHERE id = $1 AND version = $10");
SQL(call_set_fix, "UPDATE emergency_call SET fix = $2 WHERE id = $1");
SQL(call_get_fix, "SELECT fix FROM emergency_call WHERE id = $1 AND fix IS NOT NULL");
SQL(call_find, "SELECT id FROM emergency_call WHERE switch_key = $1 AND rang_at >= $2"
	       " ORDER BY rang_at DESC LIMIT 1");
SQL(calls_open, "SELECT id FROM emergency_call WHERE closed_at IS NULL AND room = $1"
		" ORDER BY claimed_by IS NOT NULL, rang_at DESC LIMIT $2");
SQL(calls_held, "SELECT id FROM emergency_call WHERE closed_at IS NULL AND claimed_by = $1"
		" ORDER BY rang_at LIMIT $2");
SQL(calls_before, "SELECT id FROM emergency_call WHERE closed_at IS NULL AND rang_at < $1"
		  " ORDER BY rang_at, id LIMIT $2 OFFSET $3");
SQL(calls_from, "SELECT id FROM emergency_call WHERE number = $1 AND closed_at IS NULL"
		" ORDER BY rang_at DESC LIMIT $2");
SQL(calls_of, "SELECT id FROM emergency_call WHERE official = $1 AND closed_at IS NULL"
	      " ORDER BY rang_at DESC LIMIT $2");

SQL(calls_over,
    "SELECT id FROM emergency_call WHERE closed_at <= $1 AND " NOT_HELD(
	    "id",
	    "official") " AND " ALERT_NOT_HELD("emergency_call.alert") " ORDER BY closed_at, "
								       "id LIMIT $2 OFFSET $3");
SQL(call_remove, "DELETE FROM emergency_call WHERE id = $1");

SQL(open_of_official,
    "SELECT 1 FROM emergency_call WHERE official = $1 AND closed_at IS NULL LIMIT 1");
#define FACE_LABEL STR("emergency_call.face")
#define FIX_LABEL STR("emergency_call.fix")
#define KEY_LABEL STR("emergency_call.key")
#define NUMBER_LABEL STR("emergency_call.number")

/* Tags of the sealed face. Stored: never reuse one. */
enum face_tag { FACE_NUMBER = 1, FACE_LINE, FACE_PLACE };

static int decode_face(struct str body, struct arena *arena, struct call_face *face)
{
	struct cursor record = cursor_of(body);
	struct str text;
	uint8_t tag;
	int r;

	while ((r = record_next(&record, &tag, &text)) == 1) {
		text = str_of(arena_copy(arena, text.ptr, text.len), text.len);
		if (tag == FACE_NUMBER)
			face->number = text;
		else if (tag == FACE_LINE)
			face->line = text;
		else if (tag == FACE_PLACE)
			face->place = text;
	}
	return r;
}

static int seal_face(struct vault *v, struct id call, const struct call_face *face, struct buf *out)
{
	struct buf plain = BUF_INIT;
	int r;

	record_put(&plain, FACE_NUMBER, face->number);
	record_put(&plain, FACE_LINE, face->line);
	record_put(&plain, FACE_PLACE, face->place);
	r = vault_seal(v, call, FACE_LABEL, buf_str(&plain), out);
	buf_fini(&plain);
	return r;
}

int emergency_call_insert(struct vault *v, const struct emergency_call *c,
			  const struct call_face *face, struct str switch_key, struct str number)
{
	uint8_t key[BLIND_SIZE], index[BLIND_SIZE];
	struct buf sealed = BUF_INIT;
	struct query *q;
	int r = vault_new_key(v, c->id);

	if (!r)
		r = seal_face(v, c->id, face, &sealed);
	if (!r) {
		vault_index(v, KEY_LABEL, switch_key, key);
		vault_index(v, NUMBER_LABEL, number, index);
		q = db_query(vault_db(v), &call_add);
		bind_id(q, 1, c->id);
		bind_id(q, 2, c->room);
		bind_blob(q, 3, str_of(key, sizeof(key)));
		bind_blob(q, 4, number.len ? str_of(index, sizeof(index)) : STR_NONE);
		bind_blob(q, 5, buf_str(&sealed));
		bind_time(q, 6, c->rang_at_ms);
		bind_time(q, 7, c->answered_at_ms);
		bind_time(q, 8, c->ended_at_ms);
		bind_i64(q, 9, c->version);
		r = db_done_after(q);
	}
	buf_fini(&sealed);
	return r;
}

int emergency_call_update(struct vault *v, struct emergency_call *c)
{
	struct query *q = db_query(vault_db(v), &call_set);
	int r;

	bind_id(q, 1, c->id);
	bind_time(q, 2, c->answered_at_ms);
	bind_time(q, 3, c->ended_at_ms);
	bind_id(q, 4, c->claimed_by);
	bind_time(q, 5, c->claimed_at_ms);
	bind_i64(q, 6, c->matches);
	bind_id(q, 7, c->official);
	bind_id(q, 8, c->alert);
	bind_time(q, 9, c->closed_at_ms);
	bind_i64(q, 10, c->version);
	bind_bool(q, 11, c->kept);
	bind_time(q, 12, c->offered_at_ms);
	r = updated_one(v, q);
	if (!r)
		c->version++;
	return r;
}

int emergency_call_locate(struct vault *v, struct id call, const struct stored_fix *fix)
{
	struct buf sealed = BUF_INIT;
	int r = seal_fix(v, call, FIX_LABEL, fix, &sealed);

	if (!r) {
		struct query *q = db_query(vault_db(v), &call_set_fix);

		bind_id(q, 1, call);
		bind_blob(q, 2, buf_str(&sealed));
		r = db_done_after(q);
	}
	buf_fini(&sealed);
	return r;
}

int emergency_call_load(struct vault *v, struct arena *arena, struct id id,
			struct emergency_call *ret_call, struct call_face *ret_face)
{
	struct query *q = db_query(vault_db(v), &call_get);
	struct buf face = BUF_INIT;
	int r;

	bind_id(q, 1, id);
	r = step_to_row(q);
	if (!r) {
		*ret_call = (struct emergency_call){
			.id = id,
			.room = column_id(q, 0),
			.rang_at_ms = column_time(q, 2),
			.answered_at_ms = column_time(q, 3),
			.ended_at_ms = column_time(q, 4),
			.claimed_by = column_id(q, 5),
			.claimed_at_ms = column_time(q, 6),
			.matches = (unsigned)column_i64(q, 7),
			.official = column_id(q, 8),
			.alert = column_id(q, 9),
			.closed_at_ms = column_time(q, 10),
			.version = column_i64(q, 11),
			.kept = column_bool(q, 12),
			.offered_at_ms = column_time(q, 13),
		};
		if (ret_face)
			r = vault_unseal(v, FACE_LABEL, column_blob(q, 1), &face);
	}
	db_done(q);
	if (!r && ret_face) {
		*ret_face = (struct call_face){0};
		r = decode_face(buf_str(&face), arena, ret_face);
		ret_call->withheld = !ret_face->number.len;
	}
	buf_fini(&face);
	return r;
}

int emergency_call_fix(struct vault *v, struct id call, struct stored_fix *ret_fix)
{
	struct query *q = db_query(vault_db(v), &call_get_fix);

	bind_id(q, 1, call);
	return fix_after(v, q, FIX_LABEL, ret_fix);
}

int emergency_call_by_key(struct vault *v, struct str switch_key, int64_t since_ms,
			  struct id *ret_call)
{
	struct query *q = db_query(vault_db(v), &call_find);
	uint8_t key[BLIND_SIZE];

	vault_index(v, KEY_LABEL, switch_key, key);
	bind_blob(q, 1, str_of(key, sizeof(key)));
	bind_i64(q, 2, since_ms);
	return id_after(q, ret_call);
}

int emergency_calls_held(struct vault *v, struct id account, int limit, id_reader *on_call,
			 void *context)
{
	struct query *q = db_query(vault_db(v), &calls_held);

	bind_id(q, 1, account);
	bind_i64(q, 2, limit);
	return each_id_after(q, limit, on_call, context);
}

int emergency_calls_open(struct vault *v, struct id room, int limit, id_reader *on_call,
			 void *context)
{
	struct query *q = db_query(vault_db(v), &calls_open);

	bind_id(q, 1, room);
	bind_i64(q, 2, limit);
	return each_id_after(q, limit, on_call, context);
}

struct purge {
	struct vault *v;
	struct stretch kept; /* what was closed then is too young */
};

static int purge(void *context, struct id call)
{
	struct purge *p = context;
	struct vault *v = p->v;
	struct query *q;
	bool younger;
	int r = journal_is_younger(v, call, ENTRY_CALL_CLOSED, &p->kept, &younger);

	if (r || younger)
		return r;
	q = db_query(vault_db(v), &call_remove);
	bind_id(q, 1, call);
	r = deleted_one(v, q);
	return r ? r : journal_forget(v, call);
}

int emergency_call_open_of(struct vault *v, struct id official, bool *ret_open)
{
	struct query *q = db_query(vault_db(v), &open_of_official);

	bind_id(q, 1, official);
	return db_any_after(q, ret_open);
}

int emergency_calls_purge(struct vault *v, int64_t closed_before_ms, int64_t now_ms,
			  struct portion *portion)
{
	struct purge p = {v, {closed_before_ms, now_ms}};
	struct query *q = db_query(vault_db(v), &calls_over);

	bind_i64(q, 1, closed_before_ms);
	return portion_after(v, q, 2, portion, purge, &p);
}

int emergency_calls_before(struct vault *v, int64_t before_ms, struct portion *portion,
			   id_reader *on_call, void *context)
{
	struct query *q = db_query(vault_db(v), &calls_before);

	bind_i64(q, 1, before_ms);
	return portion_after(v, q, 2, portion, on_call, context);
}

int emergency_calls_of(struct vault *v, struct id official, int limit, id_reader *on_call,
		       void *context)
{
	struct query *q = db_query(vault_db(v), &calls_of);

	bind_id(q, 1, official);
	bind_i64(q, 2, limit);
	return each_id_after(q, limit, on_call, context);
}

int emergency_calls_from(struct vault *v, struct str number, int limit, id_reader *on_call,
			 void *context)
{
	struct query *q = db_query(vault_db(v), &calls_from);
	uint8_t index[BLIND_SIZE];

	vault_index(v, NUMBER_LABEL, number, index);
	bind_blob(q, 1, str_of(index, sizeof(index)));
	bind_i64(q, 2, limit);
	return each_id_after(q, limit, on_call, context);
}

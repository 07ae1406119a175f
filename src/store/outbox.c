/* The outbox and its receipts: see outbox.h. */
#include "store/outbox.h"

#include <errno.h>

#include "base/cursor.h"

SQL(outbox_insert,
    "INSERT INTO outbox (id, alert, target, kind, body, state, attempts, created_at, next_at,"
    " valid_until) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)");
#define MESSAGE_COLUMNS \
	"id, alert, target, kind, body, state, attempts, created_at, next_at, valid_until, route"
SQL(outbox_get, "SELECT " MESSAGE_COLUMNS " FROM outbox WHERE id = $1");
SQL(outbox_set,
    "UPDATE outbox SET state = $2, attempts = $3, next_at = $4, route = $5 WHERE id = $1");
SQL(outbox_cancel, "UPDATE outbox SET next_at = NULL WHERE alert = $1 AND next_at IS NOT NULL");
SQL(outbox_cancel_of, "UPDATE outbox SET next_at = NULL WHERE alert = $1 AND target = $2"
		      " AND next_at IS NOT NULL");
SQL(outbox_cancel_kind, "UPDATE outbox SET next_at = NULL WHERE alert = $1 AND kind = $2"
			" AND next_at IS NOT NULL");
SQL(outbox_last_of, "SELECT state FROM outbox WHERE alert = $1 AND kind = $2"
		    " ORDER BY created_at DESC LIMIT 1");
SQL(outbox_count_of,
    "SELECT COUNT(*) FROM outbox WHERE alert = $1 AND kind = $2 AND created_at >= $3");
#define OLD_OF                                         \
	"alert = $1 AND kind = $3 AND created_at < $2" \
	" AND alert NOT IN (SELECT subject FROM legal_hold)"
SQL(receipts_forget,
    "DELETE FROM receipt WHERE outbox IN (SELECT id FROM outbox WHERE " OLD_OF ")");
SQL(outbox_forget, "DELETE FROM outbox WHERE " OLD_OF);
SQL(outbox_due, "SELECT " MESSAGE_COLUMNS " FROM outbox WHERE next_at IS NOT NULL AND next_at <= $1"
		" ORDER BY next_at LIMIT $2");
SQL(outbox_of, "SELECT " MESSAGE_COLUMNS " FROM outbox WHERE alert = $1 ORDER BY created_at, id"
	       " LIMIT $2");
SQL(outbox_next, "SELECT MIN(next_at) FROM outbox WHERE next_at IS NOT NULL AND next_at > $1");
SQL(outbox_count, "SELECT COUNT(*) FROM outbox WHERE next_at IS NOT NULL");
SQL(outbox_count_due, "SELECT COUNT(*) FROM outbox WHERE next_at IS NOT NULL AND next_at <= $1");
/* Of an installation where only tests are made, not all of them are looked at. */
SQL(outbox_last,
    "SELECT o.state, o.created_at FROM (SELECT id, alert, state, created_at FROM outbox"
    " ORDER BY id DESC LIMIT 500) AS o JOIN alert a ON a.id = o.alert"
    " WHERE a.test = 0 AND o.state <> $1 ORDER BY o.id DESC LIMIT 1");
SQL(receipt_add, "INSERT INTO receipt (outbox, bits, at_ms) VALUES ($1, $2, $3) ON CONFLICT "
		 "(outbox, bits) DO NOTHING");
SQL(receipts_get, "SELECT bits FROM receipt WHERE outbox = $1");

#define BODY_LABEL STR("outbox.body")

/* body: flags (1) ‖ length of number (1) ‖ number ‖ text. */
int message_insert(struct vault *v, const struct message *m)
{
	struct buf plain = BUF_INIT, sealed = BUF_INIT;
	struct query *q;
	int r;

	buf_add_byte(&plain, m->simulated);
	buf_add_byte(&plain, (uint8_t)m->to.len);
	buf_add(&plain, m->to.ptr, (uint8_t)m->to.len);
	buf_add_str(&plain, m->text);
	r = vault_seal(v, m->alert, BODY_LABEL, buf_str(&plain), &sealed);
	if (!r) {
		q = db_query(vault_db(v), &outbox_insert);
		bind_id(q, 1, m->id);
		bind_id(q, 2, m->alert);
		bind_id(q, 3, m->target);
		bind_i64(q, 4, m->kind);
		bind_blob(q, 5, buf_str(&sealed));
		bind_i64(q, 6, m->state);
		bind_i64(q, 7, m->attempts);
		bind_time(q, 8, m->created_at_ms);
		bind_time(q, 9, m->next_at_ms);
		bind_time(q, 10, m->valid_until_ms);
		r = db_done_after(q);
	}
	buf_fini(&plain);
	buf_fini(&sealed);
	return r;
}

static int read_message(struct vault *v, struct arena *arena, struct query *q,
			struct message *ret_message)
{
	struct buf plain = BUF_INIT;
	struct cursor c;
	struct str part;
	int r;

	*ret_message = (struct message){
		.id = column_id(q, 0),
		.alert = column_id(q, 1),
		.target = column_id(q, 2),
		.kind = (enum outbox_kind)column_i64(q, 3),
		.state = (enum message_state)column_i64(q, 5),
		.attempts = (int)column_i64(q, 6),
		.created_at_ms = column_time(q, 7),
		.next_at_ms = column_time(q, 8),
		.valid_until_ms = column_time(q, 9),
		.route = (int)column_i64(q, 10),
	};
	r = vault_unseal(v, BODY_LABEL, column_blob(q, 4), &plain);
	if (!r) {
		c = cursor_of(buf_str(&plain));
		ret_message->simulated = cursor_u8(&c);
		part = cursor_take(&c, cursor_u8(&c));
		ret_message->to = str_of(arena_copy(arena, part.ptr, part.len), part.len);
		part = cursor_take(&c, cursor_left(&c));
		ret_message->text = str_of(arena_copy(arena, part.ptr, part.len), part.len);
		r = cursor_ok(&c) ? 0 : -EBADMSG;
	}
	buf_fini(&plain);
	return r;
}

int message_load(struct vault *v, struct arena *arena, struct id id, struct message *ret_message)
{
	struct query *q = db_query(vault_db(v), &outbox_get);
	int r;

	bind_id(q, 1, id);
	r = query_step(q);
	if (r == 1)
		r = read_message(v, arena, q, ret_message);
	else if (r == 0)
		r = -ENOENT;
	db_done(q);
	return r;
}

int message_set(struct vault *v, const struct message *m)
{
	struct query *q = db_query(vault_db(v), &outbox_set);

	bind_id(q, 1, m->id);
	bind_i64(q, 2, m->state);
	bind_i64(q, 3, m->attempts);
	bind_time(q, 4, m->next_at_ms);
	bind_i64(q, 5, m->route);
	return db_done_after(q);
}

int messages_cancel(struct vault *v, struct id alert, struct id target)
{
	bool all = id_is_none(target);
	struct query *q = db_query(vault_db(v), all ? &outbox_cancel : &outbox_cancel_of);

	bind_id(q, 1, alert);
	if (!all)
		bind_id(q, 2, target);
	return db_done_after(q);
}

int messages_cancel_kind(struct vault *v, struct id dossier, enum outbox_kind kind)
{
	struct query *q = db_query(vault_db(v), &outbox_cancel_kind);

	bind_id(q, 1, dossier);
	bind_i64(q, 2, kind);
	return db_done_after(q);
}

int message_last_of(struct vault *v, struct id dossier, enum outbox_kind kind, int64_t *ret_state)
{
	struct query *q = db_query(vault_db(v), &outbox_last_of);

	bind_id(q, 1, dossier);
	bind_i64(q, 2, kind);
	return db_number_after(q, MESSAGE_STATES, ret_state);
}

int messages_forget(struct vault *v, struct id dossier, enum outbox_kind kind, int64_t before_ms)
{
	static const struct sql *const steps[] = {&receipts_forget, &outbox_forget};
	int r = 0;

	for (size_t i = 0; !r && i < ARRAY_LEN(steps); i++) {
		struct query *q = db_query(vault_db(v), steps[i]);

		bind_id(q, 1, dossier);
		bind_time(q, 2, before_ms);
		bind_i64(q, 3, kind);
		r = db_done_after(q);
	}
	return r;
}

/* The rows of a query that is bound, which ends here: at most limit. */
static int read_messages(struct vault *v, struct arena *arena, struct query *q, int limit,
			 struct message **ret_messages, size_t *ret_count)
{
	struct message *list = arena_alloc(arena, (size_t)limit * sizeof(*list));
	size_t count = 0;
	int r;

	while ((r = query_step(q)) == 1) {
		r = read_message(v, arena, q, &list[count]);
		/* A row that cannot be opened any more (altered, or purged) must not hold up the
		 * others. */
		if (r && r != -EBADMSG && r != -ENOENT)
			break;
		count += !r;
	}
	db_done(q);
	*ret_messages = list;
	*ret_count = count;
	return r;
}

int messages_of_alert(struct vault *v, struct arena *arena, struct id alert, int limit,
		      struct message **ret_messages, size_t *ret_count)
{
	struct query *q = db_query(vault_db(v), &outbox_of);

	bind_id(q, 1, alert);
	bind_i64(q, 2, limit);
	return read_messages(v, arena, q, limit, ret_messages, ret_count);
}

int messages_due(struct vault *v, struct arena *arena, int64_t now_ms, int limit,
		 struct message **ret_messages, size_t *ret_count, int64_t *ret_next_ms)
{
	struct query *q = db_query(vault_db(v), &outbox_due);
	int r;

	bind_time(q, 1, now_ms);
	bind_i64(q, 2, limit);
	r = read_messages(v, arena, q, limit, ret_messages, ret_count);
	if (r)
		return r;
	q = db_query(vault_db(v), &outbox_next);
	bind_time(q, 1, now_ms);
	return db_number_after(q, INT64_MAX, ret_next_ms);
}

int message_last(struct vault *v, enum message_state *ret_state, int64_t *ret_created_at_ms)
{
	struct query *q = db_query(vault_db(v), &outbox_last);
	int r;

	bind_i64(q, 1, MESSAGE_QUEUED);
	r = query_step(q);
	if (r == 1) {
		*ret_state = (enum message_state)column_i64(q, 0);
		*ret_created_at_ms = column_time(q, 1);
	}
	db_done(q);
	return r < 0 ? r : r ? 0 : -ENOENT;
}

int messages_count_of(struct vault *v, struct id dossier, enum outbox_kind kind, int64_t since_ms,
		      int64_t *ret_count)
{
	struct query *q = db_query(vault_db(v), &outbox_count_of);

	bind_id(q, 1, dossier);
	bind_i64(q, 2, kind);
	bind_i64(q, 3, since_ms);
	return db_number_after(q, 0, ret_count);
}

int messages_waiting(struct vault *v, int64_t *ret_count)
{
	return db_number_after(db_query(vault_db(v), &outbox_count), 0, ret_count);
}

int messages_count_due(struct vault *v, int64_t now_ms, int64_t *ret_count)
{
	struct query *q = db_query(vault_db(v), &outbox_count_due);

	bind_time(q, 1, now_ms);
	return db_number_after(q, 0, ret_count);
}

/* In the column `bits`: the mask, and above it the gateway. */
enum { ROUTE_SHIFT = 8, MASK = 255 };

int receipt_insert(struct vault *v, struct id message, int route, int bits, int64_t at_ms,
		   bool *ret_new)
{
	struct query *q = db_query(vault_db(v), &receipt_add);
	int r;

	bind_id(q, 1, message);
	bind_i64(q, 2, route << ROUTE_SHIFT | bits);
	bind_time(q, 3, at_ms);
	r = db_done_after(q);
	*ret_new = !r && db_changes(vault_db(v)) == 1;
	return r;
}

int receipts_of(struct vault *v, struct id message, int ret_bits[SMS_ROUTES])
{
	struct query *q = db_query(vault_db(v), &receipts_get);
	int r;

	memset(ret_bits, 0, SMS_ROUTES * sizeof(ret_bits[0]));
	bind_id(q, 1, message);
	while ((r = query_step(q)) == 1) {
		int64_t bits = column_i64(q, 0);

		if (bits >> ROUTE_SHIFT < SMS_ROUTES)
			ret_bits[bits >> ROUTE_SHIFT] |= (int)bits & MASK;
	}
	db_done(q);
	return r;
}

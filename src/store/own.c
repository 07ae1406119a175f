/* Officials and their own file: see own.h. */
#include "store/own.h"

#include <errno.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "store/sealed.h"

SQL(code_add,
    "INSERT INTO own_code (request, number, official, code, tries, created_at, expires_at)"
    " VALUES ($1, $2, $3, $4, 0, $5, $6)");
SQL(codes_of_number, "SELECT COUNT(*) FROM own_code WHERE number = $1 AND created_at > $2");
SQL(codes_of_all, "SELECT COUNT(*) FROM own_code WHERE created_at > $1");
SQL(code_get, "SELECT official, code, tries FROM own_code WHERE request = $1 AND expires_at > $2");
SQL(code_tried, "UPDATE own_code SET tries = $2 WHERE request = $1");
SQL(codes_old, "DELETE FROM own_code WHERE created_at < $1");
SQL(codes_end, "UPDATE own_code SET official = NULL WHERE official = $1");

SQL(own_session_add, "INSERT INTO own_session (token, official, device, created_at, expires_at)"
		     " VALUES ($1, $2, $3, $4, $5)");
/* What a telephone opened ends with its service. */
SQL(own_session_get, "SELECT official FROM own_session s WHERE token = $1 AND expires_at > $2"
		     " AND (device IS NULL OR EXISTS (SELECT 1 FROM device d WHERE d.id = s.device"
		     " AND d.enabled <> 0 AND d.official = s.official))");
SQL(own_session_end, "DELETE FROM own_session WHERE token = $1");
SQL(own_sessions_end, "DELETE FROM own_session WHERE official = $1");
SQL(own_sessions_old, "DELETE FROM own_session WHERE expires_at <= $1");
SQL(own_sessions_all, "DELETE FROM own_session");

SQL(wish_get, "SELECT leave_at, withdraw_at FROM own_wish WHERE official = $1");
SQL(wish_set, "INSERT INTO own_wish (official, leave_at, withdraw_at) VALUES ($1, $2, $3)"
	      " ON CONFLICT (official) DO UPDATE SET leave_at = $2, withdraw_at = $3");
SQL(wish_end, "DELETE FROM own_wish WHERE official = $1");
SQL(wishes_leave, "SELECT official FROM own_wish WHERE leave_at IS NOT NULL ORDER BY leave_at,"
		  " official LIMIT $1");
SQL(wishes_withdraw, "SELECT official FROM own_wish WHERE withdraw_at IS NOT NULL"
		     " ORDER BY withdraw_at, official LIMIT $1 OFFSET $2");

#define NUMBER_LABEL STR("own_code.number")
#define CODE_LABEL STR("own_code.code")

/* Wrong ones a request may bear; the last value means: used. */
enum { TRIES_MAX = 5 };

static struct query *of_token(struct vault *v, const struct sql *sql, struct str token,
			      uint8_t hash[TOKEN_HASH_SIZE])
{
	struct query *q = db_query(vault_db(v), sql);

	token_hash(token, hash);
	bind_blob(q, 1, str_of(hash, TOKEN_HASH_SIZE));
	return q;
}

static int execute_of(struct vault *v, const struct sql *sql, struct id official)
{
	struct query *q = db_query(vault_db(v), sql);

	bind_id(q, 1, official);
	return db_done_after(q);
}

static int execute_before(struct vault *v, const struct sql *sql, int64_t at_ms)
{
	struct query *q = db_query(vault_db(v), sql);

	bind_time(q, 1, at_ms);
	return db_done_after(q);
}

/* --- codes */

/* Of six figures a database alone would soon find the right ones: bound to its request, and keyed.
 */
static void code_index(struct vault *v, struct str request, struct str code,
		       uint8_t out[BLIND_SIZE])
{
	struct buf b = BUF_INIT;

	buf_add_str(&b, request);
	buf_add_byte(&b, ' ');
	buf_add_str(&b, code);
	vault_index(v, CODE_LABEL, buf_str(&b), out);
	wipe(b.ptr, b.len);
	buf_fini(&b);
}

int own_code_insert(struct vault *v, const struct own_code *c)
{
	uint8_t request[TOKEN_HASH_SIZE], number[BLIND_SIZE], code[BLIND_SIZE];
	struct query *q = of_token(v, &code_add, c->request, request);

	vault_index(v, NUMBER_LABEL, c->number, number);
	code_index(v, c->request, c->code, code);
	bind_blob(q, 2, str_of(number, sizeof(number)));
	bind_id(q, 3, c->official);
	bind_blob(q, 4, str_of(code, sizeof(code)));
	bind_time(q, 5, c->created_at_ms);
	bind_time(q, 6, c->expires_at_ms);
	return db_done_after(q);
}

int own_codes_since(struct vault *v, struct str number, int64_t since_ms, int64_t *ret_count)
{
	struct query *q = db_query(vault_db(v), number.ptr ? &codes_of_number : &codes_of_all);
	uint8_t index[BLIND_SIZE];

	if (number.ptr) {
		vault_index(v, NUMBER_LABEL, number, index);
		bind_blob(q, 1, str_of(index, sizeof(index)));
	}
	bind_time(q, number.ptr ? 2 : 1, since_ms);
	return db_number_after(q, 0, ret_count);
}

static int set_tries(struct vault *v, struct str request, int64_t tries)
{
	uint8_t hash[TOKEN_HASH_SIZE];
	struct query *q = of_token(v, &code_tried, request, hash);

	bind_i64(q, 2, tries);
	return db_done_after(q);
}

int own_code_take(struct vault *v, struct str request, struct str typed, int64_t now_ms,
		  struct id *ret_official)
{
	uint8_t hash[TOKEN_HASH_SIZE], code[BLIND_SIZE];
	struct query *q = of_token(v, &code_get, request, hash);
	struct id official = ID_NONE;
	bool right = false;
	int64_t tries = 0;
	int r;

	code_index(v, request, typed, code);
	bind_time(q, 2, now_ms);
	r = step_to_row(q);
	if (!r) {
		struct str stored = column_blob(q, 1);

		official = column_id(q, 0);
		tries = column_i64(q, 2);
		right = stored.len == sizeof(code) &&
			bytes_equal_constant_time(stored.ptr, code, sizeof(code));
	}
	db_done(q);
	if (r || tries >= TRIES_MAX)
		return r ? r : -ENOENT;
	/* Of a number that is nobody's too: what is written takes the disk its time. */
	right = right && !id_is_none(official);
	r = set_tries(v, request, right ? TRIES_MAX : tries + 1);
	if (!r && id_is_none(official))
		return -ENOENT;
	*ret_official = official;
	return r ? r : right ? 0 : -EACCES;
}

/* --- sessions */

int own_session_insert(struct vault *v, struct str token, struct id official, struct id device,
		       int64_t now_ms, int64_t expires_at_ms)
{
	uint8_t hash[TOKEN_HASH_SIZE];
	struct query *q = of_token(v, &own_session_add, token, hash);

	bind_id(q, 2, official);
	bind_id(q, 3, device);
	bind_time(q, 4, now_ms);
	bind_time(q, 5, expires_at_ms);
	return db_done_after(q);
}

int own_session_find(struct vault *v, struct str token, int64_t now_ms, struct id *ret_official)
{
	uint8_t hash[TOKEN_HASH_SIZE];
	struct query *q = of_token(v, &own_session_get, token, hash);

	bind_time(q, 2, now_ms);
	return id_after(q, ret_official);
}

int own_session_delete(struct vault *v, struct str token)
{
	uint8_t hash[TOKEN_HASH_SIZE];

	return db_done_after(of_token(v, &own_session_end, token, hash));
}

int own_sessions_delete_all(struct vault *v)
{
	return db_done_after(db_query(vault_db(v), &own_sessions_all));
}

/* --- wishes */

int own_wish_load(struct vault *v, struct id official, struct own_wish *ret_wish)
{
	struct query *q = db_query(vault_db(v), &wish_get);
	int r;

	*ret_wish = (struct own_wish){TIME_NONE, TIME_NONE};
	bind_id(q, 1, official);
	r = query_step(q);
	if (r == 1)
		*ret_wish = (struct own_wish){column_time(q, 0), column_time(q, 1)};
	db_done(q);
	return r < 0 ? r : 0;
}

int own_wish_save(struct vault *v, struct id official, const struct own_wish *wish)
{
	struct query *q;

	if (wish->leave_at_ms == TIME_NONE && wish->withdraw_at_ms == TIME_NONE)
		return execute_of(v, &wish_end, official);
	q = db_query(vault_db(v), &wish_set);
	bind_id(q, 1, official);
	bind_time(q, 2, wish->leave_at_ms);
	bind_time(q, 3, wish->withdraw_at_ms);
	return db_done_after(q);
}

int own_wishes_leaving(struct vault *v, int limit, id_reader *on_id, void *context)
{
	struct query *q = db_query(vault_db(v), &wishes_leave);

	bind_i64(q, 1, limit);
	return each_id_after(q, limit, on_id, context);
}

int own_wishes_withdrawn(struct vault *v, struct portion *portion, id_reader *on_id, void *context)
{
	return portion_after(v, db_query(vault_db(v), &wishes_withdraw), 1, portion, on_id,
			     context);
}

/* --- the end */

int own_forget(struct vault *v, struct id official)
{
	static const struct sql *const removals[] = {&codes_end, &own_sessions_end, &wish_end};
	int r = 0;

	for (size_t i = 0; !r && i < ARRAY_LEN(removals); i++)
		r = execute_of(v, removals[i], official);
	return r;
}

int own_purge(struct vault *v, int64_t codes_before_ms, int64_t now_ms)
{
	int r = execute_before(v, &codes_old, codes_before_ms);

	return r ? r : execute_before(v, &own_sessions_old, now_ms);
}

/* The unverified lane: see unverified.h. body: ident ‖ source ‖ fix, sealed with the house key. */
#include "store/unverified.h"

#include <errno.h>

#include "base/cursor.h"
#include "crypto/random.h"

SQL(put,
    "INSERT INTO unverified (id, protocol, ident, source, reason, frames, sos, first_at, last_at, "
    "body)"
    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8, $9) ON CONFLICT (ident, source) DO UPDATE SET"
    " frames = unverified.frames + $6, sos = CASE WHEN unverified.sos > $7 THEN unverified.sos "
    "ELSE $7 END,"
    " last_at = $8, body = $9, reason = $5 RETURNING id");
SQL(list_since, "SELECT id, protocol, reason, frames, sos, first_at, last_at, body FROM unverified"
		" WHERE last_at >= $1 ORDER BY last_at DESC LIMIT $2");
SQL(drop_before, "DELETE FROM unverified WHERE last_at < $1");

#define BODY_LABEL STR("unverified.body")

const char *unverified_reason_name(enum unverified_reason reason)
{
	static const char *const names[] = {"unknown", "out_of_network", "malformed"};

	return (size_t)reason < sizeof(names) / sizeof(names[0]) ? names[reason] : "unknown";
}

static void encode(const struct unverified *u, struct buf *out)
{
	uint8_t fix[FIX_SIZE];

	buf_add_byte(out, (uint8_t)u->ident.len);
	buf_add(out, u->ident.ptr, (uint8_t)u->ident.len);
	buf_add_byte(out, (uint8_t)u->source.len);
	buf_add(out, u->source.ptr, (uint8_t)u->source.len);
	if (u->has_fix) {
		fix_encode(&u->fix, fix);
		buf_add(out, fix, sizeof(fix));
	}
}

static struct str take(struct cursor *c, struct arena *arena)
{
	struct str part = cursor_take(c, cursor_u8(c));

	return str_of(arena_copy(arena, part.ptr, part.len), part.len);
}

static int decode(struct str plain, struct arena *arena, struct unverified *u)
{
	struct cursor c = cursor_of(plain);

	u->ident = take(&c, arena);
	u->source = take(&c, arena);
	u->has_fix = cursor_left(&c) > 0;
	if (u->has_fix && fix_decode(cursor_take(&c, cursor_left(&c)), &u->fix))
		return -EBADMSG;
	return cursor_ok(&c) ? 0 : -EBADMSG;
}

int unverified_add(struct vault *v, const struct unverified *u, struct id *ret_id)
{
	struct buf plain = BUF_INIT, sealed = BUF_INIT;
	uint8_t ident[BLIND_SIZE], source[BLIND_SIZE];
	struct query *q;
	int r;

	encode(u, &plain);
	r = vault_seal(v, vault_house_key(v), BODY_LABEL, buf_str(&plain), &sealed);
	if (r)
		goto out;
	vault_index(v, STR("unverified.ident"), u->ident, ident);
	vault_index(v, STR("unverified.source"), u->source, source);
	q = db_query(vault_db(v), &put);
	bind_id(q, 1, random_id_v7(u->last_at_ms));
	bind_i64(q, 2, u->protocol);
	bind_blob(q, 3, str_of(ident, sizeof(ident)));
	bind_blob(q, 4, str_of(source, sizeof(source)));
	bind_i64(q, 5, u->reason);
	bind_i64(q, 6, u->frames);
	bind_bool(q, 7, u->sos);
	bind_time(q, 8, u->last_at_ms);
	bind_blob(q, 9, buf_str(&sealed));
	r = query_step(q);
	if (r == 1)
		*ret_id = column_id(q, 0);
	r = r == 1 ? 0 : r ? r : -EIO;
	db_done(q);
out:
	buf_fini(&plain);
	buf_fini(&sealed);
	return r;
}

int unverified_list(struct vault *v, struct arena *arena, int64_t since_ms, int limit,
		    struct unverified **ret_list, size_t *ret_count)
{
	struct unverified *list = arena_alloc(arena, (size_t)limit * sizeof(*list));
	struct query *q = db_query(vault_db(v), &list_since);
	struct buf plain = BUF_INIT;
	size_t count = 0;
	int r;

	bind_time(q, 1, since_ms);
	bind_i64(q, 2, limit);
	while ((r = query_step(q)) == 1) {
		struct unverified *u = &list[count++];

		u->id = column_id(q, 0);
		u->protocol = column_i64(q, 1);
		u->reason = (enum unverified_reason)column_i64(q, 2);
		u->frames = column_i64(q, 3);
		u->sos = column_bool(q, 4);
		u->first_at_ms = column_time(q, 5);
		u->last_at_ms = column_time(q, 6);
		buf_reset(&plain);
		r = vault_unseal(v, BODY_LABEL, column_blob(q, 7), &plain);
		if (!r)
			r = decode(buf_str(&plain), arena, u);
		if (r)
			break;
	}
	db_done(q);
	buf_fini(&plain);
	*ret_list = list;
	*ret_count = count;
	return r;
}

int unverified_purge(struct vault *v, int64_t before_ms)
{
	struct query *q = db_query(vault_db(v), &drop_before);

	bind_time(q, 1, before_ms);
	return db_done_after(q);
}

/* Links and idempotency keys: see links.h. */
#include "store/links.h"

#include <errno.h>

#include "crypto/tree.h"
#include "store/outbox.h"

SQL(link_add,
    "INSERT INTO link (token, kind, alert, target, created_at) VALUES ($1, $2, $3, $4, $5)");
SQL(link_get, "SELECT kind, alert, target, created_at, revoked_at FROM link WHERE token = $1");
SQL(link_end_one,
    "UPDATE link SET revoked_at = $3 WHERE alert = $1 AND target = $2 AND revoked_at IS NULL");
SQL(link_end_all, "UPDATE link SET revoked_at = $2 WHERE alert = $1 AND revoked_at IS NULL");
SQL(link_end_everywhere, "UPDATE link SET revoked_at = $1 WHERE revoked_at IS NULL");
/* What would carry a dead link does not leave any more; the duty officer's carries none. */
SQL(link_sms_everywhere,
    "UPDATE outbox SET next_at = NULL WHERE next_at IS NOT NULL AND kind <> $1");
#define NO_LINK(target)                                                                     \
	" AND NOT EXISTS (SELECT 1 FROM link l WHERE l.alert = x.id AND l.target = " target \
	" AND l.revoked_at IS NULL) LIMIT 1000"
SQL(contacts_cut_off,
    "SELECT x.id, c.contact FROM alert x JOIN alert_contact c ON c.alert = x.id"
    " WHERE x.closed_at IS NULL AND c.asked_at IS NOT NULL AND c.link_revoked = 0" NO_LINK(
	    "c.contact"));
SQL(units_cut_off, "SELECT x.id, d.id FROM alert x JOIN alert_dispatch d ON d.alert = x.id"
		   " WHERE x.closed_at IS NULL AND d.ended_at IS NULL" NO_LINK("d.id"));
SQL(seen_get, "SELECT subject FROM seen WHERE actor = $1 AND key = $2 AND at_ms >= $3");
SQL(seen_add, "INSERT INTO seen (actor, key, subject, at_ms) VALUES ($1, $2, $3, $4)"
	      " ON CONFLICT (actor, key) DO UPDATE SET subject = $3, at_ms = $4");
SQL(seen_drop, "DELETE FROM seen WHERE at_ms < $1");

enum { LINK_KEY_SIZE = LINK_TIME_LEN + TOKEN_HASH_SIZE };

void link_token_new(int64_t now_ms, char out[LINK_TOKEN_SIZE])
{
	/* The letters of base64url, in the order of their bytes: later is greater. */
	static const char letters[] =
		"-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz";
	uint64_t moment = (uint64_t)now_ms / 64;

	for (int i = LINK_TIME_LEN - 1; i >= 0; i--, moment /= 64)
		out[i] = letters[moment % 64];
	token_new(out + LINK_TIME_LEN);
}

/* Links made before tokens told the time are found by their hash alone. */
static struct str link_key(struct str token, uint8_t out[LINK_KEY_SIZE])
{
	size_t len = token.len == LINK_TOKEN_SIZE - 1 ? LINK_TIME_LEN : 0;

	if (len)
		memcpy(out, token.ptr, len);
	token_hash(token, out + len);
	return str_of(out, len + TOKEN_HASH_SIZE);
}

int link_insert(struct vault *v, struct str token, const struct link *link)
{
	uint8_t key[LINK_KEY_SIZE];
	struct query *q = db_query(vault_db(v), &link_add);

	bind_blob(q, 1, link_key(token, key));
	bind_i64(q, 2, link->kind);
	bind_id(q, 3, link->alert);
	bind_id(q, 4, link->target);
	bind_time(q, 5, link->created_at_ms);
	return db_done_after(q);
}

int link_load(struct vault *v, struct str token, struct link *ret_link)
{
	uint8_t key[LINK_KEY_SIZE];
	struct query *q = db_query(vault_db(v), &link_get);
	int r;

	bind_blob(q, 1, link_key(token, key));
	r = query_step(q);
	if (r == 1) {
		*ret_link = (struct link){(enum link_kind)column_i64(q, 0), column_id(q, 1),
					  column_id(q, 2), column_time(q, 3), column_time(q, 4)};
		r = 0;
	} else if (r == 0) {
		r = -ENOENT;
	}
	db_done(q);
	return r;
}

int link_revoke(struct vault *v, struct id alert, struct id target, int64_t now_ms)
{
	struct query *q = db_query(vault_db(v), &link_end_one);

	bind_id(q, 1, alert);
	bind_id(q, 2, target);
	bind_time(q, 3, now_ms);
	return db_done_after(q);
}

int links_end(struct vault *v, struct id alert, int64_t now_ms)
{
	struct query *q = db_query(vault_db(v), &link_end_all);

	bind_id(q, 1, alert);
	bind_time(q, 2, now_ms);
	return db_done_after(q);
}

int links_end_all(struct vault *v, int64_t now_ms, int64_t *ret_count)
{
	struct query *q = db_query(vault_db(v), &link_end_everywhere);
	int r;

	bind_time(q, 1, now_ms);
	r = db_done_after(q);
	if (r)
		return r;
	*ret_count = db_changes(vault_db(v));
	q = db_query(vault_db(v), &link_sms_everywhere);
	bind_i64(q, 1, OUTBOX_DUTY);
	return db_done_after(q);
}

int links_cut_off(struct vault *v, enum link_kind kind, struct arena *arena,
		  struct cut_off **ret_list, size_t *ret_count)
{
	struct query *q =
		db_query(vault_db(v), kind == LINK_FOLLOW ? &contacts_cut_off : &units_cut_off);
	struct cut_off *list = arena_alloc(arena, CUT_OFF_MAX * sizeof(*list));
	size_t count = 0;
	int r;

	while ((r = query_step(q)) == 1 && count < CUT_OFF_MAX)
		list[count++] = (struct cut_off){column_id(q, 0), column_id(q, 1)};
	db_done(q);
	*ret_list = list;
	*ret_count = count;
	return r < 0 ? r : 0;
}

int seen_lookup(struct vault *v, struct id actor, struct str key, int64_t since_ms, bool *ret_new,
		struct id *ret_subject)
{
	struct hash hash = hash_bytes(key);
	struct query *q = db_query(vault_db(v), &seen_get);
	int r;

	/* Not bind_id: the SMS gateway has no id, and a key has no NULL. */
	bind_blob(q, 1, str_of(actor.bytes, sizeof(actor.bytes)));
	bind_blob(q, 2, str_of(hash.bytes, HASH_SIZE));
	bind_time(q, 3, since_ms);
	r = query_step(q);
	*ret_new = r == 0;
	if (r == 1)
		*ret_subject = column_id(q, 0);
	db_done(q);
	return r < 0 ? r : 0;
}

int seen_insert(struct vault *v, struct id actor, struct str key, struct id subject, int64_t now_ms)
{
	struct hash hash = hash_bytes(key);
	struct query *q = db_query(vault_db(v), &seen_add);

	bind_blob(q, 1, str_of(actor.bytes, sizeof(actor.bytes)));
	bind_blob(q, 2, str_of(hash.bytes, HASH_SIZE));
	bind_id(q, 3, subject);
	bind_time(q, 4, now_ms);
	return db_done_after(q);
}

int seen_purge(struct vault *v, int64_t before_ms)
{
	struct query *q = db_query(vault_db(v), &seen_drop);

	bind_time(q, 1, before_ms);
	return db_done_after(q);
}

/* Links and idempotency keys: see links.h. */
#include "store/links.h"

#include <errno.h>

#include "crypto/random.h"
#include "crypto/tree.h"

SQL(link_add,
    "INSERT INTO link (token, kind, alert, target, created_at) VALUES ($1, $2, $3, $4, $5)");
SQL(link_get, "SELECT kind, alert, target, created_at, revoked_at FROM link WHERE token = $1");
SQL(link_end_one,
    "UPDATE link SET revoked_at = $3 WHERE alert = $1 AND target = $2 AND revoked_at IS NULL");
SQL(link_end_all, "UPDATE link SET revoked_at = $2 WHERE alert = $1 AND revoked_at IS NULL");
SQL(link_end_everywhere, "UPDATE link SET revoked_at = $1 WHERE revoked_at IS NULL");
/* Who was asked is shown without a link, as when the room takes it away. */
SQL(link_lost_everywhere,
    "UPDATE alert_contact SET link_revoked = 1 WHERE asked_at IS NOT NULL AND link_revoked = 0");
SQL(seen_get, "SELECT subject FROM seen WHERE actor = $1 AND key = $2 AND at_ms >= $3");
SQL(seen_add, "INSERT INTO seen (actor, key, subject, at_ms) VALUES ($1, $2, $3, $4)"
	      " ON CONFLICT (actor, key) DO UPDATE SET subject = $3, at_ms = $4");
SQL(seen_drop, "DELETE FROM seen WHERE at_ms < $1");

int link_insert(struct vault *v, struct str token, const struct link *link)
{
	uint8_t hash[TOKEN_HASH_SIZE];
	struct query *q = db_query(vault_db(v), &link_add);

	token_hash(token, hash);
	bind_blob(q, 1, str_of(hash, sizeof(hash)));
	bind_i64(q, 2, link->kind);
	bind_id(q, 3, link->alert);
	bind_id(q, 4, link->target);
	bind_time(q, 5, link->created_at_ms);
	return db_done_after(q);
}

int link_load(struct vault *v, struct str token, struct link *ret_link)
{
	uint8_t hash[TOKEN_HASH_SIZE];
	struct query *q = db_query(vault_db(v), &link_get);
	int r;

	token_hash(token, hash);
	bind_blob(q, 1, str_of(hash, sizeof(hash)));
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
	return db_done_after(db_query(vault_db(v), &link_lost_everywhere));
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

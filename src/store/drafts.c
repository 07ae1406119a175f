/* Registrations being prepared: see drafts.h. */
#include "store/drafts.h"

#include <errno.h>

#include "crypto/random.h"
#include "store/journal.h"
#include "store/sealed.h"

SQL(draft_add, "INSERT INTO registration_draft (id, code, created_at, changed_at, expires_at)"
	       " VALUES ($1, $2, $3, $3, $4)");
SQL(draft_set, "UPDATE registration_draft SET body = $2, changed_at = $3 WHERE id = $1");
SQL(correction_add, "INSERT INTO registration_draft (id, code, created_at, changed_at, expires_at,"
		    " official) VALUES ($1, $2, $3, $3, $4, $5)");
SQL(correction_of, "SELECT id FROM registration_draft WHERE official = $1");
SQL(corrections_list, "SELECT id FROM registration_draft WHERE official IS NOT NULL"
		      " AND body IS NOT NULL AND expires_at > $1 ORDER BY created_at, id LIMIT $2");
SQL(draft_get,
    "SELECT body, changed_at, official FROM registration_draft WHERE id = $1 AND expires_at > $2");
SQL(draft_whose, "SELECT official FROM registration_draft WHERE id = $1 AND expires_at > $2");
SQL(draft_find, "SELECT id FROM registration_draft WHERE code = $1 AND expires_at > $2");
SQL(drafts_list, "SELECT id FROM registration_draft WHERE body IS NOT NULL AND expires_at > $1"
		 " AND official IS NULL ORDER BY changed_at DESC LIMIT $2");
SQL(drafts_old, "SELECT id FROM registration_draft WHERE expires_at <= $1 LIMIT $2");
SQL(draft_remove, "DELETE FROM registration_draft WHERE id = $1");

#define BODY_LABEL STR("registration_draft.body")
#define CODE_LABEL STR("registration_draft.code")

enum { PURGED_AT_ONCE = 100 };

static void code_index(struct vault *v, struct str code, uint8_t out[BLIND_SIZE])
{
	vault_index(v, CODE_LABEL, code, out);
}

static int insert(struct vault *v, const struct sql *sql, struct id id, struct str code,
		  struct id official, int64_t now_ms, int64_t expires_at_ms)
{
	uint8_t index[BLIND_SIZE];
	int r = vault_new_key(v, id);

	if (!r) {
		struct query *q = db_query(vault_db(v), sql);

		code_index(v, code, index);
		bind_id(q, 1, id);
		bind_blob(q, 2, str_of(index, sizeof(index)));
		bind_time(q, 3, now_ms);
		bind_time(q, 4, expires_at_ms);
		if (!id_is_none(official))
			bind_id(q, 5, official);
		r = db_done_after(q);
	}
	return r;
}

int draft_insert(struct vault *v, struct id id, struct str code, int64_t now_ms,
		 int64_t expires_at_ms)
{
	return insert(v, &draft_add, id, code, ID_NONE, now_ms, expires_at_ms);
}

int draft_insert_correction(struct vault *v, struct id id, struct id official, int64_t now_ms,
			    int64_t expires_at_ms)
{
	char nobodys[TOKEN_TEXT_SIZE];

	token_new(nobodys);
	return insert(v, &correction_add, id, str_from(nobodys), official, now_ms, expires_at_ms);
}

int draft_save(struct vault *v, struct id id, struct str body, int64_t now_ms)
{
	struct buf sealed = BUF_INIT;
	int r = vault_seal(v, id, BODY_LABEL, body, &sealed);

	if (!r) {
		struct query *q = db_query(vault_db(v), &draft_set);

		bind_id(q, 1, id);
		bind_blob(q, 2, buf_str(&sealed));
		bind_time(q, 3, now_ms);
		r = db_done_after(q);
	}
	buf_fini(&sealed);
	return r;
}

int draft_load(struct vault *v, struct arena *arena, struct id id, int64_t now_ms,
	       struct draft_file *ret_draft)
{
	struct query *q = db_query(vault_db(v), &draft_get);
	struct buf body = BUF_INIT;
	int r;

	bind_id(q, 1, id);
	bind_time(q, 2, now_ms);
	r = step_to_row(q);
	if (!r) {
		*ret_draft = (struct draft_file){
			.id = id, .official = column_id(q, 2), .changed_at_ms = column_time(q, 1)};
		if (!column_is_null(q, 0))
			r = vault_unseal(v, BODY_LABEL, column_blob(q, 0), &body);
	}
	db_done(q);
	if (!r && body.len)
		ret_draft->body = str_of(arena_copy(arena, body.ptr, body.len), body.len);
	buf_fini(&body);
	return r;
}

int draft_corrects(struct vault *v, struct id id, int64_t now_ms, struct id *ret_official)
{
	struct query *q = db_query(vault_db(v), &draft_whose);

	bind_id(q, 1, id);
	bind_time(q, 2, now_ms);
	return id_after(q, ret_official);
}

int draft_by_code(struct vault *v, struct str code, int64_t now_ms, struct id *ret_draft)
{
	struct query *q = db_query(vault_db(v), &draft_find);
	uint8_t index[BLIND_SIZE];

	code_index(v, code, index);
	bind_blob(q, 1, str_of(index, sizeof(index)));
	bind_time(q, 2, now_ms);
	return id_after(q, ret_draft);
}

int drafts_written(struct vault *v, int64_t now_ms, int limit, id_reader *on_draft, void *context)
{
	struct query *q = db_query(vault_db(v), &drafts_list);

	bind_time(q, 1, now_ms);
	bind_i64(q, 2, limit);
	return each_id_after(q, limit, on_draft, context);
}

int drafts_corrections(struct vault *v, int64_t now_ms, int limit, id_reader *on_draft,
		       void *context)
{
	struct query *q = db_query(vault_db(v), &corrections_list);

	bind_time(q, 1, now_ms);
	bind_i64(q, 2, limit);
	return each_id_after(q, limit, on_draft, context);
}

int draft_of_official(struct vault *v, struct id official, struct id *ret_draft)
{
	struct query *q = db_query(vault_db(v), &correction_of);

	bind_id(q, 1, official);
	return id_after(q, ret_draft);
}

int draft_delete(struct vault *v, struct id id)
{
	struct query *q = db_query(vault_db(v), &draft_remove);
	int r;

	bind_id(q, 1, id);
	r = deleted_one(v, q);
	return r ? r : journal_forget(v, id);
}

static int purge(void *context, struct id id)
{
	return draft_delete(context, id);
}

int drafts_purge(struct vault *v, int64_t now_ms)
{
	struct query *q = db_query(vault_db(v), &drafts_old);

	bind_time(q, 1, now_ms);
	bind_i64(q, 2, PURGED_AT_ONCE);
	return each_id_after(q, PURGED_AT_ONCE, purge, v);
}

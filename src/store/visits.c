/* Visits announced beforehand: see visits.h. */
#include "store/visits.h"

#include <errno.h>

#include "store/sealed.h"

#define COLUMNS \
	"id, device, official, state, hidden, reminded, announced_at, due_at, over_at, alert"

SQL(visit_put, "INSERT INTO visit (" COLUMNS ", body)"
	       " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)");
SQL(visit_set, "UPDATE visit SET state = $2, hidden = $3, reminded = $4, due_at = $5, over_at = $6,"
	       " alert = $7 WHERE id = $1");
SQL(visit_get, "SELECT " COLUMNS " FROM visit WHERE id = $1");
SQL(words_get, "SELECT body FROM visit WHERE id = $1");
SQL(visit_known, "SELECT " COLUMNS " FROM visit WHERE device = $1 AND over_at IS NULL AND hidden = "
		 "0 LIMIT 1");
/* Two statements: an index serves each. */
SQL(running_of_official, "SELECT " COLUMNS " FROM visit WHERE official = $1 AND over_at IS NULL"
			 " AND state = $2 ORDER BY announced_at LIMIT $3");
SQL(running_of_device, "SELECT " COLUMNS " FROM visit WHERE device = $1 AND over_at IS NULL"
		       " AND state = $2 ORDER BY announced_at LIMIT $3");
#define OF_ALERT_FIRST                                                                          \
	" ORDER BY CASE WHEN alert = $2 THEN 0 WHEN state = $3 THEN 1 ELSE 2 END, announced_at" \
	" DESC LIMIT 1"
SQL(of_official_for,
    "SELECT " COLUMNS " FROM visit WHERE official = $1 AND over_at IS NULL" OF_ALERT_FIRST);
SQL(of_device_for,
    "SELECT " COLUMNS " FROM visit WHERE device = $1 AND over_at IS NULL" OF_ALERT_FIRST);
SQL(running_any, "SELECT 1 FROM visit WHERE over_at IS NULL LIMIT 1");
SQL(running_shift, "UPDATE visit SET due_at = due_at + $1, announced_at = announced_at + $1"
		   " WHERE over_at IS NULL");
SQL(missed_settle, "UPDATE visit SET over_at = $1, state = $2 WHERE over_at IS NULL AND state = $3"
		   " AND alert IN (SELECT id FROM alert WHERE closed_at IS NOT NULL)");
SQL(visits_over, "SELECT id FROM visit WHERE over_at <= $1 LIMIT $2");
SQL(visit_remove, "DELETE FROM visit WHERE id = $1");

enum { TAG_PLACE = 1, TAG_PERSON = 2, PURGED_AT_ONCE = 64 };

#define BODY_LABEL STR("visit.body")

int visit_insert(struct vault *v, const struct visit *visit, const struct visit_words *words)
{
	struct buf record = BUF_INIT, sealed = BUF_INIT;
	struct query *q;
	int r = vault_new_key(v, visit->id);

	record_put(&record, TAG_PLACE, words->place);
	record_put(&record, TAG_PERSON, words->person);
	if (!r)
		r = vault_seal(v, visit->id, BODY_LABEL, buf_str(&record), &sealed);
	if (!r) {
		q = db_query(vault_db(v), &visit_put);
		bind_id(q, 1, visit->id);
		bind_id(q, 2, visit->device);
		bind_id(q, 3, visit->official);
		bind_i64(q, 4, visit->state);
		bind_i64(q, 5, visit->hidden);
		bind_i64(q, 6, visit->reminded);
		bind_time(q, 7, visit->announced_at_ms);
		bind_time(q, 8, visit->due_at_ms);
		bind_time(q, 9, visit->over_at_ms);
		bind_id(q, 10, visit->alert);
		bind_blob(q, 11, buf_str(&sealed));
		r = db_done_after(q);
	}
	buf_fini(&record);
	buf_fini(&sealed);
	return r;
}

int visit_update(struct vault *v, const struct visit *visit)
{
	struct query *q = db_query(vault_db(v), &visit_set);

	bind_id(q, 1, visit->id);
	bind_i64(q, 2, visit->state);
	bind_i64(q, 3, visit->hidden);
	bind_i64(q, 4, visit->reminded);
	bind_time(q, 5, visit->due_at_ms);
	bind_time(q, 6, visit->over_at_ms);
	bind_id(q, 7, visit->alert);
	return db_done_after(q);
}

static struct visit column_visit(struct query *q)
{
	return (struct visit){.id = column_id(q, 0),
			      .device = column_id(q, 1),
			      .official = column_id(q, 2),
			      .state = (enum visit_state)column_i64(q, 3),
			      .hidden = column_i64(q, 4),
			      .reminded = column_i64(q, 5),
			      .announced_at_ms = column_time(q, 6),
			      .due_at_ms = column_time(q, 7),
			      .over_at_ms = column_time(q, 8),
			      .alert = column_id(q, 9)};
}

/* The first row of a query that is bound, which ends here. */
static int one_visit(struct query *q, struct visit *ret_visit)
{
	int r = step_to_row(q);

	if (!r)
		*ret_visit = column_visit(q);
	db_done(q);
	return r;
}

int visit_load(struct vault *v, struct id id, struct visit *ret_visit)
{
	struct query *q = db_query(vault_db(v), &visit_get);

	bind_id(q, 1, id);
	return one_visit(q, ret_visit);
}

int visit_of_device(struct vault *v, struct id device, struct visit *ret_visit)
{
	struct query *q = db_query(vault_db(v), &visit_known);

	bind_id(q, 1, device);
	return one_visit(q, ret_visit);
}

static void read_words(struct arena *arena, struct str record, struct visit_words *ret_words)
{
	struct cursor c = cursor_of(record);
	struct str text;
	uint8_t tag;

	while (record_next(&c, &tag, &text) == 1) {
		struct str kept = str_of(arena_copy(arena, text.ptr, text.len), text.len);

		if (tag == TAG_PLACE)
			ret_words->place = kept;
		else if (tag == TAG_PERSON)
			ret_words->person = kept;
	}
}

int visit_load_words(struct vault *v, struct arena *arena, struct id id,
		     struct visit_words *ret_words)
{
	struct query *q = db_query(vault_db(v), &words_get);
	struct buf record = BUF_INIT, sealed = BUF_INIT;
	int r;

	*ret_words = (struct visit_words){STR(""), STR("")};
	bind_id(q, 1, id);
	r = step_to_row(q);
	if (!r)
		buf_add_str(&sealed, column_blob(q, 0));
	db_done(q);
	if (!r)
		r = vault_unseal(v, BODY_LABEL, buf_str(&sealed), &record);
	if (!r)
		read_words(arena, buf_str(&record), ret_words);
	buf_fini(&record);
	buf_fini(&sealed);
	return r == -ENOENT || r == -EBADMSG ? 0 : r;
}

int visits_running(struct vault *v, struct id official, struct id device, struct visit *list,
		   size_t cap, size_t *ret_count)
{
	bool is_worn = !id_is_none(official);
	struct query *q =
		db_query(vault_db(v), is_worn ? &running_of_official : &running_of_device);
	size_t count = 0;
	int r;

	bind_id(q, 1, is_worn ? official : device);
	bind_i64(q, 2, VISIT_OPEN);
	bind_i64(q, 3, (int64_t)cap);
	while ((r = query_step(q)) == 1)
		list[count++] = column_visit(q);
	db_done(q);
	if (!r)
		*ret_count = count;
	return r;
}

int visit_for_alert(struct vault *v, struct id alert, struct id official, struct id device,
		    struct visit *ret_visit)
{
	bool is_worn = !id_is_none(official);
	struct query *q = db_query(vault_db(v), is_worn ? &of_official_for : &of_device_for);

	bind_id(q, 1, is_worn ? official : device);
	bind_id(q, 2, alert);
	bind_i64(q, 3, VISIT_MISSED);
	return one_visit(q, ret_visit);
}

int visits_expected(struct vault *v, struct id official, struct id device, bool *ret_expected)
{
	struct visit one;
	size_t count = 0;
	int r = visits_running(v, official, device, &one, 1, &count);

	*ret_expected = count > 0;
	return r;
}

int visits_any(struct vault *v, bool *ret_any)
{
	return db_any_after(db_query(vault_db(v), &running_any), ret_any);
}

int visits_shift(struct vault *v, int64_t by_ms)
{
	struct query *q = db_query(vault_db(v), &running_shift);

	bind_i64(q, 1, by_ms);
	return db_done_after(q);
}

int visits_settle(struct vault *v, int64_t now_ms)
{
	struct query *q = db_query(vault_db(v), &missed_settle);

	bind_time(q, 1, now_ms);
	bind_i64(q, 2, VISIT_OVER);
	bind_i64(q, 3, VISIT_MISSED);
	return db_done_after(q);
}

static int remove_one(void *context, struct id id)
{
	struct vault *v = context;
	struct query *q = db_query(vault_db(v), &visit_remove);
	int r;

	bind_id(q, 1, id);
	r = deleted_one(v, q);
	return r ? r : vault_delete_key(v, id);
}

int visits_purge(struct vault *v, int64_t before_ms)
{
	struct query *q = db_query(vault_db(v), &visits_over);

	bind_time(q, 1, before_ms);
	bind_i64(q, 2, PURGED_AT_ONCE);
	return each_id_after(q, PURGED_AT_ONCE, remove_one, v);
}

/* Some at a time, each apart: see portion.h. */
#include "store/portion.h"

#include <errno.h>

#include "store/sealed.h"

struct step {
	struct vault *v;
	struct portion *portion;
	id_reader *on_id;
	void *context;
};

static bool ends_everything(int error)
{
	return error == -EPIPE || error == -EBUSY;
}

int portion_step(struct vault *v, struct portion *p, id_reader *on_id, void *context, struct id id)
{
	struct db *db = vault_db(v);
	int64_t before = db_all_changes(db);
	int r = db_savepoint(db), error;

	if (r)
		return r;
	p->seen++;
	error = on_id(context, id);
	if (!error) {
		p->gone += db_all_changes(db) != before;
		return db_savepoint_release(db);
	}
	p->failed++;
	r = db_savepoint_rollback(db);
	return ends_everything(error) ? error : r;
}

static int step(void *context, struct id id)
{
	struct step *s = context;

	return portion_step(s->v, s->portion, s->on_id, s->context, id);
}

int portion_after(struct vault *v, struct query *q, int limit_at, struct portion *p,
		  id_reader *on_id, void *context)
{
	struct step s = {v, p, on_id, context};

	bind_i64(q, limit_at, p->limit);
	bind_i64(q, limit_at + 1, p->skip);
	return each_id_after(q, p->limit, step, &s);
}

int portion_next(const struct portion *p)
{
	return p->seen < p->limit ? 0 : p->skip + p->seen - p->gone;
}

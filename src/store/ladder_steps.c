/* The ladder's steps as rows: see ladder_steps.h. */
#include "store/ladder_steps.h"

#include "store/sealed.h"

SQL(steps_get, "SELECT name, after_s, unless FROM ladder_step ORDER BY at LIMIT $1");
SQL(steps_drop, "DELETE FROM ladder_step");
SQL(step_add, "INSERT INTO ladder_step (at, name, after_s, unless) VALUES ($1, $2, $3, $4)");

int ladder_steps_load(struct vault *v, struct ladder *ret_ladder)
{
	struct query *q = db_query(vault_db(v), &steps_get);
	struct ladder ladder = {0};
	int r;

	bind_i64(q, 1, LADDER_MAX_STEPS);
	while ((r = query_step(q)) == 1) {
		struct ladder_step *step = &ladder.steps[ladder.step_count++];

		r = copy_text(column_text(q, 0), step->name, sizeof(step->name));
		if (r)
			break;
		step->after_s = (int)column_i64(q, 1);
		step->unless = (enum ladder_unless)column_i64(q, 2);
	}
	db_done(q);
	if (!r)
		*ret_ladder = ladder;
	return r;
}

static int add_step(struct vault *v, int at, const struct ladder_step *step)
{
	struct query *q = db_query(vault_db(v), &step_add);

	bind_i64(q, 1, at);
	bind_text(q, 2, str_from(step->name));
	bind_i64(q, 3, step->after_s);
	bind_i64(q, 4, step->unless);
	return db_done_after(q);
}

int ladder_steps_replace(struct vault *v, const struct ladder *ladder)
{
	int r = db_done_after(db_query(vault_db(v), &steps_drop));

	for (unsigned i = 0; !r && i < ladder->step_count; i++)
		r = add_step(v, (int)i, &ladder->steps[i]);
	return r;
}

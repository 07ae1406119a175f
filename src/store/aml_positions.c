/* Positions of telephones that call 17: see aml_positions.h. */
#include "store/aml_positions.h"

#include "store/sealed.h"

SQL(position_put, "INSERT INTO aml_position (number, fix, received_at) VALUES ($1, $2, $3)"
		  " ON CONFLICT (number) DO UPDATE SET fix = $2, received_at = $3");
SQL(position_get, "SELECT fix FROM aml_position WHERE number = $1 AND received_at >= $2");
SQL(positions_old, "DELETE FROM aml_position WHERE received_at < $1");

#define FIX_LABEL STR("aml_position.fix")
#define NUMBER_LABEL STR("aml_position.number")

int aml_position_save(struct vault *v, struct str number, const struct stored_fix *fix)
{
	uint8_t index[BLIND_SIZE];
	struct buf sealed = BUF_INIT;
	int r = seal_fix(v, vault_house_key(v), FIX_LABEL, fix, &sealed);

	vault_index(v, NUMBER_LABEL, number, index);
	if (!r) {
		struct query *q = db_query(vault_db(v), &position_put);

		bind_blob(q, 1, str_of(index, sizeof(index)));
		bind_blob(q, 2, buf_str(&sealed));
		bind_i64(q, 3, fix->received_at_ms);
		r = db_done_after(q);
	}
	buf_fini(&sealed);
	return r;
}

int aml_position_load(struct vault *v, struct str number, int64_t since_ms,
		      struct stored_fix *ret_fix)
{
	struct query *q = db_query(vault_db(v), &position_get);
	uint8_t index[BLIND_SIZE];

	vault_index(v, NUMBER_LABEL, number, index);
	bind_blob(q, 1, str_of(index, sizeof(index)));
	bind_i64(q, 2, since_ms);
	return fix_after(v, q, FIX_LABEL, ret_fix);
}

int aml_positions_forget(struct vault *v, int64_t before_ms)
{
	struct query *q = db_query(vault_db(v), &positions_old);

	bind_i64(q, 1, before_ms);
	return db_done_after(q);
}

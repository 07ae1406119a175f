/* Enrolment codes: see enrolments.h. */
#include "store/enrolments.h"

#include "store/sealed.h"

SQL(enrolment_add, "INSERT INTO enrolment (device, code, expires_at) VALUES ($1, $2, $3)"
		   " ON CONFLICT (device) DO UPDATE SET code = $2, expires_at = $3");
SQL(enrolment_get, "SELECT device FROM enrolment WHERE code = $1 AND expires_at > $2");
SQL(enrolment_remove, "DELETE FROM enrolment WHERE device = $1");
SQL(enrolment_old, "DELETE FROM enrolment WHERE expires_at <= $1");
SQL(enrolment_all, "DELETE FROM enrolment");

#define CODE_LABEL STR("enrolment.code")

int enrolment_insert(struct vault *v, struct id device, struct str code, int64_t expires_at_ms)
{
	struct query *q = db_query(vault_db(v), &enrolment_add);
	uint8_t index[BLIND_SIZE];

	vault_index(v, CODE_LABEL, code, index);
	bind_id(q, 1, device);
	bind_blob(q, 2, str_of(index, sizeof(index)));
	bind_time(q, 3, expires_at_ms);
	return db_done_after(q);
}

int enrolment_load(struct vault *v, struct str code, int64_t now_ms, struct id *ret_device)
{
	struct query *q = db_query(vault_db(v), &enrolment_get);
	uint8_t index[BLIND_SIZE];

	vault_index(v, CODE_LABEL, code, index);
	bind_blob(q, 1, str_of(index, sizeof(index)));
	bind_time(q, 2, now_ms);
	return id_after(q, ret_device);
}

int enrolment_delete(struct vault *v, struct id device)
{
	struct query *q = db_query(vault_db(v), &enrolment_remove);

	bind_id(q, 1, device);
	return db_done_after(q);
}

int enrolments_purge(struct vault *v, int64_t now_ms)
{
	struct query *q = db_query(vault_db(v), &enrolment_old);

	bind_time(q, 1, now_ms);
	return db_done_after(q);
}

int enrolments_delete_all(struct vault *v)
{
	return db_done_after(db_query(vault_db(v), &enrolment_all));
}

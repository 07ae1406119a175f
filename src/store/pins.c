/* The codes of officials: see pins.h. */
#include "store/pins.h"

#include "crypto/random.h"
#include "store/sealed.h"

SQL(pin_put,
    "INSERT INTO device_pin (device, pin, duress, wrong, wrong_from) VALUES ($1, $2, $3, 0, "
    "NULL)"
    " ON CONFLICT (device) DO UPDATE SET pin = $2, duress = $3, wrong = 0, wrong_from = NULL");
SQL(pin_get, "SELECT pin, duress, wrong, wrong_from FROM device_pin WHERE device = $1");
SQL(pin_any, "SELECT 1 FROM device_pin WHERE device = $1");
SQL(pin_tried, "UPDATE device_pin SET wrong = $2, wrong_from = $3 WHERE device = $1");
SQL(pin_remove, "DELETE FROM device_pin WHERE device = $1");

/* Apart, so that the rows do not tell who chose the same figures twice. */
#define PIN_LABEL STR("device.pin")
#define DURESS_LABEL STR("device.duress")

static void index_of(struct vault *v, struct str label, struct id device, struct str code,
		     uint8_t out[BLIND_SIZE])
{
	struct buf bound = BUF_INIT;

	buf_add(&bound, device.bytes, sizeof(device.bytes));
	buf_add_str(&bound, code);
	vault_index(v, label, buf_str(&bound), out);
	wipe(bound.ptr, bound.len);
	buf_fini(&bound);
}

int pins_set(struct vault *v, struct id device, struct str pin, struct str duress)
{
	struct query *q = db_query(vault_db(v), &pin_put);
	uint8_t indexes[2][BLIND_SIZE];

	index_of(v, PIN_LABEL, device, pin, indexes[0]);
	index_of(v, DURESS_LABEL, device, duress, indexes[1]);
	bind_id(q, 1, device);
	bind_blob(q, 2, str_of(indexes[0], BLIND_SIZE));
	bind_blob(q, 3, str_of(indexes[1], BLIND_SIZE));
	return db_done_after(q);
}

int pins_delete(struct vault *v, struct id device)
{
	struct query *q = db_query(vault_db(v), &pin_remove);

	bind_id(q, 1, device);
	return db_done_after(q);
}

int pins_exist(struct vault *v, struct id device, bool *ret_exist)
{
	struct query *q = db_query(vault_db(v), &pin_any);

	bind_id(q, 1, device);
	return db_any_after(q, ret_exist);
}

static bool is_index(struct str stored, const uint8_t index[BLIND_SIZE])
{
	return stored.len == BLIND_SIZE && bytes_equal_constant_time(stored.ptr, index, BLIND_SIZE);
}

int pins_match(struct vault *v, struct id device, struct str typed, enum pin_match *ret_match,
	       struct pin_tries *ret_tries)
{
	struct query *q = db_query(vault_db(v), &pin_get);
	uint8_t as_pin[BLIND_SIZE], as_duress[BLIND_SIZE];
	bool is_pin, is_duress;
	int r;

	index_of(v, PIN_LABEL, device, typed, as_pin);
	index_of(v, DURESS_LABEL, device, typed, as_duress);
	bind_id(q, 1, device);
	r = step_to_row(q);
	if (!r) {
		is_pin = is_index(column_blob(q, 0), as_pin);
		is_duress = is_index(column_blob(q, 1), as_duress);
		*ret_match = is_duress ? PIN_DURESS : is_pin ? PIN_RIGHT : PIN_WRONG;
		*ret_tries = (struct pin_tries){column_i64(q, 2), column_time(q, 3)};
	}
	db_done(q);
	return r;
}

int pins_save_tries(struct vault *v, struct id device, const struct pin_tries *tries)
{
	struct query *q = db_query(vault_db(v), &pin_tried);

	bind_id(q, 1, device);
	bind_i64(q, 2, tries->wrong);
	bind_time(q, 3, tries->from_ms);
	return db_done_after(q);
}

/* Devices: see devices.h. */
#include "store/devices.h"

#include <errno.h>

#include "crypto/random.h"
#include "store/enrolments.h"
#include "store/pins.h"
#include "store/sealed.h"

#define DEVICE_COLUMNS                                                                       \
	"id, protocol, official, unit, body, networks, silent, enabled, secret, created_at," \
	" version, no_sound"
SQL(device_by_id, "SELECT " DEVICE_COLUMNS " FROM device WHERE id = $1");
SQL(device_by_index, "SELECT " DEVICE_COLUMNS " FROM device WHERE protocol = $1 AND ident = $2");
SQL(devices_after, "SELECT " DEVICE_COLUMNS " FROM device WHERE id > $1 ORDER BY id LIMIT $2");
SQL(devices_worn, "SELECT " DEVICE_COLUMNS " FROM device WHERE official = $1 ORDER BY id LIMIT 64");
SQL(device_add,
    "INSERT INTO device (id, protocol, ident, official, unit, body, networks, silent, "
    "enabled, version,"
    " no_sound, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)");
SQL(device_set, "UPDATE device SET protocol = $2, ident = $3, official = $4, unit = $5, body = $6, "
		"networks = $7,"
		" silent = $8, enabled = $9, version = $10 + 1, no_sound = $11 WHERE id = $1 AND "
		"version = $10");
SQL(device_in_alert, "SELECT 1 FROM alert WHERE device = $1 AND closed_at IS NULL LIMIT 1");
SQL(device_remove, "DELETE FROM device WHERE id = $1");
SQL(last_remove, "DELETE FROM device_last WHERE device = $1");

SQL(secret_set, "UPDATE device SET secret = $2 WHERE id = $1");
SQL(secret_get, "SELECT secret FROM device WHERE id = $1");

SQL(last_put,
    "INSERT INTO device_last (device, heard_at, battery, signal, fix, fix_at) VALUES ($1, $2, $3, "
    "$4, $5, $6)"
    " ON CONFLICT (device) DO UPDATE SET heard_at = excluded.heard_at,"
    " battery = CASE WHEN excluded.battery < 0 THEN device_last.battery ELSE excluded.battery END,"
    " signal = CASE WHEN excluded.signal < 0 THEN device_last.signal ELSE excluded.signal END,"
    " fix = COALESCE(excluded.fix, device_last.fix), fix_at = COALESCE(excluded.fix_at, "
    "device_last.fix_at)");
SQL(last_get, "SELECT heard_at, battery, signal, fix FROM device_last WHERE device = $1");
/* The last position of a device in an open alert is what its card shows. */
SQL(fixes_remove, "UPDATE device_last SET fix = NULL, fix_at = NULL WHERE fix_at < $1"
		  " AND NOT EXISTS (SELECT 1 FROM alert WHERE alert.device = device_last.device"
		  " AND alert.closed_at IS NULL)");

#define BODY_LABEL STR("device.body")
#define IDENT_LABEL STR("device.ident")
#define FIX_LABEL STR("device.fix")

enum { TAG_IDENT = 1, TAG_LABEL = 2 };

static int read_body(struct str body, struct device *device)
{
	struct cursor record = cursor_of(body);
	struct str text;
	uint8_t tag;
	int r;

	while ((r = record_next(&record, &tag, &text)) == 1) {
		r = 0;
		if (tag == TAG_IDENT)
			r = copy_text(text, device->ident, sizeof(device->ident));
		else if (tag == TAG_LABEL)
			r = copy_text(text, device->label, sizeof(device->label));
		if (r)
			break;
	}
	return r;
}

static int read_device(struct vault *v, struct query *q, struct device *device)
{
	struct buf body = BUF_INIT;
	int r;

	*device = (struct device){
		.id = column_id(q, 0),
		.protocol = (int)column_i64(q, 1),
		.official = column_id(q, 2),
		.unit = column_id(q, 3),
		.silent = column_bool(q, 6),
		.enabled = column_bool(q, 7),
		.has_secret = !column_is_null(q, 8),
		.created_at_ms = column_i64(q, 9),
		.version = column_i64(q, 10),
		.no_sound = column_bool(q, 11),
	};
	r = copy_text(column_text(q, 5), device->networks, sizeof(device->networks));
	if (!r)
		r = vault_unseal(v, BODY_LABEL, column_blob(q, 4), &body);
	if (!r)
		r = read_body(buf_str(&body), device);
	buf_fini(&body);
	return r;
}

static int read_one(struct vault *v, struct query *q, struct device *ret_device)
{
	int r = step_to_row(q);

	if (!r)
		r = read_device(v, q, ret_device);
	db_done(q);
	return r;
}

static int read_all(struct vault *v, struct query *q, device_reader *on_device, void *context)
{
	struct device device;
	int r;

	while ((r = query_step(q)) == 1) {
		r = read_device(v, q, &device);
		if (!r)
			r = on_device(context, &device);
		if (r)
			break;
	}
	db_done(q);
	return r;
}

int device_load(struct vault *v, struct id id, struct device *ret_device)
{
	struct query *q = db_query(vault_db(v), &device_by_id);

	bind_id(q, 1, id);
	return read_one(v, q, ret_device);
}

int device_by_ident(struct vault *v, int protocol, struct str ident, struct device *ret_device)
{
	struct query *q = db_query(vault_db(v), &device_by_index);
	uint8_t index[BLIND_SIZE];

	vault_index(v, IDENT_LABEL, ident, index);
	bind_i64(q, 1, protocol);
	bind_blob(q, 2, str_of(index, sizeof(index)));
	return read_one(v, q, ret_device);
}

int devices_each(struct vault *v, struct id after, int limit, device_reader *on_device,
		 void *context)
{
	struct query *q = db_query(vault_db(v), &devices_after);

	bind_after(q, 1, &after);
	bind_i64(q, 2, limit);
	return read_all(v, q, on_device, context);
}

int devices_of(struct vault *v, struct id official, device_reader *on_device, void *context)
{
	struct query *q = db_query(vault_db(v), &devices_worn);

	bind_id(q, 1, official);
	return read_all(v, q, on_device, context);
}

/* What is sealed or hashed of a device, ready to bind. */
struct sealed_device {
	uint8_t index[BLIND_SIZE];
	struct buf body;
};

static int seal_device(struct vault *v, const struct device *device, struct sealed_device *sealed)
{
	struct buf plain = BUF_INIT;
	int r;

	vault_index(v, IDENT_LABEL, str_from(device->ident), sealed->index);
	record_put(&plain, TAG_IDENT, str_from(device->ident));
	record_put(&plain, TAG_LABEL, str_from(device->label));
	sealed->body = BUF_INIT;
	r = vault_seal(v, vault_house_key(v), BODY_LABEL, buf_str(&plain), &sealed->body);
	buf_fini(&plain);
	return r;
}

/* Leaves the last parameter, which only an insertion has, to the caller. */
static struct query *bind_device(struct vault *v, const struct sql *sql,
				 const struct device *device, const struct sealed_device *sealed)
{
	struct query *q = db_query(vault_db(v), sql);

	bind_id(q, 1, device->id);
	bind_i64(q, 2, device->protocol);
	bind_blob(q, 3, str_of(sealed->index, sizeof(sealed->index)));
	bind_id(q, 4, device->official);
	bind_id(q, 5, device->unit);
	bind_blob(q, 6, buf_str(&sealed->body));
	bind_text(q, 7, str_from(device->networks));
	bind_bool(q, 8, device->silent);
	bind_bool(q, 9, device->enabled);
	bind_i64(q, 10, device->version);
	bind_bool(q, 11, device->no_sound);
	return q;
}

int device_insert(struct vault *v, const struct device *device)
{
	struct sealed_device sealed;
	int r = seal_device(v, device, &sealed);

	if (!r) {
		struct query *q = bind_device(v, &device_add, device, &sealed);

		bind_i64(q, 12, device->created_at_ms);
		r = db_done_after(q);
	}
	buf_fini(&sealed.body);
	return r;
}

int device_update(struct vault *v, struct device *device)
{
	struct sealed_device sealed;
	int r = seal_device(v, device, &sealed);

	if (!r)
		r = updated_one(v, bind_device(v, &device_set, device, &sealed));
	if (!r)
		device->version++;
	buf_fini(&sealed.body);
	return r;
}

static int execute_on(struct vault *v, const struct sql *sql, struct id id)
{
	struct query *q = db_query(vault_db(v), sql);

	bind_id(q, 1, id);
	return db_done_after(q);
}

int device_delete(struct vault *v, struct id id)
{
	struct query *q = db_query(vault_db(v), &device_in_alert);
	int r;

	bind_id(q, 1, id);
	r = query_step(q);
	db_done(q);
	if (r)
		return r == 1 ? -ENOTEMPTY : r;
	r = execute_on(v, &last_remove, id);
	if (!r)
		r = enrolment_delete(v, id);
	if (!r)
		r = pins_delete(v, id);
	return r ? r : execute_on(v, &device_remove, id);
}

int device_set_secret(struct vault *v, struct id id, struct str secret)
{
	struct query *q = db_query(vault_db(v), &secret_set);
	uint8_t hash[TOKEN_HASH_SIZE];
	int r;

	bind_id(q, 1, id);
	if (secret.len) {
		token_hash(secret, hash);
		bind_blob(q, 2, str_of(hash, sizeof(hash)));
	} else {
		bind_null(q, 2);
	}
	r = updated_one(v, q);
	return r == -ESTALE ? -ENOENT : r;
}

int device_check_secret(struct vault *v, struct id id, struct str secret)
{
	struct query *q = db_query(vault_db(v), &secret_get);
	uint8_t hash[TOKEN_HASH_SIZE];
	int r;

	token_hash(secret, hash);
	bind_id(q, 1, id);
	r = step_to_row(q);
	if (!r) {
		struct str stored = column_blob(q, 0);

		if (stored.len != sizeof(hash) ||
		    !bytes_equal_constant_time(stored.ptr, hash, sizeof(hash)))
			r = -EACCES;
	}
	db_done(q);
	return r;
}

int device_last_save(struct vault *v, struct id device, const struct device_last *last)
{
	struct buf sealed = BUF_INIT;
	uint8_t flat[FIX_SIZE];
	struct query *q;
	int r = 0;

	if (last->has_fix) {
		fix_encode(&last->fix, flat);
		r = vault_seal(v, vault_house_key(v), FIX_LABEL, str_of(flat, sizeof(flat)),
			       &sealed);
	}
	if (!r) {
		q = db_query(vault_db(v), &last_put);
		bind_id(q, 1, device);
		bind_i64(q, 2, last->heard_at_ms);
		bind_i64(q, 3, last->battery_percent);
		bind_i64(q, 4, last->signal_percent);
		bind_blob(q, 5, buf_str(&sealed));
		if (last->has_fix)
			bind_i64(q, 6, last->fix.received_at_ms);
		else
			bind_null(q, 6);
		r = db_done_after(q);
	}
	buf_fini(&sealed);
	return r;
}

static int read_last(struct vault *v, struct query *q, struct device_last *ret_last)
{
	struct device_last last = {
		.heard_at_ms = column_i64(q, 0),
		.battery_percent = (int)column_i64(q, 1),
		.signal_percent = (int)column_i64(q, 2),
		.has_fix = !column_is_null(q, 3),
	};
	struct buf plain = BUF_INIT;
	int r = last.has_fix ? vault_unseal(v, FIX_LABEL, column_blob(q, 3), &plain) : 0;

	if (!r && last.has_fix)
		r = fix_decode(buf_str(&plain), &last.fix);
	if (!r)
		*ret_last = last;
	buf_fini(&plain);
	return r;
}

int device_last_load(struct vault *v, struct id device, struct device_last *ret_last)
{
	struct query *q = db_query(vault_db(v), &last_get);
	int r;

	bind_id(q, 1, device);
	r = step_to_row(q);
	if (!r)
		r = read_last(v, q, ret_last);
	db_done(q);
	return r;
}

int device_fixes_forget(struct vault *v, int64_t before_ms)
{
	struct query *q = db_query(vault_db(v), &fixes_remove);

	bind_i64(q, 1, before_ms);
	return db_done_after(q);
}

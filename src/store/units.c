/* Units: see units.h. */
#include "store/units.h"

#include <errno.h>

#include "store/sealed.h"

/* Cap of a list: many times the units of the country. */
#define UNITS_LISTED "65536"

#define UNIT_COLUMNS                                                                         \
	"id, kind, name, room, neighbour, second, zone, phone, duty_phone, lat_e7, lon_e7, " \
	"available,"                                                                         \
	" version, referent, referent_phone, ended_in, referent_ended_in"
SQL(unit_by_id, "SELECT " UNIT_COLUMNS " FROM unit WHERE id = $1");
SQL(unit_by_name, "SELECT " UNIT_COLUMNS " FROM unit WHERE name = $1");
SQL(units_all, "SELECT " UNIT_COLUMNS " FROM unit ORDER BY name LIMIT " UNITS_LISTED);
SQL(unit_add,
    "INSERT INTO unit (id, kind, name, room, neighbour, second, zone, phone, duty_phone, lat_e7,"
    " lon_e7, available, version, referent, referent_phone, ended_in, referent_ended_in)"
    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)");
SQL(unit_set,
    "UPDATE unit SET kind = $2, name = $3, room = $4, neighbour = $5, second = $6, zone = $7,"
    " phone = $8, duty_phone = $9, lat_e7 = $10, lon_e7 = $11, available = $12,"
    " referent = $14, referent_phone = $15, ended_in = $16, referent_ended_in = $17, version = $13 "
    "+ 1 WHERE id = $1 AND version = $13");
/* A room is never removed once there are alerts: their lists of rooms may name it. */
SQL(unit_named, "SELECT 1 WHERE EXISTS (SELECT 1 FROM unit WHERE room = $1 OR neighbour = $1 OR "
		"second = $1 OR zone = $1)"
		" OR EXISTS (SELECT 1 FROM account WHERE room = $1)"
		" OR EXISTS (SELECT 1 FROM official WHERE unit = $1)"
		" OR EXISTS (SELECT 1 FROM device WHERE unit = $1)"
		" OR EXISTS (SELECT 1 FROM alert WHERE unit = $1)"
		" OR EXISTS (SELECT 1 FROM alert_dispatch WHERE unit = $1)"
		" OR EXISTS (SELECT 1 FROM alert WHERE (SELECT kind FROM unit WHERE id = $1) = 0)");
SQL(unit_remove, "DELETE FROM unit WHERE id = $1");

#define PHONE_LABEL STR("unit.phone")
#define DUTY_LABEL STR("unit.duty_phone")
#define REFERENT_LABEL STR("unit.referent")
#define REFERENT_PHONE_LABEL STR("unit.referent_phone")

static const char *const kinds[UNIT_KINDS] = {"room", "brigade", "commissariat", "patrol"};

const char *unit_kind_name(enum unit_kind kind)
{
	return (unsigned)kind < UNIT_KINDS ? kinds[kind] : "";
}

int unit_kind_parse(struct str name, enum unit_kind *ret_kind)
{
	for (int i = 0; i < UNIT_KINDS; i++) {
		if (str_eq(name, str_from(kinds[i]))) {
			*ret_kind = (enum unit_kind)i;
			return 0;
		}
	}
	return -EINVAL;
}

enum force unit_kind_force(enum unit_kind kind)
{
	static const enum force of[UNIT_KINDS] = {
		[UNIT_BRIGADE] = FORCE_GENDARMERIE, [UNIT_COMMISSARIAT] = FORCE_POLICE};

	return (unsigned)kind < UNIT_KINDS ? of[kind] : FORCE_NONE;
}

static const char *const forces[FORCES] = {"", "gendarmerie", "police"};

const char *force_name(enum force force)
{
	return (unsigned)force < FORCES ? forces[force] : "";
}

int force_parse(struct str name, enum force *ret_force)
{
	for (int i = FORCE_NONE + 1; i < FORCES; i++) {
		if (str_eq(name, str_from(forces[i]))) {
			*ret_force = (enum force)i;
			return 0;
		}
	}
	return -EINVAL;
}

static int read_unit(struct vault *v, struct query *q, struct unit *unit)
{
	int r;

	*unit = (struct unit){
		.id = column_id(q, 0),
		.kind = (enum unit_kind)column_i64(q, 1),
		.room = column_id(q, 3),
		.neighbour = column_id(q, 4),
		.second = column_id(q, 5),
		.zone = column_id(q, 6),
		.placed = !column_is_null(q, 9) && !column_is_null(q, 10),
		.lat_e7 = (int32_t)column_i64(q, 9),
		.lon_e7 = (int32_t)column_i64(q, 10),
		.available = column_bool(q, 11),
		.version = column_i64(q, 12),
		.ended_in = column_i64(q, 15),
		.referent_ended_in = column_i64(q, 16),
	};
	r = copy_text(column_text(q, 2), unit->name, sizeof(unit->name));
	if (!r)
		r = unseal_text(v, PHONE_LABEL, column_blob(q, 7), unit->phone,
				sizeof(unit->phone));
	if (!r)
		r = unseal_text(v, DUTY_LABEL, column_blob(q, 8), unit->duty_phone,
				sizeof(unit->duty_phone));
	if (!r)
		r = unseal_text(v, REFERENT_LABEL, column_blob(q, 13), unit->referent,
				sizeof(unit->referent));
	if (!r)
		r = unseal_text(v, REFERENT_PHONE_LABEL, column_blob(q, 14), unit->referent_phone,
				sizeof(unit->referent_phone));
	return r;
}

static int read_one(struct vault *v, struct query *q, struct unit *ret_unit)
{
	int r = step_to_row(q);

	if (!r)
		r = read_unit(v, q, ret_unit);
	db_done(q);
	return r;
}

int unit_load(struct vault *v, struct id id, struct unit *ret_unit)
{
	struct query *q = db_query(vault_db(v), &unit_by_id);

	bind_id(q, 1, id);
	return read_one(v, q, ret_unit);
}

int unit_find(struct vault *v, struct str name, struct unit *ret_unit)
{
	struct query *q = db_query(vault_db(v), &unit_by_name);

	bind_text(q, 1, name);
	return read_one(v, q, ret_unit);
}

int units_each(struct vault *v, unit_reader *on_unit, void *context)
{
	struct query *q = db_query(vault_db(v), &units_all);
	struct unit unit;
	int r;

	while ((r = query_step(q)) == 1) {
		r = read_unit(v, q, &unit);
		if (!r)
			r = on_unit(context, &unit);
		if (r)
			break;
	}
	db_done(q);
	return r;
}

static int seal_text(struct vault *v, struct str label, const char *text, struct buf *out)
{
	return *text ? vault_seal(v, vault_house_key(v), label, str_from(text), out) : 0;
}

/* What is sealed of a unit, in the order of its parameters. */
enum { SEALED_PHONE, SEALED_DUTY, SEALED_REFERENT, SEALED_REFERENT_PHONE, SEALED_COUNT };

static int seal_all(struct vault *v, const struct unit *unit, struct buf sealed[SEALED_COUNT])
{
	const struct {
		struct str label;
		const char *text;
	} texts[SEALED_COUNT] = {{PHONE_LABEL, unit->phone},
				 {DUTY_LABEL, unit->duty_phone},
				 {REFERENT_LABEL, unit->referent},
				 {REFERENT_PHONE_LABEL, unit->referent_phone}};
	int r = 0;

	for (int i = 0; !r && i < SEALED_COUNT; i++)
		r = seal_text(v, texts[i].label, texts[i].text, &sealed[i]);
	return r;
}

static int write_unit(struct vault *v, const struct sql *sql, const struct unit *unit)
{
	struct buf sealed[SEALED_COUNT] = {BUF_INIT, BUF_INIT, BUF_INIT, BUF_INIT};
	struct query *q;
	int r = seal_all(v, unit, sealed);

	if (r)
		goto out;
	q = db_query(vault_db(v), sql);
	bind_id(q, 1, unit->id);
	bind_i64(q, 2, unit->kind);
	bind_text(q, 3, str_from(unit->name));
	bind_id(q, 4, unit->room);
	bind_id(q, 5, unit->neighbour);
	bind_id(q, 6, unit->second);
	bind_id(q, 7, unit->zone);
	bind_blob(q, 8, buf_str(&sealed[SEALED_PHONE]));
	bind_blob(q, 9, buf_str(&sealed[SEALED_DUTY]));
	if (unit->placed) {
		bind_i64(q, 10, unit->lat_e7);
		bind_i64(q, 11, unit->lon_e7);
	} else {
		bind_null(q, 10);
		bind_null(q, 11);
	}
	bind_bool(q, 12, unit->available);
	bind_i64(q, 13, unit->version);
	bind_blob(q, 14, buf_str(&sealed[SEALED_REFERENT]));
	bind_blob(q, 15, buf_str(&sealed[SEALED_REFERENT_PHONE]));
	bind_i64(q, 16, unit->ended_in);
	bind_i64(q, 17, unit->referent_ended_in);
	r = updated_one(v, q);
out:
	for (int i = 0; i < SEALED_COUNT; i++)
		buf_fini(&sealed[i]);
	return r;
}

int unit_insert(struct vault *v, const struct unit *unit)
{
	return write_unit(v, &unit_add, unit);
}

int unit_update(struct vault *v, struct unit *unit)
{
	int r = write_unit(v, &unit_set, unit);

	if (!r)
		unit->version++;
	return r;
}

int unit_delete(struct vault *v, struct id id)
{
	struct query *q = db_query(vault_db(v), &unit_named);
	int r;

	bind_id(q, 1, id);
	r = query_step(q);
	db_done(q);
	if (r)
		return r == 1 ? -ENOTEMPTY : r;
	q = db_query(vault_db(v), &unit_remove);
	bind_id(q, 1, id);
	return db_done_after(q);
}

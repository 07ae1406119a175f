/*
 * What an import does to units: lines become units of the house, and referents of them, a hundred a
 * command, before the edition counts. Each unit that is made, changed or ended is a line of the
 * journal: those of the whole country are some thousands.
 */
#include <errno.h>

#include "base/commune_code.h"
#include "crypto/random.h"
#include "service/admin_import.h"
#include "service/directory.h"

struct unit_row {
	struct str public_id, name, phone, commune, lat, lon;
};

struct rows {
	struct arena *arena;
	struct str *list;
	size_t count, cap;
};

static int keep_row(void *context, struct str code, struct str text)
{
	struct rows *rows = context;

	if (rows->count == rows->cap) {
		rows->cap = rows->cap ? rows->cap * 2 : 256;
		rows->list = xrealloc(rows->list, rows->cap * sizeof(*rows->list));
	}
	rows->list[rows->count++] = str_of(arena_copy(rows->arena, text.ptr, text.len), text.len);
	return 0;
}

static struct unit_row unit_row_of(struct str text)
{
	struct str f[6];

	territory_fields(text, f, ARRAY_LEN(f));
	return (struct unit_row){.public_id = f[0],
				 .name = f[1],
				 .phone = f[2],
				 .commune = f[3],
				 .lat = f[4],
				 .lon = f[5]};
}

static struct str institution_of(enum territory_kind kind)
{
	return kind == TERRITORY_GENDARMERIE ? STR("GN") : STR("PN");
}

/* What became of the unit, as its line of the journal has it. */
static struct str said_of(struct admin *a, const struct unit *unit)
{
	struct buf b = BUF_INIT;

	json_open(&b, NULL, '{');
	json_word(&b, "what", "unit");
	json_word(&b, "command", a->row->name);
	json_open(&b, "fields", '{');
	json_text(&b, "kind", admin_value(a, "kind")->text);
	json_text(&b, "edition", admin_value(a, "edition")->text);
	json_word(&b, "name", unit->name);
	json_id(&b, "room", unit->room);
	json_word(&b, "phone", unit->phone);
	json_word(&b, "referent", unit->referent);
	json_word(&b, "referent_phone", unit->referent_phone);
	json_bool(&b, "available", unit->available);
	if (unit->placed) {
		json_e7(&b, "lat", unit->lat_e7);
		json_e7(&b, "lon", unit->lon_e7);
	}
	json_close(&b, '}');
	json_close(&b, '}');
	return work_keep(a->w, &b);
}

/* before: NULL when it is new. One that is as it was has no line. */
static int write_unit(struct admin *a, const struct unit *before, struct unit *unit)
{
	int r;

	if (before && !memcmp(before, unit, sizeof(*unit)))
		return 0;
	r = before ? unit_update(a->w->vault, unit) : unit_insert(a->w->vault, unit);
	if (!r)
		work_entry(a->w, a->c, before ? ENTRY_CHANGED : ENTRY_CREATED, unit->id, ID_NONE,
			   vault_house_key(a->w->vault), said_of(a, unit));
	return r;
}

/* The room that was named, or the département's own, made when there is none. */
static int room_for(struct admin *a, enum territory_kind kind, struct str commune,
		    struct id *ret_room)
{
	struct unit room = {.id = random_id_v7(a->w->now_ms),
			    .kind = UNIT_ROOM,
			    .available = true,
			    .version = 1};
	char departement[DEPARTEMENT_CODE_SIZE], code[COMMUNE_CODE_SIZE];
	int r;

	if (admin_given(a, "room")) {
		*ret_room = admin_value(a, "room")->id;
		return 0;
	}
	if (commune_code_parse(commune, code))
		return -EINVAL;
	departement_of_commune(code, departement);
	snprintf(room.name, sizeof(room.name), "%s %s",
		 kind == TERRITORY_GENDARMERIE ? "CORG" : "CIC", departement);
	r = unit_find(a->w->vault, str_from(room.name), &room);
	if (r == -ENOENT)
		r = write_unit(a, NULL, &room);
	if (!r)
		*ret_room = room.id;
	return r;
}

/* A name is one unit's: others of that name say their département, or their number. */
static int choose_name(struct admin *a, const struct unit_row *row, struct unit *unit)
{
	const struct str more[] = {STR(""), row->commune, row->public_id};
	struct buf name = BUF_INIT;
	struct unit other;
	int r = 0;

	for (size_t i = 0; !r && i < ARRAY_LEN(more); i++) {
		buf_reset(&name);
		buf_add_str(&name, row->name);
		if (i)
			buf_printf(&name, " (%.*s)", STR_FMT(more[i]));
		if (name.len > LIMIT_NAME_BYTES)
			continue;
		r = unit_find(a->w->vault, buf_str(&name), &other);
		if (!r && id_eq(other.id, unit->id))
			r = -ENOENT;
	}
	if (r == -ENOENT)
		snprintf(unit->name, sizeof(unit->name), "%s", buf_cstr(&name));
	buf_fini(&name);
	return r == -ENOENT ? 0 : r ? r : -EEXIST;
}

static bool place_unit(struct unit *unit, const struct unit_row *row)
{
	int64_t lat, lon;

	if (str_parse_i64(row->lat, -900000000, 900000000, &lat) ||
	    str_parse_i64(row->lon, -1800000000, 1800000000, &lon))
		return false;
	unit->lat_e7 = (int32_t)lat;
	unit->lon_e7 = (int32_t)lon;
	return true;
}

/* The room that an administrator chose stays. A unit whose line is there can be sent, whatever an
 * edition without it had said. */
static int save_unit(struct admin *a, enum territory_kind kind, struct str text)
{
	struct unit_row row = unit_row_of(text);
	struct unit unit = {.kind = kind == TERRITORY_GENDARMERIE ? UNIT_BRIGADE
								  : UNIT_COMMISSARIAT,
			    .id = territory_unit_id(institution_of(kind), row.public_id),
			    .available = true,
			    .version = 1};
	int r = unit_load(a->w->vault, unit.id, &unit);
	bool is_new = r == -ENOENT;
	struct unit before = unit;

	if (is_new)
		r = room_for(a, kind, row.commune, &unit.room);
	else if (!r && admin_given(a, "room"))
		unit.room = admin_value(a, "room")->id;
	if (!r)
		r = choose_name(a, &row, &unit);
	if (r)
		return r;
	snprintf(unit.phone, sizeof(unit.phone), "%.*s", STR_FMT(row.phone));
	unit.placed = place_unit(&unit, &row);
	unit.available = true;
	unit.ended_in = 0;
	return write_unit(a, is_new ? NULL : &before, &unit);
}

enum { UNITS_A_COMMAND = 100 };

struct applying {
	struct admin *admin;
	struct territory_set set;
	struct edition edition;
	bool begins;
	bool again; /* an edition before stopped here: what it did to units is taken back */
};

/* Whether an edition that stopped did it: what was set by hand, before or since, stays. */
static bool stopped_did(const struct applying *p, int64_t ended_in)
{
	return ended_in && ended_in >= p->edition.unfinished;
}

/* A unit that is in no list any more is not sent; alerts may still name it. */
static int make_available(const struct applying *p, struct str text, bool available)
{
	struct admin *a = p->admin;
	struct id id = territory_unit_id(institution_of(p->set.kind), unit_row_of(text).public_id);
	struct unit unit, before;
	int r = unit_load(a->w->vault, id, &unit);

	if (r)
		return r == -ENOENT ? 0 : r;
	if (unit.available == available || (available && !stopped_did(p, unit.ended_in)))
		return 0;
	before = unit;
	unit.available = available;
	unit.ended_in = available ? 0 : p->edition.last;
	return write_unit(a, &before, &unit);
}

/* --- referents: unit|name|telephone, the unit's id as text */

enum referent_step { REFERENT_SET, REFERENT_ENDS, REFERENT_FILL };

static int save_referent(const struct applying *p, struct str text, enum referent_step step)
{
	enum { ID, NAME, PHONE, FIELDS };
	struct admin *a = p->admin;
	bool ends = step == REFERENT_ENDS;
	struct str fields[FIELDS], name, phone;
	struct unit unit, before;
	int r;

	territory_fields(text, fields, FIELDS);
	name = fields[NAME];
	phone = fields[PHONE];
	if (id_parse(fields[ID], &unit.id))
		return 0;
	r = unit_load(a->w->vault, unit.id, &unit);
	/* Of a unit that was not imported: its line waits for it. */
	if (r)
		return r == -ENOENT ? 0 : r;
	/* Another, or nobody, was chosen meanwhile, by hand or by this edition: that stays. */
	if (ends ? !str_eq(name, str_from(unit.referent))
		 : step == REFERENT_FILL &&
			    (*unit.referent || !stopped_did(p, unit.referent_ended_in)))
		return 0;
	before = unit;
	snprintf(unit.referent, sizeof(unit.referent), "%.*s", ends ? 0 : (int)name.len, name.ptr);
	snprintf(unit.referent_phone, sizeof(unit.referent_phone), "%.*s",
		 ends ? 0 : (int)phone.len, phone.ptr);
	unit.referent_ended_in = ends ? p->edition.last : 0;
	return write_unit(a, &before, &unit);
}

static enum row_change change_of(const struct applying *p)
{
	if (p->again)
		return p->begins ? CHANGE_PRESENT : CHANGE_ABSENT;
	return p->begins ? CHANGE_BEGINS : CHANGE_GONE;
}

/*
 * Of a line that holds as before, and that no edition since said otherwise, the one that stopped
 * can only have ended the unit: what was set by hand stays.
 */
static int begin(const struct applying *p, struct str code, struct str text)
{
	bool anew = true, of_referent = p->set.kind == TERRITORY_REFERENTS;
	int r = p->again ? territory_said_anew(p->admin->w->vault, &p->set, code,
					       p->edition.current, &anew)
			 : 0;

	if (r)
		return r;
	if (of_referent)
		return save_referent(p, text, anew ? REFERENT_SET : REFERENT_FILL);
	return anew ? save_unit(p->admin, p->set.kind, text) : make_available(p, text, true);
}

static int end(const struct applying *p, struct str text)
{
	return p->set.kind == TERRITORY_REFERENTS ? save_referent(p, text, REFERENT_ENDS)
						  : make_available(p, text, false);
}

static struct str code_of(struct str text)
{
	struct str code = STR_NONE;

	str_split(&text, '|', &code);
	return code;
}

/* Where the next command goes on: "code|mark" of the last line of this one. */
static struct str place_of(struct admin *a, enum territory_kind kind, struct str text)
{
	char mark[TERRITORY_MARK_SIZE];
	struct buf b = BUF_INIT;

	territory_mark(a->w->vault, kind, text, mark);
	buf_printf(&b, "%.*s|%s", STR_FMT(code_of(text)), mark);
	return work_keep(a->w, &b);
}

static int carry_out(const struct applying *p, const struct rows *rows)
{
	int r = edition_begin_units(p->admin->w->vault, &p->set, p->edition.last);

	for (size_t i = 0; !r && i < rows->count; i++)
		r = p->begins ? begin(p, code_of(rows->list[i]), rows->list[i])
			      : end(p, rows->list[i]);
	return r;
}

int admin_import_apply(struct admin *a)
{
	struct rows rows = {.arena = a->w->arena};
	struct applying p = {.admin = a, .begins = admin_value(a, "begins")->number};
	struct changes changes = {.limit = UNITS_A_COMMAND};
	struct str last = STR_NONE, rest = admin_value(a, "after")->text;
	int r;

	if (!import_take_set(a, &p.set))
		return 0;
	r = import_take_edition(a, &p.set, &p.edition);
	if (r || admin_refused(a))
		return r;
	p.again = p.edition.unfinished && p.edition.unfinished != p.edition.last;
	changes.number = p.edition.last;
	changes.change = change_of(&p);
	if (str_split(&rest, '|', &changes.after))
		changes.after_mark = rest;
	r = territory_changes(a->w->vault, &p.set, &changes, keep_row, &rows);
	if (!r)
		r = carry_out(&p, &rows);
	if (!r && rows.count == UNITS_A_COMMAND)
		last = place_of(a, p.set.kind, rows.list[rows.count - 1]);
	json_text(&a->answer, "after", last);
	free(rows.list);
	return r || !rows.count ? r : directory_reload(a->w->directory, a->w->vault);
}

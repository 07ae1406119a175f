/*
 * Imports, as egidectl sends them: an edition is started, its lines come some hundreds a command,
 * so that a call for help never waits long behind them, and one last command makes it the present
 * one. Lines are "code|…" as src/ctl/import_kinds.c makes them.
 */
#include <errno.h>

#include "base/commune_code.h"
#include "crypto/random.h"
#include "service/admin_parts.h"
#include "service/directory.h"
#include "store/territory.h"

/* False: refused. */
static bool take_set(struct admin *a, struct territory_set *ret_set)
{
	ret_set->scope = admin_value(a, "scope")->text;
	if (!territory_kind_parse(admin_value(a, "kind")->text, &ret_set->kind))
		return true;
	admin_invalid(a, "kind", "sorte d'import inconnue.");
	return false;
}

/* The edition being imported: 0 and maybe a refusal, or -errno. */
static int take_edition(struct admin *a, const struct territory_set *set,
			struct edition *ret_edition)
{
	int r = edition_load(a->w->vault, set, ret_edition);

	if (!r && ret_edition->last != admin_value(a, "edition")->number)
		return admin_conflict(a, "Un autre import de cette sorte a commencé depuis.");
	return r;
}

int admin_import_begin(struct admin *a)
{
	struct territory_set set;
	struct edition edition;
	int64_t number;
	int r;

	if (!take_set(a, &set))
		return 0;
	r = edition_load(a->w->vault, &set, &edition);
	if (!r)
		r = edition_start(a->w->vault, &set, &number);
	if (r)
		return r;
	json_int(&a->answer, "edition", number);
	json_int(&a->answer, "rows", edition.current ? edition.rows : 0);
	return 0;
}

static bool have_codes(struct admin *a, struct str rest)
{
	struct str row, code;

	while (str_split(&rest, '\n', &row))
		if (!str_split(&row, '|', &code) || !code.len || code.len > LIMIT_NAME_BYTES)
			return admin_invalid(a, "rows", "ligne sans code."), false;
	return true;
}

int admin_import_rows(struct admin *a)
{
	int64_t counts[] = {[ROW_NEW] = 0, [ROW_KNOWN] = 0, [ROW_TWICE] = 0};
	struct str rest = admin_value(a, "rows")->text, row, code;
	struct territory_set set;
	struct edition edition;
	int r;

	if (!take_set(a, &set) || !have_codes(a, rest))
		return 0;
	r = take_edition(a, &set, &edition);
	while (!r && !admin_refused(a) && str_split(&rest, '\n', &row)) {
		struct str fields = row;
		enum row_state state;

		str_split(&fields, '|', &code);
		r = territory_put(a->w->vault, &set, &edition, code, row, &state);
		if (!r)
			counts[state]++;
	}
	json_int(&a->answer, "new", counts[ROW_NEW]);
	json_int(&a->answer, "known", counts[ROW_KNOWN]);
	json_int(&a->answer, "twice", counts[ROW_TWICE]);
	json_bool(&a->answer, "rest", db_wants_rest(a->w->db));
	return r;
}

/* --- units: what was imported becomes units of the house, in the transaction of the edition */

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
		r = unit_insert(a->w->vault, &room);
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
	return is_new ? unit_insert(a->w->vault, &unit) : unit_update(a->w->vault, &unit);
}

/* A unit that is in no list any more is not sent; alerts may still name it. */
static int retire_unit(struct admin *a, enum territory_kind kind, struct str text)
{
	struct unit unit;
	int r = unit_load(a->w->vault,
			  territory_unit_id(institution_of(kind), unit_row_of(text).public_id),
			  &unit);

	if (r)
		return r == -ENOENT ? 0 : r;
	unit.available = false;
	return unit_update(a->w->vault, &unit);
}

/* --- referents: unit|name|telephone, the unit's id as text */

static int save_referent(struct admin *a, struct str text, bool ends)
{
	enum { ID, NAME, PHONE, FIELDS };
	struct str fields[FIELDS], name, phone;
	struct unit unit;
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
	/* Another was chosen meanwhile, by hand or by this edition: that one stays. */
	if (ends && !str_eq(name, str_from(unit.referent)))
		return 0;
	snprintf(unit.referent, sizeof(unit.referent), "%.*s", ends ? 0 : (int)name.len, name.ptr);
	snprintf(unit.referent_phone, sizeof(unit.referent_phone), "%.*s",
		 ends ? 0 : (int)phone.len, phone.ptr);
	return unit_update(a->w->vault, &unit);
}

/* --- the end: what it does to units, some a command, then the edition itself */

enum { UNITS_A_COMMAND = 100 };

static int carry_out(struct admin *a, const struct territory_set *set, enum row_change change,
		     struct str text)
{
	bool ends = change == CHANGE_GONE;

	if (set->kind == TERRITORY_REFERENTS)
		return save_referent(a, text, ends);
	return ends ? retire_unit(a, set->kind, text) : save_unit(a, set->kind, text);
}

int admin_import_apply(struct admin *a)
{
	struct rows rows = {.arena = a->w->arena};
	struct territory_set set;
	struct edition edition;
	struct changes changes = {.change = admin_value(a, "begins")->number ? CHANGE_BEGINS
									     : CHANGE_GONE,
				  .after = admin_value(a, "after")->text,
				  .limit = UNITS_A_COMMAND};
	struct str last = STR_NONE;
	int r;

	if (!take_set(a, &set))
		return 0;
	r = take_edition(a, &set, &edition);
	changes.number = edition.last;
	if (!r && !admin_refused(a))
		r = territory_changes(a->w->vault, &set, &changes, keep_row, &rows);
	for (size_t i = 0; !r && i < rows.count; i++)
		r = carry_out(a, &set, changes.change, rows.list[i]);
	if (!r && rows.count == UNITS_A_COMMAND)
		str_split(&rows.list[rows.count - 1], '|', &last);
	free(rows.list);
	json_text(&a->answer, "after", last);
	return r || !rows.count ? r : directory_reload(a->w->directory, a->w->vault);
}

int admin_import_finish(struct admin *a)
{
	struct territory_set set;
	struct edition edition;
	int r;

	if (!take_set(a, &set))
		return 0;
	r = take_edition(a, &set, &edition);
	if (r || admin_refused(a))
		return r;
	edition.rows = admin_value(a, "count")->number;
	edition.at_ms = a->w->now_ms;
	r = edition_finish(a->w->vault, &set, &edition);
	if (r)
		return r;
	admin_changed(a, ENTRY_CHANGED, "territory", ID_NONE, ID_NONE,
		      vault_house_key(a->w->vault));
	return 0;
}

int admin_import_sweep(struct admin *a)
{
	struct str after = admin_value(a, "after")->text;
	struct buf keep = BUF_INIT;
	struct territory_set set;
	bool done = true;
	int r;

	if (!take_set(a, &set))
		return 0;
	if (!after.ptr)
		after = STR("");
	r = territory_sweep(a->w->vault, &set, &after, &keep, &done);
	json_text(&a->answer, "after", done ? STR_NONE : after);
	json_bool(&a->answer, "rest", db_wants_rest(a->w->db));
	buf_fini(&keep);
	return r;
}

/* --- by hand */

int admin_competence_set(struct admin *a)
{
	struct str text = admin_value(a, "code")->text;
	char code[COMMUNE_CODE_SIZE] = "";
	int r;

	if (departement_code_parse(text, code) && commune_code_parse(text, code))
		return admin_invalid(a, "code",
				     "code INSEE d'une commune, ou numéro d'un département, "
				     "attendu.");
	r = competence_set(a->w->vault, str_from(code), admin_value(a, "unit")->id);
	if (r)
		return r;
	admin_changed(a, ENTRY_CHANGED, "competence", ID_NONE, ID_NONE,
		      vault_house_key(a->w->vault));
	return 0;
}

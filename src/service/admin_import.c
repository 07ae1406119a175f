/*
 * Imports, as egidectl sends them: an edition is started, its lines come some hundreds a command,
 * so that a call for help never waits long behind them, and one last command makes it the present
 * one. Lines are "code|…" as src/ctl/import_kinds.c makes them. What they do to units is in
 * admin_import_units.c.
 */
#include <errno.h>

#include "base/commune_code.h"
#include "service/admin_import.h"

bool import_take_set(struct admin *a, struct territory_set *ret_set)
{
	ret_set->scope = admin_value(a, "scope")->text;
	if (!territory_kind_parse(admin_value(a, "kind")->text, &ret_set->kind))
		return true;
	admin_invalid(a, "kind", "sorte d'import inconnue.");
	return false;
}

int import_take_edition(struct admin *a, const struct territory_set *set,
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

	if (!import_take_set(a, &set))
		return 0;
	r = edition_load(a->w->vault, &set, &edition);
	if (!r)
		r = edition_start(a->w->vault, &set, &number);
	if (r)
		return r;
	json_int(&a->answer, "edition", number);
	json_int(&a->answer, "rows", edition.current ? edition.rows : 0);
	json_bool(&a->answer, "unfinished", edition.unfinished != 0);
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

static int note_one(void *context, struct str code, struct str text)
{
	*(bool *)context = true;
	return 0;
}

/* Lines of who is competent that lead nowhere as long as what they name is not imported: the
 * département's default stands in. */
static int note_loose(struct admin *a, struct str row, struct buf *loose)
{
	enum { CODE, INSTITUTION, PUBLIC_ID, FIELDS };
	struct str fields[FIELDS];
	struct unit unit;
	bool has_commune = false, has_unit;
	int r;

	territory_fields(row, fields, FIELDS);
	r = territory_about(a->w->vault, TERRITORY_COMMUNES, fields[CODE], note_one, &has_commune);
	if (r)
		return r;
	r = unit_load(a->w->vault, territory_unit_id(fields[INSTITUTION], fields[PUBLIC_ID]),
		      &unit);
	if (r && r != -ENOENT)
		return r;
	has_unit = !r && !unit.ended_in;
	if (has_commune && has_unit)
		return 0;
	json_open(loose, NULL, '{');
	json_text(loose, "row", row);
	json_bool(loose, "has_commune", has_commune);
	json_close(loose, '}');
	return 0;
}

int admin_import_rows(struct admin *a)
{
	struct buf loose = BUF_INIT;
	int64_t counts[] = {[ROW_NEW] = 0, [ROW_KNOWN] = 0, [ROW_TWICE] = 0};
	struct str rest = admin_value(a, "rows")->text, row, code;
	struct territory_set set;
	struct edition edition;
	int r;

	if (!import_take_set(a, &set) || !have_codes(a, rest))
		return 0;
	json_open(&loose, NULL, '[');
	r = import_take_edition(a, &set, &edition);
	while (!r && !admin_refused(a) && str_split(&rest, '\n', &row)) {
		struct str fields = row;
		enum row_state state;

		str_split(&fields, '|', &code);
		r = territory_put(a->w->vault, &set, &edition, code, row, &state);
		if (!r && set.kind == TERRITORY_COMPETENCE)
			r = note_loose(a, row, &loose);
		if (!r)
			counts[state]++;
	}
	json_int(&a->answer, "new", counts[ROW_NEW]);
	json_int(&a->answer, "known", counts[ROW_KNOWN]);
	json_int(&a->answer, "twice", counts[ROW_TWICE]);
	json_bool(&a->answer, "rest", db_wants_rest(a->w->db));
	json_close(&loose, ']');
	if (set.kind == TERRITORY_COMPETENCE)
		json_raw(&a->answer, "loose", buf_str(&loose));
	buf_fini(&loose);
	return r;
}

int admin_import_finish(struct admin *a)
{
	struct territory_set set;
	struct edition edition;
	int r;

	if (!import_take_set(a, &set))
		return 0;
	r = import_take_edition(a, &set, &edition);
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

	if (!import_take_set(a, &set))
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

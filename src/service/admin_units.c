/* Administration of units. */
#include <errno.h>

#include "crypto/random.h"
#include "service/admin_parts.h"
#include "service/directory.h"

/* What only a room has, and what it has not. */
static bool is_consistent(struct admin *a, const struct unit *unit)
{
	static const char *const of_rooms[] = {"neighbour", "second", "zone", "duty_phone"};
	const struct id others[] = {unit->neighbour, unit->second, unit->zone};

	if (unit->kind == UNIT_ROOM && !id_is_none(unit->room))
		return admin_invalid(a, "room", "une salle ne dépend pas d'une autre."), false;
	if (unit->kind != UNIT_ROOM && id_is_none(unit->room))
		return admin_invalid(a, "room",
				     "valeur nécessaire : la salle dont l'unité dépend."),
		       false;
	for (size_t i = 0; i < ARRAY_LEN(of_rooms); i++)
		if (unit->kind != UNIT_ROOM && admin_value(a, of_rooms[i])->text.len)
			return admin_invalid(a, of_rooms[i], "réservé aux salles d'opérations."),
			       false;
	for (size_t i = 0; i < ARRAY_LEN(others); i++)
		if (id_eq(others[i], unit->id))
			return admin_invalid(a, of_rooms[i], "une autre salle est attendue."),
			       false;
	return true;
}

static bool place(struct admin *a, struct unit *unit)
{
	const struct value *lat = admin_value(a, "lat"), *lon = admin_value(a, "lon");

	if (!lat->given && !lon->given)
		return true;
	if (!lat->text.len != !lon->text.len)
		return admin_invalid(a, lat->text.len ? "lon" : "lat",
				     "latitude et longitude vont ensemble."),
		       false;
	unit->placed = lat->text.len;
	unit->lat_e7 = (int32_t)lat->number;
	unit->lon_e7 = (int32_t)lon->number;
	return true;
}

static int check_name(struct admin *a, const struct unit *unit)
{
	struct unit other;
	int r = unit_find(a->w->vault, str_from(unit->name), &other);

	if (!r && !id_eq(other.id, unit->id))
		return admin_invalid(a, "name", "une autre unité porte ce nom.");
	return r == -ENOENT ? 0 : r;
}

/* Writes the given fields into the unit; refuses what does not hold together. */
static int apply(struct admin *a, struct unit *unit)
{
	admin_copy(a, "name", unit->name, sizeof(unit->name));
	admin_copy(a, "phone", unit->phone, sizeof(unit->phone));
	admin_copy(a, "duty_phone", unit->duty_phone, sizeof(unit->duty_phone));
	admin_copy(a, "referent", unit->referent, sizeof(unit->referent));
	admin_copy(a, "referent_phone", unit->referent_phone, sizeof(unit->referent_phone));
	admin_take_id(a, "room", &unit->room);
	admin_take_id(a, "neighbour", &unit->neighbour);
	admin_take_id(a, "second", &unit->second);
	admin_take_id(a, "zone", &unit->zone);
	admin_take_flag(a, "available", &unit->available);
	if (admin_given(a, "available"))
		unit->ended_in = 0;
	if (admin_given(a, "referent"))
		unit->referent_ended_in = 0;
	if (!*unit->name)
		return admin_invalid(a, "name", "valeur nécessaire.");
	if (!place(a, unit) || !is_consistent(a, unit))
		return 0;
	return check_name(a, unit);
}

static int finish(struct admin *a, enum entry_kind kind, struct id unit)
{
	int r = directory_refresh_unit(a->w->directory, a->w->vault, unit);

	admin_changed(a, kind, "unit", unit, ID_NONE, vault_house_key(a->w->vault));
	json_id(&a->answer, "id", unit);
	return r;
}

int admin_unit_add(struct admin *a)
{
	struct unit unit = {.id = random_id_v7(a->w->now_ms),
			    .kind = (enum unit_kind)admin_value(a, "kind")->number,
			    .available = true,
			    .version = 1};
	int r = apply(a, &unit);

	if (r || admin_refused(a))
		return r;
	r = unit_insert(a->w->vault, &unit);
	return r ? r : finish(a, ENTRY_CREATED, unit.id);
}

int admin_unit_set(struct admin *a)
{
	struct unit unit;
	int r = unit_load(a->w->vault, admin_value(a, "unit")->id, &unit);

	if (!r)
		r = apply(a, &unit);
	if (r || admin_refused(a))
		return r;
	r = unit_update(a->w->vault, &unit);
	return r ? r : finish(a, ENTRY_CHANGED, unit.id);
}

int admin_unit_remove(struct admin *a)
{
	struct id unit = admin_value(a, "unit")->id;
	int r = unit_delete(a->w->vault, unit);

	if (r == -ENOTEMPTY)
		return admin_conflict(
			a, "Cette unité sert encore (élus, comptes, appareils, autres unités ou "
			   "alertes). Déclarez-la plutôt indisponible.");
	return r ? r : finish(a, ENTRY_DELETED, unit);
}

static void write_name(struct admin *a, const char *key, struct id unit)
{
	json_text(&a->answer, key,
		  id_is_none(unit) ? STR_NONE : directory_unit_name(a->w->directory, unit));
}

static int write_unit(void *context, const struct unit *unit)
{
	struct admin *a = context;
	struct buf *b = &a->answer;

	json_open(b, NULL, '{');
	json_id(b, "id", unit->id);
	json_word(b, "name", unit->name);
	json_word(b, "kind", unit_kind_name(unit->kind));
	write_name(a, "room", unit->room);
	write_name(a, "neighbour", unit->neighbour);
	write_name(a, "second", unit->second);
	write_name(a, "zone", unit->zone);
	json_word(b, "phone", *unit->phone ? unit->phone : NULL);
	json_word(b, "duty_phone", *unit->duty_phone ? unit->duty_phone : NULL);
	json_word(b, "referent", *unit->referent ? unit->referent : NULL);
	json_word(b, "referent_phone", *unit->referent_phone ? unit->referent_phone : NULL);
	if (unit->placed) {
		json_e7(b, "lat", unit->lat_e7);
		json_e7(b, "lon", unit->lon_e7);
	}
	json_bool(b, "available", unit->available);
	json_close(b, '}');
	return 0;
}

int admin_unit_list(struct admin *a)
{
	int r;

	json_open(&a->answer, "units", '[');
	r = units_each(a->w->vault, write_unit, a);
	json_close(&a->answer, ']');
	return r;
}

/* Answers about units, devices and the session itself. */
#include <errno.h>

#include "core/access.h"
#include "service/atlas.h"
#include "service/json.h"
#include "service/reader_private.h"
#include "store/people.h"
#include "store/second_factor.h"

enum { UNITS_SHOWN = 500, DEVICES_SHOWN = 1000 };

int reader_session_json(struct reader *r, struct arena *arena, const struct session_account *who,
			int64_t now_ms, const struct question *question, struct answer *ret_answer)
{
	const struct unit *room;
	struct buf b = BUF_INIT;
	bool has_factor = false;
	int64_t codes = 0;
	int error = reader_refresh(r);

	room = directory_unit(r->directory, who->room);
	/* Made a moment ago: it is not in the directory yet. */
	if (!error && !room && !id_is_none(who->room)) {
		error = reader_refresh_now(r);
		room = directory_unit(r->directory, who->room);
	}
	if (!error)
		error = second_factor_is_set(r->vault, who->id, &has_factor);
	if (!error)
		error = recovery_codes_left(r->vault, who->id, &codes);
	if (error)
		return error;
	buf_add_byte(&b, '{');
	json_bool(&b, "second_factor", has_factor);
	if (has_factor)
		json_int(&b, "recovery_codes", codes);
	else
		json_nothing(&b, "recovery_codes");
	json_open(&b, "account", '{');
	json_id(&b, "id", who->id);
	json_text(&b, "name", who->name);
	json_text(&b, "login", who->login);
	json_open(&b, "roles", '[');
	for (uint32_t role = 1; role <= ROLE_COUNTER; role <<= 1)
		if (who->roles & role)
			json_word(&b, NULL, role_name((enum role)role));
	json_close(&b, ']');
	json_close(&b, '}');
	if (room) {
		json_open(&b, "room", '{');
		json_id(&b, "id", room->id);
		json_word(&b, "name", room->name);
		json_word(&b, "kind", unit_kind_name(room->kind));
		json_close(&b, '}');
	} else {
		json_nothing(&b, "room");
	}
	json_close(&b, '}');
	return reader_answer(arena, &b, ret_answer);
}

/* --- units, the competent one first, then by distance */

struct ranked {
	struct unit unit;
	int64_t distance_m; /* INT64_MAX: not known */
	bool competent;
};

struct ranking {
	struct ranked *list;
	size_t count;
	const struct session_account *who;
	const struct loaded *loaded; /* NULL: no alert in mind */
	struct id competent;         /* where the alert is, or for the official */
};

static int add_unit(void *context, const struct unit *unit)
{
	struct ranking *k = context;
	const struct loaded *l = k->loaded;
	struct ranked *next;

	if (unit->kind == UNIT_ROOM || k->count == UNITS_SHOWN)
		return 0;
	if (!id_eq(unit->room, k->who->room) &&
	    !(l && (id_eq(unit->id, k->competent) || id_eq(unit->id, l->alert.unit))))
		return 0;
	next = &k->list[k->count++];
	*next = (struct ranked){.unit = *unit, .distance_m = INT64_MAX};
	if (!l)
		return 0;
	next->competent = id_eq(unit->id, k->competent);
	if (unit->placed && l->heard && l->last.has_fix)
		next->distance_m = distance_m(unit->lat_e7, unit->lon_e7, l->last.fix.lat_e7,
					      l->last.fix.lon_e7);
	return 0;
}

static struct id competent_unit(const struct reader *r, const struct loaded *l)
{
	struct atlas_place place;

	if (l->heard && l->last.has_fix &&
	    atlas_at(r->atlas, l->last.fix.lat_e7, l->last.fix.lon_e7, &place) &&
	    directory_unit(r->directory, place.unit))
		return place.unit;
	return l->alert.unit;
}

static int by_rank(const void *a, const void *b)
{
	const struct ranked *x = a, *y = b;

	if (x->competent != y->competent)
		return y->competent - x->competent;
	if (x->distance_m != y->distance_m)
		return x->distance_m < y->distance_m ? -1 : 1;
	return strcmp(x->unit.name, y->unit.name);
}

static int unit_row(struct reader *r, const struct ranked *k, struct buf *b)
{
	bool engaged;
	int error = unit_is_engaged(r->vault, k->unit.id, &engaged);

	if (error)
		return error;
	json_open(b, NULL, '{');
	json_id(b, "id", k->unit.id);
	json_word(b, "name", k->unit.name);
	json_word(b, "kind", unit_kind_name(k->unit.kind));
	json_word(b, "status",
		  !k->unit.available ? "unavailable"
		  : engaged          ? "engaged"
				     : "available");
	if (k->distance_m == INT64_MAX)
		json_nothing(b, "distance_m");
	else
		json_int(b, "distance_m", k->distance_m);
	json_bool(b, "competent", k->competent);
	json_close(b, '}');
	return 0;
}

int reader_units(struct reader *r, struct arena *arena, const struct session_account *who,
		 int64_t now_ms, const struct question *question, struct answer *ret_answer)
{
	struct ranking k = {.list = arena_alloc(arena, UNITS_SHOWN * sizeof(struct ranked)),
			    .who = who};
	struct buf b = BUF_INIT;
	struct loaded l;
	int error = reader_refresh(r);

	if (!access_allows(who->roles, RIGHT_UNITS_READ, RELATION_ROOM))
		return reader_refuse(ret_answer, PROBLEM_FORBIDDEN,
				     "Votre rôle ne donne pas accès aux unités.");
	if (!error && !id_is_none(question->subject)) {
		error = reader_load(r, arena, question->subject, &l);
		if (error == -ENOENT || (!error && !alert_shown_to(&l.alert, who->room)))
			return reader_refuse(
				ret_answer, PROBLEM_NOT_FOUND,
				"Cette alerte n'existe pas, ou n'est pas visible de votre salle.");
		k.loaded = &l;
		k.competent = competent_unit(r, &l);
	}
	if (!error)
		error = units_each(r->vault, add_unit, &k);
	if (error)
		return error;
	qsort(k.list, k.count, sizeof(k.list[0]), by_rank);
	buf_add_byte(&b, '{');
	json_open(&b, "units", '[');
	for (size_t i = 0; !error && i < k.count; i++)
		error = unit_row(r, &k.list[i], &b);
	json_close(&b, ']');
	json_close(&b, '}');
	return reader_end(arena, &b, error, ret_answer);
}

/* --- devices of the room */

struct device_listing {
	struct reader *reader;
	struct arena *arena;
	const struct session_account *who;
	const struct device_presence *presence;
	struct buf *out;
};

static bool connected(const struct device_presence *presence, struct id device)
{
	for (size_t i = 0; presence && i < presence->count; i++)
		if (id_eq(presence->connected[i], device))
			return true;
	return false;
}

static struct id room_of(struct reader *r, struct id unit)
{
	const struct unit *u = directory_unit(r->directory, unit);

	/* Made a moment ago: it is not in the directory yet. */
	if (!u && !id_is_none(unit) && !reader_refresh_now(r))
		u = directory_unit(r->directory, unit);
	if (!u)
		return directory_default_room(r->directory);
	return u->kind == UNIT_ROOM ? u->id : u->room;
}

static int add_device(void *context, const struct device *device)
{
	struct device_listing *x = context;
	struct official official = {0};
	struct device_last last = {.heard_at_ms = TIME_NONE, .battery_percent = -1};
	int error = id_is_none(device->official) ? -ENOENT
						 : official_load(x->reader->vault, x->arena,
								 device->official, &official);

	if (error && error != -ENOENT)
		return error;
	if (!id_eq(room_of(x->reader, error ? device->unit : official.unit), x->who->room))
		return 0;
	error = device_last_load(x->reader->vault, device->id, &last);
	if (error && error != -ENOENT)
		return error;
	json_open(x->out, NULL, '{');
	json_id(x->out, "id", device->id);
	json_word(x->out, "label", device->label);
	json_word(x->out, "kind", protocol_name((enum protocol)device->protocol));
	json_text(x->out, "official", official.name);
	json_time(x->out, "heard_at", last.heard_at_ms);
	if (last.battery_percent < 0)
		json_nothing(x->out, "battery");
	else
		json_int(x->out, "battery", last.battery_percent);
	json_bool(x->out, "connected", connected(x->presence, device->id));
	json_close(x->out, '}');
	return 0;
}

int reader_devices(struct reader *r, struct arena *arena, const struct session_account *who,
		   int64_t now_ms, const struct question *question, struct answer *ret_answer)
{
	struct buf b = BUF_INIT;
	struct device_listing x = {r, arena, who, question->presence, &b};
	int error = reader_refresh(r);

	if (!access_allows(who->roles, RIGHT_DEVICES_READ, RELATION_ROOM))
		return reader_refuse(ret_answer, PROBLEM_FORBIDDEN,
				     "Votre rôle ne donne pas accès aux appareils.");
	buf_add_byte(&b, '{');
	json_open(&b, "devices", '[');
	if (!error)
		error = devices_each(r->vault, ID_NONE, DEVICES_SHOWN, add_device, &x);
	json_close(&b, ']');
	json_close(&b, '}');
	ret_answer->subject = who->room;
	return reader_end(arena, &b, error, ret_answer);
}

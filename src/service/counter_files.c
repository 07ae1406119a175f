/*
 * What the counter does with the file of somebody who is registered: sees it whole, changes it with
 * the person there, and gives, replaces or withdraws their telephone.
 */
#include <errno.h>

#include "base/paris.h"
#include "crypto/random.h"
#include "service/counter.h"
#include "service/directory.h"
#include "service/official_json.h"
#include "service/own.h"
#include "service/spoken_code.h"
#include "store/alerts.h"
#include "store/terms.h"
#include "store/visits.h"

enum { TELEPHONES_MAX = 4 };

bool counter_reaches(const struct directory *d, struct id room, struct id unit)
{
	return id_is_none(room) || id_eq(room, directory_unit_room(d, unit));
}

bool counter_actor_reaches(const struct directory *d, const struct actor *actor, struct id unit)
{
	return actor->kind != ACTOR_ACCOUNT || counter_reaches(d, actor->room, unit);
}

static int load(struct admin *a, struct official *ret_official)
{
	return official_load(a->w->vault, &a->c->arena, admin_value(a, "official")->id,
			     ret_official);
}

/* Of somebody who was recognised and whose registration goes on. False: refused, or *ret_r is an
 * error. */
static bool may_change(struct admin *a, struct official *ret_official, int *ret_r)
{
	*ret_r = load(a, ret_official);
	if (*ret_r)
		return false;
	if (!admin_value(a, "verified")->number)
		return admin_invalid(a, "verified",
				     "vérifiez d’abord que c’est bien cette personne : au guichet, "
				     "ou en l’appelant au numéro du dossier."),
		       false;
	if (ret_official->ended)
		return admin_conflict(a, "Cette inscription a pris fin : reprenez-la d’abord."),
		       false;
	return true;
}

/* --- the file */

static int write_device(void *context, const struct device *device)
{
	struct admin *a = context;
	struct device_last last = {.heard_at_ms = TIME_NONE};
	int r = device_last_load(a->w->vault, device->id, &last);
	struct buf *b = &a->answer;

	json_open(b, NULL, '{');
	json_id(b, "id", device->id);
	json_word(b, "protocol", protocol_name((enum protocol)device->protocol));
	json_word(b, "label", device->label);
	json_bool(b, "enabled", device->enabled);
	json_bool(b, "linked", device->has_secret);
	json_time(b, "heard_at", last.heard_at_ms);
	json_close(b, '}');
	return r == -ENOENT ? 0 : r;
}

static int write_term(struct admin *a, struct id official)
{
	struct term t;
	int r = term_load(a->w->vault, official, &t);

	if (r)
		return r;
	json_day(&a->answer, "registered", t.registered);
	json_day(&a->answer, "until", t.until);
	json_day(&a->answer, "mandate_until", t.mandate_until);
	return 0;
}

static void write_unit(struct admin *a, const struct official *o)
{
	struct buf *b = &a->answer;

	json_open(b, "unit", '{');
	json_id(b, "id", o->unit);
	json_text(b, "name", directory_unit_name(a->w->directory, o->unit));
	json_close(b, '}');
	official_force_json(b, a->w->directory, o);
	json_number(b, "level", o->level, o->level > 0);
}

int admin_registration_file(struct admin *a)
{
	struct official o;
	int r = load(a, &o);

	if (r)
		return r;
	json_id(&a->answer, "id", o.id);
	json_bool(&a->answer, "ended", o.ended);
	json_bool(&a->answer, "consent_sheet", a->w->options->consent_sheet);
	write_unit(a, &o);
	r = admin_write_hold(a, o.id);
	if (!r)
		r = registration_present(a, &o);
	if (!r)
		r = write_term(a, o.id);
	json_open(&a->answer, "devices", '[');
	if (!r)
		r = devices_of(a->w->vault, o.id, write_device, a);
	json_close(&a->answer, ']');
	admin_was_read(a, "official", o.id);
	return r;
}

/* --- a change */

static bool same_numbers(const struct value *value, const struct official *o)
{
	bool same = value->count == o->other_count;

	for (unsigned i = 0; same && i < value->count; i++)
		same = str_eq(value->list[i], o->others[i]);
	return same;
}

static bool same_kinds(const struct value *value, const struct official *o)
{
	bool same = true;

	for (unsigned i = 0; i < OFFICIAL_MAX_NUMBERS; i++) {
		struct str kind = i < value->count ? value->list[i] : STR("");
		enum number_kind present = i < o->other_count ? o->other_kinds[i] : NUMBER_ANY;

		same &= str_eq(kind, str_from(number_kind_name(present)));
	}
	return same;
}

static bool same_mandates(const struct value *value, const struct official *o)
{
	bool same = value->count == o->mandate_count;

	for (unsigned i = 0; same && i < value->count; i++)
		same = str_eq(value->list[i], o->mandates[i]);
	return same;
}

static bool same_places(const struct value *value, const struct official *o)
{
	bool same = value->count == o->place_count;

	for (unsigned i = 0; same && i < value->count; i++)
		same = str_eq(value->list[i], o->places[i].address);
	return same;
}

static bool same_place_kinds(const struct value *value, const struct official *o)
{
	bool same = value->count <= o->place_count;

	for (unsigned i = 0; same && i < o->place_count; i++) {
		enum place_kind kind = PLACE_OTHER;

		if (i < value->count)
			place_kind_parse(value->list[i], &kind);
		same = kind == o->places[i].kind;
	}
	return same;
}

static bool same_place_access(const struct value *value, const struct official *o)
{
	bool same = value->count <= o->place_count;

	for (unsigned i = 0; same && i < o->place_count; i++)
		same = str_eq(i < value->count ? value->list[i] : STR(""), o->places[i].access);
	return same;
}

/* Where places move, what is beside them is said anew. */
static bool forget_unchanged_lists(struct admin *a, const struct official *o)
{
	struct value *mandates = admin_value_to_change(a, "other_mandates"),
		     *places = admin_value_to_change(a, "places"),
		     *kinds = admin_value_to_change(a, "place_kinds"),
		     *notes = admin_value_to_change(a, "place_access");

	mandates->given &= !same_mandates(mandates, o);
	places->given &= !same_places(places, o);
	kinds->given &= places->given || !same_place_kinds(kinds, o);
	notes->given &= places->given || !same_place_access(notes, o);
	return mandates->given || places->given || kinds->given || notes->given;
}

/* The line names what changes: a form sent whole says again what is there already. */
static bool forget_unchanged(struct admin *a, const struct official *o)
{
	const struct {
		const char *name;
		struct str text;
	} present[] = {{"name", o->name},
		       {"phone", o->phone},
		       {"mandate", o->mandate},
		       {"commune", o->commune},
		       {"commune_code", o->commune_code},
		       {"address", o->address},
		       {"access", o->access},
		       {"remarks", o->remarks},
		       {"reason", o->reason}};
	struct value *value;
	bool any = forget_unchanged_lists(a, o);

	for (size_t i = 0; i < ARRAY_LEN(present); i++) {
		value = admin_value_to_change(a, present[i].name);
		value->given &= !str_eq(value->text, present[i].text);
		any |= value->given;
	}
	value = admin_value_to_change(a, "other_phones");
	value->given &= !same_numbers(value, o);
	any |= value->given;
	value = admin_value_to_change(a, "other_kinds");
	value->given &= admin_given(a, "other_phones") || !same_kinds(value, o);
	any |= value->given;
	value = admin_value_to_change(a, "household");
	value->given &= (value->text.len ? value->number : -1) != o->household;
	any |= value->given;
	value = admin_value_to_change(a, "level");
	value->given &= value->number != o->level;
	any |= value->given;
	value = admin_value_to_change(a, "unit");
	value->given &= !id_eq(value->id, o->unit);
	any |= value->given;
	return any || admin_given(a, "contacts") || admin_given(a, "force") ||
	       (admin_given(a, "consent") && !admin_value(a, "consent")->number);
}

static int change_sheet(struct admin *a, struct id official)
{
	if (admin_given(a, "consent") && !admin_value(a, "consent")->number)
		return own_withdraw(a->w, a->c, official);
	return admin_given(a, "contacts") ? admin_put_contacts(a, official) : 0;
}

int admin_registration_change(struct admin *a)
{
	struct official o;
	int r;

	if (!may_change(a, &o, &r) || !registration_consents(a))
		return r;
	r = registration_leave_sheet(a, o.id);
	if (r || admin_refused(a))
		return r;
	if (!forget_unchanged(a, &o))
		return admin_conflict(a, "Rien ne change dans ce dossier.");
	r = admin_official_change(a, o.id);
	return r || admin_refused(a) ? r : change_sheet(a, o.id);
}

/* --- the telephone */

static int count_telephone(void *context, const struct device *device)
{
	*(int *)context += device->protocol == PROTOCOL_PHONE;
	return 0;
}

/* Nobody loses their telephone while they call for help with it, or are waited for. */
static bool is_free(struct admin *a, struct id official, struct id device, int *ret_r)
{
	struct open_alerts open = {.real = ID_NONE, .test = ID_NONE};
	struct id alert = ID_NONE;
	bool expected = false;

	*ret_r = alerts_open_of_device(a->w->vault, device, &open);
	if (!*ret_r)
		*ret_r = alert_open_of_official(a->w->vault, official, &alert);
	if (!*ret_r)
		*ret_r = visits_expected(a->w->vault, ID_NONE, device, &expected);
	if (*ret_r)
		return false;
	if (expected)
		return admin_conflict(a, "Une visite annoncée de cet appareil est en cours."),
		       false;
	if (!id_is_none(open.real) || !id_is_none(open.test) || !id_is_none(alert))
		return admin_conflict(a, "Une alerte de cet élu est ouverte : le téléphone se "
					 "remplace ou se retire quand elle est close."),
		       false;
	return true;
}

/* A telephone of theirs; that of somebody else reads like none. False: as above. */
static bool find_telephone(struct admin *a, struct id official, struct device *ret_device,
			   int *ret_r)
{
	*ret_r = device_load(a->w->vault, admin_value(a, "device")->id, ret_device);
	if (*ret_r)
		return false;
	if (id_eq(ret_device->official, official) && ret_device->protocol == PROTOCOL_PHONE)
		return true;
	admin_unknown_device(a);
	return false;
}

static int new_telephone(struct admin *a, const struct official *o, struct device *ret_device)
{
	int count = 0, r = devices_of(a->w->vault, o->id, count_telephone, &count);

	if (r)
		return r;
	if (count >= TELEPHONES_MAX)
		return admin_conflict(
			a, "Cette personne a déjà quatre téléphones : retirez-en un d’abord.");
	return admin_add_telephone(a, o->id, ret_device);
}

int admin_registration_telephone(struct admin *a)
{
	struct official o;
	struct device device;
	int r;

	if (!may_change(a, &o, &r))
		return r;
	if (!admin_given(a, "device")) {
		r = new_telephone(a, &o, &device);
	} else {
		if (!find_telephone(a, o.id, &device, &r))
			return r;
		/* One that was never linked has nothing to lose. */
		if (device.has_secret && !is_free(a, o.id, device.id, &r))
			return r;
	}
	return r || admin_refused(a) ? r : admin_give_code(a, &device);
}

int admin_registration_withdraw_telephone(struct admin *a)
{
	struct official o;
	struct device device;
	int r;

	if (!may_change(a, &o, &r) || !find_telephone(a, o.id, &device, &r) ||
	    !is_free(a, o.id, device.id, &r))
		return r;
	r = device_delete(a->w->vault, device.id);
	if (r)
		return r;
	admin_changed(a, ENTRY_DELETED, "device", device.id, ID_NONE, vault_house_key(a->w->vault));
	json_id(&a->answer, "id", device.id);
	return 0;
}

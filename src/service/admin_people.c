/* Administration of officials and the people they trust. */
#include <errno.h>

#include "crypto/random.h"
#include "service/admin_parts.h"
#include "service/atlas.h"
#include "service/case.h"
#include "service/directory.h"
#include "service/official_json.h"
#include "store/holds.h"
#include "store/visits.h"

/* ---- officials ---- */

/* Whose file names no unit is of the one of their commune. */
static void unit_of_commune(struct admin *a, struct official *o)
{
	struct atlas_place place;

	if (atlas_commune(a->w->atlas, o->commune_code, &place) &&
	    directory_unit(a->w->directory, place.unit))
		o->unit = place.unit;
}

/* In whose file they are: that of the competent unit's force, which a choice may not contradict. A
 * unit of no force leaves it as it is said, or was. */
static bool choose_force(struct admin *a, struct official *o)
{
	enum force of_unit = directory_unit_force(a->w->directory, o->unit);
	enum force chosen = (enum force)admin_value(a, "force")->number;

	if (of_unit && chosen && chosen != of_unit)
		return admin_invalid(a, "force", "l’unité compétente est de l’autre force."), false;
	if (of_unit || chosen)
		o->force = of_unit ? of_unit : chosen;
	return true;
}

/* A number that stays keeps its kind, unless another is said. */
static void take_numbers(struct admin *a, struct official *o)
{
	const struct value *others = admin_value(a, "other_phones");
	struct official before = *o;

	if (!others->given)
		return;
	memcpy(o->others, others->list, sizeof(o->others));
	o->other_count = others->count;
	for (unsigned i = 0; i < OFFICIAL_MAX_NUMBERS; i++) {
		o->other_kinds[i] = NUMBER_ANY;
		for (unsigned j = 0; i < o->other_count && j < before.other_count; j++)
			if (str_eq(o->others[i], before.others[j]))
				o->other_kinds[i] = before.other_kinds[j];
	}
}

static bool take_kinds(struct admin *a, struct official *o)
{
	const struct value *kinds = admin_value(a, "other_kinds");

	if (!kinds->given)
		return true;
	if (kinds->count > o->other_count)
		return admin_invalid(a, "other_kinds", "il y a plus de sortes que de numéros."),
		       false;
	for (unsigned i = 0; i < o->other_count; i++) {
		o->other_kinds[i] = NUMBER_ANY;
		if (i < kinds->count)
			number_kind_parse(kinds->list[i], &o->other_kinds[i]);
	}
	return true;
}

static const char no_address[] = "l’adresse manque.";

bool admin_places_fit(struct admin *a, unsigned present)
{
	const struct value *places = admin_value(a, "places"),
			   *kinds = admin_value(a, "place_kinds"),
			   *notes = admin_value(a, "place_access");
	unsigned count = places->given ? places->count : present;
	char detail[64];

	for (unsigned i = 0; i < count || i < kinds->count || i < notes->count; i++) {
		if (i < count && (!places->given || places->list[i].len))
			continue;
		snprintf(detail, sizeof(detail), "adresse %u : %s", i + 1, no_address);
		return admin_invalid(a, "places", detail), false;
	}
	return true;
}

/* A place that stays keeps its kind and how to get in, unless others are said. */
static struct official_place place_at(struct str address, const struct official *before)
{
	struct official_place place = {PLACE_OTHER, address, STR("")};

	for (unsigned i = 0; i < before->place_count; i++)
		if (str_eq(address, before->places[i].address))
			return before->places[i];
	return place;
}

static bool take_places(struct admin *a, struct official *o)
{
	const struct value *places = admin_value(a, "places"),
			   *kinds = admin_value(a, "place_kinds"),
			   *notes = admin_value(a, "place_access");
	struct official before = *o;

	if (!admin_places_fit(a, o->place_count))
		return false;
	if (places->given)
		o->place_count = places->count;
	for (unsigned i = 0; i < o->place_count; i++) {
		struct official_place *place = &o->places[i];

		if (places->given)
			*place = place_at(places->list[i], &before);
		if (kinds->given)
			place_kind_parse(i < kinds->count ? kinds->list[i] : STR(""), &place->kind);
		if (notes->given)
			place->access = i < notes->count ? notes->list[i] : STR("");
	}
	return true;
}

static void take_mandates(struct admin *a, struct official *o)
{
	const struct value *mandates = admin_value(a, "other_mandates");

	if (!mandates->given)
		return;
	o->mandate_count = mandates->count;
	for (unsigned i = 0; i < mandates->count; i++)
		o->mandates[i] = mandates->list[i];
}

static bool apply_official(struct admin *a, struct official *o)
{
	const struct value *household = admin_value(a, "household");

	admin_take_id(a, "unit", &o->unit);
	admin_take(a, "name", &o->name);
	admin_take(a, "phone", &o->phone);
	admin_take(a, "mandate", &o->mandate);
	admin_take(a, "commune", &o->commune);
	admin_take(a, "commune_code", &o->commune_code);
	admin_take(a, "address", &o->address);
	admin_take(a, "access", &o->access);
	admin_take(a, "remarks", &o->remarks);
	admin_take(a, "reason", &o->reason);
	if (admin_given(a, "level"))
		o->level = (int)admin_value(a, "level")->number;
	if (household->given)
		o->household = household->text.len ? (int)household->number : -1;
	take_mandates(a, o);
	take_numbers(a, o);
	if (!take_kinds(a, o) || !take_places(a, o))
		return false;
	if (!o->name.len)
		return admin_invalid(a, "name", "valeur nécessaire."), false;
	if (!o->phone.len)
		return admin_invalid(a, "phone", "valeur nécessaire."), false;
	if (id_is_none(o->unit))
		unit_of_commune(a, o);
	if (id_is_none(o->unit))
		return admin_invalid(a, "unit",
				     "valeur nécessaire : aucune unité n'est dite compétente pour "
				     "cette commune."),
		       false;
	return choose_force(a, o);
}

int admin_official_add(struct admin *a)
{
	return admin_official_enter(a, STR_NONE);
}

int admin_official_enter(struct admin *a, struct str registered_mandate)
{
	struct official o = {.id = random_id_v7(a->w->now_ms),
			     .household = -1,
			     .registered_mandate = registered_mandate,
			     .created_at_ms = a->w->now_ms,
			     .version = 1};
	int r;

	if (!apply_official(a, &o) || !admin_term_fits(a))
		return 0;
	r = official_insert(a->w->vault, &o);
	if (!r)
		r = admin_term_begin(a, o.id);
	if (r)
		return r;
	admin_changed(a, ENTRY_CREATED, "official", o.id, ID_NONE, o.id);
	json_id(&a->answer, "id", o.id);
	official_force_json(&a->answer, a->w->directory, &o);
	return 0;
}

int admin_official_set(struct admin *a)
{
	return admin_official_change(a, admin_value(a, "official")->id);
}

int admin_official_change(struct admin *a, struct id official)
{
	struct official o;
	int r = official_load(a->w->vault, &a->c->arena, official, &o);

	if (r || !apply_official(a, &o))
		return r;
	r = official_update(a->w->vault, &o);
	if (r)
		return r;
	admin_changed(a, ENTRY_CHANGED, "official", o.id, ID_NONE, o.id);
	json_id(&a->answer, "id", o.id);
	return 0;
}

int admin_official_remove(struct admin *a)
{
	struct id official = admin_value(a, "official")->id;
	bool expected, held = false;
	int r = visits_expected(a->w->vault, official, ID_NONE, &expected);

	if (!r && expected)
		return admin_conflict(a, "Une visite annoncée de cet élu est en cours.");
	if (!r)
		r = hold_is_on(a->w->vault, official, &held);
	if (!r && held)
		return admin_conflict(a, "Ce dossier est retenu : levez d'abord la retenue.");
	if (!r)
		r = official_purge(a->w->vault, official);
	if (r == -ENOTEMPTY)
		return admin_conflict(
			a,
			"Une alerte de cet élu est ouverte : le dossier ne peut pas être détruit.");
	if (r)
		return r;
	admin_changed(a, ENTRY_DELETED, "official", official, ID_NONE,
		      vault_house_key(a->w->vault));
	json_id(&a->answer, "id", official);
	return 0;
}

static void write_summary(struct admin *a, const struct official *o)
{
	struct buf *b = &a->answer;

	json_id(b, "id", o->id);
	json_text(b, "name", o->name);
	json_filled(b, "mandate", o->mandate);
	json_filled(b, "commune", o->commune);
	json_text(b, "phone", o->phone);
	json_text(b, "unit", directory_unit_name(a->w->directory, o->unit));
}

struct page {
	struct admin *admin;
	struct id last;
	int count;
};

static int write_official(void *context, struct id id)
{
	struct page *page = context;
	struct admin *a = page->admin;
	struct official o;
	int r = official_load(a->w->vault, &a->c->arena, id, &o);

	if (r)
		return r;
	json_open(&a->answer, NULL, '{');
	write_summary(a, &o);
	json_close(&a->answer, '}');
	page->last = id;
	page->count++;
	return 0;
}

int admin_official_list(struct admin *a)
{
	struct page page = {.admin = a};
	int r;

	json_open(&a->answer, "officials", '[');
	r = officials_each(a->w->vault, admin_value(a, "after")->id, admin_limit(a), write_official,
			   &page);
	json_close(&a->answer, ']');
	admin_next(a, page.count, page.last);
	admin_was_read(a, "officials", ID_NONE);
	return r;
}

static void write_details(struct admin *a, const struct official *o)
{
	struct buf *b = &a->answer;

	write_summary(a, o);
	official_mandates_json(b, o);
	json_filled(b, "commune_code", o->commune_code);
	official_numbers_json(b, o);
	json_filled(b, "address", o->address);
	json_filled(b, "access", o->access);
	json_filled(b, "remarks", o->remarks);
	official_places_json(b, o, true);
	json_filled(b, "reason", o->reason);
	official_force_json(b, a->w->directory, o);
	json_number(b, "level", o->level, o->level > 0);
	json_number(b, "household", o->household, o->household >= 0);
}

static int write_contacts(struct admin *a, struct id official)
{
	struct contact *contacts;
	unsigned count = 0;
	int r = contacts_of(a->w->vault, &a->c->arena, official, &contacts, &count);

	json_open(&a->answer, "contacts", '[');
	for (unsigned i = 0; !r && i < count; i++)
		admin_write_contact(a, &contacts[i]);
	json_close(&a->answer, ']');
	return r;
}

static int write_device(void *context, const struct device *device)
{
	return admin_write_device(context, device);
}

int admin_official_show(struct admin *a)
{
	struct official o;
	int r = official_load(a->w->vault, &a->c->arena, admin_value(a, "official")->id, &o);

	if (r)
		return r;
	write_details(a, &o);
	r = write_contacts(a, o.id);
	if (r)
		return r;
	r = admin_write_hold(a, o.id);
	if (r)
		return r;
	json_open(&a->answer, "devices", '[');
	r = devices_of(a->w->vault, o.id, write_device, a);
	json_close(&a->answer, ']');
	admin_was_read(a, "official", o.id);
	return r;
}

/* ---- contacts ---- */

void admin_write_contact(struct admin *a, const struct contact *contact)
{
	struct buf *b = &a->answer;

	json_open(b, NULL, '{');
	json_id(b, "id", contact->id);
	json_int(b, "rank", contact->rank);
	json_text(b, "name", contact->name);
	json_filled(b, "relation", contact->relation);
	json_text(b, "phone", contact->phone);
	json_time(b, "accepted_at", contact->accepted_at_ms);
	json_close(b, '}');
}

/* The rank given, or the next one. Refuses what the official's contacts do not allow. */
static int rank_among(struct admin *a, const struct contact *contacts, unsigned count,
		      struct str phone, int *ret_rank)
{
	const struct value *rank = admin_value(a, "rank");
	int last = 0;

	if (rank->given && rank->text.len && !rank->number)
		return admin_invalid(a, "rank", "les rangs commencent à 1.");
	if (count == OFFICIAL_MAX_CONTACTS)
		return admin_conflict(a, "Cet élu a déjà six personnes de confiance.");
	for (unsigned i = 0; i < count; i++) {
		if (str_eq(contacts[i].phone, phone))
			return admin_invalid(
				a, "phone",
				"une personne de confiance de cet élu a déjà ce numéro.");
		if (contacts[i].rank == rank->number)
			return admin_invalid(a, "rank", "ce rang est déjà pris.");
		last = contacts[i].rank > last ? contacts[i].rank : last;
	}
	*ret_rank = rank->number ? (int)rank->number : last + 1;
	return 0;
}

static int add_contact(struct admin *a, int64_t accepted_at_ms)
{
	struct contact c = {.id = random_id_v7(a->w->now_ms),
			    .official = admin_value(a, "official")->id,
			    .accepted_at_ms = accepted_at_ms,
			    .version = 1};
	struct contact *contacts;
	unsigned count;
	int r = contacts_of(a->w->vault, &a->c->arena, c.official, &contacts, &count);

	admin_take(a, "name", &c.name);
	admin_take(a, "relation", &c.relation);
	admin_take(a, "phone", &c.phone);
	if (!r)
		r = rank_among(a, contacts, count, c.phone, &c.rank);
	if (r || admin_refused(a))
		return r;
	r = contact_insert(a->w->vault, &c);
	if (r)
		return r;
	admin_changed(a, ENTRY_CREATED, "contact", c.official, c.id, c.official);
	json_id(&a->answer, "id", c.id);
	json_int(&a->answer, "rank", c.rank);
	return 0;
}

int admin_contact_add(struct admin *a)
{
	return add_contact(a, a->w->now_ms);
}

int admin_contact_invite(struct admin *a)
{
	return add_contact(a, TIME_NONE);
}

static int finish_contact(struct admin *a, enum entry_kind kind, const struct contact *c)
{
	admin_changed(a, kind, "contact", c->official, c->id, c->official);
	json_id(&a->answer, "id", c->id);
	return 0;
}

int admin_contact_accept(struct admin *a)
{
	struct contact c;
	int r = contact_load(a->w->vault, &a->c->arena, admin_value(a, "contact")->id, &c);

	if (r)
		return r;
	if (c.accepted_at_ms != TIME_NONE)
		return admin_conflict(a, "L'accord de cette personne est déjà enregistré.");
	c.accepted_at_ms = a->w->now_ms;
	r = contact_update(a->w->vault, &c);
	return r ? r : finish_contact(a, ENTRY_CHANGED, &c);
}

int admin_contact_remove(struct admin *a)
{
	struct contact c;
	int r = contact_load(a->w->vault, &a->c->arena, admin_value(a, "contact")->id, &c);

	if (!r)
		r = cases_drop_contact(a->w, a->c, c.official, c.id);
	if (!r)
		r = contact_delete(a->w->vault, c.id);
	return r ? r : finish_contact(a, ENTRY_DELETED, &c);
}

int admin_contact_list(struct admin *a)
{
	struct id official = admin_value(a, "official")->id;
	int r = write_contacts(a, official);

	admin_was_read(a, "contacts", official);
	return r;
}

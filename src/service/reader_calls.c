/*
 * Answers about calls to 17. Whose call it is, and the file of « Alarme élu », are for who has
 * taken it, and for the chief of the room; each reading has its line in the journal before it is
 * given.
 */
#include <errno.h>

#include "base/limits.h"
#include "base/phone.h"
#include "core/access.h"
#include "service/atlas.h"
#include "service/call_card.h"
#include "service/executor.h"
#include "service/json.h"
#include "service/official_json.h"
#include "service/people_index.h"
#include "service/problem.h"
#include "service/reader_private.h"
#include "store/emergency_calls.h"
#include "store/journal.h"
#include "store/people.h"

enum { HISTORY_SHOWN = 10, ALERTS_OPEN_SHOWN = 8, CALLS_OF_ONE_SHOWN = 8 };

static const char not_found[] = "Cet appel n'existe pas, ou n'est pas visible de votre salle.";

static enum relation relation_of(const struct session_account *who, const struct emergency_call *c)
{
	return id_eq(who->room, c->room) ? RELATION_ROOM : RELATION_NONE;
}

/* --- the list, beside the open alerts */

struct listing {
	struct reader *reader;
	struct arena *arena;
	const struct session_account *who;
	struct buf *out;
};

static int add_call(void *context, struct id id)
{
	struct listing *l = context;
	struct emergency_call c;
	struct call_face face;
	int error = emergency_call_load(l->reader->vault, l->arena, id, &c, &face);

	if (error)
		return reader_pass_over(error, "call", id);
	json_open(l->out, NULL, '{');
	call_members(l->out, &c, &face, l->reader->directory);
	json_close(l->out, '}');
	return 0;
}

int calls_json(struct reader *r, struct arena *arena, const struct session_account *who,
	       struct buf *b)
{
	struct listing l = {r, arena, who, b};
	int error = 0;

	json_open(b, "calls", '[');
	/* Those of one room, however many the others have; egidectl has none. */
	if (who && access_allows(who->roles, RIGHT_CALL_READ, RELATION_ROOM))
		error = emergency_calls_open(r->vault, who->room, LIMIT_OPEN_CALLS, add_call, &l);
	json_close(b, ']');
	return error;
}

/* --- beside an alert: its person calls */

struct calling {
	struct reader *reader;
	struct arena *arena;
	const struct session_account *who;
	struct id official;
	struct buf *out;
	struct id said[CALLS_OF_ONE_SHOWN];
	unsigned count;
};

static bool was_said(const struct calling *x, struct id call)
{
	for (unsigned i = 0; i < x->count; i++)
		if (id_eq(x->said[i], call))
			return true;
	return false;
}

/* Who has it may have found that it is somebody else at that telephone. */
static int add_calling(void *context, struct id id)
{
	struct calling *x = context;
	struct emergency_call c;
	int error = emergency_call_load(x->reader->vault, x->arena, id, &c, NULL);
	bool known;

	if (error)
		return reader_pass_over(error, "call", id);
	known = id_eq(c.official, x->official);
	if (x->count == CALLS_OF_ONE_SHOWN || was_said(x, id) ||
	    (!known && !id_is_none(c.official)) ||
	    !access_allows(x->who->roles, RIGHT_CALL_READ, relation_of(x->who, &c)))
		return 0;
	x->said[x->count++] = id;
	json_open(x->out, NULL, '{');
	json_id(x->out, "id", id);
	json_bool(x->out, "identified", known);
	json_close(x->out, '}');
	return 0;
}

static int add_calling_from(struct calling *x, struct str number)
{
	char e164[PHONE_SIZE];

	if (phone_parse(number, e164))
		return 0;
	return emergency_calls_from(x->reader->vault, str_from(e164), CALLS_OF_ONE_SHOWN,
				    add_calling, x);
}

int calls_of_json(struct reader *r, struct arena *arena, const struct session_account *who,
		  const struct official *official, struct buf *b)
{
	struct calling x = {
		.reader = r, .arena = arena, .who = who, .official = official->id, .out = b};
	int error = 0;

	json_open(b, "calls", '[');
	if (who && !id_is_none(official->id)) {
		error = emergency_calls_of(r->vault, official->id, CALLS_OF_ONE_SHOWN, add_calling,
					   &x);
		/* Nobody has taken it yet: whose number it is, this file says. */
		if (!error)
			error = add_calling_from(&x, official->phone);
		for (unsigned i = 0; !error && i < official->other_count; i++)
			error = add_calling_from(&x, official->others[i]);
	}
	json_close(b, ']');
	return error;
}

/* --- who calls */

static void summary_members(struct buf *b, const struct official *o)
{
	json_id(b, "id", o->id);
	json_text(b, "name", o->name);
	json_text(b, "mandate", o->mandate.len ? o->mandate : STR(""));
	json_text(b, "commune", o->commune.len ? o->commune : STR(""));
}

static int summaries(struct reader *r, struct arena *arena, const struct id *ids, unsigned count,
		     struct buf *b)
{
	int error = 0;

	for (unsigned i = 0; !error && i < count; i++) {
		struct official o;

		error = official_load(r->vault, arena, ids[i], &o);
		if (error)
			break;
		json_open(b, NULL, '{');
		summary_members(b, &o);
		json_close(b, '}');
	}
	return error;
}

static void phones_json(struct buf *b, const struct official *o)
{
	json_open(b, "phones", '[');
	json_text(b, NULL, o->phone);
	for (unsigned i = 0; i < o->other_count; i++)
		json_text(b, NULL, o->others[i]);
	json_close(b, ']');
	/* The first one is the main number: of its holder. */
	json_open(b, "phone_kinds", '[');
	json_word(b, NULL, "main");
	for (unsigned i = 0; i < o->other_count; i++)
		json_word(b, NULL, number_kind_name(o->other_kinds[i]));
	json_close(b, ']');
}

static int contacts_json(struct reader *r, struct arena *arena, struct id official, struct buf *b)
{
	struct contact *contacts;
	unsigned count = 0;
	int error = contacts_of(r->vault, arena, official, &contacts, &count);

	json_open(b, "contacts", '[');
	for (unsigned i = 0; !error && i < count; i++) {
		if (contacts[i].accepted_at_ms == TIME_NONE)
			continue;
		json_open(b, NULL, '{');
		json_text(b, "name", contacts[i].name);
		json_filled(b, "relation", contacts[i].relation);
		json_text(b, "phone", contacts[i].phone);
		json_close(b, '}');
	}
	json_close(b, ']');
	return error;
}

struct devices {
	struct reader *reader;
	const struct device_presence *presence;
	struct buf *out;
};

static int add_device(void *context, const struct device *device)
{
	struct devices *d = context;
	struct device_last last = {.heard_at_ms = TIME_NONE, .battery_percent = -1};
	int error;

	if (!device->enabled)
		return 0;
	error = device_last_load(d->reader->vault, device->id, &last);
	if (error && error != -ENOENT)
		return error;
	json_open(d->out, NULL, '{');
	json_id(d->out, "id", device->id);
	json_word(d->out, "label", device->label);
	json_word(d->out, "kind", protocol_name((enum protocol)device->protocol));
	json_bool(d->out, "connected", presence_has(d->presence, device->id));
	json_time(d->out, "heard_at", last.heard_at_ms);
	if (last.has_fix)
		fix_json(d->out, "fix", &last.fix, 0);
	else
		json_nothing(d->out, "fix");
	json_close(d->out, '}');
	return 0;
}

/* An open one of another room is said; it is joined by who sees it. */
static int add_alert(void *context, struct id id)
{
	struct listing *l = context;
	struct alert a;
	int error = alert_load(l->reader->vault, l->arena, id, &a, NULL);

	if (error)
		return error;
	json_open(l->out, NULL, '{');
	json_id(l->out, "id", a.id);
	json_int(l->out, "ref", a.ref);
	json_word(l->out, "state", alert_state_name(a.state));
	json_time(l->out, "raised_at", a.raised_at_ms);
	json_bool(l->out, "test", a.test);
	json_text(l->out, "outcome",
		  a.outcome ? str_from(alert_outcome_name(a.outcome)) : STR_NONE);
	json_bool(l->out, "ours", alert_shown_to(&a, l->who->room));
	json_close(l->out, '}');
	return 0;
}

static int alerts_json(struct reader *r, struct arena *arena, const struct session_account *who,
		       struct id official, struct buf *b)
{
	struct listing l = {r, arena, who, b};
	int error;

	json_open(b, "alerts", '[');
	error = alerts_open_of_official(r->vault, official, ALERTS_OPEN_SHOWN, add_alert, &l);
	json_close(b, ']');
	json_open(b, "history", '[');
	if (!error)
		error = alerts_closed_of_official(r->vault, official, HISTORY_SHOWN, add_alert, &l);
	json_close(b, ']');
	return error;
}

static int person_json(struct reader *r, struct arena *arena, const struct session_account *who,
		       const struct question *question, struct id official, struct buf *b)
{
	struct devices devices = {r, question->presence, b};
	struct official o;
	int error = official_load(r->vault, arena, official, &o);

	if (error)
		return error;
	json_open(b, "person", '{');
	summary_members(b, &o);
	official_mandates_json(b, &o);
	official_force_json(b, r->directory, &o);
	unit_json(b, "unit", r->directory, o.unit);
	phones_json(b, &o);
	json_filled(b, "address", o.address);
	official_places_json(b, &o, true);
	json_filled(b, "reason", o.reason);
	json_number(b, "level", o.level, o.level > 0);
	json_filled(b, "access", o.access);
	json_filled(b, "remarks", o.remarks);
	json_number(b, "household", o.household, o.household >= 0);
	error = contacts_json(r, arena, o.id, b);
	json_open(b, "devices", '[');
	if (!error)
		error = devices_of(r->vault, o.id, add_device, &devices);
	json_close(b, ']');
	if (!error)
		error = alerts_json(r, arena, who, o.id, b);
	json_close(b, '}');
	return error;
}

/* Where this number rings, in the file of one who has it. */
static const char *kind_of_number(const struct official *o, struct str e164)
{
	for (unsigned i = 0; i < o->other_count; i++)
		if (str_eq(o->others[i], e164))
			return number_kind_name(o->other_kinds[i]);
	return "main";
}

static int candidate_json(struct reader *r, struct arena *arena, struct id id, struct str e164,
			  struct buf *b)
{
	struct id open = ID_NONE;
	struct official o;
	int error = official_load(r->vault, arena, id, &o);

	if (!error)
		error = alert_open_of_official(r->vault, id, &open);
	if (error)
		return error;
	json_open(b, NULL, '{');
	summary_members(b, &o);
	json_word(b, "number_kind", kind_of_number(&o, e164));
	json_number(b, "level", o.level, o.level > 0);
	unit_json(b, "unit", r->directory, o.unit);
	json_bool(b, "has_alert", !id_is_none(open));
	json_close(b, '}');
	return 0;
}

/* Several have this number: who holds the call asks which one it is. */
static int candidates_json(struct reader *r, struct arena *arena, struct str number, struct buf *b,
			   struct answer *ret_answer)
{
	struct id *ids = arena_alloc(arena, LIMIT_CALL_MATCHES * sizeof(*ids));
	char e164[PHONE_SIZE];
	unsigned count = 0;
	int error = phone_parse(number, e164) ? 0
					      : officials_by_number(r->vault, str_from(e164), ids,
								    LIMIT_CALL_MATCHES, &count);

	for (unsigned i = 0; !error && i < count; i++)
		error = candidate_json(r, arena, ids[i], str_from(e164), b);
	ret_answer->also = ids;
	ret_answer->also_count = count;
	return error;
}

/* Where the telephone is, for the police: who is competent there, whoever's file it is. */
static void fix_members(struct reader *r, const struct stored_fix *fix, struct buf *b)
{
	struct atlas_place place;
	bool found = fix && atlas_at(r->atlas, fix->lat_e7, fix->lon_e7, &place);

	if (fix)
		fix_json(b, "fix", fix, 0);
	else
		json_nothing(b, "fix");
	atlas_json(b, "territory", r->directory, found ? &place : NULL);
}

/* Who has the call, and their chief. Nobody has one that is over. */
static bool has(const struct session_account *who, const struct emergency_call *c)
{
	if (c->closed_at_ms != TIME_NONE || id_is_none(c->claimed_by))
		return false;
	return id_eq(c->claimed_by, who->id) ||
	       access_allows(who->roles, RIGHT_CALL_HANDLE_OTHERS, relation_of(who, c));
}

static int file_members(struct reader *r, struct arena *arena, const struct session_account *who,
			const struct question *question, const struct emergency_call *c,
			const struct call_face *face, struct buf *b, struct answer *ret_answer)
{
	bool holds = has(who, c);
	bool known = holds && !id_is_none(c->official), by_number = false;
	struct stored_fix fix;
	int error = holds ? emergency_call_fix(r->vault, c->id, &fix) : -ENOENT;

	json_bool(b, "holds", holds);
	json_filled(b, "place", holds ? face->place : STR_NONE);
	fix_members(r, error ? NULL : &fix, b);
	error = error == -ENOENT ? 0 : error;
	if (!error && known)
		error = call_is_from(r->vault, face->number, c->official, &by_number);
	if (!error && known) {
		ret_answer->subject = c->official;
		ret_answer->looked_for = !by_number;
		error = person_json(r, arena, who, question, c->official, b);
	}
	/* None, or one who has left the registry meanwhile. */
	if (!known || error == -ENOENT)
		json_nothing(b, "person");
	error = error == -ENOENT ? 0 : error;
	json_open(b, "candidates", '[');
	if (!error && holds && !known && c->matches > 1)
		error = candidates_json(r, arena, face->number, b, ret_answer);
	json_close(b, ']');
	return error;
}

int reader_call(struct reader *r, struct arena *arena, const struct session_account *who,
		int64_t now_ms, const struct question *question, struct answer *ret_answer)
{
	struct buf b = BUF_INIT;
	struct emergency_call c;
	struct call_face face;
	int error = reader_refresh(r);

	if (!error)
		error = emergency_call_load(r->vault, arena, question->subject, &c, &face);
	if (error == -ENOENT ||
	    (!error && !access_allows(who->roles, RIGHT_CALL_READ, relation_of(who, &c))))
		return reader_refuse(ret_answer, PROBLEM_NOT_FOUND, not_found);
	if (error)
		return error;
	ret_answer->subject = c.id;
	ret_answer->call = c.id;
	buf_add_byte(&b, '{');
	call_members(&b, &c, &face, r->directory);
	error = file_members(r, arena, who, question, &c, &face, &b, ret_answer);
	json_close(&b, '}');
	return reader_end(arena, &b, error, ret_answer);
}

/* --- a number that says nothing: by name, commune or address */

int people_json(struct reader *r, struct arena *arena, struct str words, struct buf *b,
		struct answer *ret_answer)
{
	struct id *ids = arena_alloc(arena, LIMIT_SEARCH_RESULTS * sizeof(*ids));
	unsigned count = 0;
	int error;

	if (!r->people)
		r->people = people_index_new();
	error = people_index_search(r->people, r->vault, &(struct people_wanted){words, false}, ids,
				    LIMIT_SEARCH_RESULTS, &count);
	json_open(b, "people", '[');
	if (!error)
		error = summaries(r, arena, ids, count, b);
	json_close(b, ']');
	json_bool(b, "more", count == LIMIT_SEARCH_RESULTS);
	ret_answer->also = ids;
	ret_answer->also_count = count;
	return error;
}

int reader_call_search(struct reader *r, struct arena *arena, const struct session_account *who,
		       int64_t now_ms, const struct question *question, struct answer *ret_answer)
{
	struct buf b = BUF_INIT;
	struct emergency_call c;
	int error = reader_refresh(r);

	if (!error)
		error = emergency_call_load(r->vault, arena, question->subject, &c, NULL);
	if (error == -ENOENT ||
	    (!error && !access_allows(who->roles, RIGHT_CALL_READ, relation_of(who, &c))))
		return reader_refuse(ret_answer, PROBLEM_NOT_FOUND, not_found);
	if (error)
		return error;
	/* Nobody leafs through the registry: it is open to who has a call, for that call. */
	if (c.closed_at_ms != TIME_NONE)
		return reader_refuse(ret_answer, PROBLEM_CONFLICT, "Cet appel est terminé.");
	if (id_is_none(c.claimed_by))
		return reader_refuse(ret_answer, PROBLEM_CONFLICT, "Prenez d'abord cet appel.");
	if (!id_eq(c.claimed_by, who->id)) {
		ret_answer->problem = PROBLEM_CONFLICT;
		ret_answer->detail = call_taken(arena, r->directory, c.claimed_by);
		return 0;
	}
	if (!people_search_is_enough(question->text))
		return reader_refuse(ret_answer, PROBLEM_INVALID,
				     "Trois lettres au moins : nom, commune ou adresse.");
	ret_answer->subject = c.id;
	ret_answer->call = c.id;
	buf_add_byte(&b, '{');
	error = people_json(r, arena, question->text, &b, ret_answer);
	json_close(&b, '}');
	return reader_end(arena, &b, error, ret_answer);
}

/* --- for consoles that come back */

int reader_call_entry(struct reader *r, struct arena *arena, const struct entry *e,
		      struct publication_source *source, struct id *ret_room)
{
	struct answer answer = {0};
	struct buf b = BUF_INIT;
	struct emergency_call c;
	struct call_face face;
	int error = emergency_call_load(r->vault, arena, e->subject, &c, &face);

	if (error)
		return error;
	buf_add_byte(&b, '{');
	call_members(&b, &c, &face, r->directory);
	json_close(&b, '}');
	reader_answer(arena, &b, &answer);
	source->card = answer.json;
	if (e->actor_kind == ACTOR_ACCOUNT)
		source->actor_name = directory_account_name(r->directory, e->actor);
	*ret_room = c.room;
	source->rooms = ret_room;
	source->room_count = !id_is_none(c.room);
	return 0;
}

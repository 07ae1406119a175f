/*
 * An official's own file as they see it: what it holds and on what ground, who looked at it, the
 * copy they take away. Each is a line of the journal.
 */
#include "service/official_json.h"
#include "service/own.h"

#include <errno.h>
#include <jansson.h>

#include "core/access.h"
#include "service/directory.h"
#include "store/alerts.h"
#include "store/drafts.h"
#include "store/terms.h"

/* Lines looked through at once, and for one page: calls for help wait meanwhile. */
enum { READINGS_SHOWN = 20, READINGS_COPIED = 1000, LOOKED_THROUGH = 200, TURNS = 25 };

#define DAY_MS INT64_C(86400000)

/* --- what the file holds */

static void write_fields(struct admin *a, const struct official *o, bool sheet)
{
	struct buf *b = &a->answer;

	json_open(b, "file", '{');
	json_text(b, "name", o->name);
	json_filled(b, "mandate", o->mandate);
	official_mandates_json(b, o);
	json_filled(b, "commune", o->commune);
	json_filled(b, "commune_code", o->commune_code);
	json_text(b, "phone", o->phone);
	official_numbers_json(b, o);
	json_filled(b, "address", o->address);
	official_places_json(b, o, sheet);
	json_number(b, "household", o->household, o->household >= 0);
	json_filled(b, "reason", o->reason);
	json_number(b, "level", o->level, o->level > 0);
	json_filled(b, "access", sheet ? o->access : STR_NONE);
	json_filled(b, "remarks", sheet ? o->remarks : STR_NONE);
	official_force_json(b, a->w->directory, o);
	json_text(b, "unit", directory_unit_name(a->w->directory, o->unit));
	json_time(b, "registered_at", o->created_at_ms);
	json_close(b, '}');
}

static int write_contacts(struct admin *a, struct id official, bool sheet)
{
	struct contact *contacts = NULL;
	unsigned count = 0;
	int r = sheet ? contacts_of(a->w->vault, &a->c->arena, official, &contacts, &count) : 0;

	json_open(&a->answer, "contacts", '[');
	for (unsigned i = 0; !r && i < count; i++) {
		json_open(&a->answer, NULL, '{');
		json_text(&a->answer, "name", contacts[i].name);
		json_filled(&a->answer, "relation", contacts[i].relation);
		json_text(&a->answer, "phone", contacts[i].phone);
		json_bool(&a->answer, "agreed", contacts[i].accepted_at_ms != TIME_NONE);
		json_close(&a->answer, '}');
	}
	json_close(&a->answer, ']');
	return r;
}

static int write_device(void *context, const struct device *device)
{
	struct admin *a = context;

	json_open(&a->answer, NULL, '{');
	json_word(&a->answer, "label", device->label);
	json_word(&a->answer, "kind", protocol_name((enum protocol)device->protocol));
	json_bool(&a->answer, "in_service", device->enabled);
	json_bool(&a->answer, "sound", !device->no_sound);
	json_close(&a->answer, '}');
	return 0;
}

static int write_devices(struct admin *a, struct id official)
{
	int r;

	json_open(&a->answer, "devices", '[');
	r = devices_of(a->w->vault, official, write_device, a);
	json_close(&a->answer, ']');
	return r;
}

/* How long it lasts; whether they are asked if they want it still, as by an SMS. */
static int write_term(struct admin *a, struct id official)
{
	struct buf *b = &a->answer;
	enum term_why why;
	struct term t;
	int r = term_load(a->w->vault, official, &t);

	if (r)
		return r;
	term_last_day(&t, &why);
	json_open(b, "term", '{');
	json_day(b, "until", t.until);
	json_day(b, "mandate_until", t.mandate_until);
	json_day(b, "ends", term_in_force_until(&t));
	json_word(b, "why", term_why_name(why));
	json_day(b, "confirmed", t.confirmed);
	json_day(b, "confirm_on", term_notice_day(&t, NOTICE_CONFIRM));
	json_bool(b, "asked",
		  t.answer == ANSWER_NONE &&
			  (t.warned != DAY_NONE || t.said & 1u << NOTICE_CONFIRM));
	json_close(b, '}');
	return 0;
}

/* Everything of the file itself; a sheet that is being taken out is shown no more. */
static int write_file(struct admin *a, const struct official *o, const struct own_wish *wish)
{
	bool sheet = wish->withdraw_at_ms == TIME_NONE;
	int r;

	write_fields(a, o, sheet);
	r = write_contacts(a, o->id, sheet);
	if (!r)
		r = write_term(a, o->id);
	return r ? r : write_devices(a, o->id);
}

static int write_correction(struct admin *a, struct id official)
{
	struct draft_file d;
	struct id draft;
	int r = draft_of_official(a->w->vault, official, &draft);

	if (!r)
		r = draft_load(a->w->vault, &a->c->arena, draft, a->w->now_ms, &d);
	if (r == -ENOENT) {
		json_nothing(&a->answer, "correction");
		return 0;
	}
	if (r)
		return r;
	json_open(&a->answer, "correction", '{');
	json_time(&a->answer, "changed_at", d.changed_at_ms);
	json_raw(&a->answer, "fields", d.body.len ? d.body : STR("{}"));
	json_close(&a->answer, '}');
	return 0;
}

static void write_leaving(struct admin *a, const struct own_wish *wish)
{
	if (wish->leave_at_ms == TIME_NONE) {
		json_nothing(&a->answer, "leaving");
		return;
	}
	json_open(&a->answer, "leaving", '{');
	json_time(&a->answer, "asked_at", wish->leave_at_ms);
	json_time(&a->answer, "not_before", wish->leave_at_ms + OWN_LEAVE_DAYS * DAY_MS);
	json_close(&a->answer, '}');
}

static int load(struct admin *a, struct id official, struct official *ret_official,
		struct own_wish *ret_wish)
{
	int r = official_load(a->w->vault, &a->c->arena, official, ret_official);

	return r ? r : own_wish_load(a->w->vault, official, ret_wish);
}

int admin_own_show(struct admin *a)
{
	struct own_wish wish;
	struct official o;
	struct id official;
	int r;

	if (!own_enter(a, &official, &r))
		return r;
	r = load(a, official, &o, &wish);
	if (!r)
		r = write_file(a, &o, &wish);
	if (!r)
		r = write_correction(a, official);
	if (r)
		return r;
	write_leaving(a, &wish);
	json_bool(&a->answer, "consent_sheet", a->w->options->consent_sheet);
	admin_was_read(a, "own.file", official);
	return 0;
}

/* --- who looked at it */

struct readings {
	struct admin *admin;
	int count, most, seen;
	int64_t hidden_from_ms; /* an alert of theirs runs since: nothing may show it (I6) */
	int64_t last;
	struct id account; /* of the line before: most are of few people */
	uint32_t roles;
	struct id room;
};

/* What somebody did to a file, in the page's own words; NULL: nothing an official asks after. */
static const char *deed_of(const struct entry *e)
{
	switch ((int)e->kind) {
	case ENTRY_READ:
		return "read";
	case ENTRY_EXPORTED:
		return "copied";
	case ENTRY_CREATED:
		return "created";
	case ENTRY_CHANGED:
		return "changed";
	case ENTRY_DELETED:
		return "deleted";
	case ENTRY_LOGIN:
		return "opened";
	case ENTRY_LOGIN_REFUSED:
		return "refused";
	default:
		return NULL;
	}
}

/* Which group of people, and where they serve: never who. */
static int write_who(struct readings *s, const struct entry *e)
{
	struct admin *a = s->admin;
	struct buf *b = &a->answer;
	struct str service = STR_NONE;
	char roles[64] = "";

	if (e->actor_kind == ACTOR_ACCOUNT && !id_eq(s->account, e->actor)) {
		struct account account = {.roles = 0};
		int r = account_load(a->w->vault, e->actor, &account);

		s->account = e->actor;
		s->roles = r ? 0 : account.roles;
		s->room = r ? ID_NONE : account.room;
		wipe(&account, sizeof(account));
		if (r && r != -ENOENT)
			return r;
	}
	if (e->actor_kind == ACTOR_ACCOUNT) {
		roles_print(s->roles, roles);
		service = directory_unit_name(a->w->directory, s->room);
	}
	json_word(b, "by", actor_kind_name(e->actor_kind));
	json_word(b, "roles", roles);
	json_filled(b, "service", service);
	return 0;
}

/* Which kind of thing, of those bodies that say it. */
static struct str what_of(struct admin *a, struct str body)
{
	json_t *parsed = body.len ? json_loadb(body.ptr, body.len, 0, NULL) : NULL;
	const char *what = json_string_value(json_object_get(parsed, "what"));
	struct str kept = what ? command_keep(a->c, str_from(what)) : STR_NONE;

	json_decref(parsed);
	return kept;
}

/* What they read themselves would hide the others; that their file was opened is shown. */
static bool is_own_reading(const struct entry *e)
{
	return e->kind == ENTRY_READ && e->actor_kind == ACTOR_OFFICIAL;
}

static int add_reading(void *context, const struct entry *e)
{
	struct readings *s = context;
	struct buf *b = &s->admin->answer;
	const char *deed = deed_of(e);
	int r;

	if (s->count == s->most)
		return 0;
	s->seen++;
	s->last = e->number;
	if (!deed || is_own_reading(e) || e->at_ms >= s->hidden_from_ms)
		return 0;
	s->count++;
	json_open(b, NULL, '{');
	json_int(b, "number", e->number);
	json_time(b, "at", e->at_ms);
	json_word(b, "deed", deed);
	json_filled(b, "what", what_of(s->admin, e->body));
	json_bool(b, "in_alert", !id_eq(e->subject, s->admin->c->actor.id));
	r = write_who(s, e);
	json_close(b, '}');
	return r;
}

static int hidden_from(struct admin *a, struct id official, int64_t *ret_ms)
{
	struct alert *alert = arena_alloc(a->w->arena, sizeof(*alert));
	struct id open;
	int r = alert_open_of_official(a->w->vault, official, &open);

	*ret_ms = INT64_MAX;
	if (!r && !id_is_none(open)) {
		r = alert_load(a->w->vault, a->w->arena, open, alert, NULL);
		if (!r)
			*ret_ms = alert->raised_at_ms;
	}
	return r;
}

/* Lines before that number, newest first; *ret_next: where the next page begins, 0 at the end. A
 * page may have none. */
static int write_readings(struct admin *a, struct id official, int64_t before, int most,
			  int64_t *ret_next)
{
	struct readings s = {.admin = a, .most = most, .last = before};
	int r = hidden_from(a, official, &s.hidden_from_ms), turns = 0;

	json_open(&a->answer, "lines", '[');
	do {
		s.seen = 0;
		r = r ? r
		      : journal_of_official(a->w->vault, official, s.last, LOOKED_THROUGH,
					    add_reading, &s);
	} while (!r && s.count < s.most && s.seen == LOOKED_THROUGH && ++turns < TURNS);
	json_close(&a->answer, ']');
	*ret_next = s.count == s.most || turns == TURNS ? s.last : 0;
	return r;
}

static void write_next(struct admin *a, int64_t next)
{
	if (next)
		json_int(&a->answer, "next", next);
	else
		json_nothing(&a->answer, "next");
}

int admin_own_readings(struct admin *a)
{
	const struct value *before = admin_value(a, "before");
	struct id official;
	int64_t next;
	int r;

	if (!own_enter(a, &official, &r))
		return r;
	r = write_readings(a, official, before->number ? before->number : INT64_MAX, READINGS_SHOWN,
			   &next);
	if (r)
		return r;
	write_next(a, next);
	admin_was_read(a, "own.readings", official);
	return 0;
}

/* --- the copy */

/* Each field, and what it is taken on (docs/protocol/registration.md). */
static void write_grounds(struct admin *a, const struct official *o)
{
	static const struct {
		const char *fields, *ground;
	} grounds[] = {
		{"name, mandate, other_mandates", "R. 236-39, 2° b"},
		{"phone, other_phones", "R. 236-39, 2° c"},
		{"address, places, commune, commune_code", "R. 236-39, 2° c"},
		{"household", "R. 236-39, 2° d"},
		{"reason", "R. 236-39, 2° a"},
	};
	bool police = official_force(a->w->directory, o) == FORCE_POLICE;

	json_open(&a->answer, "grounds", '[');
	for (size_t i = 0; i < ARRAY_LEN(grounds); i++) {
		json_open(&a->answer, NULL, '{');
		json_word(&a->answer, "fields", grounds[i].fields);
		json_word(&a->answer, "ground",
			  police ? "PEGASE II, décret 2024-155" : grounds[i].ground);
		json_close(&a->answer, '}');
	}
	json_open(&a->answer, NULL, '{');
	json_word(&a->answer, "fields", "access, places.access, remarks, contacts");
	json_word(&a->answer, "ground", "votre accord, que vous pouvez retirer");
	json_close(&a->answer, '}');
	json_close(&a->answer, ']');
}

int admin_own_copy(struct admin *a)
{
	struct own_wish wish;
	struct official o;
	struct id official;
	int64_t next;
	int r;

	if (!own_enter(a, &official, &r))
		return r;
	r = load(a, official, &o, &wish);
	json_word(&a->answer, "format", "egide-file/1");
	json_time(&a->answer, "made_at", a->w->now_ms);
	if (!r)
		r = write_file(a, &o, &wish);
	if (r)
		return r;
	write_grounds(a, &o);
	r = write_readings(a, official, INT64_MAX, READINGS_COPIED, &next);
	if (r)
		return r;
	json_bool(&a->answer, "lines_are_all", !next);
	work_entry(a->w, a->c, ENTRY_EXPORTED, official, ID_NONE, official,
		   work_one_text(a->w, "what", STR("own.copy")));
	a->c->outcome.subject = official;
	return 0;
}

/* Answers about alerts: the list, one whole, its trail. Shapes: docs/protocol/api.md. */
#include <errno.h>

#include "core/access.h"
#include "service/hold_json.h"
#include "service/json.h"
#include "service/keeping.h"
#include "service/official_json.h"
#include "service/problem.h"
#include "service/reader_private.h"
#include "store/clips.h"
#include "store/journal.h"
#include "store/outbox.h"
#include "store/people.h"
#include "store/unverified.h"

enum {
	UNVERIFIED_SHOWN_MS = 24 * 3600 * 1000,
	UNVERIFIED_SHOWN = 50,
	HISTORY_SHOWN = 10,
	TIMELINE_SHOWN = 500,
	MESSAGES_SHOWN = 50,
	FAMILY_SHOWN = 64, /* twice as many as can be under one */
};

static bool sees(const struct session_account *who, const struct alert *alert)
{
	return !who ||
	       access_allows(who->roles, RIGHT_ALERT_READ,
			     alert_shown_to(alert, who->room) ? RELATION_ROOM : RELATION_NONE);
}

/* --- the list */

struct listing {
	struct reader *reader;
	struct arena *arena;
	const struct session_account *who;
	int64_t now_ms;
	struct buf *out;
	int left;
};

static int add_card(void *context, struct id id)
{
	struct listing *l = context;
	struct card_facts facts;
	struct loaded loaded;
	int error = reader_load(l->reader, l->arena, id, &loaded);

	if (error)
		return reader_pass_over(error, "alert", id);
	if (!sees(l->who, &loaded.alert))
		return 0;
	facts = reader_facts(l->reader, &loaded, l->now_ms);
	json_open(l->out, NULL, '{');
	card_members(l->out, &facts);
	json_close(l->out, '}');
	return --l->left > 0 ? 0 : 1;
}

static int lane_json(struct reader *r, struct arena *arena, const char *key, int64_t now_ms,
		     struct buf *b)
{
	struct unverified *list;
	size_t count;
	int error = unverified_list(r->vault, arena, now_ms - UNVERIFIED_SHOWN_MS, UNVERIFIED_SHOWN,
				    &list, &count);

	if (error)
		return error;
	json_open(b, key, '[');
	for (size_t i = 0; i < count; i++) {
		const struct unverified *u = &list[i];

		json_open(b, NULL, '{');
		json_id(b, "id", u->id);
		json_word(b, "protocol", protocol_name((enum protocol)u->protocol));
		json_text(b, "device", u->ident);
		json_text(b, "source", u->source);
		json_int(b, "frames", u->frames);
		json_bool(b, "sos", u->sos);
		json_time(b, "first_at", u->first_at_ms);
		json_time(b, "last_at", u->last_at_ms);
		if (u->has_fix)
			fix_json(b, "fix", &u->fix, 0);
		else
			json_nothing(b, "fix");
		json_word(b, "reason", unverified_reason_name(u->reason));
		json_close(b, '}');
	}
	json_close(b, ']');
	return 0;
}

static int cursor_json(struct reader *r, struct buf *b)
{
	int64_t epoch, number;
	int error = reader_head(r, &epoch, &number);

	if (error)
		return error;
	json_open(b, "cursor", '{');
	json_int(b, "epoch", epoch);
	json_int(b, "number", number);
	json_close(b, '}');
	return 0;
}

int reader_alerts(struct reader *r, struct arena *arena, const struct session_account *who,
		  int64_t now_ms, const struct question *question, struct answer *ret_answer)
{
	struct buf b = BUF_INIT;
	struct listing l = {r, arena, who, now_ms, &b, question->limit};
	int error = reader_refresh(r);

	if (who && !access_allows(who->roles, RIGHT_ALERT_READ, RELATION_ROOM))
		return reader_refuse(ret_answer, PROBLEM_FORBIDDEN,
				     "Votre rôle ne donne pas accès aux alertes.");
	buf_add_byte(&b, '{');
	/* The cursor first: what happens while the list is read comes again by the feed, never in
	 * between. */
	if (!error)
		error = cursor_json(r, &b);
	json_open(&b, "alerts", '[');
	if (!error && str_eq(question->state, STR("closed")))
		error = alerts_closed(r->vault, question->before, 2000, add_card, &l);
	else if (!error)
		error = alerts_open(r->vault, 2000, add_card, &l);
	json_close(&b, ']');
	if (error >= 0)
		error = calls_json(r, arena, who, &b);
	if (!error)
		error = lane_json(r, arena, "unverified", now_ms, &b);
	json_close(&b, '}');
	/* Whoever is on duty must see what is open, on a full disk too. */
	ret_answer->often = ret_answer->urgent = !str_eq(question->state, STR("closed"));
	ret_answer->subject = who ? who->room : ID_NONE;
	return reader_end(arena, &b, error, ret_answer);
}

int reader_lane(struct reader *r, struct arena *arena, const struct session_account *who,
		int64_t now_ms, const struct question *question, struct answer *ret_answer)
{
	struct buf b = BUF_INIT;
	int error;

	buf_add_byte(&b, '{');
	json_word(&b, "type", "unverified");
	error = lane_json(r, arena, "lane", now_ms, &b);
	json_close(&b, '}');
	return reader_end(arena, &b, error, ret_answer);
}

int reader_control_alerts(struct reader *r, struct arena *arena, const struct session_account *who,
			  int64_t now_ms, const struct question *question,
			  struct answer *ret_answer)
{
	return reader_alerts(r, arena, NULL, now_ms, question, ret_answer);
}

/* --- entries and positions */

struct member {
	struct id alert;
	int64_t merged_at_ms;
	struct str merged_by;
};

struct entries {
	struct reader *reader;
	struct arena *arena;
	const struct loaded *loaded;
	struct buf *out;
	struct member family[FAMILY_SHOWN]; /* as its lines tell */
	unsigned family_count;
};

/* A position's body is the Fix without its number: the number is the entry's. */
static int add_fix(void *context, const struct entry *e)
{
	struct entries *x = context;
	struct buf fix = BUF_INIT;

	if (e->body.len < 2)
		return 0;
	buf_add_byte(&fix, '{');
	json_int(&fix, "number", e->number);
	buf_add_byte(&fix, ',');
	buf_add(&fix, e->body.ptr + 1, e->body.len - 1);
	json_raw(x->out, NULL, buf_str(&fix));
	buf_fini(&fix);
	return 0;
}

int trail_json(struct reader *r, struct buf *b, const char *key, struct id alert, int64_t after,
	       int limit)
{
	struct entries x = {.reader = r, .out = b};
	int error;

	json_open(b, key, '[');
	error = journal_of(r->vault, alert, ENTRY_FIX, after, limit, add_fix, &x);
	json_close(b, ']');
	return error;
}

struct str reader_actor_name(struct reader *r, struct arena *arena, const struct loaded *l,
			     const struct entry *e)
{
	struct contact contact;

	switch (e->actor_kind) {
	case ACTOR_ACCOUNT:
		return directory_account_name(r->directory, e->actor);
	case ACTOR_DEVICE:
		return l->face.device_label;
	case ACTOR_CONTACT:
		return contact_load(r->vault, arena, e->actor, &contact) ? STR_NONE : contact.name;
	case ACTOR_UNIT:
		for (unsigned i = 0; i < l->alert.dispatch_count; i++)
			if (id_eq(l->alert.dispatches[i].id, e->actor))
				return directory_unit_name(r->directory,
							   l->alert.dispatches[i].unit);
		return STR_NONE;
	default:
		return STR_NONE;
	}
}

/* Merged again, it is the last time that counts. */
static void add_member(struct entries *x, const struct entry *e)
{
	unsigned at = 0;

	while (at < x->family_count && !id_eq(x->family[at].alert, e->target))
		at++;
	if (at == FAMILY_SHOWN)
		return;
	x->family_count += at == x->family_count;
	x->family[at] = (struct member){e->target, e->at_ms,
					reader_actor_name(x->reader, x->arena, x->loaded, e)};
}

static int family_json(const struct entries *x, struct buf *b)
{
	int error = 0;

	json_open(b, "family", '[');
	for (unsigned i = 0; !error && i < x->family_count; i++) {
		const struct member *m = &x->family[i];
		struct alert_face face = {0};
		struct alert a;

		error = alert_load(x->reader->vault, x->arena, m->alert, &a, &face);
		/* Parted and closed before this one, it may be gone: the line says that it was. */
		if (error == -ENOENT) {
			error = 0;
			continue;
		}
		if (error)
			break;
		json_open(b, NULL, '{');
		json_id(b, "id", a.id);
		json_int(b, "ref", a.ref);
		json_filled(b, "official", face.official_name);
		json_filled(b, "device", face.device_label);
		json_time(b, "merged_at", m->merged_at_ms);
		json_filled(b, "merged_by", m->merged_by);
		json_bool(b, "under", id_eq(a.merged_into, x->loaded->alert.id));
		json_close(b, '}');
	}
	json_close(b, ']');
	return error;
}

static int add_entry(void *context, const struct entry *e)
{
	struct entries *x = context;

	if (e->kind == ENTRY_TOOK_IN)
		add_member(x, e);

	json_open(x->out, NULL, '{');
	json_int(x->out, "number", e->number);
	json_time(x->out, "at", e->at_ms);
	json_word(x->out, "kind", entry_kind_name(e->kind));
	json_id(x->out, "alert", e->subject);
	json_open(x->out, "actor", '{');
	json_word(x->out, "kind", actor_kind_name(e->actor_kind));
	json_text(x->out, "name", reader_actor_name(x->reader, x->arena, x->loaded, e));
	json_close(x->out, '}');
	json_raw(x->out, "body", e->body.ptr ? e->body : STR("{}"));
	json_close(x->out, '}');
	return 0;
}

/* --- one alert, whole */

static int file_members(struct reader *r, struct arena *arena, const struct session_account *who,
			const struct loaded *l, struct buf *b)
{
	struct official o = {.household = -1};
	int error = id_is_none(l->alert.official)
			    ? -ENOENT
			    : official_load(r->vault, arena, l->alert.official, &o);

	if (error && error != -ENOENT)
		return error;
	official_mandates_json(b, &o);
	json_filled(b, "phone", o.phone);
	json_filled(b, "address", o.address);
	json_filled(b, "access", o.access);
	official_places_json(b, &o, true);
	json_filled(b, "remarks", o.remarks);
	json_number(b, "household", o.household, o.household >= 0);
	json_number(b, "threat_level", o.level, o.level > 0);
	json_filled(b, "reason", o.reason);
	return calls_of_json(r, arena, who, &o, b);
}

static int contact_members(struct reader *r, struct arena *arena, const struct reach *reach,
			   struct buf *b)
{
	struct contact c = {0};
	bool answered = reach->answered_at_ms != TIME_NONE;
	int error = contact_load(r->vault, arena, reach->contact, &c);

	if (error && error != -ENOENT)
		return error;
	json_open(b, NULL, '{');
	json_id(b, "id", reach->contact);
	json_int(b, "rank", reach->rank);
	json_text(b, "name", c.name.ptr ? c.name : STR("(personne retirée)"));
	json_text(b, "relation", c.relation.ptr ? c.relation : STR(""));
	json_filled(b, "phone", c.phone);
	json_word(b, "state", answered ? "on_it" : message_state_name(reach->message));
	json_time(b, "at", answered ? reach->answered_at_ms : reach->asked_at_ms);
	json_bool(b, "silent", reach->silent && !answered);
	json_word(b, "link",
		  !reach->attempts      ? "none"
		  : reach->link_revoked ? "revoked"
					: "active");
	json_int(b, "attempts", reach->attempts);
	json_close(b, '}');
	return 0;
}

static int contacts_json(struct reader *r, struct arena *arena, const struct loaded *l,
			 struct buf *b)
{
	int error = 0;

	json_open(b, "contacts", '[');
	for (unsigned i = 0; !error && i < l->alert.contact_count; i++)
		error = contact_members(r, arena, &l->alert.contacts[i], b);
	json_close(b, ']');
	return error;
}

static void dispatch_json(struct reader *r, const struct dispatch *d, struct buf *b)
{
	const struct unit *unit = directory_unit(r->directory, d->unit);

	json_open(b, NULL, '{');
	json_id(b, "id", d->id);
	json_open(b, "unit", '{');
	json_id(b, "id", d->unit);
	json_text(b, "name", directory_unit_name(r->directory, d->unit));
	json_word(b, "kind", unit ? unit_kind_name(unit->kind) : "patrol");
	json_close(b, '}');
	json_word(b, "state", dispatch_state_name(d->state));
	json_time(b, "sent_at", d->sent_at_ms);
	json_time(b, "received_at", d->received_at_ms);
	json_time(b, "en_route_at", d->en_route_at_ms);
	json_time(b, "arrived_at", d->arrived_at_ms);
	json_time(b, "ended_at", d->ended_at_ms);
	json_bool(b, "silent", d->silent && d->state == DISPATCH_SENT);
	json_word(b, "sms", message_state_name(d->message));
	json_close(b, '}');
}

/*
 * What a test would have sent, so that the room sees what those it is for would see: these SMS
 * never leave the house, and their links open nothing but the test. Those of a real alert are for
 * the ones they were sent to.
 */
static int simulated_json(struct reader *r, struct arena *arena, const struct session_account *who,
			  const struct loaded *l, struct buf *b)
{
	static const char *const kinds[] = {"contact", "unit", "duty", "visit"};
	bool shown =
		l->alert.test && who &&
		access_allows(who->roles, RIGHT_ALERT_TEST,
			      alert_shown_to(&l->alert, who->room) ? RELATION_ROOM : RELATION_NONE);
	struct message *list;
	size_t count = 0;
	int error = shown ? messages_of_alert(r->vault, arena, l->alert.id, MESSAGES_SHOWN, &list,
					      &count)
			  : 0;

	json_open(b, "simulated", '[');
	for (size_t i = 0; !error && i < count; i++) {
		if (!list[i].simulated)
			continue;
		json_open(b, NULL, '{');
		json_word(b, "kind", kinds[list[i].kind]);
		json_id(b, "target", list[i].target);
		json_time(b, "at", list[i].created_at_ms);
		json_text(b, "text", list[i].text);
		json_close(b, '}');
	}
	json_close(b, ']');
	return error;
}

struct history {
	struct reader *reader;
	struct arena *arena;
	struct id except;
	struct buf *out;
};

static int add_history(void *context, struct id id)
{
	struct history *h = context;
	struct alert a;
	int error;

	if (id_eq(id, h->except))
		return 0;
	error = alert_load(h->reader->vault, h->arena, id, &a, NULL);
	if (error)
		return error;
	json_open(h->out, NULL, '{');
	json_id(h->out, "id", a.id);
	json_int(h->out, "ref", a.ref);
	json_time(h->out, "raised_at", a.raised_at_ms);
	json_bool(h->out, "test", a.test);
	json_text(h->out, "outcome",
		  a.outcome ? str_from(alert_outcome_name(a.outcome)) : STR_NONE);
	json_close(h->out, '}');
	return 0;
}

bool presence_has(const struct device_presence *presence, struct id device)
{
	if (!presence || id_is_none(device))
		return false;
	for (size_t i = 0; i < presence->count; i++)
		if (id_eq(presence->connected[i], device))
			return true;
	return false;
}

/* To have the watch call whoever listens. NULL: it can be asked to. */
static const char *listening_refused(const struct question *question, const struct loaded *l)
{
	if (!alert_is_open(&l->alert))
		return refusal_text(REFUSAL_CLOSED);
	if (l->face.protocol != PROTOCOL_WATCH)
		return "Seule une montre appelle ainsi.";
	if (question->watch_listening_refused)
		return question->watch_listening_refused;
	return presence_has(question->presence, l->alert.device) ? NULL
								 : "La montre n'est pas connectée.";
}

/* What a device of that protocol cannot be asked, whether it is connected or not. NULL: it can. */
static const char *request_refused(enum protocol protocol, const char *request)
{
	if (protocol == PROTOCOL_WATCH)
		return NULL;
	if (protocol != PROTOCOL_PHONE)
		return "Cet appareil dit de lui-même où il est : rien ne peut lui être demandé.";
	if (!strcmp(request, "interval"))
		return "Un téléphone dit de lui-même où il est, toutes les cinq secondes, tant "
		       "que l'alerte est ouverte.";
	return strcmp(request, "discreet")
		       ? NULL
		       : "Un téléphone est toujours discret : rien ne s'y voit ni ne s'y entend.";
}

static void requests_json(const struct loaded *l, enum refusal refusal, struct buf *b)
{
	static const char *const requests[] = {"locate", "interval", "discreet"};

	for (size_t i = 0; i < ARRAY_LEN(requests); i++) {
		const char *refused =
			refusal ? refusal_text(refusal)
				: request_refused((enum protocol)l->face.protocol, requests[i]);

		if (refused)
			json_word(b, requests[i], refused);
	}
}

static int hearing_refusals_json(struct reader *r, const struct question *question,
				 const struct alert *a, struct buf *b)
{
	bool has_sound;
	int error = keeping_has_sound(r->vault, a, question->may_record, &has_sound);

	if (error)
		return error;
	if (!id_is_none(a->phone))
		json_word(b, "hear", question->hearing_refused);
	json_word(b, "clips", keeping_clip_refused);
	if (has_sound)
		json_word(b, "evidence", keeping_archive_refused);
	return 0;
}

static int refusals_json(struct reader *r, const struct session_account *who,
			 const struct question *question, const struct loaded *l, int64_t now_ms,
			 struct buf *b)
{
	const struct alert *a = &l->alert;
	const char *listening = listening_refused(question, l);
	int error = 0;

	static const struct {
		const char *action;
		enum alert_event event;
	} actions[] = {{"claim", EVENT_CLAIM},         {"take_over", EVENT_TAKE_OVER},
		       {"dispatch", EVENT_DISPATCH},   {"note", EVENT_NOTE},
		       {"close", EVENT_CLOSE},         {"reopen", EVENT_REOPEN},
		       {"merge", EVENT_MERGE},         {"unmerge", EVENT_UNMERGE},
		       {"locate", EVENT_DEVICE_ASKED}, {"talk", EVENT_TALK_BEGAN}};

	json_open(b, "refusals", '{');
	/* Nobody in particular asks (egidectl): nobody is refused anything. */
	for (size_t i = 0; who && i < ARRAY_LEN(actions); i++) {
		struct alert_command event = {
			.event = actions[i].event,
			.by = who->id,
			.is_supervisor =
				access_allows(who->roles, RIGHT_ALERT_HANDLE_OTHERS, RELATION_ROOM),
			.has_text = true,
			.outcome = OUTCOME_INTERVENTION};
		enum refusal refusal = alert_may(a, &event, &r->ladder, now_ms);

		if (event.event == EVENT_DEVICE_ASKED)
			requests_json(l, refusal, b);
		else if (refusal)
			json_word(b, actions[i].action, refusal_text(refusal));
		else if (event.event == EVENT_CLAIM && id_eq(a->claimed_by, who->id))
			json_word(b, "claim", "Vous avez déjà pris cette alerte en charge.");
	}
	if (a->silent)
		json_word(b, "call_back",
			  "Alerte silencieuse : un appel pourrait mettre la personne en danger.");
	if (who && listening)
		json_word(b, "listen", listening);
	if (who && question->hearing_refused && alert_is_open(a))
		error = hearing_refusals_json(r, question, a, b);
	json_close(b, '}');
	return error;
}

static void listeners_json(struct reader *r, const struct question *question, struct buf *b)
{
	bool is_new = false;

	/* An account made a moment ago has its name too. */
	for (size_t i = 0; i < question->listener_count; i++)
		is_new |= !directory_account_name(r->directory, question->listeners[i]).len;
	if (is_new)
		reader_refresh_now(r);
	json_open(b, "listeners", '[');
	for (size_t i = 0; i < question->listener_count; i++) {
		json_open(b, NULL, '{');
		json_id(b, "id", question->listeners[i]);
		json_text(b, "name", directory_account_name(r->directory, question->listeners[i]));
		json_close(b, '}');
	}
	json_close(b, ']');
}

/* Of what else keeps it than itself, that it does. */
static int alert_hold_json(struct reader *r, struct arena *arena, const struct session_account *who,
			   const struct alert *a, struct buf *b)
{
	bool may = !who || access_allows(who->roles, RIGHT_HOLD_READ, RELATION_ROOM);
	struct id subject = ID_NONE;
	int error = may ? hold_of_alert(r->vault, a->id, &subject) : 0;
	const char *of = id_eq(subject, a->id)         ? "alert"
			 : id_eq(subject, a->official) ? "official"
						       : "event";

	return error ? error : hold_json(r->vault, arena, "hold", subject, of, b);
}

static int whole(struct reader *r, struct arena *arena, const struct session_account *who,
		 int64_t now_ms, const struct question *question, const struct loaded *l,
		 struct buf *b)
{
	struct card_facts facts = reader_facts(r, l, now_ms);
	struct entries x = {.reader = r, .arena = arena, .loaded = l, .out = b};
	struct history h = {r, arena, l->alert.id, b};
	int error;

	card_members(b, &facts);
	error = file_members(r, arena, who, l, b);
	if (!error)
		error = contacts_json(r, arena, l, b);
	json_open(b, "dispatches", '[');
	for (unsigned i = 0; i < l->alert.dispatch_count; i++)
		dispatch_json(r, &l->alert.dispatches[i], b);
	json_close(b, ']');
	if (!error)
		error = simulated_json(r, arena, who, l, b);
	if (!error)
		error = trail_json(r, b, "trail", l->alert.id, question->after, question->limit);
	json_open(b, "entries", '[');
	if (!error)
		error = journal_of(r->vault, l->alert.id, ENTRY_TIMELINE, 0,
				   who ? TIMELINE_SHOWN : question->limit, add_entry, &x);
	json_close(b, ']');
	json_open(b, "history", '[');
	if (!error && !id_is_none(l->alert.official))
		error = alerts_of_official(r->vault, l->alert.official, HISTORY_SHOWN + 1,
					   add_history, &h);
	json_close(b, ']');
	json_bool(b, "connected", presence_has(question->presence, l->alert.device));
	listeners_json(r, question, b);
	if (!error)
		error = keeping_json(r->vault, r->directory, &l->alert, b);
	if (!error)
		error = alert_hold_json(r, arena, who, &l->alert, b);
	json_open(b, "rooms", '[');
	for (unsigned i = 0; i < l->alert.room_count; i++)
		unit_json(b, NULL, r->directory, l->alert.rooms[i]);
	json_close(b, ']');
	if (!error)
		error = family_json(&x, b);
	return error ? error : refusals_json(r, who, question, l, now_ms, b);
}

int reader_alert(struct reader *r, struct arena *arena, const struct session_account *who,
		 int64_t now_ms, const struct question *question, struct answer *ret_answer)
{
	struct buf b = BUF_INIT;
	struct loaded l;
	int error = reader_refresh(r);

	/* Who was made a moment ago sees their own name in what they did. */
	if (!error && who && !directory_account_name(r->directory, who->id).len)
		reader_refresh_now(r);
	if (!error)
		error = reader_load(r, arena, question->subject, &l);
	if (error == -ENOENT || (!error && !sees(who, &l.alert)))
		return reader_refuse(
			ret_answer, PROBLEM_NOT_FOUND,
			"Cette alerte n'existe pas, ou n'est pas visible de votre salle.");
	if (error)
		return error;
	buf_add_byte(&b, '{');
	error = whole(r, arena, who, now_ms, question, &l, &b);
	json_close(&b, '}');
	ret_answer->subject = question->subject;
	ret_answer->urgent = alert_is_open(&l.alert);
	return reader_end(arena, &b, error, ret_answer);
}

int reader_control_alert(struct reader *r, struct arena *arena, const struct session_account *who,
			 int64_t now_ms, const struct question *question, struct answer *ret_answer)
{
	struct question of_id = *question;
	int error =
		id_is_none(of_id.subject) ? alert_by_ref(r->vault, of_id.ref, &of_id.subject) : 0;

	if (error == -ENOENT)
		return reader_refuse(ret_answer, PROBLEM_NOT_FOUND, "Cette alerte n'existe pas.");
	return error ? error : reader_alert(r, arena, NULL, now_ms, &of_id, ret_answer);
}

int reader_clip(struct reader *r, struct arena *arena, const struct session_account *who,
		int64_t now_ms, const struct question *question, struct answer *ret_answer)
{
	struct buf b = BUF_INIT;
	struct alert a;
	int error = alert_load(r->vault, arena, question->subject, &a, NULL);

	if (!error && !sees(who, &a))
		error = -ENOENT;
	if (!error && alert_is_open(&a) && question->hearing_refused)
		return reader_refuse(ret_answer, PROBLEM_FORBIDDEN, keeping_clip_refused);
	if (!error)
		error = clip_load(r->vault, a.id, question->part, &b);
	if (error) {
		buf_fini(&b);
		return error == -ENOENT ? reader_refuse(ret_answer, PROBLEM_NOT_FOUND,
							"Ce message vocal n'existe pas.")
					: error;
	}
	ret_answer->subject = question->subject;
	ret_answer->type = "audio/amr";
	return reader_answer(arena, &b, ret_answer);
}

int reader_trail(struct reader *r, struct arena *arena, const struct session_account *who,
		 int64_t now_ms, const struct question *question, struct answer *ret_answer)
{
	struct buf b = BUF_INIT;
	struct alert a;
	int error = alert_load(r->vault, arena, question->subject, &a, NULL);

	if (error == -ENOENT || (!error && !sees(who, &a)))
		return reader_refuse(
			ret_answer, PROBLEM_NOT_FOUND,
			"Cette alerte n'existe pas, ou n'est pas visible de votre salle.");
	if (error)
		return error;
	buf_add_byte(&b, '{');
	error = trail_json(r, &b, "fixes", question->subject, question->after, question->limit);
	json_close(&b, '}');
	ret_answer->subject = question->subject;
	ret_answer->urgent = alert_is_open(&a);
	return reader_end(arena, &b, error, ret_answer);
}

int reader_hear(struct reader *r, struct arena *arena, const struct session_account *who,
		struct id alert, bool *ret_open)
{
	struct alert a;
	int error = alert_load(r->vault, arena, alert, &a, NULL);

	if (!error && !sees(who, &a))
		error = -ENOENT;
	if (!error)
		*ret_open = a.state != ALERT_CLOSED;
	return error;
}

int reader_has_live_sound(struct reader *r, struct arena *arena, struct id alert, bool may_record,
			  bool *ret_live)
{
	struct alert a;
	int error = alert_load(r->vault, arena, alert, &a, NULL);

	*ret_live = false;
	return error || !alert_is_open(&a) ? error
					   : keeping_has_sound(r->vault, &a, may_record, ret_live);
}

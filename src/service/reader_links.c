/* What a link shows: the trusted person's page and the patrol's. Reading changes nothing: link
 * previews read too. */
#include <errno.h>

#include "service/json.h"
#include "service/official_json.h"
#include "service/reader_private.h"
#include "store/links.h"
#include "store/people.h"
#include "store/visits.h"

enum { TRAIL_SHOWN = 200 };

/* Finds the alert behind a link of that kind; refuses a dead one. *ret_ok: go on. */
static int open_link(struct reader *r, struct arena *arena, enum link_kind kind, struct str token,
		     struct link *ret_link, struct loaded *ret_loaded, struct answer *ret_answer,
		     bool *ret_ok)
{
	int error = reader_refresh(r);

	*ret_ok = false;
	if (!error)
		error = link_load(r->vault, token, ret_link);
	if (error == -ENOENT || (!error && ret_link->kind != kind))
		return reader_refuse(ret_answer, PROBLEM_NOT_FOUND, "Ce lien n'existe pas.");
	if (error)
		return error;
	if (ret_link->revoked_at_ms != TIME_NONE)
		return reader_refuse(ret_answer, PROBLEM_GONE,
				     "Ce lien n'est plus valable : l'alerte est terminée, ou le "
				     "lien a été retiré.");
	error = reader_load(r, arena, ret_link->alert, ret_loaded);
	*ret_ok = !error;
	return error;
}

static int place_members(struct reader *r, const struct loaded *l, struct buf *b)
{
	if (l->heard && l->last.has_fix)
		fix_json(b, "fix", &l->last.fix, 0);
	else
		json_nothing(b, "fix");
	return trail_json(r, b, "trail", l->alert.id, 0, TRAIL_SHOWN);
}

int reader_follow(struct reader *r, struct arena *arena, const struct session_account *who,
		  int64_t now_ms, const struct question *question, struct answer *ret_answer)
{
	static const char *const advice[] = {
		"N'intervenez pas seul et ne vous mettez pas en danger.",
		"N'appelez pas la personne si l'alerte est silencieuse : une sonnerie pourrait la "
		"mettre en danger.",
		"Si vous savez quelque chose d'utile (présence d'un agresseur, lieu exact), "
		"appelez le 17 ou le 112.",
		"Si vous ne pouvez pas parler, envoyez un SMS au 114.",
	};
	struct buf b = BUF_INIT;
	struct loaded l;
	struct link link;
	struct reach *reach;
	bool ok;
	int error = open_link(r, arena, LINK_FOLLOW, question->token, &link, &l, ret_answer, &ok);

	if (!ok)
		return error;
	reach = alert_contact(&l.alert, link.target);
	buf_add_byte(&b, '{');
	json_open(&b, "official", '{');
	json_text(&b, "name", l.face.official_name.ptr ? l.face.official_name : STR(""));
	json_close(&b, '}');
	json_bool(&b, "missed_visit", reasons_are_of_visit(l.alert.reasons));
	json_word(&b, "state", alert_is_open(&l.alert) ? "open" : "closed");
	json_time(&b, "raised_at", l.alert.raised_at_ms);
	error = place_members(r, &l, &b);
	json_bool(&b, "answered", reach && reach->answered_at_ms != TIME_NONE);
	json_open(&b, "advice", '[');
	for (size_t i = 0; i < ARRAY_LEN(advice); i++)
		if (i != 1 || l.alert.silent)
			json_word(&b, NULL, advice[i]);
	json_close(&b, ']');
	json_bool(&b, "silent", l.alert.silent);
	json_bool(&b, "test", l.alert.test);
	json_close(&b, '}');
	ret_answer->subject = link.alert;
	ret_answer->holder = link.target;
	ret_answer->urgent = alert_is_open(&l.alert);
	return reader_end(arena, &b, error, ret_answer);
}

static void patrol_who(const struct loaded *l, const struct official *o, struct buf *b)
{
	if (id_is_none(l->alert.official)) {
		json_nothing(b, "official");
	} else {
		json_open(b, "official", '{');
		json_text(b, "name", l->face.official_name);
		json_text(b, "mandate", l->face.mandate);
		json_text(b, "commune", l->face.commune);
		json_close(b, '}');
	}
	json_text(b, "phone", o->phone.len && !l->alert.silent ? o->phone : STR_NONE);
	json_filled(b, "address", o->address);
	json_filled(b, "access", o->access);
	official_places_json(b, o, true);
	json_filled(b, "remarks", o->remarks);
	if (o->household < 0)
		json_nothing(b, "household");
	else
		json_int(b, "household", o->household);
}

static void patrol_dispatch(struct reader *r, const struct loaded *l, const struct dispatch *d,
			    struct buf *b)
{
	const struct unit *room =
		directory_unit(r->directory, l->alert.room_count ? l->alert.rooms[0] : ID_NONE);

	json_open(b, "unit", '{');
	json_text(b, "name", directory_unit_name(r->directory, d->unit));
	json_close(b, '}');
	json_open(b, "room", '{');
	json_text(b, "name", room ? str_from(room->name) : STR(""));
	json_text(b, "phone", room && room->phone[0] ? str_from(room->phone) : STR_NONE);
	json_close(b, '}');
	json_open(b, "dispatch", '{');
	json_word(b, "state", dispatch_state_name(d->state));
	json_time(b, "sent_at", d->sent_at_ms);
	json_time(b, "received_at", d->received_at_ms);
	json_time(b, "en_route_at", d->en_route_at_ms);
	json_time(b, "arrived_at", d->arrived_at_ms);
	json_close(b, '}');
}

/* Where they said they would be, and with whom: where to look when nothing is heard of them. */
static int patrol_visit(struct reader *r, struct arena *arena, const struct loaded *l,
			struct buf *b)
{
	struct visit_words words;
	struct visit visit;
	int error =
		visit_for_alert(r->vault, l->alert.id, l->alert.official, l->alert.device, &visit);

	if (!error)
		error = visit_load_words(r->vault, arena, visit.id, &words);
	if (error) {
		json_nothing(b, "visit");
		return error == -ENOENT ? 0 : error;
	}
	json_open(b, "visit", '{');
	json_text(b, "place", words.place);
	json_text(b, "person", words.person);
	json_time(b, "due_at", visit.due_at_ms);
	json_close(b, '}');
	return 0;
}

/* Who and where: of a mission that goes on. */
static int patrol_mission(struct reader *r, struct arena *arena, const struct loaded *l,
			  struct buf *b)
{
	struct official o = {.household = -1};
	int error = id_is_none(l->alert.official)
			    ? 0
			    : official_load(r->vault, arena, l->alert.official, &o);

	if (error && error != -ENOENT)
		return error;
	patrol_who(l, &o, b);
	error = patrol_visit(r, arena, l, b);
	return error ? error : place_members(r, l, b);
}

/* Declined, or called off by the room: the unit learns that, and no longer who and where. */
static void patrol_over(struct buf *b)
{
	static const char *const forgotten[] = {"official", "phone",     "address", "access",
						"remarks",  "household", "visit",   "fix"};

	for (size_t i = 0; i < ARRAY_LEN(forgotten); i++)
		json_nothing(b, forgotten[i]);
	json_open(b, "trail", '[');
	json_close(b, ']');
	json_open(b, "places", '[');
	json_close(b, ']');
}

int reader_patrol(struct reader *r, struct arena *arena, const struct session_account *who,
		  int64_t now_ms, const struct question *question, struct answer *ret_answer)
{
	struct buf b = BUF_INIT;
	struct dispatch *d;
	struct loaded l;
	struct link link;
	bool ok, over;
	int error = open_link(r, arena, LINK_PATROL, question->token, &link, &l, ret_answer, &ok);

	if (!ok)
		return error;
	d = alert_dispatch(&l.alert, link.target);
	if (!d)
		return reader_refuse(ret_answer, PROBLEM_GONE, "Cet envoi a été retiré.");
	over = d->ended_at_ms != TIME_NONE;
	buf_add_byte(&b, '{');
	json_int(&b, "ref", l.alert.ref);
	json_word(&b, "state", alert_state_name(l.alert.state));
	json_bool(&b, "silent", l.alert.silent);
	json_bool(&b, "test", l.alert.test);
	json_time(&b, "raised_at", l.alert.raised_at_ms);
	patrol_dispatch(r, &l, d, &b);
	if (over)
		patrol_over(&b);
	else
		error = patrol_mission(r, arena, &l, &b);
	json_close(&b, '}');
	ret_answer->subject = over ? ID_NONE : link.alert; /* nothing personal was read */
	ret_answer->holder = link.target;
	ret_answer->urgent = alert_is_open(&l.alert);
	return reader_end(arena, &b, error, ret_answer);
}

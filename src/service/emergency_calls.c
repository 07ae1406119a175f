/*
 * Calls to 17: what the switch says of them, and what operators do with them. Who calls is looked
 * up once somebody has the call, by the blind index of the number; nothing is unsealed for it.
 */
#include "service/emergency_calls.h"

#include <errno.h>

#include "base/limits.h"
#include "base/phone.h"
#include "core/access.h"
#include "crypto/random.h"
#include "service/call_card.h"
#include "service/case.h"
#include "service/directory.h"
#include "service/json.h"
#include "service/locations.h"
#include "service/raise.h"
#include "store/accounts.h"
#include "store/links.h"

/* A switch that was started anew may use its names again; one that lost our answer says a thing
 * twice within this. */
enum { SAME_CALL_MS = 12 * 3600 * 1000 };

/* What a switch forgot to end, and what nobody took for a day, is no call any more. */
enum { CALL_OPEN_MS = 24 * 3600 * 1000 };

struct expiring {
	struct work *w;
	struct command *command;
};

static const char not_found[] = "Cet appel n'existe pas, ou n'est pas visible de votre salle.";

static const struct {
	enum problem problem;
	const char *text;
} refusals[CALL_REFUSAL_COUNT] = {
	[CALL_REFUSAL_CLOSED] = {PROBLEM_CONFLICT, "Cet appel est terminé."},
	[CALL_REFUSAL_TAKEN] = {PROBLEM_CONFLICT, NULL}, /* names who has it */
	[CALL_REFUSAL_NOT_OFFERED] = {PROBLEM_CONFLICT,
				      "Cet appel n'est plus proposé à la relève."},
	[CALL_REFUSAL_UNSAID] = {PROBLEM_CONFLICT,
				 "Dites ce qui suit cet appel : une alerte, ou aucune."},
	[CALL_REFUSAL_WHY] = {PROBLEM_REASON_NEEDED, "Dites pourquoi aucune alerte ne suit."},
	[CALL_REFUSAL_NOT_TAKEN] = {PROBLEM_CONFLICT, "Prenez d'abord cet appel."},
};

struct call_file {
	struct emergency_call call;
	struct call_face face;
};

/* One call as it is now, for the consoles of its room. */
static struct str card(struct work *w, const struct call_file *f)
{
	struct buf b = BUF_INIT;

	buf_add_byte(&b, '{');
	call_members(&b, &f->call, &f->face, w->directory);
	json_close(&b, '}');
	return work_keep(w, &b);
}

/* body: what auditors never see and the timeline of nobody needs; STR_NONE mostly. */
static void tell(struct work *w, struct command *command, const struct call_file *f,
		 enum entry_kind kind, struct str body)
{
	struct publication_draft *d =
		work_entry(w, command, kind, f->call.id, f->call.official, f->call.id, body);

	d->rooms[0] = f->call.room;
	d->room_count = !id_is_none(f->call.room);
	d->card = card(w, f);
	if (command->actor.kind == ACTOR_ACCOUNT)
		d->actor_name = directory_account_name(w->directory, command->actor.id);
}

/* How many officials have this number; the only one, when there is one. */
static int match(struct work *w, const struct call_file *f, struct call_step *step)
{
	struct id ids[LIMIT_CALL_MATCHES];
	char number[PHONE_SIZE];
	int r;

	if (!f->face.number.len || phone_parse(f->face.number, number))
		return 0;
	r = officials_by_number(w->vault, str_from(number), ids, LIMIT_CALL_MATCHES,
				&step->matches);
	if (!r && step->matches == 1)
		step->official = ids[0];
	return r;
}

static void refuse(struct work *w, struct command *command, const struct call_file *f,
		   enum call_refusal refusal)
{
	command_refuse(command, refusals[refusal].problem, refusals[refusal].text);
	if (refusal == CALL_REFUSAL_TAKEN)
		command->outcome.detail =
			call_taken(&command->arena, w->directory, f->call.claimed_by);
}

/* Refused: nothing was done. */
static int carry_out(struct work *w, struct command *command, struct call_file *f,
		     struct call_step *step, struct str body, enum call_refusal *ret_refusal)
{
	enum entry_kind kind;
	int r = step->event == CALL_CLAIM || step->event == CALL_ANSWERED ? match(w, f, step) : 0;

	if (r)
		return r;
	*ret_refusal = call_apply(&f->call, step, w->now_ms, &kind);
	if (*ret_refusal || kind == ENTRY_NONE)
		return 0;
	r = emergency_call_update(w->vault, &f->call);
	if (!r)
		tell(w, command, f, kind, body);
	return r;
}

static int apply(struct work *w, struct command *command, struct call_file *f,
		 struct call_step *step, struct str body)
{
	enum call_refusal refusal = CALL_REFUSAL_NONE;
	int r = carry_out(w, command, f, step, body, &refusal);

	if (!r && refusal)
		refuse(w, command, f, refusal);
	return r;
}

static void finish(struct work *w, struct command *command, const struct call_file *f)
{
	command->outcome.subject = f->call.id;
	command->outcome.json = command_keep(command, card(w, f));
}

/* --- the switch */

/* The room the switch names, or the first there is: a call is shown somewhere, whatever is wrong.
 */
static struct id room_of(struct work *w, struct str name)
{
	struct unit unit;
	struct id id;

	if (!id_parse(name, &id) && directory_unit(w->directory, id))
		return directory_unit_room(w->directory, id);
	if (name.len && !unit_find(w->vault, name, &unit))
		return directory_unit_room(w->directory, unit.id);
	return directory_default_room(w->directory);
}

/* "anonymous", "restricted", "Unavailable <sip:…>": no digit before the host. */
static bool is_withheld(struct str text)
{
	for (size_t i = 0; i < text.len && text.ptr[i] != '@'; i++)
		if (text.ptr[i] >= '0' && text.ptr[i] <= '9')
			return false;
	return true;
}

static int begin(struct work *w, struct command *command, struct call_file *f)
{
	struct call_step step = {.event = CALL_RANG};
	char number[PHONE_SIZE] = "";
	enum entry_kind kind;
	bool known = !phone_parse_caller(command->number, number);
	int r;

	f->face = (struct call_face){0};
	f->call = (struct emergency_call){.id = random_id_v7(w->now_ms),
					  .room = room_of(w, command->as.call.room),
					  .rang_at_ms = TIME_NONE,
					  .answered_at_ms = TIME_NONE,
					  .ended_at_ms = TIME_NONE,
					  .claimed_at_ms = TIME_NONE,
					  .offered_at_ms = TIME_NONE,
					  .closed_at_ms = TIME_NONE,
					  .version = 1};
	f->face.line = command->text;
	f->face.place = command->as.call.place;
	f->call.withheld = is_withheld(command->number);
	if (known)
		f->face.number = command_keep(command, str_from(number));
	else if (!is_withheld(command->number))
		f->face.number = command->number;
	call_apply(&f->call, &step, w->now_ms, &kind);
	r = emergency_call_insert(w->vault, &f->call, &f->face, command->key,
				  known ? str_from(number) : STR_NONE);
	if (!r)
		tell(w, command, f, kind, STR_NONE);
	return r;
}

/* Whose extension it is, in the room where it rings; ID_NONE: nobody said so. */
static int account_at(struct work *w, struct str extension, struct id room, struct id *ret_account)
{
	int r = extension.len ? account_by_extension(w->vault, extension, room, ret_account)
			      : -ENOENT;

	return r == -ENOENT ? 0 : r;
}

int call_locate(struct work *w, struct command *command, struct emergency_call *call,
		const struct call_face *face, const struct stored_fix *fix)
{
	struct call_step step = {.event = CALL_LOCATED};
	struct call_file f = {*call, *face};
	struct stored_fix known;
	int r = emergency_call_fix(w->vault, call->id, &known);

	/* An SMS comes after what went by the network, and says the same, or less. */
	if (!r && location_moment(&known) >= location_moment(fix))
		return 0;
	if (!r || r == -ENOENT)
		r = emergency_call_locate(w->vault, call->id, fix);
	if (!r)
		r = apply(w, command, &f, &step, STR_NONE);
	*call = f.call;
	return r;
}

/* What the message itself says, else what the telephone said a moment ago. */
static int find_place(struct work *w, struct command *command, struct call_file *f)
{
	struct stored_fix fix = location_fix(&command->as.call.position, w->now_ms);
	int r = 0;

	if (!command->as.call.position.known)
		r = command->as.call.event == CALL_RANG && f->face.number.len
			    ? location_of_number(w, f->face.number, &fix)
			    : -ENOENT;
	if (r)
		return r == -ENOENT ? 0 : r;
	return call_locate(w, command, &f->call, &f->face, &fix);
}

/* What comes out of order is taken as it comes: a call whose ring was lost begins with its answer.
 */
int handle_switch(struct work *w, struct command *command)
{
	struct call_step step = {.event = command->as.call.event};
	struct call_file f;
	struct id id;
	int r = emergency_call_by_key(w->vault, command->key, w->now_ms - SAME_CALL_MS, &id);

	if (!r)
		r = emergency_call_load(w->vault, w->arena, id, &f.call, &f.face);
	else if (r == -ENOENT)
		r = begin(w, command, &f);
	if (!r && step.event == CALL_ANSWERED)
		r = account_at(w, command->name, f.call.room, &step.by);
	if (!r && step.event != CALL_RANG)
		r = apply(w, command, &f, &step, STR_NONE);
	if (!r)
		r = find_place(w, command, &f);
	if (!r)
		finish(w, command, &f);
	return r;
}

/* --- operators */

static bool may(struct command *command, const struct emergency_call *c)
{
	const struct actor *a = &command->actor;
	enum relation relation = id_eq(c->room, a->room) ? RELATION_ROOM : RELATION_NONE;

	if (a->kind == ACTOR_ACCOUNT && access_allows(a->roles, RIGHT_CALL_HANDLE, relation))
		return true;
	command_refuse(command, PROBLEM_NOT_FOUND, not_found);
	return false;
}

/* It belongs to that alert: a line of its timeline, and the room that has the call sees it. */
static int enter(struct work *w, struct command *command, const struct call_file *f,
		 struct case_file *c)
{
	struct alert_command event = {
		.event = EVENT_CALLED, .by = command->actor.id, .target = f->call.id};

	alert_show(&c->alert, f->call.room);
	return case_apply(w, command, c, &event, f->face.number);
}

/* Nobody has two open alerts: a call joins the one there is, whatever raised it. */
static int find_or_open(struct work *w, struct command *command, const struct call_file *f,
			const struct call_step *step, struct case_file *c)
{
	struct alert_command claim = {.event = EVENT_CLAIM, .by = command->actor.id};
	struct id open;
	int r = alert_open_of_official(w->vault, f->call.official, &open);

	if (r)
		return r;
	if (!id_is_none(open))
		return case_load(w, open, c);
	if (step->follow == FOLLOW_JOIN) {
		command_refuse(
			command, PROBLEM_CONFLICT,
			"Cette personne n'a plus d'alerte ouverte : dites ce qui suit l'appel.");
		return 0;
	}
	r = raise_called(w, command, f->call.official, f->call.room, c);
	return r ? r : case_apply(w, command, c, &claim, STR_NONE);
}

static int join(struct work *w, struct command *command, const struct call_file *f,
		struct call_step *step)
{
	struct case_file c;
	int r;

	/* Nothing is written when the call cannot be joined to anything. */
	step->alert = f->call.id;
	if (call_may(&f->call, step, w->now_ms))
		return 0;
	if (id_is_none(f->call.official)) {
		command_refuse(command, PROBLEM_CONFLICT,
			       "Dites d'abord qui appelle : une alerte est celle de quelqu'un.");
		return 0;
	}
	r = find_or_open(w, command, f, step, &c);
	if (!r && !command->outcome.problem)
		r = enter(w, command, f, &c);
	if (!r && !command->outcome.problem)
		r = case_finish(w, command, &c);
	if (!r && !command->outcome.problem)
		step->alert = c.alert.id;
	return r;
}

/* Not once they have left the registry. */
static int find_gone(struct work *w, const struct call_file *f, bool *ret_gone)
{
	struct official official;
	int r = official_load(w->vault, w->arena, f->call.official, &official);

	*ret_gone = r == -ENOENT;
	return r == -ENOENT ? 0 : r;
}

/* The alert has the call before it is over, in the same transaction: neither is done without the
 * other. */
static int follow(struct work *w, struct command *command, struct call_file *f,
		  struct call_step step)
{
	int r;

	step.event = CALL_JOIN;
	r = join(w, command, f, &step);
	if (r || command->outcome.problem)
		return r;
	return apply(w, command, f, &step, STR_NONE);
}

static struct str wrap_up_body(struct work *w, const struct call_file *f, struct str note)
{
	bool no_alert = !id_is_none(f->call.official) && id_is_none(f->call.alert);
	struct buf b = BUF_INIT;

	if (!note.len)
		return STR_NONE;
	json_open(&b, NULL, '{');
	if (no_alert)
		json_word(&b, "what", "call.no_alert");
	json_text(&b, "text", note);
	json_close(&b, '}');
	return work_keep(w, &b);
}

static int wrap_up(struct work *w, struct command *command, struct call_file *f,
		   struct call_step *step)
{
	bool opens_or_joins = step->follow == FOLLOW_OPEN || step->follow == FOLLOW_JOIN;
	int r = 0;

	if (!id_is_none(f->call.official))
		r = find_gone(w, f, &step->gone);
	if (!r && opens_or_joins && id_is_none(f->call.alert))
		r = follow(w, command, f, *step);
	if (r || command->outcome.problem)
		return r;
	return apply(w, command, f, step, wrap_up_body(w, f, command->text));
}

/* Only somebody registered is who calls; said to who may say it. */
static int refuse_unknown(struct work *w, struct command *command, const struct call_file *f,
			  const struct call_step *step)
{
	struct official official;
	int r;

	if (call_may(&f->call, step, w->now_ms))
		return 0;
	r = official_load(w->vault, w->arena, step->official, &official);
	if (r == -ENOENT)
		command_refuse(command, PROBLEM_NOT_FOUND, "Cette personne n'est pas inscrite.");
	return r == -ENOENT ? 0 : r;
}

/* A number is taken at its word. Of who calls without one the first that are identified are given
 * too; the next ones wait for somebody else: who confirms them, or the chief who takes the call.
 * Counted in the journal: a restart forgets nothing. */
static int refuse_many(struct work *w, struct command *command, const struct call_file *f,
		       const struct call_step *step)
{
	const struct journal_targets others = {.subject = f->call.id,
					       .account = command->actor.id,
					       .kind = ENTRY_CALL_IDENTIFIED,
					       .since = ENTRY_READING_CONFIRMED,
					       .but = step->official};
	bool by_number = false;
	int64_t count = 0;
	int r = call_is_from(w->vault, f->face.number, step->official, &by_number);

	if (r || by_number || call_may(&f->call, step, w->now_ms))
		return r;
	r = journal_count_targets(w->vault, &others, &count);
	if (!r && count >= LIMIT_FILES_A_CALL)
		command_refuse(command, PROBLEM_TOO_MANY,
			       "Vous avez ouvert 5 dossiers pour cet appel : la suite attend qu'un "
			       "auditeur ou un administrateur le confirme, ou que le chef de salle "
			       "reprenne l'appel.");
	return r;
}

static int expire(void *context, struct id id)
{
	struct expiring *x = context;
	struct call_step step = {.event = CALL_EXPIRE};
	struct call_file f;
	int r = emergency_call_load(x->w->vault, x->w->arena, id, &f.call, &f.face);

	return r ? r : apply(x->w, x->command, &f, &step, STR_NONE);
}

int emergency_calls_expire(struct work *w, struct command *command, struct portion *portion)
{
	struct expiring x = {w, command};

	return emergency_calls_before(w->vault, w->now_ms - CALL_OPEN_MS, portion, expire, &x);
}

/* Of a handover: what became closed or another's meanwhile is left alone. */
int emergency_call_hand(struct work *w, struct command *command, struct id id,
			enum call_event event)
{
	struct call_step step = {.event = event, .by = command->actor.id};
	enum call_refusal left_alone;
	struct call_file f;
	int r = emergency_call_load(w->vault, w->arena, id, &f.call, &f.face);

	return r ? r : carry_out(w, command, &f, &step, STR_NONE, &left_alone);
}

static int by_operator(struct work *w, struct command *command, struct call_file *f,
		       struct call_step *step)
{
	int r = 0;

	if (step->event == CALL_CLOSE)
		return wrap_up(w, command, f, step);
	if (step->event == CALL_JOIN)
		r = join(w, command, f, step);
	else if (step->event == CALL_IDENTIFY)
		r = refuse_unknown(w, command, f, step);
	if (!r && !command->outcome.problem && step->event == CALL_IDENTIFY)
		r = refuse_many(w, command, f, step);
	return r || command->outcome.problem ? r : apply(w, command, f, step, STR_NONE);
}

int handle_call(struct work *w, struct command *command)
{
	struct call_step step = {.event = command->as.call.event,
				 .by = command->actor.id,
				 .is_supervisor =
					 access_allows(command->actor.roles,
						       RIGHT_CALL_HANDLE_OTHERS, RELATION_ROOM),
				 .official = command->as.call.official,
				 .follow = command->as.call.follow,
				 .has_text = command->text.len > 0};
	struct call_file f;
	struct id made;
	bool is_new;
	int r = emergency_call_load(w->vault, w->arena, command->subject, &f.call, &f.face);

	if (r == -ENOENT)
		command_refuse(command, PROBLEM_NOT_FOUND, not_found);
	if (r)
		return r == -ENOENT ? 0 : r;
	if (!may(command, &f.call))
		return 0;
	r = work_is_new(w, command, command->key, &is_new, &made);
	if (!r && is_new)
		r = by_operator(w, command, &f, &step);
	if (!r && is_new && !command->outcome.problem && command->key.ptr)
		r = seen_insert(w->vault, command->actor.id, command->key, f.call.id, w->now_ms);
	if (r || command->outcome.problem)
		return r;
	command->outcome.repeated = !is_new;
	finish(w, command, &f);
	return 0;
}

/* A case: see case.h. */
#include "service/case.h"
#include "service/directory.h"

#include <errno.h>

#include "service/card.h"
#include "service/effects.h"
#include "service/json.h"
#include "service/keeping.h"
#include "service/merges.h"
#include "service/problem.h"
#include "store/people.h"

/* A card with everything said; more only grows the buffer. */
enum { CARD_BYTES = 1536 };

struct followed case_followed(const struct alert *alert)
{
	return (struct followed){.known = true,
				 .claimed_by = alert->claimed_by,
				 .merged_into = alert->merged_into,
				 .closed_at_ms = alert->closed_at_ms,
				 .room_count = alert->room_count,
				 .silent = alert->silent};
}

int case_load(struct work *w, struct id alert, struct case_file *ret_case)
{
	int r;

	*ret_case = (struct case_file){.first_entry = w->entry_count};
	r = alert_load(w->vault, w->arena, alert, &ret_case->alert, &ret_case->face);
	if (!r)
		ret_case->before = case_followed(&ret_case->alert);
	return r;
}

int case_contact(struct work *w, struct case_file *c, struct id contact,
		 const struct contact **ret_contact)
{
	const struct reach *reach = alert_contact(&c->alert, contact);
	const struct contact **known = reach ? &c->contacts[reach - c->alert.contacts] : NULL;
	struct contact *loaded;
	int r;

	*ret_contact = known ? *known : NULL;
	if (*ret_contact)
		return 0;
	loaded = arena_alloc(w->arena, sizeof(*loaded));
	r = contact_load(w->vault, w->arena, contact, loaded);
	if (r)
		return r == -ENOENT ? 0 : r;
	*ret_contact = loaded;
	if (known)
		*known = loaded;
	return 0;
}

static struct str contact_name(struct work *w, struct case_file *c, struct id contact)
{
	const struct contact *loaded;

	return case_contact(w, c, contact, &loaded) || !loaded ? STR_NONE : loaded->name;
}

/* The name the sentence is about: a trusted person, a unit, or the room whose duty officer it is.
 */
static void target_members(struct work *w, struct case_file *c, struct id target, struct buf *b)
{
	struct dispatch *d = alert_dispatch(&c->alert, target);

	if (d) {
		json_text(b, "unit", directory_unit_name(w->directory, d->unit));
		json_id(b, "dispatch", d->id);
	} else if (alert_contact(&c->alert, target)) {
		json_text(b, "name", contact_name(w, c, target));
		json_id(b, "contact", target);
	} else if (directory_unit(w->directory, target)) {
		json_text(b, "unit", directory_unit_name(w->directory, target));
		json_bool(b, "duty", true);
	}
}

/* Under duress the step fires for that, not for what it waits for. */
static void climbed_members(struct work *w, struct case_file *c, int step, bool duress,
			    struct buf *b)
{
	const struct ladder_step *s = &w->ladder->steps[step];

	json_word(b, "step", duress ? "duress" : s->name);
	json_text(b, "target", directory_unit_name(w->directory, ladder_room(w, c, s->show)));
	json_bool(b, "duty", s->message_duty && ladder_duty(w, c, TARGET_OWN));
}

/* What an event takes from the alert, and its lines say. */
struct before {
	struct id claimed_by;
	int64_t merged_ref;
};

/* What the French sentence of the timeline needs (docs/protocol/api.md). */
static struct str body_of(struct work *w, struct case_file *c, const struct draft *draft,
			  const struct alert_command *event, struct str text,
			  const struct before *before)
{
	struct buf b = BUF_INIT;

	if (draft->kind == ENTRY_VISIT_MISSED)
		return text; /* whole: visits.c */
	buf_add_byte(&b, '{');
	switch (draft->kind) {
	case ENTRY_RAISED:
	case ENTRY_TRIGGERED:
		reasons_json(&b, "reasons", event->reasons);
		json_bool(&b, "test", c->alert.test);
		break;
	case ENTRY_TAKEN_OVER:
		json_text(&b, "from", directory_account_name(w->directory, before->claimed_by));
		json_text(&b, "reason", text);
		break;
	case ENTRY_ACCEPTED:
		json_text(&b, "from", directory_account_name(w->directory, before->claimed_by));
		if (text.len) /* taken over while it was offered */
			json_text(&b, "reason", text);
		break;
	case ENTRY_MERGED:
	case ENTRY_TOOK_IN:
	case ENTRY_UNMERGED:
	case ENTRY_LET_GO:
		json_int(&b, "ref",
			 draft->kind == ENTRY_UNMERGED ? before->merged_ref : event->ref);
		json_filled(&b, "reason", text);
		break;
	case ENTRY_SHOWN:
		json_text(&b, "room", directory_unit_name(w->directory, draft->target));
		json_int(&b, "ref", event->ref);
		break;
	case ENTRY_SILENCED:
		json_int(&b, "ref", event->ref);
		break;
	case ENTRY_NOTED:
		json_text(&b, "text", text);
		break;
	case ENTRY_CALLED:
		json_filled(&b, "number", text);
		break;
	case ENTRY_CLOSED:
		json_word(&b, "outcome", alert_outcome_name(event->outcome));
		json_text(&b, "text", text);
		break;
	case ENTRY_REOPENED:
		json_text(&b, "reason", text);
		break;
	case ENTRY_CLIMBED:
		climbed_members(w, c, draft->step, event->event == EVENT_END_DURESS, &b);
		break;
	case ENTRY_END_ASKED:
	case ENTRY_END_DURESS:
	case ENTRY_END_REFUSED:
		json_time(&b, "at", event->device_at_ms);
		if (draft->kind == ENTRY_END_REFUSED)
			json_int(&b, "tries", draft->step);
		break;
	case ENTRY_DEVICE_ASKED:
	case ENTRY_DEVICE_UNREACHED:
		json_text(&b, "request", text);
		break;
	case ENTRY_SOUND_LEFT:
	case ENTRY_TALK_ENDED:
		json_int(&b, "seconds", event->seconds);
		break;
	case ENTRY_SOUND_MARKED:
		json_int(&b, "epoch", event->epoch);
		json_int(&b, "sequence", event->sequence);
		json_text(&b, "text", text);
		break;
	case ENTRY_UNIT_DECLINED:
		target_members(w, c, draft->target, &b);
		json_text(&b, "reason", text);
		break;
	case ENTRY_MESSAGE_FAILED:
		target_members(w, c, draft->target, &b);
		json_text(&b, "error", text);
		break;
	default:
		target_members(w, c, draft->target, &b);
	}
	json_close(&b, '}');
	return work_keep(w, &b);
}

static struct str actor_name(struct work *w, struct command *command, struct case_file *c)
{
	struct dispatch *d;

	switch (command->actor.kind) {
	case ACTOR_ACCOUNT:
		return directory_account_name(w->directory, command->actor.id);
	case ACTOR_DEVICE:
		return c->face.device_label;
	case ACTOR_CONTACT:
		return contact_name(w, c, command->actor.id);
	case ACTOR_UNIT:
		d = alert_dispatch(&c->alert, command->actor.id);
		return d ? directory_unit_name(w->directory, d->unit) : STR_NONE;
	default:
		return STR_NONE;
	}
}

void case_entry(struct work *w, struct command *command, struct case_file *c, enum entry_kind kind,
		struct id target, struct str body)
{
	struct publication_draft *d =
		work_entry(w, command, kind, c->alert.id, target, c->alert.id, body);

	d->room_count = c->alert.room_count;
	memcpy(d->rooms, c->alert.rooms, sizeof(d->rooms));
	d->actor_name = actor_name(w, command, c);
}

static void write_line(struct work *w, struct command *command, struct case_file *c,
		       const struct draft *draft, struct str body)
{
	struct entry *e;

	case_entry(w, command, c, draft->kind, draft->target, body);
	if (!draft->of_itself)
		return;
	e = &w->entries[w->entry_count - 1];
	e->actor_kind = ACTOR_SYSTEM;
	e->actor = ID_NONE;
	w->drafts[w->entry_count - 1].actor_name = STR_NONE;
}

static int save(struct work *w, struct case_file *c)
{
	int r = c->is_new ? alert_insert(w->vault, &c->alert, &c->face)
			  : alert_update(w->vault, &c->alert);

	if (!r && !c->is_new && c->alert.closing_changed)
		r = keeping_follow(w, &c->alert);
	c->alert.version++;
	c->alert.closing_changed = false;
	for (unsigned i = 0; i < c->alert.dispatch_count; i++)
		c->alert.dispatches[i].changed = false;
	for (unsigned i = 0; i < c->alert.contact_count; i++)
		c->alert.contacts[i].changed = false;
	return r;
}

int case_apply(struct work *w, struct command *command, struct case_file *c,
	       const struct alert_command *event, struct str text)
{
	struct before before = {c->alert.claimed_by, c->alert.merged_ref};
	struct decision decision;
	enum refusal refusal = alert_apply(&c->alert, event, w->ladder, w->now_ms, &decision);
	int r;

	if (refusal) {
		command_refuse(command, refusal_problem(refusal), refusal_text(refusal));
		return 0;
	}
	if (!decision.entry_count && !decision.effect_count)
		return 0;
	/* Rooms first: the entries that tell a new room why it sees the alert must reach it. */
	effects_show_rooms(w, c, &decision);
	for (unsigned i = 0; i < decision.entry_count; i++) {
		const struct draft *draft = &decision.entries[i];

		write_line(w, command, c, draft, body_of(w, c, draft, event, text, &before));
	}
	r = save(w, c);
	if (!r)
		r = effects_carry_out(w, c, &decision);
	c->is_new = false;
	return r;
}

int case_publish(struct work *w, struct command *command, struct case_file *c)
{
	struct device_last last;
	struct card_facts facts = {&c->alert, &c->face,  c->last, w->directory,
				   w->ladder, w->now_ms, w->atlas};
	struct buf b = BUF_INIT;
	struct str card;
	int r = 0;

	command->outcome.subject = c->alert.id;
	command->outcome.device = c->alert.device;
	command->outcome.phone = c->alert.phone;
	if (!facts.last && !id_is_none(c->alert.device)) {
		r = device_last_load(w->vault, c->alert.device, &last);
		if (!r)
			facts.last = &last;
		else if (r == -ENOENT)
			r = 0;
	}
	buf_reserve(&b, CARD_BYTES);
	buf_add_byte(&b, '{');
	card_members(&b, &facts);
	json_close(&b, '}');
	card = work_keep(w, &b);
	for (size_t i = c->first_entry; i < w->entry_count; i++)
		if (w->drafts[i].command == command && w->entries[i].kind != ENTRY_POSITION)
			w->drafts[i].card = card;
	command->outcome.json = command_keep(command, card);
	return r;
}

int case_finish(struct work *w, struct command *command, struct case_file *c)
{
	int r = case_publish(w, command, c);

	return r ? r : merges_follow(w, command, c);
}

const char case_not_found[] = "Cette alerte n'existe pas, ou n'est pas visible de votre salle.";

bool case_may(struct command *command, const struct alert *alert, enum right right)
{
	const struct actor *a = &command->actor;
	enum relation relation = alert_shown_to(alert, a->room) ? RELATION_ROOM : RELATION_NONE;

	if (a->kind != ACTOR_ACCOUNT)
		return a->kind == ACTOR_CONTROL || a->kind == ACTOR_SYSTEM;
	if (access_allows(a->roles, right, relation))
		return true;
	if (relation == RELATION_NONE || !access_allows(a->roles, RIGHT_ALERT_READ, relation))
		command_refuse(command, PROBLEM_NOT_FOUND, case_not_found);
	else
		command_refuse(command, PROBLEM_FORBIDDEN,
			       "Votre rôle ne permet pas cette action.");
	return false;
}

static int keep_open(void *context, struct id id)
{
	struct open_cases *open = context;

	open->alerts[open->count++] = id;
	return 0;
}

int cases_open_of(struct work *w, struct id official, struct open_cases *ret_open)
{
	ret_open->count = 0;
	return alerts_open_of_official(w->vault, official, OPEN_CASES_MAX, keep_open, ret_open);
}

int cases_drop_contact(struct work *w, struct command *command, struct id official,
		       struct id contact)
{
	struct alert_command event = {.event = EVENT_LINK_REVOKE, .target = contact};
	struct open_cases open;
	int r = cases_open_of(w, official, &open);

	for (unsigned i = 0; !r && i < open.count; i++) {
		struct case_file c;

		r = case_load(w, open.alerts[i], &c);
		if (r || !alert_contact(&c.alert, contact))
			continue;
		r = case_apply(w, command, &c, &event, STR_NONE);
		if (!r)
			r = case_finish(w, command, &c);
	}
	return r;
}

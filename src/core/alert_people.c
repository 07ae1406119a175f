/* Units on their way and trusted persons asked: see alert.c for the diagram. */
#include <assert.h>

#include "core/alert_parts.h"

/* --- trusted persons */

static void ask_contact(struct turn *turn, struct reach *r)
{
	r->message = MESSAGE_QUEUED;
	r->asked_at_ms = turn->now_ms;
	r->attempts++;
	r->silent = r->link_revoked = false;
	r->changed = true;
	add_entry(turn, ENTRY_CONTACT_MESSAGED, r->contact, 0);
	add_effect(turn, (struct effect){.kind = EFFECT_MESSAGE_CONTACT, .target = r->contact});
	set_deadline(turn, TIMER_CONTACT, r->contact, 0,
		     turn->now_ms + turn->ladder->contact_answer_s * 1000LL);
}

static bool somebody_answered(const struct alert *a)
{
	for (unsigned i = 0; i < a->contact_count; i++)
		if (a->contacts[i].answered_at_ms != TIME_NONE)
			return true;
	return false;
}

void ask_next_contact(struct turn *turn)
{
	struct reach *first = NULL;

	if (somebody_answered(turn->alert))
		return;
	for (unsigned i = 0; i < turn->alert->contact_count; i++) {
		struct reach *r = &turn->alert->contacts[i];

		if (r->message == MESSAGE_NONE && (!first || r->rank < first->rank))
			first = r;
	}
	if (first)
		ask_contact(turn, first);
}

enum refusal act_timer_contact(struct turn *turn)
{
	struct reach *r = alert_contact(turn->alert, turn->command->target);

	if (!alert_is_open(turn->alert) || !r || r->silent || somebody_answered(turn->alert))
		return REFUSAL_NONE;
	r->silent = r->changed = true;
	add_entry(turn, ENTRY_CONTACT_SILENT, r->contact, 0);
	ask_next_contact(turn);
	return REFUSAL_NONE;
}

enum refusal act_contact_answered(struct turn *turn)
{
	struct reach *r = alert_contact(turn->alert, turn->command->target);

	if (!r)
		return REFUSAL_UNKNOWN_TARGET;
	if (r->answered_at_ms != TIME_NONE)
		return REFUSAL_NONE;
	r->answered_at_ms = turn->now_ms;
	r->changed = true;
	add_entry(turn, ENTRY_CONTACT_ANSWERED, r->contact, 0);
	clear_deadline(turn, TIMER_CONTACT, ID_NONE);
	return REFUSAL_NONE;
}

enum refusal act_contact_ask(struct turn *turn)
{
	struct reach *r = alert_contact(turn->alert, turn->command->target);

	if (!r)
		return REFUSAL_UNKNOWN_TARGET;
	if (r->answered_at_ms != TIME_NONE)
		return REFUSAL_ON_IT;
	ask_contact(turn, r);
	return REFUSAL_NONE;
}

enum refusal act_link_revoke(struct turn *turn)
{
	struct reach *r = alert_contact(turn->alert, turn->command->target);

	if (!r)
		return REFUSAL_UNKNOWN_TARGET;
	if (r->link_revoked)
		return REFUSAL_NONE;
	r->link_revoked = r->changed = true;
	add_entry(turn, ENTRY_LINK_REVOKED, r->contact, 0);
	add_effect(turn, (struct effect){.kind = EFFECT_LINK_REVOKE, .target = r->contact});
	return REFUSAL_NONE;
}

/* --- units */

enum refusal act_dispatch(struct turn *turn)
{
	struct alert *a = turn->alert;
	struct dispatch *d;

	for (unsigned i = 0; i < a->dispatch_count; i++)
		if (dispatch_is_live(&a->dispatches[i]) && id_eq(a->dispatches[i].unit, turn->command->unit))
			return REFUSAL_UNIT_ALREADY;
	if (a->dispatch_count == ALERT_MAX_DISPATCHES)
		return REFUSAL_FULL;
	d = &a->dispatches[a->dispatch_count++];
	*d = (struct dispatch){.id = turn->command->target,
			       .unit = turn->command->unit,
			       .message = MESSAGE_QUEUED,
			       .sent_at_ms = turn->now_ms,
			       .received_at_ms = TIME_NONE,
			       .en_route_at_ms = TIME_NONE,
			       .arrived_at_ms = TIME_NONE,
			       .ended_at_ms = TIME_NONE,
			       .changed = true};
	add_entry(turn, ENTRY_UNIT_SENT, d->id, 0);
	add_effect(turn, (struct effect){.kind = EFFECT_MESSAGE_UNIT, .target = d->id});
	set_deadline(turn, TIMER_UNIT, d->id, 0, turn->now_ms + turn->ladder->unit_receipt_s * 1000LL);
	note_act(turn);
	return REFUSAL_NONE;
}

/* A unit only goes forward; saying the same thing twice changes nothing. */
static enum refusal unit_goes(struct turn *turn, enum dispatch_state to, enum entry_kind kind)
{
	struct dispatch *d = alert_dispatch(turn->alert, turn->command->target);

	if (!d)
		return REFUSAL_UNKNOWN_TARGET;
	if (d->state == to)
		return REFUSAL_NONE;
	if (!dispatch_is_live(d) || d->state > to)
		return REFUSAL_STEP_BACK;
	d->state = to;
	d->changed = true;
	if (d->received_at_ms == TIME_NONE)
		d->received_at_ms = turn->now_ms;
	if (to == DISPATCH_EN_ROUTE)
		d->en_route_at_ms = turn->now_ms;
	if (to == DISPATCH_ARRIVED)
		d->arrived_at_ms = turn->now_ms;
	if (to == DISPATCH_DECLINED || to == DISPATCH_CANCELLED)
		d->ended_at_ms = turn->now_ms;
	add_entry(turn, kind, d->id, 0);
	clear_deadline(turn, TIMER_UNIT, d->id);
	return REFUSAL_NONE;
}

enum refusal act_unit_received(struct turn *turn)
{
	return unit_goes(turn, DISPATCH_RECEIVED, ENTRY_UNIT_RECEIVED);
}

enum refusal act_unit_en_route(struct turn *turn)
{
	return unit_goes(turn, DISPATCH_EN_ROUTE, ENTRY_UNIT_EN_ROUTE);
}

enum refusal act_unit_arrived(struct turn *turn)
{
	return unit_goes(turn, DISPATCH_ARRIVED, ENTRY_UNIT_ARRIVED);
}

enum refusal act_unit_declined(struct turn *turn)
{
	return unit_goes(turn, DISPATCH_DECLINED, ENTRY_UNIT_DECLINED);
}

enum refusal act_unit_cancel(struct turn *turn)
{
	return unit_goes(turn, DISPATCH_CANCELLED, ENTRY_UNIT_CANCELLED);
}

enum refusal act_timer_unit(struct turn *turn)
{
	struct alert *a = turn->alert;
	struct dispatch *d = alert_dispatch(a, turn->command->target);

	if (!alert_is_open(a) || !d || !dispatch_is_live(d) || d->state != DISPATCH_SENT || d->silent)
		return REFUSAL_NONE;
	d->silent = d->changed = true;
	a->level++;
	add_entry(turn, ENTRY_UNIT_SILENT, d->id, 0);
	add_effect(turn, (struct effect){.kind = EFFECT_MESSAGE_DUTY, .target = d->id, .room = TARGET_OWN});
	return REFUSAL_NONE;
}

/* --- what became of an SMS, to a trusted person or a unit */

/* Receipts come late, twice and out of order: states only go forward, and "delivered" is final. */
static bool message_advances(enum message_state from, enum message_state to)
{
	if (from == MESSAGE_DELIVERED || from == to)
		return false;
	return from == MESSAGE_FAILED ? to == MESSAGE_DELIVERED : to > from;
}

static enum entry_kind message_entry(enum message_state state)
{
	static const enum entry_kind kinds[MESSAGE_STATES] = {
		[MESSAGE_ACCEPTED] = ENTRY_MESSAGE_ACCEPTED,
		[MESSAGE_SENT] = ENTRY_MESSAGE_SENT,
		[MESSAGE_DELIVERED] = ENTRY_MESSAGE_DELIVERED,
		[MESSAGE_FAILED] = ENTRY_MESSAGE_FAILED,
	};

	return kinds[state];
}

enum refusal act_message(struct turn *turn)
{
	struct alert *a = turn->alert;
	struct reach *r = alert_contact(a, turn->command->target);
	struct dispatch *d = alert_dispatch(a, turn->command->target);
	enum message_state to = turn->command->message, *at = r ? &r->message : d ? &d->message : NULL;

	if (!at)
		return REFUSAL_UNKNOWN_TARGET;
	if (to <= MESSAGE_QUEUED || !message_advances(*at, to))
		return REFUSAL_NONE;
	*at = to;
	if (r)
		r->changed = true;
	else
		d->changed = true;
	add_entry(turn, message_entry(to), turn->command->target, 0);
	/* Refused or undelivered: nobody waits out the minute. */
	if (to == MESSAGE_FAILED && r && alert_is_open(a) && r->answered_at_ms == TIME_NONE) {
		clear_deadline(turn, TIMER_CONTACT, r->contact);
		ask_next_contact(turn);
	}
	return REFUSAL_NONE;
}

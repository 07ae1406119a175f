/* Units on their way and trusted persons asked: see alert.c for the diagram. */
#include <assert.h>

#include "core/alert_parts.h"

/* --- trusted persons */

void forget_contacts(struct alert *a)
{
	for (unsigned i = 0; i < a->contact_count; i++) {
		struct reach *r = &a->contacts[i];

		*r = (struct reach){.contact = r->contact,
				    .rank = r->rank,
				    .asked_at_ms = TIME_NONE,
				    .answered_at_ms = TIME_NONE};
	}
}

/* Whoever lost their link no longer counts, whatever they answer: the operator may have a reason to
 * fear them. */
static bool is_on_it(const struct reach *r)
{
	return r->answered_at_ms != TIME_NONE && !r->link_revoked;
}

static bool somebody_is_on_it(const struct alert *a)
{
	for (unsigned i = 0; i < a->contact_count; i++)
		if (is_on_it(&a->contacts[i]))
			return true;
	return false;
}

/* Whether the chain waits for this one's answer: exactly then their deadline is armed. */
static bool is_awaited(const struct alert *a, const struct reach *r)
{
	return alert_is_open(a) && !a->chain_rests && r->message != MESSAGE_NONE && !r->silent &&
	       !r->link_revoked && r->answered_at_ms == TIME_NONE && !somebody_is_on_it(a);
}

/* Our gateway's "accepted" is not the operator's "sent": Kannel accepts while its line is down. */
bool message_has_not_left(enum message_state message)
{
	return message == MESSAGE_QUEUED || message == MESSAGE_ACCEPTED;
}

/* First it is looked whether the SMS has left, then whether somebody has answered. */
static int64_t awaited_until_ms(const struct ladder *ladder, int64_t since_ms,
				enum message_state message, bool late, int answer_s)
{
	bool looks_at_sms =
		message_has_not_left(message) && !late && ladder->message_sent_s < answer_s;

	return since_ms + (looks_at_sms ? ladder->message_sent_s : answer_s) * 1000LL;
}

static int64_t waited_for_since_ms(const struct alert *a, const struct reach *r)
{
	return r->asked_at_ms < a->chain_from_ms ? a->chain_from_ms : r->asked_at_ms;
}

static int64_t contact_due_at_ms(const struct turn *turn, const struct reach *r)
{
	return awaited_until_ms(turn->ladder, waited_for_since_ms(turn->alert, r), r->message,
				r->late, turn->ladder->contact_answer_s);
}

static bool somebody_is_awaited(const struct alert *a)
{
	for (unsigned i = 0; i < a->contact_count; i++)
		if (is_awaited(a, &a->contacts[i]))
			return true;
	return false;
}

static void arm_contact(struct turn *turn, const struct reach *r)
{
	set_deadline(turn, TIMER_CONTACT, r->contact, 0, contact_due_at_ms(turn, r));
}

static void ask_contact(struct turn *turn, struct reach *r)
{
	r->message = MESSAGE_QUEUED;
	r->asked_at_ms = turn->now_ms;
	r->answered_at_ms = TIME_NONE;
	r->attempts++;
	r->silent = r->late = r->link_revoked = false;
	r->changed = true;
	add_entry(turn, ENTRY_CONTACT_MESSAGED, r->contact, 0);
	add_effect(turn, (struct effect){.kind = EFFECT_MESSAGE_CONTACT, .target = r->contact});
	if (is_awaited(turn->alert, r))
		arm_contact(turn, r);
}

void ask_next_contact(struct turn *turn)
{
	struct reach *first = NULL;

	if (somebody_is_on_it(turn->alert) || turn->alert->chain_rests)
		return;
	for (unsigned i = 0; i < turn->alert->contact_count; i++) {
		struct reach *r = &turn->alert->contacts[i];

		if (r->message == MESSAGE_NONE && !r->link_revoked &&
		    (!first || r->rank < first->rank))
			first = r;
	}
	if (first)
		ask_contact(turn, first);
}

void wake_chain(struct turn *turn)
{
	if (!turn->alert->chain_rests)
		return;
	turn->alert->chain_rests = false;
	turn->alert->chain_from_ms = turn->now_ms;
	for (unsigned i = 0; i < turn->alert->contact_count; i++)
		if (is_awaited(turn->alert, &turn->alert->contacts[i]))
			arm_contact(turn, &turn->alert->contacts[i]);
	if (!somebody_is_awaited(turn->alert))
		ask_next_contact(turn);
}

/* The chain waits for this one no longer, and goes on to the next, once. */
static void pass_over(struct turn *turn, struct reach *r)
{
	r->silent = true;
	clear_deadline(turn, TIMER_CONTACT, r->contact);
	if (!r->late || !somebody_is_awaited(turn->alert))
		ask_next_contact(turn);
}

enum refusal act_timer_contact(struct turn *turn)
{
	struct reach *r = alert_contact(turn->alert, turn->command->target);

	if (!r || !is_awaited(turn->alert, r))
		return REFUSAL_NONE;
	if (turn->now_ms < contact_due_at_ms(turn, r)) {
		arm_contact(turn, r); /* asked again since, or the wall clock was set back */
		return REFUSAL_NONE;
	}
	r->changed = true;
	if (turn->now_ms <
	    waited_for_since_ms(turn->alert, r) + turn->ladder->contact_answer_s * 1000LL) {
		add_entry(turn, ENTRY_MESSAGE_LATE, r->contact, 0);
		r->late = true;
		arm_contact(turn, r);
		ask_next_contact(turn);
		return REFUSAL_NONE;
	}
	add_entry(turn, ENTRY_CONTACT_SILENT, r->contact, 0);
	pass_over(turn, r);
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
	if (is_on_it(r))
		clear_deadline(turn, TIMER_CONTACT, ID_NONE);
	return REFUSAL_NONE;
}

enum refusal act_contact_ask(struct turn *turn)
{
	struct reach *r = alert_contact(turn->alert, turn->command->target);

	if (!r)
		return REFUSAL_UNKNOWN_TARGET;
	if (is_on_it(r))
		return REFUSAL_ON_IT;
	ask_contact(turn, r);
	note_act_of_holder(turn);
	return REFUSAL_NONE;
}

/* The one who was on it no longer counts: those the chain was still waiting for are waited for
 * again. */
static void resume_chain(struct turn *turn)
{
	for (unsigned i = 0; i < turn->alert->contact_count; i++)
		if (is_awaited(turn->alert, &turn->alert->contacts[i]))
			arm_contact(turn, &turn->alert->contacts[i]);
	ask_next_contact(turn);
}

enum refusal act_link_revoke(struct turn *turn)
{
	struct reach *r = alert_contact(turn->alert, turn->command->target);
	bool awaited, on_it;

	if (!r)
		return REFUSAL_UNKNOWN_TARGET;
	if (r->link_revoked)
		return REFUSAL_NONE;
	awaited = is_awaited(turn->alert, r);
	on_it = is_on_it(r);
	r->link_revoked = r->changed = true;
	add_entry(turn, ENTRY_LINK_REVOKED, r->contact, 0);
	add_effect(turn, (struct effect){.kind = EFFECT_LINK_REVOKE, .target = r->contact});
	if (awaited)
		pass_over(turn, r);
	else if (on_it && alert_is_open(turn->alert))
		resume_chain(turn);
	return REFUSAL_NONE;
}

/* A link that ended stays ended when the alert is reopened: asking the person again makes a new
 * one. */
void end_links(struct alert *a)
{
	for (unsigned i = 0; i < a->contact_count; i++) {
		struct reach *r = &a->contacts[i];

		if (r->message == MESSAGE_NONE || r->link_revoked)
			continue;
		r->link_revoked = r->changed = true;
	}
}

/* --- units */

static int64_t unit_due_at_ms(const struct turn *turn, const struct dispatch *d)
{
	return awaited_until_ms(turn->ladder, d->sent_at_ms, d->message, d->late,
				turn->ladder->unit_receipt_s);
}

static void arm_unit(struct turn *turn, const struct dispatch *d)
{
	set_deadline(turn, TIMER_UNIT, d->id, 0, unit_due_at_ms(turn, d));
}

/* Whether the room waits for its receipt: exactly then its deadline is armed. */
static bool unit_is_awaited(const struct alert *a, const struct dispatch *d)
{
	return alert_is_open(a) && dispatch_is_live(d) && d->state == DISPATCH_SENT && !d->silent;
}

enum refusal act_dispatch(struct turn *turn)
{
	struct alert *a = turn->alert;
	struct dispatch *d;

	for (unsigned i = 0; i < a->dispatch_count; i++)
		if (dispatch_is_live(&a->dispatches[i]) &&
		    id_eq(a->dispatches[i].unit, turn->command->unit))
			return REFUSAL_UNIT_ALREADY;
	if (a->dispatch_count == ALERT_MAX_DISPATCHES)
		return REFUSAL_FULL;
	assert(!alert_dispatch(a, turn->command->target));
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
	arm_unit(turn, d);
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
	if (!dispatch_is_live(d) || d->state > to ||
	    (d->state == DISPATCH_ARRIVED && to == DISPATCH_DECLINED))
		return REFUSAL_STEP_BACK;
	d->state = to;
	d->changed = true;
	/* Any word from the unit is a receipt; the room's cancelling is not. */
	if (d->received_at_ms == TIME_NONE && to != DISPATCH_CANCELLED)
		d->received_at_ms = turn->now_ms;
	if (to == DISPATCH_EN_ROUTE)
		d->en_route_at_ms = turn->now_ms;
	if (to == DISPATCH_ARRIVED)
		d->arrived_at_ms = turn->now_ms;
	if (to == DISPATCH_DECLINED || to == DISPATCH_CANCELLED) {
		d->ended_at_ms = turn->now_ms;
		add_effect(turn, (struct effect){.kind = EFFECT_MESSAGES_CANCEL, .target = d->id});
	}
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

void end_dispatches(struct turn *turn)
{
	struct alert *a = turn->alert;

	for (unsigned i = 0; i < a->dispatch_count; i++) {
		struct dispatch *d = &a->dispatches[i];

		if (!dispatch_is_live(d))
			continue;
		d->ended_at_ms = turn->now_ms;
		if (d->state != DISPATCH_ARRIVED)
			d->state = DISPATCH_CANCELLED;
		d->changed = true;
	}
}

enum refusal act_timer_unit(struct turn *turn)
{
	struct alert *a = turn->alert;
	struct dispatch *d = alert_dispatch(a, turn->command->target);

	if (!d || !unit_is_awaited(a, d))
		return REFUSAL_NONE;
	if (turn->now_ms < unit_due_at_ms(turn, d)) {
		arm_unit(turn, d);
		return REFUSAL_NONE;
	}
	d->changed = true;
	if (turn->now_ms < d->sent_at_ms + turn->ladder->unit_receipt_s * 1000LL) {
		add_entry(turn, ENTRY_MESSAGE_LATE, d->id, 0);
		d->late = true;
		arm_unit(turn, d);
		return REFUSAL_NONE;
	}
	d->silent = true;
	a->level++;
	add_entry(turn, ENTRY_UNIT_SILENT, d->id, 0);
	add_effect(turn, (struct effect){
				 .kind = EFFECT_MESSAGE_DUTY, .target = d->id, .room = TARGET_OWN});
	return REFUSAL_NONE;
}

/* --- what became of an SMS, to a trusted person or a unit */

/*
 * Receipts come late, twice and out of order: states only go forward, and "delivered" is final.
 * After a failure the gateway may accept another attempt.
 */
static bool message_advances(enum message_state from, enum message_state to)
{
	if (from == MESSAGE_NONE || from == MESSAGE_DELIVERED || from == to)
		return false;
	return from == MESSAGE_FAILED ? to == MESSAGE_ACCEPTED || to == MESSAGE_DELIVERED
				      : to > from;
}

enum entry_kind message_entry(enum message_state state)
{
	static const enum entry_kind kinds[MESSAGE_STATES] = {
		[MESSAGE_ACCEPTED] = ENTRY_MESSAGE_ACCEPTED,
		[MESSAGE_SENT] = ENTRY_MESSAGE_SENT,
		[MESSAGE_DELIVERED] = ENTRY_MESSAGE_DELIVERED,
		[MESSAGE_FAILED] = ENTRY_MESSAGE_FAILED,
	};

	return kinds[state];
}

/* Refused or undelivered: nobody waits out the minute. */
static void contact_message(struct turn *turn, struct reach *r, enum message_state to)
{
	int64_t due_at_ms = contact_due_at_ms(turn, r);
	bool awaited = is_awaited(turn->alert, r);

	r->message = to;
	r->changed = true;
	if (awaited && to == MESSAGE_FAILED)
		pass_over(turn, r);
	else if (awaited && contact_due_at_ms(turn, r) != due_at_ms)
		arm_contact(turn, r);
}

/* Said once, whether it did not leave or failed. */
static void unit_message(struct turn *turn, struct dispatch *d, enum message_state to)
{
	int64_t due_at_ms = unit_due_at_ms(turn, d);

	d->message = to;
	d->late |= to == MESSAGE_FAILED;
	d->changed = true;
	if (unit_is_awaited(turn->alert, d) && unit_due_at_ms(turn, d) != due_at_ms)
		arm_unit(turn, d);
}

enum refusal act_message(struct turn *turn)
{
	struct reach *r = alert_contact(turn->alert, turn->command->target);
	struct dispatch *d = alert_dispatch(turn->alert, turn->command->target);
	enum message_state to = turn->command->message;

	if (!r && !d)
		return REFUSAL_UNKNOWN_TARGET;
	if (!message_advances(r ? r->message : d->message, to))
		return REFUSAL_NONE;
	add_entry(turn, message_entry(to), turn->command->target, 0);
	if (r)
		contact_message(turn, r, to);
	else
		unit_message(turn, d, to);
	return REFUSAL_NONE;
}

/* Raising, claiming, closing, and the ladder an alert climbs: see alert.c for the diagram. */
#include <assert.h>

#include "core/alert_parts.h"

void add_entry(struct turn *turn, enum entry_kind kind, struct id target, int step)
{
	struct decision *d = turn->decision;

	assert(d->entry_count < DECISION_MAX_ENTRIES);
	d->entries[d->entry_count++] = (struct draft){kind, target, step};
}

void add_effect(struct turn *turn, struct effect effect)
{
	struct decision *d = turn->decision;

	assert(d->effect_count < DECISION_MAX_EFFECTS);
	d->effects[d->effect_count++] = effect;
}

void set_deadline(struct turn *turn, enum timer_kind timer, struct id target, int step, int64_t due_at_ms)
{
	add_effect(turn, (struct effect){.kind = EFFECT_DEADLINE_SET,
					 .target = target,
					 .timer = timer,
					 .step = step,
					 .due_at_ms = due_at_ms});
}

void clear_deadline(struct turn *turn, enum timer_kind timer, struct id target)
{
	add_effect(turn, (struct effect){.kind = EFFECT_DEADLINE_CLEAR, .target = target, .timer = timer});
}

/* The next step after `after` that can still fire in the alert's situation; -1 when none. */
static int next_step(const struct turn *turn, int after)
{
	const struct alert *a = turn->alert;
	bool claimed = !id_is_none(a->claimed_by);

	for (int i = after + 1; i < (int)turn->ladder->step_count; i++) {
		const struct ladder_step *step = &turn->ladder->steps[i];

		if (a->climbed & 1u << i)
			continue;
		if (claimed == (step->unless == UNLESS_ACTED) &&
		    !(claimed && a->acted_at_ms != TIME_NONE))
			return i;
	}
	return -1;
}

static void arm_after(struct turn *turn, int after)
{
	const struct alert *a = turn->alert;
	int step = next_step(turn, after);
	int64_t from_ms = id_is_none(a->claimed_by) ? a->ladder_from_ms : a->claimed_at_ms;

	if (step < 0)
		clear_deadline(turn, TIMER_LADDER, ID_NONE);
	else
		set_deadline(turn, TIMER_LADDER, ID_NONE, step,
			     from_ms + turn->ladder->steps[step].after_s * 1000LL);
}

void arm_ladder(struct turn *turn)
{
	arm_after(turn, -1);
}

void note_act(struct turn *turn)
{
	struct alert *a = turn->alert;

	if (a->acted_at_ms != TIME_NONE || id_is_none(a->claimed_by))
		return;
	a->acted_at_ms = turn->now_ms;
	clear_deadline(turn, TIMER_LADDER, ID_NONE);
}

static bool step_is_over(const struct alert *a, enum ladder_unless unless)
{
	switch (unless) {
	case UNLESS_PAINTED:
		return a->painted_at_ms != TIME_NONE || !id_is_none(a->claimed_by);
	case UNLESS_CLAIMED:
		return !id_is_none(a->claimed_by);
	default:
		return id_is_none(a->claimed_by) || a->acted_at_ms != TIME_NONE;
	}
}

enum refusal act_timer_ladder(struct turn *turn)
{
	struct alert *a = turn->alert;
	int at = turn->command->step;
	const struct ladder_step *step;

	if (!alert_is_open(a) || at < 0 || at >= (int)turn->ladder->step_count || (a->climbed & 1u << at))
		return REFUSAL_NONE;
	step = &turn->ladder->steps[at];
	if (!step_is_over(a, step->unless)) {
		a->climbed |= 1u << at;
		a->level++;
		add_entry(turn, ENTRY_CLIMBED, ID_NONE, at);
		if (step->show != TARGET_OWN)
			add_effect(turn, (struct effect){.kind = EFFECT_SHOW_ROOM, .room = step->show, .step = at});
		if (step->message_duty)
			add_effect(turn, (struct effect){.kind = EFFECT_MESSAGE_DUTY, .room = TARGET_OWN, .step = at});
	}
	arm_after(turn, at);
	return REFUSAL_NONE;
}

enum refusal act_raise(struct turn *turn)
{
	struct alert *a = turn->alert;

	a->triggers = 1;
	a->reasons = turn->command->reasons;
	a->device_at_ms = turn->command->device_at_ms;
	a->raised_at_ms = a->last_trigger_at_ms = a->ladder_from_ms = turn->now_ms;
	a->painted_at_ms = a->acted_at_ms = a->claimed_at_ms = a->closed_at_ms = TIME_NONE;
	add_entry(turn, ENTRY_RAISED, ID_NONE, 0);
	arm_ladder(turn);
	ask_next_contact(turn);
	return REFUSAL_NONE;
}

enum refusal act_trigger(struct turn *turn)
{
	struct alert *a = turn->alert;

	a->triggers++;
	a->last_trigger_at_ms = turn->now_ms;
	a->reasons |= turn->command->reasons;
	add_entry(turn, ENTRY_TRIGGERED, ID_NONE, 0);
	return REFUSAL_NONE;
}

enum refusal act_paint(struct turn *turn)
{
	struct alert *a = turn->alert;

	if (a->painted_at_ms != TIME_NONE || !alert_is_open(a))
		return REFUSAL_NONE;
	a->painted_at_ms = turn->now_ms;
	add_entry(turn, ENTRY_PAINTED, ID_NONE, 0);
	return REFUSAL_NONE;
}

static void hold(struct turn *turn, enum entry_kind kind)
{
	struct alert *a = turn->alert;

	a->claimed_by = turn->command->by;
	a->claimed_at_ms = turn->now_ms;
	/* Whoever claims it has seen it, even if the console's message about painting was lost. */
	if (a->painted_at_ms == TIME_NONE)
		a->painted_at_ms = turn->now_ms;
	add_entry(turn, kind, ID_NONE, 0);
	arm_ladder(turn);
}

enum refusal act_claim(struct turn *turn)
{
	struct alert *a = turn->alert;

	if (id_eq(a->claimed_by, turn->command->by))
		return REFUSAL_NONE;
	if (!id_is_none(a->claimed_by))
		return REFUSAL_CLAIMED;
	hold(turn, ENTRY_CLAIMED);
	return REFUSAL_NONE;
}

enum refusal act_take_over(struct turn *turn)
{
	struct alert *a = turn->alert;

	if (id_eq(a->claimed_by, turn->command->by))
		return REFUSAL_YOURS;
	if (turn->now_ms - a->claimed_at_ms > turn->ladder->take_over_free_s * 1000LL &&
	    !turn->command->has_text)
		return REFUSAL_REASON_NEEDED;
	hold(turn, ENTRY_TAKEN_OVER);
	return REFUSAL_NONE;
}

enum refusal act_note(struct turn *turn)
{
	if (!turn->command->has_text)
		return REFUSAL_TEXT_NEEDED;
	add_entry(turn, ENTRY_NOTED, ID_NONE, 0);
	if (id_eq(turn->alert->claimed_by, turn->command->by))
		note_act(turn);
	return REFUSAL_NONE;
}

enum refusal act_device_asked(struct turn *turn)
{
	add_entry(turn, ENTRY_DEVICE_ASKED, ID_NONE, 0);
	return REFUSAL_NONE;
}

enum refusal act_close(struct turn *turn)
{
	struct alert *a = turn->alert;

	if (turn->command->outcome == OUTCOME_OTHER && !turn->command->has_text)
		return REFUSAL_TEXT_NEEDED;
	a->closed_at_ms = turn->now_ms;
	a->outcome = turn->command->outcome;
	for (unsigned i = 0; i < a->dispatch_count; i++) {
		struct dispatch *d = &a->dispatches[i];

		if (!dispatch_is_live(d))
			continue;
		d->ended_at_ms = turn->now_ms;
		if (d->state != DISPATCH_ARRIVED)
			d->state = DISPATCH_CANCELLED;
		d->changed = true;
	}
	add_entry(turn, ENTRY_CLOSED, ID_NONE, 0);
	for (int timer = 0; timer < TIMER_KINDS; timer++)
		clear_deadline(turn, (enum timer_kind)timer, ID_NONE);
	add_effect(turn, (struct effect){.kind = EFFECT_LINKS_END});
	add_effect(turn, (struct effect){.kind = EFFECT_MESSAGES_CANCEL});
	return REFUSAL_NONE;
}

/* The one who reopens has it; what was climbed and done before counts no more. */
enum refusal act_reopen(struct turn *turn)
{
	struct alert *a = turn->alert;

	if (!turn->command->has_text)
		return REFUSAL_TEXT_NEEDED;
	a->closed_at_ms = a->acted_at_ms = TIME_NONE;
	a->outcome = OUTCOME_NONE;
	a->ladder_from_ms = turn->now_ms;
	a->climbed = 0;
	a->level = 0;
	hold(turn, ENTRY_REOPENED);
	return REFUSAL_NONE;
}

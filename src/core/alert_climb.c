/* Raising, claiming, closing, and the ladder an alert climbs: see alert.c for the diagram. */
#include <assert.h>

#include "core/alert_parts.h"

/*
 * Of a test that a device asked for: long enough for a screen to show it and for somebody to hear
 * of it, over before the ladder looks for somebody to claim it.
 */
enum { TEST_LASTS_MS = 8000 };

/* Of what is offered at the end of a shift: long enough to read each one before it is accepted. */
enum { OFFER_WAITS_MS = 5 * 60 * 1000 };

void add_entry(struct turn *turn, enum entry_kind kind, struct id target, int step)
{
	struct decision *d = turn->decision;

	assert(d->entry_count < DECISION_MAX_ENTRIES);
	d->entries[d->entry_count++] = (struct draft){kind, target, step, false};
}

void add_entry_of_itself(struct turn *turn, enum entry_kind kind, struct id target)
{
	add_entry(turn, kind, target, 0);
	turn->decision->entries[turn->decision->entry_count - 1].of_itself = true;
}

void add_effect(struct turn *turn, struct effect effect)
{
	struct decision *d = turn->decision;

	assert(d->effect_count < DECISION_MAX_EFFECTS);
	d->effects[d->effect_count++] = effect;
}

void set_deadline(struct turn *turn, enum timer_kind timer, struct id target, int step,
		  int64_t due_at_ms)
{
	add_effect(turn, (struct effect){.kind = EFFECT_DEADLINE_SET,
					 .target = target,
					 .timer = timer,
					 .step = step,
					 .due_at_ms = due_at_ms});
}

void clear_deadline(struct turn *turn, enum timer_kind timer, struct id target)
{
	add_effect(turn, (struct effect){
				 .kind = EFFECT_DEADLINE_CLEAR, .target = target, .timer = timer});
}

/* Whoever offered it may have left: it climbs as if nobody had it, after a while for those who come
 * to take it. */
static bool is_offered(const struct alert *a)
{
	return a->offered_at_ms != TIME_NONE;
}

/* Whether what the step waits for has come, or can no longer come. */
static bool step_is_over(const struct alert *a, enum ladder_unless unless)
{
	bool claimed = !id_is_none(a->claimed_by) && !is_offered(a);

	switch (unless) {
	case UNLESS_PAINTED:
		return claimed || a->painted_at_ms != TIME_NONE;
	case UNLESS_CLAIMED:
		return claimed;
	default:
		return !claimed || a->acted_at_ms != TIME_NONE;
	}
}

/* The step the alert waits at: the first that has not fired and is not over; -1 when none. */
static int waiting_step(const struct turn *turn)
{
	/* The one it is under climbs. */
	if (!id_is_none(turn->alert->merged_into))
		return -1;
	for (int i = 0; i < (int)turn->ladder->step_count; i++)
		if (!(turn->alert->climbed & 1u << i) &&
		    !step_is_over(turn->alert, turn->ladder->steps[i].unless))
			return i;
	return -1;
}

static int64_t step_due_at_ms(const struct turn *turn, int step)
{
	const struct alert *a = turn->alert;
	int64_t from_ms = is_offered(a)               ? a->offered_at_ms + OFFER_WAITS_MS
			  : id_is_none(a->claimed_by) ? a->ladder_from_ms
						      : a->claimed_at_ms;

	return from_ms + turn->ladder->steps[step].after_s * 1000LL;
}

void arm_ladder(struct turn *turn)
{
	int step = waiting_step(turn);

	if (step < 0)
		clear_deadline(turn, TIMER_LADDER, ID_NONE);
	else
		set_deadline(turn, TIMER_LADDER, ID_NONE, step, step_due_at_ms(turn, step));
}

void note_act(struct turn *turn)
{
	struct alert *a = turn->alert;

	if (a->acted_at_ms != TIME_NONE || id_is_none(a->claimed_by))
		return;
	a->acted_at_ms = turn->now_ms;
	arm_ladder(turn);
}

void note_act_of_holder(struct turn *turn)
{
	if (id_eq(turn->alert->claimed_by, turn->command->by))
		note_act(turn);
}

static void climb(struct turn *turn, int at)
{
	const struct ladder_step *step = &turn->ladder->steps[at];

	turn->alert->climbed |= 1u << at;
	turn->alert->level++;
	add_entry(turn, ENTRY_CLIMBED, ID_NONE, at);
	if (step->show != TARGET_OWN)
		add_effect(turn, (struct effect){
					 .kind = EFFECT_SHOW_ROOM, .room = step->show, .step = at});
	if (step->message_duty)
		add_effect(turn, (struct effect){.kind = EFFECT_MESSAGE_DUTY,
						 .room = TARGET_OWN,
						 .step = at});
}

static bool step_calls(const struct ladder_step *step)
{
	return step->show != TARGET_OWN || step->message_duty;
}

void climb_now(struct turn *turn)
{
	for (int i = 0; i < (int)turn->ladder->step_count; i++) {
		if (turn->alert->climbed & 1u << i || !step_calls(&turn->ladder->steps[i]))
			continue;
		climb(turn, i);
		break;
	}
	arm_ladder(turn);
}

/*
 * The clock may fire a deadline that was replaced while the command waited, fire it twice, or early
 * when the wall clock was set back: only the step the alert waits at fires, when it is due, and
 * whatever happens the deadline is armed again: step -1, which is none, asks for that alone.
 */
enum refusal act_timer_ladder(struct turn *turn)
{
	int step;

	if (!alert_is_open(turn->alert))
		return REFUSAL_NONE;
	step = waiting_step(turn);
	if (step >= 0 && step == turn->command->step && turn->now_ms >= step_due_at_ms(turn, step))
		climb(turn, step);
	arm_ladder(turn);
	return REFUSAL_NONE;
}

/* The last step that fired, if it called the duty officer for something that has not come; else -1.
 */
static int calling_step(const struct turn *turn)
{
	const struct ladder_step *steps = turn->ladder->steps;
	int last = (int)turn->ladder->step_count - 1;

	while (last >= 0 && !(turn->alert->climbed & 1u << last))
		last--;
	if (last < 0 || !steps[last].message_duty || step_is_over(turn->alert, steps[last].unless))
		return -1;
	return last;
}

/*
 * An SMS that failed calls nobody: the step after the one that called fires now. Only that one: it
 * is then the last, and what it calls has a fate of its own.
 */
static void climb_for_duty(struct turn *turn)
{
	int calling = calling_step(turn), step = waiting_step(turn);

	if (calling < 0 || step <= calling)
		return;
	climb(turn, step);
	arm_ladder(turn);
}

enum refusal act_duty_message(struct turn *turn)
{
	enum message_state to = turn->command->message;

	if (to < MESSAGE_ACCEPTED)
		return REFUSAL_NONE;
	turn->alert->duty_failed = to == MESSAGE_FAILED;
	add_entry(turn, message_entry(to), turn->command->target, 0);
	if (to == MESSAGE_FAILED && alert_is_open(turn->alert))
		climb_for_duty(turn);
	return REFUSAL_NONE;
}

static void arm_end_of_test(struct turn *turn)
{
	set_deadline(turn, TIMER_TEST, ID_NONE, 0, turn->alert->raised_at_ms + TEST_LASTS_MS);
}

enum refusal act_raise(struct turn *turn)
{
	struct alert *a = turn->alert;

	assert(!a->triggers && !a->dispatch_count);
	a->triggers = 1;
	a->reasons = turn->command->reasons;
	a->silent |= turn->command->no_call_back;
	a->phone = turn->command->phone;
	a->device_at_ms = turn->command->device_at_ms;
	a->raised_at_ms = a->last_trigger_at_ms = a->ladder_from_ms = turn->now_ms;
	a->painted_at_ms = a->acted_at_ms = a->claimed_at_ms = a->closed_at_ms = TIME_NONE;
	a->offered_at_ms = a->chain_from_ms = TIME_NONE;
	forget_contacts(a);
	add_entry(turn, ENTRY_RAISED, ID_NONE, 0);
	arm_ladder(turn);
	arm_device(turn, turn->now_ms);
	/* Who calls 17 speaks with an operator, who decides whom to ask. */
	if (!turn->command->by_call)
		ask_next_contact(turn);
	if (turn->command->ends_itself)
		arm_end_of_test(turn);
	return REFUSAL_NONE;
}

enum refusal act_trigger(struct turn *turn)
{
	struct alert *a = turn->alert;

	a->triggers++;
	a->last_trigger_at_ms = turn->now_ms;
	a->reasons |= turn->command->reasons;
	a->silent |= turn->command->no_call_back;
	if (!id_is_none(turn->command->phone))
		a->phone = turn->command->phone;
	/* Whoever calls again does not want it ended. */
	if (a->ending == ENDING_ASKED)
		a->ending = ENDING_NONE;
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
	arm_ladder(turn);
	return REFUSAL_NONE;
}

void hold(struct turn *turn, enum entry_kind kind)
{
	struct alert *a = turn->alert;

	a->claimed_by = turn->command->by;
	a->claimed_at_ms = turn->now_ms;
	a->offered_at_ms = TIME_NONE;
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
	/* Who offers it has said why. */
	if (a->offered_at_ms != TIME_NONE)
		return act_accept(turn);
	if (turn->now_ms - a->claimed_at_ms > turn->ladder->take_over_free_s * 1000LL &&
	    !turn->command->has_text)
		return REFUSAL_REASON_NEEDED;
	hold(turn, ENTRY_TAKEN_OVER);
	return REFUSAL_NONE;
}

enum refusal act_called(struct turn *turn)
{
	add_entry(turn, ENTRY_CALLED, turn->command->target, 0);
	return REFUSAL_NONE;
}

enum refusal act_note(struct turn *turn)
{
	if (!turn->command->has_text)
		return REFUSAL_TEXT_NEEDED;
	add_entry(turn, ENTRY_NOTED, ID_NONE, 0);
	note_act_of_holder(turn);
	return REFUSAL_NONE;
}

static void end(struct turn *turn)
{
	struct alert *a = turn->alert;

	a->closed_at_ms = turn->now_ms;
	a->offered_at_ms = TIME_NONE;
	a->closing_changed = true;
	a->outcome = turn->command->outcome;
	end_dispatches(turn);
	end_links(a);
	add_entry(turn, ENTRY_CLOSED, ID_NONE, 0);
	for (int timer = 0; timer < TIMER_KINDS; timer++)
		clear_deadline(turn, (enum timer_kind)timer, ID_NONE);
	add_effect(turn, (struct effect){.kind = EFFECT_LINKS_END});
	add_effect(turn, (struct effect){.kind = EFFECT_MESSAGES_CANCEL});
}

enum refusal act_close_with(struct turn *turn)
{
	if (id_is_none(turn->alert->merged_into))
		return REFUSAL_NOT_MERGED;
	/* Nobody's second call is closed unseen. What only a test says is nobody's call. */
	if (alert_calls_unseen(turn->alert) && !turn->alert->test && !turn->command->has_text)
		return REFUSAL_CALLED_AGAIN;
	end(turn);
	return REFUSAL_NONE;
}

enum refusal act_close(struct turn *turn)
{
	if (turn->command->outcome == OUTCOME_OTHER && !turn->command->has_text)
		return REFUSAL_TEXT_NEEDED;
	end(turn);
	return REFUSAL_NONE;
}

/* Whoever has claimed it meanwhile has nothing to do. One that comes early is armed again. */
enum refusal act_timer_test(struct turn *turn)
{
	struct alert *a = turn->alert;

	if (!a->test || !alert_is_open(a))
		return REFUSAL_NONE;
	if (turn->now_ms < a->raised_at_ms + TEST_LASTS_MS)
		arm_end_of_test(turn);
	else
		end(turn);
	return REFUSAL_NONE;
}

/* The one who reopens has it; what was climbed and done before counts no more. */
void begin_anew(struct turn *turn)
{
	struct alert *a = turn->alert;

	a->ladder_from_ms = turn->now_ms;
	a->painted_at_ms = TIME_NONE;
	a->climbed = 0;
	a->level = 0;
	a->duty_failed = false;
}

static void come_back(struct turn *turn)
{
	struct alert *a = turn->alert;

	a->closed_at_ms = a->acted_at_ms = TIME_NONE;
	a->closing_changed = true;
	a->outcome = OUTCOME_NONE;
	begin_anew(turn);
	a->device_lost = false;
	a->device_losses = 0;
	if (a->ending == ENDING_ASKED)
		a->ending = ENDING_NONE;
	hold(turn, ENTRY_REOPENED);
	arm_device(turn, turn->now_ms);
}

enum refusal act_reopen(struct turn *turn)
{
	if (!turn->command->has_text)
		return REFUSAL_TEXT_NEEDED;
	stand_alone(turn);
	turn->alert->chain_rests = false;
	come_back(turn);
	return REFUSAL_NONE;
}

/* Still under the one that comes back: what it called before was answered by the closing. */
enum refusal act_reopen_with(struct turn *turn)
{
	if (id_is_none(turn->alert->merged_into))
		return REFUSAL_NOT_MERGED;
	turn->alert->calls_seen = turn->alert->triggers;
	come_back(turn);
	return REFUSAL_NONE;
}

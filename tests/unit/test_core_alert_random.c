/*
 * core/alert driven at random: a small world that fires deadlines as the executor would (and late,
 * early, twice, out of date), against what must hold after every event. A failing seed is printed
 * with the command that replays it.
 */
#include "test.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/alert.h"

enum {
	RUNS = 100000, /* times EGIDE_BUDGET */
	STEPS_A_RUN = 48,
	MAX_DEADLINES = 64,
	ACCOUNTS = 3,
	UNITS = 4,
};

struct deadline {
	enum timer_kind timer;
	struct id target;
	int step;
	int64_t due_at_ms;
};

struct world {
	uint64_t chance;
	struct ladder ladder;
	struct alert alert;
	int64_t now_ms;
	struct deadline armed[MAX_DEADLINES];
	unsigned armed_count;
	struct deadline past; /* one that was armed some time ago, to be fired out of date */
	/* What the test keeps of the past, to compare with what the machine says. */
	uint32_t fired;      /* steps of the ladder, this opening */
	int64_t heard_at_ms; /* the device */
	unsigned asked_by_chain[ALERT_MAX_CONTACTS];
	bool reopened;
	int64_t parted_at_ms; /* its chain had rested until then */
};

/* The event being applied, for whoever reads a failure. */
static uint64_t seed;
static unsigned step_number;
static struct alert_command now_applied;
static bool verbose;

static const char *const event_names[EVENT_COUNT] = {
	"raise",        "trigger",       "paint",          "claim",
	"take_over",    "offer",         "offer_withdraw", "accept",
	"release",      "merge",         "take_in",        "unmerge",
	"let_go",       "follow",        "share",          "close_with",
	"reopen_with",  "dispatch",      "unit_received",  "unit_en_route",
	"unit_arrived", "unit_declined", "unit_cancel",    "note",
	"called",       "close",         "reopen",         "contact_answered",
	"contact_ask",  "link_revoke",   "device_asked",   "device_unreached",
	"device_heard", "end_asked",     "end_duress",     "end_refused",
	"visit_missed", "message",       "duty_message",   "sound_listened",
	"sound_left",   "sound_marked",  "talk_began",     "talk_ended",
	"timer_ladder", "timer_contact", "timer_unit",     "timer_device",
	"timer_test"};

static void say_where(void)
{
	fprintf(stderr, "# seed %llu, event %u: %s. Replay: EGIDE_SEED=%llu tests/run %s\n",
		(unsigned long long)seed, step_number, event_names[now_applied.event],
		(unsigned long long)seed, "build/tests/unit/test_core_alert_random");
}

static void on_abort(int signal_number)
{
	say_where();
}

#define holds(condition)                                           \
	do {                                                       \
		if (!(condition)) {                                \
			say_where();                               \
			fail_msg("does not hold: %s", #condition); \
		}                                                  \
	} while (0)

/* --- chance */

static uint64_t draw(struct world *w)
{
	uint64_t z = w->chance += 0x9e3779b97f4a7c15u;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return z ^ z >> 31;
}

static unsigned below(struct world *w, unsigned limit)
{
	return (unsigned)(draw(w) % limit);
}

static bool one_in(struct world *w, unsigned n)
{
	return below(w, n) == 0;
}

static struct id made_id(char kind, unsigned number)
{
	return (struct id){{0x42, (uint8_t)kind, (uint8_t)(number >> 8), (uint8_t)number}};
}

/* --- what must be armed, told again from the state in the test's own words */

static bool is_on_it(const struct reach *r)
{
	return r->answered_at_ms != TIME_NONE && !r->link_revoked;
}

static bool somebody_is_on_it(const struct alert *a)
{
	bool answered = false;

	for (unsigned i = 0; i < a->contact_count; i++)
		answered |= is_on_it(&a->contacts[i]);
	return answered;
}

static const struct deadline *armed_for(const struct world *w, enum timer_kind timer,
					struct id target)
{
	for (unsigned i = 0; i < w->armed_count; i++)
		if (w->armed[i].timer == timer && id_eq(w->armed[i].target, target))
			return &w->armed[i];
	return NULL;
}

static int expected_step(const struct world *w)
{
	const struct alert *a = &w->alert;
	bool claimed = !id_is_none(a->claimed_by) && a->offered_at_ms == TIME_NONE,
	     painted = a->painted_at_ms != TIME_NONE, acted = a->acted_at_ms != TIME_NONE;

	if (!id_is_none(a->merged_into))
		return -1;
	for (unsigned i = 0; i < w->ladder.step_count; i++) {
		enum ladder_unless unless = w->ladder.steps[i].unless;

		if (w->fired & 1u << i)
			continue;
		if (claimed ? unless == UNLESS_ACTED && !acted
			    : unless == UNLESS_CLAIMED || (unless == UNLESS_PAINTED && !painted))
			return (int)i;
	}
	return -1;
}

static int64_t ladder_from_ms(const struct alert *a)
{
	if (a->offered_at_ms != TIME_NONE) /* those who come to take it have five minutes */
		return a->offered_at_ms + 5 * 60 * 1000;
	return id_is_none(a->claimed_by) ? a->ladder_from_ms : a->claimed_at_ms;
}

static void ladder_deadline_holds(const struct world *w)
{
	const struct alert *a = &w->alert;
	const struct deadline *d = armed_for(w, TIMER_LADDER, ID_NONE);
	int expected = alert_is_open(a) ? expected_step(w) : -1;

	holds(a->climbed == w->fired);
	holds(!d == (expected < 0));
	if (!d)
		return;
	holds(d->step == expected);
	holds(d->due_at_ms == ladder_from_ms(a) + w->ladder.steps[expected].after_s * 1000LL);
}

/* When whoever is asked is looked at next: has the SMS left, and then, has somebody answered. */
static int64_t looked_at_ms(const struct world *w, int64_t since_ms, enum message_state message,
			    bool late, int answer_s)
{
	bool with_us = message == MESSAGE_QUEUED || message == MESSAGE_ACCEPTED;

	return since_ms + (with_us && !late ? w->ladder.message_sent_s : answer_s) * 1000LL;
}

static void contact_deadlines_hold(const struct world *w)
{
	const struct alert *a = &w->alert;
	bool stopped = !alert_is_open(a) || somebody_is_on_it(a) || a->chain_rests, any = false,
	     left = false;

	for (unsigned i = 0; i < a->contact_count; i++) {
		const struct reach *r = &a->contacts[i];
		const struct deadline *d = armed_for(w, TIMER_CONTACT, r->contact);
		bool awaited = !stopped && r->message != MESSAGE_NONE && !r->silent &&
			       !r->link_revoked && r->answered_at_ms == TIME_NONE;

		holds(!d == !awaited);
		/* Whoever was asked before it was merged has the whole time again after it. */
		holds(!d || d->due_at_ms ==
				    looked_at_ms(w,
						 r->asked_at_ms < w->parted_at_ms ? w->parted_at_ms
										  : r->asked_at_ms,
						 r->message, r->late, w->ladder.contact_answer_s));
		holds(!r->late || r->message != MESSAGE_NONE);
		holds((r->message == MESSAGE_NONE) == (r->asked_at_ms == TIME_NONE));
		holds(w->asked_by_chain[i] <= 1);
		any |= awaited;
		left |= r->message == MESSAGE_NONE && !r->link_revoked;
	}
	holds(!a->chain_rests || !id_is_none(a->merged_into));
	/* The chain never stops with somebody left to ask. */
	holds(stopped || w->reopened || any || !left);
}

static void unit_deadlines_hold(const struct world *w)
{
	const struct alert *a = &w->alert;

	for (unsigned i = 0; i < a->dispatch_count; i++) {
		const struct dispatch *u = &a->dispatches[i];
		const struct deadline *d = armed_for(w, TIMER_UNIT, u->id);
		bool awaited =
			u->state == DISPATCH_SENT && u->ended_at_ms == TIME_NONE && !u->silent;

		holds(!d == !awaited);
		holds(!d || d->due_at_ms == looked_at_ms(w, u->sent_at_ms, u->message, u->late,
							 w->ladder.unit_receipt_s));
		holds((u->state == DISPATCH_SENT || u->state == DISPATCH_CANCELLED) ||
		      u->received_at_ms != TIME_NONE);
	}
}

/* Exactly while the alert is open the device is waited for. */
static void device_deadline_holds(const struct world *w)
{
	const struct deadline *d = armed_for(w, TIMER_DEVICE, ID_NONE);

	holds(!d == !alert_is_open(&w->alert));
	holds(!d || d->due_at_ms <= w->now_ms + w->ladder.device_silent_s * 1000LL);
}

static void closed_means_over(const struct world *w)
{
	const struct alert *a = &w->alert;

	if (alert_is_open(a)) {
		holds(a->closed_at_ms == TIME_NONE && a->outcome == OUTCOME_NONE);
		return;
	}
	holds(w->armed_count == 0);
	holds(a->closed_at_ms != TIME_NONE && a->outcome != OUTCOME_NONE);
	holds(alert_warnings(a, &w->ladder, w->now_ms) == 0);
	for (unsigned i = 0; i < a->dispatch_count; i++)
		holds(a->dispatches[i].ended_at_ms != TIME_NONE);
	for (unsigned i = 0; i < a->contact_count; i++)
		holds(a->contacts[i].link_revoked || a->contacts[i].message == MESSAGE_NONE);
}

static enum alert_state state_told_again(const struct alert *a)
{
	bool on_scene = false, engaged = false;

	for (unsigned i = 0; i < a->dispatch_count; i++) {
		const struct dispatch *u = &a->dispatches[i];

		engaged |= u->ended_at_ms == TIME_NONE;
		on_scene |= u->ended_at_ms == TIME_NONE && u->state == DISPATCH_ARRIVED;
	}
	return a->closed_at_ms != TIME_NONE ? ALERT_CLOSED
	       : id_is_none(a->claimed_by)  ? ALERT_RAISED
	       : on_scene                   ? ALERT_ON_SCENE
	       : engaged                    ? ALERT_ENGAGED
					    : ALERT_CLAIMED;
}

static void state_holds(const struct world *w)
{
	holds(w->alert.state == state_told_again(&w->alert));
	holds(w->alert.dispatch_count <= ALERT_MAX_DISPATCHES);
	ladder_deadline_holds(w);
	contact_deadlines_hold(w);
	unit_deadlines_hold(w);
	device_deadline_holds(w);
	closed_means_over(w);
	alert_warnings(&w->alert, &w->ladder, w->now_ms);
}

/* --- what an event may change */

/* Bit `to` of row `from`: the state may go there. */
static const unsigned may_become[ALERT_STATES] = {
	[ALERT_RAISED] = 1u << ALERT_RAISED | 1u << ALERT_CLAIMED | 1u << ALERT_CLOSED,
	[ALERT_CLAIMED] = 1u << ALERT_CLAIMED | 1u << ALERT_ENGAGED | 1u << ALERT_CLOSED,
	[ALERT_ENGAGED] = 1u << ALERT_ENGAGED | 1u << ALERT_CLAIMED | 1u << ALERT_ON_SCENE |
			  1u << ALERT_CLOSED,
	[ALERT_ON_SCENE] = 1u << ALERT_ON_SCENE | 1u << ALERT_ENGAGED | 1u << ALERT_CLAIMED |
			   1u << ALERT_CLOSED,
	[ALERT_CLOSED] = 1u << ALERT_CLOSED | 1u << ALERT_CLAIMED,
};

static void states_go_only_where_they_may(const struct alert *before, const struct alert *after)
{
	enum alert_event event = now_applied.event;

	/* What was released comes back as it is: its units went on. */
	holds(may_become[before->state] & 1u << after->state || event == EVENT_RELEASE ||
	      ((event == EVENT_CLAIM || event == EVENT_MERGE || event == EVENT_UNMERGE ||
		event == EVENT_FOLLOW) &&
	       (before->state == ALERT_RAISED || after->state == ALERT_RAISED)));
	holds(alert_is_open(before) || !alert_is_open(after) || event == EVENT_REOPEN ||
	      event == EVENT_REOPEN_WITH);
	holds(!alert_is_open(before) || alert_is_open(after) || event == EVENT_CLOSE ||
	      event == EVENT_CLOSE_WITH || event == EVENT_TIMER_TEST);
	holds(event != EVENT_TIMER_TEST || before->test || before->state == after->state);
	holds(after->state != ALERT_CLOSED || before->state != ALERT_RAISED ||
	      event == EVENT_CLOSE_WITH || event == EVENT_TIMER_TEST);
	holds(id_eq(before->claimed_by, after->claimed_by) || event == EVENT_CLAIM ||
	      event == EVENT_TAKE_OVER || event == EVENT_REOPEN || event == EVENT_ACCEPT ||
	      event == EVENT_RELEASE || event == EVENT_MERGE || event == EVENT_UNMERGE ||
	      event == EVENT_FOLLOW || event == EVENT_REOPEN_WITH);
	/* Nobody's second call is closed unseen. */
	holds(event != EVENT_CLOSE_WITH || before->state == after->state || before->test ||
	      now_applied.has_text || before->triggers == before->calls_seen);
	holds(before->silent <= after->silent && before->room_count <= after->room_count);
	/* Nobody has what was released alone: it climbs (ladder_deadline_holds). */
	holds(id_is_none(before->claimed_by) || !id_is_none(after->claimed_by) ||
	      event == EVENT_RELEASE || event == EVENT_FOLLOW);
	holds(after->offered_at_ms == TIME_NONE || !id_is_none(after->claimed_by));
	holds(before->ending != ENDING_DURESS || after->ending == ENDING_DURESS);
	holds(after->level >= before->level || event == EVENT_REOPEN || event == EVENT_RELEASE ||
	      event == EVENT_UNMERGE || event == EVENT_REOPEN_WITH);
	holds(before->painted_at_ms == TIME_NONE || before->painted_at_ms == after->painted_at_ms ||
	      event == EVENT_RELEASE || event == EVENT_REOPEN || event == EVENT_UNMERGE ||
	      event == EVENT_REOPEN_WITH);
}

static void units_only_go_forward(const struct alert *before, const struct alert *after)
{
	for (unsigned i = 0; i < before->dispatch_count; i++) {
		const struct dispatch *b = &before->dispatches[i], *a = &after->dispatches[i];

		holds(id_eq(a->id, b->id) && id_eq(a->unit, b->unit));
		holds(a->state >= b->state);
		holds(b->ended_at_ms == TIME_NONE ||
		      (a->ended_at_ms == b->ended_at_ms && a->state == b->state));
		holds(b->state != DISPATCH_ARRIVED || a->state != DISPATCH_DECLINED);
		holds(b->received_at_ms == TIME_NONE || a->received_at_ms == b->received_at_ms);
		holds(b->silent <= a->silent);
		holds(b->message != MESSAGE_DELIVERED || a->message == MESSAGE_DELIVERED);
	}
}

static void a_trigger_calms_nothing(const struct alert *before, const struct alert *after)
{
	struct alert expected = *before;

	expected.triggers++;
	expected.last_trigger_at_ms = after->last_trigger_at_ms;
	expected.reasons |= now_applied.reasons;
	expected.silent |= now_applied.no_call_back;
	/* Whoever calls again does not want it ended. */
	if (before->ending == ENDING_ASKED)
		expected.ending = ENDING_NONE;
	holds(memcmp(&expected, after, sizeof(expected)) == 0);
}

/* --- the world obeys a decision */

static void disarm(struct world *w, unsigned at)
{
	w->past = w->armed[at];
	w->armed[at] = w->armed[--w->armed_count];
}

static void obey(struct world *w, const struct effect *e)
{
	bool all = e->kind == EFFECT_DEADLINE_CLEAR && id_is_none(e->target);

	if (e->kind != EFFECT_DEADLINE_CLEAR && e->kind != EFFECT_DEADLINE_SET)
		return;
	for (unsigned i = w->armed_count; i-- > 0;)
		if (w->armed[i].timer == e->timer && (all || id_eq(w->armed[i].target, e->target)))
			disarm(w, i);
	if (e->kind == EFFECT_DEADLINE_CLEAR)
		return;
	holds(w->armed_count < MAX_DEADLINES);
	w->armed[w->armed_count++] = (struct deadline){e->timer, e->target, e->step, e->due_at_ms};
}

static void nothing_is_decided_twice(const struct decision *d)
{
	for (unsigned i = 0; i < d->effect_count; i++)
		for (unsigned k = 0; k < i; k++) {
			const struct effect *a = &d->effects[i], *b = &d->effects[k];

			holds(a->kind != b->kind || a->timer != b->timer ||
			      !id_eq(a->target, b->target) || a->kind == EFFECT_SHOW_ROOM ||
			      a->kind == EFFECT_MESSAGE_DUTY);
		}
}

static void remember(struct world *w, const struct decision *d, bool was_on_it)
{
	for (unsigned i = 0; i < d->entry_count; i++) {
		const struct draft *entry = &d->entries[i];

		holds(entry->kind != ENTRY_DEVICE_LOST ||
		      w->now_ms - w->heard_at_ms >= w->ladder.device_silent_s * 1000LL);
		if (entry->kind == ENTRY_CLIMBED) {
			holds(!(w->fired & 1u << entry->step));
			holds((now_applied.event == EVENT_DUTY_MESSAGE &&
			       now_applied.message == MESSAGE_FAILED) ||
			      now_applied.event == EVENT_END_DURESS ||
			      w->now_ms >= ladder_from_ms(&w->alert) +
						   w->ladder.steps[entry->step].after_s * 1000LL);
			w->fired |= 1u << entry->step;
		}
		if (entry->kind != ENTRY_CONTACT_MESSAGED || now_applied.event == EVENT_CONTACT_ASK)
			continue;
		holds(!was_on_it || now_applied.event == EVENT_LINK_REVOKE);
		w->asked_by_chain[alert_contact(&w->alert, entry->target) - w->alert.contacts]++;
	}
	if ((now_applied.event != EVENT_REOPEN && now_applied.event != EVENT_RELEASE &&
	     now_applied.event != EVENT_UNMERGE && now_applied.event != EVENT_OFFER &&
	     now_applied.event != EVENT_REOPEN_WITH) ||
	    !d->entry_count)
		return;
	w->fired = 0;
	w->reopened |= now_applied.event == EVENT_REOPEN || now_applied.event == EVENT_REOPEN_WITH;
}

static bool is_timer(enum alert_event event)
{
	return event == EVENT_TIMER_LADDER || event == EVENT_TIMER_CONTACT ||
	       event == EVENT_TIMER_UNIT || event == EVENT_TIMER_DEVICE ||
	       event == EVENT_TIMER_TEST;
}

static enum refusal take_over_expected(const struct world *w, const struct alert *before)
{
	if (!alert_is_open(before))
		return REFUSAL_CLOSED;
	if (id_is_none(before->claimed_by))
		return REFUSAL_NOT_CLAIMED;
	if (!id_is_none(before->merged_into))
		return REFUSAL_MERGED;
	if (id_eq(before->claimed_by, now_applied.by))
		return REFUSAL_YOURS;
	return before->offered_at_ms == TIME_NONE && w->now_ms - before->claimed_at_ms > 20000 &&
			       !now_applied.has_text
		       ? REFUSAL_REASON_NEEDED
		       : REFUSAL_NONE;
}

/* The same timer once more changes nothing: the state, and what is armed. */
static void timers_are_idempotent(const struct world *w)
{
	struct world again = *w;
	struct decision d;

	holds(alert_apply(&again.alert, &now_applied, &again.ladder, again.now_ms, &d) ==
	      REFUSAL_NONE);
	holds(d.entry_count == 0);
	holds(memcmp(&again.alert, &w->alert, sizeof(w->alert)) == 0);
	for (unsigned i = 0; i < d.effect_count; i++)
		obey(&again, &d.effects[i]);
	holds(again.armed_count == w->armed_count);
	state_holds(&again);
}

static void apply(struct world *w, struct alert_command command)
{
	struct alert before = w->alert;
	bool was_on_it = command.event != EVENT_RAISE && somebody_is_on_it(&before);
	enum refusal refusal, foreseen;
	struct decision d;

	now_applied = command;
	foreseen = alert_may(&w->alert, &command, &w->ladder, w->now_ms);
	refusal = alert_apply(&w->alert, &command, &w->ladder, w->now_ms, &d);
	if (verbose)
		fprintf(stderr, "# %u: %lld %s step=%d → %d, %u entries, state %s\n", step_number,
			(long long)w->now_ms, event_names[command.event], command.step,
			(int)refusal, d.entry_count, alert_state_name(w->alert.state));
	holds(foreseen == refusal);
	holds(command.event != EVENT_TAKE_OVER || refusal == take_over_expected(w, &before));
	/* A refused event, and one that said nothing new, leave the alert as it was to the byte. */
	holds((!refusal && d.entry_count) || memcmp(&before, &w->alert, sizeof(before)) == 0);
	holds(!refusal || (d.entry_count == 0 && d.effect_count == 0));
	holds(!is_timer(command.event) || refusal == REFUSAL_NONE);
	if (before.chain_rests && !w->alert.chain_rests && command.event != EVENT_REOPEN)
		w->parted_at_ms = w->now_ms;
	nothing_is_decided_twice(&d);
	for (unsigned i = 0; i < d.effect_count; i++)
		obey(w, &d.effects[i]);
	remember(w, &d, was_on_it);
	if (command.event != EVENT_RAISE) {
		states_go_only_where_they_may(&before, &w->alert);
		units_only_go_forward(&before, &w->alert);
	}
	if (command.event == EVENT_TRIGGER && !refusal)
		a_trigger_calms_nothing(&before, &w->alert);
	state_holds(w);
	if (is_timer(command.event))
		timers_are_idempotent(w);
}

/* --- what happens next */

static const enum alert_event timer_events[TIMER_KINDS] = {
	[TIMER_LADDER] = EVENT_TIMER_LADDER, [TIMER_CONTACT] = EVENT_TIMER_CONTACT,
	[TIMER_UNIT] = EVENT_TIMER_UNIT,     [TIMER_DEVICE] = EVENT_TIMER_DEVICE,
	[TIMER_TEST] = EVENT_TIMER_TEST,
};

static void fire(struct world *w, struct deadline d)
{
	apply(w, (struct alert_command){.event = timer_events[d.timer],
					.target = d.target,
					.step = d.step,
					.outcome = OUTCOME_TEST,
					.heard_at_ms = w->heard_at_ms});
}

/* As the executor does: the clock moves to the deadline, the row is taken, the command applied. */
static void fire_the_next(struct world *w)
{
	unsigned first = 0;
	struct deadline d;

	for (unsigned i = 1; i < w->armed_count; i++)
		if (w->armed[i].due_at_ms < w->armed[first].due_at_ms)
			first = i;
	d = w->armed[first];
	if (w->now_ms < d.due_at_ms)
		w->now_ms = d.due_at_ms;
	if (one_in(w, 3))
		w->now_ms += below(w, 200);
	disarm(w, first);
	fire(w, d);
}

/* Early (the wall clock was set back), or one that was replaced since. */
static void fire_a_wrong_one(struct world *w)
{
	struct deadline d = w->past;
	const struct deadline *armed;

	if (w->armed_count && one_in(w, 2))
		d = w->armed[below(w, w->armed_count)];
	armed = armed_for(w, d.timer, d.target);
	if (!armed || w->now_ms < armed->due_at_ms)
		fire(w, d);
}

static struct id some_target(struct world *w, enum alert_event event)
{
	const struct alert *a = &w->alert;
	bool contact = event == EVENT_CONTACT_ANSWERED || event == EVENT_CONTACT_ASK ||
		       event == EVENT_LINK_REVOKE || (event == EVENT_MESSAGE && one_in(w, 2));

	if (event == EVENT_DISPATCH)
		return made_id('d', a->dispatch_count);
	if (event == EVENT_MERGE)
		return made_id('l', 2);
	if (one_in(w, 40))
		return made_id('x', 1);
	if (contact)
		return a->contact_count ? a->contacts[below(w, a->contact_count)].contact : ID_NONE;
	return a->dispatch_count ? a->dispatches[below(w, a->dispatch_count)].id : ID_NONE;
}

static void something_happens(struct world *w)
{
	const struct id rooms[] = {made_id('r', below(w, 12)), made_id('r', below(w, 12))};
	enum alert_event event = (enum alert_event)(1 + below(w, EVENT_TIMER_LADDER - 1));

	/* Closing ends the fun: rarer than the rest. */
	if ((event == EVENT_CLOSE || event == EVENT_CLOSE_WITH) && !one_in(w, 4))
		event = EVENT_TRIGGER;
	if (event == EVENT_TRIGGER || event == EVENT_DEVICE_HEARD)
		w->heard_at_ms = w->now_ms;
	apply(w, (struct alert_command){
			 .event = event,
			 .by = event == EVENT_FOLLOW && one_in(w, 3)
				       ? ID_NONE
				       : made_id('a', below(w, ACCOUNTS)),
			 .is_supervisor = one_in(w, 5),
			 .no_call_back = one_in(w, 5),
			 .target = some_target(w, event),
			 .rooms = rooms,
			 .room_count = below(w, 3),
			 .asks_same = one_in(w, 2),
			 .unit = made_id('u', below(w, UNITS)),
			 .message = (enum message_state)below(w, MESSAGE_STATES),
			 .outcome = (enum alert_outcome)(1 + below(w, OUTCOME_COUNT - 1)),
			 .reasons = 1u << below(w, 5),
			 .has_text = one_in(w, 2),
		 });
}

static void a_ladder(struct world *w)
{
	char why[160];

	ladder_default(&w->ladder);
	if (one_in(w, 2))
		return;
	/* Another prefecture's: other delays, two steps at once, two steps after the claim. */
	w->ladder.steps[1].after_s = w->ladder.steps[2].after_s = 6 + (int)below(w, 14);
	w->ladder.steps[5] = (struct ladder_step){
		"late", "Tard", 61 + (int)below(w, 30), UNLESS_ACTED, TARGET_NEIGHBOUR, false};
	w->ladder.step_count = 6;
	assert_int_equal(ladder_check(&w->ladder, why), 0);
}

static void run(uint64_t of_seed)
{
	struct world w = {.chance = of_seed, .now_ms = 1800000000000, .heard_at_ms = 1800000000000};

	seed = of_seed;
	step_number = 0;
	a_ladder(&w);
	w.alert.id = made_id('l', 1);
	w.alert.rooms[w.alert.room_count++] = made_id('r', 1);
	w.alert.contact_count = below(&w, ALERT_MAX_CONTACTS + 1);
	for (unsigned i = 0; i < w.alert.contact_count; i++) {
		w.alert.contacts[i].contact = made_id('c', i);
		w.alert.contacts[i].rank = (int)below(&w, 4);
	}
	w.alert.test = one_in(&w, 4);
	w.alert.device = made_id('d', 1);
	apply(&w, (struct alert_command){.event = EVENT_RAISE,
					 .reasons = 1,
					 .ends_itself = w.alert.test && one_in(&w, 2),
					 .device_at_ms = TIME_NONE});
	for (step_number = 1; step_number <= STEPS_A_RUN; step_number++) {
		w.now_ms += below(&w, one_in(&w, 8) ? 30000 : 3000);
		if (w.armed_count && one_in(&w, 3))
			fire_the_next(&w);
		else if (one_in(&w, 8))
			fire_a_wrong_one(&w);
		else
			something_happens(&w);
	}
}

static void test_what_must_hold_holds_whatever_happens(void **state)
{
	const char *one = getenv("EGIDE_SEED"), *budget = getenv("EGIDE_BUDGET");
	int64_t only = -1, times = 1;

	if (one && str_parse_i64(str_from(one), 0, INT64_MAX, &only) == 0) {
		verbose = true;
		run((uint64_t)only);
		return;
	}
	if (budget)
		assert_int_equal(str_parse_i64(str_from(budget), 1, 10000, &times), 0);
	for (uint64_t i = 0; i < (uint64_t)(RUNS * times); i++)
		run(i);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_must_hold_holds_whatever_happens),
	};

	signal(SIGABRT, on_abort);
	return cmocka_run_group_tests_name("core: alert at random", tests, NULL, NULL);
}

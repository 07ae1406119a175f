/*
 * The alert machine.
 *
 *               ┌────────── REOPEN (the one who reopens has it) ──────────┐
 *               ▼                                                         │
 *   RAISE ─► RAISED ── CLAIM ─► CLAIMED ── DISPATCH ─► ENGAGED ── ARRIVED ─► ON_SCENE
 *               │                 ▲  ▲                  │   ▲              │    │
 *               │                 │  └─ all declined ───┘   └─ DISPATCH ───┘    │
 *               │                 └──────── cancelled ─────────────────────────┘
 *               │                 │                     │                       │
 *               └─ (climbs) ──────┴──────── CLOSE ──────┴───────────────────────┴─► CLOSED
 *
 * RELEASE leads from any state in which somebody has it back to RAISED, its units on their way or
 * not: nobody has it, and it climbs.
 *
 * A test that its device asked for goes to CLOSED from any of them, by itself (TIMER_TEST).
 *
 * Units move on their own: SENT → RECEIVED → EN_ROUTE → ARRIVED, or DECLINED, or CANCELLED; the
 * alert's state follows from its units and its claim (state_of), and the table says which
 * states an event may come in and which it may lead to.
 *
 * A trigger never opens a second alert for an official who has an open one, and never closes,
 * calms or resets anything (I6).
 */
#include "core/alert.h"

#include <assert.h>
#include <errno.h>

#include "core/alert_parts.h"

#define BIT(state) (1u << (state))

enum {
	OPEN = BIT(ALERT_RAISED) | BIT(ALERT_CLAIMED) | BIT(ALERT_ENGAGED) | BIT(ALERT_ON_SCENE),
	HELD = BIT(ALERT_CLAIMED) | BIT(ALERT_ENGAGED) | BIT(ALERT_ON_SCENE),
	ANY = OPEN | BIT(ALERT_CLOSED),
};

struct transition {
	unsigned from;          /* states the event may come in */
	enum refusal otherwise; /* said when it comes in another */
	unsigned to;            /* states it may lead to */
	bool holder_only;       /* the one who claimed it, or a supervisor */
	enum refusal (*act)(struct turn *turn);
	bool alone; /* not while it is handled under another */
};

static const struct transition table[EVENT_COUNT] = {
	[EVENT_RAISE] = {BIT(ALERT_RAISED), REFUSAL_CLOSED, BIT(ALERT_RAISED), false, act_raise,
			 false},
	[EVENT_TRIGGER] = {OPEN, REFUSAL_CLOSED, OPEN, false, act_trigger, false},
	[EVENT_PAINT] = {ANY, REFUSAL_NONE, ANY, false, act_paint, false},
	[EVENT_CLAIM] = {OPEN, REFUSAL_CLOSED, HELD, false, act_claim, true},
	[EVENT_TAKE_OVER] = {HELD, REFUSAL_NOT_CLAIMED, HELD, false, act_take_over, true},
	[EVENT_OFFER] = {HELD, REFUSAL_NOT_CLAIMED, HELD, true, act_offer, true},
	[EVENT_OFFER_WITHDRAW] = {HELD, REFUSAL_NOT_CLAIMED, HELD, true, act_offer_withdraw, false},
	[EVENT_ACCEPT] = {HELD, REFUSAL_NOT_CLAIMED, HELD, false, act_accept, true},
	[EVENT_RELEASE] = {HELD, REFUSAL_NOT_CLAIMED, BIT(ALERT_RAISED), true, act_release, true},
	[EVENT_MERGE] = {OPEN, REFUSAL_CLOSED, HELD, false, act_merge, true},
	[EVENT_TAKE_IN] = {HELD, REFUSAL_NOT_CLAIMED, HELD, true, act_take_in, true},
	[EVENT_UNMERGE] = {OPEN, REFUSAL_CLOSED, HELD, false, act_unmerge, false},
	[EVENT_LET_GO] = {OPEN, REFUSAL_CLOSED, OPEN, false, act_let_go, false},
	[EVENT_FOLLOW] = {OPEN, REFUSAL_CLOSED, OPEN, false, act_follow, false},
	[EVENT_SHARE] = {OPEN, REFUSAL_CLOSED, OPEN, false, act_share, false},
	[EVENT_CLOSE_WITH] = {OPEN, REFUSAL_CLOSED, BIT(ALERT_CLOSED), false, act_close_with,
			      false},
	[EVENT_REOPEN_WITH] = {BIT(ALERT_CLOSED), REFUSAL_NOT_CLOSED, HELD, false, act_reopen_with,
			       false},
	[EVENT_DISPATCH] = {HELD, REFUSAL_NOT_CLAIMED, BIT(ALERT_ENGAGED) | BIT(ALERT_ON_SCENE),
			    true, act_dispatch, true},
	[EVENT_UNIT_RECEIVED] = {OPEN, REFUSAL_CLOSED, OPEN, false, act_unit_received, false},
	[EVENT_UNIT_EN_ROUTE] = {OPEN, REFUSAL_CLOSED, OPEN, false, act_unit_en_route, false},
	[EVENT_UNIT_ARRIVED] = {OPEN, REFUSAL_CLOSED, BIT(ALERT_ON_SCENE) | BIT(ALERT_RAISED),
				false, act_unit_arrived, false},
	[EVENT_UNIT_DECLINED] = {OPEN, REFUSAL_CLOSED, OPEN, false, act_unit_declined, false},
	[EVENT_UNIT_CANCEL] = {HELD, REFUSAL_NOT_CLAIMED, HELD, true, act_unit_cancel, false},
	[EVENT_NOTE] = {ANY, REFUSAL_NONE, ANY, false, act_note, false},
	[EVENT_CALLED] = {OPEN, REFUSAL_CLOSED, OPEN, false, act_called, false},
	[EVENT_CLOSE] = {HELD, REFUSAL_NOT_CLAIMED, BIT(ALERT_CLOSED), true, act_close, true},
	[EVENT_REOPEN] = {BIT(ALERT_CLOSED), REFUSAL_NOT_CLOSED, HELD, false, act_reopen, false},
	[EVENT_CONTACT_ANSWERED] = {OPEN, REFUSAL_CLOSED, OPEN, false, act_contact_answered, false},
	[EVENT_CONTACT_ASK] = {OPEN, REFUSAL_CLOSED, OPEN, false, act_contact_ask, false},
	[EVENT_LINK_REVOKE] = {ANY, REFUSAL_NONE, ANY, false, act_link_revoke, false},
	[EVENT_DEVICE_ASKED] = {OPEN, REFUSAL_CLOSED, OPEN, false, act_device_asked, false},
	[EVENT_DEVICE_UNREACHED] = {ANY, REFUSAL_NONE, ANY, false, act_device_unreached, false},
	[EVENT_DEVICE_HEARD] = {ANY, REFUSAL_NONE, ANY, false, act_device_heard, false},
	[EVENT_END_ASKED] = {OPEN, REFUSAL_CLOSED, OPEN, false, act_end_asked, false},
	[EVENT_END_DURESS] = {OPEN, REFUSAL_CLOSED, OPEN, false, act_end_duress, false},
	[EVENT_END_REFUSED] = {OPEN, REFUSAL_CLOSED, OPEN, false, act_end_refused, false},
	[EVENT_VISIT_MISSED] = {OPEN, REFUSAL_CLOSED, OPEN, false, act_visit_missed, false},
	[EVENT_MESSAGE] = {ANY, REFUSAL_NONE, ANY, false, act_message, false},
	[EVENT_DUTY_MESSAGE] = {ANY, REFUSAL_NONE, ANY, false, act_duty_message, false},
	[EVENT_SOUND_LISTENED] = {ANY, REFUSAL_NONE, ANY, false, act_sound_listened, false},
	[EVENT_SOUND_LEFT] = {ANY, REFUSAL_NONE, ANY, false, act_sound_left, false},
	[EVENT_SOUND_MARKED] = {ANY, REFUSAL_NONE, ANY, false, act_sound_marked, false},
	[EVENT_TALK_BEGAN] = {HELD, REFUSAL_NOT_CLAIMED, HELD, true, act_talk_began, false},
	[EVENT_TALK_ENDED] = {ANY, REFUSAL_NONE, ANY, false, act_talk_ended, false},
	[EVENT_TIMER_LADDER] = {ANY, REFUSAL_NONE, ANY, false, act_timer_ladder, false},
	[EVENT_TIMER_CONTACT] = {ANY, REFUSAL_NONE, ANY, false, act_timer_contact, false},
	[EVENT_TIMER_UNIT] = {ANY, REFUSAL_NONE, ANY, false, act_timer_unit, false},
	[EVENT_TIMER_DEVICE] = {ANY, REFUSAL_NONE, ANY, false, act_timer_device, false},
	[EVENT_TIMER_TEST] = {ANY, REFUSAL_NONE, ANY, false, act_timer_test, false},
};

bool dispatch_is_live(const struct dispatch *d)
{
	return d->ended_at_ms == TIME_NONE && d->state <= DISPATCH_ARRIVED;
}

static enum alert_state state_of(const struct alert *a)
{
	enum alert_state state = ALERT_CLAIMED;

	if (a->closed_at_ms != TIME_NONE)
		return ALERT_CLOSED;
	/* Whatever was done about it before it was released. */
	if (id_is_none(a->claimed_by))
		return ALERT_RAISED;
	for (unsigned i = 0; i < a->dispatch_count; i++) {
		if (!dispatch_is_live(&a->dispatches[i]))
			continue;
		if (a->dispatches[i].state == DISPATCH_ARRIVED)
			return ALERT_ON_SCENE;
		state = ALERT_ENGAGED;
	}
	return state;
}

static enum refusal refuse_early(const struct alert *a, const struct alert_command *c)
{
	const struct transition *row = &table[c->event];

	if (!(row->from & BIT(a->state)))
		return a->state == ALERT_CLOSED && row->otherwise == REFUSAL_NOT_CLAIMED
			       ? REFUSAL_CLOSED
			       : row->otherwise;
	if (row->alone && !id_is_none(a->merged_into))
		return REFUSAL_MERGED;
	if (row->holder_only && !c->is_supervisor && !id_eq(a->claimed_by, c->by))
		return REFUSAL_CLAIMED;
	return REFUSAL_NONE;
}

enum refusal alert_apply(struct alert *alert, const struct alert_command *command,
			 const struct ladder *ladder, int64_t now_ms, struct decision *ret_decision)
{
	struct alert next = *alert;
	struct turn turn = {&next, command, ladder, now_ms, ret_decision};
	enum refusal refusal = refuse_early(alert, command);

	ret_decision->entry_count = ret_decision->effect_count = 0;
	if (!refusal)
		refusal = table[command->event].act(&turn);
	if (refusal) {
		ret_decision->entry_count = ret_decision->effect_count = 0;
		return refusal;
	}
	next.state = state_of(&next);
	/* Nothing decided: the event changed nothing, whatever state the alert is in. */
	assert(!ret_decision->entry_count || (table[command->event].to & BIT(next.state)));
	*alert = next;
	return REFUSAL_NONE;
}

enum refusal alert_may(const struct alert *alert, const struct alert_command *command,
		       const struct ladder *ladder, int64_t now_ms)
{
	struct alert copy = *alert;
	struct decision decision;

	return alert_apply(&copy, command, ladder, now_ms, &decision);
}

bool alert_is_open(const struct alert *alert)
{
	return alert->state != ALERT_CLOSED;
}

bool alert_shown_to(const struct alert *alert, struct id room)
{
	for (unsigned i = 0; i < alert->room_count; i++)
		if (id_eq(alert->rooms[i], room))
			return true;
	return false;
}

bool alert_show(struct alert *alert, struct id room)
{
	if (id_is_none(room) || alert_shown_to(alert, room) || alert->room_count == ALERT_MAX_ROOMS)
		return false;
	alert->rooms[alert->room_count++] = room;
	return true;
}

int64_t alert_calls_unseen(const struct alert *alert)
{
	return id_is_none(alert->merged_into) ? 0 : alert->triggers - alert->calls_seen;
}

bool alert_has_asked(const struct alert *alert)
{
	for (unsigned i = 0; i < alert->contact_count; i++)
		if (alert->contacts[i].message != MESSAGE_NONE)
			return true;
	return false;
}

struct dispatch *alert_dispatch(struct alert *alert, struct id id)
{
	for (unsigned i = 0; i < alert->dispatch_count; i++)
		if (id_eq(alert->dispatches[i].id, id))
			return &alert->dispatches[i];
	return NULL;
}

struct reach *alert_contact(struct alert *alert, struct id contact)
{
	for (unsigned i = 0; i < alert->contact_count; i++)
		if (id_eq(alert->contacts[i].contact, contact))
			return &alert->contacts[i];
	return NULL;
}

static bool is_overdue(enum message_state message, int64_t since_ms, const struct ladder *ladder,
		       int64_t now_ms)
{
	return message_has_not_left(message) &&
	       now_ms - since_ms >= ladder->message_sent_s * 1000LL;
}

static uint32_t contact_warnings(const struct alert *a, const struct ladder *ladder, int64_t now_ms)
{
	uint32_t warnings = 0;
	bool answered = false;

	for (unsigned i = 0; i < a->contact_count; i++) {
		const struct reach *r = &a->contacts[i];

		answered |= r->answered_at_ms != TIME_NONE && !r->link_revoked;
		if (r->message == MESSAGE_FAILED)
			warnings |= WARNING_SMS_FAILED;
		if (is_overdue(r->message, r->asked_at_ms, ladder, now_ms))
			warnings |= WARNING_SMS_UNSENT;
		if (r->silent && !r->link_revoked && r->message != MESSAGE_FAILED)
			warnings |= WARNING_CONTACT_SILENT;
	}
	return answered ? warnings & ~(uint32_t)WARNING_CONTACT_SILENT : warnings;
}

static uint32_t unit_warnings(const struct alert *a, const struct ladder *ladder, int64_t now_ms)
{
	uint32_t warnings = 0;
	bool live = false;

	for (unsigned i = 0; i < a->dispatch_count; i++) {
		const struct dispatch *d = &a->dispatches[i];

		live |= dispatch_is_live(d);
		if (d->state == DISPATCH_DECLINED && d->sent_at_ms >= a->ladder_from_ms)
			warnings |= WARNING_UNIT_DECLINED;
		if (!dispatch_is_live(d))
			continue;
		if (d->silent && d->state == DISPATCH_SENT)
			warnings |= WARNING_UNIT_SILENT;
		if (d->message == MESSAGE_FAILED)
			warnings |= WARNING_SMS_FAILED;
		if (is_overdue(d->message, d->sent_at_ms, ladder, now_ms))
			warnings |= WARNING_SMS_UNSENT;
	}
	return live ? warnings & ~(uint32_t)WARNING_UNIT_DECLINED : warnings;
}

uint32_t alert_warnings(const struct alert *a, const struct ladder *ladder, int64_t now_ms)
{
	uint32_t warnings;

	if (!alert_is_open(a))
		return 0;
	warnings = contact_warnings(a, ladder, now_ms) | unit_warnings(a, ladder, now_ms);
	if (a->duty_failed)
		warnings |= WARNING_SMS_FAILED;
	if (a->ending == ENDING_ASKED)
		warnings |= WARNING_END_ASKED;
	if (a->ending == ENDING_DURESS)
		warnings |= WARNING_DURESS;
	for (unsigned i = 0; i < ladder->step_count; i++) {
		const struct ladder_step *step = &ladder->steps[i];
		bool due = now_ms - a->ladder_from_ms >= step->after_s * 1000LL;

		if (step->unless == UNLESS_PAINTED && due && a->painted_at_ms == TIME_NONE)
			warnings |= WARNING_NOT_PAINTED;
		if (step->unless == UNLESS_CLAIMED && due && id_is_none(a->claimed_by))
			warnings |= WARNING_NOT_CLAIMED;
	}
	return warnings;
}

const char *alert_state_name(enum alert_state state)
{
	static const char *const names[ALERT_STATES] = {"raised", "claimed", "engaged", "on_scene",
							"closed"};
	return names[state];
}

const char *dispatch_state_name(enum dispatch_state state)
{
	static const char *const names[DISPATCH_STATES] = {"sent",    "received", "en_route",
							   "arrived", "declined", "cancelled"};
	return names[state];
}

const char *message_state_name(enum message_state state)
{
	static const char *const names[MESSAGE_STATES] = {"waiting", "queued",    "accepted",
							  "sent",    "delivered", "failed"};
	return names[state];
}

static const char *const outcome_names[OUTCOME_COUNT] = {
	"", "intervention", "verified_safe", "false_alarm", "test", "duplicate", "other"};

const char *alert_outcome_name(enum alert_outcome outcome)
{
	return outcome_names[outcome];
}

int alert_outcome_parse(struct str name, enum alert_outcome *ret_outcome)
{
	for (int i = OUTCOME_NONE + 1; i < OUTCOME_COUNT; i++) {
		if (str_eq(name, str_from(outcome_names[i]))) {
			*ret_outcome = (enum alert_outcome)i;
			return 0;
		}
	}
	return -EINVAL;
}

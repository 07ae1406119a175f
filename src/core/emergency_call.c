/*
 * A call to 17: see emergency_call.h.
 *
 *   RINGING ── answered, or claimed ──► TALKING ── hung up ──► ENDED ── closed ──► CLOSED
 *      │                                   └─ hung up, with nothing to wrap up ──────▲
 *      └── hung up ──► MISSED ── claimed ──────────────────► ENDED ──────────────────┘
 */
#include "core/emergency_call.h"

enum call_state call_state_of(const struct emergency_call *c)
{
	bool is_over = c->ended_at_ms != TIME_NONE;

	if (c->closed_at_ms != TIME_NONE)
		return CALL_CLOSED;
	if (c->answered_at_ms == TIME_NONE && id_is_none(c->claimed_by))
		return is_over ? CALL_MISSED : CALL_RINGING;
	return is_over ? CALL_ENDED : CALL_TALKING;
}

const char *call_state_name(enum call_state state)
{
	static const char *const names[CALL_STATES] = {"ringing", "missed", "talking", "ended",
						       "closed"};

	return names[state];
}

/* Taking it from somebody is meant: it is kept. */
static void give_to(struct emergency_call *c, const struct call_step *s, int64_t now_ms)
{
	c->kept |= s->event == CALL_CLAIM && !id_is_none(c->claimed_by);
	c->claimed_by = s->by;
	c->claimed_at_ms = now_ms;
	c->offered_at_ms = TIME_NONE;
}

static void match(struct emergency_call *c, const struct call_step *s)
{
	c->matches = s->matches;
	if (id_is_none(c->official))
		c->official = s->official;
}

static enum entry_kind rang(struct emergency_call *c, int64_t now_ms)
{
	if (c->rang_at_ms != TIME_NONE)
		return ENTRY_NONE;
	c->rang_at_ms = now_ms;
	return ENTRY_CALL_RANG;
}

/* Who lifted the receiver has it, whoever pressed the key before: the switch knows better. */
static enum entry_kind answered(struct emergency_call *c, const struct call_step *s, int64_t now_ms)
{
	bool moves = !id_is_none(s->by) && !id_eq(s->by, c->claimed_by);

	if (c->ended_at_ms != TIME_NONE || (c->answered_at_ms != TIME_NONE && !moves))
		return ENTRY_NONE;
	c->answered_at_ms = now_ms;
	match(c, s);
	if (moves)
		give_to(c, s, now_ms);
	return ENTRY_CALL_ANSWERED;
}

/* Whose number nobody registered, and whom nobody recognised. Without a number nothing is known of
 * who called: that is for who has the call to say, in their own time. */
static bool concerns_nobody(const struct emergency_call *c)
{
	bool may_be_anybody = !id_is_none(c->claimed_by) && (c->withheld || c->kept);

	return !c->matches && !may_be_anybody && id_is_none(c->official) && id_is_none(c->alert);
}

static enum entry_kind hung_up(struct emergency_call *c, int64_t now_ms)
{
	if (c->ended_at_ms != TIME_NONE)
		return ENTRY_NONE;
	c->ended_at_ms = now_ms;
	if (call_state_of(c) == CALL_ENDED && concerns_nobody(c))
		c->closed_at_ms = now_ms;
	return ENTRY_CALL_HUNG_UP;
}

/* Who offers it is its holder until another has it. */
static enum call_refusal accept(struct emergency_call *c, const struct call_step *s, int64_t now_ms,
				enum entry_kind *ret_kind)
{
	if (c->offered_at_ms == TIME_NONE || id_eq(c->claimed_by, s->by))
		return CALL_REFUSAL_NOT_OFFERED;
	c->kept = true;
	give_to(c, s, now_ms);
	*ret_kind = ENTRY_CALL_ACCEPTED;
	return CALL_REFUSAL_NONE;
}

static enum call_refusal claim(struct emergency_call *c, const struct call_step *s, int64_t now_ms,
			       enum entry_kind *ret_kind)
{
	if (id_eq(c->claimed_by, s->by)) {
		*ret_kind = c->kept ? ENTRY_NONE : ENTRY_CALL_CLAIMED;
		c->kept = true;
		return CALL_REFUSAL_NONE;
	}
	if (c->offered_at_ms != TIME_NONE)
		return accept(c, s, now_ms, ret_kind);
	if (!id_is_none(c->claimed_by) && !s->is_supervisor)
		return CALL_REFUSAL_TAKEN;
	match(c, s);
	give_to(c, s, now_ms);
	*ret_kind = ENTRY_CALL_CLAIMED;
	return CALL_REFUSAL_NONE;
}

/* Nobody who is protected calls 17 for nothing to be said of it: an alert has the call, or the note
 * says why none has. */
static enum call_refusal close(struct emergency_call *c, const struct call_step *s, int64_t now_ms,
			       enum entry_kind *ret_kind)
{
	bool asks = !id_is_none(c->official) && !s->gone && id_is_none(c->alert);

	if (asks && s->follow != FOLLOW_NONE)
		return CALL_REFUSAL_UNSAID;
	if (asks && !s->has_text)
		return CALL_REFUSAL_WHY;
	c->closed_at_ms = now_ms;
	*ret_kind = ENTRY_CALL_CLOSED;
	return CALL_REFUSAL_NONE;
}

static enum entry_kind by_holder(struct emergency_call *c, const struct call_step *s,
				 int64_t now_ms)
{
	bool offered = c->offered_at_ms != TIME_NONE;

	switch (s->event) {
	case CALL_OFFER:
		c->offered_at_ms = offered ? c->offered_at_ms : now_ms;
		return offered ? ENTRY_NONE : ENTRY_CALL_OFFERED;
	case CALL_WITHDRAW:
		c->offered_at_ms = TIME_NONE;
		return offered ? ENTRY_CALL_OFFER_WITHDRAWN : ENTRY_NONE;
	case CALL_IDENTIFY:
		if (id_eq(c->official, s->official))
			return ENTRY_NONE;
		c->official = s->official;
		return ENTRY_CALL_IDENTIFIED;
	default:
		if (id_eq(c->alert, s->alert))
			return ENTRY_NONE;
		c->alert = s->alert;
		return ENTRY_CALL_JOINED;
	}
}

enum call_refusal call_apply(struct emergency_call *c, const struct call_step *s, int64_t now_ms,
			     enum entry_kind *ret_kind)
{
	bool is_closed = c->closed_at_ms != TIME_NONE;

	*ret_kind = ENTRY_NONE;
	switch (s->event) {
	case CALL_RANG:
		*ret_kind = rang(c, now_ms);
		return CALL_REFUSAL_NONE;
	case CALL_ANSWERED:
		*ret_kind = answered(c, s, now_ms);
		return CALL_REFUSAL_NONE;
	case CALL_HUNG_UP:
		*ret_kind = hung_up(c, now_ms);
		return CALL_REFUSAL_NONE;
	case CALL_EXPIRE:
		*ret_kind = is_closed ? ENTRY_NONE : ENTRY_CALL_CLOSED;
		c->closed_at_ms = is_closed ? c->closed_at_ms : now_ms;
		return CALL_REFUSAL_NONE;
	case CALL_LOCATED:
		*ret_kind = is_closed ? ENTRY_NONE : ENTRY_CALL_LOCATED;
		return CALL_REFUSAL_NONE;
	default:
		break;
	}
	if (is_closed)
		return CALL_REFUSAL_CLOSED;
	if (s->event == CALL_CLAIM)
		return claim(c, s, now_ms, ret_kind);
	if (id_is_none(c->claimed_by))
		return CALL_REFUSAL_NOT_TAKEN;
	if (s->event == CALL_ACCEPT)
		return accept(c, s, now_ms, ret_kind);
	if (!id_eq(c->claimed_by, s->by) && !s->is_supervisor)
		return CALL_REFUSAL_TAKEN;
	if (s->event == CALL_CLOSE)
		return close(c, s, now_ms, ret_kind);
	*ret_kind = by_holder(c, s, now_ms);
	return CALL_REFUSAL_NONE;
}

enum call_refusal call_may(const struct emergency_call *call, const struct call_step *step,
			   int64_t now_ms)
{
	struct emergency_call copy = *call;
	enum entry_kind kind;

	return call_apply(&copy, step, now_ms, &kind);
}

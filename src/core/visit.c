/* Visits announced beforehand: see visit.h. */
#include "core/visit.h"

static bool may_remind(const struct visit *v)
{
	return v->state == VISIT_OPEN && !v->reminded && !v->hidden;
}

static int64_t next_look_ms(const struct visit *v, int64_t now_ms)
{
	int64_t reminder_ms = v->due_at_ms - VISIT_REMINDER_MS;

	if (v->state != VISIT_OPEN)
		return TIME_NONE;
	return may_remind(v) && reminder_ms > now_ms ? reminder_ms : v->due_at_ms;
}

static enum visit_refusal run_until(struct visit *v, int64_t due_at_ms, int64_t now_ms)
{
	if (due_at_ms - now_ms > VISIT_LONGEST_MS)
		return VISIT_TOO_LONG;
	v->state = VISIT_OPEN;
	v->due_at_ms = due_at_ms;
	v->over_at_ms = TIME_NONE;
	v->alert = ID_NONE;
	v->reminded = due_at_ms - now_ms <= VISIT_REMINDER_MS;
	return VISIT_DONE;
}

static enum visit_refusal announce(struct visit *v, int64_t duration_ms, int64_t now_ms)
{
	v->announced_at_ms = now_ms;
	return run_until(v, now_ms + duration_ms, now_ms);
}

static enum visit_refusal extend(struct visit *v, int64_t duration_ms, int64_t now_ms)
{
	int64_t from_ms = v->due_at_ms > now_ms ? v->due_at_ms : now_ms;

	if (v->state == VISIT_OVER || v->hidden)
		return VISIT_NOT_RUNNING;
	return run_until(v, from_ms + duration_ms, now_ms);
}

/* The clock may fire early, or twice: only what is due happens, and once. */
static void look(struct visit *v, int64_t now_ms, struct visit_decision *d)
{
	if (v->state != VISIT_OPEN)
		return;
	if (now_ms >= v->due_at_ms) {
		v->state = VISIT_MISSED;
		d->entry = ENTRY_VISIT_MISSED;
		d->alert = true;
	} else if (may_remind(v) && now_ms >= v->due_at_ms - VISIT_REMINDER_MS) {
		v->reminded = d->remind = true;
	}
}

static enum visit_refusal apply(struct visit *v, enum visit_event event, int64_t duration_ms,
				int64_t now_ms, struct visit_decision *d)
{
	bool is_timed = event == VISIT_ANNOUNCED || event == VISIT_EXTENDED;

	if (is_timed && duration_ms < VISIT_SHORTEST_MS)
		return VISIT_TOO_SHORT;
	if (is_timed && duration_ms > VISIT_LONGEST_MS)
		return VISIT_TOO_LONG;
	switch (event) {
	case VISIT_ANNOUNCED:
		d->entry = ENTRY_VISIT_ANNOUNCED;
		return announce(v, duration_ms, now_ms);
	case VISIT_EXTENDED:
		d->entry = ENTRY_VISIT_EXTENDED;
		return extend(v, duration_ms, now_ms);
	case VISIT_RETURNED:
		if (v->state == VISIT_OVER)
			return VISIT_NOT_RUNNING;
		d->entry = ENTRY_VISIT_ENDED;
		v->state = VISIT_OVER;
		v->over_at_ms = now_ms;
		return VISIT_DONE;
	case VISIT_FEIGNED:
		if (v->state == VISIT_OVER)
			return VISIT_NOT_RUNNING;
		v->hidden = true;
		return VISIT_DONE;
	default:
		look(v, now_ms, d);
		return VISIT_DONE;
	}
}

enum visit_refusal visit_apply(struct visit *visit, enum visit_event event, int64_t duration_ms,
			       int64_t now_ms, struct visit_decision *ret_decision)
{
	struct visit next = *visit;
	struct visit_decision decision = {.entry = ENTRY_NONE};
	enum visit_refusal refusal = apply(&next, event, duration_ms, now_ms, &decision);

	if (refusal)
		return refusal;
	decision.look_at_ms = next_look_ms(&next, now_ms);
	*visit = next;
	*ret_decision = decision;
	return VISIT_DONE;
}

/* What operators and deadlines do to alerts. */
#include <errno.h>

#include "core/access.h"
#include "crypto/random.h"
#include "service/case.h"
#include "service/directory.h"
#include "service/merges.h"
#include "service/terms.h"
#include "service/visits.h"
#include "store/deadlines.h"
#include "store/devices.h"
#include "store/links.h"

/* The unit must exist and be one that is sent; the dispatch gets its identity here. */
static bool prepare_dispatch(struct work *w, struct command *command, struct alert_command *event)
{
	const struct unit *unit = directory_unit(w->directory, event->unit);

	if (!unit || unit->kind == UNIT_ROOM) {
		command_invalid(command, "unit", "Choisissez une unité qui peut être envoyée.");
		return false;
	}
	event->target = random_id_v7(w->now_ms);
	return true;
}

/* To see it and to listen to it is to read it. */
static enum right right_for(enum alert_event event)
{
	return event == EVENT_PAINT || event == EVENT_SOUND_LISTENED || event == EVENT_SOUND_LEFT
		       ? RIGHT_ALERT_READ
		       : RIGHT_ALERT_HANDLE;
}

int handle_alert(struct work *w, struct command *command)
{
	struct alert_command event = command->as.alert;
	enum right right = right_for(event.event);
	struct case_file c;
	struct id made;
	bool is_new;
	int r = case_load(w, command->subject, &c);

	if (r == -ENOENT)
		command_refuse(command, PROBLEM_NOT_FOUND, case_not_found);
	if (r)
		return r == -ENOENT ? 0 : r;
	if (!case_may(command, &c.alert, right))
		return 0;
	r = work_is_new(w, command, command->key, &is_new, &made);
	if (r)
		return r;
	event.by = command->actor.id;
	event.has_text = command->text.len > 0;
	event.is_supervisor =
		access_allows(command->actor.roles, RIGHT_ALERT_HANDLE_OTHERS, RELATION_ROOM);
	if (is_new) {
		if (event.event == EVENT_DISPATCH && !prepare_dispatch(w, command, &event))
			return 0;
		if (event.event == EVENT_CLOSE)
			r = merges_may_close(w, command, &c.alert);
		if (r || command->outcome.problem)
			return r;
		r = case_apply(w, command, &c, &event, command->text);
		if (!r && !command->outcome.problem && command->key.ptr)
			r = seen_insert(w->vault, command->actor.id, command->key, c.alert.id,
					w->now_ms);
	}
	command->outcome.repeated = !is_new;
	if (r || command->outcome.problem)
		return r;
	return case_finish(w, command, &c);
}

int handle_timer(struct work *w, struct command *command)
{
	static const enum alert_event events[TIMER_KINDS] = {
		[TIMER_LADDER] = EVENT_TIMER_LADDER, [TIMER_CONTACT] = EVENT_TIMER_CONTACT,
		[TIMER_UNIT] = EVENT_TIMER_UNIT,     [TIMER_DEVICE] = EVENT_TIMER_DEVICE,
		[TIMER_TEST] = EVENT_TIMER_TEST,
	};
	struct deadline d = {command->subject, command->as.timer.target, command->as.timer.kind,
			     command->as.timer.step, command->as.timer.due_at_ms};
	struct alert_command event = {.target = d.target,
				      .step = d.step,
				      .outcome = OUTCOME_TEST}; /* if it is closed by this */
	struct device_last last;
	struct case_file c;
	bool was;
	int r = deadline_take(w->vault, &d, &was);

	/* Cleared, moved or fired by another meanwhile: nothing to do. */
	if (r || !was)
		return r;
	if (d.timer == TIMER_VISIT)
		return visit_look(w, command, &d);
	if (d.timer == TIMER_TERM)
		return term_look_at(w, command, &d);
	event.event = events[d.timer];
	r = case_load(w, d.alert, &c);
	if (r)
		return r == -ENOENT ? 0 : r;
	r = device_last_load(w->vault, c.alert.device, &last);
	if (r && r != -ENOENT)
		return r;
	event.heard_at_ms = r ? TIME_NONE : last.heard_at_ms;
	c.last = r ? NULL : &last;
	r = case_apply(w, command, &c, &event, STR_NONE);
	command->outcome.in_alert = alert_is_open(&c.alert);
	return r ? r : case_finish(w, command, &c);
}

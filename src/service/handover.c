/* The end of a shift: everything that an account has is offered to whoever comes, in one commit. */
#include <errno.h>

#include "service/case.h"
#include "service/emergency_calls.h"

/* More than anybody has: a call for help behind it waits for all of it. The rest is offered by the
 * next gesture. */
enum { HELD_MAX = 20 };

struct offering {
	struct work *w;
	struct command *command;
};

static int offer_alert(void *context, struct id alert)
{
	struct offering *o = context;
	struct alert_command event = {.event = o->command->as.handover.offer ? EVENT_OFFER
									     : EVENT_OFFER_WITHDRAW,
				      .by = o->command->actor.id};
	struct case_file c;
	int r = case_load(o->w, alert, &c);

	/* It goes with the one it is under. */
	if (r || !id_is_none(c.alert.merged_into))
		return r;
	r = case_apply(o->w, o->command, &c, &event, STR_NONE);
	return r ? r : case_finish(o->w, o->command, &c);
}

static int offer_call(void *context, struct id call)
{
	struct offering *o = context;

	return emergency_call_hand(o->w, o->command, call,
				   o->command->as.handover.offer ? CALL_OFFER : CALL_WITHDRAW);
}

int handle_handover(struct work *w, struct command *command)
{
	struct offering o = {w, command};
	int r = alerts_held_by(w->vault, command->actor.id, HELD_MAX, offer_alert, &o);

	if (!r)
		r = emergency_calls_held(w->vault, command->actor.id, HELD_MAX, offer_call, &o);
	/* What each of them looks like now comes by the feed. */
	command->outcome.json = STR_NONE;
	command->outcome.subject = ID_NONE;
	return r;
}

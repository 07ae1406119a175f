/* A visit announced on a telephone, on its way: see phone_session.h and service/visits.c. */
#include "gate/phone_session.h"
#include "wire/phone.h"

/* What one socket says of its visit on its way to the disk; what comes beyond is not answered. */
enum { PENDING_VISITS = 64 };

/* Each socket of the telephone knows of the same visit. */
static void on_visit(struct command *command)
{
	const struct outcome *o = &command->outcome;
	struct gate *g = command->context;
	struct phone *p = map_get(&g->phones, command->actor.id);
	struct visit_answer answer = {
		.at_ms = command->as.code.at_ms,
		.right = command->verb == VERB_ANNOUNCE || o->right,
		.problem = o->problem ? o->detail : STR_NONE,
		.visit = o->json,
	};

	phone_done(command);
	g->changes++;
	if (p && o->problem != PROBLEM_UNAVAILABLE)
		for (struct phone_session *s = p->sessions; s; s = s->next)
			phone_say_visit(s, &answer);
	if (p && o->in_alert)
		phone_follow(p, o->subject);
	command_free(command);
}

void phone_submit_visit(struct phone_session *s, const struct phone_message *m)
{
	bool extends = m->kind == PHONE_EXTEND;
	struct command *c;

	if (s->pending >= PENDING_VISITS)
		return;
	c = command_new(extends ? VERB_EXTEND : VERB_ANNOUNCE,
			(struct actor){ACTOR_DEVICE, s->phone->device, 0, ID_NONE});
	c->text = command_keep(c, m->place);
	c->name = command_keep(c, m->person);
	c->token = command_keep(c, m->typed);
	c->as.code.typed = c->token;
	c->as.code.at_ms = m->report.at_ms;
	c->as.code.duration_ms = m->duration_ms;
	c->on_done = on_visit;
	phone_hand_over(s, c);
}

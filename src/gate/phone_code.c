/* The codes that an official types on their telephone, on their way: see phone_session.h and
 * service/codes.c. */
#include "gate/phone_session.h"
#include "wire/phone.h"

/* Codes of one socket on their way to the disk; what comes beyond is not answered. */
enum { PENDING_CODES = 64 };

/* The answer is the same whatever the code was, but for one that is plainly wrong. */
static void on_coded(struct command *command)
{
	const struct visit_answer over = {.at_ms = TIME_NONE, .right = true};
	const struct outcome *o = &command->outcome;
	struct gate *g = command->context;
	struct phone *p = map_get(&g->phones, command->actor.id);
	struct phone_session *s = phone_done(command);

	if (s && command->verb == VERB_CODE)
		phone_say_heard(s, command->as.code.at_ms, o->right);
	g->changes += o->visit_over;
	for (s = p && o->visit_over ? p->sessions : NULL; s; s = s->next)
		phone_say_visit(s, &over);
	if (p && !o->problem && o->in_alert)
		phone_follow(p, o->subject);
	command_free(command);
}

static void on_pins(struct command *command)
{
	bool is_known = command->outcome.problem != PROBLEM_UNAVAILABLE;
	struct str problem = command->outcome.problem ? command->outcome.detail : STR_NONE;
	struct gate *g = command->context;
	struct phone_session *s = phone_find(g, command->context_id);

	if (s && is_known)
		phone_say_pins(s, command->as.code.at_ms, problem);
	on_coded(command);
}

/* The codes are kept in what the command wipes. */
static struct command *code_command(struct phone_session *s, const struct phone_message *m)
{
	bool chooses = m->kind == PHONE_PINS;
	struct command *c = command_new(chooses ? VERB_PINS : VERB_CODE,
					(struct actor){ACTOR_DEVICE, s->phone->device, 0, ID_NONE});
	struct buf all = BUF_INIT;

	buf_add_str(&all, m->typed);
	buf_add_str(&all, m->pin);
	buf_add_str(&all, m->duress);
	c->token = command_keep(c, buf_str(&all));
	explicit_bzero(all.ptr, all.len);
	buf_fini(&all);
	c->as.code.at_ms = m->report.at_ms;
	c->as.code.typed = str_slice(c->token, 0, m->typed.len);
	c->as.code.pin = str_slice(c->token, m->typed.len, m->typed.len + m->pin.len);
	c->as.code.duress = str_slice(c->token, m->typed.len + m->pin.len, c->token.len);
	c->on_done = chooses ? on_pins : on_coded;
	return c;
}

void phone_submit_code(struct phone_session *s, const struct phone_message *m)
{
	if (s->pending < PENDING_CODES)
		phone_hand_over(s, code_command(s, m));
}

/*
 * The visible test of a telephone, on its way: a test alert, raised as a call is. What its holder
 * is told of it is what the server itself has found out: see phone_session.h.
 */
#include "gate/phone_session.h"
#include "wire/phone.h"

/* Tests of one socket on their way to the disk; what comes beyond is not answered. */
enum { PENDING_TESTS = 8 };

static void say(struct phone_session *s, const struct command *command)
{
	const struct gate_options *o = &s->gate->options;
	const struct test_facts *facts = &command->as.test.facts;
	struct phone_test t = {.at_ms = command->as.test.at_ms,
			       .problem = command->outcome.problem ? command->outcome.detail
								   : STR_NONE,
			       .alert = command->outcome.subject,
			       .facts = facts,
			       .record = o->may_record && o->sound && !s->phone->no_sound,
			       .listen = o->may_listen && o->sound && !s->phone->no_sound};

	if (!command->outcome.problem && o->feed)
		t.screens = feed_screens(o->feed, facts->room, command->outcome.number, &t.ready);
	phone_say_tested(s, &t);
}

static void on_tested(struct command *command)
{
	const struct outcome *o = &command->outcome;
	struct gate *g = command->context;
	struct phone_session *s = phone_find(g, command->context_id);

	if (s)
		s->pending--;
	/* What could not be stored is not answered. */
	if (s && s->phone && o->problem != PROBLEM_UNAVAILABLE) {
		if (!o->problem && o->in_alert)
			s->phone->test = o->subject;
		say(s, command);
		if (!o->problem && command->as.test.facts.painted)
			phone_say_shown(s, o->subject);
		if (!o->problem && !o->in_alert)
			phone_say_ended(s, o->subject);
	}
	command_free(command);
}

void phone_submit_test(struct phone_session *s, const struct phone_message *m)
{
	char key[32];
	struct command *c;

	if (s->pending >= PENDING_TESTS)
		return;
	c = command_new(VERB_TEST_ALERT,
			(struct actor){ACTOR_DEVICE, s->phone->device, 0, ID_NONE});
	c->subject = s->phone->device;
	snprintf(key, sizeof(key), "test %lld", (long long)m->report.at_ms);
	c->key = command_keep(c, str_from(key));
	c->as.test.at_ms = m->report.at_ms;
	c->on_done = on_tested;
	phone_hand_over(s, c);
}

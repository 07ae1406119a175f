/*
 * « Alarme élu »: an official prepares their registration with the code of an invitation; the
 * counter finds it and activates it. The bodies are those of the administration's commands.
 */
#include "api/api_private.h"

static struct command *registration(struct request *q, const char *name)
{
	struct command *c = request_command(q, VERB_ADMIN);

	c->name = str_from(name);
	c->text = command_keep(c, q->raw_body);
	return c;
}

struct command *invite_command(struct request *q)
{
	return registration(q, "registration.invite");
}

static void on_shown(struct command *command)
{
	struct request *q = command->context;
	const struct outcome *o = &command->outcome;
	enum bulk kind = q->route->command == find_draft_command ? BULK_FILES : BULK_LISTED;

	if (!o->problem && bulk_is_held(q, kind, o->shown, o->shown_count))
		bulk_answer_held(q, kind);
	else
		answer_outcome(q, command);
	command_free(command);
}

/* What it shows of many is counted before it is given; the lines say that it was looked up. */
static struct command *listing(struct request *q, const char *name)
{
	struct command *c = registration(q, name);

	c->on_done = on_shown;
	return c;
}

struct command *find_draft_command(struct request *q)
{
	return listing(q, "registration.find");
}

struct command *activate_command(struct request *q)
{
	return registration(q, "registration.activate");
}

struct command *terms_command(struct request *q)
{
	return listing(q, "registration.terms");
}

struct command *confirm_term_command(struct request *q)
{
	return registration(q, "registration.confirm");
}

struct command *prolong_term_command(struct request *q)
{
	return registration(q, "registration.prolong");
}

struct command *end_term_command(struct request *q)
{
	return registration(q, "registration.end");
}

struct command *requests_command(struct request *q)
{
	return listing(q, "registration.requests");
}

struct command *correct_command(struct request *q)
{
	return registration(q, "registration.correct");
}

struct command *leave_command(struct request *q)
{
	return registration(q, "registration.leave");
}

/* One that is not there counts like one that is. */
struct command *file_command(struct request *q)
{
	struct str named = str_from(json_string_value(json_object_get(q->body, "official")));
	struct id official;

	if (!id_parse(named, &official) && bulk_is_held(q, BULK_FILES, &official, 1)) {
		bulk_answer_held(q, BULK_FILES);
		return NULL;
	}
	return registration(q, "registration.file");
}

struct command *change_file_command(struct request *q)
{
	return registration(q, "registration.change");
}

struct command *telephone_command(struct request *q)
{
	return registration(q, "registration.telephone");
}

struct command *holds_command(struct request *q)
{
	return registration(q, "hold.list");
}

struct command *settle_hold_command(struct request *q)
{
	return registration(q, "hold.settle");
}

/* Whoever holds it is cut off now, not when it speaks next. */
static void on_withdrawn(struct command *command)
{
	struct request *q = command->context;
	const struct device_port *devices = &q->api->options.devices;

	if (!command->outcome.problem)
		devices->forget(devices->context, command->outcome.subject);
	answer_outcome(q, command);
	command_free(command);
}

struct command *withdraw_telephone_command(struct request *q)
{
	struct command *c = registration(q, "registration.withdraw-telephone");

	c->on_done = on_withdrawn;
	return c;
}

/* --- who holds a code */

static void on_held(struct command *command)
{
	struct request *q = command->context;

	if (command->outcome.problem != PROBLEM_NOT_FOUND)
		forgive_guess(q);
	answer_outcome(q, command);
	command_free(command);
}

static void of_holder(struct request *q, const char *name)
{
	struct command *c;

	if (!may_guess(q))
		return;
	/* Before it is looked up, or many at once would pass. */
	count_guess(q);
	c = command_new(VERB_ADMIN, (struct actor){.kind = ACTOR_SYSTEM});
	c->name = str_from(name);
	c->text = command_keep(c, q->raw_body);
	c->context = q;
	c->on_done = on_held;
	request_submit(q, c);
}

void open_draft(struct request *q, const struct http_request *r)
{
	of_holder(q, "registration.open");
}

void save_draft(struct request *q, const struct http_request *r)
{
	of_holder(q, "registration.prepare");
}

/* What a telephone asks before it is a device: its credential, for the code of the counter. */
#include "api/api_private.h"

enum { MAX_CODE_BYTES = 64 };

static void on_enrolled(struct command *command)
{
	struct request *q = command->context;
	const struct device_port *devices = &q->api->options.devices;

	if (command->outcome.problem != PROBLEM_NOT_FOUND)
		forgive_guess(q);
	if (!command->outcome.problem)
		devices->forget(devices->context, command->outcome.subject);
	answer_outcome(q, command);
	command_free(command);
}

void enrol_phone(struct request *q, const struct http_request *r)
{
	static const char *const names[] = {"code", NULL};
	struct command *c;
	struct str code;

	if (!may_guess(q) || !body_only(q, names) ||
	    !body_text(q, "code", true, MAX_CODE_BYTES, &code))
		return;
	/* Before it is looked up, or many at once would pass. */
	count_guess(q);
	c = command_new(VERB_ENROLMENT, (struct actor){.kind = ACTOR_SYSTEM});
	c->token = command_keep(c, code);
	c->context = q;
	c->on_done = on_enrolled;
	request_submit(q, c);
}

void open_phone(struct request *q, const struct http_request *r)
{
	const struct device_port *devices = &q->api->options.devices;

	/* The gate takes the socket: this request ends here, without an answer of its own. */
	request_free(q);
	devices->phone(devices->context, r);
}

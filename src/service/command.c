/* Commands: see command.h. */
#include "service/command.h"

#include <errno.h>

#include "crypto/random.h"

static const char *const protocols[PROTOCOL_COUNT] = {"watch", "osmand", "owntracks", "phone"};

const char *protocol_name(enum protocol protocol)
{
	if (protocol == PROTOCOL_CALL)
		return "call";
	return (unsigned)protocol < PROTOCOL_COUNT ? protocols[protocol] : "";
}

int protocol_parse(struct str name, enum protocol *ret_protocol)
{
	for (int i = 0; i < PROTOCOL_COUNT; i++) {
		if (str_eq(name, str_from(protocols[i]))) {
			*ret_protocol = (enum protocol)i;
			return 0;
		}
	}
	return -EINVAL;
}

struct command *command_new(enum verb verb, struct actor actor)
{
	struct command *command = xcalloc(1, sizeof(*command));

	command->verb = verb;
	command->actor = actor;
	return command;
}

void command_free(struct command *command)
{
	if (!command)
		return;
	/* The token is a copy of ours (command_keep), whatever the type says. */
	if (command->token.ptr)
		wipe((char *)(uintptr_t)command->token.ptr, command->token.len);
	arena_fini(&command->arena);
	free(command);
}

struct str command_keep(struct command *command, struct str text)
{
	if (!text.ptr)
		return STR_NONE;
	return (struct str){arena_copy(&command->arena, text.ptr, text.len), text.len};
}

void command_refuse(struct command *command, enum problem problem, const char *detail)
{
	command->outcome.problem = problem;
	command->outcome.detail = command_keep(command, str_from(detail));
}

void command_invalid(struct command *command, const char *field, const char *detail)
{
	command_refuse(command, PROBLEM_INVALID, detail);
	command->outcome.field = command_keep(command, str_from(field));
}

/* What the holders of links do: trusted persons, patrols, officials about their registration;
 * without an account. */
#include <errno.h>

#include "service/case.h"
#include "service/terms.h"
#include "store/links.h"

static bool event_fits(enum link_kind kind, enum alert_event event)
{
	if (kind == LINK_FOLLOW)
		return event == EVENT_CONTACT_ANSWERED;
	return kind == LINK_PATROL &&
	       (event == EVENT_UNIT_RECEIVED || event == EVENT_UNIT_EN_ROUTE ||
		event == EVENT_UNIT_ARRIVED || event == EVENT_UNIT_DECLINED);
}

/* Loads the link that the command names. False: there is none, it is of something else, it is gone,
 * and that is refused; or *ret_r is an error. */
static bool open_link(struct work *w, struct command *command, const char *gone,
		      struct link *ret_link, int *ret_r)
{
	bool of_term = command->verb == VERB_TERM;

	*ret_r = link_load(w->vault, command->token, ret_link);
	if (*ret_r && *ret_r != -ENOENT)
		return false;
	if (*ret_r || !(of_term ? ret_link->kind == LINK_TERM
				: event_fits(ret_link->kind, command->as.alert.event)))
		command_refuse(command, PROBLEM_NOT_FOUND, "Ce lien n'existe pas.");
	else if (ret_link->revoked_at_ms != TIME_NONE)
		command_refuse(command, PROBLEM_GONE, gone);
	*ret_r = 0;
	return !command->outcome.problem;
}

int handle_link(struct work *w, struct command *command)
{
	struct alert_command event = command->as.alert;
	struct case_file c;
	struct link link;
	int r;

	if (!open_link(w, command,
		       "Ce lien n'est plus valable : l'alerte est terminée, ou le lien a "
		       "été retiré.",
		       &link, &r))
		return r;
	command->actor = (struct actor){
		.kind = link.kind == LINK_FOLLOW ? ACTOR_CONTACT : ACTOR_UNIT, .id = link.target};
	r = case_load(w, link.alert, &c);
	if (r)
		return r;
	event.target = link.target;
	event.has_text = command->text.len > 0;
	r = case_apply(w, command, &c, &event, command->text);
	if (r || command->outcome.problem)
		return r;
	return case_finish(w, command, &c);
}

int handle_term(struct work *w, struct command *command)
{
	struct link link;
	int r;

	if (!open_link(w, command,
		       "Ce lien n'est plus valable : un autre l'a remplacé, ou "
		       "l'inscription a pris fin.",
		       &link, &r))
		return r;
	command->actor = (struct actor){.kind = ACTOR_OFFICIAL, .id = link.target};
	return term_answer(w, command, link.alert,
			   command->as.term.end ? ANSWER_END : ANSWER_GO_ON);
}

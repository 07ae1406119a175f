/* What operators, trusted persons and patrols do to an alert: bodies to commands. */
#include <errno.h>

#include "api/api_private.h"
#include "base/limits.h"
#include "wire/sound.h"

static struct command *alert_command(struct request *q, enum alert_event event)
{
	struct id alert;
	struct command *c;

	if (!path_id(q, 0, &alert))
		return NULL;
	c = request_command(q, VERB_ALERT);
	c->subject = alert;
	c->as.alert.event = event;
	return c;
}

/* An event that carries one text and nothing else. */
static struct command *with_text(struct request *q, enum alert_event event, const char *field,
				 bool needed)
{
	const char *const names[] = {field, NULL};
	struct command *c;
	struct str text;

	if (!body_only(q, names) || !body_text(q, field, needed, LIMIT_NOTE_BYTES, &text))
		return NULL;
	c = alert_command(q, event);
	if (c)
		c->text = command_keep(c, text);
	return c;
}

static struct command *with_target(struct request *q, enum alert_event event)
{
	struct command *c;
	struct id target;

	if (!body_empty(q) || !path_id(q, 1, &target))
		return NULL;
	c = alert_command(q, event);
	if (c)
		c->as.alert.target = target;
	return c;
}

struct command *claim_command(struct request *q)
{
	return body_empty(q) ? alert_command(q, EVENT_CLAIM) : NULL;
}

struct command *take_over_command(struct request *q)
{
	return with_text(q, EVENT_TAKE_OVER, "reason", false);
}

struct command *accept_command(struct request *q)
{
	return body_empty(q) ? alert_command(q, EVENT_ACCEPT) : NULL;
}

struct command *release_command(struct request *q)
{
	return body_empty(q) ? alert_command(q, EVENT_RELEASE) : NULL;
}

static struct command *handover(struct request *q, bool offer)
{
	struct command *c;

	if (!access_allows(q->who.roles, RIGHT_ALERT_HANDLE, RELATION_ROOM)) {
		answer_problem(q, PROBLEM_FORBIDDEN, STR("Votre rôle ne permet pas cette action."),
			       STR_NONE);
		return NULL;
	}
	if (offer && !body_empty(q))
		return NULL;
	c = request_command(q, VERB_HANDOVER);
	c->as.handover.offer = offer;
	return c;
}

struct command *offer_command(struct request *q)
{
	return handover(q, true);
}

struct command *withdraw_command(struct request *q)
{
	return handover(q, false);
}

static struct command *merging(struct request *q, struct id into, struct str reason)
{
	struct command *c;
	struct id alert;

	if (!path_id(q, 0, &alert))
		return NULL;
	c = request_command(q, VERB_MERGE);
	c->subject = alert;
	c->as.merge.into = into;
	c->text = command_keep(c, reason);
	return c;
}

struct command *merge_command(struct request *q)
{
	static const char *const names[] = {"into", "reason", NULL};
	struct id into;
	struct str reason;

	if (!body_only(q, names) || !body_id(q, "into", &into) ||
	    !body_text(q, "reason", false, LIMIT_NOTE_BYTES, &reason))
		return NULL;
	return merging(q, into, reason);
}

struct command *unmerge_command(struct request *q)
{
	return body_empty(q) ? merging(q, ID_NONE, STR_NONE) : NULL;
}

struct command *note_command(struct request *q)
{
	return with_text(q, EVENT_NOTE, "text", true);
}

struct command *mark_command(struct request *q)
{
	static const char *const names[] = {"epoch", "sequence", "text", NULL};
	int64_t epoch, sequence;
	struct command *c;
	struct str text;

	if (!body_only(q, names) || !body_int(q, "epoch", 1, UINT32_MAX, &epoch) ||
	    !body_int(q, "sequence", 0, SOUND_SEQUENCE_END - 1, &sequence) ||
	    !body_text(q, "text", false, LIMIT_NOTE_BYTES, &text))
		return NULL;
	c = alert_command(q, EVENT_SOUND_MARKED);
	if (!c)
		return NULL;
	c->as.alert.epoch = (uint32_t)epoch;
	c->as.alert.sequence = (uint32_t)sequence;
	c->text = command_keep(c, text);
	return c;
}

static struct command *keep(struct request *q, bool seal)
{
	static const char *const names[] = {"reason", NULL};
	struct command *c;
	struct id alert;
	struct str reason;

	if (!body_only(q, names) || !body_text(q, "reason", false, LIMIT_NOTE_BYTES, &reason) ||
	    !path_id(q, 0, &alert))
		return NULL;
	c = request_command(q, VERB_KEEP);
	c->subject = alert;
	c->as.keep.seal = seal;
	c->text = command_keep(c, reason);
	return c;
}

struct command *seal_command(struct request *q)
{
	return keep(q, true);
}

struct command *unseal_command(struct request *q)
{
	return keep(q, false);
}

struct command *reopen_command(struct request *q)
{
	return with_text(q, EVENT_REOPEN, "reason", true);
}

struct command *dispatch_command(struct request *q)
{
	static const char *const names[] = {"unit", NULL};
	struct command *c;
	struct id unit;

	if (!body_only(q, names) || !body_id(q, "unit", &unit))
		return NULL;
	c = alert_command(q, EVENT_DISPATCH);
	if (c)
		c->as.alert.unit = unit;
	return c;
}

struct command *close_command(struct request *q)
{
	static const char *const names[] = {"outcome", "text", NULL};
	enum alert_outcome outcome;
	struct command *c;
	struct str name, text;

	if (!body_only(q, names) || !body_text(q, "outcome", true, 32, &name) ||
	    !body_text(q, "text", false, LIMIT_NOTE_BYTES, &text))
		return NULL;
	if (alert_outcome_parse(name, &outcome)) {
		answer_problem(q, PROBLEM_INVALID, STR("Choisissez l'issue de l'alerte."),
			       STR("outcome"));
		return NULL;
	}
	c = alert_command(q, EVENT_CLOSE);
	if (!c)
		return NULL;
	c->as.alert.outcome = outcome;
	c->text = command_keep(c, text);
	return c;
}

struct command *ask_contact_command(struct request *q)
{
	return with_target(q, EVENT_CONTACT_ASK);
}

struct command *revoke_link_command(struct request *q)
{
	return with_target(q, EVENT_LINK_REVOKE);
}

struct command *cancel_dispatch_command(struct request *q)
{
	return with_target(q, EVENT_UNIT_CANCEL);
}

struct command *test_alert_command(struct request *q)
{
	static const char *const names[] = {"device", NULL};
	struct command *c;
	struct id device;

	if (!body_only(q, names) || !body_id(q, "device", &device))
		return NULL;
	c = request_command(q, VERB_TEST_ALERT);
	c->subject = device;
	return c;
}

/* --- by link: the answer is what the page shows from now on */

static void read_again(struct job *job, struct reader *reader)
{
	struct request *q = (struct request *)(void *)job;
	reader_question *question = q->route->command == patrol_state_command  ? reader_patrol
				    : q->route->command == term_answer_command ? reader_term
									       : reader_follow;

	q->error = question(reader, &q->arena, NULL, clock_now_ms(), &q->question, &q->answer);
}

static void on_read_again(void *arg)
{
	struct request *q = arg;

	if (q->error)
		answer_problem(q, PROBLEM_UNAVAILABLE,
			       STR("La lecture est momentanément impossible."), STR_NONE);
	else if (q->answer.problem)
		answer_problem(q, q->answer.problem, q->answer.detail, STR_NONE);
	else
		answer_json(q, 200, q->answer.json);
}

static void on_link_done(struct command *command)
{
	struct request *q = command->context;

	if (command->outcome.problem == PROBLEM_NOT_FOUND)
		count_guess(q);
	if (command->outcome.problem) {
		answer_problem(q, command->outcome.problem, command->outcome.detail,
			       command->outcome.field);
	} else {
		q->question.token = q->parameters[0];
		q->job = (struct job){read_again, on_read_again};
		if (readers_submit(q->api->options.readers, &q->job))
			answer_problem(q, PROBLEM_UNAVAILABLE,
				       STR("Le serveur est surchargé : réessayez."), STR_NONE);
	}
	command_free(command);
}

static struct command *of_holder(struct request *q, enum verb verb, enum actor_kind kind)
{
	struct command *c = command_new(verb, (struct actor){.kind = kind});

	c->token = command_keep(c, q->parameters[0]);
	c->context = q;
	c->on_done = on_link_done;
	return c;
}

static struct command *link_command(struct request *q, enum alert_event event, struct str reason)
{
	struct command *c = of_holder(q, VERB_LINK, ACTOR_CONTACT);

	c->text = command_keep(c, reason);
	c->as.alert.event = event;
	return c;
}

/* The official's, about their registration. */
struct command *term_answer_command(struct request *q)
{
	static const char *const names[] = {"answer", NULL};
	struct command *c;
	struct str answer;

	if (!body_only(q, names) || !body_text(q, "answer", true, 16, &answer))
		return NULL;
	if (!str_eq(answer, STR("go_on")) && !str_eq(answer, STR("end"))) {
		answer_problem(q, PROBLEM_INVALID, STR("Cette réponse n'est pas attendue."),
			       STR("answer"));
		return NULL;
	}
	c = of_holder(q, VERB_TERM, ACTOR_OFFICIAL);
	c->as.term.end = str_eq(answer, STR("end"));
	return c;
}

struct command *follow_answer_command(struct request *q)
{
	static const char *const names[] = {"answer", NULL};
	struct str answer;

	if (!body_only(q, names) || !body_text(q, "answer", true, 16, &answer))
		return NULL;
	if (!str_eq(answer, STR("on_it"))) {
		answer_problem(q, PROBLEM_INVALID, STR("Cette réponse n'est pas attendue."),
			       STR("answer"));
		return NULL;
	}
	return link_command(q, EVENT_CONTACT_ANSWERED, STR_NONE);
}

struct command *patrol_state_command(struct request *q)
{
	static const char *const names[] = {"state", "reason", NULL};
	static const struct {
		const char *name;
		enum alert_event event;
	} states[] = {{"received", EVENT_UNIT_RECEIVED},
		      {"en_route", EVENT_UNIT_EN_ROUTE},
		      {"arrived", EVENT_UNIT_ARRIVED},
		      {"declined", EVENT_UNIT_DECLINED}};
	struct str state, reason;

	if (!body_only(q, names) || !body_text(q, "state", true, 16, &state) ||
	    !body_text(q, "reason", false, LIMIT_NOTE_BYTES, &reason))
		return NULL;
	for (size_t i = 0; i < ARRAY_LEN(states); i++)
		if (str_eq(state, str_from(states[i].name)))
			return link_command(q, states[i].event, reason);
	answer_problem(q, PROBLEM_INVALID, STR("Cet état n'est pas attendu."), STR("state"));
	return NULL;
}

/* --- commands to the device: sent once the right to ask is decided and the journal says who asked
 */

/* The timeline says who asked; it must not let believe that the device was told. */
static void say_unreached(struct request *q, const struct command *asked)
{
	struct command *c = command_new(VERB_ALERT, asked->actor);

	c->subject = asked->subject;
	c->as.alert.event = EVENT_DEVICE_UNREACHED;
	c->text = command_keep(c, asked->text);
	if (service_submit(q->api->options.service, c))
		command_free(c);
}

static void on_asked(struct command *command)
{
	struct request *q = command->context;
	const struct device_port *devices = &q->api->options.devices;

	if (command->outcome.problem) {
		answer_outcome(q, command);
	} else if (devices->ask(devices->context, command->outcome.device, command->text.ptr,
				(int)command->as.alert.seconds)) {
		answer_json(q, 202, STR("{\"sent\":true}"));
	} else {
		say_unreached(q, command);
		answer_problem(q, PROBLEM_CONFLICT,
			       STR("L'appareil n'est pas connecté, ou un téléphone ne sait pas le "
				   "faire : la "
				   "demande n'a pas pu être envoyée."),
			       STR_NONE);
	}
	command_free(command);
}

const char *hearing_refused(const struct api *a)
{
	if (a->options.may_listen)
		return NULL;
	return a->options.recorder ? "L'écoute n'est pas autorisée ici : ce son est enregistré, et "
				     "se lit une fois l'alerte close."
				   : "L'écoute n'est pas autorisée ici (réglage sound).";
}

const char *watch_listening_refused(const struct api *a)
{
	if (!a->options.may_listen)
		return "L'écoute n'est pas autorisée ici (réglage sound).";
	if (!a->options.may_dial)
		return "Aucun numéro d'écoute n'est configuré (réglage listen_number).";
	return NULL;
}

struct command *ask_device_command(struct request *q)
{
	static const char *const names[] = {"request", "seconds", NULL};
	static const char *const requests[] = {"locate", "interval", "discreet", "listen"};
	const char *refused = watch_listening_refused(q->api);
	struct command *c;
	struct str request;
	int64_t seconds = 0;
	bool known = false;

	if (!body_only(q, names) || !body_text(q, "request", true, 16, &request))
		return NULL;
	for (size_t i = 0; i < ARRAY_LEN(requests); i++)
		known |= str_eq(request, str_from(requests[i]));
	if (!known) {
		answer_problem(q, PROBLEM_INVALID, STR("Cette demande n'est pas connue."),
			       STR("request"));
		return NULL;
	}
	if (str_eq(request, STR("listen")) && refused) {
		answer_problem(q, PROBLEM_CONFLICT, str_from(refused), STR_NONE);
		return NULL;
	}
	if (str_eq(request, STR("interval")) && !body_int(q, "seconds", 60, 65535, &seconds))
		return NULL;
	c = alert_command(q, EVENT_DEVICE_ASKED);
	if (!c)
		return NULL;
	c->text = command_keep(c, request);
	c->as.alert.seconds = (int)seconds;
	c->on_done = on_asked;
	return c;
}

/* Calls to 17: what a telephone switch says of them, and what operators do with them. */
#include "api/api_private.h"
#include "base/limits.h"
#include "wire/pidf.h"

static void on_switch_done(struct command *command)
{
	struct request *q = command->context;

	/* The switch is told that it was written down, never whose call it is. */
	if (command->outcome.problem)
		answer_outcome(q, command);
	else
		answer_empty(q, 204);
	command_free(command);
}

static bool switch_event(struct request *q, enum call_event *ret_event)
{
	static const struct {
		const char *name;
		enum call_event event;
	} events[] = {{"ringing", CALL_RANG}, {"answered", CALL_ANSWERED}, {"ended", CALL_HUNG_UP}};
	struct str name;

	if (!body_text(q, "event", true, 16, &name))
		return false;
	for (size_t i = 0; i < ARRAY_LEN(events); i++) {
		if (!str_eq(name, str_from(events[i].name)))
			continue;
		*ret_event = events[i].event;
		return true;
	}
	answer_problem(q, PROBLEM_INVALID, STR("ringing, answered ou ended est attendu."),
		       STR("event"));
	return false;
}

/* One that cannot be read takes nothing from the call. */
static void take_geolocation(struct command *c, struct str xml)
{
	struct str line;
	struct pidf p;

	/* Kamailio gives the part of the body with what is left of its headers. */
	while (xml.len && xml.ptr[0] != '<' && str_split(&xml, '\n', &line))
		;
	if (!xml.len || pidf_decode(xml, &p))
		return;
	c->as.call.place = command_keep(c, str_from(p.address));
	c->as.call.position = (struct position){.known = p.located,
						.approximate = p.approximate,
						.lat_e7 = p.lat_e7,
						.lon_e7 = p.lon_e7,
						.at_ms = p.at_ms,
						.accuracy_m = p.radius_m,
						.speed_kmh = -1,
						.course_deg = -1,
						.altitude_m = p.altitude_m};
}

struct command *switch_command(struct request *q)
{
	static const char *const names[] = {"call", "event",     "number",      "line",
					    "room", "extension", "geolocation", NULL};
	struct str call, number, line, room, extension, geolocation;
	enum call_event event;
	struct command *c;

	if (!body_only(q, names) || !switch_event(q, &event) ||
	    !body_text(q, "call", true, LIMIT_CALL_KEY_BYTES, &call) ||
	    !body_text(q, "number", false, LIMIT_CALL_NUMBER_BYTES, &number) ||
	    !body_text(q, "line", false, LIMIT_CALL_LINE_BYTES, &line) ||
	    !body_text(q, "room", false, LIMIT_NAME_BYTES, &room) ||
	    !body_text(q, "extension", false, LIMIT_CALL_LINE_BYTES, &extension) ||
	    !body_text(q, "geolocation", false, LIMIT_PIDF_BYTES, &geolocation))
		return NULL;
	c = command_new(VERB_SWITCH, (struct actor){.kind = ACTOR_SWITCH});
	c->key = command_keep(c, call);
	c->number = command_keep(c, number);
	c->text = command_keep(c, line);
	c->name = command_keep(c, extension);
	c->as.call.event = event;
	c->as.call.room = command_keep(c, room);
	take_geolocation(c, geolocation);
	c->context = q;
	c->on_done = on_switch_done;
	return c;
}

static struct command *call_command(struct request *q, enum call_event event)
{
	struct command *c;
	struct id call;

	if (!path_id(q, 0, &call))
		return NULL;
	c = request_command(q, VERB_CALL);
	c->subject = call;
	c->as.call.event = event;
	return c;
}

struct command *claim_call_command(struct request *q)
{
	return body_empty(q) ? call_command(q, CALL_CLAIM) : NULL;
}

struct command *accept_call_command(struct request *q)
{
	return body_empty(q) ? call_command(q, CALL_ACCEPT) : NULL;
}

static void on_identified(struct command *command)
{
	struct request *q = command->context;

	if (command->outcome.problem == PROBLEM_TOO_MANY)
		bulk_hold_call(q);
	answer_outcome(q, command);
	command_free(command);
}

struct command *identify_call_command(struct request *q)
{
	static const char *const names[] = {"official", NULL};
	struct command *c;
	struct id official;

	if (!body_only(q, names) || !body_id(q, "official", &official))
		return NULL;
	c = call_command(q, CALL_IDENTIFY);
	if (c) {
		c->as.call.official = official;
		c->on_done = on_identified;
	}
	return c;
}

struct command *join_call_command(struct request *q)
{
	return body_empty(q) ? call_command(q, CALL_JOIN) : NULL;
}

static bool what_follows(struct request *q, enum call_follow *ret_follow)
{
	static const struct {
		const char *name;
		enum call_follow follow;
	} rows[] = {{"", FOLLOW_UNSAID},
		    {"join", FOLLOW_JOIN},
		    {"open", FOLLOW_OPEN},
		    {"none", FOLLOW_NONE}};
	struct str name;

	if (!body_text(q, "alert", false, 16, &name))
		return false;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		if (!str_eq(name, str_from(rows[i].name)))
			continue;
		*ret_follow = rows[i].follow;
		return true;
	}
	answer_problem(q, PROBLEM_INVALID, STR("join, open ou none est attendu."), STR("alert"));
	return false;
}

struct command *close_call_command(struct request *q)
{
	static const char *const names[] = {"alert", "text", NULL};
	enum call_follow follow;
	struct command *c;
	struct str text;

	if (!body_only(q, names) || !what_follows(q, &follow) ||
	    !body_text(q, "text", false, LIMIT_NOTE_BYTES, &text))
		return NULL;
	c = call_command(q, CALL_CLOSE);
	if (c) {
		c->as.call.follow = follow;
		c->text = command_keep(c, text);
	}
	return c;
}

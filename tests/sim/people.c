/* Operators of the rooms, trusted persons and patrols: what they do, right or wrong, in time or
 * not. */
#include "sim.h"

#include "store/alerts.h"
#include "store/links.h"

/* What somebody who got an SMS will do, and when. */
struct letter {
	int64_t at_ms, created_ms;
	enum outbox_kind kind;
	int story;
	struct id target;
	char token[40], phone[16];
	int step; /* of a patrol: received, en route, arrived */
};

/* --- operators */

static struct alert stored(struct sim *s, struct id id)
{
	struct arena arena = ARENA_INIT;
	struct alert alert;
	int r = alert_load(service_vault(s->service), &arena, id, &alert, NULL);

	arena_fini(&arena);
	hold(s, !r, "an alert cannot be read: %d", r);
	return alert;
}

static enum alert_event choose_event(struct sim *s)
{
	static const struct {
		unsigned weight;
		enum alert_event event;
	} events[] = {{25, EVENT_PAINT},      {25, EVENT_CLAIM},      {8, EVENT_TAKE_OVER},
		      {12, EVENT_DISPATCH},   {8, EVENT_NOTE},        {9, EVENT_CLOSE},
		      {4, EVENT_REOPEN},      {4, EVENT_CONTACT_ASK}, {2, EVENT_LINK_REVOKE},
		      {2, EVENT_UNIT_CANCEL}, {1, EVENT_DEVICE_ASKED}};
	uint64_t drawn = chance(s, 100);
	size_t i = 0;

	while (drawn >= events[i].weight)
		drawn -= events[i++].weight;
	return events[i].event;
}

/* Fills in what the event is about. Whether it names a part of the alert that there may not be. */
static bool choose_target(struct sim *s, const struct story *story, struct alert_command *e)
{
	struct alert alert;

	switch (e->event) {
	case EVENT_CONTACT_ASK:
	case EVENT_LINK_REVOKE:
		if (story->official >= 0)
			e->target =
				s->town.officials[story->official].contacts[chance(s, CONTACTS)].id;
		return true;
	case EVENT_UNIT_CANCEL:
		alert = stored(s, story->id);
		if (alert.dispatch_count)
			e->target = alert.dispatches[chance(s, alert.dispatch_count)].id;
		return true;
	case EVENT_DISPATCH:
		e->unit = s->town.units[chance(s, UNITS)];
		return false;
	case EVENT_CLOSE:
		e->outcome = (enum alert_outcome)(1 + chance(s, OUTCOME_COUNT - 1));
		return false;
	default:
		return false;
	}
}

static void follow(struct sim *s, struct story *story, enum alert_event event)
{
	if (event == EVENT_CLOSE) {
		story->open = false;
		story->last_closed_ms = s->now_ms;
	} else if (event == EVENT_REOPEN) {
		story->open = true;
	}
}

static struct command *order(const struct operator* who, const struct story *story,
			     const struct alert_command *event, bool has_text, struct str key)
{
	struct command *c = command_new(VERB_ALERT, who->actor);

	c->subject = story->id;
	c->as.alert = *event;
	c->text = has_text ? STR("texte") : STR_NONE;
	c->key = command_keep(c, key);
	return c;
}

static void act(struct sim *s, const struct operator* who, struct story *story)
{
	struct alert_command event = {.event = choose_event(s)};
	bool names_part = choose_target(s, story, &event), has_text = maybe(s, 70);
	bool sees = story->rooms >> who->room & 1, again = maybe(s, 15);
	struct str key = STR_NONE;
	char text[32];

	if (again) {
		snprintf(text, sizeof(text), "%lld", (long long)s->now_ms);
		key = str_from(text);
	}
	for (int times = again ? 2 : 1; times; times--) {
		struct command *c = order(who, story, &event, has_text, key);
		int64_t before = s->number;

		run(s, c);
		tell(s, "room %d, event %d on alert %d: problem %d", who->room, event.event,
		     (int)(story - s->stories), c->outcome.problem);
		if (c->outcome.problem)
			hold(s, s->number == before, "a refusal wrote an entry");
		else
			follow(s, story, event.event);
		hold(s, sees || c->outcome.problem == PROBLEM_NOT_FOUND,
		     "room %d acts on an alert it is not shown", who->room);
		hold(s, !sees || names_part || c->outcome.problem != PROBLEM_NOT_FOUND,
		     "room %d does not find an alert it is shown", who->room);
		hold(s, !c->outcome.repeated || s->number == before, "a repeat wrote an entry");
		if (times == 1 && again && !c->outcome.problem)
			hold(s, c->outcome.repeated, "the same key was carried out twice");
		if (c->outcome.problem)
			times = 1;
		else if (again && maybe(s, 30))
			crash(s);
		command_free(c);
		pass(s, between(s, 1, 20));
	}
}

static void test_device(struct sim *s)
{
	int watch = (int)chance(s, WATCHES);
	struct command *c = command_new(VERB_TEST_ALERT, s->town.operators[chance(s, 5)].actor);
	struct story *story = &s->stories[s->story_count];
	bool under_way = false;

	for (int i = 0; i < s->story_count; i++)
		under_way |=
			s->stories[i].open && s->stories[i].test && s->stories[i].watch == watch;
	hold(s, s->story_count < STORIES, "more alerts than the simulation has room for");
	*story = (struct story){.watch = watch,
				.official = s->town.watches[watch].official,
				.test = true,
				.open = true,
				.triggers = 1,
				.rooms = 1u << s->town.watches[watch].room};
	c->subject = s->town.watches[watch].id;
	if (id_eq(c->actor.room, s->town.rooms[s->town.watches[watch].room].id) && !under_way)
		s->story_count++;
	run(s, c);
	tell(s, "a test of watch %d: problem %d", watch, c->outcome.problem);
	hold(s, !c->outcome.problem == (story < &s->stories[s->story_count]),
	     "a test of watch %d: problem %d", watch, c->outcome.problem);
	command_free(c);
}

/* Somebody is taken off an official's list while an alert may be open. */
static void remove_contact(struct sim *s)
{
	struct citizen *o = &s->town.officials[chance(s, 2)];
	struct person *p = &o->contacts[chance(s, o->contact_count)];
	struct command *c;
	char json[80], id[ID_TEXT_SIZE];

	if (p->removed_at)
		return;
	c = command_new(VERB_ADMIN, (struct actor){.kind = ACTOR_CONTROL});
	id_print(p->id, id);
	snprintf(json, sizeof(json), "{\"contact\":\"%s\"}", id);
	c->name = STR("contact.remove");
	c->text = command_keep(c, str_from(json));
	run(s, c);
	tell(s, "a trusted person leaves the list");
	hold(s, !c->outcome.problem, "a contact could not be removed: %d", c->outcome.problem);
	p->removed_at = s->number;
	command_free(c);
}

void operators_step(struct sim *s)
{
	for (int i = 0; i < OPERATORS; i++) {
		int newest = s->story_count < 6 ? s->story_count : 6;

		if (!newest || !maybe(s, s->attentive))
			continue;
		act(s, &s->town.operators[i],
		    &s->stories[s->story_count - 1 - (int)chance(s, (uint64_t)newest)]);
	}
	if (!s->final && chance(s, 1000) < 8)
		test_device(s);
	if (!s->final && chance(s, 1000) < 4)
		remove_contact(s);
}

/* --- who gets an SMS */

static void take_token(const struct message *m, char out[40])
{
	const char *at = memmem(m->text.ptr, m->text.len, town_public_url, strlen(town_public_url));
	size_t len = 0;

	out[0] = '\0';
	if (!at)
		return;
	at += strlen(town_public_url) + strlen("/s/");
	while (at + len < m->text.ptr + m->text.len && at[len] != ' ' && len < 39)
		len++;
	memcpy(out, at, len);
	out[len] = '\0';
}

void people_get(struct sim *s, const struct message *m, int story)
{
	struct letter *letter;

	if (m->kind == OUTBOX_DUTY || !maybe(s, s->answering))
		return;
	letter = list_add(&s->letters, sizeof(*letter));
	*letter = (struct letter){.at_ms = s->now_ms + between(s, SECOND_MS, 120 * SECOND_MS),
				  .created_ms = m->created_at_ms,
				  .kind = m->kind,
				  .story = story,
				  .target = m->target};
	take_token(m, letter->token);
	snprintf(letter->phone, sizeof(letter->phone), "%.*s", STR_FMT(m->to));
}

static enum alert_event next_word(struct sim *s, const struct letter *letter)
{
	static const enum alert_event words[] = {EVENT_UNIT_RECEIVED, EVENT_UNIT_EN_ROUTE,
						 EVENT_UNIT_ARRIVED};

	if (letter->kind == OUTBOX_CONTACT)
		return EVENT_CONTACT_ANSWERED;
	return maybe(s, 15) ? EVENT_UNIT_DECLINED : words[letter->step];
}

static void answer_by_link(struct sim *s, struct letter *letter)
{
	struct command *c = command_new(VERB_LINK, (struct actor){.kind = ACTOR_SYSTEM});
	const struct story *story = &s->stories[letter->story];
	bool dead = !story->open || story->last_closed_ms >= letter->created_ms;

	c->token = command_keep(c, str_from(letter->token));
	c->as.alert.event = next_word(s, letter);
	run(s, c);
	tell(s, "event %d by link on alert %d: problem %d", c->as.alert.event, letter->story,
	     c->outcome.problem);
	hold(s, !dead || c->outcome.problem == PROBLEM_GONE,
	     "a link works after the end of its alert");
	command_free(c);
}

static void answer_by_sms(struct sim *s, const struct letter *letter)
{
	char key[32];

	snprintf(key, sizeof(key), "in %lld", (long long)s->now_ms);
	for (int times = maybe(s, 20) ? 2 : 1; times; times--) {
		struct command *c =
			command_new(VERB_INBOUND, (struct actor){.kind = ACTOR_GATEWAY});

		c->number = command_keep(c, str_from(letter->phone));
		c->text = maybe(s, 80) ? STR("OK") : STR("qui est-ce ?");
		c->key = command_keep(c, str_from(key));
		run(s, c);
		tell(s, "an SMS from %s: problem %d", letter->phone, c->outcome.problem);
		hold(s, !c->outcome.problem, "an SMS was refused: %d", c->outcome.problem);
		command_free(c);
	}
}

void people_step(struct sim *s)
{
	for (size_t i = 0; i < s->letters.count; i++) {
		struct letter *letter = (struct letter *)s->letters.items + i;

		if (letter->at_ms > s->now_ms)
			continue;
		letter->at_ms = INT64_MAX;
		if (letter->kind == OUTBOX_CONTACT && maybe(s, 30))
			answer_by_sms(s, letter);
		else
			answer_by_link(s, letter);
		if (letter->kind == OUTBOX_UNIT && letter->step++ < 2 && maybe(s, 80))
			letter->at_ms = s->now_ms + between(s, SECOND_MS, 60 * SECOND_MS);
		pass(s, between(s, 1, 20));
	}
}

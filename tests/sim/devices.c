/*
 * Watches: they repeat a call until it is answered; frames and answers are lost, frames come twice,
 * clocks are wrong. And frames of nobody we know.
 */
#include "sim.h"

/* As the service decides, said once more: how long the same call is the same one. */
enum { REPEAT_MS = 10 * MINUTE_MS, TIMELESS_REPEAT_MS = 60 * SECOND_MS, HOUR_MS = 60 * MINUTE_MS };

void devices_begin(struct sim *s)
{
	for (int i = 0; i < WATCHES; i++) {
		struct watch *w = &s->town.watches[i];

		w->clock = (enum device_clock)chance(s, 5);
		w->stuck_at_ms = s->now_ms - (int64_t)chance(s, HOUR_MS);
	}
}

static int64_t time_of(const struct watch *w, int64_t now_ms)
{
	switch (w->clock) {
	case CLOCK_AHEAD:
		return now_ms + HOUR_MS;
	case CLOCK_BEHIND:
		return now_ms - HOUR_MS;
	case CLOCK_STUCK:
		return w->stuck_at_ms;
	case CLOCK_NONE:
		return TIME_NONE;
	default:
		return now_ms;
	}
}

/* --- what must become of a report */

static int open_story(struct sim *s, int watch)
{
	int official = s->town.watches[watch].official;

	for (int i = s->story_count - 1; i >= 0; i--)
		if (s->stories[i].open && !s->stories[i].test && s->stories[i].watch == watch)
			return i;
	for (int i = s->story_count - 1; official >= 0 && i >= 0; i--)
		if (s->stories[i].open && !s->stories[i].test && s->stories[i].official == official)
			return i;
	return -1;
}

/* A test of this watch, which keeps its positions too. */
static int open_test(struct sim *s, int watch)
{
	for (int i = s->story_count - 1; i >= 0; i--)
		if (s->stories[i].open && s->stories[i].test && s->stories[i].watch == watch)
			return i;
	return -1;
}

/* The story an earlier acceptance of this call belongs to; −1: it is a new one. */
static int earlier(struct sim *s, int watch, const struct call *call, int open)
{
	const struct accepted *accepted = s->accepted.items;
	int64_t window_ms = call->at_ms == TIME_NONE ? TIMELESS_REPEAT_MS : REPEAT_MS;

	if (call->at_ms == TIME_NONE && open < 0)
		return -1;
	for (size_t i = s->accepted.count; i-- > 0;)
		if (accepted[i].watch == watch && accepted[i].at_ms == call->at_ms &&
		    accepted[i].reasons == call->reasons &&
		    s->now_ms - accepted[i].when_ms <= window_ms)
			return accepted[i].story;
	return -1;
}

static int new_story(struct sim *s, int watch, struct id alert)
{
	struct story *story = &s->stories[s->story_count];

	hold(s, s->story_count < STORIES, "more alerts than the simulation has room for");
	*story = (struct story){.id = alert,
				.watch = watch,
				.official = s->town.watches[watch].official,
				.open = true,
				.rooms = 1u << s->town.watches[watch].room};
	return s->story_count++;
}

static void accept(struct sim *s, int watch, const struct call *call, int open,
		   const struct outcome *outcome)
{
	int story = open >= 0 ? open : story_of(s, outcome->subject), test = open_test(s, watch);

	hold(s, open < 0 || id_eq(outcome->subject, s->stories[open].id),
	     "a call of watch %d did not join the open alert %d", watch, open);
	hold(s, story >= 0, "a call of watch %d is in no alert", watch);
	s->stories[story].triggers++;
	s->stories[story].fixes += call->has_position;
	if (test >= 0)
		s->stories[test].fixes += call->has_position;
	*(struct accepted *)list_add(&s->accepted, sizeof(struct accepted)) =
		(struct accepted){watch, story, call->at_ms, s->now_ms, call->reasons};
}

static struct command *report_of(struct sim *s, int watch, const struct call *call, bool help)
{
	struct command *c = command_new(VERB_REPORT, (struct actor){.kind = ACTOR_DEVICE});

	c->as.report = (struct device_report){
		.protocol = PROTOCOL_WATCH,
		.ident = str_from(s->town.watches[watch].ident),
		.source = {[10] = 0xFF, [11] = 0xFF, [12] = 10, [15] = (uint8_t)watch},
		.call_for_help = help,
		.reasons = call->reasons,
		.at_ms = call->at_ms,
		.position = {.known = call->has_position,
			     .lat_e7 = (int32_t)(465000000 + chance(s, 1000000)),
			     .lon_e7 = (int32_t)chance(s, 5000000),
			     .at_ms = call->at_ms,
			     .accuracy_m = 10,
			     .speed_kmh = -1,
			     .course_deg = -1},
		.battery_percent = 50,
		.signal_percent = -1,
	};
	return c;
}

/* One frame reaches the server. Whether it was answered. */
static bool frame_arrives(struct sim *s, int watch, const struct call *call)
{
	int open = open_story(s, watch), before = earlier(s, watch, call, open);
	struct command *c = report_of(s, watch, call, true);
	int stories = s->story_count;
	bool answered;

	/* The alert it will be in is known before its entries are published. */
	if (before < 0 && open < 0)
		new_story(s, watch, ID_NONE);
	run(s, c);
	tell(s, "watch %d calls: problem %d%s", watch, c->outcome.problem,
	     c->outcome.repeated ? ", repeated" : "");
	answered = !c->outcome.problem;
	hold(s, answered, "a call of watch %d was refused", watch);
	hold(s, !c->outcome.unverified, "a call of watch %d was taken for somebody else's", watch);
	hold(s, c->outcome.repeated == (before >= 0), "a call of watch %d: repeated is %d", watch,
	     c->outcome.repeated);
	if (before >= 0)
		hold(s, id_eq(c->outcome.subject, s->stories[before].id),
		     "a repeated call of watch %d changed its alert", watch);
	else
		accept(s, watch, call, open, &c->outcome);
	hold(s, s->story_count == stories + (before < 0 && open < 0), "an alert too many");
	command_free(c);
	return answered;
}

static void repeat(struct sim *s, int watch, unsigned at)
{
	struct watch *w = &s->town.watches[watch];
	struct call call = w->calls[at];
	bool answered = false;

	w->calls[at].next_ms = s->now_ms + between(s, 2 * SECOND_MS, 15 * SECOND_MS);
	if (maybe(s, s->lost))
		return;
	for (int copies = maybe(s, s->duplicated) ? 3 : 1; copies; copies--) {
		answered |= frame_arrives(s, watch, &call);
		pass(s, between(s, 1, 50));
	}
	/* Died after the commit, before the answer was written; or the answer was lost. */
	if (!s->final && maybe(s, s->crashing))
		crash(s);
	else if (answered && !maybe(s, s->lost))
		w->calls[at] = w->calls[--w->call_count];
}

static void press(struct sim *s, int watch)
{
	struct watch *w = &s->town.watches[watch];
	struct call *call;

	if (w->call_count == CALLS)
		return;
	call = &w->calls[w->call_count++];
	*call = (struct call){.at_ms = time_of(w, s->now_ms),
			      .next_ms = s->now_ms,
			      .reasons = maybe(s, 20) ? 3 : 1,
			      .has_position = maybe(s, 60)};
	tell(s, "watch %d is pressed, its time %lld", watch, (long long)call->at_ms);
}

/* A position, outside an alert or during one. */
static void move(struct sim *s, int watch)
{
	struct call where = {.at_ms = time_of(&s->town.watches[watch], s->now_ms),
			     .has_position = true};
	struct command *c = report_of(s, watch, &where, false);
	int open = open_story(s, watch), test = open_test(s, watch);
	int64_t before = s->number;

	if (open >= 0)
		s->stories[open].fixes++;
	if (test >= 0)
		s->stories[test].fixes++;
	run(s, c);
	hold(s, !c->outcome.problem, "a position was refused");
	/* One each, and one more when the device had not been heard for a while. */
	hold(s,
	     s->number - before >= (open >= 0) + (test >= 0) &&
		     s->number - before <= 2 * ((open >= 0) + (test >= 0)),
	     "a position made %lld entries", (long long)(s->number - before));
	command_free(c);
}

/* Frames of unknown devices, of known ones from elsewhere, of telephones without a credential. */
static void stranger(struct sim *s)
{
	int watch = (int)chance(s, WATCHES);
	struct call call = {.at_ms = s->now_ms, .reasons = 1, .has_position = true};
	struct command *c = report_of(s, watch, &call, maybe(s, 80));
	int stories = s->story_count;

	switch (chance(s, 3)) {
	case 0:
		c->as.report.ident = STR("9999999999");
		break;
	case 1:
		c->as.report.source[12] = 192;
		break;
	default:
		c->as.report.protocol = PROTOCOL_OSMAND;
		c->as.report.ident = STR(TOWN_TELEPHONE);
	}
	run(s, c);
	tell(s, "a stranger: problem %d", c->outcome.problem);
	hold(s, c->outcome.unverified, "a stranger was believed (I4)");
	hold(s, !c->outcome.problem || c->outcome.problem == PROBLEM_TOO_MANY,
	     "a stranger was refused with problem %d", c->outcome.problem);
	hold(s, s->story_count == stories && story_of(s, c->outcome.subject) < 0,
	     "a stranger's frame is in an alert (I4)");
	command_free(c);
}

void devices_step(struct sim *s)
{
	for (int i = 0; i < WATCHES; i++) {
		struct watch *w = &s->town.watches[i];

		if (!s->final && maybe(s, 2))
			press(s, i);
		if (!s->final && maybe(s, 4))
			move(s, i);
		for (unsigned k = w->call_count; k-- > 0;)
			if (k < w->call_count && w->calls[k].next_ms <= s->now_ms)
				repeat(s, i, k);
	}
	if (!s->final && maybe(s, 3))
		stranger(s);
}

bool devices_wait(const struct sim *s)
{
	for (int i = 0; i < WATCHES; i++)
		if (s->town.watches[i].call_count)
			return true;
	return false;
}

/* Time, chance, and what every command must keep: see sim.h. */
#include "sim.h"

#include <stdarg.h>
#include <stdlib.h>

uint64_t chance(struct sim *s, uint64_t n)
{
	/* splitmix64 */
	uint64_t z = (s->chance += UINT64_C(0x9E3779B97F4A7C15));

	z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
	z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
	return (z ^ z >> 31) % n;
}

bool maybe(struct sim *s, unsigned percent)
{
	return chance(s, 100) < percent;
}

int64_t between(struct sim *s, int64_t least_ms, int64_t most_ms)
{
	return least_ms + (int64_t)chance(s, (uint64_t)(most_ms - least_ms + 1));
}

void *list_add(struct list *list, size_t size)
{
	void *item;

	if (list->count == list->cap) {
		list->cap = list->cap ? list->cap * 2 : 64;
		list->items = xrealloc(list->items, list->cap * size);
	}
	item = (char *)list->items + size * list->count++;
	memset(item, 0, size);
	return item;
}

void tell(struct sim *s, const char *format, ...)
{
	char line[200];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(line, sizeof(line), format, arguments);
	va_end(arguments);
	buf_printf(&s->trace, "# %9.3f s  %s\n", (double)(s->now_ms - s->began_ms) / 1000, line);
}

void broken(struct sim *s, const char *format, ...)
{
	enum { SHOWN_BYTES = 12000 };
	size_t from = s->trace.len > SHOWN_BYTES && !s->tracing ? s->trace.len - SHOWN_BYTES : 0;
	va_list arguments;

	printf("%.*s# seed %llu: ", (int)(s->trace.len - from),
	       s->trace.ptr ? s->trace.ptr + from : "", (unsigned long long)s->seed);
	va_start(arguments, format);
	vprintf(format, arguments);
	va_end(arguments);
	printf("\n# again: EGIDE_SEED=%llu build/tests/sim/test_sim\n",
	       (unsigned long long)s->seed);
	exit(1);
}

int story_of(struct sim *s, struct id alert)
{
	for (int i = s->story_count - 1; i >= 0; i--)
		if (id_eq(s->stories[i].id, alert))
			return i;
	return -1;
}

void pass(struct sim *s, int64_t ms)
{
	s->now_ms += ms;
}

/* --- what is published */

static unsigned bits_of(struct sim *s, const struct publication *p)
{
	unsigned bits = 0;

	for (unsigned i = 0; i < p->room_count; i++)
		for (int room = 0; room < ROOMS; room++)
			if (id_eq(p->rooms[i], s->town.rooms[room].id))
				bits |= 1u << room;
	return bits;
}

static unsigned neighbours_of(struct sim *s, const struct story *story)
{
	const struct room *own = &s->town.rooms[s->town.watches[story->watch].room];
	unsigned bits = 0;

	bits |= own->neighbour >= 0 ? 1u << own->neighbour : 0;
	bits |= own->second >= 0 ? 1u << own->second : 0;
	return bits | (own->zone >= 0 ? 1u << own->zone : 0);
}

/* Its rooms are those that saw the alert before, and those the ladder has just shown it to. */
static void check_rooms(struct sim *s, const struct publication *p, bool climbed)
{
	int at = story_of(s, p->alert);
	struct story *story = at < 0 ? NULL : &s->stories[at];
	unsigned bits = bits_of(s, p);

	hold(s, story, "an entry of kind %d about an alert nobody raised", p->kind);
	hold(s, (bits & story->rooms) == story->rooms, "a room no longer sees alert %d", at);
	hold(s, bits == story->rooms || climbed, "a room sees alert %d that it was not shown", at);
	hold(s, !(bits & ~(story->rooms | neighbours_of(s, story))),
	     "a room that is not on the ladder sees alert %d", at);
	story->rooms = bits;
}

static void on_published(struct sim *s, const struct publication *p, bool climbed)
{
	struct story *last = &s->stories[s->story_count - 1];

	if (p->kind == ENTRY_RAISED) {
		hold(s, s->story_count && id_is_none(last->id),
		     "an alert was raised by nobody's call");
		last->id = p->alert;
	}
	check_rooms(s, p, climbed);
}

static void on_batch(void *context, struct batch *batch)
{
	struct sim *s = context;
	int64_t number = s->number;
	bool climbed = false;

	for (const struct publication *p = batch->published; p; p = p->next)
		climbed |= p->kind == ENTRY_CLIMBED;
	for (const struct publication *p = batch->published; p; p = p->next) {
		hold(s, p->number > number && p->number <= batch->number,
		     "entry %lld is published after %lld", (long long)p->number, (long long)number);
		number = p->number;
		on_published(s, p, climbed);
	}
	if (batch->number)
		s->number = batch->number;
	batch_free(batch);
}

void run(struct sim *s, struct command *command)
{
	service_run_now(s->service, command, s->now_ms);
}

/* --- a world */

static void open_service(struct sim *s)
{
	struct service_hooks hooks = {on_batch, s};
	struct service_options options = {.database_url = s->database_url,
					  .public_url = town_public_url,
					  .ladder = s->ladder,
					  .session_hours = 12,
					  .unverified_per_minute = 5};
	int r = service_open(&options, s->ring, &hooks, &s->service);

	hold(s, !r, "the database cannot be opened: %d", r);
}

/* Between any two commits: nothing but what is stored is left. */
void crash(struct sim *s)
{
	tell(s, "crash");
	service_close(s->service);
	open_service(s);
	check_deadlines(s);
}

void sim_begin(struct sim *s)
{
	ladder_default(&s->ladder);
	open_service(s);
	devices_begin(s);
}

static void draw_manners(struct sim *s)
{
	static const unsigned attentive[] = {0, 1, 3, 10};

	s->lost = (unsigned)chance(s, 60);
	s->duplicated = (unsigned)chance(s, 30);
	s->attentive = attentive[chance(s, 4)];
	s->answering = (unsigned)chance(s, 90);
	s->crashing = (unsigned)chance(s, 20);
	s->gateway_down = maybe(s, 20);
}

static void step(struct sim *s)
{
	clock_step(s);
	pass(s, 1);
	devices_step(s);
	operators_step(s);
	sender_step(s);
	receipts_step(s);
	people_step(s);
	pass(s, between(s, 50, s->final ? 20 * SECOND_MS : 3 * SECOND_MS));
}

/* Nothing is lost any more: every call is answered, every deadline fires, every SMS ends. */
static void finish(struct sim *s)
{
	int64_t end_ms;

	tell(s, "the end begins");
	s->final = true;
	s->lost = s->attentive = 0;
	s->gateway_down = false;
	end_ms = s->now_ms + 12 * MINUTE_MS;
	while (s->now_ms < end_ms)
		step(s);
	hold(s, !devices_wait(s), "a watch still repeats its call");
}

void sim_run(struct sim *s, int steps)
{
	draw_manners(s);
	while (steps--) {
		step(s);
		if (maybe(s, s->crashing) && maybe(s, 30))
			crash(s);
	}
	finish(s);
	clock_step(s);
	check_everything(s);
	crash(s);
	check_everything(s);
}

void sim_end(struct sim *s)
{
	struct list *lists[] = {&s->accepted, &s->polls, &s->messages, &s->letters, &s->receipts};

	service_close(s->service);
	for (size_t i = 0; i < ARRAY_LEN(lists); i++)
		free(lists[i]->items);
	buf_fini(&s->trace);
}

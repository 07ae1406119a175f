/*
 * The sender with its SMS gateway, the centre's receipts, and the deadline clock: what notify/ and
 * live/ do around the service, with everything that can go wrong between them.
 */
#include "sim.h"

#include "store/deadlines.h"

enum { AT_ONCE = 8 };

/* A row of the outbox, as the gateway knows it. */
struct sms {
	struct id id;
	int taken;   /* how often the gateway took it */
	int unheard; /* how often we could not know that it had */
	int told;    /* receipts handed on, as bits */
};

struct receipt {
	int64_t at_ms;
	struct id message;
	int bits;
};

static struct sms *sms_of(struct sim *s, struct id id)
{
	struct sms *all = s->messages.items, *added;

	for (size_t i = 0; i < s->messages.count; i++)
		if (id_eq(all[i].id, id))
			return &all[i];
	added = list_add(&s->messages, sizeof(*added));
	added->id = id;
	return added;
}

static void say(struct sim *s, const struct message *m, enum message_state state,
		int64_t retry_at_ms)
{
	struct command *c = command_new(VERB_MESSAGE, (struct actor){.kind = ACTOR_GATEWAY});

	c->subject = m->id;
	c->as.message.state = state;
	c->as.message.retry_at_ms = retry_at_ms;
	c->text = STR("passerelle");
	run(s, c);
	tell(s, "sender: state %d for SMS %d, kind %d", state,
	     (int)(sms_of(s, m->id) - (struct sms *)s->messages.items), m->kind);
	hold(s, !c->outcome.problem, "the outcome of an SMS was refused: %d", c->outcome.problem);
	command_free(c);
}

static void tell_receipt(struct sim *s, struct id message, int bits)
{
	struct command *c = command_new(VERB_RECEIPT, (struct actor){.kind = ACTOR_GATEWAY});

	c->subject = message;
	c->as.message.bits = bits;
	sms_of(s, message)->told |= bits;
	run(s, c);
	tell(s, "receipt %d of SMS %d", bits,
	     (int)(sms_of(s, message) - (struct sms *)s->messages.items));
	hold(s, !c->outcome.problem, "a receipt was refused: %d", c->outcome.problem);
	command_free(c);
}

static void expect_receipt(struct sim *s, struct id message, int bits)
{
	struct receipt *r;

	for (int times = maybe(s, 15) ? 2 : 1; times; times--) {
		r = list_add(&s->receipts, sizeof(*r));
		*r = (struct receipt){s->now_ms + between(s, 100, 30 * SECOND_MS), message, bits};
	}
}

/* The gateway takes it; its answer may be lost. */
static void gateway_takes(struct sim *s, const struct message *m, int story)
{
	struct sms *sms = sms_of(s, m->id);
	int last = maybe(s, 80) ? 1 : maybe(s, 50) ? 2 : 16;
	bool early = maybe(s, 20);

	hold(s, !(sms->told & 1) && !((sms->told & 8) && !(sms->told & (2 | 16))),
	     "an SMS left again after its receipt");
	sms->taken++;
	hold(s, sms->taken <= 1 + sms->unheard, "an SMS left twice, and nothing was lost");
	if (early)
		tell_receipt(s, m->id, maybe(s, 50) ? 8 : last);
	else if (maybe(s, 70))
		expect_receipt(s, m->id, 8);
	if (maybe(s, 90))
		expect_receipt(s, m->id, last);
	if (last == 1)
		people_get(s, m, story);
	if (!s->final && maybe(s, 5)) {
		sms_of(s, m->id)->unheard++; /* the sender dies before it can say so */
		crash(s);
	} else if (!s->final && maybe(s, 5)) {
		sms_of(s, m->id)->unheard++;
		say(s, m, MESSAGE_FAILED, s->now_ms + 2 * SECOND_MS);
	} else {
		say(s, m, MESSAGE_ACCEPTED, TIME_NONE);
	}
}

static void gateway_fails(struct sim *s, const struct message *m)
{
	int64_t again_ms = s->now_ms + between(s, 2 * SECOND_MS, 30 * SECOND_MS);

	say(s, m, MESSAGE_FAILED, again_ms < m->valid_until_ms ? again_ms : TIME_NONE);
}

/* A test's SMS goes through every step but the gateway. */
static void simulate(struct sim *s, const struct message *m)
{
	say(s, m, MESSAGE_ACCEPTED, s->now_ms);
	say(s, m, MESSAGE_SENT, s->now_ms);
	say(s, m, MESSAGE_DELIVERED, TIME_NONE);
}

static void send_one(struct sim *s, const struct message *m)
{
	int story = story_of(s, m->alert);

	hold(s, story >= 0, "an SMS of no alert");
	hold(s, m->simulated == s->stories[story].test, "a test pages somebody");
	if (m->valid_until_ms <= s->now_ms)
		say(s, m, MESSAGE_FAILED, TIME_NONE);
	else if (m->simulated)
		simulate(s, m);
	else if (s->gateway_down)
		gateway_fails(s, m);
	else if (maybe(s, 5))
		say(s, m, MESSAGE_FAILED, TIME_NONE); /* refused for good */
	else
		gateway_takes(s, m, story);
}

void sender_step(struct sim *s)
{
	struct arena arena = ARENA_INIT;
	struct message *due;
	int64_t next_ms;
	size_t count;
	int r;

	if (maybe(s, 2))
		s->gateway_down = !s->gateway_down && !s->final;
	r = messages_due(service_vault(s->service), &arena, s->now_ms, AT_ONCE, &due, &count,
			 &next_ms);
	hold(s, !r, "the outbox cannot be read: %d", r);
	for (size_t i = 0; i < count; i++) {
		int story = story_of(s, due[i].alert);

		hold(s, story >= 0 && s->stories[story].open,
		     "an SMS leaves after the end of its alert");
		send_one(s, &due[i]);
		pass(s, 1);
	}
	arena_fini(&arena);
}

void receipts_step(struct sim *s)
{
	for (size_t i = 0; i < s->receipts.count; i++) {
		struct receipt *r = (struct receipt *)s->receipts.items + i;

		if (r->at_ms > s->now_ms)
			continue;
		r->at_ms = INT64_MAX;
		tell_receipt(s, r->message, r->bits);
		pass(s, 1);
	}
}

/* --- the deadline clock */

static void fire(struct sim *s, const struct deadline *d)
{
	struct command *c = command_new(VERB_TIMER, (struct actor){.kind = ACTOR_SYSTEM});

	c->subject = d->alert;
	c->as.timer.kind = d->timer;
	c->as.timer.target = d->target;
	c->as.timer.step = d->step;
	c->as.timer.due_at_ms = d->due_at_ms;
	run(s, c);
	tell(s, "deadline %d of alert %d, step %d", d->timer, story_of(s, d->alert), d->step);
	hold(s, !c->outcome.problem, "a deadline was refused: %d", c->outcome.problem);
	command_free(c);
}

/* Looks until nothing is due; the same deadline may be seen, and fired, twice, or too soon (the
 * machine's clock was set back). */
void clock_step(struct sim *s)
{
	struct deadline next[AT_ONCE];
	size_t count, due;
	int r;

	*(int64_t *)list_add(&s->polls, sizeof(int64_t)) = s->now_ms;
	do {
		r = deadlines_next(service_vault(s->service), AT_ONCE, next, &count);
		hold(s, !r, "deadlines cannot be read: %d", r);
		for (due = 0; due < count && next[due].due_at_ms <= s->now_ms; due++)
			for (int times = maybe(s, 10) ? 2 : 1; times; times--)
				fire(s, &next[due]);
		if (!due && count && maybe(s, 3))
			fire(s, &next[0]);
		if (due && !s->final && maybe(s, s->crashing))
			crash(s);
	} while (due);
}

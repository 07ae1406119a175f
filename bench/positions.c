/*
 * Positions of running alerts, over the watch protocol. A watch is not told that its position is
 * stored: the feed of one console is, entry by entry, only after the commit. Open loop by a
 * schedule, or each watch has `window` positions on their way. Beside them other devices call for
 * help, 20 times a second.
 */
#include "modes.h"

#include "base/alloc.h"
#include "base/clock.h"
#include "watches.h"

enum { WAITING = 1024, SETTLE_US = 1000000, DRAIN_US = 10000000, CALL_EVERY_US = 50000 };

/* Positions of one watch that are on their way: when each was due, in order. */
struct trail {
	uint32_t sent, shown;
	int64_t due_us[WAITING];
};

static const struct settings *settings;
static struct watches watches; /* `count` of them move, the `calls` after them call */
static struct trail *trails;
static struct latencies stored, helped;
static int64_t *call_due_us, start_us, end_us, last_us;
static size_t sent, shown, calls, answers;

static void move(size_t index, int64_t at_us)
{
	struct trail *t = &trails[index];

	if (t->sent - t->shown == WAITING)
		die("the server is %d positions of one watch behind", WAITING);
	t->due_us[t->sent++ % WAITING] = at_us;
	sent++;
	watches_send(&watches, index, FRAME_POSITION);
}

/* A call's own position is on the feed as well, but that watch does not move. */
static void on_told(enum told what, uint64_t device)
{
	uint64_t index = device - settings->first;
	struct trail *t = trails && index < settings->count ? &trails[index] : NULL;
	int64_t now_us = clock_monotonic_us();

	if (what != TOLD_POSITION || !t || t->shown == t->sent)
		return;
	latency_add(&stored, now_us - t->due_us[t->shown++ % WAITING]);
	last_us = now_us;
	shown++;
	if (!(settings->rate > 0) && now_us < end_us)
		move(index, now_us);
}

static void on_answer(size_t index, enum frame of)
{
	if (of != FRAME_ALARM || index < settings->count)
		return;
	latency_add(&helped, clock_monotonic_us() - call_due_us[index - settings->count]);
	answers++;
}

/* When the next call is due; calls it when it is. */
static int64_t call_when_due(void)
{
	int64_t due_us = start_us + (int64_t)calls * CALL_EVERY_US;

	if (calls == settings->calls)
		return end_us;
	if (due_us > clock_monotonic_us())
		return due_us;
	call_due_us[calls] = due_us;
	watches_send(&watches, settings->count + calls++, FRAME_ALARM);
	return due_us;
}

static void run(void)
{
	size_t expected = (size_t)(settings->rate * settings->seconds);

	for (size_t i = 0; !(settings->rate > 0) && i < settings->count * settings->window; i++)
		move(i % settings->count, start_us);
	while (clock_monotonic_us() < end_us || sent < expected) {
		int64_t next_us = call_when_due(), due_us = INT64_MAX;

		if (sent < expected)
			due_us = start_us + (int64_t)((double)sent * 1e6 / settings->rate);
		if (due_us <= clock_monotonic_us())
			move(sent % settings->count, due_us);
		else
			consoles_poll(due_us < next_us ? due_us : next_us);
	}
}

static void wait_for_rest(void)
{
	int64_t give_up_us = clock_monotonic_us() + DRAIN_US;

	while ((shown < sent || answers < calls) && clock_monotonic_us() < give_up_us)
		consoles_poll(clock_monotonic_us() + 10000);
}

void mode_positions(const struct settings *s)
{
	struct console_options console = {s->http_port, s->login, s->password, on_told};
	struct usage before, after;
	int64_t until_us;

	settings = s;
	consoles_open(&console, 1);
	watches_open(&watches, s->first, s->count + s->calls, s->watch_port, s->tls, on_answer);
	for (until_us = clock_monotonic_us() + SETTLE_US; clock_monotonic_us() < until_us;)
		consoles_poll(until_us);
	trails = xcalloc(s->count, sizeof(trails[0]));
	call_due_us = xcalloc(s->calls + 1, sizeof(call_due_us[0]));
	before = usage_of(s->pid);
	start_us = clock_monotonic_us() + 1000;
	end_us = start_us + (int64_t)(s->seconds * 1e6);
	run();
	wait_for_rest();
	after = usage_of(s->pid);
	printf("{\"sent\":%zu,\"stored\":%zu,\"calls\":%zu,\"answered\":%zu,\"per_second\":%.0f,"
	       "\"cpu_us\":%.1f",
	       sent, shown, calls, answers, (double)shown / ((double)(last_us - start_us) / 1e6),
	       shown ? (double)(after.cpu_us - before.cpu_us) / (double)shown : 0);
	latency_print(&stored, "feed");
	latency_print(&helped, "call");
	puts("}");
}

/*
 * Alerts: each device calls once, on its own open connection. Open loop: calls leave by a schedule,
 * and count from the scheduled instant, whatever the server does meanwhile. Closed loop: `window`
 * calls wait for their answer at once, the next leaves when one has come.
 */
#include "modes.h"

#include "base/alloc.h"
#include "base/clock.h"
#include "watches.h"

enum { SETTLE_US = 1500000, DRAIN_US = 10000000 };

static const struct settings *settings;
static struct watches watches;
static struct latencies acknowledged, shown;
static int64_t *due_us; /* by device */
static size_t sent, answers, expected, shown_count;
static int64_t end_us, last_answer_us;

static void on_told(enum told what, uint64_t device)
{
	uint64_t index = device - watches.first;

	if (what != TOLD_ALERT || !due_us || index >= watches.count || !due_us[index])
		return;
	shown_count++;
	if (!settings->again)
		latency_add(&shown, clock_monotonic_us() - due_us[index]);
}

static void call(size_t index, int64_t at_us)
{
	due_us[index] = at_us;
	sent++;
	watches_send(&watches, index, FRAME_ALARM);
}

static void on_answer(size_t index, enum frame of)
{
	int64_t now_us = clock_monotonic_us();

	if (of != FRAME_ALARM)
		return;
	latency_add(&acknowledged, now_us - due_us[index]);
	answers++;
	last_answer_us = now_us;
	if (settings->rate > 0 || now_us >= end_us)
		return;
	if (settings->again)
		call(index, now_us);
	else if (sent < watches.count)
		call(sent, now_us);
}

static void run_schedule(int64_t start_us)
{
	while (sent < expected) {
		int64_t next_us = start_us + (int64_t)((double)sent * 1e6 / settings->rate);

		if (next_us <= clock_monotonic_us())
			call(sent, next_us);
		else
			consoles_poll(next_us);
	}
}

static void run_window(int64_t start_us)
{
	end_us = start_us + (int64_t)(settings->seconds * 1e6);
	while (sent < settings->window && sent < watches.count)
		call(sent, clock_monotonic_us());
	while (clock_monotonic_us() < end_us &&
	       (settings->again || sent < watches.count || answers < sent))
		consoles_poll(end_us);
}

static void drain(void)
{
	int64_t give_up_us = clock_monotonic_us() + DRAIN_US;

	while ((answers < sent || shown_count < sent * settings->consoles) &&
	       clock_monotonic_us() < give_up_us)
		consoles_poll(clock_monotonic_us() + 10000);
}

static void settle(void)
{
	int64_t until_us = clock_monotonic_us() + SETTLE_US;

	while (clock_monotonic_us() < until_us)
		consoles_poll(until_us);
}

void mode_alerts(const struct settings *s)
{
	struct console_options consoles = {s->http_port, s->login, s->password, on_told};
	struct usage before, after;
	int64_t start_us;
	double seconds;

	settings = s;
	expected = s->rate > 0 ? (size_t)(s->rate * s->seconds) : s->count;
	if (expected > s->count)
		expected = s->count;
	consoles_open(&consoles, s->consoles);
	watches_open(&watches, s->first, s->rate > 0 ? expected : s->count, s->watch_port, s->tls,
		     on_answer);
	settle();
	due_us = xcalloc(watches.count, sizeof(due_us[0]));
	fputs("ready\n", stderr);
	before = usage_of(s->pid);
	start_us = clock_monotonic_us() + (s->rate > 0 ? 100000 : 0);
	if (s->rate > 0)
		run_schedule(start_us);
	else
		run_window(start_us);
	seconds = (double)(last_answer_us - start_us) / 1e6;
	drain();
	after = usage_of(s->pid);
	if (s->rate > 0)
		seconds = (double)(last_answer_us - start_us) / 1e6;
	printf("{\"sent\":%zu,\"answered\":%zu,\"shown\":%zu,\"seconds\":%.3f,\"per_second\":%.0f,"
	       "\"cpu_us\":%.1f",
	       sent, answers, shown_count, seconds, (double)acknowledged.len / seconds,
	       answers ? (double)(after.cpu_us - before.cpu_us) / (double)answers : 0);
	latency_print(&acknowledged, "ack");
	latency_print(&shown, "feed");
	puts("}");
}

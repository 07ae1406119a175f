/*
 * Connections that wait: what one costs to accept and to keep; heartbeats; and the storm, when all
 * come back at once. The storm waits for a line on standard input.
 */
#include "modes.h"

#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "watches.h"

enum { HEARTBEATS_A_MINUTE = 15000 };

static size_t beats;

static void on_answer(size_t index, enum frame of)
{
	beats++;
}

void wait_us(int64_t us)
{
	int64_t until_us = clock_monotonic_us() + us;

	while (clock_monotonic_us() < until_us)
		clients_poll(until_us);
}

/* --- bare connections: nothing is said on them */

static void stay_silent(struct client *c)
{
}

static size_t ignore(struct client *c, struct str bytes)
{
	return bytes.len;
}

void wait_for_calm(int pid)
{
	enum { LOOK_US = 250000, CALM_US = 5000, LOOKS = 80 };
	int64_t before_us = -CALM_US, now_us = 0;

	for (int i = 0; pid && i < LOOKS && now_us - before_us >= CALM_US; i++) {
		before_us = usage_of(pid).cpu_us;
		wait_us(LOOK_US);
		now_us = usage_of(pid).cpu_us;
	}
}

/* CPU of the server to accept one, in microseconds. */
static double accept_cost(const struct settings *s)
{
	static const struct client_calls calls = {stay_silent, ignore};
	struct client *clients = xcalloc(s->count, sizeof(clients[0]));
	struct usage before, after;

	wait_for_calm(s->pid);
	before = usage_of(s->pid);
	clients_open(clients, s->count, &calls, s->watch_port, s->tls);
	wait_for_calm(s->pid);
	after = usage_of(s->pid);
	return (double)(after.cpu_us - before.cpu_us) / (double)s->count;
}

/* --- watches */

/* CPU of the server a minute of heartbeats from all, in milliseconds; without them when rate is 0.
 */
static double heartbeats(const struct settings *s, struct watches *w, double rate)
{
	struct usage before = usage_of(s->pid), after;
	int64_t start_us = clock_monotonic_us(), end_us = start_us + (int64_t)(s->seconds * 1e6);

	for (size_t i = 0; rate > 0 && i < (size_t)(rate * s->seconds); i++) {
		int64_t due_us = start_us + (int64_t)((double)i * 1e6 / rate);

		while (clock_monotonic_us() < due_us)
			clients_poll(due_us);
		watches_send(w, i * 61 % w->count, FRAME_LINK);
	}
	wait_us(end_us - clock_monotonic_us());
	after = usage_of(s->pid);
	return (double)(after.cpu_us - before.cpu_us) / 1000 * 60 / s->seconds;
}

/* Memory first: what a server has touched it keeps, and later connections would cost nothing. */
static void idle_watches(const struct settings *s)
{
	struct watches w;
	struct usage before = usage_of(s->pid), after;

	watches_open(&w, s->first, s->count, s->watch_port, s->tls, on_answer);
	wait_for_calm(s->pid);
	after = usage_of(s->pid);
	printf("{\"connections\":%zu,\"kib_each\":%.3f", s->count,
	       (double)(after.anonymous_bytes - before.anonymous_bytes) / 1024 / (double)s->count);
	if (s->seconds > 0) {
		double idle_ms = heartbeats(s, &w, 0),
		       beating_ms = heartbeats(s, &w, HEARTBEATS_A_MINUTE / 60.0);

		printf(",\"idle_minute_cpu_ms\":%.0f,\"heartbeat_minute_cpu_ms\":%.0f,\"beats\":%"
		       "zu",
		       idle_ms, beating_ms, beats);
	}
	watches_close(&w);
	printf(",\"accept_cpu_us\":%.1f}\n", accept_cost(s));
}

/* --- connections that say one thing and then wait */

static struct buf upgrade = BUF_INIT;

static void ask_feed(struct client *c)
{
	client_send(c, buf_str(&upgrade));
}

static void idle_clients(const struct settings *s, const struct client_calls *calls, uint16_t port)
{
	struct client *clients = xcalloc(s->count, sizeof(clients[0]));
	struct usage before = usage_of(s->pid), after;

	clients_open(clients, s->count, calls, port, s->tls);
	wait_for_calm(s->pid);
	after = usage_of(s->pid);
	printf("{\"connections\":%zu,\"accept_cpu_us\":%.1f,\"kib_each\":%.3f}\n", s->count,
	       (double)(after.cpu_us - before.cpu_us) / (double)s->count,
	       (double)(after.anonymous_bytes - before.anonymous_bytes) / 1024 / (double)s->count);
}

static void idle_consoles(const struct settings *s)
{
	static const struct client_calls calls = {ask_feed, ignore};
	struct console_options options = {s->http_port, s->login, s->password, NULL};

	console_request(&options, "/api/feed", console_log_in(&options), &upgrade);
	idle_clients(s, &calls, s->http_port);
}

static void idle_brokered(const struct settings *s)
{
	static const struct client_calls calls = {mqtt_connect, ignore};

	idle_clients(s, &calls, s->watch_port);
}

void mode_idle(const struct settings *s)
{
	static const struct {
		const char *kind;
		void (*run)(const struct settings *s);
	} kinds[] = {
		{"watch", idle_watches}, {"websocket", idle_consoles}, {"mqtt", idle_brokered}};

	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		if (strcmp(kinds[i].kind, s->kind) == 0)
			kinds[i].run(s);
}

/* The connections end first, as in a cut of the network, and the server sees to that before they
 * come back. */
void mode_storm(const struct settings *s)
{
	struct watches w;
	int64_t start_us;
	char line[8];

	watches_open(&w, s->first, s->count, s->watch_port, s->tls, on_answer);
	if (!s->again) {
		watches_close(&w);
		wait_for_calm(s->pid);
	}
	fputs("ready\n", stderr);
	if (!fgets(line, sizeof(line), stdin))
		die("nobody started the storm");
	start_us = clock_monotonic_us();
	if (s->again)
		watches_close(&w);
	watches_open(&w, s->first, s->count, s->watch_port, s->tls, on_answer);
	printf("{\"connections\":%zu,\"seconds\":%.3f}\n", s->count,
	       (double)(clock_monotonic_us() - start_us) / 1e6);
}

/*
 * The sender of SMS: see notify.h. The thread's turns; what happens to one row is in sending.c.
 */
#include "notify/notify.h"

#include <errno.h>

#include "base/log.h"
#include "base/thread.h"
#include "notify/notify_private.h"

enum {
	PARALLEL = 8,
	UNDER_WAY_FOR_EACH =
		4, /* rows under way for each request at once: the rest waits for a commit */
	CONNECT_TIMEOUT_MS = 2000,
	TOTAL_TIMEOUT_MS = 5000,
	FIRST_RETRY_MS = 2000,
	READ_AGAIN_MS = 1000,         /* after the reader failed */
	REST_MS = 10,                 /* between two readings: each reads again what is under way */
	LONGEST_SLEEP_MS = 30 * 1000, /* should the wall clock have been set back */
};

/* --- rows */

/* How many more rows may be begun now. */
static unsigned room_left(const struct notify *n)
{
	size_t most = (size_t)n->options.max_parallel * UNDER_WAY_FOR_EACH;
	size_t requests = (size_t)n->options.max_parallel - n->requests;
	size_t rows = most - n->under_way.len;

	return (unsigned)(requests < rows ? requests : rows);
}

static int open_reader(struct notify *n)
{
	return reader_open(n->options.database_url, n->options.ring, n->options.ladder, &n->reader);
}

/* A connection that failed once is not trusted again: it is closed, and opened anew in a second. */
static void on_reader_failed(struct notify *n, int error)
{
	log_warning("sms.outbox_unreadable", "error=%d", -error);
	reader_close(n->reader);
	n->reader = NULL;
	n->look_at_ms = clock_monotonic_ms() + READ_AGAIN_MS;
}

static int read_due(struct notify *n, struct arena *arena, unsigned room)
{
	struct outgoing *messages;
	int64_t now_ms = clock_now_ms(), next_ms;
	/* Those under way are still due in the table, and come first. */
	int limit = (int)(n->under_way.len + room);
	size_t count;
	int r = n->reader ? 0 : open_reader(n);

	if (!r)
		r = reader_messages_due(n->reader, arena, now_ms, limit, &messages, &count,
					&next_ms);
	if (r)
		return r;
	n->look_at_ms = INT64_MAX;
	if (next_ms != INT64_MAX)
		n->look_at_ms = clock_monotonic_ms() + (next_ms > now_ms ? next_ms - now_ms : 0);
	for (size_t i = 0; i < count && room; i++) {
		if (map_get(&n->under_way, messages[i].id))
			continue;
		sending_begin(n, &messages[i]);
		room--;
	}
	return 0;
}

static void look_for_rows(struct notify *n)
{
	struct arena arena = ARENA_INIT;
	unsigned room = room_left(n);
	int64_t now_ms = clock_monotonic_ms();
	int r;

	if (atomic_exchange(&n->woken, false))
		n->look = true;
	/* Without room there is nothing to do before an answer comes, and that looks again. */
	if (!room || (!n->look && now_ms < n->look_at_ms))
		return;
	n->look = false;
	if (now_ms < n->rested_at_ms) {
		n->look_at_ms = n->rested_at_ms;
		return;
	}
	n->rested_at_ms = now_ms + REST_MS;
	r = read_due(n, &arena, room);
	if (r)
		on_reader_failed(n, r);
	arena_fini(&arena);
}

/* --- the thread */

static void take_answers(struct notify *n)
{
	struct command *command;

	while ((command = queue_try_pop(n->answers))) {
		sending_on_answer(map_get(&n->under_way, command->subject), command);
		command_free(command);
	}
}

/* Outcomes the executor did not take; returns when to come back (monotonic). */
static int64_t submit_again(struct notify *n)
{
	int64_t now = clock_monotonic_ms(), next = INT64_MAX;
	size_t at = 0;
	struct id id;
	void *value;

	while (map_next(&n->under_way, &at, &id, &value)) {
		struct sending *s = value;

		if (s->decided && !s->submitted && s->submit_at_ms <= now)
			sending_submit(s);
		if (s->decided && !s->submitted && s->submit_at_ms < next)
			next = s->submit_at_ms;
	}
	return next;
}

static void take_finished(struct notify *n)
{
	CURLMsg *m;
	int left;

	while ((m = curl_multi_info_read(n->multi, &left))) {
		CURLcode code = m->data.result;
		struct sending *s;

		curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, &s);
		sending_on_request(s, code);
	}
}

static void turn(struct notify *n, int64_t until_ms)
{
	int64_t sleep_ms, now;
	int running;

	curl_multi_perform(n->multi, &running);
	take_finished(n);
	now = clock_monotonic_ms();
	sleep_ms = until_ms > now + LONGEST_SLEEP_MS ? LONGEST_SLEEP_MS : until_ms - now;
	if (sleep_ms > 0 && !(n->look && room_left(n)))
		curl_multi_poll(n->multi, NULL, 0, (int)sleep_ms, NULL);
}

/* Requests under way may end, and what became of them is handed over. */
static void wind_up(struct notify *n)
{
	int64_t until_ms = clock_monotonic_ms() + n->options.total_timeout_ms;
	int64_t next_ms;

	while (clock_monotonic_ms() < until_ms) {
		next_ms = submit_again(n);
		if (!n->requests && next_ms == INT64_MAX)
			return;
		n->look = false;
		turn(n, next_ms < until_ms ? next_ms : until_ms);
	}
}

static void *run(void *arg)
{
	struct notify *n = arg;

	thread_introduce("notify", THREAD_PATIENT);
	n->look = true;
	while (!atomic_load(&n->stopping)) {
		int64_t until_ms;

		take_answers(n);
		until_ms = submit_again(n);
		look_for_rows(n);
		if (room_left(n) && n->look_at_ms < until_ms)
			until_ms = n->look_at_ms;
		turn(n, until_ms);
	}
	wind_up(n);
	return NULL;
}

/* --- from outside */

bool notify_secret_is_plain(const char *secret)
{
	size_t len =
		secret ? strspn(secret,
				"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_")
		       : 0;

	return len >= 16 && !secret[len];
}

static int or_default(int given, int fallback)
{
	return given > 0 ? given : fallback;
}

/* A copy of the first that says something. */
static const char *copy_text(const char *text, const char *otherwise)
{
	if (!text || !*text)
		text = otherwise;
	return xstrdup(text ? text : "");
}

static void add_route(struct notify *n, const struct notify_gateway *gateway,
		      const struct notify_gateway *first)
{
	if (!gateway->sendsms_url || !*gateway->sendsms_url)
		return;
	n->routes[n->route_count++].gateway = (struct notify_gateway){
		.sendsms_url = xstrdup(gateway->sendsms_url),
		.user = copy_text(gateway->user, first->user),
		.password = copy_text(gateway->password, first->password),
		.from = copy_text(gateway->from, first->from),
		.callback_url = copy_text(gateway->callback_url, first->callback_url),
	};
}

static void copy_options(struct notify *n, const struct notify_options *options)
{
	n->options = *options;
	n->options.gateway = n->options.backup = (struct notify_gateway){.sendsms_url = NULL};
	n->options.callback_secret = copy_text(options->callback_secret, NULL);
	n->options.database_url = copy_text(options->database_url, NULL);
	n->options.max_parallel = or_default(options->max_parallel, PARALLEL);
	n->options.connect_timeout_ms = or_default(options->connect_timeout_ms, CONNECT_TIMEOUT_MS);
	n->options.total_timeout_ms = or_default(options->total_timeout_ms, TOTAL_TIMEOUT_MS);
	n->options.first_retry_ms = or_default(options->first_retry_ms, FIRST_RETRY_MS);
	add_route(n, &options->gateway, &options->gateway);
	add_route(n, &options->backup, &options->gateway);
}

static int prepare(struct notify *n)
{
	if (n->route_count && !notify_secret_is_plain(n->options.callback_secret))
		return -EINVAL;
	if (curl_global_init(CURL_GLOBAL_DEFAULT))
		return -ENOMEM;
	n->multi = curl_multi_init();
	if (!n->multi)
		return -ENOMEM;
	n->answers = queue_new(1, (size_t)n->options.max_parallel * UNDER_WAY_FOR_EACH);
	return open_reader(n);
}

int notify_start(const struct notify_options *options, struct notify **ret_notify)
{
	struct notify *n = xcalloc(1, sizeof(*n));
	int r;

	copy_options(n, options);
	r = prepare(n);
	if (!r)
		r = -pthread_create(&n->thread, NULL, run, n);
	if (r) {
		log_error("sms.start", "error=%d", -r);
		notify_free(n);
		return r;
	}
	*ret_notify = n;
	return 0;
}

void notify_wake(struct notify *n)
{
	atomic_store(&n->woken, true);
	curl_multi_wakeup(n->multi);
}

void notify_stop(struct notify *n)
{
	atomic_store(&n->stopping, true);
	curl_multi_wakeup(n->multi);
	pthread_join(n->thread, NULL);
}

static void free_under_way(struct notify *n)
{
	struct id id;
	void *value;

	for (size_t at = 0; map_next(&n->under_way, &at, &id, &value); at = 0)
		sending_free(value);
	map_fini(&n->under_way);
}

static void free_answers(struct notify *n)
{
	struct command *command;

	while (n->answers && (command = queue_try_pop(n->answers)))
		command_free(command);
	queue_free(n->answers);
}

static void free_texts(struct notify *n)
{
	const char *own[] = {n->options.callback_secret, n->options.database_url};

	for (size_t i = 0; i < ARRAY_LEN(own); i++)
		free((char *)(uintptr_t)own[i]);
	for (unsigned r = 0; r < n->route_count; r++) {
		const struct notify_gateway *g = &n->routes[r].gateway;
		const char *texts[] = {g->sendsms_url, g->user, g->password, g->from,
				       g->callback_url};

		for (size_t i = 0; i < ARRAY_LEN(texts); i++)
			free((char *)(uintptr_t)texts[i]);
	}
}

void notify_free(struct notify *n)
{
	if (!n)
		return;
	free_under_way(n);
	free_answers(n);
	if (n->multi)
		curl_multi_cleanup(n->multi);
	if (n->reader)
		reader_close(n->reader);
	free_texts(n);
	free(n);
}

void notify_figures(const struct notify *n, struct notify_figures *ret_figures)
{
	*ret_figures = (struct notify_figures){
		.requests = atomic_load(&n->figures.requests),
		.accepted = atomic_load(&n->figures.accepted),
		.failed = atomic_load(&n->figures.failed),
		.refused = atomic_load(&n->figures.refused),
		.expired = atomic_load(&n->figures.expired),
		.simulated = atomic_load(&n->figures.simulated),
		.backup = atomic_load(&n->figures.backup),
		.under_way = atomic_load(&n->figures.under_way),
		.gateway_answers = atomic_load(&n->figures.gateway_answers),
	};
}

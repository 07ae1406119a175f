/* One row under way: its requests, and its outcome until it is on disk. See notify_private.h. */
#include <errno.h>

#include "base/log.h"
#include "notify/kannel_request.h"
#include "notify/notify_private.h"

enum {
	LAST_RETRY_MS = 30 * 1000,
	SUBMIT_AGAIN_MS = 500, /* the executor's queue was full, or storage could not be written */
};

/* --- an outcome, from being known to being on disk */

static void on_done(struct command *command)
{
	struct notify *n = command->context;

	/* Never full: a row under way has at most one command. */
	if (queue_push(n->answers, 0, command))
		command_free(command);
	curl_multi_wakeup(n->multi);
}

static struct command *outcome_command(struct sending *s)
{
	struct command *command = command_new(VERB_MESSAGE, (struct actor){.kind = ACTOR_GATEWAY});

	command->subject = s->message.id;
	command->as.message.state = s->state;
	command->as.message.retry_at_ms = s->retry_at_ms;
	command->as.message.route = (int)s->route;
	command->text = command_keep(command, str_from(s->text));
	command->on_done = on_done;
	command->context = s->notify;
	return command;
}

void sending_submit(struct sending *s)
{
	struct notify *n = s->notify;
	struct command *command = outcome_command(s);

	s->submitted = n->options.submit(n->options.service, command) == 0;
	if (s->submitted)
		return;
	command_free(command);
	s->submit_at_ms = clock_monotonic_ms() + SUBMIT_AGAIN_MS;
}

static void decide(struct sending *s, enum message_state state, int64_t retry_at_ms,
		   const char *text)
{
	s->decided = true;
	s->state = state;
	s->retry_at_ms = retry_at_ms;
	s->text = text;
	sending_submit(s);
}

static void end_request(struct sending *s)
{
	curl_multi_remove_handle(s->notify->multi, s->easy);
	curl_easy_cleanup(s->easy);
	s->easy = NULL;
	s->notify->requests--;
	s->notify->look = true;
}

void sending_free(struct sending *s)
{
	struct notify *n = s->notify;

	if (s->easy)
		end_request(s);
	map_remove(&n->under_way, s->message.id);
	atomic_store(&n->figures.under_way, n->under_way.len);
	arena_fini(&s->arena);
	free(s);
}

/* A test alert's message: every step but the gateway. The row stays due until the last one is on
 * disk. */
static void simulate(struct sending *s, enum message_state state)
{
	decide(s, state, state == MESSAGE_DELIVERED ? TIME_NONE : clock_now_ms(), NULL);
}

static bool next_simulated_step(struct sending *s)
{
	if (!s->message.simulated || s->state == MESSAGE_DELIVERED || s->state == MESSAGE_FAILED)
		return false;
	simulate(s, s->state == MESSAGE_ACCEPTED ? MESSAGE_SENT : MESSAGE_DELIVERED);
	return true;
}

void sending_on_answer(struct sending *s, const struct command *command)
{
	struct notify *n = s->notify;

	s->submitted = false;
	if (command->outcome.problem == PROBLEM_UNAVAILABLE) {
		s->submit_at_ms = clock_monotonic_ms() + SUBMIT_AGAIN_MS;
	} else if (!next_simulated_step(s)) {
		sending_free(s);
		n->look = true;
	}
}

/* --- requests */

static void log_attempt(const struct sending *s, const char *event, long status, CURLcode code)
{
	char id[ID_TEXT_SIZE];

	id_print(s->message.id, id);
	log_info(event, "message=%s attempt=%d route=%u status=%ld curl=%d ms=%lld", id,
		 s->message.attempts + 1, s->route + 1, status, (int)code,
		 (long long)((clock_monotonic_us() - s->started_us) / 1000));
}

static int64_t retry_at(const struct sending *s)
{
	int64_t delay = s->notify->options.first_retry_ms;

	for (int i = 0; i < s->message.attempts && delay < LAST_RETRY_MS; i++)
		delay *= 2;
	return clock_now_ms() + (delay < LAST_RETRY_MS ? delay : LAST_RETRY_MS);
}

static void fail(struct sending *s, bool again, const char *text)
{
	int64_t at = again ? retry_at(s) : TIME_NONE;

	atomic_fetch_add(again ? &s->notify->figures.failed : &s->notify->figures.refused, 1);
	decide(s, MESSAGE_FAILED, at < s->message.valid_until_ms ? at : TIME_NONE, text);
}

static size_t ignore_body(char *bytes, size_t size, size_t count, void *context)
{
	return size * count;
}

static int start_request(struct sending *s)
{
	struct notify *n = s->notify;
	struct buf url = BUF_INIT;
	CURL *easy = curl_easy_init();

	if (!easy)
		return -ENOMEM;
	kannel_request_url(&n->routes[s->route].gateway, n->options.callback_secret, &s->message,
			   s->route, clock_now_ms(), &url);
	curl_easy_setopt(easy, CURLOPT_URL, buf_cstr(&url));
	buf_fini(&url);
	curl_easy_setopt(easy, CURLOPT_PRIVATE, s);
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
	/* The gateway is ours: no proxy of the environment may see a number. */
	curl_easy_setopt(easy, CURLOPT_PROXY, "");
	curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)n->options.connect_timeout_ms);
	curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)n->options.total_timeout_ms);
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, ignore_body);
	if (curl_multi_add_handle(n->multi, easy)) {
		curl_easy_cleanup(easy);
		return -ENOMEM;
	}
	s->easy = easy;
	s->started_us = clock_monotonic_us();
	n->requests++;
	atomic_fetch_add(&n->figures.requests, 1);
	return 0;
}

/* Starts on the first route from s->route on that is not known to be silent. */
static bool try_routes(struct sending *s)
{
	struct notify *n = s->notify;
	int64_t now = clock_monotonic_ms();

	for (; s->route < n->route_count; s->route++) {
		if (n->routes[s->route].silent_until_ms > now || start_request(s)) {
			s->again = true;
			continue;
		}
		if (s->route)
			atomic_fetch_add(&n->figures.backup, 1);
		return true;
	}
	return false;
}

static void on_accepted(struct sending *s, long status)
{
	log_attempt(s, "sms.accepted", status, CURLE_OK);
	atomic_fetch_add(&s->notify->figures.accepted, 1);
	decide(s, MESSAGE_ACCEPTED, TIME_NONE, NULL);
}

/* The other route at once; when there is none, the alert shows the failure and the row waits for
 * its next attempt. */
static void on_not_accepted(struct sending *s, const struct verdict *verdict, long status,
			    CURLcode code)
{
	struct notify *n = s->notify;

	log_attempt(s, "sms.failed", status, code);
	if (code == CURLE_OPERATION_TIMEDOUT)
		n->routes[s->route].silent_until_ms =
			clock_monotonic_ms() + n->options.connect_timeout_ms;
	/* Nothing is begun while stopping: the row is still due, and the next start sends it. */
	if (atomic_load(&n->stopping)) {
		sending_free(s);
		return;
	}
	s->again |= verdict->again;
	s->route++;
	if (!try_routes(s))
		fail(s, s->again, verdict->text);
}

void sending_on_request(struct sending *s, CURLcode code)
{
	struct verdict verdict;
	long status = 0;

	if (code == CURLE_OK)
		curl_easy_getinfo(s->easy, CURLINFO_RESPONSE_CODE, &status);
	end_request(s);
	atomic_store(&s->notify->figures.gateway_answers, status != 0);
	verdict = kannel_request_verdict(status);
	if (verdict.accepted)
		on_accepted(s, status);
	else
		on_not_accepted(s, &verdict, status, code);
}

static struct sending *sending_new(struct notify *n, const struct outgoing *message)
{
	struct sending *s = xcalloc(1, sizeof(*s));

	s->notify = n;
	s->message = *message;
	/* A gateway that is configured no more is not waited for. */
	s->route = (unsigned)message->route < n->route_count ? (unsigned)message->route : 0;
	s->message.to.ptr = arena_copy(&s->arena, message->to.ptr, message->to.len);
	s->message.text.ptr = arena_copy(&s->arena, message->text.ptr, message->text.len);
	map_set(&n->under_way, message->id, s);
	atomic_store(&n->figures.under_way, n->under_way.len);
	return s;
}

void sending_begin(struct notify *n, const struct outgoing *message)
{
	struct sending *s = sending_new(n, message);

	if (message->valid_until_ms <= clock_now_ms()) {
		atomic_fetch_add(&n->figures.expired, 1);
		decide(s, MESSAGE_FAILED, TIME_NONE, "périmé");
	} else if (message->simulated) {
		atomic_fetch_add(&n->figures.simulated, 1);
		simulate(s, MESSAGE_ACCEPTED);
	} else if (!n->route_count) {
		fail(s, false, "aucune passerelle SMS configurée");
	} else if (!try_routes(s)) {
		fail(s, s->again, "passerelle SMS injoignable");
	}
}

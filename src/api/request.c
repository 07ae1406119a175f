/* A request from its session to its answer. */
#include <errno.h>

#include "api/api_private.h"
#include "base/limits.h"
#include "service/json.h"
#include "service/problem.h"

enum { DETAIL_TRAIL = 500, CLOSED_ALERTS = 50, JOURNAL_LINES = 50, LONGEST_LIST = 2000 };

void request_free(struct request *q)
{
	json_decref(q->body);
	arena_fini(&q->arena);
	free(q);
}

/* --- answers */

void answer_with(struct request *q, int status, struct str type, struct str body,
		 const char *header, const char *value)
{
	const char *headers[32];
	size_t count = 0;
	struct http_response response = {.status = status, .content_type = type, .body = body};

	security_headers(q->api, q->secure, headers, &count);
	headers[count++] = "Cache-Control";
	headers[count++] = "no-store";
	if (header) {
		headers[count++] = header;
		headers[count++] = value;
	}
	headers[count] = NULL;
	response.headers = headers;
	http_reply(q->api->http, q->http, &response);
	request_free(q);
}

void answer_json(struct request *q, int status, struct str json)
{
	answer_with(q, status, STR("application/json"), json, NULL, NULL);
}

void answer_empty(struct request *q, int status)
{
	answer_with(q, status, STR_NONE, STR_NONE, NULL, NULL);
}

struct str problem_json(struct arena *arena, enum problem problem, struct str detail,
			struct str field)
{
	const struct problem_row *row = problem_row(problem);
	struct buf b = BUF_INIT;
	struct str body;
	char type[64];

	snprintf(type, sizeof(type), "/problems/%s", row->name);
	buf_add_byte(&b, '{');
	json_word(&b, "type", type);
	json_word(&b, "title", row->title);
	json_int(&b, "status", row->status);
	if (detail.len)
		json_text(&b, "detail", detail);
	if (field.len) {
		json_open(&b, "errors", '[');
		json_open(&b, NULL, '{');
		json_text(&b, "field", field);
		json_text(&b, "message", detail);
		json_close(&b, '}');
		json_close(&b, ']');
	}
	json_close(&b, '}');
	body = str_of(arena_copy(arena, b.ptr, b.len), b.len);
	buf_fini(&b);
	return body;
}

void answer_problem(struct request *q, enum problem problem, struct str detail, struct str field)
{
	answer_with(q, problem_row(problem)->status, STR("application/problem+json"),
		    problem_json(&q->arena, problem, detail, field), NULL, NULL);
}

void answer_session_needed(struct request *q)
{
	answer_problem(q, PROBLEM_SESSION_NEEDED,
		       STR("Votre session est terminée : reconnectez-vous."), STR_NONE);
}

void answer_too_many(struct request *q, int retry_after_s)
{
	struct str body = problem_json(&q->arena, PROBLEM_TOO_MANY,
				       STR("Trop d'essais. Patientez un instant."), STR_NONE);
	char seconds[12];

	snprintf(seconds, sizeof(seconds), "%d", retry_after_s);
	answer_with(q, 429, STR("application/problem+json"), body, "Retry-After", seconds);
}

void answer_outcome(struct request *q, const struct command *command)
{
	const struct outcome *o = &command->outcome;

	if (o->problem)
		answer_problem(q, o->problem, o->detail, o->field);
	else if (o->json.len)
		answer_json(q, q->route->status, o->json);
	else
		answer_empty(q, 204);
}

/* --- commands */

struct actor request_actor(const struct request *q)
{
	return (struct actor){ACTOR_ACCOUNT, q->who.id, q->who.roles, q->who.room};
}

static void on_command_done(struct command *command)
{
	answer_outcome(command->context, command);
	command_free(command);
}

struct command *request_command(struct request *q, enum verb verb)
{
	struct command *c = command_new(verb, request_actor(q));
	struct buf key = BUF_INIT;

	c->context = q;
	c->on_done = on_command_done;
	/* The same key with another body, or on another thing, is another command. */
	if (q->key.len) {
		buf_add_str(&key, q->key);
		buf_add_byte(&key, 0);
		buf_add_str(&key, str_from(q->route->pattern));
		for (int i = 0; i < MAX_PARAMETERS; i++) {
			buf_add_byte(&key, 0);
			buf_add_str(&key, q->parameters[i]);
		}
		buf_add_byte(&key, 0);
		buf_add_str(&key, q->raw_body);
		c->key = command_keep(c, buf_str(&key));
		buf_fini(&key);
	}
	return c;
}

void request_submit(struct request *q, struct command *command)
{
	if (service_submit(q->api->options.service, command)) {
		command_free(command);
		answer_problem(q, PROBLEM_UNAVAILABLE, STR("Le serveur est surchargé : réessayez."),
			       STR_NONE);
	}
}

static void run_command(struct request *q)
{
	struct command *c = q->route->command(q);

	if (c)
		request_submit(q, c);
}

/* --- questions */

/* What is asked again and again: a page behind a link each few seconds, one line a minute says that
 * it is open; the list of open alerts, one an hour. NULL: each reading has its line. */
static struct limiter *often_read(struct request *q, struct id *ret_key)
{
	struct limiter *limiter = q->answer.often ? q->api->list_readings : q->api->link_readings;

	if (!q->answer.often && q->route->who != WHO_LINK)
		return NULL;
	*ret_key = q->answer.often ? q->who.id : limiter_text(q->question.token);
	return limiter;
}

static bool is_noted(struct request *q)
{
	struct id key;
	struct limiter *limiter = often_read(q, &key);

	return limiter && limiter_wait_s(limiter, key, clock_monotonic_ms());
}

static void answer_question(struct request *q)
{
	answer_with(q, 200, str_from(q->answer.type ? q->answer.type : "application/json"),
		    q->answer.json, NULL, NULL);
}

static void on_read_noted(struct command *command)
{
	struct request *q = command->context;
	struct id key;
	struct limiter *limiter = often_read(q, &key);

	if (limiter && !command->outcome.problem)
		limiter_count(limiter, key, clock_monotonic_ms());
	if (command->outcome.problem && !q->answer.urgent)
		answer_problem(q, command->outcome.problem, command->outcome.detail, STR_NONE);
	else
		answer_question(q);
	command_free(command);
}

static struct actor holder_of(const struct request *q)
{
	enum actor_kind kind = q->route->question == reader_follow ? ACTOR_CONTACT
			       : q->route->question == reader_term ? ACTOR_OFFICIAL
								   : ACTOR_UNIT;

	return (struct actor){.kind = kind, .id = q->answer.holder};
}

/* I9: what was read of somebody is given only when the journal says so. */
static void note_reading(struct request *q)
{
	struct command *c = command_new(VERB_READ, request_actor(q));

	c->subject = q->answer.subject;
	c->as.read.also = q->answer.also;
	c->as.read.also_count = q->answer.also_count;
	c->as.read.call = q->answer.call;
	c->name = command_keep(c, str_from(q->route->pattern));
	if (q->route->who == WHO_LINK)
		c->actor = holder_of(q);
	c->context = q;
	c->on_done = on_read_noted;
	if (!service_submit(q->api->options.service, c))
		return;
	command_refuse(c, PROBLEM_UNAVAILABLE, "Le serveur est surchargé : réessayez.");
	on_read_noted(c);
}

/* Files of what is over, or of people that are searched for: not what runs. What is held; else
 * BULK_KINDS. */
static enum bulk held(struct request *q)
{
	const struct answer *a = &q->answer;
	bool of_alert = q->route->question == reader_alert || q->route->question == reader_trail;
	bool of_people = q->route->question == reader_journal_people ||
			 q->route->question == reader_counter_people;

	if (q->route->question == reader_call_search)
		return bulk_is_held_of_call(q, a->call, a->also, a->also_count) ? BULK_PEOPLE
										: BULK_KINDS;
	/* Given in any case: it is one of the first of a call. */
	if (a->looked_for)
		bulk_is_held(q, BULK_FILES, &a->subject, 1);
	if (of_people && bulk_is_held(q, BULK_PEOPLE, a->also, a->also_count))
		return BULK_PEOPLE;
	if (of_alert && !a->urgent && bulk_is_held(q, BULK_FILES, &a->subject, 1))
		return BULK_FILES;
	return BULK_KINDS;
}

static void on_question_done(struct request *q)
{
	enum bulk too_much = q->answer.problem ? BULK_KINDS : held(q);

	if (q->answer.problem)
		answer_problem(q, q->answer.problem, q->answer.detail, STR_NONE);
	else if (too_much != BULK_KINDS)
		bulk_answer_held(q, too_much);
	else if (!id_is_none(q->answer.subject) && !is_noted(q))
		note_reading(q);
	else
		answer_question(q);
}

static void on_reader(struct job *job, struct reader *reader)
{
	struct request *q = (struct request *)(void *)job;
	int64_t now_ms = clock_now_ms();
	bool account = q->route->who == WHO_ACCOUNT;

	if (account)
		q->error = reader_session(reader, &q->arena, q->token, now_ms, &q->who);
	if (!q->error && q->route->question)
		q->error = q->route->question(reader, &q->arena, account ? &q->who : NULL, now_ms,
					      &q->question, &q->answer);
}

void count_guess(struct request *q)
{
	limiter_count(q->api->link_guesses, limiter_address(q->peer.ip), clock_monotonic_ms());
}

void forgive_guess(struct request *q)
{
	limiter_forgive(q->api->link_guesses, limiter_address(q->peer.ip));
}

static void on_read(void *arg)
{
	struct request *q = arg;

	if (q->error == -ENOENT && q->route->who == WHO_ACCOUNT && id_is_none(q->who.id)) {
		answer_session_needed(q);
	} else if (q->error == -ENOENT && q->route->question) {
		/* It was there at the first of its reads, and was purged before the last. */
		answer_problem(q, PROBLEM_NOT_FOUND, STR("Ce dossier n'existe pas, ou plus."),
			       STR_NONE);
	} else if (q->error) {
		answer_problem(q, PROBLEM_UNAVAILABLE,
			       STR("La lecture est momentanément impossible."), STR_NONE);
	} else if (q->answer.problem == PROBLEM_NOT_FOUND && q->route->who == WHO_LINK) {
		count_guess(q);
		on_question_done(q);
	} else if (q->route->question) {
		on_question_done(q);
	} else if (q->route->command) {
		run_command(q);
	} else {
		q->route->by_itself(q, NULL);
	}
}

bool may_guess(struct request *q)
{
	int wait_s = limiter_wait_s(q->api->link_guesses, limiter_address(q->peer.ip),
				    clock_monotonic_ms());

	if (wait_s)
		answer_too_many(q, wait_s);
	return !wait_s;
}

/* A number of the query; absent leaves *ret_number. False: answered already. */
static bool query_number(struct request *q, const char *name, int64_t min, int64_t max,
			 int64_t *ret_number)
{
	struct str text = http_param(&q->arena, q->query, name);

	if (!text.ptr || !str_parse_i64(text, min, max, ret_number))
		return true;
	answer_problem(q, PROBLEM_INVALID, STR("Ce nombre n'est pas valable."), str_from(name));
	return false;
}

/* http_param refuses what is no UTF-8. */
static bool query_words(struct request *q)
{
	q->question.text = http_param(&q->arena, q->query, "q");
	if (q->question.text.len <= LIMIT_SEARCH_BYTES)
		return true;
	answer_problem(q, PROBLEM_INVALID, STR("Ces mots sont trop longs."), STR("q"));
	return false;
}

static bool query_state(struct request *q)
{
	struct str state = http_param(&q->arena, q->query, "state");

	q->question.state = state;
	if (!state.ptr || str_eq(state, STR("open")) || str_eq(state, STR("closed")))
		return true;
	answer_problem(q, PROBLEM_INVALID, STR("open ou closed est attendu."), STR("state"));
	return false;
}

static bool query_id(struct request *q, const char *name, struct id *ret_id)
{
	struct str text = http_param(&q->arena, q->query, name);

	if (!text.ptr || !id_parse(text, ret_id))
		return true;
	answer_problem(q, PROBLEM_INVALID, STR("Cet identifiant n'est pas valable."),
		       str_from(name));
	return false;
}

static bool query_kind(struct request *q)
{
	struct str text = http_param(&q->arena, q->query, "kind");

	if (!text.ptr || !entry_kind_parse(text, &q->question.kind))
		return true;
	answer_problem(q, PROBLEM_INVALID, STR("Le journal ne connaît pas ce genre de ligne."),
		       STR("kind"));
	return false;
}

/* Both or neither; degrees. */
static bool query_place(struct request *q)
{
	struct str lat = http_param(&q->arena, q->query, "lat");
	struct str lon = http_param(&q->arena, q->query, "lon");

	q->question.commune = http_param(&q->arena, q->query, "commune");
	q->question.name = http_param(&q->arena, q->query, "name");
	if (!lat.ptr && !lon.ptr)
		return true;
	if (str_parse_e7(lat, 90, &q->question.lat_e7) ||
	    str_parse_e7(lon, 180, &q->question.lon_e7)) {
		answer_problem(q, PROBLEM_INVALID,
			       STR("Une latitude et une longitude, en degrés, sont attendues."),
			       STR("lat"));
		return false;
	}
	q->question.has_place = true;
	return true;
}

/* How many rows, unless the query says. Every open alert is shown: none may hide behind others. */
static int64_t rows_of(const struct request *q)
{
	if (q->route->question == reader_alert)
		return DETAIL_TRAIL;
	if (q->route->question == reader_journal)
		return JOURNAL_LINES;
	return str_eq(q->question.state, STR("closed")) ? CLOSED_ALERTS : LONGEST_LIST;
}

/* Fills the question from the path and the query. */
static bool prepare_question(struct request *q)
{
	struct question *question = &q->question;
	int64_t limit;

	if (q->route->who == WHO_LINK)
		question->token = q->parameters[0];
	else if (q->parameters[0].len && !path_id(q, 0, &question->subject))
		return false;
	if (q->parameters[1].len && !path_id(q, 1, &question->part))
		return false;
	if (!query_words(q) || !query_state(q) || !query_place(q) ||
	    !query_id(q, "alert", &question->subject) ||
	    !query_id(q, "subject", &question->subject) ||
	    !query_id(q, "account", &question->actor) ||
	    !query_id(q, "person", &question->person) || !query_kind(q) ||
	    !query_number(q, "ref", 1, INT64_MAX, &question->ref) ||
	    !query_number(q, "since", 0, INT64_MAX, &question->since_ms) ||
	    !query_number(q, "until", 0, INT64_MAX, &question->until_ms) ||
	    !query_number(q, "before", 0, INT64_MAX, &question->before) ||
	    !query_number(q, "after", 0, INT64_MAX, &question->after))
		return false;
	limit = rows_of(q);
	if (!query_number(q, "limit", 1, 200, &limit))
		return false;
	question->limit = (int)limit;
	return true;
}

void request_start(struct request *q)
{
	struct device_presence presence;

	if (q->route->who == WHO_LINK && !may_guess(q))
		return;
	if (q->route->question && !prepare_question(q))
		return;
	q->question.hearing_refused = hearing_refused(q->api);
	q->question.may_record = q->api->options.recorder != NULL;
	if (q->route->question == reader_alert) {
		struct id *list = arena_alloc(&q->arena, HEARERS_NAMED * sizeof(*list));

		q->question.watch_listening_refused = watch_listening_refused(q->api);
		q->question.listeners = list;
		q->question.listener_count =
			sound_hearers(q->api, q->question.subject, list, HEARERS_NAMED);
	}
	if (q->route->question == reader_alert || q->route->question == reader_devices ||
	    q->route->question == reader_call) {
		presence = q->api->options.devices.presence(q->api->options.devices.context,
							    &q->arena);
		q->question.presence = memcpy(arena_alloc(&q->arena, sizeof(presence)), &presence,
					      sizeof(presence));
	}
	if ((q->route->who == WHO_LINK || q->route->who == WHO_SWITCH) && q->route->command) {
		run_command(q);
		return;
	}
	q->job = (struct job){on_reader, on_read};
	if (readers_submit(q->api->options.readers, &q->job))
		answer_problem(q, PROBLEM_UNAVAILABLE, STR("Le serveur est surchargé : réessayez."),
			       STR_NONE);
}

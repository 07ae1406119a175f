/*
 * Officials and their own file. Its session is a cookie of its own: an account's opens nothing
 * here, and this one nothing elsewhere. The bodies are those of the administration's commands.
 */
#include "api/api_private.h"
#include "service/secrets.h"

static struct command *own_command(struct request *q, const char *name, struct str token)
{
	struct command *c = command_new(VERB_ADMIN, (struct actor){.kind = ACTOR_SYSTEM});

	c->name = str_from(name);
	c->text = command_keep(c, q->raw_body);
	c->token = command_keep(c, token);
	c->context = q;
	return c;
}

static void on_done(struct command *command)
{
	struct request *q = command->context;

	if (!command->outcome.problem && q->route->status == 204)
		answer_empty(q, 204);
	else
		answer_outcome(q, command);
	command_free(command);
}

/* --- coming in */

/* What is no number makes nobody's telephone ring. */
static void on_code_asked(struct command *command)
{
	struct request *q = command->context;

	if (command->outcome.problem == PROBLEM_INVALID)
		limiter_forgive(q->api->own_codes, limiter_address(q->peer.ip));
	on_done(command);
}

void ask_own_code(struct request *q, const struct http_request *r)
{
	struct id source = limiter_address(q->peer.ip);
	int64_t now_ms = clock_monotonic_ms();
	int wait_s = limiter_wait_s(q->api->own_codes, source, now_ms);
	struct command *c;

	if (wait_s) {
		answer_too_many(q, wait_s);
		return;
	}
	/* Before it is looked up, or many at once would pass. */
	limiter_count(q->api->own_codes, source, now_ms);
	c = own_command(q, "own.code", STR_NONE);
	c->on_done = on_code_asked;
	request_submit(q, c);
}

static void answer_with_cookie(struct request *q, int status, struct str type, struct str json,
			       struct str token)
{
	char cookie[160];

	snprintf(cookie, sizeof(cookie),
		 "egide_own=%.*s; Path=/api/own; HttpOnly; SameSite=Strict%s%s", STR_FMT(token),
		 q->secure ? "; Secure" : "", token.len ? "" : "; Max-Age=0");
	answer_with(q, status, type, json, "Set-Cookie", cookie);
}

static void on_opened(struct command *command)
{
	struct request *q = command->context;
	enum problem problem = command->outcome.problem;

	if (problem != PROBLEM_CODE_REFUSED && problem != PROBLEM_NOT_FOUND)
		forgive_guess(q);
	if (problem)
		answer_outcome(q, command);
	else
		answer_with_cookie(q, 200, STR("application/json"), command->outcome.json,
				   command->token);
	command_free(command);
}

static void open_with(struct request *q, const char *name)
{
	struct command *c;

	if (!may_guess(q))
		return;
	count_guess(q);
	c = own_command(q, name, session_token_new(&q->arena));
	c->on_done = on_opened;
	request_submit(q, c);
}

void open_own(struct request *q, const struct http_request *r)
{
	open_with(q, "own.open");
}

void open_own_by_phone(struct request *q, const struct http_request *r)
{
	open_with(q, "own.phone");
}

static void on_closed(struct command *command)
{
	if (command->outcome.problem)
		answer_outcome(command->context, command);
	else
		answer_with_cookie(command->context, 204, STR_NONE, STR_NONE, STR(""));
	command_free(command);
}

/* --- with the file open */

static void with_session(struct request *q, const struct http_request *r, const char *name,
			 void (*on_end)(struct command *command))
{
	struct command *c = own_command(q, name, http_cookie(r, "egide_own"));

	c->on_done = on_end;
	request_submit(q, c);
}

void close_own(struct request *q, const struct http_request *r)
{
	with_session(q, r, "own.close", on_closed);
}

void show_own(struct request *q, const struct http_request *r)
{
	with_session(q, r, "own.show", on_done);
}

void show_own_readings(struct request *q, const struct http_request *r)
{
	struct str before = http_param(&q->arena, q->query, "before");
	struct buf b = BUF_INIT;
	int64_t number = 0;

	if (before.ptr && str_parse_i64(before, 1, INT64_MAX, &number)) {
		answer_problem(q, PROBLEM_INVALID, STR("Ce nombre n'est pas valable."),
			       STR("before"));
		return;
	}
	if (number)
		buf_printf(&b, "{\"before\":%lld}", (long long)number);
	q->raw_body = str_of(arena_copy(&q->arena, b.ptr ? b.ptr : "", b.len), b.len);
	buf_fini(&b);
	with_session(q, r, "own.readings", on_done);
}

void take_own_copy(struct request *q, const struct http_request *r)
{
	with_session(q, r, "own.copy", on_done);
}

void correct_own(struct request *q, const struct http_request *r)
{
	with_session(q, r, "own.correct", on_done);
}

void correct_own_not(struct request *q, const struct http_request *r)
{
	with_session(q, r, "own.correct-not", on_done);
}

void withdraw_consent(struct request *q, const struct http_request *r)
{
	with_session(q, r, "own.withdraw", on_done);
}

void go_on_with_term(struct request *q, const struct http_request *r)
{
	with_session(q, r, "own.go-on", on_done);
}

void ask_to_leave(struct request *q, const struct http_request *r)
{
	with_session(q, r, "own.leave", on_done);
}

void ask_to_stay(struct request *q, const struct http_request *r)
{
	with_session(q, r, "own.stay", on_done);
}

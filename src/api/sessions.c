/* Sessions: login with a password checked on its own thread, rate-limited by source and by name. */
#include <errno.h>

#include "api/api_private.h"
#include "base/limits.h"
#include "service/secrets.h"

enum { MAX_LOGIN_BYTES = 64, MAX_PASSWORD_BYTES = 256, MAX_CODE_BYTES = 32 };

static const char refused[] = "L'identifiant ou le mot de passe est incorrect.";

/*
 * A name is counted for each source apart: whoever fails on purpose keeps only themselves out, not
 * the operator whose name it is.
 */
static struct id name_key(struct request *q)
{
	struct id source = limiter_address(q->peer.ip);
	struct buf b = BUF_INIT;
	struct id key;

	buf_add(&b, source.bytes, sizeof(source.bytes));
	buf_add_str(&b, q->parameters[0]);
	key = limiter_text(buf_str(&b));
	buf_fini(&b);
	return key;
}

/* Counts the attempt before its check, or many at once would pass; 0, or seconds to wait. */
static int count_attempt(struct request *q)
{
	struct id source = limiter_address(q->peer.ip), name = name_key(q);
	int64_t now_ms = clock_monotonic_ms();
	int wait_s = limiter_wait_s(q->api->login_sources, source, now_ms);

	if (!wait_s)
		wait_s = limiter_wait_s(q->api->login_names, name, now_ms);
	if (!wait_s) {
		limiter_count(q->api->login_sources, source, now_ms);
		limiter_count(q->api->login_names, name, now_ms);
	}
	return wait_s;
}

static void forgive_attempt(struct request *q)
{
	limiter_forgive(q->api->login_sources, limiter_address(q->peer.ip));
	limiter_forgive(q->api->login_names, name_key(q));
}

static void note_refusal(struct request *q, struct str login)
{
	struct command *c = command_new(VERB_SESSION_REFUSED, (struct actor){.kind = ACTOR_SYSTEM});

	c->name = command_keep(c, login);
	c->subject = q->who.id;
	if (service_submit(q->api->options.service, c))
		command_free(c);
}

static void cookie(const struct request *q, struct str token, char out[160])
{
	snprintf(out, 160, "egide_session=%.*s; Path=/; HttpOnly; SameSite=Strict%s%s",
		 STR_FMT(token), q->secure ? "; Secure" : "", token.len ? "" : "; Max-Age=0");
}

static void end_all_sockets(struct api *a, struct id account)
{
	feed_end_account(a->feed, account);
	guests_end_account(a, account);
}

/* --- opening */

/* Everything but a wrong code: guesses of it count as those of the password do. */
static bool was_no_guess(enum problem problem)
{
	return problem != PROBLEM_CODE_REFUSED && problem != PROBLEM_TOO_MANY;
}

static void give_session(struct request *q, struct str json)
{
	char set_cookie[160];

	cookie(q, q->new_token, set_cookie);
	answer_with(q, 200, STR("application/json"), json, "Set-Cookie", set_cookie);
}

static void read_opened(struct job *job, struct reader *reader)
{
	struct request *q = (struct request *)(void *)job;

	q->error = reader_session_json(reader, &q->arena, &q->who, clock_now_ms(), &q->question,
				       &q->answer);
}

static void on_read_opened(void *arg)
{
	struct request *q = arg;

	if (q->error)
		answer_problem(q, PROBLEM_UNAVAILABLE,
			       STR("La connexion est momentanément impossible."), STR_NONE);
	else
		give_session(q, q->answer.json);
}

/* Read once it is open: a recovery code that opened it is not left any more. */
static void read_session(struct request *q)
{
	q->job = (struct job){read_opened, on_read_opened};
	q->error = readers_submit(q->api->options.readers, &q->job);
	if (q->error)
		on_read_opened(q);
}

static void answer_opened(struct request *q, const struct command *command)
{
	/* A second factor ends what was opened without it. */
	if (command->verb == VERB_FACTOR_CONFIRM) {
		end_all_sockets(q->api, q->who.id);
		give_session(q, command->outcome.json);
		return;
	}
	if (q->token.len)
		guests_end_session(q->api, q->token);
	read_session(q);
}

static void on_proven(struct command *command)
{
	struct request *q = command->context;

	if (was_no_guess(command->outcome.problem))
		forgive_attempt(q);
	if (command->outcome.problem || command->verb == VERB_FACTOR_BEGIN)
		answer_outcome(q, command);
	else
		answer_opened(q, command);
	command_free(command);
}

static void on_checked(void *arg)
{
	struct request *q = arg;
	struct command *c;

	if (!q->password_ok) {
		note_refusal(q, q->parameters[0]);
		answer_problem(q, PROBLEM_LOGIN_REFUSED, str_from(refused), STR_NONE);
		return;
	}
	c = command_new(q->login_verb, request_actor(q));
	c->subject = q->who.id;
	q->new_token = session_token_new(&q->arena);
	c->token = command_keep(c, q->new_token);
	c->text = command_keep(c, q->token);
	c->context = q;
	c->as.factor.code = command_keep(c, q->code);
	c->on_done = on_proven;
	request_submit(q, c);
}

static void check(struct job *job, struct reader *reader)
{
	struct request *q = (struct request *)(void *)job;

	q->password_ok = password_check(q->who.password_hash, q->password,
					q->api->options.password_strength);
	explicit_bzero((char *)q->password.ptr, q->password.len);
	explicit_bzero((char *)q->raw_body.ptr, q->raw_body.len);
}

static void find_account(struct job *job, struct reader *reader)
{
	struct request *q = (struct request *)(void *)job;

	q->error = reader_login(reader, &q->arena, q->parameters[0], &q->who);
}

static void on_account(void *arg)
{
	struct request *q = arg;

	if (q->error && q->error != -ENOENT) {
		answer_problem(q, PROBLEM_UNAVAILABLE,
			       STR("La connexion est momentanément impossible."), STR_NONE);
		return;
	}
	/* An unknown name goes through the same check, against nothing: the time does not tell. */
	q->job = (struct job){check, on_checked};
	if (readers_submit_password(q->api->options.readers, &q->job))
		answer_too_many(q, 5);
}

/* A password is taken as it was typed, spaces included. */
static bool take_password(struct request *q)
{
	json_t *password = json_object_get(q->body, "password");
	size_t len = json_string_length(password);

	q->password = str_of(json_string_value(password), len);
	if (len && len <= MAX_PASSWORD_BYTES)
		return true;
	answer_problem(q, PROBLEM_INVALID, STR("Indiquez le mot de passe."), STR("password"));
	return false;
}

/* Each of the three begins with the password, whoever asks. */
static void log_in(struct request *q, enum verb verb)
{
	static const char *const names[] = {"login", "password", "code", NULL};
	bool needs_code = verb == VERB_FACTOR_CONFIRM;
	int wait_s;

	if (!body_only(q, names) ||
	    !body_text(q, "login", true, MAX_LOGIN_BYTES, &q->parameters[0]) ||
	    !body_text(q, "code", needs_code, MAX_CODE_BYTES, &q->code) || !take_password(q))
		return;
	q->login_verb = verb;
	wait_s = count_attempt(q);
	if (wait_s) {
		answer_too_many(q, wait_s);
		return;
	}
	q->job = (struct job){find_account, on_account};
	if (readers_submit(q->api->options.readers, &q->job))
		answer_problem(q, PROBLEM_UNAVAILABLE, STR("Le serveur est surchargé : réessayez."),
			       STR_NONE);
}

void open_session(struct request *q, const struct http_request *r)
{
	log_in(q, VERB_SESSION_OPEN);
}

void begin_factor(struct request *q, const struct http_request *r)
{
	log_in(q, VERB_FACTOR_BEGIN);
}

void confirm_factor(struct request *q, const struct http_request *r)
{
	log_in(q, VERB_FACTOR_CONFIRM);
}

/* --- closing */

static void on_closed(struct command *command)
{
	struct request *q = command->context;
	char set_cookie[160];

	if (command->outcome.problem) {
		answer_problem(q, command->outcome.problem, command->outcome.detail, STR_NONE);
	} else {
		if (command->token.len)
			guests_end_session(q->api, command->token);
		else
			end_all_sockets(q->api, command->actor.id);
		cookie(q, STR(""), set_cookie);
		answer_with(q, 204, STR_NONE, STR_NONE, "Set-Cookie", set_cookie);
	}
	command_free(command);
}

static void close_with(struct request *q, struct str token)
{
	struct command *c = request_command(q, VERB_SESSION_CLOSE);

	c->token = command_keep(c, token);
	c->key = STR_NONE;
	c->on_done = on_closed;
	request_submit(q, c);
}

void close_session(struct request *q, const struct http_request *r)
{
	close_with(q, q->token);
}

void close_sessions(struct request *q, const struct http_request *r)
{
	close_with(q, STR_NONE);
}

/*
 * GET /api/alerts/{id}/evidence: an alert as an archive that proves itself. Who asks is a line of
 * the journal, and of the archive, before it is made. One at a time: it is whole in memory.
 */
#include <errno.h>

#include "api/api_private.h"
#include "base/log.h"
#include "core/access.h"
#include "live/evidence.h"
#include "service/problem.h"

enum { READABLE_ROWS = 10000 };

struct archive {
	struct job job;
	struct request *q;
	struct id alert;
	struct answer readable;
	struct buf body;
	bool has_turn;
	int error;
};

static void end(struct archive *a)
{
	if (a->has_turn)
		a->q->api->is_exporting = false;
}

static void archive_free(struct archive *a)
{
	buf_fini(&a->body);
	free(a);
}

/* Answers why not. */
static void refuse(struct archive *a)
{
	struct request *q = a->q;

	end(a);
	if (id_is_none(q->who.id) && a->error == -ENOENT)
		answer_session_needed(q);
	else if (a->error == -ENOENT)
		answer_problem(
			q, PROBLEM_NOT_FOUND,
			STR("Cette alerte n'existe pas, ou n'est pas visible de votre salle."),
			STR_NONE);
	else if (a->error == -EACCES)
		answer_problem(q, PROBLEM_FORBIDDEN,
			       STR("L'export d'une alerte comme preuve revient au chef de salle."),
			       STR_NONE);
	else if (a->error == -EFBIG)
		answer_problem(q, PROBLEM_TOO_LARGE,
			       STR("Cette alerte est trop longue pour être exportée d'ici : "
				   "« egidectl alert evidence », sur le serveur."),
			       STR_NONE);
	else
		answer_problem(q, PROBLEM_UNAVAILABLE,
			       STR("L'export est momentanément impossible : réessayez."), STR_NONE);
	archive_free(a);
}

/* --- made, and sent */

static void release_archive(void *owner)
{
	archive_free(owner);
}

static void send_archive(struct archive *a)
{
	struct request *q = a->q;
	struct http_response response = {.status = 200,
					 .content_type = STR("application/x-tar"),
					 .body = buf_str(&a->body),
					 .release = release_archive,
					 .owner = a};
	char id[ID_TEXT_SIZE], name[100];
	const char *headers[32];
	size_t count = 0;

	id_print(a->alert, id);
	snprintf(name, sizeof(name), "attachment; filename=\"egide-%s.tar\"", id);
	security_headers(q->api, q->secure, headers, &count);
	headers[count++] = "Cache-Control";
	headers[count++] = "no-store";
	headers[count++] = "Content-Disposition";
	headers[count++] = name;
	headers[count] = NULL;
	response.headers = headers;
	end(a);
	http_reply(q->api->http, q->http, &response);
	request_free(q);
}

static void make(struct job *job, struct reader *reader)
{
	struct archive *a = (struct archive *)(void *)job;
	struct request *q = a->q;
	struct question question = {.subject = a->alert, .limit = READABLE_ROWS};
	struct evidence_order order = {.alert = a->alert,
				       .sound_folder = q->api->options.sound_folder,
				       .by = q->who.name,
				       .now_ms = clock_now_ms(),
				       .timestamp_url = q->api->options.timestamp_url,
				       .timestamp = q->api->options.timestamp};
	int unstamped = 0;

	a->error = reader_alert(reader, &q->arena, &q->who, order.now_ms, &question, &a->readable);
	if (!a->error && a->readable.problem)
		a->error = -ENOENT;
	if (a->error)
		return;
	order.readable = a->readable.json;
	a->error = evidence_make(reader_vault(reader), &order, &a->body, &unstamped);
	if (unstamped)
		log_warning("evidence.unstamped", "error=%d", unstamped);
}

static void on_made(void *arg)
{
	struct archive *a = arg;

	if (a->error)
		refuse(a);
	else
		send_archive(a);
}

static void submit(struct archive *a)
{
	/* From here on a->error is the reader's. */
	if (!readers_submit(a->q->api->options.readers, &a->job))
		return;
	a->error = -EAGAIN;
	refuse(a);
}

/* --- asked for, and written down */

static void on_noted(struct command *c)
{
	struct archive *a = c->context;

	if (c->outcome.problem) {
		end(a);
		answer_problem(a->q, c->outcome.problem, c->outcome.detail, STR_NONE);
		archive_free(a);
	} else {
		a->job = (struct job){make, on_made};
		submit(a);
	}
	command_free(c);
}

static void note(struct archive *a)
{
	struct command *c = command_new(VERB_EXPORTED, request_actor(a->q));

	c->subject = a->alert;
	c->name = command_keep(c, str_from(a->q->route->pattern));
	c->context = a;
	c->on_done = on_noted;
	if (!service_submit(a->q->api->options.service, c))
		return;
	command_refuse(c, PROBLEM_UNAVAILABLE, "Le serveur est surchargé : réessayez.");
	on_noted(c);
}

static void ask(struct job *job, struct reader *reader)
{
	struct archive *a = (struct archive *)(void *)job;
	struct request *q = a->q;
	bool open;

	a->error = reader_session(reader, &q->arena, q->token, clock_now_ms(), &q->who);
	if (!a->error)
		a->error = reader_hear(reader, &q->arena, &q->who, a->alert, &open);
	if (!a->error && !access_allows(q->who.roles, RIGHT_ALERT_EXPORT, RELATION_ROOM))
		a->error = -EACCES;
}

static void refuse_for_now(struct archive *a)
{
	answer_problem(a->q, PROBLEM_UNAVAILABLE,
		       STR("Un autre export est en cours : réessayez dans une minute."), STR_NONE);
	archive_free(a);
}

/* Whose turn it is: only of those who may, or anybody's asking would keep them from it. */
static void on_asked(void *arg)
{
	struct archive *a = arg;

	if (a->error) {
		refuse(a);
	} else if (a->q->api->is_exporting) {
		refuse_for_now(a);
	} else {
		a->has_turn = a->q->api->is_exporting = true;
		note(a);
	}
}

void show_evidence(struct request *q, const struct http_request *r)
{
	struct archive *a;
	struct id alert;

	if (!path_id(q, 0, &alert))
		return;
	a = xcalloc(1, sizeof(*a));
	*a = (struct archive){.job = {ask, on_asked}, .q = q, .alert = alert};
	submit(a);
}

/*
 * GET /api/alerts/{id}/evidence, POST /api/journal/export: an alert, or lines of the journal, as an
 * archive that proves itself. Who asks is a line of the journal, and of the archive, before it is
 * made. One at a time: it is whole in memory.
 */
#include <errno.h>

#include "api/api_private.h"
#include "base/limits.h"
#include "base/log.h"
#include "core/access.h"
#include "live/evidence.h"
#include "service/keeping.h"
#include "service/problem.h"

enum { READABLE_ROWS = 10000 };

struct archive {
	struct job job;
	struct request *q;
	struct id alert; /* ID_NONE: of lines */
	struct evidence_lines lines;
	struct answer readable;
	struct buf body;
	bool has_turn;
	bool open;    /* the alert runs */
	bool is_live; /* and would be heard by it, where nobody may listen */
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

/* Of lines, what a question says of its refusals. */
static void refuse_lines(struct archive *a)
{
	if (a->readable.problem)
		answer_problem(a->q, a->readable.problem, a->readable.detail, STR_NONE);
	else
		answer_problem(a->q, PROBLEM_UNAVAILABLE,
			       STR("L'export est momentanément impossible : réessayez."), STR_NONE);
}

/* Answers why not. */
static void refuse(struct archive *a)
{
	struct request *q = a->q;

	end(a);
	if (id_is_none(q->who.id) && a->error == -ENOENT)
		answer_session_needed(q);
	else if (id_is_none(a->alert))
		refuse_lines(a);
	else if (a->error == -ENOENT)
		answer_problem(
			q, PROBLEM_NOT_FOUND,
			STR("Cette alerte n'existe pas, ou n'est pas visible de votre salle."),
			STR_NONE);
	else if (a->error == -EACCES && a->is_live)
		answer_problem(q, PROBLEM_FORBIDDEN, str_from(keeping_archive_refused), STR_NONE);
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

/* An archive holds what was said a second ago. */
static int check_hearing(struct archive *a, struct reader *reader)
{
	const struct api *api = a->q->api;
	int r = 0;

	if (hearing_refused(api))
		r = reader_has_live_sound(reader, &a->q->arena, a->alert,
					  api->options.recorder != NULL, &a->is_live);
	return !r && a->is_live ? -EACCES : r;
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
	char id[ID_TEXT_SIZE] = "journal", name[100];
	const char *headers[32];
	size_t count = 0;

	if (!id_is_none(a->alert))
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
	struct buf lines = BUF_INIT;
	int unstamped = 0;

	if (id_is_none(a->alert)) {
		a->error = reader_journal_selected(reader, &a->lines.filter, &lines);
		order.lines = &a->lines;
		order.readable = buf_str(&lines);
	} else {
		/* It may have been reopened meanwhile. */
		a->error = check_hearing(a, reader);
		if (!a->error)
			a->error = reader_alert(reader, &q->arena, &q->who, order.now_ms, &question,
						&a->readable);
		if (!a->error && a->readable.problem)
			a->error = -ENOENT;
		order.readable = a->readable.json;
	}
	if (!a->error)
		a->error = evidence_make(reader_vault(reader), &order, &a->body, &unstamped);
	buf_fini(&lines);
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

	c->subject = id_is_none(a->alert) ? a->readable.subject : a->alert;
	c->name = command_keep(c, str_from(a->q->route->pattern));
	c->text = command_keep(c, a->lines.reason);
	c->context = a;
	c->on_done = on_noted;
	if (!service_submit(a->q->api->options.service, c))
		return;
	command_refuse(c, PROBLEM_UNAVAILABLE, "Le serveur est surchargé : réessayez.");
	on_noted(c);
}

static void ask_lines(struct job *job, struct reader *reader)
{
	struct archive *a = (struct archive *)(void *)job;
	struct request *q = a->q;

	a->error = reader_session(reader, &q->arena, q->token, clock_now_ms(), &q->who);
	if (!a->error)
		a->error = reader_journal_selection(reader, &q->arena, &q->who, &q->question,
						    &a->lines.filter, &a->readable);
}

static void ask(struct job *job, struct reader *reader)
{
	struct archive *a = (struct archive *)(void *)job;
	struct request *q = a->q;

	a->error = reader_session(reader, &q->arena, q->token, clock_now_ms(), &q->who);
	if (!a->error)
		a->error = reader_hear(reader, &q->arena, &q->who, a->alert, &a->open);
	if (!a->error && !access_allows(q->who.roles, RIGHT_ALERT_EXPORT, RELATION_ROOM))
		a->error = -EACCES;
	if (!a->error)
		a->error = check_hearing(a, reader);
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

	if (a->error || a->readable.problem) {
		refuse(a);
	} else if (!id_is_none(a->alert) && !a->open &&
		   bulk_is_held(a->q, BULK_FILES, &a->alert, 1)) {
		bulk_answer_held(a->q, BULK_FILES);
		archive_free(a);
	} else if (a->q->api->is_exporting) {
		refuse_for_now(a);
	} else {
		a->has_turn = a->q->api->is_exporting = true;
		note(a);
	}
}

static void begin(struct request *q, const struct archive *wanted)
{
	struct archive *a;

	a = xcalloc(1, sizeof(*a));
	*a = *wanted;
	submit(a);
}

void show_evidence(struct request *q, const struct http_request *r)
{
	struct archive wanted = {.job = {ask, on_asked}, .q = q};

	if (path_id(q, 0, &wanted.alert))
		begin(q, &wanted);
}

/* Absent or null: ID_NONE. */
static bool wanted_id(struct request *q, const char *name, struct id *ret_id)
{
	const json_t *value = json_object_get(q->body, name);

	return !value || json_is_null(value) || body_id(q, name, ret_id);
}

static bool wanted_int(struct request *q, const char *name, int64_t min, int64_t *ret_value)
{
	const json_t *value = json_object_get(q->body, name);

	return !value || json_is_null(value) || body_int(q, name, min, INT64_MAX, ret_value);
}

static bool wanted_kind(struct request *q, enum entry_kind *ret_kind)
{
	struct str text;

	if (!body_text(q, "kind", false, LIMIT_NAME_BYTES, &text))
		return false;
	if (!text.len || !entry_kind_parse(text, ret_kind))
		return true;
	answer_problem(q, PROBLEM_INVALID, STR("Le journal ne connaît pas ce genre de ligne."),
		       STR("kind"));
	return false;
}

void export_journal(struct request *q, const struct http_request *r)
{
	static const char *const names[] = {"reason", "subject", "person", "ref", "account",
					    "kind",   "since",   "until",  NULL};
	struct archive wanted = {.job = {ask_lines, on_asked}, .q = q};
	struct question *question = &q->question;

	if (!body_only(q, names) ||
	    !body_text(q, "reason", true, LIMIT_NOTE_BYTES, &wanted.lines.reason) ||
	    !wanted_id(q, "subject", &question->subject) ||
	    !wanted_id(q, "person", &question->person) ||
	    !wanted_int(q, "ref", 1, &question->ref) ||
	    !wanted_id(q, "account", &question->actor) || !wanted_kind(q, &question->kind) ||
	    !wanted_int(q, "since", 0, &question->since_ms) ||
	    !wanted_int(q, "until", 0, &question->until_ms))
		return;
	wanted.lines.since_ms = question->since_ms;
	wanted.lines.until_ms = question->until_ms;
	begin(q, &wanted);
}

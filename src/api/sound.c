/* GET /api/alerts/{id}/audio.ogg and /recording: what was recorded, read on a reader's thread. */
#include <errno.h>
#include <inttypes.h>

#include "api/api_private.h"
#include "base/limits.h"
#include "live/recording.h"
#include "service/keeping.h"
#include "service/problem.h"

/* A range that says no end gets this much: players ask again. */
enum { LARGEST_PART_BYTES = 4 * 1024 * 1024 };

struct audio {
	struct job job;
	struct request *q;
	struct id alert;
	bool ranged;
	int64_t from,
		to; /* to: the first byte after it, INT64_MAX: the end; from < 0: the last ones */
	struct str if_range; /* in the request's arena */
	bool is_cut;         /* ?from= and to=, in milliseconds of the whole */
	int64_t cut_from_ms, cut_to_ms;
	const char *wrong; /* the parameter that is none; NULL */
	struct buf body;
	uint64_t size;
	char tag[20];
	int64_t deleted_at_ms; /* TIME_NONE: it was not */
	bool is_over;          /* the alert */
	int error;
};

/* RFC 9110 §14.1.2, one range; anything else is as if none had been asked. */
static void read_range(struct audio *a, struct str text)
{
	struct str rest = str_slice(text, 6, text.len), first;
	int64_t from, last = INT64_MAX - 1;

	if (!str_starts(text, STR("bytes=")) || !str_split(&rest, '-', &first) || !rest.ptr)
		return;
	if (!first.len) {
		if (str_parse_i64(rest, 1, INT64_MAX, &last))
			return;
		a->ranged = true;
		a->from = -last;
		a->to = INT64_MAX;
		return;
	}
	if (str_parse_i64(first, 0, INT64_MAX - 1, &from) ||
	    (rest.len && str_parse_i64(rest, from, INT64_MAX - 1, &last)))
		return;
	a->ranged = true;
	a->from = from;
	a->to = last + 1;
}

/* Sets a->wrong rather than answers: who has no session is told that first. */
static void read_cut(struct audio *a)
{
	struct str from = http_param(&a->q->arena, a->q->query, "from");
	struct str to = http_param(&a->q->arena, a->q->query, "to");

	a->is_cut = from.ptr || to.ptr;
	if (from.ptr && str_parse_i64(from, 0, INT64_MAX - LIMIT_SOUND_PART_MS, &a->cut_from_ms))
		a->wrong = "from";
	a->cut_to_ms = a->cut_from_ms + LIMIT_SOUND_PART_MS;
	if (!a->wrong && to.ptr &&
	    str_parse_i64(to, a->cut_from_ms + 1, a->cut_to_ms, &a->cut_to_ms))
		a->wrong = "to";
}

/* Renders the part that was asked for; from and to become what it is. */
static void render(struct audio *a, const struct recording *r)
{
	int64_t size;

	snprintf(a->tag, sizeof(a->tag), "\"%" PRIx64 "\"", recording_version(r));
	/* A part of another file than the one that was begun would not fit to it. */
	if (a->if_range.len && !str_eq(a->if_range, str_from(a->tag)))
		a->ranged = false;
	if (!a->ranged) {
		a->size = recording_ogg(r, 0, UINT64_MAX, &a->body);
		return;
	}
	a->size = recording_ogg(r, 0, 0, &a->body);
	size = (int64_t)a->size;
	if (a->from < 0)
		a->from = -a->from < size ? size + a->from : 0;
	if (a->to > size)
		a->to = size;
	if (a->to - a->from > LARGEST_PART_BYTES)
		a->to = a->from + LARGEST_PART_BYTES;
	if (a->from < a->to)
		recording_ogg(r, (uint64_t)a->from, (uint64_t)a->to, &a->body);
}

/* Where there is nothing: was it deleted? */
static int read_recording(struct audio *a, struct reader *reader, struct recording **ret_recording)
{
	struct vault *v = reader_vault(reader);
	int error = recording_read(v, a->q->api->options.sound_folder, a->alert, ret_recording),
	    r = error == -ENOENT ? keeping_deleted_at(v, a->alert, &a->deleted_at_ms) : 0;

	return r ? r : error;
}

static void read_audio(struct job *job, struct reader *reader)
{
	struct audio *a = (struct audio *)(void *)job;
	struct request *q = a->q;
	struct recording *r = NULL;
	bool open;

	a->error = reader_session(reader, &q->arena, q->token, clock_now_ms(), &q->who);
	if (a->error)
		return;
	a->error = reader_hear(reader, &q->arena, &q->who, a->alert, &open);
	a->is_over = !a->error && !open;
	/* Read while it is being said, a recording is listened to. */
	if (!a->error && open && hearing_refused(q->api) && q->route->by_itself == show_audio)
		a->error = -EACCES;
	if (!a->error && a->wrong)
		a->error = -EINVAL;
	if (!a->error)
		a->error = read_recording(a, reader, &r);
	if (!a->error && a->is_cut && !recording_cut(r, a->cut_from_ms, a->cut_to_ms)) {
		a->wrong = "from";
		a->error = -EINVAL;
	}
	if (!a->error && q->route->by_itself == show_audio)
		render(a, r);
	else if (!a->error)
		recording_json(r, &a->body);
	recording_free(r);
}

static void audio_free(struct audio *a)
{
	buf_fini(&a->body);
	free(a);
}

/* --- the answer */

static void release_audio(void *owner)
{
	audio_free(owner);
}

/* The body is the reader's own buffer: an hour of sound is not copied on the loop. */
static void send_audio(struct audio *a)
{
	struct request *q = a->q;
	bool is_part = a->ranged && a->from < a->to;
	struct http_response response = {.status = !a->ranged ? 200
						   : is_part  ? 206
							      : 416,
					 .content_type = STR("audio/ogg"),
					 .body = buf_str(&a->body),
					 .release = release_audio,
					 .owner = a};
	char range[80];
	const char *headers[32];
	size_t count = 0;

	if (is_part)
		snprintf(range, sizeof(range), "bytes %" PRId64 "-%" PRId64 "/%" PRIu64, a->from,
			 a->to - 1, a->size);
	else
		snprintf(range, sizeof(range), "bytes */%" PRIu64, a->size);
	security_headers(q->api, q->secure, headers, &count);
	headers[count++] = "Cache-Control";
	headers[count++] = "no-store";
	headers[count++] = "Accept-Ranges";
	headers[count++] = "bytes";
	headers[count++] = "ETag";
	headers[count++] = a->tag;
	if (a->ranged) {
		headers[count++] = "Content-Range";
		headers[count++] = range;
	}
	headers[count] = NULL;
	response.headers = headers;
	http_reply(q->api->http, q->http, &response);
	request_free(q);
}

static void give(struct audio *a)
{
	if (a->q->route->by_itself == show_audio) {
		send_audio(a);
		return;
	}
	answer_json(a->q, 200, buf_str(&a->body));
	audio_free(a);
}

/* I9: it is given only when the journal says so. */
static void on_noted(struct command *c)
{
	struct audio *a = c->context;

	if (c->outcome.problem) {
		answer_problem(a->q, c->outcome.problem, c->outcome.detail, STR_NONE);
		audio_free(a);
	} else {
		give(a);
	}
	command_free(c);
}

/* The page asks again and again what is recorded, while it plays: one line a minute. */
static bool is_noted(const struct audio *a)
{
	struct api *api = a->q->api;
	struct id both[] = {a->q->who.id, a->alert};
	struct id key = limiter_text(str_of(both, sizeof(both)));

	if (a->q->route->by_itself == show_audio)
		return false;
	if (limiter_wait_s(api->sound_readings, key, clock_monotonic_ms()))
		return true;
	limiter_count(api->sound_readings, key, clock_monotonic_ms());
	return false;
}

static void note(struct audio *a)
{
	struct command *c = command_new(VERB_READ, request_actor(a->q));
	char what[120];

	if (a->is_cut)
		snprintf(what, sizeof(what), "%s?from=%" PRId64 "&to=%" PRId64,
			 a->q->route->pattern, a->cut_from_ms, a->cut_to_ms);
	c->subject = a->alert;
	c->name = command_keep(c, str_from(a->is_cut ? what : a->q->route->pattern));
	c->context = a;
	c->on_done = on_noted;
	if (!service_submit(a->q->api->options.service, c))
		return;
	command_refuse(c, PROBLEM_UNAVAILABLE, "Le serveur est surchargé : réessayez.");
	on_noted(c);
}

static void say_deleted(struct audio *a)
{
	struct civil_time at = civil_from_ms(a->deleted_at_ms);
	char text[120];

	snprintf(text, sizeof(text),
		 "Le son de cette alerte a été supprimé le %02d/%02d/%04d, selon la règle de "
		 "conservation.",
		 at.day, at.month, at.year);
	answer_problem(a->q, PROBLEM_NOT_FOUND, str_from(text), STR_NONE);
}

static void refuse(struct audio *a)
{
	struct request *q = a->q;

	if (id_is_none(q->who.id) && a->error == -ENOENT)
		answer_session_needed(q);
	else if (a->error == -ENOENT && a->deleted_at_ms != TIME_NONE)
		say_deleted(a);
	else if (a->error == -ENOENT)
		answer_problem(
			q, PROBLEM_NOT_FOUND,
			STR("Rien n'est enregistré de cette alerte, ou elle n'est pas visible "
			    "de votre salle."),
			STR_NONE);
	else if (a->error == -EACCES)
		answer_problem(q, PROBLEM_FORBIDDEN, str_from(hearing_refused(q->api)), STR_NONE);
	else if (a->error == -EINVAL)
		answer_problem(q, PROBLEM_INVALID,
			       STR("Une partie commence à un instant déjà enregistré et dure dix "
				   "minutes au plus (from, to : millisecondes)."),
			       str_from(a->wrong));
	else if (a->error == -EFBIG)
		answer_problem(q, PROBLEM_TOO_LARGE,
			       STR("Cet enregistrement est trop long pour être lu d'un coup."),
			       STR_NONE);
	else
		answer_problem(q, PROBLEM_UNAVAILABLE,
			       STR("La lecture est momentanément impossible."), STR_NONE);
	audio_free(a);
}

static void on_audio(void *arg)
{
	struct audio *a = arg;

	if (a->error) {
		refuse(a);
	} else if (a->is_over && bulk_is_held(a->q, BULK_FILES, &a->alert, 1)) {
		bulk_answer_held(a->q, BULK_FILES);
		audio_free(a);
	} else if (is_noted(a)) {
		give(a);
	} else {
		note(a);
	}
}

void show_audio(struct request *q, const struct http_request *r)
{
	struct audio *a = xcalloc(1, sizeof(*a));
	struct str if_range = http_header(r, "If-Range");

	*a = (struct audio){.job = {read_audio, on_audio}, .q = q, .deleted_at_ms = TIME_NONE};
	a->if_range = str_of(arena_copy(&q->arena, if_range.ptr, if_range.len), if_range.len);
	read_range(a, http_header(r, "Range"));
	if (q->route->by_itself == show_audio)
		read_cut(a);
	if (!path_id(q, 0, &a->alert)) {
		free(a);
	} else if (readers_submit(q->api->options.readers, &a->job)) {
		a->error = -EAGAIN;
		refuse(a);
	}
}

void show_recording(struct request *q, const struct http_request *r)
{
	show_audio(q, r);
}

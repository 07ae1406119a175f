/*
 * Reading in bulk: who opens many files of what is over within an hour waits for a second person.
 * Never an alert that runs, nor a call to 17: those are always given. In memory: a restart begins
 * anew, the lines stay.
 */
#include "api/api_private.h"

#include "base/limits.h"
#include "core/access.h"
#include "service/json.h"

enum { HOUR_MS = 3600 * 1000, DAY_MS = 24 * HOUR_MS };

struct opened {
	struct id files[LIMIT_FILES_AN_HOUR];
	unsigned count;
	int64_t since_ms;   /* monotonic: the first of them; held: when that was */
	int64_t held_at_ms; /* TIME_NONE: it is not */
	bool is_written;
	char name[LIMIT_NAME_BYTES + 1];
};

const char bulk_held_text[] =
	"Vous avez ouvert 100 dossiers clos en une heure : la suite attend qu'un auditeur le "
	"confirme. Les alertes en cours et les appels restent ouverts.";

static struct opened *opened_by(struct api *a, struct id account, int64_t now_ms)
{
	struct opened *o = map_get(&a->opened, account);
	int64_t age_ms = o ? now_ms - o->since_ms : 0;

	if (!o) {
		o = xcalloc(1, sizeof(*o));
		*o = (struct opened){.since_ms = now_ms, .held_at_ms = TIME_NONE};
		map_set(&a->opened, account, o);
	} else if (age_ms > (o->held_at_ms == TIME_NONE ? HOUR_MS : DAY_MS)) {
		*o = (struct opened){.since_ms = now_ms, .held_at_ms = TIME_NONE};
	}
	return o;
}

/* False: one too many. */
static bool add(struct opened *o, struct id file)
{
	for (unsigned i = 0; i < o->count; i++)
		if (id_eq(o->files[i], file))
			return true;
	if (o->count == LIMIT_FILES_AN_HOUR)
		return false;
	o->files[o->count++] = file;
	return true;
}

static void write_down(struct request *q, struct opened *o)
{
	struct command *c = command_new(VERB_BULK, request_actor(q));

	c->subject = q->who.id;
	c->on_done = command_free;
	o->is_written = !service_submit(q->api->options.service, c);
	if (!o->is_written)
		command_free(c);
}

bool bulk_is_held(struct request *q, const struct id *files, unsigned count)
{
	int64_t now_ms = clock_monotonic_ms();
	struct opened *o = opened_by(q->api, q->who.id, now_ms);

	for (unsigned i = 0; i < count; i++) {
		if (add(o, files[i]))
			continue;
		if (o->held_at_ms == TIME_NONE) {
			o->held_at_ms = clock_now_ms();
			o->since_ms = now_ms;
			snprintf(o->name, sizeof(o->name), "%.*s", STR_FMT(q->who.name));
		}
		if (!o->is_written)
			write_down(q, o);
		return true;
	}
	return false;
}

void bulk_free(struct api *a)
{
	struct id account;
	void *opened;

	for (size_t at = 0; map_next(&a->opened, &at, &account, &opened);)
		free(opened);
	map_fini(&a->opened);
}

/* --- the second person */

static bool may_confirm(struct request *q)
{
	if (access_allows(q->who.roles, RIGHT_AUDIT, RELATION_NONE))
		return true;
	answer_problem(q, PROBLEM_FORBIDDEN, STR("Votre rôle ne donne pas accès au journal."),
		       STR_NONE);
	return false;
}

void show_held(struct request *q, const struct http_request *r)
{
	struct buf b = BUF_INIT;
	struct str json;
	struct id account;
	void *opened;

	/* Not yet known whose request it is: it comes back with its session. */
	if (r) {
		request_start(q);
		return;
	}
	if (!may_confirm(q))
		return;
	buf_add_byte(&b, '{');
	json_open(&b, "held", '[');
	for (size_t at = 0; map_next(&q->api->opened, &at, &account, &opened);) {
		const struct opened *o = opened;

		if (o->held_at_ms == TIME_NONE)
			continue;
		json_open(&b, NULL, '{');
		json_id(&b, "account", account);
		json_text(&b, "name", str_from(o->name));
		json_time(&b, "at", o->held_at_ms);
		json_close(&b, '}');
	}
	json_close(&b, ']');
	json_close(&b, '}');
	json = str_of(arena_copy(&q->arena, b.ptr, b.len), b.len);
	buf_fini(&b);
	answer_json(q, 200, json);
}

static void on_confirmed(struct command *c)
{
	struct request *q = c->context;

	if (!c->outcome.problem)
		free(map_remove(&q->api->opened, c->subject));
	answer_outcome(q, c);
	command_free(c);
}

void confirm_held(struct request *q, const struct http_request *r)
{
	static const char *const names[] = {"reason", NULL};
	const struct opened *o;
	struct command *c;
	struct str reason;
	struct id account;

	if (!body_only(q, names) || !body_text(q, "reason", true, LIMIT_NOTE_BYTES, &reason) ||
	    !may_confirm(q) || !path_id(q, 0, &account))
		return;
	o = map_get(&q->api->opened, account);
	if (!o || o->held_at_ms == TIME_NONE) {
		answer_problem(q, PROBLEM_NOT_FOUND, STR("Rien n'attend de confirmation."),
			       STR_NONE);
		return;
	}
	if (id_eq(account, q->who.id)) {
		answer_problem(q, PROBLEM_CONFLICT,
			       STR("Ce sont vos lectures : une autre personne doit confirmer."),
			       STR_NONE);
		return;
	}
	c = request_command(q, VERB_BULK);
	c->subject = account;
	c->text = command_keep(c, reason);
	c->on_done = on_confirmed;
	request_submit(q, c);
}

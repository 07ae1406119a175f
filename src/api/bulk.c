/*
 * Reading in bulk: who opens many files of what is over or of the registry, or has many people
 * shown to them, within an hour waits for a second person. Never an alert that runs, nor a call to
 * 17 whose number says whose it is: those are always given, and of one that says nothing the first
 * people that are looked for. In memory: a restart begins anew, the lines stay; what was identified
 * for a call is counted in the journal (service/emergency_calls.c).
 */
#include "api/api_private.h"

#include "base/limits.h"
#include "core/access.h"
#include "service/json.h"

enum { HOUR_MS = 3600 * 1000, DAY_MS = 24 * HOUR_MS };

struct tally {
	struct id ids[LIMIT_LISTED_AN_HOUR];
	unsigned count;
};

struct opened {
	struct tally tallies[BULK_KINDS];
	int64_t since_ms;    /* monotonic: the first of them; held: when that was */
	int64_t held_at_ms;  /* TIME_NONE: it is not */
	enum bulk held_kind; /* what there was too much of */
	bool is_written;
	char name[LIMIT_NAME_BYTES + 1];
};

/* People that were shown for a call that says nothing of who calls. */
struct searched {
	struct tally people;
	int64_t since_ms; /* monotonic */
};

_Static_assert(LIMIT_FILES_AN_HOUR <= LIMIT_LISTED_AN_HOUR &&
		       LIMIT_PEOPLE_AN_HOUR <= LIMIT_LISTED_AN_HOUR &&
		       LIMIT_PEOPLE_A_CALL <= LIMIT_LISTED_AN_HOUR,
	       "a tally holds each of them");

static const struct {
	unsigned most;
	const char *name, *text;
} kinds[BULK_KINDS] = {
	[BULK_FILES] = {LIMIT_FILES_AN_HOUR, "files",
			"Vous avez ouvert 100 dossiers en une heure : la suite attend qu'un "
			"auditeur ou un administrateur le confirme. Les alertes en cours et les "
			"appels restent ouverts."},
	[BULK_PEOPLE] = {LIMIT_PEOPLE_AN_HOUR, "people",
			 "Vos recherches ont montré 100 personnes en une heure : la suite attend "
			 "qu'un auditeur ou un administrateur le confirme. Les alertes en cours et "
			 "les appels restent ouverts."},
	[BULK_LISTED] = {LIMIT_LISTED_AN_HOUR, "listed",
			 "Vos listes ont montré 300 inscriptions en une heure : la suite attend "
			 "qu'un auditeur ou un administrateur le confirme. Les alertes en cours et "
			 "les appels restent ouverts."},
	/* Counted elsewhere. */
	[BULK_CALL] = {0, "call", NULL},
};

void bulk_answer_held(struct request *q, enum bulk kind)
{
	answer_problem(q, PROBLEM_TOO_MANY, str_from(kinds[kind].text), STR_NONE);
}

static void begin_anew(struct opened *o, int64_t now_ms)
{
	*o = (struct opened){.since_ms = now_ms, .held_at_ms = TIME_NONE};
}

static struct opened *opened_by(struct api *a, struct id account, int64_t now_ms)
{
	struct opened *o = map_get(&a->opened, account);

	if (!o) {
		o = xcalloc(1, sizeof(*o));
		begin_anew(o, now_ms);
		map_set(&a->opened, account, o);
	} else if (now_ms - o->since_ms > (o->held_at_ms == TIME_NONE ? HOUR_MS : DAY_MS)) {
		begin_anew(o, now_ms);
	}
	return o;
}

/* False: one too many. */
static bool add(struct tally *t, unsigned most, struct id id)
{
	for (unsigned i = 0; i < t->count; i++)
		if (id_eq(t->ids[i], id))
			return true;
	if (t->count >= most)
		return false;
	t->ids[t->count++] = id;
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

static void hold(struct request *q, struct opened *o, enum bulk kind)
{
	if (o->held_at_ms == TIME_NONE) {
		o->held_at_ms = clock_now_ms();
		o->since_ms = clock_monotonic_ms();
		o->held_kind = kind;
		snprintf(o->name, sizeof(o->name), "%.*s", STR_FMT(q->who.name));
	}
	if (!o->is_written)
		write_down(q, o);
}

bool bulk_is_held(struct request *q, enum bulk kind, const struct id *ids, unsigned count)
{
	struct opened *o = opened_by(q->api, q->who.id, clock_monotonic_ms());

	for (unsigned i = 0; i < count; i++) {
		if (add(&o->tallies[kind], kinds[kind].most, ids[i]))
			continue;
		hold(q, o, kind);
		return true;
	}
	return false;
}

void bulk_hold_call(struct request *q)
{
	hold(q, opened_by(q->api, q->who.id, clock_monotonic_ms()), BULK_CALL);
}

/* Calls are over a day later. */
static void forget_searched(struct api *a, int64_t now_ms)
{
	struct id call;
	void *searched;

	for (size_t at = 0; map_next(&a->searched, &at, &call, &searched);) {
		if (now_ms - ((struct searched *)searched)->since_ms <= DAY_MS)
			continue;
		free(map_remove(&a->searched, call));
		at = 0;
	}
}

static struct searched *searched_for(struct api *a, struct id call)
{
	struct searched *s = map_get(&a->searched, call);
	int64_t now_ms = clock_monotonic_ms();

	if (s)
		return s;
	forget_searched(a, now_ms);
	s = xcalloc(1, sizeof(*s));
	s->since_ms = now_ms;
	map_set(&a->searched, call, s);
	return s;
}

bool bulk_is_held_of_call(struct request *q, struct id call, const struct id *ids, unsigned count)
{
	struct searched *s = searched_for(q->api, call);
	bool passes = true, held = bulk_is_held(q, BULK_PEOPLE, ids, count);

	for (unsigned i = 0; i < count; i++)
		passes &= add(&s->people, LIMIT_PEOPLE_A_CALL, ids[i]);
	return held && !passes;
}

void bulk_free(struct api *a)
{
	struct id account;
	void *opened;

	for (size_t at = 0; map_next(&a->opened, &at, &account, &opened);)
		free(opened);
	for (size_t at = 0; map_next(&a->searched, &at, &account, &opened);)
		free(opened);
	map_fini(&a->opened);
	map_fini(&a->searched);
}

/* --- the second person */

static bool may_confirm(struct request *q)
{
	if (access_allows(q->who.roles, RIGHT_CONFIRM_READING, RELATION_NONE))
		return true;
	answer_problem(q, PROBLEM_FORBIDDEN,
		       STR("Votre rôle ne permet pas de confirmer des lectures."), STR_NONE);
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
		json_word(&b, "what", kinds[o->held_kind].name);
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

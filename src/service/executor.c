/* The executor: see executor.h and architecture.md, "The one way everything goes". */
#include "service/executor.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>

#include "base/limits.h"
#include "base/log.h"
#include "base/queue.h"
#include "base/thread.h"
#include "core/date.h"
#include "service/atlas.h"
#include "service/directory.h"
#include "service/flood.h"
#include "service/house_time.h"
#include "service/json.h"
#include "service/ladder_change.h"
#include "service/problem.h"
#include "service/work.h"
#include "store/date.h"
#include "store/links.h"

/*
 * In the order they are served. What became of an SMS, and what devices say of themselves, waits a
 * little for company when nothing else is there: one commit serves many. That a known watch is
 * still there waits longer, and for whatever comes.
 */
enum { LANE_HELP, LANE_PEOPLE, LANE_MESSAGES, LANE_FLOW, LANE_IDLE, LANES };
enum { COMPANY_MS = 2, MESSAGES_COMPANY_MS = 10, IDLE_COMPANY_MS = 1000 };
/* The same command of the same actor is a repeat. */
enum { REPEAT_MS = 24 * 3600 * 1000 };

struct service {
	struct service_options options;
	struct service_hooks hooks;
	struct vault *vault;
	struct directory *directory;
	struct flood *flood;
	struct queue *queue;
	unsigned taken; /* from the queue; the executor's */
	struct date_guard date;
	_Atomic bool doubts_date;
	bool doubt_is_told;
	pthread_t thread;
	bool running;
	_Atomic uint64_t commands, commits, refused, failed, repeated, longest_commit_us;
};

static const struct {
	work_handler *handle;
	int lane;
} verbs[VERB_COUNT] = {
	[VERB_REPORT] = {handle_report, LANE_FLOW},
	[VERB_VOICE] = {handle_voice, LANE_FLOW},
	[VERB_ALERT] = {handle_alert, LANE_PEOPLE},
	[VERB_TEST_ALERT] = {handle_test_alert, LANE_PEOPLE},
	[VERB_TIMER] = {handle_timer, LANE_PEOPLE},
	[VERB_LINK] = {handle_link, LANE_PEOPLE},
	[VERB_TERM] = {handle_term, LANE_PEOPLE},
	[VERB_MESSAGE] = {handle_message, LANE_MESSAGES},
	[VERB_RECEIPT] = {handle_receipt, LANE_MESSAGES},
	[VERB_INBOUND] = {handle_inbound, LANE_PEOPLE},
	[VERB_SESSION_OPEN] = {handle_session_open, LANE_PEOPLE},
	[VERB_SESSION_CLOSE] = {handle_session_close, LANE_PEOPLE},
	[VERB_FACTOR_BEGIN] = {handle_factor_begin, LANE_PEOPLE},
	[VERB_FACTOR_CONFIRM] = {handle_factor_confirm, LANE_PEOPLE},
	[VERB_SESSION_REFUSED] = {handle_session_refused, LANE_FLOW},
	[VERB_READ] = {handle_read, LANE_PEOPLE},
	[VERB_ENROLMENT] = {handle_enrolment, LANE_PEOPLE},
	[VERB_EXPORTED] = {handle_exported, LANE_PEOPLE},
	[VERB_BULK] = {handle_bulk, LANE_PEOPLE},
	[VERB_KEEP] = {handle_keep, LANE_PEOPLE},
	[VERB_RECORDED] = {handle_recorded, LANE_FLOW},
	/* A code may be the one given under duress. */
	[VERB_CODE] = {handle_code, LANE_HELP},
	[VERB_PINS] = {handle_pins, LANE_PEOPLE},
	[VERB_SWITCH] = {handle_switch, LANE_PEOPLE},
	[VERB_LOCATION] = {handle_location, LANE_PEOPLE},
	[VERB_CALL] = {handle_call, LANE_PEOPLE},
	[VERB_ANNOUNCE] = {handle_announce, LANE_PEOPLE},
	[VERB_EXTEND] = {handle_extend, LANE_HELP},
	[VERB_MERGE] = {handle_merge, LANE_PEOPLE},
	[VERB_HANDOVER] = {handle_handover, LANE_PEOPLE},
	[VERB_HOUSEKEEPING] = {handle_housekeeping, LANE_FLOW},
	[VERB_ADMIN] = {handle_admin, LANE_PEOPLE},
};

static unsigned lane_of(const struct command *c)
{
	if (c->verb == VERB_REPORT && (c->as.report.call_for_help || c->as.report.malformed))
		return LANE_HELP;
	if (c->verb == VERB_REPORT && c->as.report.can_wait)
		return LANE_IDLE;
	/* Thousands of them, one behind the other. */
	if (c->verb == VERB_ADMIN && str_starts(c->name, STR("import.")))
		return LANE_FLOW;
	return (unsigned)verbs[c->verb].lane;
}

/* Not when a whole group is there: what comes in faster than groups are made must not pile up. */
static void wait_for_company(struct service *s, const struct command *first)
{
	unsigned lane = lane_of(first);

	if (lane == LANE_IDLE && queue_len(s->queue) < LIMIT_COMMIT_GROUP)
		queue_wait(s->queue, LANE_IDLE, IDLE_COMPANY_MS);
	/* Nobody waits for what became of an SMS; but whatever waits behind it may be a device. */
	if (lane >= LANE_MESSAGES)
		queue_wait(s->queue, LANE_MESSAGES,
			   lane == LANE_MESSAGES && !queue_len(s->queue) ? MESSAGES_COMPANY_MS
									 : COMPANY_MS);
}

struct publication_draft *work_entry(struct work *w, struct command *command, enum entry_kind kind,
				     struct id subject, struct id target, struct id dossier,
				     struct str body)
{
	if (w->entry_count == w->entry_cap) {
		w->entry_cap = w->entry_cap ? w->entry_cap * 2 : 64;
		w->entries = xrealloc(w->entries, w->entry_cap * sizeof(*w->entries));
		w->drafts = xrealloc(w->drafts, w->entry_cap * sizeof(*w->drafts));
	}
	w->entries[w->entry_count] = (struct entry){
		.at_ms = w->now_ms,
		.kind = kind,
		.subject = subject,
		.target = target,
		.actor_kind = command->actor.kind,
		.actor = command->actor.id,
		.dossier = dossier,
		.body = body,
	};
	w->drafts[w->entry_count] = (struct publication_draft){.command = command};
	return &w->drafts[w->entry_count++];
}

struct str work_keep(struct work *w, struct buf *b)
{
	struct str text = str_of(arena_copy(w->arena, b->ptr, b->len), b->len);

	buf_fini(b);
	return text;
}

struct str work_one_text(struct work *w, const char *key, struct str text)
{
	struct buf b = BUF_INIT;

	json_open(&b, NULL, '{');
	json_text(&b, key, text);
	json_close(&b, '}');
	return work_keep(w, &b);
}

int work_is_new(struct work *w, const struct command *command, struct str key, bool *ret_is_new,
		struct id *ret_made)
{
	*ret_is_new = true;
	if (!key.ptr)
		return 0;
	return seen_lookup(w->vault, command->actor.id, key, w->now_ms - REPEAT_MS, ret_is_new,
			   ret_made);
}

struct publication *publication_new(const struct publication_source *source)
{
	const struct entry *e = source->entry;
	bool is_call = entry_kind_class(e->kind) == ENTRY_CALL;
	struct publication *p;
	struct buf b = BUF_INIT;

	buf_reserve(&b, sizeof(*p) + e->body.len + source->card.len + 256);
	b.len = sizeof(*p);
	buf_add_byte(&b, '{');
	json_int(&b, "number", e->number);
	json_int(&b, "at", e->at_ms);
	json_word(&b, "kind", entry_kind_name(e->kind));
	json_id(&b, "alert", is_call ? ID_NONE : e->subject);
	json_open(&b, "actor", '{');
	json_word(&b, "kind", actor_kind_name(e->actor_kind));
	json_text(&b, "name", source->actor_name);
	json_close(&b, '}');
	json_raw(&b, "body", e->body.ptr ? e->body : STR("{}"));
	if (source->card.ptr)
		json_raw(&b, is_call ? "call" : "card", source->card);
	json_close(&b, '}');
	p = (struct publication *)(void *)b.ptr;
	*p = (struct publication){.epoch = e->epoch,
				  .number = e->number,
				  .kind = e->kind,
				  .alert = is_call ? ID_NONE : e->subject,
				  .room_count = source->room_count,
				  .json = str_of(b.ptr + sizeof(*p), b.len - sizeof(*p))};
	memcpy(p->rooms, source->rooms, source->room_count * sizeof(p->rooms[0]));
	return p;
}

static struct publication *publish(const struct entry *e, const struct publication_draft *d)
{
	struct publication_source source = {e, d->actor_name, d->card, d->rooms, d->room_count};

	return publication_new(&source);
}

void publication_free(struct publication *list)
{
	while (list) {
		struct publication *next = list->next;

		free(list);
		list = next;
	}
}

void batch_free(struct batch *batch)
{
	publication_free(batch->published);
	free(batch);
}

/* --- the date */

static void look_at_date(struct service *s, struct work *w, int64_t now_ms, int64_t boot_ms)
{
	w->now_ms = now_ms;
	w->boot_ms = boot_ms;
	date_guard_begin(&s->date, now_ms, boot_ms);
	w->date_is_believed = date_is_believed(&s->date, now_ms, boot_ms);
	if (w->date_is_believed && s->doubt_is_told) {
		log_info("date.believed", "seen_ms=%lld", (long long)s->date.seen_ms);
		s->doubt_is_told = false;
	}
	w->doubt_is_told = s->doubt_is_told;
	w->date_seen_ms = s->date.seen_ms;
	atomic_store(&s->doubts_date, !w->date_is_believed);
}

static void take_date_over(struct service *s, const struct work *w)
{
	if (w->date_change == DATE_CONFIRMED) {
		s->date = (struct date_guard){w->now_ms, w->boot_ms};
		atomic_store(&s->doubts_date, false);
	} else if (w->date_change == DATE_DOUBTED) {
		log_error("date.doubted",
			  "ahead_ms=%lld of=\"the latest that was believed\" "
			  "hint=\"set the clock, or egidectl clock confirm\"",
			  (long long)(w->now_ms - s->date.seen_ms));
		s->doubt_is_told = true;
	}
}

bool service_believes_date(const struct service *s)
{
	return !atomic_load(&s->doubts_date);
}

/* --- one group */

/* How long a group takes more commands in; what just missed it waits for its end. */
enum { SLICE_US = 3000 };

struct group {
	struct command *commands[LIMIT_COMMIT_GROUP];
	size_t count;
	bool urgent;          /* it holds a call for help */
	struct service *more; /* whose queue it takes them from; NULL: it is complete */
};

static void work_reset(struct work *w)
{
	w->entry_count = 0;
	w->outbox_changed = w->lane_changed = false;
	w->date_change = DATE_SAME;
	w->soonest_deadline_ms = INT64_MAX;
	arena_fini(w->arena);
}

/*
 * The most urgent lane first, but one turn in five is another's: who floods the lane of calls for
 * help with false ones stops neither the operators' hands nor the ladder.
 */
static struct command *take(struct service *s, bool only_help)
{
	static const struct {
		bool set_aside;
		unsigned lane;
	} turns[16] = {
		[7] = {true, LANE_PEOPLE}, [11] = {true, LANE_MESSAGES}, [15] = {true, LANE_FLOW}};
	unsigned turn = s->taken++ % ARRAY_LEN(turns);
	struct command *c =
		turns[turn].set_aside ? queue_try_pop_lane(s->queue, turns[turn].lane) : NULL;

	if (c)
		return c;
	return only_help ? queue_try_pop_lane(s->queue, LANE_HELP) : queue_try_pop(s->queue);
}

static void add(struct group *g, struct command *c)
{
	g->commands[g->count++] = c;
	g->urgent |= lane_of(c) == LANE_HELP;
}

/* A call for help waits for nothing but other calls, and for whose turn it is. */
static bool take_one(struct group *g, int64_t until_us)
{
	struct command *c = NULL;

	if (g->more && g->count < LIMIT_COMMIT_GROUP && clock_monotonic_us() < until_us)
		c = take(g->more, g->urgent);
	if (c)
		add(g, c);
	return c;
}

/* What comes in meanwhile shares the commit, the most urgent first. */
static int handle_all(struct work *w, struct group *g)
{
	int64_t until_us = clock_monotonic_us() + SLICE_US;

	for (size_t i = 0; i < g->count || take_one(g, until_us); i++) {
		struct command *c = g->commands[i];
		int r;

		c->outcome = (struct outcome){0};
		r = verbs[c->verb].handle(w, c);
		if (r)
			return r;
	}
	return 0;
}

static int try_commit(struct service *s, struct work *w, struct group *g)
{
	int64_t before_us;
	int r = db_begin(w->db);

	if (r)
		return r;
	r = handle_all(w, g);
	if (!r && w->entry_count)
		r = journal_append(w->vault, w->entries, w->entry_count);
	before_us = clock_monotonic_us();
	if (!r)
		r = db_commit(w->db);
	if (r) {
		db_rollback(w->db);
		vault_forget_new_keys(w->vault);
		directory_reload(s->directory, w->vault);
		return r;
	}
	vault_wipe_destroyed(w->vault);
	before_us = clock_monotonic_us() - before_us;
	if ((uint64_t)before_us > atomic_load(&s->longest_commit_us))
		atomic_store(&s->longest_commit_us, (uint64_t)before_us);
	atomic_fetch_add(&s->commits, 1);
	take_date_over(s, w);
	return 0;
}

/* What was committed, as the loop will hand it on. */
static struct batch *batch_of(struct service *s, struct work *w, struct command **commands,
			      size_t count)
{
	struct batch *batch = xcalloc(1, sizeof(*batch));
	struct publication **last = &batch->published;
	struct command **done = &batch->done;

	for (size_t i = 0; i < w->entry_count; i++) {
		struct command *c = w->drafts[i].command;

		c->outcome.number = w->entries[i].number;
		if (!i)
			batch->before = w->entries[i].number - 1;
		batch->epoch = w->entries[i].epoch;
		batch->number = w->entries[i].number;
		if (!w->drafts[i].room_count)
			continue;
		*last = publish(&w->entries[i], &w->drafts[i]);
		last = &(*last)->next;
	}
	for (size_t i = 0; i < count; i++) {
		struct outcome *o = &commands[i]->outcome;

		atomic_fetch_add(&s->commands, 1);
		atomic_fetch_add(o->problem == PROBLEM_UNAVAILABLE ? &s->failed : &s->refused,
				 o->problem != 0);
		atomic_fetch_add(&s->repeated, o->repeated);
		commands[i]->done_us = clock_monotonic_us();
		*done = commands[i];
		done = &commands[i]->next;
	}
	*done = NULL;
	batch->outbox_changed = w->outbox_changed;
	batch->soonest_deadline_ms = w->soonest_deadline_ms;
	batch->lane_changed = w->lane_changed;
	return batch;
}

static void deliver(struct service *s, struct work *w, struct command **commands, size_t count)
{
	s->hooks.on_batch(s->hooks.context, batch_of(s, w, commands, count));
	work_reset(w);
}

static void fail(struct service *s, struct work *w, struct command *c, int error)
{
	log_error("storage.failed", "verb=%d error=%d text=\"%s\"", c->verb, error,
		  db_error_text(w->db));
	work_reset(w);
	c->outcome = (struct outcome){0};
	command_refuse(c, error_problem(error),
		       "L'enregistrement est momentanément impossible : rien n'a été fait.");
	deliver(s, w, &c, 1);
}

/* The connection was lost: a new one, and what the directory may have missed. */
static int reconnect(struct service *s, struct work *w)
{
	int r = db_reopen(w->db);

	return r ? r : directory_reload(s->directory, s->vault);
}

static void fail_all(struct service *s, struct work *w, struct command **commands, size_t count,
		     int error)
{
	for (size_t i = 0; i < count; i++)
		fail(s, w, commands[i], error);
}

/*
 * A group that failed is tried again one by one, so that one command's failure (or a full disk)
 * never spoils its neighbours. This is what savepoints would give, without their cost on every
 * command: decisions refuse before they write, so a rollback is the rare case.
 */
static void run_group(struct service *s, struct work *w, struct group *g)
{
	int r = try_commit(s, w, g);

	if (!r) {
		deliver(s, w, g->commands, g->count);
		return;
	}
	if (g->count == 1 && r != -EPIPE && r != -EBUSY) {
		fail(s, w, g->commands[0], r);
		return;
	}
	for (size_t i = 0; i < g->count; i++) {
		struct group one = {.commands = {g->commands[i]}, .count = 1};

		work_reset(w);
		if (r == -EPIPE && (r = reconnect(s, w))) {
			/* No database: one attempt for all of them. */
			fail_all(s, w, g->commands + i, g->count - i, r);
			return;
		}
		r = try_commit(s, w, &one);
		if (r)
			fail(s, w, g->commands[i], r);
		else
			deliver(s, w, &g->commands[i], 1);
	}
}

/* Where things are does not change within a group. */
static void run_with_atlas(struct service *s, struct work *w, struct group *g)
{
	w->atlas = atlas_hold(s->options.atlas_shelf);
	run_group(s, w, g);
	atlas_release(w->atlas);
	w->atlas = NULL;
}

static struct work work_for(struct service *s, struct arena *arena)
{
	return (struct work){.vault = s->vault,
			     .db = vault_db(s->vault),
			     .ladder = &s->options.ladder,
			     .options = &s->options,
			     .arena = arena,
			     .soonest_deadline_ms = INT64_MAX,
			     .directory = s->directory,
			     .flood = s->flood};
}

static void *run(void *arg)
{
	struct service *s = arg;
	struct arena arena = ARENA_INIT;
	struct work w = work_for(s, &arena);
	struct command *first;
	bool told = false;

	thread_introduce("executor", THREAD_PROMPT);
	while ((first = take(s, false)) || (first = queue_pop(s->queue, -1))) {
		struct group g = {.more = s};

		add(&g, first);
		wait_for_company(s, first);
		if (house_time_follow(s->vault, &told))
			w.soonest_deadline_ms = 0;
		look_at_date(s, &w, clock_now_ms(), clock_boot_ms());
		run_with_atlas(s, &w, &g);
	}
	free(w.entries);
	free(w.drafts);
	arena_fini(&arena);
	return NULL;
}

void service_run_now(struct service *s, struct command *command, int64_t now_ms)
{
	service_run_at(s, command, now_ms, now_ms);
}

void service_run_at(struct service *s, struct command *command, int64_t now_ms, int64_t boot_ms)
{
	struct group g = {.commands = {command}, .count = 1};
	struct arena arena = ARENA_INIT;
	struct work w = work_for(s, &arena);

	look_at_date(s, &w, now_ms, boot_ms);
	run_with_atlas(s, &w, &g);
	free(w.entries);
	free(w.drafts);
	arena_fini(&arena);
}

int service_open(const struct service_options *options, const struct keyring *ring,
		 const struct service_hooks *hooks, struct service **ret_service)
{
	struct service *s = xcalloc(1, sizeof(*s));
	int r = vault_open(options->database_url, DB_WRITER, ring, &s->vault);

	if (r) {
		log_error("database.open_failed", "error=%d", r);
		free(s);
		return r;
	}
	r = db_migrate(vault_db(s->vault));
	if (!r)
		r = vault_init(s->vault, clock_now_ms());
	s->date.boot_ms = TIME_NONE;
	if (!r)
		r = date_seen_load(s->vault, &s->date.seen_ms);
	if (!r)
		r = directory_load(s->vault, &s->directory);
	if (r) {
		log_error("database.start_failed", "error=%d text=\"%s\"", r,
			  db_error_text(vault_db(s->vault)));
		vault_close(s->vault);
		free(s);
		return r;
	}
	s->options = *options;
	s->hooks = *hooks;
	s->flood = flood_new(options->unverified_per_minute);
	s->queue = queue_new(LANES, LIMIT_QUEUE_COMMANDS);
	*ret_service = s;
	return 0;
}

int service_follow_ladder(struct service *s)
{
	struct arena arena = ARENA_INIT;
	struct work w = work_for(s, &arena);
	int r;

	w.now_ms = clock_now_ms();
	r = ladder_follow(&w);
	if (r)
		log_error("ladder.failed", "error=%d text=\"%s\"", r, db_error_text(w.db));
	arena_fini(&arena);
	return r;
}

int service_start(struct service *s)
{
	int r;

	house_time_start(s->vault);
	r = pthread_create(&s->thread, NULL, run, s);
	s->running = !r;
	return -r;
}

void service_stop(struct service *s)
{
	queue_close(s->queue);
	if (s->running)
		pthread_join(s->thread, NULL);
	s->running = false;
}

void service_close(struct service *s)
{
	if (!s)
		return;
	service_stop(s);
	queue_free(s->queue);
	flood_free(s->flood);
	directory_free(s->directory);
	vault_close(s->vault);
	free(s);
}

int service_submit(struct service *s, struct command *command)
{
	command->queued_us = clock_monotonic_us();
	return queue_push(s->queue, lane_of(command), command);
}

struct vault *service_vault(struct service *s)
{
	return s->vault;
}

void service_figures(struct service *s, struct service_figures *ret_figures)
{
	*ret_figures = (struct service_figures){
		.commands = atomic_load(&s->commands),
		.commits = atomic_load(&s->commits),
		.refused = atomic_load(&s->refused),
		.failed = atomic_load(&s->failed),
		.repeated = atomic_load(&s->repeated),
		.queue_len = queue_len(s->queue),
		.longest_commit_us = atomic_exchange(&s->longest_commit_us, 0),
	};
}

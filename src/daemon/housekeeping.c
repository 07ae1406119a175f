/*
 * Twice a minute, and as the server starts: what is kept only for a while goes. The database first
 * (service/housekeeping.c); then, on a reader's thread because megabytes are overwritten, the
 * recordings that it says are deleted.
 */
#include <errno.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/log.h"
#include "daemon/server_private.h"
#include "service/keeping.h"
#include "store/track_erase.h"

/* What is over is gone within a minute. */
enum { HOUSEKEEPING_MS = 30000 };

struct eraser {
	struct job job;
	struct server *s;
	bool has_more; /* than one command forgets: the next does not wait for its turn */
	int error;
};

static enum track_fate fate_of(void *context, struct id alert)
{
	struct keeping keeping;
	int r = keeping_load(context, alert, &keeping);

	if (r && r != -ENOENT)
		return TRACK_STAYS_ASIDE;
	return !r && keeping.state == KEEPING_DELETED ? TRACK_IS_CONDEMNED : TRACK_GOES_BACK;
}

static void erase(struct job *job, struct reader *reader)
{
	struct eraser *e = (struct eraser *)(void *)job;
	int judged = track_judge_all(e->s->sound_folder, fate_of, reader_vault(reader));
	int erased = track_erase_all(e->s->sound_folder);

	e->error = judged ? judged : erased;
}

static void on_time(void *arg);

static void on_erased(void *arg)
{
	struct eraser *e = arg;

	if (e->error)
		log_error("sound.erase_failed", "error=%d", e->error);
	e->s->is_keeping_house = false;
	if (e->has_more)
		on_time(e->s);
	free(e);
}

/* What is set aside is judged only once all is committed: never both at the same time. */
static void erase_recordings(struct server *s)
{
	struct eraser *e = xcalloc(1, sizeof(*e));

	*e = (struct eraser){{erase, on_erased}, s, s->has_forgotten, 0};
	if (e->has_more)
		db_wipe_log(vault_db(service_vault(s->service)));
	if (!readers_submit(s->readers, &e->job))
		return;
	s->is_keeping_house = false;
	free(e);
}

static const char *category_name(int category)
{
	return category == RETENTION_KINDS ? "-" : retention_rows[category].category;
}

static void on_category(struct command *c)
{
	struct server *s = c->context;
	int category = c->as.house.category;
	const struct outcome *o = &c->outcome;

	s->keeping[category] = (struct category_kept){
		.skip = o->problem ? 0 : o->stayed,
		.failing = o->problem ? 1 : (unsigned)o->failed,
	};
	if (s->keeping[category].failing)
		log_error("retention.failed", "category=%s count=%u", category_name(category),
			  s->keeping[category].failing);
	s->has_forgotten |= !o->problem && o->forgot;
	command_free(c);
	if (!--s->categories_waiting)
		erase_recordings(s);
}

static void submit(struct server *s, int category)
{
	struct command *c = command_new(VERB_HOUSEKEEPING, (struct actor){.kind = ACTOR_SYSTEM});

	c->as.house.category = category;
	c->as.house.skip = s->keeping[category].skip;
	c->context = s;
	c->on_done = on_category;
	if (service_submit(s->service, c))
		command_free(c);
	else
		s->categories_waiting++;
}

static void on_time(void *arg)
{
	struct server *s = arg;

	/* What is being exported stays until it is: a minute more. */
	if (s->is_keeping_house || api_is_exporting(s->api))
		return;
	s->has_forgotten = false;
	for (int i = 0; i <= RETENTION_KINDS; i++)
		submit(s, i);
	s->is_keeping_house = s->categories_waiting > 0;
}

unsigned housekeeping_failing(const struct server *s)
{
	unsigned count = 0;

	for (int i = 0; i <= RETENTION_KINDS; i++)
		count += s->keeping[i].failing;
	return count;
}

static int adopt(void *context, struct id alert)
{
	struct server *s = context;
	int r = keeping_adopt(service_vault(s->service), s->sound_days, clock_now_ms(), alert);

	return r == -ENOENT ? 0 : r;
}

void housekeeping_prepare(struct server *s)
{
	int r = track_judge_all(s->sound_folder, fate_of, service_vault(s->service));

	/* One recording that stays aside must not keep the server from starting. */
	if (r)
		log_error("sound.put_back_failed", "error=%d", r);
	r = track_each(s->sound_folder, adopt, s);
	if (r)
		log_error("sound.adopt_failed", "error=%d", r);
}

void housekeeping_start(struct server *s)
{
	s->housekeeping = timer_start(s->loop, HOUSEKEEPING_MS, true, on_time, s);
	on_time(s);
}

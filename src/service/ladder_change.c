/* The ladder was edited: see ladder_change.h. */
#include "service/ladder_change.h"

#include "base/log.h"
#include "service/case.h"
#include "service/json.h"
#include "store/ladder_steps.h"

struct open_list {
	struct id *alerts;
	size_t count, cap;
};

static int keep(void *context, struct id alert)
{
	struct open_list *list = context;

	if (list->count == list->cap) {
		list->cap = list->cap ? list->cap * 2 : 64;
		list->alerts = xrealloc(list->alerts, list->cap * sizeof(*list->alerts));
	}
	list->alerts[list->count++] = alert;
	return 0;
}

/* The step that is none fires nothing; the deadline is armed again, and the alert written. */
static int carry_over(struct work *w, struct command *command, struct id alert,
		      const struct ladder *before)
{
	struct alert_command event = {.event = EVENT_TIMER_LADDER, .step = -1};
	struct case_file c;
	int r = case_load(w, alert, &c);

	if (!r) {
		c.alert.climbed = ladder_carry_over(c.alert.climbed, before, w->ladder);
		r = case_apply(w, command, &c, &event, STR_NONE);
	}
	arena_fini(w->arena);
	return r;
}

static int carry_over_all(struct work *w, const struct ladder *before)
{
	struct command *command = command_new(VERB_TIMER, (struct actor){.kind = ACTOR_SYSTEM});
	struct open_list open = {0};
	int r = alerts_open(w->vault, INT32_MAX, keep, &open);

	for (size_t i = 0; !r && i < open.count; i++)
		r = carry_over(w, command, open.alerts[i], before);
	if (!r)
		log_warning("ladder.changed", "steps=%u open_alerts=%zu", w->ladder->step_count,
			    open.count);
	free(open.alerts);
	command_free(command);
	return r;
}

static void write_steps(struct buf *b, const struct ladder *ladder)
{
	json_open(b, NULL, '{');
	json_word(b, "what", "ladder");
	json_open(b, "steps", '[');
	for (unsigned i = 0; i < ladder->step_count; i++) {
		json_open(b, NULL, '{');
		json_word(b, "name", ladder->steps[i].name);
		json_int(b, "after_s", ladder->steps[i].after_s);
		json_close(b, '}');
	}
	json_close(b, ']');
	json_close(b, '}');
}

static int write_line(struct work *w)
{
	struct buf b = BUF_INIT;
	struct entry entry = {.at_ms = w->now_ms,
			      .kind = ENTRY_CHANGED,
			      .actor_kind = ACTOR_SYSTEM,
			      .dossier = vault_house_key(w->vault)};
	int r;

	write_steps(&b, w->ladder);
	entry.body = buf_str(&b);
	r = journal_append(w->vault, &entry, 1);
	buf_fini(&b);
	return r;
}

/* A database that no server has run on yet knows no step: what it holds was climbed under these. */
static int change(struct work *w, const struct ladder *before)
{
	int r = before->step_count ? carry_over_all(w, before) : 0;

	if (!r)
		r = ladder_steps_replace(w->vault, w->ladder);
	return r || !before->step_count ? r : write_line(w);
}

int ladder_follow(struct work *w)
{
	struct ladder before;
	int r = ladder_steps_load(w->vault, &before);

	if (r || ladder_climbs_alike(&before, w->ladder))
		return r;
	r = db_begin(w->db);
	if (!r)
		r = change(w, &before);
	if (!r)
		r = db_commit(w->db);
	if (r && db_in_transaction(w->db))
		db_rollback(w->db);
	return r;
}

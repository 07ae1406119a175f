/* Alerts of one event: see merges.h, and core/alert_merge.c for what it means. */
#include "service/merges.h"

#include <errno.h>

#include "service/case.h"
#include "service/problem.h"
#include "store/links.h"

/* Devices that call in one event: a watch, a telephone, those of a household. */
enum { MERGED_MAX = 32 };

/* --- what follows */

struct following {
	struct work *w;
	struct command *command;
	const struct alert *parent;
};

static struct str closed_with(struct work *w, const struct alert *parent)
{
	struct buf b = BUF_INIT;

	buf_printf(&b, "Avec l'alerte n° %lld.", (long long)parent->ref);
	return work_keep(w, &b);
}

static int follow_one(void *context, struct id child)
{
	struct following *f = context;
	bool closed = !alert_is_open(f->parent);
	struct alert_command event = {.event = closed ? EVENT_CLOSE_WITH : EVENT_FOLLOW,
				      .by = f->parent->claimed_by,
				      .outcome = f->parent->outcome};
	struct case_file c;
	int r = case_load(f->w, child, &c);

	if (r || !alert_is_open(&c.alert))
		return r;
	r = case_apply(f->w, f->command, &c, &event,
		       closed ? closed_with(f->w, f->parent) : STR_NONE);
	return r ? r : case_finish(f->w, f->command, &c);
}

int merges_follow(struct work *w, struct command *command, const struct alert *before,
		  const struct alert *alert)
{
	struct following f = {w, command, alert};
	struct outcome outcome = command->outcome;
	bool same = id_eq(before->claimed_by, alert->claimed_by) &&
		    alert_is_open(before) == alert_is_open(alert);
	int r;

	if (same || outcome.problem)
		return 0;
	r = alerts_merged_into(w->vault, alert->id, MERGED_MAX, follow_one, &f);
	command->outcome = outcome;
	return r;
}

/* --- merging */

static bool refuse(struct command *command, enum problem problem, const char *detail)
{
	command_refuse(command, problem, detail);
	return false;
}

static int count_one(void *context, struct id child)
{
	(*(int *)context)++;
	return 0;
}

/* Both sides are asked before anything is written. */
static bool both_may(struct work *w, struct command *command, const struct alert *into,
		     const struct alert_command *take_in, const struct alert *merged,
		     const struct alert_command *merge)
{
	enum refusal refusal = alert_may(into, take_in, w->ladder, w->now_ms);

	if (!refusal)
		refusal = alert_may(merged, merge, w->ladder, w->now_ms);
	return !refusal || refuse(command, refusal_problem(refusal), refusal_text(refusal));
}

static bool fit_together(struct command *command, const struct alert *into,
			 const struct alert *merged, int under_it)
{
	if (id_eq(into->id, merged->id))
		return refuse(command, PROBLEM_CONFLICT,
			      "Une alerte ne se regroupe pas avec elle-même.");
	if (into->test != merged->test)
		return refuse(command, PROBLEM_CONFLICT,
			      "Un essai ne se regroupe pas avec une alerte réelle.");
	if (under_it)
		return refuse(command, PROBLEM_CONFLICT,
			      "D'autres alertes sont regroupées sous celle-ci : séparez-les "
			      "d'abord.");
	/* Nobody known is not the same as nobody known. */
	if ((id_is_none(into->official) || !id_eq(into->official, merged->official)) &&
	    !command->text.len)
		return refuse(command, PROBLEM_REASON_NEEDED,
			      "Ces alertes ne sont pas celles de la même personne : dites "
			      "pourquoi vous les regroupez.");
	return true;
}

static struct alert_command event_of(const struct command *command, enum alert_event event,
				     const struct alert *other)
{
	return (struct alert_command){.event = event,
				      .by = command->actor.id,
				      .is_supervisor = access_allows(command->actor.roles,
								     RIGHT_ALERT_HANDLE_OTHERS,
								     RELATION_ROOM),
				      .target = other->id,
				      .ref = other->ref};
}

static int put(struct work *w, struct command *command, struct case_file *c,
	       const struct alert_command *event)
{
	int r = case_apply(w, command, c, event, command->text);

	return r ? r : case_finish(w, command, c);
}

static int merge(struct work *w, struct command *command, struct case_file *merged)
{
	struct alert_command take_in, merge, follow;
	struct case_file into;
	int under_it = 0;
	int r = case_load(w, command->as.merge.into, &into);

	if (r == -ENOENT)
		command_refuse(command, PROBLEM_NOT_FOUND, case_not_found);
	if (r || !case_may(command, &into.alert, RIGHT_ALERT_HANDLE))
		return r == -ENOENT ? 0 : r;
	r = alerts_merged_into(w->vault, merged->alert.id, MERGED_MAX, count_one, &under_it);
	take_in = event_of(command, EVENT_TAKE_IN, &merged->alert);
	take_in.no_call_back = merged->alert.silent;
	merge = event_of(command, EVENT_MERGE, &into.alert);
	follow = (struct alert_command){.event = EVENT_FOLLOW, .by = into.alert.claimed_by};
	if (r || !fit_together(command, &into.alert, &merged->alert, under_it) ||
	    !both_may(w, command, &into.alert, &take_in, &merged->alert, &merge))
		return r;
	r = put(w, command, &into, &take_in);
	merged->first_entry = w->entry_count;
	if (!r)
		r = case_apply(w, command, merged, &merge, command->text);
	return r ? r : put(w, command, merged, &follow);
}

static int unmerge(struct work *w, struct command *command, struct case_file *merged)
{
	struct alert_command apart, let_go = event_of(command, EVENT_LET_GO, &merged->alert);
	struct alert into = {.id = merged->alert.merged_into, .ref = merged->alert.merged_ref};
	struct case_file other;
	int r;

	apart = event_of(command, EVENT_UNMERGE, &into);
	r = put(w, command, merged, &apart);
	if (r || command->outcome.problem || id_is_none(into.id))
		return r;
	r = case_load(w, into.id, &other);
	if (!r && alert_is_open(&other.alert)) {
		struct outcome outcome = command->outcome;

		r = put(w, command, &other, &let_go);
		command->outcome = outcome;
	}
	return r == -ENOENT ? 0 : r;
}

int handle_merge(struct work *w, struct command *command)
{
	struct case_file c;
	struct id made;
	bool is_new;
	int r = case_load(w, command->subject, &c);

	if (r == -ENOENT)
		command_refuse(command, PROBLEM_NOT_FOUND, case_not_found);
	if (r || !case_may(command, &c.alert, RIGHT_ALERT_HANDLE))
		return r == -ENOENT ? 0 : r;
	r = work_is_new(w, command, command->key, &is_new, &made);
	if (r)
		return r;
	command->outcome.repeated = !is_new;
	if (!is_new)
		return case_finish(w, command, &c);
	r = id_is_none(command->as.merge.into) ? unmerge(w, command, &c) : merge(w, command, &c);
	if (!r && !command->outcome.problem && command->key.ptr)
		r = seen_insert(w->vault, command->actor.id, command->key, c.alert.id, w->now_ms);
	return r;
}

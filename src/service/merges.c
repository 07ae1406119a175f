/* Alerts of one event: see merges.h, and core/alert_merge.c for what it means. */
#include "service/merges.h"

#include <errno.h>

#include "service/keeping.h"
#include "service/problem.h"
#include "store/links.h"

static struct alert_command event_of(const struct command *command, enum alert_event event,
				     const struct alert *other)
{
	return (struct alert_command){.event = event,
				      .by = command->actor.id,
				      .is_supervisor = access_allows(command->actor.roles,
								     RIGHT_ALERT_HANDLE_OTHERS,
								     RELATION_ROOM),
				      .target = other->id,
				      .ref = other->ref,
				      .no_call_back = other->silent,
				      .rooms = other->rooms,
				      .room_count = other->room_count};
}

/* --- what follows */

struct following {
	struct work *w;
	struct command *command;
	const struct alert *first; /* those under it follow it */
	bool handed;
};

static struct str with_first(struct work *w, const struct alert *first)
{
	struct buf b = BUF_INIT;

	buf_printf(&b, "Avec l'alerte n° %lld.", (long long)first->ref);
	return work_keep(w, &b);
}

static int apply_to(struct following *f, struct id id, const struct alert_command *event)
{
	struct case_file c;
	int r = case_load(f->w, id, &c);

	if (!r)
		r = case_apply(f->w, f->command, &c, event, with_first(f->w, f->first));
	return r ? r : case_publish(f->w, f->command, &c);
}

static int end_one(void *context, struct id id)
{
	struct following *f = context;

	return apply_to(f, id,
			&(struct alert_command){.event = EVENT_CLOSE_WITH,
						.outcome = f->first->outcome,
						.has_text = true}); /* merges_may_close */
}

static int bring_one_back(void *context, struct id id)
{
	struct following *f = context;

	return apply_to(
		f, id,
		&(struct alert_command){.event = EVENT_REOPEN_WITH, .by = f->first->claimed_by});
}

static int follow_one(void *context, struct id id)
{
	struct following *f = context;
	struct alert_command share = event_of(f->command, EVENT_SHARE, f->first);
	struct alert_command follow = {.event = EVENT_FOLLOW, .by = f->first->claimed_by};
	struct case_file c;
	int r = case_load(f->w, id, &c);

	if (!r)
		r = case_apply(f->w, f->command, &c, &share, STR_NONE);
	if (!r && f->handed)
		r = case_apply(f->w, f->command, &c, &follow, STR_NONE);
	return r || f->w->entry_count == c.first_entry ? r : case_publish(f->w, f->command, &c);
}

/* Those under it; `before` is what they have followed of it. */
static int lead(struct work *w, struct command *command, const struct followed *before,
		const struct alert *first)
{
	struct following f = {w, command, first, !id_eq(before->claimed_by, first->claimed_by)};
	bool was_open = before->closed_at_ms == TIME_NONE, is_open = alert_is_open(first);
	bool shared = before->room_count != first->room_count || before->silent != first->silent;
	int r = 0;

	if (was_open && !is_open)
		return alerts_merged_into(w->vault, first->id, MERGED_MAX, end_one, &f);
	if (!was_open && is_open)
		r = alerts_closed_under(w->vault, first->id, before->closed_at_ms, MERGED_MAX,
					bring_one_back, &f);
	if (!r && is_open && (shared || f.handed))
		r = alerts_merged_into(w->vault, first->id, MERGED_MAX, follow_one, &f);
	return r;
}

/* The one it is under, or was until now; then all those under that one. */
static int tell_first(struct work *w, struct command *command, struct id first, bool parted,
		      const struct alert *alert)
{
	struct alert_command share = event_of(command, EVENT_SHARE, alert);
	struct alert_command let_go = event_of(command, EVENT_LET_GO, alert);
	struct case_file c;
	int r = case_load(w, first, &c);

	if (r || !alert_is_open(&c.alert))
		return r == -ENOENT ? 0 : r;
	r = case_apply(w, command, &c, &share, STR_NONE);
	if (!r && parted)
		r = case_apply(w, command, &c, &let_go, STR_NONE);
	if (!r && w->entry_count > c.first_entry)
		r = case_publish(w, command, &c);
	return r ? r : lead(w, command, &c.before, &c.alert);
}

static int follow(struct work *w, struct command *command, const struct followed *before,
		  const struct alert *alert)
{
	bool shared = before->room_count != alert->room_count || before->silent != alert->silent;
	bool parted = !id_is_none(before->merged_into) && id_is_none(alert->merged_into);

	if (parted)
		return tell_first(w, command, before->merged_into, true, alert);
	if (!id_is_none(alert->merged_into))
		return shared ? tell_first(w, command, alert->merged_into, false, alert) : 0;
	if (!shared && id_eq(before->claimed_by, alert->claimed_by) &&
	    before->closed_at_ms == alert->closed_at_ms)
		return 0;
	return lead(w, command, before, alert);
}

/* What a device or a deadline did to one, nobody did to another. */
int merges_follow(struct work *w, struct command *command, struct case_file *c)
{
	struct followed before = c->before;
	struct outcome outcome = command->outcome;
	struct actor actor = command->actor;
	int r;

	c->before = case_followed(&c->alert);
	if (!before.known || outcome.problem)
		return 0;
	if (actor.kind != ACTOR_ACCOUNT)
		command->actor = (struct actor){.kind = ACTOR_SYSTEM};
	r = follow(w, command, &before, &c->alert);
	command->actor = actor;
	command->outcome = outcome;
	return r;
}

/* --- closing */

struct closing {
	struct work *w;
	struct command *command;
};

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* As a number of its own: "12" does not name alert 1. */
static bool names(struct str text, int64_t ref)
{
	char number[24];
	size_t len = (size_t)snprintf(number, sizeof(number), "%lld", (long long)ref);

	for (size_t i = 0; i + len <= text.len; i++)
		if (!memcmp(text.ptr + i, number, len) && (i == 0 || !is_digit(text.ptr[i - 1])) &&
		    (i + len == text.len || !is_digit(text.ptr[i + len])))
			return true;
	return false;
}

static int ask_one(void *context, struct id id)
{
	struct closing *x = context;
	struct case_file c;
	struct alert_command event = {.event = EVENT_CLOSE_WITH,
				      .outcome = x->command->as.alert.outcome};
	char detail[200];
	int r = case_load(x->w, id, &c);

	if (r || x->command->outcome.problem)
		return r;
	event.has_text = names(x->command->text, c.alert.ref);
	if (alert_may(&c.alert, &event, x->w->ladder, x->w->now_ms) != REFUSAL_CALLED_AGAIN)
		return 0;
	snprintf(detail, sizeof(detail),
		 "L'alerte n° %d, regroupée sous celle-ci, a appelé de nouveau : nommez-la par "
		 "son numéro dans le texte de clôture, ou séparez-la.",
		 (int)c.alert.ref);
	command_refuse(x->command, refusal_problem(REFUSAL_CALLED_AGAIN), detail);
	return 0;
}

int merges_may_close(struct work *w, struct command *command, const struct alert *alert)
{
	struct closing x = {w, command};

	return alerts_merged_into(w->vault, alert->id, MERGED_MAX, ask_one, &x);
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

static int count_under(struct work *w, struct id alert, int *ret_count)
{
	*ret_count = 0;
	return alerts_merged_into(w->vault, alert, MERGED_MAX, count_one, ret_count);
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

/* Nobody known is not the same as nobody known. */
static bool are_of_one_person(const struct alert *a, const struct alert *b)
{
	return !id_is_none(a->official) && id_eq(a->official, b->official);
}

static bool fit_together(struct command *command, const struct alert *into,
			 const struct alert *merged)
{
	if (id_eq(into->id, merged->id))
		return refuse(command, PROBLEM_CONFLICT,
			      "Une alerte ne se regroupe pas avec elle-même.");
	if (into->test != merged->test)
		return refuse(command, PROBLEM_CONFLICT,
			      "Un essai ne se regroupe pas avec une alerte réelle.");
	if (!are_of_one_person(into, merged) && !command->text.len)
		return refuse(command, PROBLEM_REASON_NEEDED,
			      "Ces alertes ne sont pas celles de la même personne : dites "
			      "pourquoi vous les regroupez.");
	return true;
}

static int leave_room(struct work *w, struct command *command, const struct alert *into,
		      const struct alert *merged)
{
	int under_into, under_it;
	int r = count_under(w, into->id, &under_into);

	if (!r)
		r = count_under(w, merged->id, &under_it);
	if (!r && under_it)
		command_refuse(command, PROBLEM_CONFLICT,
			       "D'autres alertes sont regroupées sous celle-ci : séparez-les "
			       "d'abord.");
	else if (!r && under_into == MERGED_MAX)
		command_refuse(command, PROBLEM_CONFLICT,
			       "Trente-deux alertes sont déjà regroupées sous celle-là : c'est le "
			       "plus.");
	return r;
}

static int put(struct work *w, struct command *command, struct case_file *c,
	       const struct alert_command *event)
{
	int r = case_apply(w, command, c, event, command->text);

	return r || command->outcome.problem ? r : case_finish(w, command, c);
}

static int merge(struct work *w, struct command *command, struct case_file *merged)
{
	struct alert_command take_in, merge;
	struct case_file into;
	int r = case_load(w, command->as.merge.into, &into);

	if (r == -ENOENT)
		command_refuse(command, PROBLEM_NOT_FOUND, case_not_found);
	if (r || !case_may(command, &into.alert, RIGHT_ALERT_HANDLE))
		return r == -ENOENT ? 0 : r;
	take_in = event_of(command, EVENT_TAKE_IN, &merged->alert);
	merge = event_of(command, EVENT_MERGE, &into.alert);
	merge.holder = into.alert.claimed_by;
	merge.asks_same =
		are_of_one_person(&into.alert, &merged->alert) && alert_has_asked(&into.alert);
	if (!fit_together(command, &into.alert, &merged->alert) ||
	    !both_may(w, command, &into.alert, &take_in, &merged->alert, &merge))
		return 0;
	r = leave_room(w, command, &into.alert, &merged->alert);
	if (r || command->outcome.problem)
		return r;
	r = put(w, command, &into, &take_in);
	merged->first_entry = w->entry_count;
	if (!r)
		r = put(w, command, merged, &merge);
	return r || command->outcome.problem
		       ? r
		       : keeping_unite_event(w, command, &into.alert, &merged->alert);
}

static int unmerge(struct work *w, struct command *command, struct case_file *merged)
{
	struct alert into = {.id = merged->alert.merged_into, .ref = merged->alert.merged_ref};
	struct alert_command apart = event_of(command, EVENT_UNMERGE, &into);

	return put(w, command, merged, &apart);
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

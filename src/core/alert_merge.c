/*
 * Two alerts of one event: the second is handled under the first. Its device goes on speaking in
 * it, its sound and its lines stay its own, its links work; it no longer climbs, since the one it
 * is under does, and asks nobody where that one asks the same persons. Whoever has that one has
 * this one, and sees it. All of it can be taken back.
 */
#include "core/alert_parts.h"

void stand_alone(struct turn *turn)
{
	turn->alert->merged_into = ID_NONE;
	turn->alert->merged_ref = 0;
	turn->alert->calls_seen = 0;
}

/* Where one of them must not hear a sound, neither is called: they may stand side by side. */
static void be_as_silent(struct turn *turn)
{
	if (!turn->command->no_call_back || turn->alert->silent)
		return;
	turn->alert->silent = true;
	add_entry_of_itself(turn, ENTRY_SILENCED, ID_NONE);
}

/* Whoever may have one of them sees them all. */
static enum refusal share_rooms(struct turn *turn)
{
	const struct alert_command *c = turn->command;

	for (unsigned i = 0; i < c->room_count; i++)
		if (!alert_show(turn->alert, c->rooms[i]) &&
		    !alert_shown_to(turn->alert, c->rooms[i]))
			return REFUSAL_ROOMS;
	return REFUSAL_NONE;
}

enum refusal act_merge(struct turn *turn)
{
	struct alert *a = turn->alert;
	const struct alert_command *c = turn->command;

	if (!id_is_none(a->claimed_by) && !id_eq(a->claimed_by, c->by) && !c->is_supervisor)
		return REFUSAL_CLAIMED;
	if (share_rooms(turn))
		return REFUSAL_ROOMS;
	a->merged_into = c->target;
	a->merged_ref = c->ref;
	a->calls_seen = a->triggers;
	hold(turn, ENTRY_MERGED);
	if (!id_is_none(c->holder))
		a->claimed_by = c->holder;
	be_as_silent(turn);
	a->chain_rests = c->asks_same;
	if (a->chain_rests)
		clear_deadline(turn, TIMER_CONTACT, ID_NONE);
	return REFUSAL_NONE;
}

/* Help is nearer to nobody by it: the ladder is not held up. */
enum refusal act_take_in(struct turn *turn)
{
	if (share_rooms(turn))
		return REFUSAL_ROOMS;
	add_entry(turn, ENTRY_TOOK_IN, turn->command->target, 0);
	be_as_silent(turn);
	return REFUSAL_NONE;
}

/* Its ladder begins anew. */
enum refusal act_unmerge(struct turn *turn)
{
	struct alert *a = turn->alert;
	const struct alert_command *c = turn->command;

	if (id_is_none(a->merged_into))
		return REFUSAL_NOT_MERGED;
	if (!id_is_none(a->claimed_by) && !id_eq(a->claimed_by, c->by) && !c->is_supervisor)
		return REFUSAL_CLAIMED;
	stand_alone(turn);
	begin_anew(turn);
	a->acted_at_ms = TIME_NONE;
	hold(turn, ENTRY_UNMERGED);
	wake_chain(turn);
	return REFUSAL_NONE;
}

enum refusal act_let_go(struct turn *turn)
{
	add_entry(turn, ENTRY_LET_GO, turn->command->target, 0);
	return REFUSAL_NONE;
}

enum refusal act_follow(struct turn *turn)
{
	struct alert *a = turn->alert;

	if (id_is_none(a->merged_into))
		return REFUSAL_NOT_MERGED;
	if (id_eq(a->claimed_by, turn->command->by))
		return REFUSAL_NONE;
	if (!id_is_none(turn->command->by)) {
		hold(turn, ENTRY_TAKEN_OVER);
		return REFUSAL_NONE;
	}
	a->claimed_by = ID_NONE;
	a->claimed_at_ms = TIME_NONE;
	add_entry(turn, ENTRY_RELEASED, ID_NONE, 0);
	return REFUSAL_NONE;
}

/* A room that has no place sees the others: no more than that can be done for it. */
enum refusal act_share(struct turn *turn)
{
	const struct alert_command *c = turn->command;

	for (unsigned i = 0; i < c->room_count; i++)
		if (alert_show(turn->alert, c->rooms[i]))
			add_entry_of_itself(turn, ENTRY_SHOWN, c->rooms[i]);
	be_as_silent(turn);
	return REFUSAL_NONE;
}

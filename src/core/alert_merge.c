/*
 * Two alerts of one event: the second is handled under the first. Its device goes on speaking in
 * it, its sound and its lines stay its own, its links work; it no longer climbs and asks nobody,
 * since the one it is under does. Whoever has that one has this one. All of it can be taken back.
 */
#include "core/alert_parts.h"

void stand_alone(struct turn *turn)
{
	turn->alert->merged_into = ID_NONE;
	turn->alert->merged_ref = 0;
}

enum refusal act_merge(struct turn *turn)
{
	struct alert *a = turn->alert;
	const struct alert_command *c = turn->command;

	if (!id_is_none(a->claimed_by) && !id_eq(a->claimed_by, c->by) && !c->is_supervisor)
		return REFUSAL_CLAIMED;
	a->merged_into = c->target;
	a->merged_ref = c->ref;
	hold(turn, ENTRY_MERGED);
	clear_deadline(turn, TIMER_CONTACT, ID_NONE);
	return REFUSAL_NONE;
}

enum refusal act_take_in(struct turn *turn)
{
	/* Where one of them must not hear a sound, neither is called: they may stand side by side.
	 */
	turn->alert->silent |= turn->command->no_call_back;
	add_entry(turn, ENTRY_TOOK_IN, turn->command->target, 0);
	note_act_of_holder(turn);
	return REFUSAL_NONE;
}

/* Its ladder begins anew, and so does the waiting for whoever was asked. */
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
	resume_contacts(turn);
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

/*
 * The official's code asks for the end: see alert.c. It closes nothing: the room verifies, and
 * closes. The code given under duress looks the same to whoever watches, and calls more help.
 */
#include "core/alert_parts.h"

enum refusal act_end_asked(struct turn *turn)
{
	struct alert *a = turn->alert;

	if (a->ending == ENDING_NONE)
		a->ending = ENDING_ASKED;
	add_entry(turn, ENTRY_END_ASKED, ID_NONE, 0);
	return REFUSAL_NONE;
}

/* Said again it is a line, and calls nobody else: who repeats a code does not climb the ladder. */
enum refusal act_end_duress(struct turn *turn)
{
	struct alert *a = turn->alert;
	bool is_first = a->ending != ENDING_DURESS;

	a->ending = ENDING_DURESS;
	a->silent = true;
	add_entry(turn, ENTRY_END_DURESS, ID_NONE, 0);
	/* Help is called for this one: it is handled, seen and closed by itself from now on. */
	if (!id_is_none(a->merged_into)) {
		stand_alone(turn);
		add_entry_of_itself(turn, ENTRY_UNMERGED, ID_NONE);
		wake_chain(turn);
	}
	if (is_first)
		climb_now(turn);
	else
		arm_ladder(turn);
	return REFUSAL_NONE;
}

/* On an alert that is open it is one reason more: whether something may be heard near the person
 * was decided by who knew more. */
enum refusal act_visit_missed(struct turn *turn)
{
	turn->alert->reasons |= turn->command->reasons;
	if (id_is_none(turn->alert->phone))
		turn->alert->phone = turn->command->phone;
	add_entry(turn, ENTRY_VISIT_MISSED, ID_NONE, 0);
	return REFUSAL_NONE;
}

enum refusal act_end_refused(struct turn *turn)
{
	add_entry(turn, ENTRY_END_REFUSED, ID_NONE, turn->command->step);
	return REFUSAL_NONE;
}

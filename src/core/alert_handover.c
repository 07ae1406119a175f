/*
 * The end of a shift: who has an alert offers it, another accepts it, or it goes back to where it
 * came from. Between the two it is still the first one's, for a while; then it climbs as if nobody
 * had it: at no moment has nobody an alert that does not climb.
 */
#include "core/alert_parts.h"

enum refusal act_offer(struct turn *turn)
{
	struct alert *a = turn->alert;

	if (a->offered_at_ms != TIME_NONE)
		return REFUSAL_NONE;
	a->offered_at_ms = turn->now_ms;
	a->climbed = 0; /* whom the steps called once, they call again if nobody comes */
	add_entry(turn, ENTRY_OFFERED, ID_NONE, 0);
	arm_ladder(turn);
	return REFUSAL_NONE;
}

enum refusal act_offer_withdraw(struct turn *turn)
{
	struct alert *a = turn->alert;

	if (a->offered_at_ms == TIME_NONE)
		return REFUSAL_NONE;
	a->offered_at_ms = TIME_NONE;
	add_entry(turn, ENTRY_OFFER_WITHDRAWN, ID_NONE, 0);
	arm_ladder(turn);
	return REFUSAL_NONE;
}

enum refusal act_accept(struct turn *turn)
{
	struct alert *a = turn->alert;

	if (id_eq(a->claimed_by, turn->command->by))
		return REFUSAL_YOURS;
	if (a->offered_at_ms == TIME_NONE)
		return REFUSAL_NOT_OFFERED;
	hold(turn, ENTRY_ACCEPTED);
	return REFUSAL_NONE;
}

/* What was climbed and done counts no more, as when it is reopened; units go on. */
enum refusal act_release(struct turn *turn)
{
	struct alert *a = turn->alert;

	a->claimed_by = ID_NONE;
	a->claimed_at_ms = a->acted_at_ms = a->offered_at_ms = TIME_NONE;
	begin_anew(turn);
	add_entry(turn, ENTRY_RELEASED, ID_NONE, 0);
	arm_ladder(turn);
	return REFUSAL_NONE;
}

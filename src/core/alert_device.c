/*
 * The device in an alert: asked for something, not heard for a while, heard again: see alert.c.
 * While the alert is open a deadline comes round: at each, whoever carries it out asks the device
 * for its position again, since what a device was asked for ends by itself.
 *
 * A telephone that reports each five minutes is not lost and found each time: whenever a lost
 * device comes back by itself, twice the silence is needed for it to be lost again.
 */
#include "core/alert_parts.h"

enum { MOST_DOUBLINGS = 4 };

static int64_t round_ms(const struct turn *turn)
{
	return turn->ladder->device_silent_s * 1000LL;
}

static int64_t silence_ms(const struct turn *turn)
{
	unsigned losses = turn->alert->device_losses;

	return round_ms(turn) << (losses < MOST_DOUBLINGS ? losses : MOST_DOUBLINGS);
}

/* An alert that a call opened has none. */
void arm_device(struct turn *turn, int64_t heard_at_ms)
{
	if (id_is_none(turn->alert->device))
		return;
	set_deadline(turn, TIMER_DEVICE, ID_NONE, 0, heard_at_ms + round_ms(turn));
}

/* A question put to a machine is nothing done about the alert: the ladder is not held up. */
enum refusal act_device_asked(struct turn *turn)
{
	add_entry(turn, ENTRY_DEVICE_ASKED, ID_NONE, 0);
	return REFUSAL_NONE;
}

enum refusal act_device_unreached(struct turn *turn)
{
	add_entry(turn, ENTRY_DEVICE_UNREACHED, ID_NONE, 0);
	return REFUSAL_NONE;
}

enum refusal act_device_heard(struct turn *turn)
{
	if (!alert_is_open(turn->alert) || !turn->alert->device_lost)
		return REFUSAL_NONE;
	turn->alert->device_lost = false;
	turn->alert->device_losses++;
	add_entry(turn, ENTRY_DEVICE_BACK, ID_NONE, 0);
	arm_device(turn, turn->now_ms);
	return REFUSAL_NONE;
}

enum refusal act_timer_device(struct turn *turn)
{
	struct alert *a = turn->alert;
	int64_t heard_at_ms = turn->command->heard_at_ms;

	if (!alert_is_open(a))
		return REFUSAL_NONE;
	if (heard_at_ms == TIME_NONE || heard_at_ms < a->ladder_from_ms)
		heard_at_ms = a->ladder_from_ms;
	if (turn->now_ms < heard_at_ms + round_ms(turn)) {
		arm_device(turn, heard_at_ms);
		return REFUSAL_NONE;
	}
	if (!a->device_lost && turn->now_ms >= heard_at_ms + silence_ms(turn)) {
		a->device_lost = true;
		add_entry(turn, ENTRY_DEVICE_LOST, ID_NONE, 0);
	}
	arm_device(turn, turn->now_ms);
	return REFUSAL_NONE;
}

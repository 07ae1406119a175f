/* What operators do with the sound of an alert: lines of its timeline, see alert.c. */
#include "core/alert_parts.h"

/* Listening is nothing done about the alert: the ladder is not held up. */
enum refusal act_sound_listened(struct turn *turn)
{
	add_entry(turn, ENTRY_SOUND_LISTENED, ID_NONE, 0);
	return REFUSAL_NONE;
}

enum refusal act_sound_left(struct turn *turn)
{
	add_entry(turn, ENTRY_SOUND_LEFT, ID_NONE, 0);
	return REFUSAL_NONE;
}

/* As a note is. */
enum refusal act_sound_marked(struct turn *turn)
{
	add_entry(turn, ENTRY_SOUND_MARKED, ID_NONE, 0);
	note_act_of_holder(turn);
	return REFUSAL_NONE;
}

/* I6: nothing is heard near a silent device. */
enum refusal act_talk_began(struct turn *turn)
{
	if (turn->alert->silent)
		return REFUSAL_SILENT;
	add_entry(turn, ENTRY_TALK_BEGAN, ID_NONE, 0);
	note_act(turn);
	return REFUSAL_NONE;
}

enum refusal act_talk_ended(struct turn *turn)
{
	add_entry(turn, ENTRY_TALK_ENDED, ID_NONE, 0);
	return REFUSAL_NONE;
}

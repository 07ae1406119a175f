/* Inside core/: one turn of the alert machine, and the action of each event. */
#ifndef CORE_ALERT_PARTS_H
#define CORE_ALERT_PARTS_H

#include "core/alert.h"

/* What an action sees: a copy of the alert to change, the event, and where to write what was
 * decided. */
struct turn {
	struct alert *alert;
	const struct alert_command *command;
	const struct ladder *ladder;
	int64_t now_ms;
	struct decision *decision;
};

bool dispatch_is_live(const struct dispatch *d);

typedef enum refusal alert_action(struct turn *turn);

alert_action act_raise, act_trigger, act_paint, act_claim, act_take_over, act_note, act_called,
	act_close, act_reopen, act_timer_test;
alert_action act_close_with, act_reopen_with;
/* core/alert_merge.c */
alert_action act_merge, act_take_in, act_unmerge, act_let_go, act_follow, act_share;
/* core/alert_handover.c */
alert_action act_offer, act_offer_withdraw, act_accept, act_release;
/* core/alert_device.c */
alert_action act_device_asked, act_device_unreached, act_device_heard, act_timer_device;
/* core/alert_sound.c */
alert_action act_sound_listened, act_sound_left, act_sound_marked, act_talk_began, act_talk_ended;
/* core/alert_ending.c */
alert_action act_end_asked, act_end_duress, act_end_refused, act_visit_missed;
/* core/alert_climb.c */
alert_action act_timer_ladder, act_duty_message;
/* core/alert_people.c */
alert_action act_dispatch, act_unit_received, act_unit_en_route, act_unit_arrived,
	act_unit_declined, act_unit_cancel, act_timer_unit;
alert_action act_contact_answered, act_contact_ask, act_link_revoke, act_timer_contact, act_message;

void add_entry(struct turn *turn, enum entry_kind kind, struct id target, int step);
/* The same, of what nobody did: it follows from what somebody did. */
void add_entry_of_itself(struct turn *turn, enum entry_kind kind, struct id target);
void add_effect(struct turn *turn, struct effect effect);
void set_deadline(struct turn *turn, enum timer_kind timer, struct id target, int step,
		  int64_t due_at_ms);
void clear_deadline(struct turn *turn, enum timer_kind timer, struct id target);
/* From now on it is the command's account that has it. */
void hold(struct turn *turn, enum entry_kind kind);
/* Handled under no other from now on. */
void stand_alone(struct turn *turn);
/* Nobody has seen it, nothing was climbed: what the ladder knows of a new one. */
void begin_anew(struct turn *turn);
/* The ladder's deadline follows from the alert alone: called whenever what it follows from changes.
 */
void arm_ladder(struct turn *turn);
/* Whoever the next step calls is called now, whatever has been done about the alert. */
void climb_now(struct turn *turn);
/* Something was done about it: the steps that wait for an act are over. */
void note_act(struct turn *turn);
void note_act_of_holder(struct turn *turn);

/* core/alert_device.c: the device is waited for from now on. */
void arm_device(struct turn *turn, int64_t heard_at_ms);

/* core/alert_people.c */
bool message_has_not_left(enum message_state message);
enum entry_kind message_entry(enum message_state state); /* from MESSAGE_ACCEPTED on */
void forget_contacts(struct alert *a);                   /* nobody was asked anything yet */
/* No longer at rest: who was asked is waited for again, the whole time, or the next one is asked.
 */
void wake_chain(struct turn *turn);
void ask_next_contact(struct turn *turn); /* the first trusted person not asked yet, if any */
void end_dispatches(
	struct turn *turn); /* units on their way are called back, those there are done */
void end_links(struct alert *a);

#endif

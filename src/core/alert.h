/*
 * The alert: from the trigger to the end, as a table. Pure: state, event and time in, entries
 * and effects out. The diagram and the table are in alert.c; the ladder's times are data
 * (definitions/ladder.json, core/ladder.h).
 */
#ifndef CORE_ALERT_H
#define CORE_ALERT_H

#include "base/clock.h"
#include "base/id.h"
#include "core/entry.h"
#include "core/ladder.h"

enum alert_state { ALERT_RAISED, ALERT_CLAIMED, ALERT_ENGAGED, ALERT_ON_SCENE, ALERT_CLOSED };
enum { ALERT_STATES = 5 };

enum alert_outcome {
	OUTCOME_NONE,
	OUTCOME_INTERVENTION,
	OUTCOME_VERIFIED_SAFE,
	OUTCOME_FALSE_ALARM,
	OUTCOME_TEST,
	OUTCOME_DUPLICATE,
	OUTCOME_OTHER, /* needs a text */
	OUTCOME_COUNT,
};

enum dispatch_state {
	DISPATCH_SENT,
	DISPATCH_RECEIVED,
	DISPATCH_EN_ROUTE,
	DISPATCH_ARRIVED,
	DISPATCH_DECLINED,
	DISPATCH_CANCELLED,
	DISPATCH_STATES,
};

/* Where a message to a trusted person or a unit stands; only a human answer is an answer. */
enum message_state {
	MESSAGE_NONE, /* not asked yet */
	MESSAGE_QUEUED,
	MESSAGE_ACCEPTED, /* by the SMS gateway */
	MESSAGE_SENT,     /* by the operator's centre */
	MESSAGE_DELIVERED,
	MESSAGE_FAILED,
	MESSAGE_STATES,
};

/* Nobody but the room ends an alert: what the official's code says of it (docs/protocol/phone.md).
 */
enum alert_ending {
	ENDING_NONE,
	ENDING_ASKED,  /* the official says that they are safe: to be verified */
	ENDING_DURESS, /* they were forced to say so; nothing takes that back */
};

enum { ALERT_MAX_DISPATCHES = 12, ALERT_MAX_CONTACTS = 6, ALERT_MAX_ROOMS = 8 };

struct dispatch {
	struct id id, unit;
	enum dispatch_state state;
	enum message_state message;
	bool silent; /* no receipt in time: said once */
	bool late;   /* its SMS did not leave in time, or failed: said once */
	int64_t sent_at_ms, received_at_ms, en_route_at_ms, arrived_at_ms, ended_at_ms;
	bool changed;
};

/* A trusted person in this alert. They accepted the role beforehand, or they are not here. */
struct reach {
	struct id contact;
	int rank;
	enum message_state message;
	int64_t asked_at_ms, answered_at_ms; /* TIME_NONE */
	int attempts;
	bool silent; /* did not answer in time, or could not be reached: no longer waited for */
	bool late;   /* their SMS did not leave in time: the next one was asked, they are waited for
			all the same */
	bool link_revoked; /* by the room, or by the end of the alert; who lost their link is not
			      "on it" */
	bool changed;
};

struct alert {
	struct id id;
	int64_t ref; /* the number people say aloud */
	enum alert_state state;
	bool test, silent;
	struct id official, device, unit;
	struct id phone; /* whose microphone was opened last in it; ID_NONE: there is no sound */
	struct id rooms[ALERT_MAX_ROOMS]; /* who sees it; the first is the competent one */
	unsigned room_count;
	uint32_t reasons;         /* bits of the device's alarms */
	bool device_lost;         /* not heard for longer than its silences of this alert allow */
	unsigned device_losses;   /* how often it was lost and came back since ladder_from_ms */
	enum alert_ending ending; /* what the official's code said, as far as it still counts */
	bool duty_failed;         /* the last that is known of an SMS to the duty officer */
	int64_t raised_at_ms, device_at_ms, last_trigger_at_ms;
	int64_t triggers;
	int64_t ladder_from_ms; /* raised, or reopened */
	int64_t painted_at_ms, acted_at_ms;
	struct id claimed_by;
	int64_t claimed_at_ms;
	struct id merged_into; /* shown and handled under that alert; ID_NONE: stands alone */
	int64_t merged_ref;    /* its number */
	int64_t calls_seen;    /* of `triggers`, by whoever merged it, or let it come back */
	bool chain_rests;      /* nobody is asked: the one it is under asks the same persons */
	int64_t chain_from_ms; /* whom it asked before it rested is waited for from then on;
				  TIME_NONE */
	int64_t offered_at_ms; /* who has it leaves, and wants it taken over; TIME_NONE */
	int level;             /* steps of the ladder climbed */
	uint32_t climbed;      /* bit n: step n of the ladder has fired (ladder_carry_over) */
	int64_t closed_at_ms;
	bool closing_changed; /* closed or reopened since it was written down */
	enum alert_outcome outcome;
	struct dispatch dispatches[ALERT_MAX_DISPATCHES];
	unsigned dispatch_count;
	struct reach contacts[ALERT_MAX_CONTACTS];
	unsigned contact_count;
	int64_t version;
};

enum alert_event {
	EVENT_RAISE,
	EVENT_TRIGGER, /* the device calls again */
	EVENT_PAINT,   /* a console has the alert on a visible screen */
	EVENT_CLAIM,
	EVENT_TAKE_OVER,
	EVENT_OFFER,          /* who has it wants it taken over: the end of a shift */
	EVENT_OFFER_WITHDRAW, /* and no longer */
	EVENT_ACCEPT,         /* somebody takes what is offered */
	EVENT_RELEASE,        /* nobody has it from now on: it climbs as a new one does */
	EVENT_MERGE,          /* it is handled under the alert `target` from now on */
	EVENT_TAKE_IN,        /* the other one's line of it */
	EVENT_UNMERGE,        /* it stands alone again, in the hands of who said so */
	EVENT_LET_GO,         /* the other one's line of it */
	EVENT_FOLLOW,         /* `by` has the alert it is under; ID_NONE: nobody */
	EVENT_SHARE,          /* another of its event is shown to more rooms, or silent */
	EVENT_CLOSE_WITH,     /* the alert it is under was closed */
	EVENT_REOPEN_WITH,    /* and comes back, in the hands of `by` */
	EVENT_DISPATCH,
	EVENT_UNIT_RECEIVED,
	EVENT_UNIT_EN_ROUTE,
	EVENT_UNIT_ARRIVED,
	EVENT_UNIT_DECLINED,
	EVENT_UNIT_CANCEL,
	EVENT_NOTE,
	EVENT_CALLED, /* a call to 17 of the official belongs to it */
	EVENT_CLOSE,
	EVENT_REOPEN,
	EVENT_CONTACT_ANSWERED,
	EVENT_CONTACT_ASK, /* the operator wants this trusted person asked now */
	EVENT_LINK_REVOKE,
	EVENT_DEVICE_ASKED,     /* a command is to be sent to the device */
	EVENT_DEVICE_UNREACHED, /* it could not be sent */
	EVENT_DEVICE_HEARD,     /* by whatever it said */
	EVENT_END_ASKED,        /* with the official's code */
	EVENT_END_DURESS,       /* with the one they give under duress */
	EVENT_END_REFUSED,      /* with a code that is neither */
	EVENT_VISIT_MISSED,     /* nothing was heard at the end of a visit announced beforehand */
	EVENT_MESSAGE,          /* what became of an SMS */
	EVENT_DUTY_MESSAGE,     /* of one to the duty officer of the competent room, the target */
	EVENT_SOUND_LISTENED,   /* an account listens to the live sound */
	EVENT_SOUND_LEFT,       /* and no longer */
	EVENT_SOUND_MARKED,     /* an account marks a moment of the sound */
	EVENT_TALK_BEGAN,       /* who holds it talks to the person */
	EVENT_TALK_ENDED,
	EVENT_TIMER_LADDER,
	EVENT_TIMER_CONTACT,
	EVENT_TIMER_UNIT,
	EVENT_TIMER_DEVICE,
	EVENT_TIMER_TEST, /* a test that a device asked for has lasted long enough */
	EVENT_COUNT,
};

/* What happened, to which part of the alert, by whom. */
struct alert_command {
	enum alert_event event;
	struct id by;       /* account for what operators do */
	bool is_supervisor; /* may close or act on what another has claimed */
	bool no_call_back;  /* the device is a silent one */
	struct id phone;  /* EVENT_RAISE, EVENT_TRIGGER, EVENT_VISIT_MISSED: the device, if it sends
			     sound */
	bool ends_itself; /* EVENT_RAISE: a test that no operator asked for, nor has to close */
	struct id target; /* new dispatch id, dispatch, contact, by event */
	struct id unit;   /* EVENT_DISPATCH */
	int64_t ref;      /* EVENT_MERGE: the number of the target */
	/* EVENT_MERGE, EVENT_TAKE_IN, EVENT_SHARE: who sees the other one; borrowed. Whether it
	 * is silent is no_call_back. */
	const struct id *rooms;
	unsigned room_count;
	struct id holder; /* EVENT_MERGE: who has the target; ID_NONE: `by` */
	bool asks_same;   /* EVENT_MERGE: the target has begun to ask the same persons */
	int step; /* EVENT_TIMER_LADDER; EVENT_END_REFUSED: wrong codes since the last right one */
	enum message_state message; /* EVENT_MESSAGE, EVENT_DUTY_MESSAGE */
	enum alert_outcome outcome;
	uint32_t reasons; /* EVENT_RAISE, EVENT_TRIGGER, EVENT_VISIT_MISSED */
	int64_t device_at_ms;
	int seconds; /* EVENT_DEVICE_ASKED: the interval asked for; EVENT_SOUND_LEFT: how
			long it was listened to */
	uint32_t epoch, sequence; /* EVENT_SOUND_MARKED: the frame */
	int64_t heard_at_ms; /* EVENT_TIMER_DEVICE: when the device was last heard; TIME_NONE */
	bool by_call;        /* EVENT_RAISE: an operator opens it for who calls 17 */
	bool has_text;       /* a note, a reason, a text of closing was given; EVENT_CLOSE_WITH:
				one that names this alert */
};

/* Effects: rows of the same transaction. */
enum effect_kind {
	EFFECT_MESSAGE_CONTACT, /* target: contact id */
	EFFECT_MESSAGE_UNIT,    /* target: dispatch id */
	EFFECT_MESSAGE_DUTY,    /* to the duty officer of the room the step names */
	EFFECT_SHOW_ROOM,       /* the step's target room sees the alert from now on */
	EFFECT_DEADLINE_SET,    /* timer kind, target, due */
	EFFECT_DEADLINE_CLEAR,  /* timer kind, target (ID_NONE: all of that kind) */
	EFFECT_LINK_REVOKE,     /* target: contact id */
	EFFECT_LINKS_END,       /* every link of the alert */
	EFFECT_MESSAGES_CANCEL, /* what is still queued and unsent, for the target or (ID_NONE) for
				   the alert */
};

enum timer_kind {
	TIMER_LADDER,
	TIMER_CONTACT,
	TIMER_UNIT,
	TIMER_DEVICE,
	TIMER_TEST,
	TIMER_KINDS,
	TIMER_VISIT = 32, /* of a visit (core/visit.h), not of an alert; stored, as the others */
	TIMER_TERM = 33,  /* of a registration (core/term.h) */
};

struct effect {
	enum effect_kind kind;
	struct id target;
	enum ladder_target room; /* EFFECT_SHOW_ROOM, EFFECT_MESSAGE_DUTY */
	enum timer_kind timer;
	int step;
	int64_t due_at_ms;
};

struct draft {
	enum entry_kind kind;
	struct id target; /* dispatch, contact, room; what the sentence of the timeline is about */
	int step;
	bool of_itself; /* nobody did this: it follows from what somebody did */
};

enum { DECISION_MAX_ENTRIES = 12, DECISION_MAX_EFFECTS = 24 };

struct decision {
	struct draft entries[DECISION_MAX_ENTRIES];
	unsigned entry_count;
	struct effect effects[DECISION_MAX_EFFECTS];
	unsigned effect_count;
};

/* Why an event is refused; the edge turns it into a problem of the API and a French sentence. */
enum refusal {
	REFUSAL_NONE,
	REFUSAL_CLOSED,         /* the alert is closed */
	REFUSAL_NOT_CLOSED,     /* reopening what is open */
	REFUSAL_CLAIMED,        /* somebody has claimed it: take over */
	REFUSAL_NOT_CLAIMED,    /* claim it first */
	REFUSAL_YOURS,          /* taking over what is already yours */
	REFUSAL_REASON_NEEDED,  /* more than the free time after the claim */
	REFUSAL_TEXT_NEEDED,    /* a note, or the outcome "other" */
	REFUSAL_UNKNOWN_TARGET, /* no such dispatch or contact in this alert */
	REFUSAL_UNIT_ALREADY,   /* that unit is already on its way */
	REFUSAL_FULL,           /* no more units can be added */
	REFUSAL_STEP_BACK,      /* a unit that arrived does not go back to "en route" */
	REFUSAL_MERGED,         /* it is handled under another */
	REFUSAL_NOT_MERGED,
	REFUSAL_ROOMS,        /* together they would be shown to more rooms than can be */
	REFUSAL_CALLED_AGAIN, /* since it is under another: whoever closes says so */
	REFUSAL_NOT_OFFERED,  /* who has it keeps it */
	REFUSAL_ON_IT,        /* this trusted person has answered already */
	REFUSAL_SILENT,       /* nothing may be heard near the person */
	REFUSAL_COUNT,
};

/*
 * Applies the event to *alert and fills *ret_decision. On a refusal *alert is unchanged. A refusal
 * of a timer or of a repeated report (painted twice, received twice) is not an error: REFUSAL_NONE
 * with no entry in the decision; a timer that came early or twice still has an effect then: its
 * deadline is armed again. EVENT_RAISE takes an alert that is zero but for its identity, rooms,
 * device, and its contacts' ids and ranks.
 */
enum refusal alert_apply(struct alert *alert, const struct alert_command *command,
			 const struct ladder *ladder, int64_t now_ms,
			 struct decision *ret_decision);

/* Whether the event would be refused now, and why: for the page's greyed buttons. */
enum refusal alert_may(const struct alert *alert, const struct alert_command *command,
		       const struct ladder *ladder, int64_t now_ms);

bool alert_is_open(const struct alert *alert);
bool alert_shown_to(const struct alert *alert, struct id room);
/* Whether it was added: the room did not see it, and there was a place. */
bool alert_show(struct alert *alert, struct id room);
/* How often it called since it is under another; 0 when it stands alone. */
int64_t alert_calls_unseen(const struct alert *alert);
/* Whether somebody was asked in it, whatever became of that. */
bool alert_has_asked(const struct alert *alert);
struct dispatch *alert_dispatch(struct alert *alert, struct id id);  /* NULL */
struct reach *alert_contact(struct alert *alert, struct id contact); /* NULL */

/* What the card warns of: bits, in the order of the API's list. */
enum alert_warning {
	WARNING_SMS_UNSENT = 1u << 0,
	WARNING_SMS_FAILED = 1u << 1,
	WARNING_CONTACT_SILENT = 1u << 2,
	WARNING_UNIT_SILENT = 1u << 3,
	WARNING_UNIT_DECLINED = 1u << 4,
	WARNING_NOT_PAINTED = 1u << 5,
	WARNING_NOT_CLAIMED = 1u << 6,
	WARNING_DEVICE_LOST = 1u << 7,
	WARNING_END_ASKED = 1u << 8,
	WARNING_DURESS = 1u << 9,
};
uint32_t alert_warnings(const struct alert *alert, const struct ladder *ladder, int64_t now_ms);

/* Names as the API and the tables write them; parse gives -EINVAL. */
const char *alert_state_name(enum alert_state state);
const char *dispatch_state_name(enum dispatch_state state);
const char *message_state_name(enum message_state state);
const char *alert_outcome_name(enum alert_outcome outcome);
int alert_outcome_parse(struct str name, enum alert_outcome *ret_outcome);

#endif

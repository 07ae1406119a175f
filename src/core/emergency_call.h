/*
 * A call to 17, from the first ring to its wrap-up. Pure: state, event and time in, the kind of
 * entry out. Whose call it is, and that it is over, follow from what happened: a call nobody took
 * never leaves the list by itself; one that was answered ends with its line when its number is
 * nobody's and who has it did not keep it.
 */
#ifndef CORE_EMERGENCY_CALL_H
#define CORE_EMERGENCY_CALL_H

#include "base/clock.h"
#include "base/id.h"
#include "core/entry.h"

struct emergency_call {
	struct id id, room;
	int64_t rang_at_ms, answered_at_ms, ended_at_ms; /* TIME_NONE: not (yet) */
	struct id claimed_by;                            /* account */
	int64_t claimed_at_ms;
	int64_t offered_at_ms; /* who has it leaves, and wants it taken over; TIME_NONE */
	bool withheld;         /* the switch was given no number */
	bool kept;             /* who has it wraps it up, whoever it concerns */
	unsigned matches;      /* officials who have this number, counted once it is taken */
	struct id official;    /* whose call it is: the only match, or who was chosen */
	struct id alert;       /* it opened or joined */
	int64_t closed_at_ms;
	int64_t version;
};

enum call_state { CALL_RINGING, CALL_MISSED, CALL_TALKING, CALL_ENDED, CALL_CLOSED, CALL_STATES };

enum call_event {
	CALL_RANG,     /* the switch: it rings */
	CALL_ANSWERED, /* the switch: an extension took it (`by`: its account, or nobody known) */
	CALL_HUNG_UP,  /* the switch: the line is free */
	CALL_CLAIM,    /* an operator, by a key; who has it already keeps it */
	CALL_OFFER,    /* who holds it: the end of a shift, somebody takes it over */
	CALL_WITHDRAW, /* and no longer */
	CALL_ACCEPT,   /* an operator takes what is offered */
	CALL_IDENTIFY, /* who holds it: it is `official` who calls; ID_NONE: none of them */
	CALL_EXPIRE,   /* a day later it is no call any more */
	CALL_LOCATED,  /* the telephone said where it is */
	CALL_JOIN,     /* who holds it: it belongs to `alert` */
	CALL_CLOSE,    /* who holds it: done; what follows is said, with a note */
	CALL_EVENTS,
};

/* What comes of a call, as its wrap-up says. */
enum call_follow {
	FOLLOW_UNSAID,
	FOLLOW_JOIN, /* the open alert of who called has it: CALL_JOIN comes first */
	FOLLOW_OPEN, /* an alert is opened, unless one is open meanwhile: CALL_JOIN comes first */
	FOLLOW_NONE, /* no alert */
};

struct call_step {
	enum call_event event;
	struct id by; /* account */
	bool is_supervisor;
	unsigned matches;          /* CALL_ANSWERED, CALL_CLAIM */
	struct id official, alert; /* the only match, or as chosen */
	enum call_follow follow;   /* CALL_CLOSE, and these: */
	bool has_text;
	bool gone; /* who called is not registered any more */
};

enum call_refusal {
	CALL_REFUSAL_NONE,
	CALL_REFUSAL_CLOSED,
	CALL_REFUSAL_TAKEN, /* by somebody else */
	CALL_REFUSAL_NOT_TAKEN,
	CALL_REFUSAL_NOT_OFFERED,
	CALL_REFUSAL_UNSAID, /* somebody registered called: an alert follows, or none does */
	CALL_REFUSAL_WHY,    /* none follows: the note says why */
	CALL_REFUSAL_COUNT,
};

enum call_state call_state_of(const struct emergency_call *call);
const char *call_state_name(enum call_state state);

/*
 * Applies the step to *call; *ret_kind is the entry it makes, ENTRY_NONE when it changes nothing
 * (the switch says a thing twice, or late). On a refusal *call is unchanged. CALL_RANG takes a call
 * that has its identity and room, and all times TIME_NONE.
 */
enum call_refusal call_apply(struct emergency_call *call, const struct call_step *step,
			     int64_t now_ms, enum entry_kind *ret_kind);
/* What it would say; the call is left as it is. */
enum call_refusal call_may(const struct emergency_call *call, const struct call_step *step,
			   int64_t now_ms);

#endif

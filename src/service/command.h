/*
 * A command: what an edge makes of bytes, and what the executor answers. Made on any thread,
 * handed to the executor, given back to its maker's on_done. Values and ids only; everything it
 * points to lives in its own arena.
 */
#ifndef SERVICE_COMMAND_H
#define SERVICE_COMMAND_H

#include "base/alloc.h"
#include "base/clock.h"
#include "base/id.h"
#include "core/alert.h"
#include "core/emergency_call.h"
#include "core/entry.h"

/* Who sends it, and what they may: decided by core/access when it is carried out. */
struct actor {
	enum actor_kind kind;
	struct id id;   /* account, device, contact, dispatch (ACTOR_UNIT) */
	uint32_t roles; /* ACTOR_ACCOUNT */
	struct id room; /* ACTOR_ACCOUNT */
};

enum verb {
	VERB_REPORT,     /* a device said something */
	VERB_VOICE,      /* a part of a voice clip of a device: `report`, `voice`, `text`, `name` */
	VERB_ALERT,      /* an event of the alert machine on `subject` */
	VERB_TEST_ALERT, /* by an operator, or by the device itself: of the device `subject` */
	VERB_TIMER,      /* a deadline is due */
	VERB_LINK,       /* by the holder of a link: `token`, an event of the alert machine */
	VERB_MESSAGE,    /* what became of an outbox row: `subject`, `message` */
	VERB_RECEIPT,    /* a receipt of the SMS centre: `subject`, `bits` */
	VERB_INBOUND,    /* an SMS came in: `text`, `number`, `key` */
	VERB_SESSION_OPEN,    /* the password was right: `subject` account, `token`; `text`: the
				 token it replaces */
	VERB_SESSION_CLOSE,   /* `token`, or all of the account when it is empty */
	VERB_SESSION_REFUSED, /* a login was refused: a line of the audit, nothing else */
	VERB_FACTOR_BEGIN,   /* the password was right: a second factor for the account `subject` */
	VERB_FACTOR_CONFIRM, /* it gave `factor.code`: as VERB_SESSION_OPEN from now on */
	VERB_READ,           /* somebody read `subject` and `read`: lines of the audit */
	VERB_EXPORTED,       /* somebody takes `subject`, or lines, away as evidence: `text`, why */
	VERB_BULK,      /* `subject` opened many files: held, or by another confirmed: `text` */
	VERB_KEEP,      /* the sound of `subject` is to be sealed, or not any more: `text` */
	VERB_RECORDED,  /* the recording of `subject` is whole: `text`, its roots (JSON) */
	VERB_ADMIN,     /* accounts, officials, contacts, devices, units: `name` + `text` (JSON) */
	VERB_ENROLMENT, /* a telephone: `token`, the code of the counter */
	VERB_CODE,      /* a telephone: the official's code, `code` */
	VERB_PINS,      /* a telephone: the official chooses their codes, `code` */
	VERB_SWITCH,    /* the telephone switch: `key` names the call; `number`, `text`: the line,
			   `name`: the extension */
	VERB_LOCATION,  /* where the telephone `number` is that calls 17 */
	VERB_CALL,      /* an operator, with the call `subject`; `text`: a note */
	VERB_MERGE, /* an operator: the alert `subject` is handled under another, or not any more */
	VERB_HANDOVER,     /* an operator: all that they have is offered, or not any more */
	VERB_ANNOUNCE,     /* a telephone: a visit, `text` the place, `name` the person, `code` */
	VERB_EXTEND,       /* a telephone: the visit lasts longer, `code` */
	VERB_TERM,         /* the holder of a link about a registration: `token`, their answer */
	VERB_HOUSEKEEPING, /* forgets what is kept for a while only, of one category */
	VERB_COUNT,
};

/* What a device said, already out of its protocol (gate/ makes it of wire's struct report). */
enum protocol {
	PROTOCOL_WATCH,
	PROTOCOL_OSMAND,
	PROTOCOL_OWNTRACKS,
	PROTOCOL_PHONE,
	PROTOCOL_COUNT,
	PROTOCOL_CALL =
		PROTOCOL_COUNT /* the face of an alert that a call to 17 opened: no device */
};
const char *protocol_name(enum protocol protocol);
int protocol_parse(struct str name, enum protocol *ret_protocol);

struct position {
	bool known;
	bool approximate; /* last known, cell or Wi-Fi */
	int32_t lat_e7, lon_e7;
	int64_t at_ms;                            /* TIME_NONE */
	double accuracy_m, speed_kmh, course_deg; /* negative: not said */
	double altitude_m;                        /* NAN: not said */
};

struct device_report {
	enum protocol protocol;
	struct str ident;        /* as the protocol says it; ignored when `authenticated` is set */
	struct id authenticated; /* the device whose credential was checked, or ID_NONE */
	uint8_t source[16];      /* the peer's address, IPv4 as ::ffff:a.b.c.d */
	bool call_for_help;      /* SOS, or an alarm that counts as one */
	bool malformed;          /* could not be read whole */
	bool stored;             /* sent late: where it was, not where it is */
	bool can_wait;           /* for company, a second: nobody waits for what becomes of it */
	uint32_t reasons;        /* alarm bits of wire/report.h */
	int64_t at_ms;           /* device time, TIME_NONE */
	struct position position;
	int battery_percent, signal_percent; /* -1 */
};

/* What a telephone is told of the test it asked for, beside whose screens it came up on. */
struct test_facts {
	struct id room;
	struct str room_name;   /* in the command's arena; empty: no room */
	unsigned contacts;      /* trusted persons who would be asked */
	bool granted;           /* else a call is marked so */
	bool painted;           /* on a screen, already */
	bool has_sms;           /* a gateway is configured */
	enum message_state sms; /* the last real one; MESSAGE_NONE: none is known */
	int64_t sms_at_ms;      /* when it was written */
	int64_t sms_late;       /* that should have left by now */
};

/* How a command ended. `problem` names a row of the problem table (service/problem.h). */
enum problem {
	PROBLEM_NONE,
	PROBLEM_INVALID,
	PROBLEM_LOGIN_REFUSED,
	PROBLEM_CODE_NEEDED,    /* the password was right, the account has a second factor */
	PROBLEM_CODE_REFUSED,   /* it is not the one */
	PROBLEM_FACTOR_MISSING, /* its role must have one */
	PROBLEM_SESSION_NEEDED,
	PROBLEM_FORBIDDEN,
	PROBLEM_NOT_FOUND,
	PROBLEM_CONFLICT,
	PROBLEM_REASON_NEEDED,
	PROBLEM_GONE,
	PROBLEM_TOO_LARGE,
	PROBLEM_TOO_MANY,
	PROBLEM_UNAVAILABLE, /* storage: nothing was done, nothing may be acknowledged */
	PROBLEM_COUNT,
};

enum { OUTCOME_MAX_SHOWN = 256 };

struct outcome {
	enum problem problem;
	struct str detail; /* French, for the user; in the command's arena */
	struct str field;  /* PROBLEM_INVALID: which one */
	struct id subject; /* what was made or changed: alert, device… */
	struct id device;  /* of the alert in `subject` */
	struct id phone;   /* whose sound is heard in it, ID_NONE */
	int64_t number;    /* the journal's last number for it; 0: nothing was written */
	struct str json;   /* an answer, when the verb gives one; in the arena */
	struct id *shown;  /* in it, of several people or drafts: which; in the arena */
	unsigned shown_count;
	bool repeated;   /* the same command had been carried out before (I5) */
	bool unverified; /* a report that went to the unverified lane */
	bool in_alert;   /* a report of a device that speaks in an open alert; a repeated
			 call: the alert it had made is still open */
	bool right;      /* VERB_CODE, VERB_EXTEND: what the telephone is told of the code */
	bool visit_over; /* VERB_CODE: it is told that its visit is over */
	bool forgot;     /* VERB_HOUSEKEEPING: something went, and there may be more */
	int stayed;      /* VERB_HOUSEKEEPING: where the next one goes on (store/portion.h) */
	int failed;      /* VERB_HOUSEKEEPING: what could not go */
	bool discreet;   /* a report of a device enrolled as silent */
};

struct command {
	struct arena arena;
	enum verb verb;
	struct actor actor;
	struct id subject;
	struct str key; /* idempotency key of the actor; STR_NONE: none */
	union {
		struct device_report report;
		struct {
			struct device_report report; /* whose: protocol, ident, source */
			int part, parts;             /* 1 of 1 */
			struct str kept, refused;    /* what the device is told */
		} voice;
		/* The device is the actor, its credential was checked. */
		struct {
			int64_t at_ms;          /* device time: which one of the telephone's */
			struct str typed;       /* the code, or the present one; in `token` */
			struct str pin, duress; /* VERB_PINS: from now on; in `token` */
			int64_t duration_ms;    /* VERB_ANNOUNCE, VERB_EXTEND */
		} code;
		/* VERB_TEST_ALERT of the device itself. */
		struct {
			int64_t at_ms; /* device time: which one of the telephone's */
			struct test_facts facts;
		} test;
		struct alert_command alert;
		struct {
			const struct id *also;
			unsigned also_count;
			struct id call; /* to 17, for which it was read; ID_NONE */
		} read;
		/* VERB_SESSION_OPEN, VERB_FACTOR_…: as it was typed; may be empty */
		struct {
			struct str code;
		} factor;
		struct {
			int category; /* enum retention_kind; RETENTION_KINDS: all the rest */
			int skip;     /* what the last one of it said stayed */
		} house;
		struct {
			bool seal; /* else unseal */
		} keep;
		struct {
			struct id into; /* ID_NONE: it is to stand alone again */
		} merge;
		struct {
			bool offer; /* else the offer is withdrawn */
		} handover;
		struct {
			bool end; /* VERB_TERM: they want it to; else to go on */
		} term;
		struct {
			enum call_event event;
			struct str room;  /* VERB_SWITCH: where it rings: id or name */
			struct str place; /* VERB_SWITCH: an address, as the network knows it */
			struct position position; /* VERB_SWITCH, VERB_LOCATION: of the telephone */
			struct id official;       /* VERB_CALL: CALL_IDENTIFY */
			enum call_follow follow;  /* VERB_CALL: CALL_CLOSE */
		} call;
		struct {
			enum timer_kind kind;
			struct id target;
			int step;
			int64_t due_at_ms;
		} timer;
		struct {
			enum message_state state;
			int64_t retry_at_ms; /* TIME_NONE: not to be tried again */
			int route;           /* which gateway: 0, 1 */
			int bits;            /* VERB_RECEIPT: Kannel's mask */
		} message;
	} as;
	struct str name;   /* VERB_ADMIN: "unit.add" …; VERB_SESSION_REFUSED: the login */
	struct str text;   /* a note, a reason, an SMS, a JSON body */
	struct str number; /* VERB_INBOUND: the sender's number */
	struct str token;  /* VERB_LINK, sessions, VERB_ENROLMENT, codes: the secret itself */

	struct outcome outcome;
	int64_t queued_us, done_us;
	/* Called once, by the hook of the daemon, on the loop thread (NULL: nobody waits). Frees
	 * it, or keeps it. */
	void (*on_done)(struct command *command);
	void *context; /* on_done's */
	uint64_t context_id;
	struct command *next; /* the executor's */
};

struct command *command_new(enum verb verb, struct actor actor);
void command_free(struct command *command); /* wipes token; NULL is fine */
/* Copies text into the command's arena. */
struct str command_keep(struct command *command, struct str text);
/* Sets the outcome; detail is copied. */
void command_refuse(struct command *command, enum problem problem, const char *detail);
void command_invalid(struct command *command, const char *field, const char *detail);

#endif

/*
 * The term of a registration in « Alarme élu »: it lasts until the day protection was asked for,
 * until the mandate's last day, or ten years (CSI R. 236-42), whichever comes first; each year the
 * official is asked whether it is still wanted. Silence ends nothing; what ends is said three times
 * beforehand, and in no case sooner than a week after the first. Whoever wants it to go on beyond
 * the mandate is waited for by the counter, until the day asked for or ten years. Pure; days are
 * those of base/paris.h, both ends included.
 *
 *   registered ── 60, 30, 7 days before its end: said ──▶ the day after its end ──▶ ENDED
 *       ▲    └── each year: asked, again 30 and 60 days later ──▶ confirmed ──┐        │
 *       └──────────────────── prolonged, taken back ◀───────────────────────┴────────┘
 */
#ifndef CORE_TERM_H
#define CORE_TERM_H

#include "base/paris.h"

enum {
	TERM_YEARS_MAX = 10,
	TERM_CONFIRM_YEARS = 1,
	TERM_WARNED_DAYS = 7, /* at least so long before it ends */
};

/* Why it ends. Stored. */
enum term_why {
	TERM_LASTS,
	TERM_ASKED,      /* the official wants it to */
	TERM_PROTECTION, /* the day until which it was asked for, or the danger is over */
	TERM_MANDATE,
	TERM_LIMIT, /* ten years: they register anew */
	TERM_WHYS,
};

/* What is said to the official, in the order of the days of each kind. Bits of `said`: stored. */
enum term_notice {
	NOTICE_CONFIRM,
	NOTICE_CONFIRM_AGAIN,
	NOTICE_CONFIRM_LAST,
	NOTICE_ENDS_60,
	NOTICE_ENDS_30,
	NOTICE_ENDS_7,
	NOTICES,
	NOTICE_NONE = NOTICES,
};

/* What the official answered since they were last asked. Stored. */
enum term_answer { ANSWER_NONE, ANSWER_GO_ON, ANSWER_END };

/* What somebody at the counter has to do about it. Stored: the order of the list. */
enum term_task {
	TASK_NONE,
	TASK_END_ASKED,    /* they want it to end: to be verified with them */
	TASK_GO_ON,        /* it ends, and they want it to go on */
	TASK_ENDS,         /* it was said that it ends */
	TASK_MANDATE_GONE, /* their mandate is not in the register any more */
	TASK_CONFIRM,      /* they were asked, and have not answered */
	TASK_ENDED,        /* it has, and can be taken back */
	TASKS,
};

struct term {
	int32_t registered;
	int32_t until;         /* asked for until that day; DAY_NONE */
	int32_t mandate_until; /* DAY_NONE: not said */
	int32_t confirmed; /* still wanted, as was last said that day; at first, as registered */
	uint32_t said;
	int32_t warned; /* when it was first said that it ends; DAY_NONE */
	enum term_answer answer;
	int32_t ended; /* DAY_NONE */
	enum term_why why;
	/* The edition of the register of that day had their mandate no more, and nobody has looked
	 * into it; DAY_NONE. It ends nothing. */
	int32_t mandate_gone;
};

struct term_decision {
	enum term_notice notice; /* to be said now; NOTICE_NONE */
	bool ends;               /* now: term->why says why */
	bool waits;              /* it would end, but for what goes on */
	int32_t look_day;        /* when there is more to do; DAY_NONE: never, it has ended */
};

struct term term_new(int32_t registered, int32_t until, int32_t mandate_until);

/* The last day it is in force, and why it is that one. */
int32_t term_last_day(const struct term *t, enum term_why *ret_why);
/* The same; or later, when it was said too late that it ends. */
int32_t term_in_force_until(const struct term *t);
/* The same; or as long as a wish to go on waits for the counter: said three times again. */
int32_t term_ends_after(const struct term *t, enum term_why *ret_why);
/* When this is said; DAY_NONE: not at all, as things are. */
int32_t term_notice_day(const struct term *t, enum term_notice notice);
enum term_task term_task(const struct term *t);

/* Its day has come, or it changed. busy: an alert, a visit or a call of the official goes on. Of
 * notices that are overdue the latest of a kind is said, once. */
void term_look(struct term *t, int32_t today, bool busy, struct term_decision *ret_decision);

/* Still wanted: at the counter, or by the official where nothing ends. */
void term_confirm(struct term *t, int32_t today);
/* What the official answers from afar. What ends is for the counter to prolong; what ends with the
 * mandate waits for it. A wish to end too is a wish, and undoes none to go on: a telephone may be
 * in other hands. Whether that is something new. */
bool term_reply(struct term *t, enum term_answer answer, int32_t today);
/* Registered anew at the counter, until other days; takes back what has ended. False, and nothing
 * changes: they would be past already. */
bool term_prolong(struct term *t, int32_t until, int32_t mandate_until, int32_t today);
/* At once: somebody has verified that it is wanted, or is over. False: it has ended. */
bool term_end(struct term *t, enum term_why why, int32_t today);

/* "asked", "protection", "mandate", "limit"; "confirm", "ends_60"…; "end_asked", "ends"… */
const char *term_why_name(enum term_why why);
int term_why_parse(struct str name, enum term_why *ret_why);
const char *term_task_name(enum term_task task);

#endif

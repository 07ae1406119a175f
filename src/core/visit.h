/*
 * A visit announced beforehand: the official said where they go, whom they meet and for how long.
 * Who has not said by then that they are safe is in danger until the contrary is known: an alert.
 * Pure. Times are milliseconds UTC of the house.
 *
 *   announced ─▶ OPEN ── due ──▶ MISSED (an alert was raised)
 *                 │ ▲               │ │
 *                 │ └── extended ───┘ │
 *                 └──── a code ───────┴─▶ OVER
 */
#ifndef CORE_VISIT_H
#define CORE_VISIT_H

#include "base/clock.h"
#include "base/id.h"
#include "core/entry.h"

enum visit_state { VISIT_OPEN, VISIT_MISSED, VISIT_OVER, VISIT_STATES };

enum {
	/* A day's round of calls; who needs longer announces again. */
	VISIT_LONGEST_MS = 12 * 3600 * 1000,
	VISIT_SHORTEST_MS = 1000,
	/* Before it is due: enough to say a word or to ask for longer. */
	VISIT_REMINDER_MS = 5 * 60 * 1000,
};

struct visit {
	struct id id, device, official; /* official ID_NONE: a device nobody wears */
	enum visit_state state;
	/* The telephone was told that it is over, after too many wrong codes, where nobody can tell
	 * whether the last one was right; or another telephone has taken its place. It is due all
	 * the same. */
	bool hidden;
	bool reminded; /* or too short for that */
	int64_t announced_at_ms, due_at_ms;
	int64_t over_at_ms; /* TIME_NONE */
	struct id alert;    /* MISSED: which one says so */
};

enum visit_event {
	VISIT_ANNOUNCED, /* the visit is zero but for its identity, device and official */
	VISIT_EXTENDED,  /* from when it is due, or from now when that is past */
	VISIT_RETURNED,  /* the official says that they are safe */
	VISIT_FEIGNED,   /* no telephone is told of it any more */
	VISIT_LOOKED_AT, /* its deadline has come */
};

enum visit_refusal {
	VISIT_DONE,
	VISIT_TOO_SHORT,
	VISIT_TOO_LONG,
	VISIT_NOT_RUNNING,
	VISIT_REFUSALS,
};

struct visit_decision {
	enum entry_kind entry; /* ENTRY_NONE */
	bool remind, alert;
	int64_t look_at_ms; /* its deadline from now on; TIME_NONE: none */
};

/* On a refusal nothing changes. duration_ms: ANNOUNCED, EXTENDED. */
enum visit_refusal visit_apply(struct visit *visit, enum visit_event event, int64_t duration_ms,
			       int64_t now_ms, struct visit_decision *ret_decision);

#endif

/*
 * Legal holds: what a court or an authority asks to be kept. While one is on an official, or on an
 * alert, nothing of it goes by the table of retention: of an official, their alerts and calls too.
 * The reason is sealed with the house's key.
 */
#ifndef STORE_HOLDS_H
#define STORE_HOLDS_H

#include "base/alloc.h"
#include "store/vault.h"

struct hold {
	struct id subject; /* an official or an alert */
	struct id by;      /* ID_NONE: at the machine itself */
	struct str reason; /* the arena's */
	int64_t at_ms;
	int32_t until; /* the last day it was asked for; DAY_NONE: not said. It ends nothing */
	/* Who asked to lift it, and why; TIME_NONE: nobody. */
	int64_t lift_at_ms;
	struct id lift_by;
	struct str lift_reason;
};

int hold_place(struct vault *v, const struct hold *hold); /* -EEXIST */
int hold_lift(struct vault *v, struct id subject);        /* -ENOENT */
/* Its lift_… alone: somebody asks, or nobody asks any more. */
int hold_ask_lift(struct vault *v, const struct hold *hold);
int hold_load(struct vault *v, struct arena *arena, struct id subject, struct hold *ret_hold);
int hold_is_on(struct vault *v, struct id subject, bool *ret_on);
/* What keeps that alert: itself, whose it is, or what was merged with it; ID_NONE: nothing does. */
int hold_of_alert(struct vault *v, struct id alert, struct id *ret_subject);
int holds_each(struct vault *v, int limit, id_reader *on_subject, void *context);

/* For the WHERE of who looks for what is over: neither this nor whose it is is held. */
#define NOT_HELD(id, official)                        \
	id " NOT IN (SELECT subject FROM legal_hold)" \
	   " AND (" official " IS NULL OR " official " NOT IN (SELECT subject FROM legal_hold))"

/* An alert, and those of one event with it. */
#define OF_ONE_EVENT                                                         \
	" FROM alert a JOIN alert f ON f.id = COALESCE(a.merged_into, a.id)" \
	" OR f.merged_into = COALESCE(a.merged_into, a.id) WHERE a.id = "

/* Nor that alert (NULL: none), nor any that is merged with it: what was done is in the first one's
 * file, what was said in each. */
#define ALERT_NOT_HELD(alert)                                                          \
	"NOT EXISTS (SELECT 1" OF_ONE_EVENT alert " AND (f.id IN (SELECT subject FROM" \
	" legal_hold) OR f.official IN (SELECT subject FROM legal_hold)))"

#endif

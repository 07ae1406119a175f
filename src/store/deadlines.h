/* Deadlines: rows, so that they survive a restart; the clock in live/ turns a due one into a
 * command. */
#ifndef STORE_DEADLINES_H
#define STORE_DEADLINES_H

#include "core/alert.h"
#include "store/vault.h"

struct deadline {
	struct id alert, target; /* TIMER_VISIT: the visit; TIMER_TERM: the official; target
				    ID_NONE: the alert itself */
	enum timer_kind timer;
	int step;
	int64_t due_at_ms;
};

int deadline_set(struct vault *v,
		 const struct deadline *d); /* replaces the same (alert, timer, target) */
int deadline_clear(struct vault *v, struct id alert, enum timer_kind timer,
		   struct id target); /* ID_NONE: all of that kind */
/* Removes it only if it still is the one that fired; *ret_was says so. */
int deadline_take(struct vault *v, const struct deadline *d, bool *ret_was);
/* Whether one waits that must neither come early nor be put off: any but those of a device and of a
 * visit, which are shifted, and of a registration, which come with their day. */
int deadlines_any(struct vault *v, bool *ret_any);
/* The clock was set: what is waited for of devices and visits is as far away as before. */
int deadlines_shift(struct vault *v, int64_t by_ms);
/* Of registrations, those with step 1, at most `limit`. */
int deadlines_put_off(struct vault *v, int limit, id_reader *on_official, void *context);
/* Each open alert without one gets a device's deadline: those raised by an older version. */
int deadlines_set_devices(struct vault *v, int64_t due_at_ms);
/* Officials registered before there were terms, or of whom something is to be done, who have no
 * deadline of theirs, at most `limit`. */
int deadlines_without_term(struct vault *v, int limit, id_reader *on_official, void *context);
/* The earliest ones, due or not, soonest first; at most `limit` into list. */
int deadlines_next(struct vault *v, int limit, struct deadline *list, size_t *ret_count);
/* How many are due before that. */
int deadlines_before(struct vault *v, int64_t at_ms, int64_t *ret_count);

#endif

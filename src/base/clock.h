/*
 * Time is int64 milliseconds UTC since 1970 on every wire and in every table;
 * durations and timers use the monotonic clock. core/ never calls these: it is told.
 */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include "base/str.h"

#define TIME_NONE INT64_MIN /* "no time was given" */
/* 9999-12-31T23:59:59.999Z: the last that RFC 3339 writes. A peer's time is from 0 to this, so that
 * two of them can be subtracted. */
#define TIME_LAST_MS INT64_C(253402300799999)

/*
 * The time of the house: the wall clock's when the program began, and steady since. Somebody who
 * sets the wall clock by an hour fires no deadline early and puts none off; service/house_time.h
 * says when the new time is taken over.
 */
int64_t clock_now_ms(void);
int64_t clock_wall_ahead_ms(void);     /* how far the wall clock was set ahead of it since */
void clock_shift_ms(int64_t ahead_ms); /* every thread sees it at once */
int64_t clock_monotonic_ms(void);      /* for timers; never steps */
int64_t clock_monotonic_us(void);      /* for measurements */
int64_t clock_boot_ms(void);           /* the same, and it counts a machine that sleeps */

struct civil_time {
	int year, month, day, hour, minute, second, ms; /* UTC; month and day from 1 */
};

struct civil_time civil_from_ms(int64_t at_ms);
/* -EINVAL when a field is outside the calendar (leap days are known, leap seconds are not). */
int civil_to_ms(const struct civil_time *t, int64_t *ret_ms);

/* RFC 3339. Printing gives 2026-11-23T19:18:05.123Z (24 bytes and NUL); parsing accepts offsets. */
enum { TIME_TEXT_SIZE = 32 };
void time_print(int64_t at_ms, char out[TIME_TEXT_SIZE]);
int time_parse(struct str text, int64_t *ret_ms);

#endif

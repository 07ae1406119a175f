/*
 * The civil calendar of mainland France: days as people and laws count them, and what the clocks on
 * the wall say (Europe/Paris, with the rule of directive 2000/84/CE: summer time from the last
 * Sunday of March to that of October, both at 1:00 UTC). Overseas, the same day begins some hours
 * apart; what ends with a day ends with that of Paris.
 *
 * A day is a number: days since 1970-01-01. From 1 January of year 1 to 31 December 9998.
 */
#ifndef BASE_PARIS_H
#define BASE_PARIS_H

#include "base/clock.h"

#define DAY_NONE INT32_MIN

struct civil_day {
	int year, month, day; /* month and day from 1 */
};

struct civil_day civil_of_day(int32_t day);
int day_of_civil(struct civil_day civil, int32_t *ret_day); /* -EINVAL: no such day */
/* 31/12/2026, as it is written in French; parse also takes 2026-12-31. -EINVAL. */
enum { DAY_TEXT_LEN = 10, DAY_TEXT_SIZE = 16 };
void day_print(int32_t day, char out[DAY_TEXT_SIZE]);
void day_print_iso(int32_t day, char out[DAY_TEXT_SIZE]);
int day_parse(struct str text, int32_t *ret_day);

/* Which day it is in Paris, and when a day begins there: the one before has ended then. */
int32_t paris_day(int64_t at_ms);
int64_t paris_day_begins_ms(int32_t day);
/* When clocks show that time of the day, `ms` after 0:00. Where they show it twice, the second
 * time; where they leave it out, as they do. */
int64_t paris_time_ms(int32_t day, int64_t ms);

/* How long: as ISO 8601 writes it (P3Y, P1Y6M, P30D, P2W, PT10M, P1DT12H). */
struct period {
	int years, months, days;
	int64_t ms; /* hours, minutes, seconds */
};
/* -EINVAL: no period, or one of nothing, or of more than a century. */
int period_parse(struct str text, struct period *ret_period);

/*
 * The same day of the month, so many years and months on, or the last one of a month that has not
 * as many; then so many days. Never later for an earlier day.
 */
int32_t day_after(int32_t day, const struct period *p);
/* The same time on the clock that day, and its hours; of a day that the month has not, the end of
 * its last. Never before what the clock would have said, nor earlier for a later instant. */
int64_t paris_after(int64_t at_ms, const struct period *p);
/* The last moment whose time is over then. */
int64_t paris_before(int64_t now_ms, const struct period *p);

#endif

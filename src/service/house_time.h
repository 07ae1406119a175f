/*
 * When the time of the house (base/clock.h) follows a wall clock that was set: only while no
 * deadline and no SMS waits, so that whoever waits for one counts the same seconds as its row. On
 * the writer's thread.
 */
#ifndef SERVICE_HOUSE_TIME_H
#define SERVICE_HOUSE_TIME_H

#include <stdbool.h>

struct vault;

/* Once, before anything is fired: rows that wait were written by a clock that may have been set
 * back since. */
void house_time_start(struct vault *v);
/* Often: costs nothing unless the wall clock was set. *told: false at first, its own memory. True:
 * the new time was taken over, and what comes with a day may be due. */
bool house_time_follow(struct vault *v, bool *told);

#endif

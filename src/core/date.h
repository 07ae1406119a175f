/*
 * Whether the date is to be believed where what it says cannot be undone (docs/retention.md):
 * clocks are set wrong, by people and by servers of time. A date is believed that is ahead of the
 * latest that was by no more than the machine has been on since, and a week: so long it may have
 * been off. A date that is behind makes nothing older than it is. Pure.
 */
#ifndef CORE_DATE_H
#define CORE_DATE_H

#include <stdbool.h>
#include <stdint.h>

enum { DATE_OFF_MS = 7 * 24 * 3600 * 1000 };

/* It stays as it began: what is believed a little at a time is a week in all. */
struct date_guard {
	int64_t seen_ms; /* the latest believed before; TIME_NONE: none, the first is */
	int64_t boot_ms; /* what the boot clock said then, or as the program began; TIME_NONE: not
			    yet asked */
};

/* Takes over what is not known yet. */
void date_guard_begin(struct date_guard *g, int64_t now_ms, int64_t boot_ms);
bool date_is_believed(const struct date_guard *g, int64_t now_ms, int64_t boot_ms);

#endif

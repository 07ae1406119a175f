/* Whether the date is to be believed: see date.h. */
#include "core/date.h"

#include "base/clock.h"

void date_guard_begin(struct date_guard *g, int64_t now_ms, int64_t boot_ms)
{
	if (g->seen_ms == TIME_NONE)
		g->seen_ms = now_ms;
	if (g->boot_ms == TIME_NONE)
		g->boot_ms = boot_ms;
}

bool date_is_believed(const struct date_guard *g, int64_t now_ms, int64_t boot_ms)
{
	return now_ms - g->seen_ms <= boot_ms - g->boot_ms + DATE_OFF_MS;
}

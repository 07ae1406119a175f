/* The time of the house and the wall clock: see house_time.h. */
#include "service/house_time.h"

#include "base/clock.h"
#include "base/log.h"
#include "store/deadlines.h"
#include "store/journal.h"
#include "store/outbox.h"

/* Less than that is no step: the two clocks are not read at the same instant. */
enum { STEP_MS = 250 };

/* When it cannot be known, something waits. */
static bool something_waits(struct vault *v)
{
	int64_t messages;
	bool deadline;

	return deadlines_any(v, &deadline) || deadline || messages_waiting(v, &messages) ||
	       messages;
}

static int keep_time(void *context, const struct entry *e)
{
	*(int64_t *)context = e->at_ms;
	return 0;
}

void house_time_start(struct vault *v)
{
	int64_t epoch, number, last_ms, ahead_ms;

	if (!something_waits(v) || journal_head(v, &epoch, &number, NULL) || !number)
		return;
	last_ms = clock_now_ms();
	if (journal_after(v, number - 1, 1, keep_time, &last_ms))
		return;
	ahead_ms = last_ms - clock_now_ms();
	if (ahead_ms < STEP_MS)
		return;
	clock_shift_ms(ahead_ms);
	log_warning("clock.behind", "journal_ahead_ms=%lld", (long long)ahead_ms);
}

void house_time_follow(struct vault *v, bool *told)
{
	int64_t ahead_ms = clock_wall_ahead_ms();

	if (ahead_ms > -STEP_MS && ahead_ms < STEP_MS)
		return;
	if (!something_waits(v) && !deadlines_shift_devices(v, ahead_ms)) {
		clock_shift_ms(ahead_ms);
		log_warning("clock.followed", "by_ms=%lld", (long long)ahead_ms);
		*told = false;
	} else if (!*told) {
		log_warning("clock.set", "by_ms=%lld until=\"nothing waits\"", (long long)ahead_ms);
		*told = true;
	}
}

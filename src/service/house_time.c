/* The time of the house and the wall clock: see house_time.h. */
#include "service/house_time.h"

#include "base/clock.h"
#include "base/log.h"
#include "store/deadlines.h"
#include "store/journal.h"
#include "store/outbox.h"
#include "store/visits.h"

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

/* A visit can last half a day: it is not waited for, but is due as far away as before. */
static int shift(struct vault *v, int64_t by_ms)
{
	int r = db_begin(vault_db(v));

	if (r)
		return r;
	r = deadlines_shift(v, by_ms);
	if (!r)
		r = visits_shift(v, by_ms);
	if (!r)
		r = db_commit(vault_db(v));
	if (r)
		db_rollback(vault_db(v));
	return r;
}

void house_time_start(struct vault *v)
{
	bool visits = true;
	int64_t epoch, number, last_ms, ahead_ms;

	if (!something_waits(v) && !visits_any(v, &visits) && !visits)
		return;
	if (journal_head(v, &epoch, &number, NULL) || !number)
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

bool house_time_follow(struct vault *v, bool *told)
{
	int64_t ahead_ms = clock_wall_ahead_ms();

	if (ahead_ms > -STEP_MS && ahead_ms < STEP_MS)
		return false;
	if (!something_waits(v) && !shift(v, ahead_ms)) {
		clock_shift_ms(ahead_ms);
		log_warning("clock.followed", "by_ms=%lld", (long long)ahead_ms);
		*told = false;
		return true;
	}
	if (!*told) {
		log_warning("clock.set", "by_ms=%lld until=\"nothing waits\"", (long long)ahead_ms);
		*told = true;
	}
	return false;
}

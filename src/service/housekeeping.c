/* Once a minute: what is kept only for a while is forgotten. */
#include "service/emergency_calls.h"
#include "service/keeping.h"
#include "service/locations.h"
#include "service/own.h"
#include "service/terms.h"
#include "store/accounts.h"
#include "store/aml_positions.h"
#include "store/devices.h"
#include "store/drafts.h"
#include "store/enrolments.h"
#include "store/links.h"
#include "store/unverified.h"
#include "store/visits.h"

enum {
	MINUTE_MS = 60 * 1000,
	DAY_MS = 24 * 3600 * 1000,
	/* Outside an alert a device's last position is kept this long (architecture.md). */
	FIX_KEPT_MS = 10 * MINUTE_MS,
	SEEN_KEPT_MS = 2 * DAY_MS,
	WISHES_AT_ONCE = 20,
};

struct turn {
	struct work *w;
	struct command *command;
};

/* Asked for while help was on its way; now it may be over. */
static int take_sheet_out(void *context, struct id official)
{
	struct turn *turn = context;

	return own_take_sheet_out(turn->w, turn->command, official);
}

int handle_housekeeping(struct work *w, struct command *command)
{
	int r = device_fixes_forget(w->vault, w->now_ms - FIX_KEPT_MS);

	if (!r)
		r = seen_purge(w->vault, w->now_ms - SEEN_KEPT_MS);
	if (!r)
		r = enrolments_purge(w->vault, w->now_ms);
	if (!r)
		r = emergency_calls_expire(w, command);
	if (!r)
		r = drafts_purge(w->vault, w->now_ms);
	if (!r)
		r = aml_positions_forget(w->vault, w->now_ms - LOCATION_KEPT_MS);
	if (!r)
		r = unverified_purge(w->vault, w->now_ms - 7LL * DAY_MS);
	if (!r)
		r = sessions_purge(w->vault, w->now_ms);
	if (!r)
		r = own_purge(w->vault, w->now_ms - DAY_MS, w->now_ms);
	if (!r)
		r = own_wishes_withdrawn(w->vault, WISHES_AT_ONCE, take_sheet_out,
					 &(struct turn){w, command});
	if (!r)
		r = visits_settle(w->vault, w->now_ms);
	if (!r)
		r = visits_purge(w->vault, w->now_ms);
	if (!r)
		r = terms_purge_due(w, command);
	return r ? r : keeping_delete_due(w, command);
}

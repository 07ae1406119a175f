/*
 * Twice a minute: what is kept only for a while goes, as the table of retention says
 * (service/retention.h): one row and one command a category, so that one that fails holds up no
 * other; each some at a time, so that no call for help waits long; where something went, the next
 * run comes at once. By a date that is not believed (core/date.h) nothing goes.
 */
#include "service/emergency_calls.h"
#include "service/json.h"
#include "service/keeping.h"
#include "service/locations.h"
#include "service/own.h"
#include "service/terms.h"
#include "store/accounts.h"
#include "store/aml_positions.h"
#include "store/date.h"
#include "store/devices.h"
#include "store/drafts.h"
#include "store/enrolments.h"
#include "store/forget.h"
#include "store/links.h"
#include "store/unverified.h"
#include "store/visits.h"

enum { DOSSIERS_AT_ONCE = 16, ROWS_AT_ONCE = 500, LINES_AT_ONCE = 2000 };
enum { CALLS_AT_ONCE = 100, WISHES_AT_ONCE = 20 };

struct run {
	struct work *w;
	struct command *command;
	struct portion portion;
};

/* --- one a category: what began by then is over */

static int forget_positions(struct run *run, int64_t before_ms)
{
	return positions_forget(run->w->vault, before_ms, run->w->now_ms, &run->portion);
}

static int note_alert(void *context, struct id alert)
{
	struct run *run = context;

	work_entry(run->w, run->command, ENTRY_DELETED, alert, ID_NONE,
		   vault_house_key(run->w->vault), work_one_text(run->w, "what", STR("alert")));
	return 0;
}

static int forget_alerts(struct run *run, int64_t before_ms)
{
	return alerts_forget(run->w->vault, before_ms, run->w->now_ms, &run->portion, note_alert,
			     run);
}

static int forget_calls(struct run *run, int64_t before_ms)
{
	return emergency_calls_purge(run->w->vault, before_ms, run->w->now_ms, &run->portion);
}

static int forget_officials(struct run *run, int64_t before_ms)
{
	return terms_purge(run->w, run->command, before_ms, &run->portion);
}

static int forget_audit(struct run *run, int64_t before_ms)
{
	return audit_forget(run->w->vault, before_ms, LINES_AT_ONCE);
}

static int forget_sms(struct run *run, int64_t before_ms)
{
	run->portion.limit = ROWS_AT_ONCE;
	return sms_forget(run->w->vault, before_ms, &run->portion);
}

static int forget_visits(struct run *run, int64_t before_ms)
{
	return visits_purge(run->w->vault, before_ms);
}

static int forget_sessions(struct run *run, int64_t before_ms)
{
	return sessions_purge(run->w->vault, before_ms);
}

static int forget_enrolments(struct run *run, int64_t before_ms)
{
	return enrolments_purge(run->w->vault, before_ms);
}

static int forget_fixes(struct run *run, int64_t before_ms)
{
	return device_fixes_forget(run->w->vault, before_ms);
}

static int forget_aml(struct run *run, int64_t before_ms)
{
	return aml_positions_forget(run->w->vault, before_ms);
}

static int forget_unverified(struct run *run, int64_t before_ms)
{
	return unverified_purge(run->w->vault, before_ms);
}

/* Codes by when they were asked for; sessions of their own file by when they end. */
static int forget_own_access(struct run *run, int64_t before_ms)
{
	return own_purge(run->w->vault, before_ms, run->w->now_ms);
}

static int forget_repeats(struct run *run, int64_t before_ms)
{
	return seen_purge(run->w->vault, before_ms);
}

/* Those two have their dates in their rows, as the table said when they began. */
static int forget_sound(struct run *run, int64_t before_ms)
{
	return keeping_delete_due(run->w, run->command, &run->portion);
}

static int forget_drafts(struct run *run, int64_t before_ms)
{
	return drafts_purge(run->w->vault, run->w->now_ms);
}

static int (*const forget[RETENTION_KINDS])(struct run *run, int64_t before_ms) = {
	[RETENTION_ALERT_SOUND] = forget_sound,     [RETENTION_ALERT_POSITIONS] = forget_positions,
	[RETENTION_ALERT] = forget_alerts,          [RETENTION_CALL] = forget_calls,
	[RETENTION_OFFICIAL] = forget_officials,    [RETENTION_DRAFT] = forget_drafts,
	[RETENTION_AUDIT] = forget_audit,           [RETENTION_SMS] = forget_sms,
	[RETENTION_VISIT] = forget_visits,          [RETENTION_SESSION] = forget_sessions,
	[RETENTION_ENROLMENT] = forget_enrolments,  [RETENTION_DEVICE_POSITION] = forget_fixes,
	[RETENTION_AML_POSITION] = forget_aml,      [RETENTION_UNVERIFIED] = forget_unverified,
	[RETENTION_OWN_ACCESS] = forget_own_access, [RETENTION_REPEATS] = forget_repeats,
};

/* Asked for while help was on its way; now it may be over. */
static int take_sheet_out(void *context, struct id official)
{
	struct run *run = context;

	return own_take_sheet_out(run->w, run->command, official);
}

static int forget_category(struct run *run, int category)
{
	struct work *w = run->w;
	struct outcome *o = &run->command->outcome;
	int64_t before = db_all_changes(w->db);
	int r;

	if (!w->date_is_believed)
		return 0;
	r = forget[category](run, retention_before_ms(&w->options->retention,
						      (enum retention_kind)category, w->now_ms));
	o->stayed = portion_next(&run->portion);
	o->failed = run->portion.failed;
	/* What was undone counts as changed too. */
	o->forgot = run->portion.seen ? run->portion.gone : db_all_changes(w->db) != before;
	return r;
}

/* --- the date */

static void tell_doubt(struct work *w, struct command *command)
{
	struct buf b = BUF_INIT;

	if (w->doubt_is_told)
		return;
	json_open(&b, NULL, '{');
	json_time(&b, "seen", w->date_seen_ms);
	json_close(&b, '}');
	work_entry(w, command, ENTRY_DATE_DOUBTED, ID_NONE, ID_NONE, vault_house_key(w->vault),
		   work_keep(w, &b));
	w->date_change = DATE_DOUBTED;
}

static int look_at_date(struct work *w, struct command *command)
{
	int r;

	if (!w->date_is_believed) {
		tell_doubt(w, command);
		return 0;
	}
	r = date_seen_move(w->vault, w->now_ms);
	return r ? r : terms_look_again(w);
}

static int see_to_the_rest(struct run *run)
{
	struct portion calls = {.limit = CALLS_AT_ONCE}, *wishes = &run->portion;
	struct work *w = run->w;
	int r = look_at_date(w, run->command);

	wishes->limit = WISHES_AT_ONCE;
	if (!r)
		r = visits_settle(w->vault, w->now_ms);
	/* By a clock set far ahead, who rings now has rung for years. */
	if (!r && w->date_is_believed)
		r = emergency_calls_expire(w, run->command, &calls);
	if (!r)
		r = own_wishes_withdrawn(w->vault, wishes, take_sheet_out, run);
	run->command->outcome.stayed = portion_next(wishes);
	run->command->outcome.failed = wishes->failed + calls.failed;
	/* A commit each time: what was destroyed leaves the log only after others (store/db.h). */
	return r ? r : housekeeping_note(w->vault);
}

int handle_housekeeping(struct work *w, struct command *command)
{
	struct run run = {w, command, {.limit = DOSSIERS_AT_ONCE, .skip = command->as.house.skip}};
	int category = command->as.house.category;

	return category == RETENTION_KINDS ? see_to_the_rest(&run)
					   : forget_category(&run, category);
}

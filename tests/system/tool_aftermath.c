/*
 * What is left in a database after its server was killed: tool_aftermath DATABASE_URL KEYS. Looks
 * at every alert, the journal, deadlines and outbox together, and prints one JSON line: the calls
 * of each device, and a sentence for whatever does not add up. The server must not run.
 */
#include <errno.h>
#include <stdlib.h>

#include "base/log.h"
#include "core/alert.h"
#include "crypto/random.h"
#include "crypto/seal.h"
#include "store/alerts.h"
#include "store/deadlines.h"
#include "store/devices.h"
#include "store/journal.h"
#include "store/outbox.h"

enum { ALERTS_MAX = 1000000, DEADLINES_MAX = 100000, ENTRIES_MAX = 100000 };

struct aftermath {
	struct vault *vault;
	struct ladder ladder;
	struct deadline *deadlines;
	size_t deadline_count, wrong;
	struct id *alerts;
	size_t alert_count;
	int64_t open, messages;
	struct buf calls;
};

/* What the journal says of one alert. */
struct lines {
	int64_t raised, triggered, asked, sent;
};

SQL(alerts_all, "SELECT id FROM alert ORDER BY ref LIMIT $1");
SQL(messages_of, "SELECT COUNT(*) FROM outbox WHERE alert = $1 AND kind = $2");
SQL(orphans, "SELECT COUNT(*) FROM deadline WHERE timer < 32"
	     " AND alert NOT IN (SELECT id FROM alert WHERE closed_at IS NULL)");

static void wrong(struct aftermath *a, int64_t ref, const char *what)
{
	printf("%s\"%lld : %s\"", a->wrong++ ? "," : "{\"wrong\":[", (long long)ref, what);
}

static void stop(const char *what, int error)
{
	fprintf(stderr, "%s: %s\n", what, strerror(-error));
	exit(1);
}

static int64_t one_number(struct query *q)
{
	int64_t number = query_step(q) == 1 ? column_i64(q, 0) : -1;

	db_done(q);
	return number;
}

static int64_t messages(struct aftermath *a, struct id alert, enum outbox_kind kind)
{
	struct query *q = db_query(vault_db(a->vault), &messages_of);

	bind_id(q, 1, alert);
	bind_i64(q, 2, kind);
	return one_number(q);
}

static int count_line(void *context, const struct entry *e)
{
	struct lines *lines = context;

	lines->raised += e->kind == ENTRY_RAISED;
	lines->triggered += e->kind == ENTRY_TRIGGERED;
	lines->asked += e->kind == ENTRY_CONTACT_MESSAGED;
	lines->sent += e->kind == ENTRY_UNIT_SENT;
	return 0;
}

/* Whether a step of the ladder is still to come for an alert nobody claimed. */
static bool climbs_on(const struct aftermath *a, const struct alert *alert)
{
	for (unsigned i = 0; i < a->ladder.step_count; i++) {
		enum ladder_unless unless = a->ladder.steps[i].unless;

		if (alert->climbed >> i & 1 || unless == UNLESS_ACTED)
			continue;
		if (unless == UNLESS_CLAIMED || alert->painted_at_ms == TIME_NONE)
			return true;
	}
	return false;
}

static bool is_armed(const struct aftermath *a, struct id alert, enum timer_kind timer,
		     struct id target)
{
	for (size_t i = 0; i < a->deadline_count; i++)
		if (id_eq(a->deadlines[i].alert, alert) && a->deadlines[i].timer == timer &&
		    id_eq(a->deadlines[i].target, target))
			return true;
	return false;
}

static bool somebody_is_on_it(const struct alert *alert)
{
	for (unsigned i = 0; i < alert->contact_count; i++)
		if (alert->contacts[i].answered_at_ms != TIME_NONE &&
		    !alert->contacts[i].link_revoked)
			return true;
	return false;
}

static void check_open(struct aftermath *a, const struct alert *alert)
{
	a->open++;
	if (id_is_none(alert->claimed_by) && climbs_on(a, alert) &&
	    !is_armed(a, alert->id, TIMER_LADDER, ID_NONE))
		wrong(a, alert->ref, "the ladder is not armed");
	for (unsigned i = 0; i < alert->contact_count && !somebody_is_on_it(alert); i++) {
		const struct reach *r = &alert->contacts[i];

		if (r->message != MESSAGE_NONE && !r->silent && !r->link_revoked &&
		    !is_armed(a, alert->id, TIMER_CONTACT, r->contact))
			wrong(a, alert->ref, "nobody waits for a trusted person's answer");
	}
}

static void check_alert(struct aftermath *a, struct id id)
{
	struct arena arena = ARENA_INIT;
	struct lines lines = {0};
	struct device device;
	struct alert alert;
	int r = alert_load(a->vault, &arena, id, &alert, NULL);

	if (!r)
		r = journal_of(a->vault, id, ENTRY_TIMELINE, 0, ENTRIES_MAX, count_line, &lines);
	if (!r)
		r = device_load(a->vault, alert.device, &device);
	if (r)
		stop("an alert cannot be read", r);
	if (lines.raised != 1 || alert.triggers != 1 + lines.triggered)
		wrong(a, alert.ref, "its calls are not those of the journal");
	if (messages(a, id, OUTBOX_CONTACT) != lines.asked)
		wrong(a, alert.ref, "SMS to trusted persons are missing, or too many");
	if (messages(a, id, OUTBOX_UNIT) != lines.sent)
		wrong(a, alert.ref, "SMS to units are missing, or too many");
	if (alert_is_open(&alert))
		check_open(a, &alert);
	a->messages += lines.asked + lines.sent;
	buf_printf(&a->calls, "%s[\"%s\",%lld]", a->calls.len ? "," : "", device.ident,
		   (long long)alert.triggers);
	arena_fini(&arena);
}

static void read_all(struct aftermath *a)
{
	struct query *q = db_query(vault_db(a->vault), &alerts_all);
	int r;

	a->alerts = xcalloc(ALERTS_MAX, sizeof(*a->alerts));
	a->deadlines = xcalloc(DEADLINES_MAX, sizeof(*a->deadlines));
	bind_i64(q, 1, ALERTS_MAX);
	while ((r = query_step(q)) == 1)
		a->alerts[a->alert_count++] = column_id(q, 0);
	db_done(q);
	if (!r)
		r = deadlines_next(a->vault, DEADLINES_MAX, a->deadlines, &a->deadline_count);
	if (r)
		stop("the database cannot be read", r);
}

static void check_journal(struct aftermath *a)
{
	int64_t number = 0;
	int r = journal_verify(a->vault, NULL, &number);

	if (r == -EBADMSG)
		wrong(a, number, "the journal does not verify from this entry on");
	else if (r)
		stop("the journal cannot be read", r);
	_Static_assert(TIMER_VISIT == 32, "those of visits and registrations are of no alert");
	if (one_number(db_query(vault_db(a->vault), &orphans)))
		wrong(a, 0, "deadlines of closed alerts");
}

int main(int argc, char **argv)
{
	struct aftermath a = {0};
	struct keyring *ring;
	unsigned line;
	int r;

	if (argc != 3)
		stop("tool_aftermath DATABASE_URL KEYS", -EINVAL);
	crypto_init();
	log_set_level(LOG_ERROR);
	ladder_default(&a.ladder);
	r = keyring_open(argv[2], &ring, &line);
	if (!r)
		r = vault_open(argv[1], DB_WRITER, ring, &a.vault);
	if (r)
		stop("the database cannot be opened", r);
	read_all(&a);
	for (size_t i = 0; i < a.alert_count; i++)
		check_alert(&a, a.alerts[i]);
	check_journal(&a);
	printf("%s],\"alerts\":%zu,\"open\":%lld,\"messages\":%lld,\"calls\":[%.*s]}\n",
	       a.wrong ? "" : "{\"wrong\":[", a.alert_count, (long long)a.open,
	       (long long)a.messages, STR_FMT(buf_str(&a.calls)));
	buf_fini(&a.calls);
	free(a.alerts);
	free(a.deadlines);
	vault_close(a.vault);
	keyring_free(ring);
	return 0;
}

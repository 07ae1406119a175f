/*
 * What must have happened, told from the journal alone: the ladder, the chain of trusted persons,
 * units; then the rows beside it, and the tree.
 */
#include "sim.h"

#include "store/alerts.h"
#include "store/deadlines.h"
#include "store/journal.h"

/* What is known of somebody's last SMS. */
struct sms {
	bool left; /* the operator has it, or it failed */
	bool late; /* said once, or failed */
	int64_t told_ms;
};

struct asked {
	struct id contact;
	int rank, times;
	int64_t at_ms;
	bool asked, silent, revoked, answered;
	struct sms sms;
};

struct sent {
	struct id id;
	int64_t at_ms;
	bool waited_for;
	struct sms sms;
};

/* An alert as the journal tells it. */
struct tale {
	int story;
	bool open, claimed, painted, acted, lost;
	int64_t heard_ms; /* the device, as far as the journal tells */
	struct id holder;
	int64_t from_ms, claimed_at_ms;
	int64_t changed_ms; /* when the ladder's deadline was last armed anew, at the latest */
	bool hurries; /* the duty officer could not be told: the step waited for fires at hurried_ms
		       */
	int64_t hurried_ms;
	uint32_t climbed;
	unsigned rooms;
	int64_t triggers, fixes;
	int duties;
	struct asked contacts[CONTACTS];
	unsigned contact_count;
	struct sent units[ALERT_MAX_DISPATCHES];
	unsigned unit_count;
	int64_t chain_ms; /* the same for the chain of trusted persons */
	bool expects_ask; /* the next line asks this one */
	struct id expected;
	int64_t expected_ms;
	enum entry_kind last_kind;
	int64_t last_ms;
};

struct reading {
	struct sim *sim;
	struct tale *tales;
	int64_t number, epoch, at_ms;
};

/* When the clock first looked at or after at_ms; INT64_MAX: never. */
static int64_t poll_after(const struct sim *s, int64_t at_ms)
{
	const int64_t *polls = s->polls.items;
	size_t low = 0, high = s->polls.count;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (polls[middle] < at_ms)
			low = middle + 1;
		else
			high = middle;
	}
	return low < s->polls.count ? polls[low] : INT64_MAX;
}

static int64_t later(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

/* --- the ladder */

static bool is_over(const struct tale *t, enum ladder_unless unless)
{
	if (unless == UNLESS_PAINTED)
		return t->claimed || t->painted;
	return unless == UNLESS_CLAIMED ? t->claimed : !t->claimed || t->acted;
}

static int waiting(const struct sim *s, const struct tale *t)
{
	for (int i = 0; t->open && i < (int)s->ladder.step_count; i++)
		if (!(t->climbed >> i & 1) && !is_over(t, s->ladder.steps[i].unless))
			return i;
	return -1;
}

/* When the step it waits at is to fire: the first look of the clock once it is due. */
static int64_t climbs_at(const struct sim *s, const struct tale *t, int *ret_step)
{
	int step = waiting(s, t);
	int64_t from_ms = t->claimed ? t->claimed_at_ms : t->from_ms;

	*ret_step = step;
	if (step < 0)
		return INT64_MAX;
	if (t->hurries)
		return t->hurried_ms;
	return poll_after(s,
			  later(from_ms + s->ladder.steps[step].after_s * 1000LL, t->changed_ms));
}

static bool calls_duty(const struct sim *s, const struct tale *t)
{
	return s->town.rooms[s->town.watches[s->stories[t->story].watch].room].has_duty;
}

static void show(struct sim *s, struct tale *t, enum ladder_target target)
{
	const struct room *own = &s->town.rooms[s->town.watches[s->stories[t->story].watch].room];
	int room = target == TARGET_NEIGHBOUR ? own->neighbour
		   : target == TARGET_SECOND  ? own->second
		   : target == TARGET_ZONE    ? own->zone
					      : -1;

	if (room >= 0)
		t->rooms |= 1u << room;
}

static void on_climbed(struct sim *s, struct tale *t, const struct entry *e)
{
	int step;
	int64_t at_ms = climbs_at(s, t, &step);
	char name[48];

	hold(s, step >= 0, "alert %d climbs, and waits for nothing", t->story);
	snprintf(name, sizeof(name), "\"step\":\"%s\"", s->ladder.steps[step].name);
	hold(s, memmem(e->body.ptr, e->body.len, name, strlen(name)),
	     "alert %d climbs another step than %s", t->story, name);
	hold(s, e->at_ms == at_ms, "step %s of alert %d fired at %lld, not at %lld", name, t->story,
	     (long long)(e->at_ms - s->began_ms), (long long)(at_ms - s->began_ms));
	t->climbed |= 1u << step;
	t->hurries = false;
	t->changed_ms = e->at_ms;
	show(s, t, s->ladder.steps[step].show);
	t->duties += s->ladder.steps[step].message_duty && calls_duty(s, t);
}

static void on_duty_sms(struct sim *s, struct tale *t, const struct entry *e)
{
	int last = -1;

	for (int i = 0; i < (int)s->ladder.step_count; i++)
		if (t->climbed >> i & 1)
			last = i;
	if (e->kind != ENTRY_MESSAGE_FAILED || last < 0 || !s->ladder.steps[last].message_duty ||
	    is_over(t, s->ladder.steps[last].unless) || waiting(s, t) <= last)
		return;
	t->hurries = true;
	t->hurried_ms = e->at_ms;
}

/* --- trusted persons */

static struct asked *contact_of(struct tale *t, struct id id)
{
	for (unsigned i = 0; i < t->contact_count; i++)
		if (id_eq(t->contacts[i].contact, id))
			return &t->contacts[i];
	return NULL;
}

static bool somebody_is_on_it(const struct tale *t)
{
	for (unsigned i = 0; i < t->contact_count; i++)
		if (t->contacts[i].answered && !t->contacts[i].revoked)
			return true;
	return false;
}

static bool is_awaited(const struct tale *t, const struct asked *a)
{
	return t->open && a->asked && !a->silent && !a->revoked && !a->answered &&
	       !somebody_is_on_it(t);
}

static bool somebody_is_awaited(const struct tale *t)
{
	for (unsigned i = 0; i < t->contact_count; i++)
		if (is_awaited(t, &t->contacts[i]))
			return true;
	return false;
}

/* When whoever was asked is looked at: first whether their SMS has left. */
static int64_t looked_at(const struct sim *s, const struct sms *sms, int64_t since_ms, int answer_s)
{
	int wait_s = sms->left || sms->late ? answer_s : s->ladder.message_sent_s;

	return later(since_ms + wait_s * 1000LL, sms->told_ms);
}

static int64_t person_looked_at(const struct sim *s, const struct tale *t, const struct asked *a)
{
	return poll_after(
		s, later(looked_at(s, &a->sms, a->at_ms, s->ladder.contact_answer_s), t->chain_ms));
}

/* The next line of this alert asks the next person, when there is one. */
static void expect_next(struct tale *t, int64_t at_ms)
{
	const struct asked *first = NULL;

	if (somebody_is_on_it(t))
		return;
	for (unsigned i = 0; i < t->contact_count; i++) {
		const struct asked *a = &t->contacts[i];

		if (!a->asked && !a->revoked && (!first || a->rank < first->rank))
			first = a;
	}
	if (!first)
		return;
	t->expects_ask = true;
	t->expected = first->contact;
	t->expected_ms = at_ms;
}

static void on_asked(struct sim *s, struct tale *t, const struct entry *e)
{
	struct asked *a = contact_of(t, e->target);

	hold(s, a, "alert %d asks a stranger", t->story);
	/* By the operator's own wish, not because somebody's link was revoked. */
	if (!t->expects_ask && e->actor_kind == ACTOR_ACCOUNT && id_eq(e->actor, t->holder))
		t->acted = true;
	hold(s, !t->expects_ask || (id_eq(e->target, t->expected) && e->at_ms == t->expected_ms),
	     "alert %d asks somebody else than the next person", t->story);
	t->expects_ask = false;
	a->asked = true;
	a->silent = a->revoked = a->answered = false;
	a->sms = (struct sms){.told_ms = e->at_ms};
	a->at_ms = e->at_ms;
	a->times++;
}

static void on_contact(struct sim *s, struct tale *t, const struct entry *e)
{
	struct asked *a = contact_of(t, e->target);
	bool awaited, on_it;

	if (!a)
		return;
	awaited = is_awaited(t, a);
	on_it = a->answered && !a->revoked;
	switch (e->kind) {
	case ENTRY_CONTACT_ANSWERED:
		a->answered = true;
		break;
	case ENTRY_CONTACT_SILENT:
		hold(s, awaited && e->at_ms == person_looked_at(s, t, a),
		     "somebody in alert %d is silent at %lld, asked at %lld", t->story,
		     (long long)(e->at_ms - s->began_ms), (long long)(a->at_ms - s->began_ms));
		a->silent = true;
		if (!a->sms.late || !somebody_is_awaited(t))
			expect_next(t, e->at_ms);
		break;
	default: /* ENTRY_LINK_REVOKED */
		a->revoked = true;
		a->silent |= awaited;
		if (on_it)
			t->chain_ms = e->at_ms;
		if ((awaited && (!a->sms.late || !somebody_is_awaited(t))) || (on_it && t->open))
			expect_next(t, e->at_ms);
	}
}

/* --- units */

static struct sent *unit_of(struct tale *t, struct id dispatch)
{
	for (unsigned i = 0; i < t->unit_count; i++)
		if (id_eq(t->units[i].id, dispatch))
			return &t->units[i];
	return NULL;
}

static int64_t unit_looked_at(const struct sim *s, const struct sent *u)
{
	return poll_after(s, looked_at(s, &u->sms, u->at_ms, s->ladder.unit_receipt_s));
}

static void on_unit(struct sim *s, struct tale *t, const struct entry *e)
{
	struct sent *u = unit_of(t, e->target);

	if (e->kind == ENTRY_UNIT_SENT) {
		hold(s, !u && t->unit_count < ALERT_MAX_DISPATCHES, "a unit is sent twice");
		t->units[t->unit_count++] = (struct sent){e->target, e->at_ms, true, {0}};
		t->acted |= t->claimed;
		return;
	}
	hold(s, u, "alert %d has a word of a unit that was not sent", t->story);
	if (e->kind == ENTRY_UNIT_SILENT) {
		hold(s, u->waited_for && e->at_ms == unit_looked_at(s, u),
		     "a unit of alert %d is silent at the wrong time", t->story);
		t->duties += calls_duty(s, t);
	}
	u->waited_for = false;
}

/* --- their SMS */

static void hear_of_sms(struct sms *sms, const struct entry *e)
{
	sms->told_ms = e->at_ms;
	sms->left = e->kind != ENTRY_MESSAGE_ACCEPTED;
}

static void on_persons_sms(struct sim *s, struct tale *t, struct asked *a, const struct entry *e)
{
	bool awaited = is_awaited(t, a);

	if (e->kind == ENTRY_MESSAGE_LATE) {
		hold(s, awaited && !a->sms.left && !a->sms.late, "alert %d says late what is not",
		     t->story);
		hold(s, e->at_ms == person_looked_at(s, t, a),
		     "alert %d says at the wrong time that an SMS is late", t->story);
		a->sms.late = true;
		expect_next(t, e->at_ms);
		return;
	}
	hear_of_sms(&a->sms, e);
	if (e->kind != ENTRY_MESSAGE_FAILED || !awaited)
		return;
	a->silent = true;
	if (!a->sms.late || !somebody_is_awaited(t))
		expect_next(t, e->at_ms);
}

static void on_units_sms(struct sim *s, struct tale *t, struct sent *u, const struct entry *e)
{
	if (e->kind == ENTRY_MESSAGE_LATE) {
		hold(s,
		     u->waited_for && !u->sms.left && !u->sms.late &&
			     e->at_ms == unit_looked_at(s, u),
		     "alert %d says at the wrong time that a unit's SMS is late", t->story);
		u->sms.late = true;
		return;
	}
	hear_of_sms(&u->sms, e);
	u->sms.late |= e->kind == ENTRY_MESSAGE_FAILED;
}

static void on_sms(struct sim *s, struct tale *t, const struct entry *e)
{
	struct asked *a = contact_of(t, e->target);
	struct sent *u = unit_of(t, e->target);

	if (a)
		on_persons_sms(s, t, a, e);
	else if (u)
		on_units_sms(s, t, u, e);
	else
		on_duty_sms(s, t, e);
}

/* --- the device */

static void on_lost(struct sim *s, struct tale *t, const struct entry *e)
{
	hold(s, t->open && !t->lost && e->at_ms - t->heard_ms >= s->ladder.device_silent_s * 1000LL,
	     "the device of alert %d is not lost", t->story);
	t->lost = true;
}

static void on_back(struct sim *s, struct tale *t, const struct entry *e)
{
	hold(s, t->open && t->lost, "the device of alert %d was not lost", t->story);
	t->lost = false;
	t->heard_ms = e->at_ms;
}

static void on_said(struct sim *s, struct tale *t, const struct entry *e)
{
	const struct watch *w = &s->town.watches[s->stories[t->story].watch];

	if (id_eq(e->actor, w->id)) {
		hold(s, !t->lost, "alert %d does not say that its device is back", t->story);
		t->heard_ms = e->at_ms;
	}
}

/* --- line after line */

/* Nothing that was to happen before at_ms has not. */
static void check_nothing_is_late(struct sim *s, const struct tale *t, int64_t at_ms)
{
	int step;

	hold(s, climbs_at(s, t, &step) >= at_ms, "alert %d did not climb step %d", t->story, step);
	for (unsigned i = 0; i < t->contact_count; i++)
		hold(s,
		     !is_awaited(t, &t->contacts[i]) ||
			     person_looked_at(s, t, &t->contacts[i]) >= at_ms,
		     "alert %d still waits for person %u", t->story, i);
	for (unsigned i = 0; t->open && i < t->unit_count; i++)
		hold(s, !t->units[i].waited_for || unit_looked_at(s, &t->units[i]) >= at_ms,
		     "alert %d still waits for unit %u", t->story, i);
}

static void on_held(struct tale *t, const struct entry *e)
{
	t->claimed = t->painted = true;
	t->holder = e->actor;
	t->claimed_at_ms = e->at_ms;
}

static void on_raised(struct sim *s, struct tale *t, const struct entry *e)
{
	int official = s->stories[t->story].official;

	hold(s, !t->triggers, "alert %d is raised twice", t->story);
	t->open = true;
	t->triggers = 1;
	t->from_ms = t->heard_ms = e->at_ms;
	t->rooms = 1u << s->town.watches[s->stories[t->story].watch].room;
	for (unsigned i = 0; official >= 0 && i < s->town.officials[official].contact_count; i++) {
		const struct person *p = &s->town.officials[official].contacts[i];

		if (!p->removed_at || p->removed_at >= e->number)
			t->contacts[t->contact_count++] =
				(struct asked){.contact = p->id, .rank = p->rank};
	}
}

static void on_closed(struct tale *t)
{
	t->open = false;
	for (unsigned i = 0; i < t->contact_count; i++)
		t->contacts[i].revoked |= t->contacts[i].asked;
	for (unsigned i = 0; i < t->unit_count; i++)
		t->units[i].waited_for = false;
}

static void on_reopened(struct tale *t, const struct entry *e)
{
	t->open = true;
	t->acted = t->lost = false;
	t->climbed = 0;
	t->from_ms = e->at_ms;
	on_held(t, e);
}

static void apply(struct sim *s, struct tale *t, const struct entry *e)
{
	switch (e->kind) {
	case ENTRY_RAISED:
		on_raised(s, t, e);
		break;
	case ENTRY_TRIGGERED:
		t->triggers++;
		on_said(s, t, e);
		break;
	case ENTRY_POSITION:
		t->fixes++;
		on_said(s, t, e);
		break;
	case ENTRY_DEVICE_LOST:
		on_lost(s, t, e);
		break;
	case ENTRY_DEVICE_BACK:
		on_back(s, t, e);
		break;
	case ENTRY_PAINTED:
		t->painted = true;
		break;
	case ENTRY_CLAIMED:
	case ENTRY_TAKEN_OVER:
		on_held(t, e);
		break;
	case ENTRY_NOTED:
		t->acted |=
			t->claimed && e->actor_kind == ACTOR_ACCOUNT && id_eq(e->actor, t->holder);
		break;
	case ENTRY_CLOSED:
		on_closed(t);
		break;
	case ENTRY_REOPENED:
		on_reopened(t, e);
		break;
	case ENTRY_CLIMBED:
		on_climbed(s, t, e);
		break;
	case ENTRY_CONTACT_MESSAGED:
		on_asked(s, t, e);
		break;
	case ENTRY_CONTACT_ANSWERED:
	case ENTRY_CONTACT_SILENT:
	case ENTRY_LINK_REVOKED:
		on_contact(s, t, e);
		break;
	case ENTRY_MESSAGE_ACCEPTED:
	case ENTRY_MESSAGE_SENT:
	case ENTRY_MESSAGE_DELIVERED:
	case ENTRY_MESSAGE_FAILED:
	case ENTRY_MESSAGE_LATE:
		on_sms(s, t, e);
		break;
	case ENTRY_UNIT_SENT:
	case ENTRY_UNIT_RECEIVED:
	case ENTRY_UNIT_EN_ROUTE:
	case ENTRY_UNIT_ARRIVED:
	case ENTRY_UNIT_DECLINED:
	case ENTRY_UNIT_CANCELLED:
	case ENTRY_UNIT_SILENT:
		on_unit(s, t, e);
		break;
	default:
		break;
	}
}

static int on_entry(void *context, const struct entry *e)
{
	struct reading *r = context;
	struct sim *s = r->sim;
	int story = story_of(s, e->subject);
	struct tale *t;

	hold(s, e->number == r->number + 1, "the journal goes from %lld to %lld",
	     (long long)r->number, (long long)e->number);
	hold(s, e->epoch == r->epoch, "an entry of another epoch");
	r->number = e->number;
	if (entry_kind_class(e->kind) == ENTRY_AUDIT)
		return 0;
	hold(s, e->at_ms >= r->at_ms, "time goes back in the journal");
	r->at_ms = e->at_ms;
	hold(s, story >= 0, "entry %lld is about no alert", (long long)e->number);
	t = &r->tales[story];
	if (s->tracing)
		tell(s, "journal: %lld at %.3f s, alert %d: %s %.*s", (long long)e->number,
		     (double)(e->at_ms - s->began_ms) / 1000, story, entry_kind_name(e->kind),
		     STR_FMT(e->body));
	hold(s, !t->expects_ask || e->kind == ENTRY_CONTACT_MESSAGED,
	     "alert %d does not ask the next person", story);
	check_nothing_is_late(s, t, e->at_ms);
	apply(s, t, e);
	return 0;
}

static void read_journal(struct sim *s, struct tale *tales)
{
	struct vault *v = service_vault(s->service);
	struct reading reading = {s, tales, 0, 0, INT64_MIN};
	int64_t head;
	int r = journal_head(v, &reading.epoch, &head, NULL);

	for (int i = 0; i < s->story_count; i++)
		tales[i].story = i;
	while (!r && reading.number < head)
		r = journal_after(v, reading.number, 500, on_entry, &reading);
	hold(s, !r, "the journal cannot be read: %d", r);
	for (int i = 0; i < s->story_count; i++)
		check_nothing_is_late(s, &tales[i], s->now_ms);
}

/* --- the rows beside the journal */

static unsigned stored_rooms(const struct sim *s, const struct alert *a)
{
	unsigned bits = 0;

	for (int i = 0; i < ROOMS; i++)
		bits |= alert_shown_to(a, s->town.rooms[i].id) ? 1u << i : 0;
	return bits;
}

static void check_alert(struct sim *s, const struct tale *t)
{
	const struct story *story = &s->stories[t->story];
	struct arena arena = ARENA_INIT;
	struct alert a;
	int r = alert_load(service_vault(s->service), &arena, story->id, &a, NULL);

	arena_fini(&arena);
	hold(s, !r, "alert %d is lost", t->story);
	hold(s, t->triggers == story->triggers && a.triggers == story->triggers,
	     "alert %d has %lld calls, %lld in the journal, and was called %lld times", t->story,
	     (long long)a.triggers, (long long)t->triggers, (long long)story->triggers);
	hold(s, t->fixes == story->fixes, "alert %d has %lld positions, and was given %lld",
	     t->story, (long long)t->fixes, (long long)story->fixes);
	hold(s, alert_is_open(&a) == story->open && t->open == story->open, "alert %d: open or not",
	     t->story);
	hold(s, a.test == story->test, "alert %d: test or not", t->story);
	hold(s, a.climbed == t->climbed, "alert %d climbed %x, not %x", t->story, a.climbed,
	     t->climbed);
	hold(s, stored_rooms(s, &a) == t->rooms && story->rooms == t->rooms,
	     "alert %d is shown to %x, not %x", t->story, stored_rooms(s, &a), t->rooms);
	hold(s, a.room_count == (unsigned)__builtin_popcount(t->rooms),
	     "alert %d is shown twice to a room", t->story);
	hold(s, id_is_none(a.claimed_by) == !t->claimed, "alert %d: claimed or not", t->story);
}

SQL(message_count, "SELECT COUNT(*) FROM outbox WHERE alert = $1 AND target = $2 AND kind = $3");
SQL(message_total, "SELECT COUNT(*) FROM outbox");
SQL(alert_total, "SELECT COUNT(*) FROM alert");

static int64_t one_number(struct sim *s, struct query *q)
{
	int64_t number;

	hold(s, query_step(q) == 1, "a row cannot be counted");
	number = column_i64(q, 0);
	db_done(q);
	return number;
}

static int64_t messages_to(struct sim *s, struct id alert, struct id target, enum outbox_kind kind)
{
	struct query *q = db_query(vault_db(service_vault(s->service)), &message_count);

	bind_id(q, 1, alert);
	bind_id(q, 2, target);
	bind_i64(q, 3, kind);
	return one_number(s, q);
}

/* As many rows as lines that say somebody was written to: none lost, none doubled. */
static int64_t check_messages(struct sim *s, const struct tale *t)
{
	const struct story *story = &s->stories[t->story];
	struct id room = s->town.rooms[s->town.watches[story->watch].room].id;
	int64_t total = t->duties;

	for (unsigned i = 0; i < t->contact_count; i++) {
		const struct asked *a = &t->contacts[i];

		hold(s, messages_to(s, story->id, a->contact, OUTBOX_CONTACT) == a->times,
		     "alert %d asked person %u %d times, with %lld SMS", t->story, i, a->times,
		     (long long)messages_to(s, story->id, a->contact, OUTBOX_CONTACT));
		total += a->times;
	}
	for (unsigned i = 0; i < t->unit_count; i++)
		hold(s, messages_to(s, story->id, t->units[i].id, OUTBOX_UNIT) == 1,
		     "alert %d sent unit %u without its SMS", t->story, i);
	hold(s, messages_to(s, story->id, room, OUTBOX_DUTY) == t->duties,
	     "alert %d called the duty officer %d times, with %lld SMS", t->story, t->duties,
	     (long long)messages_to(s, story->id, room, OUTBOX_DUTY));
	return total + t->unit_count;
}

void check_deadlines(struct sim *s)
{
	struct deadline list[200];
	size_t count;
	int r = deadlines_next(service_vault(s->service), 200, list, &count);

	hold(s, !r, "deadlines cannot be read: %d", r);
	for (size_t i = 0; i < count; i++) {
		int story = story_of(s, list[i].alert);

		if (list[i].timer == TIMER_TERM) /* of the officials, a year away */
			continue;
		hold(s, story >= 0 && s->stories[story].open,
		     "a deadline of an alert that is closed");
		hold(s, list[i].due_at_ms > s->now_ms || !s->final, "a deadline was never fired");
	}
}

static void check_outbox(struct sim *s, int64_t expected)
{
	struct db *db = vault_db(service_vault(s->service));
	struct arena arena = ARENA_INIT;
	struct message *due;
	int64_t next_ms;
	size_t count;

	hold(s, one_number(s, db_query(db, &message_total)) == expected, "%lld SMS for %lld lines",
	     (long long)one_number(s, db_query(db, &message_total)), (long long)expected);
	hold(s,
	     !messages_due(service_vault(s->service), &arena, INT64_MAX - 1, 1, &due, &count,
			   &next_ms),
	     "the outbox cannot be read");
	hold(s, !count, "an SMS neither left nor ended");
	arena_fini(&arena);
}

void check_everything(struct sim *s)
{
	struct tale *tales = xcalloc((size_t)s->story_count + 1, sizeof(*tales));
	struct db *db = vault_db(service_vault(s->service));
	int64_t messages = 0, wrong = 0;
	int r;

	read_journal(s, tales);
	for (int i = 0; i < s->story_count; i++) {
		check_alert(s, &tales[i]);
		messages += check_messages(s, &tales[i]);
	}
	hold(s, one_number(s, db_query(db, &alert_total)) == s->story_count,
	     "%lld alerts, %d known", (long long)one_number(s, db_query(db, &alert_total)),
	     s->story_count);
	check_deadlines(s);
	check_outbox(s, messages);
	r = journal_verify(service_vault(s->service), NULL, &wrong);
	hold(s, !r, "the journal does not verify at %lld: %d", (long long)wrong, r);
	free(tales);
}

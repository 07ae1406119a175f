/* What becomes of registrations with time: see terms.h. */
#include "service/terms.h"

#include <errno.h>

#include "base/limits.h"
#include "crypto/random.h"
#include "service/case.h"
#include "service/counter.h"
#include "service/directory.h"
#include "service/json.h"
#include "service/mandates.h"
#include "service/people_index.h"
#include "service/sms_text.h"
#include "store/emergency_calls.h"
#include "store/links.h"
#include "store/outbox.h"
#include "store/own.h"
#include "store/terms.h"
#include "store/visits.h"

enum {
	HOUR_MS = 3600 * 1000,
	/* When people are awake, and not all of them at once: thousands of mandates end the same
	 * day, and a call for help may not wait behind them. */
	SAID_FROM_MS = 9 * HOUR_MS,
	SAID_WITHIN_MS = 8 * HOUR_MS,
	/* Later than that the server was down: each at its own moment again. */
	LATE_MS = HOUR_MS,
	/* In the row of a deadline that came by a date that is not believed. */
	PUT_OFF = 1,
	LOOKED_AT_ONCE = 200,
	CAUGHT_UP_AT_ONCE = 2000,
	CAUGHT_UP_DAYS = 28,
	/* What goes on is not waited for by a day. */
	AGAIN_MS = HOUR_MS,
	SMS_VALID_MS = 7 * 24 * HOUR_MS,
};

/* --- when */

static uint32_t chance_of(struct id official)
{
	uint32_t chance = 0;

	for (int i = 12; i < 16; i++)
		chance = chance << 8 | official.bytes[i];
	return chance;
}

static int64_t own_moment_ms(struct id official, int32_t day)
{
	return paris_time_ms(day, SAID_FROM_MS + chance_of(official) % SAID_WITHIN_MS);
}

static int look_at_ms(struct work *w, struct id official, int64_t due_at_ms)
{
	struct deadline d = {.alert = official, .timer = TIMER_TERM, .due_at_ms = due_at_ms};

	if (due_at_ms < w->soonest_deadline_ms)
		w->soonest_deadline_ms = due_at_ms;
	return deadline_set(w->vault, &d);
}

static int look_on(struct work *w, struct id official, int32_t day)
{
	return day == DAY_NONE ? deadline_clear(w->vault, official, TIMER_TERM, ID_NONE)
			       : look_at_ms(w, official, own_moment_ms(official, day));
}

/* The next time its moment comes round. */
static int look_soon(struct work *w, struct id official)
{
	int32_t today = paris_day(w->now_ms);

	return look_on(w, official, own_moment_ms(official, today) > w->now_ms ? today : today + 1);
}

/* Out of the way of other deadlines, however long it lasts. */
static int put_off(struct work *w, struct id official)
{
	struct deadline d = {.alert = official,
			     .timer = TIMER_TERM,
			     .step = PUT_OFF,
			     .due_at_ms = own_moment_ms(official, paris_day(w->now_ms) + 1)};

	return deadline_set(w->vault, &d);
}

static int look_now(void *context, struct id official)
{
	return look_soon(context, official);
}

int terms_look_again(struct work *w)
{
	return deadlines_put_off(w->vault, LOOKED_AT_ONCE, look_now, w);
}

/* Saves it, and looks again when there is something to do; that may be now. */
static int save(struct work *w, struct id official, const struct term *t)
{
	struct term next = *t;
	struct term_decision d;
	int r = term_save(w->vault, official, t, w->now_ms);

	if (r)
		return r;
	term_look(&next, paris_day(w->now_ms), false, &d);
	if (d.notice != NOTICE_NONE || d.ends)
		return look_soon(w, official);
	return look_on(w, official, d.look_day);
}

/* --- what is written and sent */

static void write_line(struct work *w, struct command *command, enum entry_kind kind,
		       struct id official, const struct term *t, struct str reason)
{
	enum term_why why;
	int32_t last = term_ends_after(t, &why);
	struct buf b = BUF_INIT;

	json_open(&b, NULL, '{');
	json_day(&b, "until", t->ended == DAY_NONE ? last : t->ended);
	json_word(&b, "why", term_why_name(t->ended == DAY_NONE ? why : t->why));
	if (reason.len)
		json_text(&b, "reason", reason);
	json_close(&b, '}');
	work_entry(w, command, kind, official, ID_NONE, official, work_keep(w, &b));
}

static int send(struct work *w, const struct official *o, struct str text)
{
	struct message m = {
		.id = random_id_v7(w->now_ms),
		.alert = o->id,
		.target = o->id,
		.kind = OUTBOX_TERM,
		.to = o->phone,
		.text = text,
		.state = MESSAGE_QUEUED,
		.created_at_ms = w->now_ms,
		.next_at_ms = w->now_ms,
		.valid_until_ms = w->now_ms + SMS_VALID_MS,
	};
	/* What has not left yet says what was so before. */
	int r = messages_cancel_kind(w->vault, o->id, OUTBOX_TERM);

	w->outbox_changed = true;
	return r ? r : message_insert(w->vault, &m);
}

/* With a link by which they answer; the one before is dead. */
static int send_question(struct work *w, const struct official *o, const struct term *t,
			 enum term_notice notice)
{
	struct link link = {LINK_TERM, o->id, o->id, w->now_ms, TIME_NONE};
	char token[LINK_TOKEN_SIZE];
	int r = links_end(w->vault, o->id, w->now_ms);

	link_token_new(w->now_ms, token);
	if (!r)
		r = link_insert(w->vault, str_from(token), &link);
	return r ? r : send(w, o, sms_for_term(w, t, notice, str_from(token)));
}

static int say(struct work *w, struct command *command, const struct official *o,
	       const struct term *t, enum term_notice notice)
{
	bool ends = notice >= NOTICE_ENDS_60;

	write_line(w, command, ends ? ENTRY_TERM_WARNED : ENTRY_TERM_ASKED, o->id, t, STR_NONE);
	return send_question(w, o, t, notice);
}

/* It has come to that by another way: nobody is to call them about it. */
static int wish_no_more_to_leave(struct work *w, struct id official)
{
	struct own_wish wish;
	int r = own_wish_load(w->vault, official, &wish);

	wish.leave_at_ms = TIME_NONE;
	return r ? r : own_wish_save(w->vault, official, &wish);
}

/* The link is dead: what they want from now on, they say at the counter. */
static int end(struct work *w, struct command *command, const struct official *o,
	       const struct term *t, struct str reason)
{
	int r = links_end(w->vault, o->id, w->now_ms);

	if (!r)
		r = wish_no_more_to_leave(w, o->id);
	write_line(w, command, ENTRY_TERM_ENDED, o->id, t, reason);
	return r ? r : send(w, o, sms_for_ended_term(w, t));
}

/* --- time */

/* Whether an alert, a visit or a call of theirs goes on: nothing ends amid it. */
int term_is_busy(struct work *w, struct id official, bool *ret_busy)
{
	struct open_cases open = {.count = 0};
	bool expected = false, called = false;
	int r = cases_open_of(w, official, &open);

	if (!r)
		r = visits_expected(w->vault, official, ID_NONE, &expected);
	if (!r)
		r = emergency_call_open_of(w->vault, official, &called);
	*ret_busy = open.count || expected || called;
	return r;
}

static int load(struct work *w, struct id id, struct official *ret_official, struct term *ret_term)
{
	int r = official_load(w->vault, w->arena, id, ret_official);

	return r ? r : term_load(w->vault, id, ret_term);
}

int term_begin(struct work *w, struct id official, int32_t until, int32_t mandate_until)
{
	struct term t = term_new(paris_day(w->now_ms), until, mandate_until);

	return save(w, official, &t);
}

struct catching_up {
	struct vault *vault;
	int32_t tomorrow;
	int count;
};

/* Each a day and a moment of its own, however many were registered in one go. */
static int set_first_look(void *context, struct id official)
{
	struct catching_up *c = context;
	int32_t day =
		c->tomorrow + (int32_t)(chance_of(official) / SAID_WITHIN_MS % CAUGHT_UP_DAYS);
	struct deadline d = {
		.alert = official, .timer = TIMER_TERM, .due_at_ms = own_moment_ms(official, day)};

	c->count++;
	return deadline_set(c->vault, &d);
}

int terms_catch_up(struct vault *v)
{
	struct catching_up c = {v, paris_day(clock_now_ms()) + 1, CAUGHT_UP_AT_ONCE};
	struct db *db = vault_db(v);
	int r = 0;

	while (!r && c.count == CAUGHT_UP_AT_ONCE) {
		c.count = 0;
		r = db_begin(db);
		if (r)
			return r;
		r = deadlines_without_term(v, CAUGHT_UP_AT_ONCE, set_first_look, &c);
		if (!r)
			r = db_commit(db);
		else
			db_rollback(db);
	}
	return r;
}

static int carry_out(struct work *w, struct command *command, const struct official *o,
		     const struct term *t, const struct term_decision *d)
{
	int r = term_save(w->vault, o->id, t, w->now_ms);

	if (!r && d->notice != NOTICE_NONE)
		r = say(w, command, o, t, d->notice);
	if (!r && d->ends)
		r = end(w, command, o, t, STR_NONE);
	if (r)
		return r;
	return d->waits ? look_at_ms(w, o->id, w->now_ms + AGAIN_MS)
			: look_on(w, o->id, d->look_day);
}

int term_look_at(struct work *w, struct command *command, const struct deadline *deadline)
{
	struct term_decision decision;
	struct official o;
	struct term t;
	bool busy;
	int r;

	if (!w->date_is_believed)
		return put_off(w, deadline->alert);
	if (w->now_ms - deadline->due_at_ms > LATE_MS)
		return look_soon(w, deadline->alert);
	r = load(w, deadline->alert, &o, &t);
	if (!r)
		r = term_is_busy(w, o.id, &busy);
	if (r)
		return r == -ENOENT ? 0 : r;
	term_look(&t, paris_day(w->now_ms), busy, &decision);
	return carry_out(w, command, &o, &t, &decision);
}

/* --- when it can be taken back no more */

struct purge {
	struct work *w;
	struct command *command;
};

/* What began meanwhile is waited for. */
static int purge_one(void *context, struct id official)
{
	struct purge *p = context;
	struct work *w = p->w;
	bool busy;
	int r = term_is_busy(w, official, &busy);

	if (!r && !busy)
		r = official_purge(w->vault, official);
	if (!r && !busy)
		work_entry(w, p->command, ENTRY_DELETED, official, ID_NONE,
			   vault_house_key(w->vault), work_one_text(w, "what", STR("official")));
	return r;
}

int terms_purge(struct work *w, struct command *command, int64_t before_ms, struct portion *portion)
{
	struct purge p = {w, command};

	return terms_ended(w->vault, before_ms, portion, purge_one, &p);
}

/* --- people */

static const char unknown_text[] = "Cette inscription n'existe pas, ou plus.";
static const char ended_text[] = "Cette inscription a pris fin.";
static const char anew_text[] = "Cette personne est déjà inscrite de nouveau avec ce numéro.";

/* Absent is a refusal, and so is another room's. */
static int load_for(struct work *w, struct command *command, struct id official,
		    struct official *ret_official, struct term *ret_term)
{
	int r = load(w, official, ret_official, ret_term);

	if (!r && !counter_actor_reaches(w->directory, &command->actor, ret_official->unit))
		r = -ENOENT;
	if (r == -ENOENT)
		command_refuse(command, PROBLEM_NOT_FOUND, unknown_text);
	return r == -ENOENT ? 0 : r;
}

int term_end_now(struct work *w, struct command *command, struct id official, enum term_why why,
		 struct str reason)
{
	struct official o;
	struct term t;
	bool busy;
	int r = load_for(w, command, official, &o, &t);

	if (r || command->outcome.problem)
		return r;
	r = term_is_busy(w, official, &busy);
	if (r)
		return r;
	if (busy)
		command_refuse(
			command, PROBLEM_CONFLICT,
			"Une alerte, une visite ou un appel de cette personne est en cours : "
			"rien ne prend fin avant.");
	else if (!term_end(&t, why, paris_day(w->now_ms)))
		command_refuse(command, PROBLEM_CONFLICT, ended_text);
	if (command->outcome.problem)
		return 0;
	r = save(w, official, &t);
	return r ? r : end(w, command, &o, &t, reason);
}

int term_mandate_looked_up(struct work *w, struct command *command, const struct official *o,
			   bool there, int32_t edition_day)
{
	struct term t;
	int r = term_load(w->vault, o->id, &t);

	if (r || t.ended != DAY_NONE || there == (t.mandate_gone == DAY_NONE))
		return r;
	t.mandate_gone = there ? DAY_NONE : edition_day;
	write_line(w, command, there ? ENTRY_TERM_MANDATE_BACK : ENTRY_TERM_MANDATE_GONE, o->id, &t,
		   STR_NONE);
	return save(w, o->id, &t);
}

/* Somebody has looked into it: the next edition asks nothing again about that mandate. */
static int forget_mandate(struct work *w, struct official *o)
{
	o->registered_mandate = STR_NONE;
	return official_update(w->vault, o);
}

int term_answer(struct work *w, struct command *command, struct id official,
		enum term_answer answer)
{
	struct official o;
	struct term t;
	enum entry_kind kind = ENTRY_TERM_END_ASKED;
	int r = load_for(w, command, official, &o, &t);

	if (r || command->outcome.problem)
		return r;
	if (t.ended != DAY_NONE) {
		command_refuse(command, PROBLEM_GONE, ended_text);
		return 0;
	}
	if (!term_reply(&t, answer, paris_day(w->now_ms)))
		return 0;
	if (answer == ANSWER_GO_ON)
		kind = t.answer == ANSWER_GO_ON ? ENTRY_TERM_GO_ON : ENTRY_TERM_CONFIRMED;
	write_line(w, command, kind, official, &t, STR_NONE);
	return save(w, official, &t);
}

int term_confirm_now(struct work *w, struct command *command, struct id official)
{
	struct official o;
	struct term t;
	bool settled;
	int r = load_for(w, command, official, &o, &t);

	if (r || command->outcome.problem)
		return r;
	if (t.ended != DAY_NONE) {
		command_refuse(command, PROBLEM_CONFLICT, ended_text);
		return 0;
	}
	settled = t.mandate_gone != DAY_NONE;
	t.mandate_gone = DAY_NONE;
	term_confirm(&t, paris_day(w->now_ms));
	write_line(w, command, ENTRY_TERM_CONFIRMED, official, &t, STR_NONE);
	r = save(w, official, &t);
	return r || !settled ? r : forget_mandate(w, &o);
}

/* Who came to the counter again has a new file: two would each be the other's. */
static int is_registered_anew(struct work *w, const struct official *o, bool *ret_anew)
{
	struct id ids[LIMIT_CALL_MATCHES];
	unsigned count = 0;
	int r = officials_by_number(w->vault, o->phone, ids, LIMIT_CALL_MATCHES, &count);

	*ret_anew = false;
	for (unsigned i = 0; !r && i < count; i++) {
		struct official other;

		r = official_load(w->vault, w->arena, ids[i], &other);
		if (!r)
			*ret_anew |= people_same_name(other.name, o->name);
	}
	return r;
}

/* Their new mandate, which the next editions are asked about. */
static int take_mandate(struct work *w, struct command *command, struct official *o,
			struct str mark)
{
	struct mandate_line line;
	char commune[COMMUNE_CODE_SIZE];
	int r = commune_code_parse(o->commune_code, commune)
			? -ENOENT
			: mandate_of_mark(w, commune, mark, &line);

	if (r == -ENOENT) {
		command_invalid(command, "register_mark",
				"Cette ligne n'est pas au répertoire pour la commune du dossier : "
				"cherchez à nouveau.");
		return 0;
	}
	if (!r) {
		o->registered_mandate = line.kept;
		o->mandate = line.name;
	}
	return r;
}

/* One that left the register was looked into: the next edition asks nothing again about it. */
static int follow_mandate(struct work *w, struct command *command, struct official *o, bool settled,
			  struct str mark)
{
	if (settled)
		o->registered_mandate = STR_NONE;
	return mark.len ? take_mandate(w, command, o, mark) : 0;
}

int term_prolong_now(struct work *w, struct command *command, struct id official,
		     const struct term_prolongation *p)
{
	struct official o;
	struct term t;
	bool had_ended, settled, anew = false;
	int r = load_for(w, command, official, &o, &t);

	if (r || command->outcome.problem)
		return r;
	had_ended = t.ended != DAY_NONE;
	settled = t.mandate_gone != DAY_NONE;
	if (had_ended)
		r = is_registered_anew(w, &o, &anew);
	if (anew)
		command_refuse(command, PROBLEM_CONFLICT, anew_text);
	if (r || anew)
		return r;
	if (!term_prolong(&t, p->until, p->mandate_until, paris_day(w->now_ms))) {
		command_invalid(command, "until", "Donnez un jour à venir.");
		return 0;
	}
	r = follow_mandate(w, command, &o, settled, p->mark);
	if (r || command->outcome.problem)
		return r;
	write_line(w, command, had_ended ? ENTRY_TERM_TAKEN_BACK : ENTRY_TERM_PROLONGED, official,
		   &t, STR_NONE);
	r = save(w, official, &t);
	o.ended = false;
	if (!r && (settled || had_ended || p->mark.len))
		r = official_update(w->vault, &o);
	if (!r)
		r = links_end(w->vault, official, w->now_ms);
	return r ? r : send(w, &o, sms_for_prolonged_term(w, &t));
}

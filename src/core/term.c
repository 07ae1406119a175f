/* The term of a registration: see term.h. */
#include "core/term.h"

#include <errno.h>

#define FIRST_END NOTICE_ENDS_60

/* Beside the notices in `said`: they answered once that what ends is to go on. */
#define WISHED (1u << NOTICES)
/* And behind it: the same notices of the end, said of the day that a wish goes on until. */
enum { WISHED_SHIFT = NOTICES };

#define CONFIRM_BITS ((1u << FIRST_END) - 1)
#define END_BITS (((1u << NOTICES) - 1) & ~CONFIRM_BITS)

/* Of what is asked: after the anniversary; of what ends: before the last day. */
static const int days_of[NOTICES] = {
	[NOTICE_CONFIRM] = 0,  [NOTICE_CONFIRM_AGAIN] = 30, [NOTICE_CONFIRM_LAST] = 60,
	[NOTICE_ENDS_60] = 60, [NOTICE_ENDS_30] = 30,       [NOTICE_ENDS_7] = 7,
};

static const char *const why_names[TERM_WHYS] = {"lasts", "asked", "protection", "mandate",
						 "limit"};
static const char *const task_names[TASKS] = {"none",         "end_asked", "go_on", "ends",
					      "mandate_gone", "confirm",   "ended"};

const char *term_why_name(enum term_why why)
{
	return (unsigned)why < TERM_WHYS ? why_names[why] : why_names[TERM_LASTS];
}

int term_why_parse(struct str name, enum term_why *ret_why)
{
	for (int i = TERM_ASKED; i < TERM_WHYS; i++)
		if (str_eq(name, str_from(why_names[i]))) {
			*ret_why = (enum term_why)i;
			return 0;
		}
	return -EINVAL;
}

const char *term_task_name(enum term_task task)
{
	return (unsigned)task < TASKS ? task_names[task] : task_names[TASK_NONE];
}

struct term term_new(int32_t registered, int32_t until, int32_t mandate_until)
{
	return (struct term){.registered = registered,
			     .until = until,
			     .mandate_until = mandate_until,
			     .confirmed = registered,
			     .warned = DAY_NONE,
			     .ended = DAY_NONE,
			     .mandate_gone = DAY_NONE};
}

static int32_t years_after(int32_t day, int years)
{
	return day_after(day, &(struct period){.years = years});
}

int32_t term_last_day(const struct term *t, enum term_why *ret_why)
{
	int32_t last = years_after(t->registered, TERM_YEARS_MAX);

	*ret_why = TERM_LIMIT;
	if (t->mandate_until != DAY_NONE && t->mandate_until <= last) {
		last = t->mandate_until;
		*ret_why = TERM_MANDATE;
	}
	if (t->until != DAY_NONE && t->until <= last) {
		last = t->until;
		*ret_why = TERM_PROTECTION;
	}
	return last;
}

static int32_t last_day(const struct term *t)
{
	enum term_why why;

	return term_last_day(t, &why);
}

/* Whoever has the telephone later may say otherwise: the counter hears both. */
static bool waits_for_counter(const struct term *t)
{
	return t->answer == ANSWER_GO_ON || (t->answer == ANSWER_END && t->said & WISHED);
}

/* Never longer than protection was asked for, ten years at most (CSI R. 236-42): a wish waits for
 * the counter beyond the mandate's last day, and not beyond that one. */
static struct term as_wished(const struct term *t)
{
	struct term wished = *t;

	if (waits_for_counter(t))
		wished.mandate_until = DAY_NONE;
	return wished;
}

static uint32_t bit_of(const struct term *t, int notice)
{
	struct term wished = as_wished(t);
	bool is_later = notice >= FIRST_END && last_day(&wished) > last_day(t);

	return 1u << (is_later ? notice + WISHED_SHIFT : notice);
}

int32_t term_notice_day(const struct term *t, enum term_notice notice)
{
	struct term wished = as_wished(t);
	int32_t last = last_day(t), asked;

	if (t->ended != DAY_NONE)
		return DAY_NONE;
	if (notice >= FIRST_END)
		return last_day(&wished) - days_of[notice];
	asked = years_after(t->confirmed, TERM_CONFIRM_YEARS) + days_of[notice];
	/* Who has answered is not asked again; nor is who is told that it ends. */
	if (t->answer != ANSWER_NONE || t->warned != DAY_NONE ||
	    asked >= last - days_of[NOTICE_ENDS_60])
		return DAY_NONE;
	return asked;
}

static bool is_due(const struct term *t, enum term_notice notice, int32_t today)
{
	int32_t day = term_notice_day(t, notice);

	return !(t->said & bit_of(t, notice)) && day != DAY_NONE && day <= today;
}

/* The latest that is due of those from `first` up to `end`; those before it are over with it. */
static enum term_notice take_due(struct term *t, int first, int end, int32_t today)
{
	enum term_notice latest = NOTICE_NONE;

	for (int i = first; i < end; i++)
		if (is_due(t, (enum term_notice)i, today)) {
			latest = (enum term_notice)i;
			t->said |= bit_of(t, i);
		}
	return latest;
}

int32_t term_in_force_until(const struct term *t)
{
	int32_t last = last_day(t);
	int32_t warned = t->warned == DAY_NONE ? last : t->warned + TERM_WARNED_DAYS - 1;

	return warned > last ? warned : last;
}

int32_t term_ends_after(const struct term *t, enum term_why *ret_why)
{
	struct term wished = as_wished(t);
	int32_t said = term_in_force_until(t), limit = term_last_day(&wished, ret_why);

	return limit > said ? limit : said;
}

static int32_t ends_after(const struct term *t)
{
	enum term_why why;

	return term_ends_after(t, &why);
}

static bool is_over(const struct term *t, int32_t today)
{
	return t->warned != DAY_NONE && today > ends_after(t);
}

static void sooner(int32_t *day, int32_t other, int32_t today)
{
	if (other != DAY_NONE && other > today && (*day == DAY_NONE || other < *day))
		*day = other;
}

static int32_t next_look(const struct term *t, int32_t today)
{
	int32_t day = DAY_NONE;

	if (t->ended != DAY_NONE)
		return DAY_NONE;
	for (int i = 0; i < NOTICES; i++)
		if (!(t->said & bit_of(t, i)))
			sooner(&day, term_notice_day(t, (enum term_notice)i), today);
	sooner(&day, ends_after(t) + 1, today);
	return day;
}

void term_look(struct term *t, int32_t today, bool busy, struct term_decision *ret_decision)
{
	struct term_decision d = {.notice = NOTICE_NONE};

	if (t->ended == DAY_NONE && is_over(t, today)) {
		d.waits = busy;
		d.ends = !busy;
	} else if (t->ended == DAY_NONE) {
		d.notice = take_due(t, FIRST_END, NOTICES, today);
		if (d.notice != NOTICE_NONE && t->warned == DAY_NONE)
			t->warned = today;
		if (d.notice == NOTICE_NONE)
			d.notice = take_due(t, NOTICE_CONFIRM, FIRST_END, today);
	}
	if (d.ends) {
		term_ends_after(t, &t->why);
		t->ended = today;
	}
	d.look_day = next_look(t, today);
	*ret_decision = d;
}

enum term_task term_task(const struct term *t)
{
	if (t->ended != DAY_NONE)
		return TASK_ENDED;
	if (t->answer == ANSWER_END)
		return TASK_END_ASKED;
	if (t->answer == ANSWER_GO_ON)
		return TASK_GO_ON;
	if (t->said & END_BITS)
		return TASK_ENDS;
	if (t->mandate_gone != DAY_NONE)
		return TASK_MANDATE_GONE;
	return t->said & CONFIRM_BITS ? TASK_CONFIRM : TASK_NONE;
}

void term_confirm(struct term *t, int32_t today)
{
	t->confirmed = today;
	t->said &= ~CONFIRM_BITS;
	t->answer = t->warned != DAY_NONE && waits_for_counter(t) ? ANSWER_GO_ON : ANSWER_NONE;
}

bool term_reply(struct term *t, enum term_answer answer, int32_t today)
{
	if (t->ended != DAY_NONE || answer == t->answer)
		return false;
	if (answer == ANSWER_GO_ON && t->warned == DAY_NONE) {
		bool is_new = t->answer != ANSWER_NONE || t->said & CONFIRM_BITS;

		t->answer = ANSWER_NONE;
		term_confirm(t, today);
		return is_new;
	}
	t->answer = answer;
	if (answer == ANSWER_GO_ON)
		t->said |= WISHED;
	return true;
}

bool term_prolong(struct term *t, int32_t until, int32_t mandate_until, int32_t today)
{
	struct term next = term_new(today, until, mandate_until);

	if (last_day(&next) < today)
		return false;
	*t = next;
	return true;
}

bool term_end(struct term *t, enum term_why why, int32_t today)
{
	if (t->ended != DAY_NONE)
		return false;
	t->ended = today;
	t->why = why;
	return true;
}

/* core/term: a registration that lives through its years at random, looked at late, twice, or not
 * for months; against what must hold whatever happens. */
#include "chance.h"

#include "base/alloc.h"
#include "core/term.h"

enum { RUNS = 30000, LONGEST_DAYS = 12 * 366, DAYS_DRAWN = 60 };

static int32_t day(int year, int month, int of_month)
{
	int32_t found;

	assert_int_equal(day_of_civil((struct civil_day){year, month, of_month}, &found), 0);
	return found;
}

static int32_t last_day(const struct term *t)
{
	enum term_why why;

	return term_last_day(t, &why);
}

static void test_a_term_ends_with_what_comes_first(void **state)
{
	int32_t from = day(2028, 2, 29);
	const struct {
		int32_t until, mandate_until, last;
		enum term_why why;
	} rows[] = {
		{DAY_NONE, DAY_NONE, day(2038, 2, 28), TERM_LIMIT},
		{day(2029, 1, 1), DAY_NONE, day(2029, 1, 1), TERM_PROTECTION},
		{day(2029, 1, 1), day(2028, 12, 31), day(2028, 12, 31), TERM_MANDATE},
		{day(2050, 1, 1), day(2032, 3, 28), day(2032, 3, 28), TERM_MANDATE},
		{day(2050, 1, 1), day(2051, 1, 1), day(2038, 2, 28), TERM_LIMIT},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct term t = term_new(from, rows[i].until, rows[i].mandate_until);
		enum term_why why;

		if (term_last_day(&t, &why) != rows[i].last || why != rows[i].why)
			fail_msg("row %zu: day %d, why %d", i, last_day(&t), why);
	}
}

/* Looks each day; what was said, by day. */
static void test_what_is_said_comes_at_its_day_and_then_it_ends(void **state)
{
	int32_t from = day(2026, 11, 27), end = day(2028, 2, 29), today;
	struct term t = term_new(from, end, DAY_NONE);
	struct term_decision d;
	const struct {
		int32_t day;
		enum term_notice notice;
	} said[] = {
		{day(2027, 11, 27), NOTICE_CONFIRM},
		{day(2027, 12, 27), NOTICE_CONFIRM_AGAIN},
		{end - 60, NOTICE_ENDS_60},
		{end - 30, NOTICE_ENDS_30},
		{end - 7, NOTICE_ENDS_7},
	};
	size_t next = 0;

	for (today = from; today <= end; today++) {
		term_look(&t, today, false, &d);
		assert_false(d.ends);
		if (d.notice == NOTICE_NONE)
			continue;
		assert_true(next < ARRAY_LEN(said));
		assert_int_equal(today, said[next].day);
		assert_int_equal(d.notice, said[next++].notice);
	}
	assert_int_equal(next, ARRAY_LEN(said));
	term_look(&t, end + 1, true, &d);
	assert_true(d.waits && !d.ends);
	term_look(&t, end + 1, false, &d);
	assert_true(d.ends);
	assert_int_equal(t.why, TERM_PROTECTION);
	assert_int_equal(term_task(&t), TASK_ENDED);
	assert_int_equal(d.look_day, DAY_NONE);
	/* It can be taken back, with days to come. */
	assert_false(term_prolong(&t, end, DAY_NONE, end + 3));
	assert_true(term_prolong(&t, end + 365, DAY_NONE, end + 3));
	assert_int_equal(term_task(&t), TASK_NONE);
}

static void test_silence_ends_nothing_and_no_telephone_does(void **state)
{
	int32_t from = day(2026, 11, 27), asked = day(2027, 11, 27);
	struct term t = term_new(from, DAY_NONE, DAY_NONE);
	struct term_decision d;

	for (int32_t today = from; today < from + 9 * 365; today++) {
		term_look(&t, today, false, &d);
		assert_false(d.ends);
	}
	assert_int_equal(term_task(&t), TASK_CONFIRM);
	assert_true(term_reply(&t, ANSWER_GO_ON, asked));
	assert_int_equal(term_task(&t), TASK_NONE);
	assert_false(term_reply(&t, ANSWER_GO_ON, asked));
	assert_true(term_reply(&t, ANSWER_END, asked));
	assert_int_equal(term_task(&t), TASK_END_ASKED);
	assert_int_equal(t.ended, DAY_NONE);
	term_look(&t, asked + 100, false, &d);
	assert_false(d.ends);
	assert_true(term_end(&t, TERM_ASKED, asked + 100));
	assert_false(term_end(&t, TERM_ASKED, asked + 101));
}

static void test_who_wants_to_go_on_beyond_a_mandate_is_waited_for_by_the_counter(void **state)
{
	int32_t from = day(2026, 1, 1), end = day(2026, 12, 31), limit = day(2036, 1, 1);
	struct term t = term_new(from, DAY_NONE, end);
	struct term_decision d;

	term_look(&t, end - 60, false, &d);
	assert_true(term_reply(&t, ANSWER_GO_ON, end - 50));
	assert_int_equal(term_task(&t), TASK_GO_ON);
	term_look(&t, end + 40, false, &d);
	term_look(&t, end + 50, false, &d);
	assert_false(d.ends);
	/* Whoever has the telephone now says otherwise: the counter hears that too, and it waits.
	 */
	assert_true(term_reply(&t, ANSWER_END, end + 51));
	assert_int_equal(term_task(&t), TASK_END_ASKED);
	term_look(&t, end + 80, false, &d);
	assert_false(d.ends);
	assert_int_equal(d.look_day, limit - 60);
	term_confirm(&t, end + 81);
	assert_int_equal(term_task(&t), TASK_GO_ON);
	/* Ten years are the law's: no wish goes beyond; that is said three times, too. */
	for (int i = 0; i < 3; i++) {
		static const int before[] = {60, 30, 7};

		term_look(&t, limit - before[i] - 1, false, &d);
		assert_int_equal(d.notice, NOTICE_NONE);
		assert_int_equal(d.look_day, limit - before[i]);
		term_look(&t, d.look_day, false, &d);
		assert_int_equal(d.notice, NOTICE_ENDS_60 + i);
	}
	term_look(&t, limit, false, &d);
	assert_false(d.ends);
	assert_int_equal(d.look_day, limit + 1);
	term_look(&t, limit + 1, true, &d);
	assert_true(d.waits && !d.ends);
	term_look(&t, limit + 1, false, &d);
	assert_true(d.ends);
	assert_int_equal(t.why, TERM_LIMIT);
}

static void test_no_wish_goes_beyond_the_day_protection_was_asked_for(void **state)
{
	int32_t from = day(2026, 1, 1), mandate = day(2026, 10, 31), end = day(2026, 12, 31);
	int32_t mandates[] = {DAY_NONE, mandate};

	for (int i = 0; i < 2; i++) {
		struct term t = term_new(from, end, mandates[i]);
		struct term_decision d;

		term_look(&t, mandate - 20, false, &d);
		assert_int_equal(d.notice == NOTICE_NONE, mandates[i] == DAY_NONE);
		term_look(&t, end - 65, false, &d);
		if (mandates[i] == DAY_NONE)
			term_look(&t, end - 60, false, &d);
		assert_true(term_reply(&t, ANSWER_GO_ON, end - 60));
		term_look(&t, end - 30, false, &d);
		term_look(&t, end - 7, false, &d);
		assert_int_equal(d.look_day, end + 1);
		term_look(&t, end, false, &d);
		assert_false(d.ends);
		term_look(&t, end + 1, false, &d);
		assert_true(d.ends);
		assert_int_equal(t.why, TERM_PROTECTION);
	}
}

/* --- at random */

static int32_t some_day(int32_t from)
{
	if (chance_one_in(3))
		return DAY_NONE;
	return from + (int32_t)chance_between(chance_one_in(4) ? -30 : 0,
					      chance_one_in(2) ? 400 : LONGEST_DAYS);
}

struct life {
	struct term term;
	int32_t last;          /* its last day, as it was when it was last said to end */
	int32_t first_warning; /* of this end; DAY_NONE */
	int32_t said[NOTICES]; /* of this end or year; DAY_NONE */
	int32_t look_day;
	bool is_wished; /* of those said of the end: of the day a wish goes on until */
};

/* That what ends goes on. */
static bool has_wished(const struct term *t)
{
	return t->said >> NOTICES;
}

static bool wishes_to_go_on(const struct term *t)
{
	return t->answer == ANSWER_GO_ON || (t->answer == ANSWER_END && has_wished(t));
}

/* Whatever the mandate: the day asked for, or ten years. */
static int32_t last_day_asked(const struct term *t)
{
	struct term asked = *t;

	asked.mandate_until = DAY_NONE;
	return last_day(&asked);
}

static void forget_said(struct life *l, int from, int to)
{
	for (int i = from; i < to; i++)
		l->said[i] = DAY_NONE;
}

static void begin_anew(struct life *l)
{
	l->last = last_day(&l->term);
	l->first_warning = DAY_NONE;
	l->is_wished = false;
	forget_said(l, 0, NOTICES);
}

static void note(struct life *l, enum term_notice notice, int32_t today)
{
	int first = notice < NOTICE_ENDS_60 ? NOTICE_CONFIRM : NOTICE_ENDS_60;
	int end = notice < NOTICE_ENDS_60 ? NOTICE_ENDS_60 : NOTICES;

	/* A later end is said anew. */
	if (first == NOTICE_ENDS_60 && !l->is_wished && wishes_to_go_on(&l->term) &&
	    last_day_asked(&l->term) > last_day(&l->term)) {
		l->is_wished = true;
		forget_said(l, NOTICE_ENDS_60, NOTICES);
	}
	/* Never twice, never before its day, never behind a later one of its kind. */
	for (int i = (int)notice; i < end; i++)
		assert_holds(l->said[i] == DAY_NONE);
	for (int i = first; i < (int)notice; i++)
		assert_holds(l->said[i] == DAY_NONE || l->said[i] < today);
	assert_holds(today >= term_notice_day(&l->term, notice));
	l->said[notice] = today;
	if (first == NOTICE_ENDS_60 && l->first_warning == DAY_NONE)
		l->first_warning = today;
}

static void look(struct life *l, int32_t today, bool busy)
{
	struct term before = l->term;
	struct term_decision d;

	term_look(&l->term, today, busy, &d);
	if (d.notice != NOTICE_NONE)
		note(l, d.notice, today);
	assert_holds(!d.ends || !busy);
	assert_holds(!d.waits || busy);
	if (d.ends) {
		assert_holds(d.notice == NOTICE_NONE);
		assert_holds(today > last_day(&before));
		assert_holds(l->first_warning != DAY_NONE &&
			     today - l->first_warning >= TERM_WARNED_DAYS);
		assert_holds(!wishes_to_go_on(&before) || today > last_day_asked(&before));
	}
	assert_holds((before.ended == DAY_NONE && l->term.ended != DAY_NONE) == d.ends);
	/* No gap: there is a day to look again, but for what has ended. */
	assert_holds(d.look_day == DAY_NONE || d.look_day > today);
	if (d.look_day == DAY_NONE && !d.waits)
		assert_holds(l->term.ended != DAY_NONE);
	/* Looked at again the same day, nothing is said or done. */
	before = l->term;
	l->look_day = d.waits ? today + 1 : d.look_day;
	term_look(&l->term, today, busy, &d);
	assert_holds(d.notice == NOTICE_NONE && !d.ends);
	assert_holds(!memcmp(&before, &l->term, sizeof(before)));
}

static void something_happens(struct life *l, int32_t today)
{
	struct term *t = &l->term;
	int32_t until = some_day(today), mandate = some_day(today);

	switch (chance_between(0, 9)) {
	case 0:
		if (term_prolong(t, until, mandate, today)) {
			begin_anew(l);
			l->look_day = today;
		}
		break;
	case 1:
		if (term_end(t, TERM_ASKED, today))
			l->look_day = DAY_NONE;
		break;
	case 2:
		term_confirm(t, today);
		forget_said(l, NOTICE_CONFIRM, NOTICE_ENDS_60);
		l->look_day = today;
		break;
	case 3:
	case 4: {
		bool asked = t->ended == DAY_NONE && t->warned == DAY_NONE;

		if (term_reply(t, chance_one_in(2) ? ANSWER_GO_ON : ANSWER_END, today) && asked &&
		    t->answer == ANSWER_NONE)
			forget_said(l, NOTICE_CONFIRM, NOTICE_ENDS_60);
		l->look_day = today;
		break;
	}
	default:
		look(l, today, chance_one_in(5));
	}
}

/* From now on somebody looks when they said they would: each end is said three times, in order,
 * unless its days were gone already; and it ends the day after its last, or a week after the first
 * time, whichever is later. */
static void run_out(struct life *l, int32_t today)
{
	int32_t waited = 0, from = today, due;

	l->term.answer = ANSWER_NONE;
	l->look_day = today;
	while (l->term.ended == DAY_NONE) {
		assert_holds(l->look_day != DAY_NONE);
		today = l->look_day;
		look(l, today, false);
		assert_holds(++waited < 200);
	}
	due = l->first_warning + TERM_WARNED_DAYS;
	due = due > l->last + 1 ? due : l->last + 1;
	/* Overdue: something went on, or they wanted it to go on. */
	assert_holds(today == (due > from ? due : from));
}

static void live(void)
{
	int32_t today =
		day((int)chance_between(2024, 2099), 1, 1) + (int32_t)chance_between(0, 365);
	struct life l = {.term = term_new(today, some_day(today), some_day(today))};

	begin_anew(&l);
	for (int i = 0; i < DAYS_DRAWN && l.term.ended == DAY_NONE; i++) {
		something_happens(&l, today);
		today += (int32_t)chance_between(0, chance_one_in(10) ? 500 : 40);
	}
	if (l.term.ended == DAY_NONE)
		run_out(&l, today);
}

static void test_what_must_hold_holds_whatever_happens(void **state)
{
	chance_run(RUNS, live);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_term_ends_with_what_comes_first),
		cmocka_unit_test(test_what_is_said_comes_at_its_day_and_then_it_ends),
		cmocka_unit_test(test_silence_ends_nothing_and_no_telephone_does),
		cmocka_unit_test(
			test_who_wants_to_go_on_beyond_a_mandate_is_waited_for_by_the_counter),
		cmocka_unit_test(test_no_wish_goes_beyond_the_day_protection_was_asked_for),
		cmocka_unit_test(test_what_must_hold_holds_whatever_happens),
	};

	return cmocka_run_group_tests_name("core: the term of a registration", tests, NULL, NULL);
}

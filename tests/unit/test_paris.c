/* base/paris: the days of Paris, against libc's own rules of summer time, day after day; and what
 * is reckoned with them, drawn at random. */
#include "chance.h"

#include <errno.h>
#include <time.h>

#include "base/alloc.h"
#include "base/paris.h"

enum { HOUR_MS = 3600000, DAY_MS = 24 * HOUR_MS, RUNS = 200000 };

static int32_t day(int year, int month, int of_month)
{
	int32_t found;

	assert_int_equal(day_of_civil((struct civil_day){year, month, of_month}, &found), 0);
	return found;
}

static int64_t utc(const char *text)
{
	int64_t ms;

	assert_int_equal(time_parse(str_from(text), &ms), 0);
	return ms;
}

static struct period period(const char *text)
{
	struct period p;

	assert_int_equal(period_parse(str_from(text), &p), 0);
	return p;
}

/* What libc's clock shows there, as a moment without summer time. */
static int64_t shown_by_libc(int64_t at_ms)
{
	time_t seconds = at_ms / 1000;
	struct tm local;

	localtime_r(&seconds, &local);
	return (seconds + local.tm_gmtoff) * 1000;
}

static void test_each_day_begins_when_the_clocks_of_paris_say_so(void **state)
{
	/* A century without a leap day is among them. */
	int32_t first = day(1999, 1, 1), last = day(2101, 12, 31);

	for (int32_t one = first; one <= last; one++) {
		int64_t begins_ms = paris_day_begins_ms(one);

		if (shown_by_libc(begins_ms) != (int64_t)one * DAY_MS)
			fail_msg("day %d", one);
		assert_int_equal(paris_day(begins_ms), one);
		assert_int_equal(paris_day(begins_ms - 1), one - 1);
	}
}

static void test_the_days_of_both_changes_have_23_and_25_hours(void **state)
{
	assert_int_equal(paris_day_begins_ms(day(2026, 3, 30)) -
				 paris_day_begins_ms(day(2026, 3, 29)),
			 23 * HOUR_MS);
	assert_int_equal(paris_day_begins_ms(day(2026, 10, 26)) -
				 paris_day_begins_ms(day(2026, 10, 25)),
			 25 * HOUR_MS);
	/* The hour left out, and the one shown twice: its second time. */
	assert_int_equal(paris_time_ms(day(2026, 3, 29), 2 * HOUR_MS + HOUR_MS / 2),
			 utc("2026-03-29T01:00:00Z"));
	assert_int_equal(paris_time_ms(day(2026, 10, 25), 2 * HOUR_MS + HOUR_MS / 2),
			 utc("2026-10-25T01:30:00Z"));
}

static void test_years_and_months_end_with_the_month_where_its_day_is_missing(void **state)
{
	static const struct {
		int from[3];
		const char *period;
		int to[3];
	} rows[] = {
		{{2028, 2, 29}, "P1Y", {2029, 2, 28}},  {{2028, 2, 29}, "P4Y", {2032, 2, 29}},
		{{2028, 2, 29}, "P3Y", {2031, 2, 28}},  {{2027, 2, 28}, "P1Y", {2028, 2, 28}},
		{{2096, 2, 29}, "P4Y", {2100, 2, 28}},  {{2026, 11, 30}, "P3M", {2027, 2, 28}},
		{{2027, 11, 30}, "P3M", {2028, 2, 29}}, {{2026, 12, 31}, "P2M", {2027, 2, 28}},
		{{2026, 1, 31}, "P1M1D", {2026, 3, 1}}, {{2026, 10, 1}, "P3M", {2027, 1, 1}},
		{{2026, 2, 28}, "P1D", {2026, 3, 1}},   {{2026, 11, 27}, "P1Y6M", {2028, 5, 27}},
		{{2026, 12, 20}, "P2W", {2027, 1, 3}},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct period p = period(rows[i].period);
		const int *from = rows[i].from, *to = rows[i].to;
		struct civil_day found =
			civil_of_day(day_after(day(from[0], from[1], from[2]), &p));

		if (found.year != to[0] || found.month != to[1] || found.day != to[2])
			fail_msg("row %zu: %d-%d-%d", i, found.year, found.month, found.day);
	}
}

static void test_periods_are_those_of_iso_8601_and_nothing_else(void **state)
{
	static const char *const wrong[] = {"",     "P",     "3Y",    "PY",   "P-1D", "P1.5D",
					    "P1D1", "P1M1Y", "PT",    "P1DT", "P1H",  "PT1D",
					    "P0D",  "P101Y", "P1Y1Y", "p1y",  "P1D ", "P99999999D",
					    "PT0S", "P1Yx",  "PT1M1H"};
	struct period p = period("P1Y2M3W4DT5H6M7S");

	assert_int_equal(p.years, 1);
	assert_int_equal(p.months, 2);
	assert_int_equal(p.days, 25);
	assert_int_equal(p.ms, ((5 * 60 + 6) * 60 + 7) * 1000);
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
		if (period_parse(str_from(wrong[i]), &p) != -EINVAL)
			fail_msg("%s is taken", wrong[i]);
	assert_int_equal(period_parse(str_of("P1\0"
					     "D",
					     4),
				      &p),
			 -EINVAL);
}

static void test_a_day_is_written_and_read_as_in_french(void **state)
{
	static const char *const wrong[] = {"29/02/2027", "31/04/2026", "1/1/2026",   "2026/01/01",
					    "00/01/2026", "01/13/2026", "01-01-2026", "+1/01/2026",
					    "0x/01/2026", "",           "01/01/9999"};
	char text[DAY_TEXT_SIZE];
	int32_t found;

	for (int32_t one = day(2024, 1, 1); one < day(2029, 1, 1); one++) {
		day_print(one, text);
		assert_int_equal(day_parse(str_from(text), &found), 0);
		assert_int_equal(found, one);
		day_print_iso(one, text);
		assert_int_equal(day_parse(str_from(text), &found), 0);
		assert_int_equal(found, one);
	}
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
		if (day_parse(str_from(wrong[i]), &found) != -EINVAL)
			fail_msg("%s is taken", wrong[i]);
}

/* --- at random */

static struct period some_period(void)
{
	static const char *const usual[] = {"P3Y", "P1Y", "P10Y",  "P3M", "P30D",
					    "P1D", "P2W", "PT10M", "P15D"};

	if (chance_one_in(2))
		return period(usual[chance_between(0, ARRAY_LEN(usual) - 1)]);
	return (struct period){(int)chance_between(0, 12), (int)chance_between(0, 30),
			       (int)chance_between(1, 400), chance_between(0, 3) * HOUR_MS};
}

/* Half of them near a change of the hour, or about 29 February. */
static int64_t some_moment(void)
{
	static const int near[][2] = {{3, 31}, {10, 31}, {2, 28}, {12, 31}};
	const int *which = near[chance_between(0, ARRAY_LEN(near) - 1)];
	int32_t about = day((int)chance_between(1999, 2100), which[0], which[1]);

	if (chance_one_in(2))
		about = (int32_t)chance_between(day(1999, 1, 1), day(2101, 1, 1));
	else
		about -= (int32_t)chance_between(-1, 7);
	return (int64_t)about * DAY_MS + chance_between(0, DAY_MS - 1);
}

/* What clocks show at the end is what they showed at first, that many years, months and days on; or
 * later, where they do not show it. Never before. */
static void reckon(void)
{
	struct period p = some_period();
	int64_t from_ms = some_moment(), later_ms = from_ms + chance_between(0, 3 * HOUR_MS);
	int64_t until_ms = paris_after(from_ms, &p);
	int64_t shown = shown_by_libc(from_ms), of_day = (shown % DAY_MS + DAY_MS) % DAY_MS;
	int64_t without_ms = until_ms - p.ms;
	int64_t wanted = (int64_t)day_after(paris_day(from_ms), &p) * DAY_MS + of_day;
	int64_t is_late_ms =
		shown_by_libc(without_ms) + without_ms % 1000 - wanted - from_ms % 1000;
	struct period of_months = {p.years, p.months, 0, 0};
	bool is_cut = civil_of_day(paris_day(from_ms)).day !=
		      civil_of_day(day_after(paris_day(from_ms), &of_months)).day;

	assert_holds(until_ms > from_ms);
	assert_holds(is_late_ms >= 0);
	/* Of the hour that is shown twice or not at all, up to its end; of a day that is missing,
	 * as well. */
	if (is_cut)
		assert_holds(is_late_ms <= DAY_MS && shown_by_libc(without_ms) % DAY_MS == 0);
	else
		assert_holds(!is_late_ms || (is_late_ms < HOUR_MS + 1000 && of_day / HOUR_MS == 2));
	/* Who came later does not end sooner. */
	assert_holds(paris_after(later_ms, &p) >= until_ms);
	/* Without hours, no day is lost or won. */
	if (!p.ms && !is_cut)
		assert_holds(paris_day(until_ms) == day_after(paris_day(from_ms), &p));
}

static void days_keep_their_order(void)
{
	struct period p = some_period();
	int32_t one = paris_day(some_moment()), after = day_after(one, &p);
	struct civil_day from = civil_of_day(one), to;
	int months;

	assert_holds(day_after(one + 1, &p) >= after && day_after(one + 1, &p) <= after + 1 + 3);
	assert_holds(after >= one);
	p.days = 0;
	to = civil_of_day(day_after(one, &p));
	months = (to.year - from.year) * 12 + to.month - from.month;
	assert_holds(months == p.years * 12 + p.months);
	assert_holds(to.day == from.day || (to.day < from.day && to.day >= 28));
}

/* What began by then is over, and what began later is not. */
static void reckon_back(void)
{
	struct period p = some_period();
	int64_t now_ms = some_moment(), before_ms = paris_before(now_ms, &p);

	assert_holds(paris_after(before_ms, &p) <= now_ms);
	assert_holds(paris_after(before_ms + 1, &p) > now_ms);
}

static void test_what_began_by_then_is_over_and_nothing_else(void **state)
{
	chance_run(RUNS / 10, reckon_back);
}

static void test_what_is_reckoned_never_ends_before_the_clocks_say_so(void **state)
{
	chance_run(RUNS, reckon);
}

static void test_days_reckoned_from_keep_their_order_and_their_month(void **state)
{
	chance_run(RUNS, days_keep_their_order);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_day_begins_when_the_clocks_of_paris_say_so),
		cmocka_unit_test(test_the_days_of_both_changes_have_23_and_25_hours),
		cmocka_unit_test(test_years_and_months_end_with_the_month_where_its_day_is_missing),
		cmocka_unit_test(test_periods_are_those_of_iso_8601_and_nothing_else),
		cmocka_unit_test(test_a_day_is_written_and_read_as_in_french),
		cmocka_unit_test(test_what_is_reckoned_never_ends_before_the_clocks_say_so),
		cmocka_unit_test(test_what_began_by_then_is_over_and_nothing_else),
		cmocka_unit_test(test_days_reckoned_from_keep_their_order_and_their_month),
	};

	/* The rule in full: no file of time zones is needed. */
	setenv("TZ", "CET-1CEST,M3.5.0/2,M10.5.0/3", 1);
	tzset();
	return cmocka_run_group_tests_name("base: the days of Paris", tests, NULL, NULL);
}

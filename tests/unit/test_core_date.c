/* core/date: a date far ahead is not believed, a machine that runs right always is. */
#include "test.h"

#include "base/clock.h"
#include "chance.h"
#include "core/date.h"

static const int64_t START_MS = 1800000000000;
#define DAY_MS INT64_C(86400000)

/* A machine, its clock, and the program on it; `seen` is in the database. */
static struct machine {
	int64_t true_ms, boot_ms, ahead_ms; /* ahead: how wrong the clock is */
	int64_t seen_ms;
	struct date_guard guard;
} m;

static void start_program(void)
{
	m.guard = (struct date_guard){m.seen_ms, TIME_NONE};
}

static bool believes(void)
{
	int64_t now_ms = m.true_ms + m.ahead_ms;
	bool believed;

	date_guard_begin(&m.guard, now_ms, m.boot_ms);
	believed = date_is_believed(&m.guard, now_ms, m.boot_ms);
	if (believed && now_ms > m.seen_ms)
		m.seen_ms = now_ms;
	return believed;
}

static void pass(int64_t ms)
{
	m.true_ms += ms;
	m.boot_ms += ms;
}

static void be_off(int64_t ms)
{
	m.true_ms += ms;
	m.boot_ms = chance_between(0, 60000);
	start_program();
}

static void begin(void)
{
	m = (struct machine){.true_ms = START_MS, .boot_ms = 12345, .seen_ms = TIME_NONE};
	start_program();
	assert_holds(believes());
}

/* However often it is looked at, what a clock says too much is a week a start. */
static void wrong_clocks(void)
{
	int64_t starts = 1, worst_ms = 0;

	begin();
	for (int i = 0; i < 200; i++) {
		pass(chance_between(0, 3 * DAY_MS));
		if (chance_one_in(4))
			m.ahead_ms = chance_between(-4000 * DAY_MS, 4000 * DAY_MS);
		else if (chance_one_in(2))
			m.ahead_ms += chance_between(-DAY_MS, 5 * DAY_MS);
		if (chance_one_in(20)) {
			be_off(0);
			starts++;
		}
		if (believes() && m.ahead_ms > worst_ms)
			worst_ms = m.ahead_ms;
	}
	assert_holds(worst_ms <= starts * DATE_OFF_MS);
}

/* Behind (a battery that is empty) or right, off for a week or on for a year. */
static void clocks_that_are_not_ahead(void)
{
	begin();
	for (int i = 0; i < 200; i++) {
		if (chance_one_in(5))
			be_off(chance_between(0, DATE_OFF_MS));
		else
			pass(chance_between(0, 400 * DAY_MS));
		m.ahead_ms = chance_one_in(3) ? -chance_between(0, 20000 * DAY_MS) : 0;
		if (!m.ahead_ms || chance_one_in(2))
			assert_holds(believes());
		/* It is set before it is off again: what was seen is not long past. */
		m.ahead_ms = 0;
		assert_holds(believes());
	}
}

static void test_a_date_far_ahead_is_never_believed(void **state)
{
	chance_run(300, wrong_clocks);
}

static void test_a_clock_that_is_not_ahead_is_always_believed(void **state)
{
	chance_run(300, clocks_that_are_not_ahead);
}

static void test_a_clock_set_right_is_believed_again(void **state)
{
	begin();
	m.ahead_ms = 1000 * DAY_MS;
	assert_false(believes());
	be_off(DAY_MS);
	assert_false(believes());
	pass(900 * DAY_MS);
	assert_false(believes());
	m.ahead_ms = 0;
	assert_true(believes());
}

static void test_a_machine_that_was_off_for_more_than_a_week_is_asked_about(void **state)
{
	begin();
	be_off(DATE_OFF_MS);
	assert_true(believes());
	be_off(DATE_OFF_MS + DAY_MS);
	assert_false(believes());
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_date_far_ahead_is_never_believed),
		cmocka_unit_test(test_a_clock_that_is_not_ahead_is_always_believed),
		cmocka_unit_test(test_a_clock_set_right_is_believed_again),
		cmocka_unit_test(test_a_machine_that_was_off_for_more_than_a_week_is_asked_about),
	};

	return cmocka_run_group_tests_name("core: date", tests, NULL, NULL);
}

/* core/visit: who does not come back in time is missed, once, and never because of an hour that was
 * wrong. */
#include "test.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "core/visit.h"

static const int64_t START_MS = 1800000000000;
enum { MINUTE_MS = 60 * 1000, HOUR_MS = 60 * MINUTE_MS };

static struct visit announced(int64_t duration_ms)
{
	struct visit v = {.id = {{1}}, .device = {{2}}};
	struct visit_decision d;

	assert_int_equal(visit_apply(&v, VISIT_ANNOUNCED, duration_ms, START_MS, &d), VISIT_DONE);
	return v;
}

struct step {
	enum visit_event event;
	int64_t duration_ms, after_ms; /* after: since the announcement */
	enum visit_refusal refusal;
	enum visit_state state;
	enum entry_kind entry;
	int64_t look_after_ms; /* -1: no deadline */
	bool remind, alert;
};

enum { MOST_STEPS = 5 };

static void walk(const char *name, int64_t duration_ms, const struct step steps[MOST_STEPS])
{
	struct visit v = announced(duration_ms);

	for (int i = 0; i < MOST_STEPS && (i == 0 || steps[i].after_ms); i++) {
		const struct step *s = &steps[i];
		struct visit_decision d = {0};
		enum visit_refusal refusal =
			visit_apply(&v, s->event, s->duration_ms, START_MS + s->after_ms, &d);
		int64_t look = d.look_at_ms == TIME_NONE ? -1 : d.look_at_ms - START_MS;

		if (refusal != s->refusal || v.state != s->state)
			fail_msg("%s, step %d: refusal %d, state %d", name, i, refusal, v.state);
		if (!refusal && (d.entry != s->entry || look != s->look_after_ms ||
				 d.remind != s->remind || d.alert != s->alert))
			fail_msg("%s, step %d: entry %d, look %lld, remind %d, alert %d", name, i,
				 d.entry, (long long)look, d.remind, d.alert);
	}
}

#define M MINUTE_MS

static void test_a_visit_is_reminded_missed_prolonged_and_ended(void **state)
{
	static const struct {
		const char *name;
		int64_t duration_ms;
		struct step steps[MOST_STEPS];
	} rows[] = {
		{"reminded, then missed once",
		 60 * M,
		 {{VISIT_LOOKED_AT, 0, 55 * M, VISIT_DONE, VISIT_OPEN, ENTRY_NONE, 60 * M, true,
		   false},
		  {VISIT_LOOKED_AT, 0, 56 * M, VISIT_DONE, VISIT_OPEN, ENTRY_NONE, 60 * M, false,
		   false},
		  {VISIT_LOOKED_AT, 0, 60 * M, VISIT_DONE, VISIT_MISSED, ENTRY_VISIT_MISSED, -1,
		   false, true},
		  {VISIT_LOOKED_AT, 0, 61 * M, VISIT_DONE, VISIT_MISSED, ENTRY_NONE, -1, false,
		   false}}},
		{"too short to be reminded",
		 4 * M,
		 {{VISIT_LOOKED_AT, 0, 1 * M, VISIT_DONE, VISIT_OPEN, ENTRY_NONE, 4 * M, false,
		   false},
		  {VISIT_LOOKED_AT, 0, 4 * M, VISIT_DONE, VISIT_MISSED, ENTRY_VISIT_MISSED, -1,
		   false, true}}},
		{"the clock fires early",
		 60 * M,
		 {{VISIT_LOOKED_AT, 0, 1 * M, VISIT_DONE, VISIT_OPEN, ENTRY_NONE, 55 * M, false,
		   false}}},
		{"nobody looked before it was due",
		 60 * M,
		 {{VISIT_LOOKED_AT, 0, 300 * M, VISIT_DONE, VISIT_MISSED, ENTRY_VISIT_MISSED, -1,
		   false, true}}},
		{"prolonged: the old deadline is early, and it is reminded again",
		 60 * M,
		 {{VISIT_LOOKED_AT, 0, 55 * M, VISIT_DONE, VISIT_OPEN, ENTRY_NONE, 60 * M, true,
		   false},
		  {VISIT_EXTENDED, 30 * M, 58 * M, VISIT_DONE, VISIT_OPEN, ENTRY_VISIT_EXTENDED,
		   85 * M, false, false},
		  {VISIT_LOOKED_AT, 0, 60 * M, VISIT_DONE, VISIT_OPEN, ENTRY_NONE, 85 * M, false,
		   false},
		  {VISIT_LOOKED_AT, 0, 85 * M, VISIT_DONE, VISIT_OPEN, ENTRY_NONE, 90 * M, true,
		   false},
		  {VISIT_LOOKED_AT, 0, 90 * M, VISIT_DONE, VISIT_MISSED, ENTRY_VISIT_MISSED, -1,
		   false, true}}},
		{"missed, then prolonged from now on, and missed again",
		 10 * M,
		 {{VISIT_LOOKED_AT, 0, 10 * M, VISIT_DONE, VISIT_MISSED, ENTRY_VISIT_MISSED, -1,
		   false, true},
		  {VISIT_EXTENDED, 2 * M, 20 * M, VISIT_DONE, VISIT_OPEN, ENTRY_VISIT_EXTENDED,
		   22 * M, false, false},
		  {VISIT_LOOKED_AT, 0, 22 * M, VISIT_DONE, VISIT_MISSED, ENTRY_VISIT_MISSED, -1,
		   false, true},
		  {VISIT_RETURNED, 0, 23 * M, VISIT_DONE, VISIT_OVER, ENTRY_VISIT_ENDED, -1, false,
		   false}}},
		{"ended: nothing more comes of it",
		 10 * M,
		 {{VISIT_RETURNED, 0, 5 * M, VISIT_DONE, VISIT_OVER, ENTRY_VISIT_ENDED, -1, false,
		   false},
		  {VISIT_LOOKED_AT, 0, 10 * M, VISIT_DONE, VISIT_OVER, ENTRY_NONE, -1, false,
		   false},
		  {VISIT_EXTENDED, M, 11 * M, VISIT_NOT_RUNNING, VISIT_OVER, ENTRY_NONE, 0, false,
		   false},
		  {VISIT_RETURNED, 0, 12 * M, VISIT_NOT_RUNNING, VISIT_OVER, ENTRY_NONE, 0, false,
		   false}}},
		{"feigned to be over: no reminder, not prolonged, missed all the same",
		 60 * M,
		 {{VISIT_FEIGNED, 0, 5 * M, VISIT_DONE, VISIT_OPEN, ENTRY_NONE, 60 * M, false,
		   false},
		  {VISIT_EXTENDED, M, 6 * M, VISIT_NOT_RUNNING, VISIT_OPEN, ENTRY_NONE, 0, false,
		   false},
		  {VISIT_LOOKED_AT, 0, 55 * M, VISIT_DONE, VISIT_OPEN, ENTRY_NONE, 60 * M, false,
		   false},
		  {VISIT_LOOKED_AT, 0, 60 * M, VISIT_DONE, VISIT_MISSED, ENTRY_VISIT_MISSED, -1,
		   false, true}}},
		{"never longer than half a day from now",
		 11 * HOUR_MS,
		 {{VISIT_EXTENDED, 2 * HOUR_MS, 30 * M, VISIT_TOO_LONG, VISIT_OPEN, ENTRY_NONE, 0,
		   false, false},
		  {VISIT_EXTENDED, 2 * HOUR_MS, HOUR_MS, VISIT_DONE, VISIT_OPEN,
		   ENTRY_VISIT_EXTENDED, 13 * HOUR_MS - 5 * M, false, false},
		  {VISIT_EXTENDED, 0, 2 * HOUR_MS, VISIT_TOO_SHORT, VISIT_OPEN, ENTRY_NONE, 0,
		   false, false}}},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		walk(rows[i].name, rows[i].duration_ms, rows[i].steps);
}

static void test_how_long_has_limits(void **state)
{
	static const struct {
		int64_t ms;
		enum visit_refusal refusal;
	} rows[] = {{INT64_MIN, VISIT_TOO_SHORT},
		    {0, VISIT_TOO_SHORT},
		    {VISIT_SHORTEST_MS - 1, VISIT_TOO_SHORT},
		    {VISIT_SHORTEST_MS, VISIT_DONE},
		    {VISIT_LONGEST_MS, VISIT_DONE},
		    {VISIT_LONGEST_MS + 1, VISIT_TOO_LONG},
		    {INT64_MAX, VISIT_TOO_LONG}};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct visit v = {.id = {{1}}}, before = v;
		struct visit_decision d;

		assert_int_equal(visit_apply(&v, VISIT_ANNOUNCED, rows[i].ms, START_MS, &d),
				 rows[i].refusal);
		if (rows[i].refusal)
			assert_memory_equal(&v, &before, sizeof(v));
	}
}

/* Whatever comes in whatever order: an alert exactly when it is due and runs, a deadline exactly
 * while it runs, and what is over stays so. */
static void test_at_random_a_visit_that_runs_always_has_a_deadline(void **state)
{
	enum { RUNS = 20000, STEPS = 24 };
	unsigned seed = 1;

	for (int run = 0; run < RUNS; run++) {
		int64_t now_ms = START_MS;
		struct visit v = announced(1 + rand_r(&seed) % (2 * HOUR_MS) + VISIT_SHORTEST_MS);

		for (int i = 0; i < STEPS; i++) {
			enum visit_event event =
				(enum visit_event)(VISIT_EXTENDED + rand_r(&seed) % 4);
			int64_t ms = rand_r(&seed) % (VISIT_LONGEST_MS + 2 * MINUTE_MS) - MINUTE_MS;
			struct visit before = v;
			struct visit_decision d;

			now_ms += rand_r(&seed) % (90 * MINUTE_MS);
			if (visit_apply(&v, event, ms, now_ms, &d)) {
				assert_memory_equal(&v, &before, sizeof(v));
				continue;
			}
			assert_int_equal(d.look_at_ms != TIME_NONE, v.state == VISIT_OPEN);
			assert_int_equal(d.alert, event == VISIT_LOOKED_AT &&
							  before.state == VISIT_OPEN &&
							  now_ms >= before.due_at_ms);
			assert_int_equal(d.alert, d.entry == ENTRY_VISIT_MISSED);
			assert_true(before.state != VISIT_OVER || event == VISIT_LOOKED_AT);
			assert_true(before.state != VISIT_OVER || v.state == VISIT_OVER);
			assert_true(!d.remind || (!before.reminded && !before.hidden));
			assert_true(d.look_at_ms == TIME_NONE || d.look_at_ms <= v.due_at_ms);
			assert_true(v.due_at_ms - now_ms <= VISIT_LONGEST_MS);
			assert_true(v.hidden >= before.hidden);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_visit_is_reminded_missed_prolonged_and_ended),
		cmocka_unit_test(test_how_long_has_limits),
		cmocka_unit_test(test_at_random_a_visit_that_runs_always_has_a_deadline),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Calls to 17 as time passes, on a whole service. */
#include <errno.h>

#include "office.h"
#include "store/emergency_calls.h"
#include "store/journal.h"

#define HOUR_MS INT64_C(3600000)
#define DAY_MS (24 * HOUR_MS)

static struct id ring(const char *key, const char *number)
{
	struct command *c = command_new(VERB_SWITCH, (struct actor){.kind = ACTOR_SWITCH});

	c->key = command_keep(c, str_from(key));
	c->number = command_keep(c, str_from(number));
	c->text = command_keep(c, STR("17"));
	c->as.call.event = CALL_RANG;
	office_run(c);
	assert_int_equal(c->outcome.problem, PROBLEM_NONE);
	return c->outcome.subject;
}

static void hang_up(const char *key)
{
	struct command *c = command_new(VERB_SWITCH, (struct actor){.kind = ACTOR_SWITCH});

	c->key = command_keep(c, str_from(key));
	c->as.call.event = CALL_HUNG_UP;
	office_run(c);
}

static void minute_passes(int64_t to_ms)
{
	office_now_ms = to_ms;
	office_run(command_new(VERB_HOUSEKEEPING, (struct actor){.kind = ACTOR_SYSTEM}));
}

static int load(struct id call, struct emergency_call *ret_call)
{
	struct arena arena = ARENA_INIT;
	struct call_face face;
	int r = emergency_call_load(office_vault(), &arena, call, ret_call, &face);

	arena_fini(&arena);
	return r;
}

static enum call_state state_of(struct id call)
{
	struct emergency_call c;

	assert_int_equal(load(call, &c), 0);
	return call_state_of(&c);
}

static void test_a_missed_call_stays_a_day(void **state)
{
	struct id call;

	office_open();
	office_room();
	call = ring("one", "0639980001");
	hang_up("one");
	minute_passes(TEST_NOW_MS + DAY_MS);
	assert_int_equal(state_of(call), CALL_MISSED);
	minute_passes(TEST_NOW_MS + DAY_MS + 1);
	assert_int_equal(state_of(call), CALL_CLOSED);
	office_close();
}

static void test_a_closed_call_is_destroyed_two_years_later_and_the_tree_verifies(void **state)
{
	struct emergency_call c;
	struct id call, other;
	int64_t closed_ms = TEST_NOW_MS + DAY_MS + 1, number;

	office_open();
	office_room();
	call = ring("one", "0639980001");
	minute_passes(closed_ms);
	office_now_ms = closed_ms + DAY_MS;
	other = ring("two", "0639980002");
	minute_passes(closed_ms + 730 * DAY_MS);
	assert_int_equal(load(call, &c), 0);
	minute_passes(closed_ms + 730 * DAY_MS + 1);
	assert_int_equal(load(call, &c), -ENOENT);
	assert_int_equal(load(other, &c), 0);
	assert_int_equal(journal_verify(office_vault(), NULL, &number), 0);
	office_close();
}

static void test_a_name_the_switch_uses_again_is_another_call(void **state)
{
	struct id first, again;

	office_open();
	office_room();
	first = ring("1", "0639980001");
	hang_up("1");
	office_now_ms += 12 * HOUR_MS;
	assert_true(id_eq(ring("1", "0639980001"), first));
	office_now_ms += 1;
	again = ring("1", "0639980002");
	assert_false(id_eq(first, again));
	assert_int_equal(state_of(again), CALL_RINGING);
	office_close();
}

int main(void)
{
	const struct database_test tests[] = {
		on(ON_BOTH, test_a_missed_call_stays_a_day),
		on(ON_BOTH, test_a_closed_call_is_destroyed_two_years_later_and_the_tree_verifies),
		on(ON_BOTH, test_a_name_the_switch_uses_again_is_another_call),
	};

	return run_on_databases("calls to 17", tests, ARRAY_LEN(tests), db_migrate);
}
